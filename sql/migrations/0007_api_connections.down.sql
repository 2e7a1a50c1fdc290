-- Takes back 0007_api_connections.up.sql.
set local role tp_owner;

drop view tp.active_api_connections;
drop table tp.api_connections;

reset role;
