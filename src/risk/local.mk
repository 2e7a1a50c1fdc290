libtp_a_SOURCES += src/risk/limit.c src/risk/limit.h src/risk/rule.c src/risk/halt.c src/risk/halt.h
