#include "strategy/indicator/window.h"

#include "strategy/indicator/block.h"

#include <string.h>

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
    double spare;
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

enum sums { SUM, SQUARES, POSITIONS };

static void
fill_na(double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = TP_NA;
}

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

/* A chunk is full: make the sums over its ends, around its last value, and start the next one. */
static inline void
window_turn(struct tp_window *w, enum sums sums)
{
    size_t n = w->n;
    double *chunk = w->data, *first = chunk + n, *second = first + n;
    double anchor = chunk[n - 1], a = 0, b = 0;

    for (size_t i = n; i-- > 0;) {
        double d = chunk[i] - anchor;

        a += d;
        first[i] = a;
        if (sums == SQUARES)
            b += d * d;
        if (sums == POSITIONS)
            b -= (double)(n - 1 - i) * d; /* positions end at 0 */
        if (sums != SUM)
            second[i] = b;
    }
    w->anchor = anchor;
    w->first = w->second = 0;
    w->at = 0;
}

static inline double
variance_of(double sum, double squares, double inverse)
{
    double v = (squares - sum * sum * inverse) * inverse;

    return v < 0 ? 0 : v;
}

/* One body for the three kinds of sums; each caller's constant `sums` leaves only its own. */
static inline __attribute__((always_inline)) void
window_run(struct tp_window *w, enum sums sums, const double *x, size_t count, double *mean,
           double *other)
{
    size_t n = w->n;
    double *chunk = w->data;
    double inverse = w->inverse, middle = (double)(n - 1) / 2;

    while (count) {
        size_t at = w->at, m = n - 1 - at < count ? n - 1 - at : count;
        const double *first = chunk + n + at + 1, *second = sums == SUM ? NULL : first + n;
        double anchor = w->anchor, a = w->first, b = w->second;

        memcpy(chunk + at, x, m * sizeof *x);
        for (size_t i = 0; i < m; i++) {
            double d = x[i] - anchor, sum, t = (double)(at + i + 1);

            a += d;
            sum = a + first[i];
            if (sums == SQUARES)
                b += d * d;
            if (sums == POSITIONS)
                b += t * d;
            mean[i] = anchor + sum * inverse;
            if (sums == SQUARES)
                other[i] = variance_of(sum, b + second[i], inverse);
            if (sums == POSITIONS)
                other[i] = b + second[i] - (t - middle) * sum;
        }
        w->first = a;
        w->second = b;
        w->at = at + m;
        count -= m;
        x += m;
        mean += m;
        other = sums == SUM ? other : other + m;
        if (!count)
            break;

        /* The last bar of a chunk: the window is that chunk. */
        chunk[n - 1] = *x++;
        window_turn(w, sums);
        *mean++ = w->anchor + chunk[n] * inverse;
        if (sums == SQUARES)
            *other++ = variance_of(chunk[n], chunk[2 * n], inverse);
        if (sums == POSITIONS)
            *other++ = chunk[2 * n] + middle * chunk[n];
        count--;
    }
}

void
tp_window_mean(struct tp_window *w, const double *x, size_t count, double *out)
{
    window_run(w, SUM, x, count, out, NULL);
}

void
tp_window_variance(struct tp_window *w, const double *x, size_t count, double *mean,
                   double *variance)
{
    window_run(w, SQUARES, x, count, mean, variance);
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
    fill_na(e->data, 2 * n);
}

/* na wins over any number, whichever side it comes from. */
static inline double
larger(double a, double b)
{
    return a >= b || isnan(a) ? a : b;
}

/* The smallest is minus the largest of what is turned around, which is exact. */
static inline __attribute__((always_inline)) void
extreme_run(struct tp_extreme *e, double sign, const double *x, size_t count, double *out)
{
    size_t n = e->n;
    double *chunk = e->data, *ends = chunk + n;

    while (count) {
        size_t at = e->at, m = n - 1 - at < count ? n - 1 - at : count;
        double best = e->best;

        for (size_t i = 0; i < m; i++) {
            double v = sign * x[i];

            chunk[at + i] = v;
            best = larger(best, v);
            out[i] = sign * larger(best, ends[at + i + 1]);
        }
        e->best = best;
        e->at = at + m;
        count -= m;
        x += m;
        out += m;
        if (!count)
            break;

        chunk[n - 1] = sign * *x++;
        best = -HUGE_VAL;
        for (size_t i = n; i-- > 0;)
            ends[i] = best = larger(best, chunk[i]);
        *out++ = sign * best;
        e->best = -HUGE_VAL;
        e->at = 0;
        count--;
    }
}

void
tp_extreme_high(struct tp_extreme *e, const double *x, size_t count, double *out)
{
    extreme_run(e, 1, x, count, out);
}

void
tp_extreme_low(struct tp_extreme *e, const double *x, size_t count, double *out)
{
    extreme_run(e, -1, x, count, out);
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
