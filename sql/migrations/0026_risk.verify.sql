-- Fails when something that 0026_risk.up.sql makes is missing.
select id, user_id, bot_id, max_position_size, max_leverage, max_daily_loss, max_drawdown,
       max_open_positions, max_order_size, risk_rules, enabled, created_at, updated_at,
       deleted_at
  from tp.risk_limits
 where false;

select id, user_id, account_id, bot_id, environment, reason, halted_by, halted_at, resumed_by,
       resumed_at
  from tp.risk_halts
 where false;

select
  from tp.active_risk_limits
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('trigger', 'risk_limits_touch', 'tp.risk_limits'),
               ('policy', 'user_isolation', 'tp.risk_limits'),
               ('policy', 'service_all', 'tp.risk_limits'),
               ('policy', 'readonly_all', 'tp.risk_limits'),
               ('policy', 'user_isolation', 'tp.risk_halts'),
               ('policy', 'service_all', 'tp.risk_halts'),
               ('policy', 'readonly_all', 'tp.risk_halts'),
               ('index', 'risk_limits_live_key', 'tp.risk_limits'),
               ('index', 'risk_limits_bot_idx', 'tp.risk_limits'),
               ('index', 'idx_risk_limits_deleted', 'tp.risk_limits'),
               ('index', 'risk_halts_live_key', 'tp.risk_halts'),
               ('index', 'risk_halts_account_idx', 'tp.risk_halts'),
               ('index', 'risk_halts_bot_idx', 'tp.risk_halts')
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
                where c.oid in ('tp.risk_limits'::regclass,
                                'tp.risk_halts'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
