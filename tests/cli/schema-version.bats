#!/usr/bin/env bats
# Programs and schema are made for each other: another version is refused before anything is read.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH
    psql -X -q -d postgres -c 'create database whole'
    PGDATABASE=whole tp-db -q migrate up >"$BATS_FILE_TMPDIR/up"
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    psql -X -q -d postgres -c "create database version_$BATS_TEST_NUMBER template whole"
    export PGDATABASE=version_$BATS_TEST_NUMBER
    known=$(pg_psql -c 'select max(version) from tp_migrate.history')
    commands=("tp-user list" "tp-symbol list" "tp-strategy list" "tp-prices coverage" "tp-symbol exchange list"
        "tp-backtest list" "tp-db partitions list" "tp-db partitions premake" "tp-db partitions runway" "tp-db seed")
    for i in "${!commands[@]}"; do # those that this version has
        # shellcheck disable=SC2086
        ${commands[$i]} >/dev/null 2>&1 || unset "commands[$i]"
    done
    [ ${#commands[@]} -ge 6 ]
}

# refused CODE TEXT... - every command ends with the code, says each text and prints nothing.
refused() {
    local code=$1 c text
    shift
    for c in "${commands[@]}"; do
        # shellcheck disable=SC2086
        run "-$code" --separate-stderr $c
        [ -z "$output" ]
        for text in "$@"; do
            [[ $stderr == *"$text"* ]] || { echo "$c: $stderr"; return 1; }
        done
    done
}

@test "an older schema is exit 10 and names the command that mends it" {
    pg_psql -c "delete from tp_migrate.history where version = $known"
    refused 10 "schema is at $((known - 1)) " "this program needs $known" "tp-db migrate up"
}

@test "a migration left out is an older schema, too" {
    pg_psql -c "delete from tp_migrate.history where version = 7"
    refused 10 "with $((known - 1)) migrations" "tp-db migrate up"
}

@test "a newer schema is exit 11 and asks for newer programs" {
    pg_psql -c "insert into tp_migrate.history (name, version, hash, state, applied_at, applied_by, tool_version, duration_ms)
                values ('$((known + 1))_later', $((known + 1)), 'h1:', 'applied', now(), 'x', '9', 0)"
    refused 11 "schema is at $((known + 1)), newer than this program, which knows $known" "upgrade the programs"
    run -11 --separate-stderr tp-db migrate up
    [[ $stderr == *"there is no such file"* ]]
}

@test "a database without the schema is exit 10, with or without the roles" {
    tp-db -q migrate to 0 --yes >/dev/null
    refused 10 "has no schema of ours" "tp-db migrate up"
    psql -X -q -d postgres -c 'create database "nothing here"'
    PGDATABASE='nothing here' refused 10 "has no schema of ours" "tp-db migrate up"
}

@test "the version is asked for in the message that sets the role" {
    pg_psql -c "alter database $PGDATABASE set log_statement = 'all'"
    tp-user list >/dev/null
    grep -A20 'set role "tp_service";select' "$PG_ROOT/data/log" >"$BATS_TEST_TMPDIR/log"
    [ "$(grep -c 'statement: \|execute <unnamed>: ' "$BATS_TEST_TMPDIR/log")" -le 3 ] # and the list itself
}
