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
       substring(b.bound from $re$FROM \('([^']+)'\)$re$)::timestamptz as lower_bound,
       substring(b.bound from $re$TO \('([^']+)'\)$re$)::timestamptz as upper_bound,
       i.inhdetachpending as detach_pending,
       greatest(c.reltuples, 0)::bigint as estimated_rows,
       pg_total_relation_size(c.oid) as bytes
  from tp.partition_policies p
  join pg_catalog.pg_inherits i
    on i.inhparent = p.parent
  join pg_catalog.pg_class c
    on c.oid = i.inhrelid
 cross join lateral pg_catalog.pg_get_expr(c.relpartbound, c.oid) as b (bound);

grant select on tp.partition_policies, tp.partition_leaves to tp_app, tp_service, tp_readonly;

comment on table tp.partition_policies is
    'How each partitioned table is cut into partitions and how long they are kept. No table '
    'has a default partition.';
comment on column tp.partition_policies.parent is
    'The partitioned table, or for candles the sub-parent.';
comment on column tp.partition_policies.step is
    'Width of a partition: 1 day, 7 days (ISO weeks from Monday), 1 month or 3 months, in '
    'UTC.';
comment on column tp.partition_policies.premake is
    'How many steps ahead of now partitions are made.';
comment on column tp.partition_policies.retention is
    'Age past which a partition whose whole range is older may be dropped by tp-cleanup; null '
    'keeps for ever.';
comment on column tp.partition_policies.drop_imported is
    'Whether retention may also drop partitions that hold candles of source IMPORT or '
    'SYNTHETIC.';

comment on view tp.partition_leaves is
    'Every partition of a managed table with its bounds (lower inclusive, upper exclusive), '
    'as the catalog has them.';
comment on column tp.partition_leaves.parent is 'The managed table.';
comment on column tp.partition_leaves.leaf is 'The partition.';
comment on column tp.partition_leaves.lower_bound is 'First moment of the range.';
comment on column tp.partition_leaves.upper_bound is 'End of the range, not part of it.';
comment on column tp.partition_leaves.detach_pending is
    'A concurrent detach began and did not finish: its rows cannot be seen through the parent '
    'now.';
comment on column tp.partition_leaves.estimated_rows is
    'Rows by the last analyze; 0 when never analyzed.';
comment on column tp.partition_leaves.bytes is 'Bytes on disk with indexes and TOAST.';

reset role;
