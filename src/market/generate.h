/* Invented candles: a seeded random walk, the same on every machine. */
#ifndef TP_MARKET_GENERATE_H
#define TP_MARKET_GENERATE_H

#include "market/bars.h"

struct tp_generate {
    uint64_t      state; /* of splitmix64; begin with the seed */
    struct tp_dec price; /* the last close */
    struct tp_dec tick;  /* > 0 */
    int64_t       next_us;
    int64_t       step_us;
};

/* Refills bars to their room with the next candles, all marked synthetic; -1 when a price leaves the
 * range of decimals. */
int tp_generate_next(struct tp_generate *g, struct tp_bars *bars, struct tp_err *err);

#endif
