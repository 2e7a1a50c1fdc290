/* What the fill engine remembers of an order between two bars, as a JSON text: the columns orders.work.
 * A bar is over when it is written, so what lasts for a bar only is left out. */
#ifndef TP_TRADE_STATE_H
#define TP_TRADE_STATE_H

#include "trade/order.h"

/* Adds the JSON object of an order that works. */
void tp_work_state_print(const struct tp_work *w, struct tp_buf *to);
/* Puts it back into an order made by tp_work_from_order; {} leaves the order as that made it.
 * -1 with TP_EINPUT. */
int tp_work_state_read(struct tp_work *w, const char *text, struct tp_err *err);

/* The row of a working order: its own columns, status PENDING or PARTIALLY_FILLED; whose it is and where
 * is the caller's to fill in. */
void tp_work_to_order(const struct tp_work *w, struct tp_order *o);

#endif
