/* A bot's life against a backtest of the same bars: order by order. */
#ifndef TP_STORE_PARITY_H
#define TP_STORE_PARITY_H

#include "base/db.h"
#include "bot/bot.h"
#include "strategy/strategy.h"
#include "trade/order.h"

/* One order that is not the same in both; effect is what the bot has more for it than the replay. */
struct tp_parity_difference {
    char           kind[9]; /* decision, limit, manual, size, fill, fee */
    struct tp_time time;    /* when the order was made */
    struct tp_uuid order_id; /* the bot's; none: it made none */
    char           side[6];
    char           role[13];
    struct tp_dec  live_quantity, replay_quantity; /* filled */
    struct tp_dec  live_price, replay_price;       /* averages of the fills */
    struct tp_dec  live_fee, replay_fee;
    struct tp_dec  effect; /* quote currency, at the last close */
    char           note[256];
};

extern const struct tp_record tp_parity_difference_record;

/* The sum of it. */
struct tp_parity {
    struct tp_uuid bot_id;
    char           name[256];
    struct tp_time from, to; /* bars that the bot traded on */
    int64_t        bars, live_orders, replay_orders, differences;
    struct tp_dec  live_equity, replay_equity, gap; /* at the last close; deposits after the first left out */
    struct tp_dec  by_decision, by_limit, by_manual, by_size, by_fill, by_fee;
    struct tp_dec  by_funding;
    struct tp_dec  unexplained; /* gap less all of these */
};

extern const struct tp_record tp_parity_record;

struct tp_parity_opts {
    const struct tp_bot       *bot;
    struct tp_strategy_starter starter; /* of a strategy that is a program */
    void                      *to;
    int (*each)(void *to, const struct tp_parity_difference *d, struct tp_err *err);
};

/* Replays the bars that the bot has traded on, inside a transaction of the user, and compares; each difference is
 * told in the order of time. */
int tp_parity_run(struct tp_db *db, const struct tp_parity_opts *opts, struct tp_parity *out, struct tp_err *err);

#endif
