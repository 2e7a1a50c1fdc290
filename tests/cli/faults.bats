#!/usr/bin/env bats
# What breaks under a program: the connection, the server, the disk.  Each ends with the right code, and the
# command run again ends where it would have without the fault.  make torture does the same at many points.
bats_require_minimum_version 1.5.0
load ../lib/pg
load ../lib/faults

setup_file() {
    pg_wanted || return 0
    wanted "the proxy of the tests" -x "$CUTPROXY" || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json POINTS=${POINTS:-20}
    unset TP_USER
    pg_fresh_db whole
    pg_psql -d postgres -c "update pg_database set datallowconn = true where datname = 'whole'"
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    export PGDATABASE=faults_$BATS_TEST_NUMBER
}

teardown() {
    proxy_stop
}

from_whole() {
    pg_psql -d postgres -c "drop database if exists $PGDATABASE with (force)" 2>/dev/null
    pg_psql -d postgres -c "create database $PGDATABASE template whole"
}

# Runs a command behind a proxy that breaks the connection after n bytes; its code must be one of those allowed.
broken() {
    local n=$1 allowed=$2 rc=0
    shift 2
    proxy_start "$n" cut
    PGHOST=$PROXY "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || rc=$?
    proxy_stop
    [[ " $allowed " == *" $rc "* ]] || {
        echo "after $n bytes: exit $rc"
        cat "$BATS_TEST_TMPDIR/err"
        return 1
    }
    [ "$rc" = 0 ] || grep -q . "$BATS_TEST_TMPDIR/err"
}

# The bytes that the command's connection carries when nothing breaks.
measure() {
    proxy_start 0 cut
    PGHOST=$PROXY "$@" >/dev/null 2>&1
    proxy_bytes
    proxy_stop
}

small_migrations() {
    dir=$BATS_TEST_TMPDIR/files
    mkdir -p "$dir"
    echo 'create table one (a integer); insert into one values (1);' >"$dir/0001_one.up.sql"
    echo 'create table two (b integer); insert into two values (2);' >"$dir/0002_two.up.sql"
    printf -- '-- tp: transaction=false\ncreate index concurrently one_a on one (a);\ncreate index concurrently two_b on two (b);\n' \
        >"$dir/0003_index.up.sql"
}

@test "migrations: the connection is cut at any byte, and up converges when it is run again" {
    small_migrations
    pg_psql -d postgres -c "create database $PGDATABASE"
    total=$(measure tp-db migrate up --dir "$dir")
    for n in $(points "$POINTS" "$total"); do
        pg_psql -d postgres -c "drop database $PGDATABASE with (force)" -c "create database $PGDATABASE"
        broken "$n" "0 6 8" tp-db migrate up --dir "$dir"
        tp-db -q migrate up --dir "$dir" --lock-wait 20 >/dev/null
        [ "$(pg_psql -c 'select count(*) from pg_index where not indisvalid')" = 0 ]
        [ "$(pg_psql -c 'select (select count(*) from one), (select count(*) from two)')" = "1|1" ] || { echo "after $n bytes"; return 1; }
    done
}

@test "a user is added once, however often the connection is cut meanwhile" {
    from_whole
    total=$(measure tp-user add first@example.com --no-password)
    for n in $(points "$POINTS" "$total"); do
        broken "$n" "0 6 8" tp-user add "cut$n@example.com" --no-password
        # refused (5) is the answer when the first run had got through
        tp-user add "cut$n@example.com" --no-password >/dev/null 2>&1 || [ $? = 5 ]
        [ "$(pg_psql -c "select count(*) from tp.users where email = 'cut$n@example.com'")" = 1 ]
    done
}

@test "an import is whole or nothing wherever the connection is cut, and again it is whole" {
    from_whole
    tp-prices generate -s BTCUSDT -i 1h -n 500 --from 2026-10-01 >"$BATS_TEST_TMPDIR/candles"
    tp-symbol add BTCUSDT --exchange BINANCE >/dev/null 2>&1 || tp-db seed 2>/dev/null
    total=$(measure tp-prices import -e BINANCE -s BTCUSDT -i 1h "$BATS_TEST_TMPDIR/candles")
    [ "$(pg_psql -c 'select count(*) from tp.market_prices')" = 500 ]
    for n in $(points "$POINTS" "$total"); do
        pg_psql -c 'delete from tp.market_prices' -c 'truncate tp.candle_coverage' 2>/dev/null || pg_psql -c 'delete from tp.market_prices'
        broken "$n" "0 6 8" tp-prices import -e BINANCE -s BTCUSDT -i 1h "$BATS_TEST_TMPDIR/candles"
        [[ $(pg_psql -c 'select count(*) from tp.market_prices') =~ ^(0|500)$ ]]
        tp-prices -q import -e BINANCE -s BTCUSDT -i 1h "$BATS_TEST_TMPDIR/candles" >/dev/null
        [ "$(pg_psql -c 'select count(*) from tp.market_prices')" = 500 ]
    done
}

@test "a backend that is terminated is exit 6; the migration's work is undone and done when run again" {
    small_migrations
    echo 'create table three (c integer); select pg_sleep(30);' >"$dir/0004_three.up.sql"
    pg_psql -d postgres -c "create database $PGDATABASE"
    tp-db -q migrate up --dir "$dir" >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    until [ "$(pg_psql -c "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'")" = 1 ]; do sleep 0.05; done
    rc=0
    wait $! || rc=$?
    [ "$rc" = 6 ]
    grep -q '0004_three: ' "$BATS_TEST_TMPDIR/err"
    [ "$(pg_psql -c "select to_regclass('three') is null, max(version) from tp_migrate.history")" = "t|3" ]
    echo 'create table three (c integer);' >"$dir/0004_three.up.sql"
    run -0 tp-db -q migrate up --dir "$dir"
}

@test "a statement that is cancelled is exit 6 and names the file" {
    small_migrations
    echo 'select pg_sleep(30);' >"$dir/0004_sleep.up.sql"
    pg_psql -d postgres -c "create database $PGDATABASE"
    tp-db -q migrate up --dir "$dir" >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    until [ "$(pg_psql -c "select count(pg_cancel_backend(pid)) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'")" = 1 ]; do sleep 0.05; done
    rc=0
    wait $! || rc=$?
    [ "$rc" = 6 ]
    grep -q '0004_sleep: .*SQLSTATE 57014' "$BATS_TEST_TMPDIR/err"
}

@test "the server is stopped under a migration: exit 6; restarted, it converges" {
    small_migrations
    echo 'create table three (c integer); select pg_sleep(30);' >"$dir/0004_three.up.sql"
    for mode in fast immediate; do
        pg_psql -d postgres -c "drop database if exists $PGDATABASE" -c "create database $PGDATABASE" 2>/dev/null
        tp-db -q migrate up --dir "$dir" >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- &
        until [ "$(pg_psql -c "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'")" = 1 ]; do sleep 0.05; done
        pg_as "$PG_BIN/pg_ctl" -D "$PG_ROOT/data" -s -w -m "$mode" stop
        rc=0
        wait $! || rc=$?
        [ "$rc" = 6 ]
        run -6 --separate-stderr tp-db migrate status --dir "$dir"
        [[ $stderr == *"no server listens there"* ]]
        pg_as "$PG_BIN/pg_ctl" -D "$PG_ROOT/data" -s -w -l "$PG_ROOT/data/log" \
            -o "-k $PG_ROOT -c listen_addresses='' -c fsync=off" start 3>&- 4>&-
        [ "$(pg_psql -c "select to_regclass('three') is null, max(version) from tp_migrate.history")" = "t|3" ]
    done
    echo 'create table three (c integer);' >"$dir/0004_three.up.sql"
    run -0 tp-db -q migrate up --dir "$dir"
}

@test "no free connection, a server that is read-only and one that is not there are exit 6" {
    from_whole
    pg_psql -d postgres -c "alter database $PGDATABASE connection limit 0" -c 'create role plain login' \
        -c 'grant tp_service to plain'
    PGUSER=plain run -6 --separate-stderr tp-user list
    [[ $stderr == *"no free connection"* ]]
    pg_psql -d postgres -c "alter database $PGDATABASE connection limit -1" \
        -c "alter database $PGDATABASE set default_transaction_read_only = on"
    run -6 --separate-stderr tp-user add a@example.com --no-password
    [[ $stderr == *"SQLSTATE 25006"* ]]
    for c in "tp-user list" "tp-symbol list" "tp-prices coverage" "tp-strategy list" "tp-db migrate up" "tp-db seed" \
        "tp-db partitions runway" "tp-backtest list"; do
        # shellcheck disable=SC2086
        PGHOST=$BATS_TEST_TMPDIR run -6 --separate-stderr $c
        [ -z "$output" ]
        [[ $stderr == *"cannot connect to the database at $BATS_TEST_TMPDIR "*"no server listens there"* ]]
    done
}

@test "SIGTERM and SIGINT end a command that waits for the server, even for one that fell silent" {
    small_migrations
    echo 'select pg_sleep(60);' >"$dir/0004_sleep.up.sql"
    pg_psql -d postgres -c "create database $PGDATABASE"
    for signal in TERM INT; do
        env --default-signal=INT timeout --foreground -s "$signal" 2 tp-db -q migrate up --dir "$dir" >/dev/null 2>&1 && rc=0 || rc=$?
        [ "$rc" = 124 ] # that of timeout; the program ended before it
    done
    # The cancelled statement has ended at the server, too.
    [ "$(pg_psql -c "select count(*) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'")" = 0 ]
    total=$(measure tp-db migrate status --dir "$dir")
    proxy_start $((total / 2)) hang
    PGHOST=$PROXY tp-db migrate status --dir "$dir" >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    pid=$!
    until [ -s "$PROXY/log" ]; do sleep 0.05; done
    kill -TERM "$pid"
    rc=0
    wait "$pid" || rc=$?
    [ "$rc" = 143 ]
}

@test "a full disk is exit 1 after work that was done, and a closed pipe loses no work" {
    from_whole
    run -1 --separate-stderr bash -c 'tp-user add full@example.com --no-password >/dev/full'
    [[ $stderr == *"No space left on device"* ]]
    [ "$(pg_psql -c "select count(*) from tp.users where email = 'full@example.com'")" -le 1 ]
    bash -c 'tp-db partitions list; true' | head -n 1 >/dev/null
    run -0 bash -c 'set +o pipefail; tp-db partitions premake | true; true'
    small_migrations
    pg_psql -d postgres -c 'create database piped'
    PGDATABASE=piped bash -c 'tp-db migrate up --dir "$1" | true' - "$dir" || true
    PGDATABASE=piped run -0 tp-db -q migrate up --dir "$dir"
    [ "$(PGDATABASE=piped pg_psql -c 'select (select count(*) from one), (select count(*) from two)')" = "1|1" ]
}

# A user with an account on paper and an instrument, and so many orders with keys as lines.
orders_ready() {
    from_whole
    export TP_USER=ann@example.org
    tp-user add "$TP_USER" --no-password >/dev/null
    tp-user account add -e BINANCE --name main --initial-balance 10000 >/dev/null
    tp-symbol add -e BINANCE BTCUSDT --base BTC --quote USDT --market-type LINEAR --tick-size 0.01 --step-size 0.001 >/dev/null
    keyed "$1" >"$BATS_TEST_TMPDIR/orders"
}

keyed() {
    awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++) printf "{\"symbol\":\"BTCUSDT\",\"side\":\"LONG\",\"order_type\":\"LIMIT\",\"quantity\":\"0.01\",\"price\":\"60000\",\"idempotency_key\":\"k%d\"}\n", i }'
}

no_orders() {
    pg_psql -c 'set session_replication_role = replica' -c 'truncate tp.orders, tp.order_idempotency, tp.event_queue cascade'
}

# Orders, keys and events: as many as there should be, each once.
once_each() {
    [ "$(pg_psql -c "select (select count(*) from tp.orders), (select count(*) from tp.order_idempotency),
        (select count(distinct ordering_key) from tp.event_queue where event_type = '$2'),
        (select count(*) from tp.event_queue where event_type = '$2')")" = "$1|$1|$1|$1" ] || {
        echo "not $1 orders with $2"
        return 1
    }
}

place_lines() {
    tp-order place - <"$BATS_TEST_TMPDIR/orders"
}

@test "orders with keys are placed once each, wherever the connection is cut, and what was answered stands" {
    orders_ready 150
    total=$(measure place_lines)
    once_each 150 order.pending
    for n in $(points "$((POINTS / 2))" "$total"); do
        no_orders
        broken "$n" "0 6 8" place_lines
        jq -r 'select(.type == "order") | .id' "$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/answered"
        place_lines >"$BATS_TEST_TMPDIR/again"
        once_each 150 order.pending
        # an order that was answered is the order of its line
        jq -r .id "$BATS_TEST_TMPDIR/again" | head -n "$(wc -l <"$BATS_TEST_TMPDIR/answered")" | cmp - "$BATS_TEST_TMPDIR/answered"
    done
}

@test "orders are cancelled once each, wherever the connection is cut" {
    orders_ready 150
    place_lines | jq -c '{id}' >"$BATS_TEST_TMPDIR/ids"
    total=$(measure tp-order cancel --all --dry-run)
    for n in $(points "$((POINTS / 2))" "$total"); do
        no_orders
        place_lines >/dev/null
        broken "$n" "0 6 8" tp-order cancel --all
        tp-order cancel --all >/dev/null
        once_each 150 order.cancelled
    done
}

@test "a deadlock is tried again, and seen by nobody" {
    orders_ready 150
    mkfifo "$BATS_TEST_TMPDIR/sql"
    pg_psql <"$BATS_TEST_TMPDIR/sql" >/dev/null 2>&1 3>&- &
    exec 8>"$BATS_TEST_TMPDIR/sql"
    # another session has the account's row; the program has the lock of the user's orders and waits for the
    # row; now the session wants that lock, too
    echo 'begin; update tp.accounts set revision = revision;' >&8
    until [ "$(pg_psql -c "select count(*) from pg_stat_activity where state = 'idle in transaction' and query like '%tp.accounts%'")" = 1 ]; do sleep 0.05; done
    place_lines >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- 8>&- &
    pid=$!
    until [ "$(pg_psql -c "select count(*) from pg_stat_activity where application_name = 'tp-order' and wait_event_type = 'Lock'")" = 1 ]; do sleep 0.05; done
    echo "select pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'gate', u.id::text, 'PAPER'), 0)) from tp.users u; rollback;" >&8
    wait $pid
    exec 8>&-
    [ ! -s "$BATS_TEST_TMPDIR/err" ]
    [ "$(pg_psql -c "select deadlocks from pg_stat_database where datname = current_database()")" = 1 ]
    once_each 150 order.pending
}

@test "a backend that is terminated and a server that restarts are tried again, and seen by nobody" {
    orders_ready 150
    # each program waits for the lock of the user's orders; the one that holds it is terminated
    pg_psql -c "begin" -c "select pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'gate', u.id::text, 'PAPER'), 0)) from tp.users u" \
        -c "select pg_sleep(60)" >/dev/null 2>&1 3>&- &
    until [ "$(pg_psql -c "select count(*) from pg_stat_activity where wait_event = 'PgSleep'")" = 1 ]; do sleep 0.05; done
    place_lines >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    pid=$!
    until [ "$(pg_psql -c "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'tp-order' and wait_event = 'advisory'")" = 1 ]; do sleep 0.05; done
    until [ "$(pg_psql -c "select count(*) from pg_stat_activity where application_name = 'tp-order' and wait_event = 'advisory'")" = 1 ]; do sleep 0.05; done
    pg_psql -c "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'PgSleep'" >/dev/null
    wait $pid
    [ ! -s "$BATS_TEST_TMPDIR/err" ]
    once_each 150 order.pending
    # a server that is stopped and comes back
    no_orders
    mkfifo "$BATS_TEST_TMPDIR/in"
    tp-order place - <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
    pid=$!
    exec 7>"$BATS_TEST_TMPDIR/in"
    head -n 1 "$BATS_TEST_TMPDIR/orders" >&7
    until [ "$(wc -l <"$BATS_TEST_TMPDIR/out")" = 1 ]; do sleep 0.02; done
    pg_as "$PG_BIN/pg_ctl" -D "$PG_ROOT/data" -s -w -m fast stop
    tail -n +2 "$BATS_TEST_TMPDIR/orders" >&7
    pg_as "$PG_BIN/pg_ctl" -D "$PG_ROOT/data" -s -w -l "$PG_ROOT/data/log" \
        -o "-k $PG_ROOT -c listen_addresses='' -c fsync=off" start 3>&- 4>&- 7>&-
    exec 7>&-
    wait $pid
    [ "$(wc -l <"$BATS_TEST_TMPDIR/out")" = 150 ]
    once_each 150 order.pending
}

@test "an answer to a commit that was lost is exit 8 with the way on, each line told; the keys settle it" {
    orders_ready 3
    # the connection breaks for good in the commit: the proxy hears it, the program does not hear back
    total=$(measure place_lines)
    no_orders
    seen=
    for ((n = total; n > total - 3000 && ! ${#seen}; n -= 7)); do
        rc=0
        proxy_start "$n" cut
        PGHOST=$PROXY place_lines >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || rc=$?
        proxy_stop
        [ "$rc" != 8 ] || seen=yes
        no_orders
    done
    [ "$seen" = yes ]
    [ "$(jq -c '[.line, .code, .reason]' "$BATS_TEST_TMPDIR/out" | xargs)" = '[1,8,UNKNOWN] [2,8,UNKNOWN] [3,8,UNKNOWN]' ]
    grep -q 'it is not known whether it happened' "$BATS_TEST_TMPDIR/err"
    grep -q "hint: 'tp-order reconcile --idempotency-key KEY'" "$BATS_TEST_TMPDIR/err"
    place_lines >/dev/null
    once_each 3 order.pending
}
