/* Candles in the database: taking them in, all or nothing, and reading them in time order. */
#ifndef TP_STORE_CANDLE_H
#define TP_STORE_CANDLE_H

#include "base/db.h"
#include "market/bars.h"

/* Which candles. */
struct tp_candle_key {
    const char *exchange, *symbol, *interval;
};

/* What an import did. */
struct tp_import {
    char           file[256];
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    char           interval[4];
    int64_t        rows_read, rows_inserted, rows_updated, rows_unchanged, rows_rejected;
    struct tp_time first_time, last_time;
};

extern const struct tp_record tp_import_record;

/* One import of candles in time order: begin, put blocks in any number, end, free.  All of it is one
 * transaction: nothing is seen before end has committed, and a connection that breaks leaves nothing.
 * Needs tp_service. */
struct tp_candle_import;

/* Waits for another import of the same candles.  source: EXCHANGE, IMPORT, RESAMPLED or SYNTHETIC. */
int  tp_candle_import_begin(struct tp_candle_import **out, struct tp_db *db, const struct tp_candle_key *key,
                            const char *source, struct tp_err *err);
int  tp_candle_import_put(struct tp_candle_import *in, const struct tp_bars *bars, struct tp_err *err);
/* Inserts what is new, updates what differs, commits; fills the inserted, updated and unchanged rows. */
int  tp_candle_import_end(struct tp_candle_import *in, struct tp_import *done, struct tp_err *err);
void tp_candle_import_free(struct tp_candle_import *in); /* rolls back what has not ended; NULL is fine */

/* Starts reading [from, to) (none: unbounded) in time order, in a transaction of its own. */
int tp_candle_read_begin(struct tp_db *db, const struct tp_candle_key *key, struct tp_time from,
                         struct tp_time to, struct tp_err *err);
/* The next candle, its exchange, symbol and interval left alone: 1; 0 at the end, when the transaction has
 * been ended; -1. */
int tp_candle_read_next(struct tp_db *db, struct tp_candle *c, struct tp_err *err);

/* The same for a backtest, which needs times, prices, volume and whether a candle is synthetic: refills the
 * bars, at most as many as they have room for. */
int tp_candle_bars_begin(struct tp_db *db, const struct tp_candle_key *key, struct tp_time from,
                         struct tp_time to, struct tp_err *err);
int tp_candle_bars_next(struct tp_db *db, struct tp_bars *bars, struct tp_err *err);

/* Refills the bars with the candles from a time on, at most as many as there is room for, in a transaction of
 * its own; none are left when it gives fewer. */
int tp_candle_some(struct tp_db *db, const struct tp_candle_key *key, struct tp_time from, struct tp_bars *bars,
                   struct tp_err *err);

/* A line of `coverage`. */
struct tp_coverage {
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    char           interval[4];
    int64_t        candles;
    struct tp_time first_time, last_time;
};

extern const struct tp_record tp_coverage_record;

int tp_candle_coverage(struct tp_db *db, const struct tp_candle_key *key, struct tp_rows **rows,
                       struct tp_err *err);
/* Days that candles of the interval are kept; INT64_MIN: for ever. */
int tp_candle_retention(struct tp_db *db, const char *interval, int64_t *days, struct tp_err *err);

#endif
