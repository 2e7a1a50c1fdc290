#!/usr/bin/env bats
# tp-symbol: venues, instruments by hand and from the venues' saved lists.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    PATH=${TP_BUILD:-$PWD}:$BATS_TEST_DIRNAME/../../build:$PATH # make check runs in the build folder
    shared=${TP_SHARED:-$BATS_TEST_DIRNAME/../../../shared}
    unset TP_USER TP_DSN TP_OUTPUT TP_EXCHANGE
    pg_fresh_db "symbol_$BATS_TEST_NUMBER"
    cd "$BATS_TEST_TMPDIR"
}

add() {
    tp-symbol add "$1" -e BINANCE --base "${1%USDT}" --quote USDT --market-type LINEAR \
        --tick-size 0.10 --step-size 0.001 "${@:2}"
}

# A list in the form of Binance; each argument is SYMBOL:TICK.
binance() {
    local one
    for one; do
        jq -n --arg s "${one%:*}" --arg t "${one#*:}" '{symbol: $s, contractType: "PERPETUAL",
            status: "TRADING", baseAsset: ($s | rtrimstr("USDT")), quoteAsset: "USDT", marginAsset: "USDT",
            filters: [{filterType: "PRICE_FILTER", tickSize: $t},
                      {filterType: "LOT_SIZE", stepSize: "0.001", minQty: "0.001", maxQty: "1000"},
                      {filterType: "MIN_NOTIONAL", notional: "5"}]}'
    done | jq -s '{symbols: .}'
}

@test "an instrument added by hand is printed, listed and shown with exact values" {
    run -0 add AAAUSDT --min-notional 5 --taker-fee 0.0005
    [ "$(jq -r '[.symbol, .settle_currency, .tick_size, .price_precision, .quantity_precision,
                 .taker_fee_rate, .maker_fee_rate] | @csv' <<<"$output")" = \
        '"AAAUSDT","USDT","0.10000000",1,3,"0.000500000000",' ]
    [ "$(tp-symbol show AAAUSDT -e BINANCE)" = "$output" ]
    [ "$(tp-symbol list -e BINANCE)" = "$output" ]
    [ "$(tp-symbol list --status HALT)" = "" ]
    run -5 add AAAUSDT
}

@test "steps that do not fit, and venues and symbols that are not there, are told" {
    run -2 --separate-stderr tp-symbol add AAAUSDT -e BINANCE --base AAA --quote USDT \
        --market-type LINEAR --tick-size 0.000000001 --step-size 1
    [[ $stderr == *"--tick-size"*"eight"* ]]
    run -2 --separate-stderr tp-symbol add AAAUSDT -e BINANCE --base AAA --quote USDT \
        --market-type LINEAR --tick-size 0 --step-size 1
    [[ $stderr == *"tick_size: want a value above zero"* ]]
    run -4 tp-symbol add AAAUSDT -e NOWHERE --base AAA --quote USDT --market-type LINEAR --tick-size 1 --step-size 1
    run -4 --separate-stderr tp-symbol show AAAUSDT -e BINANCE
    [[ $stderr == *"tp-symbol import"* ]]
    for word in 'AAA USDT' $'AAA\n' $'AAA\xc2\x9b31m' $'\xe2\x80\xaeTDSUAAA'; do
        run -2 --separate-stderr tp-symbol add "$word" -e BINANCE --base AAA --quote USDT \
            --market-type LINEAR --tick-size 1 --step-size 1
        [ "$stderr" = 'tp-symbol: error: symbol: want a word without blanks' ]
    done
    run -2 tp-symbol show AAAUSDT
    run -2 tp-symbol add AAAUSDT -e BINANCE --base AAA --quote USDT --market-type PERP --tick-size 1 --step-size 1
    [ -z "$(tp-symbol list)" ]
}

@test "importing a list twice changes nothing, and a changed entry is an update" {
    binance AAAUSDT:0.10 BBBUSDT:0.01 >list.json
    run -0 tp-symbol import list.json -e BINANCE
    [ "$(jq -r '[.read, .added, .updated, .unchanged] | @csv' <<<"$output")" = 2,2,0,0 ]
    run -0 tp-symbol import - -e BINANCE <list.json
    [ "$(jq -r '[.read, .added, .updated, .unchanged] | @csv' <<<"$output")" = 2,0,0,2 ]
    binance AAAUSDT:0.20 | tp-symbol import - -e BINANCE --dry-run
    [ "$(tp-symbol show AAAUSDT -e BINANCE | jq -r .tick_size)" = 0.10000000 ]
    run -0 tp-symbol import - -e BINANCE < <(binance AAAUSDT:0.20)
    [ "$(jq .updated <<<"$output")" = 1 ]
    [ "$(tp-symbol show AAAUSDT -e BINANCE | jq -r .tick_size)" = 0.20000000 ]
    [ "$(tp-symbol show AAAUSDT -e BINANCE --info | tail -n 1 | jq -r .contract_info.contractType)" = PERPETUAL ]
}

@test "fees that were set by hand survive an import" {
    add AAAUSDT --maker-fee -0.0001
    binance AAAUSDT:0.20 | tp-symbol import - -e BINANCE
    [ "$(tp-symbol show AAAUSDT -e BINANCE | jq -r .maker_fee_rate)" = -0.000100000000 ]
}

@test "an entry that cannot be stored exactly is refused with its reason, the others are kept: exit 13" {
    run -13 --separate-stderr tp-symbol import - -e BINANCE < <(binance AAAUSDT:0.10 BBBUSDT:0.00000000001)
    [ "$(jq -r '[.added, .refused] | @csv' <<<"$output")" = 1,1 ]
    [[ $stderr == *"entry 2, 'BBBUSDT': refused: tickSize: '0.00000000001'"* ]]
    [ "$(tp-symbol list | jq -r .symbol)" = AAAUSDT ]
}

@test "a complete list delists what it no longer names" {
    binance AAAUSDT:0.1 BBBUSDT:0.1 | tp-symbol import - -e BINANCE
    run -0 tp-symbol import - -e BINANCE --complete < <(binance BBBUSDT:0.1)
    [ "$(jq .delisted <<<"$output")" = 1 ]
    [ "$(tp-symbol list --status DELISTED | jq -r .symbol)" = AAAUSDT ]
}

@test "what list prints is imported elsewhere" {
    binance AAAUSDT:0.1 BBBUSDT:0.1 | tp-symbol import - -e BINANCE
    tp-symbol list >all.jsonl
    pg_fresh_db "symbol_${BATS_TEST_NUMBER}_other"
    tp-symbol import all.jsonl -e BINANCE
    diff <(tp-symbol list) all.jsonl
}

@test "lists of another venue and texts that are no list are refused, and nothing is stored" {
    binance AAAUSDT:0.1 >list.json
    run -3 --separate-stderr tp-symbol import list.json -e OKX
    [[ $stderr == *"the form of BINANCE, not of OKX"* ]]
    run -3 tp-symbol import - -e BINANCE </dev/null
    run -3 tp-symbol import - -e BINANCE <<<'{"symbols":[}'
    run -4 tp-symbol import list.json -e NOWHERE
    run -4 tp-symbol import not-there.json -e BINANCE
    [ -z "$(tp-symbol list)" ]
}

@test "the recorded lists of the venues are taken over" {
    [ -d "$shared/data/exchange-info" ] || skip "the recorded data is not there"
    zcat "$shared"/data/exchange-info/binance-usdm-exchangeInfo-2021-07-22.json.gz | tp-symbol import - -e BINANCE
    [ "$(tp-symbol list -e BINANCE | wc -l)" = 117 ]
    run -13 --separate-stderr tp-symbol import - -e OKX \
        < <(zcat "$shared"/data/exchange-info/okx-v5-instruments-SWAP-2022-05-13.json.gz)
    [[ $stderr == *"'BABYDOGE-USDT-SWAP': refused: tickSz: '0.00000000001'"* ]]
    [ "$(jq -r '[.read, .added, .passed, .refused] | @csv' <<<"$output")" = 166,120,40,6 ]
    # the fixture holds seven of the same recording: nothing changes
    run -0 tp-symbol import "$shared/exchange-fixtures/instruments/okx.json" -e OKX
    [ "$(jq .unchanged <<<"$output")" = 7 ]
    tp-symbol import "$shared/data/exchange-info/bybit-v5-instruments-linear-doc-sized.json" -e BYBIT
}

@test "venues are added, listed, shown and changed; a test venue is known by its code" {
    tp-symbol exchange add KRAKEN_DEMO --name 'Kraken, demo' --api-base-url https://demo.example.com
    [ "$(tp-symbol exchange show KRAKEN_DEMO | jq -c '[.is_testnet, .is_active]')" = '[true,true]' ]
    tp-symbol exchange set KRAKEN_DEMO --inactive --rate-limits '{"ip": {"limit": 5}}'
    [ "$(tp-symbol exchange show KRAKEN_DEMO | jq -c '[.name, .is_active, .rate_limits.ip.limit]')" = '["Kraken, demo",false,5]' ]
    [ "$(tp-symbol exchange list | jq -r 'select(.is_testnet) | .code' | tr '\n' ' ')" = 'BINANCE_TESTNET BYBIT_TESTNET KRAKEN_DEMO OKX_DEMO ' ]
    run -5 tp-symbol exchange add BINANCE --name x --api-base-url https://x.example.com
    run -2 tp-symbol exchange add binance --name x --api-base-url https://x.example.com
    run -2 tp-symbol exchange add OTHER --name x --api-base-url ftp://x.example.com
    run -2 tp-symbol exchange add OTHER --name x --api-base-url https://user:CANARY@x.example.com
    run -4 tp-symbol exchange set NOWHERE --active
    run -2 tp-symbol exchange
}
