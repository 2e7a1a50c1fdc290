-- Fails when something that 0022_market_reference.up.sql makes is missing.
select timestamp, exchange_id, symbol, interval, source, open, high, low, close
  from tp.mark_prices
 where false;

select exchange_id, symbol, funding_time, rate, mark_price
  from tp.funding_rates
 where false;

select timestamp, exchange_id, depth, symbol, bids, asks, total_bid_volume, total_ask_volume
  from tp.orderbook_snapshots
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('partition policy', '', 'tp.orderbook_snapshots')
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
