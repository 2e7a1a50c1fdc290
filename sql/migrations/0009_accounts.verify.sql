-- Fails when something that 0009_accounts.up.sql makes is missing.
select id, user_id, exchange_id, environment, on_testnet, currency, api_connection_id, bot_id,
       initial_balance, cursor, created_at
  from tp.accounts
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('policy', 'user_isolation', 'tp.accounts'),
               ('policy', 'service_all', 'tp.accounts'),
               ('policy', 'readonly_all', 'tp.accounts'),
               ('index', 'accounts_api_connection_key', 'tp.accounts'),
               ('index', 'accounts_bot_idx', 'tp.accounts')
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
                where c.oid in ('tp.accounts'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
