#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define LABEL 14 /* columns of the scale at the left */

/* Eighths of a cell, filled from below. */
static const char *const eighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

/* How many of `steps` the value stands above low: 0 to steps, rounded to the nearest. */
static size_t
level(struct tp_dec value, struct tp_dec low, struct tp_dec high, size_t steps)
{
    tp_i128 range = high.units - low.units, at = value.units - low.units;

    if (range <= 0)
        return steps / 2;
    /* Scaled down so that the product stays far below 2^127. */
    while (range > (tp_i128)1 << 100) {
        range /= 2;
        at /= 2;
    }
    return (size_t)((at * (tp_i128)steps + range / 2) / range);
}

/* One value per column: the last one of the points that fall into it. */
static void
columns(const struct tp_report_point *points, size_t n, struct tp_dec *out, size_t width)
{
    for (size_t c = 0; c < width; c++) {
        size_t from = n * c / width, to = n * (c + 1) / width;

        out[c] = TP_DEC_NONE;
        if (to <= from)
            to = from + 1;
        for (size_t i = to; i > from && tp_dec_none(out[c]); i--)
            out[c] = points[i - 1].value;
    }
}

/* The deepest of each column, so that no short fall is lost. */
static void
deepest(const struct tp_report_point *points, size_t n, struct tp_dec *out, size_t width)
{
    for (size_t c = 0; c < width; c++) {
        size_t from = n * c / width, to = n * (c + 1) / width;

        out[c] = TP_DEC_NONE;
        if (to <= from)
            to = from + 1;
        for (size_t i = from; i < to; i++)
            if (!tp_dec_none(points[i].value)
                && (tp_dec_none(out[c]) || tp_dec_cmp(points[i].value, out[c]) > 0))
                out[c] = points[i].value;
    }
}

static bool
range_of(const struct tp_report_point *points, size_t n, struct tp_dec *low, struct tp_dec *high)
{
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        if (tp_dec_none(points[i].value))
            continue;
        *low = any ? tp_dec_min(*low, points[i].value) : points[i].value;
        *high = any ? tp_dec_max(*high, points[i].value) : points[i].value;
        any = true;
    }
    return any;
}

static void
label(struct tp_buf *out, const char *text)
{
    tp_buf_fmt(out, "%*s ", LABEL - 2, text);
}

static void
trim(struct tp_buf *out)
{
    while (out->n && out->at[out->n - 1] == ' ')
        out->at[--out->n] = '\0';
    tp_buf_char(out, '\n');
}

static void
area(struct tp_buf *out, const struct tp_dec *value, size_t width, size_t rows, struct tp_dec low,
     struct tp_dec high, const struct tp_chart_look *look)
{
    char text[TP_DEC_TEXT];

    for (size_t r = 0; r < rows; r++) {
        size_t below = (rows - 1 - r) * 8;

        text[0] = '\0';
        if (r == 0 || r == rows - 1)
            tp_dec_print(text, r == 0 ? high : low, 2);
        label(out, text);
        tp_buf_text(out, look->ascii ? "|" : "│");
        for (size_t c = 0; c < width; c++) {
            /* The lowest value still shows one eighth, a hole shows nothing. */
            size_t up = tp_dec_none(value[c]) ? 0 : 1 + level(value[c], low, high, rows * 8 - 1);
            size_t cell = up <= below ? 0 : up - below > 8 ? 8 : up - below;

            tp_buf_text(out, look->ascii ? (cell >= 4 || (cell && r == rows - 1) ? "#" : " ") : eighths[cell]);
        }
        trim(out);
    }
}

static void
hanging(struct tp_buf *out, const struct tp_dec *value, size_t width, size_t rows, struct tp_dec worst,
        const struct tp_chart_look *look)
{
    char text[TP_DEC_TEXT], deep[TP_DEC_TEXT + 4];

    tp_dec_print(text, worst, 2);
    snprintf(deep, sizeof deep, "%s%s %%", tp_dec_sign(worst) ? "-" : "", text);
    for (size_t r = 0; r < rows; r++) {
        label(out, r == 0 ? "0 %" : r == rows - 1 ? deep : "");
        tp_buf_text(out, look->ascii ? "|" : "│");
        for (size_t c = 0; c < width; c++) {
            size_t down = tp_dec_none(value[c]) || tp_dec_sign(value[c]) == 0
                              ? 0
                              : level(value[c], TP_DEC_ZERO, worst, rows * 2);
            size_t cell = down <= r * 2 ? 0 : down - r * 2 > 2 ? 2 : down - r * 2;

            tp_buf_text(out, cell == 0 ? " " : look->ascii ? "#" : cell == 1 ? "▀" : "█");
        }
        trim(out);
    }
}

void
tp_report_chart(struct tp_buf *out, const struct tp_report_point *equity, size_t n,
                const struct tp_chart_look *look)
{
    size_t                  width = look->width < 40 ? 40 - LABEL : look->width - LABEL;
    size_t                  rows = look->height < 4 ? 4 : look->height;
    struct tp_dec           low = TP_DEC_ZERO, high = TP_DEC_ZERO, none, worst = TP_DEC_ZERO;
    struct tp_report_point *fall;
    struct tp_dec          *value;
    char                    from[TP_TIME_TEXT], to[TP_TIME_TEXT];

    if (!range_of(equity, n, &low, &high)) {
        tp_buf_text(out, "no equity to draw\n");
        return;
    }
    value = tp_alloc(width * sizeof *value);
    fall = tp_alloc(n * sizeof *fall);
    tp_report_drawdown(equity, n, fall);
    columns(equity, n, value, width);
    tp_buf_text(out, "equity\n");
    area(out, value, width, rows, low, high, look);
    tp_buf_text(out, "drawdown\n");
    range_of(fall, n, &none, &worst);
    deepest(fall, n, value, width);
    hanging(out, value, width, (rows + 1) / 2, worst, look);
    tp_day_print(from, tp_time_day(equity[0].time));
    tp_day_print(to, tp_time_day(equity[n - 1].time));
    tp_buf_fmt(out, "%*s%s%*s\n", LABEL, "", from, (int)(width - strlen(from)), to);
    free(fall);
    free(value);
}
