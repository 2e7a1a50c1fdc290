/*
 * supertrend(n, k): bands (high + low) / 2 +- k atr(n) that only move towards the price while the
 * close before stayed inside; the value is the lower band while rising, the upper while falling. It
 * turns when the close passes the band; the first bar rises when its close is at or above the
 * middle.
 */
#include "strategy/indicator/block.h"
#include "strategy/indicator/smooth.h"

struct supertrend {
    double k, previous, upper, lower, close;
    int64_t rising;
    struct tp_smooth range;
};

static const struct tp_ind_arg supertrend_args[] = {
    {"n", 1, TP_IND_MAX, 10, true}, {"k", 0, 1000, 3, false}, {.name = NULL}};

static size_t
supertrend_size(const double *args)
{
    (void)args;
    return sizeof(struct supertrend);
}

static void
supertrend_init(void *state, const double *args)
{
    struct supertrend *s = state;

    *s = (struct supertrend){
        .k = args[1], .previous = TP_NA, .upper = TP_NA, .lower = TP_NA, .close = TP_NA};
    tp_smooth_rma(&s->range, (size_t)args[0]);
}

static double
supertrend_next(struct supertrend *s, double middle, double close, double range)
{
    double upper = middle + s->k * range, lower = middle - s->k * range;

    if (isnan(s->upper))
        s->rising = close >= middle;
    if (isnan(s->upper) || upper < s->upper || s->close > s->upper)
        s->upper = upper;
    if (isnan(s->lower) || lower > s->lower || s->close < s->lower)
        s->lower = lower;
    s->rising = close > (s->rising ? s->lower : s->upper);
    s->close = close;
    return s->rising ? s->lower : s->upper;
}

static void
supertrend_run(void *state, const struct tp_ind_block *b, double *out)
{
    struct supertrend *s = state;

    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double range[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        tp_ind_true_range(&s->previous, b, at, m, range);
        tp_smooth_run(&s->range, range, m, range);
        for (size_t i = 0; i < m; i++) {
            double middle = (b->high[at + i] + b->low[at + i]) / 2;

            out[at + i] =
                isnan(range[i]) ? TP_NA : supertrend_next(s, middle, b->close[at + i], range[i]);
        }
    }
}

const struct tp_indicator tp_indicator_supertrend = {
    .name = "supertrend",
    .help = "trailing band of k atr that the close has not passed",
    .args = supertrend_args,
    .needs = TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE,
    .warmup = tp_ind_warmup_change,
    .size = supertrend_size,
    .init = supertrend_init,
    .run = supertrend_run,
};
