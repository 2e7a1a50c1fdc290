/* donchian_up(n), donchian_low(n): highest high and lowest low of the n bars before the current
 * one, so that a close can break out of the channel. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

struct donchian {
    double previous, spare;
};

static const struct tp_ind_arg donchian_args[] = {{"n", 1, TP_IND_MAX, 20, true}, {.name = NULL}};

static size_t
donchian_size(const double *args)
{
    return sizeof(struct donchian) + tp_extreme_size((size_t)args[0]);
}

static void
donchian_init(void *state, const double *args)
{
    *(struct donchian *)state = (struct donchian){.previous = TP_NA};
    tp_extreme_init(tp_ind_part(state, sizeof(struct donchian)), (size_t)args[0]);
}

static inline void
donchian_run(struct donchian *s, bool up, const struct tp_ind_block *b, double *out)
{
    struct tp_extreme *channel = tp_ind_part(s, sizeof *s);

    for (size_t at = 0, m = 0; at < b->n; at += m) {
        double edge[TP_IND_SPAN];

        m = tp_ind_span(b->n, at);
        if (up)
            tp_extreme_high(channel, b->high + at, m, edge);
        else
            tp_extreme_low(channel, b->low + at, m, edge);
        out[at] = s->previous;
        for (size_t i = 1; i < m; i++)
            out[at + i] = edge[i - 1];
        s->previous = edge[m - 1];
    }
}

static void
donchian_run_up(void *state, const struct tp_ind_block *b, double *out)
{
    donchian_run(state, true, b, out);
}

static void
donchian_run_low(void *state, const struct tp_ind_block *b, double *out)
{
    donchian_run(state, false, b, out);
}

const struct tp_indicator tp_indicator_donchian_up = {
    .name = "donchian_up",
    .help = "highest high of the n bars before the current one",
    .args = donchian_args,
    .needs = TP_IND_HIGH,
    .warmup = tp_ind_warmup_change,
    .size = donchian_size,
    .init = donchian_init,
    .run = donchian_run_up,
};

const struct tp_indicator tp_indicator_donchian_low = {
    .name = "donchian_low",
    .help = "lowest low of the n bars before the current one",
    .args = donchian_args,
    .needs = TP_IND_LOW,
    .warmup = tp_ind_warmup_change,
    .size = donchian_size,
    .init = donchian_init,
    .run = donchian_run_low,
};
