#!/usr/bin/env bats
# The fill engine against hand-computed cases: each file of tests/scenario is one rule.
bats_require_minimum_version 1.5.0

setup() {
    here=$BATS_TEST_DIRNAME/..
    PATH=${TP_BUILD:-$PWD}:$here/../build:$PATH # make check runs in the build folder
}

# Compares what a run printed with what the case expects: for each record type that the case names, the
# same number of records in the same order, each with at least the expected members.
compare='
def within($want): . as $got
    | if ($want | type) == "object" and ($got | type) == "object"
      then all($want | keys[]; . as $k | $got[$k] | within($want[$k]))
      elif ($want | type) == "array" and ($got | type) == "array"
      then ($want | length) == ($got | length)
           and all(range($want | length); . as $i | $got[$i] | within($want[$i]))
      else $got == $want end;
($got | map(select(.type != "order_event" or .event != "PENDING"))) as $got
| [$want | map(.type) | unique[] as $type
   | ($want | map(select(.type == $type))) as $w | ($got | map(select(.type == $type))) as $g
   | if ($w | length) != ($g | length)
     then "\($type): want \($w | length) records, got \($g | map(del(.metrics, .results, .equity_curve)) | tojson)"
     else range($w | length) as $i | $w[$i] as $one
          | if $g[$i] | within($one) then empty
            else "\($type) \($i + 1): want \($one | tojson), got \($g[$i] | with_entries(select(.key as $k | $one | has($k))) | tojson)" end
     end]
| .[]'

# Runs every case of a rule's file, each also with blocks of one bar.
run_rule() {
    local file=$here/scenario/$1.jsonl n=0 bad=0 title block difference
    local -a sets

    rm -rf "$BATS_TEST_TMPDIR/case"
    mkdir "$BATS_TEST_TMPDIR/case"
    cd "$BATS_TEST_TMPDIR/case"
    awk '/"type":"scenario"/ { n++ } { print > sprintf("%03d.jsonl", n) }' "$file"
    for case in [0-9]*.jsonl; do
        title=$(jq -r 'select(.type == "scenario").title' "$case")
        mapfile -t sets < <(jq -r 'select(.type == "scenario").set[] | "--set=" + .' "$case")
        grep '"type":"order",' "$case" > orders
        grep '"type":"\(market_price\|funding_rate\)",' "$case" > candles
        grep -v '"type":"\(scenario\|order\|market_price\|funding_rate\)",' "$case" > want
        for block in 1 4096; do
            tp-backtest run -q -o json --block-size $block "${sets[@]}" --orders orders candles > got 2> said || true
            difference=$(jq -rn --slurpfile want want --slurpfile got got "$compare")
            if [ -n "$difference" ] || ! grep -q '"type":"backtest",' got; then
                echo "# $1: $title (blocks of $block)"
                sed 's/^/#   /' <<< "$difference" && sed 's/^/#   /' said
                bad=1
            fi
        done
        n=$((n + 1))
    done
    [ $n -gt 0 ]
    [ $bad -eq 0 ]
}

@test "R1 a strategy's orders become eligible at the next open" { run_rule R1; }
@test "R2 exits come before entries" { run_rule R2; }
@test "R3 the path takes the adverse extreme first" { run_rule R3; }
@test "R4 market orders fill at the open" { run_rule R4; }
@test "R5 limits need to be traded through" { run_rule R5; }
@test "R6 stops trigger at a touch and fill no better than the open" { run_rule R6; }
@test "R7 stop-limits are limits after their trigger" { run_rule R7; }
@test "R8 exits in the bar of their entry count against the trader" { run_rule R8; }
@test "R9 the stop-loss wins over the take-profit" { run_rule R9; }
@test "R10 trailing stops follow after the bar" { run_rule R10; }
@test "R11 brackets belong to the filled quantity" { run_rule R11; }
@test "R12 slippage is against the trader" { run_rule R12; }
@test "R13 volume limits or warns" { run_rule R13; }
@test "R14 prices and quantities are rounded against the trader" { run_rule R14; }
@test "R15 fees are charged on the notional, rounded up" { run_rule R15; }
@test "R16 funding is exchanged by what is held at its stamps" { run_rule R16; }
@test "R17 isolated positions are liquidated" { run_rule R17; }
@test "R18 entries need their margin" { run_rule R18; }
@test "R19 missing bars are gaps" { run_rule R19; }
@test "R21 the end of the data closes positions" { run_rule R21; }
@test "R22 runs repeat themselves" {
    run_rule R22
    tp-backtest run -q -o json --orders orders candles > again || true
    tp-backtest run -q -o json --orders orders candles > again2 || true
    cmp again again2
}
@test "R23 ruin ends the run" { run_rule R23; }
@test "R24 orders expire" { run_rule R24; }
@test "in hedge mode each side is a position of its own" { run_rule HEDGE; }
@test "every order type, side and time in force" { run_rule TYPES; }

@test "a gap above --max-gap stops the run with exit 5" {
    grep '"type":"order",' "$here/scenario/R19.jsonl" > "$BATS_TEST_TMPDIR/orders"
    grep '"type":"market_price",' "$here/scenario/R19.jsonl" > "$BATS_TEST_TMPDIR/candles"
    run -5 --separate-stderr tp-backtest run --max-gap 3 --orders "$BATS_TEST_TMPDIR/orders" "$BATS_TEST_TMPDIR/candles"
    [[ $stderr == *"4 candles are missing before 2025-01-01T05:00:00.000000Z, --max-gap is 3"* ]]
}

@test "funding_missing=fail stops at a stamp without a rate with exit 5" {
    awk '/"type":"scenario"/ { n++ } n == 1' "$here/scenario/R16.jsonl" > "$BATS_TEST_TMPDIR/all"
    grep '"type":"order",' "$BATS_TEST_TMPDIR/all" > "$BATS_TEST_TMPDIR/orders"
    grep '"type":"market_price",' "$BATS_TEST_TMPDIR/all" > "$BATS_TEST_TMPDIR/candles"
    grep '"type":"funding_rate",' "$BATS_TEST_TMPDIR/all" > "$BATS_TEST_TMPDIR/rates"
    run -5 --separate-stderr tp-backtest run --set funding_missing=fail --orders "$BATS_TEST_TMPDIR/orders" \
        "$BATS_TEST_TMPDIR/candles"
    [[ $stderr == *"no funding rate of 2025-01-01T08:00:00.000000Z is known"* ]]
    [[ $stderr == *"--funding FILE"* ]]
    run -0 tp-backtest run -q -o json --set funding_missing=fail --orders "$BATS_TEST_TMPDIR/orders" \
        --funding "$BATS_TEST_TMPDIR/rates" "$BATS_TEST_TMPDIR/candles"
    [ "$(tail -n 1 <<< "$output" | jq -r .metrics.funding)" = -0.10200000 ]
}

@test "funding rates of another instrument, out of order or behind candles are refused" {
    printf '%s\n' '{"type":"order","created_at":"2025-01-01T00:00:00Z","side":"LONG","order_type":"MARKET","quantity":"1"}' \
        > "$BATS_TEST_TMPDIR/orders"
    candle='{"type":"market_price","symbol":"TEST","interval":"1h","timestamp":"2025-01-01T00:00:00Z","open":"1","high":"1","low":"1","close":"1","volume":"1"}'
    rate='{"type":"funding_rate","symbol":"TEST","funding_time":"2025-01-01T08:00:00Z","rate":"0.0001"}'
    refused() { # what is told, then the lines
        local told=$1
        shift
        run -3 --separate-stderr tp-backtest run --orders "$BATS_TEST_TMPDIR/orders" - < <(printf '%s\n' "$@")
        [[ $stderr == *"$told"* ]]
    }
    refused "the funding rates are of OTHER, the candles of TEST" "${rate/TEST/OTHER}" "$candle"
    refused "line 2: funding_time: not later than the one before" "$rate" "$rate" "$candle"
    refused "line 2: a funding rate behind a candle" "$candle" "$rate"
    refused "line 2: symbol: the funding rates of a stream" "$rate" "$(sed 's/TEST/OTHER/; s/08:/09:/' <<< "$rate")" "$candle"
    run -2 --separate-stderr tp-backtest run --set funding_missing=off --funding /dev/null \
        --orders "$BATS_TEST_TMPDIR/orders" - <<< "$candle"
    [[ $stderr == *"--funding: funding_missing=off"* ]]
}

@test "an unknown knob is a usage error that names the way to the list" {
    run -2 --separate-stderr tp-backtest run --set nonsense=1 --orders /dev/null -
    [[ $stderr == *"there is no knob 'nonsense'"* ]]
    [[ $stderr == *"--list-knobs"* ]]
}

@test "every knob is listed with its value in the profile" {
    run -0 --separate-stderr tp-backtest run --list-knobs --profile optimistic -o json
    [ "$(jq -r 'select(.name == "slippage_bps").value' <<< "$output")" = 0 ]
    [ "$(jq -r 'select(.name == "limit_fill").value' <<< "$output")" = touch ]
}

@test "orders of another instrument are refused, and orders that no candle reaches are told" {
    cd "$BATS_TEST_TMPDIR"
    grep '"type":"market_price"' "$here/scenario/R19.jsonl" >candles
    order() { printf '{"type":"order","created_at":"%s","symbol":%s,"side":"LONG","order_type":"MARKET","quantity":"1.00000000"}\n' "$1" "$2"; }
    order 2025-01-01 '"OTHER"' >orders
    run -3 --separate-stderr tp-backtest run --orders orders candles
    [ -z "$output" ]
    [ "$stderr" = 'tp-backtest: error: --orders: the orders are for OTHER, the candles of TEST' ]
    { order 2025-01-01 '"TEST"'; order 2025-01-01 '"OTHER"'; } >orders
    run -3 --separate-stderr tp-backtest run --orders orders candles
    [[ $stderr == *"orders: line 2: symbol: OTHER, but TEST in the lines before"* ]]
    { order 2025-01-01 null; order 2030-01-01 '"TEST"'; } >orders
    run -0 --separate-stderr tp-backtest run --orders orders candles
    [[ $stderr == *"orders never reached, because the candles or the account ended before: 1"* ]]
    [ "$(tail -n 1 <<<"$output" | jq -c '[.metrics.orders, .metrics.unreached_orders]')" = '[2,1]' ]
}
