/* Orders in the database: made through the gate alone, changed, listed. */
#ifndef TP_STORE_ORDER_H
#define TP_STORE_ORDER_H

#include "base/crypt.h"
#include "store/gate.h"

#define TP_KEY_SIZE 256 /* of an idempotency key, varchar(255) and NUL */

enum tp_order_outcome {
    TP_ORDER_ADDED,    /* the order stands, REJECTED when a limit refused it */
    TP_ORDER_REPLAYED, /* the key was used for this very order before: order is that one */
    TP_ORDER_KEY_TAKEN /* the key was used for another order: nothing was stored */
};

/* An order to be made. */
struct tp_order_new {
    struct tp_order order;     /* whole, as tp_order_defaults leaves it; comes back as it stands */
    const char     *key;       /* idempotency key, NULL: none */
    char            body_sha256[TP_SHA256_TEXT]; /* "": tp_order_body's */
    const char     *work;      /* what the fill engine remembers, a JSON object; NULL: nothing */
    struct tp_uuid  event_id;  /* nil: a new one */
    bool            asked;     /* tp_gate_ask passed it in this transaction already */
    bool            looked;    /* tp_order_used was asked in this transaction already */
    enum tp_order_outcome outcome;
};

/* Inside the gate's transaction: asks for every order that is not REJECTED already and opens something,
 * and stores all of them with their keys and events, the refused ones REJECTED with the reason.
 * -1: nothing may be committed (TP_EMISSING for an account, venue, bot or instrument that is not the
 * user's or is not there). */
int tp_order_insert(struct tp_gate *g, struct tp_order_new *orders, size_t n, struct tp_arena *arena,
                    struct tp_err *err);
/* Inside the gate's transaction: sets the outcome of orders whose keys were used before (ADDED of the
 * others), and puts what stands into those that are replayed. */
int tp_order_used(struct tp_gate *g, struct tp_order_new *orders, size_t n, struct tp_arena *arena,
                  struct tp_err *err);
/* The TP_EREFUSED of a key that is taken. */
int tp_order_key_taken(const struct tp_order_new *o, struct tp_err *err);
/* Hash of what was asked for: the fields in the order that tp-order(1) lists, never its id or its time. */
void tp_order_body(const struct tp_order *o, char out[TP_SHA256_TEXT]);

/* A change of an order that works. */
struct tp_order_change {
    struct tp_order        order; /* as it is now; updated_at comes back */
    const struct tp_order *was;   /* the limits are asked again for what it grew by; NULL: not */
    const char            *work;  /* NULL: as it was */
    const char            *event; /* filled, cancelled, amended, ...; NULL: none */
    struct tp_uuid         event_id;
    char                   reason[TP_REASON_SIZE]; /* comes back: the limit that refused; "": changed */
};

/* Inside the gate's transaction.  An order that has ended meanwhile is TP_EREFUSED. */
int tp_order_update(struct tp_gate *g, struct tp_order_change *changes, size_t n, struct tp_err *err);

/* NULL, nil and none match everything. */
struct tp_order_filter {
    const char    *exchange, *symbol;
    const char    *statuses; /* JSON list of words; TP_ORDERS_OPEN */
    struct tp_uuid account_id, bot_id;
    const char    *environment;
    struct tp_time from, to; /* made at or after, before */
    int64_t        limit;    /* 0: all */
};

#define TP_ORDERS_OPEN "[\"PENDING\",\"PARTIALLY_FILLED\"]"

/* A list that is read page by page, newest first. */
struct tp_order_list {
    struct tp_db          *db;
    struct tp_uuid         user;
    struct tp_order_filter filter;
    int64_t                left; /* rows that may still be given; -1: any number */
    int64_t                page; /* rows that the page at hand still has */
    struct tp_rows        *rows;
    struct tp_time         last_at;
    struct tp_uuid         last_id;
};

void tp_order_list_init(struct tp_order_list *l, struct tp_db *db, struct tp_uuid user,
                        const struct tp_order_filter *filter);
/* 1, 0 at the end, -1.  Pages are statements of their own: inside one transaction. */
int  tp_order_list_next(struct tp_order_list *l, struct tp_order *out, struct tp_arena *arena,
                        struct tp_err *err);
void tp_order_list_free(struct tp_order_list *l);

/* TP_EMISSING when the user has no such order. */
int tp_order_get(struct tp_db *db, struct tp_uuid user, struct tp_uuid id, struct tp_order *out,
                 struct tp_arena *arena, struct tp_err *err);
/* Rows for tp_rows_next with tp_order_record: those of n ids that the user has, in no order. */
int tp_order_find(struct tp_db *db, struct tp_uuid user, const struct tp_uuid *ids, size_t n,
                  struct tp_rows **rows, struct tp_err *err);
/* Rows likewise with what an order must share with its group: one order of each of n groups that is there,
 * a FILLED one when the group has one. */
int tp_order_groups(struct tp_db *db, struct tp_uuid user, const struct tp_uuid *groups, size_t n,
                    struct tp_rows **rows, struct tp_err *err);
/* At most n ids, the oldest first, of orders that work but are not known to have arrived. */
int tp_order_unsettled(struct tp_db *db, struct tp_uuid user, const char *environment, struct tp_uuid *ids,
                       size_t n, size_t *found, struct tp_err *err);
/* The order of an idempotency key: 1, 0 when the key was never used, -1. */
int tp_order_of_key(struct tp_db *db, struct tp_uuid user, const char *key, struct tp_order *out,
                    struct tp_arena *arena, struct tp_err *err);

#endif
