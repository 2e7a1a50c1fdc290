-- Phase 2. Fills. Immutable: nobody may update or delete them, only free-form metadata can be emptied.
set local role tp_owner;

create table tp.trades (
    id uuid not null,
    executed_at timestamptz not null,
    user_id uuid not null,
    account_id uuid not null,
    environment varchar(20) not null,
    order_id uuid not null,
    order_created_at timestamptz not null generated always as (tp.uuid_v7_time(order_id)) stored,
    position_id uuid,
    position_opened_at timestamptz generated always as (tp.uuid_v7_time(position_id)) stored,
    exchange_id integer not null,
    symbol varchar(80) not null,
    side varchar(4) not null,
    price numeric(20,8) not null,
    quantity numeric(20,8) not null,
    fee numeric(20,8) not null default 0,
    fee_currency varchar(20),
    fee_quote numeric(20,8),
    liquidity varchar(5),
    pnl numeric(20,8),
    status varchar(10) not null default 'SUCCESS',
    exchange_trade_id varchar(64),
    metadata jsonb not null default '{}',
    constraint trades_pkey primary key (id, executed_at),
    constraint trades_tenant_key unique (user_id, executed_at, id),
    constraint trades_executed_at_is_id_time check (executed_at = tp.uuid_v7_time(id)),
    -- exact, because a venue repeats the same time for a fill; also what replays conflict on
    constraint trades_exchange_trade_key unique (order_id, exchange_trade_id, executed_at),
    constraint trades_user_fk foreign key (user_id) references tp.users (id),
    constraint trades_account_fk
        foreign key (user_id, account_id, exchange_id, environment)
        references tp.accounts (user_id, id, exchange_id, environment),
    constraint trades_order_fk
        foreign key (user_id, order_created_at, order_id)
        references tp.orders (user_id, created_at, id),
    constraint trades_position_fk
        foreign key (user_id, position_opened_at, position_id)
        references tp.positions (user_id, opened_at, id),
    constraint trades_symbol_fk
        foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    constraint trades_side_check check (side in ('BUY', 'SELL')),
    constraint trades_liquidity_check check (liquidity in ('MAKER', 'TAKER')),
    constraint trades_status_check check (status in ('SUCCESS', 'FAILED')),
    constraint trades_exchange_id_check
        check (status = 'FAILED' or environment = 'PAPER' or exchange_trade_id is not null),
    constraint trades_fee_check check (fee = 0 or fee_currency is not null),
    constraint trades_failed_check check (status <> 'FAILED' or coalesce(pnl, 0) = 0),
    constraint trades_metadata_check check (jsonb_typeof(metadata) = 'object'),
    constraint trades_numbers_check
        check (price > 0 and price < 'NaN'
               and quantity > 0 and quantity < 'NaN'
               and fee < 'NaN'
               and fee_quote < 'NaN'
               and pnl < 'NaN')
) partition by range (executed_at);
create index trades_position_idx on tp.trades (position_id, executed_at) where position_id is not null;
create index trades_account_idx on tp.trades (account_id, executed_at);
create index trades_exchange_trade_idx on tp.trades (exchange_trade_id);

insert into tp.partition_policies (parent, step, premake, retention)
values ('tp.trades', '1 month', 12, null);

-- after, not before: in a before trigger the generated columns of new are still null
create function tp.trades_immutable()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'UPDATE'
       and new.metadata = '{}'
       and to_jsonb(new) - 'metadata' = to_jsonb(old) - 'metadata' then
        return null;
    end if;
    raise exception using
        errcode = 'restrict_violation',
        message = 'trades are immutable';
end
$$;

create trigger trades_immutable
 after update or delete on tp.trades
   for each row
       execute function tp.trades_immutable();

alter table tp.trades enable row level security;
create policy user_isolation on tp.trades
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.trades
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.trades
   for select
    to tp_readonly
 using (true);

grant select, insert on tp.trades to tp_app, tp_service;
grant select on tp.trades to tp_readonly;

comment on table tp.trades is
    'Fills. Immutable; a fill the venue took back is told by a second row FAILED that names '
    'it in metadata. Partitioned by executed_at.';
comment on column tp.trades.id is 'UUID version 7 whose time is executed_at.';
comment on column tp.trades.executed_at is
    'Time of the fill at the venue, cut to milliseconds; the time inside the id.';
comment on column tp.trades.user_id is 'Owner.';
comment on column tp.trades.account_id is 'Account that paid.';
comment on column tp.trades.environment is 'PAPER, TESTNET or PRODUCTION, as the account.';
comment on column tp.trades.order_id is 'The order that was filled.';
comment on column tp.trades.order_created_at is 'Generated from order_id for the foreign key.';
comment on column tp.trades.position_id is 'Position the fill changed.';
comment on column tp.trades.position_opened_at is 'Generated from position_id for the foreign key.';
comment on column tp.trades.exchange_id is 'The venue.';
comment on column tp.trades.symbol is 'The instrument.';
comment on column tp.trades.side is 'BUY or SELL.';
comment on column tp.trades.price is 'Price in quote currency.';
comment on column tp.trades.quantity is 'Quantity in base currency.';
comment on column tp.trades.fee is 'Fee in fee_currency: above 0 paid, below 0 a rebate.';
comment on column tp.trades.fee_currency is 'Currency of the fee.';
comment on column tp.trades.fee_quote is
    'The fee in quote currency at that moment, where fee_currency is another.';
comment on column tp.trades.liquidity is 'MAKER or TAKER; null: unknown.';
comment on column tp.trades.pnl is
    'Profit realised by the fill in settle currency, before fees; null when it only opened.';
comment on column tp.trades.status is 'SUCCESS or FAILED (taken back by the venue, pnl 0).';
comment on column tp.trades.exchange_trade_id is
    'The venue''s id of the fill; null only on paper or when FAILED.';
comment on column tp.trades.metadata is
    'Free-form notes, a JSON object; emptied when the user is erased.';

comment on function tp.trades_immutable() is
    'Trigger function: refuses every change of a trade but the emptying of metadata.';

reset role;
