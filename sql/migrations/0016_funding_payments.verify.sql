-- Fails when something that 0016_funding_payments.up.sql makes is missing.
select user_id, position_id, position_opened_at, funding_time, rate, amount, currency
  from tp.funding_payments
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('policy', 'user_isolation', 'tp.funding_payments'),
               ('policy', 'service_all', 'tp.funding_payments'),
               ('policy', 'readonly_all', 'tp.funding_payments')
           ) as w (kind, name, tab)
     where not case w.kind
                   when 'policy' then
                       exists (select
                                 from pg_catalog.pg_policy p
                                where p.polrelid = w.tab::regclass
                                  and p.polname = w.name)
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
                where c.oid in ('tp.funding_payments'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
