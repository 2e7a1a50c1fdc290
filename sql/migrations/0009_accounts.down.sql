-- Takes back 0009_accounts.up.sql.
set local role tp_owner;

drop table tp.accounts;

reset role;
