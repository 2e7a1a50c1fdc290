#!/usr/bin/env bats
# tp-db against a real server: up, down, status, what it refuses, and what a second copy does.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    PGDATABASE=db_$BATS_TEST_NUMBER
    export PGDATABASE
    psql -X -q -d postgres -c "create database $PGDATABASE"
    dir=$BATS_TEST_TMPDIR/files
    mkdir -p "$dir"
    echo 'create table one (a integer);' >"$dir/0001_one.up.sql"
    echo 'drop table one;' >"$dir/0001_one.down.sql"
    echo "do \$\$ begin perform a from one; end \$\$;" >"$dir/0001_one.verify.sql"
    echo 'create table two (b integer);' >"$dir/0002_two.up.sql"
    echo 'drop table two;' >"$dir/0002_two.down.sql"
}

@test "status --check gives 10, then 0, then 11 after an edit" {
    run -10 --separate-stderr tp-db migrate status --check --dir "$dir"
    tp-db -q migrate up --dir "$dir"
    run -0 tp-db migrate status --check --dir "$dir"
    echo '-- edited' >>"$dir/0001_one.up.sql"
    run -11 --separate-stderr tp-db migrate status --check --dir "$dir"
    [[ $stderr == *"0001_one was edited"* ]]
    run -11 --separate-stderr tp-db migrate up --dir "$dir"
}

@test "line ends and a byte order mark do not change a file's hash" {
    tp-db -q migrate up --dir "$dir"
    printf '\xef\xbb\xbfcreate table one (a integer);\r\n' >"$dir/0001_one.up.sql"
    run -0 tp-db migrate status --check --dir "$dir"
}

@test "a failing file leaves nothing behind and names itself" {
    echo 'create table three (c integer); select 1/0;' >"$dir/0003_three.up.sql"
    run -3 --separate-stderr tp-db -q migrate up --dir "$dir"
    [[ $stderr == *"0003_three: database: division by zero (SQLSTATE 22012)"* ]]
    [ "$(pg_psql -c "select to_regclass('three')")" = "" ]
    echo 'create table three (c integer);' >"$dir/0003_three.up.sql"
    run -0 tp-db -q migrate up --dir "$dir"
    run -0 tp-db migrate status --check --dir "$dir"
}

@test "a file merged late with a lower number is an error unless it is asked for" {
    rm "$dir"/0001*
    tp-db -q migrate up --dir "$dir"
    echo 'create table one (a integer);' >"$dir/0001_one.up.sql"
    run -11 --separate-stderr tp-db migrate up --dir "$dir"
    [[ $stderr == *"0001_one is not applied, but a later migration is"* ]]
    run -0 tp-db -q migrate up --dir "$dir" --allow-out-of-order
    run -0 tp-db migrate status --check --dir "$dir"
}

@test "an applied file that is gone means that the program is older" {
    tp-db -q migrate up --dir "$dir"
    rm "$dir"/0002*
    run -11 --separate-stderr tp-db migrate up --dir "$dir"
    [[ $stderr == *"0002_two is applied, but there is no such file"* ]]
}

@test "down needs an answer, takes back the newest, and redo does both" {
    tp-db -q migrate up --dir "$dir"
    run -2 --separate-stderr tp-db migrate down --dir "$dir"
    [[ $stderr == *"add --yes"* ]]
    run -0 tp-db migrate down --yes --dir "$dir"
    [ "$(pg_psql -c "select to_regclass('two') is null, to_regclass('one') is null")" = "t|f" ]
    run -0 tp-db migrate redo --yes --dir "$dir"
    run -10 tp-db migrate status --check --dir "$dir"
    run -0 tp-db migrate to 0 --yes --dir "$dir"
    [ "$(pg_psql -c "select to_regclass('one') is null")" = "t" ]
}

@test "verify finds an object that was dropped behind its back" {
    tp-db -q migrate up --dir "$dir"
    run -0 tp-db migrate verify --dir "$dir"
    pg_psql -c 'drop table one'
    run -11 --separate-stderr tp-db migrate verify --dir "$dir"
    [[ $stderr == *"0001_one: database: relation \"one\" does not exist"* ]]
}

@test "a file outside a transaction goes on where it stopped" {
    cat >"$dir/0003_index.up.sql" <<'SQL'
-- tp: transaction=false
create index concurrently one_a on one (a);
create index concurrently two_b on two (c);
create index concurrently two_bb on two (b);
SQL
    run -6 --separate-stderr tp-db -q migrate up --dir "$dir"
    [ "$(pg_psql -c "select state, statements_done, statements_total from tp_migrate.history where version = 3")" = "partial|1|3" ]
    pg_psql -c 'alter table two add c integer'
    run -0 tp-db -q migrate up --dir "$dir"
    [ "$(pg_psql -c "select count(*) from pg_indexes where tablename in ('one', 'two')")" = 3 ]
    run -0 tp-db migrate status --check --dir "$dir"
}

@test "an index whose build was cut off is built anew; what an interrupted run had done is not done twice" {
    tp-db -q migrate up --dir "$dir"
    printf -- '-- tp: transaction=false\ncreate unique index concurrently one_a on one (a);\ndrop index concurrently two_b;\ncreate index concurrently two_c on two (b);\n' \
        >"$dir/0003_index.up.sql"
    pg_psql -c 'insert into one values (1), (1)' -c 'create index two_b on two (b)'
    run -5 --separate-stderr tp-db -q migrate up --dir "$dir" # 23505, and an index that is not valid
    [ "$(pg_psql -c "select indisvalid from pg_index where indexrelid = 'one_a'::regclass")" = f ]
    pg_psql -c 'delete from one'
    pg_psql -c "alter index two_b rename to two_bb"
    for _ in 1 2; do # a failure that was told stays one
        run -6 --separate-stderr tp-db -q migrate up --dir "$dir"
        [[ $stderr == *'"two_b" does not exist'* ]]
    done
    [ "$(pg_psql -c "select indisvalid from pg_index where indexrelid = 'one_a'::regclass")" = t ]
    # killed between statement and record: it was begun, the index is gone, the history does not know
    pg_psql -c 'drop index two_bb' -c 'update tp_migrate.history set statements_begun = 2 where version = 3'
    run -0 --separate-stderr tp-db -q migrate up --dir "$dir"
    [ "$(pg_psql -c "select bool_and(indisvalid), count(*) from pg_index where indrelid in ('one'::regclass, 'two'::regclass)")" = "t|2" ]
    run -0 tp-db migrate status --check --dir "$dir"
}

@test "a second copy waits for the lock and says who holds it" {
    psql -X -q -c "set application_name = 'the-holder'; select pg_advisory_lock(1953984882, 1); select pg_sleep(3)" >/dev/null &
    while [ "$(pg_psql -c "select count(*) from pg_locks where locktype = 'advisory'")" = 0 ]; do sleep 0.1; done
    run -9 --separate-stderr tp-db migrate up --dir "$dir" --lock-wait 1
    [[ $stderr == *"the-holder"* ]]
    run -0 --separate-stderr tp-db -q migrate up --dir "$dir" --lock-wait 30
    wait
}

@test "a table that is locked for a moment is waited for" {
    tp-db -q migrate up --dir "$dir"
    echo 'alter table one add z integer;' >"$dir/0003_z.up.sql"
    psql -X -q -c "begin; lock table one; select pg_sleep(2)" >/dev/null &
    while [ "$(pg_psql -c "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and relation = 'one'::regclass")" = 0 ]; do sleep 0.1; done
    run -0 --separate-stderr tp-db -q migrate up --dir "$dir"
    wait
}

@test "unreadable files are refused before anything runs" {
    echo 'x' >"$dir/three.up.sql"
    run -3 --separate-stderr tp-db migrate up --dir "$dir"
    [[ $stderr == *"'three.up.sql' is not the name of a migration"* ]]
    rm "$dir/three.up.sql"
    printf 'select 1;\0' >"$dir/0003_nul.up.sql"
    run -3 --separate-stderr tp-db migrate up --dir "$dir"
    run -4 --separate-stderr tp-db migrate up --dir "$dir/none"
}

@test "the built-in schema goes up, down to zero and up again to the same catalog" {
    tp-db -q migrate up >"$BATS_TEST_TMPDIR/up"
    run -0 tp-db migrate status --check
    pg_catalog >"$BATS_TEST_TMPDIR/first"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/first")" -gt 1000 ]
    run -0 tp-db migrate to 0 --yes
    [ "$(pg_catalog | wc -l)" = 0 ]
    run -10 tp-db migrate status --check
    tp-db -q migrate up >"$BATS_TEST_TMPDIR/up"
    pg_catalog | cmp - "$BATS_TEST_TMPDIR/first"
    run -0 tp-db migrate verify
}

@test "to a version below the newest leaves repeatable files for later, and to 0 twice is fine" {
    echo 'create or replace view seen as select a, b from one, two;' >"$dir/R__seen.sql"
    echo 'drop view seen;' >"$dir/R__seen.down.sql"
    run -0 tp-db -q migrate to 0 --dir "$dir"
    [ -z "$output" ]
    run -0 tp-db -q migrate to 1 --dir "$dir"
    [ "$(jq -rs 'map(.name) | join(" ")' <<<"$output")" = 0001_one ]
    run -10 tp-db migrate status --check --dir "$dir"
    run -0 tp-db -q migrate to 2 --dir "$dir"
    [ "$(jq -rs 'map(.name) | join(" ")' <<<"$output")" = "0002_two R__seen" ]
    run -0 tp-db migrate status --check --dir "$dir"
    run -0 tp-db -q migrate to 0 --yes --dir "$dir"
    run -0 tp-db -q migrate to 0 --yes --dir "$dir"
    [ -z "$output" ]
}

@test "killed at any moment, up converges when it is run again" {
    tp-db -q migrate up >/dev/null
    pg_catalog >"$BATS_TEST_TMPDIR/whole"
    tp-db -q migrate to 0 --yes >/dev/null
    for i in 1 2 3 4 5 6 7 8; do
        timeout -s KILL "0.0$((i * 7 % 10))$i" tp-db -q migrate up >/dev/null 2>&1 || true
    done
    run -0 --separate-stderr tp-db -q migrate up --lock-wait 20
    pg_catalog | cmp - "$BATS_TEST_TMPDIR/whole"
    run -0 tp-db migrate status --check
}

@test "the venues and the demo user are seeded once, however often it is run" {
    tp-db -q migrate up >/dev/null
    run -0 tp-db seed
    run -0 tp-db seed
    [ "$(pg_psql -c "select count(*) from tp.exchanges where code = 'BINANCE'")" = 1 ]
    [ "$(pg_psql -c "select count(*) from tp.users")" = 1 ]
    TP_ENV=production run -5 --separate-stderr tp-db seed
}
