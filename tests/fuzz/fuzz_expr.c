/* Expressions: read or refused, and what is read has the same value bar by bar as in one block. */
#include <math.h>

#include "strategy/expr.h"
#include "tests/fuzz/fuzz.h"

#define BARS 6

static void
make_bars(struct tp_bars *bars, size_t from, size_t n)
{
    tp_bars_init(bars, n);
    for (size_t i = from; i < from + n; i++) {
        int64_t          close = 100 + (int64_t)(i * i % 7);
        struct tp_candle c = {.timestamp = {(int64_t)i * TP_US_HOUR},
                              .open = tp_dec_int(close),
                              .high = tp_dec_int(close + 1),
                              .low = tp_dec_int(close - 1),
                              .close = tp_dec_int(close),
                              .volume = tp_dec_int(10),
                              .close_time = TP_TIME_NONE};

        tp_bars_push(bars, &c);
    }
}

/* The values of the text over the bars, so many at a time; false when it is refused. */
static bool
values(const char *text, size_t block, double out[BARS])
{
    struct tp_expr *e = tp_alloc(sizeof *e);
    struct tp_err   err = TP_ERR_INIT;
    struct tp_view  view = {.position = 1,
                            .bars_held = 1,
                            .bars_since_exit = -1,
                            .entry_price = TP_DEC_ZERO,
                            .last_entry_price = TP_DEC_NONE,
                            .unrealized_pct = TP_DEC_ZERO,
                            .equity = TP_DEC_ZERO};
    int             root, rc;

    e->interval_us = TP_US_HOUR;
    tp_text_set(e->params[0].name, sizeof e->params[0].name, "n", 1);
    e->params[0].value = 3;
    e->n_params = 1;
    rc = tp_expr_parse(e, text, TP_EXPR_ANY, &root, &err);
    fuzz_want(rc == 0 || (err.code == TP_EINPUT && strncmp(err.msg, "column ", 7) == 0));
    if (rc == 0) {
        TP_AUTO_BUF   printed = {0};
        struct tp_err no = TP_ERR_INIT;
        int           again;

        /* What is read prints and reads back as the same node. */
        tp_expr_print(e, root, &printed);
        if (tp_expr_parse(e, printed.at, TP_EXPR_ANY, &again, &no))
            fuzz_want(strstr(no.msg, "too deep") || strstr(no.msg, "too many parts") || printed.n > 4000);
        else
            fuzz_want(again == root);
        tp_expr_want(e, root);
        for (size_t at = 0; at < BARS; at += block) {
            struct tp_bars bars;

            make_bars(&bars, at, block);
            tp_expr_block(e, &bars);
            for (size_t i = 0; i < block; i++)
                out[at + i] = tp_expr_at(e, root, i, &view);
            tp_bars_free(&bars);
        }
    }
    tp_expr_free(e);
    free(e);
    return rc == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    TP_AUTO_FREE char *text = tp_strndup((const char *)data, n);
    double             one[BARS], all[BARS];

    if (strlen(text) != n || n > 2000)
        return 0;
    if (!values(text, 1, one))
        return 0;
    fuzz_want(values(text, BARS, all));
    for (size_t i = 0; i < BARS; i++)
        fuzz_want(memcmp(&one[i], &all[i], sizeof one[i]) == 0 || (isnan(one[i]) && isnan(all[i])));
    return 0;
}
