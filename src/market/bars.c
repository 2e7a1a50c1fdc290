#include "market/bars.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define COLUMNS 8

static void
columns_of(struct tp_bars *b, struct tp_column *out[COLUMNS])
{
    out[0] = &b->open;
    out[1] = &b->high;
    out[2] = &b->low;
    out[3] = &b->close;
    out[4] = &b->volume;
    out[5] = &b->quote_volume;
    out[6] = &b->taker_buy_volume;
    out[7] = &b->taker_buy_quote_volume;
}

static void
resize(struct tp_bars *b, size_t room)
{
    struct tp_column *columns[COLUMNS];

    columns_of(b, columns);
    for (size_t i = 0; i < COLUMNS; i++) {
        if (columns[i]->wide)
            columns[i]->wide = tp_realloc(columns[i]->wide, room * sizeof(tp_i128));
        else
            columns[i]->narrow = tp_realloc(columns[i]->narrow, room * sizeof(int64_t));
    }
    b->time = tp_realloc(b->time, room * sizeof *b->time);
    b->close_time = tp_realloc(b->close_time, room * sizeof *b->close_time);
    b->trades_count = tp_realloc(b->trades_count, room * sizeof *b->trades_count);
    b->synthetic = tp_realloc(b->synthetic, room);
    b->room = room;
}

void
tp_bars_init(struct tp_bars *b, size_t room)
{
    *b = (struct tp_bars){0};
    resize(b, room ? room : 1);
}

void
tp_bars_free(struct tp_bars *b)
{
    struct tp_column *columns[COLUMNS];

    columns_of(b, columns);
    for (size_t i = 0; i < COLUMNS; i++) {
        free(columns[i]->narrow);
        free(columns[i]->wide);
    }
    free(b->time);
    free(b->close_time);
    free(b->trades_count);
    free(b->synthetic);
    *b = (struct tp_bars){0};
}

void
tp_bars_clear(struct tp_bars *b)
{
    struct tp_column *columns[COLUMNS];

    columns_of(b, columns);
    for (size_t i = 0; i < COLUMNS; i++)
        if (columns[i]->wide) {
            free(columns[i]->wide);
            columns[i]->wide = NULL;
            columns[i]->narrow = tp_alloc(b->room * sizeof(int64_t));
        }
    b->n = 0;
}

void
tp_bars_grow(struct tp_bars *b)
{
    if (b->n == b->room)
        resize(b, b->room * 2);
}

static void
widen(struct tp_column *c, size_t filled, size_t room)
{
    c->wide = tp_alloc(room * sizeof(tp_i128));
    for (size_t i = 0; i < filled; i++)
        c->wide[i] = c->narrow[i] == TP_COLUMN_NONE ? TP_DEC_NONE.units : c->narrow[i];
    free(c->narrow);
    c->narrow = NULL;
}

void
tp_column_set(struct tp_column *c, size_t i, size_t room, struct tp_dec value)
{
    if (c->narrow) {
        if (tp_dec_none(value)) {
            c->narrow[i] = TP_COLUMN_NONE;
            return;
        }
        if (value.units <= INT64_MAX && value.units > INT64_MIN) {
            c->narrow[i] = (int64_t)value.units;
            return;
        }
        widen(c, i, room);
    }
    c->wide[i] = value.units;
}

void
tp_bars_push(struct tp_bars *b, const struct tp_candle *candle)
{
    size_t i = b->n;

    tp_bars_grow(b);
    b->time[i] = candle->timestamp.us;
    b->close_time[i] = candle->close_time.us;
    b->trades_count[i] = candle->trades_count;
    b->synthetic[i] = strcmp(candle->source, "SYNTHETIC") == 0;
    tp_column_set(&b->open, i, b->room, candle->open);
    tp_column_set(&b->high, i, b->room, candle->high);
    tp_column_set(&b->low, i, b->room, candle->low);
    tp_column_set(&b->close, i, b->room, candle->close);
    tp_column_set(&b->volume, i, b->room, candle->volume);
    tp_column_set(&b->quote_volume, i, b->room, candle->quote_volume);
    tp_column_set(&b->taker_buy_volume, i, b->room, candle->taker_buy_volume);
    tp_column_set(&b->taker_buy_quote_volume, i, b->room, candle->taker_buy_quote_volume);
    b->n++;
}

struct tp_candle
tp_bars_candle(const struct tp_bars *b, size_t i)
{
    struct tp_candle c;

    tp_record_init(&tp_candle_record, &c);
    c.timestamp.us = b->time[i];
    c.close_time.us = b->close_time[i];
    c.trades_count = b->trades_count[i];
    c.open = tp_column_get(&b->open, i);
    c.high = tp_column_get(&b->high, i);
    c.low = tp_column_get(&b->low, i);
    c.close = tp_column_get(&b->close, i);
    c.volume = tp_column_get(&b->volume, i);
    c.quote_volume = tp_column_get(&b->quote_volume, i);
    c.taker_buy_volume = tp_column_get(&b->taker_buy_volume, i);
    c.taker_buy_quote_volume = tp_column_get(&b->taker_buy_quote_volume, i);
    if (b->synthetic[i])
        tp_text_set(c.source, sizeof c.source, "SYNTHETIC", 9);
    return c;
}

static struct tp_column
column_view(struct tp_column c, size_t from)
{
    return (struct tp_column){c.narrow ? c.narrow + from : NULL, c.wide ? c.wide + from : NULL};
}

struct tp_bars
tp_bars_view(const struct tp_bars *b, size_t from, size_t n)
{
    return (struct tp_bars){.n = n,
                            .room = n,
                            .time = b->time + from,
                            .close_time = b->close_time + from,
                            .open = column_view(b->open, from),
                            .high = column_view(b->high, from),
                            .low = column_view(b->low, from),
                            .close = column_view(b->close, from),
                            .volume = column_view(b->volume, from),
                            .quote_volume = column_view(b->quote_volume, from),
                            .taker_buy_volume = column_view(b->taker_buy_volume, from),
                            .taker_buy_quote_volume = column_view(b->taker_buy_quote_volume, from),
                            .trades_count = b->trades_count + from,
                            .synthetic = b->synthetic + from};
}

void
tp_bars_drop(struct tp_bars *b, size_t from)
{
    struct tp_column *columns[COLUMNS];
    size_t            left = b->n - from;

    columns_of(b, columns);
    for (size_t i = 0; i < COLUMNS; i++) {
        if (columns[i]->wide)
            memmove(columns[i]->wide, columns[i]->wide + from, left * sizeof(tp_i128));
        else
            memmove(columns[i]->narrow, columns[i]->narrow + from, left * sizeof(int64_t));
    }
    memmove(b->time, b->time + from, left * sizeof *b->time);
    memmove(b->close_time, b->close_time + from, left * sizeof *b->close_time);
    memmove(b->trades_count, b->trades_count + from, left * sizeof *b->trades_count);
    memmove(b->synthetic, b->synthetic + from, left);
    b->n = left;
}
