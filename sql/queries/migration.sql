-- name: migration_history_exists ()
-- Whether any migration ever ran here; asked before the history is read.
select to_regclass('tp_migrate.history') is not null as present;

-- name: migration_history ()
-- What has been applied.
select name,
       version,
       hash,
       state,
       applied_at,
       applied_by,
       tool_version,
       duration_ms,
       statements_total,
       statements_done
  from tp_migrate.history
 order by coalesce(version, 1000000), name;

-- name: migration_progress (text)
-- How far a file outside one transaction has come: statements that are done, and those that were begun.
select hash,
       statements_done,
       statements_begun
  from tp_migrate.history
 where name = $1
   and state = 'partial';

-- name: migration_record (text, bigint, text, text, text, bigint, bigint, bigint)
-- Writes or replaces a row of the history; the time is the transaction's length so far.
insert into tp_migrate.history (name, version, hash, state, applied_at, applied_by, tool_version,
                                duration_ms, statements_total, statements_done, statements_begun)
values ($1, $2, $3, $4, clock_timestamp(), session_user, $5,
        (extract(epoch from clock_timestamp() - now()) * 1000)::bigint, $6, $7, $8)
on conflict (name) do update
   set hash = excluded.hash,
       state = excluded.state,
       applied_at = excluded.applied_at,
       applied_by = excluded.applied_by,
       tool_version = excluded.tool_version,
       duration_ms = excluded.duration_ms,
       statements_total = excluded.statements_total,
       statements_done = excluded.statements_done,
       statements_begun = excluded.statements_begun;

-- name: migration_event (text, text, text, text)
-- Appends to the log of what was done: name, action, hash, detail.
insert into tp_migrate.events (name, action, hash, detail)
values ($1, $2, $3, $4);

-- name: migration_lock_try ()
-- Polled, never waited for: a waiter would hold a snapshot that a concurrent index build waits for.
select pg_try_advisory_lock(1953984882, 1) as locked;

-- name: migration_lock_held ()
-- Whether this very backend still holds the lock (behind a transaction pooler it would not).
select exists (select
                 from pg_locks l
                where l.locktype = 'advisory'
                  and l.classid = 1953984882
                  and l.objid = 1
                  and l.pid = pg_backend_pid()
                  and l.granted) as held;

-- name: migration_lock_holder ()
-- Who holds the lock, for people who wait.
select a.pid,
       coalesce(nullif(a.application_name, ''), '?') as application,
       (extract(epoch from clock_timestamp() - a.backend_start))::bigint as seconds
  from pg_locks l
  join pg_stat_activity a
    on a.pid = l.pid
 where l.locktype = 'advisory'
   and l.classid = 1953984882
   and l.objid = 1
   and l.granted
 limit 1;

-- name: migration_index (text, text)
-- An index by the names that a statement gives, and whether it was built to its end.
select c.oid::regclass::text as name,
       i.indisvalid as valid
  from pg_index i
  join pg_class c
    on c.oid = i.indexrelid
 where i.indrelid = to_regclass($2)
   and c.relname = (parse_ident($1))[1];
