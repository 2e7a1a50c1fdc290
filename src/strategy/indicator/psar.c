/*
 * psar(step, max): Wilder's stop and reverse. It moves towards the extreme of the trend by a share
 * that grows by `step` with each new extreme up to `max`, never past the two lows (highs) before;
 * when the price passes it, it starts again from the extreme. The first trend is taken as rising
 * from the first low, a guess until the first reversal.
 */
#include "strategy/indicator/block.h"

struct psar {
    double step, max;
    double stop, extreme, share;
    double high[2], low[2]; /* of the bar before and the one before that */
    int64_t rising;
};

static const struct tp_ind_arg psar_args[] = {
    {"step", 0, 1, 0.02, false}, {"max", 0, 1, 0.2, false}, {.name = NULL}};

static int64_t
psar_warmup(const double *args)
{
    (void)args;
    return 1;
}

static size_t
psar_size(const double *args)
{
    (void)args;
    return tp_ind_round(sizeof(struct psar));
}

static void
psar_init(void *state, const double *args)
{
    *(struct psar *)state = (struct psar){.step = args[0], .max = args[1], .stop = TP_NA};
}

/* The falling case is the rising one upside down: sign is -1 and low and high change places. */
static void
psar_next(struct psar *s, double high, double low)
{
    double sign = s->rising ? 1 : -1;
    double near = sign * (s->rising ? low : high), far = sign * (s->rising ? high : low);
    double stop = sign * s->stop + s->share * (sign * s->extreme - sign * s->stop);

    for (int i = 0; i < 2; i++)
        stop = fmin(stop, sign * (s->rising ? s->low[i] : s->high[i]));
    if (near < stop) {
        stop = sign * s->extreme;
        s->rising = !s->rising;
        s->extreme = sign * near;
        s->share = s->step;
    } else if (far > sign * s->extreme) {
        s->extreme = sign * far;
        s->share = fmin(s->share + s->step, s->max);
    }
    s->stop = sign * stop;
}

static void
psar_run(void *state, const struct tp_ind_block *b, double *out)
{
    struct psar s = *(struct psar *)state;

    for (size_t i = 0; i < b->n; i++) {
        double high = b->high[i], low = b->low[i];

        out[i] = TP_NA;
        if (tp_ind_na(high + low))
            continue;
        if (isnan(s.stop)) {
            s.rising = 1;
            s.stop = low;
            s.extreme = high;
            s.share = s.step;
            /* No bar before the first: nothing to stay outside of. */
            s.high[0] = s.high[1] = high;
            s.low[0] = s.low[1] = low;
            continue;
        }
        psar_next(&s, high, low);
        out[i] = s.stop;
        s.high[1] = s.high[0];
        s.low[1] = s.low[0];
        s.high[0] = high;
        s.low[0] = low;
    }
    *(struct psar *)state = s;
}

const struct tp_indicator tp_indicator_psar = {
    .name = "psar",
    .help = "parabolic stop and reverse, Wilder",
    .args = psar_args,
    .needs = TP_IND_HIGH | TP_IND_LOW,
    .warmup = psar_warmup,
    .size = psar_size,
    .init = psar_init,
    .run = psar_run,
};
