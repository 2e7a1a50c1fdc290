/*
 * wma(x, n): mean weighted 1 to n, the newest value n. linreg(x, n): the least-squares line through
 * the last n values, at the newest of them. Both are the mean plus a multiple of the moment m =
 * sum((position - mean position) * x): wma's weights are those of the mean plus (position - mean
 * position) * 2 / (n (n + 1)); the line's slope is m / (n (n^2 - 1) / 12), and the newest value
 * lies (n - 1) / 2 from the middle, which makes 6 / (n (n + 1)).
 */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

struct wma {
    double scale, spare;
};

static size_t
wma_size(const double *args)
{
    return sizeof(struct wma) + tp_window_size((size_t)args[0], true);
}

static void
init(void *state, double scale, double n)
{
    *(struct wma *)state = (struct wma){.scale = scale / (n * (n + 1))};
    tp_window_init(tp_ind_part(state, sizeof(struct wma)), (size_t)n, true);
}

static void
wma_init(void *state, const double *args)
{
    init(state, 2, args[0]);
}

static void
linreg_init(void *state, const double *args)
{
    init(state, 6, args[0]);
}

static void
wma_run(void *state, const struct tp_ind_block *b, double *out)
{
    const struct wma *s = state;

    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double moment[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        tp_window_moment(tp_ind_part(state, sizeof *s), b->series[0] + at, m, out + at, moment);
        for (size_t i = 0; i < m; i++)
            out[at + i] += moment[i] * s->scale;
    }
}

const struct tp_indicator tp_indicator_wma = {
    .name = "wma",
    .help = "moving average weighted 1 to n, the newest bar most",
    .series = 1,
    .args = tp_ind_args_n,
    .warmup = tp_ind_warmup_window,
    .size = wma_size,
    .init = wma_init,
    .run = wma_run,
};

const struct tp_indicator tp_indicator_linreg = {
    .name = "linreg",
    .help = "end of the least-squares line through the last n bars",
    .series = 1,
    .args = tp_ind_args_n,
    .warmup = tp_ind_warmup_window,
    .size = wma_size,
    .init = linreg_init,
    .run = wma_run,
};
