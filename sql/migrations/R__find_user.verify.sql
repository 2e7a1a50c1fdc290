-- Fails when something that R__find_user.sql makes is missing.
select 'tp.find_user(text)'::regprocedure;
