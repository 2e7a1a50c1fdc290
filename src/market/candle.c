#include "market/candle.h"

#include "base/banned.h"

const char *const tp_candle_sources[] = {"EXCHANGE", "IMPORT", "RESAMPLED", "SYNTHETIC", NULL};

static const struct tp_field fields[] = {
    F_TEXT(struct tp_candle, exchange, "code of the venue"),
    F_TEXT(struct tp_candle, symbol, "the venue's name of the instrument"),
    F_TEXT(struct tp_candle, interval, "1m 5m 15m 30m 1h 4h 1d 1w", .choices = tp_interval_names,
           .required = true),
    F_TIME(struct tp_candle, timestamp, "open time", .required = true),
    F_DEC(struct tp_candle, open, "first price", .required = true),
    F_DEC(struct tp_candle, high, "highest price", .required = true),
    F_DEC(struct tp_candle, low, "lowest price", .required = true),
    F_DEC(struct tp_candle, close, "last price", .required = true),
    F_VOLUME(struct tp_candle, volume, "base currency traded", .required = true),
    F_VOLUME(struct tp_candle, quote_volume, "quote currency traded"),
    F_INT(struct tp_candle, trades_count, "number of trades"),
    F_VOLUME(struct tp_candle, taker_buy_volume, "base currency bought by takers"),
    F_VOLUME(struct tp_candle, taker_buy_quote_volume, "quote currency spent by taking buyers"),
    F_TIME(struct tp_candle, close_time, "close time where it is not the regular one"),
    F_TEXT(struct tp_candle, source, "EXCHANGE, IMPORT, RESAMPLED or SYNTHETIC",
           .choices = tp_candle_sources),
    F_STOP,
};

const struct tp_record tp_candle_record = {"market_price", "a candle", fields,
                                           sizeof(struct tp_candle)};
