-- Fails when something that 0005_exchanges.up.sql makes is missing.
select id, code, name, api_base_url, is_testnet, supported_features, is_active, rate_limits,
       created_at, updated_at
  from tp.exchanges
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('trigger', 'exchanges_touch', 'tp.exchanges')
           ) as w (kind, name, tab)
     where not case w.kind
                   when 'trigger' then
                       exists (select
                                 from pg_catalog.pg_trigger t
                                where t.tgrelid = w.tab::regclass
                                  and t.tgname = w.name)
               end;
    if missing is not null then
        raise exception 'missing: %', missing;
    end if;
end
$$;
