/* One reader of candles, whatever they are written in: Binance's CSV, any CSV with a header or named
 * columns, arrays of REST answers, our own JSON lines. */
#ifndef TP_MARKET_READ_H
#define TP_MARKET_READ_H

#include "base/unpack.h"
#include "market/bars.h"
#include "market/reference.h"

struct tp_reader;

struct tp_read_opts {
    const char               *name;     /* of the source, for messages */
    const struct tp_interval *interval; /* NULL: of the records, else found from the first two times */
    struct tp_time from, to; /* candles outside of [from, to) are passed over; none: no bound */
    bool        mark;    /* bars of a mark price: they have no volume, or one that means nothing */
    const char *columns; /* CSV: "time,open,high,low,close,volume,-"; NULL: header or Binance's order */
};

/* The source is borrowed.  Nothing is read yet. */
void tp_reader_open(struct tp_reader **out, const struct tp_read_opts *opts, struct tp_source *source);
/* Refills the bars with the next ones, at most as many as they have room for: 1, 0 at the end, -1 with
 * TP_EINPUT naming line, column and value.
 *
 * Refused are: more than eight places, prices from 10^12 on, a low above or a high below another price,
 * a price that is not positive, a time that is not on the interval or not after the one before, the same
 * time with other values (the same row twice is passed over), a close time outside of its bar, a unit of
 * time that changes inside the source. */
int  tp_reader_next(struct tp_reader *r, struct tp_bars *bars, struct tp_err *err);
/* Looks at the first two candles without taking them, so that what is asked below is known: 1, 0 when
 * there is none, -1. */
int  tp_reader_peek(struct tp_reader *r, struct tp_err *err);
void tp_reader_close(struct tp_reader *r); /* NULL is fine */

/* The instrument of a leading symbol record; NULL when there was none so far. */
const struct tp_symbol *tp_reader_symbol(const struct tp_reader *r);
/* The funding rates that stand before the first candle, each later than the one before: funding_rate records. */
const struct tp_funding_rate *tp_reader_rates(const struct tp_reader *r, size_t *n);
/* Exchange, symbol, interval and source of the first candle record; empty for other formats. */
const struct tp_candle *tp_reader_first(const struct tp_reader *r);
/* The interval: given, of the records, or found; NULL before two bars were read. */
const struct tp_interval *tp_reader_interval(const struct tp_reader *r);
int64_t tp_reader_duplicates(const struct tp_reader *r); /* equal rows that were passed over */
/* After a refusal: puts the refused line into *line and goes on behind it at the next call.  False when
 * the source cannot go on (not lines, or it is unreadable). */
bool tp_reader_skip(struct tp_reader *r, const char **line, size_t *n);

#endif
