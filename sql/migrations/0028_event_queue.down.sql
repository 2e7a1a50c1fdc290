-- Takes back 0028_event_queue.up.sql.
set local role tp_owner;

drop table tp.processed_events;
drop table tp.event_queue;

reset role;
