/* Candles in any writing: what is read prints as JSON lines and reads back equal. */
#include "market/read.h"
#include "tests/fuzz/fuzz.h"

/* Reads every candle of the text into *lines as records; gives what the reader's last call gave. */
static int
read_all(const char *text, size_t n, struct tp_buf *lines, bool *named, struct tp_err *err)
{
    struct tp_read_opts opts = {.name = "input", .from = TP_TIME_NONE, .to = TP_TIME_NONE};
    struct tp_source   *source = NULL;
    struct tp_reader   *reader = NULL;
    struct tp_bars      bars;
    int                 got;

    if (tp_source_memory(&source, text, n, err))
        return -1;
    tp_bars_init(&bars, 3);
    tp_reader_open(&reader, &opts, source);
    while ((got = tp_reader_next(reader, &bars, err)) > 0) {
        const struct tp_interval *interval = tp_reader_interval(reader);

        fuzz_want(bars.n > 0 && bars.n <= 3);
        *named = interval != NULL;
        for (size_t i = 0; i < bars.n; i++) {
            struct tp_candle c = tp_bars_candle(&bars, i);

            snprintf(c.exchange, sizeof c.exchange, "BINANCE");
            snprintf(c.symbol, sizeof c.symbol, "BTCUSDT");
            snprintf(c.interval, sizeof c.interval, "%s", interval ? interval->name : "");
            tp_record_json(&tp_candle_record, &c, lines);
            if (!lines->n || lines->at[lines->n - 1] != '\n')
                tp_buf_char(lines, '\n');
        }
    }
    tp_bars_free(&bars);
    tp_reader_close(reader);
    tp_source_close(source);
    return got;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    TP_AUTO_BUF   first = {0}, again = {0};
    struct tp_err err = TP_ERR_INIT;
    bool          named = false;

    if (read_all((const char *)data, n, &first, &named, &err) < 0) {
        fuzz_want(err.code == TP_EINPUT && err.msg[0]);
        return 0;
    }
    if (!named)
        return 0;
    fuzz_want(read_all(first.at, first.n, &again, &named, &err) == 0);
    fuzz_want(first.n == again.n && memcmp(first.at, again.at, first.n) == 0);
    return 0;
}
