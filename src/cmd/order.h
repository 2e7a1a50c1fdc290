/* The commands of tp-order, which stand in several files; their options and functions. */
#ifndef TP_CMD_ORDER_H
#define TP_CMD_ORDER_H

#include "base/prog.h"

/* place: new orders, one by options or many as lines. */
struct tp_place_args {
    const char *exchange, *symbol, *account, *environment;
    /* fields of the order, as text */
    const char *side, *order_type, *quantity, *price, *stop_price, *callback_rate, *trail_distance,
        *activation_price, *working_type, *leverage, *margin_mode, *position_mode, *time_in_force, *stop_loss,
        *take_profit, *group_id, *expires_at, *metadata, *created_at;
    const char *idempotency_key;
    bool        reduce_only, live, dry_run;
};

extern const struct tp_opt tp_place_opts[];
int                        tp_order_place(struct tp_ctx *tp, const void *args);

/* cancel: orders that work end. */
struct tp_cancel_args {
    const char *exchange, *symbol, *account, *environment;
    bool        all, live, dry_run;
};

extern const struct tp_opt tp_cancel_opts[];
int                        tp_order_cancel(struct tp_ctx *tp, const void *args);

/* amend: orders that work change. */
struct tp_amend_args {
    const char *environment;
    const char *quantity, *price, *stop_price, *callback_rate, *trail_distance, *activation_price, *stop_loss,
        *take_profit, *expires_at;
    bool        live, dry_run;
};

extern const struct tp_opt tp_amend_opts[];
int                        tp_order_amend(struct tp_ctx *tp, const void *args);

/* sync: the stored candles come to orders on paper. */
struct tp_sync_args {
    const char    *environment;
    struct tp_time until;
    bool           live, trades, equity;
};

extern const struct tp_opt tp_sync_opts[];
int                        tp_order_sync(struct tp_ctx *tp, const void *args);

/* reconcile: what is not known to have arrived. */
struct tp_reconcile_args {
    const char *idempotency_key, *environment;
    bool        live;
};

extern const struct tp_opt tp_reconcile_opts[];
int                        tp_order_reconcile(struct tp_ctx *tp, const void *args);

#endif
