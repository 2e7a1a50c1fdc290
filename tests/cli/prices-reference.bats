#!/usr/bin/env bats
# tp-prices funding, mark, book: files of reference data in, stored rows out, again and again.
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
    pg_fresh_db "reference$BATS_TEST_NUMBER"
    tp-db -q seed
    printf '%s\n' timestamp,symbol,funding_rate 1704067200000,BTCUSDT,0.0001 1704096000007,BTCUSDT,-0.00002 \
        1704067200000,ETHUSDT,0.0003 >funding.csv
}

counts() {
    jq -r 'select(.type == "import") | "\(.rows_read) \(.rows_inserted) \(.rows_updated) \(.rows_unchanged)"'
}

@test "funding rates go in once, and out as records, CSV and a table" {
    run -0 tp-prices funding --import funding.csv
    [ "$(counts <<<"$output")" = "3 3 0 0" ]
    [ "$(jq -r '"\(.symbol) \(.first_time) \(.last_time)"' <<<"$output")" = "null 2024-01-01T00:00:00.000000Z 2024-01-01T08:00:00.007000Z" ]
    run -0 --separate-stderr tp-prices funding --import funding.csv
    [ "$(counts <<<"$output")" = "3 0 0 3" ]
    [[ $stderr == *"the same bytes were taken in"* ]]
    run -0 tp-prices funding -s BTCUSDT
    [ "${lines[1]}" = '{"type":"funding_rate","exchange":"BINANCE","symbol":"BTCUSDT","funding_time":"2024-01-01T08:00:00.007000Z","rate":"-0.000020000000","mark_price":null}' ]
    [ "${#lines[@]}" = 2 ]
    run -0 tp-prices funding -s BTCUSDT --from 2024-01-01T00:00:01 --to 2024-01-02 -o csv
    [ "${lines[0]}" = exchange,symbol,funding_time,rate,mark_price ]
    [ "${#lines[@]}" = 2 ]
    run -0 tp-prices funding -s BTCUSDT -o table
    [[ ${lines[0]} == *funding_time*rate* ]]
}

@test "one funding told with other milliseconds is updated, not doubled" {
    tp-prices funding -q --import funding.csv
    run -0 tp-prices funding -q -s BTCUSDT --import - <<<$'time,rate,mark_price\n1704096000000,-0.00002,43000.5'
    [ "$(counts <<<"$output")" = "1 0 1 0" ]
    run -0 tp-prices funding -s BTCUSDT
    [ "$(jq -rs '.[1] | "\(.funding_time) \(.mark_price)"' <<<"$output")" = "2024-01-01T08:00:00.000000Z 43000.50000000" ]
    [ "${#lines[@]}" = 2 ]
    run -0 tp-prices funding -q --import funding.csv
    run -0 tp-prices funding -s BTCUSDT
    [ "$(jq -rs '.[1].mark_price' <<<"$output")" = 43000.50000000 ]
}

@test "a file is taken whole or not at all, and refused with line, column and value" {
    echo 1704124800000,BTCUSDT,lots >>funding.csv
    run -3 --separate-stderr tp-prices funding --import funding.csv
    [[ $stderr == *"funding.csv: line 5: funding_rate: 'lots' is not a decimal number"* ]]
    run -3 tp-prices funding --dry-run --import funding.csv
    sed -i '$s/.*/1704124800000,NOSUCH,0.1/' funding.csv
    run -4 --separate-stderr tp-prices funding --import funding.csv
    [[ $stderr == *"there is no symbol 'NOSUCH'"*"tp-symbol add"* ]]
    [ "$(pg_psql -c 'select count(*) from tp.funding_rates')" = 0 ]
    [ "$(pg_psql -c 'select count(*) from tp.import_files')" = 0 ]
    run -0 tp-prices funding --dry-run --import funding.csv
    [ "$(counts <<<"$output")" = "4 0 0 0" ]
    [ "$(pg_psql -c 'select count(*) from tp.funding_rates')" = 0 ]
}

@test "more than a page of rates goes in and comes out" {
    awk 'BEGIN { print "time,symbol,rate"; for (i = 0; i < 25000; i++) printf "%d,BTCUSDT,%.6f\n", 1500000000000 + i * 3600000, i / 1e6 }' |
        gzip >many.gz
    run -0 tp-prices funding -q --import many.gz
    [ "$(counts <<<"$output")" = "25000 25000 0 0" ]
    tp-prices funding -s BTCUSDT >out.jsonl
    [ "$(wc -l <out.jsonl)" = 25000 ]
    [ "$(jq -r .funding_time out.jsonl | sort -u | wc -l)" = 25000 ]
    run -0 tp-prices funding -q --import out.jsonl
    [ "$(counts <<<"$output")" = "25000 0 0 25000" ]
}

@test "bars of the mark price go in without a volume, and out" {
    echo '[["1704067200000","10","12","9","11"],["1704070800000","11","13","10","12"]]' >mark.json
    run -0 tp-prices mark -s BTCUSDT -i 1h --import mark.json
    [ "$(counts <<<"$output")" = "2 2 0 0" ]
    run -0 tp-prices mark -q -s BTCUSDT -i 1h --import - <<<$'time,open,high,low,close\n1704070800000,11,14,10,12\n1704074400000,12,14,10,12'
    [ "$(counts <<<"$output")" = "2 1 1 0" ]
    run -0 tp-prices mark -s BTCUSDT -i 1h --from 2024-01-01T01:00
    [ "${lines[0]}" = '{"type":"mark_price","timestamp":"2024-01-01T01:00:00.000000Z","exchange":"BINANCE","symbol":"BTCUSDT","interval":"1h","source":"IMPORT","open":"11.00000000","high":"14.00000000","low":"10.00000000","close":"12.00000000"}' ]
    tp-prices mark -s BTCUSDT -i 1h >out.jsonl
    tp-prices mark -s BTCUSDT -i 1h -o csv >BTCUSDT-1h-mark.csv
    for f in out.jsonl BTCUSDT-1h-mark.csv; do
        run -0 tp-prices mark -q --import "$f"
        [ "$(counts <<<"$output")" = "3 0 0 3" ]
    done
    run -3 --separate-stderr tp-prices mark -s BTCUSDT -i 1h --import - <<<$'time,open,high,low,close\n1704070800000,11,9,10,12'
    [[ $stderr == *"line 2: "* ]]
    run -2 tp-prices mark -s BTCUSDT
}

@test "a book is cut to its depth, its day's partition made, its totals added up" {
    jq -nc '{T: 1704067200123, bids: [range(60) | ["\(100 - .)", "1.5"]], asks: [range(12) | ["\(101 + .)", "2"]]}' >book.json
    run -0 --separate-stderr tp-prices book -s BTCUSDT --import book.json
    [ "$(counts <<<"$output")" = "1 1 0 0" ]
    [[ $stderr == *"order books are kept for 30 days"* ]]
    run -0 --separate-stderr tp-prices book -q -s BTCUSDT --depth 5 --import book.json
    [ "$(counts <<<"$output")" = "1 1 0 0" ]
    run -0 tp-prices book -s BTCUSDT
    [ "$(jq -r '"\(.depth) \(.bids | length) \(.asks | length) \(.total_bid_volume) \(.total_ask_volume)"' <<<"$output")" \
        = "$(printf '%s\n' '5 5 5 7.50000000 10.00000000' '50 50 12 75.00000000 24.00000000')" ]
    run -0 tp-prices book -s BTCUSDT --depth 5 --from 2024-01-01 --to 2024-01-02
    [ "$(jq -c '.bids[0]' <<<"$output")" = '["100.00000000","1.50000000"]' ]
    tp-prices book -s BTCUSDT >out.jsonl
    run -0 --separate-stderr tp-prices book -q --import out.jsonl
    [ "$(counts <<<"$output")" = "2 0 0 2" ]
    jq -c '.bids[0][1] = "9"' book.json >later.json
    run -0 --separate-stderr tp-prices book -q -s BTCUSDT --import later.json
    [ "$(counts <<<"$output")" = "1 0 1 0" ]
}

@test "a book that does not tell its time or symbol needs the options" {
    echo '{"bids":[["1","1"]],"asks":[]}' >book.json
    run -3 --separate-stderr tp-prices book --import book.json
    [[ $stderr == *"does not tell its symbol"*"--symbol"* ]]
    run -3 --separate-stderr tp-prices book -s BTCUSDT --import book.json
    [[ $stderr == *"does not tell its time"*"--at"* ]]
    run -0 --separate-stderr tp-prices book -q -s BTCUSDT --at 2024-01-01T00:00:00Z --import book.json
    run -0 tp-prices book -s BTCUSDT
    [ "$(jq -r .timestamp <<<"$output")" = "2024-01-01T00:00:00.000000Z" ]
}

@test "a venue that counts contracts is stored in base currency" {
    tp-symbol add -e OKX BTC-USDT-SWAP --base BTC --quote USDT --market-type LINEAR --tick-size 0.1 --step-size 0.0001 --contract-size 0.01
    run -0 --separate-stderr tp-prices book -q -e OKX -s BTC-USDT-SWAP --import - <<<'{"data":[{"bids":[["100","3","0","1"]],"asks":[],"ts":"1704067200000"}]}'
    run -0 tp-prices book -e OKX -s BTC-USDT-SWAP
    [ "$(jq -r .total_bid_volume <<<"$output")" = 0.03000000 ]
}

@test "command lines that make no sense" {
    run -2 --separate-stderr tp-prices funding funding.csv
    [[ $stderr == *"--import"* ]]
    run -2 tp-prices funding
    run -2 tp-prices book -s BTCUSDT --depth 7
    run -4 tp-prices funding --import no-such-file
}
