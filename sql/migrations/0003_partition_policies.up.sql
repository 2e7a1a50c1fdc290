-- Phase 1. How each partitioned table is cut and how long its partitions are kept.
-- Every file that makes a partitioned table adds its row; no file makes a partition.
set local role tp_owner;

create table tp.partition_policies (
    parent regclass not null,
    step interval not null,
    premake integer not null,
    retention interval,
    drop_imported boolean not null default false,
    constraint partition_policies_pkey primary key (parent),
    constraint partition_policies_step_check
        check (step in (interval '1 day', interval '7 days', interval '1 month', interval '3 months')),
    constraint partition_policies_premake_check check (premake > 0),
    constraint partition_policies_retention_check check (retention > interval '0')
);

create view tp.partition_leaves
  with (security_invoker = true)
    as
select p.parent,
       c.oid::regclass as leaf,
       substring(pg_get_expr(c.relpartbound, c.oid) from $re$FROM \('([^']+)'\)$re$)::timestamptz as lower_bound,
       substring(pg_get_expr(c.relpartbound, c.oid) from $re$TO \('([^']+)'\)$re$)::timestamptz as upper_bound,
       i.inhdetachpending as detach_pending,
       greatest(c.reltuples, 0)::bigint as estimated_rows,
       pg_total_relation_size(c.oid) as bytes
  from tp.partition_policies p
  join pg_catalog.pg_inherits i
    on i.inhparent = p.parent
  join pg_catalog.pg_class c
    on c.oid = i.inhrelid;

grant select on tp.partition_policies, tp.partition_leaves to tp_app, tp_service, tp_readonly;

reset role;
