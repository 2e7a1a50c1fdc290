-- Takes back 0016_funding_payments.up.sql.
set local role tp_owner;

drop table tp.funding_payments;

reset role;
