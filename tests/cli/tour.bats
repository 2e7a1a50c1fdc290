#!/usr/bin/env bats
# What the demo of bootstrap does, on a throw-away server.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
}

teardown_file() {
    pg_stop
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

@test "the demo gives the same output twice, with a chart and a page that loads nothing" {
    PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH
    cd "$BATS_TEST_TMPDIR"
    psql -X -q -d postgres -c 'create database tp_demo'
    export PGDATABASE=tp_demo
    tp-db migrate up -q >/dev/null
    tp-db seed
    for n in 1 2; do
        tp-prices generate -s DEMOUSDT -i 1h --count 8760 --store -o json
        tp-backtest run -o table --strategy builtin:sma-cross --param fast=10 --param slow=50 -s DEMOUSDT -i 1h \
            --allow-synthetic --html page$n.html >run$n
    done
    cmp run1 run2
    cmp page1.html page2.html
    grep -q '^drawdown$' run1
    grep -q 'Price and trades' page1.html
    run ! grep -E '<(script|link|img|iframe)[^>]* (src|href)=' page1.html
}
