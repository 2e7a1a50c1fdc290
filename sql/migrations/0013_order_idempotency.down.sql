-- Takes back 0013_order_idempotency.up.sql.
set local role tp_owner;

drop table tp.order_idempotency;

reset role;
