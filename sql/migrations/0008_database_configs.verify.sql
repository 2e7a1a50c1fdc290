-- Fails when something that 0008_database_configs.up.sql makes is missing.
select id, user_id, name, db_type, host, port, db_name, db_user, password_encrypted,
       ssl_config, status, last_tested_at, last_test_result, created_at, updated_at, deleted_at
  from tp.database_configs
 where false;

select
  from tp.active_database_configs
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('trigger', 'database_configs_touch', 'tp.database_configs'),
               ('policy', 'user_isolation', 'tp.database_configs'),
               ('policy', 'service_all', 'tp.database_configs'),
               ('policy', 'readonly_all', 'tp.database_configs'),
               ('index', 'database_configs_name_live_key', 'tp.database_configs'),
               ('index', 'idx_database_configs_deleted', 'tp.database_configs')
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
                where c.oid in ('tp.database_configs'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
