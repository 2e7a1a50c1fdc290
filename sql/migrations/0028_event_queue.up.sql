-- Phase 5. The event queue. An event is open while processed_at is null; status stands in no index, so
-- that claiming an event is a heap-only update.
set local role tp_owner;

create table tp.event_queue (
    id bigint generated always as identity,
    event_id uuid not null default tp.uuid_v7(),
    event_type varchar(64) not null,
    user_id uuid,
    payload jsonb not null default '{}',
    status varchar(20) not null default 'PENDING',
    ordering_key text,
    retry_count integer not null default 0,
    max_attempts integer not null default 10,
    available_at timestamptz not null default now(),
    lease_until timestamptz,
    lease_token uuid,
    last_error text,
    created_at timestamptz not null default now(),
    processed_at timestamptz,
    expires_at timestamptz,
    constraint event_queue_pkey primary key (id),
    constraint event_queue_event_id_key unique (event_id),
    constraint event_queue_user_fk foreign key (user_id) references tp.users (id),
    constraint event_queue_type_check check (event_type <> ''),
    constraint event_queue_status_check check (status in ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED')),
    constraint event_queue_attempts_check check (retry_count >= 0 and max_attempts > 0),
    constraint event_queue_lease_check
        check ((status = 'PROCESSING') = (lease_token is not null)
               and (lease_token is null) = (lease_until is null)),
    constraint event_queue_done_check
        check ((status in ('COMPLETED', 'FAILED')) = (processed_at is not null))
)
with (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_threshold = 500,
    autovacuum_analyze_scale_factor = 0.05
);
create index event_queue_open_idx on tp.event_queue (available_at, id) where processed_at is null;
create index event_queue_ordering_idx on tp.event_queue (ordering_key, id)
 where processed_at is null and ordering_key is not null;

create table tp.processed_events (
    event_id uuid not null,
    consumer varchar(64) not null,
    processed_at timestamptz not null default now(),
    constraint processed_events_pkey primary key (event_id, consumer),
    constraint processed_events_consumer_check check (consumer <> '')
);
create index processed_events_time_idx on tp.processed_events (processed_at);

-- tp_app may add events of its user and see nothing
alter table tp.event_queue enable row level security;
create policy app_enqueue on tp.event_queue
   for insert
    to tp_app
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.event_queue
    to tp_service
 using (true)
  with check (true);

grant insert on tp.event_queue to tp_app;
grant select, insert, update, delete on tp.event_queue, tp.processed_events to tp_service;

comment on table tp.event_queue is
    'Events between programs, delivered at least once. An event is open while processed_at is '
    'null.';
comment on column tp.event_queue.id is 'Running number; not in order of commit.';
comment on column tp.event_queue.event_id is
    'UUID given by the producer; a second event with it is dropped.';
comment on column tp.event_queue.event_type is 'Word the consumers choose by.';
comment on column tp.event_queue.user_id is 'User it is about; null: none.';
comment on column tp.event_queue.payload is 'What happened.';
comment on column tp.event_queue.status is
    'PENDING, PROCESSING (leased), COMPLETED or FAILED (dead letter).';
comment on column tp.event_queue.ordering_key is
    'Events of one key are handled one after the other; null: in any order.';
comment on column tp.event_queue.retry_count is 'Attempts begun, counted when claimed.';
comment on column tp.event_queue.max_attempts is 'After so many attempts the event is FAILED.';
comment on column tp.event_queue.available_at is 'Not claimed before that; backoff moves it.';
comment on column tp.event_queue.lease_until is 'A lease past this may be taken over.';
comment on column tp.event_queue.lease_token is 'Who holds the lease; acknowledging needs it.';
comment on column tp.event_queue.last_error is
    'Last failure, cut to 2,000 characters and without secrets.';
comment on column tp.event_queue.created_at is 'When it was queued.';
comment on column tp.event_queue.processed_at is 'When it was COMPLETED or FAILED.';
comment on column tp.event_queue.expires_at is 'Unclaimed then, it becomes FAILED; null: never.';

comment on table tp.processed_events is
    'Which consumer has handled which event, written in the consumer''s own transaction.';
comment on column tp.processed_events.event_id is 'The event.';
comment on column tp.processed_events.consumer is 'Name of the consumer.';
comment on column tp.processed_events.processed_at is 'When it was handled.';

reset role;
