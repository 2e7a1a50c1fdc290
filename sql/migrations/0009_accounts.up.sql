-- Phase 2. Accounts: whose money, at which venue, in which environment. Orders, positions and trades
-- point here with venue and environment, so paper, testnet and production cannot mix.
set local role tp_owner;

create table tp.accounts (
    id uuid not null default tp.uuid_v7(),
    user_id uuid not null,
    exchange_id integer not null,
    environment varchar(20) not null,
    on_testnet boolean not null generated always as (environment = 'TESTNET') stored,
    currency varchar(20) not null,
    api_connection_id uuid,
    bot_id uuid,
    initial_balance numeric(20,8) not null default 0,
    cursor timestamptz,
    created_at timestamptz not null default now(),
    constraint accounts_pkey primary key (id),
    constraint accounts_tenant_key unique (user_id, id),
    constraint accounts_environment_key unique (user_id, id, environment),
    constraint accounts_venue_key unique (user_id, id, exchange_id, environment),
    constraint accounts_user_fk foreign key (user_id) references tp.users (id),
    constraint accounts_exchange_fk
        foreign key (exchange_id, on_testnet) references tp.exchanges (id, is_testnet),
    constraint accounts_api_connection_fk
        foreign key (user_id, api_connection_id, exchange_id, environment)
        references tp.api_connections (user_id, id, exchange_id, environment)
        on delete set null (api_connection_id),
    constraint accounts_environment_check check (environment in ('PAPER', 'TESTNET', 'PRODUCTION')),
    constraint accounts_paper_check check (environment <> 'PAPER' or api_connection_id is null),
    constraint accounts_balance_check check (initial_balance >= 0 and initial_balance < 'NaN')
);
create unique index accounts_api_connection_key on tp.accounts (api_connection_id, currency)
 where api_connection_id is not null;
create index accounts_bot_idx on tp.accounts (bot_id) where bot_id is not null;

alter table tp.accounts enable row level security;
create policy user_isolation on tp.accounts
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.accounts
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.accounts
   for select
    to tp_readonly
 using (true);

grant select, insert, update on tp.accounts to tp_app, tp_service;
grant select on tp.accounts to tp_readonly;

comment on table tp.accounts is
    'Where money is kept: one venue, one environment, one currency. Each paper bot has its '
    'own.';
comment on column tp.accounts.id is 'UUID version 7.';
comment on column tp.accounts.user_id is 'Owner.';
comment on column tp.accounts.exchange_id is 'The venue.';
comment on column tp.accounts.environment is
    'PAPER, TESTNET or PRODUCTION; TESTNET exactly at a test venue.';
comment on column tp.accounts.on_testnet is
    'Generated: environment is TESTNET; ties the row to a venue of that kind.';
comment on column tp.accounts.currency is 'What the ledger of the account is in.';
comment on column tp.accounts.api_connection_id is
    'Keys of the account at the venue; null on paper.';
comment on column tp.accounts.bot_id is 'The bot that alone trades the account; null: shared.';
comment on column tp.accounts.initial_balance is
    'Amount the account was opened with; its first DEPOSIT in the ledger says the same.';
comment on column tp.accounts.cursor is
    'Close time of the newest stored bar that resting paper orders have been matched against.';
comment on column tp.accounts.created_at is 'When the account was opened.';

reset role;
