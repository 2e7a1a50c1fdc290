-- name: partition_premake_all ()
-- Makes the partitions that the policies want ahead of now, for every table.
select parent::text as parent,
       created
  from tp.premake_partitions();

-- name: partition_list (text)
-- The partitions of one managed table, or of all; a name without a schema is one of ours.
select l.parent::text as parent,
       l.leaf::text as leaf,
       l.lower_bound,
       l.upper_bound,
       l.detach_pending,
       l.estimated_rows,
       l.bytes
  from tp.partition_leaves l
 where $1::text is null
    or l.parent::text in ($1, 'tp.' || $1)
 order by l.parent::text, l.lower_bound;

-- name: partition_runway ()
-- The unbroken row of partitions from now on ends where none begins; one that is being detached is a
-- gap, and a table without today's partition has no runway at all.
with leaf as (
    select parent,
           lower_bound,
           upper_bound
      from tp.partition_leaves
     where not detach_pending
)
select p.parent::text as parent,
       p.step::text as step,
       p.premake,
       r.ends_at,
       floor(extract(epoch from r.ends_at - now()) / 86400)::bigint as days,
       (select count(*) from leaf l where l.parent = p.parent) as leaves
  from tp.partition_policies p
 cross join lateral (
           select case
                      when exists (select
                                     from leaf l
                                    where l.parent = p.parent
                                      and l.lower_bound <= now()
                                      and l.upper_bound > now())
                          then (select min(l.upper_bound)
                                  from leaf l
                                 where l.parent = p.parent
                                   and l.upper_bound > now()
                                   and not exists (select
                                                     from leaf n
                                                    where n.parent = p.parent
                                                      and n.lower_bound = l.upper_bound))
                      else now()
                  end
       ) as r (ends_at)
 order by p.parent::text;

-- name: partition_trading (timestamptz, timestamptz)
-- Makes what is missing for orders, positions, fills and performance from one time to another.
select sum(tp.ensure_partitions(p.parent::regclass, $1::timestamptz, $2::timestamptz)) as made
  from (values ('tp.orders'), ('tp.positions'), ('tp.trades'), ('tp.bot_performance')) as p (parent);
