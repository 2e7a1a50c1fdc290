/* The straight line through plain CSV rows agrees with the long way, which any blank forces. */
#include "market/read.h"
#include "market/row.h"

#include <stdlib.h>

#include "tap.h"

static const char row[] = "1640995200000,46216.93000000,46271.08,46208.37000000,46250,40.57574000,"
                          "1640995259999,1875978.44269790,796,27.26086000,1260270.37206270,0\n";

static void
one_row(void)
{
    static const struct {
        const char *text;
        int64_t time, value, count;
        bool plain;
    } cases[] = {
        {"1640995200000,46216.93000000,796\n", 1640995200000000, 4621693000000, 796, true},
        {"1640995200000,46216.93,796\r\n", 1640995200000000, 4621693000000, 796, true},
        {"1640995200000,0.00000001,1\n", 1640995200000000, 1, 1, true},
        {"1640995200000,12345678,12345678\n", 1640995200000000, 1234567800000000, 12345678, true},
        {"1640995200000,12345678.5,0\n", 1640995200000000, 1234567850000000, 0, true},
        {"1640995200000,123456789.5,0\n", 1640995200000000, 12345678950000000, 0, true},
        {"1640995200000,9999999999.99999999,0\n", 1640995200000000, 999999999999999999, 0, true},
        {"1640995200000,10000000000.0,0\n", 0, 0, 0, false},
        {"1640995200000,1.000000000,0\n", 0, 0, 0, false},
        {"1640995200000,1.,0\n", 0, 0, 0, false},
        {"1640995200000,.5,0\n", 0, 0, 0, false},
        {"1640995200000,,0\n", 0, 0, 0, false},
        {"1640995200000,-1,0\n", 0, 0, 0, false},
        {"1640995200000,1e3,0\n", 0, 0, 0, false},
        {"1640995200000,1.5e3,0\n", 0, 0, 0, false},
        {"1640995200000, 1,0\n", 0, 0, 0, false},
        {"1640995200000,\"1\",0\n", 0, 0, 0, false},
        {"1640995200000,1.2.3,0\n", 0, 0, 0, false},
        {"1640995200000,1.2345678\xB1,0\n", 0, 0, 0, false},
        {"1640995200000,1,123456789\n", 0, 0, 0, false},
        {"1640995200000,1,\n", 0, 0, 0, false},
        {"1640995200000,1,1,1\n", 0, 0, 0, false},
        {"1640995200000,1\n", 0, 0, 0, false},
        {"1640995200000,1,1", 0, 0, 0, false},
        {"1640995200000,1,1\r", 0, 0, 0, false},
        {"164099520000,1,1\n", 0, 0, 0, false},
        {"16409952000000,1,1\n", 0, 0, 0, false},
        {"1640995200,1,1\n", 0, 0, 0, false},
        {"", 0, 0, 0, false},
    };
    struct tp_row_plan plan = {.time_digits = 13};

    tp_row_add(&plan, TP_CELL_TIME, 0);
    tp_row_add(&plan, TP_CELL_DEC, 1);
    tp_row_add(&plan, TP_CELL_COUNT, 2);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128] = "";
        int64_t v[3] = {0};
        const char *end;

        memcpy(text, cases[i].text, strlen(cases[i].text));
        end = tp_row_read(&plan, text, v);
        ok((end != NULL) == cases[i].plain
               && (!end
                   || (*end == '\0' && v[0] == cases[i].time && v[1] == cases[i].value
                       && v[2] == cases[i].count)),
           "the row '%.*s' is %s", (int)strcspn(text, "\r\n"), text,
           cases[i].plain ? "plain" : "left to the reader");
    }
}

static void
microseconds(void)
{
    struct tp_row_plan plan = {.time_digits = 16};
    char text[64] = "1735689600000001,5\n";
    int64_t v[2];

    tp_row_add(&plan, TP_CELL_TIME, 0);
    tp_row_add(&plan, TP_CELL_SKIP, 1);
    ok(tp_row_read(&plan, text, v) && v[0] == 1735689600000001,
       "a time of 16 digits is microseconds");
}

static uint64_t seed = 1;

static unsigned
dice(unsigned sides)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % sides;
}

/* What the reader makes of a text: its bars in one line each, and the error. */
static void
read_all(const char *text, size_t n, struct tp_buf *out)
{
    struct tp_read_opts opts = {.from = TP_TIME_NONE, .to = TP_TIME_NONE};
    struct tp_err err = TP_ERR_INIT;
    struct tp_source *source;
    struct tp_reader *reader;
    struct tp_bars bars;
    int got;

    tp_bars_init(&bars, 7);
    if (tp_source_memory(&source, text, n, &err))
        return;
    tp_reader_open(&reader, &opts, source);
    while ((got = tp_reader_next(reader, &bars, &err)) > 0)
        for (size_t i = 0; i < bars.n; i++) {
            struct tp_candle c = tp_bars_candle(&bars, i);

            tp_record_json(&tp_candle_record, &c, out);
        }
    tp_buf_fmt(out, "%lld duplicates, %s\n", (long long)tp_reader_duplicates(reader),
               got < 0 ? err.msg : "no error");
    tp_reader_close(reader);
    tp_source_close(source);
    tp_bars_free(&bars);
}

/* The same text with a blank before each row but the first. */
static void
long_way(const struct tp_buf *text, struct tp_buf *out)
{
    for (size_t i = 0; i < text->n; i++) {
        tp_buf_char(out, text->at[i]);
        if (text->at[i] == '\n' && i + 1 < text->n && !strchr("\r\n", text->at[i + 1]))
            tp_buf_char(out, ' ');
    }
}

static void
both_ways(void)
{
    static const char odd[] = "0123456789.,,.-+e \"\r\nx\xC3";
    int differ = 0, refused = 0, rounds = 4000;

    for (int k = 0; k < rounds; k++) {
        TP_AUTO_BUF text = {0}, slow = {0}, a = {0}, b = {0};

        for (int64_t i = 0; i < 12; i++) {
            int64_t ms = 1640995200000 + i * 60000;
            unsigned low = 1 + dice(5000), high = low + dice(100), places = dice(9);

            tp_buf_fmt(&text, "%lld,%u.%u,%u.99999999,%u,%u.%0*u,%u.%u,%lld,%u.%u,%u,%u,%u.5,0\n",
                       (long long)ms, low, dice(1000), high, low, low, (int)places + 1, 0U,
                       dice(99999999), dice(9999), (long long)ms + 59999, dice(99999999),
                       dice(99999999), dice(99999), dice(1000), dice(1000));
        }
        for (unsigned m = dice(4); m > 0; m--) {
            size_t at = dice((unsigned)text.n);

            text.at[at] = odd[dice(sizeof odd - 1)];
        }
        long_way(&text, &slow);
        read_all(text.at, text.n, &a);
        read_all(slow.at, slow.n, &b);
        refused += strstr(a.at, "no error") == NULL;
        if (strcmp(a.at, b.at) != 0 && differ++ == 0)
            printf("# text: %s# got: %s# want: %s", text.at, a.at, b.at);
    }
    ok(differ == 0, "%d spoiled files read the same both ways", rounds);
    ok(refused > rounds / 4 && refused < rounds, "some of them are refused, and some are not");
}

static void
one_file(void)
{
    TP_AUTO_BUF out = {0};

    read_all(row, sizeof row - 1, &out);
    ok(strstr(out.at, "\"open\":\"46216.93000000\"") && strstr(out.at, "no error"),
       "a file of one row is read");
}

int
main(void)
{
    one_row();
    microseconds();
    one_file();
    both_ways();
    return done();
}
