/* What the parts of the desk share: desk.c runs bars, desk_read.c brings the account in, desk_write.c takes it back. */
#ifndef TP_STORE_DESK_PLACE_H
#define TP_STORE_DESK_PLACE_H

#include "store/desk.h"
#include "store/news.h"
#include "trade/paper.h"
#include "trade/work.h"

/* What the desk knows of an order by its number in the fill engine. */
struct tp_desk_mark {
    struct tp_uuid id;
    uint64_t       saved; /* of what its row holds; 0: it has no row yet */
    struct tp_dec  filled; /* as its row has it */
};

/* An order that ended since the last commit. */
struct tp_desk_ended {
    struct tp_order order;
    int64_t         number;
    const char     *event; /* filled, ... */
};

/* One instrument. */
struct tp_place {
    struct tp_broker    broker; /* the paper broker's, with what only the desk knows; first member */
    struct tp_desk     *desk;
    struct tp_symbol    symbol;
    struct tp_knobs     knobs;
    struct tp_book      book;
    struct tp_paper     paper;
    struct tp_session   session;
    struct tp_uuid      position[2]; /* of the book's legs */
    int64_t             leverage[2]; /* of the orders that opened them */
    const char         *happened[2]; /* event about each since the last commit; NULL: no fill touched it */
    struct tp_feed_hook extra;       /* of the caller */
    struct tp_work     *waiting;     /* orders that become eligible later, by created_at */
    size_t              n_waiting;
    struct tp_desk_mark        *marks; /* by number */
    size_t              marks_room;
    int64_t             base;    /* numbers of this reading begin here */
    struct tp_dec       asked;   /* quantity of the order being submitted, before rounding */
    struct tp_dec       unrealized; /* at the last mark */
    struct tp_uuid      filled_position; /* that the newest fill changed */
    int64_t             filled_number;
    int64_t             filled_leverage;
    enum tp_role        filled_role;
    struct tp_funding_rate *rates; /* of the bars under way */
    size_t              n_rates;
};

enum tp_desk_told_kind { TOLD_EVENT, TOLD_TRADE, TOLD_TRIP, TOLD_POINT, TOLD_FUNDING };

struct tp_desk_told {
    enum tp_desk_told_kind kind;
    union {
        struct tp_order_event     event;
        struct tp_trade           trade;
        struct tp_trip            trip;
        struct tp_equity_point    point;
        struct tp_funding_payment funding;
    } it;
};

struct tp_desk_day {
    int64_t        date;
    struct tp_dec  first, high, low, last;
    struct tp_time at;
};

struct tp_desk {
    struct tp_db       *db;
    struct tp_desk_opts opts;
    struct tp_knobs     knobs;
    struct tp_gate      gate;
    struct tp_place      **places;
    size_t              n_places;
    struct tp_place       *turn;
    bool                open;     /* a transaction is under way */
    bool                stranger; /* somebody trades an instrument here that has no place */
    int64_t             revision; /* of the account when it was read; -1: never */
    struct tp_dec       wallet;
    struct tp_time      cursor;
    const struct tp_uuid *groups;
    size_t              n_groups;
    /* Since the last commit. */
    bool           dirty;
    struct tp_desk_ended  *ended;
    size_t         n_ended, ended_room;
    struct tp_buf  trades, closed, fundings; /* JSON arrays, open at the end */
    size_t         n_trades, n_closed, n_fundings;
    struct tp_news news;
    struct tp_desk_told   *told;
    size_t         n_told, told_room;
    struct tp_desk_day    *days;
    size_t         n_days, days_room;
    struct tp_arena arena;
};

/* desk.c */
/* The session is asked before each bar only while there is a reason: orders that wait, or a feed of the caller. */
void             tp_place_await(struct tp_place *p);
struct tp_place *tp_place_find(struct tp_desk *d, const char *symbol); /* NULL: none */
/* What is known of the order of that number, in the place's fill engine; zeros at first. */
struct tp_desk_mark *tp_place_mark(struct tp_place *p, int64_t number);

/* desk_read.c: the account's balance, cursor, positions and working orders, into the places. */
int tp_desk_read(struct tp_desk *d, struct tp_err *err);

/* desk_write.c */
/* Of an order as it works, never zero: tells whether its row has to be written again. */
uint64_t tp_place_hash(const struct tp_work *w);
int64_t  tp_place_leverage(const struct tp_place *p, const struct tp_work *w);
/* The order as a row of its account. */
void tp_place_order(struct tp_place *p, const struct tp_work *w, struct tp_order *out);
/* A position as a row, with its figures at the price (none: at none). */
int tp_place_position(struct tp_place *p, const struct tp_leg *l, struct tp_uuid id, struct tp_dec price,
                      struct tp_position *out, struct tp_err *err);
/* Adds a row to an array of positions; leg NULL: it is closed. */
void tp_place_put(struct tp_buf *to, size_t *n, const struct tp_position *o, const struct tp_leg *leg);
/* Everything that has changed since the last commit, into the transaction under way. */
int tp_desk_write(struct tp_desk *d, struct tp_time cursor, struct tp_err *err);

#endif
