/* The partitions of the managed tables: making them ahead, listing them, how long they last. */
#ifndef TP_STORE_PARTITION_H
#define TP_STORE_PARTITION_H

#include "base/db.h"

/* How many partitions a call of premake made for a table. */
struct tp_premade {
    char    parent[133];
    int64_t created;
};

struct tp_partition {
    char           parent[133], leaf[133];
    struct tp_time lower_bound, upper_bound; /* the second is not part of it */
    int8_t         detach_pending;
    int64_t        estimated_rows, bytes;
};

/* How long the unbroken row of partitions from now on reaches. */
struct tp_runway {
    char           parent[133];
    char           step[17];
    int64_t        premake;
    struct tp_time ends_at; /* a row of this time is refused; now when today's partition is missing */
    int64_t        days;    /* whole days from now to there */
    int64_t        leaves;  /* all of the table's partitions */
};

extern const struct tp_record tp_premade_record, tp_partition_record, tp_runway_record;

/* Makes what the policies want ahead of now; rows (one per table) are struct tp_premade.  Waits at most
 * ten seconds for a table's lock. */
int tp_partition_premake(struct tp_db *db, struct tp_rows **rows, struct tp_err *err);
/* By table and lower bound; parent NULL or the name of a managed table (in tp when it names no schema). */
int tp_partition_list(struct tp_db *db, const char *parent, struct tp_rows **rows, struct tp_err *err);
int tp_partition_runway(struct tp_db *db, struct tp_rows **rows, struct tp_err *err);

/* Makes the partitions that orders, positions, fills and performance from one time to another need; for times on
 * paper, which may lie long ago.  Outside of a transaction, so that nobody waits for it. */
int tp_partition_trading(struct tp_db *db, struct tp_time from, struct tp_time to, struct tp_err *err);

#endif
