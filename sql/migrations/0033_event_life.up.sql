-- Phase 5. What the event queue must remember beyond one attempt: how often a worker died over an event
-- without a word, and which keys a dead event holds.
set local role tp_owner;

alter table tp.event_queue
    add column silent_deaths smallint not null default 0,
    add constraint event_queue_deaths_check check (silent_deaths >= 0);

create table tp.event_holds (
    ordering_key text not null,
    id bigint not null,
    held_at timestamptz not null default now(),
    constraint event_holds_pkey primary key (ordering_key)
);

grant select, insert, update, delete on tp.event_holds to tp_service;

comment on column tp.event_queue.silent_deaths is
    'Leases in a row that ran out without a word of the worker; at the third the event is FAILED.';

comment on table tp.event_holds is
    'Keys whose events wait, because one of them has FAILED: until it is replayed or dropped.';
comment on column tp.event_holds.ordering_key is 'The key.';
comment on column tp.event_holds.id is 'The FAILED event that holds it.';
comment on column tp.event_holds.held_at is 'Since when.';

reset role;
