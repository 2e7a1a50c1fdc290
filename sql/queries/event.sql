-- name: event_push (uuid[], text[], uuid[], jsonb[], text[], timestamptz[], timestamptz[], integer[])
-- New events, one array per column; a null time is now, a null number of attempts is ten.  Gives the ids
-- of those that were not there before.
insert into tp.event_queue (event_id, event_type, user_id, payload, ordering_key, available_at, expires_at, max_attempts)
select n.event_id,
       n.event_type,
       n.user_id,
       coalesce(n.payload, '{}'),
       n.ordering_key,
       coalesce(n.available_at, now()),
       n.expires_at,
       coalesce(n.max_attempts, 10)
  from unnest($1::uuid[], $2::text[], $3::uuid[], $4::jsonb[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::integer[])
    as n (event_id, event_type, user_id, payload, ordering_key, available_at, expires_at, max_attempts)
    on conflict (event_id) do nothing
returning event_id;

-- name: event_add (uuid[], text[], uuid[], jsonb[], text[], timestamptz[], timestamptz[], integer[])
-- The same for ids that were just made and cannot be there: a third less work for the server.
insert into tp.event_queue (event_id, event_type, user_id, payload, ordering_key, available_at, expires_at, max_attempts)
select n.event_id,
       n.event_type,
       n.user_id,
       coalesce(n.payload, '{}'),
       n.ordering_key,
       coalesce(n.available_at, now()),
       n.expires_at,
       coalesce(n.max_attempts, 10)
  from unnest($1::uuid[], $2::text[], $3::uuid[], $4::jsonb[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::integer[])
    as n (event_id, event_type, user_id, payload, ordering_key, available_at, expires_at, max_attempts);

-- name: event_notify ()
-- Wakes those who listen.
select pg_notify('tp_event_queue', '');

-- name: event_listen ()
-- kind: utility
listen tp_event_queue;

-- name: event_session ()
-- For those who take many turns: planned once, and always along the indexes, however small the table was then.
select set_config('plan_cache_mode', 'force_generic_plan', false),
       set_config('enable_seqscan', 'off', false),
       set_config('enable_bitmapscan', 'off', false),
       set_config('enable_hashjoin', 'off', false),
       set_config('enable_mergejoin', 'off', false);

-- name: event_turn (bigint[], uuid[], text, bigint, bigint, uuid, text, timestamptz, boolean)
-- One turn of a worker: acknowledges what it has done (ids and lease tokens) for the consumer (null: none),
-- then claims up to $4 events that are due, for $5 seconds under the token $6, of types like $7 (null: any),
-- not due before $8 (null: any).  The walk finds the leases that are over as well; an event that has died too
-- often or is past its time is FAILED instead, and holds its key if $9 says so (null: order events do).  The first
-- row has no id; its last_error holds the ids whose lease was lost.
with done as (
    update tp.event_queue q
       set status = 'COMPLETED',
           processed_at = now(),
           lease_token = null,
           lease_until = null,
           silent_deaths = 0
      from unnest($1::bigint[], $2::uuid[]) as a (id, token)
     where q.id = a.id
       and q.lease_token = a.token
    returning q.id, q.event_id
),
noted as (
    insert into tp.processed_events (event_id, consumer)
    select d.event_id, $3::text
      from done d
     where $3 is not null
        on conflict do nothing
),
due as materialized (
    select q.ctid, -- it stays while the row is locked, and saves a walk through the key's index
           q.status = 'PROCESSING' as died,
           case when q.expires_at <= now() then 'expired'
                when q.retry_count >= q.max_attempts then 'the lease was over and no attempt is left'
                when q.status = 'PROCESSING' and q.silent_deaths >= 2
                    then 'poison: three workers in a row died over it without a word'
           end as reason
      from tp.event_queue q
     where q.processed_at is null
       and q.available_at <= now()
       and q.available_at >= coalesce($8::timestamptz, '-infinity')
       and (q.status = 'PENDING' or (q.lease_until < now() and q.id <> all ($1)))
       and ($7::text is null or q.event_type like $7)
       -- The head of its key.  A subquery with a limit stays one probe of the key's index, whatever the planner thinks.
       and (q.ordering_key is null
            or (q.id = (select b.id
                          from tp.event_queue b
                         where b.ordering_key = q.ordering_key
                           and b.processed_at is null
                           and b.id not in (select d.id from done d)
                         order by b.id
                         limit 1)
                and not exists (select
                                  from tp.event_holds h
                                  join tp.event_queue f
                                    on f.id = h.id
                                   and f.status = 'FAILED'
                                 where h.ordering_key = q.ordering_key)))
     order by q.available_at, q.id
     limit $4::bigint
       for update of q skip locked
),
claimed as (
    update tp.event_queue q
       set status = case when d.reason is null then 'PROCESSING' else 'FAILED' end,
           retry_count = q.retry_count + case when d.reason is null then 1 else 0 end,
           silent_deaths = q.silent_deaths + case when d.died then 1 else 0 end,
           lease_token = case when d.reason is null then $6::uuid end,
           lease_until = case when d.reason is null then now() + make_interval(secs => $5::bigint) end,
           processed_at = case when d.reason is not null then now() end,
           last_error = coalesce(d.reason, q.last_error)
      from due d
     where q.ctid = d.ctid
    returning q.id, q.event_id, q.event_type, q.user_id, q.payload, q.status, q.ordering_key, q.retry_count,
              q.max_attempts, q.silent_deaths, q.available_at, q.lease_until, q.lease_token, q.last_error,
              q.created_at, q.processed_at, q.expires_at
),
held as (
    insert into tp.event_holds (ordering_key, id)
    select c.ordering_key, c.id
      from claimed c
     where c.status = 'FAILED'
       and c.last_error <> 'expired'
       and c.ordering_key is not null
       and coalesce($9::boolean, c.event_type like 'order.%')
        on conflict do nothing
)
select null::bigint as id,
       null::uuid as event_id,
       null as event_type,
       null::uuid as user_id,
       null::jsonb as payload,
       null as status,
       null as ordering_key,
       null::integer as retry_count,
       null::integer as max_attempts,
       null::smallint as silent_deaths,
       null::timestamptz as available_at,
       null::timestamptz as lease_until,
       null::uuid as lease_token,
       (select string_agg(a.id::text, ',') from unnest($1) as a (id) where a.id not in (select d.id from done d)) as last_error,
       null::timestamptz as created_at,
       null::timestamptz as processed_at,
       null::timestamptz as expires_at,
       null::boolean as seen
 union all
select c.id, c.event_id, c.event_type, c.user_id, c.payload, c.status, c.ordering_key, c.retry_count,
       c.max_attempts, c.silent_deaths, c.available_at, c.lease_until, c.lease_token, c.last_error,
       c.created_at, c.processed_at, c.expires_at,
       case when $3 is null then null
            else exists (select
                           from tp.processed_events p
                          where p.event_id = c.event_id
                            and p.consumer = $3)
       end
  from claimed c;

-- name: event_fail (bigint[], uuid[], text[], bigint[], boolean)
-- What did not work: errors, and the seconds after which to try again without counting the attempt (null: the
-- backoff, min(15 min, 2^(n-1) s) with full jitter, and the attempt counts).  The last attempt makes it FAILED; $5 as $9 of
-- event_turn.  Gives what became of those whose lease still held.
with failed as (
    update tp.event_queue q
       set status = case when f.later is null and q.retry_count >= q.max_attempts then 'FAILED' else 'PENDING' end,
           processed_at = case when f.later is null and q.retry_count >= q.max_attempts then now() end,
           available_at = now() + make_interval(secs => coalesce(f.later, least(900, 2 ^ least(q.retry_count - 1, 20)) * random())),
           retry_count = q.retry_count - case when f.later is null then 0 else 1 end,
           last_error = f.error,
           lease_token = null,
           lease_until = null,
           silent_deaths = 0
      from unnest($1::bigint[], $2::uuid[], $3::text[], $4::bigint[]) as f (id, token, error, later)
     where q.id = f.id
       and q.lease_token = f.token
    returning q.id, q.status, q.available_at, q.ordering_key, q.event_type
),
held as (
    insert into tp.event_holds (ordering_key, id)
    select f.ordering_key, f.id
      from failed f
     where f.status = 'FAILED'
       and f.ordering_key is not null
       and coalesce($5::boolean, f.event_type like 'order.%')
        on conflict do nothing
)
select id, status, available_at
  from failed;

-- name: event_extend (bigint[], uuid[], bigint)
-- The heartbeat: leases last $3 seconds from now.  Gives the ids of those that still held.
update tp.event_queue q
   set lease_until = now() + make_interval(secs => $3::bigint)
  from unnest($1::bigint[], $2::uuid[]) as a (id, token)
 where q.id = a.id
   and q.lease_token = a.token
returning q.id;

-- name: event_release (bigint[], uuid[])
-- Gives leases back as if the events had never been claimed.
update tp.event_queue q
   set status = 'PENDING',
       retry_count = q.retry_count - 1,
       lease_token = null,
       lease_until = null
  from unnest($1::bigint[], $2::uuid[]) as a (id, token)
 where q.id = a.id
   and q.lease_token = a.token;

-- name: event_release_token (uuid)
-- The same for a claim whose answer was lost with the connection.
update tp.event_queue q
   set status = 'PENDING',
       retry_count = q.retry_count - 1,
       lease_token = null,
       lease_until = null
 where q.processed_at is null
   and q.status = 'PROCESSING'
   and q.lease_token = $1;

-- name: event_dead_list (bigint, text, text, bigint)
-- FAILED events, the latest first: the one of an id, of types like $2, with an error like $3 (nulls: any).
select q.id, q.event_id, q.event_type, q.user_id, q.payload, q.status, q.ordering_key, q.retry_count,
       q.max_attempts, q.silent_deaths, q.available_at, q.lease_until, q.lease_token, q.last_error,
       q.created_at, q.processed_at, q.expires_at
  from tp.event_queue q
 where q.status = 'FAILED'
   and ($1::bigint is null or q.id = $1)
   and ($2::text is null or q.event_type like $2)
   and ($3::text is null or q.last_error like $3)
 order by q.processed_at desc, q.id desc
 limit $4::bigint;

-- name: event_dead_replay (bigint[])
-- FAILED events begin anew, and what they held goes on; a time that is over no longer counts.
with freed as (
    delete from tp.event_holds h
     where h.id = any ($1)
)
update tp.event_queue q
   set status = 'PENDING',
       retry_count = 0,
       silent_deaths = 0,
       available_at = now(),
       expires_at = case when q.expires_at > now() then q.expires_at end,
       processed_at = null
 where q.id = any ($1)
   and q.status = 'FAILED'
returning q.id, q.event_id, q.event_type, q.user_id, q.payload, q.status, q.ordering_key, q.retry_count,
          q.max_attempts, q.silent_deaths, q.available_at, q.lease_until, q.lease_token, q.last_error,
          q.created_at, q.processed_at, q.expires_at;

-- name: event_dead_drop (bigint[])
-- FAILED events are gone for good, and what they held goes on.
with freed as (
    delete from tp.event_holds h
     where h.id = any ($1)
)
delete from tp.event_queue q
 where q.id = any ($1)
   and q.status = 'FAILED'
returning q.id, q.event_id, q.event_type, q.user_id, q.payload, q.status, q.ordering_key, q.retry_count,
          q.max_attempts, q.silent_deaths, q.available_at, q.lease_until, q.lease_token, q.last_error,
          q.created_at, q.processed_at, q.expires_at;

-- name: event_stats (text)
-- The state of the queue, of types like $1 (null: all).
select count(*) filter (where q.status = 'PENDING' and q.available_at <= now() and h.id is null) as ready,
       count(*) filter (where q.status = 'PENDING' and q.available_at > now()) as waiting,
       count(*) filter (where q.status = 'PENDING' and q.available_at <= now() and h.id is not null) as held,
       count(*) filter (where q.status = 'PROCESSING' and q.lease_until >= now()) as leased,
       count(*) filter (where q.status = 'PROCESSING' and q.lease_until < now()) as overdue,
       count(*) filter (where q.status = 'FAILED') as failed,
       count(*) filter (where q.status = 'COMPLETED') as completed,
       floor(extract(epoch from now() - min(q.available_at)
                                            filter (where q.status = 'PENDING' and q.available_at <= now() and h.id is null)))::bigint
           as oldest_seconds,
       count(*) filter (where q.created_at > now() - interval '1 minute') as pushed_minute,
       count(*) filter (where q.status = 'COMPLETED' and q.processed_at > now() - interval '1 minute') as completed_minute,
       count(*) filter (where q.status = 'FAILED' and q.processed_at > now() - interval '1 minute') as failed_minute,
       round(pg_notification_queue_usage()::numeric * 100, 2) as notify_percent
  from tp.event_queue q
  left join tp.event_holds h
    on h.ordering_key = q.ordering_key
 where $1::text is null
    or q.event_type like $1;
