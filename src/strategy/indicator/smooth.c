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
smooth_four_two(const two w[4], two base, const double *x, const double *y, two place[4])
{
    two d0 = (two){x[0], y[0]} - base, d1 = (two){x[1], y[1]} - base;
    two d2 = (two){x[2], y[2]} - base, d3 = (two){x[3], y[3]} - base;
    two sum = (d0 + d1) + (d2 + d3);

    if (tp_ind_na(sum[0]) || tp_ind_na(sum[1]))
        return false;
    place[0] = base + w[0] * d0;
    place[1] = base + (w[1] * d0 + w[0] * d1);
    place[2] = base + ((w[2] * d0 + w[1] * d1) + w[0] * d2);
    place[3] = base + ((w[3] * d0 + w[2] * d1) + (w[1] * d2 + w[0] * d3));
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

            for (two place[4]; count - i >= 4 && smooth_four_two(w, last, x + i, y + i, place);
                 i += 4) {
                for (size_t k = 0; k < 4; k++) {
                    out[i + k] = place[k][0];
                    out_y[i + k] = place[k][1];
                }
                last = place[3];
            }
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

/* Four of all three, or false when one is na; nothing is changed then. */
static inline __attribute__((always_inline)) bool
smooth_four_three(const two w[4], const double w_third[4], two *last, double *last_third,
                  const double *x, double *difference, double *out)
{
    two place[4];

    if (!smooth_four_two(w, *last, x, x, place))
        return false;
    for (size_t k = 0; k < 4; k++)
        difference[k] = place[k][0] - place[k][1];
    if (!smooth_four(w_third, last_third, difference, out))
        return false;
    *last = place[3];
    return true;
}

void
tp_smooth_run_three(struct tp_smooth *s, struct tp_smooth *t, struct tp_smooth *third,
                    const double *x, size_t count, double *difference, double *out)
{
    const double w_third[4] = {third->weight[0], third->weight[1], third->weight[2],
                               third->weight[3]};
    two w[4];
    size_t i = 0;

    for (int k = 0; k < 4; k++)
        w[k] = (two){s->weight[k], t->weight[k]};
    while (i < count) {
        if (!s->bar && s->seen == s->n && t->seen == t->n && third->seen == third->n) {
            two last = {s->last, t->last};
            double last_third = third->last;

            while (count - i >= 4
                   && smooth_four_three(w, w_third, &last, &last_third, x + i, difference + i,
                                        out + i))
                i += 4;
            s->last = last[0];
            t->last = last[1];
            third->last = last_third;
        }
        for (size_t end = i + 4 - s->bar; i < end && i < count; i++) {
            double first = smooth_next(s, x[i]);

            difference[i] = first - smooth_next(t, x[i]);
            out[i] = smooth_next(third, difference[i]);
        }
    }
}
