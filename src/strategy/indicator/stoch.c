/* stoch_k(n, k, d) = sma over k of 100 (close - lowest low) / (highest high - lowest low) over n;
 * stoch_d = its sma over d. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

struct stoch {
    size_t low, k, d, spare; /* offsets */
};

static const struct tp_ind_arg stoch_args[] = {{"n", 1, TP_IND_MAX, 14, true},
                                               {"k", 1, TP_IND_MAX, 3, true},
                                               {"d", 1, TP_IND_MAX, 3, true},
                                               {.name = NULL}};

static int64_t
stoch_warmup_k(const double *args)
{
    return (int64_t)(args[0] + args[1]) - 2;
}

static int64_t
stoch_warmup_d(const double *args)
{
    return (int64_t)(args[0] + args[1] + args[2]) - 3;
}

static struct stoch
stoch_layout(const double *args)
{
    struct stoch s = {.low = sizeof s + tp_extreme_size((size_t)args[0])};

    s.k = s.low + tp_extreme_size((size_t)args[0]);
    s.d = s.k + tp_window_size((size_t)args[1], false);
    return s;
}

static size_t
stoch_size(const double *args)
{
    return stoch_layout(args).d + tp_window_size((size_t)args[2], false);
}

static void
stoch_init(void *state, const double *args)
{
    struct stoch s = stoch_layout(args);

    *(struct stoch *)state = s;
    tp_extreme_init(tp_ind_part(state, sizeof s), (size_t)args[0]);
    tp_extreme_init(tp_ind_part(state, s.low), (size_t)args[0]);
    tp_window_init(tp_ind_part(state, s.k), (size_t)args[1], false);
    tp_window_init(tp_ind_part(state, s.d), (size_t)args[2], false);
}

static inline void
stoch_run(void *state, bool signal, const struct tp_ind_block *b, double *out)
{
    const struct stoch *s = state;

    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double high[TP_IND_SPAN], low[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        tp_extreme_high(tp_ind_part(state, sizeof *s), b->high + at, m, high);
        tp_extreme_low(tp_ind_part(state, s->low), b->low + at, m, low);
        for (size_t i = 0; i < m; i++)
            high[i] = 100 * (b->close[at + i] - low[i]) / (high[i] - low[i]);
        tp_window_mean(tp_ind_part(state, s->k), high, m, out + at);
        if (signal)
            tp_window_mean(tp_ind_part(state, s->d), out + at, m, out + at);
    }
}

static void
stoch_run_k(void *state, const struct tp_ind_block *b, double *out)
{
    stoch_run(state, false, b, out);
}

static void
stoch_run_d(void *state, const struct tp_ind_block *b, double *out)
{
    stoch_run(state, true, b, out);
}

const struct tp_indicator tp_indicator_stoch_k = {
    .name = "stoch_k",
    .help = "slow stochastic: place of the close in the range of n bars, sma over k",
    .args = stoch_args,
    .needs = TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE,
    .warmup = stoch_warmup_k,
    .size = stoch_size,
    .init = stoch_init,
    .run = stoch_run_k,
};

const struct tp_indicator tp_indicator_stoch_d = {
    .name = "stoch_d",
    .help = "signal line of stoch_k: its sma over d",
    .args = stoch_args,
    .needs = TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE,
    .warmup = stoch_warmup_d,
    .size = stoch_size,
    .init = stoch_init,
    .run = stoch_run_d,
};
