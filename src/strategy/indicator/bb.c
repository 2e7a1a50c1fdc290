/* Bollinger bands of x: mean of n, and k population standard deviations above and below. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

struct bb {
    double k, spare;
};

static const struct tp_ind_arg bb_args[] = {
    {"n", 1, TP_IND_MAX, 20, true}, {"k", 0, 1000, 2, false}, {.name = NULL}};

static size_t
bb_size(const double *args)
{
    return sizeof(struct bb) + tp_window_size((size_t)args[0], true);
}

static void
bb_init(void *state, const double *args)
{
    *(struct bb *)state = (struct bb){.k = args[1]};
    tp_window_init(tp_ind_part(state, sizeof(struct bb)), (size_t)args[0], true);
}

static inline void
bb_run(void *state, double sign, const struct tp_ind_block *b, double *out)
{
    double k = sign * ((const struct bb *)state)->k;

    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double mean[TP_IND_SPAN], deviation[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        tp_window_deviation(tp_ind_part(state, sizeof(struct bb)), b->series[0] + at, m, mean,
                            deviation);
        for (size_t i = 0; i < m; i++)
            out[at + i] = mean[i] + k * deviation[i];
    }
}

static void
bb_run_up(void *state, const struct tp_ind_block *b, double *out)
{
    bb_run(state, 1, b, out);
}

static void
bb_run_low(void *state, const struct tp_ind_block *b, double *out)
{
    bb_run(state, -1, b, out);
}

static void
bb_run_mid(void *state, const struct tp_ind_block *b, double *out)
{
    tp_window_mean(tp_ind_part(state, sizeof(struct bb)), b->series[0], b->n, out);
}

const struct tp_indicator tp_indicator_bb_mid = {
    .name = "bb_mid",
    .help = "middle Bollinger band: mean of n",
    .series = 1,
    .args = bb_args,
    .warmup = tp_ind_warmup_window,
    .size = bb_size,
    .init = bb_init,
    .run = bb_run_mid,
};

const struct tp_indicator tp_indicator_bb_up = {
    .name = "bb_up",
    .help = "upper Bollinger band: mean + k population deviations",
    .series = 1,
    .args = bb_args,
    .warmup = tp_ind_warmup_window,
    .size = bb_size,
    .init = bb_init,
    .run = bb_run_up,
};

const struct tp_indicator tp_indicator_bb_low = {
    .name = "bb_low",
    .help = "lower Bollinger band: mean - k population deviations",
    .series = 1,
    .args = bb_args,
    .warmup = tp_ind_warmup_window,
    .size = bb_size,
    .init = bb_init,
    .run = bb_run_low,
};
