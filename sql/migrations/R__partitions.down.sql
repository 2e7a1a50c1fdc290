-- Takes back R__partitions.sql.
set local role tp_owner;

drop function tp.premake_partitions();
drop function tp.load_partition_end(regclass, timestamptz, text);
drop function tp.load_partition_begin(regclass, timestamptz);
drop function tp.ensure_partitions(regclass, timestamptz, timestamptz, integer);
drop function tp.partition_floor(timestamptz, interval);

reset role;
