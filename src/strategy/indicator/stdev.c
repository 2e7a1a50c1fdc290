/* stdev(x, n): population standard deviation of the last n values. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

static size_t
stdev_size(const double *args)
{
    return tp_window_size((size_t)args[0], true);
}

static void
stdev_init(void *state, const double *args)
{
    tp_window_init(state, (size_t)args[0], true);
}

static void
stdev_run(void *state, const struct tp_ind_block *b, double *out)
{
    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double mean[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        tp_window_deviation(state, b->series[0] + at, m, mean, out + at);
    }
}

const struct tp_indicator tp_indicator_stdev = {
    .name = "stdev",
    .help = "population standard deviation",
    .series = 1,
    .args = tp_ind_args_n,
    .warmup = tp_ind_warmup_window,
    .size = stdev_size,
    .init = stdev_init,
    .run = stdev_run,
};
