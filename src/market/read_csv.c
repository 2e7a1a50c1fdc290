/* CSV: what the columns mean, rows of any form, and the straight line for plain ones. */
#include "market/reader.h"

#include <string.h>

#include "base/banned.h"

/* Other names that headers use. */
static const struct {
    const char  *name;
    enum tp_meaning meaning;
} synonyms[] = {
    {"open_time", MEANS_TIME},
    {"opentime", MEANS_TIME},
    {"timestamp", MEANS_TIME},
    {"date", MEANS_TIME},
    {"datetime", MEANS_TIME},
    {"unix", MEANS_TIME},
    {"ts", MEANS_TIME},
    {"close_time", MEANS_CLOSE_TIME},
    {"closetime", MEANS_CLOSE_TIME},
    {"vol", MEANS_VOLUME},
    {"base_volume", MEANS_VOLUME},
    {"quote_asset_volume", MEANS_QUOTE_VOLUME},
    {"quotevolume", MEANS_QUOTE_VOLUME},
    {"count", MEANS_COUNT},
    {"trades", MEANS_COUNT},
    {"number_of_trades", MEANS_COUNT},
    {"tradecount", MEANS_COUNT},
    {"taker_buy_base_asset_volume", MEANS_TAKER_VOLUME},
    {"taker_buy_quote_asset_volume", MEANS_TAKER_QUOTE_VOLUME},
};

static enum tp_meaning
meaning_of(const char *p, size_t n, bool *known)
{
    char name[40];

    *known = true;
    tp_read_trim(&p, &n);
    if (n >= sizeof name) {
        *known = false;
        return MEANS_SKIP;
    }
    for (size_t i = 0; i <= n; i++)
        name[i] = i == n ? '\0' : p[i] == ' ' ? '_' : (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 32 : p[i]);
    for (enum tp_meaning m = MEANS_TIME; m < MEANINGS; m++)
        if (strcmp(name, tp_read_meanings[m]) == 0)
            return m;
    for (size_t i = 0; i < TP_COUNT(synonyms); i++)
        if (strcmp(name, synonyms[i].name) == 0)
            return synonyms[i].meaning;
    *known = n == 0 || strcmp(name, "-") == 0 || strcmp(name, "ignore") == 0;
    return MEANS_SKIP;
}

static int
set_columns(struct tp_reader *r, const char *p, size_t n, bool strict, struct tp_err *err)
{
    const char *end = p + n;
    bool        seen[MEANINGS] = {false};

    r->n_columns = 0;
    for (;;) {
        const char  *comma = memchr(p, ',', (size_t)(end - p));
        size_t       len = comma ? (size_t)(comma - p) : (size_t)(end - p);
        bool         known;
        enum tp_meaning m = meaning_of(p, len, &known);
        char         safe[48];

        if (!known && strict)
            return tp_fail(err, TP_EUSAGE, "--columns: '%s' is not the name of a column",
                           tp_text_safe(safe, sizeof safe, p, len));
        if (r->n_columns == TP_ROW_COLUMNS)
            return tp_fail(err, TP_EINPUT, "more than %d columns", TP_ROW_COLUMNS);
        if (m != MEANS_SKIP && seen[m])
            return tp_fail(err, strict ? TP_EUSAGE : TP_EINPUT, "two columns are the %s", tp_read_meanings[m]);
        seen[m] = true;
        r->columns[r->n_columns++] = m;
        if (!comma)
            break;
        p = comma + 1;
    }
    /* The index that data frames write in front has no name. */
    if (!seen[MEANS_TIME] && !strict && r->n_columns && r->columns[0] == MEANS_SKIP) {
        r->columns[0] = MEANS_TIME;
        seen[MEANS_TIME] = true;
    }
    for (enum tp_meaning m = MEANS_TIME; m <= (r->opts.mark ? MEANS_CLOSE : MEANS_VOLUME); m++)
        if (!seen[m]) {
            tp_fail(err, strict ? TP_EUSAGE : TP_EINPUT, "no column is the %s", tp_read_meanings[m]);
            return tp_hint(err, "name the columns: --columns time,open,high,low,close,volume,-");
        }
    return 0;
}

static size_t
count_commas(const char *p, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += p[i] == ',';
    return count;
}

int
tp_read_csv_start(struct tp_reader *r, bool *header, struct tp_err *err)
{
    static const char binance[] = "time,open,high,low,close,volume,close_time,quote_volume,trades_count,"
                                  "taker_buy_volume,taker_buy_quote_volume,-";
    const char       *p = r->line_at;
    size_t            n = r->line_n, columns;

    if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        p += 3, n -= 3;
    *header = n && (*p == '"' ? (p[1] < '0' || p[1] > '9') : (*p < '0' || *p > '9') && *p != '-');
    if (r->opts.columns)
        return set_columns(r, r->opts.columns, strlen(r->opts.columns), true, err);
    if (*header)
        return set_columns(r, p, n, false, err) ? tp_read_where(r, r->line, err) : 0;
    columns = count_commas(p, n) + 1;
    if (columns != 12 && columns != 11 && columns != 6) {
        tp_fail(err, TP_EINPUT, "%zu columns and no header", columns);
        tp_hint(err, "name the columns: --columns time,open,high,low,close,volume,-");
        return tp_read_where(r, r->line, err);
    }
    if (set_columns(r, binance, sizeof binance - 1, true, err))
        return -1;
    r->n_columns = columns;
    return 0;
}

int
tp_read_csv_row(struct tp_reader *r, struct tp_candle *c, struct tp_err *err)
{
    const char *p = r->line_at, *end = p + r->line_n;

    for (size_t i = 0; i < r->n_columns; i++) {
        const char *q = p;
        const char *value;
        size_t      n;

        while (q < end && *q != ',')
            q++;
        if (q == end && i + 1 < r->n_columns) {
            tp_fail(err, TP_EINPUT, "%zu columns instead of %zu", i + 1, r->n_columns);
            return tp_read_where(r, r->line, err);
        }
        value = p;
        n = (size_t)(q - p);
        if (n && (*value <= ' ' || *value == '"' || value[n - 1] <= ' '))
            tp_read_trim(&value, &n);
        if (r->columns[i] != MEANS_SKIP && tp_read_value(r, r->columns[i], value, n, c, err))
            return -1;
        p = q + 1;
        if (i + 1 == r->n_columns && q < end) {
            tp_fail(err, TP_EINPUT, "more than %zu columns", r->n_columns);
            return tp_read_where(r, r->line, err);
        }
    }
    return 0;
}

/* The columns as the straight line takes them, once a first row told the unit of time. */
static void
make_plan(struct tp_reader *r)
{
    r->plan.n = 0;
    r->plan.time_digits = (unsigned)r->unit;
    if (r->unit != 13 && r->unit != 16)
        return;
    for (size_t i = 0; i < r->n_columns; i++) {
        enum tp_meaning m = r->columns[i];

        tp_row_add(&r->plan,
                   m == MEANS_SKIP                            ? TP_CELL_SKIP
                   : m == MEANS_TIME || m == MEANS_CLOSE_TIME ? TP_CELL_TIME
                   : m == MEANS_COUNT                         ? TP_CELL_COUNT
                                                              : TP_CELL_DEC,
                   m);
    }
}

/* Whether nothing can be said against the row, nor in its favour: prices in order, the time on the
 * interval and after the one before, the close time the regular one. */
static inline bool
plain(const struct tp_interval *interval, const int64_t *v, int64_t before)
{
    int64_t open_for = v[MEANS_CLOSE_TIME] == TP_TIME_NONE.us ? interval->us : v[MEANS_CLOSE_TIME] - v[MEANS_TIME];

    return v[MEANS_LOW] > 0 && v[MEANS_OPEN] <= v[MEANS_HIGH] && v[MEANS_CLOSE] <= v[MEANS_HIGH]
           && v[MEANS_OPEN] >= v[MEANS_LOW] && v[MEANS_CLOSE] >= v[MEANS_LOW]
           && (open_for == interval->us || open_for == interval->us - 1
               || open_for == interval->us - 1000)
           && (v[MEANS_TIME] - before == interval->us /* which was on the interval */
               || (v[MEANS_TIME] > before && tp_interval_aligned(interval, (struct tp_time){v[MEANS_TIME]})));
}

static struct tp_dec
dec_of(int64_t units)
{
    return units == TP_COLUMN_NONE ? TP_DEC_NONE : (struct tp_dec){units};
}

/* The row that the next one is compared with. */
static void
keep_last(struct tp_candle *last, const int64_t *v)
{
    last->timestamp.us = v[MEANS_TIME];
    last->open = dec_of(v[MEANS_OPEN]);
    last->high = dec_of(v[MEANS_HIGH]);
    last->low = dec_of(v[MEANS_LOW]);
    last->close = dec_of(v[MEANS_CLOSE]);
    last->volume = dec_of(v[MEANS_VOLUME]);
    last->close_time = TP_TIME_NONE;
    last->quote_volume = dec_of(v[MEANS_QUOTE_VOLUME]);
    last->trades_count = v[MEANS_COUNT];
    last->taker_buy_volume = dec_of(v[MEANS_TAKER_VOLUME]);
    last->taker_buy_quote_volume = dec_of(v[MEANS_TAKER_QUOTE_VOLUME]);
}

void
tp_read_plain_rows(struct tp_reader *r, struct tp_bars *bars)
{
    struct tp_read_text *t = &r->text;
    struct tp_column    *columns[] = {&bars->open,             &bars->high,   &bars->low,
                                      &bars->close,            &bars->volume, &bars->quote_volume,
                                      &bars->taker_buy_volume, &bars->taker_buy_quote_volume};
    static const enum tp_meaning places[] = {MEANS_OPEN,         MEANS_HIGH,         MEANS_LOW,
                                             MEANS_CLOSE,        MEANS_VOLUME,       MEANS_QUOTE_VOLUME,
                                             MEANS_TAKER_VOLUME, MEANS_TAKER_QUOTE_VOLUME};
    int64_t  v[MEANINGS], kept[MEANINGS];
    int64_t *out[TP_COUNT(places)];
    int64_t  from = tp_time_none(r->opts.from) ? INT64_MIN : r->opts.from.us;
    int64_t  to = tp_time_none(r->opts.to) ? INT64_MAX : r->opts.to.us;
    int64_t  rows = 0;

    if (r->plan.n == 0)
        make_plan(r);
    if (r->plan.n == 0)
        return;
    for (size_t i = 0; i < TP_COUNT(places); i++) {
        out[i] = columns[i]->narrow;
        if (!out[i])
            return;
    }
    for (size_t i = 0; i < MEANINGS; i++)
        v[i] = INT64_MIN; /* none, for a time, a decimal and a count */
    kept[MEANS_TIME] = r->last.timestamp.us;
    while (bars->n < bars->room) {
        const char *next = tp_row_read(&r->plan, t->at + t->from, v);
        size_t      n = bars->n;

        if (!next || !plain(r->interval, v, kept[MEANS_TIME]))
            break;
        memcpy(kept, v, sizeof kept);
        t->from = (size_t)(next - t->at);
        rows++;
        if (v[MEANS_TIME] < from || v[MEANS_TIME] >= to)
            continue;
        bars->time[n] = v[MEANS_TIME];
        bars->close_time[n] = TP_TIME_NONE.us;
        bars->trades_count[n] = v[MEANS_COUNT];
        bars->synthetic[n] = 0;
        for (size_t i = 0; i < TP_COUNT(places); i++)
            out[i][n] = v[places[i]];
        bars->n = n + 1;
    }
    if (rows == 0)
        return;
    r->line += rows;
    keep_last(&r->last, kept);
}
