/* The record of a backtest: the row of tp.backtests. */
#ifndef TP_BACKTEST_BACKTEST_H
#define TP_BACKTEST_BACKTEST_H

#include "base/record.h"
#include "market/symbol.h"

/* Raised whenever the same input could give another result. */
#define TP_ENGINE_VERSION 3
#define TP_METRICS_VERSION "tp-metrics/1"

/* Ratios have four places, percents two, money eight; undefined values are none. */
struct tp_backtest {
    struct tp_uuid id, user_id, strategy_id, bot_id;
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    char           timeframe[11];
    int64_t        start_date, end_date;
    struct tp_dec  initial_capital, final_equity;
    int64_t        total_trades, winning_trades, losing_trades;
    struct tp_dec  win_rate, sharpe_ratio, sortino_ratio, max_drawdown, max_drawdown_duration_hours;
    struct tp_dec  profit_factor, avg_win, avg_loss, largest_win, largest_loss;
    const char    *results, *equity_curve, *metrics;
    struct tp_time created_at, deleted_at;
};

extern const struct tp_record tp_backtest_record;

#endif
