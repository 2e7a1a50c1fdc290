-- name: partition_premake_all ()
-- Makes the partitions that the policies want ahead of now, for every table.
select parent::text as parent,
       created
  from tp.premake_partitions();
