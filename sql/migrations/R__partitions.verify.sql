-- Fails when something that R__partitions.sql makes is missing.
select 'tp.partition_floor(timestamptz, interval)'::regprocedure;

select 'tp.ensure_partitions(regclass, timestamptz, timestamptz, integer)'::regprocedure;

select 'tp.premake_partitions()'::regprocedure;

select 'tp.load_partition_begin(regclass, timestamptz)'::regprocedure;

select 'tp.load_partition_end(regclass, timestamptz, text)'::regprocedure;
