-- Takes back 0018_bots.up.sql.
set local role tp_owner;

drop view tp.active_bots;
drop table tp.bot_state;
drop table tp.bots;

reset role;
