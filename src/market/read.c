#include "market/read.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "market/row.h"

#define ROOM (1024 * 1024)
#define PIECE (256 * 1024) /* read at once: it stays in the cache until it is parsed */
#define COLUMNS_MAX TP_ROW_COLUMNS

enum form { FORM_UNKNOWN, FORM_CSV, FORM_ARRAYS, FORM_RECORDS };

/* What a column of a foreign row means. */
enum meaning {
    SKIP,
    TIME,
    OPEN,
    HIGH,
    LOW,
    CLOSE,
    VOLUME,
    CLOSE_TIME,
    QUOTE_VOLUME,
    COUNT,
    TAKER_VOLUME,
    TAKER_QUOTE_VOLUME,
    MEANINGS
};

static const char *const meaning_names[MEANINGS] = {
    "-",      "time",       "open",         "high",         "low",          "close",
    "volume", "close_time", "quote_volume", "trades_count", "taker_buy_volume", "taker_buy_quote_volume"};

/* Other names that headers use. */
static const struct {
    const char  *name;
    enum meaning meaning;
} synonyms[] = {
    {"open_time", TIME},
    {"opentime", TIME},
    {"timestamp", TIME},
    {"date", TIME},
    {"datetime", TIME},
    {"unix", TIME},
    {"ts", TIME},
    {"close_time", CLOSE_TIME},
    {"closetime", CLOSE_TIME},
    {"vol", VOLUME},
    {"base_volume", VOLUME},
    {"quote_asset_volume", QUOTE_VOLUME},
    {"quotevolume", QUOTE_VOLUME},
    {"count", COUNT},
    {"trades", COUNT},
    {"number_of_trades", COUNT},
    {"tradecount", COUNT},
    {"taker_buy_base_asset_volume", TAKER_VOLUME},
    {"taker_buy_quote_asset_volume", TAKER_QUOTE_VOLUME},
};

struct reader_text {
    char  *at; /* of ROOM + TP_ROW_AHEAD bytes; a NUL ends what was read */
    size_t from, to;
    bool   over;
};

struct tp_reader {
    struct tp_read_opts       opts;
    struct tp_source         *source;
    struct reader_text        text;
    enum form                 form;
    const struct tp_interval *interval;
    enum meaning              columns[COLUMNS_MAX];
    size_t                    n_columns;
    int64_t                   line;
    size_t                    unit; /* digits of the first time: 10, 13, 16, 19; 0: none yet */
    struct tp_candle          last; /* the row before, to compare with */
    bool                      any;
    struct tp_symbol          symbol;
    struct tp_candle          first;
    bool                      has_symbol, has_first;
    int64_t                   duplicates;
    const char               *line_at; /* the line being read */
    size_t                    line_n;
    struct tp_arena           arena;
    bool                      inside, ended; /* of the outer array */
    struct tp_bars            ahead; /* read by peek, not yet taken */
    struct tp_row_plan        plan;  /* of the columns; n = 0: rows are read by the long way */
};

void
tp_reader_open(struct tp_reader **out, const struct tp_read_opts *opts, struct tp_source *source)
{
    struct tp_reader *r = tp_alloc(sizeof *r);

    r->opts = *opts;
    r->source = source;
    r->interval = opts->interval;
    r->text.at = tp_alloc(ROOM + TP_ROW_AHEAD);
    tp_record_init(&tp_candle_record, &r->first);
    tp_bars_init(&r->ahead, 2);
    *out = r;
}

void
tp_reader_close(struct tp_reader *r)
{
    if (!r)
        return;
    free(r->text.at);
    tp_bars_free(&r->ahead);
    tp_arena_free(&r->arena);
    free(r);
}

const struct tp_symbol *
tp_reader_symbol(const struct tp_reader *r)
{
    return r->has_symbol ? &r->symbol : NULL;
}

const struct tp_candle *
tp_reader_first(const struct tp_reader *r)
{
    return &r->first;
}

const struct tp_interval *
tp_reader_interval(const struct tp_reader *r)
{
    return r->interval;
}

int64_t
tp_reader_line(const struct tp_reader *r)
{
    return r->line;
}

int64_t
tp_reader_duplicates(const struct tp_reader *r)
{
    return r->duplicates;
}

bool
tp_reader_skip(struct tp_reader *r, const char **line, size_t *n)
{
    if (!r->line_at || r->form == FORM_ARRAYS || r->form == FORM_UNKNOWN)
        return false;
    *line = r->line_at;
    *n = r->line_n;
    return true;
}

/* ---- bytes ------------------------------------------------------------------------------------------ */

/* Reads more behind what is left, which moves to the front: 1, 0 at the end, -1. */
static int
fill(struct tp_reader *r, struct tp_err *err)
{
    struct reader_text *t = &r->text;
    ssize_t             n;

    if (t->over)
        return 0;
    if (t->from) {
        memmove(t->at, t->at + t->from, t->to - t->from);
        t->to -= t->from;
        t->from = 0;
    }
    if (t->to == ROOM)
        return tp_fail(err, TP_EINPUT, "line %lld: longer than 1 MiB", (long long)r->line + 1);
    n = tp_source_read(r->source, t->at + t->to, ROOM - t->to < PIECE ? ROOM - t->to : PIECE, err);
    if (n < 0)
        return -1;
    t->to += (size_t)n;
    t->at[t->to] = '\0';
    t->over = n == 0;
    return n > 0;
}

/* The next line without its end: 1, 0, -1. */
static int
next_line(struct tp_reader *r, struct tp_err *err)
{
    struct reader_text *t = &r->text;
    size_t              seen = 0;

    r->line_at = NULL;
    for (;;) {
        char *lf = memchr(t->at + t->from + seen, '\n', t->to - t->from - seen);
        int   more;

        if (lf || (t->over && t->from < t->to)) {
            char *end = lf ? lf : t->at + t->to;

            r->line_at = t->at + t->from;
            r->line_n = (size_t)(end - r->line_at);
            t->from = (size_t)(end - t->at) + (lf != NULL);
            r->line++;
            if (r->line_n && r->line_at[r->line_n - 1] == '\r')
                r->line_n--;
            return 1;
        }
        if (t->over)
            return 0;
        seen = t->to - t->from;
        more = fill(r, err);
        if (more < 0)
            return -1;
    }
}

/* ---- one value -------------------------------------------------------------------------------------- */

static int
bad_value(struct tp_reader *r, enum meaning m, struct tp_err *err)
{
    tp_where(err, "line %lld: %s", (long long)r->line, meaning_names[m]);
    if (r->opts.name)
        tp_where(err, "%.150s", r->opts.name);
    err->code = TP_EINPUT;
    return -1;
}

static int
read_time(struct tp_reader *r, const char *p, size_t n, struct tp_time *out, struct tp_err *err)
{
    size_t digits = 0;

    while (digits < n && (unsigned char)(p[digits] - '0') < 10)
        digits++;
    if (digits < n)
        return tp_time_parse(p, n, out, err);
    /* Seconds have 9 or 10 digits between 1973 and 2286, and so on for the finer units. */
    if (digits != r->unit) {
        if (r->unit)
            return tp_fail(err, TP_EINPUT, "the unit of time changes inside the file");
        r->unit = digits;
    }
    if (digits == 13 || digits == 16) {
        int64_t value = 0;

        for (size_t i = 0; i < n; i++)
            value = value * 10 + (p[i] - '0');
        out->us = digits == 13 ? value * 1000 : value;
        return 0;
    }
    return tp_time_parse_epoch(p, n, out, err);
}

/* A decimal of up to ten whole digits and eight places; false for every other form. */
static inline bool
plain_dec(const char *p, size_t n, struct tp_dec *out)
{
    static const int64_t powers[] = {100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1};
    const char          *end = p + n, *point;
    int64_t              value = 0;

    if (n > 19 || n == 0)
        return false;
    while (p < end && (unsigned char)(*p - '0') < 10)
        value = value * 10 + (*p++ - '0');
    if (p == end) {
        if (n > 10)
            return false;
        out->units = (tp_i128)value * TP_DEC_ONE;
        return true;
    }
    if (*p != '.' || end - p > 9 || p == end - (ptrdiff_t)n)
        return false;
    for (point = ++p; p < end && (unsigned char)(*p - '0') < 10; p++)
        value = value * 10 + (*p - '0');
    if (p != end || p == point || (size_t)(point - (end - n)) > 11)
        return false;
    out->units = (tp_i128)value * powers[p - point];
    return true;
}

static int
read_dec(const char *p, size_t n, int digits, struct tp_dec *out, struct tp_err *err)
{
    tp_i128 limit = TP_DEC_ONE;

    if (plain_dec(p, n, out))
        return 0;
    if (tp_dec_parse_foreign(p, n, out, err))
        return -1;
    for (int i = 0; i < digits; i++)
        limit *= 10;
    if (out->units >= limit || out->units <= -limit) {
        char safe[64];

        return tp_fail(err, TP_EINPUT, "'%s' is out of range: at most %d digits before the point fit",
                       tp_text_safe(safe, sizeof safe, p, n), digits);
    }
    return 0;
}

/* Blanks around a value and quotes around a CSV cell do not belong to it. */
static void
trim(const char **p, size_t *n)
{
    while (*n && (**p == ' ' || **p == '\t'))
        ++*p, --*n;
    while (*n && ((*p)[*n - 1] == ' ' || (*p)[*n - 1] == '\t'))
        --*n;
    if (*n >= 2 && **p == '"' && (*p)[*n - 1] == '"')
        ++*p, *n -= 2;
}

static int
read_value(struct tp_reader *r, enum meaning m, const char *p, size_t n, struct tp_candle *c,
           struct tp_err *err)
{
    int rc = 0;

    switch (m) {
    case SKIP:
    case MEANINGS:
        return 0;
    case TIME:
        rc = read_time(r, p, n, &c->timestamp, err);
        break;
    case OPEN:
        rc = read_dec(p, n, 12, &c->open, err);
        break;
    case HIGH:
        rc = read_dec(p, n, 12, &c->high, err);
        break;
    case LOW:
        rc = read_dec(p, n, 12, &c->low, err);
        break;
    case CLOSE:
        rc = read_dec(p, n, 12, &c->close, err);
        break;
    case VOLUME:
        rc = read_dec(p, n, 20, &c->volume, err);
        break;
    case CLOSE_TIME:
        rc = n ? read_time(r, p, n, &c->close_time, err) : 0;
        break;
    case QUOTE_VOLUME:
        rc = n ? read_dec(p, n, 20, &c->quote_volume, err) : 0;
        break;
    case COUNT:
        if (n && !tp_text_int(p, n, 0, INT64_MAX, &c->trades_count)) {
            char safe[64];

            rc = tp_fail(err, TP_EINPUT, "'%s' is not a whole number", tp_text_safe(safe, sizeof safe, p, n));
        }
        break;
    case TAKER_VOLUME:
        rc = n ? read_dec(p, n, 20, &c->taker_buy_volume, err) : 0;
        break;
    case TAKER_QUOTE_VOLUME:
        rc = n ? read_dec(p, n, 20, &c->taker_buy_quote_volume, err) : 0;
        break;
    }
    return rc ? bad_value(r, m, err) : 0;
}

/* ---- one candle -------------------------------------------------------------------------------------- */

static int
refuse(struct tp_reader *r, enum meaning m, struct tp_err *err, const char *what)
{
    tp_fail(err, TP_EINPUT, "%s", what);
    return bad_value(r, m, err);
}

static int
refuse_price(struct tp_reader *r, enum meaning m, struct tp_dec value, const char *what,
             struct tp_dec other, struct tp_err *err)
{
    char a[TP_DEC_TEXT], b[TP_DEC_TEXT];

    tp_dec_print_short(a, value);
    tp_dec_print_short(b, other);
    tp_fail(err, TP_EINPUT, "%s is %s %s", a, what, b);
    return bad_value(r, m, err);
}

static int
check_prices(struct tp_reader *r, const struct tp_candle *c, struct tp_err *err)
{
    if (c->low.units <= 0)
        return refuse(r, LOW, err, "a price must be positive");
    if (c->open.units > c->high.units)
        return refuse_price(r, OPEN, c->open, "above the high of", c->high, err);
    if (c->close.units > c->high.units)
        return refuse_price(r, CLOSE, c->close, "above the high of", c->high, err);
    if (c->open.units < c->low.units)
        return refuse_price(r, OPEN, c->open, "below the low of", c->low, err);
    if (c->close.units < c->low.units)
        return refuse_price(r, CLOSE, c->close, "below the low of", c->low, err);
    if (c->volume.units < 0)
        return refuse(r, VOLUME, err, "a volume must not be negative");
    return 0;
}

static bool
same(const struct tp_candle *a, const struct tp_candle *b)
{
    return a->open.units == b->open.units && a->high.units == b->high.units
           && a->low.units == b->low.units && a->close.units == b->close.units
           && a->volume.units == b->volume.units && a->quote_volume.units == b->quote_volume.units
           && a->trades_count == b->trades_count;
}

/* The interval that the first two times stand apart, when it is one of ours. */
static const struct tp_interval *
interval_of(int64_t us)
{
    for (size_t i = 0; tp_interval_names[i]; i++)
        if (tp_interval_find(tp_interval_names[i])->us == us)
            return tp_interval_find(tp_interval_names[i]);
    return NULL;
}

/* A regular close time (the bar's last milli- or microsecond, or the next bar's open) says nothing. */
static int
check_close_time(struct tp_reader *r, struct tp_candle *c, struct tp_err *err)
{
    int64_t after = c->close_time.us - c->timestamp.us;

    if (tp_time_none(c->close_time))
        return 0;
    if (!r->interval && !r->any)
        r->interval = interval_of((after + 1000) / 1000 * 1000);
    if (!r->interval)
        return 0;
    if (after == r->interval->us - 1000 || after == r->interval->us - 1 || after == r->interval->us) {
        c->close_time = TP_TIME_NONE;
        return 0;
    }
    if (after < 0 || after > r->interval->us)
        return refuse(r, CLOSE_TIME, err, "the close time is outside of its bar");
    return 0;
}

/* A first row whose close time does not tell the interval: the second row's time does, and only now can
 * the first be judged by it. */
static int
judge_first(struct tp_reader *r, const struct tp_candle *c, struct tp_err *err)
{
    const struct tp_candle *first = &r->last;
    char                    text[TP_TIME_TEXT];

    tp_time_print(text, first->timestamp);
    r->interval = interval_of(c->timestamp.us - first->timestamp.us);
    if (!r->interval) {
        tp_fail(err, TP_EINPUT, "the time is no interval after %s, the first row's", text);
        bad_value(r, TIME, err);
        return tp_hint(err, "--interval says how long a bar is");
    }
    if (!tp_interval_aligned(r->interval, first->timestamp)) {
        tp_fail(err, TP_EINPUT, "%s, the first row's, is not the open time of a bar of %s", text, r->interval->name);
        return bad_value(r, TIME, err);
    }
    if (!tp_time_none(first->close_time)
        && (first->close_time.us < first->timestamp.us || first->close_time.us > c->timestamp.us))
        return refuse(r, CLOSE_TIME, err, "the first row's close time is outside of its bar");
    return 0;
}

/* 1: a bar to keep; 0: the row before once more; -1. */
static int
check_candle(struct tp_reader *r, struct tp_candle *c, struct tp_err *err)
{
    char a[TP_TIME_TEXT], b[TP_TIME_TEXT];

    if (check_prices(r, c, err))
        return -1;
    if (!r->interval && r->any && c->timestamp.us > r->last.timestamp.us && judge_first(r, c, err))
        return -1;
    if (check_close_time(r, c, err))
        return -1;
    if (r->interval && !tp_interval_aligned(r->interval, c->timestamp)) {
        tp_time_print(a, c->timestamp);
        tp_fail(err, TP_EINPUT, "%s is not the open time of a bar of %s", a, r->interval->name);
        return bad_value(r, TIME, err);
    }
    if (r->any && c->timestamp.us == r->last.timestamp.us) {
        if (same(c, &r->last)) {
            r->duplicates++;
            return 0;
        }
        tp_time_print(a, c->timestamp);
        tp_fail(err, TP_EINPUT, "%s stands twice with different values", a);
        return bad_value(r, TIME, err);
    }
    if (r->any && c->timestamp.us < r->last.timestamp.us) {
        tp_time_print(a, c->timestamp);
        tp_time_print(b, r->last.timestamp);
        tp_fail(err, TP_EINPUT, "%s comes after %s: the rows are not in order", a, b);
        bad_value(r, TIME, err);
        return tp_hint(err, "sort the file by time, oldest first");
    }
    r->last = *c;
    r->any = true;
    return 1;
}

/* ---- CSV ---------------------------------------------------------------------------------------------- */

static enum meaning
meaning_of(const char *p, size_t n, bool *known)
{
    char name[40];

    *known = true;
    trim(&p, &n);
    if (n >= sizeof name) {
        *known = false;
        return SKIP;
    }
    for (size_t i = 0; i <= n; i++)
        name[i] = i == n ? '\0' : p[i] == ' ' ? '_' : (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 32 : p[i]);
    for (enum meaning m = TIME; m < MEANINGS; m++)
        if (strcmp(name, meaning_names[m]) == 0)
            return m;
    for (size_t i = 0; i < TP_COUNT(synonyms); i++)
        if (strcmp(name, synonyms[i].name) == 0)
            return synonyms[i].meaning;
    *known = n == 0 || strcmp(name, "-") == 0 || strcmp(name, "ignore") == 0;
    return SKIP;
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
        enum meaning m = meaning_of(p, len, &known);
        char         safe[48];

        if (!known && strict)
            return tp_fail(err, TP_EUSAGE, "--columns: '%s' is not the name of a column",
                           tp_text_safe(safe, sizeof safe, p, len));
        if (r->n_columns == COLUMNS_MAX)
            return tp_fail(err, TP_EINPUT, "more than %d columns", COLUMNS_MAX);
        if (m != SKIP && seen[m])
            return tp_fail(err, strict ? TP_EUSAGE : TP_EINPUT, "two columns are the %s", meaning_names[m]);
        seen[m] = true;
        r->columns[r->n_columns++] = m;
        if (!comma)
            break;
        p = comma + 1;
    }
    /* The index that data frames write in front has no name. */
    if (!seen[TIME] && !strict && r->n_columns && r->columns[0] == SKIP) {
        r->columns[0] = TIME;
        seen[TIME] = true;
    }
    for (enum meaning m = TIME; m <= VOLUME; m++)
        if (!seen[m]) {
            tp_fail(err, strict ? TP_EUSAGE : TP_EINPUT, "no column is the %s", meaning_names[m]);
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

/* The first line: a header, or a row in Binance's order (12 columns; the first six alone will do). */
static int
csv_start(struct tp_reader *r, bool *header, struct tp_err *err)
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
        return set_columns(r, p, n, false, err) ? tp_where(err, "line 1") : 0;
    columns = count_commas(p, n) + 1;
    if (columns != 12 && columns != 11 && columns != 6) {
        tp_fail(err, TP_EINPUT, "line 1: %zu columns and no header", columns);
        return tp_hint(err, "name the columns: --columns time,open,high,low,close,volume,-");
    }
    if (set_columns(r, binance, sizeof binance - 1, true, err))
        return -1;
    r->n_columns = columns;
    return 0;
}

static int
csv_row(struct tp_reader *r, struct tp_candle *c, struct tp_err *err)
{
    const char *p = r->line_at, *end = p + r->line_n;

    for (size_t i = 0; i < r->n_columns; i++) {
        const char *q = p;
        const char *value;
        size_t      n;

        while (q < end && *q != ',')
            q++;
        if (q == end && i + 1 < r->n_columns) {
            tp_fail(err, TP_EINPUT, "line %lld: %zu columns instead of %zu", (long long)r->line, i + 1,
                    r->n_columns);
            return r->opts.name ? tp_where(err, "%.150s", r->opts.name) : -1;
        }
        value = p;
        n = (size_t)(q - p);
        if (n && (*value <= ' ' || *value == '"' || value[n - 1] <= ' '))
            trim(&value, &n);
        if (r->columns[i] != SKIP && read_value(r, r->columns[i], value, n, c, err))
            return -1;
        p = q + 1;
        if (i + 1 == r->n_columns && q < end) {
            tp_fail(err, TP_EINPUT, "line %lld: more than %zu columns", (long long)r->line, r->n_columns);
            return r->opts.name ? tp_where(err, "%.150s", r->opts.name) : -1;
        }
    }
    return 0;
}

/* ---- plain rows ----------------------------------------------------------------------------------------- */

/* The columns as the straight line takes them, once a first row told the unit of time. */
static void
make_plan(struct tp_reader *r)
{
    r->plan.n = 0;
    r->plan.time_digits = (unsigned)r->unit;
    if (r->unit != 13 && r->unit != 16)
        return;
    for (size_t i = 0; i < r->n_columns; i++) {
        enum meaning m = r->columns[i];

        tp_row_add(&r->plan,
                   m == SKIP                         ? TP_CELL_SKIP
                   : m == TIME || m == CLOSE_TIME ? TP_CELL_TIME
                   : m == COUNT                      ? TP_CELL_COUNT
                                                     : TP_CELL_DEC,
                   m);
    }
}

/* Whether nothing can be said against the row, nor in its favour: prices in order, the time on the
 * interval and after the one before, the close time the regular one. */
static inline bool
plain(const struct tp_interval *interval, const int64_t *v, int64_t before)
{
    int64_t open_for = v[CLOSE_TIME] == TP_TIME_NONE.us ? interval->us : v[CLOSE_TIME] - v[TIME];

    return v[LOW] > 0 && v[OPEN] <= v[HIGH] && v[CLOSE] <= v[HIGH] && v[OPEN] >= v[LOW]
           && v[CLOSE] >= v[LOW]
           && (open_for == interval->us || open_for == interval->us - 1
               || open_for == interval->us - 1000)
           && (v[TIME] - before == interval->us /* which was on the interval */
               || (v[TIME] > before && tp_interval_aligned(interval, (struct tp_time){v[TIME]})));
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
    last->timestamp.us = v[TIME];
    last->open = dec_of(v[OPEN]);
    last->high = dec_of(v[HIGH]);
    last->low = dec_of(v[LOW]);
    last->close = dec_of(v[CLOSE]);
    last->volume = dec_of(v[VOLUME]);
    last->close_time = TP_TIME_NONE;
    last->quote_volume = dec_of(v[QUOTE_VOLUME]);
    last->trades_count = v[COUNT];
    last->taker_buy_volume = dec_of(v[TAKER_VOLUME]);
    last->taker_buy_quote_volume = dec_of(v[TAKER_QUOTE_VOLUME]);
}

/* Takes rows as long as they are plain.  All others - those to refuse among them - are left in the
 * text for csv_row, which knows every form and every reason. */
static void
plain_rows(struct tp_reader *r, struct tp_bars *bars)
{
    struct reader_text *t = &r->text;
    struct tp_column   *columns[] = {&bars->open,         &bars->high,             &bars->low,
                                     &bars->close,        &bars->volume,           &bars->quote_volume,
                                     &bars->taker_buy_volume, &bars->taker_buy_quote_volume};
    static const enum meaning places[] = {OPEN,   HIGH,         LOW,          CLOSE,
                                          VOLUME, QUOTE_VOLUME, TAKER_VOLUME, TAKER_QUOTE_VOLUME};
    int64_t  v[MEANINGS], kept[MEANINGS];
    int64_t *out[TP_COUNT(places)];
    int64_t  from = tp_time_none(r->opts.from) ? INT64_MIN : r->opts.from.us;
    int64_t  to = tp_time_none(r->opts.to) ? INT64_MAX : r->opts.to.us;
    int64_t  rows = 0;

    for (size_t i = 0; i < TP_COUNT(places); i++) {
        out[i] = columns[i]->narrow;
        if (!out[i])
            return;
    }
    for (size_t i = 0; i < MEANINGS; i++)
        v[i] = INT64_MIN; /* none, for a time, a decimal and a count */
    kept[TIME] = r->last.timestamp.us;
    while (bars->n < bars->room) {
        const char *next = tp_row_read(&r->plan, t->at + t->from, v);
        size_t      n = bars->n;

        if (!next || !plain(r->interval, v, kept[TIME]))
            break;
        memcpy(kept, v, sizeof kept);
        t->from = (size_t)(next - t->at);
        rows++;
        if (v[TIME] < from || v[TIME] >= to)
            continue;
        bars->time[n] = v[TIME];
        bars->close_time[n] = TP_TIME_NONE.us;
        bars->trades_count[n] = v[COUNT];
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

/* ---- arrays of REST answers ----------------------------------------------------------------------------- */

/* The next byte that is not blank, left in place: 1, 0, -1. */
static int
look(struct tp_reader *r, char *c, struct tp_err *err)
{
    struct reader_text *t = &r->text;

    for (;;) {
        while (t->from < t->to && (unsigned char)t->at[t->from] <= ' ') {
            r->line += t->at[t->from] == '\n';
            t->from++;
        }
        if (t->from < t->to) {
            *c = t->at[t->from];
            return 1;
        }
        if (t->over)
            return 0;
        if (fill(r, err) < 0)
            return -1;
    }
}

static int
bad_array(struct tp_reader *r, const char *what, struct tp_err *err)
{
    tp_fail(err, TP_EINPUT, "line %lld: %s", (long long)r->line + 1, what);
    return r->opts.name ? tp_where(err, "%.150s", r->opts.name) : -1;
}

static int
want(struct tp_reader *r, char c, const char *what, struct tp_err *err)
{
    char got;
    int  more = look(r, &got, err);

    if (more < 0)
        return -1;
    if (!more || got != c)
        return bad_array(r, what, err);
    r->text.from++;
    return 0;
}

/* A number or a string without escapes, of at most 63 bytes. */
static int
array_value(struct tp_reader *r, char out[64], size_t *n, struct tp_err *err)
{
    char c;
    bool quoted;

    *n = 0;
    if (look(r, &c, err) <= 0)
        return bad_array(r, "the array ends too early", err);
    quoted = c == '"';
    r->text.from += quoted;
    for (;;) {
        if (r->text.from == r->text.to) {
            int more = fill(r, err);

            if (more < 0)
                return -1;
            if (!more)
                return bad_array(r, "the array ends too early", err);
        }
        c = r->text.at[r->text.from];
        if (quoted ? c == '"' : c == ',' || c == ']' || (unsigned char)c <= ' ')
            break;
        if (*n == 63 || c == '\\' || c == '[' || c == '{')
            return bad_array(r, "want a number or a short text", err);
        out[(*n)++] = c;
        r->text.from++;
    }
    r->text.from += quoted;
    if (!quoted && *n == 4 && memcmp(out, "null", 4) == 0)
        *n = 0;
    return 0;
}

/* One inner array: 1, 0 at the outer one's end, -1. */
static int
array_row(struct tp_reader *r, struct tp_candle *c, struct tp_err *err)
{
    static const enum meaning order[] = {TIME,  OPEN,       HIGH,         LOW,   CLOSE,        VOLUME,
                                         CLOSE_TIME, QUOTE_VOLUME, COUNT, TAKER_VOLUME, TAKER_QUOTE_VOLUME};
    char                      text[64], byte;
    size_t                    n, i;

    if (r->ended)
        return 0;
    if (!r->inside) {
        if (want(r, '[', "want an array", err))
            return -1;
        r->inside = true;
    }
    if (look(r, &byte, err) <= 0)
        return bad_array(r, "the array ends too early", err);
    if (byte == ',' && r->any) {
        r->text.from++;
        if (look(r, &byte, err) <= 0)
            return bad_array(r, "the array ends too early", err);
    } else if (byte == ']') {
        r->text.from++;
        if (look(r, &byte, err) > 0)
            return bad_array(r, "something follows the array", err);
        r->ended = true;
        return 0;
    }
    if (want(r, '[', "want an array of candles", err))
        return -1;
    for (i = 0;; i++) {
        if (array_value(r, text, &n, err))
            return -1;
        r->line++; /* messages count from one */
        if (i < TP_COUNT(order) && read_value(r, order[i], text, n, c, err))
            return -1;
        r->line--;
        if (look(r, &byte, err) <= 0 || (byte != ',' && byte != ']'))
            return bad_array(r, "want ',' or ']'", err);
        r->text.from++;
        if (byte == ']')
            break;
    }
    return i >= 5 ? 1 : bad_array(r, "a candle has at least six values", err);
}

/* ---- our own records -------------------------------------------------------------------------------------- */

/* 1: a candle; 0: some other record; -1. */
static int
record_row(struct tp_reader *r, struct tp_candle *c, struct tp_err *err)
{
    int got = tp_record_parse(&tp_candle_record, r->line_at, r->line_n, c, &r->arena, err);

    if (got == 0 && !r->has_symbol) {
        got = tp_record_parse(&tp_symbol_record, r->line_at, r->line_n, &r->symbol, &r->arena, err);
        r->has_symbol = got > 0;
        got = got < 0 ? -1 : 0;
    }
    if (got < 0)
        goto failed;
    if (got == 0)
        return 0;
    if (!r->interval)
        r->interval = tp_interval_find(c->interval);
    if (!r->has_first) {
        r->first = *c;
        r->has_first = true;
    } else if (strcmp(c->symbol, r->first.symbol) != 0 || strcmp(c->exchange, r->first.exchange) != 0
               || strcmp(c->interval, r->first.interval) != 0) {
        tp_fail(err, TP_EINPUT, "a second instrument or interval in one stream");
        goto failed;
    }
    return 1;
failed:
    tp_where(err, "line %lld", (long long)r->line);
    return r->opts.name ? tp_where(err, "%.150s", r->opts.name) : -1;
}

/* ---- all of it ------------------------------------------------------------------------------------------- */

static int
find_form(struct tp_reader *r, struct tp_err *err)
{
    char c;
    int  got;

    if (r->text.to == 0 && fill(r, err) < 0)
        return -1;
    got = look(r, &c, err);
    if (got < 0)
        return -1;
    r->form = !got ? FORM_CSV : c == '[' ? FORM_ARRAYS : c == '{' ? FORM_RECORDS : FORM_CSV;
    return 0;
}

/* The next row into c: 1; 0 at the end; 2: nothing to keep (a header, an empty line); -1. */
static int
next_row(struct tp_reader *r, struct tp_candle *c, struct tp_err *err)
{
    int  got;
    bool header;

    if (r->form == FORM_ARRAYS)
        return array_row(r, c, err);
    got = next_line(r, err);
    if (got <= 0)
        return got;
    if (r->line_n == 0)
        return 2;
    if (memchr(r->line_at, '\0', r->line_n)) {
        tp_fail(err, TP_EINPUT, "line %lld: a NUL byte", (long long)r->line);
        return r->opts.name ? tp_where(err, "%.150s", r->opts.name) : -1;
    }
    if (r->form == FORM_RECORDS) {
        got = record_row(r, c, err);
        return got == 0 ? 2 : got;
    }
    if (r->n_columns == 0) {
        if (csv_start(r, &header, err))
            return -1;
        if (header)
            return 2;
    }
    return csv_row(r, c, err) ? -1 : 1;
}

static bool
wanted(const struct tp_reader *r, struct tp_time t)
{
    return (tp_time_none(r->opts.from) || t.us >= r->opts.from.us)
           && (tp_time_none(r->opts.to) || t.us < r->opts.to.us);
}

/* Adds candles until the bars are full or the source ends: 0, -1. */
static int
read_bars(struct tp_reader *r, struct tp_bars *bars, struct tp_err *err)
{
    struct tp_candle c;

    if (r->form == FORM_UNKNOWN && find_form(r, err))
        return -1;
    tp_record_init(&tp_candle_record, &c);
    while (bars->n < bars->room) {
        int got;

        if (r->form == FORM_CSV && r->any && r->interval) {
            if (r->plan.n == 0)
                make_plan(r);
            if (r->plan.n)
                plain_rows(r, bars);
            if (bars->n == bars->room)
                break;
        }
        c.close_time = TP_TIME_NONE;
        c.trades_count = INT64_MIN;
        c.quote_volume = c.taker_buy_volume = c.taker_buy_quote_volume = TP_DEC_NONE;
        got = next_row(r, &c, err);
        if (got == 0)
            break;
        if (got == 1)
            got = check_candle(r, &c, err);
        if (got < 0)
            return -1;
        if (got == 1 && wanted(r, c.timestamp))
            tp_bars_push(bars, &c);
    }
    return 0;
}

int
tp_reader_peek(struct tp_reader *r, struct tp_err *err)
{
    if (read_bars(r, &r->ahead, err))
        return -1;
    return r->ahead.n > 0;
}

int
tp_reader_next(struct tp_reader *r, struct tp_bars *bars, struct tp_err *err)
{
    size_t taken = 0;

    tp_bars_clear(bars);
    for (; taken < r->ahead.n && bars->n < bars->room; taken++) {
        struct tp_candle c = tp_bars_candle(&r->ahead, taken);

        tp_bars_push(bars, &c);
    }
    tp_bars_drop(&r->ahead, taken);
    if (read_bars(r, bars, err))
        return -1;
    return bars->n > 0;
}
