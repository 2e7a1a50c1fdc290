-- Phase 1. Instruments of a venue with their filters, and their leverage tiers.
set local role tp_owner;

create table tp.symbols (
    exchange_id integer not null,
    symbol varchar(80) not null,
    base_currency varchar(20) not null,
    quote_currency varchar(20) not null,
    min_quantity numeric(20,8),
    max_quantity numeric(20,8),
    tick_size numeric(20,8) not null,
    step_size numeric(20,8) not null,
    price_precision integer not null,
    quantity_precision integer not null,
    min_notional numeric(20,8),
    market_type varchar(10) not null,
    settle_currency varchar(20) not null,
    contract_size numeric(20,8) not null default 1,
    maker_fee_rate numeric(18,12),
    taker_fee_rate numeric(18,12),
    status varchar(20) not null default 'TRADING',
    contract_info jsonb not null default '{}',
    metadata jsonb not null default '{}',
    updated_at timestamptz not null default now(),
    constraint symbols_pkey primary key (exchange_id, symbol),
    constraint symbols_exchange_fk foreign key (exchange_id) references tp.exchanges (id),
    constraint symbols_symbol_check check (symbol <> ''),
    constraint symbols_status_check check (status in ('TRADING', 'HALT', 'DELISTED')),
    constraint symbols_market_type_check check (market_type in ('SPOT', 'LINEAR', 'INVERSE')),
    -- numeric(20,8) rounds silently: a symbol whose prices would not fit is refused instead
    constraint symbols_price_precision_check check (price_precision between 0 and 8),
    constraint symbols_quantity_precision_check check (quantity_precision between 0 and 8),
    constraint symbols_tick_check check (tick_size > 0 and tick_size < 'NaN'),
    constraint symbols_step_check check (step_size > 0 and step_size < 'NaN'),
    constraint symbols_quantity_check
        check (min_quantity >= 0 and min_quantity < 'NaN'
               and max_quantity > 0 and max_quantity < 'NaN'
               and min_quantity <= max_quantity),
    constraint symbols_notional_check check (min_notional >= 0 and min_notional < 'NaN'),
    constraint symbols_contract_size_check check (contract_size > 0 and contract_size < 'NaN'),
    constraint symbols_fee_check
        check (maker_fee_rate > -1 and maker_fee_rate < 1 and taker_fee_rate > -1 and taker_fee_rate < 1),
    constraint symbols_contract_info_check check (jsonb_typeof(contract_info) = 'object'),
    constraint symbols_metadata_check check (jsonb_typeof(metadata) = 'object')
);
create index symbols_status_idx on tp.symbols (exchange_id, status);

create table tp.leverage_tiers (
    exchange_id integer not null,
    symbol varchar(80) not null,
    tier integer not null,
    notional_floor numeric(28,8) not null,
    notional_cap numeric(28,8),
    max_leverage numeric(10,4) not null,
    maintenance_rate numeric(18,12) not null,
    maintenance_amount numeric(28,8) not null default 0,
    updated_at timestamptz not null default now(),
    constraint leverage_tiers_pkey primary key (exchange_id, symbol, tier),
    constraint leverage_tiers_symbol_fk
        foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    constraint leverage_tiers_tier_check check (tier >= 1),
    constraint leverage_tiers_notional_check
        check (notional_floor >= 0 and notional_floor < 'NaN'
               and notional_cap > notional_floor and notional_cap < 'NaN'),
    constraint leverage_tiers_leverage_check check (max_leverage >= 1 and max_leverage < 'NaN'),
    constraint leverage_tiers_maintenance_check
        check (maintenance_rate >= 0 and maintenance_rate < 1 and maintenance_amount < 'NaN')
);

create trigger symbols_touch
before update on tp.symbols
   for each row
       execute function tp.touch_updated_at();

create trigger leverage_tiers_touch
before update on tp.leverage_tiers
   for each row
       execute function tp.touch_updated_at();

grant select on tp.symbols, tp.leverage_tiers to tp_app, tp_service, tp_readonly;
grant insert, update, delete on tp.symbols, tp.leverage_tiers to tp_service;

comment on table tp.symbols is 'Instruments of a venue with the filters that orders must obey.';
comment on column tp.symbols.exchange_id is 'The venue.';
comment on column tp.symbols.symbol is 'The venue''s own name of the instrument.';
comment on column tp.symbols.base_currency is 'What is traded.';
comment on column tp.symbols.quote_currency is 'What prices are in.';
comment on column tp.symbols.min_quantity is 'Smallest order in base currency; null: none.';
comment on column tp.symbols.max_quantity is 'Largest order in base currency; null: none.';
comment on column tp.symbols.tick_size is
    'Price step in quote currency. A step below 0.00000001 does not fit and is refused.';
comment on column tp.symbols.step_size is 'Quantity step in base currency.';
comment on column tp.symbols.price_precision is 'Decimal places of a price, 0 to 8.';
comment on column tp.symbols.quantity_precision is 'Decimal places of a quantity, 0 to 8.';
comment on column tp.symbols.min_notional is 'Smallest order in quote currency; null: none.';
comment on column tp.symbols.market_type is
    'SPOT, LINEAR (settled in quote) or INVERSE (settled in base); no default on purpose.';
comment on column tp.symbols.settle_currency is 'What profit, loss and fees of a position are in.';
comment on column tp.symbols.contract_size is
    'Base currency per contract of the venue; 1 where the venue counts in base currency.';
comment on column tp.symbols.maker_fee_rate is
    'Public maker fee as a fraction of notional, for backtests; negative is a rebate; null: '
    'unknown.';
comment on column tp.symbols.taker_fee_rate is
    'Public taker fee as a fraction of notional; null: unknown.';
comment on column tp.symbols.status is 'TRADING, HALT or DELISTED.';
comment on column tp.symbols.contract_info is
    'What the venue says beyond the columns, a JSON object.';
comment on column tp.symbols.metadata is 'Free-form notes, a JSON object.';
comment on column tp.symbols.updated_at is 'Stamped by trigger at every change.';

comment on table tp.leverage_tiers is
    'Leverage and maintenance margin of a symbol by size of position.';
comment on column tp.leverage_tiers.exchange_id is 'The venue.';
comment on column tp.leverage_tiers.symbol is 'The instrument.';
comment on column tp.leverage_tiers.tier is '1 is the smallest tier.';
comment on column tp.leverage_tiers.notional_floor is
    'Positions above this notional in quote currency are in the tier.';
comment on column tp.leverage_tiers.notional_cap is
    'Positions up to this notional in quote currency are in the tier; null: no bound.';
comment on column tp.leverage_tiers.max_leverage is 'Largest leverage allowed, a factor.';
comment on column tp.leverage_tiers.maintenance_rate is
    'Maintenance margin as a fraction of notional.';
comment on column tp.leverage_tiers.maintenance_amount is
    'Amount in quote currency taken off the maintenance margin ("cum"), so that tiers join.';
comment on column tp.leverage_tiers.updated_at is 'Stamped by trigger at every change.';

reset role;
