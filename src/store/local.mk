libtp_a_SOURCES += \
    src/store/user.c src/store/user.h \
    src/store/backtest.c src/store/backtest.h
