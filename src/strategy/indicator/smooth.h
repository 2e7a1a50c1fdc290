/*
 * Exponential smoothing: one core for ema (weight 2/(n+1)) and for Wilder's average rma (weight
 * 1/n).
 *
 * Seeded with the mean of the first n values: na before the n-th. Then e += weight * (x - e),
 * worked out four bars at a time from the value before the four, which shortens the chain of
 * dependent operations from twelve to five; the place inside the four is that of the bar since the
 * start and part of the state, so the operations of a bar never depend on the block. Equal values
 * give that value exactly. na in the input gives na and leaves the average as it is.
 */
#ifndef TP_STRATEGY_INDICATOR_SMOOTH_H
#define TP_STRATEGY_INDICATOR_SMOOTH_H

#include <stddef.h>

/* A plain value of 16 n bytes: it can be a member of a state and be copied. */
struct tp_smooth {
    double weight[4]; /* w (1-w)^k */
    double d[4];      /* value - base, of the values in these four bars */
    double base;      /* the average before them */
    double last;      /* the average now */
    double sum;       /* while seeding: sum of value - base */
    size_t n, skip;   /* values in the seed; values to let pass before it */
    size_t seen;      /* values in the seed so far, n when it is done */
    size_t bar, used; /* place in the four; how many of d are filled */
};

/* weight 2/(n+1); the first `skip` values are passed over before the seed. */
void tp_smooth_ema(struct tp_smooth *s, size_t n, size_t skip);
/* weight 2/(n+1), seeded with the first value alone: for the average of an average. */
void tp_smooth_again(struct tp_smooth *s, size_t n);
/* weight 1/n */
void tp_smooth_rma(struct tp_smooth *s, size_t n);
/* out may be x. */
void tp_smooth_run(struct tp_smooth *s, const double *x, size_t count, double *out);
/* Two at once, which takes little longer than one; both must have been started at the same bar. */
void tp_smooth_run_two(struct tp_smooth *s, const double *x, double *out, struct tp_smooth *t,
                       const double *y, double *out_y, size_t count);
/* Two of x, their difference, and the third of that difference, which waits for neither: while it is
 * worked out the two are on the next bars.  All three must have been started at the same bar. */
void tp_smooth_run_three(struct tp_smooth *s, struct tp_smooth *t, struct tp_smooth *third,
                         const double *x, size_t count, double *difference, double *out);

#endif
