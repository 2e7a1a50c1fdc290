#!/usr/bin/env bats
# tp-prices import: all or nothing, again and again, several at once, killed at any moment.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    PATH=${TP_BUILD:-$PWD}:$BATS_TEST_DIRNAME/../../build:$PATH
    cd "$BATS_FILE_TMPDIR" || return
    # Forty days: six weekly partitions.
    tp-prices generate -s X -i 1m --from 2024-02-01 -n 57600 --seed 3 -o json >candles.jsonl
    jq -r '[(.timestamp | sub("\\.000000Z"; "Z") | fromdate * 1000), .open, .high, .low, .close, .volume] | @csv' \
        candles.jsonl | tr -d '"' >candles.csv
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    PATH=${TP_BUILD:-$PWD}:$BATS_TEST_DIRNAME/../../build:$PATH
    export TP_OUTPUT=json
    cd "$BATS_FILE_TMPDIR" || return
    pg_fresh_db "prices$BATS_TEST_NUMBER"
    tp-db seed
}

counts() {
    jq -r '"\(.rows_read) \(.rows_inserted) \(.rows_updated) \(.rows_unchanged)"'
}

content() {
    tp-prices export -s "$1" -i 1m --binance | sha256sum
}

@test "a second import changes nothing, a change is one update, a hole is filled" {
    [ "$(tp-prices import -q -s BTCUSDT -i 1m candles.csv | counts)" = "57600 57600 0 0" ]
    whole=$(content BTCUSDT)
    xmin=$(pg_psql -c "select count(distinct xmin::text) from tp.market_prices")
    [ "$(tp-prices import -q -s BTCUSDT -i 1m candles.csv | counts)" = "57600 0 0 57600" ]
    [ "$(pg_psql -c "select count(distinct xmin::text) from tp.market_prices")" = "$xmin" ]
    awk -F, -v OFS=, 'NR == 20000 { $6 = $6 + 1 } NR != 30000' candles.csv >other.csv
    [ "$(tp-prices import -q -s BTCUSDT -i 1m other.csv | counts)" = "57599 0 1 57598" ]
    [ "$(tp-prices import -q -s BTCUSDT -i 1m candles.csv | counts)" = "57600 0 1 57599" ]
    pg_psql -c "delete from tp.market_prices where timestamp = '2024-02-21 19:59Z'"
    [ "$(tp-prices import -q -s BTCUSDT -i 1m candles.csv | counts)" = "57600 1 0 57599" ]
    pg_psql -c "drop table tp.market_prices_1m_p20240219" -c "delete from tp.market_prices where timestamp = '2024-03-05Z'"
    [ "$(tp-prices import -q -s BTCUSDT -i 1m candles.csv | counts)" = "57600 10081 0 47519" ]
    [ "$(content BTCUSDT)" = "$whole" ]
}

@test "what a file does not know does not take away what is known" {
    sed -n 1,10p candles.csv | awk -F, -v OFS=, '{ print $0, 1, $1 + 59999, 77, 8, 2, 3, 0 }' |
        awk -F, -v OFS=, '{ print $1, $2, $3, $4, $5, $6, $8, $7, $9, $10, $11, $12 }' >full.csv
    tp-prices import -q -s BTCUSDT -i 1m full.csv
    [ "$(tp-prices import -q -s BTCUSDT -i 1m --columns time,open,high,low,close,volume - <<<"$(head -n 10 candles.csv)" | counts)" = "10 0 0 10" ]
    [ "$(pg_psql -c 'select count(*) from tp.market_prices where trades_count = 77')" = 10 ]
}

@test "a partition made by loading is like any other" {
    tp-prices import -q -s BTCUSDT -i 1m candles.csv
    pg_psql -c "select tp.ensure_partitions('tp.market_prices_1m', '2023-01-01', '2023-01-01')" >/dev/null
    [ "$(pg_psql -c "
        select count(*) || ' ' || count(distinct l)
          from (select (select string_agg(pg_get_constraintdef(c.oid), ';' order by pg_get_constraintdef(c.oid))
                          from pg_constraint c where c.conrelid = r.oid),
                       (select string_agg(replace(pg_get_indexdef(i.indexrelid), r.relname, 'leaf'), ';')
                          from pg_index i where i.indrelid = r.oid),
                       r.relrowsecurity, coalesce(r.relacl, acldefault('r', r.relowner))::text
                  from pg_class r
                 where r.relname in ('market_prices_1m_p20240205', 'market_prices_1m_p20221226')) l")" = "2 1" ]
    [ "$(pg_psql -c "select count(*) from pg_class where relname like '%load%'")" = 0 ]
}

@test "imports of several instruments at once meet in the same new partitions" {
    for s in BTCUSDT ETHUSDT BNBUSDT; do
        tp-prices import -q -s "$s" -i 1m candles.csv >"$s.json" &
    done
    tp-prices import -q -s BTCUSDT -i 1m candles.csv >again.json
    wait
    [ "$(cat BTCUSDT.json again.json ETHUSDT.json BNBUSDT.json | jq -s 'map(.rows_inserted) | add')" = $((3 * 57600)) ]
    [ "$(pg_psql -c 'select count(*) from tp.market_prices')" = $((3 * 57600)) ]
    [ "$(content BTCUSDT)" = "$(content ETHUSDT)" ]
    [ "$(pg_psql -c "select count(*) from pg_class where relname like '%load%'")" = 0 ]
}

@test "killed at any moment, nothing is half there, and the next run finishes" {
    for ms in 5 20 40 60 80 100 130 160 200; do
        tp-prices import -q -s BTCUSDT -i 1m candles.csv >/dev/null &
        pid=$!
        sleep "0.$(printf '%03d' "$ms")"
        kill -9 "$pid" 2>/dev/null || true
        wait "$pid" || true
        # The server notices the lost client when it next reads or writes.
        for _ in $(seq 100); do
            [ "$(pg_psql -c "select count(*) from pg_stat_activity where application_name = 'tp-prices'")" != 0 ] || break
            sleep 0.05
        done
        n=$(pg_psql -c "select count(*) from tp.market_prices where symbol = 'BTCUSDT'")
        [ "$n" = 0 ] || [ "$n" = 57600 ]
        [ "$(pg_psql -c "select count(*) from pg_class where relname like '%load%'")" = 0 ]
        pg_psql -c 'delete from tp.market_prices'
    done
    [ "$(tp-prices import -q -s BTCUSDT -i 1m candles.csv | jq '.rows_inserted + .rows_unchanged')" = 57600 ]
}

@test "a bad row stops the file with its place, and nothing of it is there" {
    awk -F, -v OFS=, 'NR == 50000 { $3 = 1 } 1' candles.csv >bad.csv
    run -3 --separate-stderr tp-prices import -s BTCUSDT -i 1m bad.csv
    [[ $stderr == *"line 50000"* ]]
    [ "$(pg_psql -c 'select count(*) from tp.market_prices')" = 0 ]
    [ "$(pg_psql -c "select count(*) from pg_class where relname like '%load%' or relname like 'market_prices_1m_p2024%'")" = 0 ]
}

@test "resampled candles are those of a dry run, more than a block of them too, and a second time changes nothing" {
    tp-prices import -q -s BTCUSDT -i 1m candles.csv >/dev/null
    tp-prices resample -s BTCUSDT --from-interval 1m -i 5m --dry-run | jq -c 'del(.source)' >want
    [ "$(wc -l <want)" = 11520 ]
    tp-prices resample -s BTCUSDT --from-interval 1m -i 5m >told
    [ "$(counts <told)" = "11520 11520 0 0" ]
    [ "$(jq -r '.first_time, .last_time' told)" = "$(jq -r .timestamp want | sed -n '1p;$p')" ]
    tp-prices export -s BTCUSDT -i 5m | jq -c 'select(.type == "market_price") | del(.source)' >got
    cmp want got
    [ "$(tp-prices resample -s BTCUSDT --from-interval 1m -i 5m | counts)" = "11520 0 0 11520" ]
}
