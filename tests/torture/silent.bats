#!/usr/bin/env bats
# Faults that take long: a server that falls silent, backends that are terminated all the while.
bats_require_minimum_version 1.5.0
load ../lib/pg
load ../lib/faults

setup_file() {
    pg_wanted || return 0
    wanted "the proxy of the tests" -x "$CUTPROXY" || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json
    pg_fresh_db whole
}

teardown_file() {
    pg_stop
}

teardown() {
    proxy_stop
}

@test "a server that falls silent is given up with exit 6, in connecting and in a statement" {
    proxy_start 0 cut
    PGHOST=$PROXY tp-user list >/dev/null
    total=$(proxy_bytes)
    proxy_stop
    for n in 1 $((total - 20)); do
        proxy_start "$n" hang
        PGHOST=$PROXY run -6 --separate-stderr timeout 60 tp-user list
        [[ $stderr == *"the database has been silent for 35 seconds"* || $stderr == *"it did not answer"* ]]
        proxy_stop
    done
}

@test "backends are terminated all the while: what was told as added is there, once" {
    (
        while [ ! -e "$BATS_TEST_TMPDIR/end" ]; do
            pg_psql -c "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tp-user'" >/dev/null
        done
    ) 3>&- &
    ended=0
    for ((i = 0; i < 300; i++)); do
        rc=0
        tp-user add "u$i@example.com" --no-password >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || rc=$?
        found=$(pg_psql -c "select count(*) from tp.users where email = 'u$i@example.com'")
        case $rc in
        0) [ "$found" = 1 ] ;;
        6 | 8)
            [ "$found" -le 1 ]
            ended=$((ended + 1))
            ;;
        *)
            cat "$BATS_TEST_TMPDIR/err"
            false
            ;;
        esac
    done
    touch "$BATS_TEST_TMPDIR/end"
    wait
    echo "# $ended of 300 were terminated" >&3
}
