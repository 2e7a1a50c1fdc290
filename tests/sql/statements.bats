#!/usr/bin/env bats
# Every statement the programs send is prepared on a fresh database: a misspelt column fails here.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    pg_psql -c 'create database tp_statements'
    export PGDATABASE=tp_statements
    "${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}/tp-db" -q migrate up >"$BATS_FILE_TMPDIR/up.log"
}

teardown_file() {
    pg_stop
}

@test "every statement of kind query can be prepared" {
    LC_ALL=C awk -v out=prepare -f "$PG_SQL/sqlc.awk" "$PG_SQL"/queries/*.sql >"$BATS_TEST_TMPDIR/prepare.sql"
    grep -q '^prepare' "$BATS_TEST_TMPDIR/prepare.sql"
    pg_psql -f "$BATS_TEST_TMPDIR/prepare.sql"
}
