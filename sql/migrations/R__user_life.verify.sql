-- Fails when something that R__user_life.sql makes is missing.
select 'tp.soft_delete_user(uuid)'::regprocedure;

select 'tp.restore_user(uuid)'::regprocedure;

select 'tp.erase_user(uuid)'::regprocedure;
