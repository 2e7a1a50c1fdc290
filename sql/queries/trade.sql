-- name: trade_insert (uuid, uuid, text, jsonb)
-- Books fills: user, account, environment, an array of records. What a fill cost and realised goes into the
-- ledger with it; a fill that is there already changes nothing.
with booked as (
    insert into tp.trades (id, executed_at, user_id, account_id, environment, order_id, position_id,
                           exchange_id, symbol, side, price, quantity, fee, fee_currency, fee_quote,
                           liquidity, pnl, status, exchange_trade_id, metadata)
    select t.id, tp.uuid_v7_time(t.id), $1, $2, $3, t.order_id, t.position_id, e.id, t.symbol, t.side, t.price,
           t.quantity, t.fee, t.fee_currency, t.fee_quote, t.liquidity, t.pnl, coalesce(t.status, 'SUCCESS'),
           t.exchange_trade_id, coalesce(t.metadata, '{}')
      from jsonb_to_recordset($4::jsonb)
           as t (id uuid, order_id uuid, position_id uuid, exchange text, symbol text, side text, price numeric,
                 quantity numeric, fee numeric, fee_currency text, fee_quote numeric, liquidity text,
                 pnl numeric, status text, exchange_trade_id text, metadata jsonb)
      join tp.exchanges e
        on e.code = t.exchange
        on conflict do nothing
    returning id, executed_at, user_id, account_id, position_id, fee, fee_quote, pnl, metadata)
insert into tp.ledger_entries (user_id, account_id, at, kind, amount, trade_id, position_id)
select b.user_id, b.account_id, b.executed_at, l.kind, l.amount, b.id, b.position_id
  from booked b,
       lateral (values ('FEE', -coalesce(b.fee_quote, b.fee)),
                       (case b.metadata ->> 'role' when 'LIQUIDATION' then 'LIQUIDATION' else 'PNL' end, b.pnl))
               as l (kind, amount)
 where l.amount <> 0;

-- name: trade_of_account (uuid, text, timestamptz, timestamptz, bigint, bigint)
-- The fills of an account in an instrument, in the order in which they happened, behind one of them (its time, its
-- bar, its place; nulls: from the first), at most so many: a fill at a bar's close has the stamp of the next bar's open.
select t.id, t.executed_at, t.user_id, t.order_id, t.position_id, e.code as exchange, t.symbol, t.side, t.price, t.quantity,
       t.fee, t.fee_currency, t.fee_quote, t.liquidity, t.pnl, t.status, t.exchange_trade_id, t.metadata
  from tp.trades t
  join tp.exchanges e
    on e.id = t.exchange_id
 where t.account_id = $1
   and t.symbol = $2
   and ($3::timestamptz is null
        or t.executed_at >= $3
           and (t.executed_at, coalesce((t.metadata ->> 'bar')::timestamptz, t.executed_at),
                coalesce((t.metadata ->> 'n')::bigint, 0)) > ($3, $4, $5))
 order by t.executed_at, coalesce((t.metadata ->> 'bar')::timestamptz, t.executed_at),
          coalesce((t.metadata ->> 'n')::bigint, 0)
 limit $6;

-- name: funding_insert (uuid, uuid, jsonb)
-- Books funding: user, account, an array of records. One payment of a position at a stamp; what is there already
-- changes nothing. The ledger gets it in the same statement.
with paid as (
    insert into tp.funding_payments (user_id, position_id, funding_time, rate, amount, currency)
    select $1, f.position_id, f.funding_time, f.rate, f.amount, f.currency
      from jsonb_to_recordset($3::jsonb)
           as f (position_id uuid, funding_time timestamptz, rate numeric, amount numeric, currency text)
        on conflict do nothing
    returning position_id, funding_time, amount)
insert into tp.ledger_entries (user_id, account_id, at, kind, amount, position_id)
select $1, $2, p.funding_time, 'FUNDING', p.amount, p.position_id
  from paid p
 where p.amount <> 0;
