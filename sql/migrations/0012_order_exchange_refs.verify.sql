-- Fails when something that 0012_order_exchange_refs.up.sql makes is missing.
select user_id, exchange_id, symbol, kind, exchange_order_id, order_id
  from tp.order_exchange_refs
 where false;

select 'tp.order_exchange_ref()'::regprocedure;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('trigger', 'orders_exchange_ref_insert', 'tp.orders'),
               ('trigger', 'orders_exchange_ref_update', 'tp.orders'),
               ('trigger', 'orders_exchange_ref_delete', 'tp.orders'),
               ('policy', 'user_isolation', 'tp.order_exchange_refs'),
               ('policy', 'service_all', 'tp.order_exchange_refs'),
               ('policy', 'readonly_all', 'tp.order_exchange_refs'),
               ('index', 'order_exchange_refs_order_idx', 'tp.order_exchange_refs')
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
                where c.oid in ('tp.order_exchange_refs'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
