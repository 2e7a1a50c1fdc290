-- Fails when something that 0018_bots.up.sql makes is missing.
select id, user_id, strategy_id, account_id, environment, name, status, config,
       performance_stats, created_at, updated_at, last_run_at, deleted_at
  from tp.bots
 where false;

select bot_id, user_id, cursor, strategy_state, engine_version, updated_at
  from tp.bot_state
 where false;

select
  from tp.active_bots
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('trigger', 'bots_strategy_visible', 'tp.bots'),
               ('trigger', 'bots_touch', 'tp.bots'),
               ('trigger', 'bot_state_touch', 'tp.bot_state'),
               ('policy', 'user_isolation', 'tp.bots'),
               ('policy', 'service_all', 'tp.bots'),
               ('policy', 'readonly_all', 'tp.bots'),
               ('policy', 'user_isolation', 'tp.bot_state'),
               ('policy', 'service_all', 'tp.bot_state'),
               ('policy', 'readonly_all', 'tp.bot_state'),
               ('index', 'idx_bots_active', 'tp.bots'),
               ('index', 'idx_bots_deleted', 'tp.bots'),
               ('index', 'bots_strategy_idx', 'tp.bots'),
               ('index', 'bots_account_idx', 'tp.bots'),
               ('index', 'bots_status_idx', 'tp.bots')
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
                where c.oid in ('tp.bots'::regclass,
                                'tp.bot_state'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
