-- Fails when something that 0003_partition_policies.up.sql makes is missing.
select parent, step, premake, retention, drop_imported
  from tp.partition_policies
 where false;

select
  from tp.partition_leaves
 where false;
