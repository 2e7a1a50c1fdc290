/* What a halt does to orders and positions: resting orders go, positions are closed at the market. */
#ifndef TP_STORE_HALT_H
#define TP_STORE_HALT_H

#include "risk/halt.h"
#include "store/gate.h"
#include "trade/position.h"

/* What came of it. */
struct tp_halt_report {
    int64_t cancelled;      /* resting orders that were cancelled now */
    int64_t flattening;     /* orders that close a position, placed now */
    int64_t waiting;        /* those that rested already */
    int64_t open_orders;    /* other orders that still rest */
    int64_t open_positions; /* positions that are not closed yet */
};

extern const struct tp_record tp_halt_report_record;

/* Before the transaction of tp_halt_stop: makes room for its orders. */
int tp_halt_prepare(struct tp_db *db, const struct tp_halt *h, struct tp_time now, struct tp_arena *arena,
                    struct tp_err *err);
/* In one transaction of the user with the halt: takes the gates of all environments in its scope, cancels
 * what rests and places a reduce-only market order for each open position that has none from an earlier
 * halt.  Doing it again changes nothing more.  A paper account's clock is its cursor. */
int tp_halt_stop(struct tp_db *db, const struct tp_halt *h, struct tp_time now, struct tp_halt_report *report,
                 struct tp_arena *arena, struct tp_err *err);
/* Counts what still is open in the scope. */
int tp_halt_verify(struct tp_db *db, const struct tp_halt *h, struct tp_halt_report *report,
                   struct tp_arena *arena, struct tp_err *err);

#endif
