-- name: order_insert (jsonb)
-- The only statement that makes orders. Each element is an order's record with its idempotency_key and
-- body_sha256, the fill engine's work, the id of its event and whether a limit refused it. In one go: the
-- keys are claimed, the orders inserted, their events queued in the order given, and the accounts'
-- revisions raised. An order whose key is taken is left out. What no fill engine has seen yet gets a number, so
-- that orders of one account and time keep the order of their making, from whatever program they come.
with given as (
    select j.n,
           j.value - array['idempotency_key', 'body_sha256', 'work', 'event_id', 'refused'] as payload,
           r.id,
           r.created_at,
           r.user_id,
           r.account_id,
           r.position_id,
           r.bot_id,
           r.api_connection_id,
           r.environment,
           e.id as exchange_id,
           r.symbol,
           r.side,
           r.reduce_only,
           r.order_type,
           r.quantity,
           r.filled_quantity,
           r.avg_fill_price,
           r.price,
           r.stop_price,
           r.callback_rate,
           r.trail_distance,
           r.activation_price,
           r.working_type,
           r.leverage,
           r.margin_mode,
           r.position_mode,
           r.time_in_force,
           r.stop_loss,
           r.take_profit,
           r.status,
           r.submit_state,
           r.reject_reason,
           r.parent_order_id,
           r.group_id,
           r.exchange_order_id,
           r.exchange_algo_id,
           r.expires_at,
           r.metadata,
           r.filled_at,
           r.cancelled_at,
           r.role,
           r.reason,
           r.idempotency_key,
           r.body_sha256,
           r.work,
           r.event_id,
           r.refused
      from jsonb_array_elements($1) with ordinality as j (value, n)
     cross join lateral jsonb_to_record(j.value)
        as r (id uuid, created_at timestamptz, user_id uuid, account_id uuid, position_id uuid, bot_id uuid,
              api_connection_id uuid, environment text, exchange text, symbol text, side text,
              reduce_only boolean, order_type text, quantity numeric, filled_quantity numeric,
              avg_fill_price numeric, price numeric, stop_price numeric, callback_rate numeric,
              trail_distance numeric, activation_price numeric, working_type text, leverage integer,
              margin_mode text, position_mode text, time_in_force text, stop_loss numeric,
              take_profit numeric, status text, submit_state text, reject_reason text,
              parent_order_id uuid, group_id uuid, exchange_order_id text, exchange_algo_id text,
              expires_at timestamptz, metadata jsonb, filled_at timestamptz, cancelled_at timestamptz,
              role text, reason text, idempotency_key text, body_sha256 text, work jsonb, event_id uuid,
              refused boolean)
      join tp.exchanges e
        on e.code = r.exchange
), claimed as (
    insert into tp.order_idempotency (user_id, key, order_id, body_sha256)
    select g.user_id,
           g.idempotency_key,
           g.id,
           g.body_sha256
      from given g
     where g.idempotency_key is not null
        on conflict do nothing
    returning order_id
), added as (
    insert into tp.orders (id, created_at, user_id, account_id, position_id, bot_id, api_connection_id,
                           environment, exchange_id, symbol, side, reduce_only, order_type, quantity,
                           filled_quantity, avg_fill_price, price, stop_price, callback_rate,
                           trail_distance, activation_price, working_type, leverage, margin_mode,
                           position_mode, time_in_force, stop_loss, take_profit, status, submit_state,
                           reject_reason, parent_order_id, group_id, exchange_order_id, exchange_algo_id,
                           expires_at, metadata, filled_at, cancelled_at, role, reason, work)
    select g.id,
           g.created_at,
           g.user_id,
           g.account_id,
           g.position_id,
           g.bot_id,
           g.api_connection_id,
           g.environment,
           g.exchange_id,
           g.symbol,
           g.side,
           g.reduce_only,
           g.order_type,
           g.quantity,
           g.filled_quantity,
           g.avg_fill_price,
           g.price,
           g.stop_price,
           g.callback_rate,
           g.trail_distance,
           g.activation_price,
           g.working_type,
           g.leverage,
           g.margin_mode,
           g.position_mode,
           g.time_in_force,
           g.stop_loss,
           g.take_profit,
           g.status,
           g.submit_state,
           g.reject_reason,
           g.parent_order_id,
           g.group_id,
           g.exchange_order_id,
           g.exchange_algo_id,
           g.expires_at,
           coalesce(g.metadata, '{}'),
           g.filled_at,
           g.cancelled_at,
           g.role,
           g.reason,
           case
               when g.work is null or g.work = '{}'
               then jsonb_build_object('number',
                                       (select x.revision
                                          from tp.accounts x
                                         where x.id = g.account_id
                                           and x.user_id = g.user_id) * 1000000 + g.n)
               else g.work
           end
      from given g
     where g.idempotency_key is null
        or g.id in (select c.order_id from claimed c)
    returning id, user_id, account_id, updated_at
), told as (
    insert into tp.event_queue (event_id, event_type, user_id, payload, ordering_key)
    select coalesce(t.event_id, tp.uuid_v7()),
           t.event_type,
           g.user_id,
           g.payload || jsonb_build_object('updated_at', a.updated_at),
           t.ordering_key
      from given g
      join added a
        on a.id = g.id
     cross join lateral (
               select 1 as place,
                      g.event_id,
                      'order.' || lower(g.status) as event_type,
                      'order:' || g.id as ordering_key
                union all
               select 2,
                      null,
                      'risk.refused',
                      'risk:' || g.user_id
                where g.refused
           ) as t
     order by g.n,
              t.place
), raised as (
    update tp.accounts x
       set revision = x.revision + 1
      from (select distinct a.user_id,
                   a.account_id
              from added a) as d
     where x.id = d.account_id
       and x.user_id = d.user_id
    returning x.id
)
select a.id,
       a.updated_at,
       pg_current_xact_id()::text as xact,
       (select count(*) from raised) as accounts
  from added a;

-- name: order_update (jsonb, timestamptz, timestamptz)
-- Changes of orders that work; each element is the order's record as it is now, with the fill engine's
-- work (null: as it was) and the word and id of its event (null: none). $2 and $3 are the oldest and the
-- newest created_at among them, so that other partitions are not looked at. An order that has ended is
-- left out.
with given as (
    select j.n,
           j.value - array['work', 'event', 'event_id'] as payload,
           r.id,
           r.created_at,
           r.user_id,
           r.position_id,
           r.quantity,
           r.filled_quantity,
           r.avg_fill_price,
           r.price,
           r.stop_price,
           r.callback_rate,
           r.trail_distance,
           r.activation_price,
           r.stop_loss,
           r.take_profit,
           r.status,
           r.submit_state,
           r.reject_reason,
           r.group_id,
           r.exchange_order_id,
           r.exchange_algo_id,
           r.expires_at,
           r.metadata,
           r.filled_at,
           r.cancelled_at,
           r.work,
           r.event,
           r.event_id
      from jsonb_array_elements($1) with ordinality as j (value, n)
     cross join lateral jsonb_to_record(j.value)
        as r (id uuid, created_at timestamptz, user_id uuid, position_id uuid, quantity numeric,
              filled_quantity numeric, avg_fill_price numeric, price numeric, stop_price numeric,
              callback_rate numeric, trail_distance numeric, activation_price numeric, stop_loss numeric,
              take_profit numeric, status text, submit_state text, reject_reason text, group_id uuid,
              exchange_order_id text, exchange_algo_id text, expires_at timestamptz, metadata jsonb,
              filled_at timestamptz, cancelled_at timestamptz, work jsonb, event text, event_id uuid)
), changed as (
    update tp.orders o
       set position_id = g.position_id,
           quantity = g.quantity,
           filled_quantity = g.filled_quantity,
           avg_fill_price = g.avg_fill_price,
           price = g.price,
           stop_price = g.stop_price,
           callback_rate = g.callback_rate,
           trail_distance = g.trail_distance,
           activation_price = g.activation_price,
           stop_loss = g.stop_loss,
           take_profit = g.take_profit,
           status = g.status,
           submit_state = g.submit_state,
           reject_reason = g.reject_reason,
           group_id = g.group_id,
           exchange_order_id = g.exchange_order_id,
           exchange_algo_id = g.exchange_algo_id,
           expires_at = g.expires_at,
           metadata = coalesce(g.metadata, o.metadata),
           filled_at = g.filled_at,
           cancelled_at = g.cancelled_at,
           work = case
                      when g.status in ('PENDING', 'PARTIALLY_FILLED') then coalesce(g.work, o.work)
                      else '{}'
                  end
      from given g
     where o.id = g.id
       and o.created_at = g.created_at
       and o.created_at between $2 and $3
       and o.user_id = g.user_id
       and o.status in ('PENDING', 'PARTIALLY_FILLED')
    returning o.id, o.user_id, o.account_id, o.updated_at
), told as (
    insert into tp.event_queue (event_id, event_type, user_id, payload, ordering_key)
    select coalesce(g.event_id, tp.uuid_v7()),
           'order.' || g.event,
           g.user_id,
           g.payload || jsonb_build_object('updated_at', c.updated_at),
           'order:' || g.id
      from given g
      join changed c
        on c.id = g.id
     where g.event is not null
     order by g.n
), raised as (
    update tp.accounts x
       set revision = x.revision + 1
      from (select distinct c.user_id,
                   c.account_id
              from changed c) as d
     where x.id = d.account_id
       and x.user_id = d.user_id
    returning x.id
)
select c.id,
       c.updated_at,
       pg_current_xact_id()::text as xact,
       (select count(*) from raised) as accounts
  from changed c;

-- name: order_keys (uuid, jsonb)
-- Which of a list of idempotency keys the user has used, and for what.
select i.key,
       i.order_id,
       i.body_sha256
  from tp.order_idempotency i
 where i.user_id = $1
   and i.key in (select k.value
                   from jsonb_array_elements_text($2) as k (value));

-- name: order_list (uuid, jsonb, text, text, jsonb, uuid, uuid, text, timestamptz, timestamptz, timestamptz, uuid, bigint)
-- A user's orders, newest first; nulls match everything: ids, venue, symbol, status words, account, bot,
-- environment, made at or after, made before, and behind the order that the last page ended with.
select o.id,
       o.created_at,
       o.user_id,
       o.account_id,
       o.position_id,
       o.bot_id,
       o.api_connection_id,
       o.environment,
       e.code as exchange,
       o.symbol,
       o.side,
       o.reduce_only,
       o.order_type,
       o.quantity,
       o.filled_quantity,
       o.avg_fill_price,
       o.price,
       o.stop_price,
       o.callback_rate,
       o.trail_distance,
       o.activation_price,
       o.working_type,
       o.leverage,
       o.margin_mode,
       o.position_mode,
       o.time_in_force,
       o.stop_loss,
       o.take_profit,
       o.status,
       o.submit_state,
       o.reject_reason,
       o.parent_order_id,
       o.group_id,
       o.exchange_order_id,
       o.exchange_algo_id,
       o.expires_at,
       o.metadata,
       o.updated_at,
       o.filled_at,
       o.cancelled_at,
       o.deleted_at,
       o.role,
       o.reason
  from tp.orders o
  join tp.exchanges e
    on e.id = o.exchange_id
 where o.user_id = $1
   and o.deleted_at is null
   and ($2::jsonb is null or o.id in (select i.value::uuid
                                        from jsonb_array_elements_text($2) as i (value)))
   and ($3::text is null or e.code = $3)
   and ($4::text is null or o.symbol = $4)
   and ($5::jsonb is null or $5 ? o.status)
   and ($6::uuid is null or o.account_id = $6)
   and ($7::uuid is null or o.bot_id = $7)
   and ($8::text is null or o.environment = $8)
   and ($9::timestamptz is null or o.created_at >= $9)
   and ($10::timestamptz is null or o.created_at < $10)
   and ($11::timestamptz is null or (o.created_at <= $11 and (o.created_at, o.id) < ($11, $12)))
 order by o.created_at desc, o.id desc
 limit $13;

-- name: order_groups (uuid, jsonb)
-- One order of each of these groups, with what the others must share; a filled one before any other.
select distinct on (o.group_id)
       o.group_id,
       o.account_id,
       e.code as exchange,
       o.symbol,
       o.side,
       o.reduce_only,
       o.status
  from tp.orders o
  join tp.exchanges e
    on e.id = o.exchange_id
 where o.user_id = $1
   and o.group_id in (select i.value::uuid
                        from jsonb_array_elements_text($2) as i (value))
   and o.status <> 'REJECTED'
   and o.deleted_at is null
 order by o.group_id, o.status = 'FILLED' desc, o.created_at;

-- name: order_unsettled (uuid, text, bigint)
-- The oldest orders that work but are not known to have arrived at their venue.
select o.id
  from tp.orders o
 where o.user_id = $1
   and o.environment = $2
   and o.status in ('PENDING', 'PARTIALLY_FILLED')
   and o.submit_state in ('NEW', 'SENT', 'UNKNOWN')
   and o.deleted_at is null
 order by o.created_at, o.id
 limit $3;
