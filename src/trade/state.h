/* What the fill engine and the book remember between two bars, as JSON texts: the columns orders.work and
 * positions.book.  A bar is over when they are written, so what lasts for a bar only is left out. */
#ifndef TP_TRADE_STATE_H
#define TP_TRADE_STATE_H

#include "trade/book.h"

/* Adds the JSON object of an order that works. */
void tp_work_state_print(const struct tp_work *w, struct tp_buf *to);
/* Puts it back into an order made by tp_work_from_order; {}, or a number alone, leaves the rest as that made it.
 * -1 with TP_EINPUT. */
int tp_work_state_read(struct tp_work *w, const char *text, struct tp_err *err);

/* Adds the JSON object of an open position. */
void tp_leg_state_print(const struct tp_leg *l, struct tp_buf *to);
/* Reads it back; the leg's side is the caller's to set.  -1 with TP_EINPUT. */
int tp_leg_state_read(struct tp_leg *l, const char *text, struct tp_err *err);

/* The row of a working order: its own columns, status PENDING or PARTIALLY_FILLED; whose it is and where
 * is the caller's to fill in. */
void tp_work_to_order(const struct tp_work *w, struct tp_order *o);

#endif
