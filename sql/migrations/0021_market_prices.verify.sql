-- Fails when something that 0021_market_prices.up.sql makes is missing.
select timestamp, close_time, trades_count, exchange_id, symbol, interval, source, open, high,
       low, close, volume, quote_volume, taker_buy_volume, taker_buy_quote_volume
  from tp.market_prices
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('partition policy', '', 'tp.market_prices_1m'),
               ('partition policy', '', 'tp.market_prices_5m'),
               ('partition policy', '', 'tp.market_prices_mid'),
               ('partition policy', '', 'tp.market_prices_long')
           ) as w (kind, name, tab)
     where not case w.kind
                   when 'partition policy' then
                       exists (select
                                 from tp.partition_policies p
                                where p.parent = w.tab::regclass)
               end;
    if missing is not null then
        raise exception 'missing: %', missing;
    end if;
end
$$;
