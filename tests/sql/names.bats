#!/usr/bin/env bats
# Words that stand in C and in a check constraint are compared, not trusted.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    pg_fresh_db tp_names
}

teardown_file() {
    pg_stop
}

src=$PG_SQL/../src

# words CONSTRAINT: what the constraint allows, sorted
words() {
    pg_psql -c "select distinct w[1]
                  from pg_constraint k, regexp_matches(pg_get_constraintdef(k.oid), '''([^'']*)''::character', 'g') w
                 where k.connamespace = 'tp'::regnamespace
                   and k.conname = '$1'
                   and k.conparentid = 0
                 order by 1"
}

# macro FILE NAME: the words of #define NAME(X) X(word) X(word, ...), sorted
macro() {
    awk -v name="$2" '
        index($0, "#define " name "(X)") { on = 1; sub(/.*\(X\)/, "") }
        on { text = text $0; if (!/\\$/) exit }
        END { while (match(text, /X\([^,)]*/)) { print substr(text, RSTART + 2, RLENGTH - 2); text = substr(text, RSTART + RLENGTH) } }
    ' "$src/$1" | LC_ALL=C sort
}

# list FILE NAME: the words of NAME[] = {"word", ...}, sorted
list() {
    sed -n "s/.*$2\[\] = {\(.*\)NULL};/\1/p" "$src/$1" | grep -o '"[^"]*"' | tr -d '"' | LC_ALL=C sort
}

same() {
    [ -n "$1" ]
    diff <(echo "$1") <(echo "$2")
}

@test "orders are worded alike" {
    same "$(macro trade/order.h TP_ORDER_TYPES)" "$(words orders_type_check)"
    same "$(macro trade/order.h TP_TIFS)" "$(words orders_time_in_force_check)"
    same "$(macro trade/order.h TP_ORDER_STATUSES)" "$(words orders_status_check)"
    same "$(macro trade/order.h TP_ROLES)" "$(words orders_role_check)"
    same "$(list trade/order.c tp_environments)" "$(words accounts_environment_check)"
    same "$(list trade/order.c tp_position_modes)" "$(words accounts_position_mode_check)"
    same "$(list trade/order.c tp_submit_states)" "$(words orders_submit_state_check)"
    same "$(list trade/position.c tp_position_statuses)" "$(words positions_status_check)"
    same "$(list trade/account.c tp_ledger_kinds)" "$(words ledger_entries_kind_check)"
}

@test "intervals are worded alike" {
    same "$(macro market/interval.h TP_INTERVALS)" "$(words backtests_timeframe_check)"
    same "$(macro market/interval.h TP_INTERVALS)" "$(words mark_prices_interval_check)"
    same "$(macro market/interval.h TP_INTERVALS)" "$(words candle_coverage_interval_check)"
    same "$(macro market/interval.h TP_INTERVALS)" "$(pg_psql -c "
        select w[1]
          from pg_inherits i
          join pg_class c on c.oid = i.inhrelid,
               regexp_matches(pg_get_expr(c.relpartbound, c.oid), '''([^'']*)''', 'g') w
         where i.inhparent = 'tp.market_prices'::regclass
         order by w[1] collate \"C\"")"
}

@test "symbols and candles are worded alike" {
    same "$(list market/symbol.c tp_symbol_statuses)" "$(words symbols_status_check)"
    same "$(list market/symbol.c tp_market_types)" "$(words symbols_market_type_check)"
    same "$(list market/candle.c tp_candle_sources)" "$(words market_prices_source_check)"
}
