/* Funding histories in any writing: what is read is sorted, and printed as records it reads back equal. */
#include "exchange/funding.h"
#include "tests/fuzz/fuzz.h"

/* Prints every row of the text; -1 as the reader gives it. */
static int
read_all(const char *text, size_t n, struct tp_buf *lines, struct tp_err *err)
{
    struct tp_fundings f = {.symbol = "BTCUSDT"};
    int                rc = tp_fundings_read(&f, text, n, err);

    for (size_t i = 0; i < f.n && rc == 0; i++) {
        fuzz_want(strcmp(f.rows[i].symbol, "BTCUSDT") == 0);
        fuzz_want(i == 0 || f.rows[i - 1].funding_time.us < f.rows[i].funding_time.us);
        tp_record_json(&tp_funding_rate_record, &f.rows[i], lines);
    }
    tp_fundings_free(&f);
    return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    TP_AUTO_BUF   first = {0}, again = {0};
    struct tp_err err = TP_ERR_INIT;

    if (read_all((const char *)data, n, &first, &err)) {
        fuzz_want(err.code == TP_EINPUT && err.msg[0]);
        return 0;
    }
    if (first.n == 0)
        return 0;
    fuzz_want(read_all(first.at, first.n, &again, &err) == 0);
    fuzz_want(first.n == again.n && memcmp(first.at, again.at, first.n) == 0);
    return 0;
}
