libtp_a_SOURCES += src/exchange/instruments.c src/exchange/instruments.h
libtp_a_SOURCES += src/exchange/funding.c src/exchange/funding.h
libtp_a_SOURCES += src/exchange/book.c src/exchange/book.h
