-- Takes back R__find_user.sql.
set local role tp_owner;

drop function tp.find_user(text);

reset role;
