/*
 * macd(x, fast, slow, signal) = ema(x, fast) - ema(x, slow); macd_signal = its ema; macd_hist = the
 * difference of the two. Each ema is seeded with the mean of its own first values. The _ta lines
 * are TA-Lib's: the shorter ema starts late, so that the seeds of both end at the same bar.
 */
#include "strategy/indicator/block.h"
#include "strategy/indicator/smooth.h"

struct macd {
    struct tp_smooth fast, slow, signal;
};

enum line { LINE, SIGNAL, HIST };

static const struct tp_ind_arg macd_args[] = {{"fast", 1, TP_IND_MAX, 12, true},
                                              {"slow", 1, TP_IND_MAX, 26, true},
                                              {"signal", 1, TP_IND_MAX, 9, true},
                                              {.name = NULL}};

static int64_t
macd_warmup(const double *args)
{
    return (int64_t)fmax(args[0], args[1]) - 1;
}

static int64_t
macd_warmup_signal(const double *args)
{
    return macd_warmup(args) + (int64_t)args[2] - 1;
}

static size_t
macd_size(const double *args)
{
    (void)args;
    return sizeof(struct macd);
}

static void
macd_init(void *state, const double *args)
{
    struct macd *s = state;

    tp_smooth_ema(&s->fast, (size_t)args[0], 0);
    tp_smooth_ema(&s->slow, (size_t)args[1], 0);
    tp_smooth_ema(&s->signal, (size_t)args[2], 0);
}

static void
macd_init_ta(void *state, const double *args)
{
    struct macd *s = state;
    size_t fast = (size_t)args[0], slow = (size_t)args[1];

    tp_smooth_ema(&s->fast, fast, slow > fast ? slow - fast : 0);
    tp_smooth_ema(&s->slow, slow, fast > slow ? fast - slow : 0);
    tp_smooth_ema(&s->signal, (size_t)args[2], 0);
}

static inline __attribute__((always_inline)) void
macd_run(struct macd *s, enum line line, const struct tp_ind_block *b, double *out)
{
    for (size_t at = 0, m = 0; at < b->n; at += m) {
        const double *x = b->series[0] + at;
        double one[TP_IND_SPAN], other[TP_IND_SPAN]; /* all but the result stays near at hand */

        m = tp_ind_span(b->n, at);
        if (line == LINE) {
            tp_smooth_run_two(&s->fast, x, one, &s->slow, x, other, m);
        } else {
            double *signal = line == SIGNAL ? out + at : other;

            tp_smooth_run_three(&s->fast, &s->slow, &s->signal, x, m, one, signal);
        }
        for (size_t i = 0; i < m && line != SIGNAL; i++)
            out[at + i] = one[i] - other[i];
    }
}

static void
macd_run_line(void *state, const struct tp_ind_block *b, double *out)
{
    macd_run(state, LINE, b, out);
}

static void
macd_run_signal(void *state, const struct tp_ind_block *b, double *out)
{
    macd_run(state, SIGNAL, b, out);
}

static void
macd_run_hist(void *state, const struct tp_ind_block *b, double *out)
{
    macd_run(state, HIST, b, out);
}

const struct tp_indicator tp_indicator_macd = {
    .name = "macd",
    .help = "moving average convergence/divergence: fast ema - slow ema",
    .series = 1,
    .args = macd_args,
    .warmup = macd_warmup,
    .size = macd_size,
    .init = macd_init,
    .run = macd_run_line,
};

const struct tp_indicator tp_indicator_macd_signal = {
    .name = "macd_signal",
    .help = "signal line of macd: its ema",
    .series = 1,
    .args = macd_args,
    .warmup = macd_warmup_signal,
    .size = macd_size,
    .init = macd_init,
    .run = macd_run_signal,
};

const struct tp_indicator tp_indicator_macd_hist = {
    .name = "macd_hist",
    .help = "macd - macd_signal",
    .series = 1,
    .args = macd_args,
    .warmup = macd_warmup_signal,
    .size = macd_size,
    .init = macd_init,
    .run = macd_run_hist,
};

const struct tp_indicator tp_indicator_macd_ta = {
    .name = "macd_ta",
    .help = "macd with both seeds at the slow start, as TA-Lib",
    .series = 1,
    .args = macd_args,
    .warmup = macd_warmup,
    .size = macd_size,
    .init = macd_init_ta,
    .run = macd_run_line,
};

const struct tp_indicator tp_indicator_macd_ta_signal = {
    .name = "macd_ta_signal",
    .help = "signal line of macd_ta: its ema",
    .series = 1,
    .args = macd_args,
    .warmup = macd_warmup_signal,
    .size = macd_size,
    .init = macd_init_ta,
    .run = macd_run_signal,
};

const struct tp_indicator tp_indicator_macd_ta_hist = {
    .name = "macd_ta_hist",
    .help = "macd_ta - macd_ta_signal",
    .series = 1,
    .args = macd_args,
    .warmup = macd_warmup_signal,
    .size = macd_size,
    .init = macd_init_ta,
    .run = macd_run_hist,
};
