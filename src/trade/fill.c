#include "trade/fill.h"

#include "base/banned.h"

static const char *const directions[] = {"BUY", "SELL", NULL};
static const char *const liquidities[] = {"MAKER", "TAKER", NULL};
static const char *const trade_statuses[] = {"SUCCESS", "FAILED", NULL};

static const struct tp_field trade_fields[] = {
    F_UUID(struct tp_trade, id, "UUID version 7 of the fill"),
    F_TIME(struct tp_trade, executed_at, "when it was filled", .required = true),
    F_UUID(struct tp_trade, user_id, "whose fill it is", .wide = true),
    F_UUID(struct tp_trade, order_id, "order that was filled", .wide = true),
    F_UUID(struct tp_trade, position_id, "position that changed", .wide = true),
    F_TEXT(struct tp_trade, exchange, "code of the venue"),
    F_TEXT(struct tp_trade, symbol, "the venue's name of the instrument"),
    F_TEXT(struct tp_trade, side, "BUY or SELL", .choices = directions, .required = true),
    F_DEC(struct tp_trade, price, "price of the fill", .required = true),
    F_DEC(struct tp_trade, quantity, "base currency filled", .required = true),
    F_DEC(struct tp_trade, fee, "paid when above zero, rebate below"),
    F_TEXT(struct tp_trade, fee_currency, "currency of the fee"),
    F_DEC(struct tp_trade, fee_quote, "the fee in quote currency when it was paid in another",
          .wide = true),
    F_TEXT(struct tp_trade, liquidity, "MAKER or TAKER", .choices = liquidities),
    F_DEC(struct tp_trade, pnl, "result that it realised, before fees"),
    F_TEXT(struct tp_trade, status, "SUCCESS, or FAILED when the venue took it back",
           .choices = trade_statuses, .wide = true),
    F_TEXT(struct tp_trade, exchange_trade_id, "the venue's id", .wide = true),
    F_JSON(struct tp_trade, metadata, "anything else", .wide = true),
    F_STOP,
};

const struct tp_record tp_trade_record = {"trade", "a fill", trade_fields, sizeof(struct tp_trade)};

static const struct tp_field event_fields[] = {
    F_TIME(struct tp_order_event, time, "when it happened: the bar's open, or its close for what is decided there", .required = true),
    F_INT(struct tp_order_event, number, "the order's number in the run"),
    F_TEXT(struct tp_order_event, event, "the new status, or TRIGGERED"),
    F_TEXT(struct tp_order_event, role, "what the order is for", .choices = tp_roles),
    F_TEXT(struct tp_order_event, side, "the position meant", .choices = tp_sides),
    F_BOOL(struct tp_order_event, reduce_only, "whether it only makes the position smaller"),
    F_TEXT(struct tp_order_event, order_type, "the order's type", .choices = tp_order_types),
    F_DEC(struct tp_order_event, quantity, "size in base currency"),
    F_DEC(struct tp_order_event, filled_quantity, "filled so far"),
    F_DEC(struct tp_order_event, price, "limit price"),
    F_DEC(struct tp_order_event, stop_price, "trigger price, of a trailing stop its level"),
    F_TEXT(struct tp_order_event, reason, "why"),
    F_UUID(struct tp_order_event, order_id, "id of the order", .wide = true),
    F_STOP,
};

const struct tp_record tp_order_event_record = {"order_event", "a change of an order in a run",
                                                event_fields, sizeof(struct tp_order_event)};

static const struct tp_field trip_fields[] = {
    F_INT(struct tp_trip, number, "1, 2, ... by closing time"),
    F_TEXT(struct tp_trip, symbol, "the instrument", .wide = true),
    F_TEXT(struct tp_trip, side, "LONG or SHORT", .choices = tp_sides),
    F_TIME(struct tp_trip, opened_at, "stamp of the first fill"),
    F_TIME(struct tp_trip, closed_at, "stamp of the last fill"),
    F_DEC(struct tp_trip, quantity, "base currency entered in all"),
    F_DEC(struct tp_trip, entry_price, "average entry"),
    F_DEC(struct tp_trip, exit_price, "average exit"),
    F_DEC(struct tp_trip, pnl, "result after all fees and funding, quote currency"),
    F_RATIO(struct tp_trip, pnl_percent, "result in percent of the entered notional"),
    F_DEC(struct tp_trip, fees, "fees of entries and exits"),
    F_DEC(struct tp_trip, slippage, "cost of slippage that stands in the prices"),
    F_DEC(struct tp_trip, funding, "funding received, paid below zero"),
    F_INT(struct tp_trip, bars_held, "bars from the first fill to the last"),
    F_RATIO(struct tp_trip, mae, "worst excursion in percent of the entry price"),
    F_RATIO(struct tp_trip, mfe, "best excursion in percent of the entry price"),
    F_TEXT(struct tp_trip, entry_reason, "rule that opened it"),
    F_TEXT(struct tp_trip, exit_reason, "rule or role that closed it"),
    F_STOP,
};

const struct tp_record tp_trip_record = {"backtest_trade", "a round trip of a backtest", trip_fields,
                                         sizeof(struct tp_trip)};

static const struct tp_field payment_fields[] = {
    F_TIME(struct tp_funding_payment, funding_time, "when funding was exchanged", .required = true),
    F_UUID(struct tp_funding_payment, user_id, "whose position it is", .wide = true),
    F_UUID(struct tp_funding_payment, position_id, "the position", .wide = true),
    F_TEXT(struct tp_funding_payment, exchange, "code of the venue"),
    F_TEXT(struct tp_funding_payment, symbol, "the venue's name of the instrument"),
    F_TEXT(struct tp_funding_payment, side, "LONG or SHORT", .choices = tp_sides),
    F_DEC(struct tp_funding_payment, quantity, "base currency held at that time"),
    F_DEC(struct tp_funding_payment, price, "price that it was valued at"),
    F_RATE(struct tp_funding_payment, rate, "fraction of notional; above 0 longs pay shorts"),
    F_DEC(struct tp_funding_payment, amount, "received, paid below zero"),
    F_TEXT(struct tp_funding_payment, currency, "currency of the amount"),
    F_BOOL(struct tp_funding_payment, imputed, "whether the rate is assumed, because none is known"),
    F_STOP,
};

const struct tp_record tp_funding_payment_record = {"funding_payment", "funding that a position paid or received",
                                                    payment_fields, sizeof(struct tp_funding_payment)};

static const struct tp_field equity_fields[] = {
    F_TIME(struct tp_equity_point, time, "close of the bar"),
    F_DEC(struct tp_equity_point, equity, "wallet and unrealised result"),
    F_DEC(struct tp_equity_point, price, "close price"),
    F_DEC(struct tp_equity_point, position, "base currency held, short below zero"),
    F_STOP,
};

const struct tp_record tp_equity_record = {"equity_point", "equity at a bar's close", equity_fields,
                                           sizeof(struct tp_equity_point)};
