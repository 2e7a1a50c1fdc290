-- Fails when something that 0017_strategies.up.sql makes is missing.
select id, user_id, name, type, parameters, description, version, content_sha256,
       backtest_summary, is_public, created_at, updated_at, deleted_at
  from tp.strategies
 where false;

select 'tp.check_strategy_visible()'::regprocedure;

select
  from tp.active_strategies
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('trigger', 'strategies_touch', 'tp.strategies'),
               ('policy', 'user_isolation', 'tp.strategies'),
               ('policy', 'service_all', 'tp.strategies'),
               ('policy', 'readonly_all', 'tp.strategies'),
               ('policy', 'public_strategies', 'tp.strategies'),
               ('index', 'strategies_name_live_key', 'tp.strategies'),
               ('index', 'strategies_type_idx', 'tp.strategies'),
               ('index', 'strategies_public_idx', 'tp.strategies'),
               ('index', 'strategies_content_idx', 'tp.strategies'),
               ('index', 'idx_strategies_deleted', 'tp.strategies')
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
                where c.oid in ('tp.strategies'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
