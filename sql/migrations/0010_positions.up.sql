-- Phase 2. Positions. The rule of positions, orders and trades: the partition key is the time inside
-- the id. So (id, key) is unique exactly when id is, and a row that refers to it generates the key
-- from the id. unique (user_id, key, id) is what foreign keys point to: a row cannot refer to another
-- user's row, although foreign key checks do not see row security.
set local role tp_owner;

create table tp.positions (
    id uuid not null,
    opened_at timestamptz not null,
    user_id uuid not null,
    account_id uuid not null,
    environment varchar(20) not null,
    bot_id uuid,
    exchange_id integer not null,
    symbol varchar(80) not null,
    side varchar(5) not null,
    entry_price numeric(20,8) not null,
    mark_price numeric(20,8),
    liquidation_price numeric(20,8),
    quantity numeric(20,8) not null,
    realized_pnl numeric(20,8) not null default 0,
    unrealized_pnl numeric(20,8) not null default 0,
    pnl numeric(20,8) generated always as (realized_pnl + unrealized_pnl) stored,
    margin_used numeric(20,8) not null default 0,
    -- clamped: a tiny margin would overflow the column and block the update
    pnl_percent numeric(10,4) generated always as (
        case
            when margin_used > 0
            then least(greatest(round(100 * (realized_pnl + unrealized_pnl) / margin_used, 4), -999999.9999),
                       999999.9999)
        end) stored,
    stop_loss numeric(20,8),
    take_profit numeric(20,8),
    leverage integer not null default 1,
    margin_mode varchar(10) not null default 'ISOLATED',
    status varchar(12) not null default 'OPEN',
    closed_at timestamptz,
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    constraint positions_pkey primary key (id, opened_at),
    constraint positions_tenant_key unique (user_id, opened_at, id),
    constraint positions_opened_at_is_id_time check (opened_at = tp.uuid_v7_time(id)),
    constraint positions_user_fk foreign key (user_id) references tp.users (id),
    constraint positions_account_fk
        foreign key (user_id, account_id, exchange_id, environment)
        references tp.accounts (user_id, id, exchange_id, environment),
    constraint positions_symbol_fk
        foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    constraint positions_side_check check (side in ('LONG', 'SHORT')),
    constraint positions_margin_mode_check check (margin_mode in ('ISOLATED', 'CROSS')),
    constraint positions_status_check check (status in ('OPEN', 'CLOSED', 'LIQUIDATED')),
    constraint positions_closed_check check ((status = 'OPEN') = (closed_at is null)),
    constraint positions_leverage_check check (leverage between 1 and 125),
    -- 'NaN'::numeric > 0 is true, hence the upper bounds
    constraint positions_numbers_check
        check (quantity >= 0 and quantity < 'NaN'
               and margin_used >= 0 and margin_used < 'NaN'
               and realized_pnl < 'NaN'
               and unrealized_pnl < 'NaN'),
    constraint positions_prices_check
        check (entry_price > 0 and entry_price < 'NaN'
               and mark_price > 0 and mark_price < 'NaN'
               and liquidation_price > 0 and liquidation_price < 'NaN'
               and stop_loss > 0 and stop_loss < 'NaN'
               and take_profit > 0 and take_profit < 'NaN')
) partition by range (opened_at);
create index positions_user_symbol_idx on tp.positions (user_id, symbol, exchange_id, status);
create index idx_positions_user_open on tp.positions (user_id, status, opened_at desc)
 where deleted_at is null and status = 'OPEN';
create index positions_account_idx on tp.positions (account_id, symbol) where status = 'OPEN';
create index positions_bot_idx on tp.positions (bot_id, opened_at) where bot_id is not null;
create index idx_positions_deleted on tp.positions (deleted_at) where deleted_at is not null;

insert into tp.partition_policies (parent, step, premake, retention)
values ('tp.positions', '3 months', 4, null);

create trigger positions_touch
before update on tp.positions
   for each row
       execute function tp.touch_updated_at();

alter table tp.positions enable row level security;
create policy user_isolation on tp.positions
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.positions
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.positions
   for select
    to tp_readonly
 using (true);

create view tp.active_positions
  with (security_invoker = true)
    as
select id,
       opened_at,
       user_id,
       account_id,
       environment,
       bot_id,
       exchange_id,
       symbol,
       side,
       entry_price,
       mark_price,
       liquidation_price,
       quantity,
       realized_pnl,
       unrealized_pnl,
       pnl,
       margin_used,
       pnl_percent,
       stop_loss,
       take_profit,
       leverage,
       margin_mode,
       status,
       closed_at,
       updated_at,
       deleted_at
  from tp.positions
 where deleted_at is null;

grant select, insert, update on tp.positions to tp_app;
grant select, insert, update, delete on tp.positions to tp_service;
grant select on tp.positions to tp_readonly;
grant select on tp.active_positions to tp_app, tp_service;

comment on table tp.positions is
    'Positions, one open per account and symbol, or per side in hedge mode. Partitioned by '
    'opened_at.';
comment on column tp.positions.id is 'UUID version 7 whose time is opened_at.';
comment on column tp.positions.opened_at is
    'When the position was opened, cut to milliseconds; the time inside the id.';
comment on column tp.positions.user_id is 'Owner.';
comment on column tp.positions.account_id is 'Account that carries the position.';
comment on column tp.positions.environment is 'PAPER, TESTNET or PRODUCTION, as the account.';
comment on column tp.positions.bot_id is 'Bot that opened it; null: by hand.';
comment on column tp.positions.exchange_id is 'The venue.';
comment on column tp.positions.symbol is 'The instrument.';
comment on column tp.positions.side is 'LONG or SHORT.';
comment on column tp.positions.entry_price is 'Average entry price in quote currency.';
comment on column tp.positions.mark_price is 'Last known mark price in quote currency.';
comment on column tp.positions.liquidation_price is
    'Price in quote currency at which the venue closes the position; null: none.';
comment on column tp.positions.quantity is 'Open quantity in base currency.';
comment on column tp.positions.realized_pnl is
    'Profit of closed parts in settle currency, before fees.';
comment on column tp.positions.unrealized_pnl is
    'Profit of the open part at mark_price in settle currency.';
comment on column tp.positions.pnl is 'Generated: realized plus unrealized, settle currency.';
comment on column tp.positions.margin_used is 'Margin bound by the position in settle currency.';
comment on column tp.positions.pnl_percent is
    'Generated: pnl in percent of margin_used, held within 999999.9999; null without margin.';
comment on column tp.positions.stop_loss is 'Wanted stop-loss price in quote currency.';
comment on column tp.positions.take_profit is 'Wanted take-profit price in quote currency.';
comment on column tp.positions.leverage is 'Factor, 1 to 125.';
comment on column tp.positions.margin_mode is 'ISOLATED or CROSS.';
comment on column tp.positions.status is 'OPEN, CLOSED or LIQUIDATED.';
comment on column tp.positions.closed_at is 'When it was closed; null exactly while OPEN.';
comment on column tp.positions.updated_at is 'Stamped by trigger at every change.';
comment on column tp.positions.deleted_at is 'Soft delete; null while live.';

comment on view tp.active_positions is
    'The rows of positions that are not soft-deleted, under the row security of the reader.';

reset role;
