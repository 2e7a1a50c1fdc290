/* What a user may ask for: the defaults of an order, and whether it fits its instrument and account.
 * Nothing is rounded: a price between two ticks is refused, because nobody else knows which was meant. */
#ifndef TP_TRADE_ORDER_CHECK_H
#define TP_TRADE_ORDER_CHECK_H

#include "trade/order.h"

/* What an order is checked against. */
struct tp_order_rules {
    const struct tp_symbol *symbol;
    const char             *position_mode; /* of the account */
    int64_t                 leverage;      /* of the account's orders that say none; 0: 1 */
    struct tp_dec           last_price;    /* last close known when it was made; none: not known */
};

/* Fills in what was left out: a PENDING order, nothing filled, GTC, the account's leverage, ISOLATED, LAST, its
 * account's position mode; EXIT when it only reduces, else ENTRY. */
void tp_order_defaults(struct tp_order *o, const struct tp_order_rules *r);

/* After tp_order_defaults.  TP_EINPUT naming the field that is missing, out of place or out of range;
 * TP_EREFUSED when the instrument or the account does not take such an order now. */
int tp_order_check(const struct tp_order *o, const struct tp_order_rules *r, struct tp_err *err);

/* Orders of one group cancel each other, so they must close the same position: TP_EINPUT unless both
 * only reduce, on the same account, instrument and side. */
int tp_order_check_group(const struct tp_order *o, const struct tp_order *other, struct tp_err *err);

/* Whether a stop-loss and a take-profit lie on their sides of a price, which `than` names ("the entry's"): of a long
 * (side +1) the one below and the other above; none is fine.  TP_EINPUT naming the field. */
int tp_order_check_levels(struct tp_dec stop_loss, struct tp_dec take_profit, const char *than, struct tp_dec price,
                          int side, struct tp_err *err);

/* What it is worth, in quote currency: at its limit price, else at last_price; none when neither is there. */
int tp_order_notional(struct tp_dec *out, const struct tp_order *o, struct tp_dec last_price, struct tp_err *err);
/* What of that the account has to put up. */
int tp_order_margin(struct tp_dec *out, const struct tp_order *o, struct tp_dec notional, struct tp_err *err);

#endif
