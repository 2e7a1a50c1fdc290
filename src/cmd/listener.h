/* What happens on a desk, printed: the same records from a bot's tick and from a sync. */
#ifndef TP_CMD_LISTENER_H
#define TP_CMD_LISTENER_H

#include "base/prog.h"
#include "store/desk.h"

/* For a struct with the members trades and equity. */
#define OPT_LISTENER(type)                                                                         \
    OPT_FLAG(type, trades, 0, "trades", "print each round trip as well"),                          \
        OPT_FLAG(type, equity, 0, "equity", "print the equity at each bar as well")

/* Prints order events and fills; with trades the round trips, with equity its points as well. */
struct tp_desk_listener tp_listener(struct tp_ctx *tp, bool trades, bool equity);

#endif
