/* keltner_up(n, k, atr), keltner_low: ema(close, n) and k times atr(atr) above and below. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/smooth.h"

struct keltner {
    double k, previous;
    struct tp_smooth middle, range;
};

static const struct tp_ind_arg keltner_args[] = {{"n", 1, TP_IND_MAX, 20, true},
                                                 {"k", 0, 1000, 2, false},
                                                 {"atr", 1, TP_IND_MAX, 10, true},
                                                 {.name = NULL}};

static int64_t
keltner_warmup(const double *args)
{
    return (int64_t)fmax(args[0] - 1, args[2]);
}

static size_t
keltner_size(const double *args)
{
    (void)args;
    return sizeof(struct keltner);
}

static void
keltner_init(void *state, const double *args)
{
    struct keltner *s = state;

    *s = (struct keltner){.k = args[1], .previous = TP_NA};
    tp_smooth_ema(&s->middle, (size_t)args[0], 0);
    tp_smooth_rma(&s->range, (size_t)args[2]);
}

static inline void
keltner_run(struct keltner *s, double sign, const struct tp_ind_block *b, double *out)
{
    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double range[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        tp_ind_true_range(&s->previous, b, at, m, range);
        tp_smooth_run(&s->range, range, m, range);
        tp_smooth_run(&s->middle, b->close + at, m, out + at);
        for (size_t i = 0; i < m; i++)
            out[at + i] += sign * s->k * range[i];
    }
}

static void
keltner_run_up(void *state, const struct tp_ind_block *b, double *out)
{
    keltner_run(state, 1, b, out);
}

static void
keltner_run_low(void *state, const struct tp_ind_block *b, double *out)
{
    keltner_run(state, -1, b, out);
}

const struct tp_indicator tp_indicator_keltner_up = {
    .name = "keltner_up",
    .help = "upper Keltner channel: ema of the close + k atr",
    .args = keltner_args,
    .needs = TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE,
    .warmup = keltner_warmup,
    .size = keltner_size,
    .init = keltner_init,
    .run = keltner_run_up,
};

const struct tp_indicator tp_indicator_keltner_low = {
    .name = "keltner_low",
    .help = "lower Keltner channel: ema of the close - k atr",
    .args = keltner_args,
    .needs = TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE,
    .warmup = keltner_warmup,
    .size = keltner_size,
    .init = keltner_init,
    .run = keltner_run_low,
};
