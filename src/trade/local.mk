libtp_a_SOURCES += \
    src/trade/knobs.def src/trade/knobs.c src/trade/knobs.h \
    src/trade/order.c src/trade/order.h \
    src/trade/state.c src/trade/state.h \
    src/trade/order_check.c src/trade/order_check.h \
    src/trade/fill.c src/trade/fill.h \
    src/trade/account.c src/trade/account.h \
    src/trade/position.c src/trade/position.h \
    src/trade/signal.c src/trade/signal.h \
    src/trade/book.c src/trade/book.h \
    src/trade/work.c src/trade/work.h \
    src/trade/bracket.c src/trade/bracket.h \
    src/trade/execute.c src/trade/execute.h \
    src/trade/funding.c src/trade/funding.h \
    src/trade/margin.c src/trade/margin.h \
    src/trade/match.c src/trade/match.h \
    src/trade/broker.h src/trade/paper.c src/trade/paper.h
