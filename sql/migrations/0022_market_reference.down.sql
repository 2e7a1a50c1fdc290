-- Takes back 0022_market_reference.up.sql.
set local role tp_owner;

delete from tp.partition_policies
 where parent in ('tp.orderbook_snapshots'::regclass);
drop table tp.orderbook_snapshots;
drop table tp.funding_rates;
drop table tp.mark_prices;

reset role;
