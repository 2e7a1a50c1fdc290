/* A backtest: blocks of candles through a session into one record, in constant memory. */
#ifndef TP_BACKTEST_RUN_H
#define TP_BACKTEST_RUN_H

#include "backtest/backtest.h"
#include "backtest/metric.h"
#include "bot/session.h"
#include "trade/paper.h"

struct tp_run_opts {
    struct tp_symbol          symbol; /* fee rates may be none: the profile's hold then */
    struct tp_knobs           knobs;
    const struct tp_interval *interval;
    struct tp_strategy       *strategy;  /* borrowed; NULL: orders drive the run */
    const struct tp_work     *orders;    /* borrowed, by created_at */
    size_t                    n_orders;
    bool                      hedge;     /* the orders are of accounts in hedge mode */
    const char               *orders_hash; /* stands for the strategy's when orders drive */
    const struct tp_funding_rate *rates; /* borrowed, by time; NULL: none is known */
    size_t                    n_rates;
    int64_t                   max_gap;   /* missing bars in a row that are accepted; -1: any number */
    bool                      allow_synthetic;
    bool                      keep_results; /* collect the round trips for `results` */
    /* Listeners; functions may be NULL. */
    struct tp_sink sink;
    int (*point)(void *to, const struct tp_equity_point *point, struct tp_err *err);
};

struct tp_run;

int tp_run_open(struct tp_run **out, const struct tp_run_opts *opts, struct tp_err *err);
/* The next bars, each later than all before.  1; 0 when the account is ruined and no more is wanted;
 * -1: TP_EREFUSED for synthetic candles or a gap above max_gap. */
int tp_run_block(struct tp_run *run, const struct tp_bars *bars, struct tp_err *err);
/* Ends the run and fills the record but for its ids and created_at; texts go into the arena.  The
 * identity final - initial = sum of results has been checked. */
int tp_run_end(struct tp_run *run, struct tp_backtest *out, struct tp_arena *arena, struct tp_err *err);
/* Missing bars so far, for a note to the person. */
int64_t tp_run_missing(const struct tp_run *run);
/* Given orders that no bar was late enough for. */
int64_t tp_run_unreached(const struct tp_run *run);
void    tp_run_free(struct tp_run *run); /* NULL is fine */

#endif
