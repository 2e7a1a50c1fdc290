#!/usr/bin/env bats
# tp-prices against the recorded files of ../shared: what they are known to hold is found, what is damaged refused.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    wanted "the recorded data of ../shared" -d "$BATS_TEST_DIRNAME/../../../shared/data" || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    data=$BATS_TEST_DIRNAME/../../../shared/data
    cd "$BATS_TEST_TMPDIR" || return
    pg_fresh_db "data$BATS_TEST_NUMBER"
    tp-db -q seed
}

symbol() { # EXCHANGE NAME [CONTRACT]
    tp-symbol add -q -e "$1" "$2" --base A --quote USDT --market-type LINEAR --tick-size 0.00000001 --step-size 0.00000001 \
        --contract-size "${3:-1}" >/dev/null
}

counts() {
    jq -r '"\(.rows_read) \(.rows_inserted) \(.rows_updated) \(.rows_unchanged)"'
}

findings() {
    jq -r '"\(.kind) \(.from[11:16])-\(.to[11:23]) \(.candles)"'
}

@test "the outage of 2023-03-24 is found as it was" {
    symbol BINANCE_SPOT BTCUSDT || true
    for i in 1m 15m 1h; do
        tp-prices import -q -e BINANCE_SPOT "$data"/candles/binance-spot/outage-2023-03-24/*-$i-*.zip
    done
    key=(-e BINANCE_SPOT -s BTCUSDT)
    [ "$(tp-prices gaps -q "${key[@]}" -i 1m | findings)" = "missing 12:40-14:00:00.000 80" ]
    [ "$(tp-prices gaps -q "${key[@]}" -i 15m | findings)" = "missing 12:45-14:00:00.000 5" ]
    [ "$(tp-prices gaps -q "${key[@]}" -i 1h | findings)" = "missing 13:00-14:00:00.000 1" ]
    [ "$(tp-prices verify -q "${key[@]}" -i 1m | findings | sort)" \
        = "$(printf '%s\n' 'close_time 12:39-12:39:41.646 1' 'missing 12:40-14:00:00.000 80' 'no_trades 11:28-12:40:00.000 72')" ]
    run -0 tp-prices verify -q "${key[@]}" -i 15m
    run -0 tp-prices verify -q "${key[@]}" -i 1h
    # Who filled it would have invented it.
    run -13 tp-prices repair -q "${key[@]}" -i 1h --from-interval 1m
    [ "$(jq -r 'select(.type == "import").rows_inserted' <<<"$output")" = 0 ]
}

@test "hours and quarters made of a year of minutes are the exchange's own" {
    symbol BINANCE_SPOT ETHUSDT || true
    for i in 1m-2022-01_02 15m-2022-01_02 1h-2022 1d-2022; do
        tp-prices import -q -e BINANCE_SPOT -s ETHUSDT -i "${i%%-*}" "$data/candles/binance-spot/ETHUSDT-$i.csv.xz"
    done
    for i in 15m 1h 1d; do
        run -0 --separate-stderr tp-prices verify -e BINANCE_SPOT -s ETHUSDT -i $i --to 2022-03-01
        [[ $stderr == *" candles compared with 1m"* ]]
        [ -z "$output" ]
    done
}

@test "two sources of one market agree, volumes beyond 10^12 are exact" {
    for s in NEARUSDT 1000SATSUSDT; do symbol BINANCE $s; done
    tp-prices import -q "$data/candles/binance-usdm/1m/NEARUSDT-1m-2025-11.zip"
    run -0 --separate-stderr tp-prices verify -s NEARUSDT -i 1m --against "$data/candles/binance-usdm/1m/NEARUSDT-1m-2025-11-01.sample.csv"
    [[ $stderr == *"1440 candles compared with"* ]]
    tp-prices import -q "$data"/candles/binance-usdm/{1h,4h,1d}/NEARUSDT-*.csv.gz
    for i in 1h 4h 1d; do
        run -0 tp-prices verify -q -s NEARUSDT -i $i --from-interval 1m
    done
    tp-prices import -q "$data/candles/binance-usdm/1d/1000SATSUSDT-1d.csv.gz"
    [ "$(pg_psql -c "select count(*), max(volume)::bigint from tp.market_prices where symbol = '1000SATSUSDT' and volume >= 1000000000000")" \
        = "150|7917110714415" ]
}

@test "a paging bug shows as 524 gaps of 801 minutes, a thin market as 538" {
    symbol BYBIT BNBUSDT
    tp-prices import -q -e BYBIT "$data/candles/bybit-linear/BNBUSDT-1m-windows-of-200.csv.xz"
    [ "$(tp-prices gaps -q -e BYBIT -s BNBUSDT -i 1m | jq -r .candles | sort | uniq -c | xargs)" = "524 801" ]
    tp-prices import -q -s BTCUSDT -i 1m "$data/candles/freqtrade-json/UNITTEST_BTC-1m-with-538-gaps.json.gz"
    [ "$(tp-prices gaps -q -s BTCUSDT -i 1m | jq -rs '"\(length) \(map(.candles) | add) \(map(.candles) | max)"')" = "538 717 7" ]
}

@test "of two pages that overlap the later wins in the one candle that differs" {
    symbol BINANCE LTCUSDT || true
    page=$data/candles/rest-json/binance-usdm-klines-LTCUSDT-5m-page
    [ "$(tp-prices import -q -s LTCUSDT -i 5m "${page}1.json" "${page}2-overlaps-page1.json" | counts)" = "$(printf '%s\n' '500 500 0 0' '500 1 1 498')" ]
    [ "$(tp-prices export -s LTCUSDT -i 5m --from 2020-10-16T03:40 --to 2020-10-16T03:45 | jq -r 'select(.type == "market_price").close')" \
        = "$(jq -r '.[] | select(.[0] == 1602819600000)[4]' "${page}2-overlaps-page1.json" | sed 's/$/000000/')" ]
}

@test "the damaged files are refused, each with the line and the value" {
    refused() { # words, arguments of import
        local words=$1
        shift
        run -3 --separate-stderr tp-prices import --dry-run -s BTCUSDT "$@"
        [[ $stderr == *"$words"* ]] || { echo "$stderr"; return 1; }
    }
    refused "line 3: open: 3857.57 is above the high of 3766.78" -i 1d --columns time,volume,open,high,low,close \
        "$data/candles/other/unix-seconds-BTCUSDT-1d-2019-odd-column-order.csv"
    refused "line 2: time: '1.70027E+12' is not a time" -i 1h "$data/candles/other/BTCUSDT-1h-2023-11-18-excel-mangled.csv"
    refused "the rows are not in order" -i 15m --columns -,time,open,high,low,close,volume,- \
        "$data/candles/other/okx-spot-BTC-USDT-15m-newest-first.csv"
    refused "row 2: volume: '7267451.9000000004'" -i 5m "$data/candles/freqtrade-json/XRP_USDT_USDT-5m-futures.json.gz"
    refused "jq '.data | reverse'" -i 1h "$data/candles/rest-json/okx-v5-candles-doc-sized.json"
    { tail -n +2 "$data/candles/other/okx-spot-BTC-USDT-15m-newest-first.csv" | tac; } >sorted.csv
    run -0 tp-prices import -q --dry-run -s BTCUSDT -i 15m --columns -,time,open,high,low,close,volume,- sorted.csv
    [ "$(jq .rows_read <<<"$output")" = 300 ]
}

@test "every funding history goes in, twice, and an answer that is none does not" {
    for s in 1000SATSUSDT BULLAUSDT XRPUSDT; do symbol BINANCE $s || true; done
    symbol OKX BTC-USDT-SWAP 0.01
    symbol BYBIT BTCUSDT || true
    for n in "binance-usdm-BTCUSDT-funding.csv 200" "binance-usdm-ETHUSDT-funding.csv 200" "binance-usdm-1000SATSUSDT-funding.csv 200" \
        "binance-usdm-BULLAUSDT-funding.csv 200" "binance-usdm-fundingRate-BTCUSDT-2020-09.json 100" \
        "freqtrade-XRP_USDT_USDT-8h-funding_rate.json 91 -s XRPUSDT" "okx-v5-funding-doc-sized.json 2 -e OKX" \
        "bybit-v5-funding-doc-sized.json 2 -e BYBIT"; do
        read -r file rows options <<<"$n"
        # shellcheck disable=SC2086
        [ "$(tp-prices funding -q $options --import "$data/funding/$file" | counts)" = "$rows $rows 0 0" ]
        # shellcheck disable=SC2086
        [ "$(tp-prices funding -q $options --import "$data/funding/$file" | counts)" = "$rows 0 0 $rows" ]
    done
    [ "$(pg_psql -c "select min(rate) < -0.019 from tp.funding_rates where symbol = 'BULLAUSDT'")" = t ]
    run -3 --separate-stderr tp-prices funding --import "$data/funding/binance-usdm-fundingInfo-2023.json"
    [[ $stderr == *"entry 1: the time is missing"* ]]
}

@test "the venues' books go in, cut to fifty levels; streams of changes do not" {
    for s in SUSHIUSDT AKROUSDT KEEPUSDT CTKUSDT CRVUSDT; do symbol BINANCE $s || true; done
    symbol OKX BTC-USDT-SWAP 0.01
    symbol BYBIT BTCUSDT || true
    for s in SUSHI AKRO KEEP CTK; do
        run -0 tp-prices book -q -s ${s}USDT --import "$data/orderbook/binance-usdm-depth1000-${s}USDT-2021-07-22.json"
        run -0 tp-prices book -s ${s}USDT
        [ "$(jq -r '"\(.depth) \(.bids | length) \(.asks | length)"' <<<"$output")" = "50 50 50" ]
    done
    tp-prices book -q -s BTCUSDT --import "$data/orderbook/binance-usdm-depth100-BTCUSDT-2024-11-01.json"
    tp-prices book -q -s CRVUSDT --at 2021-10-12 --import "$data/orderbook/binance-us-depth-CRVUSDT-2021-10-12.json"
    tp-prices book -q -e BYBIT --import "$data"/orderbook/bybit-v5-orderbook-doc-sized.json "$data"/orderbook/bybit-v2-orderBook-L2-gct.json
    tp-prices book -q -e OKX -s BTC-USDT-SWAP --import "$data/orderbook/okx-v5-books-doc-sized.json"
    [ "$(pg_psql -c 'select count(*) from tp.orderbook_snapshots')" = 9 ]
    run -3 --separate-stderr tp-prices book -s BTCUSDT --import "$data/orderbook/binance-usdm-ws-2021-07-22.first50.jsonl"
    [[ $stderr == *"line 1: this is no order book"* ]]
}
