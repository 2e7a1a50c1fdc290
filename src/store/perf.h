/* The days of a bot: written, read, and proved from its fills. */
#ifndef TP_STORE_PERF_H
#define TP_STORE_PERF_H

#include "backtest/performance.h"
#include "base/db.h"
#include "bot/bot.h"

/* The fills of an account in an instrument in the order in which they happened, page by page. */
struct tp_trade_list {
    struct tp_db   *db;
    struct tp_uuid  account;
    const char     *symbol;
    struct tp_rows *rows;
    size_t          left; /* in the page */
    struct tp_time  at, bar;
    int64_t         n;
    bool            liquidation; /* whether the newest fill is one */
    struct tp_arena arena; /* of the page's texts */
};

/* Inside a transaction of the user. */
void tp_trade_list_init(struct tp_trade_list *l, struct tp_db *db, struct tp_uuid account, const char *symbol);
/* 1 with the fill and the open time of its bar, 0 at the end, -1. */
int  tp_trade_list_next(struct tp_trade_list *l, struct tp_trade *out, struct tp_time *bar, struct tp_err *err);
void tp_trade_list_free(struct tp_trade_list *l);

/* Works out every day of the bot from its fills and the candles, up to its cursor, inside a transaction of the
 * user; each is told in order.  write: stores the days and the newest figures.  Otherwise compares with what is
 * stored, also with the equity that the bot itself marked: TP_EDRIFT naming the first day that differs. */
int tp_perf_run(struct tp_db *db, const struct tp_bot *bot, bool write, void *to,
                int (*each)(void *to, const struct tp_performance *day, struct tp_err *err), struct tp_err *err);

#endif
