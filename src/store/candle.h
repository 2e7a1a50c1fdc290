/* Candles in the database: taking them in, all or nothing, and reading them in time order. */
#ifndef TP_STORE_CANDLE_H
#define TP_STORE_CANDLE_H

#include "base/db.h"
#include "market/bars.h"
#include "store/import.h"

/* Which candles. */
struct tp_candle_key {
    const char *exchange, *symbol, *interval;
};

/* One import of candles in time order: begin, put blocks in any number, end, free.  All of it is one
 * transaction: nothing is seen before end has committed, and a connection that breaks leaves nothing.
 * Needs tp_service. */
struct tp_candle_import;

/* How candles are taken in. */
struct tp_candle_intake {
    const char *source;  /* EXCHANGE, IMPORT, RESAMPLED or SYNTHETIC */
    bool        missing; /* only those of times at which none is stored; the others count as unchanged */
    bool        dry_run; /* do and count everything, then take it back */
};

/* Waits for another import of the same candles. */
int  tp_candle_import_begin(struct tp_candle_import **out, struct tp_db *db, const struct tp_candle_key *key,
                            const struct tp_candle_intake *how, struct tp_err *err);
int  tp_candle_import_put(struct tp_candle_import *in, const struct tp_bars *bars, struct tp_err *err);
/* Inserts what is new, updates what differs, remembers the file (NULL: there is none), commits; fills the inserted,
 * updated and unchanged rows. */
int  tp_candle_import_end(struct tp_candle_import *in, struct tp_import_file *file, struct tp_import *done,
                          struct tp_err *err);
void tp_candle_import_free(struct tp_candle_import *in); /* rolls back what has not ended; NULL is fine */

/* Starts reading [from, to) (none: unbounded) in time order, in a transaction of its own. */
int tp_candle_read_begin(struct tp_db *db, const struct tp_candle_key *key, struct tp_time from,
                         struct tp_time to, struct tp_err *err);
/* The next candle, its exchange, symbol and interval left alone: 1; 0 at the end, when the transaction has
 * been ended; -1. */
int tp_candle_read_next(struct tp_db *db, struct tp_candle *c, struct tp_err *err);

/* The same for a backtest, which needs times, prices, volume and whether a candle is synthetic: refills the
 * bars, at most as many as they have room for.  In the transaction under way, or one of its own; it ends with the
 * candles. */
int tp_candle_bars_begin(struct tp_db *db, const struct tp_candle_key *key, struct tp_time from,
                         struct tp_time to, struct tp_err *err);
int tp_candle_bars_next(struct tp_db *db, struct tp_bars *bars, struct tp_err *err);

/* The time of a range cut into turns of so many bars: those of number first, first + step and so on. */
struct tp_candle_turns {
    int64_t first, step, bars;
};

/* The same for the candles of some turns, in the transaction under way. */
int tp_candle_turns_begin(struct tp_db *db, const struct tp_candle_key *key, struct tp_time from, struct tp_time to,
                          const struct tp_candle_turns *turns, struct tp_err *err);

/* Refills the bars with the candles from a time on, at most as many as there is room for, in the transaction under
 * way or one of its own; none are left when it gives fewer. */
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
/* Open times of the first and the last stored candle; none: there is none. */
int tp_candle_range(struct tp_db *db, const struct tp_candle_key *key, struct tp_time *first, struct tp_time *last,
                    struct tp_err *err);
/* The finest interval of which candles are stored that the key's can be made of; "": none. */
int tp_candle_finer(struct tp_db *db, const struct tp_candle_key *key, char interval[4], struct tp_err *err);
/* Days that candles of the interval are kept; INT64_MIN: for ever. */
int tp_candle_retention(struct tp_db *db, const char *interval, int64_t *days, struct tp_err *err);

#endif
