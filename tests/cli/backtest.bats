#!/usr/bin/env bats
# tp-backtest: stored results, against a real server.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
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

# A year of invented hours for a real-looking instrument, in the database, as CSV and as records.
three_ways() {
    [ -s "$BATS_FILE_TMPDIR/candles.csv" ] && return
    tp-prices generate -s BTCUSDT -i 1h --count 6000 --seed 5 --store -o json
    tp-prices export -s BTCUSDT -i 1h --binance >"$BATS_FILE_TMPDIR/candles.csv"
    tp-prices export -s BTCUSDT -i 1h -o json >"$BATS_FILE_TMPDIR/candles.jsonl"
    tp-symbol show -o json -e BINANCE BTCUSDT >"$BATS_FILE_TMPDIR/symbol.json"
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
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
    run -0 --separate-stderr tp-backtest delete "$id" -o json
    [ "$(jq -r '[.type, .id, .deleted_at != null, .results] | @csv' <<<"$output")" = "\"backtest\",\"$id\",true," ]
    [ "$(tp-backtest list -o json | wc -l)" = 1 ]
    [ "$(tp-backtest list --deleted -o json | jq -r .id)" = "$id" ]
    run -4 --separate-stderr tp-backtest delete "$id"
    [[ $stderr == *"there is no live backtest $id"* ]]
    run -0 --separate-stderr tp-backtest restore "$id" -o json
    [ "$(jq -r '[.id, .deleted_at] | @csv' <<<"$output")" = "\"$id\"," ]
    [ "$(tp-backtest list -o json | wc -l)" = 2 ]
}

@test "an id that is none is a usage error, an unknown one exit 4" {
    run -2 --separate-stderr tp-backtest show nonsense
    run -4 --separate-stderr tp-backtest show 00000000-0000-7000-8000-000000000000
}

@test "the built-in strategies trade the same from the database, from CSV and from stdin, at any block size" {
    three_ways
    cd "$BATS_FILE_TMPDIR"
    n=0
    for strategy in $(tp-strategy list --builtin -o json | jq -r .name | head -n 5); do
        tp-backtest run -S "$strategy" -s BTCUSDT -i 1h --allow-synthetic --dry-run --trades --equity -o json \
            >"$strategy.want"
        for size in 1 7 4096; do
            tp-backtest run -S "$strategy" -s BTCUSDT -i 1h --allow-synthetic --dry-run --trades --equity -o json \
                --block-size "$size" >got
            cmp "$strategy.want" got
            tp-backtest run -S "$strategy" -i 1h --instrument symbol.json --trades --equity -o json \
                --block-size "$size" candles.csv >got
            diff <(jq -c 'del(.metrics.synthetic_bars)' "$strategy.want") <(jq -c 'del(.metrics.synthetic_bars)' got)
            tp-backtest run -S "$strategy" --allow-synthetic --trades --equity -o json --block-size "$size" - \
                <candles.jsonl >got
            cmp "$strategy.want" got
        done
        n=$((n + $(jq -s 'map(select(.type == "backtest_trade")) | length' "$strategy.want")))
    done
    [ "$n" -gt 100 ]
}

@test "a run on stored candles is kept, with its strategy; a dry run and a stream are not" {
    three_ways
    cd "$BATS_FILE_TMPDIR"
    before=$(tp-backtest list -o json | wc -l)
    for nth in 1 2; do
        run -0 --separate-stderr tp-backtest run -S builtin:sma-cross -P fast=20 -s BTCUSDT -i 1h --allow-synthetic -o json
        id=$(jq -r .id <<<"$output")
        [[ $stderr == *"the result is stored as $id"* ]]
        tp-backtest show "$id" -o json | jq -S . >kept
        cmp kept <(jq -S . <<<"$output")
        jq -c 'del(.id, .created_at)' <<<"$output" >"run$nth"
    done
    cmp run1 run2
    [ "$(tp-backtest list -o json | wc -l)" = $((before + 2)) ]
    [ "$(tp-strategy list --name builtin:sma-cross -o json | wc -l)" = 1 ]
    [ "$(tp-strategy list --name builtin:sma-cross -o json | jq -r .version)" = "1.0.0+$(jq -r .metrics.strategy_sha256 run1 | cut -c1-8)" ]
    [ "$(tp-backtest list --strategy builtin:sma-cross -o json | wc -l)" = 2 ]
    run -0 --separate-stderr tp-backtest run -S builtin:sma-cross -s BTCUSDT -i 1h --allow-synthetic --dry-run -o json
    [ "$(jq -r .id <<<"$output")" = null ]
    run -0 --separate-stderr tp-backtest run -S builtin:sma-cross --allow-synthetic -o json candles.jsonl
    [ "$(jq -r .id <<<"$output")" = null ]
    [ "$(tp-backtest list -o json | wc -l)" = $((before + 2)) ]
}

@test "the page of a stored result is the page of its run" {
    three_ways
    cd "$BATS_FILE_TMPDIR"
    id=$(tp-backtest run -S builtin:donchian-turtle -s BTCUSDT -i 1h --allow-synthetic --html run.html -o json | jq -r .id)
    tp-backtest report "$id" --html - >report.html
    cmp run.html report.html
    grep -q 'Price and trades' report.html
}

@test "a page that cannot be written stores no result, and leaves the page that was there" {
    three_ways
    before=$(tp-backtest list | wc -l)
    for page in /dev/full ./nowhere/page.html; do
        run -1 --separate-stderr tp-backtest run -S builtin:sma-cross -s BTCUSDT -i 1h --allow-synthetic --html "$page"
        [ -z "$output" ]
        [[ $stderr == *"$page: "* ]]
    done
    [ "$(tp-backtest list | wc -l)" = "$before" ]
    cd "$BATS_TEST_TMPDIR"
    echo old >page.html
    chmod 640 page.html
    (
        ulimit -f 8
        trap '' XFSZ
        run -1 --separate-stderr tp-backtest run -S builtin:sma-cross -s BTCUSDT -i 1h --allow-synthetic --html page.html
    )
    [ "$(cat page.html)" = old ]
    tp-backtest run -S builtin:sma-cross -s BTCUSDT -i 1h --allow-synthetic --dry-run --html page.html
    [ "$(stat -c %a page.html)" = 640 ]
    grep -q '</html>' page.html
    [ ! -e page.html.part ]
}

# A strategy that loses all it has.
all_in() {
    cat >"$1" <<'YAML'
schema: tp.strategy/1
entry: {long: {when: "true", size: {qty: 1}}}
exit: {long: {when: "bars_held > 2"}}
YAML
}

@test "a ruined account ends the reading of the database early" {
    three_ways
    all_in "$BATS_TEST_TMPDIR/all-in.yaml"
    run -0 --separate-stderr tp-backtest run -S "$BATS_TEST_TMPDIR/all-in.yaml" -s BTCUSDT -i 1h --allow-synthetic \
        --set taker_bps=2000 --set leverage=100 -o json
    [[ $(jq -r .end_date <<<"$output") < 2024-01-05 ]]
    [ "$(jq -r .metrics.ruined <<<"$output")" = true ]
    [[ $stderr == *"the result is stored as"* ]]
}

@test "many stored candles come on two connections, in one order, also with a hole or when only one can be had" {
    cd "$BATS_TEST_TMPDIR"
    tp-prices generate -s BTCUSDT -i 1m --count 100000 --seed 6 --store -q -o json
    pg_psql -c "delete from tp.market_prices where interval = '1m' and timestamp between '2024-01-15' and '2024-01-27 12:34'"
    tp-prices export -s BTCUSDT -i 1m -o json >candles.jsonl
    args=(-S builtin:macd-trend --allow-synthetic --dry-run --trades --equity -o json)
    tp-backtest run "${args[@]}" -i 1m candles.jsonl >want 2>/dev/null
    [ "$(jq -s 'map(select(.type == "equity_point")) | length' want)" -gt 80000 ]
    for size in 1 4096 50000; do
        tp-backtest run "${args[@]}" -s BTCUSDT -i 1m --block-size "$size" >got 2>/dev/null
        cmp want got
    done
    pg_psql -c "alter system set log_connections = on" -c "select pg_reload_conf()" >/dev/null
    until [ "$(pg_psql -At -c "show log_connections")" = on ]; do sleep 0.1; done
    tp-backtest run "${args[@]}" -s BTCUSDT -i 1m >got 2>/dev/null
    [ "$(grep -c 'authorized:.*application_name=tp-backtest' "$PG_ROOT/data/log")" = 2 ]
    range=(--from 2024-01-02T03:04:00Z --to 2024-03-01T05:06:00Z)
    cmp <(tp-backtest run "${args[@]}" "${range[@]}" -i 1m candles.jsonl 2>/dev/null) \
        <(tp-backtest run "${args[@]}" "${range[@]}" -s BTCUSDT -i 1m 2>/dev/null)
    pg_psql -c "create role lonely login in role tp_app connection limit 1"
    PGUSER=lonely run -0 --separate-stderr tp-backtest run "${args[@]}" -s BTCUSDT -i 1m
    cmp want <(echo "$output")
    # An account that is ruined leaves both in the middle.
    all_in all-in.yaml
    run -0 --separate-stderr tp-backtest run "${args[@]:2}" -S all-in.yaml -s BTCUSDT -i 1m --set taker_bps=2000 --set leverage=100
    [ "$(tail -n 1 <<<"$output" | jq .metrics.ruined)" = true ]
}

@test "what a run on stored candles needs is said" {
    three_ways
    run -2 --separate-stderr tp-backtest run -S builtin:sma-cross -s BTCUSDT
    [[ $stderr == *"--interval WORD is required for a run on stored candles"*"or name a file of candles"* ]]
    run -2 --separate-stderr tp-backtest run -S builtin:sma-cross -i 1h
    [[ $stderr == *"--symbol SYMBOL is required"* ]]
    run -4 --separate-stderr tp-backtest run -S builtin:sma-cross -s NOSUCH -i 1h
    run -4 --separate-stderr tp-backtest run -S builtin:sma-cross -s BTCUSDT -i 5m
    [[ $stderr == *"there are no 5m candles of BINANCE BTCUSDT"*"tp-prices coverage"* ]]
    run -4 --separate-stderr tp-backtest run -S nosuch -s BTCUSDT -i 1h
    [[ $stderr == *"there is no strategy 'nosuch'"* ]]
    run -5 --separate-stderr tp-backtest run -S builtin:sma-cross -s BTCUSDT -i 1h
    [[ $stderr == *"BINANCE BTCUSDT has synthetic candles"*"--allow-synthetic"* ]]
    run -2 --separate-stderr tp-backtest run -S builtin:sma-cross -s BTCUSDT -i 1h --from 2024-01-02 --to 2024-01-02
    [[ $stderr == *"--from, --to: the end is not later than the beginning"* ]]
    run -2 --separate-stderr tp-backtest run -S builtin:sma-cross -s BTCUSDT -i 1h --instrument x
    [[ $stderr == *"--instrument"* ]]
}
