/* Strategy documents: taken or refused, and what is taken reads back from its canonical form with the same hash,
 * is explained, and takes bars. */
#include "strategy/explain.h"
#include "tests/fuzz/fuzz.h"

static void
feed(struct tp_strategy *s)
{
    struct tp_view  view = {.bars_held = -1,
                            .bars_since_exit = -1,
                            .entry_price = TP_DEC_NONE,
                            .last_entry_price = TP_DEC_NONE,
                            .unrealized_pct = TP_DEC_NONE,
                            .equity = TP_DEC_ZERO};
    struct tp_err   err = TP_ERR_INIT;
    struct tp_bars  bars;
    struct tp_wants wants = {.n = 0};

    tp_bars_init(&bars, 8);
    for (int64_t i = 0; i < 8; i++) {
        struct tp_dec    price = tp_dec_int(100 + i % 3);
        struct tp_candle c = {.timestamp = {i * TP_US_HOUR},
                              .open = price,
                              .high = price,
                              .low = price,
                              .close = price,
                              .volume = price,
                              .close_time = TP_TIME_NONE};

        tp_bars_push(&bars, &c);
    }
    if (s->ops->block(s, &bars, &err) == 0)
        for (size_t i = 0; i < 8; i++) {
            wants.n = 0;
            fuzz_want(s->ops->quiet(s, i, &view) <= 8 - i);
            fuzz_want(s->ops->decide(s, i, &view, &wants, &err) == 0 || err.code == TP_EINPUT);
            fuzz_want(wants.n <= TP_WANTS);
        }
    else
        fuzz_want(err.msg[0]);
    tp_bars_free(&bars);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct tp_strategy_opts  opts = {.text = (const char *)data, .n = n, .name = "it", .interval = tp_interval_find("1h")};
    struct tp_strategy      *s, *again;
    struct tp_strategy_part *parts;
    struct tp_err            err = TP_ERR_INIT;
    TP_AUTO_ARENA            arena = {0};
    size_t                   n_parts;

    if (tp_strategy_open(&s, &opts, &err)) {
        fuzz_want(!s && err.code == TP_EINPUT && err.msg[0]);
        return 0;
    }
    opts.text = s->document;
    opts.n = strlen(s->document);
    fuzz_want(tp_strategy_open(&again, &opts, &err) == 0 && strcmp(s->hash, again->hash) == 0);
    tp_strategy_explain(s, &arena, &parts, &n_parts);
    fuzz_want(n_parts > 0);
    feed(s);
    tp_strategy_close(again);
    tp_strategy_close(s);
    return 0;
}
