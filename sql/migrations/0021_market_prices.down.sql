-- Takes back 0021_market_prices.up.sql.
set local role tp_owner;

delete from tp.partition_policies
 where parent in ('tp.market_prices_1m'::regclass,
                  'tp.market_prices_5m'::regclass,
                  'tp.market_prices_mid'::regclass,
                  'tp.market_prices_long'::regclass);
drop table tp.market_prices;

reset role;
