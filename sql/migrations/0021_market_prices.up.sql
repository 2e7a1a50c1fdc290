-- Phase 4. Candles: a list of interval groups, each a range of times. The groups have different grains
-- and keep times, which one range over all intervals could not have.
set local role tp_owner;

create table tp.market_prices (
    timestamp timestamptz not null,
    close_time timestamptz,
    trades_count bigint,
    exchange_id integer not null,
    symbol varchar(80) not null,
    interval varchar(10) not null,
    source varchar(10) not null,
    open numeric(20,8) not null,
    high numeric(20,8) not null,
    low numeric(20,8) not null,
    close numeric(20,8) not null,
    volume numeric(28,8) not null,
    quote_volume numeric(28,8),
    taker_buy_volume numeric(28,8),
    taker_buy_quote_volume numeric(28,8),
    constraint market_prices_pkey primary key (symbol, exchange_id, interval, timestamp),
    constraint market_prices_symbol_fk
        foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    constraint market_prices_source_check check (source in ('EXCHANGE', 'IMPORT', 'RESAMPLED', 'SYNTHETIC')),
    -- low is above 0 and nothing is above high, so the bound on high keeps NaN out of all four
    constraint market_prices_ohlc_check
        check (low > 0 and high < 'NaN' and low <= open and low <= close and high >= open and high >= close),
    constraint market_prices_volume_check
        check (volume >= 0 and volume < 'NaN'
               and quote_volume >= 0 and quote_volume < 'NaN'
               and taker_buy_volume >= 0 and taker_buy_volume < 'NaN'
               and taker_buy_quote_volume >= 0 and taker_buy_quote_volume < 'NaN'
               and trades_count >= 0),
    constraint market_prices_close_time_check
        check (close_time is null
               or (close_time >= timestamp
                   and close_time - timestamp
                       < case interval
                             when '1m' then interval '60 seconds'
                             when '5m' then interval '300 seconds'
                             when '15m' then interval '900 seconds'
                             when '30m' then interval '1800 seconds'
                             when '1h' then interval '3600 seconds'
                             when '4h' then interval '14400 seconds'
                             when '1d' then interval '86400 seconds'
                             when '1w' then interval '604800 seconds'
                         end))
) partition by list (interval);

create table tp.market_prices_1m
    partition of tp.market_prices
    for values in ('1m')
    partition by range (timestamp);

create table tp.market_prices_5m
    partition of tp.market_prices
    for values in ('5m')
    partition by range (timestamp);

create table tp.market_prices_mid
    partition of tp.market_prices
    for values in ('15m', '30m')
    partition by range (timestamp);

create table tp.market_prices_long
    partition of tp.market_prices
    for values in ('1h', '4h', '1d', '1w')
    partition by range (timestamp);

insert into tp.partition_policies (parent, step, premake, retention)
values ('tp.market_prices_1m', '7 days', 4, '30 days'),
       ('tp.market_prices_5m', '7 days', 4, '90 days'),
       ('tp.market_prices_mid', '1 month', 2, '90 days'),
       ('tp.market_prices_long', '1 month', 2, '5 years');

grant select
   on tp.market_prices, tp.market_prices_1m, tp.market_prices_5m, tp.market_prices_mid, tp.market_prices_long
   to tp_app, tp_service, tp_readonly;
grant insert, update, delete
   on tp.market_prices, tp.market_prices_1m, tp.market_prices_5m, tp.market_prices_mid, tp.market_prices_long
   to tp_service;

comment on table tp.market_prices is
    'Candles. A list of interval groups, each partitioned by time. Candles are never '
    'invented: source tells where each comes from.';
comment on column tp.market_prices.timestamp is 'Open time.';
comment on column tp.market_prices.close_time is
    'Null when the bar is as long as its interval; else the odd close stamp the venue gave, '
    'inside the bar.';
comment on column tp.market_prices.trades_count is 'Number of trades; null: not known.';
comment on column tp.market_prices.exchange_id is 'The venue.';
comment on column tp.market_prices.symbol is 'The instrument.';
comment on column tp.market_prices.interval is '1m, 5m, 15m, 30m, 1h, 4h, 1d or 1w.';
comment on column tp.market_prices.source is
    'EXCHANGE (fetched), IMPORT (from a file), RESAMPLED (from a finer interval) or '
    'SYNTHETIC.';
comment on column tp.market_prices.open is 'First price in quote currency.';
comment on column tp.market_prices.high is 'Highest price in quote currency.';
comment on column tp.market_prices.low is 'Lowest price in quote currency.';
comment on column tp.market_prices.close is 'Last price in quote currency.';
comment on column tp.market_prices.volume is 'Traded quantity in base currency.';
comment on column tp.market_prices.quote_volume is
    'Traded value in quote currency; null: not known.';
comment on column tp.market_prices.taker_buy_volume is
    'Part of volume bought by takers; null: not known.';
comment on column tp.market_prices.taker_buy_quote_volume is
    'Part of quote_volume bought by takers; null: not known.';

comment on table tp.market_prices_1m is 'Candles of 1m, by week.';

comment on table tp.market_prices_5m is 'Candles of 5m, by week.';

comment on table tp.market_prices_mid is 'Candles of 15m and 30m, by month.';

comment on table tp.market_prices_long is 'Candles of 1h, 4h, 1d and 1w, by month.';

reset role;
