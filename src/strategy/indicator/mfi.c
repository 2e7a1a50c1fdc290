/* mfi(n) = 100 p / (p + q): p the money flow t * volume of the bars whose t = (high + low + close)
 * / 3 rose, q of those whose t fell, over n bars; na where there was neither. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

struct mfi {
    double previous;
    size_t fall; /* offset */
};

static const struct tp_ind_arg mfi_args[] = {{"n", 1, TP_IND_MAX, 14, true}, {.name = NULL}};

static size_t
mfi_size(const double *args)
{
    return sizeof(struct mfi) + 2 * tp_window_size((size_t)args[0], false);
}

static void
mfi_init(void *state, const double *args)
{
    struct mfi *s = state;

    *s =
        (struct mfi){.previous = TP_NA, .fall = sizeof *s + tp_window_size((size_t)args[0], false)};
    tp_window_init(tp_ind_part(state, sizeof *s), (size_t)args[0], false);
    tp_window_init(tp_ind_part(state, s->fall), (size_t)args[0], false);
}

static void
mfi_run(void *state, const struct tp_ind_block *b, double *out)
{
    struct mfi *s = state;

    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double rise[TP_IND_SPAN], fall[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        for (size_t i = 0; i < m; i++) {
            double price = tp_ind_typical(b, at + i), flow = price * b->volume[at + i];
            bool na = tp_ind_na(flow) || isnan(s->previous);

            rise[i] = na ? TP_NA : price > s->previous ? flow : 0;
            fall[i] = na ? TP_NA : price < s->previous ? flow : 0;
            s->previous = tp_ind_na(flow) ? s->previous : price;
        }
        tp_window_mean(tp_ind_part(state, sizeof *s), rise, m, rise);
        tp_window_mean(tp_ind_part(state, s->fall), fall, m, fall);
        for (size_t i = 0; i < m; i++)
            out[at + i] = 100 * rise[i] / (rise[i] + fall[i]);
    }
}

const struct tp_indicator tp_indicator_mfi = {
    .name = "mfi",
    .help = "money flow index",
    .args = mfi_args,
    .needs = TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE | TP_IND_VOLUME,
    .warmup = tp_ind_warmup_change,
    .size = mfi_size,
    .init = mfi_init,
    .run = mfi_run,
};
