-- Takes back 0023_market_intake.up.sql.
set local role tp_owner;

drop table tp.import_files;
drop table tp.candle_coverage;

reset role;
