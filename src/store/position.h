/* Positions in the database. */
#ifndef TP_STORE_POSITION_H
#define TP_STORE_POSITION_H

#include "base/db.h"
#include "trade/order.h"
#include "trade/position.h"

/* All inside a transaction of the acting user.  NULL, nil match everything. */
struct tp_position_filter {
    struct tp_uuid account_id;
    const char    *exchange, *symbol, *status, *environment;
    int64_t        limit;
};

/* Rows for tp_rows_next with tp_position_record, newest first. */
int tp_position_list(struct tp_db *db, const struct tp_position_filter *filter, struct tp_rows **rows,
                     struct tp_err *err);
/* TP_EMISSING when the user has no such position. */
int tp_position_get(struct tp_db *db, struct tp_uuid id, struct tp_position *out, struct tp_err *err);

/* An order that makes the position smaller by that much: whose it is, where and how large.  What kind of order
 * it is, its id, prices and words are the caller's. */
void tp_position_reduce(const struct tp_position *p, struct tp_dec quantity, struct tp_time at, struct tp_order *o);

/* Writes what protects an open position (stop_loss, take_profit) to its row, with the event. */
int tp_position_put_levels(struct tp_db *db, const struct tp_position *p, struct tp_err *err);

#endif
