/* An account on paper in memory: its working orders in the fill engine, its positions in the book, and what
 * bars do to them written back, each in the transaction in which it happened.
 *
 *   tp_desk_open, tp_desk_place for each instrument;
 *   tp_desk_begin, tp_session_block (any number), tp_desk_commit; again;
 *   tp_desk_close.
 *
 * While a session runs, the desk commits behind each bar that changed something and begins anew, so that
 * nobody waits for long; when somebody else has changed the account meanwhile, it is read again in place. */
#ifndef TP_STORE_DESK_H
#define TP_STORE_DESK_H

#include "bot/session.h"
#include "store/gate.h"
#include "trade/account.h"
#include "trade/position.h"

struct tp_desk;

/* Told what happened once it is committed; functions may be NULL. */
struct tp_desk_listener {
    void *to;
    int (*event)(void *to, const struct tp_order_event *event, struct tp_err *err);
    int (*trade)(void *to, const struct tp_trade *trade, struct tp_err *err);
    int (*trip)(void *to, const struct tp_trip *trip, struct tp_err *err);
    int (*point)(void *to, const struct tp_equity_point *point, struct tp_err *err);
    int (*funding)(void *to, const struct tp_funding_payment *payment, struct tp_err *err);
};

struct tp_desk_opts {
    struct tp_uuid          user;
    struct tp_account       account; /* as tp_desk_account gave it */
    struct tp_uuid          bot;     /* whose orders these are; none: nobody's */
    struct tp_desk_listener listener;
    /* Asked before each commit to store what belongs to it (a bot's session); may be NULL. */
    void *to;
    int (*before_commit)(void *to, struct tp_time cursor, struct tp_err *err);
};

/* The account of that id; TP_EMISSING when the user has none. */
int tp_desk_account(struct tp_db *db, struct tp_uuid id, struct tp_account *out, struct tp_arena *arena,
                    struct tp_err *err);
/* The account must be on PAPER. */
int tp_desk_open(struct tp_desk **out, struct tp_db *db, const struct tp_desk_opts *opts, struct tp_err *err);
/* An instrument that bars will come for; before the first tp_desk_begin.  The session is the desk's: the
 * caller may set its strategy, and runs blocks through it. */
struct tp_session *tp_desk_place(struct tp_desk *d, const struct tp_symbol *symbol, int64_t interval_us);
/* Reads the funding rates that are stored for bars that open in [from, to); before each block. */
int tp_desk_rates(struct tp_desk *d, struct tp_session *s, struct tp_time from, struct tp_time to, struct tp_err *err);
/* Brings further orders before a bar of the session opens. */
void tp_desk_feed(struct tp_session *s, struct tp_feed_hook feed);
/* The bars of this block are of that session's instrument. */
void tp_desk_turn(struct tp_desk *d, struct tp_session *s);

/* Begins a transaction of the user behind the gate's lock, and reads what others have changed. */
int tp_desk_begin(struct tp_desk *d, struct tp_err *err);
/* Writes what the bars have changed, up to the close of the last one, commits, and tells the listener. */
int tp_desk_commit(struct tp_desk *d, struct tp_time cursor, struct tp_err *err);
/* Inside a transaction, before bars: TP_EREFUSED when an earlier bar has left the account without equity (R23) and no
 * deposit has come since. */
int tp_desk_alive(const struct tp_desk *d, struct tp_err *err);
int tp_desk_ruined(struct tp_err *err); /* that TP_EREFUSED, for a session that was ruined now */
/* After -1 of tp_desk_begin or of a session: it was because the account has orders or a position in an
 * instrument that has no place here; nothing else was wrong. */
bool tp_desk_stranger(const struct tp_desk *d);
/* Closes of the last bar that met the account's orders; none: no bar did. */
struct tp_time tp_desk_cursor(const struct tp_desk *d);
/* Id of the working order of that number in the session's fill engine, and the number of one; none, 0. */
struct tp_uuid tp_desk_order_id(const struct tp_desk *d, const struct tp_session *s, int64_t number);
int64_t        tp_desk_order_number(const struct tp_desk *d, const struct tp_session *s, struct tp_uuid id);
/* Groups of orders that come from outside carry numbers below zero: -1 is the first of ids, and so on. */
void tp_desk_groups(struct tp_desk *d, const struct tp_uuid *ids, size_t n);
void tp_desk_close(struct tp_desk *d); /* NULL is fine; what is not committed is rolled back */

#endif
