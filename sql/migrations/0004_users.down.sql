-- Takes back 0004_users.up.sql.
set local role tp_owner;

drop view tp.active_users;
drop table tp.login_users;
drop table tp.users;
drop function tp.app_user_id();

reset role;
