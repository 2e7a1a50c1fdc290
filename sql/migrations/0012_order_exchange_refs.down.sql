-- Takes back 0012_order_exchange_refs.up.sql.
set local role tp_owner;

drop trigger orders_exchange_ref_delete on tp.orders;
drop trigger orders_exchange_ref_update on tp.orders;
drop trigger orders_exchange_ref_insert on tp.orders;
drop table tp.order_exchange_refs;
drop function tp.order_exchange_ref();

reset role;
