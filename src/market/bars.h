/* Candles as columns: what readers fill, indicators and the fill engine walk over. */
#ifndef TP_MARKET_BARS_H
#define TP_MARKET_BARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "market/candle.h"

/* A column of decimals.  Values are int64 units of 1e-8 as long as all fit (narrow); the first that
 * does not turns the column wide: then narrow is NULL. */
struct tp_column {
    int64_t *narrow;
    tp_i128 *wide;
};

#define TP_COLUMN_NONE INT64_MIN /* narrow: no value */

struct tp_bars {
    size_t           n, room;
    int64_t         *time;       /* open time, µs UTC, strictly increasing */
    int64_t         *close_time; /* µs where irregular, else INT64_MIN */
    struct tp_column open, high, low, close, volume;
    /* Carried along for import and export; unused by the engine. */
    struct tp_column quote_volume, taker_buy_volume, taker_buy_quote_volume;
    int64_t         *trades_count; /* INT64_MIN: not known */
    uint8_t         *synthetic;    /* 1: invented, never fills anything */
};

/* Room for so many bars; free with tp_bars_free. */
void tp_bars_init(struct tp_bars *b, size_t room);
void tp_bars_free(struct tp_bars *b);
void tp_bars_clear(struct tp_bars *b); /* n = 0, columns narrow again */
/* Doubles the room when it is full, so that one more bar fits. */
void tp_bars_grow(struct tp_bars *b);
/* Sets row i (i < room) of a column, widening it when the value does not fit. */
void tp_column_set(struct tp_column *c, size_t i, size_t room, struct tp_dec value);

static inline struct tp_dec
tp_column_get(const struct tp_column *c, size_t i)
{
    if (c->narrow)
        return c->narrow[i] == TP_COLUMN_NONE ? TP_DEC_NONE : (struct tp_dec){c->narrow[i]};
    return (struct tp_dec){c->wide[i]};
}

/* Adds a candle (its exchange, symbol and interval are not kept). */
void tp_bars_push(struct tp_bars *b, const struct tp_candle *candle);
/* The bar as a candle; texts are left empty, but for the source of a synthetic one. */
struct tp_candle tp_bars_candle(const struct tp_bars *b, size_t i);
/* The n bars from `from` on, borrowed: not to be changed or freed. */
struct tp_bars tp_bars_view(const struct tp_bars *b, size_t from, size_t n);
/* Moves the bars [from, n) to the front. */
void tp_bars_drop(struct tp_bars *b, size_t from);

#endif
