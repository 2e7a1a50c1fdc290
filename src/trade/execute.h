/* One fill of a working order: at what price, how much of it, what it costs, what follows from it.
 */
#ifndef TP_TRADE_EXECUTE_H
#define TP_TRADE_EXECUTE_H

#include "trade/match.h"

/* Where in a bar a fill happens. */
enum tp_where { TP_AT_OPEN, TP_INTRABAR, TP_AT_CLOSE };

/* Fills an order at a point of the bar and deals with the children of an entry (R8, R9). */
int tp_execute(struct tp_match *m, size_t at, struct tp_dec price, bool taker, enum tp_where where,
               struct tp_err *err);
/* Fills order `at` at the price (before slippage).  *filled says whether anything was filled. */
int tp_execute_fill(struct tp_match *m, size_t at, struct tp_dec raw, bool taker, bool *filled,
                    struct tp_err *err);
/* The venue takes a position away: its margin is lost, no more and no less (R17). */
int tp_execute_liquidation(struct tp_match *m, const struct tp_leg *l, struct tp_err *err);
/* Counts a bar in which stop and target were both within reach, and what the target would have
 * brought more. */
int tp_execute_ambiguous(struct tp_match *m, const struct tp_work *stop,
                         const struct tp_work *target, struct tp_err *err);

#endif
