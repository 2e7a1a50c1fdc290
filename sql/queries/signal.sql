-- name: signal_get (uuid, text)
-- What the user's signal of that id asked for and made.
select s.id, s.created_at, s.account_id, s.environment, e.code as exchange, s.symbol, s.target, s.qty,
       s.cancelled, s.long_order_id, s.short_order_id, s.reject_reason
  from tp.signals s
  join tp.exchanges e
    on e.id = s.exchange_id
 where s.user_id = $1
   and s.id = $2;

-- name: signal_put (uuid, text, timestamptz, uuid, text, text, text, text, numeric, integer, uuid, uuid, text)
-- User, id, when, account, environment, venue, instrument, target, size, orders ended, the long and the short
-- order, why one was refused.
insert into tp.signals (user_id, id, created_at, account_id, environment, exchange_id, symbol, target, qty,
                        cancelled, long_order_id, short_order_id, reject_reason)
select $1, $2, $3, $4, $5, e.id, $7, $8, $9, $10, $11, $12, $13
  from tp.exchanges e
 where e.code = $6;
