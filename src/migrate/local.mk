libtp_a_SOURCES += \
    src/base/embed.h \
    src/migrate/migration.c src/migrate/migration.h \
    src/migrate/split.c src/migrate/split.h
