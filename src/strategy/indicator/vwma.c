/* vwma(x, n) = sum(x * volume) / sum(volume) over n bars; na where there was no volume. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

struct vwma {
    size_t volume, spare; /* offset */
};

static size_t
vwma_size(const double *args)
{
    return sizeof(struct vwma) + 2 * tp_window_size((size_t)args[0], false);
}

static void
vwma_init(void *state, const double *args)
{
    struct vwma *s = state;

    *s = (struct vwma){.volume = sizeof *s + tp_window_size((size_t)args[0], false)};
    tp_window_init(tp_ind_part(state, sizeof *s), (size_t)args[0], false);
    tp_window_init(tp_ind_part(state, s->volume), (size_t)args[0], false);
}

static void
vwma_run(void *state, const struct tp_ind_block *b, double *out)
{
    const struct vwma *s = state;

    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double value[TP_IND_SPAN], volume[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        for (size_t i = 0; i < m; i++)
            value[i] = b->series[0][at + i] * b->volume[at + i];
        tp_window_mean(tp_ind_part(state, sizeof *s), value, m, value);
        tp_window_mean(tp_ind_part(state, s->volume), b->volume + at, m, volume);
        for (size_t i = 0; i < m; i++)
            out[at + i] = volume[i] > 0 ? value[i] / volume[i] : TP_NA;
    }
}

const struct tp_indicator tp_indicator_vwma = {
    .name = "vwma",
    .help = "moving average weighted by volume",
    .series = 1,
    .args = tp_ind_args_n,
    .needs = TP_IND_VOLUME,
    .warmup = tp_ind_warmup_window,
    .size = vwma_size,
    .init = vwma_init,
    .run = vwma_run,
};
