libtp_a_SOURCES += \
    src/report/report.h \
    src/report/result.c src/report/result.h \
    src/report/series.c \
    src/report/chart.c \
    src/report/html.c \
    src/report/dygraphs.c
