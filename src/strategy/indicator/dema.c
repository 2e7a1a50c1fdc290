/*
 * With e1 = ema(x, n), e2 the average of e1 and e3 that of e2: dema(x, n) = 2 e1 - e2 and tema(x,
 * n) = 3 e1 - 3 e2 + e3. e2 and e3 start with the first value of e1, so that no warm-up is added.
 */
#include "strategy/indicator/block.h"
#include "strategy/indicator/smooth.h"

struct dema {
    struct tp_smooth e[3];
};

static size_t
dema_size(const double *args)
{
    (void)args;
    return sizeof(struct dema);
}

static void
dema_init(void *state, const double *args)
{
    struct dema *s = state;

    tp_smooth_ema(&s->e[0], (size_t)args[0], 0);
    tp_smooth_again(&s->e[1], (size_t)args[0]);
    tp_smooth_again(&s->e[2], (size_t)args[0]);
}

static inline void
dema_run_any(struct dema *s, bool triple, const struct tp_ind_block *b, double *out)
{
    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double e1[TP_IND_SPAN], e2[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        tp_smooth_run(&s->e[0], b->series[0] + at, m, e1);
        tp_smooth_run(&s->e[1], e1, m, e2);
        if (triple) {
            tp_smooth_run(&s->e[2], e2, m, out + at);
            for (size_t i = 0; i < m; i++)
                out[at + i] += 3 * (e1[i] - e2[i]);
        } else {
            for (size_t i = 0; i < m; i++)
                out[at + i] = e1[i] + (e1[i] - e2[i]);
        }
    }
}

static void
dema_run(void *state, const struct tp_ind_block *b, double *out)
{
    dema_run_any(state, false, b, out);
}

static void
tema_run(void *state, const struct tp_ind_block *b, double *out)
{
    dema_run_any(state, true, b, out);
}

const struct tp_indicator tp_indicator_dema = {
    .name = "dema",
    .help = "double exponential moving average",
    .series = 1,
    .args = tp_ind_args_n,
    .warmup = tp_ind_warmup_window,
    .size = dema_size,
    .init = dema_init,
    .run = dema_run,
};

const struct tp_indicator tp_indicator_tema = {
    .name = "tema",
    .help = "triple exponential moving average",
    .series = 1,
    .args = tp_ind_args_n,
    .warmup = tp_ind_warmup_window,
    .size = dema_size,
    .init = dema_init,
    .run = tema_run,
};
