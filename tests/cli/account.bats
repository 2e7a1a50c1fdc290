#!/usr/bin/env bats
# tp-user account: whose money at which venue, and its ledger.
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
    unset TP_DSN TP_OUTPUT TP_ENVIRONMENT TP_EXCHANGE
    pg_fresh_db "account_$BATS_TEST_NUMBER"
    for u in ann bob; do tp-user add $u@example.org --no-password >/dev/null; done
    export TP_USER=ann@example.org
}

@test "an account opens with its first deposit, and its balance is the sum of its ledger" {
    run -0 --separate-stderr tp-user account add -e BINANCE --name main --initial-balance 10000.5
    [ "$(jq -c '[.type, .exchange, .environment, .currency, .name, .position_mode, .initial_balance, .balance, .settings]' \
        <<<"$output")" = '["account","BINANCE","PAPER","USDT","main","ONE_WAY","10000.50000000","10000.50000000",{"profile":"conservative","set":{}}]' ]
    [ "$(tp-user account show main)" = "$(tp-user account list)" ]
    [ "$(tp-user account show main | jq -cS .)" = "$(jq -cS . <<<"$output")" ]
    run -0 --separate-stderr tp-user account deposit main 500
    [ "$(jq -c '[.type, .kind, .amount]' <<<"$output")" = '["ledger_entry","DEPOSIT","500.00000000"]' ]
    [ "$(tp-user account show main | jq -r .balance)" = 10500.50000000 ]
    [ "$(tp-user account ledger main | jq -r .amount | xargs)" = '10000.50000000 500.00000000' ]
}

@test "an account without a balance has an empty ledger" {
    id=$(tp-user account add -e BINANCE | jq -r .id)
    [ -z "$(tp-user account ledger "$id")" ]
    [ "$(tp-user account show "$id" | jq -r .balance)" = 0.00000000 ]
}

@test "a deposit with a key is booked once, whatever happens in between" {
    tp-user account add -e BINANCE --name main >/dev/null
    run -0 --separate-stderr tp-user account deposit main 500 --idempotency-key june
    first=$output
    run -0 --separate-stderr tp-user account deposit main 500 --idempotency-key june
    [ "$output" = "$first" ]
    [[ $stderr == *"booked already"* ]]
    run -5 --separate-stderr tp-user account deposit main 501 --idempotency-key june
    [[ $stderr == *"used for another amount"* ]]
    [ "$(tp-user account show main | jq -r .balance)" = 500.00000000 ]
    for _ in {1..10}; do tp-user account deposit main 1 --idempotency-key july >/dev/null & done
    wait
    [ "$(tp-user account show main | jq -r .balance)" = 501.00000000 ]
}

@test "knobs are tried before they are stored" {
    run -0 --separate-stderr tp-user account add -e BINANCE --profile optimistic --set slippage_bps=5 --set volume=off
    [ "$(jq -c .settings <<<"$output")" = '{"profile":"optimistic","set":{"slippage_bps":"5","volume":"off"}}' ]
    run -2 --separate-stderr tp-user account add -e BINANCE --set slippage_bps=much
    [[ $stderr == *slippage_bps* ]]
    run -2 --separate-stderr tp-user account add -e BINANCE --set slipage=5
    [[ $stderr == *"--list-knobs"* ]]
    run -2 --separate-stderr tp-user account add -e BINANCE --set slippage_bps
    [ "$(tp-user account list | wc -l)" = 1 ]
}

@test "what makes no sense is refused with the reason" {
    run -5 --separate-stderr tp-user account add -e BINANCE --environment production
    [[ $stderr == *"a production account needs the venue's keys"* ]]
    run -5 --separate-stderr tp-user account add -e BINANCE_TESTNET
    [[ $stderr == *"it is a test venue"* ]]
    run -4 --separate-stderr tp-user account add -e NOSUCH
    [[ $stderr == *"there is no exchange 'NOSUCH'"* ]]
    run -2 tp-user account add -e BINANCE --initial-balance -1
    run -2 tp-user account add -e BINANCE --name ''
    run -0 tp-user account add -e BINANCE --name main
    run -5 --separate-stderr tp-user account add -e BINANCE --name main
    [[ $stderr == *"an account has that name already"* ]]
    for amount in 0 -5 1e3 0.000000001 x; do run -2 tp-user account deposit main "$amount"; done
    run -4 --separate-stderr tp-user account deposit nosuch 5
    [[ $stderr == *"there is no account 'nosuch'"*"tp-user account list"* ]]
}

@test "a deposit takes effect where the account's candles have got to" {
    tp-user account add -e BINANCE --name main >/dev/null
    pg_psql -c "update tp.accounts set cursor = '2024-01-05 10:00Z'"
    [ "$(tp-user account deposit main 1 | jq -r .at)" = 2024-01-05T10:00:00.000000Z ]
    [ "$(tp-user account deposit main 1 --at 2024-01-06 | jq -r .at)" = 2024-01-06T00:00:00.000000Z ]
}

@test "nobody sees, names or pays into another user's account" {
    id=$(tp-user account add -e BINANCE --name main --initial-balance 5 | jq -r .id)
    export TP_USER=bob@example.org
    [ -z "$(tp-user account list)" ]
    for which in main "$id"; do
        run -4 tp-user account show "$which"
        run -4 tp-user account ledger "$which"
        run -4 tp-user account deposit "$which" 5
    done
    # a name is the user's own
    run -0 tp-user account add -e BINANCE --name main
    [ "$(pg_psql -c "select sum(amount) from tp.ledger_entries")" = 5.00000000 ]
}
