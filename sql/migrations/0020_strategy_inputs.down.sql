-- Takes back 0020_strategy_inputs.up.sql.
set local role tp_owner;

drop table tp.strategy_transcripts;
drop table tp.strategy_scores;

reset role;
