-- Takes back 0017_strategies.up.sql.
set local role tp_owner;

drop view tp.active_strategies;
drop table tp.strategies;
drop function tp.check_strategy_visible();

reset role;
