/* Results of backtests in the database.  All calls run inside a transaction of the acting user. */
#ifndef TP_STORE_BACKTEST_H
#define TP_STORE_BACKTEST_H

#include "backtest/backtest.h"
#include "base/db.h"

/* Stores a result; its user_id, strategy_id, exchange and symbol must be set.  Fills id and created_at. */
int tp_backtest_add(struct tp_db *db, struct tp_backtest *b, struct tp_err *err);

struct tp_backtest_filter {
    const char *symbol, *strategy; /* NULL: any; strategy is a name or an id */
    bool        deleted;           /* the deleted ones instead */
    int64_t     limit;
};
/* Rows for tp_rows_next with tp_backtest_record, newest first. */
int tp_backtest_list(struct tp_db *db, const struct tp_backtest_filter *filter, struct tp_rows **rows,
                     struct tp_err *err);
/* TP_EMISSING when there is none. */
int tp_backtest_get(struct tp_db *db, struct tp_uuid id, struct tp_backtest *out, struct tp_arena *arena,
                    struct tp_err *err);
/* TP_EMISSING when there is none in the other state. */
int tp_backtest_delete(struct tp_db *db, struct tp_uuid id, struct tp_err *err);
int tp_backtest_restore(struct tp_db *db, struct tp_uuid id, struct tp_err *err);

#endif
