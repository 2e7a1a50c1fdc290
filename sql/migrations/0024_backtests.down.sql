-- Takes back 0024_backtests.up.sql.
set local role tp_owner;

drop view tp.active_backtests;
drop table tp.backtests;

reset role;
