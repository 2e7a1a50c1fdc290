libtp_a_SOURCES += \
    src/strategy/strategy.c src/strategy/strategy.h \
    src/strategy/expr.c src/strategy/expr.h src/strategy/expr_word.h \
    src/strategy/expr_parse.c src/strategy/expr_print.c src/strategy/expr_block.c \
    src/strategy/compiled.h src/strategy/member.c \
    src/strategy/declare.c src/strategy/document.c src/strategy/process.c src/strategy/decide.c \
    src/strategy/explain.c src/strategy/explain.h

# The built-in strategies become part of the binary.
tp_builtins = \
    src/strategy/builtin/sma-cross.yaml \
    src/strategy/builtin/rsi-reversion.yaml \
    src/strategy/builtin/macd-trend.yaml \
    src/strategy/builtin/bollinger-breakout.yaml \
    src/strategy/builtin/donchian-turtle.yaml \
    src/strategy/builtin/mtf-filter.yaml \
    src/strategy/builtin/pairs.yaml \
    src/strategy/builtin/funding-arbitrage.yaml \
    src/strategy/builtin/ml-threshold.yaml
EXTRA_DIST += $(tp_builtins)
BUILT_SOURCES += src/strategy/builtins.c
CLEANFILES += src/strategy/builtins.c
nodist_libtp_a_SOURCES += src/strategy/builtins.c

src/strategy/builtins.c: $(tp_builtins) sql/embed.awk
	$(AM_V_GEN)$(MKDIR_P) src/strategy; cd $(srcdir) && LC_ALL=C $(AWK) -v array=tp_embedded_strategies -f sql/embed.awk $(tp_builtins) > '$(abs_builddir)/$@.tmp' && mv '$(abs_builddir)/$@.tmp' '$(abs_builddir)/$@'
