#!/usr/bin/env bats
# tp-order: orders placed once, one by one or in batches, cancelled, amended, listed, settled.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json
    pg_fresh_db order_all
    unset TP_USER TP_ENVIRONMENT TP_EXCHANGE
    for u in ann bob; do
        tp-user add $u@example.org --no-password >/dev/null
        TP_USER=$u@example.org tp-user account add -e BINANCE --name main --initial-balance 10000 >/dev/null
    done
    for s in BTCUSDT ETHUSDT; do
        tp-symbol add -e BINANCE $s --base ${s%USDT} --quote USDT --market-type LINEAR --tick-size 0.01 --step-size 0.001 \
            --min-quantity 0.001 --max-quantity 100 --min-notional 5 >/dev/null
    done
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    export TP_USER=ann@example.org PGDATABASE=order_all
    cd "$BATS_TEST_TMPDIR"
    # as a replica: what events and orders point to need not be looked at
    pg_psql -c 'set session_replication_role = replica' -c 'set client_min_messages = warning' \
        -c 'truncate tp.orders, tp.order_idempotency, tp.event_queue, tp.risk_limits, tp.risk_halts, tp.market_prices cascade' \
        -c 'update tp.accounts set cursor = null'
}

sql() {
    pg_psql -c "$1"
}

# place [OPTION...]: a LONG limit order of 0.01 BTC at 60000, but for what the options say
place() {
    local given=" $* " and=()
    [[ $given == *" -s "* ]] || and+=(-s BTCUSDT)
    [[ $given == *" --side "* ]] || and+=(--side LONG)
    [[ $given == *" --quantity "* ]] || and+=(--quantity 0.01)
    [[ $given == *" --type "* ]] || and+=(--type LIMIT)
    [[ $given == *" --type "[!L]* || $given == *" --price "* ]] || and+=(--price 60000)
    tp-order place "${and[@]}" "$@"
}

# line [MEMBERS]: the same as a line
line() {
    jq -nc --argjson more "${1:-{\}}" '{symbol: "BTCUSDT", side: "LONG", order_type: "LIMIT", quantity: "0.01", price: "60000"} + $more'
}

limit() {
    sql "insert into tp.risk_limits (user_id, $1) select u.id, '$2' from tp.users u where u.email = 'ann@example.org'"
}

# a candle of BTCUSDT that closes at a time and a price
candle() {
    printf 'timestamp,open,high,low,close,volume\n%s,%s,%s,%s,%s,1\n' "$1" "$2" "$2" "$2" "$2" >candle.csv
    tp-prices -q import -e BINANCE -s BTCUSDT -i 1m candle.csv >/dev/null
}

# ---- place ---------------------------------------------------------------------------------------------

@test "an order by options is stored with its event, and printed as it stands" {
    run -0 --separate-stderr place --stop-loss 59000 --take-profit 65000 --leverage 5 --metadata '{"why":"test"}'
    [ -z "$stderr" ]
    [ "$(jq -c '[.type, .environment, .exchange, .symbol, .side, .reduce_only, .order_type, .quantity, .price, .stop_loss, .take_profit, .leverage,
        .margin_mode, .position_mode, .time_in_force, .status, .submit_state, .role, .metadata, .replayed, .line]' <<<"$output")" = \
        '["order","PAPER","BINANCE","BTCUSDT","LONG",false,"LIMIT","0.01000000","60000.00000000","59000.00000000","65000.00000000",5,"ISOLATED","ONE_WAY","GTC","PENDING","ACKED","ENTRY",{"why":"test"},false,null]' ]
    id=$(jq -r .id <<<"$output")
    [ "$(tp-order show "$id" | jq -S .)" = "$(jq -S 'del(.replayed)' <<<"$output")" ]
    [ "$(sql "select count(*) from tp.event_queue where event_type = 'order.pending' and ordering_key = 'order:$id'")" = 1 ]
}

@test "every type of order takes its own fields, and no other is taken" {
    run -0 place --type LIMIT --time-in-force GTX
    for args in "--type MARKET" "--type STOP_MARKET --stop-price 61000" "--type STOP_LIMIT --stop-price 61000 --price 61010" \
        "--type TRAILING_STOP --callback-rate 1.5 --activation-price 61000" "--type TRAILING_STOP --trail-distance 250.50" \
        "--type MARKET --reduce-only"; do
        # shellcheck disable=SC2086
        run -0 tp-order place -s BTCUSDT --side SHORT --quantity 0.01 $args
    done
    run -3 --separate-stderr tp-order place -s BTCUSDT --side SHORT --quantity 0.01 --type MARKET --price 60000
    [ "$stderr" = 'tp-order: error: price: a MARKET order has none' ]
    [ "$(tp-order list | wc -l)" = 7 ]
}

@test "values off tick and step are refused with the nearest ones, never rounded" {
    run -3 --separate-stderr place --price 60000.005
    [ "$stderr" = 'tp-order: error: price: 60000.005 is no multiple of the tick 0.01; the nearest are 60000 and 60000.01' ]
    run -3 --separate-stderr place --quantity 0.0105
    [ "$stderr" = 'tp-order: error: quantity: 0.0105 is no multiple of the step 0.001; the nearest are 0.01 and 0.011' ]
    run -3 --separate-stderr place --quantity 0.001 --price 4999.99
    [[ $stderr == *"notional: 4.99999 is below the instrument's min_notional 5" ]]
    [ -z "$(tp-order list)" ]
}

@test "options are checked by the record's own reader and named" {
    run -2 --separate-stderr place --quantity 1e3
    [[ $stderr == *"--quantity: quantity: '1e3' is not a decimal number"* ]]
    run -2 place --quantity 1000000000000
    run -2 --separate-stderr place --callback-rate 1.555
    [[ $stderr == *"--callback-rate: "* ]]
    run -2 place --side UP
    run -2 place --group x
    run -2 --separate-stderr place --metadata '{}},{"id":"x"'
    [[ $stderr == *"--metadata: "* ]]
    run -3 place --metadata '[1]'
    run -2 --separate-stderr tp-order place -s BTCUSDT --side LONG
    [[ $stderr == *"--symbol, --side, --type and --quantity"* ]]
    run -2 place -
    run -2 tp-order place file.jsonl
    [ -z "$(tp-order list)" ]
}

@test "what is not there is exit 4: an instrument, an account" {
    run -4 --separate-stderr place -s NOSUCH
    [[ $stderr == *NOSUCH*tp-symbol* ]]
    run -4 place --account nosuch
    run -4 place --account "x' or '1'='1"
}

@test "an account is named by name or id, or is the only one" {
    second=$(tp-user account add -e BINANCE --name second --position-mode HEDGE | jq -r .id)
    run -2 --separate-stderr place
    [[ $stderr == *several* || $stderr == *"which account"* ]]
    [ "$(place --account second | jq -r '.account_id, .position_mode' | xargs)" = "$second HEDGE" ]
    [ "$(place --account "$second" | jq -r .account_id)" = "$second" ]
    run -5 --separate-stderr place --account main --position-mode HEDGE
    [[ $stderr == *"the account is ONE_WAY"* ]]
    sql "delete from tp.orders where account_id = '$second'" >/dev/null
    sql "set session_replication_role = replica; delete from tp.accounts where id = '$second'"
}

@test "no broker for venues is there: testnet and production are refused, production not even asked without --live" {
    run -5 --separate-stderr place --environment testnet
    [[ $stderr == *"no broker for venues is there yet"* ]]
    run -2 --separate-stderr place --environment production
    [[ $stderr == *"--live"* ]]
    run -5 place --environment production --live
    TP_ENVIRONMENT=testnet run -5 place
    for c in "cancel --all" "reconcile"; do
        # shellcheck disable=SC2086
        run -5 tp-order $c --environment testnet
    done
}

@test "the same key and order is the same order, another order under the key is refused" {
    run -0 place -k mon-1
    first=$output
    [ "$(jq .replayed <<<"$first")" = false ]
    run -0 place -k mon-1
    [ "$(jq -c 'del(.replayed)' <<<"$output")" = "$(jq -c 'del(.replayed)' <<<"$first")" ]
    [ "$(jq .replayed <<<"$output")" = true ]
    run -5 --separate-stderr place -k mon-1 --price 60000.01
    [[ $stderr == *"'mon-1' was used for another order"* ]]
    run -2 place -k "$(printf '%0300d' 0)"
    # A replay stands even when the order could not be made any more.
    sql "update tp.accounts set cursor = now() + interval '1 day'"
    sql "update tp.symbols set status = 'HALT'"
    run -0 place -k mon-1
    run -5 place -k mon-2
    sql "update tp.symbols set status = 'TRADING'"
    [ "$(tp-order list | wc -l)" = 1 ]
    # A key belongs to its user.
    [ "$(TP_USER=bob@example.org place -k mon-1 | jq .replayed)" = false ]
}

@test "ten copies of one command with one key make one order" {
    for _ in {1..10}; do place -k same | jq -c '[.id, .replayed]' >>answers & done
    wait
    [ "$(jq -r '.[0]' answers | sort -u | wc -l)" = 1 ]
    [ "$(grep -c false answers)" = 1 ]
    [ "$(tp-order list | wc -l)" = 1 ]
}

@test "a limit's refusal is an order that is REJECTED with the reason, exit 5" {
    limit max_order_size 500
    run -5 --separate-stderr place -k big
    [ "$(jq -r '.status, .reject_reason' <<<"$output" | xargs)" = 'REJECTED MAX_ORDER_SIZE' ]
    [[ $stderr == *"refused: MAX_ORDER_SIZE"*"tp-risk check"* ]]
    [ "$(tp-order list --status REJECTED | jq -r .reject_reason)" = MAX_ORDER_SIZE ]
    # the key stands for that answer
    run -5 place -k big
    [ "$(jq .replayed <<<"$output")" = true ]
    run -0 place --reduce-only
    run -13 --separate-stderr tp-order place - < <(line; line '{"quantity":"0.001"}')
    [ "$(jq -r .status <<<"$output" | xargs)" = 'REJECTED PENDING' ]
}

@test "--dry-run says what would happen, with price, notional and margin, and stores nothing" {
    candle 2026-10-01T00:00:00Z 60500
    run -0 place --dry-run --leverage 4
    [ "$(jq -c '[.status, .last_price, .notional, .margin]' <<<"$output")" = '["PENDING","60500.00000000","600.00000000","150.00000000"]' ]
    run -0 tp-order place -s BTCUSDT --side LONG --type MARKET --quantity 0.01 --dry-run
    [ "$(jq -c '[.notional, .margin]' <<<"$output")" = '["605.00000000","605.00000000"]' ]
    limit max_order_size 500
    run -5 place --dry-run -k dry
    [ "$(jq -r .reject_reason <<<"$output")" = MAX_ORDER_SIZE ]
    run -13 tp-order place - --dry-run < <(line; line '{"quantity":"0.001"}')
    [ -z "$(tp-order list)" ]
    [ "$(sql 'select (select count(*) from tp.event_queue), (select count(*) from tp.order_idempotency)')" = '0|0' ]
}

@test "stop-loss and take-profit stand on the right side of the last close" {
    candle 2026-10-01T00:00:00Z 60500
    run -3 --separate-stderr tp-order place -s BTCUSDT --side LONG --type MARKET --quantity 0.01 --stop-loss 60500
    [[ $stderr == *"stop_loss: 60500 must be below the entry's 60500"* ]]
    run -3 place --side SHORT --stop-loss 59000
    run -0 place --side SHORT --stop-loss 61000 --take-profit 50000
}

@test "orders of a group cancel each other, so they must close the same position" {
    g=01930000-0000-7000-8000-000000000001
    line "{\"group_id\":\"$g\",\"reduce_only\":true}" >group
    line "{\"group_id\":\"$g\",\"reduce_only\":true,\"order_type\":\"STOP_MARKET\",\"price\":null,\"stop_price\":\"50000\"}" >>group
    run -0 tp-order place - <group
    [ "$(jq -r .group_id <<<"$output" | sort -u)" = $g ]
    run -3 --separate-stderr place --group $g
    [[ $stderr == *"only orders that reduce"* ]]
    run -3 --separate-stderr place --group $g --reduce-only --side SHORT
    [[ $stderr == *"same account, symbol and side"* ]]
    run -13 tp-order place - < <(line "{\"group_id\":\"${g%1}2\",\"reduce_only\":true}"
        line "{\"group_id\":\"${g%1}2\",\"reduce_only\":true,\"symbol\":\"ETHUSDT\"}")
    [ "$(jq -r '.type' <<<"$output" | xargs)" = 'order error' ]
    sql "update tp.orders set status = 'FILLED', filled_at = now(), filled_quantity = quantity where order_type = 'STOP_MARKET'"
    run -5 --separate-stderr place --group $g --reduce-only
    [[ $stderr == *"was filled"* ]]
}

@test "on paper an order can be made in the past, but not before its account's candles" {
    run -0 place --at 2024-03-01T10:00:00.123456Z
    [ "$(jq -r .created_at <<<"$output")" = 2024-03-01T10:00:00.123000Z ]
    [ "$(sql "select count(*) from tp.orders where created_at = tp.uuid_v7_time(id)")" = 1 ]
    sql "update tp.accounts set cursor = '2024-03-02'"
    run -5 --separate-stderr place --at 2024-03-01T23:59:00Z
    [[ $stderr == *"is over for the account"* ]]
    run -0 place --at 2024-03-02T00:00:00Z
    # an account whose candles are ahead of the clock has its own time
    sql "update tp.accounts set cursor = now() + interval '3 days'"
    run -0 place
    [ "$(sql "select count(*) from tp.orders where created_at > now()")" = 1 ]
}

# ---- place - ---------------------------------------------------------------------------------------------

@test "each line gets one answer, in order, also the bad ones" {
    {
        line
        echo 'no JSON'
        line '{"side":"SHORT","price":"61000"}'
        line '{"stop_los":"59000"}'
        line '{"price":60000}'
        echo
        line '{"type":"trade"}'
        printf '{"a":"\0"}\n\xff\xfe\n'
        line '{"symbol":"NOSUCH"}'
        line '{"environment":"TESTNET"}'
        line '{"metadata":{"a":"\u0000"}}' | sed 's/\\\\u0000/\\u0000/'
        line '{"symbol":"ETHUSDT","price":"3000"}' | tr -d '\n'
    } >lines
    run -13 --separate-stderr tp-order place - <lines
    [ "$(jq -c '[.line, .type, .code // .symbol, .reason]' <<<"$output" | xargs)" = "$(xargs <<'WANT'
[1,"order","BTCUSDT",null]
[2,"error",3,"MALFORMED"]
[3,"order","BTCUSDT",null]
[4,"error",3,"MALFORMED"]
[5,"error",3,"MALFORMED"]
[6,"error",3,"MALFORMED"]
[7,"error",3,"MALFORMED"]
[8,"error",3,"MALFORMED"]
[9,"error",3,"MALFORMED"]
[10,"error",4,"MISSING"]
[11,"error",5,"REFUSED"]
[12,"error",3,"MALFORMED"]
[13,"order","ETHUSDT",null]
WANT
)" ]
    [[ $output == *"did you mean stop_loss?"* ]]
    [ "$stderr" = 'tp-order: error: 10 of 13 failed, the first is number 2' ]
    [ "$(tp-order list | jq -r .symbol | xargs)" = 'ETHUSDT BTCUSDT BTCUSDT' ]
}

@test "the ids of a batch rise in the order of its lines" {
    for i in {1..250}; do line "{\"metadata\":{\"n\":$i}}"; done >lines
    tp-order place - <lines >answers
    [ "$(wc -l <answers)" = 250 ]
    jq -r .id answers | sort -c -u
    [ "$(jq -r .metadata.n answers | xargs)" = "$(seq 250 | xargs)" ]
    [ "$(tp-order list | jq -r .metadata.n | xargs)" = "$(seq 250 -1 1 | xargs)" ]
    [ "$(sql "select string_agg(payload -> 'metadata' ->> 'n', ' ' order by id) from tp.event_queue")" = "$(seq 250 | xargs)" ]
}

@test "a line that is typed is answered without waiting for more" {
    mkfifo in
    tp-order place - <in >answers 3>&- &
    exec 7>in
    line >&7
    until [ "$(wc -l <answers)" = 1 ]; do sleep 0.02; done
    { line; line; } >&7
    until [ "$(wc -l <answers)" = 3 ]; do sleep 0.02; done
    [ "$(tp-order list | wc -l)" = 3 ]
    exec 7>&-
    wait $!
}

@test "SIGINT and SIGTERM end a batch after the transaction under way: what is answered stands, nothing else" {
    for signal in INT TERM; do
        rm -f in && mkfifo in
        env --default-signal=INT tp-order place - <in >answers 2>said 3>&- &
        pid=$!
        exec 7>in
        { line; line; } >&7
        until [ "$(wc -l <answers)" = 2 ]; do sleep 0.02; done
        kill -$signal $pid
        rc=0
        wait $pid || rc=$?
        exec 7>&-
        [ $rc = "$([ $signal = INT ] && echo 130 || echo 143)" ]
        grep -q "stopped by SIG$signal" said
    done
    [ "$(tp-order list | wc -l)" = 4 ]
}

@test "a reader that goes away ends the batch quietly; what was committed stands" {
    for _ in {1..3000}; do line; done >lines
    bash -c 'set -o pipefail; tp-order place - <lines 2>said | head -n 1 >first; exit ${PIPESTATUS[0]}' || rc=$?
    [ "${rc:-0}" = 141 ]
    [ ! -s said ]
    n=$(tp-order list --limit 10000 | wc -l)
    [ "$n" -ge 1 ]
    [ $((n % 100)) = 0 ]
}

@test "stdout that is full is exit 1" {
    run -1 --separate-stderr bash -c 'tp-order place - >/dev/full' < <(line)
    [[ $stderr == *"No space left on device"* ]]
}

@test "a line of 100 MB and a hundred of 1 MB need no more memory than short ones" {
    big() { head -c "$1" /dev/zero | tr '\0' 'x'; echo; }
    { big 100000000; line; } >lines
    run -13 --separate-stderr tp-order place - <lines
    [ "$(jq -c '[.line, .type]' <<<"$output" | xargs)" = '[1,error] [2,order]' ]
    [[ $output == *"longer than 1 MiB"* ]]
    for _ in {1..100}; do big 1000000; done >lines
    # shellcheck disable=SC2016
    (ulimit -v 100000 && tp-order --version) || skip "a program with a sanitizer needs more address space"
    run -13 --separate-stderr bash -c 'ulimit -v 100000; tp-order place - <lines | jq -r .line | tail -n 1; exit ${PIPESTATUS[0]}'
    [ "${lines[0]}" = 100 ]
}

@test "keys in lines make a batch that can be run again, also within itself" {
    for i in {1..150}; do line "{\"idempotency_key\":\"k$i\"}"; done >lines
    line '{"idempotency_key":"k1"}' >>lines
    line '{"idempotency_key":"k2","price":"1000"}' >>lines
    run -13 --separate-stderr tp-order place - <lines
    [ "$(jq -r .replayed <<<"$output" | sort | uniq -c | xargs)" = '150 false 1 null 1 true' ]
    [ "$(jq -c 'select(.type == "error") | [.code, .reason]' <<<"$output")" = '[5,"KEY_TAKEN"]' ]
    tp-order place - <lines >again || [ $? = 13 ]
    [ "$(jq -r .replayed again | sort | uniq -c | xargs)" = '1 null 151 true' ]
    [ "$(jq -r '.id // "none"' again)" = "$(jq -r '.id // "none"' <<<"$output")" ]
    [ "$(sql 'select count(*) from tp.orders')" = 150 ]
}

@test "answers can be read as a table or as CSV" {
    run -0 tp-order place - -o csv < <(line; line)
    [ "${#lines[@]}" = 3 ]
    [[ ${lines[0]} == id,created_at,*,line,replayed ]]
    run -13 tp-order place - -o table < <(line; echo x)
    [[ $output == *line* && $output == *message* ]]
}

# ---- cancel ----------------------------------------------------------------------------------------------

@test "an order is cancelled by id, with its event, and not twice" {
    id=$(place | jq -r .id)
    run -0 tp-order cancel "$id"
    [ "$(jq -r '.id, .status' <<<"$output" | xargs)" = "$id CANCELLED" ]
    [ "$(sql "select status || ' ' || (cancelled_at is not null) from tp.orders")" = 'CANCELLED true' ]
    [ "$(sql "select count(*) from tp.event_queue where event_type = 'order.cancelled'")" = 1 ]
    run -5 --separate-stderr tp-order cancel "$id"
    [[ $stderr == *"has ended: it is CANCELLED"* ]]
    run -4 tp-order cancel 01930000-0000-7000-8000-000000000001
    run -2 tp-order cancel x
    run -2 tp-order cancel
    run -2 tp-order cancel "$id" --symbol BTCUSDT
}

@test "a list goes through jq into cancel" {
    for i in {1..120}; do line "{\"side\":\"$([ $((i % 2)) = 0 ] && echo LONG || echo SHORT)\"}"; done | tp-order place - >/dev/null
    tp-order list --open -o json | jq -c 'select(.side == "LONG")' | tp-order cancel - >answers
    [ "$(wc -l <answers)" = 60 ]
    [ "$(tp-order list --open | jq -r .side | sort | uniq -c | xargs)" = '60 SHORT' ]
}

@test "bad lines to cancel are answered, the good ones are done; twice is once" {
    id=$(place | jq -r .id)
    {
        echo "{\"id\":\"$id\"}"
        echo "{\"id\":\"$id\"}"
        echo '{"id":"01930000-0000-7000-8000-000000000001"}'
        echo '{"type":"error","line":1}'
        echo '{}'
    } >lines
    run -13 tp-order cancel - <lines
    [ "$(jq -c '[.line, .type, .reason]' <<<"$output" | xargs)" = \
        '[1,order,null] [2,error,CANCELLED] [3,error,MISSING] [4,error,MALFORMED] [5,error,MALFORMED]' ]
    run -13 tp-order cancel "$id" 01930000-0000-7000-8000-000000000001
    [ "$(jq -r .reason <<<"$output" | xargs)" = 'CANCELLED MISSING' ]
}

@test "cancel --all takes what works and fits, page by page" {
    for _ in {1..250}; do line; done | tp-order place - >/dev/null
    line '{"symbol":"ETHUSDT","price":"3000"}' | tp-order place - >/dev/null
    run -0 tp-order cancel --all --symbol BTCUSDT --dry-run
    [ "$(tp-order list --open | wc -l)" = 251 ]
    tp-order cancel --all --symbol BTCUSDT >answers
    [ "$(wc -l <answers)" = 250 ]
    [ "$(jq -r .line answers | xargs)" = "$(seq 250 | xargs)" ]
    [ "$(tp-order list --open | jq -r .symbol)" = ETHUSDT ]
    run -0 tp-order cancel --all --account main
    [ "$(wc -l <<<"$output")" = 1 ]
    run -0 tp-order cancel --all
    [ -z "$output" ]
}

@test "a parent that was filled in part keeps its fill and its children when its rest is cancelled" {
    id=$(place --stop-loss 59000 | jq -r .id)
    child=$(place --reduce-only | jq -r .id)
    sql "update tp.orders set status = 'PARTIALLY_FILLED', filled_quantity = 0.004 where id = '$id'"
    sql "update tp.orders set parent_order_id = '$id' where id = '$child'"
    run -0 tp-order cancel "$id"
    [ "$(jq -r '.status, .filled_quantity' <<<"$output" | xargs)" = 'CANCELLED 0.00400000' ]
    [ "$(tp-order show "$child" | jq -r .status)" = PENDING ]
}

@test "an answer that is placed again is another order" {
    place >answer
    run -0 tp-order place - < <(jq -c 'del(.replayed)' answer)
    [ "$(jq -r .id <<<"$output")" != "$(jq -r .id answer)" ]
    [ "$(tp-order list --open | wc -l)" = 2 ]
}

@test "an order that says no leverage takes its account's" {
    TP_USER=bob@example.org tp-user account add -e BINANCE --name five --set leverage=5 >/dev/null
    export TP_USER=bob@example.org
    [ "$(place -a five | jq .leverage)" = 5 ]
    [ "$(place -a five --leverage 2 | jq .leverage)" = 2 ]
    [ "$(place -a main | jq .leverage)" = 1 ]
    sql "set session_replication_role = replica; delete from tp.accounts where name = 'five'"
}

# ---- amend -----------------------------------------------------------------------------------------------

@test "an order that works is amended, with its event" {
    id=$(place | jq -r .id)
    run -0 tp-order amend "$id" --price 60010 --quantity 0.02
    [ "$(jq -r '.price, .quantity, .status' <<<"$output" | xargs)" = '60010.00000000 0.02000000 PENDING' ]
    [ "$(tp-order show "$id" | jq -r .price)" = 60010.00000000 ]
    [ "$(sql "select count(*) from tp.event_queue where event_type = 'order.amended'")" = 1 ]
    # what is so already changes nothing
    run -0 tp-order amend "$id" --price 60010
    [ "$(sql "select count(*) from tp.event_queue where event_type = 'order.amended'")" = 1 ]
    run -3 --separate-stderr tp-order amend "$id" --price 60010.005
    [[ $stderr == *"the nearest are 60010 and 60010.01"* ]]
    run -3 tp-order amend "$id" --stop-price 1
    run -2 tp-order amend "$id"
    run -2 tp-order amend "$id" --price x
    tp-order cancel "$id" >/dev/null
    run -5 --separate-stderr tp-order amend "$id" --price 60010
    [[ $stderr == *"is CANCELLED"* ]]
}

@test "an amendment is asked of the limits for what the order grows by, and refused without harm" {
    id=$(place | jq -r .id)
    limit max_position_size 1000
    run -0 tp-order amend "$id" --quantity 0.015
    run -5 --separate-stderr tp-order amend "$id" --quantity 0.02
    [[ $stderr == *"refused: MAX_POSITION_SIZE; the order is as it was"* ]]
    [ "$(tp-order show "$id" | jq -r .quantity)" = 0.01500000 ]
    run -0 tp-order amend "$id" --quantity 0.001
}

@test "fills have made facts: the quantity stays above them, wishes that became orders do not change" {
    id=$(place --stop-loss 59000 | jq -r .id)
    sql "update tp.orders set status = 'PARTIALLY_FILLED', filled_quantity = 0.004 where id = '$id'"
    run -3 --separate-stderr tp-order amend "$id" --quantity 0.004
    [[ $stderr == *"0.004 is filled already"* ]]
    run -5 tp-order amend "$id" --stop-loss 59500
    run -0 tp-order amend "$id" --quantity 0.005
}

@test "orders go through jq into amend; what cannot change is refused, not passed over" {
    { line; line; } | tp-order place - >/dev/null
    run -0 tp-order amend - < <(tp-order list -o json | jq -c '.price = "59000.00000000"')
    [ "$(tp-order list | jq -r .price | sort -u)" = 59000.00000000 ]
    run -13 tp-order amend - < <(tp-order list -o json | jq -c '.side = "SHORT"')
    [[ ${lines[0]} == *"side: cannot be amended"* ]]
    id=$(tp-order list -n 1 | jq -r .id)
    run -0 tp-order amend - < <(echo "{\"id\":\"$id\",\"price\":\"1000\"}"; echo "{\"id\":\"$id\",\"quantity\":\"0.05\"}")
    [ "$(tp-order show "$id" | jq -r '.price, .quantity' | xargs)" = '1000.00000000 0.05000000' ]
    run -13 tp-order amend - < <(echo "{\"id\":\"$id\",\"prise\":\"1000\"}")
    [[ $output == *"did you mean price?"* ]]
}

# ---- list, show, reconcile ---------------------------------------------------------------------------------

@test "a list is narrowed by its options" {
    place >/dev/null
    place --side SHORT --at 2024-03-01 >/dev/null
    tp-order cancel "$(place -s ETHUSDT --price 3000 | jq -r .id)" >/dev/null
    [ "$(tp-order list | wc -l)" = 3 ]
    [ "$(tp-order list --open | wc -l)" = 2 ]
    [ "$(tp-order list --status CANCELLED | jq -r .symbol)" = ETHUSDT ]
    [ "$(tp-order list -s BTCUSDT -n 1 | jq -r .side)" = LONG ]
    [ "$(tp-order list --until 2025-01-01 | jq -r .side)" = SHORT ]
    [ "$(tp-order list --since 2025-01-01 --account main | wc -l)" = 2 ]
    [ -z "$(tp-order list --environment testnet)" ]
    [ -z "$(tp-order list --bot 01930000-0000-7000-8000-000000000001)" ]
    [ -z "$(tp-order list --symbol="x' or '1'='1")" ]
    run -2 tp-order list --open --status FILLED
    run -0 tp-order list -o table
    [[ ${lines[0]} != *user_id* ]]
}

@test "another user's order is not there: not shown, cancelled, amended, replayed" {
    id=$(place -k mine --metadata '{"secret":"CANARY"}' | jq -r .id)
    export TP_USER=bob@example.org
    [ -z "$(tp-order list)" ]
    for c in "show $id" "cancel $id" "amend $id --price 1" "reconcile -k mine"; do
        # shellcheck disable=SC2086
        run -4 --separate-stderr tp-order $c
        [[ $output$stderr != *CANARY* ]]
    done
    run -0 tp-order cancel --all
    account=$(TP_USER=ann@example.org tp-user account list | jq -r .id)
    run -4 place --account "$account"
    [ "$(TP_USER=ann@example.org tp-order show "$id" | jq -r .status)" = PENDING ]
}

@test "reconcile settles what is not known to have arrived, and tells what a key made" {
    run -4 --separate-stderr tp-order reconcile -k never
    [[ $stderr == *"no order was made under the key 'never'"* ]]
    { line '{"idempotency_key":"a"}'; line '{"idempotency_key":"b"}'; line; } | tp-order place - >/dev/null
    [ "$(tp-order reconcile -k a | jq -r .status)" = PENDING ]
    run -0 --separate-stderr tp-order reconcile
    [ -z "$output" ]
    sql "update tp.orders set submit_state = 'UNKNOWN' where id in (select order_id from tp.order_idempotency)"
    [ "$(tp-order reconcile -k b | jq -r .submit_state)" = ACKED ]
    run -0 --separate-stderr tp-order reconcile
    [ "$(jq -r '.submit_state' <<<"$output")" = ACKED ]
    [ "$stderr" = 'tp-order: 1 orders settled' ]
    [ "$(sql "select count(*) from tp.orders where submit_state = 'ACKED'")" = 3 ]
}
