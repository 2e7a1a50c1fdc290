#include "trade/position.h"

#include "base/banned.h"
#include "trade/order.h"

const char *const tp_position_statuses[] = {"OPEN", "CLOSED", "LIQUIDATED", NULL};

static const struct tp_field fields[] = {
    F_UUID(struct tp_position, id, "UUID version 7, given at the opening fill"),
    F_TIME(struct tp_position, opened_at, "time of the opening fill"),
    F_UUID(struct tp_position, user_id, "whose position it is", .wide = true),
    F_UUID(struct tp_position, account_id, "account that holds it", .wide = true),
    F_UUID(struct tp_position, bot_id, "bot that opened it", .wide = true),
    F_TEXT(struct tp_position, environment, "PAPER, TESTNET or PRODUCTION", .choices = tp_environments,
           .wide = true),
    F_TEXT(struct tp_position, exchange, "code of the venue"),
    F_TEXT(struct tp_position, symbol, "the venue's name of the instrument"),
    F_TEXT(struct tp_position, side, "LONG or SHORT", .choices = tp_sides),
    F_DEC(struct tp_position, entry_price, "average price of what is held"),
    F_DEC(struct tp_position, mark_price, "price it was last marked at"),
    F_DEC(struct tp_position, liquidation_price, "mark price at which it is liquidated; null: none"),
    F_DEC(struct tp_position, quantity, "base currency held; 0 once closed"),
    F_DEC(struct tp_position, realized_pnl, "results of its closing fills with all fees and funding"),
    F_DEC(struct tp_position, unrealized_pnl, "result at mark_price before the fee of closing"),
    F_DEC(struct tp_position, pnl, "both together"),
    F_DEC(struct tp_position, margin_used, "initial margin it holds, quote currency"),
    F_RATIO(struct tp_position, pnl_percent, "pnl in percent of margin_used"),
    F_DEC(struct tp_position, stop_loss, "price of its nearest stop-loss", .wide = true),
    F_DEC(struct tp_position, take_profit, "price of its nearest take-profit", .wide = true),
    F_INT(struct tp_position, leverage, "1 to 125", .wide = true),
    F_TEXT(struct tp_position, margin_mode, "ISOLATED or CROSS", .choices = tp_margin_modes, .wide = true),
    F_TEXT(struct tp_position, status, "OPEN, CLOSED or LIQUIDATED", .choices = tp_position_statuses),
    F_TIME(struct tp_position, closed_at, "time of the closing fill"),
    F_TIME(struct tp_position, updated_at, "last change", .wide = true),
    F_TIME(struct tp_position, deleted_at, "when it was deleted", .wide = true),
    F_STOP,
};

const struct tp_record tp_position_record = {"position", "what an account holds of an instrument", fields,
                                             sizeof(struct tp_position)};
