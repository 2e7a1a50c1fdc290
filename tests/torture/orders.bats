#!/usr/bin/env bats
# Orders under kill -9: at every system call of place and of cancel, and every second of a long batch; run again
# with their keys, none is lost and none doubled.  ORDERS in the long batch (100000), SEED for its moments.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json ORDERS=${ORDERS:-100000} SEED=${SEED:-$$}
    export TP_USER=ann@example.org
    echo "# SEED=$SEED ORDERS=$ORDERS" >&3
    pg_fresh_db orders
    tp-user add "$TP_USER" --no-password >/dev/null
    tp-user account add -e BINANCE --name main --initial-balance 10000 >/dev/null
    tp-symbol add -e BINANCE BTCUSDT --base BTC --quote USDT --market-type LINEAR --tick-size 0.01 --step-size 0.001 >/dev/null
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    cd "$BATS_TEST_TMPDIR"
    no_orders
}

no_orders() {
    pg_psql -c 'set session_replication_role = replica' -c 'truncate tp.orders, tp.order_idempotency, tp.event_queue cascade'
}

keyed() {
    awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) printf "{\"symbol\":\"BTCUSDT\",\"side\":\"LONG\",\"order_type\":\"LIMIT\",\"quantity\":\"0.01\",\"price\":\"60000\",\"idempotency_key\":\"k%d\"}\n", i }'
}

once_each() {
    [ "$(pg_psql -c "select (select count(*) from tp.orders), (select count(*) from tp.order_idempotency),
        (select count(distinct ordering_key) from tp.event_queue where event_type = '$2'),
        (select count(*) from tp.event_queue where event_type = '$2')")" = "$1|$1|$1|$1" ]
}

# Waits for what the server still does for one that was killed.
settled() {
    until [ "$(pg_psql -c "select count(*) from pg_stat_activity where application_name = 'tp-order'")" = 0 ]; do sleep 0.01; done
}

# The system calls of a command, one a line: its name and which of that name it is.
calls_of() {
    strace -qq -o trace "$@" <input >/dev/null
    sed -nE 's/^([a-z_0-9]+)\(.*/\1/p' trace | awk '{ print $1, ++seen[$1] }'
}

# kill_at CALL N COMMAND...: the command, killed at the n-th of its system calls of that name.
kill_at() {
    local call=$1 n=$2
    shift 2
    strace -qq -o /dev/null -e "inject=$call:signal=SIGKILL:when=$n" "$@" <input >answers 2>/dev/null || true
}

@test "place, killed at every one of its system calls and run again: each order once, what was answered stands" {
    command -v strace >/dev/null || skip "no strace on this machine"
    keyed 5 >input
    calls_of tp-order place - >calls
    [ "$(wc -l <calls)" -gt 100 ]
    points=0
    while read -r call n; do
        no_orders
        kill_at "$call" "$n" tp-order place -
        settled
        grep '}$' answers | jq -r .id >told || true
        tp-order place - <input >again
        once_each 5 order.pending || { echo "at $call $n"; return 1; }
        jq -r .id again | head -n "$(wc -l <told)" | cmp - told || { echo "at $call $n: another order than was told"; return 1; }
        points=$((points + 1))
    done <calls
    echo "# $points points" >&3
}

@test "cancel, killed at every one of its system calls and run again: each order is cancelled once" {
    command -v strace >/dev/null || skip "no strace on this machine"
    keyed 5 >orders
    tp-order place - <orders >input
    calls_of tp-order cancel - >calls
    [ "$(wc -l <calls)" -gt 100 ]
    points=0
    while read -r call n; do
        no_orders
        tp-order place - <orders >input
        kill_at "$call" "$n" tp-order cancel -
        settled
        tp-order cancel - <input >again || [ $? = 13 ]
        once_each 5 order.cancelled || { echo "at $call $n"; return 1; }
        [ -z "$(tp-order list --open)" ]
        points=$((points + 1))
    done <calls
    echo "# $points points" >&3
}

@test "a long batch, killed about every second and continued with its keys, is exactly its orders" {
    RANDOM=$SEED
    keyed "$ORDERS" >input
    : >answers
    kills=0
    while [ "$(wc -l <answers)" -lt "$ORDERS" ]; do
        tail -n +$(($(wc -l <answers) + 1)) input | timeout --foreground -s KILL \
            "$(awk -v r=$RANDOM 'BEGIN { printf "%.3f", 0.5 + r / 32768 }')" tp-order place - >>answers 2>said || {
            kills=$((kills + 1))
            # half a line that was being written is no answer
            [ -z "$(tail -c 1 answers)" ] || sed -i '$d' answers
        }
        [ ! -s said ] || { cat said; return 1; }
    done
    echo "# $kills kills" >&3
    [ "$(jq -r .id answers | sort -u | wc -l)" = "$ORDERS" ]
    once_each "$ORDERS" order.pending
    # each answer is the order of its line's key
    pg_psql -c "select order_id from tp.order_idempotency order by substr(key, 2)::integer" >stored
    jq -r .id answers | cmp - stored
    # and once more, without a kill: nothing new
    tp-order place - <input | jq -r .replayed | sort | uniq -c | xargs >replayed
    [ "$(<replayed)" = "$ORDERS true" ]
    once_each "$ORDERS" order.pending
}
