-- Takes back 0034_signals.up.sql.
set local role tp_owner;

drop table tp.signals;

reset role;
