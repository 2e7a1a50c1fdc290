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
