/* willr(n) = -100 (highest high - close) / (highest high - lowest low) over n bars. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

struct willr {
    size_t low, spare; /* offset */
};

static const struct tp_ind_arg willr_args[] = {{"n", 1, TP_IND_MAX, 14, true}, {.name = NULL}};

static size_t
willr_size(const double *args)
{
    return sizeof(struct willr) + 2 * tp_extreme_size((size_t)args[0]);
}

static void
willr_init(void *state, const double *args)
{
    struct willr *s = state;

    *s = (struct willr){.low = sizeof *s + tp_extreme_size((size_t)args[0])};
    tp_extreme_init(tp_ind_part(state, sizeof *s), (size_t)args[0]);
    tp_extreme_init(tp_ind_part(state, s->low), (size_t)args[0]);
}

static void
willr_run(void *state, const struct tp_ind_block *b, double *out)
{
    const struct willr *s = state;

    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double high[TP_IND_SPAN], low[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        tp_extreme_high(tp_ind_part(state, sizeof *s), b->high + at, m, high);
        tp_extreme_low(tp_ind_part(state, s->low), b->low + at, m, low);
        for (size_t i = 0; i < m; i++)
            out[at + i] = -100 * (high[i] - b->close[at + i]) / (high[i] - low[i]);
    }
}

const struct tp_indicator tp_indicator_willr = {
    .name = "willr",
    .help = "Williams' %R, -100 to 0",
    .args = willr_args,
    .needs = TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE,
    .warmup = tp_ind_warmup_window,
    .size = willr_size,
    .init = willr_init,
    .run = willr_run,
};
