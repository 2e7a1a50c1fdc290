-- Phase 2. Orders.
set local role tp_owner;

create table tp.orders (
    id uuid not null,
    created_at timestamptz not null,
    user_id uuid not null,
    account_id uuid not null,
    environment varchar(20) not null,
    position_id uuid,
    position_opened_at timestamptz generated always as (tp.uuid_v7_time(position_id)) stored,
    parent_order_id uuid,
    parent_order_created_at timestamptz generated always as (tp.uuid_v7_time(parent_order_id)) stored,
    group_id uuid,
    bot_id uuid,
    api_connection_id uuid,
    exchange_id integer not null,
    symbol varchar(80) not null,
    side varchar(5) not null,
    reduce_only boolean not null default false,
    order_type varchar(20) not null,
    quantity numeric(20,8) not null,
    filled_quantity numeric(20,8) not null default 0,
    avg_fill_price numeric(20,8),
    price numeric(20,8),
    stop_price numeric(20,8),
    working_type varchar(5) not null default 'LAST',
    callback_rate numeric(5,2),
    trail_distance numeric(20,8),
    activation_price numeric(20,8),
    leverage integer not null default 1,
    margin_mode varchar(10) not null default 'ISOLATED',
    position_mode varchar(10) not null default 'ONE_WAY',
    time_in_force varchar(3) not null default 'GTC',
    expires_at timestamptz,
    stop_loss numeric(20,8),
    take_profit numeric(20,8),
    status varchar(20) not null default 'PENDING',
    submit_state varchar(10) not null default 'NEW',
    reject_reason varchar(255),
    exchange_order_id varchar(64),
    exchange_algo_id varchar(64),
    metadata jsonb not null default '{}',
    updated_at timestamptz not null default now(),
    filled_at timestamptz,
    cancelled_at timestamptz,
    deleted_at timestamptz,
    constraint orders_pkey primary key (id, created_at),
    constraint orders_tenant_key unique (user_id, created_at, id),
    constraint orders_created_at_is_id_time check (created_at = tp.uuid_v7_time(id)),
    constraint orders_user_fk foreign key (user_id) references tp.users (id),
    constraint orders_account_fk
        foreign key (user_id, account_id, exchange_id, environment)
        references tp.accounts (user_id, id, exchange_id, environment),
    constraint orders_symbol_fk
        foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol),
    -- a connection is deleted for good a year after its soft delete; its orders stay
    constraint orders_api_connection_fk
        foreign key (user_id, api_connection_id) references tp.api_connections (user_id, id)
        on delete set null (api_connection_id),
    constraint orders_position_fk
        foreign key (user_id, position_opened_at, position_id)
        references tp.positions (user_id, opened_at, id),
    constraint orders_parent_fk
        foreign key (user_id, parent_order_created_at, parent_order_id)
        references tp.orders (user_id, created_at, id),
    constraint orders_environment_check check (environment in ('PAPER', 'TESTNET', 'PRODUCTION')),
    constraint orders_side_check check (side in ('LONG', 'SHORT')),
    constraint orders_type_check
        check (order_type in ('MARKET', 'LIMIT', 'STOP_MARKET', 'STOP_LIMIT', 'TRAILING_STOP')),
    constraint orders_working_type_check check (working_type in ('LAST', 'MARK')),
    constraint orders_margin_mode_check check (margin_mode in ('ISOLATED', 'CROSS')),
    constraint orders_position_mode_check check (position_mode in ('ONE_WAY', 'HEDGE')),
    constraint orders_time_in_force_check check (time_in_force in ('GTC', 'IOC', 'FOK', 'GTX')),
    constraint orders_status_check
        check (status in ('PENDING', 'PARTIALLY_FILLED', 'FILLED', 'CANCELLED', 'REJECTED', 'EXPIRED')),
    constraint orders_submit_state_check
        check (submit_state in ('NEW', 'SENT', 'ACKED', 'UNKNOWN', 'DENIED')),
    constraint orders_reject_reason_check check (status <> 'REJECTED' or reject_reason is not null),
    constraint orders_leverage_check check (leverage between 1 and 125),
    constraint orders_parent_check check (parent_order_id <> id),
    constraint orders_metadata_check check (jsonb_typeof(metadata) = 'object'),
    -- 'NaN'::numeric > 0 is true, hence the upper bounds
    constraint orders_numbers_check
        check (quantity > 0 and quantity < 'NaN'
               and filled_quantity >= 0 and filled_quantity <= quantity
               and callback_rate > 0 and callback_rate < 'NaN'
               and trail_distance > 0 and trail_distance < 'NaN'),
    constraint orders_prices_check
        check (price > 0 and price < 'NaN'
               and stop_price > 0 and stop_price < 'NaN'
               and avg_fill_price > 0 and avg_fill_price < 'NaN'
               and activation_price > 0 and activation_price < 'NaN'
               and stop_loss > 0 and stop_loss < 'NaN'
               and take_profit > 0 and take_profit < 'NaN'),
    constraint orders_type_fields_check
        check ((order_type not in ('LIMIT', 'STOP_LIMIT') or price is not null)
               and (order_type not in ('STOP_MARKET', 'STOP_LIMIT') or stop_price is not null)
               and (order_type <> 'TRAILING_STOP'
                    or ((callback_rate is null) <> (trail_distance is null)))),
    constraint orders_status_fields_check
        check ((status = 'FILLED') = (filled_at is not null)
               and (status <> 'CANCELLED' or cancelled_at is not null))
) partition by range (created_at);
create index idx_orders_user_symbol_exchange on tp.orders (user_id, symbol, exchange_id, created_at desc)
 where deleted_at is null;
create index idx_orders_status_time on tp.orders (status, created_at desc) where deleted_at is null;
create index idx_orders_pending on tp.orders (user_id, created_at desc)
 where deleted_at is null and status = 'PENDING';
create index orders_account_open_idx on tp.orders (account_id, symbol)
 where status in ('PENDING', 'PARTIALLY_FILLED');
create index idx_orders_deleted on tp.orders (deleted_at) where deleted_at is not null;
create index orders_position_idx on tp.orders (position_id) where position_id is not null;
create index orders_parent_idx on tp.orders (parent_order_id) where parent_order_id is not null;
create index orders_group_idx on tp.orders (group_id) where group_id is not null;
create index orders_bot_idx on tp.orders (bot_id, created_at) where bot_id is not null;

insert into tp.partition_policies (parent, step, premake, retention)
values ('tp.orders', '1 month', 12, null);

create trigger orders_touch
before update on tp.orders
   for each row
       execute function tp.touch_updated_at();

alter table tp.orders enable row level security;
create policy user_isolation on tp.orders
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.orders
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.orders
   for select
    to tp_readonly
 using (true);

create view tp.active_orders
  with (security_invoker = true)
    as
select id,
       created_at,
       user_id,
       account_id,
       environment,
       position_id,
       position_opened_at,
       parent_order_id,
       parent_order_created_at,
       group_id,
       bot_id,
       api_connection_id,
       exchange_id,
       symbol,
       side,
       reduce_only,
       order_type,
       quantity,
       filled_quantity,
       avg_fill_price,
       price,
       stop_price,
       working_type,
       callback_rate,
       trail_distance,
       activation_price,
       leverage,
       margin_mode,
       position_mode,
       time_in_force,
       expires_at,
       stop_loss,
       take_profit,
       status,
       submit_state,
       reject_reason,
       exchange_order_id,
       exchange_algo_id,
       metadata,
       updated_at,
       filled_at,
       cancelled_at,
       deleted_at
  from tp.orders
 where deleted_at is null;

grant select, insert, update on tp.orders to tp_app;
grant select, insert, update, delete on tp.orders to tp_service;
grant select on tp.orders to tp_readonly;
grant select on tp.active_orders to tp_app, tp_service;

comment on table tp.orders is 'Orders of every environment. Partitioned by created_at.';
comment on column tp.orders.id is
    'UUID version 7 whose time is created_at; also the client order id at the venue.';
comment on column tp.orders.created_at is
    'When the order was made, cut to milliseconds; the time inside the id.';
comment on column tp.orders.user_id is 'Owner.';
comment on column tp.orders.account_id is 'Account the order trades for.';
comment on column tp.orders.environment is 'PAPER, TESTNET or PRODUCTION, as the account.';
comment on column tp.orders.position_id is 'Position the order opens or changes; null until known.';
comment on column tp.orders.position_opened_at is 'Generated from position_id for the foreign key.';
comment on column tp.orders.parent_order_id is 'Order whose stop-loss or take-profit this one is.';
comment on column tp.orders.parent_order_created_at is
    'Generated from parent_order_id for the foreign key.';
comment on column tp.orders.group_id is
    'Orders of one group cancel each other: a fill of one ends the rest.';
comment on column tp.orders.bot_id is 'Bot that sent it; null: by hand.';
comment on column tp.orders.api_connection_id is
    'Keys it was sent with; null on paper or after they were deleted.';
comment on column tp.orders.exchange_id is 'The venue.';
comment on column tp.orders.symbol is 'The instrument.';
comment on column tp.orders.side is
    'LONG or SHORT: side of the position it is about. LONG with reduce_only sells.';
comment on column tp.orders.reduce_only is 'May only make the position smaller.';
comment on column tp.orders.order_type is
    'MARKET, LIMIT, STOP_MARKET, STOP_LIMIT or TRAILING_STOP.';
comment on column tp.orders.quantity is 'Wanted quantity in base currency.';
comment on column tp.orders.filled_quantity is 'Filled so far in base currency.';
comment on column tp.orders.avg_fill_price is 'Average price of the fills in quote currency.';
comment on column tp.orders.price is 'Limit price in quote currency; null for market orders.';
comment on column tp.orders.stop_price is 'Trigger price in quote currency.';
comment on column tp.orders.working_type is 'Price that triggers: LAST or MARK.';
comment on column tp.orders.callback_rate is
    'Trailing distance in percent of the best price; either this or trail_distance.';
comment on column tp.orders.trail_distance is
    'Trailing distance in quote currency; either this or callback_rate.';
comment on column tp.orders.activation_price is
    'Price in quote currency at which trailing begins; null: at once.';
comment on column tp.orders.leverage is 'Factor, 1 to 125.';
comment on column tp.orders.margin_mode is 'ISOLATED or CROSS.';
comment on column tp.orders.position_mode is 'ONE_WAY or HEDGE.';
comment on column tp.orders.time_in_force is 'GTC, IOC, FOK or GTX (post only).';
comment on column tp.orders.expires_at is
    'The order is cancelled when still open then; null: never.';
comment on column tp.orders.stop_loss is
    'Wish in quote currency: becomes a child order at the first fill.';
comment on column tp.orders.take_profit is
    'Wish in quote currency: becomes a child order at the first fill.';
comment on column tp.orders.status is
    'PENDING, PARTIALLY_FILLED, FILLED, CANCELLED, REJECTED or EXPIRED.';
comment on column tp.orders.submit_state is
    'How far it got to the venue: NEW, SENT, ACKED, UNKNOWN (counts as open exposure) or '
    'DENIED.';
comment on column tp.orders.reject_reason is
    'Why it was refused or expired; always there when REJECTED.';
comment on column tp.orders.exchange_order_id is 'The venue''s id of the order.';
comment on column tp.orders.exchange_algo_id is
    'The venue''s id of the conditional order that it was before its trigger.';
comment on column tp.orders.metadata is
    'Free-form notes, a JSON object; origin EXCHANGE marks an order we did not send.';
comment on column tp.orders.updated_at is 'Stamped by trigger at every change.';
comment on column tp.orders.filled_at is 'When it was filled whole; set exactly when FILLED.';
comment on column tp.orders.cancelled_at is 'When it was cancelled.';
comment on column tp.orders.deleted_at is 'Soft delete; null while live.';

comment on view tp.active_orders is
    'The rows of orders that are not soft-deleted, under the row security of the reader.';

reset role;
