libtp_a_SOURCES += \
    src/store/user.c src/store/user.h
