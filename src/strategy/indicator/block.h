/* Small helpers shared by the indicators: spans of a block, layout of a state, na. */
#ifndef TP_STRATEGY_INDICATOR_BLOCK_H
#define TP_STRATEGY_INDICATOR_BLOCK_H

#include "strategy/indicator/indicator.h"

#include <math.h>

/* The constant NAN is a float. */
#define TP_NA ((double)NAN)

/* Blocks are worked on in spans of this many bars, so that the values between two stages of an
 * indicator stay in the first-level cache and on the stack. Results do not depend on it. */
#define TP_IND_SPAN ((size_t)256)

/* Largest window. Where each bar costs the whole window (cci, percentrank) it is TP_IND_SLOW_MAX.
 */
#define TP_IND_MAX 1e6
#define TP_IND_SLOW_MAX 1e4

/* What many indicators share: one required window n; na for n - 1 bars, or for n. */
extern const struct tp_ind_arg tp_ind_args_n[];

int64_t tp_ind_warmup_window(const double *args);
int64_t tp_ind_warmup_change(const double *args);

static inline size_t
tp_ind_span(size_t n, size_t at)
{
    return n - at < TP_IND_SPAN ? n - at : TP_IND_SPAN;
}

/* Bytes of a part of a state, so that the next part stays 16-aligned. */
static inline size_t
tp_ind_round(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

/* The part of a state that starts `offset` bytes in. Offsets, unlike pointers, survive a copy of
 * the state. */
static inline void *
tp_ind_part(void *state, size_t offset)
{
    return (char *)state + offset;
}

/* Not a number at all, or an infinite one: recursive indicators pass over it, for it would never
 * leave them. */
static inline bool
tp_ind_na(double x)
{
    return !(fabs(x) <= __DBL_MAX__);
}

/* max(x, 0) without a branch; na stays na. */
static inline double
tp_ind_positive(double x)
{
    return 0 > x ? 0 : x;
}

static inline double
tp_ind_typical(const struct tp_ind_block *b, size_t i)
{
    return (b->high[i] + b->low[i] + b->close[i]) / 3;
}

/* Wilder's true range of the bars from `at` on: max(high, previous close) - min(low, previous
 * close), na for the first bar. *previous starts as na and is the close of the last complete bar.
 */
void tp_ind_true_range(double *previous, const struct tp_ind_block *b, size_t at, size_t count,
                       double *out);

#endif
