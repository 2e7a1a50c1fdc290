-- Takes back 0005_exchanges.up.sql.
set local role tp_owner;

drop table tp.exchanges;

reset role;
