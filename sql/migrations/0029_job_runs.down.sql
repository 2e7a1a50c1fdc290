-- Takes back 0029_job_runs.up.sql.
set local role tp_owner;

drop table tp.job_runs;

reset role;
