-- name: symbol_list (text, text, text, text, text)
-- Instruments by venue, symbol, status, base and quote currency; nulls match everything.
select e.code as exchange, s.symbol, s.base_currency, s.quote_currency, s.settle_currency,
       s.market_type, s.status, s.tick_size, s.step_size, s.min_quantity, s.max_quantity,
       s.min_notional, s.contract_size, s.maker_fee_rate, s.taker_fee_rate, s.price_precision,
       s.quantity_precision
  from tp.symbols s
  join tp.exchanges e
    on e.id = s.exchange_id
 where ($1::text is null or e.code = $1)
   and ($2::text is null or s.symbol = $2)
   and ($3::text is null or s.status = $3)
   and ($4::text is null or s.base_currency = $4)
   and ($5::text is null or s.quote_currency = $5)
 order by e.code, s.symbol;

-- name: symbol_info (text, text)
select e.code as exchange, s.symbol, s.contract_info, s.metadata, s.updated_at
  from tp.symbols s
  join tp.exchanges e
    on e.id = s.exchange_id
 where e.code = $1
   and s.symbol = $2;

-- name: symbol_put (text, text, text, text, text, text, text, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer, integer, jsonb)
-- Adds an instrument or brings it up to date: one row with added true or false, or no row when nothing
-- changed. The venue must exist (no row either, so the caller asks for it first). Lists of instruments
-- carry no fees: null leaves what is stored.
   insert into tp.symbols as s (exchange_id, symbol, base_currency, quote_currency, settle_currency,
                                market_type, status, tick_size, step_size, min_quantity, max_quantity,
                                min_notional, contract_size, maker_fee_rate, taker_fee_rate,
                                price_precision, quantity_precision, contract_info)
   select e.id, $2, $3, $4, $5, $6, $7, $8::numeric, $9::numeric, $10::numeric, $11::numeric,
          $12::numeric, $13::numeric, $14::numeric, $15::numeric, $16::integer, $17::integer,
          coalesce($18::jsonb, '{}')
     from tp.exchanges e
    where e.code = $1
       on conflict (exchange_id, symbol) do update
      set base_currency = excluded.base_currency,
          quote_currency = excluded.quote_currency,
          settle_currency = excluded.settle_currency,
          market_type = excluded.market_type,
          status = excluded.status,
          tick_size = excluded.tick_size,
          step_size = excluded.step_size,
          min_quantity = excluded.min_quantity,
          max_quantity = excluded.max_quantity,
          min_notional = excluded.min_notional,
          contract_size = excluded.contract_size,
          maker_fee_rate = coalesce(excluded.maker_fee_rate, s.maker_fee_rate),
          taker_fee_rate = coalesce(excluded.taker_fee_rate, s.taker_fee_rate),
          price_precision = excluded.price_precision,
          quantity_precision = excluded.quantity_precision,
          contract_info = case when $18 is null then s.contract_info else excluded.contract_info end
    where (s.base_currency, s.quote_currency, s.settle_currency, s.market_type, s.status, s.tick_size,
           s.step_size, s.min_quantity, s.max_quantity, s.min_notional, s.contract_size,
           s.price_precision, s.quantity_precision)
          is distinct from
          (excluded.base_currency, excluded.quote_currency, excluded.settle_currency,
           excluded.market_type, excluded.status, excluded.tick_size, excluded.step_size,
           excluded.min_quantity, excluded.max_quantity, excluded.min_notional, excluded.contract_size,
           excluded.price_precision, excluded.quantity_precision)
       or s.maker_fee_rate is distinct from coalesce(excluded.maker_fee_rate, s.maker_fee_rate)
       or s.taker_fee_rate is distinct from coalesce(excluded.taker_fee_rate, s.taker_fee_rate)
       or ($18 is not null and s.contract_info <> excluded.contract_info)
returning (s.xmax = 0) as added;

-- name: symbol_add (text, text, text, text, text, text, text, numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric, integer, integer)
insert into tp.symbols (exchange_id, symbol, base_currency, quote_currency, settle_currency,
                        market_type, status, tick_size, step_size, min_quantity, max_quantity,
                        min_notional, contract_size, maker_fee_rate, taker_fee_rate,
                        price_precision, quantity_precision)
select e.id, $2, $3, $4, $5, $6, $7, $8::numeric, $9::numeric, $10::numeric, $11::numeric, $12::numeric,
       $13::numeric, $14::numeric, $15::numeric, $16::integer, $17::integer
  from tp.exchanges e
 where e.code = $1;

-- name: symbol_delist (text, jsonb)
-- Instruments of a venue that a complete list no longer names.
update tp.symbols s
   set status = 'DELISTED'
  from tp.exchanges e
 where e.id = s.exchange_id
   and e.code = $1
   and s.status <> 'DELISTED'
   and not $2 ? s.symbol;
