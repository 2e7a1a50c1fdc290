-- Fails when something that R__last_close.sql makes is missing.
select 'tp.last_close(integer, text, timestamptz)'::regprocedure;
