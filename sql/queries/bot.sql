-- name: bot_add (uuid, uuid, uuid, text, text, jsonb)
-- User, strategy, account, environment, name, config. The account is the bot's own from now on.
with made as (
    insert into tp.bots (user_id, strategy_id, account_id, environment, name, config)
    values ($1, $2, $3, $4, $5, $6)
    returning id, user_id, strategy_id, account_id, environment, name, status, config, performance_stats,
              created_at, updated_at, last_run_at, deleted_at
), own as (
    update tp.accounts a
       set bot_id = m.id
      from made m
     where a.id = m.account_id
)
select id, user_id, strategy_id, account_id, environment, name, status, config, performance_stats, created_at,
       updated_at, last_run_at, deleted_at
  from made;

-- name: bot_list (text, text, text, boolean, bigint)
-- By name: id or name, status, environment (null matches everything), the deleted ones instead, most rows.
select b.id, b.user_id, b.strategy_id, b.account_id, b.environment, b.name, b.status, b.config,
       b.performance_stats, b.created_at, b.updated_at, b.last_run_at, b.deleted_at
  from tp.bots b
 where ($1::text is null or b.id::text = lower($1) or b.name = $1)
   and ($2::text is null or b.status = $2)
   and ($3::text is null or b.environment = $3)
   and (b.deleted_at is not null) = $4
 order by b.name, b.created_at, b.id
 limit $5;

-- name: bot_set (uuid, text, uuid, jsonb)
-- Changes what is not null of name, strategy, config.
update tp.bots b
   set name = coalesce($2, b.name),
       strategy_id = coalesce($3, b.strategy_id),
       config = coalesce($4, b.config)
 where b.id = $1
   and b.deleted_at is null
returning b.id, b.user_id, b.strategy_id, b.account_id, b.environment, b.name, b.status, b.config,
          b.performance_stats, b.created_at, b.updated_at, b.last_run_at, b.deleted_at;

-- name: bot_status (uuid, text, jsonb)
-- Sets the status when it is one of those of the list.
update tp.bots b
   set status = $2
 where b.id = $1
   and $3::jsonb ? b.status
   and b.deleted_at is null
returning b.id, b.user_id, b.strategy_id, b.account_id, b.environment, b.name, b.status, b.config,
          b.performance_stats, b.created_at, b.updated_at, b.last_run_at, b.deleted_at;

-- name: bot_delete (uuid, boolean)
-- Marks a bot that does not run as deleted (true), or takes that back (false).
update tp.bots b
   set deleted_at = case when $2 then now() end
 where b.id = $1
   and (b.deleted_at is null) = $2
   and b.status <> 'running'
returning b.id, b.user_id, b.strategy_id, b.account_id, b.environment, b.name, b.status, b.config,
          b.performance_stats, b.created_at, b.updated_at, b.last_run_at, b.deleted_at;

-- name: bot_state_get (uuid)
-- What the bot remembers: the close of the last bar it handled, and the session between bars.
select s.cursor, s.strategy_state, s.engine_version
  from tp.bot_state s
 where s.bot_id = $1;

-- name: bot_state_put (uuid, uuid, timestamptz, jsonb, integer)
-- Bot, user, close of the last bar handled, session, engine version.
insert into tp.bot_state (bot_id, user_id, cursor, strategy_state, engine_version)
values ($1, $2, $3, $4, $5)
    on conflict (bot_id) do update
   set cursor = excluded.cursor,
       strategy_state = excluded.strategy_state,
       engine_version = excluded.engine_version;

-- name: bot_ran (uuid)
update tp.bots
   set last_run_at = now()
 where id = $1;
