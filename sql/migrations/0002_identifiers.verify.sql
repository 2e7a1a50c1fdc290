-- Fails when something that 0002_identifiers.up.sql makes is missing.
select 'tp.uuid_v7_time(uuid)'::regprocedure;

select 'tp.uuid_v7_at(timestamptz)'::regprocedure;

select 'tp.uuid_v7()'::regprocedure;

select 'tp.touch_updated_at()'::regprocedure;
