#!/usr/bin/env bats
# tp-backtest: stored results, against a real server.
bats_require_minimum_version 1.5.0

setup_file() {
    . "$BATS_TEST_DIRNAME/../lib/pg.bash"
    pg_start
    pg_fresh_db backtests
    pg_psql <<'SQL'
insert into tp.users (email, password_hash) values ('ann@example.org', '$2b$04$' || repeat('a', 53));
insert into tp.symbols (exchange_id, symbol, base_currency, quote_currency, settle_currency, market_type,
                        tick_size, step_size, price_precision, quantity_precision)
select id, 'BTCUSDT', 'BTC', 'USDT', 'USDT', 'LINEAR', 0.1, 0.001, 1, 3 from tp.exchanges where code = 'BINANCE';
insert into tp.strategies (user_id, name, type, version, content_sha256)
select id, 'sma', 'technical', '1.0.0', repeat('0', 64) from tp.users;
insert into tp.backtests (user_id, strategy_id, exchange_id, symbol, timeframe, start_date, end_date,
                          initial_capital, final_equity, total_trades, winning_trades, metrics)
select u.id, s.id, e.id, 'BTCUSDT', '1h', '2025-01-01', '2025-01-31', 10000, f, 3, 2, '{"bars":744}'
  from tp.users u, tp.strategies s, tp.exchanges e, (values (10100.5), (9900)) v (f)
 where e.code = 'BINANCE';
SQL
}

teardown_file() {
    . "$BATS_TEST_DIRNAME/../lib/pg.bash"
    pg_stop
}

setup() {
    PATH=${TP_BUILD:-$PWD}:$BATS_TEST_DIRNAME/../../build:$PATH
}

first() {
    tp-backtest list -o json | jq -r "select(.final_equity == \"10100.50000000\").id"
}

@test "list prints the stored results without their long members" {
    run -0 --separate-stderr tp-backtest list -o json
    [ "${#lines[@]}" = 2 ]
    [ "$(jq -r .symbol <<< "${lines[0]}")" = BTCUSDT ]
    [ "$(jq -r .metrics <<< "${lines[0]}")" = null ]
    run -0 --separate-stderr tp-backtest list --strategy nobody -o json
    [ -z "$output" ]
}

@test "show prints one whole" {
    run -0 --separate-stderr tp-backtest show "$(first)" -o json
    [ "$(jq -r .metrics.bars <<< "$output")" = 744 ]
    [ "$(jq -r .final_equity <<< "$output")" = 10100.50000000 ]
}

@test "compare puts two side by side" {
    mapfile -t ids < <(tp-backtest list -o json | jq -r '[.final_equity, .id] | join(" ")' | sort | cut -d' ' -f2)
    run -0 --separate-stderr tp-backtest compare "${ids[@]}" -o json
    [ "$(jq -r 'select(.metric == "final_equity").difference' <<< "$output")" = -200.50000000 ]
}

@test "delete hides a result and restore brings it back" {
    id=$(first)
    run -0 --separate-stderr tp-backtest delete "$id"
    [ "$(tp-backtest list -o json | wc -l)" = 1 ]
    [ "$(tp-backtest list --deleted -o json | jq -r .id)" = "$id" ]
    run -4 --separate-stderr tp-backtest delete "$id"
    [[ $stderr == *"there is no live backtest $id"* ]]
    run -0 --separate-stderr tp-backtest restore "$id"
    [ "$(tp-backtest list -o json | wc -l)" = 2 ]
}

@test "an id that is none is a usage error, an unknown one exit 4" {
    run -2 --separate-stderr tp-backtest show nonsense
    run -4 --separate-stderr tp-backtest show 00000000-0000-7000-8000-000000000000
}
