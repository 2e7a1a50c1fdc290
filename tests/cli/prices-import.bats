#!/usr/bin/env bats
# tp-prices import: the forms candles come in, what is refused and with which words, rows set aside.
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
    pg_fresh_db "import$BATS_TEST_NUMBER"
    tp-db -q seed
}

counts() {
    jq -r '"\(.rows_read) \(.rows_inserted) \(.rows_updated) \(.rows_unchanged) \(.rows_rejected)"'
}

# Three hours from 2024-01-01 in the venue's own columns, in milliseconds.
spot() {
    printf '%s\n' 1704067200000,10,12,9,11,5,1704070799999,55,7,2,22,0 \
        1704070800000,11,13,10,12,6,1704074399999,66,8,3,33,0 1704074400000,12,14,11,13,7,1704077999999,77,9,4,44,0
}

@test "one history, written in every form, is the same candles" {
    spot >BTCUSDT-1h-2024-01.csv
    run -0 tp-prices import -q BTCUSDT-1h-2024-01.csv
    [ "$(counts <<<"$output")" = "3 3 0 0 0" ]
    { echo open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore; spot; } >header.csv
    spot | awk -F, -v OFS=, '{ $1 = $1 "000"; $7 = $7 "999" } 1' >micro.csv
    { echo timestamp,open,high,low,close,volume,quote_volume,trades,close_time; spot | awk -F, -v OFS=, '{ print $1, $2, $3, $4, $5, $6, $8, $9, $7 }' | head -c -1; } >nine.csv
    { printf '['; spot | awk -F, '{ printf "%s[%s,\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",%s,\"%s\",%s,\"%s\",\"%s\",\"0\"]", (NR > 1 ? "," : ""), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 }'; printf ']'; } >rest.json
    { printf '[\n'; spot | awk -F, '{ printf "%s[%s, %s, %s, %s, %s, %s.0]", (NR > 1 ? ",\n" : ""), $1, $2, $3, $4, $5, $6 }'; printf '\n]\n'; } >numbers.json
    tp-prices export -s BTCUSDT -i 1h >own.jsonl
    tp-prices export -s BTCUSDT -i 1h -o csv >own.csv
    tp-prices export -s BTCUSDT -i 1h --binance >binance.csv
    gzip -k micro.csv
    xz -k rest.json
    for f in header.csv micro.csv nine.csv rest.json numbers.json own.jsonl own.csv binance.csv micro.csv.gz rest.json.xz; do
        run -0 tp-prices import -q -s BTCUSDT -i 1h "$f"
        [ "$(counts <<<"$output")" = "3 0 0 3 0" ] || { echo "$f: $output"; return 1; }
    done
    run -0 tp-prices import -q -s BTCUSDT -i 1h --columns '-,volume,time,open,high,low,close' - \
        <<<"$(spot | awk -F, -v OFS=, '{ print NR, $6, $1 / 1000, $2, $3, $4, $5 }')"
    [ "$(counts <<<"$output")" = "3 0 0 3 0" ]
}

@test "values that do not fit are refused with line, column and value" {
    try() { # awk program, what is said
        spot | awk -F, -v OFS=, "$1" >bad.csv
        run -3 --separate-stderr tp-prices import -s BTCUSDT -i 1h bad.csv
        [[ $stderr == *"bad.csv: $2"* ]] || { echo "$1: $stderr"; return 1; }
        run -3 --separate-stderr tp-prices import --dry-run -s BTCUSDT -i 1h bad.csv
        [[ $stderr == *"bad.csv: $2"* ]]
    }
    try 'NR == 2 { $2 = "0.000000011" } 1' "line 2: open: '0.000000011' is not a decimal number: it has more than eight decimal places"
    try 'NR == 2 { $3 = "1000000000000" } 1' "line 2: high: '1000000000000' is out of range: at most 12 digits before the point fit"
    try 'NR == 2 { $3 = 9 } 1' "line 2: open: 11 is above the high of 9"
    try 'NR == 2 { $6 = -1 } 1' "line 2: volume: a volume must not be negative"
    try 'NR == 2 { $4 = 0 } 1' "line 2: low: a price must be positive"
    try 'NR > 1 { $1 = "1.70027E+12" } 1' "line 2: time: '1.70027E+12' is not a time"
    try 'NR == 2 { $1 = 1704070800001 } 1' "line 2: time: 2024-01-01T01:00:00.001000Z is not the open time of a bar of 1h"
    try 'NR == 2 { $7 = 1704074400001 } 1' "line 2: close_time: the close time is outside of its bar"
    try 'NR == 3 { $1 = 1704070800000; $7 = 1704074399999 } 1' "line 3: time: 2024-01-01T01:00:00.000000Z stands twice with different values"
    try '{ r[NR] = $0 } END { for (i = 3; i; i--) print r[i] }' "line 2: time: 2024-01-01T01:00:00.000000Z comes after"
    try 'NR == 2 { $1 = $1 "000" } 1' "line 2: time: the unit of time changes inside the file"
    [ "$(pg_psql -c 'select count(*) from tp.market_prices')" = 0 ]
}

@test "what is not known is an empty cell in the venue's layout, and comes back as not known" {
    tp-prices import -q -s BTCUSDT -i 1h --columns time,open,high,low,close,volume - <<<"1704067200000,10,12,9,11,5"
    run -0 tp-prices export -s BTCUSDT -i 1h --binance
    [ "$output" = "1704067200000,10.00000000,12.00000000,9.00000000,11.00000000,5.00000000,1704070799999,,,,,0" ]
    run -0 tp-prices import -q -s BTCUSDT -i 1h - <<<"$output"
    [ "$(counts <<<"$output")" = "1 0 0 1 0" ]
}

@test "in an array on one line the row is told" {
    run -3 --separate-stderr tp-prices import -s BTCUSDT -i 1h - \
        <<<'[[1704067200000,"10","12","9","11","5"],[1704070800000,"10","12","9","11","1e-9"]]'
    [[ $stderr == *"line 1: row 2: volume: '1e-9'"* ]]
}

@test "an answer of a venue that is not the array says how to get at it" {
    run -3 --separate-stderr tp-prices import -s BTCUSDT -i 1h - <<<'{"retCode":0,"result":{"list":[["1704067200000"]]}}'
    [[ $stderr == *"jq '.result.list | reverse'"* ]]
}

@test "volumes beyond 10^12 and an odd close time are kept exactly" {
    run -0 tp-prices import -q -s BTCUSDT -i 1h - <<<"$(spot | awk -F, -v OFS=, 'NR == 2 { $6 = "7917110714415.12345678"; $7 = 1704074399000 } 1')"
    run -0 tp-prices export -s BTCUSDT -i 1h
    [ "$(jq -r 'select(.close_time) | "\(.volume) \(.close_time)"' <<<"$output")" = "7917110714415.12345678 2024-01-01T01:59:59.000000Z" ]
}

@test "bad rows are set aside, once their file is in" {
    spot | awk -F, -v OFS=, 'NR == 2 { $3 = 1 } 1' >bad.csv
    run -0 --separate-stderr tp-prices import -s BTCUSDT -i 1h --reject rejects.csv bad.csv
    [ "$(counts <<<"$output")" = "2 2 0 0 1" ]
    [[ $stderr == *"line 2: open: 11 is above the high of 1"* ]]
    [ "$(cat rejects.csv)" = "$(sed -n 2p bad.csv)" ]
}

@test "an import that fails leaves the file of rejected rows as it was" {
    echo "of yesterday" >rejects.csv
    { spot | awk -F, -v OFS=, 'NR == 2 { $3 = 1 } 1'; } >bad.csv
    run -4 tp-prices import -s NOSUCH -i 1h --reject rejects.csv bad.csv
    [ "$(cat rejects.csv)" = "of yesterday" ]
    run -4 tp-prices import -s NOSUCH -i 1h --reject new.csv bad.csv
    [ ! -e new.csv ]
    run -4 tp-prices import -s BTCUSDT -i 1h --reject rejects.csv bad.csv no-such-file.csv
    [ "$(cat rejects.csv)" = "$(sed -n 2p bad.csv)" ]
}

@test "the later import wins, and a file that was taken in before is known" {
    spot >page1.csv
    tp-prices import -q -s BTCUSDT -i 1h page1.csv
    run -0 tp-prices import -q -s BTCUSDT -i 1h - <<<"$(spot | awk -F, -v OFS=, 'NR == 3 { $6 = 8 } 1')"
    [ "$(counts <<<"$output")" = "3 0 1 2 0" ]
    run -0 --separate-stderr tp-prices import -s BTCUSDT -i 1h page1.csv
    [ "$(counts <<<"$output")" = "3 0 1 2 0" ]
    [[ $stderr == *"page1.csv: the same bytes were taken in on "* ]]
    [ "$(pg_psql -c "select kind, interval, name, bytes, rows_read from tp.import_files where sha256 = '$(sha256sum page1.csv | cut -d' ' -f1)'")" \
        = "CANDLES|1h|page1.csv|$(stat -c %s page1.csv)|3" ]
}

@test "the hash of a packed file is that of its bytes on disk" {
    spot | gzip >x.gz
    tp-prices import -q -s BTCUSDT -i 1h x.gz
    [ "$(pg_psql -c 'select sha256 from tp.import_files')" = "$(sha256sum x.gz | cut -d' ' -f1)" ]
}

@test "an import that fails leaves no trace of its file" {
    spot | awk -F, -v OFS=, 'NR == 3 { $3 = 1 } 1' >bad.csv
    run -3 tp-prices import -s BTCUSDT -i 1h bad.csv
    [ "$(pg_psql -c 'select count(*) from tp.import_files')" = 0 ]
}

@test "an unknown symbol is exit 4 with the command that adds it" {
    run -4 --separate-stderr tp-prices import -s NOSUCH -i 1h - <<<"$(spot)"
    [[ $stderr == *"there is no symbol 'NOSUCH' at 'BINANCE'"*"tp-symbol add"* ]]
}

@test "the venue: an option wins over the file, the file over TP_EXCHANGE, that over the configuration and BINANCE" {
    printf '%s\n' "exchange: BYBIT" >config.yaml
    mkdir -p cfg/tp && mv config.yaml cfg/tp/
    printf '1704067200000,1,2,1,2,5,1704070799999,1,1,1,1,0\n' >BTCUSDT-1h-2024-01.csv
    echo '{"type":"market_price","timestamp":"2024-01-01T00:00:00.000000Z","exchange":"BINANCE_SPOT","symbol":"BTCUSDT","interval":"1h","open":"1.00000000","high":"2.00000000","low":"1.00000000","close":"2.00000000","volume":"5.00000000"}' >told.jsonl
    venue() { jq -r .exchange <<<"$(tp-prices import --dry-run "$@")"; }
    [ "$(venue BTCUSDT-1h-2024-01.csv)" = BINANCE ]
    export XDG_CONFIG_HOME=$PWD/cfg
    [ "$(venue BTCUSDT-1h-2024-01.csv)" = BYBIT ]
    export TP_EXCHANGE=OKX
    [ "$(venue BTCUSDT-1h-2024-01.csv)" = OKX ]
    [ "$(venue told.jsonl)" = BINANCE_SPOT ]
    [ "$(venue -e BYBIT told.jsonl 2>/dev/null)" = BYBIT ]
    run -0 --separate-stderr tp-prices import -e BINANCE told.jsonl
    [[ $stderr == *"the candles are of BINANCE_SPOT, taken in as those of BINANCE"* ]]
    TP_EXCHANGE=BINANCE run -0 tp-prices coverage -o csv
    [[ ${lines[1]} == BINANCE,BTCUSDT,* ]]
    TP_EXCHANGE=BINANCE_SPOT run -0 tp-prices coverage -o csv
    [ ${#lines[@]} -le 1 ]
}
