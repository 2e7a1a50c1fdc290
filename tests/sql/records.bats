#!/usr/bin/env bats
# The records that bear a table's name against the table: a member without a column, of another kind, with
# other places or too short a text is drift.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH
    pg_fresh_db records
    tp-db records -o csv >"$BATS_FILE_TMPDIR/fields.csv"
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    cat >"$BATS_TEST_TMPDIR/load.sql" <<SQL
create temp table field (record text, about text, name text, kind text, digits integer, places integer,
                         bytes integer, choices text, required boolean, help text, n serial);
\\copy field (record, about, name, kind, digits, places, bytes, choices, required, help) from '$BATS_FILE_TMPDIR/fields.csv' csv header
create temp view pair as
select f.*, c.column_name, c.data_type, c.character_maximum_length as length, c.numeric_precision as precision,
       c.numeric_scale as scale, t.table_name
  from field f -- candle_coverage is a summary of its table
  join information_schema.tables t
    on t.table_schema = 'tp'
   and t.table_name in (f.record || 's', regexp_replace(f.record, 'y\$', 'ies'))
   and t.table_name <> 'candle_coverage'
  left join information_schema.columns c
    on c.table_schema = 'tp'
   and c.table_name = t.table_name
   and c.column_name = f.name;
SQL
}

query() {
    pg_psql -f "$BATS_TEST_TMPDIR/load.sql" -c "$1"
}

@test "the records are those of at least eight tables" {
    [ "$(query 'select count(distinct record) from pair')" -ge 8 ]
}

@test "every member is a column, but for codes that stand for ids and what a payment says of its position" {
    run -0 query "select record || '.' || name from pair
                   where column_name is null
                     and name not in ('exchange')
                     and (record <> 'funding_payment' or name not in ('symbol', 'side', 'quantity', 'price', 'imputed'))
                   order by n"
    [ -z "$output" ] || { echo "no such columns: $output"; return 1; }
}

@test "every member has its column's kind, places and room" {
    run -0 query "select record || '.' || name || ': ' || kind || ' for ' || data_type from pair
                   where column_name is not null
                     and not case kind
                         when 'uuid' then data_type = 'uuid'
                         when 'text' then data_type in ('character varying', 'text', 'character', 'USER-DEFINED', 'ARRAY')
                              and (length is null or bytes is null or bytes >= length or choices is not null
                                   or exists (select from pg_constraint k
                                               where k.contype = 'c'
                                                 and k.conrelid = ('tp.' || table_name)::regclass
                                                 and pg_get_constraintdef(k.oid) like '%' || name || '%ANY%'
                                                 and bytes >= (select max(length(w[1]))
                                                                 from regexp_matches(pg_get_constraintdef(k.oid),
                                                                                     '''([^'']+)''::', 'g') as w)))
                         when 'decimal' then data_type = 'numeric' and scale = places and precision - scale = digits
                         when 'rate' then data_type = 'numeric' and scale = 12
                         when 'time' then data_type = 'timestamp with time zone'
                         when 'day' then data_type = 'date'
                         when 'integer' then data_type in ('bigint', 'integer', 'smallint')
                         when 'boolean' then data_type = 'boolean'
                         when 'json' then data_type in ('jsonb', 'ARRAY')
                         end
                   order by n"
    [ -z "$output" ] || { echo "$output"; return 1; }
}

@test "the words of a member are those that its column's constraint allows" {
    run -0 query "select record || '.' || name || ': ' || w.word from pair
                    cross join lateral unnest(string_to_array(choices, ' ')) as w (word)
                   where column_name is not null
                     and exists (select from pg_constraint k
                                  where k.contype = 'c' and k.conrelid = ('tp.' || record || 's')::regclass
                                    and pg_get_constraintdef(k.oid) like '%' || name || '%ANY%')
                     and not exists (select from pg_constraint k
                                      where k.contype = 'c' and k.conrelid = ('tp.' || record || 's')::regclass
                                        and pg_get_constraintdef(k.oid) like '%' || name || '%''' || w.word || '''%')
                     and to_regclass('tp.' || record || 's') is not null"
    [ -z "$output" ] || { echo "$output"; return 1; }
}

@test "one record can be asked for; an unknown one is exit 4" {
    run -0 --separate-stderr tp-db records order -o json
    [ "$(jq -s 'map(.record) | unique | .[0]' <<<"$output")" = '"order"' ]
    run -4 --separate-stderr tp-db records $'no\e[31m'
    [[ $stderr == *"there is no record 'no"*"tp-db records"* ]]
    [[ $stderr != *$'\e'* ]]
}

@test "the reference page holds every record and member" {
    page=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}/generated/man/tp-records.5
    tail -n +2 "$BATS_FILE_TMPDIR/fields.csv" | cut -d, -f1 | sort -u | while read -r r; do
        grep -qx ".SS $r" "$page" || { echo "$r is missing"; return 1; }
    done
    [ "$(grep -c '^\.B ' "$page")" = "$(($(wc -l <"$BATS_FILE_TMPDIR/fields.csv") - 1))" ]
}
