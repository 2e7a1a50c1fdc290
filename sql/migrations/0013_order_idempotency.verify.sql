-- Fails when something that 0013_order_idempotency.up.sql makes is missing.
select user_id, key, order_id, order_created_at, body_sha256, created_at
  from tp.order_idempotency
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('policy', 'user_isolation', 'tp.order_idempotency'),
               ('policy', 'service_all', 'tp.order_idempotency'),
               ('policy', 'readonly_all', 'tp.order_idempotency'),
               ('index', 'order_idempotency_order_idx', 'tp.order_idempotency')
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
                where c.oid in ('tp.order_idempotency'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
