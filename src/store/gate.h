/* The one door through which orders come into being: the lock, the limits, what is measured. */
#ifndef TP_STORE_GATE_H
#define TP_STORE_GATE_H

#include "base/db.h"
#include "risk/limit.h"

struct tp_gate_scope; /* a row of limits and what is measured against it */
struct tp_gate_halt;
struct tp_gate_price;

/* Zero it before the first tp_gate_open; it may be opened again for the next transaction, and what it has
 * measured then holds as long as nobody else has changed anything. */
struct tp_gate {
    struct tp_db          *db;
    struct tp_uuid         user;
    char                   environment[11];
    bool                   read;     /* limits and halts were read in this transaction */
    int64_t                day;      /* UTC day that was measured; INT64_MIN: nothing was */
    int64_t                revision; /* of the accounts, what it must be while the measures hold */
    char                   stamp[64]; /* of the limits */
    char                   xact[24]; /* transaction in which we raised the revisions; "": none */
    bool                   taken;    /* an order counts that has not been stored yet */
    bool                   price_needed, exposure_needed, money_needed, day_needed;
    struct tp_gate_scope  *scopes;
    size_t                 n_scopes;
    struct tp_gate_halt   *halts;
    size_t                 n_halts;
    struct tp_gate_price  *prices;
    size_t                 n_prices, prices_room;
    struct tp_arena        arena; /* of the limits' texts */
};

/* Inside a transaction of the user: waits for the lock of (user, environment), which ends with the
 * transaction.  Limits are read when the first order asks. */
int  tp_gate_open(struct tp_gate *g, struct tp_db *db, struct tp_uuid user, const char *environment,
                  struct tp_err *err);
void tp_gate_free(struct tp_gate *g);

/* Whether the order may be made; market is the price now, none: the last close at the order's time, which
 * the gate looks up when a limit needs it.  1, and the order counts from now on; 0 with the word of the
 * refusal in reason; -1.  Orders that only reduce always pass. */
int tp_gate_ask(struct tp_gate *g, const struct tp_order *o, struct tp_dec market,
                char reason[TP_REASON_SIZE], struct tp_err *err);
/* The same for an order that works and is to change (updated_at: when): was no longer counts, unless 0 is
 * the answer. */
int tp_gate_ask_change(struct tp_gate *g, const struct tp_order *was, const struct tp_order *o,
                       struct tp_dec market, char reason[TP_REASON_SIZE], struct tp_err *err);
/* Looks up the prices that these orders' questions will need, in one go. */
int tp_gate_prices(struct tp_gate *g, const struct tp_order *const *orders, size_t n, struct tp_err *err);
/* The last closes at the orders' times, whether limits need them or not; none where no candle is stored. */
int tp_gate_closes(struct tp_gate *g, const struct tp_order *const *orders, size_t n, struct tp_dec *prices,
                   struct tp_err *err);
/* What was asked for is stored, and raised the revisions of so many accounts in that transaction. */
void tp_gate_raised(struct tp_gate *g, int64_t n, const char *xact);

/* Measures everything that the user's limits ask for on that day and gives the headroom of each. */
int tp_gate_headroom(struct tp_gate *g, int64_t day,
                     int (*each)(void *to, const struct tp_headroom *h, struct tp_err *err), void *to,
                     struct tp_err *err);

#endif
