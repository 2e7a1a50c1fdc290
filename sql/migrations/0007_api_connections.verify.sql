-- Fails when something that 0007_api_connections.up.sql makes is missing.
select id, user_id, exchange_id, environment, on_testnet, api_key_encrypted,
       api_secret_encrypted, passphrase_encrypted, status, permissions, default_leverage,
       last_tested_at, last_test_result, created_at, updated_at, deleted_at
  from tp.api_connections
 where false;

select
  from tp.active_api_connections
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('trigger', 'api_connections_touch', 'tp.api_connections'),
               ('policy', 'user_isolation', 'tp.api_connections'),
               ('policy', 'service_all', 'tp.api_connections'),
               ('policy', 'readonly_all', 'tp.api_connections'),
               ('index', 'api_connections_user_idx', 'tp.api_connections'),
               ('index', 'idx_api_connections_deleted', 'tp.api_connections')
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
                where c.oid in ('tp.api_connections'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
