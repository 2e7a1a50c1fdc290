-- Phase 5. What processes of one machine or key have used of a venue's request limits.
set local role tp_owner;

create table tp.rate_limit_state (
    id bigint generated always as identity,
    exchange_id integer not null,
    scope varchar(120) not null,
    user_id uuid,
    bucket varchar(64) not null,
    used bigint not null default 0,
    capacity bigint,
    window_start timestamptz,
    window_end timestamptz,
    banned_until timestamptz,
    updated_at timestamptz not null default now(),
    constraint rate_limit_state_pkey primary key (id),
    constraint rate_limit_state_scope_key unique nulls not distinct (exchange_id, scope, user_id, bucket),
    constraint rate_limit_state_exchange_fk foreign key (exchange_id) references tp.exchanges (id),
    constraint rate_limit_state_user_fk foreign key (user_id) references tp.users (id),
    constraint rate_limit_state_counts_check check (used >= 0 and capacity > 0),
    constraint rate_limit_state_window_check check (window_start <= window_end)
);

create trigger rate_limit_state_touch
before update on tp.rate_limit_state
   for each row
       execute function tp.touch_updated_at();

-- rows without a user belong to an address, which all users of the machine share
alter table tp.rate_limit_state enable row level security;
create policy user_isolation on tp.rate_limit_state
    to tp_app
 using (user_id is null or user_id = (select tp.app_user_id()))
  with check (user_id is null or user_id = (select tp.app_user_id()));
create policy service_all on tp.rate_limit_state
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.rate_limit_state
   for select
    to tp_readonly
 using (true);

grant select, insert, update on tp.rate_limit_state to tp_app;
grant select, insert, update, delete on tp.rate_limit_state to tp_service;
grant select on tp.rate_limit_state to tp_readonly;

comment on table tp.rate_limit_state is
    'What was used of a venue''s limits, shared by the processes of one address or key.';
comment on column tp.rate_limit_state.id is 'Running number.';
comment on column tp.rate_limit_state.exchange_id is 'The venue.';
comment on column tp.rate_limit_state.scope is 'ip:<address or host> or key:<connection>.';
comment on column tp.rate_limit_state.user_id is 'Owner of the key; null when the address counts.';
comment on column tp.rate_limit_state.bucket is 'Name of the limit as in exchanges.rate_limits.';
comment on column tp.rate_limit_state.used is 'Requests or weight used in the window.';
comment on column tp.rate_limit_state.capacity is
    'The limit, where the venue told another than we know.';
comment on column tp.rate_limit_state.window_start is 'Start of the window.';
comment on column tp.rate_limit_state.window_end is 'End of the window.';
comment on column tp.rate_limit_state.banned_until is 'No request before that; null: not banned.';
comment on column tp.rate_limit_state.updated_at is 'Stamped by trigger at every change.';

reset role;
