#include "market/generate.h"

#include "base/banned.h"

/* splitmix64, the generator of Steele, Lea and Flood (2014): integers alone, so the same everywhere. */
static uint64_t
random64(struct tp_generate *g)
{
    uint64_t z = g->state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* About normal: the sum of four uniform steps, in millionths of the price.  A minute's has a standard
 * deviation of 0.058 %, 42 % a year; longer ones grow with the root of their length. */
static int64_t
step_millionths(struct tp_generate *g)
{
    int64_t sum = 0, minutes = g->step_us / 60000000, root = 1;

    for (int i = 0; i < 4; i++)
        sum += (int64_t)(random64(g) % 1001) - 500;
    while ((root + 1) * (root + 1) <= minutes * 10000)
        root++;
    return sum * root / 100;
}

static int
move(struct tp_generate *g, struct tp_dec from, int64_t millionths, struct tp_dec *out, struct tp_err *err)
{
    if (tp_dec_muldiv(out, from, tp_dec_int(1000000 + millionths), tp_dec_int(1000000), TP_HALF_EVEN, err)
        || tp_dec_to_step(out, *out, g->tick, TP_HALF_EVEN, err))
        return -1;
    if (tp_dec_cmp(*out, g->tick) < 0)
        *out = g->tick;
    return 0;
}

int
tp_generate_next(struct tp_generate *g, struct tp_bars *bars, struct tp_err *err)
{
    tp_bars_clear(bars);
    while (bars->n < bars->room) {
        struct tp_candle c;
        struct tp_dec    a, b;

        tp_record_init(&tp_candle_record, &c);
        c.timestamp.us = g->next_us;
        c.open = g->price;
        if (move(g, c.open, step_millionths(g), &c.close, err) || move(g, c.open, step_millionths(g), &a, err)
            || move(g, c.close, step_millionths(g), &b, err))
            return -1;
        c.high = tp_dec_max(tp_dec_max(c.open, c.close), tp_dec_max(a, b));
        c.low = tp_dec_min(tp_dec_min(c.open, c.close), tp_dec_min(a, b));
        c.volume.units = (tp_i128)(random64(g) % 100000) * 100000;
        c.trades_count = (int64_t)(random64(g) % 1000) + 1;
        if (tp_dec_mul(&c.quote_volume, c.volume, c.close, TP_HALF_EVEN, err))
            return -1;
        tp_text_set(c.source, sizeof c.source, "SYNTHETIC", 9);
        tp_bars_push(bars, &c);
        g->price = c.close;
        g->next_us += g->step_us;
    }
    return 0;
}
