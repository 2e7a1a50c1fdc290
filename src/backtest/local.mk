libtp_a_SOURCES += \
    src/backtest/backtest.c src/backtest/backtest.h \
    src/backtest/metric.c src/backtest/metric.h \
    src/backtest/fingerprint.c src/backtest/fingerprint.h \
    src/backtest/performance.c src/backtest/performance.h \
    src/backtest/orders.c src/backtest/orders.h \
    src/backtest/run.c src/backtest/run.h
