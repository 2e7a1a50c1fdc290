#!/usr/bin/env bats
# What trades, killed (-9) at its system calls and run again: nothing is lost, nothing doubled, every position is equal
# to its fills.  CALLS of each program's calls (8; "all" in make torture).
bats_require_minimum_version 1.5.0
load ../lib/pg
load ../lib/bots
load ../lib/faults

setup_file() {
    pg_wanted || return 0
    wanted "strace that can stop programs" "$(can_kill && echo yes)" || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json CALLS=${CALLS:-8}
    unset TP_ENVIRONMENT TP_EXCHANGE
    examples=$(cd "$BATS_TEST_DIRNAME/../../examples/strategies" && pwd)
    export examples
    pg_fresh_db kills
    pg_psql -1 -f "$PG_SQL/seeds/dev.sql"
    export TP_USER=demo@example.com
    tp-user account add -e BINANCE --name desk --initial-balance 10000 >/dev/null
    tp-prices generate -q -s DEMOUSDT -i 1h -n 60 --seed 5 --store
    cd "$BATS_FILE_TMPDIR"
    keyed 5 >lines
    template empty kills
    template resting kills
    template traded kills
    template bots kills
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    cd "$BATS_TEST_TMPDIR"
}

# template NAME FROM: a copy of the database in which NAME_world has been at work.
template() {
    pg_psql -d postgres -c "create database $1 template $2"
    PGDATABASE=$1 "$1_world"
}

keyed() {
    for ((i = 1; i <= $1; i++)); do
        echo '{"account":"desk","symbol":"DEMOUSDT","side":"LONG","order_type":"LIMIT","quantity":"0.01","price":"20000","idempotency_key":"k'$i'"}'
    done
}

empty_world() {
    :
}

resting_world() {
    tp-order place - <lines | jq -c '{id}' >ids
}

# Orders that candles will fill: in, protected, out again, and one that stays.
traded_world() {
    local on=(-a desk -s DEMOUSDT)
    tp-order place "${on[@]}" --at 2024-01-01 --side LONG --type MARKET --quantity 0.02 --stop-loss 1 --take-profit 1000000 >/dev/null
    tp-order place "${on[@]}" --at 2024-01-01T05:00:00Z --side LONG --type MARKET --quantity 0.01 --reduce-only >/dev/null
    tp-order place "${on[@]}" --at 2024-01-01 --side LONG --type LIMIT --price 1000 --quantity 0.1 >/dev/null
}

bots_world() {
    bot plain "$examples/sma-cross.yaml" -P fast=3 -P slow=8
}

# world TEMPLATE: the test's database is a new copy of it.
world() {
    export PGDATABASE=killed
    pg_psql -d postgres -c 'set client_min_messages = warning' -c 'drop database if exists killed with (force)' \
        -c "create database killed template $1"
}

# The server goes on for a while with what a program that was killed has begun.
settled() {
    until [ "$(pg_psql -c "select count(*) from pg_stat_activity where datname = 'killed' and pid <> pg_backend_pid()
                            and backend_type = 'client backend'")" = 0 ]; do sleep 0.01; done
}

# A whole run; its status may be $else.
again() {
    "$@" <input >answer 2>said || [ $? = "${else:-0}" ] || { cat said; return 1; }
}

# each_call TEMPLATE CHECK COMMAND...: CHECK holds after the command has run, and after it was killed, at each of its
# calls in a world of its own, and run again.  What the killed one answered is in `told`, the other in `answer`.
each_call() {
    local template=$1 check=$2 call n
    shift 2
    [ -f input ] || : >input
    world "$template"
    calls "$@" <input >calls
    settled
    world "$template"
    : >told
    again "$@"
    "$check" || return 1
    [ -z "${same:-}" ] || rows >want
    [ "$(wc -l <calls)" -gt 50 ]
    while read -r call n; do
        world "$template"
        kill_at "$call" "$n" "$@" <input >told
        settled
        again "$@" && "$check" || { echo "killed at $call $n"; return 1; }
        [ -z "${same:-}" ] || rows | diff want - || { echo "killed at $call $n"; return 1; }
    done < <(some "$CALLS" <calls)
    echo "# $(some "$CALLS" <calls | wc -l) of $(wc -l <calls) calls" >&3
}

# Orders, keys and events: five, each once.
once_each() {
    [ "$(pg_psql -c "select (select count(*) from tp.orders), (select count(*) from tp.order_idempotency),
        (select count(distinct ordering_key) from tp.event_queue where event_type = '$1'),
        (select count(*) from tp.event_queue where event_type = '$1')")" = "5|5|5|5" ]
}

proved() {
    tp-position rebuild --check 2>/dev/null
}

placed() {
    once_each order.pending && jq -r .id answer | head -n "$(grep -c '}$' told)" | cmp - <(grep '}$' told | jq -r .id)
}

@test "tp-order place: each order once, and what was answered stands" {
    cp "$BATS_FILE_TMPDIR/lines" input
    each_call empty placed tp-order place -
}

# Three signals one after the other, each obeyed once: what the last wants is under way, once.
signalled() {
    [ "$(pg_psql -c "select (select count(*) from tp.signals), count(*) filter (where status = 'PENDING'),
            string_agg(side || ' ' || trim_scale(quantity), ',') filter (where status = 'PENDING') from tp.orders")" = '3|1|SHORT 0.02' ] && proved
}

@test "tp-strategy serve: each signal is obeyed once" {
    for signal in '"LONG","qty":"0.01"' '"FLAT"' '"SHORT","qty":"0.02"'; do
        echo '{"id":"s'$((++n))'","account":"desk","symbol":"DEMOUSDT","target":'"$signal"'}'
    done >input
    each_call empty signalled tp-strategy serve --stdin-signals
}

cancelled() {
    once_each order.cancelled && [ -z "$(tp-order list --open)" ]
}

@test "tp-order cancel: each order is cancelled once" {
    cp "$BATS_FILE_TMPDIR/ids" input
    else=13 each_call resting cancelled tp-order cancel -
}

@test "tp-order sync: the rows are those of a run that nobody killed" {
    same=yes each_call traded proved tp-order sync
    [ "$(pg_psql -c 'select count(*) from tp.trades')" = 2 ]
}

closed() {
    [ "$(pg_psql -c "select count(*) from tp.orders where reduce_only and status = 'PENDING' and role = 'EXIT'")" = 1 ] && proved
}

@test "tp-position close: one order closes the position" {
    world traded
    tp-order sync >/dev/null
    settled
    pg_psql -d postgres -c 'create database held template killed'
    each_call held closed tp-position close --all
}

@test "tp-bot tick: the rows are those of a run that nobody killed" {
    same=yes each_call bots proved tp-bot tick plain
    [ "$(pg_psql -c 'select count(*) from tp.trades')" -ge 4 ]
    tp-bot parity plain >/dev/null
}

@test "tp-bot tick with a strategy that is a program: the same" {
    bots_world() { bot it "exec:$examples/sma-cross.sh" -P fast=3 -P slow=8; }
    pg_psql -d postgres -c 'create database programs template kills'
    PGDATABASE=programs bots_world
    same=yes each_call programs proved tp-bot tick it
    tp-bot parity it >/dev/null
}

halted() {
    [ "$(pg_psql -c "select (select count(*) from tp.risk_halts), count(*) filter (where status = 'PENDING' and not reduce_only),
                            count(*) filter (where status = 'PENDING' and reason = 'halt') from tp.orders")" = '1|0|1' ] && proved
}

@test "tp-risk halt: one latch, what rests is cancelled, one order closes the position" {
    else=10 each_call held halted tp-risk halt
}

# Events that were read or not, and are all there when the leases are over.
all_read() {
    pg_psql -c "update tp.event_queue set lease_until = now() - interval '1 second' where lease_until > now()" &&
        [ "$(tp-event read -n 100 | cat - answer told | grep '}$' | jq -r .event_id | sort -u | wc -l)" = 20 ] &&
        [ "$(pg_psql -c "select count(*) from tp.event_queue where status in ('PENDING', 'PROCESSING')")" = 20 ]
}

@test "tp-event read and ack: no event is lost, each is done once" {
    for ((i = 1; i <= 20; i++)); do echo '{"event_type":"t","payload":{"n":'$i'}}'; done >lines
    pg_psql -d postgres -c 'create database events template kills'
    PGDATABASE=events tp-event push <lines >/dev/null
    each_call events all_read tp-event read -n 10
    pg_psql -d postgres -c 'create database leased template events'
    PGDATABASE=leased tp-event read -n 20 >input
    each_call leased done_once tp-event ack
}

done_once() {
    [ "$(pg_psql -c "select count(*) filter (where status = 'COMPLETED'), count(*) from tp.event_queue")" = '20|20' ]
}
