/* What a finished backtest looks like: a text chart for a terminal, one HTML page for a browser. */
#ifndef TP_REPORT_REPORT_H
#define TP_REPORT_REPORT_H

#include "base/text.h"
#include "base/time.h"
#include "trade/fill.h"

/* A value at a time; times must not fall. */
struct tp_report_point {
    struct tp_time time;
    struct tp_dec  value; /* TP_DEC_NONE: a hole */
};

struct tp_report_pair {
    const char *name, *value; /* any text; NULL is shown as a dash */
};

/* Everything is borrowed; arrays of length 0 may be NULL and their section is left out. */
struct tp_report_input {
    const char                   *title;
    struct tp_dec                 initial; /* capital at the start, for the first month's return */
    const struct tp_report_point *equity;  /* in quote currency */
    size_t                        n_equity;
    const struct tp_report_point *price; /* close prices */
    size_t                        n_price;
    const struct tp_trip         *trades; /* by number */
    size_t                        n_trades;
    const struct tp_report_pair  *metrics;
    size_t                        n_metrics;
    const struct tp_report_pair  *settings;
    size_t                        n_settings;
    const char *const            *not_modelled; /* sentences, NULL-ended; NULL: none */
    const char                   *script;       /* dygraphs as text, or NULL: drawings without it */
    const char                   *style;        /* its style sheet, or NULL */
};

#define TP_REPORT_ROWS 2000 /* trades that the page's table lists; the rest is counted */

/* Percent below the highest equity so far (0 to 100, four places, half even): one value per point of
 * equity, so out has room for n_equity.  A point without equity has no drawdown. */
void tp_report_drawdown(const struct tp_report_point *equity, size_t n, struct tp_report_point *out);

/* At most max points that draw the same line: of each stretch its lowest and highest value, in time
 * order, and the first and last point of all.  Returns how many; out has room for max (at least 4). */
size_t tp_report_thin(const struct tp_report_point *points, size_t n, struct tp_report_point *out,
                      size_t max);

/* Thins a stream of points in constant memory: of each stretch its lowest and highest, the stretches twice
 * as long whenever there are TP_SAMPLES points. */
#define TP_SAMPLES 8000

struct tp_sampler {
    struct tp_report_point *at;
    size_t                  n;       /* points in time order, two a stretch */
    size_t                  stretch; /* values in a whole stretch */
    size_t                  in;      /* values in the last, unfinished one */
};

void tp_sampler_init(struct tp_sampler *s);
void tp_sampler_add(struct tp_sampler *s, struct tp_report_point point);
void tp_sampler_free(struct tp_sampler *s);

struct tp_chart_look {
    size_t width;  /* columns over all, at least 40 */
    size_t height; /* rows of the equity part, at least 4; the drawdown gets half */
    bool   ascii;  /* '#' instead of block characters */
};

/* Appends equity as an area and drawdown hanging below it, with scales and first and last day. */
void tp_report_chart(struct tp_buf *out, const struct tp_report_point *equity, size_t n,
                     const struct tp_chart_look *look);

/* Appends the whole page: it loads nothing, every text in it is escaped. */
void tp_report_html(struct tp_buf *out, const struct tp_report_input *in);

/* Reads the distribution's dygraphs (package libjs-dygraphs) into the buffers; false, and nothing in
 * them, when it is not installed or could not stand inside a page. */
bool tp_report_dygraphs(struct tp_buf *script, struct tp_buf *style);

#endif
