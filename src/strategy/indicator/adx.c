/*
 * Wilder's directional movement. plus_di(n) = 100 rma(+dm) / rma(tr), minus_di likewise; dx = 100
 * |+di - -di| / (+di + -di), in which the true range cancels out; adx(n) = rma of dx.
 */
#include "strategy/indicator/block.h"
#include "strategy/indicator/smooth.h"

struct adx {
    double high, low, close, spare;
    struct tp_smooth plus, minus, last; /* last: the true range for the di, dx for adx */
};

typedef double pair __attribute__((vector_size(16)));
typedef int64_t mask __attribute__((vector_size(16)));

static const struct tp_ind_arg adx_args[] = {{"n", 1, TP_IND_MAX, 14, true}, {.name = NULL}};

static int64_t
adx_warmup(const double *args)
{
    return 2 * (int64_t)args[0] - 1;
}

static size_t
adx_size(const double *args)
{
    (void)args;
    return sizeof(struct adx);
}

static void
adx_init(void *state, const double *args)
{
    struct adx *s = state;

    *s = (struct adx){.high = TP_NA, .low = TP_NA, .close = TP_NA};
    tp_smooth_rma(&s->plus, (size_t)args[0]);
    tp_smooth_rma(&s->minus, (size_t)args[0]);
    tp_smooth_rma(&s->last, (size_t)args[0]);
}

/* Directional movement of the bars from `at` on: the larger of the two moves outwards, if it is
 * one; na for the first bar. */
static void
movement(struct adx *s, const struct tp_ind_block *b, size_t at, size_t count, double *plus,
         double *minus)
{
    const double *high = b->high + at, *low = b->low + at, *close = b->close + at;
    double last_high = s->high, last_low = s->low;

    for (size_t i = 0; i < count; i++) {
        double up = high[i] - last_high, down = last_low - low[i];

        if (tp_ind_na(up + down + close[i])) {
            plus[i] = minus[i] = TP_NA;
            if (tp_ind_na(high[i] + low[i] + close[i]))
                continue;
        } else {
            /* By masks, because which of the two moves wins is a coin toss for a branch. */
            pair move = {up, down}, other = {down, up}, none = {0, 0};
            mask wins = (move > other) & (move > none);
            pair kept = (pair)((mask)move & wins);

            plus[i] = kept[0];
            minus[i] = kept[1];
        }
        last_high = high[i];
        last_low = low[i];
    }
    s->high = last_high;
    s->low = last_low;
}

static void
adx_run(void *state, const struct tp_ind_block *b, double *out)
{
    struct adx *s = state;

    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double plus[TP_IND_SPAN], minus[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        movement(s, b, at, m, plus, minus);
        tp_smooth_run_two(&s->plus, plus, plus, &s->minus, minus, minus, m);
        for (size_t i = 0; i < m; i++)
            plus[i] = 100 * fabs(plus[i] - minus[i]) / (plus[i] + minus[i]);
        tp_smooth_run(&s->last, plus, m, out + at);
    }
}

static inline void
di_run(struct adx *s, bool up, const struct tp_ind_block *b, double *out)
{
    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double move[TP_IND_SPAN], other[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        movement(s, b, at, m, up ? move : other, up ? other : move);
        tp_smooth_run(&s->plus, move, m, move);
        tp_ind_true_range(&s->close, b, at, m, other);
        tp_smooth_run(&s->last, other, m, other);
        for (size_t i = 0; i < m; i++)
            out[at + i] = 100 * move[i] / other[i];
    }
}

static void
di_run_plus(void *state, const struct tp_ind_block *b, double *out)
{
    di_run(state, true, b, out);
}

static void
di_run_minus(void *state, const struct tp_ind_block *b, double *out)
{
    di_run(state, false, b, out);
}

const struct tp_indicator tp_indicator_adx = {
    .name = "adx",
    .help = "average directional index, Wilder",
    .args = adx_args,
    .needs = TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE,
    .warmup = adx_warmup,
    .size = adx_size,
    .init = adx_init,
    .run = adx_run,
};

const struct tp_indicator tp_indicator_plus_di = {
    .name = "plus_di",
    .help = "upward directional indicator, Wilder",
    .args = adx_args,
    .needs = TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE,
    .warmup = tp_ind_warmup_change,
    .size = adx_size,
    .init = adx_init,
    .run = di_run_plus,
};

const struct tp_indicator tp_indicator_minus_di = {
    .name = "minus_di",
    .help = "downward directional indicator, Wilder",
    .args = adx_args,
    .needs = TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE,
    .warmup = tp_ind_warmup_change,
    .size = adx_size,
    .init = adx_init,
    .run = di_run_minus,
};
