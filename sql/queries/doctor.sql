-- name: doctor_server ()
-- What the server and this session are like, in one row.
select current_setting('server_version') as version,
       current_database()::text as database,
       session_user::text as login,
       coalesce(host(inet_server_addr()), '') as address,
       coalesce((select s.ssl from pg_stat_ssl s where s.pid = pg_backend_pid()), false) as encrypted,
       pg_encoding_to_char(d.encoding)::text as encoding,
       d.datcollate::text as locale,
       coalesce(d.datcollversion, '') as locale_version,
       coalesce(pg_database_collation_actual_version(d.oid), '') as library_version,
       pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as read_only,
       (select count(*) from pg_stat_activity a where a.backend_type = 'client backend') as connections,
       current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint
       as connections_max
  from pg_database d
 where d.datname = current_database();

-- name: doctor_clock ()
-- The server's clock, now.
select clock_timestamp() as at;

-- name: doctor_settings ()
-- Settings that can lose committed work or let tables rot, where they are not as they should be.
select s.name::text as name,
       s.setting as setting,
       w.wanted
  from (values ('fsync', 'on'),
               ('full_page_writes', 'on'),
               ('synchronous_commit', 'on'),
               ('autovacuum', 'on'),
               ('track_counts', 'on'),
               ('zero_damaged_pages', 'off'),
               ('ignore_checksum_failure', 'off')) as w (name, wanted)
  join pg_settings s
    on s.name = w.name
 where s.setting <> w.wanted
 order by s.name;

-- name: doctor_roles ()
-- Roles of ours that this login cannot take.
select w.role as role
  from (values ('tp_owner'), ('tp_app'), ('tp_service'), ('tp_readonly')) as w (role)
  left join pg_roles r
    on r.rolname = w.role
 where r.oid is null
    or not pg_has_role(r.oid, 'member')
 order by w.role;

-- name: doctor_tables ()
-- Tables of the schema in which rows of one user might be seen by another: row security is off though a
-- policy is there.
select c.oid::regclass::text as name
  from pg_class c
 where c.relnamespace = to_regnamespace('tp')
   and not c.relrowsecurity
   and exists (select from pg_policy p where p.polrelid = c.oid)
 order by 1;

-- name: doctor_leftovers ()
-- What an interrupted change leaves behind, with the statement or command that mends it.
select 'index ' || i.indexrelid::regclass::text || ' is not valid' as what,
       'drop index concurrently ' || i.indexrelid::regclass::text || ', then make it again' as mend
  from pg_index i
  join pg_class c
    on c.oid = i.indexrelid
 where c.relnamespace = to_regnamespace('tp')
   and not i.indisvalid
 union all
select 'constraint ' || n.conname || ' of ' || n.conrelid::regclass::text || ' is not validated',
       'alter table ' || n.conrelid::regclass::text || ' validate constraint ' || quote_ident(n.conname)
  from pg_constraint n
 where n.connamespace = to_regnamespace('tp')
   and not n.convalidated
 union all
select 'partition ' || h.inhrelid::regclass::text || ' is half detached',
       'alter table ' || h.inhparent::regclass::text || ' detach partition '
       || h.inhrelid::regclass::text || ' finalize'
  from pg_inherits h
  join pg_class c
    on c.oid = h.inhrelid
 where c.relnamespace = to_regnamespace('tp')
   and h.inhdetachpending
 order by 1;

-- name: doctor_jobs ()
-- Repeated jobs: when each last succeeded, and whether its last run failed or never ended.
select j.lock_name::text as name,
       j.last_success,
       j.finished_at is not null and j.exit_code <> 0 as failed,
       j.finished_at is null and j.started_at < now() - interval '1 day' as stuck,
       coalesce(j.message, '') as message
  from tp.job_runs j
 order by j.lock_name, j.id;
