#include "report/report.h"

#include <assert.h>

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
