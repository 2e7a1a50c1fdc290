-- Takes back R__user_life.sql.
set local role tp_owner;

drop function tp.erase_user(uuid);
drop function tp.restore_user(uuid);
drop function tp.soft_delete_user(uuid);

reset role;
