/* What happened to orders: fills (rows of tp.trades), order events, and round trips. */
#ifndef TP_TRADE_FILL_H
#define TP_TRADE_FILL_H

#include "trade/order.h"

/* A row of tp.trades: one fill. */
struct tp_trade {
    struct tp_uuid id;
    struct tp_time executed_at;
    struct tp_uuid user_id, order_id, position_id;
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    char           side[5]; /* BUY, SELL */
    struct tp_dec  price, quantity;
    struct tp_dec  fee; /* > 0 paid, < 0 rebate */
    char           fee_currency[TP_CURRENCY_SIZE];
    struct tp_dec  fee_quote;
    char           liquidity[6]; /* MAKER, TAKER */
    struct tp_dec  pnl;          /* what it realised before fees; none for an opening fill */
    char           status[11];
    char           exchange_trade_id[65];
    const char    *metadata;
};

extern const struct tp_record tp_trade_record;

/* A change of an order's state. */
struct tp_order_event {
    struct tp_time time;
    int64_t        number;    /* the order's number in the run */
    char           event[21]; /* a status, or TRIGGERED */
    char           role[13];
    char           side[6];
    int8_t         reduce_only;
    char           order_type[21];
    struct tp_dec  quantity, filled_quantity, price, stop_price;
    char           reason[64];
    struct tp_uuid order_id;
};

extern const struct tp_record tp_order_event_record;

/* A fill as the book takes it. */
struct tp_fill {
    struct tp_time at;
    int            side;      /* the position meant, +1 or -1 */
    int            direction; /* +1 buys, -1 sells */
    struct tp_dec  price, quantity, fee;
    struct tp_dec  slippage; /* what the distance from the quoted price cost, >= 0 */
    struct tp_dec  leverage; /* of a position that it opens */
    enum tp_role   role;
    const char    *reason;   /* borrowed */
};

/* One round trip, flat to flat: the record of results. */
struct tp_trip {
    int64_t        number;
    char           symbol[TP_SYMBOL_SIZE];
    char           side[6];
    struct tp_time opened_at, closed_at;
    struct tp_dec  quantity;    /* all that was entered */
    struct tp_dec  entry_price; /* averages */
    struct tp_dec  exit_price;
    struct tp_dec  pnl; /* after all fees and funding */
    struct tp_dec  pnl_percent; /* of the entered notional */
    struct tp_dec  fees, slippage;
    struct tp_dec  funding; /* received when above zero */
    int64_t        bars_held;
    struct tp_dec  mae, mfe; /* worst and best excursion from the entry price in percent, >= 0 */
    char           entry_reason[64], exit_reason[64];
};

extern const struct tp_record tp_trip_record;

/* A row of tp.funding_payments: what a position paid or received at a stamp (R16). */
struct tp_funding_payment {
    struct tp_time funding_time; /* the stamp: a whole minute */
    struct tp_uuid user_id, position_id;
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    char           side[6];
    struct tp_dec  quantity, price; /* held at the stamp, and what it was valued at */
    struct tp_rate rate;
    struct tp_dec  amount; /* received when above zero */
    char           currency[TP_CURRENCY_SIZE];
    int8_t         imputed; /* no rate of that stamp is known */
};

extern const struct tp_record tp_funding_payment_record;

/* Equity at a bar's close. */
struct tp_equity_point {
    struct tp_time time;
    struct tp_dec  equity, price, position; /* position: signed base currency */
};

extern const struct tp_record tp_equity_record;

/* Where happenings go; a NULL function is not asked.  All return 0 or -1. */
struct tp_sink {
    void *to;
    int (*event)(void *to, const struct tp_work *order, const struct tp_order_event *event, struct tp_err *err);
    int (*trade)(void *to, const struct tp_work *order, const struct tp_trade *trade, struct tp_err *err);
    int (*trip)(void *to, const struct tp_trip *trip, struct tp_err *err);
    int (*funding)(void *to, const struct tp_funding_payment *payment, struct tp_err *err);
};

#endif
