-- Phase 5. Risk limits and halts.
set local role tp_owner;

create table tp.risk_limits (
    id uuid not null default tp.uuid_v7(),
    user_id uuid not null,
    bot_id uuid,
    max_position_size numeric(20,8),
    max_leverage integer,
    max_daily_loss numeric(20,8),
    max_drawdown numeric(10,4),
    max_open_positions integer,
    max_order_size numeric(20,8),
    risk_rules jsonb not null default '{}',
    enabled boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    constraint risk_limits_pkey primary key (id),
    constraint risk_limits_user_fk foreign key (user_id) references tp.users (id),
    constraint risk_limits_bot_fk foreign key (user_id, bot_id) references tp.bots (user_id, id),
    constraint risk_limits_rules_check check (jsonb_typeof(risk_rules) = 'object'),
    constraint risk_limits_numbers_check
        check (max_position_size > 0 and max_position_size < 'NaN'
               and max_order_size > 0 and max_order_size < 'NaN'
               and max_daily_loss > 0 and max_daily_loss < 'NaN'
               and max_open_positions >= 0
               and max_leverage between 1 and 125
               and max_drawdown between 0 and 100)
);
-- one row of limits per user and one per bot
create unique index risk_limits_live_key on tp.risk_limits (user_id, bot_id) nulls not distinct
 where deleted_at is null;
create index risk_limits_bot_idx on tp.risk_limits (bot_id) where bot_id is not null;
create index idx_risk_limits_deleted on tp.risk_limits (deleted_at)
 where deleted_at is not null;

create table tp.risk_halts (
    id uuid not null default tp.uuid_v7(),
    user_id uuid not null,
    account_id uuid,
    bot_id uuid,
    environment varchar(20),
    reason varchar(255) not null,
    halted_by varchar(255) not null,
    halted_at timestamptz not null default now(),
    resumed_by varchar(255),
    resumed_at timestamptz,
    constraint risk_halts_pkey primary key (id),
    constraint risk_halts_user_fk foreign key (user_id) references tp.users (id),
    constraint risk_halts_account_fk foreign key (user_id, account_id) references tp.accounts (user_id, id),
    constraint risk_halts_bot_fk foreign key (user_id, bot_id) references tp.bots (user_id, id),
    constraint risk_halts_environment_check check (environment in ('PAPER', 'TESTNET', 'PRODUCTION')),
    constraint risk_halts_reason_check check (reason <> ''),
    constraint risk_halts_resumed_check
        check ((resumed_at is null) = (resumed_by is null) and resumed_at >= halted_at)
);
create unique index risk_halts_live_key on tp.risk_halts (user_id, account_id, bot_id, environment)
       nulls not distinct
 where resumed_at is null;
create index risk_halts_account_idx on tp.risk_halts (account_id) where account_id is not null;
create index risk_halts_bot_idx on tp.risk_halts (bot_id) where bot_id is not null;

create trigger risk_limits_touch
before update on tp.risk_limits
   for each row
       execute function tp.touch_updated_at();

alter table tp.risk_limits enable row level security;
create policy user_isolation on tp.risk_limits
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.risk_limits
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.risk_limits
   for select
    to tp_readonly
 using (true);

alter table tp.risk_halts enable row level security;
create policy user_isolation on tp.risk_halts
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.risk_halts
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.risk_halts
   for select
    to tp_readonly
 using (true);

create view tp.active_risk_limits
  with (security_invoker = true)
    as
select id,
       user_id,
       bot_id,
       max_position_size,
       max_leverage,
       max_daily_loss,
       max_drawdown,
       max_open_positions,
       max_order_size,
       risk_rules,
       enabled,
       created_at,
       updated_at,
       deleted_at
  from tp.risk_limits
 where deleted_at is null;

grant select, insert, update on tp.risk_limits, tp.risk_halts to tp_app;
grant select, insert, update, delete on tp.risk_limits, tp.risk_halts to tp_service;
grant select on tp.risk_limits, tp.risk_halts to tp_readonly;
grant select on tp.active_risk_limits to tp_app, tp_service;

comment on table tp.risk_limits is
    'Limits of a user (bot_id null) or of one bot; both hold, per account and environment. A '
    'null limit does not limit.';
comment on column tp.risk_limits.id is 'UUID version 7.';
comment on column tp.risk_limits.user_id is 'Owner.';
comment on column tp.risk_limits.bot_id is 'The bot; null: all of the user''s trading.';
comment on column tp.risk_limits.max_position_size is
    'Largest notional of a position in quote currency.';
comment on column tp.risk_limits.max_leverage is 'Largest leverage, 1 to 125.';
comment on column tp.risk_limits.max_daily_loss is
    'Largest loss since 00:00 UTC in quote currency, fees and funding included.';
comment on column tp.risk_limits.max_drawdown is
    'Largest fall below the highest daily equity, percent.';
comment on column tp.risk_limits.max_open_positions is 'Largest number of open positions.';
comment on column tp.risk_limits.max_order_size is
    'Largest notional of an order in quote currency.';
comment on column tp.risk_limits.risk_rules is 'Further rules, a JSON object.';
comment on column tp.risk_limits.enabled is 'False: the row is kept and not applied.';
comment on column tp.risk_limits.created_at is 'When the limits were set.';
comment on column tp.risk_limits.updated_at is 'Stamped by trigger at every change.';
comment on column tp.risk_limits.deleted_at is 'Soft delete; null while live.';

comment on table tp.risk_halts is
    'Stops on new orders: of a user, or of one account, bot or environment. Orders that only '
    'reduce still pass.';
comment on column tp.risk_halts.id is 'UUID version 7.';
comment on column tp.risk_halts.user_id is 'Owner.';
comment on column tp.risk_halts.account_id is 'Halted account; null: all.';
comment on column tp.risk_halts.bot_id is 'Halted bot; null: all.';
comment on column tp.risk_halts.environment is 'Halted environment; null: all.';
comment on column tp.risk_halts.reason is 'Why.';
comment on column tp.risk_halts.halted_by is 'Person or program that halted.';
comment on column tp.risk_halts.halted_at is 'When it began.';
comment on column tp.risk_halts.resumed_by is 'Person or program that ended it.';
comment on column tp.risk_halts.resumed_at is 'When it ended; null while it holds.';

comment on view tp.active_risk_limits is
    'The rows of risk_limits that are not soft-deleted, under the row security of the reader.';

reset role;
