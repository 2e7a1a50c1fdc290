-- name: reference_begin (text, text)
-- The venue's id. Imports of one kind for one venue wait for each other; the lock ends with the transaction. A batch
-- looks each of its rows up by the key: joined by hash, every batch would read the whole history of its instrument.
select e.id,
       set_config('enable_hashjoin', 'off', true) as hashjoin,
       set_config('enable_mergejoin', 'off', true) as mergejoin,
       pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'reference', $1::text, $2::text), 0)) as locked
  from tp.exchanges e
 where e.code = $2;

-- name: funding_put (text, jsonb)
-- Rates as an array of records: how many were new, how many replaced others. A funding within the same minute is
-- the same one, whatever its milliseconds.
with given as (
    select e.id as exchange_id, g.symbol, g.funding_time, g.rate, g.mark_price,
           date_trunc('minute', g.funding_time) as stamp
      from tp.exchanges e
     cross join jsonb_to_recordset($2::jsonb)
           as g (symbol varchar, funding_time timestamptz, rate numeric, mark_price numeric)
     where e.code = $1
), updated as (
       update tp.funding_rates f
          set funding_time = g.funding_time,
              rate = g.rate,
              mark_price = coalesce(g.mark_price, f.mark_price)
         from given g
        where f.exchange_id = g.exchange_id
          and f.symbol = g.symbol
          and f.funding_time >= g.stamp
          and f.funding_time < g.stamp + interval '1 minute'
          and (f.funding_time, f.rate, f.mark_price)
              is distinct from (g.funding_time, g.rate, coalesce(g.mark_price, f.mark_price))
    returning 1
), inserted as (
       insert into tp.funding_rates (exchange_id, symbol, funding_time, rate, mark_price)
       select g.exchange_id, g.symbol, g.funding_time, g.rate, g.mark_price
         from given g
        where not exists (select
                            from tp.funding_rates f
                           where f.exchange_id = g.exchange_id
                             and f.symbol = g.symbol
                             and f.funding_time >= g.stamp
                             and f.funding_time < g.stamp + interval '1 minute')
    returning 1
)
select (select count(*) from inserted) as inserted,
       (select count(*) from updated) as updated;

-- name: mark_put (text, jsonb)
-- Bars of the mark price as an array of records: how many were new, how many replaced others.
with given as (
    select e.id as exchange_id, g.*
      from tp.exchanges e
     cross join jsonb_to_recordset($2::jsonb)
           as g (timestamp timestamptz, symbol varchar, interval varchar, source varchar, open numeric, high numeric,
                 low numeric, close numeric)
     where e.code = $1
), updated as (
       update tp.mark_prices m
          set open = g.open,
              high = g.high,
              low = g.low,
              close = g.close,
              source = g.source
         from given g
        where m.symbol = g.symbol
          and m.exchange_id = g.exchange_id
          and m.interval = g.interval
          and m.timestamp = g.timestamp
          and (m.open, m.high, m.low, m.close) is distinct from (g.open, g.high, g.low, g.close)
    returning 1
), inserted as (
       insert into tp.mark_prices (timestamp, exchange_id, symbol, interval, source, open, high, low, close)
       select g.timestamp, g.exchange_id, g.symbol, g.interval, g.source, g.open, g.high, g.low, g.close
         from given g
        where not exists (select
                            from tp.mark_prices m
                           where m.symbol = g.symbol
                             and m.exchange_id = g.exchange_id
                             and m.interval = g.interval
                             and m.timestamp = g.timestamp)
    returning 1
)
select (select count(*) from inserted) as inserted,
       (select count(*) from updated) as updated;

-- name: book_partition (timestamptz)
-- Makes the partition for books of that time, if there is none.
select tp.ensure_partitions('tp.orderbook_snapshots', $1, $1) as made;

-- name: book_put (text, jsonb)
-- Order books as an array of records: how many were new, how many replaced others.
with given as (
    select e.id as exchange_id, g.*
      from tp.exchanges e
     cross join jsonb_to_recordset($2::jsonb)
           as g (timestamp timestamptz, depth integer, symbol varchar, bids jsonb, asks jsonb, total_bid_volume numeric,
                 total_ask_volume numeric)
     where e.code = $1
), updated as (
       update tp.orderbook_snapshots o
          set bids = g.bids,
              asks = g.asks,
              total_bid_volume = g.total_bid_volume,
              total_ask_volume = g.total_ask_volume
         from given g
        where o.symbol = g.symbol
          and o.exchange_id = g.exchange_id
          and o.timestamp = g.timestamp
          and o.depth = g.depth
          and (o.bids, o.asks) is distinct from (g.bids, g.asks)
    returning 1
), inserted as (
       insert into tp.orderbook_snapshots (timestamp, exchange_id, depth, symbol, bids, asks, total_bid_volume,
                                           total_ask_volume)
       select g.timestamp, g.exchange_id, g.depth, g.symbol, g.bids, g.asks, g.total_bid_volume, g.total_ask_volume
         from given g
        where not exists (select
                            from tp.orderbook_snapshots o
                           where o.symbol = g.symbol
                             and o.exchange_id = g.exchange_id
                             and o.timestamp = g.timestamp
                             and o.depth = g.depth)
    returning 1
)
select (select count(*) from inserted) as inserted,
       (select count(*) from updated) as updated;

-- name: book_retention ()
-- How long order books are kept, in days; null: for ever.
select (extract(epoch from p.retention) / 86400)::bigint as days
  from tp.partition_policies p
 where p.parent = 'tp.orderbook_snapshots'::regclass;

-- name: funding_rows (text, text, timestamptz, timestamptz)
-- Rates of an instrument in [from, to), a page of them in time order.
select e.code as exchange, f.symbol, f.funding_time, f.rate, f.mark_price
  from tp.funding_rates f
  join tp.exchanges e
    on e.id = f.exchange_id
 where e.code = $1
   and f.symbol = $2
   and f.funding_time >= coalesce($3::timestamptz, '-infinity')
   and f.funding_time < coalesce($4::timestamptz, 'infinity')
 order by f.funding_time
 fetch first 10000 rows with ties;

-- name: mark_rows (text, text, timestamptz, timestamptz, text)
-- Bars of the mark price of an instrument in [from, to), a page of them in time order.
select m.timestamp, e.code as exchange, m.symbol, m.interval, m.source, m.open, m.high, m.low, m.close
  from tp.mark_prices m
  join tp.exchanges e
    on e.id = m.exchange_id
 where e.code = $1
   and m.symbol = $2
   and m.timestamp >= coalesce($3::timestamptz, '-infinity')
   and m.timestamp < coalesce($4::timestamptz, 'infinity')
   and m.interval = $5
 order by m.timestamp
 fetch first 10000 rows with ties;

-- name: book_rows (text, text, timestamptz, timestamptz, integer)
-- Order books of an instrument in [from, to), a page of them in time order; a null depth is every depth.
select o.timestamp, e.code as exchange, o.depth, o.symbol, o.bids, o.asks, o.total_bid_volume, o.total_ask_volume
  from tp.orderbook_snapshots o
  join tp.exchanges e
    on e.id = o.exchange_id
 where e.code = $1
   and o.symbol = $2
   and o.timestamp >= coalesce($3::timestamptz, '-infinity')
   and o.timestamp < coalesce($4::timestamptz, 'infinity')
   and ($5::integer is null or o.depth = $5)
 order by o.timestamp
 fetch first 1000 rows with ties;

-- name: import_file_put (text, text, text, text, text, text, bigint, bigint, bigint, bigint, bigint, timestamptz, timestamptz)
-- Notes a file that has been taken in; gives when the same bytes were taken in before, null: never.
with before as (
    select f.imported_at
      from tp.import_files f
      join tp.exchanges e
        on e.id = f.exchange_id
     where f.kind = $1
       and e.code = $2
       and f.symbol is not distinct from $3
       and f.interval is not distinct from $4
       and f.sha256 = $5
)
   insert into tp.import_files (kind, exchange_id, symbol, interval, sha256, name, bytes, rows_read, rows_inserted,
                                rows_updated, rows_rejected, first_time, last_time)
   select $1, e.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
     from tp.exchanges e
    where e.code = $2
       on conflict on constraint import_files_content_key do update
      set name = excluded.name,
          rows_read = excluded.rows_read,
          rows_inserted = excluded.rows_inserted,
          rows_updated = excluded.rows_updated,
          rows_rejected = excluded.rows_rejected,
          first_time = excluded.first_time,
          last_time = excluded.last_time,
          imported_at = now()
returning (select b.imported_at from before b) as before;
