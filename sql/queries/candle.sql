-- name: candle_import_begin (text, text, text)
-- The venue's id. Imports of the same candles wait for each other; the lock ends with the transaction.
select e.id,
       pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'candles', $1::text, $2::text, $3::text), 0)) as locked
  from tp.exchanges e
 where e.code = $1;

-- name: candle_partition (text, timestamptz)
-- The partition for candles of an interval at that time: its end, and the table to load when it is not
-- there yet.
select l.parent::text as parent,
       l.upper_bound,
       l.load
  from tp.load_partition_begin(case $1::text
                                   when '1m' then 'tp.market_prices_1m'
                                   when '5m' then 'tp.market_prices_5m'
                                   when '15m' then 'tp.market_prices_mid'
                                   when '30m' then 'tp.market_prices_mid'
                                   else 'tp.market_prices_long'
                               end::regclass, $2::timestamptz) as l;

-- name: candle_partition_done (text, timestamptz, text)
-- Makes a loaded table the partition of a parent at that time.
select tp.load_partition_end($1::text::regclass, $2::timestamptz, $3::text);

-- name: candle_stage_make ()
-- kind: utility
-- Where an import collects what is new or different in partitions that hold rows already; gone with the
-- connection.
create temp table if not exists candle_stage (like tp.market_prices);

-- name: candle_stage_empty ()
-- kind: utility
-- Before the next file.
truncate pg_temp.candle_stage;

-- name: candle_stage_copy ()
-- kind: utility
-- Rows in the table's order of columns.
copy pg_temp.candle_stage from stdin (format binary);

-- name: candle_stage_analyze ()
-- kind: utility
-- The joins below are planned by how many rows there are.
analyze pg_temp.candle_stage;

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

-- name: candle_stage_update ()
-- kind: utility
-- Rows that are there with other values take the new ones: the later import wins. What it does not know
-- stays.
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
       source = s.source
  from pg_temp.candle_stage s
 where m.exchange_id = s.exchange_id
   and m.symbol = s.symbol
   and m.interval = s.interval
   and m.timestamp = s.timestamp;

-- name: candle_stage_insert ()
-- kind: utility
-- Rows that are not there yet.
insert into tp.market_prices
select s.*
  from pg_temp.candle_stage s
 where not exists (select
                     from tp.market_prices m
                    where m.exchange_id = s.exchange_id
                      and m.symbol = s.symbol
                      and m.interval = s.interval
                      and m.timestamp = s.timestamp);

-- name: candle_rows (text, text, text, timestamptz, timestamptz)
-- kind: copy
-- Candles in time order.
copy (select m.timestamp,
             m.close_time,
             m.trades_count,
             m.source,
             m.open,
             m.high,
             m.low,
             m.close,
             m.volume,
             m.quote_volume,
             m.taker_buy_volume,
             m.taker_buy_quote_volume
        from tp.market_prices m
       where m.exchange_id = (select e.id
                                from tp.exchanges e
                               where e.code = current_setting('tp.p1'))
         and m.symbol = current_setting('tp.p2')
         and m.interval = current_setting('tp.p3')
         and m.timestamp >= coalesce(nullif(current_setting('tp.p4'), ''), '-infinity')::timestamptz
         and m.timestamp < coalesce(nullif(current_setting('tp.p5'), ''), 'infinity')::timestamptz
       order by m.timestamp) to stdout (format binary);

-- name: candle_bars (text, text, text, timestamptz, timestamptz)
-- kind: copy
-- What a backtest needs of candles, in time order.
copy (select m.timestamp,
             m.source,
             m.open,
             m.high,
             m.low,
             m.close,
             m.volume
        from tp.market_prices m
       where m.exchange_id = (select e.id
                                from tp.exchanges e
                               where e.code = current_setting('tp.p1'))
         and m.symbol = current_setting('tp.p2')
         and m.interval = current_setting('tp.p3')
         and m.timestamp >= coalesce(nullif(current_setting('tp.p4'), ''), '-infinity')::timestamptz
         and m.timestamp < coalesce(nullif(current_setting('tp.p5'), ''), 'infinity')::timestamptz
       order by m.timestamp) to stdout (format binary);

-- name: candle_turns (text, text, text, timestamptz, timestamptz, bigint, bigint, bigint)
-- kind: copy
-- The same from $4 to $5 in turns of $8 seconds: those of number $6, $6 + $7 and so on, one after the other. No order
-- of the whole is asked for, which would have it sorted; the reader looks at the times.
copy (select b.*
        from generate_series(current_setting('tp.p6')::bigint,
                             floor(extract(epoch from current_setting('tp.p5')::timestamptz
                                                      - current_setting('tp.p4')::timestamptz)
                                   / current_setting('tp.p8')::bigint)::bigint,
                             current_setting('tp.p7')::bigint) as t (turn)
       cross join lateral (
                 select m.timestamp,
                        m.source,
                        m.open,
                        m.high,
                        m.low,
                        m.close,
                        m.volume
                   from tp.market_prices m
                  where m.exchange_id = (select e.id
                                           from tp.exchanges e
                                          where e.code = current_setting('tp.p1'))
                    and m.symbol = current_setting('tp.p2')
                    and m.interval = current_setting('tp.p3')
                    and m.timestamp >= current_setting('tp.p4')::timestamptz
                                       + make_interval(secs => t.turn * current_setting('tp.p8')::bigint)
                    and m.timestamp < current_setting('tp.p4')::timestamptz
                                      + make_interval(secs => (t.turn + 1) * current_setting('tp.p8')::bigint)
                    and m.timestamp < current_setting('tp.p5')::timestamptz
                  order by m.timestamp
             ) as b) to stdout (format binary);

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

-- name: candle_some (text, text, text, timestamptz, bigint)
-- kind: copy
-- The same from a time on, so many at most. A statement of its own: with a limit the server reads the keys in order,
-- without one it sorts, which is faster for all of them.
copy (select m.timestamp,
             m.source,
             m.open,
             m.high,
             m.low,
             m.close,
             m.volume
        from tp.market_prices m
       where m.exchange_id = (select e.id
                                from tp.exchanges e
                               where e.code = current_setting('tp.p1'))
         and m.symbol = current_setting('tp.p2')
         and m.interval = current_setting('tp.p3')
         and m.timestamp >= coalesce(nullif(current_setting('tp.p4'), ''), '-infinity')::timestamptz
       order by m.timestamp
       limit current_setting('tp.p5')::bigint) to stdout (format binary);

-- name: candle_range (text, text, text)
-- The first and the last candle, each by the key; nulls: there is none.
select (select m.timestamp
          from tp.market_prices m
         where m.exchange_id = e.id
           and m.symbol = $2
           and m.interval = $3
         order by m.timestamp
         limit 1) as first_time,
       (select m.timestamp
          from tp.market_prices m
         where m.exchange_id = e.id
           and m.symbol = $2
           and m.interval = $3
         order by m.timestamp desc
         limit 1) as last_time
  from tp.exchanges e
 where e.code = $1;
