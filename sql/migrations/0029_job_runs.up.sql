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

reset role;
