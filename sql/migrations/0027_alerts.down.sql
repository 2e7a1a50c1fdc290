-- Takes back 0027_alerts.up.sql.
set local role tp_owner;

drop table tp.alert_deliveries;
drop table tp.alert_states;
drop table tp.alerts;

reset role;
