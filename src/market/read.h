/* Candles from a file or pipe: JSON lines (market_price, symbol), or CSV as exchanges publish it. */
#ifndef TP_MARKET_READ_H
#define TP_MARKET_READ_H

#include "base/line.h"
#include "market/bars.h"

/* CSV: with a header, columns are found by their names (open_time, timestamp or time; open, high, low,
 * close, volume, and the optional ones); without one it is Binance's order of columns.  Times are RFC 3339
 * or a number since 1970 whose unit shows in its size. */
struct tp_reader {
    struct tp_lines  lines;
    const char      *name;     /* for messages */
    struct tp_time   from, to; /* candles before from or at and after to are passed over; none: no bound */
    struct tp_symbol symbol;   /* of the stream's symbol record, when named */
    bool             named;
    char             exchange[TP_EXCHANGE_SIZE]; /* of the first candle, "" where the format has none */
    char             ticker[TP_SYMBOL_SIZE];
    char             interval[4];
    int              form;      /* 0: not known yet */
    int              column[8]; /* CSV: place of each, -1: not there */
    struct tp_candle ahead;     /* read to learn about the stream */
    bool             has_ahead, begun;
    int64_t          last_us;
    struct tp_arena  arena;
};

/* Reads from fd, which stays the caller's; name is borrowed. */
void tp_reader_init(struct tp_reader *r, int fd, const char *name, struct tp_time from, struct tp_time to);
void tp_reader_free(struct tp_reader *r);
/* Looks at the first candle without taking it, so that symbol, exchange, ticker and interval are known.
 * 1, 0 when there is none, -1. */
int tp_reader_peek(struct tp_reader *r, struct tp_err *err);
/* Clears bars and fills up to `most`: 1, 0 at the end, -1 with TP_EINPUT naming file, line and column.
 * Candles must be whole (low <= open, close <= high, volume >= 0) and in time order; one that repeats the
 * last is passed over, one that contradicts it refused. */
int tp_reader_next(struct tp_reader *r, struct tp_bars *bars, size_t most, struct tp_err *err);

#endif
