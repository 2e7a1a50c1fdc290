-- name: candle_stage_make ()
-- kind: utility
-- Where an import collects its rows: gone with the connection, so a killed import leaves nothing.
create temp table if not exists candle_stage (
    timestamp timestamptz not null,
    open numeric(20,8) not null,
    high numeric(20,8) not null,
    low numeric(20,8) not null,
    close numeric(20,8) not null,
    volume numeric(28,8) not null,
    quote_volume numeric(28,8),
    trades_count bigint,
    taker_buy_volume numeric(28,8),
    taker_buy_quote_volume numeric(28,8),
    close_time timestamptz
);

-- name: candle_stage_empty ()
-- kind: utility
-- Before the next file.
truncate pg_temp.candle_stage;

-- name: candle_stage_copy ()
-- kind: utility
-- Text rows in this order of columns.
copy pg_temp.candle_stage (timestamp, open, high, low, close, volume, quote_volume, trades_count,
                           taker_buy_volume, taker_buy_quote_volume, close_time) from stdin;

-- name: candle_partitions (text, timestamptz, timestamptz)
-- Makes the missing partitions for candles of an interval, at most 50; gives how many.
select tp.ensure_partitions(case $1::text
                                when '1m' then 'tp.market_prices_1m'
                                when '5m' then 'tp.market_prices_5m'
                                when '15m' then 'tp.market_prices_mid'
                                when '30m' then 'tp.market_prices_mid'
                                else 'tp.market_prices_long'
                            end::regclass, $2::timestamptz, $3::timestamptz, 50) as made;

-- name: candle_retention (text)
-- How long candles of an interval are kept, in days; null: for ever.
select (extract(epoch from p.retention) / 86400)::bigint as days
  from tp.partition_policies p
 where p.parent = case $1::text
                      when '1m' then 'tp.market_prices_1m'
                      when '5m' then 'tp.market_prices_5m'
                      when '15m' then 'tp.market_prices_mid'
                      when '30m' then 'tp.market_prices_mid'
                      else 'tp.market_prices_long'
                  end::regclass;

-- name: candle_stage_update (text, text, text, text, timestamptz, timestamptz)
-- kind: utility
-- Rows that are there with other values take the new ones: the later import wins.
update tp.market_prices m
   set open = s.open,
       high = s.high,
       low = s.low,
       close = s.close,
       volume = s.volume,
       quote_volume = coalesce(s.quote_volume, m.quote_volume),
       trades_count = coalesce(s.trades_count, m.trades_count),
       taker_buy_volume = coalesce(s.taker_buy_volume, m.taker_buy_volume),
       taker_buy_quote_volume = coalesce(s.taker_buy_quote_volume, m.taker_buy_quote_volume),
       close_time = s.close_time,
       source = $4::text
  from pg_temp.candle_stage s
 where m.exchange_id = (select e.id
                          from tp.exchanges e
                         where e.code = $1::text)
   and m.symbol = $2::text
   and m.interval = $3::text
   and m.timestamp between $5::timestamptz and $6::timestamptz
   and m.timestamp = s.timestamp
   and ((m.open, m.high, m.low, m.close, m.volume, m.close_time)
        is distinct from (s.open, s.high, s.low, s.close, s.volume, s.close_time)
        or m.quote_volume is distinct from coalesce(s.quote_volume, m.quote_volume)
        or m.trades_count is distinct from coalesce(s.trades_count, m.trades_count)
        or m.taker_buy_volume is distinct from coalesce(s.taker_buy_volume, m.taker_buy_volume)
        or m.taker_buy_quote_volume
           is distinct from coalesce(s.taker_buy_quote_volume, m.taker_buy_quote_volume));

-- name: candle_stage_insert (text, text, text, text, timestamptz, timestamptz)
-- kind: utility
-- Rows that are not there yet.
insert into tp.market_prices (timestamp, close_time, trades_count, exchange_id, symbol, interval, source,
                              open, high, low, close, volume, quote_volume, taker_buy_volume,
                              taker_buy_quote_volume)
select s.timestamp,
       s.close_time,
       s.trades_count,
       e.id,
       $2::text,
       $3::text,
       $4::text,
       s.open,
       s.high,
       s.low,
       s.close,
       s.volume,
       s.quote_volume,
       s.taker_buy_volume,
       s.taker_buy_quote_volume
  from pg_temp.candle_stage s
  join tp.exchanges e
    on e.code = $1::text
 where not exists (select
                     from tp.market_prices m
                    where m.exchange_id = e.id
                      and m.symbol = $2::text
                      and m.interval = $3::text
                      and m.timestamp between $5::timestamptz and $6::timestamptz
                      and m.timestamp = s.timestamp);

-- name: candle_export (text, text, text, timestamptz, timestamptz)
-- kind: copy
-- Candles in time order, the columns as the record has them.
copy (select e.code,
             m.symbol,
             m.interval,
             m.timestamp,
             m.open,
             m.high,
             m.low,
             m.close,
             m.volume,
             m.quote_volume,
             m.trades_count,
             m.taker_buy_volume,
             m.taker_buy_quote_volume,
             m.close_time,
             m.source
        from tp.market_prices m
        join tp.exchanges e
          on e.id = m.exchange_id
       where e.code = current_setting('tp.p1')
         and m.symbol = current_setting('tp.p2')
         and m.interval = current_setting('tp.p3')
         and m.timestamp >= coalesce(nullif(current_setting('tp.p4'), ''), '-infinity')::timestamptz
         and m.timestamp < coalesce(nullif(current_setting('tp.p5'), ''), 'infinity')::timestamptz
       order by m.timestamp) to stdout;

-- name: candle_coverage (text, text, text)
-- What is stored, per venue, instrument and interval; null matches everything.
select e.code as exchange,
       m.symbol,
       m.interval,
       count(*) as candles,
       min(m.timestamp) as first_time,
       max(m.timestamp) as last_time
  from tp.market_prices m
  join tp.exchanges e
    on e.id = m.exchange_id
 where ($1::text is null or e.code = $1)
   and ($2::text is null or m.symbol = $2)
   and ($3::text is null or m.interval = $3)
 group by e.code, m.symbol, m.interval
 order by e.code, m.symbol, m.interval;
