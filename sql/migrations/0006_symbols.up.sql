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
    constraint symbols_precision_check
        check (price_precision between 0 and 8 and quantity_precision between 0 and 8),
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

reset role;
