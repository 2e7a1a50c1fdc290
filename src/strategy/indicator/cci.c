/* cci(n) = (t - mean) / (0.015 * mean absolute deviation from that mean), t = (high + low + close)
 * / 3, over n bars. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

struct cci {
    size_t n, history; /* window, offset of its values */
};

static const struct tp_ind_arg cci_args[] = {{"n", 1, TP_IND_SLOW_MAX, 20, true}, {.name = NULL}};

static size_t
cci_size(const double *args)
{
    size_t n = (size_t)args[0];

    return sizeof(struct cci) + tp_window_size(n, false) + tp_history_size(n);
}

static void
cci_init(void *state, const double *args)
{
    struct cci *s = state;

    s->n = (size_t)args[0];
    s->history = sizeof *s + tp_window_size(s->n, false);
    tp_window_init(tp_ind_part(state, sizeof *s), s->n, false);
    tp_history_init(tp_ind_part(state, s->history), s->n);
}

/* Sum of |x - mean|; four sums, so that no addition waits for the one before. */
static double
deviation(const double *x, size_t n, double mean)
{
    double sum[4] = {0};
    size_t i = 0;

    for (; i + 4 <= n; i += 4)
        for (size_t k = 0; k < 4; k++)
            sum[k] += fabs(x[i + k] - mean);
    for (; i < n; i++)
        sum[0] += fabs(x[i] - mean);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void
cci_run(void *state, const struct tp_ind_block *b, double *out)
{
    const struct cci *s = state;

    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double price[TP_IND_SPAN], mean[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        for (size_t i = 0; i < m; i++)
            price[i] = tp_ind_typical(b, at + i);
        tp_window_mean(tp_ind_part(state, sizeof *s), price, m, mean);
        for (size_t i = 0; i < m; i++) {
            const double *x = tp_history_push(tp_ind_part(state, s->history), price[i]);
            double d = deviation(x, s->n, mean[i]) / (double)s->n;

            out[at + i] = d > 0 ? (price[i] - mean[i]) / (0.015 * d) : TP_NA;
        }
    }
}

const struct tp_indicator tp_indicator_cci = {
    .name = "cci",
    .help = "commodity channel index",
    .args = cci_args,
    .needs = TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE,
    .warmup = tp_ind_warmup_window,
    .size = cci_size,
    .init = cci_init,
    .run = cci_run,
};
