#!/usr/bin/env bats
# tp-db partitions: what is made ahead, what there is, and how long it lasts.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json
    psql -X -q -d postgres -c 'create database whole'
    PGDATABASE=whole tp-db -q migrate up >"$BATS_FILE_TMPDIR/up"
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    psql -X -q -d postgres -c "create database parts_$BATS_TEST_NUMBER template whole"
    export PGDATABASE=parts_$BATS_TEST_NUMBER
}

@test "after migrate up every table has a runway, and premake has nothing to do" {
    run -0 --separate-stderr tp-db partitions runway
    [ "$(jq -r .parent <<<"$output" | sort | tr '\n' ' ')" = "$(pg_psql -c 'select parent from tp.partition_policies order by parent::text collate "C"' | tr '\n' ' ')" ]
    [ "$(jq -s 'map(.days >= 3) | all' <<<"$output")" = true ]
    run -0 --separate-stderr tp-db partitions premake
    [ "$(jq -s 'map(.created) | add' <<<"$output")" = 0 ]
}

@test "a table whose partitions end soon is exit 10, with the table and what to do; premake mends it" {
    pg_psql -c "do \$\$ declare l record; begin
        for l in select leaf from tp.partition_leaves where parent = 'tp.orderbook_snapshots'::regclass
                 and lower_bound > now() + interval '1 day' loop
            execute 'drop table ' || l.leaf;
        end loop; end \$\$"
    run -10 --separate-stderr tp-db partitions runway
    [[ $stderr == *"tp.orderbook_snapshots has partitions for 1 days, fewer than 3"*"tp-db partitions premake"* ]]
    [ "$(jq -r 'select(.parent == "tp.orderbook_snapshots") | .days' <<<"$output")" = 1 ]
    run -0 tp-db partitions runway --min-days 1
    run -0 --separate-stderr tp-db partitions premake
    [ "$(jq -r 'select(.parent == "tp.orderbook_snapshots") | .created' <<<"$output")" -ge 5 ]
    run -0 tp-db partitions runway
}

@test "a hole in the row of partitions ends the runway there; without today's partition it is 0" {
    pg_psql -c "do \$\$ declare l record; begin
        for l in select leaf from tp.partition_leaves where parent = 'tp.market_prices_1m'::regclass
                 and lower_bound > now() + interval '8 days' order by lower_bound limit 1 loop
            execute 'drop table ' || l.leaf;
        end loop; end \$\$"
    run -0 --separate-stderr tp-db partitions runway
    days=$(jq -r 'select(.parent == "tp.market_prices_1m") | .days' <<<"$output")
    [ "$days" -ge 7 ]
    [ "$days" -lt 15 ]
    pg_psql -c "do \$\$ declare l text; begin
        select leaf into l from tp.partition_leaves where parent = 'tp.market_prices_1m'::regclass
           and lower_bound <= now() and upper_bound > now();
        execute 'drop table ' || l; end \$\$"
    run -10 --separate-stderr tp-db partitions runway
    [ "$(jq -r 'select(.parent == "tp.market_prices_1m") | .days' <<<"$output")" = 0 ]
}

@test "list names one table's partitions in order of time, or those of all" {
    run -0 --separate-stderr tp-db partitions list orders
    [ "$(jq -s 'map(.parent == "tp.orders" and .type == "partition") | all and length > 12' <<<"$output")" = true ]
    [ "$(jq -s 'map(.lower_bound) | . == sort' <<<"$output")" = true ]
    first=$output
    run -0 --separate-stderr tp-db partitions list tp.orders
    [ "$output" = "$first" ]
    run -0 --separate-stderr tp-db partitions list
    [ "$(jq -s length <<<"$output")" = "$(pg_psql -c 'select count(*) from tp.partition_leaves')" ]
    run -4 --separate-stderr tp-db partitions list users
    [[ $stderr == *"'users' has no partitions that are managed here"* ]]
    run -4 --separate-stderr tp-db partitions list "x' or '1'='1"
}

@test "two premakes at once make each partition once" {
    pg_psql -c "update tp.partition_policies set premake = premake + 3"
    tp-db partitions premake >"$BATS_TEST_TMPDIR/a" &
    tp-db partitions premake >"$BATS_TEST_TMPDIR/b"
    wait $!
    [ "$(cat "$BATS_TEST_TMPDIR"/[ab] | jq -s 'map(.created) | add')" = $((3 * $(pg_psql -c "select count(*) from tp.partition_policies")))  ]
    run -0 tp-db partitions runway --min-days 10
    [ "$(pg_psql -c 'select count(*) - count(distinct (parent, lower_bound)) from tp.partition_leaves')" = 0 ]
}

@test "a table that stays locked is exit 6 and nothing is half made" {
    pg_psql -c "update tp.partition_policies set premake = premake + 1"
    before=$(pg_psql -c 'select count(*) from tp.partition_leaves')
    psql -X -q -c "begin; lock table tp.trades in share update exclusive mode; select pg_sleep(60)" >/dev/null &
    holder=$!
    while [ "$(pg_psql -c "select count(*) from pg_locks where mode = 'ShareUpdateExclusiveLock' and relation = 'tp.trades'::regclass")" = 0 ]; do sleep 0.1; done
    run -6 --separate-stderr tp-db partitions premake
    [[ $stderr == *"SQLSTATE 55P03"* ]]
    [ "$(pg_psql -c 'select count(*) from tp.partition_leaves')" = "$before" ]
    kill "$holder"
    pg_psql -c "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()" >/dev/null
    wait "$holder" || true
}
