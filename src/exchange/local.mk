libtp_a_SOURCES += src/exchange/instruments.c src/exchange/instruments.h
