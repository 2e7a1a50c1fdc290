/* One candle as a record: the row of market_prices. */
#ifndef TP_MARKET_CANDLE_H
#define TP_MARKET_CANDLE_H

#include "base/record.h"
#include "market/interval.h"
#include "market/symbol.h"

extern const char *const tp_candle_sources[]; /* EXCHANGE, IMPORT, RESAMPLED, SYNTHETIC */

struct tp_candle {
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    char           interval[4];
    struct tp_time timestamp; /* open time */
    struct tp_dec  open, high, low, close;
    struct tp_dec  volume;                  /* base currency */
    struct tp_dec  quote_volume;            /* quote currency; none: not known */
    int64_t        trades_count;            /* none: not known */
    struct tp_dec  taker_buy_volume;        /* base currency bought by takers */
    struct tp_dec  taker_buy_quote_volume;
    struct tp_time close_time;              /* none: regular, the interval's last microsecond or ms */
    char           source[11];
};

extern const struct tp_record tp_candle_record;

#endif
