/* obv(): sum of the volumes, added where the close rose, taken off where it fell; 0 at the first
 * bar. */
#include "strategy/indicator/block.h"

struct obv {
    double previous, sum;
};

static const struct tp_ind_arg obv_args[] = {{.name = NULL}};

static int64_t
obv_warmup(const double *args)
{
    (void)args;
    return 0;
}

static size_t
obv_size(const double *args)
{
    (void)args;
    return sizeof(struct obv);
}

static void
obv_init(void *state, const double *args)
{
    (void)args;
    *(struct obv *)state = (struct obv){.previous = TP_NA};
}

static void
obv_run(void *state, const struct tp_ind_block *b, double *out)
{
    struct obv s = *(struct obv *)state;

    for (size_t i = 0; i < b->n; i++) {
        if (tp_ind_na(b->close[i] + b->volume[i])) {
            out[i] = TP_NA;
            continue;
        }
        if (b->close[i] > s.previous)
            s.sum += b->volume[i];
        else if (b->close[i] < s.previous)
            s.sum -= b->volume[i];
        s.previous = b->close[i];
        out[i] = s.sum;
    }
    *(struct obv *)state = s;
}

const struct tp_indicator tp_indicator_obv = {
    .name = "obv",
    .help = "on-balance volume, 0 at the first bar",
    .args = obv_args,
    .needs = TP_IND_CLOSE | TP_IND_VOLUME,
    .warmup = obv_warmup,
    .size = obv_size,
    .init = obv_init,
    .run = obv_run,
};
