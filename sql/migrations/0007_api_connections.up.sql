-- Phase 1. Keys of a user at a venue. What is secret is a Fernet token and never plain text.
set local role tp_owner;

create table tp.api_connections (
    id uuid not null default tp.uuid_v7(),
    user_id uuid not null,
    exchange_id integer not null,
    environment varchar(20) not null,
    on_testnet boolean not null generated always as (environment = 'TESTNET') stored,
    api_key_encrypted text not null,
    api_secret_encrypted text not null,
    passphrase_encrypted text,
    status varchar(20) not null default 'INACTIVE',
    permissions jsonb not null default '["READ"]',
    default_leverage integer not null default 1,
    last_tested_at timestamptz,
    last_test_result jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    constraint api_connections_pkey primary key (id),
    constraint api_connections_tenant_key unique (user_id, id),
    constraint api_connections_environment_key unique (user_id, id, exchange_id, environment),
    constraint api_connections_user_fk foreign key (user_id) references tp.users (id),
    constraint api_connections_exchange_fk
        foreign key (exchange_id, on_testnet) references tp.exchanges (id, is_testnet),
    constraint api_connections_environment_check check (environment in ('TESTNET', 'PRODUCTION')),
    constraint api_connections_status_check check (status in ('ACTIVE', 'INACTIVE', 'ERROR', 'EXPIRED')),
    constraint api_connections_leverage_check check (default_leverage between 1 and 125),
    constraint api_connections_permissions_check check (jsonb_typeof(permissions) = 'array'),
    -- a Fernet token starts with 0x80 and a 64-bit time: plain text cannot be stored by mistake
    constraint api_connections_encrypted_check
        check (api_key_encrypted like 'gAAAAA%'
               and api_secret_encrypted like 'gAAAAA%'
               and (passphrase_encrypted is null or passphrase_encrypted like 'gAAAAA%'))
);
create index api_connections_user_idx on tp.api_connections (user_id, exchange_id);
create index idx_api_connections_deleted on tp.api_connections (deleted_at)
 where deleted_at is not null;

create trigger api_connections_touch
before update on tp.api_connections
   for each row
       execute function tp.touch_updated_at();

alter table tp.api_connections enable row level security;
create policy user_isolation on tp.api_connections
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.api_connections
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.api_connections
   for select
    to tp_readonly
 using (true);

create view tp.active_api_connections
  with (security_invoker = true)
    as
select id,
       user_id,
       exchange_id,
       environment,
       on_testnet,
       api_key_encrypted,
       api_secret_encrypted,
       passphrase_encrypted,
       status,
       permissions,
       default_leverage,
       last_tested_at,
       last_test_result,
       created_at,
       updated_at,
       deleted_at
  from tp.api_connections
 where deleted_at is null;

grant select, insert, update on tp.api_connections to tp_app;
grant select, insert, update, delete on tp.api_connections to tp_service;
grant select (id, user_id, exchange_id, environment, status, permissions, default_leverage, last_tested_at,
              created_at, updated_at, deleted_at)
   on tp.api_connections
   to tp_readonly;
grant select on tp.active_api_connections to tp_app, tp_service;

comment on table tp.api_connections is
    'A user''s keys at a venue. Key, secret and passphrase are Fernet tokens.';
comment on column tp.api_connections.id is 'UUID version 7.';
comment on column tp.api_connections.user_id is 'Owner.';
comment on column tp.api_connections.exchange_id is 'The venue.';
comment on column tp.api_connections.environment is
    'TESTNET or PRODUCTION; TESTNET exactly at a test venue.';
comment on column tp.api_connections.on_testnet is
    'Generated: environment is TESTNET; ties the row to a venue of that kind.';
comment on column tp.api_connections.api_key_encrypted is 'API key, Fernet token.';
comment on column tp.api_connections.api_secret_encrypted is 'API secret, Fernet token.';
comment on column tp.api_connections.passphrase_encrypted is
    'Passphrase where the venue has one, Fernet token.';
comment on column tp.api_connections.status is 'ACTIVE, INACTIVE, ERROR or EXPIRED.';
comment on column tp.api_connections.permissions is
    'What the key may do, a JSON array of words such as READ and TRADE.';
comment on column tp.api_connections.default_leverage is
    'Leverage of new positions where nothing else says, 1 to 125.';
comment on column tp.api_connections.last_tested_at is 'Last trial of the key at the venue.';
comment on column tp.api_connections.last_test_result is 'What the trial found, without secrets.';
comment on column tp.api_connections.created_at is 'When the connection was added.';
comment on column tp.api_connections.updated_at is 'Stamped by trigger at every change.';
comment on column tp.api_connections.deleted_at is 'Soft delete; null while live.';

comment on view tp.active_api_connections is
    'The rows of api_connections that are not soft-deleted, under the row security of the '
    'reader.';

reset role;
