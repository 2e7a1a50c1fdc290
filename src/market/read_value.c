/* One value, and whether a candle can be believed. */
#include "market/reader.h"

#include <string.h>

#include "base/banned.h"

const char *const tp_read_meanings[MEANINGS] = {
    "-",      "time",       "open",         "high",         "low",          "close",
    "volume", "close_time", "quote_volume", "trades_count", "taker_buy_volume", "taker_buy_quote_volume"};

static int
bad_value(struct tp_reader *r, enum tp_meaning m, struct tp_err *err)
{
    tp_where(err, "%s", tp_read_meanings[m]);
    if (r->form == TP_READ_ARRAYS) /* they often stand on one line */
        tp_where(err, "row %lld", (long long)r->rows);
    err->code = TP_EINPUT;
    return tp_read_where(r, r->line, err);
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

void
tp_read_trim(const char **p, size_t *n)
{
    while (*n && (**p == ' ' || **p == '\t'))
        ++*p, --*n;
    while (*n && ((*p)[*n - 1] == ' ' || (*p)[*n - 1] == '\t'))
        --*n;
    if (*n >= 2 && **p == '"' && (*p)[*n - 1] == '"')
        ++*p, *n -= 2;
}

int
tp_read_value(struct tp_reader *r, enum tp_meaning m, const char *p, size_t n, struct tp_candle *c,
              struct tp_err *err)
{
    int rc = 0;

    switch (m) {
    case MEANS_SKIP:
    case MEANINGS:
        return 0;
    case MEANS_TIME:
        rc = read_time(r, p, n, &c->timestamp, err);
        break;
    case MEANS_OPEN:
        rc = read_dec(p, n, 12, &c->open, err);
        break;
    case MEANS_HIGH:
        rc = read_dec(p, n, 12, &c->high, err);
        break;
    case MEANS_LOW:
        rc = read_dec(p, n, 12, &c->low, err);
        break;
    case MEANS_CLOSE:
        rc = read_dec(p, n, 12, &c->close, err);
        break;
    case MEANS_VOLUME:
        rc = read_dec(p, n, 20, &c->volume, err);
        break;
    case MEANS_CLOSE_TIME:
        rc = n ? read_time(r, p, n, &c->close_time, err) : 0;
        break;
    case MEANS_QUOTE_VOLUME:
        rc = n ? read_dec(p, n, 20, &c->quote_volume, err) : 0;
        break;
    case MEANS_COUNT:
        if (n && !tp_text_int(p, n, 0, INT64_MAX, &c->trades_count)) {
            char safe[64];

            rc = tp_fail(err, TP_EINPUT, "'%s' is not a whole number", tp_text_safe(safe, sizeof safe, p, n));
        }
        break;
    case MEANS_TAKER_VOLUME:
        rc = n ? read_dec(p, n, 20, &c->taker_buy_volume, err) : 0;
        break;
    case MEANS_TAKER_QUOTE_VOLUME:
        rc = n ? read_dec(p, n, 20, &c->taker_buy_quote_volume, err) : 0;
        break;
    }
    return rc ? bad_value(r, m, err) : 0;
}

static int
refuse(struct tp_reader *r, enum tp_meaning m, struct tp_err *err, const char *what)
{
    tp_fail(err, TP_EINPUT, "%s", what);
    return bad_value(r, m, err);
}

static int
refuse_price(struct tp_reader *r, enum tp_meaning m, struct tp_dec value, const char *what,
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
        return refuse(r, MEANS_LOW, err, "a price must be positive");
    if (c->open.units > c->high.units)
        return refuse_price(r, MEANS_OPEN, c->open, "above the high of", c->high, err);
    if (c->close.units > c->high.units)
        return refuse_price(r, MEANS_CLOSE, c->close, "above the high of", c->high, err);
    if (c->open.units < c->low.units)
        return refuse_price(r, MEANS_OPEN, c->open, "below the low of", c->low, err);
    if (c->close.units < c->low.units)
        return refuse_price(r, MEANS_CLOSE, c->close, "below the low of", c->low, err);
    if (c->volume.units < 0)
        return refuse(r, MEANS_VOLUME, err, "a volume must not be negative");
    return 0;
}

static bool
same(const struct tp_candle *a, const struct tp_candle *b)
{
    return a->open.units == b->open.units && a->high.units == b->high.units
           && a->low.units == b->low.units && a->close.units == b->close.units
           && a->volume.units == b->volume.units && a->quote_volume.units == b->quote_volume.units
           && a->trades_count == b->trades_count && a->close_time.us == b->close_time.us
           && a->taker_buy_volume.units == b->taker_buy_volume.units
           && a->taker_buy_quote_volume.units == b->taker_buy_quote_volume.units;
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
    if (!r->interval && !r->any) {
        r->interval = interval_of((after + 999) / 1000 * 1000);
        if (!r->interval)
            r->interval = interval_of(after + 1000);
    }
    if (!r->interval)
        return 0;
    if (after == r->interval->us - 1000 || after == r->interval->us - 1 || after == r->interval->us) {
        c->close_time = TP_TIME_NONE;
        return 0;
    }
    if (after < 0 || after > r->interval->us)
        return refuse(r, MEANS_CLOSE_TIME, err, "the close time is outside of its bar");
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
        bad_value(r, MEANS_TIME, err);
        return tp_hint(err, "--interval says how long a bar is");
    }
    if (!tp_interval_aligned(r->interval, first->timestamp)) {
        tp_fail(err, TP_EINPUT, "%s, the first row's, is not the open time of a bar of %s", text, r->interval->name);
        return bad_value(r, MEANS_TIME, err);
    }
    if (!tp_time_none(first->close_time)
        && (first->close_time.us < first->timestamp.us || first->close_time.us > c->timestamp.us))
        return refuse(r, MEANS_CLOSE_TIME, err, "the first row's close time is outside of its bar");
    return 0;
}

int
tp_read_judge(struct tp_reader *r, struct tp_candle *c, struct tp_err *err)
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
        return bad_value(r, MEANS_TIME, err);
    }
    if (r->any && c->timestamp.us == r->last.timestamp.us) {
        if (same(c, &r->last)) {
            r->duplicates++;
            return 0;
        }
        tp_time_print(a, c->timestamp);
        tp_fail(err, TP_EINPUT, "%s stands twice with different values", a);
        return bad_value(r, MEANS_TIME, err);
    }
    if (r->any && c->timestamp.us < r->last.timestamp.us) {
        tp_time_print(a, c->timestamp);
        tp_time_print(b, r->last.timestamp);
        tp_fail(err, TP_EINPUT, "%s comes after %s: the rows are not in order", a, b);
        bad_value(r, MEANS_TIME, err);
        return tp_hint(err, "sort the file by time, oldest first");
    }
    r->last = *c;
    r->any = true;
    return 1;
}
