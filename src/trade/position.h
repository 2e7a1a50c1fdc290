/* A position as it is stored and printed.  What it is worth changes in trade/book.c alone. */
#ifndef TP_TRADE_POSITION_H
#define TP_TRADE_POSITION_H

#include "base/record.h"
#include "market/symbol.h"

extern const char *const tp_position_statuses[]; /* OPEN, CLOSED, LIQUIDATED */

/* A row of tp.positions. */
struct tp_position {
    struct tp_uuid id;
    struct tp_time opened_at;
    struct tp_uuid user_id, account_id, bot_id;
    char           environment[11];
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    char           side[6];
    struct tp_dec  entry_price; /* cost / quantity, half away: only shown */
    struct tp_dec  mark_price, liquidation_price;
    struct tp_dec  quantity;    /* base currency; 0 once it is closed */
    struct tp_dec  realized_pnl;   /* results of closing fills, fees and funding taken off */
    struct tp_dec  unrealized_pnl; /* at mark_price, before the fee of closing */
    struct tp_dec  pnl, margin_used, pnl_percent;
    struct tp_dec  stop_loss, take_profit;
    int64_t        leverage;
    char           margin_mode[11];
    char           status[13];
    struct tp_time closed_at, updated_at, deleted_at;
};

extern const struct tp_record tp_position_record;

#endif
