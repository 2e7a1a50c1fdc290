libtp_a_SOURCES += src/bot/session.c src/bot/session.h
libtp_a_SOURCES += src/bot/bot.c src/bot/bot.h
