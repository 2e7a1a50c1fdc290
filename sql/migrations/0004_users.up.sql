-- Phase 1. People, the logins bound to them, and the acting user of row security.
set local role tp_owner;

create table tp.users (
    id uuid not null default tp.uuid_v7(),
    email varchar(255) not null,
    password_hash varchar(255) not null,
    full_name varchar(255),
    timezone varchar(64) not null default 'UTC',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    last_login timestamptz,
    is_active boolean not null default true,
    preferences jsonb not null default '{}',
    deleted_at timestamptz,
    erased_at timestamptz,
    constraint users_pkey primary key (id),
    constraint users_preferences_check check (jsonb_typeof(preferences) = 'object'),
    constraint users_erased_check check (erased_at is null or deleted_at is not null)
);
create unique index users_email_live_key on tp.users (lower(email)) where deleted_at is null;
create index users_created_at_idx on tp.users (created_at);
create index idx_users_deleted on tp.users (deleted_at) where deleted_at is not null;

create table tp.login_users (
    login name not null,
    user_id uuid not null,
    created_at timestamptz not null default now(),
    constraint login_users_pkey primary key (login),
    constraint login_users_user_fk foreign key (user_id) references tp.users (id)
);
create index login_users_user_idx on tp.login_users (user_id);

-- A bound login cannot act for anybody else, whatever it sets. Unbound logins: null when the setting
-- is unset, and null (not an error) for the '' that it becomes after "set local" has ended.
create function tp.app_user_id()
returns uuid
language plpgsql
stable
parallel safe
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce((select l.user_id
                       from tp.login_users l
                      where l.login = session_user),
                    nullif(current_setting('app.user_id', true), '')::uuid);
end
$$;

create trigger users_touch
before update on tp.users
   for each row
       execute function tp.touch_updated_at();

alter table tp.users enable row level security;
create policy user_isolation on tp.users
    to tp_app
 using (id = (select tp.app_user_id()))
  with check (id = (select tp.app_user_id()));
create policy service_all on tp.users
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.users
   for select
    to tp_readonly
 using (true);

alter table tp.login_users enable row level security;
create policy user_isolation on tp.login_users
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.login_users
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.login_users
   for select
    to tp_readonly
 using (true);

create view tp.active_users
  with (security_invoker = true)
    as
select id,
       email,
       password_hash,
       full_name,
       timezone,
       created_at,
       updated_at,
       last_login,
       is_active,
       preferences,
       deleted_at,
       erased_at
  from tp.users
 where deleted_at is null;

grant select, update on tp.users to tp_app;
grant select, insert, update, delete on tp.users to tp_service;
grant select (id, timezone, created_at, last_login, is_active, deleted_at, erased_at)
   on tp.users
   to tp_readonly;
grant select on tp.login_users to tp_app, tp_readonly;
grant select, insert, update, delete on tp.login_users to tp_service;
grant select on tp.active_users to tp_app, tp_service;

comment on table tp.users is
    'People who own strategies, bots, accounts and books. Soft-deleted, never removed; erased '
    'on request.';
comment on column tp.users.id is 'UUID version 7.';
comment on column tp.users.email is
    'Address the user is found by; unique among live users without regard to case.';
comment on column tp.users.password_hash is 'bcrypt hash; "!" matches no password.';
comment on column tp.users.full_name is 'Name for display.';
comment on column tp.users.timezone is
    'IANA name of the zone for display and quiet hours; stored times are UTC.';
comment on column tp.users.created_at is 'When the user was added.';
comment on column tp.users.updated_at is 'Stamped by trigger at every change.';
comment on column tp.users.last_login is 'Last successful check of the password.';
comment on column tp.users.is_active is 'False: no program acts for the user.';
comment on column tp.users.preferences is 'Free-form settings, a JSON object.';
comment on column tp.users.deleted_at is
    'Soft delete; null while live. Children deleted in the same call carry the same time.';
comment on column tp.users.erased_at is
    'When everything naming the person was emptied; cannot be undone.';

comment on table tp.login_users is
    'Database logins bound to one user: such a login acts for that user whatever it sets.';
comment on column tp.login_users.login is
    'Name of a role that logs in, compared with session_user.';
comment on column tp.login_users.user_id is 'The user the login acts for.';
comment on column tp.login_users.created_at is 'When it was bound.';

comment on function tp.app_user_id() is
    'The acting user of row security: the user bound to the login in login_users, else the '
    'setting app.user_id, else null (sees nothing).';

comment on view tp.active_users is
    'The rows of users that are not soft-deleted, under the row security of the reader.';

reset role;
