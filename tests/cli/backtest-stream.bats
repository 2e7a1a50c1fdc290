#!/usr/bin/env bats
# tp-backtest on streams: strategies without any server.
bats_require_minimum_version 1.5.0

setup_file() {
    # A year of four-hour bars that swing, in Binance's columns.
    awk 'BEGIN {
        p = 10000
        for (i = 0; i < 2190; i++) {
            o = p
            p = int(10000 + 3000 * sin(i / 37) + 800 * sin(i / 5))
            h = (o > p ? o : p) + 20
            l = (o < p ? o : p) - 20
            printf "%d,%d.00,%d.00,%d.00,%d.00,1000.5,%d,0,1,0,0,0\n",
                   1640995200000 + i * 14400000, o, h, l, p, 1640995200000 + (i + 1) * 14400000 - 1
        }
    }' > "$BATS_FILE_TMPDIR/candles.csv"
}

setup() {
    PATH=${TP_BUILD:-$PWD}:$BATS_TEST_DIRNAME/../../build:$PATH # make check runs in the build folder
    unset PGHOST PGDATABASE PGSERVICE TP_DSN
    csv=$BATS_FILE_TMPDIR/candles.csv
}

as_json() {
    awk -F, '{ cmd = sprintf("date -u -d @%d +%%Y-%%m-%%dT%%H:%%M:%%SZ", $1 / 1000)
        cmd | getline t; close(cmd)
        printf "{\"type\":\"market_price\",\"symbol\":\"X\",\"interval\":\"4h\",\"timestamp\":\"%s\",\"open\":\"%s\",\"high\":\"%s\",\"low\":\"%s\",\"close\":\"%s\",\"volume\":\"%s\"}\n", t, $2, $3, $4, $5, $6 }' "$1"
}

@test "every built-in trades, with the same bytes for blocks of 1, 7 and 4096" {
    for name in sma-cross rsi-reversion macd-trend bollinger-breakout donchian-turtle; do
        for block in 1 7 4096; do
            tp-backtest run -S builtin:$name -i 4h --symbol X -o json --trades --block-size $block "$csv" > "$BATS_TEST_TMPDIR/$block"
        done
        cmp "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/7"
        cmp "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/4096"
        [ "$(tail -n 1 "$BATS_TEST_TMPDIR/1" | jq .total_trades)" -gt 0 ]
    done
}

@test "a strategy of several intervals trades the same in blocks of 1, 7 and 4096, gaps or not" {
    cat >"$BATS_TEST_TMPDIR/mtf.yaml" <<'YAML'
data: {d: {interval: 1d}, w: {interval: 1w}}
filter: "d.close > sma(d.close, 3) and atr(w, 2) > 0"
entry: {long: {when: "cross_up(close, d.high[1])", size: {equity_pct: 50}}}
exit: {long: {when: "close < d.low"}}
YAML
    awk 'NR == 1 || NR % 11' "$csv" >"$BATS_TEST_TMPDIR/gaps.csv"
    for file in "$csv" "$BATS_TEST_TMPDIR/gaps.csv"; do
        for block in 1 7 4096; do
            tp-backtest run -q -S "$BATS_TEST_TMPDIR/mtf.yaml" -i 4h --symbol X -o json --trades --max-gap 10 --block-size $block \
                "$file" > "$BATS_TEST_TMPDIR/$block"
        done
        cmp "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/7"
        cmp "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/4096"
        [ "$(tail -n 1 "$BATS_TEST_TMPDIR/1" | jq .total_trades)" -gt 0 ]
    done
}

@test "the money adds up: final equity is the start and the results" {
    run -0 --separate-stderr tp-backtest run -S builtin:sma-cross -i 4h --symbol X -o json "$csv"
    # In units of 1e-8, which shell arithmetic holds exactly.
    sum=$(($(jq -r '[.initial_capital, .results[].pnl] | map(sub("\\."; "") | sub("^(?<s>-?)0+(?<d>[0-9])"; "\(.s)\(.d)")) | join("+")' <<< "$output" | sed 's/+-/-/g')))
    [ "$sum" = "$(jq -r '.final_equity | sub("\\."; "")' <<< "$output")" ]
}

@test "a stream of records gives the trades of the CSV" {
    head -n 300 "$csv" > "$BATS_TEST_TMPDIR/part.csv"
    as_json "$BATS_TEST_TMPDIR/part.csv" > "$BATS_TEST_TMPDIR/part.jsonl"
    tp-backtest run -S builtin:sma-cross -i 4h --symbol X -o json "$BATS_TEST_TMPDIR/part.csv" > "$BATS_TEST_TMPDIR/a"
    tp-backtest run -S builtin:sma-cross -o json - < "$BATS_TEST_TMPDIR/part.jsonl" > "$BATS_TEST_TMPDIR/b"
    cmp "$BATS_TEST_TMPDIR/a" "$BATS_TEST_TMPDIR/b"
}

@test "a parameter changes the run and its hash" {
    a=$(tp-backtest run -S builtin:sma-cross -i 4h --symbol X -o json "$csv" | jq -r .metrics.strategy_sha256)
    b=$(tp-backtest run -S builtin:sma-cross -P fast=5 -i 4h --symbol X -o json "$csv" | jq -r .metrics.strategy_sha256)
    [ "$a" != "$b" ]
    run -2 --separate-stderr tp-backtest run -S builtin:sma-cross -P speed=5 -i 4h --symbol X "$csv"
    [[ $stderr == *"no parameter 'speed'"* ]]
}

@test "mistakes in a strategy are told with their path" {
    printf '{"entry":{"long":{"when":"emaa(close,3) > 1","size":{"qty":1}}}}' > "$BATS_TEST_TMPDIR/s.json"
    run -3 --separate-stderr tp-backtest run -S "$BATS_TEST_TMPDIR/s.json" -i 4h --symbol X "$csv"
    [[ $stderr == *"\$.entry.long.when: column 1: unknown function 'emaa', did you mean 'ema'?"* ]]
    printf '{"entry":{"long":{"when":"close[-1] > 1","size":{"qty":1}}}}' > "$BATS_TEST_TMPDIR/s.json"
    run -3 --separate-stderr tp-backtest run -S "$BATS_TEST_TMPDIR/s.json" -i 4h --symbol X "$csv"
    [[ $stderr == *"bars to come cannot be named"* ]]
}

@test "bad candles are refused with their line" {
    sed '5s/,[^,]*,/,nonsense,/' "$csv" > "$BATS_TEST_TMPDIR/bad.csv"
    run -3 --separate-stderr tp-backtest run -S builtin:sma-cross -i 4h --symbol X "$BATS_TEST_TMPDIR/bad.csv"
    [[ $stderr == *"line 5: open: 'nonsense' is not a decimal number"* ]]
    # The same but for what takers bought, or for when it closed, is another candle.
    row=1640995200000,1,1,1,1,1,1640995259999,1,1
    for other in 1640995200000,1,1,1,1,1,1640995259999,1,1,0.5,0.5,0 1640995200000,1,1,1,1,1,1640995255000,1,1,1,1,0; do
        run -3 --separate-stderr tp-backtest run -S builtin:sma-cross - < <(printf '%s,1,1,0\n%s\n' "$row" "$other")
        [[ $stderr == *"line 2"*"stands twice with different values"* ]]
    done
}

@test "the table ends with a chart, and --html writes one page" {
    run -0 --separate-stderr tp-backtest run -S builtin:sma-cross -i 4h --symbol X -o table --html "$BATS_TEST_TMPDIR/page.html" "$csv"
    [[ $output == *sharpe_ratio* ]]
    [[ $output == *drawdown* ]]
    grep -q '</html>' "$BATS_TEST_TMPDIR/page.html"
}

@test "with fill=close a time exit fills at the close of its bar, also where nothing else happens" {
    # no bar opens where the one before closed
    awk 'BEGIN { print "time,open,high,low,close,volume"; for (i = 0; i < 40; i++) { c = 100 + i % 7; printf "%d,%d,%d,%d,%d,1000\n", 1704067200 + 3600 * i, c - 3, c + 1, c - 4, c } }' \
        >"$BATS_TEST_TMPDIR/candles.csv"
    cat >"$BATS_TEST_TMPDIR/hold.yaml" <<'YAML'
entry: {long: {when: "close == 100 and close[1] == 106", order: {type: MARKET}, size: {qty: 1}}}
protect: {time_exit: {bars: 3}}
YAML
    run -0 --separate-stderr tp-backtest run -S "$BATS_TEST_TMPDIR/hold.yaml" -i 1h --set fill=close \
        --set slippage_bps=0 --trades "$BATS_TEST_TMPDIR/candles.csv"
    [ "$(jq -r 'select(.type == "backtest_trade" and .exit_reason == "TIME_EXIT") | .entry_price + " " + .exit_price' <<<"$output" | sort -u)" \
        = "100.00000000 103.00000000" ]
}

@test "a CSV of any columns is run on when they are named, and refused with the hint when they are not" {
    awk 'BEGIN { OFS = ","; for (i = 0; i < 60; i++) print 100 + i % 7, 99, 108, 0.5, 100 + i % 5, 1704067200 + 3600 * i }' \
        >"$BATS_TEST_TMPDIR/odd.csv"
    run -0 --separate-stderr tp-backtest run -S builtin:sma-cross -P fast=5 -P slow=20 -i 1h --columns open,low,high,volume,close,time \
        "$BATS_TEST_TMPDIR/odd.csv"
    [ "$(jq .metrics.bars <<<"$output")" = 60 ]
    run -3 tp-backtest run -S builtin:sma-cross -i 1h "$BATS_TEST_TMPDIR/odd.csv"
}

@test "the venue of a stream: an option wins over what it tells, that over TP_EXCHANGE" {
    cd "$BATS_TEST_TMPDIR"
    told() { tp-backtest run -S builtin:sma-cross --allow-synthetic "$@" | jq -r .exchange; }
    tp-prices generate -s DEMO -i 1h -n 200 >silent.jsonl
    jq -c '.exchange = "BYBIT"' silent.jsonl >telling.jsonl
    [ "$(told silent.jsonl)" = null ]
    [ "$(told telling.jsonl)" = BYBIT ]
    export TP_EXCHANGE=OKX
    [ "$(told silent.jsonl)" = OKX ]
    [ "$(told telling.jsonl)" = BYBIT ]
    [ "$(told -e BINANCE telling.jsonl)" = BINANCE ]
}
