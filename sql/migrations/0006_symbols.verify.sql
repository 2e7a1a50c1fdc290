-- Fails when something that 0006_symbols.up.sql makes is missing.
select exchange_id, symbol, base_currency, quote_currency, min_quantity, max_quantity,
       tick_size, step_size, price_precision, quantity_precision, min_notional, market_type,
       settle_currency, contract_size, maker_fee_rate, taker_fee_rate, status, contract_info,
       metadata, updated_at
  from tp.symbols
 where false;

select exchange_id, symbol, tier, notional_floor, notional_cap, max_leverage, maintenance_rate,
       maintenance_amount, updated_at
  from tp.leverage_tiers
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('trigger', 'symbols_touch', 'tp.symbols'),
               ('trigger', 'leverage_tiers_touch', 'tp.leverage_tiers'),
               ('index', 'symbols_status_idx', 'tp.symbols')
           ) as w (kind, name, tab)
     where not case w.kind
                   when 'trigger' then
                       exists (select
                                 from pg_catalog.pg_trigger t
                                where t.tgrelid = w.tab::regclass
                                  and t.tgname = w.name)
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
