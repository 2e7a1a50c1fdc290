/* The account of a run: wallet, one position, its round trip.  A fill changes them here and nowhere
 * else. */
#ifndef TP_TRADE_BOOK_H
#define TP_TRADE_BOOK_H

#include "trade/fill.h"

/* Plain value: copy it to try a fill out. */
struct tp_book {
    char          symbol[TP_SYMBOL_SIZE];
    struct tp_dec initial;
    struct tp_dec wallet;   /* initial + realised results - fees */
    int           side;     /* -1, 0, +1 */
    struct tp_dec quantity; /* >= 0, base currency */
    struct tp_dec cost;     /* sum of the fills' notionals, each rounded half away to 1e-8 */
    struct tp_dec margin;   /* initial margin that the position holds, rounded up */
    struct tp_dec last_entry_price;
    int64_t       adds; /* entry fills after the first order's */

    /* Totals of the run. */
    struct tp_dec fees, slippage, turnover; /* turnover: notional of all fills */
    struct tp_dec result;                   /* sum of the closed round trips */
    int64_t       trips, fills;

    /* The open round trip. */
    struct tp_time opened_at;
    struct tp_dec  wallet_before; /* when it was opened, before its first fee */
    struct tp_dec  entered, entered_cost, left_cost, trip_fees, trip_slippage;
    struct tp_dec  low, high;     /* while held */
    int64_t        bars;
    char           entry_reason[64];
};

void tp_book_init(struct tp_book *b, const char *symbol, struct tp_dec initial);

/* Takes a fill.  A fill against the position closes up to all of it; what is left opens the other side
 * at the same price with the fee split by quantity.  *pnl is what was realised before fees (none when
 * nothing was closed).  *closed is filled and *n_closed = 1 when a round trip ended.  -1: out of range. */
int tp_book_apply(struct tp_book *b, const struct tp_fill *fill, struct tp_dec *pnl,
                  struct tp_trip *closed, int *n_closed, struct tp_err *err);
/* Wallet and unrealised result at this price, rounded half away. */
int tp_book_equity(const struct tp_book *b, struct tp_dec price, struct tp_dec *out, struct tp_err *err);
/* The same exactly, in units of 1e-16. */
tp_i128 tp_book_equity_exact(const struct tp_book *b, struct tp_dec price);
/* cost / quantity, half away; none when flat. */
struct tp_dec tp_book_entry_price(const struct tp_book *b);
/* A bar was held: its extremes count for the round trip. */
void tp_book_held(struct tp_book *b, struct tp_dec low, struct tp_dec high, int64_t bars);
/* The identity final - initial = sum of results (+ the open trip's), checked in decimals: 0, or -1 with
 * TP_EFAIL. */
int tp_book_check(const struct tp_book *b, struct tp_err *err);

#endif
