-- Phase 5. Retention: what must not be deleted, and the journal of what was.
set local role tp_owner;

create table tp.legal_holds (
    id uuid not null default tp.uuid_v7(),
    scope_table varchar(63),
    scope_predicate text,
    user_id uuid,
    reason text not null,
    placed_by varchar(255) not null,
    placed_at timestamptz not null default now(),
    released_by varchar(255),
    released_at timestamptz,
    constraint legal_holds_pkey primary key (id),
    constraint legal_holds_user_fk foreign key (user_id) references tp.users (id),
    constraint legal_holds_scope_check
        check ((scope_table is not null or user_id is not null)
               and (scope_predicate is null or scope_table is not null)),
    constraint legal_holds_reason_check check (reason <> ''),
    constraint legal_holds_released_check
        check ((released_at is null) = (released_by is null) and released_at >= placed_at)
);
create index legal_holds_live_idx on tp.legal_holds (scope_table, user_id) where released_at is null;

create table tp.cleanup_runs (
    id uuid not null default tp.uuid_v7(),
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    status varchar(10) not null default 'RUNNING',
    complete boolean not null default false,
    policy_sha256 varchar(64) not null,
    plan_sha256 varchar(64),
    dry_run boolean not null default false,
    host varchar(255),
    pid integer,
    rows_deleted bigint not null default 0,
    bytes_freed bigint not null default 0,
    error text,
    constraint cleanup_runs_pkey primary key (id),
    constraint cleanup_runs_status_check check (status in ('RUNNING', 'DONE', 'FAILED')),
    constraint cleanup_runs_finished_check check ((status = 'RUNNING') = (finished_at is null)),
    constraint cleanup_runs_sha256_check
        check (policy_sha256 ~ '^[0-9a-f]{64}$' and (plan_sha256 is null or plan_sha256 ~ '^[0-9a-f]{64}$')),
    constraint cleanup_runs_counts_check check (rows_deleted >= 0 and bytes_freed >= 0)
);
create index cleanup_runs_started_idx on tp.cleanup_runs (started_at desc);

create table tp.cleanup_steps (
    run_id uuid not null,
    step integer not null,
    object text not null,
    action varchar(20) not null,
    phase varchar(10) not null default 'PLANNED',
    range_start timestamptz,
    range_end timestamptz,
    started_at timestamptz,
    finished_at timestamptz,
    row_count bigint,
    bytes bigint,
    archive_uri text,
    archive_sha256 varchar(64),
    checksum numeric,
    error text,
    constraint cleanup_steps_pkey primary key (run_id, step),
    constraint cleanup_steps_run_fk
        foreign key (run_id) references tp.cleanup_runs (id)
        on delete cascade,
    constraint cleanup_steps_action_check
        check (action in ('DROP_PARTITION', 'DELETE', 'ANONYMISE', 'EXPIRE')),
    constraint cleanup_steps_phase_check
        check (phase in ('PLANNED', 'ARCHIVED', 'VERIFIED', 'DETACHED', 'TRUNCATED', 'DROPPED', 'DELETED',
                         'DONE', 'SKIPPED', 'FAILED')),
    constraint cleanup_steps_sha256_check check (archive_sha256 ~ '^[0-9a-f]{64}$'),
    constraint cleanup_steps_counts_check check (row_count >= 0 and bytes >= 0 and checksum < 'NaN')
);
create index cleanup_steps_object_idx on tp.cleanup_steps (object, phase);

-- a hold is about a user but not for the user's eyes
alter table tp.legal_holds enable row level security;
create policy service_all on tp.legal_holds
    to tp_service
 using (true)
  with check (true);

grant select, insert, update on tp.legal_holds to tp_service;
grant select, insert, update, delete on tp.cleanup_runs, tp.cleanup_steps to tp_service;
grant select on tp.cleanup_runs, tp.cleanup_steps to tp_readonly;

reset role;
