#include "exchange/funding.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/json.h"

/* A rate beyond this is no rate: Binance caps at 0.03, and the column takes below 10. */
#define RATE_LIMIT (INT64_C(10) * TP_RATE_ONE)

enum meaning { SKIP, TIME, SYMBOL, RATE, REALIZED, MARK };

/* What the venues call it; upper and lower case are the same. */
static const struct {
    const char  *name;
    enum meaning meaning;
} names[] = {
    {"funding_time", TIME},         {"fundingTime", TIME}, {"fundingRateTimestamp", TIME},
    {"calc_time", TIME},            {"timestamp", TIME},   {"time", TIME},
    {"symbol", SYMBOL},             {"instId", SYMBOL},    {"rate", RATE},
    {"funding_rate", RATE},         {"fundingRate", RATE}, {"last_funding_rate", RATE},
    {"realizedRate", REALIZED}, /* OKX: what was exchanged; its fundingRate is the forecast */
    {"mark_price", MARK},           {"markPrice", MARK},
};

/* A row in the making. */
struct row {
    struct tp_funding_rate funding;
    struct tp_rate         realized;
};

static bool
same_word(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((a[i] >= 'A' && a[i] <= 'Z' ? a[i] | 32 : a[i]) != (b[i] >= 'A' && b[i] <= 'Z' ? b[i] | 32 : b[i]))
            return false;
    return b[n] == '\0';
}

static enum meaning
meaning_of(const char *name, size_t n)
{
    for (size_t i = 0; i < TP_COUNT(names); i++)
        if (same_word(name, names[i].name, n))
            return names[i].meaning;
    return SKIP;
}

static int
read_time(const char *p, size_t n, struct tp_time *out, struct tp_err *err)
{
    int64_t digits;

    return tp_text_int(p, n, 0, INT64_MAX, &digits) ? tp_time_parse_epoch(p, n, out, err)
                                                     : tp_time_parse(p, n, out, err);
}

static int
read_rate(const char *p, size_t n, struct tp_rate *out, struct tp_err *err)
{
    char safe[64];

    if (tp_rate_parse(p, n, out, err))
        return -1;
    if (out->units >= RATE_LIMIT || out->units <= -RATE_LIMIT)
        return tp_fail(err, TP_EINPUT, "'%s' is no funding rate: want a fraction of the notional",
                       tp_text_safe(safe, sizeof safe, p, n));
    return 0;
}

static int
read_mark(const char *p, size_t n, struct tp_dec *out, struct tp_err *err)
{
    char safe[64];

    if (n == 0)
        return 0;
    if (tp_dec_parse_foreign(p, n, out, err))
        return -1;
    if (tp_dec_sign(*out) <= 0 || tp_dec_cmp(*out, tp_dec_int(INT64_C(1000000000000))) >= 0)
        return tp_fail(err, TP_EINPUT, "'%s' is out of range: want a price above 0 and below 10^12",
                       tp_text_safe(safe, sizeof safe, p, n));
    return 0;
}

static int
read_value(struct row *row, enum meaning m, const char *p, size_t n, struct tp_err *err)
{
    switch (m) {
    case TIME:
        return read_time(p, n, &row->funding.funding_time, err);
    case SYMBOL:
        if (n && tp_text_utf8(p, n) && tp_text_set(row->funding.symbol, sizeof row->funding.symbol, p, n))
            return 0;
        return tp_fail(err, TP_EINPUT, "want 1 to %d bytes of UTF-8", TP_SYMBOL_SIZE - 1);
    case RATE:
        return read_rate(p, n, &row->funding.rate, err);
    case REALIZED:
        return n ? read_rate(p, n, &row->realized, err) : 0;
    case MARK:
        return read_mark(p, n, &row->funding.mark_price, err);
    case SKIP:
        break;
    }
    return 0;
}

static void
begin_row(struct row *row)
{
    tp_record_init(&tp_funding_rate_record, &row->funding);
    row->realized = TP_RATE_NONE;
}

/* Takes a row that has been read, unless it is another instrument's. */
static int
push(struct tp_fundings *f, struct row *row, struct tp_err *err)
{
    struct tp_funding_rate *r = &row->funding;

    f->read++;
    if (row->realized.units != TP_RATE_NONE.units)
        r->rate = row->realized;
    if (tp_time_none(r->funding_time))
        return tp_fail(err, TP_EINPUT, "the time is missing");
    if (r->rate.units == TP_RATE_NONE.units)
        return tp_fail(err, TP_EINPUT, "the rate is missing");
    if (!r->symbol[0] && !f->symbol) {
        tp_fail(err, TP_EINPUT, "no symbol stands in it");
        return tp_hint(err, "say whose rates these are: --symbol SYMBOL");
    }
    if (!r->symbol[0] && !tp_text_set(r->symbol, sizeof r->symbol, f->symbol, strlen(f->symbol)))
        return tp_fail(err, TP_EUSAGE, "--symbol: too long");
    if (f->symbol && strcmp(r->symbol, f->symbol) != 0)
        return 0;
    if ((f->n & (f->n - 1)) == 0)
        f->rows = tp_realloc(f->rows, (f->n ? f->n * 2 : 1) * sizeof *f->rows);
    f->rows[f->n++] = *r;
    return 0;
}

/* ---- CSV ---------------------------------------------------------------------------------------------- */

#define COLUMNS_MAX 32

struct csv {
    enum meaning columns[COLUMNS_MAX];
    const char  *header[COLUMNS_MAX];
    int          header_n[COLUMNS_MAX];
    size_t       n;
};

/* The next cell of a line, without quotes; false at the end. */
static bool
next_cell(const char **p, const char *end, const char **cell, size_t *n)
{
    const char *comma;

    if (*p > end)
        return false;
    comma = *p < end ? memchr(*p, ',', (size_t)(end - *p)) : NULL;
    *cell = *p;
    *n = (size_t)((comma ? comma : end) - *p);
    *p = (comma ? comma : end) + 1;
    if (*n >= 2 && **cell == '"' && (*cell)[*n - 1] == '"')
        ++*cell, *n -= 2;
    return true;
}

static int
csv_header(struct csv *csv, const char *line, const char *end, struct tp_err *err)
{
    bool        seen[MARK + 1] = {false};
    const char *cell;
    size_t      n;

    while (next_cell(&line, end, &cell, &n)) {
        enum meaning m = meaning_of(cell, n);

        if (csv->n == COLUMNS_MAX)
            return tp_fail(err, TP_EINPUT, "more than %d columns", COLUMNS_MAX);
        if (m != SKIP && seen[m])
            return tp_fail(err, TP_EINPUT, "'%.*s': a second column of that meaning", n < 40 ? (int)n : 40, cell);
        seen[m] = true;
        csv->header[csv->n] = cell;
        csv->header_n[csv->n] = n < 40 ? (int)n : 40;
        csv->columns[csv->n++] = m;
    }
    if (seen[TIME] && (seen[RATE] || seen[REALIZED]))
        return 0;
    tp_fail(err, TP_EINPUT, "no column is the %s", seen[TIME] ? "rate" : "time");
    return tp_hint(err, "the header must name them: timestamp,symbol,funding_rate");
}

static int
csv_line(struct tp_fundings *f, const struct csv *csv, const char *line, const char *end, struct tp_err *err)
{
    struct row  row;
    const char *cell;
    size_t      n, i = 0;

    begin_row(&row);
    for (; next_cell(&line, end, &cell, &n); i++) {
        if (i == csv->n)
            return tp_fail(err, TP_EINPUT, "more than %zu columns", csv->n);
        if (read_value(&row, csv->columns[i], cell, n, err))
            return tp_where(err, "%.*s", csv->header_n[i], csv->header[i]);
    }
    if (i < csv->n)
        return tp_fail(err, TP_EINPUT, "%zu columns instead of %zu", i, csv->n);
    return push(f, &row, err);
}

/* One of our own records. */
static int
record_line(struct tp_fundings *f, const char *line, const char *end, struct tp_arena *arena, struct tp_err *err)
{
    struct row row;
    int        got = tp_record_parse(&tp_funding_rate_record, line, (size_t)(end - line), &row.funding, arena, err);

    row.realized = TP_RATE_NONE;
    return got <= 0 ? got : push(f, &row, err);
}

static int
read_lines(struct tp_fundings *f, const char *text, size_t n, bool records, struct tp_err *err)
{
    const char   *end = text + n;
    TP_AUTO_ARENA arena = {0};
    struct csv    csv = {.n = 0};
    int64_t       number = 0;
    int           rc = 0;

    if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3;
    while (text < end && !rc) {
        const char *lf = memchr(text, '\n', (size_t)(end - text)), *stop = lf ? lf : end;
        const char *line = text;

        text = stop + 1;
        number++;
        if (stop > line && stop[-1] == '\r')
            stop--;
        if (stop == line)
            continue;
        if (!tp_text_utf8(line, (size_t)(stop - line)))
            rc = tp_fail(err, TP_EINPUT, "the line is no UTF-8");
        else
            rc = records    ? record_line(f, line, stop, &arena, err)
                 : csv.n == 0 ? csv_header(&csv, line, stop, err)
                              : csv_line(f, &csv, line, stop, err);
    }
    return rc ? tp_where(err, "line %lld", (long long)number) : 0;
}

/* ---- JSON --------------------------------------------------------------------------------------------- */

/* {"fundingTime": ..., "fundingRate": ...} of any venue. */
static int
read_object(struct row *row, json_t *entry, struct tp_err *err)
{
    const char *key;
    json_t     *value;

    json_object_foreach (entry, key, value) {
        enum meaning m = meaning_of(key, strlen(key));
        const char  *text = json_string_value(value);

        if (m == SKIP || json_is_null(value))
            continue;
        if (!text)
            return tp_fail(err, TP_EINPUT, "%s: want a number or a text", key);
        if (read_value(row, m, text, strlen(text), err))
            return tp_where(err, "%s", key);
    }
    return 0;
}

/* [time, rate, ...]: files that have the layout of candles and the rate in the place of the open. */
static int
read_array(struct row *row, const json_t *entry, struct tp_err *err)
{
    static const struct {
        const char  *name;
        enum meaning meaning;
    } order[] = {{"time", TIME}, {"rate", RATE}};

    for (size_t i = 0; i < TP_COUNT(order); i++) {
        const char *text = json_string_value(json_array_get(entry, i));

        if (!text)
            return tp_fail(err, TP_EINPUT, "the %s is missing", order[i].name);
        if (read_value(row, order[i].meaning, text, strlen(text), err))
            return tp_where(err, "%s", order[i].name);
    }
    return 0;
}

static int
read_json(struct tp_fundings *f, const char *text, size_t n, struct tp_err *err)
{
    TP_AUTO_JSON  root = NULL;
    const json_t *list, *bybit;
    json_t       *entry;
    struct row    row;
    size_t        i;

    if (tp_json_parse_foreign(text, n, &root, err))
        return -1;
    bybit = json_object_get(json_object_get(root, "result"), "list");
    list = json_is_array(root) ? root : json_is_array(bybit) ? bybit : json_object_get(root, "data");
    if (!json_is_array(list)) {
        tp_fail(err, TP_EINPUT, "this is no funding history");
        return tp_hint(err, "want CSV with a header, or what Binance, Bybit v5 or OKX v5 answer");
    }
    json_array_foreach (list, i, entry) {
        begin_row(&row);
        if ((json_is_array(entry) ? read_array(&row, entry, err) : read_object(&row, entry, err))
            || push(f, &row, err))
            return tp_where(err, "entry %zu", i + 1);
    }
    return 0;
}

/* ---- all of it ---------------------------------------------------------------------------------------- */

static int
by_symbol_and_time(const void *a, const void *b)
{
    const struct tp_funding_rate *x = a, *y = b;
    int                           order = strcmp(x->symbol, y->symbol);

    if (order)
        return order;
    return (x->funding_time.us > y->funding_time.us) - (x->funding_time.us < y->funding_time.us);
}

/* One funding that stands twice is kept once; two that differ are refused. */
static int
drop_twins(struct tp_fundings *f, struct tp_err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < f->n; i++) {
        const struct tp_funding_rate *a = n ? &f->rows[n - 1] : NULL, *b = &f->rows[i];
        char                          time[TP_TIME_TEXT];

        if (!a || strcmp(a->symbol, b->symbol) != 0
            || tp_funding_stamp(a->funding_time).us != tp_funding_stamp(b->funding_time).us) {
            f->rows[n++] = *b;
            continue;
        }
        if (a->rate.units == b->rate.units && a->mark_price.units == b->mark_price.units)
            continue;
        tp_time_print(time, b->funding_time);
        return tp_fail(err, TP_EINPUT, "the funding of %s at %s stands twice with different values", b->symbol, time);
    }
    f->n = n;
    return 0;
}

int
tp_fundings_read(struct tp_fundings *f, const char *text, size_t n, struct tp_err *err)
{
    const char   *lf = n ? memchr(text, '\n', n) : NULL;
    struct tp_err ignored = TP_ERR_INIT;
    char          type[32] = "";
    size_t        at = 0;
    int           rc;

    f->rows = NULL;
    f->n = 0;
    f->read = 0;
    while (at < n && (unsigned char)text[at] <= ' ')
        at++;
    if (at < n && text[at] == '{')
        (void)tp_record_type(text, lf ? (size_t)(lf - text) : n, type, sizeof type, &ignored);
    if (strcmp(type, tp_funding_rate_record.type) == 0)
        rc = read_lines(f, text, n, true, err);
    else if (at < n && (text[at] == '{' || text[at] == '['))
        rc = read_json(f, text, n, err);
    else
        rc = read_lines(f, text, n, false, err);
    if (!rc && f->n)
        qsort(f->rows, f->n, sizeof *f->rows, by_symbol_and_time);
    if (rc || drop_twins(f, err)) {
        tp_fundings_free(f);
        return -1;
    }
    return 0;
}

void
tp_fundings_free(struct tp_fundings *f)
{
    free(f->rows);
    f->rows = NULL;
    f->n = 0;
}
