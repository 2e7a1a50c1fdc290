/* The commands of tp-strategy that stand in a file of their own; their options and functions. */
#ifndef TP_CMD_STRATEGY_H
#define TP_CMD_STRATEGY_H

#include "base/prog.h"

/* serve: signals from outside. */
struct tp_serve_args {
    const char *exchange, *symbol, *account, *environment;
    bool        stdin_signals, live, dry_run;
};

extern const struct tp_opt tp_serve_opts[];
int                        tp_strategy_serve(struct tp_ctx *tp, const void *args);

#endif
