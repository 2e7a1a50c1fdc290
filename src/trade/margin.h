/* Liquidation of isolated positions (R17): at what price, and what happens there. */
#ifndef TP_TRADE_MARGIN_H
#define TP_TRADE_MARGIN_H

#include "trade/match.h"

/* Gives the book of a match what the knobs say about margin. */
void tp_margin_init(struct tp_book *book, const struct tp_knobs *knobs, const struct tp_symbol *symbol);
/* The price at which a position is taken away, or left before that (liq_buffer_pct); none: there is none. */
int tp_margin_level(const struct tp_match *m, const struct tp_leg *l, struct tp_dec *level, struct tp_err *err);
/* R2 step 2: positions whose price of liquidation the open is at or beyond. */
int tp_margin_open(struct tp_match *m, struct tp_err *err);
/* The leg whose level the market meets first when it moves from -> to, and where; NULL in *leg: none. */
int tp_margin_hit(const struct tp_match *m, struct tp_dec from, struct tp_dec to, struct tp_leg **leg,
                  struct tp_dec *price, struct tp_err *err);
/* The market is at the level of that leg. */
int tp_margin_take(struct tp_match *m, struct tp_leg *l, struct tp_dec price, struct tp_err *err);

#endif
