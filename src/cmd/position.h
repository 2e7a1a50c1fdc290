/* The commands of tp-position, which stand in several files; their options and functions. */
#ifndef TP_CMD_POSITION_H
#define TP_CMD_POSITION_H

#include "cmd/batch.h"
#include "trade/position.h"

/* The open position of that id and environment.  -1: why not, with the reason for the item's answer. */
int tp_position_open(struct tp_db *db, struct tp_uuid id, const char *environment, struct tp_item *item,
                     struct tp_position *out, struct tp_err *err);

/* close: orders that close positions at the market. */
struct tp_close_args {
    const char    *exchange, *symbol, *account, *environment;
    const char    *quantity; /* field of what is asked, as text */
    struct tp_time at;
    bool           all, live, dry_run;
};

extern const struct tp_opt tp_close_opts[];
int                        tp_position_close(struct tp_ctx *tp, const void *args);

/* protect: stop-loss, take-profit and trailing stop of positions. */
struct tp_protect_args {
    const char    *environment;
    const char    *stop_loss, *take_profit, *trailing; /* fields of what is asked, as text */
    struct tp_time at;
    bool           none, live, dry_run;
};

extern const struct tp_opt tp_protect_opts[];
int                        tp_position_protect(struct tp_ctx *tp, const void *args);

/* rebuild: every position computed again from its fills. */
struct tp_rebuild_args {
    const char *account;
    const char *environment;
    bool        check;
};

extern const struct tp_opt tp_rebuild_opts[];
int                        tp_position_rebuild(struct tp_ctx *tp, const void *args);

#endif
