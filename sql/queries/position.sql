-- name: position_put (jsonb)
-- Writes positions as the book has them: an array of records with the member book. New ones are inserted.
insert into tp.positions (id, opened_at, user_id, account_id, environment, bot_id, exchange_id, symbol, side,
                          entry_price, mark_price, liquidation_price, quantity, realized_pnl, unrealized_pnl,
                          margin_used, stop_loss, take_profit, leverage, margin_mode, status, closed_at, book)
select p.id, tp.uuid_v7_time(p.id), p.user_id, p.account_id, p.environment, p.bot_id, e.id, p.symbol, p.side,
       p.entry_price, p.mark_price, p.liquidation_price, p.quantity, p.realized_pnl, p.unrealized_pnl,
       p.margin_used, p.stop_loss, p.take_profit, p.leverage, p.margin_mode, p.status, p.closed_at, p.book
  from jsonb_to_recordset($1::jsonb)
       as p (id uuid, user_id uuid, account_id uuid, environment text, bot_id uuid, exchange text, symbol text,
             side text, entry_price numeric, mark_price numeric, liquidation_price numeric, quantity numeric,
             realized_pnl numeric, unrealized_pnl numeric, margin_used numeric, stop_loss numeric,
             take_profit numeric, leverage integer, margin_mode text, status text, closed_at timestamptz,
             book jsonb)
  join tp.exchanges e
    on e.code = p.exchange
    on conflict (id, opened_at) do update
   set entry_price = excluded.entry_price,
       mark_price = excluded.mark_price,
       liquidation_price = excluded.liquidation_price,
       quantity = excluded.quantity,
       realized_pnl = excluded.realized_pnl,
       unrealized_pnl = excluded.unrealized_pnl,
       margin_used = excluded.margin_used,
       stop_loss = excluded.stop_loss,
       take_profit = excluded.take_profit,
       leverage = excluded.leverage,
       status = excluded.status,
       closed_at = excluded.closed_at,
       book = excluded.book;

-- name: position_list (uuid, text, text, text, text, boolean, bigint)
-- Newest first: account, venue, instrument, status, environment (null matches everything), the deleted ones
-- instead, most rows.
select p.id, p.opened_at, p.user_id, p.account_id, p.bot_id, p.environment, e.code as exchange, p.symbol,
       p.side, p.entry_price, p.mark_price, p.liquidation_price, p.quantity, p.realized_pnl,
       p.unrealized_pnl, p.pnl, p.margin_used, p.pnl_percent, p.stop_loss, p.take_profit, p.leverage,
       p.margin_mode, p.status, p.closed_at, p.updated_at, p.deleted_at
  from tp.positions p
  join tp.exchanges e
    on e.id = p.exchange_id
 where ($1::uuid is null or p.account_id = $1)
   and ($2::text is null or e.code = $2)
   and ($3::text is null or p.symbol = $3)
   and ($4::text is null or p.status = $4)
   and ($5::text is null or p.environment = $5)
   and (p.deleted_at is not null) = $6
 order by p.opened_at desc, p.id desc
 limit $7;

-- name: position_get (uuid)
select p.id, p.opened_at, p.user_id, p.account_id, p.bot_id, p.environment, e.code as exchange, p.symbol,
       p.side, p.entry_price, p.mark_price, p.liquidation_price, p.quantity, p.realized_pnl,
       p.unrealized_pnl, p.pnl, p.margin_used, p.pnl_percent, p.stop_loss, p.take_profit, p.leverage,
       p.margin_mode, p.status, p.closed_at, p.updated_at, p.deleted_at
  from tp.positions p
  join tp.exchanges e
    on e.id = p.exchange_id
 where p.id = $1
   and p.opened_at = tp.uuid_v7_time($1);

-- name: position_protect (uuid, numeric, numeric)
-- Shows an open position's nearest stop-loss and take-profit, or that it has none.
update tp.positions
   set stop_loss = $2,
       take_profit = $3
 where id = $1
   and opened_at = tp.uuid_v7_time($1)
   and status = 'OPEN';
