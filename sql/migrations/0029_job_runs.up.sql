-- Phase 5. Repeated jobs: the name each one locks, and when it last succeeded.
set local role tp_owner;

create table tp.job_runs (
    id bigint generated always as identity,
    user_id uuid,
    lock_name varchar(255) not null,
    started_at timestamptz,
    finished_at timestamptz,
    last_success timestamptz,
    exit_code integer,
    message text,
    host varchar(255),
    pid integer,
    runs bigint not null default 0,
    failures bigint not null default 0,
    constraint job_runs_pkey primary key (id),
    constraint job_runs_lock_key unique nulls not distinct (user_id, lock_name),
    constraint job_runs_user_fk foreign key (user_id) references tp.users (id),
    constraint job_runs_lock_check check (lock_name <> ''),
    constraint job_runs_counts_check check (runs >= 0 and failures between 0 and runs)
);

alter table tp.job_runs enable row level security;
create policy user_isolation on tp.job_runs
    to tp_app
 using (user_id = (select tp.app_user_id()))
  with check (user_id = (select tp.app_user_id()));
create policy service_all on tp.job_runs
    to tp_service
 using (true)
  with check (true);
create policy readonly_all on tp.job_runs
   for select
    to tp_readonly
 using (true);

grant select, insert, update on tp.job_runs to tp_app;
grant select, insert, update, delete on tp.job_runs to tp_service;
grant select on tp.job_runs to tp_readonly;

comment on table tp.job_runs is
    'Repeated jobs: the name each one locks, and how its last run ended.';
comment on column tp.job_runs.id is 'Running number.';
comment on column tp.job_runs.user_id is 'User the job works for; null: the platform.';
comment on column tp.job_runs.lock_name is
    'What the job locks while it runs, such as cleanup or a bot''s id.';
comment on column tp.job_runs.started_at is 'Start of the last run.';
comment on column tp.job_runs.finished_at is
    'End of the last run; null while it runs or when it died.';
comment on column tp.job_runs.last_success is 'End of the last run that ended with exit code 0.';
comment on column tp.job_runs.exit_code is 'Exit code of the last run.';
comment on column tp.job_runs.message is 'Last message of that run without secrets.';
comment on column tp.job_runs.host is 'Machine of the last run.';
comment on column tp.job_runs.pid is 'Process of the last run.';
comment on column tp.job_runs.runs is 'Runs so far.';
comment on column tp.job_runs.failures is 'Runs that ended with another exit code than 0.';

reset role;
