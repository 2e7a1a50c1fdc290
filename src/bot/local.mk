libtp_a_SOURCES += src/bot/session.c src/bot/session.h
