-- Phase 4. What stands beside the candles: mark price bars, funding rates, order books.
set local role tp_owner;

create table tp.mark_prices (
    timestamp timestamptz not null,
    exchange_id integer not null,
    symbol varchar(80) not null,
    interval varchar(10) not null,
    source varchar(10) not null,
    open numeric(20,8) not null,
    high numeric(20,8) not null,
    low numeric(20,8) not null,
    close numeric(20,8) not null,
    constraint mark_prices_pkey primary key (symbol, exchange_id, interval, timestamp),
    constraint mark_prices_symbol_fk
        foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    constraint mark_prices_interval_check
        check (interval in ('1m', '5m', '15m', '30m', '1h', '4h', '1d', '1w')),
    constraint mark_prices_source_check check (source in ('EXCHANGE', 'IMPORT', 'RESAMPLED', 'SYNTHETIC')),
    constraint mark_prices_ohlc_check
        check (low > 0 and high < 'NaN' and low <= open and low <= close and high >= open and high >= close)
);

create table tp.funding_rates (
    exchange_id integer not null,
    symbol varchar(80) not null,
    funding_time timestamptz not null,
    rate numeric(18,12) not null,
    mark_price numeric(20,8),
    constraint funding_rates_pkey primary key (exchange_id, symbol, funding_time),
    constraint funding_rates_symbol_fk
        foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    constraint funding_rates_rate_check check (rate > -10 and rate < 10),
    constraint funding_rates_mark_price_check check (mark_price > 0 and mark_price < 'NaN')
);

create table tp.orderbook_snapshots (
    timestamp timestamptz not null,
    exchange_id integer not null,
    depth integer not null,
    symbol varchar(80) not null,
    bids jsonb not null,
    asks jsonb not null,
    total_bid_volume numeric(28,8),
    total_ask_volume numeric(28,8),
    constraint orderbook_snapshots_pkey primary key (symbol, exchange_id, timestamp, depth),
    constraint orderbook_snapshots_symbol_fk
        foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    constraint orderbook_snapshots_depth_check check (depth in (5, 10, 20, 50)),
    constraint orderbook_snapshots_sides_check
        check (jsonb_typeof(bids) = 'array' and jsonb_typeof(asks) = 'array'),
    constraint orderbook_snapshots_volume_check
        check (total_bid_volume >= 0 and total_bid_volume < 'NaN'
               and total_ask_volume >= 0 and total_ask_volume < 'NaN')
) partition by range (timestamp);

insert into tp.partition_policies (parent, step, premake, retention)
values ('tp.orderbook_snapshots', '1 day', 7, '30 days');

grant select
   on tp.mark_prices, tp.funding_rates, tp.orderbook_snapshots
   to tp_app, tp_service, tp_readonly;
grant insert, update, delete
   on tp.mark_prices, tp.funding_rates, tp.orderbook_snapshots
   to tp_service;

comment on table tp.mark_prices is 'Bars of the mark price, for liquidation and funding.';
comment on column tp.mark_prices.timestamp is 'Open time.';
comment on column tp.mark_prices.exchange_id is 'The venue.';
comment on column tp.mark_prices.symbol is 'The instrument.';
comment on column tp.mark_prices.interval is '1m, 5m, 15m, 30m, 1h, 4h, 1d or 1w.';
comment on column tp.mark_prices.source is 'EXCHANGE, IMPORT, RESAMPLED or SYNTHETIC.';
comment on column tp.mark_prices.open is 'First mark price in quote currency.';
comment on column tp.mark_prices.high is 'Highest mark price in quote currency.';
comment on column tp.mark_prices.low is 'Lowest mark price in quote currency.';
comment on column tp.mark_prices.close is 'Last mark price in quote currency.';

comment on table tp.funding_rates is 'History of funding rates.';
comment on column tp.funding_rates.exchange_id is 'The venue.';
comment on column tp.funding_rates.symbol is 'The instrument.';
comment on column tp.funding_rates.funding_time is 'When funding was exchanged.';
comment on column tp.funding_rates.rate is 'Fraction of notional; above 0 longs pay shorts.';
comment on column tp.funding_rates.mark_price is
    'Mark price at that time in quote currency; null: not told.';

comment on table tp.orderbook_snapshots is 'Order books at a moment. Partitioned by day.';
comment on column tp.orderbook_snapshots.timestamp is 'Time of the book at the venue.';
comment on column tp.orderbook_snapshots.exchange_id is 'The venue.';
comment on column tp.orderbook_snapshots.depth is 'Levels asked for on each side: 5, 10, 20 or 50.';
comment on column tp.orderbook_snapshots.symbol is 'The instrument.';
comment on column tp.orderbook_snapshots.bids is
    'Array of [price, quantity] as strings, best first.';
comment on column tp.orderbook_snapshots.asks is
    'Array of [price, quantity] as strings, best first.';
comment on column tp.orderbook_snapshots.total_bid_volume is
    'Sum of the bid quantities in base currency.';
comment on column tp.orderbook_snapshots.total_ask_volume is
    'Sum of the ask quantities in base currency.';

reset role;
