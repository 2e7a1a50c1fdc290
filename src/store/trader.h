/* A bot at work: its strategy, its session and its account's desk, fed with stored candles. */
#ifndef TP_STORE_TRADER_H
#define TP_STORE_TRADER_H

#include "backtest/orders.h"
#include "bot/bot.h"
#include "store/desk.h"

struct tp_trader;

struct tp_trader_opts {
    struct tp_uuid          user;
    const struct tp_bot    *bot;    /* borrowed; it has been started */
    const struct tp_orders *orders; /* borrowed; they take the strategy's place; NULL: the strategy trades */
    bool                    resting; /* the bot is stopped: its strategy sleeps, what it has left meets the market */
    struct tp_desk_listener listener;
    struct tp_strategy_starter starter; /* of a strategy that is a program */
};

/* Outside of a transaction, with the bot's job held.  Feeds the strategy the bars that it has seen before.
 * -1: what the strategy, the account or the instrument lacks; *out must be closed all the same. */
int tp_trader_open(struct tp_trader **out, struct tp_db *db, const struct tp_trader_opts *opts,
                   struct tp_err *err);
/* Handles the next stored bars that have closed by `until`, a few thousand at most; *bars is how many.
 * 1; 0 when none is left; -1.  TP_EREFUSED when the account is ruined. */
int tp_trader_next(struct tp_trader *t, struct tp_time until, int64_t *bars, struct tp_err *err);
/* Whether the strategy sees bars without being asked: what rests goes on to fill, nothing new is wanted. */
void tp_trader_mute(struct tp_trader *t, bool on);
/* No bar follows: the strategy says what it has to.  0, or -1 with the failure that it has held back. */
int tp_trader_end(struct tp_trader *t, struct tp_err *err);
/* Whether the newest failure was that of the strategy's program. */
bool tp_trader_failed(const struct tp_trader *t);
/* Close of the last bar that it handled; none: no bar yet. */
struct tp_time tp_trader_cursor(const struct tp_trader *t);
void           tp_trader_close(struct tp_trader *t); /* NULL is fine */

#endif
