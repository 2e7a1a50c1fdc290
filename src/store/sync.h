/* Paper accounts that no bot moves: their orders meet the stored candles. */
#ifndef TP_STORE_SYNC_H
#define TP_STORE_SYNC_H

#include "store/desk.h"

struct tp_sync_opts {
    struct tp_uuid          user;
    struct tp_account       account;
    struct tp_time          until; /* only bars that have closed by then */
    struct tp_desk_listener listener;
};

struct tp_sync_done {
    int64_t bars;
    char    waits_for[TP_SYMBOL_SIZE]; /* the instrument whose next candle the others wait for; "": none */
};

/* Feeds the account's working orders and positions, over all its instruments in time order, the candles behind
 * its cursor: of each instrument the finest interval there is.  An instrument without newer candles holds the
 * others back.  An order or a position in an instrument that was not there at first is met from then on.
 * Outside of a transaction, with the account's job held. */
int tp_sync_account(struct tp_db *db, const struct tp_sync_opts *opts, struct tp_sync_done *done,
                    struct tp_err *err);

#endif
