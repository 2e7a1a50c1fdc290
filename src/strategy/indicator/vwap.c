/* vwap_day(): sum(t * volume) / sum(volume) since the start of the UTC day, t = (high + low +
 * close) / 3; na without volume. */
#include "base/time.h"
#include "strategy/indicator/block.h"

struct vwap {
    double value, volume;
    int64_t day, spare;
};

static const struct tp_ind_arg vwap_args[] = {{.name = NULL}};

static int64_t
vwap_warmup(const double *args)
{
    (void)args;
    return 0;
}

static size_t
vwap_size(const double *args)
{
    (void)args;
    return sizeof(struct vwap);
}

static void
vwap_init(void *state, const double *args)
{
    (void)args;
    *(struct vwap *)state = (struct vwap){.day = INT64_MIN};
}

/* The day a bar belongs to is that of the microsecond before its close. */
static int64_t
day_of(int64_t close_time)
{
    const int64_t day = TP_US_DAY;
    int64_t t = close_time - 1;

    return t / day - (t % day < 0);
}

static void
vwap_run(void *state, const struct tp_ind_block *b, double *out)
{
    struct vwap s = *(struct vwap *)state;

    for (size_t i = 0; i < b->n; i++) {
        int64_t day = day_of(b->close_time[i]);
        double value = tp_ind_typical(b, i) * b->volume[i];

        if (day != s.day)
            s = (struct vwap){.day = day};
        if (tp_ind_na(value)) {
            out[i] = TP_NA;
            continue;
        }
        s.value += value;
        s.volume += b->volume[i];
        out[i] = s.volume > 0 ? s.value / s.volume : TP_NA;
    }
    *(struct vwap *)state = s;
}

const struct tp_indicator tp_indicator_vwap_day = {
    .name = "vwap_day",
    .help = "volume-weighted average price since the start of the utc day",
    .args = vwap_args,
    .needs = TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE | TP_IND_VOLUME | TP_IND_TIME,
    .warmup = vwap_warmup,
    .size = vwap_size,
    .init = vwap_init,
    .run = vwap_run,
};
