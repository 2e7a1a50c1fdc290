-- name: desk_account (uuid)
-- An account as its orders meet the market.
select a.id, a.user_id, e.code as exchange, a.environment, a.currency, a.name, a.position_mode,
       a.api_connection_id, a.bot_id, a.initial_balance, a.balance, a.cursor, a.settings, a.created_at
  from tp.accounts a
  join tp.exchanges e
    on e.id = a.exchange_id
 where a.id = $1;

-- name: desk_revision (uuid)
select a.revision
  from tp.accounts a
 where a.id = $1;

-- name: desk_orders (uuid, text)
-- The working orders of an account in an instrument, in the order of their making.
select o.id, o.created_at, o.user_id, o.account_id, o.position_id, o.bot_id, o.api_connection_id,
       o.environment, e.code as exchange, o.symbol, o.side, o.reduce_only, o.order_type, o.quantity,
       o.filled_quantity, o.avg_fill_price, o.price, o.stop_price, o.callback_rate, o.trail_distance,
       o.activation_price, o.working_type, o.leverage, o.margin_mode, o.position_mode, o.time_in_force,
       o.stop_loss, o.take_profit, o.status, o.submit_state, o.reject_reason, o.parent_order_id, o.group_id,
       o.exchange_order_id, o.exchange_algo_id, o.expires_at, o.work as metadata, o.updated_at, o.filled_at,
       o.cancelled_at, o.deleted_at, o.role, o.reason
  from tp.orders o
  join tp.exchanges e
    on e.id = o.exchange_id
 where o.account_id = $1
   and o.symbol = $2
   and o.status in ('PENDING', 'PARTIALLY_FILLED')
 order by o.created_at, coalesce((o.work ->> 'number')::bigint, 0), o.id;

-- name: desk_positions (uuid)
-- The open positions of an account, with what the book keeps of them.
select p.id, p.opened_at, p.bot_id, e.code as exchange, p.symbol, p.side, p.entry_price, p.mark_price, p.quantity,
       p.realized_pnl, p.unrealized_pnl, p.margin_used, p.leverage, p.margin_mode, p.status, p.book
  from tp.positions p
  join tp.exchanges e
    on e.id = p.exchange_id
 where p.account_id = $1
   and p.status = 'OPEN'
 order by p.opened_at, p.id;

-- name: desk_busy (uuid)
-- The instruments in which an account has working orders or holds something.
select o.symbol
  from tp.orders o
 where o.account_id = $1
   and o.status in ('PENDING', 'PARTIALLY_FILLED')
 union
select p.symbol
  from tp.positions p
 where p.account_id = $1
   and p.status = 'OPEN';

-- name: desk_mark (uuid, uuid, timestamptz, jsonb)
-- User, account, close of the last bar its orders have met, an array of days of equity.
with days as (
    insert into tp.account_equity as e (account_id, date, user_id, first, high, low, last, marked_at)
    select $2, d.date, $1, d.first, d.high, d.low, d.last, d.marked_at
      from jsonb_to_recordset($4::jsonb)
           as d (date date, first numeric, high numeric, low numeric, last numeric, marked_at timestamptz)
        on conflict (account_id, date) do update
       set high = greatest(e.high, excluded.high),
           low = least(e.low, excluded.low),
           last = excluded.last,
           marked_at = excluded.marked_at)
update tp.accounts
   set cursor = $3,
       revision = revision + 1
 where id = $2
returning revision;

-- name: desk_instruments (uuid)
-- The instruments in which an account has working orders or holds something, each with the finest interval of
-- candles behind its cursor (or, before the first, behind its oldest order), and where these begin.
with busy as (
    select o.exchange_id,
           o.symbol,
           min(o.created_at) as since
      from (select o.exchange_id, o.symbol, o.created_at
              from tp.orders o
             where o.account_id = $1
               and o.status in ('PENDING', 'PARTIALLY_FILLED')
             union all
            select p.exchange_id, p.symbol, p.opened_at
              from tp.positions p
             where p.account_id = $1
               and p.status = 'OPEN') o
     group by o.exchange_id, o.symbol)
select e.code as exchange,
       b.symbol,
       i.interval,
       coalesce(a.cursor, min(b.since) over ()) as since
  from busy b
  join tp.exchanges e
    on e.id = b.exchange_id
  join tp.accounts a
    on a.id = $1
  left join lateral (
       select v.interval
         from (values ('1m', 1), ('5m', 2), ('15m', 3), ('30m', 4), ('1h', 5), ('4h', 6), ('1d', 7), ('1w', 8))
              as v (interval, place)
        where exists (select
                        from tp.market_prices m
                       where m.exchange_id = b.exchange_id
                         and m.symbol = b.symbol
                         and m.interval = v.interval
                         and m.timestamp >= coalesce(a.cursor, b.since))
        order by v.place
        limit 1) i
    on true
 order by b.symbol;
