/* Orders given from outside that drive a run. */
#ifndef TP_BACKTEST_ORDERS_H
#define TP_BACKTEST_ORDERS_H

#include "base/crypt.h"
#include "base/text.h"
#include "market/symbol.h"
#include "trade/order.h"

/* Start with {0}. */
struct tp_orders {
    struct tp_work *at; /* by time of making, then as they came */
    size_t          n, room;
    struct tp_uuid *groups; /* group ids in order of appearance; their place + 1 is the number */
    size_t          n_groups;
    bool            hedge;     /* they are of an account in hedge mode */
    char            exchange[TP_EXCHANGE_SIZE], symbol[TP_SYMBOL_SIZE]; /* the instrument they name; or empty */
    char            hash[TP_SHA256_TEXT]; /* SHA-256 of their lines, other records left out; empty before */
};

/* Reads the order records among the lines of a file ("-": standard input) and passes over other records.
 * -1: TP_EMISSING, TP_EFAIL, or TP_EINPUT naming file and line, also for an order without created_at, for one of
 * another instrument than those before and for orders of both position modes. */
int  tp_orders_read(struct tp_orders *list, const char *path, struct tp_arena *arena, struct tp_err *err);
/* -1 with TP_EINPUT when they are orders of another instrument than this one. */
int  tp_orders_for(const struct tp_orders *list, const struct tp_symbol *symbol, struct tp_err *err);
void tp_orders_free(struct tp_orders *list);

#endif
