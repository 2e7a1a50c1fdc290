-- Fails when something that 0028_event_queue.up.sql makes is missing.
select id, event_id, event_type, user_id, payload, status, ordering_key, retry_count,
       max_attempts, available_at, lease_until, lease_token, last_error, created_at,
       processed_at, expires_at
  from tp.event_queue
 where false;

select event_id, consumer, processed_at
  from tp.processed_events
 where false;

do $$
declare
    missing text;
begin
    select string_agg(concat_ws(' ', w.kind, nullif(w.name, ''), 'of', w.tab), ', ')
      into missing
      from (values
               ('policy', 'app_enqueue', 'tp.event_queue'),
               ('policy', 'service_all', 'tp.event_queue'),
               ('index', 'event_queue_open_idx', 'tp.event_queue'),
               ('index', 'event_queue_ordering_idx', 'tp.event_queue'),
               ('index', 'processed_events_time_idx', 'tp.processed_events')
           ) as w (kind, name, tab)
     where not case w.kind
                   when 'policy' then
                       exists (select
                                 from pg_catalog.pg_policy p
                                where p.polrelid = w.tab::regclass
                                  and p.polname = w.name)
                   when 'index' then
                       exists (select
                                 from pg_catalog.pg_index i
                                where i.indrelid = w.tab::regclass
                                  and i.indexrelid = pg_catalog.to_regclass('tp.' || w.name)
                                  and i.indisvalid)
               end;
    if missing is not null then
        raise exception 'missing: %', missing;
    end if;
end
$$;

do $$
begin
    if exists (select
                 from pg_catalog.pg_class c
                where c.oid in ('tp.event_queue'::regclass)
                  and (not c.relrowsecurity or c.relforcerowsecurity)) then
        raise exception 'row security is off or forced';
    end if;
end
$$;
