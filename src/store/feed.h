/* The stored candles of a backtest, in time order, block by block: many of them on two connections. */
#ifndef TP_STORE_FEED_H
#define TP_STORE_FEED_H

#include "store/candle.h"

struct tp_feed;

struct tp_feed_opts {
    struct tp_candle_key key;
    struct tp_time       from, to; /* none: unbounded */
    struct tp_time       now;      /* where an unbounded range is thought to end; later candles come all the same */
    size_t               block_size;
    /* Opens a second connection like the first; without one (-1) the first reads all. */
    int (*more)(void *of, struct tp_db **db);
    void *of;
};

/* Reads in a transaction of its own; the connection is the feed's until the close. */
int tp_feed_open(struct tp_feed **out, struct tp_db *db, const struct tp_feed_opts *opts, struct tp_err *err);
/* The next block, valid until the call after: 1, 0 at the end, -1. */
int tp_feed_next(struct tp_feed *feed, const struct tp_bars **bars, struct tp_err *err);
/* Ends what is still being read; NULL is fine. */
int tp_feed_close(struct tp_feed *feed, struct tp_err *err);

#endif
