/* The account of a run: wallet, positions, their round trips.  Fills and funding change them here and nowhere
 * else. */
#ifndef TP_TRADE_BOOK_H
#define TP_TRADE_BOOK_H

#include "trade/fill.h"

/* A position and its round trip so far.  side 0: flat, the rest is void. */
struct tp_leg {
    int           side;     /* -1, 0, +1 */
    struct tp_dec quantity; /* >= 0, base currency */
    struct tp_dec cost;     /* sum of the fills' notionals, each rounded half away to 1e-8 */
    struct tp_dec margin;   /* what it holds: initial margin, rounded up, and isolated less what funding took */
    struct tp_dec liquidation; /* price at which an isolated position is liquidated (R17); none: there is none */
    struct tp_dec last_entry_price;
    int64_t       adds; /* entry fills after the first order's */

    struct tp_time opened_at;
    struct tp_dec  net; /* what it has brought so far: results of closing fills less all fees, and funding */
    struct tp_dec  entered, entered_cost, left_cost, fees, slippage;
    struct tp_dec  funding; /* received when above zero */
    struct tp_dec  low, high; /* while held */
    int64_t        bars;
    char           entry_reason[64];
};

/* One tier of maintenance margin: rate of the notional in percent, less an amount. */
struct tp_tier {
    struct tp_dec rate, cum;
};

/* Plain value: copy it to try a fill out. */
struct tp_book {
    char          symbol[TP_SYMBOL_SIZE];
    struct tp_dec initial;
    struct tp_dec wallet;   /* initial + realised results - fees */
    struct tp_dec reserved; /* margin that positions in other instruments of the account hold */
    bool          hedge;    /* one position per side: leg[0] long, leg[1] short; else leg[0] alone */
    bool          isolated; /* a position pays funding from its own margin */
    bool          liquidates; /* isolated positions have a price of liquidation, from the tier */
    struct tp_tier tier;
    struct tp_leg leg[2];

    /* Totals of the run. */
    struct tp_dec fees, slippage, turnover; /* turnover: notional of all fills */
    struct tp_dec funding;                  /* received when above zero */
    struct tp_dec result;                   /* sum of the closed round trips */
    int64_t       trips, fills;
};

/* The position that orders of that side open and reduce. */
static inline struct tp_leg *
tp_book_leg(struct tp_book *b, int side)
{
    return &b->leg[b->hedge && side < 0];
}

/* Isolated, without liquidation. */
void tp_book_init(struct tp_book *b, const char *symbol, struct tp_dec initial, bool hedge);
/* Works out l->liquidation anew; the book does so itself when it changes a position. */
int tp_book_relevel(const struct tp_book *b, struct tp_leg *l, struct tp_err *err);

/* Takes a fill of its side's position.  A fill against the position closes up to all of it; what is left
 * opens the other side at the same price with the fee split by quantity (never in hedge mode, where the
 * caller closes at most what there is).  One of role LIQUIDATION closes all and loses the position's margin to
 * the last digit, whatever its rounded price says.  *pnl is what was realised before fees (none when
 * nothing was closed).  *closed is filled and *n_closed = 1 when a round trip ended.  -1: out of range. */
int tp_book_apply(struct tp_book *b, const struct tp_fill *fill, struct tp_dec *pnl,
                  struct tp_trip *closed, int *n_closed, struct tp_err *err);
/* Funding of an open position: the amount is received when above zero. */
int tp_book_fund(struct tp_book *b, struct tp_leg *l, struct tp_dec amount, struct tp_err *err);
/* Price at which its margin is lost, half away. */
int tp_leg_bankruptcy(const struct tp_leg *l, struct tp_dec *out, struct tp_err *err);
/* Before a stored liquidation is booked once more: the margin that it took is what its result says, if its price and
 * its quantity fit.  1; 0: they do not, and nothing is changed; -1. */
int tp_leg_taken(struct tp_leg *l, struct tp_dec price, struct tp_dec quantity, struct tp_dec pnl, struct tp_err *err);
/* Wallet and unrealised result at this price, rounded half away. */
int tp_book_equity(const struct tp_book *b, struct tp_dec price, struct tp_dec *out, struct tp_err *err);
/* The same exactly, in units of 1e-16. */
tp_i128 tp_book_equity_exact(const struct tp_book *b, struct tp_dec price);
/* Signed sums over the positions: base currency held, and what it cost; equity is wallet + quantity *
 * price - cost. */
void tp_book_net(const struct tp_book *b, tp_i128 *quantity, tp_i128 *cost);
/* Margin that is free for opening: wallet less what all positions hold. */
int tp_book_free(const struct tp_book *b, struct tp_dec *out, struct tp_err *err);
/* Result at this price before the fee of closing, the value rounded half away; zero when flat. */
int tp_leg_unrealized(const struct tp_leg *l, struct tp_dec price, struct tp_dec *out, struct tp_err *err);
/* cost / quantity, half away; none when flat. */
struct tp_dec tp_leg_entry_price(const struct tp_leg *l);
/* A bar was held: its extremes count for the round trip. */
void tp_book_held(struct tp_book *b, struct tp_dec low, struct tp_dec high, int64_t bars);
/* The identity final - initial = sum of results (+ the open trips'), checked in decimals: 0, or -1 with
 * TP_EFAIL. */
int tp_book_check(const struct tp_book *b, struct tp_err *err);

#endif
