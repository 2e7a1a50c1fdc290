-- Takes back 0008_database_configs.up.sql.
set local role tp_owner;

drop view tp.active_database_configs;
drop table tp.database_configs;

reset role;
