-- Takes back 0033_event_life.up.sql.
set local role tp_owner;

drop table tp.event_holds;

alter table tp.event_queue
    drop column silent_deaths;

reset role;
