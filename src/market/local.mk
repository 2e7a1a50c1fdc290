libtp_a_SOURCES += \
    src/market/interval.c src/market/interval.h \
    src/market/bucket.h \
    src/market/symbol.c src/market/symbol.h \
    src/market/candle.c src/market/candle.h \
    src/market/bars.c src/market/bars.h \
    src/market/ahead.c src/market/ahead.h \
    src/market/row.c src/market/row.h \
    src/market/read.c src/market/read.h src/market/reader.h \
    src/market/read_value.c src/market/read_csv.c src/market/read_json.c \
    src/market/generate.c src/market/generate.h \
    src/market/resample.c src/market/resample.h \
    src/market/reference.c src/market/reference.h \
    src/market/look.c src/market/look.h
