# One line per subject.
libtp_a_SOURCES += src/store/user.c src/store/user.h
libtp_a_SOURCES += src/store/backtest.c src/store/backtest.h
libtp_a_SOURCES += src/store/migration.c src/store/migration.h
