-- Takes back 0030_rate_limit_state.up.sql.
set local role tp_owner;

drop table tp.rate_limit_state;

reset role;
