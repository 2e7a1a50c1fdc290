/* Order books in any writing: what is read is in order and not crossed, and stored as a record it reads back
 * equal. */
#include "exchange/book.h"
#include "tests/fuzz/fuzz.h"

static void
check_side(const struct tp_levels *side, int rising)
{
    for (size_t i = 0; i < side->n; i++) {
        fuzz_want(tp_dec_sign(side->at[i].price) > 0 && tp_dec_sign(side->at[i].quantity) > 0);
        fuzz_want(i == 0 || tp_dec_cmp(side->at[i].price, side->at[i - 1].price) == rising);
    }
}

/* Prints every book of the text as it is stored; -1 as the reader gives it. */
static int
read_all(const char *text, size_t n, struct tp_buf *lines, struct tp_err *err)
{
    TP_AUTO_ARENA   arena = {0};
    struct tp_books books;
    int             rc = tp_books_read(&books, text, n, err);

    for (size_t i = 0; i < books.n && rc == 0; i++) {
        struct tp_book              *b = &books.at[i];
        struct tp_orderbook_snapshot row;

        check_side(&b->bids, -1);
        check_side(&b->asks, 1);
        fuzz_want(!b->bids.n || !b->asks.n || tp_dec_cmp(b->bids.at[0].price, b->asks.at[0].price) < 0);
        if (!b->symbol[0])
            snprintf(b->symbol, sizeof b->symbol, "BTCUSDT");
        if (!b->exchange[0])
            snprintf(b->exchange, sizeof b->exchange, "BINANCE");
        if (tp_time_none(b->time))
            b->time.us = 0;
        rc = tp_book_snapshot(b, 0, tp_dec_int(1), &row, &arena, err);
        if (rc == 0)
            tp_record_json(&tp_orderbook_snapshot_record, &row, lines);
    }
    tp_books_free(&books);
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
