#include "report/report.h"

#include <assert.h>
#include <stdlib.h>

#include "base/banned.h"

void
tp_report_drawdown(const struct tp_report_point *equity, size_t n, struct tp_report_point *out)
{
    struct tp_dec peak = TP_DEC_NONE;
    struct tp_err err = TP_ERR_INIT;

    for (size_t i = 0; i < n; i++) {
        struct tp_dec fall;

        out[i].time = equity[i].time;
        out[i].value = TP_DEC_NONE;
        if (tp_dec_none(equity[i].value))
            continue;
        if (tp_dec_none(peak) || tp_dec_cmp(equity[i].value, peak) > 0)
            peak = equity[i].value;
        if (tp_dec_sign(peak) <= 0 || tp_dec_sub(&fall, peak, equity[i].value, &err)
            || tp_dec_muldiv(&fall, fall, tp_dec_int(100), peak, TP_HALF_EVEN, &err)
            || tp_dec_to_places(&fall, fall, 4, TP_HALF_EVEN, &err))
            continue;
        out[i].value = fall;
    }
}

size_t
tp_report_thin(const struct tp_report_point *points, size_t n, struct tp_report_point *out, size_t max)
{
    size_t groups, got = 0;

    assert(max >= 4);
    if (n <= max) {
        for (size_t i = 0; i < n; i++)
            out[i] = points[i];
        return n;
    }
    out[got++] = points[0];
    groups = (max - 2) / 2;
    for (size_t g = 0; g < groups; g++) {
        /* The inner points in equal stretches; n < 2^53, so the products fit in 64 bits. */
        size_t from = 1 + (n - 2) * g / groups, to = 1 + (n - 2) * (g + 1) / groups;
        size_t low = n, high = n;

        for (size_t i = from; i < to; i++) {
            if (tp_dec_none(points[i].value))
                continue;
            if (low == n || tp_dec_cmp(points[i].value, points[low].value) < 0)
                low = i;
            if (high == n || tp_dec_cmp(points[i].value, points[high].value) > 0)
                high = i;
        }
        if (low == n)
            continue;
        out[got++] = points[low < high ? low : high];
        if (low != high)
            out[got++] = points[low < high ? high : low];
    }
    out[got++] = points[n - 1];
    return got;
}

void
tp_sampler_init(struct tp_sampler *s)
{
    *s = (struct tp_sampler){.at = tp_alloc(TP_SAMPLES * sizeof *s->at), .stretch = 1};
}

void
tp_sampler_free(struct tp_sampler *s)
{
    free(s->at);
}

/* Lets the pair at `pair` stand for the point as well; its two points stay in time order. */
static void
widen(struct tp_report_point pair[2], struct tp_report_point point)
{
    bool   rising = tp_dec_cmp(pair[0].value, pair[1].value) <= 0;
    size_t low = rising ? 0 : 1;

    if (tp_dec_cmp(point.value, pair[low].value) < 0)
        pair[0] = pair[1 - low];
    else if (tp_dec_cmp(point.value, pair[1 - low].value) > 0)
        pair[0] = pair[low];
    else
        return;
    pair[1] = point;
}

void
tp_sampler_add(struct tp_sampler *s, struct tp_report_point point)
{
    if (s->in == s->stretch || s->n == 0) {
        if (s->n == TP_SAMPLES) {
            for (size_t i = 0; i < TP_SAMPLES; i += 4) {
                struct tp_report_point *pair = &s->at[i / 2];

                pair[0] = s->at[i];
                pair[1] = s->at[i + 1];
                widen(pair, s->at[i + 2]);
                widen(pair, s->at[i + 3]);
            }
            s->n /= 2;
            s->stretch *= 2;
        }
        s->at[s->n] = s->at[s->n + 1] = point;
        s->n += 2;
        s->in = 1;
        return;
    }
    widen(&s->at[s->n - 2], point);
    s->in++;
}
