#!/usr/bin/env bats
# tp-strategy: documents kept in the database, against a real server.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    pg_fresh_db strategies
    pg_psql <<'SQL'
insert into tp.users (email, password_hash)
select u || '@example.org', '$2b$04$' || repeat('a', 53) from unnest(array['ann', 'bob']) u;
SQL
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    PATH=${TP_BUILD:-$PWD}:$BATS_TEST_DIRNAME/../../build:$PATH
    export TP_USER=ann@example.org TP_OUTPUT=json
    cd "$BATS_TEST_TMPDIR"
}

@test "what is added can be listed, shown, checked and run again" {
    tp-strategy show builtin:sma-cross >cross.yaml
    run -0 --separate-stderr tp-strategy add cross.yaml --description 'two averages'
    [ "$(jq -r '.name + " " + .version + " " + .type + " " + .description' <<<"$output")" = 'cross 1.0.0 technical two averages' ]
    hash=$(jq -r .content_sha256 <<<"$output")
    [ "$hash" = "$(tp-strategy check cross.yaml | jq -r .sha256)" ]
    [ "$(tp-strategy list --name cross | jq -r .content_sha256)" = "$hash" ]
    tp-strategy show cross >again.json
    [ "$(tp-strategy check again.json | jq -r .sha256)" = "$hash" ]
    [ "$(tp-strategy check "$(tp-strategy list --name cross | jq -r .id)" | jq -r .sha256)" = "$hash" ]
}

@test "a version never changes, the newest is the default" {
    run -0 --separate-stderr tp-strategy add builtin:sma-cross --as pair
    run -0 --separate-stderr tp-strategy add builtin:sma-cross --as pair
    [[ $stderr == *"pair 1.0.0 is there already with this content"* ]]
    run -5 --separate-stderr tp-strategy add builtin:sma-cross -P fast=7 --as pair
    [[ $stderr == *"strategy 'pair' version 1.0.0 is there already with another content"*"--as pair@VERSION"* ]]
    run -0 --separate-stderr tp-strategy add builtin:sma-cross -P fast=7 --as pair@1.1.0
    [ "$(tp-strategy list --name pair | wc -l)" = 2 ]
    [ "$(tp-strategy show pair | jq -r .params.fast.default)" = 7 ]
    [ "$(tp-strategy show pair@1.0.0 | jq -r .params.fast.default)" = 10 ]
}

@test "names and versions that would be something else are refused" {
    for as in a/b builtin:x x.yaml @1.0.0 '' - $'red\e[31m' $'two\nlines'; do
        run -2 --separate-stderr tp-strategy add builtin:sma-cross --as "$as"
        [[ $stderr == *"--as: "* ]]
    done
    for version in 1 1.2 1.2.x 1.2.3- 1.2.3+ 01.2.3 1.2.3-01 1.2.3-a..b 1.2.3+a+b 1.2.03 'v1.2.3' "1.2.3-$(printf 'a%.0s' {1..40})"; do
        run -2 --separate-stderr tp-strategy add builtin:sma-cross --as "x@$version"
        [[ $stderr == *"--as: "* ]]
    done
    run -4 --separate-stderr tp-strategy show nosuch
    [[ $stderr == *"there is no strategy 'nosuch'"* ]]
    run -4 --separate-stderr tp-strategy show sma-cross
    [[ $stderr == *"there is no strategy 'sma-cross'"*"did you mean builtin:sma-cross?"* ]]
    run -4 --separate-stderr tp-strategy show ./nosuch
    [[ $stderr == *"No such file"* ]]
    run -4 --separate-stderr tp-strategy show builtin:sma-crss
    [[ $stderr == *"did you mean builtin:sma-cross?"* ]]
}

@test "another user sees a strategy once it is published, and can use but not change it" {
    tp-strategy add builtin:macd-trend --as shared
    TP_USER=bob@example.org run -4 --separate-stderr tp-strategy show shared
    run -0 --separate-stderr tp-strategy publish shared
    [ "$(jq -r .is_public <<<"$output")" = true ]
    TP_USER=bob@example.org run -0 --separate-stderr tp-strategy show shared
    [ "$(TP_USER=bob@example.org tp-strategy list | jq -r .name)" = shared ]
    for verb in delete publish; do
        TP_USER=bob@example.org run -5 --separate-stderr tp-strategy "$verb" shared
        [[ $stderr == *"belongs to another user"* ]]
    done
    run -0 --separate-stderr tp-strategy publish --withdraw shared
    TP_USER=bob@example.org run -4 --separate-stderr tp-strategy show shared
}

@test "publish shows the figures of a result, as texts" {
    tp-strategy add builtin:sma-cross --as figures
    pg_psql() { psql -X -A -t -q -v ON_ERROR_STOP=1 "$@"; }
    pg_psql <<'SQL'
insert into tp.symbols (exchange_id, symbol, base_currency, quote_currency, settle_currency, market_type,
                        tick_size, step_size, price_precision, quantity_precision)
select id, 'BTCUSDT', 'BTC', 'USDT', 'USDT', 'LINEAR', 0.1, 0.001, 1, 3 from tp.exchanges where code = 'BINANCE';
insert into tp.backtests (user_id, strategy_id, exchange_id, symbol, timeframe, start_date, end_date,
                          initial_capital, final_equity, total_trades, winning_trades, created_at)
select s.user_id, s.id, e.id, 'BTCUSDT', '1h', '2025-01-01', '2025-01-31', 10000, f, 3, 2, now() + f::float8 * interval '1 second'
  from tp.strategies s, tp.exchanges e, (values (9000.0), (10500.5)) v (f)
 where e.code = 'BINANCE' and s.name = 'figures';
SQL
    run -0 --separate-stderr tp-strategy publish figures
    [ "$(jq -r .backtest_summary.final_equity <<<"$output")" = 10500.50000000 ]
    older=$(pg_psql -c 'select id from tp.backtests where final_equity = 9000')
    run -0 --separate-stderr tp-strategy publish figures --backtest "$older"
    [ "$(jq -r .backtest_summary.final_equity <<<"$output")" = 9000.00000000 ]
    tp-strategy add builtin:macd-trend --as other
    run -5 --separate-stderr tp-strategy publish other --backtest "$older"
    run -4 --separate-stderr tp-strategy publish other --backtest 00000000-0000-7000-8000-000000000000
    run -2 --separate-stderr tp-strategy publish other --backtest nonsense
}

@test "delete hides, restore brings back unless the name was taken again" {
    tp-strategy add builtin:sma-cross --as gone
    run -0 --separate-stderr tp-strategy delete gone
    [ "$(jq -r '[.name, .deleted_at != null] | @csv' <<<"$output")" = '"gone",true' ]
    run -4 --separate-stderr tp-strategy delete gone
    [ "$(tp-strategy list --deleted | jq -r .name)" = gone ]
    run -0 --separate-stderr tp-strategy restore gone
    [ "$(jq -r .deleted_at <<<"$output")" = null ]
    tp-strategy delete gone
    tp-strategy add builtin:sma-cross --as gone -P fast=9
    run -5 --separate-stderr tp-strategy restore gone
    [[ $stderr == *"taken again"* ]]
}

@test "two runs at once keep one row for one strategy" {
    cat >candles.csv <<'CSV'
1704067200000,100,101,99,100,1
1704070800000,100,101,99,100,1
1704074400000,100,101,99,100,1
CSV
    tp-db seed
    tp-prices import -e BINANCE -s ETHUSDT -i 1h candles.csv
    for _ in 1 2 3 4 5 6; do
        tp-backtest run -q -S builtin:rsi-reversion -e BINANCE -s ETHUSDT -i 1h >/dev/null &
    done
    wait
    [ "$(tp-strategy list --name builtin:rsi-reversion | wc -l)" = 1 ]
    [ "$(tp-backtest list --strategy builtin:rsi-reversion | wc -l)" = 6 ]
}
