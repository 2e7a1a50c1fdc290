-- Takes back 0014_trades.up.sql.
set local role tp_owner;

delete from tp.partition_policies
 where parent in ('tp.trades'::regclass);
drop table tp.trades;
drop function tp.trades_immutable();

reset role;
