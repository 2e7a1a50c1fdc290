-- Phase 3. Bots and what a bot remembers between bars.
set local role tp_owner;

create table tp.bots (
    id uuid not null default tp.uuid_v7(),
    user_id uuid not null,
    strategy_id uuid not null,
    account_id uuid,
    environment varchar(20) not null default 'PAPER',
    name varchar(255) not null,
    status varchar(20) not null default 'stopped',
    config jsonb not null default '{}',
    performance_stats jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    last_run_at timestamptz,
    deleted_at timestamptz,
    constraint bots_pkey primary key (id),
    constraint bots_tenant_key unique (user_id, id),
    constraint bots_user_fk foreign key (user_id) references tp.users (id),
    constraint bots_strategy_fk foreign key (strategy_id) references tp.strategies (id),
    constraint bots_account_fk
        foreign key (user_id, account_id, environment)
        references tp.accounts (user_id, id, environment),
    constraint bots_name_check check (name <> ''),
    constraint bots_environment_check check (environment in ('PAPER', 'TESTNET', 'PRODUCTION')),
    constraint bots_status_check check (status in ('running', 'stopped', 'error', 'paused')),
    constraint bots_config_check check (jsonb_typeof(config) = 'object'),
    constraint bots_deleted_not_running check (deleted_at is null or status <> 'running')
);
create index idx_bots_active on tp.bots (user_id, last_run_at desc)
 where deleted_at is null and status in ('running', 'paused');
create index idx_bots_deleted on tp.bots (deleted_at) where deleted_at is not null;
create index bots_strategy_idx on tp.bots (strategy_id);
create index bots_account_idx on tp.bots (account_id) where account_id is not null;
create index bots_status_idx on tp.bots (status, last_run_at) where deleted_at is null;

create table tp.bot_state (
    bot_id uuid not null,
    user_id uuid not null,
    cursor timestamptz,
    strategy_state jsonb not null default '{}',
    engine_version integer,
    updated_at timestamptz not null default now(),
    constraint bot_state_pkey primary key (bot_id),
    constraint bot_state_bot_fk foreign key (user_id, bot_id) references tp.bots (user_id, id)
);

create trigger bots_strategy_visible
before insert or update of strategy_id, user_id on tp.bots
   for each row
       execute function tp.check_strategy_visible();

create trigger bots_touch
before update on tp.bots
   for each row
       execute function tp.touch_updated_at();

create trigger bot_state_touch
before update on tp.bot_state
   for each row
       execute function tp.touch_updated_at();

alter table tp.bots enable row level security;
create policy user_isolation on tp.bots
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.bots
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.bots
   for select
    to tp_readonly
 using (true);

alter table tp.bot_state enable row level security;
create policy user_isolation on tp.bot_state
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.bot_state
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.bot_state
   for select
    to tp_readonly
 using (true);

create view tp.active_bots
  with (security_invoker = true)
    as
select id,
       user_id,
       strategy_id,
       account_id,
       environment,
       name,
       status,
       config,
       performance_stats,
       created_at,
       updated_at,
       last_run_at,
       deleted_at
  from tp.bots
 where deleted_at is null;

grant select, insert, update on tp.bots, tp.bot_state to tp_app;
grant select, insert, update, delete on tp.bots, tp.bot_state to tp_service;
grant select on tp.bots, tp.bot_state to tp_readonly;
grant select on tp.active_bots to tp_app, tp_service;

comment on table tp.bots is 'A strategy at work on an account.';
comment on column tp.bots.id is 'UUID version 7.';
comment on column tp.bots.user_id is 'Owner.';
comment on column tp.bots.strategy_id is 'The strategy, the owner''s own or a public one.';
comment on column tp.bots.account_id is 'Account it trades; null until it was given one.';
comment on column tp.bots.environment is 'PAPER, TESTNET or PRODUCTION, as the account.';
comment on column tp.bots.name is 'Name for display.';
comment on column tp.bots.status is 'running, stopped, error or paused.';
comment on column tp.bots.config is 'Symbols, interval, parameters and sizes, a JSON object.';
comment on column tp.bots.performance_stats is
    'Cache of bot_performance for display; never read for decisions.';
comment on column tp.bots.created_at is 'When it was made.';
comment on column tp.bots.updated_at is 'Stamped by trigger at every change.';
comment on column tp.bots.last_run_at is 'Last tick.';
comment on column tp.bots.deleted_at is
    'Soft delete; null while live; a running bot cannot be deleted.';

comment on table tp.bot_state is 'What a bot remembers between bars.';
comment on column tp.bot_state.bot_id is 'The bot.';
comment on column tp.bot_state.user_id is 'Owner.';
comment on column tp.bot_state.cursor is
    'Close time of the newest bar that was handled; null before the first.';
comment on column tp.bot_state.strategy_state is
    'State of the strategy after that bar, a JSON object.';
comment on column tp.bot_state.engine_version is
    'Engine that wrote the state; another one rebuilds it.';
comment on column tp.bot_state.updated_at is 'Stamped by trigger at every change.';

comment on view tp.active_bots is
    'The rows of bots that are not soft-deleted, under the row security of the reader.';

reset role;
