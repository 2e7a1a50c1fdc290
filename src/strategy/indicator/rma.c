/* rma(x, n): e += 1/n * (x - e), seeded with the mean of the first n values. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/smooth.h"

static size_t
rma_size(const double *args)
{
    (void)args;
    return sizeof(struct tp_smooth);
}

static void
rma_init(void *state, const double *args)
{
    tp_smooth_rma(state, (size_t)args[0]);
}

static void
rma_run(void *state, const struct tp_ind_block *b, double *out)
{
    tp_smooth_run(state, b->series[0], b->n, out);
}

const struct tp_indicator tp_indicator_rma = {
    .name = "rma",
    .help = "Wilder's moving average, seeded with the mean of the first n",
    .series = 1,
    .args = tp_ind_args_n,
    .warmup = tp_ind_warmup_window,
    .size = rma_size,
    .init = rma_init,
    .run = rma_run,
};
