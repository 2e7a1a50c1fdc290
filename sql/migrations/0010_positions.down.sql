-- Takes back 0010_positions.up.sql.
set local role tp_owner;

drop view tp.active_positions;
delete from tp.partition_policies
 where parent in ('tp.positions'::regclass);
drop table tp.positions;

reset role;
