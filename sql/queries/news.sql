-- name: news_send (uuid, jsonb)
-- Queues events of a user: an array of {event_type, ordering_key, payload}.
insert into tp.event_queue (user_id, event_type, ordering_key, payload)
select $1::uuid, n.event_type, n.ordering_key, n.payload
  from jsonb_array_elements($2::jsonb) with ordinality as a (event, place),
       jsonb_to_record(a.event) as n (event_type text, ordering_key text, payload jsonb)
 order by a.place;
