libtp_a_SOURCES += \
    src/strategy/indicator/block.h \
    src/strategy/indicator/indicator.h \
    src/strategy/indicator/smooth.h \
    src/strategy/indicator/window.h \
    src/strategy/indicator/table.def \
    src/strategy/indicator/adx.c \
    src/strategy/indicator/atr.c \
    src/strategy/indicator/bb.c \
    src/strategy/indicator/block.c \
    src/strategy/indicator/cci.c \
    src/strategy/indicator/correl.c \
    src/strategy/indicator/dema.c \
    src/strategy/indicator/donchian.c \
    src/strategy/indicator/ema.c \
    src/strategy/indicator/highest.c \
    src/strategy/indicator/keltner.c \
    src/strategy/indicator/macd.c \
    src/strategy/indicator/mfi.c \
    src/strategy/indicator/obv.c \
    src/strategy/indicator/percentrank.c \
    src/strategy/indicator/psar.c \
    src/strategy/indicator/rma.c \
    src/strategy/indicator/roc.c \
    src/strategy/indicator/rsi.c \
    src/strategy/indicator/sma.c \
    src/strategy/indicator/smooth.c \
    src/strategy/indicator/stdev.c \
    src/strategy/indicator/stoch.c \
    src/strategy/indicator/supertrend.c \
    src/strategy/indicator/table.c \
    src/strategy/indicator/vwap.c \
    src/strategy/indicator/vwma.c \
    src/strategy/indicator/willr.c \
    src/strategy/indicator/window.c \
    src/strategy/indicator/wma.c \
    src/strategy/indicator/zscore.c
EXTRA_DIST += docs/strategy-language.md
