/* percentrank(x, n): how many of the n values before x are at most x, in percent. */
#include "strategy/indicator/block.h"
#include "strategy/indicator/window.h"

struct percentrank {
    size_t n;
    size_t clean; /* values since the last na, at most n */
};

static const struct tp_ind_arg percentrank_args[] = {{"n", 1, TP_IND_SLOW_MAX, TP_NA, true},
                                                     {.name = NULL}};

static size_t
percentrank_size(const double *args)
{
    return sizeof(struct percentrank) + tp_history_size((size_t)args[0]);
}

static void
percentrank_init(void *state, const double *args)
{
    struct percentrank *s = state;

    *s = (struct percentrank){.n = (size_t)args[0]};
    tp_history_init(tp_ind_part(state, sizeof *s), s->n);
}

static size_t
count_at_most(const double *x, size_t n, double limit)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += x[i] <= limit;
    return count;
}

static void
percentrank_run(void *state, const struct tp_ind_block *b, double *out)
{
    struct percentrank *s = state;
    struct tp_history *history = tp_ind_part(state, sizeof *s);

    for (size_t i = 0; i < b->n; i++) {
        double x = b->series[0][i];

        out[i] = TP_NA;
        if (isnan(x)) {
            s->clean = 0;
        } else if (s->clean < s->n) {
            s->clean++;
        } else {
            size_t below = count_at_most(tp_history_values(history), s->n, x);

            out[i] = 100 * (double)below / (double)s->n;
        }
        tp_history_push(history, x);
    }
}

const struct tp_indicator tp_indicator_percentrank = {
    .name = "percentrank",
    .help = "share of the n values before that are at most the current one, 0 to 100",
    .series = 1,
    .args = percentrank_args,
    .warmup = tp_ind_warmup_change,
    .size = percentrank_size,
    .init = percentrank_init,
    .run = percentrank_run,
};
