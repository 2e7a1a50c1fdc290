-- Phase 1. Other databases that a user wants to reach.
set local role tp_owner;

create table tp.database_configs (
    id uuid not null default tp.uuid_v7(),
    user_id uuid not null,
    name varchar(255) not null,
    db_type varchar(20) not null,
    host varchar(255) not null,
    port integer not null,
    db_name varchar(255) not null,
    db_user varchar(255) not null,
    password_encrypted text not null,
    ssl_config jsonb,
    status varchar(20) not null default 'INACTIVE',
    last_tested_at timestamptz,
    last_test_result jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    constraint database_configs_pkey primary key (id),
    constraint database_configs_user_fk foreign key (user_id) references tp.users (id),
    constraint database_configs_type_check check (db_type in ('POSTGRESQL', 'MYSQL', 'MONGODB')),
    constraint database_configs_port_check check (port between 1 and 65535),
    constraint database_configs_status_check check (status in ('ACTIVE', 'INACTIVE', 'ERROR')),
    constraint database_configs_encrypted_check check (password_encrypted like 'gAAAAA%')
);
create unique index database_configs_name_live_key on tp.database_configs (user_id, name)
 where deleted_at is null;
create index idx_database_configs_deleted on tp.database_configs (deleted_at)
 where deleted_at is not null;

create trigger database_configs_touch
before update on tp.database_configs
   for each row
       execute function tp.touch_updated_at();

alter table tp.database_configs enable row level security;
create policy user_isolation on tp.database_configs
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.database_configs
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.database_configs
   for select
    to tp_readonly
 using (true);

create view tp.active_database_configs
  with (security_invoker = true)
    as
select id,
       user_id,
       name,
       db_type,
       host,
       port,
       db_name,
       db_user,
       password_encrypted,
       ssl_config,
       status,
       last_tested_at,
       last_test_result,
       created_at,
       updated_at,
       deleted_at
  from tp.database_configs
 where deleted_at is null;

grant select, insert, update on tp.database_configs to tp_app;
grant select, insert, update, delete on tp.database_configs to tp_service;
grant select (id, user_id, name, db_type, status, last_tested_at, created_at, updated_at, deleted_at)
   on tp.database_configs
   to tp_readonly;
grant select on tp.active_database_configs to tp_app, tp_service;

comment on table tp.database_configs is 'Other databases a user wants to reach.';
comment on column tp.database_configs.id is 'UUID version 7.';
comment on column tp.database_configs.user_id is 'Owner.';
comment on column tp.database_configs.name is
    'Name the user gave; unique among the user''s live rows.';
comment on column tp.database_configs.db_type is 'POSTGRESQL, MYSQL or MONGODB.';
comment on column tp.database_configs.host is 'Host name or address.';
comment on column tp.database_configs.port is 'TCP port, 1 to 65535.';
comment on column tp.database_configs.db_name is
    'Name of the database ("database" in the data model).';
comment on column tp.database_configs.db_user is
    'Login there ("user" in the data model, a reserved word that answers with the session''s '
    'role).';
comment on column tp.database_configs.password_encrypted is 'Password, Fernet token.';
comment on column tp.database_configs.ssl_config is 'TLS settings, a JSON object.';
comment on column tp.database_configs.status is 'ACTIVE, INACTIVE or ERROR.';
comment on column tp.database_configs.last_tested_at is 'Last trial of the connection.';
comment on column tp.database_configs.last_test_result is 'What the trial found, without secrets.';
comment on column tp.database_configs.created_at is 'When the row was added.';
comment on column tp.database_configs.updated_at is 'Stamped by trigger at every change.';
comment on column tp.database_configs.deleted_at is 'Soft delete; null while live.';

comment on view tp.active_database_configs is
    'The rows of database_configs that are not soft-deleted, under the row security of the '
    'reader.';

reset role;
