#!/usr/bin/env bats
# Every command of the README's tour is run, in order; the server is a throw-away one instead of the user's.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    [ -n "$(pg_bindirs)" ] || skip "no PostgreSQL server on this machine"
    pg_start
}

teardown_file() {
    pg_stop
}

@test "the tour of the README runs" {
    PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH
    export HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR
    unset TP_USER TP_OUTPUT
    psql -X -q -d postgres -c 'create database tp_tour'
    export PGDATABASE=tp_tour
    awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$BATS_TEST_DIRNAME/../../README.md" \
        | grep -v '^tp-db start' >"$BATS_TEST_TMPDIR/tour.sh"
    [ -s "$BATS_TEST_TMPDIR/tour.sh" ]
    cd "$BATS_TEST_TMPDIR"
    run -0 --separate-stderr bash -euo pipefail tour.sh
    [[ $output == *'["BUY","103.05150000","0.10305150"]'* ]]
    [[ $output == *"0 bps of slippage: "* ]]
    [[ $output == *"demo"* ]]
    [ "$(grep -c 'bps of slippage' <<<"$output")" = 3 ]
}

@test "every member of a result has a name" {
    PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH
    cd "$BATS_TEST_TMPDIR"
    grep '"type":"order",' "$BATS_TEST_DIRNAME/../scenario/R4.jsonl" | head -n 1 >orders
    grep '"type":"market_price",' "$BATS_TEST_DIRNAME/../scenario/R4.jsonl" | head -n 1 >candles
    run -0 --separate-stderr tp-backtest run -o json --orders orders candles
    [ "$(jq -r 'select(has("")) | .type' <<<"$output")" = "" ]
    [ "$(tail -n 1 <<<"$output" | jq 'has("max_drawdown_duration_hours")')" = true ]
}

@test "the demo's candles give the same result twice, with a chart and a page that loads nothing" {
    PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH
    cd "$BATS_TEST_TMPDIR"
    LC_ALL=C gawk -f "$BATS_TEST_DIRNAME/../../demo/generate.awk" >candles.csv
    [ "$(wc -l <candles.csv)" = 8760 ]
    for n in 1 2; do
        tp-backtest run -o table --strategy builtin:sma-cross --symbol BTCUSDT --interval 1h --html page$n.html candles.csv >run$n
    done
    cmp run1 run2
    cmp page1.html page2.html
    grep -q '^drawdown$' run1
    run ! grep -E '<(script|link|img|iframe)[^>]* (src|href)=' page1.html
}
