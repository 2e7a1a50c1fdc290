-- Takes back 0003_partition_policies.up.sql.
set local role tp_owner;

drop view tp.partition_leaves;
drop table tp.partition_policies;

reset role;
