#include "market/look.h"

#include <string.h>

#include "base/banned.h"

static const char *const kinds[] = {
#define X(kind, fault, text) #kind,
    TP_FINDINGS(X)
#undef X
        NULL};

static const char kinds_help[] =
#define X(kind, fault, text) #kind ": " text "; "
    TP_FINDINGS(X)
#undef X
        "the first three are facts, the others faults";

static const struct tp_field finding_fields[] = {
    F_TEXT(struct tp_price_finding, exchange, "code of the venue"),
    F_TEXT(struct tp_price_finding, symbol, "instrument"),
    F_TEXT(struct tp_price_finding, interval, "interval of the candles"),
    F_TEXT(struct tp_price_finding, kind, kinds_help, .choices = kinds),
    F_TIME(struct tp_price_finding, from, "open time of the first candle concerned"),
    F_TIME(struct tp_price_finding, to, "end of the last one, not part of it; the close time of close_time"),
    F_INT(struct tp_price_finding, candles, "how many candles"),
    F_TEXT(struct tp_price_finding, field, "of value and differs: which value"),
    F_VOLUME(struct tp_price_finding, stored, "the value that is stored"),
    F_VOLUME(struct tp_price_finding, expected, "of differs: the value that the other source gives"),
    F_STOP,
};

const struct tp_record tp_price_finding_record = {"price_finding", "something to know about stored candles",
                                                  finding_fields, sizeof(struct tp_price_finding)};

bool
tp_finding_fault(const char *kind)
{
#define X(word, fault, text)                                                                       \
    if (strcmp(kind, #word) == 0)                                                                  \
        return fault;
    TP_FINDINGS(X)
#undef X
    return false;
}

static struct tp_price_finding
finding(enum tp_finding_kind kind, const struct tp_candle *c, int64_t from, int64_t to, int64_t candles)
{
    struct tp_price_finding f;

    tp_record_init(&tp_price_finding_record, &f);
    memcpy(f.exchange, c->exchange, sizeof f.exchange);
    memcpy(f.symbol, c->symbol, sizeof f.symbol);
    memcpy(f.interval, c->interval, sizeof f.interval);
    tp_text_set(f.kind, sizeof f.kind, kinds[kind], strlen(kinds[kind]));
    f.from.us = from;
    f.to.us = to;
    f.candles = candles;
    return f;
}

static int
tell(struct tp_look *look, enum tp_finding_kind kind, const struct tp_candle *c, int64_t from, int64_t to,
     int64_t candles, struct tp_err *err)
{
    struct tp_price_finding f = finding(kind, c, from, to, candles);

    return look->tell(look->out, &f, err);
}

static int
tell_value(struct tp_look *look, enum tp_finding_kind kind, const struct tp_candle *c, const char *field,
           struct tp_dec stored, struct tp_dec expected, struct tp_err *err)
{
    struct tp_price_finding f =
        finding(kind, c, c->timestamp.us, c->timestamp.us + look->interval->us, 1);

    tp_text_set(f.field, sizeof f.field, field, strlen(field));
    f.stored = stored;
    f.expected = expected;
    return look->tell(look->out, &f, err);
}

/* The decimals of a candle, by name. */
static const struct {
    const char *name;
    size_t      at;
    bool        price;
} values[] = {
    {"open", offsetof(struct tp_candle, open), true},
    {"high", offsetof(struct tp_candle, high), true},
    {"low", offsetof(struct tp_candle, low), true},
    {"close", offsetof(struct tp_candle, close), true},
    {"volume", offsetof(struct tp_candle, volume), false},
    {"quote_volume", offsetof(struct tp_candle, quote_volume), false},
    {"taker_buy_volume", offsetof(struct tp_candle, taker_buy_volume), false},
    {"taker_buy_quote_volume", offsetof(struct tp_candle, taker_buy_quote_volume), false},
};

static struct tp_dec
value_of(const struct tp_candle *c, size_t i)
{
    struct tp_dec v;

    memcpy(&v, (const char *)c + values[i].at, sizeof v);
    return v;
}

static struct tp_dec
count_of(const struct tp_candle *c)
{
    return c->trades_count == INT64_MIN ? TP_DEC_NONE : tp_dec_int(c->trades_count);
}

/* Every price lies between low and high and above zero, no volume is negative. */
static int
check_values(struct tp_look *look, const struct tp_candle *c, struct tp_err *err)
{
    for (size_t i = 0; i < TP_COUNT(values); i++) {
        struct tp_dec v = value_of(c, i);
        bool          wrong = values[i].price
                                  ? v.units <= 0 || v.units > c->high.units || v.units < c->low.units
                                  : !tp_dec_none(v) && v.units < 0;

        if (wrong && tell_value(look, TP_FINDING_value, c, values[i].name, v, TP_DEC_NONE, err))
            return -1;
    }
    if (c->trades_count != INT64_MIN && c->trades_count < 0
        && tell_value(look, TP_FINDING_value, c, "trades_count", count_of(c), TP_DEC_NONE, err))
        return -1;
    return 0;
}

static int
check_time(struct tp_look *look, const struct tp_candle *c, struct tp_err *err)
{
    int64_t step = look->interval->us, at = c->timestamp.us;

    if (!tp_interval_aligned(look->interval, c->timestamp)
        && tell(look, TP_FINDING_alignment, c, at, at + step, 1, err))
        return -1;
    if (look->any && at <= look->last.timestamp.us && tell(look, TP_FINDING_order, c, at, at + step, 1, err))
        return -1;
    if (tp_time_none(c->close_time))
        return 0;
    return tell(look, TP_FINDING_close_time, c, at, c->close_time.us, 1, err);
}

static int
end_quiet(struct tp_look *look, struct tp_err *err)
{
    int64_t n = look->quiet;

    look->quiet = 0;
    return n ? tell(look, TP_FINDING_no_trades, &look->last, look->quiet_from,
                    look->last.timestamp.us + look->interval->us, n, err)
             : 0;
}

/* The first open time that is not before t. */
static int64_t
open_from(const struct tp_look *look, struct tp_time t)
{
    int64_t floor = tp_interval_floor(look->interval, t).us;

    return floor < t.us ? floor + look->interval->us : floor;
}

int
tp_look_put(struct tp_look *look, const struct tp_candle *c, struct tp_err *err)
{
    int64_t step = look->interval->us;
    int64_t last = look->any                     ? look->last.timestamp.us
                   : tp_time_none(look->from) ? c->timestamp.us - step
                                                 : open_from(look, look->from) - step;
    bool    still = c->trades_count == 0 || (c->trades_count == INT64_MIN && c->volume.units == 0);
    bool    gap = c->timestamp.us > last + step;

    /* A run of candles without a trade ends at a gap, too. */
    if (!look->gaps_only && (!still || gap) && end_quiet(look, err))
        return -1;
    if (gap && tell(look, TP_FINDING_missing, c, last + step, c->timestamp.us, (c->timestamp.us - last - 1) / step, err))
        return -1;
    if (!look->gaps_only) {
        if (still && look->quiet++ == 0)
            look->quiet_from = c->timestamp.us;
        if (check_time(look, c, err) || check_values(look, c, err))
            return -1;
    }
    look->last = *c;
    look->any = true;
    return 0;
}

int
tp_look_end(struct tp_look *look, struct tp_err *err)
{
    int64_t next = look->last.timestamp.us + look->interval->us;
    int64_t end = tp_time_none(look->to) ? INT64_MIN : open_from(look, look->to);

    if (!look->any)
        return 0;
    if (end_quiet(look, err))
        return -1;
    return next < end ? tell(look, TP_FINDING_missing, &look->last, next, end, (end - next) / look->interval->us, err)
                      : 0;
}

static int
compare(struct tp_look *look, const struct tp_candle *c, const char *field, struct tp_dec stored,
        struct tp_dec expected, struct tp_err *err)
{
    if (tp_dec_none(stored) || tp_dec_none(expected) || stored.units == expected.units)
        return 0;
    return tell_value(look, TP_FINDING_differs, c, field, stored, expected, err);
}

int
tp_look_compare(struct tp_look *look, const struct tp_candle *stored, const struct tp_candle *expected,
                struct tp_err *err)
{
    for (size_t i = 0; i < TP_COUNT(values); i++)
        if (compare(look, stored, values[i].name, value_of(stored, i), value_of(expected, i), err))
            return -1;
    return compare(look, stored, "trades_count", count_of(stored), count_of(expected), err);
}
