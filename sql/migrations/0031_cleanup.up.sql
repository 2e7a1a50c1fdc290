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

comment on table tp.legal_holds is
    'What must not be deleted. tp-cleanup skips held rows and the partitions that hold them; '
    'a held user is not erased.';
comment on column tp.legal_holds.id is 'UUID version 7.';
comment on column tp.legal_holds.scope_table is 'Table held; null: everything of the user.';
comment on column tp.legal_holds.scope_predicate is
    'SQL condition on scope_table; null: the whole table.';
comment on column tp.legal_holds.user_id is 'User held; null: all.';
comment on column tp.legal_holds.reason is 'Why.';
comment on column tp.legal_holds.placed_by is 'Who placed it.';
comment on column tp.legal_holds.placed_at is 'When.';
comment on column tp.legal_holds.released_by is 'Who released it.';
comment on column tp.legal_holds.released_at is 'When; null while it holds.';

comment on table tp.cleanup_runs is 'Journal of retention: one row per run.';
comment on column tp.cleanup_runs.id is 'UUID version 7.';
comment on column tp.cleanup_runs.started_at is 'Start.';
comment on column tp.cleanup_runs.finished_at is 'End; null while RUNNING.';
comment on column tp.cleanup_runs.status is 'RUNNING, DONE or FAILED.';
comment on column tp.cleanup_runs.complete is
    'False when the run stopped early, as by --max-runtime.';
comment on column tp.cleanup_runs.policy_sha256 is 'SHA-256 in hex of the policy it worked by.';
comment on column tp.cleanup_runs.plan_sha256 is
    'SHA-256 in hex of the plan it was given; null: none.';
comment on column tp.cleanup_runs.dry_run is 'Nothing was changed.';
comment on column tp.cleanup_runs.host is 'Machine.';
comment on column tp.cleanup_runs.pid is 'Process.';
comment on column tp.cleanup_runs.rows_deleted is 'Rows deleted.';
comment on column tp.cleanup_runs.bytes_freed is 'Bytes freed on disk.';
comment on column tp.cleanup_runs.error is 'What ended it, without secrets.';

comment on table tp.cleanup_steps is
    'Journal of retention: one row per partition or batch of a run.';
comment on column tp.cleanup_steps.run_id is 'The run.';
comment on column tp.cleanup_steps.step is 'Number inside the run, from 1.';
comment on column tp.cleanup_steps.object is 'Partition or table.';
comment on column tp.cleanup_steps.action is 'DROP_PARTITION, DELETE, ANONYMISE or EXPIRE.';
comment on column tp.cleanup_steps.phase is
    'How far it got: PLANNED, ARCHIVED, VERIFIED, DETACHED, TRUNCATED, DROPPED, DELETED, '
    'DONE, SKIPPED or FAILED.';
comment on column tp.cleanup_steps.range_start is 'First moment of the rows.';
comment on column tp.cleanup_steps.range_end is 'End of the rows, not part of them.';
comment on column tp.cleanup_steps.started_at is 'Start of the step.';
comment on column tp.cleanup_steps.finished_at is 'End of the step.';
comment on column tp.cleanup_steps.row_count is 'Rows archived or deleted.';
comment on column tp.cleanup_steps.bytes is 'Bytes on disk.';
comment on column tp.cleanup_steps.archive_uri is 'Where the archive is.';
comment on column tp.cleanup_steps.archive_sha256 is 'SHA-256 in hex of the archive.';
comment on column tp.cleanup_steps.checksum is
    'Sum of the hashes of all rows, independent of their order; compared after reading the '
    'archive back.';
comment on column tp.cleanup_steps.error is 'What went wrong or blocked it.';

reset role;
