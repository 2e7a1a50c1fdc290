-- Fails when something that 0015_ledger.up.sql makes is missing.
select id, user_id, account_id, at, kind, amount, trade_id, trade_executed_at, position_id,
       position_opened_at
  from tp.ledger_entries
 where false;

select 'tp.ledger_append_only()'::regprocedure;

select
  from tp.account_balances
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('trigger', 'ledger_entries_append_only', 'tp.ledger_entries'),
               ('policy', 'user_isolation', 'tp.ledger_entries'),
               ('policy', 'service_all', 'tp.ledger_entries'),
               ('policy', 'readonly_all', 'tp.ledger_entries'),
               ('index', 'ledger_entries_account_idx', 'tp.ledger_entries'),
               ('index', 'ledger_entries_user_idx', 'tp.ledger_entries'),
               ('index', 'ledger_entries_trade_key', 'tp.ledger_entries'),
               ('index', 'ledger_entries_funding_key', 'tp.ledger_entries'),
               ('index', 'ledger_entries_position_idx', 'tp.ledger_entries')
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
                where c.oid in ('tp.ledger_entries'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
