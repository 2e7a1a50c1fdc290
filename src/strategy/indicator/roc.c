/* mom(x, n) = x - x[n]; roc(x, n) = 100 (x - x[n]) / x[n], na where x[n] is 0. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

static size_t
roc_size(const double *args)
{
    return tp_delay_size((size_t)args[0]);
}

static void
roc_init(void *state, const double *args)
{
    tp_delay_init(state, (size_t)args[0]);
}

static void
roc_run(void *state, const struct tp_ind_block *b, double *out)
{
    tp_delay_run(state, b->series[0], b->n, out);
    for (size_t i = 0; i < b->n; i++)
        out[i] = fabs(out[i]) > 0 ? 100 * (b->series[0][i] - out[i]) / out[i] : TP_NA;
}

static void
mom_run(void *state, const struct tp_ind_block *b, double *out)
{
    tp_delay_run(state, b->series[0], b->n, out);
    for (size_t i = 0; i < b->n; i++)
        out[i] = b->series[0][i] - out[i];
}

const struct tp_indicator tp_indicator_roc = {
    .name = "roc",
    .help = "change since n bars ago, in percent",
    .series = 1,
    .args = tp_ind_args_n,
    .warmup = tp_ind_warmup_change,
    .size = roc_size,
    .init = roc_init,
    .run = roc_run,
};

const struct tp_indicator tp_indicator_mom = {
    .name = "mom",
    .help = "change since n bars ago",
    .series = 1,
    .args = tp_ind_args_n,
    .warmup = tp_ind_warmup_change,
    .size = roc_size,
    .init = roc_init,
    .run = mom_run,
};
