-- Takes back R__last_close.sql.
set local role tp_owner;

drop function tp.last_close(integer, text, timestamptz);

reset role;
