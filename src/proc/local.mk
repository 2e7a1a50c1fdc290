libtp_a_SOURCES += src/proc/talk.c src/proc/talk.h
libtp_a_SOURCES += src/proc/message.c src/proc/answer.c src/proc/message.h
libtp_a_SOURCES += src/proc/own.c src/proc/own.h
libtp_a_SOURCES += src/proc/series.c src/proc/series.h
libtp_a_SOURCES += src/proc/transcript.c src/proc/transcript.h
libtp_a_SOURCES += src/proc/proc.c src/proc/proc.h
