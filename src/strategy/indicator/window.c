#include "strategy/indicator/window.h"

#include "strategy/indicator/block.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* data: the chunk so far (n), then per sum the ends of the chunk before (n). `at` counts the bars
 * of this chunk. */
struct tp_window {
    size_t n, at;
    double anchor, first, second;
    double inverse; /* 1 / n */
    double spare[2];
    double data[];
};

struct tp_pair {
    size_t n, at;
    double anchor[2], sum[5];
    double inverse;
    double data[];
};

struct tp_extreme {
    size_t n, at;
    double best;
    size_t clean; /* bars since the last na, at most n */
    double data[];
};

struct tp_history {
    size_t n, at;
    double data[];
};

struct tp_delay {
    size_t n, at;
    double data[];
};

enum sums { SQUARES, POSITIONS };

static void
fill_na(double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = TP_NA;
}

/* Means of so few values are made anew for each bar, from the values before it at the start of
 * `data`. */
enum { FEW = 8 };

size_t
tp_window_size(size_t n, bool second)
{
    return tp_ind_round(sizeof(struct tp_window) + (second ? 3 : 2) * n * sizeof(double));
}

void
tp_window_init(struct tp_window *w, size_t n, bool second)
{
    *w = (struct tp_window){.n = n, .inverse = 1.0 / (double)n};
    fill_na(w->data, (second ? 3 : 2) * n);
}

/* Never below 0: rounding must not make a root of less than nothing. */
static inline double
variance_of(double sum, double squares, double inverse)
{
    double v = (squares - sum * sum * inverse) * inverse;

    return tp_ind_positive(v);
}

/* Both sums side by side, in one register. */
typedef double two __attribute__((vector_size(16)));
typedef long long mask __attribute__((vector_size(16)));

enum { FIRST, SECOND };

static inline two
load_two(const double *at)
{
    two v;

    memcpy(&v, at, sizeof v);
    return v;
}

/* What a value adds to both sums, at position t. */
static inline __attribute__((always_inline)) two
share(enum sums sums, double d, double t)
{
    return (two){d, sums == SQUARES ? d * d : t * d};
}

/* A chunk is full: make the sums over its ends, around its last value, and start the next one. Two
 * values are added at once, so that the additions that wait for each other are half as many. */
static inline __attribute__((always_inline)) void
window_turn(struct tp_window *w, enum sums sums)
{
    size_t n = w->n, i = n;
    double *chunk = w->data, *ends = chunk + n;
    double anchor = chunk[n - 1], t = 0;
    two sum = {0, 0};

    for (; i >= 2; i -= 2, t -= 2) {
        two newer = share(sums, chunk[i - 1] - anchor, t);
        two older = share(sums, chunk[i - 2] - anchor, t - 1); /* positions end at 0 */
        two newest = sum + newer;

        sum += newer + older;
        memcpy(ends + 2 * (i - 1), &newest, sizeof sum);
        memcpy(ends + 2 * (i - 2), &sum, sizeof sum);
    }
    if (i) {
        sum += share(sums, chunk[0] - anchor, t);
        memcpy(ends, &sum, sizeof sum);
    }
    w->anchor = anchor;
    w->first = w->second = 0;
    w->at = 0;
}

/* The same for the sum of the values alone. */
static inline void
window_turn_mean(struct tp_window *w)
{
    size_t n = w->n, i = n;
    double *chunk = w->data, *ends = chunk + n;
    double anchor = chunk[n - 1], sum = 0;

    for (; i >= 2; i -= 2) {
        double newer = chunk[i - 1] - anchor, older = chunk[i - 2] - anchor;

        ends[i - 1] = sum + newer;
        ends[i - 2] = sum += newer + older;
    }
    if (i)
        ends[0] = sum + (chunk[0] - anchor);
    w->anchor = anchor;
    w->first = 0;
    w->at = 0;
}

/* Roots of both, or 0 where rounding left less than nothing; one instruction rounds like the other.
 */
static inline __attribute__((always_inline)) two
roots(two v)
{
    two none = {0, 0};

    v = (two)((mask)v & ~(mask)(none > v));
#ifdef __SSE2__
    return (two)_mm_sqrt_pd((__m128d)v);
#else
    return (two){sqrt(v[0]), sqrt(v[1])};
#endif
}

/* The results of two bars from the sums of their windows, whose newest values are at positions t.
 */
static inline __attribute__((always_inline)) void
window_results(const struct tp_window *w, enum sums sums, two older, two newer, two t,
               double mean[2], double other[2])
{
    two sum = {older[FIRST], newer[FIRST]}, second = {older[SECOND], newer[SECOND]}, result;

    result = w->anchor + sum * w->inverse;
    memcpy(mean, &result, sizeof result);
    if (sums == SQUARES)
        result = roots((second - sum * sum * w->inverse) * w->inverse);
    else
        result = second - (t - (double)(w->n - 1) / 2) * sum;
    memcpy(other, &result, sizeof result);
}

/* The same for one. */
static inline __attribute__((always_inline)) void
window_result(const struct tp_window *w, enum sums sums, two sum, double t, double *mean,
              double *other)
{
    double means[2], others[2];

    window_results(w, sums, sum, sum, (two){t, t}, means, others);
    *mean = means[0];
    *other = others[0];
}

/*
 * One body for the two kinds with two sums; each caller's constant `sums` leaves only its own. Bars
 * are added in pairs, as in window_turn; w->first and w->second are the sums before the pair. A
 * block that ends inside a pair leaves its first bar to be added again by the next.
 */
static inline __attribute__((always_inline)) void
window_run(struct tp_window *w, enum sums sums, const double *x, size_t count, double *mean,
           double *other)
{
    size_t n = w->n;
    double *chunk = w->data, *ends = chunk + n;

    while (count) {
        size_t at = w->at, m = n - 1 - at < count ? n - 1 - at : count, i = 0;
        const struct tp_window now = {.n = n, .anchor = w->anchor, .inverse = w->inverse};
        two sum = {w->first, w->second};
        double t = (double)at + 1;

        memcpy(chunk + at, x, m * sizeof *x);
        if (m && at % 2) {
            sum += share(sums, chunk[at - 1] - now.anchor, t - 1)
                   + share(sums, chunk[at] - now.anchor, t);
            window_result(&now, sums, sum + load_two(ends + 2 * (at + 1)), t, mean, other);
            i = 1;
        }
        for (; i + 2 <= m; i += 2) {
            const double *end = ends + 2 * (at + i + 1);
            double ti = t + (double)i;
            two older = share(sums, chunk[at + i] - now.anchor, ti);
            two newer = share(sums, chunk[at + i + 1] - now.anchor, ti + 1);
            two before = sum + older;

            sum += older + newer;
            window_results(&now, sums, before + load_two(end), sum + load_two(end + 2),
                           (two){ti, ti + 1}, mean + i, other + i);
        }
        if (i < m) {
            double ti = t + (double)i;
            two older = sum + share(sums, chunk[at + i] - now.anchor, ti);

            window_result(&now, sums, older + load_two(ends + 2 * (at + i + 1)), ti, mean + i,
                          other + i);
        }
        w->first = sum[FIRST];
        w->second = sum[SECOND];
        w->at = at + m;
        if (count == m)
            break;

        /* The last bar of a chunk: the window is that chunk. */
        chunk[n - 1] = x[m];
        window_turn(w, sums);
        window_result(w, sums, load_two(ends), 0, mean + m, other + m);
        count -= m + 1;
        x += m + 1;
        mean += m + 1;
        other += m + 1;
    }
}

/* The mean of few values, around the newest. */
static void
few_mean(struct tp_window *w, const double *x, size_t count, double *out)
{
    size_t before = w->n - 1;

    for (size_t at = 0, m = 0; at < count; at += m) {
        double values[FEW + TP_IND_SPAN];

        m = tp_ind_span(count, at);
        memcpy(values, w->data, before * sizeof *values);
        memcpy(values + before, x + at, m * sizeof *values);
        for (size_t i = 0; i < m; i++) {
            double newest = values[before + i], sum = 0;

            for (size_t k = 0; k < before; k++)
                sum += values[i + k] - newest;
            out[at + i] = newest + sum * w->inverse;
        }
        memcpy(w->data, values + m, before * sizeof *values);
    }
}

void
tp_window_mean(struct tp_window *w, const double *x, size_t count, double *out)
{
    size_t n = w->n;
    double *chunk = w->data, *ends = chunk + n, inverse = w->inverse;

    if (n <= FEW) {
        few_mean(w, x, count, out);
        return;
    }
    while (count) {
        size_t at = w->at, m = n - 1 - at < count ? n - 1 - at : count;
        double anchor = w->anchor, sum = w->first;

        memcpy(chunk + at, x, m * sizeof *x);
        for (size_t i = 0; i < m; i++) {
            sum += chunk[at + i] - anchor;
            out[i] = anchor + (sum + ends[at + i + 1]) * inverse;
        }
        w->first = sum;
        w->at = at + m;
        if (count == m)
            break;
        chunk[n - 1] = x[m];
        window_turn_mean(w);
        out[m] = w->anchor + *ends * inverse;
        count -= m + 1;
        x += m + 1;
        out += m + 1;
    }
}

void
tp_window_deviation(struct tp_window *w, const double *x, size_t count, double *mean,
                    double *deviation)
{
    window_run(w, SQUARES, x, count, mean, deviation);
}

void
tp_window_moment(struct tp_window *w, const double *x, size_t count, double *mean, double *moment)
{
    window_run(w, POSITIONS, x, count, mean, moment);
}

enum { PAIR_X, PAIR_Y, PAIR_XX, PAIR_YY, PAIR_XY, PAIR_SUMS };

size_t
tp_pair_size(size_t n)
{
    return tp_ind_round(sizeof(struct tp_pair) + (2 + PAIR_SUMS) * n * sizeof(double));
}

void
tp_pair_init(struct tp_pair *p, size_t n)
{
    *p = (struct tp_pair){.n = n, .inverse = 1.0 / (double)n};
    fill_na(p->data, (2 + PAIR_SUMS) * n);
}

static inline void
pair_add(double sum[PAIR_SUMS], double dx, double dy)
{
    sum[PAIR_X] += dx;
    sum[PAIR_Y] += dy;
    sum[PAIR_XX] += dx * dx;
    sum[PAIR_YY] += dy * dy;
    sum[PAIR_XY] += dx * dy;
}

/* Turns a full chunk as window_turn does. `ends` holds PAIR_SUMS sums for each position. */
static void
pair_turn(struct tp_pair *p)
{
    size_t n = p->n;
    const double *x = p->data, *y = x + n;
    double *ends = p->data + 2 * n, sum[PAIR_SUMS] = {0};

    p->anchor[0] = x[n - 1];
    p->anchor[1] = y[n - 1];
    for (size_t i = n; i-- > 0;) {
        pair_add(sum, x[i] - p->anchor[0], y[i] - p->anchor[1]);
        memcpy(ends + i * PAIR_SUMS, sum, sizeof sum);
    }
    memset(p->sum, 0, sizeof p->sum);
    p->at = 0;
}

void
tp_pair_run(struct tp_pair *p, const double *x, const double *y, size_t count, double *vx,
            double *vy, double *cov)
{
    size_t n = p->n;
    double *ends = p->data + 2 * n, inverse = p->inverse;

    for (size_t i = 0; i < count; i++) {
        double sum[PAIR_SUMS];

        p->data[p->at] = x[i];
        p->data[n + p->at] = y[i];
        if (++p->at < n) {
            pair_add(p->sum, x[i] - p->anchor[0], y[i] - p->anchor[1]);
            for (size_t k = 0; k < PAIR_SUMS; k++)
                sum[k] = p->sum[k] + ends[p->at * PAIR_SUMS + k];
        } else {
            pair_turn(p);
            memcpy(sum, ends, sizeof sum);
        }
        vx[i] = variance_of(sum[PAIR_X], sum[PAIR_XX], inverse);
        vy[i] = variance_of(sum[PAIR_Y], sum[PAIR_YY], inverse);
        cov[i] = (sum[PAIR_XY] - sum[PAIR_X] * sum[PAIR_Y] * inverse) * inverse;
    }
}

size_t
tp_extreme_size(size_t n)
{
    return tp_ind_round(sizeof(struct tp_extreme) + 2 * n * sizeof(double));
}

void
tp_extreme_init(struct tp_extreme *e, size_t n)
{
    *e = (struct tp_extreme){.n = n, .best = -HUGE_VAL};
    for (size_t i = 0; i < 2 * n; i++)
        e->data[i] = -HUGE_VAL;
}

/* In this form one machine instruction; a is never na, and an na b counts as less. */
static inline double
larger(double a, double b)
{
    return b > a ? b : a;
}

/* The smallest is minus the largest of what is turned around, which is exact. */
static inline __attribute__((always_inline)) void
extreme_run(struct tp_extreme *e, bool low, const double *x, size_t count, double *out)
{
    size_t n = e->n, clean = e->clean;
    double *chunk = e->data, *ends = chunk + n;

    while (count) {
        size_t at = e->at, m = n - at < count ? n - at : count;
        double best = e->best;

        for (size_t i = 0; i < m; i++) {
            double value = low ? -x[i] : x[i], top;

            clean = isnan(value) ? 0 : clean + (clean < n);
            value = larger(-HUGE_VAL, value);
            chunk[at + i] = value;
            best = larger(best, value);
            top = at + i + 1 < n ? larger(best, ends[at + i + 1]) : best;
            out[i] = clean < n ? TP_NA : low ? -top : top;
        }
        e->best = best;
        e->at = at + m;
        count -= m;
        x += m;
        out += m;
        if (e->at < n)
            break;
        best = -HUGE_VAL;
        for (size_t i = n; i-- > 0;)
            ends[i] = best = larger(best, chunk[i]);
        e->best = -HUGE_VAL;
        e->at = 0;
    }
    e->clean = clean;
}

void
tp_extreme_high(struct tp_extreme *e, const double *x, size_t count, double *out)
{
    extreme_run(e, false, x, count, out);
}

void
tp_extreme_low(struct tp_extreme *e, const double *x, size_t count, double *out)
{
    extreme_run(e, true, x, count, out);
}

/* Each value is kept twice, n apart, so that the last n always lie in one piece. */
size_t
tp_history_size(size_t n)
{
    return tp_ind_round(sizeof(struct tp_history) + 2 * n * sizeof(double));
}

void
tp_history_init(struct tp_history *h, size_t n)
{
    *h = (struct tp_history){.n = n};
    fill_na(h->data, 2 * n);
}

const double *
tp_history_push(struct tp_history *h, double x)
{
    h->data[h->at] = h->data[h->at + h->n] = x;
    h->at = h->at + 1 < h->n ? h->at + 1 : 0;
    return h->data + h->at;
}

const double *
tp_history_values(const struct tp_history *h)
{
    return h->data + h->at;
}

size_t
tp_delay_size(size_t n)
{
    return tp_ind_round(sizeof(struct tp_delay) + n * sizeof(double));
}

void
tp_delay_init(struct tp_delay *d, size_t n)
{
    *d = (struct tp_delay){.n = n};
    fill_na(d->data, n);
}

void
tp_delay_run(struct tp_delay *d, const double *x, size_t count, double *out)
{
    while (count) {
        size_t m = d->n - d->at < count ? d->n - d->at : count;

        memcpy(out, d->data + d->at, m * sizeof *out);
        memcpy(d->data + d->at, x, m * sizeof *x);
        d->at = d->at + m < d->n ? d->at + m : 0;
        count -= m;
        x += m;
        out += m;
    }
}
