#!/usr/bin/env bats
# tp-strategy serve: lines from outside name the position to have; market orders bring it about, once.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json
    pg_fresh_db signal_template
    unset TP_ENVIRONMENT TP_EXCHANGE
    for u in ann bob; do
        tp-user add $u@example.org --no-password >/dev/null
        TP_USER=$u@example.org tp-user account add -e BINANCE --name desk --initial-balance 10000 --set taker_bps=0 --set slippage_bps=0 >/dev/null
    done
    for s in BTCUSDT ETHUSDT; do
        tp-symbol add -e BINANCE $s --base ${s%USDT} --quote USDT --market-type LINEAR --tick-size 0.01 --step-size 0.001 \
            --min-notional 5 >/dev/null
    done
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    export TP_USER=ann@example.org
    cd "$BATS_TEST_TMPDIR"
    export PGDATABASE=signal_$BATS_TEST_NUMBER
    pg_psql -d postgres -c "create database $PGDATABASE template signal_template"
    minute=0
}

# Whatever a test did, the fills add up to what is stored.
teardown() {
    [ -z "${TP_SKIP_ALL:-}" ] || return 0
    tp-position rebuild --check || return 1
    pg_psql -d postgres -c "drop database if exists $PGDATABASE with (force)" 2>/dev/null
}

# signal TARGET [QTY [MEMBERS]]: a line for BTCUSDT of the minute that comes next
signal() {
    jq -nc --arg target "$1" --arg qty "${2:-}" --argjson more "${3:-{\}}" --arg at "$(printf '2025-01-01T00:%02d:00Z' "$minute")" \
        '{symbol: "BTCUSDT", target: $target, created_at: $at} + if $qty == "" then {} else {qty: $qty} end + $more'
}

# shellcheck disable=SC2120 # run passes them
serve() {
    tp-strategy serve --stdin-signals "$@"
}

# meet: the next minute comes, at 100
meet() {
    printf 'timestamp,open,high,low,close,volume\n2025-01-01T00:%02d:00Z,100,100,100,100,1000000\n' "$minute" >bar.csv
    minute=$((minute + 1))
    tp-prices -q import -e BINANCE -s BTCUSDT -i 1m bar.csv >/dev/null
    tp-order sync >/dev/null
}

held() {
    tp-position list -s BTCUSDT | jq -r '"\(.side) \(.quantity | tonumber + 0)"'
}

@test "a target becomes a market order, once, and nothing more when it is reached" {
    run -0 --separate-stderr serve <<<"$(signal LONG 2)"
    [ "$(jq -c '[.type, .exchange, .symbol, .target, .qty, .cancelled, .short_order_id, .line, .replayed]' <<<"$output")" = \
        '["signal","BINANCE","BTCUSDT","LONG","2.00000000",0,null,1,false]' ]
    order=$(jq -r .long_order_id <<<"$output")
    [ "$(tp-order show "$order" | jq -c '[.side, .order_type, .quantity, .reduce_only, .status, .reason, .role]')" = \
        '["LONG","MARKET","2.00000000",false,"PENDING","signal","ENTRY"]' ]
    # said again while the order works: the same order is the answer
    run -0 serve <<<"$(signal LONG 2)"
    [ "$(jq -r .long_order_id <<<"$output")" = "$order" ]
    [ "$(tp-order list | wc -l)" = 1 ]
    meet
    [ "$(held)" = "LONG 2" ]
    # said again when it is there: nothing is to be done
    run -0 serve <<<"$(signal LONG 2)"
    [ "$(jq -c '[.long_order_id, .short_order_id, .cancelled]' <<<"$output")" = '[null,null,0]' ]
    [ "$(tp-order list | wc -l)" = 1 ]
}

@test "more, less, the other side, flat: each target is reached from wherever the position is" {
    signal LONG 2 | serve >/dev/null
    meet
    for step in "LONG 3" "LONG 1" "SHORT 2" "SHORT 0.5" FLAT "SHORT 1" "LONG 1.25"; do
        # shellcheck disable=SC2086
        signal $step | serve >/dev/null
        meet
        [ "$(held)" = "${step#FLAT}" ]
    done
    [ "$(tp-order list | jq -r .status | sort -u)" = FILLED ]
}

@test "a newer target takes the place of one that has not been reached" {
    first=$(signal LONG 2 | serve | jq -r .long_order_id)
    run -0 serve <<<"$(signal SHORT 1)"
    [ "$(jq -c '[.cancelled, .long_order_id]' <<<"$output")" = '[1,null]' ]
    [ "$(tp-order show "$first" | jq -r .status)" = CANCELLED ]
    run -0 serve <<<"$(signal FLAT)"
    [ "$(jq -c '[.cancelled, .long_order_id, .short_order_id]' <<<"$output")" = '[1,null,null]' ]
    meet
    [ -z "$(held)" ]
    # orders by hand are not its own
    tp-order place -s BTCUSDT --side LONG --type LIMIT --price 50 --quantity 1 >/dev/null
    signal FLAT | serve >/dev/null
    [ "$(tp-order list | jq -r 'select(.status == "PENDING") | .order_type')" = LIMIT ]
}

@test "a signal with an id is obeyed once, however late it comes again" {
    signal LONG 2 '{"id":"a"}' | serve >/dev/null
    meet
    # this one finds what it wants, which is remembered as well
    signal LONG 2 '{"id":"b"}' | serve >/dev/null
    signal FLAT '' '{"id":"c"}' | serve >/dev/null
    meet
    [ -z "$(held)" ]
    run -0 --separate-stderr serve < <(signal LONG 2 '{"id":"a"}'; signal LONG 2 '{"id":"b"}')
    [ "$(jq -s -c 'map([.id, .replayed, .long_order_id != null])' <<<"$output")" = '[["a",true,true],["b",true,false]]' ]
    meet
    [ -z "$(held)" ]
    run -13 --separate-stderr serve <<<"$(signal LONG 3 '{"id":"a"}')"
    [ "$(jq -c '[.type, .line, .code, .reason]' <<<"$output")" = '["error",1,5,"KEY_TAKEN"]' ] || {
        echo "$output" "$stderr"
        false
    }
}

@test "lines that are wrong are told with their number; the others are obeyed" {
    run -13 --separate-stderr serve < <(
        signal LONG 1
        signal UP 1
        signal LONG
        signal FLAT 1
        signal LONG 0.0005
        signal LONG -1
        echo '{"symbol":"BTCUSDT","target":"LONG","qty":1}'
        echo '{"symbol":"BTCUSDT","target":"LONG","quantity":"1"}'
        echo '{"target":"LONG","qty":"1"}'
        echo 'LONG 1'
        signal LONG 1 '{"symbol":"NOSUCH"}'
        signal LONG 1 '{"symbol":"ETHUSDT"}'
    )
    [ "$(jq -s -c 'map(if .type == "error" then [.line, .code] else .line end)' <<<"$output")" = \
        '[1,[2,3],[3,3],[4,3],[5,3],[6,3],[7,3],[8,3],[9,3],[10,3],[11,4],12]' ] || {
        echo "$output"
        false
    }
    [ "$(tp-order list | wc -l)" = 2 ]
}

@test "limits and halts hold for signals; closing always passes" {
    tp-risk set --max-position-size 150 >/dev/null
    meet
    signal LONG 1 | serve >/dev/null
    meet
    run -13 --separate-stderr serve <<<"$(signal LONG 2)"
    [ "$(jq -c '[.type, .target, .long_order_id != null, .reject_reason]' <<<"$output")" = '["signal","LONG",true,"MAX_POSITION_SIZE"]' ]
    [ "$(tp-order list | jq -r .status | sort | uniq -c | tr -s ' ' | paste -sd,)" = ' 1 FILLED, 1 REJECTED' ]
    signal FLAT | serve >/dev/null
    meet
    [ -z "$(held)" ]
}

@test "both sides of a hedged account" {
    tp-user account add -e BINANCE --name hedged --initial-balance 10000 --position-mode HEDGE --set taker_bps=0 --set slippage_bps=0 >/dev/null
    for side in LONG SHORT; do
        tp-order place -a hedged -s BTCUSDT --at 2025-01-01 --side $side --type MARKET --quantity 2 >/dev/null
    done
    meet
    [ "$(held | sort | paste -sd,)" = "LONG 2,SHORT 2" ]
    run -0 serve -a hedged <<<"$(signal LONG 3)"
    [ "$(jq -c '[.long_order_id, .short_order_id] | map(. != null)' <<<"$output")" = '[true,true]' ]
    meet
    [ "$(held)" = "LONG 3" ]
}

@test "a bot's account takes no signals that open" {
    tp-strategy show builtin:sma-cross >trend.yaml
    tp-strategy add trend.yaml >/dev/null
    tp-bot create trend --strategy trend -e BINANCE -s BTCUSDT -i 1m --from 2025-01-01 >/dev/null
    account=$(tp-bot show trend | jq -r .account_id)
    run -13 --separate-stderr serve -a "$account" <<<"$(signal LONG 1)"
    [[ $output == *"belongs to a bot"* ]]
}

@test "what is tried dry leaves nothing; somebody else's account is not there" {
    run -0 serve --dry-run <<<"$(signal LONG 2 '{"id":"a"}')"
    [ "$(jq -r .target <<<"$output")" = LONG ]
    [ -z "$(tp-order list)" ]
    [ "$(pg_psql -c 'select count(*) from tp.signals')" = 0 ]
    account=$(TP_USER=bob@example.org tp-user account list | jq -r .id)
    run -13 --separate-stderr serve -a "$account" <<<"$(signal LONG 2)"
    run -2 tp-strategy serve <<<""
}
