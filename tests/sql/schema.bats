#!/usr/bin/env bats
# What the schema promises, asked of a fresh database.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    pg_fresh_db tp_schema
    pg_psql -1 -f "$PG_SQL/seeds/dev.sql"
    pg_psql -o /dev/null -c 'select tp.premake_partitions()'
    # ann and bob, each with an account, a position and an order
    pg_psql >/dev/null <<'SQL'
insert into tp.users (id, email, password_hash)
values ('00000000-0000-7000-8000-00000000000a', 'ann@example.com', '!'),
       ('00000000-0000-7000-8000-00000000000b', 'bob@example.com', '!');
create temporary table who as
select u.id as user_id,
       right(u.id::text, 1) as letter,
       (select id from tp.exchanges where code = 'BINANCE') as exchange_id,
       date_trunc('day', now()) as day
  from tp.users u
 where u.email in ('ann@example.com', 'bob@example.com');
create temporary table ids as
select w.*,
       overlay(tp.uuid_v7_at(w.day)::text placing '7000-8000-00000000000' || w.letter from 15)::uuid as id
  from who w;
insert into tp.accounts (id, user_id, exchange_id, environment, currency)
select user_id, user_id, exchange_id, 'PAPER', 'USDT' from ids;
insert into tp.positions (id, opened_at, user_id, account_id, environment, exchange_id, symbol, side, entry_price,
                          quantity, margin_used, realized_pnl)
select id, tp.uuid_v7_time(id), user_id, user_id, 'PAPER', exchange_id, 'BTCUSDT', 'LONG', 100, 1, 10, 5 from ids;
insert into tp.orders (id, created_at, user_id, account_id, environment, exchange_id, symbol, side, order_type,
                       quantity, position_id)
select id, tp.uuid_v7_time(id), user_id, user_id, 'PAPER', exchange_id, 'BTCUSDT', 'LONG', 'MARKET', 1, id from ids;
insert into tp.trades (id, executed_at, user_id, account_id, environment, order_id, position_id, exchange_id, symbol,
                       side, price, quantity, metadata)
select id, tp.uuid_v7_time(id), user_id, user_id, 'PAPER', id, id, exchange_id, 'BTCUSDT', 'BUY', 100, 1, '{"a": 1}'
  from ids;
insert into tp.ledger_entries (user_id, account_id, at, kind, amount)
select user_id, user_id, now(), 'DEPOSIT', 1000 from ids;
insert into tp.strategies (id, user_id, name, type, is_public)
select user_id, user_id, 's', 'technical', false from ids;
insert into tp.bots (id, user_id, strategy_id, name)
select user_id, user_id, user_id, 'b' from ids;
SQL
}

teardown_file() {
    pg_stop
}

ann=00000000-0000-7000-8000-00000000000a
bob=00000000-0000-7000-8000-00000000000b

sql() {
    pg_psql -c "$1"
}

# as USER STATEMENT...: one transaction of tp_app for that user
as() {
    local s args=(-c 'set role tp_app' -c begin -o /dev/null -c "select set_config('app.user_id', '$1', true)" -c '\o')
    shift
    for s in "$@"; do args+=(-c "$s"); done
    pg_psql "${args[@]}" -c commit
}

# An order of ann with other values: order "column, ..." "value, ..."
order() {
    echo "insert into tp.orders (id, created_at, user_id, account_id, environment, exchange_id, symbol, side,
                                 order_type, quantity${1:+, }$1)
          select o.id, tp.uuid_v7_time(o.id), '$ann', '$ann', 'PAPER', e.id, 'BTCUSDT', 'LONG', 'MARKET', 1${2:+, }$2
            from tp.exchanges e, tp.uuid_v7() as o (id) where e.code = 'BINANCE'"
}

# An account of ann: account ENVIRONMENT EXCHANGE
account() {
    echo "insert into tp.accounts (user_id, exchange_id, environment, currency)
          select '$ann', id, '$1', 'USDT' from tp.exchanges where code = '$2'"
}

# nothing QUERY: the query finds no row; what it finds is printed
nothing() {
    run sql "$1"
    echo "$output"
    [ "$status" = 0 ]
    [ -z "$output" ]
}

# refused TEXT COMMAND...: the command fails and says so
refused() {
    local want=$1
    shift
    run "$@"
    echo "$output"
    [ "$status" != 0 ]
    [[ $output == *"$want"* ]]
}

@test "every table, view and function explains itself" {
    nothing "select c.relname
               from pg_class c
              where c.relnamespace = 'tp'::regnamespace
                and c.relkind in ('r', 'p', 'v')
                and not (c.relispartition and c.relkind = 'r')
                and obj_description(c.oid, 'pg_class') is null
              union all
             select p.proname
               from pg_proc p
              where p.pronamespace = 'tp'::regnamespace
                and obj_description(p.oid, 'pg_proc') is null"
}

@test "every column of a table explains itself" {
    nothing "select c.relname || '.' || a.attname
               from pg_class c
               join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              where c.relnamespace = 'tp'::regnamespace
                and c.relkind in ('r', 'p')
                and not c.relispartition
                and col_description(c.oid, a.attnum) is null"
}

@test "every constraint is named in its migration" {
    run awk '
        FNR == 1 { before = "" }
        { line = $0; sub(/--.*/, "", line); gsub(/\x27[^\x27]*\x27/, "", line) }
        line ~ /(^|[ ,(])(primary key|foreign key|unique( nulls not distinct)? \(|check \()/ \
            && line !~ /with check/ && line !~ /constraint [a-z0-9_]+ / && before !~ /constraint [a-z0-9_]+$/ {
            print FILENAME ":" FNR ": " $0
        }
        line ~ /[^ ]/ { before = line }' "$PG_SQL"/migrations/*.up.sql
    echo "$output"
    [ -z "$output" ]
}

@test "every function pins its search path" {
    nothing "select p.proname
               from pg_proc p
              where p.pronamespace = 'tp'::regnamespace
                and not coalesce('search_path=pg_catalog, pg_temp' = any (p.proconfig), false)"
}

@test "no function with its owner's rights is open to everybody but the one policies need" {
    run sql "select p.proname
               from pg_proc p
              where p.pronamespace = 'tp'::regnamespace
                and p.prosecdef
                and has_function_privilege('tp_readonly', p.oid, 'execute')"
    [ "$output" = app_user_id ]
}

@test "views see with the reader's rights" {
    nothing "select c.relname
               from pg_class c
              where c.relnamespace = 'tp'::regnamespace
                and c.relkind = 'v'
                and not coalesce('security_invoker=true' = any (c.reloptions), false)"
}

@test "row security is on and not forced for every table that names a user" {
    nothing "select c.relname
               from pg_class c
              where c.relnamespace = 'tp'::regnamespace
                and c.relkind in ('r', 'p')
                and (c.relname = 'users'
                     or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'user_id'))
                and (not c.relrowsecurity or c.relforcerowsecurity)"
}

@test "partitions cannot be read directly" {
    nothing "select c.relname
               from pg_class c
              where c.relnamespace = 'tp'::regnamespace
                and c.relispartition
                and c.relkind = 'r'
                and (not c.relrowsecurity or c.relacl is not null)"
    leaf=$(sql "select leaf from tp.partition_leaves where parent = 'tp.orders'::regclass order by lower_bound limit 1")
    refused 'permission denied' as $ann "select count(*) from $leaf"
}

@test "nothing is granted to everybody" {
    nothing "select c.relname
               from pg_class c, aclexplode(c.relacl) x
              where c.relnamespace = 'tp'::regnamespace
                and x.grantee = 0"
}

@test "a user sees own rows, the service all, nobody none" {
    for t in users accounts positions orders trades ledger_entries strategies bots account_balances active_orders; do
        [ "$(as $ann "select count(*) from tp.$t")" = 1 ]
        [ "$(as '' "select count(*) from tp.$t")" = 0 ]
        [ "$(pg_psql -c 'set role tp_app' -c "select count(*) from tp.$t")" = 0 ]
        [ "$(pg_psql -c 'set role tp_service' -c "select count(*) >= 2 from tp.$t")" = t ]
    done
}

@test "a row of another user can be neither made nor changed" {
    refused 'row-level security' as $bob "$(order)"
    [ -z "$(as $bob "update tp.orders set leverage = 9 where user_id = '$ann' returning 1")" ]
    [ -z "$(as $bob "update tp.users set full_name = 'x' where id = '$ann' returning 1")" ]
}

@test "a row cannot refer to another user's row" {
    theirs=$(sql "select id from tp.orders where user_id = '$bob'")
    refused orders_position_fk as $ann "$(order position_id "'$theirs'::uuid")"
    refused orders_parent_fk as $ann "$(order parent_order_id "'$theirs'::uuid")"
    refused orders_bot_fk as $ann "$(order bot_id "'$bob'::uuid")"
    refused accounts_bot_fk as $ann "update tp.accounts set bot_id = '$bob'"
    refused bots_account_fk as $ann "update tp.bots set account_id = '$bob'"
    refused ledger_entries_trade_fk as $ann "insert into tp.ledger_entries (user_id, account_id, at, kind, amount, trade_id)
                                             values ('$ann', '$ann', now(), 'FEE', 1, '$theirs')"
    refused 'does not exist' as $ann "update tp.bots set strategy_id = '$bob'"
}

@test "a public strategy can be used by others, a private one cannot be seen" {
    sql "update tp.strategies set is_public = true where user_id = '$bob'"
    [ "$(as $ann "select count(*) from tp.strategies")" = 2 ]
    as $ann "update tp.bots set strategy_id = '$bob'" "update tp.bots set strategy_id = '$ann'"
    sql "update tp.strategies set is_public = false where user_id = '$bob'"
    [ "$(as $ann "select count(*) from tp.strategies")" = 1 ]
}

@test "a bound login acts for its user whatever it sets" {
    sql "create role tp_test_login login"
    sql "grant tp_app to tp_test_login"
    sql "insert into tp.login_users (login, user_id) values ('tp_test_login', '$ann')"
    PGUSER=tp_test_login run as $bob 'select tp.app_user_id()'
    sql "delete from tp.login_users"
    sql "drop role tp_test_login"
    [ "$output" = $ann ]
}

@test "NaN is refused by every numeric column" {
    nothing "$(cat <<'SQL'
create function pg_temp.takes_nan(p_table oid, p_column int2) returns boolean language plpgsql as $$
declare
    row_of_ones text;
    verdict boolean;
begin
    -- the checks of the column are asked with NaN there, 1 in other numbers and null elsewhere
    select string_agg(format('%s as %I',
               case when a.attnum = p_column then '''NaN''::numeric'
                    when t.typcategory = 'N' and t.typname <> 'regclass' then '1::' || format_type(t.oid, null)
                    else 'null::' || format_type(t.oid, null) end, a.attname), ', ')
      into row_of_ones
      from pg_attribute a join pg_type t on t.oid = a.atttypid
     where a.attrelid = p_table and a.attnum > 0 and not a.attisdropped;
    execute format('select %s from (select %s) x',
               coalesce((select string_agg('coalesce((' || pg_get_expr(k.conbin, k.conrelid) || '), true)', ' and ')
                           from pg_constraint k
                          where k.conrelid = p_table and k.contype = 'c' and p_column = any (k.conkey)), 'true'),
               row_of_ones)
       into verdict;
    return verdict;
end $$;
select c.relname || '.' || a.attname
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
 where c.relnamespace = 'tp'::regnamespace
   and c.relkind in ('r', 'p')
   and not c.relispartition
   and a.atttypid = 'numeric'::regtype
   and a.attgenerated = ''
   and pg_temp.takes_nan(c.oid, a.attnum);
SQL
)"
    refused orders_numbers_check as $ann "$(order | sed "s/'MARKET', 1/'MARKET', 'NaN'/")"
}

@test "the time of a row is the time inside its id" {
    refused orders_created_at_is_id_time as $ann "$(order | sed 's/tp.uuid_v7_time(o.id)/now()/')"
    nothing "select 1
               from generate_series(1, 1000) n,
                    lateral (select date_trunc('milliseconds', now() - n * interval '17 days 03:04:05.678')) t (at)
              where tp.uuid_v7_time(tp.uuid_v7_at(t.at)) <> t.at
                 or tp.uuid_v7_at(t.at)::text !~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'"
}

@test "generated columns are right" {
    [ "$(as $ann 'select pnl, pnl_percent from tp.positions')" = '5.00000000|50.0000' ]
    [ "$(as $ann "update tp.positions set margin_used = 0.00000001 returning pnl_percent")" = 999999.9999 ]
    [ "$(as $ann "update tp.positions set margin_used = 0 returning pnl_percent")" = '' ]
    [ "$(as $ann 'select o.position_opened_at = p.opened_at from tp.orders o join tp.positions p on p.id = o.position_id')" = t ]
}

@test "the venue's order id is unique per user, venue, symbol and kind" {
    as $ann "$(order 'exchange_order_id, exchange_algo_id' "'7', '7'")"
    [ "$(as $ann 'select string_agg(kind, chr(44) order by kind) from tp.order_exchange_refs')" = ALGO,ORDER ]
    refused order_exchange_refs_pkey as $ann "$(order exchange_order_id "'7'")"
    refused order_exchange_refs_pkey as $ann "$(order exchange_algo_id "'7'")"
    as $bob "$(order exchange_order_id "'7'" | sed "s/$ann/$bob/g")"
    as $ann "update tp.orders set exchange_order_id = '8' where exchange_order_id = '7'" "$(order exchange_order_id "'7'")"
    [ "$(as $ann 'select count(*) from tp.order_exchange_refs')" = 3 ]
    sql "delete from tp.orders where exchange_order_id is not null"
    [ "$(sql 'select count(*) from tp.order_exchange_refs')" = 0 ]
}

@test "trades cannot be changed, only their metadata emptied" {
    refused 'permission denied' as $ann 'update tp.trades set price = 1'
    refused 'trades are immutable' sql 'update tp.trades set price = 1'
    refused 'trades are immutable' sql "update tp.trades set metadata = '{\"b\": 1}'"
    refused 'trades are immutable' sql 'delete from tp.trades'
    sql "update tp.trades set metadata = '{}'"
}

@test "the ledger only grows and its sum is the balance" {
    for s in 'update tp.ledger_entries set amount = 0' 'delete from tp.ledger_entries' 'truncate tp.ledger_entries'; do
        refused 'append-only' sql "$s"
    done
    as $ann "insert into tp.ledger_entries (user_id, account_id, at, kind, amount) values ('$ann', '$ann', now(), 'FEE', -0.5)"
    [ "$(as $ann 'select balance from tp.account_balances')" = 999.50000000 ]
}

@test "a key is claimed before its order, but not without one" {
    key="insert into tp.order_idempotency (user_id, key, order_id, body_sha256)
         select '$ann', 'k', id, repeat('0', 64) from"
    refused order_idempotency_order_fk as $ann "$key tp.uuid_v7() as o (id)"
    as $ann "$key tp.orders limit 1"
    refused order_idempotency_pkey as $ann "$key tp.orders limit 1"
}

@test "paper, testnet and production do not mix" {
    refused accounts_exchange_fk as $ann "$(account TESTNET BINANCE)"
    refused accounts_exchange_fk as $ann "$(account PAPER BINANCE_TESTNET)"
    refused accounts_exchange_fk as $ann "$(account PRODUCTION OKX_DEMO)"
    refused orders_account_fk as $ann "$(order | sed s/PAPER/PRODUCTION/)"
    refused orders_account_fk as $ann "$(order | sed "s/'BINANCE'/'BYBIT'/")"
    refused bots_account_fk as $ann "update tp.bots set account_id = '$ann', environment = 'PRODUCTION'"
}

@test "secrets cannot be stored as plain text" {
    refused api_connections_encrypted_check as $ann "insert into tp.api_connections
        (user_id, exchange_id, environment, api_key_encrypted, api_secret_encrypted)
        select '$ann', id, 'PRODUCTION', 'plain', 'plain' from tp.exchanges where code = 'BINANCE'"
}

candle() {
    sql "insert into tp.market_prices (exchange_id, symbol, interval, timestamp, source, open, high, low, close, volume, close_time)
         select id, 'BTCUSDT', '1h', date_trunc('hour', now()), 'IMPORT', 2, $1, 1, 2, $2, $3
           from tp.exchanges where code = 'BINANCE'
             on conflict (symbol, exchange_id, interval, timestamp) do update set close_time = excluded.close_time"
}

@test "a candle keeps what real files have and refuses what cannot be" {
    candle 3 7917110714415 "date_trunc('hour', now()) + interval '41 minutes'"
    candle 3 1 null
    refused market_prices_close_time_check candle 3 1 "date_trunc('hour', now()) + interval '1 hour'"
    refused market_prices_close_time_check candle 3 1 "date_trunc('hour', now()) - interval '1 ms'"
    refused market_prices_ohlc_check candle 1.5 1 null
    refused market_prices_ohlc_check candle "'NaN'" 1 null
    refused market_prices_volume_check candle 3 "'NaN'" null
    refused 'no partition' sql "insert into tp.market_prices (exchange_id, symbol, interval, timestamp, source, open, high, low, close, volume)
                                select id, 'BTCUSDT', '2h', now(), 'IMPORT', 1, 1, 1, 1, 1 from tp.exchanges where code = 'BINANCE'"
}

@test "partitions are made where missing, never twice, and within bounds" {
    made="select tp.ensure_partitions('tp.market_prices_1m', '2022-01-01', '2022-12-31')"
    [ "$(as $ann "$made")" = 53 ]
    [ "$(as $ann "$made")" = 0 ]
    [ "$(sql "select tp.ensure_partitions('tp.market_prices_1m', '2020-01-01', '2020-12-31', 50)")" = 50 ]
    nothing "select 1 from tp.partition_leaves
              where parent = 'tp.market_prices_1m'::regclass
                and (extract(isodow from lower_bound at time zone 'UTC') <> 1 or upper_bound - lower_bound <> interval '7 days')"
    refused 'out of bounds' sql "select tp.ensure_partitions('tp.trades', '1969-01-01', now())"
    refused 'out of bounds' sql "select tp.ensure_partitions('tp.trades', now(), now() + interval '3 years')"
    refused 'no partition policy' sql "select tp.ensure_partitions('tp.users', now(), now())"
    nothing "select c.relname from pg_class c where pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'"
}

@test "the application may add events and see none" {
    as $ann "insert into tp.event_queue (event_type, user_id) values ('x', '$ann')"
    refused 'row-level security' as $ann "insert into tp.event_queue (event_type, user_id) values ('x', '$bob')"
    refused 'permission denied' as $ann 'select count(*) from tp.event_queue'
}

@test "a deleted user comes back whole, an erased one never" {
    [ "$(sql "select tp.soft_delete_user('$bob') is not null")" = t ]
    [ "$(sql "select count(*) from tp.bots where user_id = '$bob' and deleted_at is null")" = 0 ]
    [ "$(sql "select tp.restore_user('$bob')")" = t ]
    [ "$(sql "select count(*) from tp.bots where user_id = '$bob' and deleted_at is null")" = 1 ]
    sql "insert into tp.legal_holds (user_id, reason, placed_by) values ('$bob', 'r', 'p')"
    refused 'legal hold' sql "select tp.erase_user('$bob')"
    sql "update tp.legal_holds set released_at = now(), released_by = 'p'"
    [ "$(sql "select tp.erase_user('$bob')")" = t ]
    [ "$(sql "select tp.restore_user('$bob')")" = f ]
    [ "$(sql "select count(*) from tp.trades where user_id = '$bob'")" = 1 ]
    nothing "select 1 from tp.users where email like 'bob%'"
}

@test "seeds change nothing the second time" {
    before=$(sql "select md5(string_agg(e::text, ',' order by id)) from tp.exchanges e")
    pg_psql -1 -f "$PG_SQL/seeds/exchanges.sql"
    pg_psql -1 -f "$PG_SQL/seeds/dev.sql"
    [ "$(sql "select md5(string_agg(e::text, ',' order by id)) from tp.exchanges e")" = "$before" ]
    [ "$(sql "select count(*) from tp.users where email = 'demo@example.com'")" = 1 ]
}
