-- Takes back 0031_cleanup.up.sql.
set local role tp_owner;

drop table tp.cleanup_steps;
drop table tp.cleanup_runs;
drop table tp.legal_holds;

reset role;
