-- Fails when something that 0010_positions.up.sql makes is missing.
select id, opened_at, user_id, account_id, environment, bot_id, exchange_id, symbol, side,
       entry_price, mark_price, liquidation_price, quantity, realized_pnl, unrealized_pnl, pnl,
       margin_used, pnl_percent, stop_loss, take_profit, leverage, margin_mode, status,
       closed_at, updated_at, deleted_at
  from tp.positions
 where false;

select
  from tp.active_positions
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('partition policy', '', 'tp.positions'),
               ('trigger', 'positions_touch', 'tp.positions'),
               ('policy', 'user_isolation', 'tp.positions'),
               ('policy', 'service_all', 'tp.positions'),
               ('policy', 'readonly_all', 'tp.positions'),
               ('index', 'positions_user_symbol_idx', 'tp.positions'),
               ('index', 'idx_positions_user_open', 'tp.positions'),
               ('index', 'positions_account_idx', 'tp.positions'),
               ('index', 'positions_bot_idx', 'tp.positions'),
               ('index', 'idx_positions_deleted', 'tp.positions')
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
                   when 'partition policy' then
                       exists (select
                                 from tp.partition_policies p
                                where p.parent = w.tab::regclass)
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
                where c.oid in ('tp.positions'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
