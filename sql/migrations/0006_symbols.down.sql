-- Takes back 0006_symbols.up.sql.
set local role tp_owner;

drop table tp.leverage_tiers;
drop table tp.symbols;

reset role;
