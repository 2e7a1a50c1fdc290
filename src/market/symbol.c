#include "market/symbol.h"

#include "base/banned.h"

const char *const tp_symbol_statuses[] = {"TRADING", "HALT", "DELISTED", NULL};
const char *const tp_market_types[] = {"SPOT", "LINEAR", "INVERSE", NULL};

static const struct tp_field fields[] = {
    F_TEXT(struct tp_symbol, exchange, "code of the venue, such as BINANCE", .required = true),
    F_TEXT(struct tp_symbol, symbol, "the venue's name of the instrument, such as BTCUSDT",
           .required = true),
    F_TEXT(struct tp_symbol, base_currency, "what is traded", .required = true),
    F_TEXT(struct tp_symbol, quote_currency, "what prices are in", .required = true),
    F_TEXT(struct tp_symbol, settle_currency, "what profit and fees are in", .required = true),
    F_TEXT(struct tp_symbol, market_type, "SPOT, LINEAR or INVERSE", .choices = tp_market_types,
           .required = true),
    F_TEXT(struct tp_symbol, status, "TRADING, HALT or DELISTED", .choices = tp_symbol_statuses,
           .required = true),
    F_DEC(struct tp_symbol, tick_size, "price step in quote currency", .required = true),
    F_DEC(struct tp_symbol, step_size, "quantity step in base currency", .required = true),
    F_DEC(struct tp_symbol, min_quantity, "smallest order in base currency"),
    F_DEC(struct tp_symbol, max_quantity, "largest order in base currency"),
    F_DEC(struct tp_symbol, min_notional, "smallest order in quote currency"),
    F_DEC(struct tp_symbol, contract_size, "base currency per contract", .required = true),
    F_RATE(struct tp_symbol, maker_fee_rate, "public maker fee as a fraction of notional"),
    F_RATE(struct tp_symbol, taker_fee_rate, "public taker fee as a fraction of notional"),
    F_INT(struct tp_symbol, price_precision, "decimal places of a price", .required = true),
    F_INT(struct tp_symbol, quantity_precision, "decimal places of a quantity", .required = true),
    F_STOP,
};

const struct tp_record tp_symbol_record = {"symbol", "an instrument at a venue", fields,
                                           sizeof(struct tp_symbol)};

struct tp_symbol
tp_symbol_default(void)
{
    struct tp_symbol s;

    tp_record_init(&tp_symbol_record, &s);
    s.tick_size = s.step_size = (struct tp_dec){1};
    s.contract_size = tp_dec_int(1);
    s.min_notional = TP_DEC_ZERO;
    s.maker_fee_rate = (struct tp_rate){2 * (TP_RATE_ONE / 10000)};
    s.taker_fee_rate = (struct tp_rate){5 * (TP_RATE_ONE / 10000)};
    s.price_precision = s.quantity_precision = TP_DEC_SCALE;
    return s;
}
