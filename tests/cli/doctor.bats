#!/usr/bin/env bats
# tp-db doctor: each thing it looks at, well and not well.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH XDG_CONFIG_HOME=$BATS_FILE_TMPDIR TP_OUTPUT=json
    unset TP_USER
    psql -X -q -d postgres -c 'create database whole'
    PGDATABASE=whole tp-db -q migrate up >"$BATS_FILE_TMPDIR/up"
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    psql -X -q -d postgres -c "create database doctor_$BATS_TEST_NUMBER template whole"
    export PGDATABASE=doctor_$BATS_TEST_NUMBER
}

# finding NAME - status, detail and hint of the findings of that name in $output
finding() {
    jq -r --arg n "$1" 'select(.name == $n) | [.status, .detail, .hint // ""] | join("|")' <<<"$output"
}

@test "a good database has no failure, and each check is told once" {
    run -0 --separate-stderr tp-db doctor
    [ -z "$stderr" ]
    [ "$(jq -s 'map(select(.status == "fail")) | length' <<<"$output")" = 0 ]
    [[ $(finding server) == "ok|PostgreSQL "* ]]
    [[ $(finding connection) == "ok|$PGDATABASE as super over a unix socket|" ]]
    [ "$(finding encoding)" = "ok|UTF8|" ]
    [[ $(finding locale) == "ok|C|" ]]
    [[ $(finding schema) == "ok|"*", as the programs want it|" ]]
    [[ $(finding partitions) == "ok|"* ]]
    [[ $(finding clock) == "ok|the server is 0."* ]]
    [ "$(finding leftovers)" = "ok|none|" ]
    [ "$(finding jobs)" = "ok|none has run yet|" ]
    [ "$(finding settings)" = "warn|fsync is off|set fsync = on" ] # the test's own server
}

@test "a table for people shows the same" {
    run -0 --separate-stderr tp-db doctor -o table
    [[ ${lines[0]} == *name*status*detail*hint* ]]
    [[ $output == *"as the programs want it"* ]]
}

@test "no server is a finding and exit 6" {
    PGHOST=$BATS_TEST_TMPDIR run -6 --separate-stderr tp-db doctor
    [[ $(finding connection) == "fail|cannot connect to the database"*"no server listens there|" ]]
    [ -z "$(finding schema)" ]
    [[ $stderr == *"see the findings that fail"* ]]
}

@test "a schema that is missing, older or newer is exit 10, 10, 11 with what to do" {
    PGDATABASE=postgres run -10 --separate-stderr tp-db doctor
    [[ $(finding schema) == "fail|"*"|make it with 'tp-db migrate up'" ]]
    pg_psql -c "delete from tp_migrate.history where version > 30"
    run -10 --separate-stderr tp-db doctor
    [[ $(finding schema) == "fail|the database's schema is at 30 "*"|run 'tp-db migrate up'" ]]
    pg_psql -c "insert into tp_migrate.history (name, version, hash, state, applied_at, applied_by, tool_version, duration_ms)
                values ('9999_later', 9999, 'h1:', 'applied', now(), 'x', '9', 0)"
    run -11 --separate-stderr tp-db doctor
    [[ $(finding schema) == "fail|"*"9999"*"|upgrade the programs" ]]
}

@test "partitions that end soon are exit 10" {
    pg_psql -c "do \$\$ declare l record; begin
        for l in select leaf from tp.partition_leaves where parent = 'tp.orderbook_snapshots'::regclass
                 and lower_bound > now() loop execute 'drop table ' || l.leaf; end loop; end \$\$"
    run -10 --separate-stderr tp-db doctor
    [[ $(finding partitions) == "fail|tp.orderbook_snapshots has them for 0 days"*"|run 'tp-db partitions premake'" ]]
}

@test "what interrupted changes leave is found, each with the statement that mends it" {
    pg_psql -c "alter table tp.users add constraint users_odd_check check (email <> 'odd') not valid"
    pg_psql -c "update pg_index set indisvalid = false where indexrelid = 'tp.exchanges_pkey'::regclass"
    run -1 --separate-stderr tp-db doctor
    [[ $(finding leftovers) == *"fail|index tp.exchanges_pkey is not valid|drop index concurrently tp.exchanges_pkey"* ]]
    [[ $(finding leftovers) == *"fail|constraint users_odd_check of tp.users is not validated|alter table tp.users validate constraint users_odd_check"* ]]
    leaf=$(pg_psql -c "select min(leaf::text) from tp.partition_leaves where parent = 'tp.orderbook_snapshots'::regclass")
    pg_psql -c "update pg_inherits set inhdetachpending = true where inhrelid = '$leaf'::regclass"
    run -1 --separate-stderr tp-db doctor
    [[ $(finding leftovers) == *"fail|partition $leaf is half detached|alter table tp.orderbook_snapshots detach partition $leaf finalize"* ]]
}

@test "row security that was switched off is exit 5" {
    pg_psql -c "alter table tp.accounts disable row level security"
    run -5 --separate-stderr tp-db doctor
    [[ $(finding "row security") == "fail|tp.accounts|"* ]]
}

@test "a login that may not take our roles is told which" {
    pg_psql -c "create role guest login" -c "grant connect on database $PGDATABASE to guest" \
        -c "grant tp_readonly to guest"
    PGUSER=guest run -5 --separate-stderr tp-db doctor
    [[ $(finding roles) == "fail|tp_app, tp_owner, tp_service|"* ]]
}

@test "a read-only session is told, and safe settings are quiet" {
    run -0 tp-db doctor
    pg_psql -c "alter database $PGDATABASE set default_transaction_read_only = on"
    run -5 --separate-stderr tp-db doctor
    [[ $(finding writable) == "fail|the server or session is read-only|"* ]]
    pg_psql -d postgres -c "alter database $PGDATABASE set synchronous_commit = off"
    run -5 --separate-stderr tp-db doctor
    [[ $(finding settings) == *"warn|synchronous_commit is off|set synchronous_commit = on"* ]]
}

@test "jobs: the last success of each; a failure and one that never ended are warnings" {
    pg_psql -c "insert into tp.job_runs (lock_name, started_at, finished_at, last_success, exit_code, message, runs, failures) values
        ('good', '2026-01-01 00:00Z', '2026-01-01 00:01Z', '2026-01-01 00:01Z', 0, null, 1, 0),
        ('bad', '2026-01-02 00:00Z', '2026-01-02 00:01Z', null, 7, 'no' || chr(27) || 'answer', 1, 1),
        ('stuck', '2026-01-01 00:00Z', null, '2025-12-31 00:00Z', 0, null, 2, 0)"
    run -0 --separate-stderr tp-db doctor
    [[ $(finding jobs) == *"ok|good last succeeded 2026-01-01 00:01:00+00|"* ]]
    [[ $(finding jobs) == *"warn|bad last succeeded never: no"?"answer|its last run failed"* ]]
    [[ $(finding jobs) == *"warn|stuck last succeeded 2025-12-31 00:00:00+00|it began more than a day ago and never ended"* ]]
}

@test "--origin needs no server and shows secrets only as set" {
    PGHOST=$BATS_TEST_TMPDIR FERNET_KEY=CANARY TP_USER=ann@example.com run -0 --separate-stderr tp-db doctor --origin
    [[ $output != *CANARY* ]]
    [ "$(jq -r 'select(.name == "FERNET_KEY") | .value' <<<"$output")" = set ]
    [ "$(jq -r 'select(.name == "user") | [.origin, .key] | join(" ")' <<<"$output")" = "environment TP_USER" ]
}
