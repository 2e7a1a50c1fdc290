/* highest(x, n) and lowest(x, n): extremes of the last n values, the current bar included. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

static size_t
highest_size(const double *args)
{
    return tp_extreme_size((size_t)args[0]);
}

static void
highest_init(void *state, const double *args)
{
    tp_extreme_init(state, (size_t)args[0]);
}

static void
highest_run(void *state, const struct tp_ind_block *b, double *out)
{
    tp_extreme_high(state, b->series[0], b->n, out);
}

static void
lowest_run(void *state, const struct tp_ind_block *b, double *out)
{
    tp_extreme_low(state, b->series[0], b->n, out);
}

const struct tp_indicator tp_indicator_highest = {
    .name = "highest",
    .help = "largest of the last n values, the current bar included",
    .series = 1,
    .args = tp_ind_args_n,
    .warmup = tp_ind_warmup_window,
    .size = highest_size,
    .init = highest_init,
    .run = highest_run,
};

const struct tp_indicator tp_indicator_lowest = {
    .name = "lowest",
    .help = "smallest of the last n values, the current bar included",
    .series = 1,
    .args = tp_ind_args_n,
    .warmup = tp_ind_warmup_window,
    .size = highest_size,
    .init = highest_init,
    .run = lowest_run,
};
