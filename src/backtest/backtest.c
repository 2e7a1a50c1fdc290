#include "backtest/backtest.h"

#include "base/banned.h"

#define F_HOURS(type, f, ...)                                                                      \
    {.kind = TP_F_DEC, TP_F_NAME(#f), .at = TP_F_AT(type, f, struct tp_dec), .digits = 10, .scale = 2, \
     .help = __VA_ARGS__}

static const struct tp_field fields[] = {
    F_UUID(struct tp_backtest, id, "UUID version 7; null when nothing was stored"),
    F_UUID(struct tp_backtest, user_id, "whose run it is", .wide = true),
    F_UUID(struct tp_backtest, strategy_id, "the strategy's row", .wide = true),
    F_UUID(struct tp_backtest, bot_id, "the bot it was run for", .wide = true),
    F_TEXT(struct tp_backtest, exchange, "code of the venue"),
    F_TEXT(struct tp_backtest, symbol, "the venue's name of the instrument"),
    F_TEXT(struct tp_backtest, timeframe, "interval of the bars"),
    F_DATE(struct tp_backtest, start_date, "UTC day of the first bar"),
    F_DATE(struct tp_backtest, end_date, "UTC day of the last bar"),
    F_DEC(struct tp_backtest, initial_capital, "wallet at the start, quote currency"),
    F_DEC(struct tp_backtest, final_equity, "wallet and unrealised result at the end"),
    F_INT(struct tp_backtest, total_trades, "round trips"),
    F_INT(struct tp_backtest, winning_trades, "round trips with a result above zero"),
    F_INT(struct tp_backtest, losing_trades, "round trips with a result below zero"),
    F_PERCENT(struct tp_backtest, win_rate, "winning in percent of all"),
    F_RATIO(struct tp_backtest, sharpe_ratio, "of daily returns, times the root of 365"),
    F_RATIO(struct tp_backtest, sortino_ratio, "of daily returns, downside over all days"),
    F_RATIO(struct tp_backtest, max_drawdown, "percent of the peak, at bar closes"),
    F_HOURS(struct tp_backtest, max_drawdown_duration_hours, "longest time from a peak to its recovery"),
    F_RATIO(struct tp_backtest, profit_factor, "money won by money lost; null without a loss"),
    F_DEC(struct tp_backtest, avg_win, "average result of the winning"),
    F_DEC(struct tp_backtest, avg_loss, "average result of the losing, below zero"),
    F_DEC(struct tp_backtest, largest_win, "best result"),
    F_DEC(struct tp_backtest, largest_loss, "worst result, below zero"),
    F_JSON(struct tp_backtest, results, "the round trips", .wide = true),
    F_JSON(struct tp_backtest, equity_curve, "[time, equity] per day, and the deepest peaks and troughs",
           .wide = true),
    F_JSON(struct tp_backtest, metrics, "everything else that was measured, and the settings",
           .wide = true),
    F_TIME(struct tp_backtest, created_at, "when it was stored; null when nothing was", .wide = true),
    F_TIME(struct tp_backtest, deleted_at, "when it was deleted", .wide = true),
    F_STOP,
};

const struct tp_record tp_backtest_record = {"backtest", "a strategy's result on stored candles", fields,
                                             sizeof(struct tp_backtest)};
