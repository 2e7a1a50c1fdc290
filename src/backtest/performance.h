/* What a bot did day by day, made of its fills and the closes of its bars alone. */
#ifndef TP_BACKTEST_PERFORMANCE_H
#define TP_BACKTEST_PERFORMANCE_H

#include "backtest/metric.h"
#include "trade/fill.h"

/* A row of tp.bot_performance: one UTC day of a bot. */
struct tp_performance {
    struct tp_uuid bot_id;
    int64_t        date;
    struct tp_uuid user_id;
    char           currency[TP_CURRENCY_SIZE];
    struct tp_dec  daily_pnl;      /* change of equity, deposits left out */
    struct tp_dec  cumulative_pnl; /* since the first bar */
    int64_t        trades_count, winning_trades, losing_trades; /* round trips closed in the day */
    struct tp_dec  win_rate;       /* percent of those; none without any */
    struct tp_dec  sharpe_ratio;   /* of all days so far; none under two */
    struct tp_dec  max_drawdown;   /* percent since the first bar, bar by bar */
    struct tp_dec  total_volume;   /* notional of the day's fills */
    struct tp_dec  total_fees;
    const char    *detailed_metrics; /* {"definition","equity","realized_pnl","fills"} */
    struct tp_time created_at;
};

extern const struct tp_record tp_performance_record;

/* The state of the calculation.  Money is decimal; see tp-metrics/1 for the definitions. */
struct tp_perf {
    struct tp_book        book;
    int64_t               fills;
    struct tp_dec         realized, equity, peak, worst; /* worst: percent */
    struct tp_performance day;
    bool                  begun;
    struct tp_dec        *ends; /* the capital, then each day's last equity */
    size_t                n, room;
    int (*each)(void *to, struct tp_performance *day, struct tp_err *err);
    void                 *to;
    struct tp_buf         text; /* of detailed_metrics */
};

/* Each day is given to `each` when it is over, in order, days without bars too; borrowed for the call. */
void tp_perf_init(struct tp_perf *p, struct tp_dec capital, const char *currency, bool hedge, void *to,
                  int (*each)(void *to, struct tp_performance *day, struct tp_err *err));
/* A fill of the bar of that open time, which tp_perf_bar is given next; side is its order's.  TP_EDRIFT when the result that the row
 * tells is not what the fills before it say; of a liquidation, whose result decides its price: when the price is another. */
int tp_perf_trade(struct tp_perf *p, const struct tp_trade *t, int side, bool liquidation, struct tp_time bar,
                  struct tp_err *err);
/* Funding of that bar that the position of that side received or, below zero, paid. */
int tp_perf_funding(struct tp_perf *p, struct tp_dec amount, int side, struct tp_time bar, struct tp_err *err);
/* A bar is over. */
int tp_perf_bar(struct tp_perf *p, struct tp_time open, struct tp_dec close, struct tp_err *err);
/* Gives the last day. */
int  tp_perf_end(struct tp_perf *p, struct tp_err *err);
void tp_perf_free(struct tp_perf *p);

#endif
