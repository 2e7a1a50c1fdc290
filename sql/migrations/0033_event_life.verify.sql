-- Fails when something that 0033_event_life.up.sql makes is missing.
select silent_deaths
  from tp.event_queue
 where false;

select ordering_key, id, held_at
  from tp.event_holds
 where false;
