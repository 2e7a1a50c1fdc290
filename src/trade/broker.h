/* What a session needs from whoever executes its orders: the simulator or an exchange. */
#ifndef TP_TRADE_BROKER_H
#define TP_TRADE_BROKER_H

#include "trade/match.h"

struct tp_broker;

struct tp_broker_ops {
    const char *name;
    /* Takes an order; gives its number, 0 when it was refused (an event says why). */
    int (*submit)(struct tp_broker *b, const struct tp_work *order, int64_t *number, struct tp_err *err);
    int (*cancel)(struct tp_broker *b, int64_t number, const char *reason, struct tp_err *err);
    /* The working order of that number, or NULL; valid until the next call. */
    struct tp_work *(*find)(struct tp_broker *b, int64_t number);
    /* The i-th of the orders that work, or NULL behind the last; valid likewise. */
    struct tp_work *(*each)(struct tp_broker *b, size_t i);
    /* The market moved through this bar: its fills go to the book. */
    int (*bar)(struct tp_broker *b, const struct tp_bar *bar, struct tp_err *err);
    /* Moves the stop-losses of that side up to price where they are further away; makes one when there
     * is none. */
    int (*tighten)(struct tp_broker *b, int side, struct tp_dec price, struct tp_err *err);
    /* What was submitted after the bar may fill at its close (fill=close). */
    int (*close_fills)(struct tp_broker *b, const struct tp_bar *bar, struct tp_err *err);
    /* The last bar is over. */
    int (*end)(struct tp_broker *b, const struct tp_bar *bar, struct tp_err *err);
    /* Prices between which nothing happens before a time; false: look at every bar. */
    bool (*quiet)(const struct tp_broker *b, struct tp_dec *low, struct tp_dec *high, struct tp_time *until);
};

struct tp_broker {
    const struct tp_broker_ops *ops;
};

#endif
