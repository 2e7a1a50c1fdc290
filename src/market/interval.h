/* Candle intervals: their names, lengths and calendar. */
#ifndef TP_MARKET_INTERVAL_H
#define TP_MARKET_INTERVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

/* name, minutes */
#define TP_INTERVALS(X)                                                                            \
    X(1m, 1) X(5m, 5) X(15m, 15) X(30m, 30) X(1h, 60) X(4h, 240) X(1d, 1440) X(1w, 10080)

struct tp_interval {
    char    name[4];
    int64_t us; /* its length; all are multiples of a minute */
};

extern const char *const tp_interval_names[]; /* for option tables, NULL-ended */

/* NULL when there is none of that name. */
const struct tp_interval *tp_interval_find(const char *name);
/* The open time of the bar that holds t: multiples since 1970 in UTC; weeks begin on Monday. */
struct tp_time tp_interval_floor(const struct tp_interval *i, struct tp_time t);
bool           tp_interval_aligned(const struct tp_interval *i, struct tp_time t);

#endif
