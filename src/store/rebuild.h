/* An account computed again from its fills, and compared with what is stored: positions, results, ledger, balance,
 * and what orders say was filled. */
#ifndef TP_STORE_REBUILD_H
#define TP_STORE_REBUILD_H

#include "base/db.h"
#include "trade/account.h"

/* A stored value that is not what the fills make it. */
struct tp_difference {
    struct tp_uuid account_id;
    char           what[16]; /* position, trade, order, ledger_entry, account */
    struct tp_uuid id;       /* of that row; none: there is no such row */
    char           symbol[TP_SYMBOL_SIZE];
    char           field[24];
    char           stored[48], computed[48]; /* as its column prints; "": null */
};

extern const struct tp_record tp_difference_record;

struct tp_rebuild {
    struct tp_account account;
    void             *to;
    int (*found)(void *to, const struct tp_difference *d, struct tp_err *err);
    int64_t trades, positions, orders, differences; /* how many were looked at, and found; added up */
};

/* From now on the transactions of this connection only read, each of one moment: before the user's transaction
 * begins. */
int tp_rebuild_prepare(struct tp_db *db, struct tp_err *err);
/* Inside a transaction of the user: tells every difference.  Fills are read as they come, so that a hundred
 * thousand take no more memory than one. */
int tp_rebuild_account(struct tp_rebuild *r, struct tp_db *db, struct tp_err *err);

#endif
