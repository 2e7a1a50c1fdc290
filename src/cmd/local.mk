# What programs share; the rest is one program, three lines.
libtp_a_SOURCES += src/cmd/options.h
tp_process_sources = src/cmd/process.c src/cmd/process.h

bin_PROGRAMS += tp-backtest
tp_backtest_SOURCES = src/cmd/tp-backtest.c $(tp_process_sources)
tp_backtest_LDADD = $(TP_LIBS)

bin_PROGRAMS += tp-user
tp_user_SOURCES = src/cmd/tp-user.c
tp_user_LDADD = $(TP_LIBS)

# What the programs that trade share.
tp_batch_sources = src/cmd/batch.c src/cmd/batch.h src/cmd/environment.c src/cmd/environment.h \
    src/cmd/known.c src/cmd/known.h src/cmd/option_fields.c src/cmd/option_fields.h

tp_sync_sources = src/cmd/account_sync.c src/cmd/account_sync.h src/cmd/listener.c src/cmd/listener.h

bin_PROGRAMS += tp-order
tp_order_SOURCES = src/cmd/tp-order.c src/cmd/order.h src/cmd/order_place.c src/cmd/order_change.c src/cmd/order_sync.c \
    $(tp_batch_sources) $(tp_sync_sources)
tp_order_LDADD = $(TP_LIBS)

bin_PROGRAMS += tp-position
tp_position_SOURCES = src/cmd/tp-position.c src/cmd/position.h src/cmd/position_close.c src/cmd/position_protect.c \
    src/cmd/position_rebuild.c $(tp_batch_sources)
tp_position_LDADD = $(TP_LIBS)

bin_PROGRAMS += tp-db
tp_db_SOURCES = src/cmd/tp-db.c src/cmd/records.h
nodist_tp_db_SOURCES = src/cmd/records.c
tp_db_LDADD = $(TP_LIBS)

bin_PROGRAMS += tp-symbol
tp_symbol_SOURCES = src/cmd/tp-symbol.c
tp_symbol_LDADD = $(TP_LIBS)

bin_PROGRAMS += tp
tp_SOURCES = src/cmd/tp.c
tp_LDADD = $(TP_LIBS)

bin_PROGRAMS += tp-strategy
tp_strategy_SOURCES = src/cmd/tp-strategy.c src/cmd/strategy.h src/cmd/strategy_serve.c $(tp_process_sources) $(tp_batch_sources)
tp_strategy_LDADD = $(TP_LIBS)


bin_PROGRAMS += tp-risk
tp_risk_SOURCES = src/cmd/tp-risk.c $(tp_sync_sources)
tp_risk_LDADD = $(TP_LIBS)

bin_PROGRAMS += tp-prices
tp_prices_SOURCES = src/cmd/tp-prices.c src/cmd/prices-look.c src/cmd/prices-reference.c src/cmd/prices.h
tp_prices_LDADD = $(TP_LIBS)

bin_PROGRAMS += tp-event
tp_event_SOURCES = src/cmd/tp-event.c src/cmd/event_push.c src/cmd/event_run.c src/cmd/event_job.c src/cmd/event_run.h src/cmd/event.h src/cmd/batch.c src/cmd/batch.h
tp_event_LDADD = $(TP_LIBS)

# Every record that a header declares.
tp_headers = $(sort $(wildcard $(srcdir)/src/*/*.h))
EXTRA_DIST += src/cmd/records.awk
CLEANFILES += src/cmd/records.c
src/cmd/records.c: $(tp_headers) src/cmd/records.awk
	$(AM_V_GEN)$(MKDIR_P) src/cmd && LC_ALL=C $(AWK) -f $(srcdir)/src/cmd/records.awk $(tp_headers) > $@.tmp && mv $@.tmp $@

bin_PROGRAMS += tp-bot
tp_bot_SOURCES = src/cmd/tp-bot.c src/cmd/listener.c src/cmd/listener.h $(tp_process_sources)
tp_bot_LDADD = $(TP_LIBS)
