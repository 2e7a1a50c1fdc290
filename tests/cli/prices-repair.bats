#!/usr/bin/env bats
# tp-prices gaps, verify, repair: what is missing, what is wrong, and putting it right without touching the rest.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    cd "$BATS_TEST_TMPDIR" || return
    pg_fresh_db "repair$BATS_TEST_NUMBER"
    tp-db -q seed
    tp-prices generate -s X -i 1m --from 2024-02-01 -n 720 --seed 3 |
        jq -c 'del(.source) | .symbol = "BTCUSDT" | .exchange = "BINANCE"' >fine.jsonl
    tp-prices import -q fine.jsonl >/dev/null
    tp-prices resample -q -s BTCUSDT -i 1h >/dev/null
    tp-prices export -s BTCUSDT -i 1h --binance >coarse.csv
}

counts() {
    jq -r 'select(.type == "import") | "\(.rows_read) \(.rows_inserted) \(.rows_updated) \(.rows_unchanged)"'
}

findings() {
    jq -r 'select(.type == "price_finding") | "\(.kind) \(.from[11:16])-\(.to[11:16]) \(.candles)"'
}

content() {
    tp-prices export -s BTCUSDT -i 1h --binance
}

drop() { # hours
    pg_psql -c "delete from tp.market_prices where interval = '1h' and extract(hour from timestamp at time zone 'UTC') in ($1)"
}

@test "what is whole has no gaps and no faults, and agrees with its minutes" {
    run -0 --separate-stderr tp-prices gaps --strict -s BTCUSDT -i 1h
    [ -z "$output" ]
    run -0 --separate-stderr tp-prices verify --strict -s BTCUSDT -i 1h
    [ -z "$output" ]
    [[ $stderr == *"12 candles compared with 1m"* ]]
}

@test "gaps are facts, exit 0, unless strict" {
    drop 3,4,8
    run -0 --separate-stderr tp-prices gaps -s BTCUSDT -i 1h
    [ "$(findings <<<"$output")" = "$(printf '%s\n' 'missing 03:00-05:00 2' 'missing 08:00-09:00 1')" ]
    [[ $stderr == *"2 gaps, 3 candles missing"* ]]
    run -12 --separate-stderr tp-prices gaps --strict -s BTCUSDT -i 1h
}

@test "a range that was asked for may miss candles at its edges" {
    run -0 --separate-stderr tp-prices gaps -s BTCUSDT -i 1h --from 2024-01-31T22:00 --to 2024-02-01T14:00
    [ "$(findings <<<"$output")" = "$(printf '%s\n' 'missing 22:00-00:00 2' 'missing 12:00-14:00 2')" ]
    run -4 tp-prices gaps -s BTCUSDT -i 1h --from 2025-01-01
}

@test "a stored candle that its minutes contradict is a fault, exit 12, named with both values" {
    pg_psql -c "update tp.market_prices set volume = volume + 1 where interval = '1h' and timestamp = '2024-02-01 05:00Z'"
    run -12 --separate-stderr tp-prices verify -s BTCUSDT -i 1h
    [ "$(jq -r '"\(.kind) \(.from[11:16]) \(.field)"' <<<"$output")" = "differs 05:00 volume" ]
    [ "$(jq -r '(.stored | tonumber) - (.expected | tonumber) | round' <<<"$output")" = 1 ]
    [[ $stderr == *"1 faults were found"* ]]
}

@test "a bar of which minutes are missing is not compared" {
    pg_psql -c "delete from tp.market_prices where interval = '1m' and timestamp = '2024-02-01 05:30Z'"
    run -0 --separate-stderr tp-prices verify -s BTCUSDT -i 1h
    [[ $stderr == *"11 candles compared with 1m"* ]]
}

@test "a second source is compared, too" {
    awk -F, -v OFS=, 'NR == 3 { $3 = $3 + 1 } 1' coarse.csv >other.csv
    run -12 --separate-stderr tp-prices verify -s BTCUSDT -i 1h --against other.csv
    [ "$(jq -r '"\(.kind) \(.from[11:16]) \(.field)"' <<<"$output")" = "differs 02:00 high" ]
    run -0 --separate-stderr tp-prices verify -s BTCUSDT -i 1h --against coarse.csv
    [[ $stderr == *"12 candles compared with coarse.csv"* ]]
}

@test "gaps are filled from stored minutes, marked as resampled, and nothing else is touched" {
    drop 3,4,8
    xmin=$(pg_psql -c "select string_agg(xmin::text, ',' order by timestamp) from tp.market_prices where interval = '1h'")
    run -0 --separate-stderr tp-prices repair --dry-run -s BTCUSDT -i 1h --from-interval 1m
    [ "$(counts <<<"$output")" = "12 3 0 9" ]
    [ "$(pg_psql -c "select count(*) from tp.market_prices where interval = '1h'")" = 9 ]
    run -0 --separate-stderr tp-prices repair -s BTCUSDT -i 1h --from-interval 1m
    [ "$(counts <<<"$output")" = "12 3 0 9" ]
    [[ $stderr == *"nothing is missing"* ]]
    [ "$(content)" = "$(cat coarse.csv)" ]
    [ "$(pg_psql -c "select string_agg(xmin::text, ',' order by timestamp) from tp.market_prices where interval = '1h' and extract(hour from timestamp at time zone 'UTC') not in (3, 4, 8)")" = "$xmin" ]
    [ "$(pg_psql -c "select distinct source from tp.market_prices where interval = '1h'")" = RESAMPLED ]
    run -0 --separate-stderr tp-prices repair -s BTCUSDT -i 1h --from-interval 1m
    [ "$(counts <<<"$output")" = "12 0 0 12" ]
}

@test "what its source lacks stays missing, is told, and is exit 13" {
    drop 3,4,8
    pg_psql -c "delete from tp.market_prices where interval = '1m' and timestamp = '2024-02-01 04:30Z'"
    run -13 --separate-stderr tp-prices repair -s BTCUSDT -i 1h --from-interval 1m
    [ "$(counts <<<"$output")" = "11 2 0 9" ]
    [ "$(findings <<<"$output")" = "missing 04:00-05:00 1" ]
    [[ $stderr == *"1 candles are still missing"* ]]
    run -0 tp-prices -q repair -s BTCUSDT -i 1h coarse.csv
    [ "$(content)" = "$(cat coarse.csv)" ]
    [ "$(pg_psql -c "select source from tp.market_prices where interval = '1h' and timestamp = '2024-02-01 04:00Z'")" = IMPORT ]
}

@test "a file fills gaps only, unless stored candles are to be replaced" {
    drop 3
    awk -F, -v OFS=, '{ $6 = $6 + 1 } 1' coarse.csv >other.csv
    run -0 tp-prices -q repair -s BTCUSDT -i 1h other.csv
    [ "$(counts <<<"$output")" = "12 1 0 11" ]
    [ "$(diff <(content) coarse.csv | grep -c '^<')" = 1 ]
    run -0 tp-prices -q repair --replace -s BTCUSDT -i 1h coarse.csv
    [ "$(counts <<<"$output")" = "12 0 1 11" ]
    [ "$(content)" = "$(cat coarse.csv)" ]
}

@test "a repair does not lengthen a history, and a bad file changes nothing" {
    drop 0,3,11
    run -0 tp-prices -q repair -s BTCUSDT -i 1h coarse.csv
    [ "$(counts <<<"$output")" = "10 1 0 9" ]
    run -0 tp-prices -q repair -s BTCUSDT -i 1h --from 2024-02-01 --to 2024-02-01T12:00 coarse.csv
    [ "$(counts <<<"$output")" = "12 2 0 10" ]
    drop 3,4
    awk -F, -v OFS=, 'NR == 8 { $3 = 1 } 1' coarse.csv >bad.csv
    run -3 --separate-stderr tp-prices repair -s BTCUSDT -i 1h bad.csv
    [[ $stderr == *"bad.csv: line 8: "* ]]
    [ "$(content | wc -l)" = 10 ]
}

@test "repairs that make no sense" {
    run -2 tp-prices repair -s BTCUSDT -i 1h
    run -2 tp-prices repair -s BTCUSDT -i 1h --from-interval 1m coarse.csv
    run -2 tp-prices repair -s BTCUSDT -i 1m --from-interval 1h
    run -4 tp-prices repair -s ETHUSDT -i 1h --from-interval 1m
    jq -c '.exchange = "BYBIT"' <(tp-prices export -s BTCUSDT -i 1h) >bybit.jsonl
    run -3 --separate-stderr tp-prices repair -s BTCUSDT -i 1h bybit.jsonl
    [[ $stderr == *"the candles are of BYBIT, not of BINANCE"* ]]
}
