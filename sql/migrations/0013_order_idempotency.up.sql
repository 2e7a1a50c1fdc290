-- Phase 2. Keys under which a user already asked for an order: asking again answers with that order.
set local role tp_owner;

create table tp.order_idempotency (
    user_id uuid not null,
    key varchar(255) not null,
    order_id uuid not null,
    order_created_at timestamptz not null generated always as (tp.uuid_v7_time(order_id)) stored,
    body_sha256 varchar(64) not null,
    created_at timestamptz not null default now(),
    constraint order_idempotency_pkey primary key (user_id, key),
    -- deferred: the key is claimed before its order is inserted
    constraint order_idempotency_order_fk
        foreign key (user_id, order_created_at, order_id)
        references tp.orders (user_id, created_at, id)
        deferrable initially deferred,
    constraint order_idempotency_key_check check (key <> ''),
    constraint order_idempotency_sha256_check check (body_sha256 ~ '^[0-9a-f]{64}$')
);
create index order_idempotency_order_idx on tp.order_idempotency (order_id);

alter table tp.order_idempotency enable row level security;
create policy user_isolation on tp.order_idempotency
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.order_idempotency
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.order_idempotency
   for select
    to tp_readonly
 using (true);

grant select, insert on tp.order_idempotency to tp_app;
grant select, insert, delete on tp.order_idempotency to tp_service;
grant select on tp.order_idempotency to tp_readonly;

comment on table tp.order_idempotency is
    'Keys under which orders were asked for: the same key answers with the same order.';
comment on column tp.order_idempotency.user_id is 'Owner.';
comment on column tp.order_idempotency.key is 'What the caller gave.';
comment on column tp.order_idempotency.order_id is 'The order made under the key.';
comment on column tp.order_idempotency.order_created_at is
    'Generated from order_id for the foreign key.';
comment on column tp.order_idempotency.body_sha256 is
    'SHA-256 in hex of the order''s fields; another body under the same key is refused.';
comment on column tp.order_idempotency.created_at is 'When the key was first used.';

reset role;
