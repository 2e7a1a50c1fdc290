/* zscore(x, n): distance of x from the mean of the last n values, in population standard
 * deviations. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

static size_t
zscore_size(const double *args)
{
    return tp_window_size((size_t)args[0], true);
}

static void
zscore_init(void *state, const double *args)
{
    tp_window_init(state, (size_t)args[0], true);
}

static void
zscore_run(void *state, const struct tp_ind_block *b, double *out)
{
    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double mean[TP_IND_SPAN], deviation[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        tp_window_deviation(state, b->series[0] + at, m, mean, deviation);
        for (size_t i = 0; i < m; i++)
            out[at + i] =
                deviation[i] > 0 ? (b->series[0][at + i] - mean[i]) / deviation[i] : TP_NA;
    }
}

const struct tp_indicator tp_indicator_zscore = {
    .name = "zscore",
    .help = "distance from the mean in population standard deviations",
    .series = 1,
    .args = tp_ind_args_n,
    .warmup = tp_ind_warmup_window,
    .size = zscore_size,
    .init = zscore_init,
    .run = zscore_run,
};
