#include "strategy/indicator/block.h"

const struct tp_ind_arg tp_ind_args_n[] = {{"n", 1, TP_IND_MAX, TP_NA, true}, {.name = NULL}};

int64_t
tp_ind_warmup_window(const double *args)
{
    return (int64_t)args[0] - 1;
}

int64_t
tp_ind_warmup_change(const double *args)
{
    return (int64_t)args[0];
}

void
tp_ind_true_range(double *previous, const struct tp_ind_block *b, size_t at, size_t count,
                  double *out)
{
    const double *high = b->high + at, *low = b->low + at, *close = b->close + at;
    double last = *previous;

    for (size_t i = 0; i < count; i++) {
        if (tp_ind_na(high[i] + low[i] + close[i])) {
            out[i] = TP_NA;
        } else {
            /* Written so that an unknown previous close gives na. */
            out[i] = (high[i] > last ? high[i] : last) - (low[i] < last ? low[i] : last);
            last = close[i];
        }
    }
    *previous = last;
}
