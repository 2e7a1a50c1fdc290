-- Fails when something that 0030_rate_limit_state.up.sql makes is missing.
select id, exchange_id, scope, user_id, bucket, used, capacity, window_start, window_end,
       banned_until, updated_at
  from tp.rate_limit_state
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('trigger', 'rate_limit_state_touch', 'tp.rate_limit_state'),
               ('policy', 'user_isolation', 'tp.rate_limit_state'),
               ('policy', 'service_all', 'tp.rate_limit_state'),
               ('policy', 'readonly_all', 'tp.rate_limit_state')
           ) as w (kind, name, tab)
     where not case w.kind
                   when 'trigger' then
                       exists (select
                                 from pg_catalog.pg_trigger t
                                where t.tgrelid = w.tab::regclass
                                  and t.tgname = w.name)
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
                where c.oid in ('tp.rate_limit_state'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
