/* sma(x, n): mean of the last n values. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

static size_t
sma_size(const double *args)
{
    return tp_window_size((size_t)args[0], false);
}

static void
sma_init(void *state, const double *args)
{
    tp_window_init(state, (size_t)args[0], false);
}

static void
sma_run(void *state, const struct tp_ind_block *b, double *out)
{
    tp_window_mean(state, b->series[0], b->n, out);
}

const struct tp_indicator tp_indicator_sma = {
    .name = "sma",
    .help = "simple moving average",
    .series = 1,
    .args = tp_ind_args_n,
    .warmup = tp_ind_warmup_window,
    .size = sma_size,
    .init = sma_init,
    .run = sma_run,
};
