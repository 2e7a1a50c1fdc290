-- Fails when something that 0014_trades.up.sql makes is missing.
select id, executed_at, user_id, account_id, environment, order_id, order_created_at,
       position_id, position_opened_at, exchange_id, symbol, side, price, quantity, fee,
       fee_currency, fee_quote, liquidity, pnl, status, exchange_trade_id, metadata
  from tp.trades
 where false;

select 'tp.trades_immutable()'::regprocedure;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('partition policy', '', 'tp.trades'),
               ('trigger', 'trades_immutable', 'tp.trades'),
               ('policy', 'user_isolation', 'tp.trades'),
               ('policy', 'service_all', 'tp.trades'),
               ('policy', 'readonly_all', 'tp.trades'),
               ('index', 'trades_position_idx', 'tp.trades'),
               ('index', 'trades_account_idx', 'tp.trades'),
               ('index', 'trades_exchange_trade_idx', 'tp.trades')
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
                where c.oid in ('tp.trades'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
