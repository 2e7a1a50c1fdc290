/* The children of an entry (R11): stop-loss, trailing stop and take-profits that cancel each other.
 */
#ifndef TP_TRADE_BRACKET_H
#define TP_TRADE_BRACKET_H

#include "trade/match.h"

/* Order `at` was filled at price and opened so much: creates its children, or lets them grow. */
int tp_bracket_grow(struct tp_match *m, size_t at, struct tp_dec price, struct tp_dec opened,
                    struct tp_err *err);
/* Order `at` was filled by quantity: that much less is left to the others of its group. */
int tp_bracket_shrink(struct tp_match *m, size_t at, struct tp_dec quantity, struct tp_err *err);
/* The position of that side is gone: its children go too, except `but`. */
int tp_bracket_drop(struct tp_match *m, int side, const struct tp_work *but, struct tp_err *err);

#endif
