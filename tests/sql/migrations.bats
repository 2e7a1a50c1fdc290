#!/usr/bin/env bats
# The migrations as files, on every server of this machine: up, verify, down and up again.
# shellcheck disable=SC2030,SC2031 # each test is a process of its own
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
}

teardown() {
    pg_stop
}

@test "every migration has its way down and its check" {
    local f IFS=$'\n'
    for f in $(pg_ups); do
        f=${f%.sql}
        [ -f "${f%.up}.down.sql" ]
        [ -f "${f%.up}.verify.sql" ]
    done
}

@test "each step down gives back the catalog before its step up, and its check then fails" {
    local bin f b n IFS=$'\n'
    for bin in $(pg_bindirs); do
        pg_start "$bin"
        pg_psql -c 'create database steps'
        export PGDATABASE=steps
        n=0
        pg_catalog >"$BATS_TEST_TMPDIR/0"
        for f in $(pg_ups); do
            b=${f%.sql}
            pg_psql -1 -f "$f"
            pg_psql -1 -o /dev/null -f "${b%.up}.verify.sql"
            n=$((n + 1))
            pg_catalog >"$BATS_TEST_TMPDIR/$n"
        done
        for f in $(pg_ups | tac); do
            b=${f%.sql}
            pg_psql -1 -f "${b%.up}.down.sql"
            n=$((n - 1))
            pg_catalog >"$BATS_TEST_TMPDIR/now"
            diff "$BATS_TEST_TMPDIR/$n" "$BATS_TEST_TMPDIR/now"
            run ! pg_psql -1 -o /dev/null -f "${b%.up}.verify.sql"
        done
        [ ! -s "$BATS_TEST_TMPDIR/now" ]
        pg_stop
    done
}

@test "up, down to nothing and up again leaves the same catalog, also with partitions" {
    pg_start
    pg_psql -c 'create database again'
    export PGDATABASE=again
    pg_load
    pg_catalog >"$BATS_TEST_TMPDIR/first"
    pg_psql -o /dev/null -c 'select tp.premake_partitions()'
    pg_catalog | diff "$BATS_TEST_TMPDIR/first" -
    pg_unload
    [ -z "$(pg_catalog)" ]
    pg_load
    pg_catalog | diff "$BATS_TEST_TMPDIR/first" -
}

@test "the owner of a database who is no superuser can migrate" {
    pg_start
    pg_psql -c 'create role owner_of_db login createrole' -c 'create database owned owner owner_of_db'
    PGUSER=owner_of_db PGDATABASE=owned pg_load
    PGUSER=owner_of_db PGDATABASE=owned pg_unload
    pg_psql -c 'create role member login' -c 'grant tp_owner, tp_app, tp_service, tp_readonly to member'
    pg_psql -c 'create database joined owner member'
    PGUSER=member PGDATABASE=joined pg_load
    PGUSER=member PGDATABASE=joined pg_psql -1 -f "$PG_SQL/seeds/exchanges.sql" -f "$PG_SQL/seeds/dev.sql"
}

@test "a dump restores into an equal catalog" {
    pg_start
    pg_fresh_db source
    pg_psql -o /dev/null -c 'select tp.premake_partitions()'
    "$PG_BIN/pg_dump" -n tp source >"$BATS_TEST_TMPDIR/dump.sql"
    pg_psql -c 'create database target'
    pg_psql -o /dev/null -d target -f "$BATS_TEST_TMPDIR/dump.sql"
    diff <(PGDATABASE=source pg_catalog) <(PGDATABASE=target pg_catalog)
    [ "$(pg_psql -d target -c 'select count(*) from tp.exchanges')" = 7 ]
}
