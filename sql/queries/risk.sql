-- name: risk_limit_list (uuid, uuid, boolean)
-- Live limits of a user: of one bot, or all of them (null); the user's own first. $3: also those that are
-- switched off.
select r.id,
       r.user_id,
       r.bot_id,
       r.max_position_size,
       r.max_leverage,
       r.max_daily_loss,
       r.max_drawdown,
       r.max_open_positions,
       r.max_order_size,
       r.risk_rules,
       r.enabled,
       r.created_at,
       r.updated_at,
       r.deleted_at
  from tp.risk_limits r
 where r.user_id = $1
   and r.deleted_at is null
   and ($2::uuid is null or r.bot_id = $2)
   and (r.enabled or $3)
 order by r.bot_id nulls first;

-- name: risk_lock (uuid)
-- Limits of a user are changed one after the other.
select pg_advisory_xact_lock(hashtextextended('limits ' || $1::text, 0)) as locked;

-- name: risk_limit_put (uuid, uuid, numeric, integer, numeric, numeric, integer, numeric, jsonb, boolean)
-- The limits of a user (bot null) or of a bot as they are from now on.
insert into tp.risk_limits as r (user_id, bot_id, max_position_size, max_leverage, max_daily_loss, max_drawdown,
                                 max_open_positions, max_order_size, risk_rules, enabled)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (user_id, bot_id) where deleted_at is null do update
   set max_position_size = excluded.max_position_size,
       max_leverage = excluded.max_leverage,
       max_daily_loss = excluded.max_daily_loss,
       max_drawdown = excluded.max_drawdown,
       max_open_positions = excluded.max_open_positions,
       max_order_size = excluded.max_order_size,
       risk_rules = excluded.risk_rules,
       enabled = excluded.enabled
returning r.id, r.user_id, r.bot_id, r.max_position_size, r.max_leverage, r.max_daily_loss, r.max_drawdown,
          r.max_open_positions, r.max_order_size, r.risk_rules, r.enabled, r.created_at, r.updated_at,
          r.deleted_at;

-- name: risk_limit_delete (uuid, uuid)
-- Takes back the live limits of a user (bot null) or of a bot.
update tp.risk_limits r
   set deleted_at = now()
 where r.user_id = $1
   and r.bot_id is not distinct from $2
   and r.deleted_at is null
returning r.id, r.user_id, r.bot_id, r.max_position_size, r.max_leverage, r.max_daily_loss, r.max_drawdown,
          r.max_open_positions, r.max_order_size, r.risk_rules, r.enabled, r.created_at, r.updated_at,
          r.deleted_at;

-- name: risk_halt_begin (uuid, uuid, uuid, text, text, text)
-- Halts a user's account, bot or environment (nulls: any), with reason and who. No row when that is halted
-- already.
insert into tp.risk_halts (user_id, account_id, bot_id, environment, reason, halted_by)
values ($1, $2, $3, $4, $5, $6)
    on conflict do nothing
returning id, user_id, account_id, bot_id, environment, reason, halted_by, halted_at, resumed_by, resumed_at;

-- name: risk_halt_list (uuid)
-- What is halted of a user, oldest first.
select h.id,
       h.user_id,
       h.account_id,
       h.bot_id,
       h.environment,
       h.reason,
       h.halted_by,
       h.halted_at,
       h.resumed_by,
       h.resumed_at
  from tp.risk_halts h
 where h.user_id = $1
   and h.resumed_at is null
 order by h.halted_at, h.id;

-- name: risk_halt_end (uuid, uuid, text)
-- Ends the halt of that id; no row when it has ended.
update tp.risk_halts h
   set resumed_at = greatest(now(), h.halted_at),
       resumed_by = $3
 where h.user_id = $1
   and h.id = $2
   and h.resumed_at is null
returning h.id, h.user_id, h.account_id, h.bot_id, h.environment, h.reason, h.halted_by, h.halted_at,
          h.resumed_by, h.resumed_at;
