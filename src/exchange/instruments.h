/* Instrument lists of the venues, as their public interfaces answer them, to symbols. */
#ifndef TP_EXCHANGE_INSTRUMENTS_H
#define TP_EXCHANGE_INSTRUMENTS_H

#include "base/json.h"
#include "market/symbol.h"

/* Whose form a list has:
 *   BINANCE  {"symbols": [...]}         exchangeInfo of USD-M futures and of spot
 *   BYBIT    {"result": {"list": [...]}} v5 instruments-info, category linear
 *   OKX      {"data": [...]}             v5 instruments, instType SWAP
 * Taken are perpetuals quoted and settled in USDT, and every pair of a spot list. */
enum tp_venue { TP_VENUE_BINANCE, TP_VENUE_BYBIT, TP_VENUE_OKX };

extern const char *const tp_venue_names[]; /* "BINANCE", ... NULL-ended */

/* What became of one entry of a list. */
enum tp_instrument_fate {
    TP_INSTRUMENT_GOOD,
    TP_INSTRUMENT_PASSED, /* of a kind that is not traded here: coin-margined, with an expiry */
    TP_INSTRUMENT_REFUSED /* cannot be stored exactly, or damaged */
};

struct tp_instrument {
    struct tp_symbol        symbol; /* whole when GOOD; else symbol.symbol alone, where it is known */
    enum tp_instrument_fate fate;
    char                    reason[200]; /* of PASSED and REFUSED */
    struct tp_buf           info;        /* the venue's own entry as compact JSON; reused, the caller frees */
};

struct tp_instruments {
    json_t       *root;
    const json_t *list; /* inside root */
    enum tp_venue venue;
    size_t        at; /* entries given so far */
    char          exchange[TP_EXCHANGE_SIZE];
};

/* Reads a list (all of it in memory) for the venue with that code.  A code that starts with the name
 * of one venue takes only lists of that form.  TP_EINPUT: no JSON, or none of the forms. */
int tp_instruments_open(struct tp_instruments *list, const char *exchange, const char *text, size_t n,
                        struct tp_err *err);
/* The next entry: 1, or 0 at the end.  Prices and quantities come out exact: steps of 1e-8 and above,
 * values of at most twelve whole digits; quantities of OKX are turned from contracts into base currency
 * (contracts * ctVal * ctMult).  A largest quantity of 10^12 and more is left out: no order reaches it. */
int  tp_instruments_next(struct tp_instruments *list, struct tp_instrument *out);
void tp_instruments_close(struct tp_instruments *list);

#endif
