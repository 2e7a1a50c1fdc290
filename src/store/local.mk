# One line per subject.
libtp_a_SOURCES += src/store/user.c src/store/user.h
libtp_a_SOURCES += src/store/symbol.c src/store/symbol.h
libtp_a_SOURCES += src/store/exchange.c src/store/exchange.h
libtp_a_SOURCES += src/store/backtest.c src/store/backtest.h
libtp_a_SOURCES += src/store/migration.c src/store/migration.h
libtp_a_SOURCES += src/store/candle.c src/store/candle.h
libtp_a_SOURCES += src/store/strategy.c src/store/strategy.h
libtp_a_SOURCES += src/store/partition.c src/store/partition.h
libtp_a_SOURCES += src/store/doctor.c src/store/doctor.h
libtp_a_SOURCES += src/store/import.c src/store/import.h
libtp_a_SOURCES += src/store/reference.c src/store/reference.h
