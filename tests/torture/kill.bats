#!/usr/bin/env bats
# kill -9 at random moments, then the same command again: it always ends where one undisturbed run ends.
# KILLS moments a test (200), drawn from SEED (printed); run by make torture.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json KILLS=${KILLS:-200} SEED=${SEED:-$$}
    unset TP_USER
    echo "# SEED=$SEED KILLS=$KILLS" >&3
    pg_fresh_db whole
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    RANDOM=$SEED
    export PGDATABASE=kill_$BATS_TEST_NUMBER
    pg_psql -d postgres -c "create database $PGDATABASE template whole"
}

# Seconds that a command takes, the longest of three.
seconds_of() {
    local i from to most=0
    for i in 1 2 3; do
        "${between:-true}"
        from=$(date +%s%N)
        "$@" >/dev/null 2>&1
        to=$(date +%s%N)
        [ $(((to - from) / 1000)) -lt "$most" ] || most=$(((to - from) / 1000))
    done
    printf '%d.%06d' $((most / 1000000)) $((most % 1000000))
}

# Runs a command and kills it at a random moment of so many seconds; counts in $killed those that did not end before.
kill_within() {
    local longest=$1 rc=0
    shift
    timeout --foreground -s KILL "$(awk -v r=$RANDOM -v s="$longest" 'BEGIN { printf "%.6f", 0.001 + r / 32768 * s }')" \
        "$@" >/dev/null 2>"$BATS_TEST_TMPDIR/err" || rc=$?
    case $rc in
    0 | 124) ;; # 124: it ended in the very moment
    137) killed=$((killed + 1)) ;;
    *)
        echo "exit $rc: $(cat "$BATS_TEST_TMPDIR/err")"
        return 1
        ;;
    esac
}

# Waits for what the server still does for those that were killed.
settle() {
    until [ "$(pg_psql -c "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
                           and backend_type = 'client backend'")" = 0 ]; do sleep 0.01; done
}

empty_database() {
    pg_psql -d postgres -c "drop database if exists $PGDATABASE with (force)" -c "create database $PGDATABASE" 2>/dev/null
}

state() {
    pg_catalog
    pg_psql -c "select name, version, hash, state from tp_migrate.history order by name" \
        -c "select p::text from tp.partition_policies p order by parent::text"
}

@test "migrate up, killed at any moment, leads to the same catalog, history and rows when it is run again" {
    between=empty_database
    longest=$(seconds_of tp-db migrate up)
    state >"$BATS_TEST_TMPDIR/want"
    killed=0
    for ((i = 0; killed < KILLS && i < 3 * KILLS; i++)); do
        empty_database
        kill_within "$longest" tp-db migrate up
        tp-db -q migrate up >/dev/null
        state | cmp - "$BATS_TEST_TMPDIR/want" || { echo "kill $i"; return 1; }
        tp-db migrate status --check
    done
    echo "# $killed of $i killed before their end, within $longest s" >&3
    [ "$killed" = "$KILLS" ]
}

whole_again() {
    tp-db -q migrate up >/dev/null
}

@test "migrate to 0, killed at any moment, leaves an empty schema when it is run again, and up restores all" {
    PGDATABASE=whole state >"$BATS_TEST_TMPDIR/want"
    between=whole_again
    longest=$(seconds_of tp-db migrate to 0 --yes)
    killed=0
    for ((i = 0; i < KILLS / 10 + 1; i++)); do
        tp-db -q migrate up >/dev/null
        kill_within "$longest" tp-db migrate to 0 --yes
        tp-db -q migrate to 0 --yes >/dev/null
        [ "$(pg_catalog | wc -l)" = 0 ]
    done
    tp-db -q migrate up >/dev/null
    state | cmp - "$BATS_TEST_TMPDIR/want"
    echo "# $killed of $((KILLS / 10 + 1)) killed before their end, within $longest s" >&3
    [ "$killed" -gt 0 ]
}

candles() {
    tp-db -q seed
    tp-prices generate -s BTCUSDT -i 1h -n 2000 --from 2026-08-01 >"$BATS_TEST_TMPDIR/candles"
}

no_candles() {
    pg_psql -c 'delete from tp.market_prices' -c 'delete from tp.candle_coverage'
}

stored() {
    pg_psql -c 'select md5(string_agg(p::text, chr(10) order by timestamp)) from
                (select symbol, interval, timestamp, open, high, low, close, volume from tp.market_prices) p'
}

@test "an import, killed at any moment, is whole or nothing, and whole when it is run again" {
    candles
    between=no_candles
    import=(tp-prices -q import -e BINANCE -s BTCUSDT -i 1h "$BATS_TEST_TMPDIR/candles")
    longest=$(seconds_of "${import[@]}")
    want=$(stored)
    killed=0
    for ((i = 0; killed < KILLS && i < 3 * KILLS; i++)); do
        no_candles
        kill_within "$longest" "${import[@]}"
        settle
        [[ $(pg_psql -c 'select count(*) from tp.market_prices') =~ ^(0|2000)$ ]]
        "${import[@]}" >/dev/null
        [ "$(stored)" = "$want" ]
    done
    echo "# $killed of $i killed before their end, within $longest s" >&3
    [ "$killed" = "$KILLS" ]
}

results() {
    pg_psql -c "select md5(string_agg(to_jsonb(b)::text, chr(10))) from
                (select distinct to_jsonb(b) - array['id', 'created_at', 'updated_at', 'execution_time_ms', 'started_at',
                                                     'finished_at', 'completed_at'] as b from tp.backtests b) b"
}

@test "a stored backtest, killed at any moment, is stored whole or not at all, and again gives the same" {
    candles
    tp-prices -q import -e BINANCE -s BTCUSDT -i 1h "$BATS_TEST_TMPDIR/candles" >/dev/null
    TP_USER=$(pg_psql -c 'select email from tp.users limit 1')
    export TP_USER
    run=(tp-backtest -q run -S builtin:sma-cross -e BINANCE -s BTCUSDT -i 1h --allow-synthetic)
    longest=$(seconds_of "${run[@]}")
    want=$(results)
    [ "$(pg_psql -c 'select count(*) from tp.backtests')" -gt 0 ]
    killed=0
    for ((i = 0; killed < KILLS && i < 3 * KILLS; i++)); do
        kill_within "$longest" "${run[@]}"
        settle
        [ "$(results)" = "$want" ]
    done
    "${run[@]}" >/dev/null
    [ "$(results)" = "$want" ]
    echo "# $killed of $i killed before their end, within $longest s" >&3
    [ "$killed" = "$KILLS" ]
}
