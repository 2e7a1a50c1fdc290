/* tr() = max(high, close[1]) - min(low, close[1]); atr(n) = rma of tr. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/smooth.h"

struct atr {
    double previous, spare;
    struct tp_smooth range;
};

static const struct tp_ind_arg tr_args[] = {{.name = NULL}};

static int64_t
tr_warmup(const double *args)
{
    (void)args;
    return 1;
}

static size_t
tr_size(const double *args)
{
    (void)args;
    return 16;
}

static void
tr_init(void *state, const double *args)
{
    (void)args;
    *(double *)state = TP_NA;
}

static void
tr_run(void *state, const struct tp_ind_block *b, double *out)
{
    tp_ind_true_range(state, b, 0, b->n, out);
}

static size_t
atr_size(const double *args)
{
    (void)args;
    return sizeof(struct atr);
}

static void
atr_init(void *state, const double *args)
{
    struct atr *s = state;

    *s = (struct atr){.previous = TP_NA};
    tp_smooth_rma(&s->range, (size_t)args[0]);
}

static void
atr_run(void *state, const struct tp_ind_block *b, double *out)
{
    struct atr *s = state;

    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double range[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        tp_ind_true_range(&s->previous, b, at, m, range);
        tp_smooth_run(&s->range, range, m, out + at);
    }
}

const struct tp_indicator tp_indicator_tr = {
    .name = "tr",
    .help = "true range",
    .args = tr_args,
    .needs = TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE,
    .warmup = tr_warmup,
    .size = tr_size,
    .init = tr_init,
    .run = tr_run,
};

const struct tp_indicator tp_indicator_atr = {
    .name = "atr",
    .help = "average true range, Wilder",
    .args = tp_ind_args_n,
    .needs = TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE,
    .warmup = tp_ind_warmup_change,
    .size = atr_size,
    .init = atr_init,
    .run = atr_run,
};
