-- Fails when something that 0029_job_runs.up.sql makes is missing.
select id, user_id, lock_name, started_at, finished_at, last_success, exit_code, message, host,
       pid, runs, failures
  from tp.job_runs
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('policy', 'user_isolation', 'tp.job_runs'),
               ('policy', 'service_all', 'tp.job_runs'),
               ('policy', 'readonly_all', 'tp.job_runs')
           ) as w (kind, name, tab)
     where not case w.kind
                   when 'policy' then
                       exists (select
                                 from pg_catalog.pg_policy p
                                where p.polrelid = w.tab::regclass
                                  and p.polname = w.name)
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
                where c.oid in ('tp.job_runs'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
