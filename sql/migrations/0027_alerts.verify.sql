-- Fails when something that 0027_alerts.up.sql makes is missing.
select id, user_id, symbol, exchange_id, type, condition, threshold, status,
       notification_channel, notification_config, metadata, triggered_at, created_at,
       updated_at, expires_at
  from tp.alerts
 where false;

select id, user_id, alert_id, exchange_id, symbol, state, since, edge_seq, breaches, clears,
       previous_value, last_value, data_time, evaluated_at, cooldown_until, notified_at
  from tp.alert_states
 where false;

select id, user_id, alert_id, edge_seq, channel, dedup_key, payload, status, attempts, next_at,
       provider_id, last_error, created_at, sent_at
  from tp.alert_deliveries
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('trigger', 'alerts_touch', 'tp.alerts'),
               ('policy', 'user_isolation', 'tp.alerts'),
               ('policy', 'service_all', 'tp.alerts'),
               ('policy', 'readonly_all', 'tp.alerts'),
               ('policy', 'user_isolation', 'tp.alert_states'),
               ('policy', 'service_all', 'tp.alert_states'),
               ('policy', 'readonly_all', 'tp.alert_states'),
               ('policy', 'user_isolation', 'tp.alert_deliveries'),
               ('policy', 'service_all', 'tp.alert_deliveries'),
               ('policy', 'readonly_all', 'tp.alert_deliveries'),
               ('index', 'alerts_user_idx', 'tp.alerts'),
               ('index', 'alerts_status_idx', 'tp.alerts'),
               ('index', 'idx_alerts_active', 'tp.alerts'),
               ('index', 'alerts_active_symbol_idx', 'tp.alerts'),
               ('index', 'alerts_active_expiry_idx', 'tp.alerts'),
               ('index', 'alert_states_user_idx', 'tp.alert_states'),
               ('index', 'alert_deliveries_due_idx', 'tp.alert_deliveries'),
               ('index', 'alert_deliveries_alert_idx', 'tp.alert_deliveries'),
               ('index', 'alert_deliveries_user_idx', 'tp.alert_deliveries')
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
                where c.oid in ('tp.alerts'::regclass,
                                'tp.alert_states'::regclass,
                                'tp.alert_deliveries'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
