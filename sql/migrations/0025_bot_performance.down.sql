-- Takes back 0025_bot_performance.up.sql.
set local role tp_owner;

delete from tp.partition_policies
 where parent in ('tp.bot_performance'::regclass);
drop table tp.bot_performance;

reset role;
