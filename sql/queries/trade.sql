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
