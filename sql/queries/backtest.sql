-- name: backtest_add (uuid, uuid, uuid, text, text, text, date, date, numeric, numeric, integer, integer, integer, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, jsonb, jsonb, jsonb)
insert into tp.backtests (user_id, strategy_id, bot_id, exchange_id, symbol, timeframe, start_date, end_date,
                          initial_capital, final_equity, total_trades, winning_trades, losing_trades,
                          win_rate, sharpe_ratio, sortino_ratio, max_drawdown,
                          max_drawdown_duration_hours, profit_factor, avg_win, avg_loss, largest_win,
                          largest_loss, results, equity_curve, metrics)
values ($1, $2, $3, (select e.id from tp.exchanges e where e.code = $4), $5, $6, $7, $8, $9, $10, $11, $12,
        $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)
returning id, created_at;

-- name: backtest_list (text, text, boolean, bigint)
-- Newest first, without the long members: symbol, strategy (id or name), deleted ones, most rows.
select b.id, b.user_id, b.strategy_id, b.bot_id, e.code as exchange, b.symbol, b.timeframe, b.start_date,
       b.end_date, b.initial_capital, b.final_equity, b.total_trades, b.winning_trades, b.losing_trades,
       b.win_rate, b.sharpe_ratio, b.sortino_ratio, b.max_drawdown, b.max_drawdown_duration_hours,
       b.profit_factor, b.avg_win, b.avg_loss, b.largest_win, b.largest_loss, b.created_at, b.deleted_at
  from tp.backtests b
  join tp.exchanges e on e.id = b.exchange_id
  join tp.strategies s on s.id = b.strategy_id
 where ($1::text is null or b.symbol = $1)
   and ($2::text is null or s.id::text = lower($2) or s.name = $2)
   and (b.deleted_at is not null) = $3
 order by b.created_at desc, b.id desc
 limit $4;

-- name: backtest_get (uuid)
select b.id, b.user_id, b.strategy_id, b.bot_id, e.code as exchange, b.symbol, b.timeframe, b.start_date,
       b.end_date, b.initial_capital, b.final_equity, b.total_trades, b.winning_trades, b.losing_trades,
       b.win_rate, b.sharpe_ratio, b.sortino_ratio, b.max_drawdown, b.max_drawdown_duration_hours,
       b.profit_factor, b.avg_win, b.avg_loss, b.largest_win, b.largest_loss, b.results, b.equity_curve,
       b.metrics, b.created_at, b.deleted_at
  from tp.backtests b
  join tp.exchanges e on e.id = b.exchange_id
 where b.id = $1;

-- name: backtest_delete (uuid)
update tp.backtests
   set deleted_at = now()
 where id = $1
   and deleted_at is null;

-- name: backtest_restore (uuid)
update tp.backtests
   set deleted_at = null
 where id = $1
   and deleted_at is not null;
