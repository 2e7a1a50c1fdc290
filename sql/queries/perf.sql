-- name: perf_put (jsonb)
-- Writes days of bots, an array of records.
insert into tp.bot_performance as p (bot_id, date, user_id, currency, daily_pnl, cumulative_pnl, trades_count,
                                     winning_trades, losing_trades, win_rate, sharpe_ratio, max_drawdown,
                                     total_volume, total_fees, detailed_metrics)
select r.bot_id, r.date, r.user_id, r.currency, r.daily_pnl, r.cumulative_pnl, r.trades_count, r.winning_trades,
       r.losing_trades, r.win_rate, r.sharpe_ratio, r.max_drawdown, r.total_volume, r.total_fees,
       r.detailed_metrics
  from jsonb_to_recordset($1::jsonb)
       as r (bot_id uuid, date date, user_id uuid, currency text, daily_pnl numeric, cumulative_pnl numeric,
             trades_count integer, winning_trades integer, losing_trades integer, win_rate numeric,
             sharpe_ratio numeric, max_drawdown numeric, total_volume numeric, total_fees numeric,
             detailed_metrics jsonb)
    on conflict (bot_id, date) do update
   set currency = excluded.currency,
       daily_pnl = excluded.daily_pnl,
       cumulative_pnl = excluded.cumulative_pnl,
       trades_count = excluded.trades_count,
       winning_trades = excluded.winning_trades,
       losing_trades = excluded.losing_trades,
       win_rate = excluded.win_rate,
       sharpe_ratio = excluded.sharpe_ratio,
       max_drawdown = excluded.max_drawdown,
       total_volume = excluded.total_volume,
       total_fees = excluded.total_fees,
       detailed_metrics = excluded.detailed_metrics;

-- name: perf_list (uuid, date, bigint)
-- The days of a bot behind a day (null: from the first), oldest first, most rows.
select p.bot_id, p.date, p.user_id, p.currency, p.daily_pnl, p.cumulative_pnl, p.trades_count, p.winning_trades,
       p.losing_trades, p.win_rate, p.sharpe_ratio, p.max_drawdown, p.total_volume, p.total_fees, p.detailed_metrics,
       p.created_at
  from tp.bot_performance p
 where p.bot_id = $1
   and ($2::date is null or p.date > $2)
 order by p.date
 limit $3;

-- name: perf_stats (uuid, jsonb)
-- The newest figures, for display.
update tp.bots
   set performance_stats = $2
 where id = $1;

-- name: bot_standing (text)
-- Bots of the acting user, by name or id (null: all), with what they hold and how far they are.
select b.id, b.name, b.status, b.environment, b.config ->> 'exchange' as exchange, b.config ->> 'symbol' as symbol,
       b.config ->> 'interval' as interval, s.name as strategy, st.cursor, b.last_run_at, p.side, p.quantity, p.entry_price,
       p.unrealized_pnl, a.balance, (a.balance + coalesce(u.open, 0))::numeric(28,8) as equity,
       (select count(*)
          from tp.orders o
         where o.account_id = a.id
           and o.status in ('PENDING', 'PARTIALLY_FILLED')) as open_orders,
       (select count(*)
          from tp.trades t
         where t.account_id = a.id) as fills, j.last_success, j.exit_code as last_exit_code, j.message as last_message
  from tp.bots b
  join tp.strategies s
    on s.id = b.strategy_id
  left join tp.accounts a
    on a.id = b.account_id
  left join tp.bot_state st
    on st.bot_id = b.id
  left join tp.job_runs j
    on j.user_id = b.user_id
   and j.lock_name = 'bot ' || b.id
  left join lateral (
       select sum(p.unrealized_pnl) as open
         from tp.positions p
        where p.account_id = a.id
          and p.status = 'OPEN') u
    on true
  left join lateral (
       select p.side, p.quantity, p.entry_price, p.unrealized_pnl
         from tp.positions p
        where p.account_id = a.id
          and p.status = 'OPEN'
        order by p.opened_at
        limit 1) p
    on true
 where ($1::text is null or b.id::text = lower($1) or b.name = $1)
   and b.deleted_at is null
 order by b.name, b.created_at, b.id;

-- name: equity_of_day (uuid, date)
-- The equity that an account was last marked with on a day; no row once more was paid in than at its opening.
select e.last
  from tp.account_equity e
 where e.account_id = $1
   and e.date = $2
   and (select coalesce(sum(l.amount), 0)
          from tp.ledger_entries l
         where l.account_id = $1
           and l.kind in ('DEPOSIT', 'ADJUST')) = (select a.initial_balance
                                                     from tp.accounts a
                                                    where a.id = $1);

-- name: perf_day (uuid, date)
select p.bot_id, p.date, p.user_id, p.currency, p.daily_pnl, p.cumulative_pnl, p.trades_count, p.winning_trades,
       p.losing_trades, p.win_rate, p.sharpe_ratio, p.max_drawdown, p.total_volume, p.total_fees, p.detailed_metrics,
       p.created_at
  from tp.bot_performance p
 where p.bot_id = $1
   and p.date = $2;

-- name: parity_orders (uuid)
-- What an account was asked for, and what was filled of it.
select o.id, o.created_at, o.side, o.reduce_only, o.order_type, o.role, o.reason, o.quantity, o.status,
       o.reject_reason, o.bot_id is null as by_hand, coalesce(t.filled, 0) as filled, coalesce(t.cost, 0) as cost,
       coalesce(t.fee, 0) as fee
  from tp.orders o
  left join (select t.order_id,
                    sum(t.quantity) as filled,
                    sum(round(t.price * t.quantity, 8)) as cost,
                    sum(coalesce(t.fee_quote, t.fee)) as fee
               from tp.trades t
              where t.account_id = $1
              group by t.order_id) t
    on t.order_id = o.id
 where o.account_id = $1
 order by o.created_at, o.id;

-- name: perf_fundings (uuid, text)
-- What the positions of an account in an instrument paid and received, one position after the other.
select f.position_id, f.funding_time, f.amount
  from tp.positions p
  join tp.funding_payments f
    on f.user_id = p.user_id
   and f.position_id = p.id
   and f.position_opened_at = p.opened_at
 where p.account_id = $1
   and p.symbol = $2
 order by f.position_opened_at, f.position_id, f.funding_time;

-- name: parity_funding (uuid)
-- Funding that an account received, paid below zero.
select coalesce(sum(l.amount), 0)::numeric(28,8) as amount
  from tp.ledger_entries l
 where l.account_id = $1
   and l.kind = 'FUNDING';
