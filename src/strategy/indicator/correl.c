/* correl(x, y, n): Pearson's correlation of the last n pairs; beta(x, y, n) = covariance / variance
 * of y, the slope of x on y. na where a variance that divides is 0. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

static const struct tp_ind_arg correl_args[] = {{"n", 2, TP_IND_MAX, TP_NA, true}, {.name = NULL}};

static size_t
correl_size(const double *args)
{
    return tp_pair_size((size_t)args[0]);
}

static void
correl_init(void *state, const double *args)
{
    tp_pair_init(state, (size_t)args[0]);
}

static double
clamp(double r)
{
    return r > 1 ? 1 : r < -1 ? -1 : r;
}

static void
correl_run(void *state, const struct tp_ind_block *b, double *out)
{
    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double vx[TP_IND_SPAN], vy[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        tp_pair_run(state, b->series[0] + at, b->series[1] + at, m, vx, vy, out + at);
        for (size_t i = 0; i < m; i++)
            out[at + i] =
                vx[i] > 0 && vy[i] > 0 ? clamp(out[at + i] / (sqrt(vx[i]) * sqrt(vy[i]))) : TP_NA;
    }
}

static void
beta_run(void *state, const struct tp_ind_block *b, double *out)
{
    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double vx[TP_IND_SPAN], vy[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        tp_pair_run(state, b->series[0] + at, b->series[1] + at, m, vx, vy, out + at);
        for (size_t i = 0; i < m; i++)
            out[at + i] = vy[i] > 0 ? out[at + i] / vy[i] : TP_NA;
    }
}

const struct tp_indicator tp_indicator_correl = {
    .name = "correl",
    .help = "correlation of two series",
    .series = 2,
    .args = correl_args,
    .warmup = tp_ind_warmup_window,
    .size = correl_size,
    .init = correl_init,
    .run = correl_run,
};

const struct tp_indicator tp_indicator_beta = {
    .name = "beta",
    .help = "slope of the first series on the second: covariance / variance of the second",
    .series = 2,
    .args = correl_args,
    .warmup = tp_ind_warmup_window,
    .size = correl_size,
    .init = correl_init,
    .run = beta_run,
};
