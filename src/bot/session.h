/* One bar of trading, the same for back-test, paper and live: fills, book, marks, strategy, limits,
 * orders. */
#ifndef TP_BOT_SESSION_H
#define TP_BOT_SESSION_H

#include "market/bars.h"
#include "strategy/strategy.h"
#include "trade/broker.h"

/* Asked before each order: 1 it may pass, 0 it may not (reason filled), -1 failed. */
struct tp_limit_hook {
    void *to;
    int (*check)(void *to, const struct tp_work *order, const struct tp_book *book, char reason[64],
                 struct tp_err *err);
};

/* Told about bars whose fills are done, in order, in spans over which the book did not change.  0, or 1
 * when the account is ruined (R23: the session ends behind the last of the *taken bars), or -1. */
struct tp_mark_hook {
    void *to;
    int (*span)(void *to, const struct tp_bars *bars, size_t from, size_t end,
                const struct tp_book *book, size_t *taken, struct tp_err *err);
    /* Before a bar whose orders may fill; may be NULL. */
    int (*before)(void *to, struct tp_err *err);
};

/* Brings orders from outside before a bar opens; NULL: the strategy alone. */
struct tp_feed_hook {
    void *to;
    int (*before)(void *to, struct tp_broker *broker, const struct tp_bar *next, struct tp_err *err);
};

/* Told after each bar that was looked at, when its orders are out; close is its end.  0; 1 when somebody
 * else may have changed orders or position; -1. */
struct tp_after_hook {
    void *to;
    int (*bar)(void *to, struct tp_time close, struct tp_err *err);
};

struct tp_session {
    struct tp_strategy     *strategy; /* NULL: orders come from the feed */
    struct tp_broker       *broker;
    struct tp_book         *book;
    const struct tp_symbol *symbol;
    const struct tp_knobs  *knobs;
    int64_t                 interval_us;
    struct tp_limit_hook    limit;
    struct tp_mark_hook     mark;
    struct tp_feed_hook     feed;
    struct tp_after_hook    after;
    bool                    muted; /* the strategy sees the bars but is not asked */

    /* What it remembers between bars; zero at the start. */
    int64_t       entry[2], leave[2]; /* working orders of the long and the short side */
    int64_t       since_exit;         /* bars since the last exit + 1; 0: never held */
    int64_t       time_exit;          /* bars; 0: none */
    struct tp_dec breakeven;          /* percent; none: no such stop, or it was set */
    bool          leaving;            /* the time exit has been sent */
    struct tp_dec last_close;
    size_t        last_at;            /* place of the last bar in its block */
    struct tp_bar last;               /* and that bar, for the end of the data */
    struct tp_dec entry_price;        /* of the position, as of entry_fills fills */
    int64_t       entry_fills;
    bool          begun, ruined;
    int64_t       refused;            /* wishes that limits or sizes refused */
    int64_t       capped;             /* sizes cut down to what the account can pay */
};

void tp_session_init(struct tp_session *s);
/* The bar as the fill engine takes it. */
struct tp_bar tp_session_bar(const struct tp_session *s, const struct tp_bars *bars, size_t i);
/* Runs through a block of closed bars; stops early when the account is ruined (s->ruined). */
int tp_session_block(struct tp_session *s, const struct tp_bars *bars, struct tp_err *err);
/* After the last block. */
int tp_session_end(struct tp_session *s, struct tp_err *err);

#endif
