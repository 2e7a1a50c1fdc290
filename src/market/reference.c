#include "market/reference.h"

#include "base/banned.h"

static const struct tp_field funding_fields[] = {
    F_TEXT(struct tp_funding_rate, exchange, "code of the venue"),
    F_TEXT(struct tp_funding_rate, symbol, "instrument", .required = true),
    F_TIME(struct tp_funding_rate, funding_time, "when funding was exchanged, as the venue tells it", .required = true),
    F_RATE(struct tp_funding_rate, rate, "fraction of notional; above 0 longs pay shorts", .required = true),
    F_DEC(struct tp_funding_rate, mark_price, "mark price at that time in quote currency; null: not told"),
    F_STOP,
};

const struct tp_record tp_funding_rate_record = {"funding_rate", "a funding rate of an instrument", funding_fields,
                                                 sizeof(struct tp_funding_rate)};

static const struct tp_field mark_fields[] = {
    F_TIME(struct tp_mark_price, timestamp, "open time", .required = true),
    F_TEXT(struct tp_mark_price, exchange, "code of the venue"),
    F_TEXT(struct tp_mark_price, symbol, "instrument"),
    F_TEXT(struct tp_mark_price, interval, "length of the bar", .choices = tp_interval_names),
    F_TEXT(struct tp_mark_price, source, "where it comes from", .choices = tp_candle_sources),
    F_DEC(struct tp_mark_price, open, "first mark price in quote currency", .required = true),
    F_DEC(struct tp_mark_price, high, "highest mark price in quote currency", .required = true),
    F_DEC(struct tp_mark_price, low, "lowest mark price in quote currency", .required = true),
    F_DEC(struct tp_mark_price, close, "last mark price in quote currency", .required = true),
    F_STOP,
};

const struct tp_record tp_mark_price_record = {"mark_price", "a bar of the mark price", mark_fields,
                                               sizeof(struct tp_mark_price)};

static const struct tp_field book_fields[] = {
    F_TIME(struct tp_orderbook_snapshot, timestamp, "time of the book at the venue", .required = true),
    F_TEXT(struct tp_orderbook_snapshot, exchange, "code of the venue"),
    F_INT(struct tp_orderbook_snapshot, depth, "levels asked for on each side: 5, 10, 20 or 50", .required = true),
    F_TEXT(struct tp_orderbook_snapshot, symbol, "instrument", .required = true),
    F_JSON(struct tp_orderbook_snapshot, bids, "[price, quantity] as strings, best first", .required = true, .wide = true),
    F_JSON(struct tp_orderbook_snapshot, asks, "[price, quantity] as strings, best first", .required = true, .wide = true),
    F_VOLUME(struct tp_orderbook_snapshot, total_bid_volume, "sum of the bid quantities in base currency"),
    F_VOLUME(struct tp_orderbook_snapshot, total_ask_volume, "sum of the ask quantities in base currency"),
    F_STOP,
};

const struct tp_record tp_orderbook_snapshot_record = {"orderbook_snapshot", "an order book at a moment", book_fields,
                                                       sizeof(struct tp_orderbook_snapshot)};

struct tp_time
tp_funding_stamp(struct tp_time funding_time)
{
    return tp_interval_floor(tp_interval_find("1m"), funding_time);
}
