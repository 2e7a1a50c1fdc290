-- name: job_lock (uuid, text)
-- The lock of a user's job (null: the platform's); it goes with the connection.
select pg_try_advisory_lock(hashtextextended(concat_ws(' ', 'job', $1::uuid, $2::text), 0)) as locked;

-- name: job_unlock (uuid, text)
select pg_advisory_unlock(hashtextextended(concat_ws(' ', 'job', $1::uuid, $2::text), 0)) as unlocked;

-- name: job_begin (uuid, text, text, integer)
-- User, name, machine, process.
insert into tp.job_runs (user_id, lock_name, started_at, host, pid, runs)
values ($1, $2, clock_timestamp(), $3, $4, 1)
    on conflict (user_id, lock_name) do update
   set started_at = excluded.started_at,
       finished_at = null,
       exit_code = null,
       message = null,
       host = excluded.host,
       pid = excluded.pid,
       runs = job_runs.runs + 1;

-- name: job_end (uuid, text, integer, text)
-- User, name, exit code, message.
update tp.job_runs
   set finished_at = clock_timestamp(),
       last_success = case when $3 = 0 then clock_timestamp() else last_success end,
       exit_code = $3,
       message = $4,
       failures = failures + case when $3 = 0 then 0 else 1 end
 where user_id is not distinct from $1
   and lock_name = $2;
