/*
 * Sliding windows in constant time per bar that never subtract what leaves the window.
 *
 * The bars are cut into chunks of n. A window of n bars then is the end of one chunk plus the
 * beginning of the next: sums over all ends of a finished chunk are made once, backwards; the sum
 * over the beginning grows by one bar at a time (van Herk's scheme). Nothing drifts, an outlier
 * leaves no trace once it is out, and na or an infinity spoils exactly the windows that hold it.
 *
 * Sums are over x - anchor, where the anchor is the last bar of the finished chunk, which is itself
 * in every window that the sums are used for. So n equal values have the mean x and the deviation 0
 * exactly, and cancellation is bounded by the spread inside the window, not by the size of the
 * values.
 */
#ifndef TP_STRATEGY_INDICATOR_WINDOW_H
#define TP_STRATEGY_INDICATOR_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

/* Sums over a window of one series. The first n - 1 results are na, as is each window with an na in
 * it. */
struct tp_window;

size_t tp_window_size(size_t n, bool second);
/* `second`: with a second sum beside that of the values (squares or positions), see below. */
void tp_window_init(struct tp_window *w, size_t n, bool second);
/* mean of the last n values; out may be x. */
void tp_window_mean(struct tp_window *w, const double *x, size_t count, double *out);
/* mean and population standard deviation; needs `second`. */
void tp_window_deviation(struct tp_window *w, const double *x, size_t count, double *mean,
                         double *deviation);
/* mean, and the sum over the window of (position - mean position) * value; needs `second`. */
void tp_window_moment(struct tp_window *w, const double *x, size_t count, double *mean,
                      double *moment);

/* Population variances and covariance of the last n pairs. */
struct tp_pair;

size_t tp_pair_size(size_t n);
void tp_pair_init(struct tp_pair *p, size_t n);
void tp_pair_run(struct tp_pair *p, const double *x, const double *y, size_t count, double *vx,
                 double *vy, double *cov);

/* The largest (sign 1) or smallest (sign -1) of the last n values. */
struct tp_extreme;

size_t tp_extreme_size(size_t n);
void tp_extreme_init(struct tp_extreme *e, size_t n);
void tp_extreme_high(struct tp_extreme *e, const double *x, size_t count, double *out);
void tp_extreme_low(struct tp_extreme *e, const double *x, size_t count, double *out);

/* The last n values in one piece, oldest first, for what has to look at each. */
struct tp_history;

size_t tp_history_size(size_t n);
void tp_history_init(struct tp_history *h, size_t n); /* filled with na */
/* Adds x, drops the oldest; what is returned stays valid until the next push. */
const double *tp_history_push(struct tp_history *h, double x);
/* The values without adding one. */
const double *tp_history_values(const struct tp_history *h);

/* The value n bars ago: out[i] = x[i - n], the first n are na; out must not be x. */
struct tp_delay;

size_t tp_delay_size(size_t n);
void tp_delay_init(struct tp_delay *d, size_t n);
void tp_delay_run(struct tp_delay *d, const double *x, size_t count, double *out);

#endif
