-- Fails when something that 0032_paper.up.sql makes is missing.
select name, position_mode, settings, balance, revision
  from tp.accounts
 where false;

select role, reason, work
  from tp.active_orders
 where false;

select book
  from tp.active_positions
 where false;

select account_id, date, user_id, first, high, low, last, marked_at
  from tp.account_equity
 where false;

select 'tp.ledger_balance()'::regprocedure;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('policy', 'user_isolation', 'tp.account_equity'),
               ('policy', 'service_all', 'tp.account_equity'),
               ('policy', 'readonly_all', 'tp.account_equity'),
               ('trigger', 'ledger_entries_balance', 'tp.ledger_entries'),
               ('index', 'accounts_name_key', 'tp.accounts'),
               ('index', 'account_equity_user_idx', 'tp.account_equity')
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
                where c.oid in ('tp.account_equity'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
