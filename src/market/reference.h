/* What stands beside the candles: funding rates, bars of the mark price, order books. */
#ifndef TP_MARKET_REFERENCE_H
#define TP_MARKET_REFERENCE_H

#include "market/candle.h"

struct tp_funding_rate {
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    struct tp_time funding_time; /* as the venue tells it, often a few ms after the hour */
    struct tp_rate rate;
    struct tp_dec  mark_price; /* none: not told */
};

struct tp_mark_price {
    struct tp_time timestamp; /* open time */
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    char           interval[4];
    char           source[11];
    struct tp_dec  open, high, low, close;
};

struct tp_orderbook_snapshot {
    struct tp_time timestamp;
    char           exchange[TP_EXCHANGE_SIZE];
    int64_t        depth;
    char           symbol[TP_SYMBOL_SIZE];
    const char    *bids, *asks; /* JSON: [[price, quantity], ...], best first */
    struct tp_dec  total_bid_volume, total_ask_volume;
};

extern const struct tp_record tp_funding_rate_record, tp_mark_price_record, tp_orderbook_snapshot_record;

/* Funding is exchanged on whole minutes; a venue writes down the moment at which it came to do it. */
struct tp_time tp_funding_stamp(struct tp_time funding_time);

#endif
