-- Takes back 0015_ledger.up.sql.
set local role tp_owner;

drop view tp.account_balances;
drop table tp.ledger_entries;
drop function tp.ledger_append_only();

reset role;
