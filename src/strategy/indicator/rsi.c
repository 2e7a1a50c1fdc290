/* rsi(x, n) = 100 g / (g + l) with the rma of the gains g and of the losses l; na while there was
 * neither. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/smooth.h"

struct rsi {
    double previous, spare;
    struct tp_smooth gain, loss;
};

static size_t
rsi_size(const double *args)
{
    (void)args;
    return sizeof(struct rsi);
}

static void
rsi_init(void *state, const double *args)
{
    struct rsi *s = state;

    *s = (struct rsi){.previous = TP_NA};
    tp_smooth_rma(&s->gain, (size_t)args[0]);
    tp_smooth_rma(&s->loss, (size_t)args[0]);
}

static void
rsi_run(void *state, const struct tp_ind_block *b, double *out)
{
    struct rsi *s = state;

    for (size_t at = 0, m = 0; at < b->n; at += m) {
        const double *x = b->series[0] + at;
        double gain[TP_IND_SPAN], loss[TP_IND_SPAN], previous = s->previous;

        m = tp_ind_span(b->n, at);
        for (size_t i = 0; i < m; i++) {
            double change = x[i] - previous;

            gain[i] = tp_ind_positive(change);
            loss[i] = gain[i] - change;
            previous = tp_ind_na(x[i]) ? previous : x[i];
        }
        s->previous = previous;
        tp_smooth_run_two(&s->gain, gain, gain, &s->loss, loss, loss, m);
        for (size_t i = 0; i < m; i++)
            out[at + i] = 100 * gain[i] / (gain[i] + loss[i]);
    }
}

const struct tp_indicator tp_indicator_rsi = {
    .name = "rsi",
    .help = "relative strength index, Wilder",
    .series = 1,
    .args = tp_ind_args_n,
    .warmup = tp_ind_warmup_change,
    .size = rsi_size,
    .init = rsi_init,
    .run = rsi_run,
};
