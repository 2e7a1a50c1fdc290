/* ema(x, n): e += 2/(n+1) * (x - e), seeded with the mean of the first n values. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/smooth.h"

static size_t
ema_size(const double *args)
{
    (void)args;
    return sizeof(struct tp_smooth);
}

static void
ema_init(void *state, const double *args)
{
    tp_smooth_ema(state, (size_t)args[0], 0);
}

static void
ema_run(void *state, const struct tp_ind_block *b, double *out)
{
    tp_smooth_run(state, b->series[0], b->n, out);
}

const struct tp_indicator tp_indicator_ema = {
    .name = "ema",
    .help = "exponential moving average, seeded with the mean of the first n",
    .series = 1,
    .args = tp_ind_args_n,
    .warmup = tp_ind_warmup_window,
    .size = ema_size,
    .init = ema_init,
    .run = ema_run,
};
