-- Fails when something that 0031_cleanup.up.sql makes is missing.
select id, scope_table, scope_predicate, user_id, reason, placed_by, placed_at, released_by,
       released_at
  from tp.legal_holds
 where false;

select id, started_at, finished_at, status, complete, policy_sha256, plan_sha256, dry_run,
       host, pid, rows_deleted, bytes_freed, error
  from tp.cleanup_runs
 where false;

select run_id, step, object, action, phase, range_start, range_end, started_at, finished_at,
       row_count, bytes, archive_uri, archive_sha256, checksum, error
  from tp.cleanup_steps
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('policy', 'service_all', 'tp.legal_holds'),
               ('index', 'legal_holds_live_idx', 'tp.legal_holds'),
               ('index', 'cleanup_runs_started_idx', 'tp.cleanup_runs'),
               ('index', 'cleanup_steps_object_idx', 'tp.cleanup_steps')
           ) as w (kind, name, tab)
     where not case w.kind
                   when 'policy' then
                       exists (select
                                 from pg_catalog.pg_policy p
                                where p.polrelid = w.tab::regclass
                                  and p.polname = w.name)
                   when 'index' then
                       exists (select
                                 from pg_catalog.pg_index i
                                where i.indrelid = w.tab::regclass
                                  and i.indexrelid = pg_catalog.to_regclass('tp.' || w.name)
                                  and i.indisvalid)
               end;
    if missing is not null then
        raise exception 'missing: %', missing;
    end if;
end
$$;

do $$
begin
    if exists (select
                 from pg_catalog.pg_class c
                where c.oid in ('tp.legal_holds'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
