#!/usr/bin/env bats
# The event queue under chaos: workers are killed, the server restarts, backends are terminated, connections run
# out.  No event is lost, and one is worked on twice only if it was held at a moment of chaos.  EVENTS each;
# make torture does it with 20,000.
bats_require_minimum_version 1.5.0
load ../lib/pg

LEASE=3 BATCH=50
HELD=$((2 * BATCH)) # one batch runs, one waits

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json EVENTS=${EVENTS:-1000}
    unset TP_USER
    pg_fresh_db chaos
    pg_psql -c 'create role plain login' -c 'grant tp_service to plain'
    export PGUSER_OWNER=$PGUSER
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    pg_psql -c 'truncate tp.event_queue, tp.event_holds'
    cd "$BATS_TEST_TMPDIR" || return
    for ((i = 1; i <= EVENTS; i++)); do printf '{"event_type":"t","payload":{"n":%d}}\n' "$i"; done | tp-event push -q >/dev/null
    chaos=0
}

# Works until nothing is ready.  Each event leaves <n> in the file `worked`, whole or not at all.
work() {
    tp-event run --until-empty --per batch --batch $BATCH --lease $LEASE --reconnect 60 --shell \
        --exec "sed -n 's/.*\"n\": *\([0-9]*\)}.*/<\1>/p' >>worked" 3>&- 2>>messages
}

done_so_far() { grep -c '<' worked 2>/dev/null || true; }

# The same by one program that answers each event.
work_stream() {
    tp-event run --until-empty --per stream --batch $BATCH --lease $LEASE --reconnect 60 --shell \
        --exec 'while read -r line; do n=${line##*\"n\": }; echo "<${n%%\}*}>" >>worked; echo "$line"; done' 3>&- 2>>messages
}

# Waits until so many percent are done.
until_percent() {
    until [ "$(done_so_far)" -ge $((EVENTS * $1 / 100)) ]; do
        kill -0 "$2" 2>/dev/null || break
        sleep 0.02
    done
}

open_events() { PGUSER=$PGUSER_OWNER pg_psql -c 'select count(*) from tp.event_queue where processed_at is null'; }

# What others left behind is taken over when its lease is over.
finish() {
    while [ "$(open_events)" != 0 ]; do
        work || true
        sleep 0.1
    done
    # Innocent events that were held by three killed workers in a row are dead, not lost.
    dead=$(tp-event dead replay --all | wc -l)
    [ "$dead" = 0 ] || work
}

# verdict NAME: none lost; twice at most those that were held at the moments of chaos.
verdict() {
    grep -o '<[0-9]*>' worked | sort >all
    distinct=$(uniq all | wc -l)
    twice=$(($(wc -l <all) - distinct))
    echo "# $1: $EVENTS events, $chaos times chaos, $((EVENTS - distinct)) lost, $twice twice, ${dead:-0} dead and replayed" >&3
    [ "$distinct" = "$EVENTS" ]
    [ "$twice" -le $((chaos * HELD)) ]
    [ "$(pg_psql -c "select count(*) from tp.event_queue where status = 'COMPLETED'")" = "$EVENTS" ]
}

@test "a worker is killed" {
    work &
    until_percent 30 $!
    pkill -KILL -P $! -x tp-event || true
    wait $! || true
    chaos=1
    finish
    verdict "worker killed"
}

@test "a worker with a program that answers is killed, and then the program of another" {
    work_stream &
    until_percent 30 $!
    pkill -KILL -P $! -x tp-event || true
    wait $! || true
    work_stream &
    pid=$!
    until_percent 60 $pid
    pkill -KILL -P "$(pgrep -P $pid -x tp-event)" || true
    wait $pid || true
    chaos=2
    finish
    verdict "stream: worker and program killed"
}

@test "workers are killed again and again" {
    RANDOM=${SEED:-1}
    while [ "$(open_events)" != 0 ]; do
        timeout -s KILL "0.$((RANDOM % 40 + 10))" tp-event run --until-empty --per batch --batch $BATCH --lease $LEASE --shell \
            --exec "sed -n 's/.*\"n\": *\([0-9]*\)}.*/<\1>/p' >>worked" 3>&- 2>>messages || true
        chaos=$((chaos + 1))
    done
    finish
    verdict "workers killed again and again"
}

# $1 works meanwhile.
restarted() {
    $1 &
    pid=$!
    percent=20
    for mode in fast immediate; do
        until_percent $percent $pid
        percent=60
        pg_as "$PG_BIN/pg_ctl" -D "$PG_ROOT/data" -s -w -m $mode stop
        sleep 0.5
        pg_as "$PG_BIN/pg_ctl" -D "$PG_ROOT/data" -s -w -l "$PG_ROOT/data/log" \
            -o "-k $PG_ROOT -c listen_addresses='' -c fsync=off" start 3>&- 4>&-
        chaos=$((chaos + 1))
    done
    wait $pid
    finish
    verdict "server restarted, $1"
}

@test "the server is restarted, in good order and not" {
    restarted work
}

@test "the server is restarted under a program that answers" {
    restarted work_stream
}

@test "backends are terminated all the while" {
    (
        while [ ! -e end ]; do
            pg_psql -c "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tp-event'" | grep -c t >>terminated
            sleep 0.2
        done
    ) 3>&- &
    killer=$!
    work
    touch end
    wait $killer || true
    chaos=$(($(grep -c 1 terminated || true) + 1))
    finish
    verdict "backends terminated"
}

@test "no connection is free for a while" {
    export PGUSER=plain
    work &
    pid=$!
    until_percent 30 $pid
    PGUSER=$PGUSER_OWNER pg_psql -c 'alter role plain connection limit 0' \
        -c "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'plain'" >/dev/null
    chaos=1
    sleep 2
    PGUSER=$PGUSER_OWNER pg_psql -c 'alter role plain connection limit -1'
    wait $pid
    PGUSER=$PGUSER_OWNER
    finish
    verdict "connections exhausted"
}

@test "a server that does not come back is exit 6 when the patience is over; nothing is claimed for good" {
    tp-event run --per batch --batch $BATCH --lease $LEASE --reconnect 1 --shell --exec 'touch began; sleep 600' 3>&- 2>messages &
    pid=$!
    until [ -e began ]; do sleep 0.02; done
    pg_as "$PG_BIN/pg_ctl" -D "$PG_ROOT/data" -s -w -m fast stop
    rc=0
    wait $pid || rc=$?
    pg_as "$PG_BIN/pg_ctl" -D "$PG_ROOT/data" -s -w -l "$PG_ROOT/data/log" \
        -o "-k $PG_ROOT -c listen_addresses='' -c fsync=off" start 3>&- 4>&-
    [ "$rc" = 6 ]
    grep -q 'trying again for 1 seconds' messages
    chaos=1
    finish
    verdict "server gone"
}
