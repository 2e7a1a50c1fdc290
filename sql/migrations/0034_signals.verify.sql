-- Fails when something that 0034_signals.up.sql makes is missing.
select user_id, id, created_at, account_id, environment, exchange_id, symbol, target, qty, cancelled,
       long_order_id, short_order_id, reject_reason
  from tp.signals
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('policy', 'user_isolation', 'tp.signals'),
               ('policy', 'service_all', 'tp.signals'),
               ('policy', 'readonly_all', 'tp.signals'),
               ('index', 'signals_account_idx', 'tp.signals'),
               ('index', 'signals_symbol_idx', 'tp.signals')
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
                where c.oid in ('tp.signals'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
