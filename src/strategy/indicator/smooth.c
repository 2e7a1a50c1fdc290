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
place0(const double w[4], double base, const double d[4])
{
    return base + w[0] * d[0];
}

static inline double
place1(const double w[4], double base, const double d[4])
{
    return base + (w[1] * d[0] + w[0] * d[1]);
}

static inline double
place2(const double w[4], double base, const double d[4])
{
    return base + ((w[2] * d[0] + w[1] * d[1]) + w[0] * d[2]);
}

static inline double
place3(const double w[4], double base, const double d[4])
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
    s->base += s->sum / (double)s->n;
    return s->base;
}

static double
smooth_next(struct tp_smooth *s, double x)
{
    double out;

    if (tp_ind_na(x))
        return TP_NA;
    if (s->seen < s->n)
        return smooth_seed(s, x);
    s->d[s->at] = x - s->base;
    switch (s->at++) {
    case 0:
        return place0(s->weight, s->base, s->d);
    case 1:
        return place1(s->weight, s->base, s->d);
    case 2:
        return place2(s->weight, s->base, s->d);
    default:
        out = place3(s->weight, s->base, s->d);
        s->base = out;
        s->at = 0;
        return out;
    }
}

void
tp_smooth_run(struct tp_smooth *s, const double *x, size_t count, double *out)
{
    const double w[4] = {s->weight[0], s->weight[1], s->weight[2], s->weight[3]};
    size_t i = 0;

    while (i < count) {
        double base = s->base;

        if (s->at || s->seen < s->n || count - i < 4) {
            out[i] = smooth_next(s, x[i]);
            i++;
            continue;
        }
        for (; count - i >= 4; i += 4) {
            double d[4] = {x[i] - base, x[i + 1] - base, x[i + 2] - base, x[i + 3] - base};

            /* na if one is na; a rare false alarm (an overflow) only takes the slow way. */
            if (tp_ind_na((d[0] + d[1]) + (d[2] + d[3])))
                break;
            out[i] = place0(w, base, d);
            out[i + 1] = place1(w, base, d);
            out[i + 2] = place2(w, base, d);
            out[i + 3] = base = place3(w, base, d);
        }
        s->base = base;
        if (i < count) {
            out[i] = smooth_next(s, x[i]);
            i++;
        }
    }
}
