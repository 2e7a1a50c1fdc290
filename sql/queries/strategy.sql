-- name: strategy_find (uuid, text, text, boolean)
-- The newest strategy of that id or name (and version, unless null) that the user may use, an own one
-- before a public one; with the last parameter true, the deleted ones of the user instead.
select s.id, s.user_id, s.name, s.version, s.type, s.is_public, s.description, s.content_sha256, s.parameters,
       s.backtest_summary, s.created_at, s.updated_at, s.deleted_at
  from tp.strategies s
 where (s.user_id = $1 or (s.is_public and not $4))
   and (s.id::text = lower($2) or (s.name = $2 and ($3::text is null or s.version = $3)))
   and (s.deleted_at is not null) = $4
 order by s.user_id = $1 desc, s.created_at desc, s.id desc
 limit 1;

-- name: strategy_list (text, text, boolean, bigint)
-- By name, newest version first: name, type, the deleted ones instead, most rows.
select s.id, s.user_id, s.name, s.version, s.type, s.is_public, s.description, s.content_sha256, s.parameters,
       s.backtest_summary, s.created_at, s.updated_at, s.deleted_at
  from tp.strategies s
 where ($1::text is null or s.name = $1)
   and ($2::text is null or s.type = $2)
   and (s.deleted_at is not null) = $3
 order by s.name, s.created_at desc, s.id desc
 limit $4;

-- name: strategy_of_content (uuid, text)
-- The user's first live strategy of that content.
select s.id
  from tp.strategies s
 where s.user_id = $1
   and s.content_sha256 = $2
   and s.deleted_at is null
 order by s.created_at, s.id
 limit 1;

-- name: strategy_add (uuid, text, text, text, text, jsonb, text)
-- User, name, version, type, description, document, hash; no row when name and version are taken.
insert into tp.strategies (user_id, name, version, type, description, parameters, content_sha256)
values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (user_id, name, version) where deleted_at is null do nothing
returning id;

-- name: strategy_publish (uuid, boolean, uuid)
-- Makes a strategy public, or private again. Public: with the figures of the given backtest, else of the
-- newest, if there is one.
update tp.strategies s
   set is_public = $2,
       backtest_summary = case
                              when $2
                              then coalesce((select jsonb_build_object('backtest_id', b.id,
                                                                       'exchange', e.code,
                                                                       'symbol', b.symbol,
                                                                       'timeframe', b.timeframe,
                                                                       'start_date', b.start_date,
                                                                       'end_date', b.end_date,
                                                                       'initial_capital', b.initial_capital::text,
                                                                       'final_equity', b.final_equity::text,
                                                                       'total_trades', b.total_trades,
                                                                       'win_rate', b.win_rate::text,
                                                                       'sharpe_ratio', b.sharpe_ratio::text,
                                                                       'max_drawdown', b.max_drawdown::text,
                                                                       'profit_factor', b.profit_factor::text)
                                               from tp.backtests b
                                               join tp.exchanges e on e.id = b.exchange_id
                                              where b.strategy_id = s.id
                                                and b.user_id = s.user_id
                                                and b.deleted_at is null
                                                and ($3::uuid is null or b.id = $3)
                                              order by b.created_at desc, b.id desc
                                              limit 1), s.backtest_summary)
                              else s.backtest_summary
                          end
 where s.id = $1
   and s.deleted_at is null;

-- name: strategy_delete (uuid)
-- Marks it as deleted unless a live bot uses it.
update tp.strategies s
   set deleted_at = now()
 where s.id = $1
   and s.deleted_at is null
   and not exists (select
                     from tp.bots b
                    where b.strategy_id = s.id
                      and b.deleted_at is null);

-- name: strategy_restore (uuid)
update tp.strategies
   set deleted_at = null
 where id = $1
   and deleted_at is not null;
