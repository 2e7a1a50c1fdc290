-- Takes back 0026_risk.up.sql.
set local role tp_owner;

drop view tp.active_risk_limits;
drop table tp.risk_halts;
drop table tp.risk_limits;

reset role;
