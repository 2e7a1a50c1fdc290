#!/usr/bin/env bats
# tp-position, and how orders by hand become positions: placed, met by candles (tp-order sync), closed, protected,
# proved from the fills.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json
    pg_fresh_db position_template
    unset TP_ENVIRONMENT TP_EXCHANGE
    for u in ann bob; do tp-user add $u@example.org --no-password >/dev/null; done
    for s in BTCUSDT ETHUSDT; do
        tp-symbol add -e BINANCE $s --base ${s%USDT} --quote USDT --market-type LINEAR --tick-size 0.01 --step-size 0.001 \
            --min-notional 5 >/dev/null
    done
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    export TP_USER=ann@example.org
    cd "$BATS_TEST_TMPDIR"
    export PGDATABASE=position_$BATS_TEST_NUMBER
    pg_psql -d postgres -c "create database $PGDATABASE template position_template"
}

# Whatever a test did, the fills add up to what is stored.
teardown() {
    [ -z "${TP_SKIP_ALL:-}" ] || return 0
    [ -n "${corrupted:-}" ] || tp-position rebuild --check || return 1
    pg_psql -d postgres -c "drop database if exists $PGDATABASE with (force)" 2>/dev/null
}

sql() {
    pg_psql -c "$1"
}

# account [TAKER MAKER SLIPPAGE]: a paper account "desk" with these costs in bps; default: none
account() {
    tp-user account add -e BINANCE --name desk --initial-balance 10000 --set taker_bps="${1:-0}" --set maker_bps="${2:-0}" \
        --set slippage_bps="${3:-0}" >/dev/null
}

# at MINUTE: a time of the day of the tests
at() {
    printf '2025-01-01T%02d:%02d:00Z' $(($1 / 60)) $(($1 % 60))
}

# bars SYMBOL FIRST BAR...: candles of 1m from that minute on, each open:high:low:close[:volume]; one number: all four
bars() {
    local symbol=$1 minute=$2 o h l c v
    shift 2
    for bar; do
        IFS=: read -r o h l c v <<<"$bar"
        echo "$(at "$minute"),$o,${h:-$o},${l:-$o},${c:-$o},${v:-1000000}"
        minute=$((minute + 1))
    done >bars.csv
    sed -i '1i timestamp,open,high,low,close,volume' bars.csv
    tp-prices -q import -e BINANCE -s "$symbol" -i 1m bars.csv >/dev/null
}

# order MINUTE QUANTITY [OPTION...]: a LONG market order of BTCUSDT at that minute, but for what the options say
order() {
    local given=" ${*:3} " and=()
    [[ $given == *" -s "* ]] || and+=(-s BTCUSDT)
    [[ $given == *" --side "* ]] || and+=(--side LONG)
    [[ $given == *" --type "* ]] || and+=(--type MARKET)
    tp-order place --at "$(at "$1")" --quantity "$2" "${and[@]}" "${@:3}"
}

# What happened, short: an event as WORD ROLE REASON, a fill as SIDE QUANTITY PRICE PNL.
short() {
    jq -r 'def n: if . == null then "-" else tonumber + 0 | tostring end;
        if .type == "trade" then "\(.side) \(.quantity | n) at \(.price | n) pnl \(.pnl | n)"
        elif .type == "order_event" then "\(.event) \(.role) \(.reason // "-")" else empty end'
}

# An open position of 2 BTC at 100, up to minute 1.
held() {
    account
    order 0 2 >/dev/null
    bars BTCUSDT 0 100
    tp-order sync >/dev/null
    tp-position list | jq -r .id
}

@test "an order, a candle, a sync: a position; the next sync finds nothing new" {
    account
    order 0 2 --leverage 5 >/dev/null
    bars BTCUSDT 0 100:104:99:103
    run -0 --separate-stderr tp-order sync
    [ "$(short <<<"$output")" = $'BUY 2 at 100 pnl -\nFILLED ENTRY ENTRY' ]
    [ -z "$stderr" ]
    run -0 tp-position list
    [ "$(jq -c '[.side, .quantity, .entry_price, .mark_price, .unrealized_pnl, .margin_used, .leverage, .status, .stop_loss]' <<<"$output")" = \
        '["LONG","2.00000000","100.00000000","103.00000000","6.00000000","40.00000000",5,"OPEN",null]' ]
    [ "$(tp-position show "$(jq -r .id <<<"$output")")" = "$output" ]
    run -0 tp-order sync
    [ -z "$output" ]
}

@test "orders for the same time are filled in the order of their making, from whatever program they come" {
    account
    for ((i = 1; i <= 6; i++)); do order 0 $i; done | jq -r .quantity >made
    printf '%s\n' '{"symbol":"BTCUSDT","side":"LONG","order_type":"MARKET","created_at":"'"$(at 0)"'","quantity":"'{7,8}'"}' |
        tp-order place - | jq -r .quantity >>made
    order 0 9 | jq -r .quantity >>made
    bars BTCUSDT 0 100
    tp-order sync | jq -r 'select(.type == "trade") | .quantity' | diff made -
    [ "$(wc -l <made)" = 9 ]
}

@test "close places one order that reduces, however often it is asked; the next candle fills it" {
    id=$(held)
    run -0 tp-position close "$id" --at "$(at 1)"
    [ "$(jq -c '[.side, .reduce_only, .order_type, .quantity, .position_id, .role, .reason, .status, .replayed]' <<<"$output")" = \
        "[\"LONG\",true,\"MARKET\",\"2.00000000\",\"$id\",\"EXIT\",\"close\",\"PENDING\",false]" ]
    first=$(jq -r .id <<<"$output")
    run -0 tp-position close "$id" --at "$(at 1)"
    [ "$(jq -r '.id, .replayed' <<<"$output" | xargs)" = "$first true" ]
    [ "$(tp-order list --open | wc -l)" = 1 ]
    bars BTCUSDT 1 110
    run -0 tp-order sync --trades
    [ "$(short <<<"$output" | xargs)" = 'SELL 2 at 110 pnl 20 FILLED EXIT close' ]
    [ "$(jq -r 'select(.type == "backtest_trade") | .pnl, .exit_reason' <<<"$output" | xargs)" = '20.00000000 close' ]
    [ -z "$(tp-position list)" ]
    [ "$(tp-position show "$id" | jq -r '.status, .quantity, .realized_pnl' | xargs)" = 'CLOSED 0.00000000 20.00000000' ]
    run -5 --separate-stderr tp-position close "$id"
    [[ $stderr == *"position $id has ended: it is CLOSED"* ]]
}

@test "a part is closed, and then the rest; more than there is is refused" {
    id=$(held)
    run -3 --separate-stderr tp-position close "$id" --quantity 2.001
    [[ $stderr == *"quantity: the position holds 2"* ]]
    run -3 tp-position close "$id" --quantity 0.0005
    run -2 tp-position close "$id" --quantity x
    run -0 tp-position close "$id" --quantity 0.5 --at "$(at 1)"
    bars BTCUSDT 1 110
    run -0 tp-order sync
    [ "$(short <<<"$output")" = $'SELL 0.5 at 110 pnl 5\nFILLED EXIT close' ]
    # two that together are more than there is: what is left over is cancelled
    run -0 tp-position close "$id" --quantity 1 --at "$(at 2)"
    run -0 tp-position close "$id" --at "$(at 2)"
    [ "$(jq -r '.replayed, .quantity' <<<"$output" | xargs)" = 'false 1.50000000' ]
    bars BTCUSDT 2 110
    run -0 tp-order sync
    [ "$(jq -s '[.[] | select(.type == "trade").quantity | tonumber] | add' <<<"$output")" = 1.5 ]
    [ "$(tp-position list --all | jq -r '.status, .pnl' | xargs)" = 'CLOSED 20.00000000' ]
}

@test "positions go through jq into close, each line is answered; close --all takes those that fit" {
    held >/dev/null
    order 1 1 -s ETHUSDT --side SHORT >/dev/null
    bars ETHUSDT 1 10
    bars BTCUSDT 1 100
    tp-order sync >/dev/null
    [ "$(tp-position list | jq -r '.symbol, .side' | xargs)" = 'ETHUSDT SHORT BTCUSDT LONG' ]
    run -0 tp-position close --all --symbol NONE
    [ -z "$output" ]
    run -0 tp-position close --all -s ETHUSDT --dry-run
    [ "$(jq -r .symbol <<<"$output")" = ETHUSDT ]
    [ -z "$(tp-order list --open)" ]
    {
        tp-position list
        echo '{"id":"01930000-0000-7000-8000-000000000001"}'
        echo 'nonsense'
        tp-position list -s ETHUSDT
    } >lines
    run -13 --separate-stderr tp-position close - --at "$(at 2)" <lines
    [ "$(jq -c '[.line, .type, .symbol // .reason, .replayed]' <<<"$output" | xargs)" = \
        '[1,order,ETHUSDT,false] [2,order,BTCUSDT,false] [3,error,MISSING,null] [4,error,MALFORMED,null] [5,order,ETHUSDT,true]' ]
    run -0 tp-position close --all
    [ "$(jq -r .replayed <<<"$output" | xargs)" = 'true true' ]
    run -2 tp-position close
    run -2 tp-position close --all "$(tp-position list | jq -r .id | head -n 1)"
    run -2 tp-position close --symbol ETHUSDT -
    run -2 tp-position close - --quantity 1
}

@test "protect gives a position a stop-loss and a take-profit that cancel each other" {
    id=$(held)
    run -0 tp-position protect "$id" --stop-loss 90 --take-profit 120 --at "$(at 1)"
    [ "$(jq -r '.stop_loss, .take_profit, .replayed' <<<"$output" | xargs)" = '90.00000000 120.00000000 false' ]
    [ "$(tp-order list --open | jq -c '[.role, .order_type, .reduce_only, .quantity, .price, .stop_price, .parent_order_id]' | sort)" = \
        '["STOP_LOSS","STOP_MARKET",true,"2.00000000",null,"90.00000000",null]
["TAKE_PROFIT","LIMIT",true,"2.00000000","120.00000000",null,null]' ]
    [ "$(tp-order list --open | jq -r .group_id | sort -u | wc -l)" = 1 ]
    run -0 tp-position protect "$id" --stop-loss 90 --take-profit 120 --at "$(at 1)"
    [ "$(jq -r .replayed <<<"$output")" = true ]
    [ "$(tp-order list | wc -l)" = 3 ]
    bars BTCUSDT 1 100:121:99:120
    run -0 tp-order sync
    [ "$(short <<<"$output")" = 'SELL 2 at 120 pnl 40
FILLED TAKE_PROFIT TAKE_PROFIT
CANCELLED STOP_LOSS OCO' ]
}

@test "protect again replaces what there was, --none takes it away; another position is left alone" {
    id=$(held)
    tp-position protect "$id" --stop-loss 90 --take-profit 120 --at "$(at 1)" >/dev/null
    run -0 tp-position protect "$id" --stop-loss 95 --at "$(at 1)"
    [ "$(jq -r '.stop_loss, .take_profit' <<<"$output" | xargs)" = '95.00000000 null' ]
    [ "$(tp-order list --open | jq -r '.role, .stop_price' | xargs)" = 'STOP_LOSS 95.00000000' ]
    mine=$(order 1 1 --reduce-only --type LIMIT --price 130 | jq -r .id)
    run -0 tp-position protect "$id" --none
    [ "$(jq -r .stop_loss <<<"$output")" = null ]
    [ "$(tp-order list --open | jq -r .id)" = "$mine" ]
    [ "$(sql "select count(*) from tp.event_queue where event_type = 'position.changed' and ordering_key = 'position:$id'")" -ge 3 ]
}

@test "a stop on the wrong side of the price, or off the tick, is refused; what protects stays" {
    id=$(held)
    bars BTCUSDT 1 110
    tp-order sync >/dev/null
    tp-position protect "$id" --stop-loss 90 --at "$(at 2)" >/dev/null
    run -3 --separate-stderr tp-position protect "$id" --stop-loss 110 --at "$(at 2)"
    [[ $stderr == *"stop_loss: 110 must be below the last price 110"* ]]
    run -3 --separate-stderr tp-position protect "$id" --take-profit 105 --at "$(at 2)"
    [[ $stderr == *"take_profit: 105 must be above the last price 110"* ]]
    run -3 --separate-stderr tp-position protect "$id" --stop-loss 90.005 --at "$(at 2)"
    [[ $stderr == *"stop_loss: "*"the nearest are 90 and 90.01"* ]]
    run -2 tp-position protect "$id" --trailing 1.555
    run -2 tp-position protect "$id"
    run -2 tp-position protect "$id" --none --stop-loss 1
    # above the entry it locks a gain in
    run -0 tp-position protect "$id" --stop-loss 105 --at "$(at 2)"
    [ "$(tp-order list --open | jq -r .stop_price)" = 105.00000000 ]
}

@test "a trailing stop follows the best price and closes the position; its group goes with it" {
    id=$(held)
    tp-position protect "$id" --trailing 5 --take-profit 150 --at "$(at 1)" >/dev/null
    bars BTCUSDT 1 100:120:100:119 119:119:119:119 119:119:110:112
    run -0 tp-order sync
    [ "$(short <<<"$output")" = 'SELL 2 at 114 pnl 28
FILLED TRAILING TRAILING
CANCELLED TAKE_PROFIT OCO' ]
}

@test "what protects a position ends with it, and does not wait for the next one" {
    id=$(held)
    tp-position protect "$id" --stop-loss 90 --take-profit 150 --at "$(at 1)" >/dev/null
    tp-position close "$id" --at "$(at 1)" >/dev/null
    bars BTCUSDT 1 100
    run -0 tp-order sync
    [ "$(short <<<"$output" | sort)" = 'CANCELLED STOP_LOSS POSITION_CLOSED
CANCELLED TAKE_PROFIT POSITION_CLOSED
FILLED EXIT close
SELL 2 at 100 pnl 0' ]
    [ -z "$(tp-order list --open)" ]
}

@test "lines of positions protect each" {
    held >/dev/null
    run -0 tp-position protect - --at "$(at 1)" < <(tp-position list | jq -c '.stop_loss = "90"')
    [ "$(jq -r '.stop_loss, .line' <<<"$output" | xargs)" = '90.00000000 1' ]
    run -13 tp-position protect - --at "$(at 1)" < <(tp-position list | jq -c '{type, id}')
    [[ $output == *"want one of them"* ]]
}

@test "another user's position is not there, nor is one of another environment" {
    id=$(held)
    export TP_USER=bob@example.org
    [ -z "$(tp-position list --all)" ]
    for c in show close "protect --stop-loss 1"; do
        # shellcheck disable=SC2086
        run -4 tp-position $c "$id"
    done
    run -0 tp-position close --all
    [ -z "$output" ]
    export TP_USER=ann@example.org
    [ -z "$(tp-order list --open)" ]
    run -5 tp-position close "$id" --environment testnet
    run -2 tp-position list --all --status OPEN
    run -2 tp-position show x
}

# ---- rebuild -------------------------------------------------------------------------------------------

# A history of everything: partial fills, reversals at one time, brackets, two instruments, fees.
history() {
    account 5 2 3
    order 0 2 --leverage 5 --stop-loss 90 --take-profit 130 >/dev/null
    order 1 5 --side SHORT >/dev/null
    order 2 4 >/dev/null
    order 2 0.333 -s ETHUSDT --side SHORT >/dev/null
    order 3 1.5 --side SHORT >/dev/null
    order 4 0.7 --side LONG --reduce-only >/dev/null
    bars BTCUSDT 0 100 110.01 107.77 99.99 101.33 103
    bars ETHUSDT 0 10.03 10.01 11.07 12 13 14
    tp-order sync >/dev/null
}

@test "rebuild --check proves a history with reversals, and prints each value that was changed" {
    history
    run -0 --separate-stderr tp-position rebuild --check
    [ -z "$output" ]
    [[ $stderr == *"fills, "*" positions, "*" orders checked: 0 differences" ]]
    run -2 --separate-stderr tp-position rebuild
    [[ $stderr == *"want --check"* ]]

    corrupted=yes
    export PGOPTIONS='-c session_replication_role=replica'
    id=$(tp-position list -s BTCUSDT | jq -r .id)
    for change in "positions set realized_pnl = realized_pnl + 0.00000001 where id = '$id'#position#realized_pnl" \
        "positions set quantity = quantity - 0.00000001 where id = '$id'#position#quantity" \
        "positions set leverage = 7 where id = '$id'#position#leverage" \
        "positions set margin_used = margin_used + 0.00000001 where id = '$id'#position#margin_used" \
        "positions set unrealized_pnl = 0 where id = '$id'#position#unrealized_pnl" \
        "positions set book = book || '{\"cost\":\"1.00000000\"}' where id = '$id'#position#book.cost" \
        "positions set status = 'LIQUIDATED' where status = 'CLOSED' and symbol = 'BTCUSDT'#position#status" \
        "positions set entry_price = entry_price + 0.00000001 where status = 'CLOSED'#position#entry_price" \
        "orders set filled_quantity = filled_quantity - 0.001 where id = (select order_id from tp.trades limit 1)#order#filled_quantity" \
        "orders set avg_fill_price = avg_fill_price + 0.00000001 where id = (select order_id from tp.trades limit 1)#order#avg_fill_price" \
        "accounts set balance = balance + 0.00000001#account#balance" \
        "ledger_entries set amount = amount + 0.00000001 where id = (select id from tp.ledger_entries where kind = 'FEE' limit 1)#trade#ledger.fee" \
        "ledger_entries set amount = amount + 0.00000001 where id = (select id from tp.ledger_entries where kind = 'PNL' limit 1)#trade#ledger.pnl" \
        "ledger_entries set amount = amount + 0.00000001 where kind = 'DEPOSIT'#account#balance" \
        "trades set price = price + 0.01 where pnl is null#position#entry_price" \
        "trades set pnl = pnl + 0.00000001 where pnl is not null#trade#pnl"; do
        IFS='#' read -r what kind field <<<"$change"
        pg_psql -d postgres -c "drop database if exists ${PGDATABASE}_bad with (force)" \
            -c "create database ${PGDATABASE}_bad template $PGDATABASE" 2>/dev/null
        pg_psql -d "${PGDATABASE}_bad" -c "update tp.$what"
        PGDATABASE=${PGDATABASE}_bad PGOPTIONS='' run -11 --separate-stderr tp-position rebuild --check
        jq -e -s --arg kind "$kind" --arg field "$field" 'any(.[]; .what == $kind and .field == $field and .stored != .computed)' \
            <<<"$output" >/dev/null || { echo "$what: $output"; return 1; }
        [[ $stderr == *"stored values are not what the fills make them"* ]]
    done
    pg_psql -d postgres -c "drop database ${PGDATABASE}_bad with (force)"
}

@test "rebuild --check finds rows that no fill made and positions without a row" {
    history
    corrupted=yes
    pg_psql -c 'set session_replication_role = replica' -c "delete from tp.positions where status = 'OPEN'"
    run -11 --separate-stderr tp-position rebuild --check
    [ "$(jq -s 'any(.[]; .what == "position" and .field == "quantity" and .stored == null and .computed != null)' <<<"$output")" = true ]
    pg_psql -c 'set session_replication_role = replica' -c "delete from tp.trades" -c "update tp.accounts set balance = 10000"
    run -11 tp-position rebuild --check
    [[ $output == *'"what":"order"'*'"filled_quantity"'* ]]
    [[ $output == *'"what":"ledger_entry"'* ]]
}

# ---- sync ----------------------------------------------------------------------------------------------

@test "an instrument without newer candles holds its account back; candles that come late are met in order" {
    account
    order 0 1 >/dev/null
    order 0 1 -s ETHUSDT --type LIMIT --price 9 >/dev/null
    bars BTCUSDT 0 100 101
    run -10 --separate-stderr tp-order sync
    [ -z "$output" ]
    [[ $stderr == *"account desk waits for the next candle of ETHUSDT"* ]]
    bars ETHUSDT 0 10 10:10:8:10
    run -0 tp-order sync
    [ "$(short <<<"$output")" = 'BUY 1 at 100 pnl -
FILLED ENTRY ENTRY
BUY 1 at 9 pnl -
FILLED ENTRY ENTRY' ]
}

@test "one sync of an account works at a time; --until stops it early" {
    account
    order 0 1 >/dev/null
    order 1 1 --side SHORT --reduce-only >/dev/null
    bars BTCUSDT 0 100 105
    id=$(tp-user account list | jq -r .id)
    user=$(tp-user list | jq -r 'select(.email == "ann@example.org").id')
    coproc psql -X -A -t -q
    holder=$COPROC_PID # bash forgets it when it ends
    echo "select pg_advisory_lock(hashtextextended(concat_ws(' ', 'job', '$user', 'sync $id'), 0)), 'held';" >&"${COPROC[1]}"
    read -r -u "${COPROC[0]}" _
    run -9 --separate-stderr tp-order sync desk
    [[ $stderr == *"another copy holds the job"* ]]
    echo '\q' >&"${COPROC[1]}"
    wait "$holder"
    run -0 tp-order sync --until "$(at 1)"
    [ "$(short <<<"$output")" = $'BUY 1 at 100 pnl -\nFILLED ENTRY ENTRY' ]
    run -4 tp-order sync nosuch
}

@test "ten syncs at once: each is done or exit 9, and what they have done is done once" {
    account
    for ((i = 0; i < 40; i++)); do order $((i * 2)) 1 >/dev/null; order $((i * 2 + 1)) 1 --reduce-only >/dev/null; done
    # shellcheck disable=SC2046
    bars BTCUSDT 0 $(seq 100 179)
    for ((i = 0; i < 10; i++)); do
        { tp-order sync >"told.$i" 2>"said.$i"; echo $? >"rc.$i"; } &
    done
    wait
    [ "$(cat rc.* | sort -u | xargs)" = 0 ] || [ "$(cat rc.* | sort -u | xargs)" = '0 9' ]
    [ "$(cat told.* | jq -r 'select(.type == "trade") | .id' | sort | uniq -c | awk '{ print $1 }' | sort | uniq -c | xargs)" = '80 1' ]
    [ "$(sql 'select count(*) from tp.trades')" = 80 ]
}

@test "what is cancelled, amended and placed between two syncs counts from the next candle on" {
    account
    moved=$(order 0 1 --type LIMIT --price 95 | jq -r .id)
    gone=$(order 0 1 --type LIMIT --price 90 | jq -r .id)
    bars BTCUSDT 0 100
    run -0 tp-order sync
    [ -z "$(short <<<"$output")" ]
    tp-order amend "$moved" --price 98 --quantity 2 >/dev/null
    tp-order cancel "$gone" >/dev/null
    order 1 1 --type STOP_MARKET --stop-price 103 >/dev/null
    bars BTCUSDT 1 100:104:89:100
    run -0 tp-order sync
    [ "$(short <<<"$output" | grep -v TRIGGERED | sort)" = 'BUY 1 at 103 pnl -
BUY 2 at 98 pnl -
FILLED ENTRY ENTRY
FILLED ENTRY ENTRY' ]
    [ "$(tp-order show "$gone" | jq -r .status)" = CANCELLED ]
}

@test "the instruments of an account share its margin" {
    account
    order 0 60 >/dev/null
    order 0 50 -s ETHUSDT >/dev/null
    order 1 60 --reduce-only >/dev/null
    order 2 50 -s ETHUSDT >/dev/null
    bars BTCUSDT 0 100 100 100
    bars ETHUSDT 0 100 100 100
    run -0 tp-order sync
    [ "$(jq -r 'select(.type == "order_event") | [.event, .quantity, .reason] | join(" ")' <<<"$output")" = 'FILLED 60.00000000 ENTRY
REJECTED 50.00000000 INSUFFICIENT_MARGIN
FILLED 60.00000000 EXIT
FILLED 50.00000000 ENTRY' ]
}

@test "an account without equity is ruined: exit 5, of several 13, and it trades no more" {
    account
    tp-user account add -e BINANCE --name deep --initial-balance 10000 --set taker_bps=0 --set slippage_bps=0 --set liquidation=off >/dev/null
    order 0 900 -a deep --leverage 10 >/dev/null
    order 0 1 -a desk >/dev/null
    bars BTCUSDT 0 100 100:100:80:80
    run -13 --separate-stderr tp-order sync
    [[ $stderr == *"account deep"* ]]
    [ "$(tp-position list -a desk | jq -r .mark_price)" = 80.00000000 ]
    # a better price does not bring it back
    order 2 1 -a deep >/dev/null
    bars BTCUSDT 2 95 95
    run -5 --separate-stderr tp-order sync deep
    [[ $stderr == *"ruined"*"deposit"* ]]
    [ "$(sql 'select count(*) from tp.trades')" = 2 ]
    tp-user account deposit deep 20000 >/dev/null
    run -0 tp-order sync deep
    [ "$(short <<<"$output")" = $'BUY 1 at 95 pnl -\nFILLED ENTRY ENTRY' ]
}

@test "a halt closes a position at once with the candle that is stored already" {
    held >/dev/null
    bars BTCUSDT 1 110
    run -0 --separate-stderr tp-risk halt
    [ "$(sql "select side || ' ' || price from tp.trades order by executed_at desc limit 1")" = 'SELL 110.00000000' ]
    [ -z "$(tp-position list)" ]
}

@test "the equity of an account counts both sides of what is hedged, also when it is read again" {
    tp-user account add -e BINANCE --name desk --initial-balance 10000 --position-mode HEDGE --set taker_bps=0 --set slippage_bps=0 >/dev/null
    order 0 2 -s ETHUSDT >/dev/null
    order 0 2 -s ETHUSDT --side SHORT >/dev/null
    order 0 1 >/dev/null
    bars ETHUSDT 0 100 120
    bars BTCUSDT 0 10 10
    tp-order sync >/dev/null
    bars ETHUSDT 2 120
    bars BTCUSDT 2 10
    tp-order sync >/dev/null
    [ "$(sql 'select low, high, last from tp.account_equity')" = '10000.00000000|10000.00000000|10000.00000000' ]
}
