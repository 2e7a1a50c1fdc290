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

comment on view tp.active_positions is
    'The rows of positions that are not soft-deleted, under the row security of the reader.';

reset role;
