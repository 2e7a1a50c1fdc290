#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define POINTS 4000  /* of a line on the page; more than any screen has columns */
#define MARKS 1000   /* trades marked in the price chart */
#define WIDTH 1000   /* of a drawing, in its own units */
#define HEIGHT 240

static const char css[] =
    ":root{color-scheme:light dark}"
    "body{font:15px/1.45 system-ui,sans-serif;max-width:1120px;margin:2em auto;padding:0 1em}"
    "h1{font-size:1.5em;margin:0 0 .2em}h2{font-size:1.1em;margin:1.8em 0 .5em}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    "td,th{padding:.15em .5em;text-align:right;white-space:nowrap;border-bottom:1px solid #8883}"
    "td:first-child,th:first-child{text-align:left}"
    ".pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr));gap:0 2em;margin:0}"
    ".pairs div{display:flex;justify-content:space-between;gap:1em;border-bottom:1px solid #8883;padding:.15em 0}"
    ".pairs dt{opacity:.75}.pairs dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere;text-align:right}"
    ".chart{width:100%;height:260px}svg{width:100%;height:100%;display:block}"
    ".scroll{overflow:auto;max-height:34em}.up{color:#197a43}.down{color:#c0342b}"
    "@media(prefers-color-scheme:dark){.up{color:#4cc38a}.down{color:#ff7b72}"
    ".dygraph-legend{background:#222!important}.dygraph-axis-label{color:#ccc!important}}";

/* ---- text and numbers ------------------------------------------------------------------------------ */

static void
escaped(struct tp_buf *out, const char *text)
{
    if (!text) {
        tp_buf_text(out, "–");
        return;
    }
    for (; *text; text++)
        switch (*text) {
        case '&': tp_buf_text(out, "&amp;"); break;
        case '<': tp_buf_text(out, "&lt;"); break;
        case '>': tp_buf_text(out, "&gt;"); break;
        case '"': tp_buf_text(out, "&quot;"); break;
        case '\'': tp_buf_text(out, "&#39;"); break;
        default: tp_buf_char(out, *text);
        }
}

/* The shortest form, or the word for "none". */
static void
number(struct tp_buf *out, struct tp_dec d, const char *none)
{
    char text[TP_DEC_TEXT];

    if (tp_dec_none(d)) {
        tp_buf_text(out, none);
        return;
    }
    tp_dec_print_short(text, d);
    tp_buf_text(out, text);
}

static void
minute(struct tp_buf *out, struct tp_time t)
{
    char text[TP_TIME_TEXT];

    if (tp_time_none(t))
        return;
    tp_time_print(text, t);
    text[10] = ' ';
    tp_buf_put(out, text, 16);
}

/* ---- drawings -------------------------------------------------------------------------------------- */

struct frame {
    struct tp_time from, to;
    struct tp_dec  low, high;
};

/* value between low and high as 0 to size, in hundredths of a unit; exact enough for a drawing. */
static int64_t
place(tp_i128 value, tp_i128 low, tp_i128 high, int64_t size)
{
    tp_i128 range = high - low, at = value - low;

    if (range <= 0)
        return size * 50;
    while (range > (tp_i128)1 << 90) {
        range /= 2;
        at /= 2;
    }
    return (int64_t)(at * size * 100 / range);
}

static void
coordinate(struct tp_buf *out, int64_t hundredths)
{
    tp_buf_fmt(out, "%lld.%02d", (long long)(hundredths / 100), (int)(hundredths % 100));
}

static void
spot(struct tp_buf *out, const struct frame *f, struct tp_time time, struct tp_dec value)
{
    coordinate(out, place(time.us, f->from.us, f->to.us, WIDTH));
    tp_buf_char(out, ' ');
    coordinate(out, HEIGHT * 100 - place(value.units, f->low.units, f->high.units, HEIGHT));
}

static bool
frame_of(struct frame *f, const struct tp_report_point *points, size_t n)
{
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        if (tp_dec_none(points[i].value))
            continue;
        f->low = any ? tp_dec_min(f->low, points[i].value) : points[i].value;
        f->high = any ? tp_dec_max(f->high, points[i].value) : points[i].value;
        any = true;
    }
    if (any) {
        f->from = points[0].time;
        f->to = points[n - 1].time;
    }
    return any;
}

static void
marks(struct tp_buf *out, const struct frame *f, const struct tp_report_input *in)
{
    size_t n = in->n_trades < MARKS ? in->n_trades : MARKS;

    for (size_t i = 0; i < n; i++) {
        const struct tp_trip *t = &in->trades[i];

        if (tp_dec_none(t->entry_price) || tp_dec_none(t->exit_price) || tp_time_none(t->closed_at))
            continue;
        tp_buf_fmt(out, "<path class=\"%s\" stroke=\"currentColor\" stroke-width=\"1.5\" "
                        "vector-effect=\"non-scaling-stroke\" d=\"M",
                   tp_dec_none(t->pnl) || tp_dec_sign(t->pnl) >= 0 ? "up" : "down");
        spot(out, f, t->opened_at, t->entry_price);
        tp_buf_char(out, 'L');
        spot(out, f, t->closed_at, t->exit_price);
        tp_buf_text(out, "\"/>");
    }
}

/* A line as SVG; it stands for itself and is what remains where no script runs. */
static void
drawing(struct tp_buf *out, const struct tp_report_point *points, size_t n, const char *colour,
        const struct tp_report_input *trades)
{
    struct frame f = {0};
    bool         pen = false;

    if (!frame_of(&f, points, n))
        return;
    tp_buf_fmt(out, "<svg viewBox=\"0 -4 %d %d\" preserveAspectRatio=\"none\" role=\"img\"><path fill=\"none\" "
                    "stroke=\"%s\" stroke-width=\"1.3\" vector-effect=\"non-scaling-stroke\" d=\"",
               WIDTH, HEIGHT + 8, colour);
    for (size_t i = 0; i < n; i++) {
        if (tp_dec_none(points[i].value)) {
            pen = false;
            continue;
        }
        tp_buf_char(out, pen ? 'L' : 'M');
        spot(out, &f, points[i].time, points[i].value);
        pen = true;
    }
    tp_buf_text(out, "\"/>");
    if (trades)
        marks(out, &f, trades);
    tp_buf_text(out, "</svg>");
}

/* The scale of a drawing, for where no script writes axes. */
static void
scale(struct tp_buf *out, const struct tp_report_point *points, size_t n, const char *unit)
{
    struct frame f = {0};

    if (!frame_of(&f, points, n))
        return;
    tp_buf_text(out, "<p class=\"scale\"><small>");
    number(out, f.low, "");
    tp_buf_text(out, " to ");
    number(out, f.high, "");
    tp_buf_fmt(out, "%s · ", unit);
    minute(out, f.from);
    tp_buf_text(out, " to ");
    minute(out, f.to);
    tp_buf_text(out, " UTC</small></p>\n");
}

/* ---- data for the script --------------------------------------------------------------------------- */

static void
milliseconds(struct tp_buf *out, struct tp_time t)
{
    tp_buf_fmt(out, "[%lld,", (long long)(t.us / 1000));
}

static void
data(struct tp_buf *out, const char *name, const struct tp_report_point *points, size_t n)
{
    tp_buf_fmt(out, "var %s=[", name);
    for (size_t i = 0; i < n; i++) {
        milliseconds(out, points[i].time);
        number(out, points[i].value, "null");
        tp_buf_text(out, i + 1 < n ? "]," : "]");
    }
    tp_buf_text(out, "];\n");
}

/* Rows [time, price, entry, exit] by time; a trade's rows hold no price. */
struct mark {
    struct tp_time time;
    struct tp_dec  value;
    int            column;
    size_t         order;
};

static int
by_time(const void *a, const void *b)
{
    const struct mark *x = a, *y = b;

    if (x->time.us != y->time.us)
        return x->time.us < y->time.us ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void
price_data(struct tp_buf *out, const struct tp_report_point *price, size_t n, const struct tp_report_input *in)
{
    size_t       trades = in->n_trades < MARKS ? in->n_trades : MARKS, got = 0;
    struct mark *rows = tp_alloc((n + 2 * trades + 1) * sizeof *rows);

    for (size_t i = 0; i < n; i++, got++)
        rows[got] = (struct mark){price[i].time, price[i].value, 1, got};
    for (size_t i = 0; i < trades; i++) {
        if (tp_time_none(in->trades[i].opened_at) || tp_time_none(in->trades[i].closed_at))
            continue;
        rows[got] = (struct mark){in->trades[i].opened_at, in->trades[i].entry_price, 2, got};
        got++;
        rows[got] = (struct mark){in->trades[i].closed_at, in->trades[i].exit_price, 3, got};
        got++;
    }
    qsort(rows, got, sizeof *rows, by_time);
    tp_buf_text(out, "var price=[");
    for (size_t i = 0; i < got; i++) {
        milliseconds(out, rows[i].time);
        for (int c = 1; c <= 3; c++) {
            if (rows[i].column == c)
                number(out, rows[i].value, "null");
            else
                tp_buf_text(out, "null");
            tp_buf_char(out, c < 3 ? ',' : ']');
        }
        if (i + 1 < got)
            tp_buf_char(out, ',');
    }
    tp_buf_text(out, "];\n");
    free(rows);
}

static const char program[] =
    "if(window.Dygraph){var all=[];\n"
    "function draw(id,rows,labels,more){var e=document.getElementById(id);if(!e||!rows.length)return;\n"
    "rows.forEach(function(r){r[0]=new Date(r[0])});e.textContent='';\n"
    "var s=e.parentNode.querySelector('.scale[data-of='+id+']');if(s)s.remove();\n"
    "var o={labels:labels,labelsUTC:true,legend:'follow',rightGap:8,"
    "axes:{x:{axisLabelWidth:80,pixelsPerLabel:90},y:{axisLabelWidth:80}},"
    "gridLineColor:'#8884',axisLineColor:'#8888'};\n"
    "for(var k in more)o[k]=more[k];all.push(new Dygraph(e,rows,o))}\n"
    "draw('equity',equity,['time','equity'],{colors:['#2a6fdb'],fillGraph:true});\n"
    "draw('drawdown',drawdown,['time','drawdown %'],{colors:['#c0342b'],fillGraph:true});\n"
    "draw('price',price,['time','price','entry','exit'],{colors:['#888','#197a43','#c0342b'],"
    "connectSeparatedPoints:true,series:{entry:{strokeWidth:0,drawPoints:true,pointSize:4},"
    "exit:{strokeWidth:0,drawPoints:true,pointSize:2}}})}\n";

/* ---- parts of the page ----------------------------------------------------------------------------- */

static void
pairs(struct tp_buf *out, const char *title, const struct tp_report_pair *pair, size_t n)
{
    if (!n)
        return;
    tp_buf_fmt(out, "<h2>%s</h2>\n<dl class=\"pairs\">\n", title);
    for (size_t i = 0; i < n; i++) {
        tp_buf_text(out, "<div><dt>");
        escaped(out, pair[i].name);
        tp_buf_text(out, "</dt><dd>");
        escaped(out, pair[i].value);
        tp_buf_text(out, "</dd></div>\n");
    }
    tp_buf_text(out, "</dl>\n");
}

/* Percent from one equity to another, two places; none when there is no base. */
static struct tp_dec
change(struct tp_dec from, struct tp_dec to)
{
    struct tp_err err = TP_ERR_INIT;
    struct tp_dec d;

    if (tp_dec_none(from) || tp_dec_none(to) || tp_dec_sign(from) <= 0 || tp_dec_sub(&d, to, from, &err)
        || tp_dec_muldiv(&d, d, tp_dec_int(100), from, TP_HALF_EVEN, &err))
        return TP_DEC_NONE;
    return d;
}

static void
percent_cell(struct tp_buf *out, struct tp_dec d)
{
    char text[TP_DEC_TEXT];

    if (tp_dec_none(d)) {
        tp_buf_text(out, "<td></td>");
        return;
    }
    tp_dec_print(text, d, 2);
    tp_buf_fmt(out, "<td class=\"%s\">%s</td>", tp_dec_sign(d) < 0 ? "down" : "up", text);
}

static void
year_row(struct tp_buf *out, int year, const struct tp_dec month[12], struct tp_dec whole)
{
    tp_buf_fmt(out, "<tr><td>%d</td>", year);
    for (int m = 0; m < 12; m++)
        percent_cell(out, month[m]);
    percent_cell(out, whole);
    tp_buf_text(out, "</tr>\n");
}

/* Each month from the last equity of the month before (the first: from the capital). */
static void
months(struct tp_buf *out, const struct tp_report_input *in)
{
    struct tp_dec month[12], last = in->initial, month_base = in->initial, year_base = in->initial;
    int           year = 0, at = 0;

    if (!in->n_equity)
        return;
    tp_buf_text(out, "<h2>Return by month, percent</h2>\n<div class=\"scroll\"><table><tr><th>year</th>");
    for (int m = 1; m <= 12; m++)
        tp_buf_fmt(out, "<th>%d</th>", m);
    tp_buf_text(out, "<th>year</th></tr>\n");
    for (int m = 0; m < 12; m++)
        month[m] = TP_DEC_NONE;
    for (size_t i = 0; i < in->n_equity; i++) {
        struct tp_civil c;

        if (tp_dec_none(in->equity[i].value))
            continue;
        /* The first point is the capital at the first bar's open, the end of no month. */
        if (i == 0 && in->equity[i].value.units == in->initial.units)
            continue;
        /* A point stands at its bar's close: midnight belongs to the day before. */
        c = tp_time_civil((struct tp_time){in->equity[i].time.us - 1});
        if (year && (c.year != year || c.month != at))
            month_base = last;
        if (year && c.year != year) {
            year_row(out, year, month, change(year_base, last));
            year_base = last;
            for (int m = 0; m < 12; m++)
                month[m] = TP_DEC_NONE;
        }
        year = c.year;
        at = c.month;
        last = in->equity[i].value;
        month[at - 1] = change(month_base, last);
    }
    if (year)
        year_row(out, year, month, change(year_base, last));
    tp_buf_text(out, "</table></div>\n");
}

static void
cell(struct tp_buf *out, struct tp_dec d)
{
    tp_buf_text(out, "<td>");
    number(out, d, "–");
    tp_buf_text(out, "</td>");
}

static void
trades(struct tp_buf *out, const struct tp_report_input *in)
{
    size_t n = in->n_trades < TP_REPORT_ROWS ? in->n_trades : TP_REPORT_ROWS;

    if (!n)
        return;
    tp_buf_text(out, "<h2>Trades</h2>\n<div class=\"scroll\"><table><tr><th>opened (UTC)</th><th>closed</th>"
                     "<th>side</th><th>quantity</th><th>entry</th><th>exit</th><th>fees</th><th>result</th>"
                     "<th>reason</th></tr>\n");
    for (size_t i = 0; i < n; i++) {
        const struct tp_trip *t = &in->trades[i];

        tp_buf_text(out, "<tr><td>");
        minute(out, t->opened_at);
        tp_buf_text(out, "</td><td>");
        minute(out, t->closed_at);
        tp_buf_text(out, "</td><td>");
        escaped(out, t->side);
        tp_buf_text(out, "</td>");
        cell(out, t->quantity);
        cell(out, t->entry_price);
        cell(out, t->exit_price);
        cell(out, t->fees);
        tp_buf_fmt(out, "<td class=\"%s\">", !tp_dec_none(t->pnl) && tp_dec_sign(t->pnl) < 0 ? "down" : "up");
        number(out, t->pnl, "–");
        tp_buf_text(out, "</td><td>");
        escaped(out, t->exit_reason);
        tp_buf_text(out, "</td></tr>\n");
    }
    tp_buf_text(out, "</table></div>\n");
    if (in->n_trades > n)
        tp_buf_fmt(out, "<p>%zu of %zu trades are listed.</p>\n", n, in->n_trades);
}

static void
chart(struct tp_buf *out, const char *id, const char *title, const struct tp_report_point *points, size_t n,
      const char *colour, const char *unit, const struct tp_report_input *marked)
{
    struct tp_buf text = {0};

    if (!n)
        return;
    tp_buf_fmt(out, "<h2>%s</h2>\n<div class=\"chart\" id=\"%s\">", title, id);
    drawing(out, points, n, colour, marked);
    tp_buf_text(out, "</div>\n");
    scale(&text, points, n, unit);
    if (text.n) {
        /* The script takes the line away when it writes axes. */
        tp_buf_fmt(out, "<p class=\"scale\" data-of=\"%s\">", id);
        tp_buf_text(out, text.at + strlen("<p class=\"scale\">"));
    }
    tp_buf_free(&text);
}

void
tp_report_html(struct tp_buf *out, const struct tp_report_input *in)
{
    struct tp_report_point *fall = tp_alloc((in->n_equity + 1) * sizeof *fall);
    struct tp_report_point *line[3];
    size_t                  n[3];

    for (size_t i = 0; i < TP_COUNT(line); i++)
        line[i] = tp_alloc(POINTS * sizeof *line[i]);
    tp_report_drawdown(in->equity, in->n_equity, fall);
    n[0] = tp_report_thin(in->equity, in->n_equity, line[0], POINTS);
    n[1] = tp_report_thin(fall, in->n_equity, line[1], POINTS);
    n[2] = tp_report_thin(in->price, in->n_price, line[2], POINTS);

    tp_buf_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    escaped(out, in->title);
    tp_buf_text(out, "</title>\n<style>");
    tp_buf_text(out, css);
    if (in->script && in->style)
        tp_buf_text(out, in->style);
    tp_buf_text(out, "</style>\n</head>\n<body>\n<h1>");
    escaped(out, in->title);
    tp_buf_text(out, "</h1>\n");
    pairs(out, "Result", in->metrics, in->n_metrics);
    chart(out, "equity", "Equity", line[0], n[0], "#2a6fdb", "", NULL);
    chart(out, "drawdown", "Drawdown, percent", line[1], n[1], "#c0342b", " %", NULL);
    chart(out, "price", "Price and trades", line[2], n[2], "#888", "", in);
    months(out, in);
    trades(out, in);
    if (in->not_modelled && in->not_modelled[0]) {
        tp_buf_text(out, "<h2>Not modelled</h2>\n<ul>\n");
        for (const char *const *s = in->not_modelled; *s; s++) {
            tp_buf_text(out, "<li>");
            escaped(out, *s);
            tp_buf_text(out, "</li>\n");
        }
        tp_buf_text(out, "</ul>\n");
    }
    pairs(out, "Settings", in->settings, in->n_settings);
    if (in->script) {
        tp_buf_text(out, "<script>");
        tp_buf_text(out, in->script);
        tp_buf_text(out, "</script>\n<script>\n");
        data(out, "equity", line[0], n[0]);
        data(out, "drawdown", line[1], n[1]);
        price_data(out, line[2], n[2], in);
        tp_buf_text(out, program);
        tp_buf_text(out, "</script>\n");
    }
    tp_buf_text(out, "</body>\n</html>\n");
    for (size_t i = 0; i < TP_COUNT(line); i++)
        free(line[i]);
    free(fall);
}
