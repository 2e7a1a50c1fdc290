/* Candles in JSON: the arrays of REST answers, and our own records. */
#include "market/reader.h"

#include <string.h>

#include "base/banned.h"

int
tp_read_look(struct tp_reader *r, char *c, struct tp_err *err)
{
    struct tp_read_text *t = &r->text;

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
        if (tp_read_fill(r, err) < 0)
            return -1;
    }
}

static int
bad_array(struct tp_reader *r, const char *what, struct tp_err *err)
{
    tp_fail(err, TP_EINPUT, "%s", what);
    return tp_read_where(r, r->line + 1, err);
}

static int
want(struct tp_reader *r, char c, const char *what, struct tp_err *err)
{
    char got;
    int  more = tp_read_look(r, &got, err);

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
    if (tp_read_look(r, &c, err) <= 0)
        return bad_array(r, "the array ends too early", err);
    quoted = c == '"';
    r->text.from += quoted;
    for (;;) {
        if (r->text.from == r->text.to) {
            int more = tp_read_fill(r, err);

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

int
tp_read_array(struct tp_reader *r, struct tp_candle *c, struct tp_err *err)
{
    static const enum tp_meaning order[] = {
        MEANS_TIME,       MEANS_OPEN,         MEANS_HIGH,  MEANS_LOW,          MEANS_CLOSE,             MEANS_VOLUME,
        MEANS_CLOSE_TIME, MEANS_QUOTE_VOLUME, MEANS_COUNT, MEANS_TAKER_VOLUME, MEANS_TAKER_QUOTE_VOLUME};
    char                      text[64], byte;
    size_t                    n, i;

    if (r->ended)
        return 0;
    if (!r->inside) {
        if (want(r, '[', "want an array", err))
            return -1;
        r->inside = true;
    }
    if (tp_read_look(r, &byte, err) <= 0)
        return bad_array(r, "the array ends too early", err);
    if (byte == ',' && r->any) {
        r->text.from++;
        if (tp_read_look(r, &byte, err) <= 0)
            return bad_array(r, "the array ends too early", err);
    } else if (byte == ']') {
        r->text.from++;
        if (tp_read_look(r, &byte, err) > 0)
            return bad_array(r, "something follows the array", err);
        r->ended = true;
        return 0;
    }
    if (want(r, '[', "want an array of candles", err))
        return -1;
    r->rows++;
    for (i = 0;; i++) {
        if (array_value(r, text, &n, err))
            return -1;
        r->line++; /* messages count from one */
        if (i < TP_COUNT(order) && tp_read_value(r, order[i], text, n, c, err))
            return -1;
        r->line--;
        if (tp_read_look(r, &byte, err) <= 0 || (byte != ',' && byte != ']'))
            return bad_array(r, "want ',' or ']'", err);
        r->text.from++;
        if (byte == ']')
            break;
    }
    if (i < (r->opts.mark ? 4 : 5))
        return bad_array(r, r->opts.mark ? "a bar has at least five values" : "a candle has at least six values", err);
    return 1;
}

/* A record of the mark price as a candle: 1; 0: another record; -1. */
static int
mark_record(struct tp_reader *r, struct tp_candle *c, struct tp_err *err)
{
    struct tp_mark_price mark;
    int got = tp_record_parse(&tp_mark_price_record, r->line_at, r->line_n, &mark, &r->arena, err);

    memcpy(c->exchange, mark.exchange, sizeof c->exchange);
    memcpy(c->symbol, mark.symbol, sizeof c->symbol);
    memcpy(c->interval, mark.interval, sizeof c->interval);
    memcpy(c->source, mark.source, sizeof c->source);
    c->timestamp = mark.timestamp;
    c->open = mark.open;
    c->high = mark.high;
    c->low = mark.low;
    c->close = mark.close;
    return got;
}

/* A funding rate on its way: what a bar needs must be known before it, so they all come before the first.  1; 0:
 * another record; -1. */
static int
funding_record(struct tp_reader *r, struct tp_err *err)
{
    struct tp_funding_rate rate;
    int                    got = tp_record_parse(&tp_funding_rate_record, r->line_at, r->line_n, &rate, NULL, err);

    if (got <= 0)
        return got;
    if (r->has_first)
        return tp_fail(err, TP_EINPUT, "a funding rate behind a candle: they stand before the first one");
    if (r->n_rates
        && tp_funding_stamp(rate.funding_time).us <= tp_funding_stamp(r->rates[r->n_rates - 1].funding_time).us)
        return tp_fail(err, TP_EINPUT, "funding_time: not later than the one before");
    if (r->n_rates && strcmp(rate.symbol, r->rates[0].symbol) != 0)
        return tp_fail(err, TP_EINPUT, "symbol: the funding rates of a stream are of one instrument");
    if ((r->n_rates & (r->n_rates - 1)) == 0)
        r->rates = tp_realloc(r->rates, (2 * r->n_rates + 1) * sizeof *r->rates);
    r->rates[r->n_rates++] = rate;
    return 1;
}

int
tp_read_record(struct tp_reader *r, struct tp_candle *c, struct tp_err *err)
{
    int got = r->opts.mark ? mark_record(r, c, err)
                           : tp_record_parse(&tp_candle_record, r->line_at, r->line_n, c, &r->arena, err);

    if (got == 0 && !r->has_symbol) {
        got = tp_record_parse(&tp_symbol_record, r->line_at, r->line_n, &r->symbol, &r->arena, err);
        r->has_symbol = got > 0;
        got = got < 0 ? -1 : 0;
    }
    if (got == 0 && !r->opts.mark)
        got = funding_record(r, err) < 0 ? -1 : 0;
    if (got < 0) {
        tp_read_where(r, r->line, err);
        if (!r->has_first && !r->has_symbol)
            tp_hint(err, "of a venue's answer only the array of candles is read, oldest first: "
                         "jq '.result.list | reverse' (Bybit), jq '.data | reverse' (OKX)");
        return -1;
    }
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
        return tp_read_where(r, r->line, err);
    }
    return 1;
}
