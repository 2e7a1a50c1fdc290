#include "strategy/indicator/smooth.h"

#include "strategy/indicator/block.h"

_Static_assert(sizeof(struct tp_smooth) % 16 == 0, "a part of a state keeps the next one aligned");

static void
smooth_init(struct tp_smooth *s, double weight, size_t n, size_t skip)
{
    *s = (struct tp_smooth){.n = n, .skip = skip};
    for (int i = 0; i < 4; i++, weight *= 1 - s->weight[0])
        s->weight[i] = weight;
}

void
tp_smooth_ema(struct tp_smooth *s, size_t n, size_t skip)
{
    smooth_init(s, 2 / ((double)n + 1), n, skip);
}

void
tp_smooth_again(struct tp_smooth *s, size_t n)
{
    smooth_init(s, 2 / ((double)n + 1), 1, 0);
}

void
tp_smooth_rma(struct tp_smooth *s, size_t n)
{
    smooth_init(s, 1 / (double)n, n, 0);
}

/* The average at each place of the four. smooth_next and the fast loop below both come here for it.
 */
static inline double
at_place0(const double w[4], double base, const double d[4])
{
    return base + w[0] * d[0];
}

static inline double
at_place1(const double w[4], double base, const double d[4])
{
    return base + (w[1] * d[0] + w[0] * d[1]);
}

static inline double
at_place2(const double w[4], double base, const double d[4])
{
    return base + ((w[2] * d[0] + w[1] * d[1]) + w[0] * d[2]);
}

static inline double
at_place3(const double w[4], double base, const double d[4])
{
    return base + ((w[3] * d[0] + w[2] * d[1]) + (w[1] * d[2] + w[0] * d[3]));
}

/* The sum is around the first value, so that equal values seed with exactly that value. */
static double
smooth_seed(struct tp_smooth *s, double x)
{
    if (s->skip) {
        s->skip--;
        return TP_NA;
    }
    if (!s->seen)
        s->base = x;
    s->sum += x - s->base;
    if (++s->seen < s->n)
        return TP_NA;
    s->last = s->base += s->sum / (double)s->n;
    return s->last;
}

static double
smooth_next(struct tp_smooth *s, double x)
{
    if (!s->bar && s->seen == s->n) {
        s->base = s->last;
        s->used = 0;
    }
    s->bar = (s->bar + 1) % 4;
    if (tp_ind_na(x))
        return TP_NA;
    if (s->seen < s->n)
        return smooth_seed(s, x);
    s->d[s->used++] = x - s->base;
    switch (s->used) {
    case 1:
        s->last = at_place0(s->weight, s->base, s->d);
        break;
    case 2:
        s->last = at_place1(s->weight, s->base, s->d);
        break;
    case 3:
        s->last = at_place2(s->weight, s->base, s->d);
        break;
    default:
        s->last = at_place3(s->weight, s->base, s->d);
        break;
    }
    return s->last;
}

/* Four bars from `base` on, or false if one is na (or in rare cases seems so: the slow way then
 * gives the same). */
static inline __attribute__((always_inline)) bool
smooth_four(const double w[4], double *base, const double *x, double *out)
{
    double e = *base, d[4] = {x[0] - e, x[1] - e, x[2] - e, x[3] - e};

    if (tp_ind_na((d[0] + d[1]) + (d[2] + d[3])))
        return false;
    out[0] = at_place0(w, e, d);
    out[1] = at_place1(w, e, d);
    out[2] = at_place2(w, e, d);
    out[3] = *base = at_place3(w, e, d);
    return true;
}

void
tp_smooth_run(struct tp_smooth *s, const double *x, size_t count, double *out)
{
    const double w[4] = {s->weight[0], s->weight[1], s->weight[2], s->weight[3]};
    size_t i = 0;

    while (i < count) {
        if (!s->bar && s->seen == s->n) {
            double last = s->last;

            while (count - i >= 4 && smooth_four(w, &last, x + i, out + i))
                i += 4;
            s->last = last;
        }
        /* The rest, or four with an na among them. */
        for (size_t end = i + 4 - s->bar; i < end && i < count; i++)
            out[i] = smooth_next(s, x[i]);
    }
}

/* The same for two averages side by side: each operation works on a pair, in the order of
 * smooth_four. */
typedef double two __attribute__((vector_size(16)));

static inline __attribute__((always_inline)) bool
smooth_four_two(const two w[4], two *base, const double *x, const double *y, double *out,
                double *out_y)
{
    two e = *base, place0, place1, place2, place3;
    two d0 = (two){x[0], y[0]} - e, d1 = (two){x[1], y[1]} - e;
    two d2 = (two){x[2], y[2]} - e, d3 = (two){x[3], y[3]} - e;
    two sum = (d0 + d1) + (d2 + d3);

    if (tp_ind_na(sum[0]) || tp_ind_na(sum[1]))
        return false;
    place0 = e + w[0] * d0;
    place1 = e + (w[1] * d0 + w[0] * d1);
    place2 = e + ((w[2] * d0 + w[1] * d1) + w[0] * d2);
    place3 = e + ((w[3] * d0 + w[2] * d1) + (w[1] * d2 + w[0] * d3));
    out[0] = place0[0];
    out[1] = place1[0];
    out[2] = place2[0];
    out[3] = place3[0];
    out_y[0] = place0[1];
    out_y[1] = place1[1];
    out_y[2] = place2[1];
    out_y[3] = place3[1];
    *base = place3;
    return true;
}

void
tp_smooth_run_two(struct tp_smooth *s, const double *x, double *out, struct tp_smooth *t,
                  const double *y, double *out_y, size_t count)
{
    two w[4];
    size_t i = 0;

    for (int k = 0; k < 4; k++)
        w[k] = (two){s->weight[k], t->weight[k]};
    while (i < count) {
        if (!s->bar && s->seen == s->n && t->seen == t->n) {
            two last = {s->last, t->last};

            while (count - i >= 4 && smooth_four_two(w, &last, x + i, y + i, out + i, out_y + i))
                i += 4;
            s->last = last[0];
            t->last = last[1];
        }
        for (size_t end = i + 4 - s->bar; i < end && i < count; i++) {
            double xi = x[i], yi = y[i];

            out[i] = smooth_next(s, xi);
            out_y[i] = smooth_next(t, yi);
        }
    }
}
