/* Reading ahead gives what reading gives, its end and its errors. */
#include "market/ahead.h"

#include "tap.h"

static void
add_rows(struct tp_buf *text, int n)
{
    for (int i = 0; i < n; i++)
        tp_buf_fmt(text, "%lld,%d,%d,%d,%d,1\n", 1640995200000 + (long long)i * 60000, 100 + i,
                   100 + i, 100 + i, 100 + i);
}

/* Reads all; bars in *n, the sum of their closes in *sum; the last answer. */
static int
read_all(const struct tp_buf *text, int64_t most, int64_t *n, int64_t *sum, struct tp_err *err)
{
    struct tp_read_opts opts = {.from = TP_TIME_NONE, .to = TP_TIME_NONE};
    struct tp_source *source;
    struct tp_reader *reader;
    struct tp_ahead *ahead;
    const struct tp_bars *bars;
    int got = -1;

    *n = *sum = 0;
    if (tp_source_memory(&source, text->at, text->n, err))
        return -1;
    tp_reader_open(&reader, &opts, source);
    tp_ahead_open(&ahead, reader, 64);
    while (*n < most && (got = tp_ahead_next(ahead, &bars, err)) > 0)
        for (size_t i = 0; i < bars->n; i++) {
            ++*n;
            *sum += bars->close.narrow[i] / TP_DEC_ONE;
        }
    tp_ahead_close(ahead);
    tp_reader_close(reader);
    tp_source_close(source);
    return got;
}

int
main(void)
{
    TP_AUTO_BUF text = {0};
    struct tp_err err = TP_ERR_INIT;
    int64_t n, sum;

    add_rows(&text, 1000);
    ok(read_all(&text, 1000000, &n, &sum, &err) == 0 && n == 1000 && sum == 100000 + 499500,
       "all bars come, once and whole");
    ok(read_all(&text, 1, &n, &sum, &err) == 1 && n == 64, "a reader that is closed early stops");
    tp_buf_text(&text, "spoiled\n");
    ok(read_all(&text, 1000000, &n, &sum, &err) == -1 && n == 960,
       "an error comes after the blocks before it");
    is(err.msg, "line 1001: 1 columns instead of 6", "and says what it says without a thread");
    return done();
}
