libtp_a_SOURCES += \
    src/base/banned.h \
    src/base/err.c src/base/err.h \
    src/base/text.c src/base/text.h \
    src/base/dec.c src/base/dec.h \
    src/base/time.c src/base/time.h \
    src/base/uuid.c src/base/uuid.h \
    src/base/opt.c src/base/opt.h \
    src/base/record.c src/base/record.h \
    src/base/line.c src/base/line.h \
    src/base/output.c src/base/output.h \
    src/base/json.c src/base/json.h \
    src/base/yaml.c src/base/yaml.h \
    src/base/crypt.c src/base/crypt.h \
    src/base/secret.c src/base/secret.h \
    src/base/prog.c src/base/prog.h \
    src/base/db.c src/base/db.h \
    src/base/file.c src/base/file.h \
    src/base/server.c src/base/server.h
libtp_a_SOURCES += src/base/config.c src/base/config.h
