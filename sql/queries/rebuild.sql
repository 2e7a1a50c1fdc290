-- name: rebuild_snapshot ()
-- kind: utility
-- What is compared must be of one moment.
set session characteristics as transaction isolation level repeatable read, read only;

-- name: rebuild_trades (uuid)
-- kind: copy
-- The fills of an account, instrument after instrument, in the order in which they were booked: each with its
-- order's side and leverage, what the ledger has of it, and its position as it is stored.
copy (select e.code,
             t.symbol,
             t.id,
             t.executed_at,
             t.position_id,
             t.side,
             t.price,
             t.quantity,
             coalesce(t.fee_quote, t.fee),
             t.pnl,
             t.metadata ->> 'role',
             o.side,
             o.leverage::bigint,
             l.fee,
             l.result,
             p.side,
             p.status,
             p.opened_at,
             p.closed_at,
             p.leverage::bigint,
             p.quantity,
             p.entry_price,
             p.mark_price,
             p.realized_pnl,
             p.unrealized_pnl,
             p.margin_used,
             (p.book ->> 'quantity')::numeric,
             (p.book ->> 'cost')::numeric,
             (p.book ->> 'net')::numeric,
             f.amount
        from tp.trades t
        join tp.exchanges e
          on e.id = t.exchange_id
        join tp.orders o
          on o.id = t.order_id
         and o.created_at = t.order_created_at
        left join (select n.trade_id,
                          sum(n.amount) filter (where n.kind = 'FEE') as fee,
                          sum(n.amount) filter (where n.kind in ('PNL', 'LIQUIDATION')) as result
                     from tp.ledger_entries n
                    where n.account_id = current_setting('tp.p1')::uuid
                      and n.trade_id is not null
                    group by n.trade_id) l
          on l.trade_id = t.id
        left join tp.positions p
          on p.id = t.position_id
         and p.opened_at = t.position_opened_at
        left join (select y.position_id,
                          sum(y.amount) as amount
                     from tp.funding_payments y
                    group by y.position_id) f
          on f.position_id = t.position_id
       where t.account_id = current_setting('tp.p1')::uuid
         and t.status = 'SUCCESS'
       order by e.code, t.symbol, t.executed_at, t.metadata ->> 'bar', (t.metadata ->> 'n')::bigint, t.id) to stdout (format binary);

-- name: rebuild_positions (uuid)
-- The positions of an account that no fill names: those that a fill opened by which another one was closed.
select p.id, p.symbol, p.side, p.status, p.opened_at, p.closed_at, p.leverage, p.quantity, p.entry_price,
       p.mark_price, p.realized_pnl, p.unrealized_pnl, p.margin_used,
       (p.book ->> 'quantity')::numeric as book_quantity,
       (p.book ->> 'cost')::numeric as book_cost,
       (p.book ->> 'net')::numeric as book_net,
       (select sum(y.amount)
          from tp.funding_payments y
         where y.position_id = p.id) as funding
  from tp.positions p
 where p.account_id = $1
   and not exists (select
                     from tp.trades t
                    where t.position_id = p.id
                      and t.status = 'SUCCESS')
 order by p.opened_at, p.id;

-- name: rebuild_orders (uuid)
-- kind: copy
-- The orders of an account that were filled or say so, with the sums of their fills.
copy (select o.id,
             o.filled_quantity,
             o.avg_fill_price,
             s.quantity,
             s.cost
        from tp.orders o
        left join (select t.order_id,
                          sum(t.quantity) as quantity,
                          sum(round(t.price * t.quantity, 8)) as cost
                     from tp.trades t
                    where t.account_id = current_setting('tp.p1')::uuid
                      and t.status = 'SUCCESS'
                    group by t.order_id) s
          on s.order_id = o.id
       where o.account_id = current_setting('tp.p1')::uuid
         and (o.filled_quantity <> 0 or o.avg_fill_price is not null or s.order_id is not null)) to stdout (format binary);

-- name: rebuild_money (uuid)
-- The balance of an account, the sum of its ledger, what was paid in or corrected, and funding as the ledger has
-- it and as it was paid.
select a.balance,
       coalesce(sum(n.amount), 0) as ledger,
       coalesce(sum(n.amount) filter (where n.kind in ('DEPOSIT', 'ADJUST')), 0) as paid_in,
       coalesce(sum(n.amount) filter (where n.kind = 'FUNDING'), 0) as funding,
       (select coalesce(sum(y.amount), 0)
          from tp.funding_payments y
          join tp.positions p
            on p.id = y.position_id
           and p.opened_at = y.position_opened_at
         where p.account_id = a.id) as funding_paid
  from tp.accounts a
  left join tp.ledger_entries n
    on n.account_id = a.id
 where a.id = $1
 group by a.id;

-- name: rebuild_strays (uuid)
-- Entries of fees and results for which there is no fill.
select n.id, n.amount
  from tp.ledger_entries n
 where n.account_id = $1
   and n.kind in ('FEE', 'PNL', 'LIQUIDATION')
   and not exists (select
                     from tp.trades t
                    where t.id = n.trade_id
                      and t.executed_at = n.trade_executed_at
                      and t.account_id = n.account_id
                      and t.status = 'SUCCESS')
 order by n.at, n.id;
