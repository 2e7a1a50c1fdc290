-- Takes back 0011_orders.up.sql.
set local role tp_owner;

drop view tp.active_orders;
delete from tp.partition_policies
 where parent in ('tp.orders'::regclass);
drop table tp.orders;

reset role;
