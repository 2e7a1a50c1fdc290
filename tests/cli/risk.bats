#!/usr/bin/env bats
# tp-risk: limits and their headroom, and the brake.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    . "$BATS_TEST_DIRNAME/../lib/world.bash"
    pg_wanted || return 0
    pg_start
    world_make risk
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    . "$BATS_TEST_DIRNAME/../lib/world.bash"
    PATH=${TP_BUILD:-$PWD}:$BATS_TEST_DIRNAME/../../build:$PATH
    placer=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}/tests/lib/placer
    export TP_USER=ann@example.org TP_OUTPUT=json
    unset TP_ENVIRONMENT TP_EXCHANGE TP_DSN
    cd "$BATS_TEST_TMPDIR"
    world_reset
    account=$(of ann "select a.id from tp.accounts a where a.user_id = u.id and a.name = 'main'")
}

events() {
    pg_psql -c "select coalesce(string_agg(event_type, ' ' order by id), '') from tp.event_queue"
}

# left LIMIT [SYMBOL]: what tp-risk check says is left
left() {
    tp-risk check | jq -r --arg limit "$1" --arg symbol "${2:-}" \
        'select(.limit == $limit and (.symbol // "") == $symbol) | .left'
}

@test "limits are set one by one, shown, cleared and taken back" {
    run -4 --separate-stderr tp-risk show
    run -0 --separate-stderr tp-risk set --max-order-size 500 --rule allowed_symbols=BTCUSDT,ETHUSDT
    [ "$(jq -c '[.type, .max_order_size, .max_leverage, .risk_rules, .enabled]' <<<"$output")" = \
        '["risk_limit","500.00000000",null,{"allowed_symbols":["BTCUSDT","ETHUSDT"]},true]' ]
    run -0 --separate-stderr tp-risk set --max-leverage 10 --rule max_open_orders=5 --disable
    [ "$(tp-risk show | jq -c '[.max_order_size, .max_leverage, .risk_rules.max_open_orders, .enabled]')" = '["500.00000000",10,5,false]' ]
    run -0 --separate-stderr tp-risk unset max_order_size allowed_symbols
    [ "$(tp-risk show | jq -c '[.max_order_size, .max_leverage, .risk_rules]')" = '[null,10,{"max_open_orders":5}]' ]
    run -0 --separate-stderr tp-risk unset
    run -4 --separate-stderr tp-risk show
    run -4 --separate-stderr tp-risk unset
    [ "$(events)" = 'risk.set risk.set risk.set risk.set' ]
}

@test "a bot's limits are a row of their own" {
    tp-risk set --max-order-size 500 >/dev/null
    tp-risk set --bot one --max-order-size 100 >/dev/null
    [ "$(tp-risk list | jq -r .max_order_size | xargs)" = '500.00000000 100.00000000' ]
    [ "$(tp-risk show --bot one | jq -r '.max_order_size + " " + .bot_id')" = "100.00000000 $(bot one)" ]
    run -4 tp-risk show --bot two
    run -4 --separate-stderr tp-risk set --bot three --max-leverage 2
    [[ $stderr == *"there is no bot 'three'"* ]]
}

@test "limits that make no sense are refused, and nothing is set" {
    for wrong in '--max-order-size 0' '--max-order-size -5' '--max-leverage 126' '--max-leverage 0' '--max-drawdown 101' \
        '--max-drawdown 1.00001' '--max-open-positions -1' '--rule nosuch=1' '--rule max_open_orders=x' \
        '--rule allowed_order_types=MARKT' '--rule max_total_exposure=1e3' '--rule allowed_symbols' '--max-daily-loss 1e3'; do
        # shellcheck disable=SC2086 # options and values
        run -2 --separate-stderr tp-risk set $wrong
        [ -z "$output" ]
        [ -n "$stderr" ]
    done
    run -2 tp-risk set --enable --disable
    [ "$(count risk_limits)" = 0 ]
    tp-risk set --max-leverage 2 >/dev/null
    run -2 --separate-stderr tp-risk unset max_levrage
    [ "$(tp-risk show | jq .max_leverage)" = 2 ]
}

@test "ten programs that set one rule each leave all ten rules" {
    for i in max_open_orders max_orders_per_day max_total_exposure; do tp-risk set --rule "$i=7" >/dev/null & done
    for i in max-order-size max-position-size max-daily-loss max-drawdown max-open-positions max-leverage; do
        tp-risk set "--$i" 7 >/dev/null &
    done
    tp-risk set --rule blocked_symbols=X >/dev/null &
    wait
    [ "$(tp-risk show | jq '[.. | scalars | tostring | select(. == "7" or startswith("7.0") or . == "X")] | length')" = 10 ]
}

@test "check prints the headroom of every limit" {
    run -0 --separate-stderr tp-risk check
    [[ $stderr == *"no limits are set"* ]]
    tp-risk set --max-order-size 200 --max-position-size 300 --max-open-positions 3 --max-daily-loss 50 --max-drawdown 10 \
        --max-leverage 5 --rule max_open_orders=4 --rule max_orders_per_day=9 --rule max_total_exposure=1000 >/dev/null
    position LONG 1 ETHUSDT >/dev/null
    "$placer" <<<"$(order; order '{"quantity": "0.5"}'; order '{"reduce_only": true}')" >/dev/null
    pg_psql -c "insert into tp.ledger_entries (user_id, account_id, at, kind, amount)
                select user_id, id, now(), 'FEE', -20 from tp.accounts where id = '$account'"
    tp-risk check >all
    [ "$(jq -r '[.limit, .symbol // "", .side // "", .used, .left, .reached] | join(" ")' all | sort)" = "$(sort <<'X'
max_order_size   0.00000000 200.00000000 false
max_position_size BTCUSDT LONG 150.00000000 150.00000000 false
max_position_size ETHUSDT LONG 100.00000000 200.00000000 false
max_open_positions   2.00000000 1.00000000 false
max_daily_loss   20.00000000 30.00000000 false
max_drawdown   0.20000000 9.80000000 false
max_leverage   0.00000000 5.00000000 false
max_open_orders   2.00000000 2.00000000 false
max_orders_per_day   2.00000000 7.00000000 false
max_total_exposure   250.00000000 750.00000000 false
X
)" ]
}

@test "check says whether an order would pass, as the gate then does" {
    tp-risk set --max-position-size 250 >/dev/null
    "$placer" <<<"$(order)" >/dev/null
    run -0 --separate-stderr tp-risk check -e BINANCE -s BTCUSDT -t LIMIT -q 1.5 -p 100
    [ "$(tail -n 1 <<<"$output" | jq -c '[.type, .passes, .reason]')" = '["risk_answer",true,null]' ]
    run -5 --separate-stderr tp-risk check -s BTCUSDT -t LIMIT -q 1.501 -p 100
    [ "$(tail -n 1 <<<"$output" | jq -c '[.type, .passes, .reason]')" = '["risk_answer",false,"MAX_POSITION_SIZE"]' ]
    [[ $stderr == *"1 would be refused: MAX_POSITION_SIZE"* ]]
    run -5 --separate-stderr tp-risk check - <<<"$(order '{"quantity": "1.5"}'; order '{"quantity": "1.501"}')"
    [ "$(jq -c 'select(.type == "risk_answer") | .passes' <<<"$output" | xargs)" = 'true false' ]
    # asking leaves nothing behind
    [ "$(count orders)" = 1 ]
    run -0 --separate-stderr "$placer" <<<"$(order '{"quantity": "1.501"}'; order '{"quantity": "1.5"}')"
    [ "$(cut -d' ' -f2 <<<"$output" | xargs)" = 'REJECTED PENDING' ]
    run -2 tp-risk check -s BTCUSDT
    run -2 tp-risk check -s BTCUSDT -q 0
    run -2 tp-risk check - -s BTCUSDT
    run -3 --separate-stderr tp-risk check - <<<'{"type": "trade"}'
    [[ $stderr == *"line 1"* ]]
}

@test "halt cancels what rests, closes what is open, and refuses what opens" {
    btc=$(position LONG 2) eth=$(position SHORT 3 ETHUSDT)
    "$placer" <<<"$(order; order '{"reduce_only": true, "price": "150"}'; order '{"symbol": "ETHUSDT"}')" >/dev/null
    run -10 --separate-stderr tp-risk halt --reason 'prices are wrong'
    [ "$(jq -c 'select(.type == "risk_halt") | [.account_id, .bot_id, .environment, .reason, .halted_by]' <<<"$output")" = \
        '[null,null,null,"prices are wrong","ann@example.org"]' ]
    [ "$(jq -c 'select(.type == "halt_report") | del(.type)' <<<"$output")" = \
        '{"cancelled":3,"flattening":2,"waiting":0,"open_orders":0,"open_positions":2}' ]
    [[ $stderr == *"'tp-risk resume'"*"places and reopens nothing"* ]]
    [ "$(pg_psql -c "select side, order_type, quantity, reduce_only, role, reason, position_id, status from tp.orders
                      where status = 'PENDING' order by symbol")" = \
        "LONG|MARKET|2.00000000|t|EXIT|halt|$btc|PENDING
SHORT|MARKET|3.00000000|t|EXIT|halt|$eth|PENDING" ]
    [ "$(pg_psql -c "select count(*) from tp.orders where status = 'CANCELLED' and cancelled_at >= created_at")" = 3 ]
    [ "$(events | xargs -n 1 | sort | uniq -c | xargs)" = '3 order.cancelled 5 order.pending 1 risk.halted' ]
    run -0 --separate-stderr "$placer" <<<"$(order; order '{"reduce_only": true}')"
    [ "$(cut -d' ' -f2,3 <<<"$output" | xargs)" = 'REJECTED HALTED PENDING -' ]
}

@test "halting again closes nothing twice, and is done when the positions are closed" {
    btc=$(position LONG 2)
    run -10 tp-risk halt
    run -10 --separate-stderr tp-risk halt --reason other
    [ "$(jq -c 'select(.type == "halt_report") | del(.type)' <<<"$output")" = \
        '{"cancelled":0,"flattening":0,"waiting":1,"open_orders":0,"open_positions":1}' ]
    [[ $stderr == *"it is halted already: 'by hand' by ann@example.org"* ]]
    [ "$(count orders)" = 1 ]
    [ "$(count risk_halts)" = 1 ]
    pg_psql -c "update tp.positions set status = 'CLOSED', closed_at = now(), quantity = 0 where id = '$btc'" \
        -c "update tp.orders set status = 'FILLED', filled_at = now(), filled_quantity = quantity"
    run -0 --separate-stderr tp-risk halt
    [ "$(jq -c 'select(.type == "halt_report") | .open_positions' <<<"$output")" = 0 ]
}

@test "a dry run says what would happen and does nothing" {
    position LONG 2 >/dev/null
    "$placer" <<<"$(order)" >/dev/null
    run -0 --separate-stderr tp-risk halt --dry-run
    [ "$(jq -c 'select(.type == "halt_report") | [.cancelled, .flattening]' <<<"$output")" = '[1,1]' ]
    [ "$(count risk_halts)" = 0 ]
    [ "$(pg_psql -c "select string_agg(status, ' ') from tp.orders")" = PENDING ]
}

@test "a halt of one bot leaves the others alone" {
    position LONG 2 BTCUSDT one >/dev/null
    position LONG 3 ETHUSDT two >/dev/null
    "$placer" <<<"$(order "{\"bot_id\": \"$(bot one)\"}"; order "{\"bot_id\": \"$(bot two)\"}"; order)" >/dev/null
    run -10 --separate-stderr tp-risk halt --bot one
    [ "$(jq -c 'select(.type == "halt_report") | [.cancelled, .flattening, .open_orders, .open_positions]' <<<"$output")" = '[1,1,0,1]' ]
    run -0 --separate-stderr "$placer" <<<"$(order "{\"bot_id\": \"$(bot one)\"}"; order "{\"bot_id\": \"$(bot two)\"}")"
    [ "$(cut -d' ' -f3 <<<"$output" | xargs)" = 'HALTED -' ]
}

@test "a halt of an account or of an environment is its own" {
    run -0 tp-risk halt --account main
    run -0 tp-risk halt --environment paper
    run -0 tp-risk halt --environment production
    [ "$(tp-risk list | jq -r 'select(.type == "risk_halt") | .environment // .account_id' | xargs)" = "$account PAPER PRODUCTION" ]
    tp-risk resume --yes --account main >/dev/null
    run -0 --separate-stderr "$placer" <<<"$(order)"
    [[ $output == *"REJECTED HALTED"* ]]
    tp-risk resume --yes --environment paper >/dev/null
    run -0 --separate-stderr "$placer" <<<"$(order)"
    [[ $output == "ADDED PENDING"* ]]
    run -4 tp-risk halt --account nosuch
}

@test "a paper account is halted on its own clock" {
    position LONG 2 >/dev/null
    pg_psql -c "update tp.accounts set cursor = '2024-01-05 10:00Z'"
    run -10 tp-risk halt
    [ "$(pg_psql -c "select created_at at time zone 'UTC' from tp.orders where reason = 'halt'")" = '2024-01-05 10:00:00' ]
}

@test "resume wants to be asked for, lifts one halt, and refuses when nothing is halted" {
    run -5 --separate-stderr tp-risk resume --yes
    [[ $stderr == *"nothing is halted by these options"* ]]
    tp-risk halt >/dev/null
    run -2 --separate-stderr tp-risk resume </dev/null
    [ "$(count "risk_halts where resumed_at is null")" = 1 ]
    run -0 --separate-stderr tp-risk resume --yes
    [ "$(jq -c '[.type, .resumed_by, .resumed_at != null]' <<<"$output")" = '["risk_halt","ann@example.org",true]' ]
    run -0 --separate-stderr "$placer" <<<"$(order)"
    [[ $output == "ADDED PENDING"* ]]
    # it can be halted anew
    run -0 --separate-stderr tp-risk halt
}

@test "an order that is placed while a halt runs is cancelled or refused" {
    line=$(order)
    for i in {1..300}; do echo "$line"; done >many
    "$placer" 1 <many >answers &
    until [ "$(wc -l <answers)" -ge 50 ]; do sleep 0.01; done
    run tp-risk halt
    wait $!
    [ "$(wc -l <answers)" = 300 ]
    [ "$(count "orders where status = 'PENDING'")" = 0 ]
    [ "$(grep -c 'REJECTED HALTED' answers)" -gt 0 ]
    [ "$(count "orders where status in ('CANCELLED', 'REJECTED')")" = 300 ]
}

# One latch, one closing order for each position and nothing else at work, whatever came before.
halted_once() {
    [ "$(count "risk_halts")" = 1 ]
    [ "$(pg_psql -c "select string_agg(symbol || ' ' || status || ' ' || coalesce(reason, '-'), ', ' order by symbol, status)
                       from tp.orders")" = 'BTCUSDT CANCELLED -, BTCUSDT PENDING halt, ETHUSDT CANCELLED -, ETHUSDT PENDING halt' ]
    [ "$(events | xargs -n 1 | sort | uniq -c | xargs)" = '2 order.cancelled 4 order.pending 1 risk.halted' ]
}

# Somebody with two positions and two resting orders.
exposed() {
    world_reset
    position LONG 2 >/dev/null
    position SHORT 3 ETHUSDT >/dev/null
    { order; order '{"symbol": "ETHUSDT"}'; } | "$placer" 2 >/dev/null
}

@test "a halt whose connection is cut at any byte is whole when it is run again" {
    . "$BATS_TEST_DIRNAME/../lib/faults.bash"
    exposed
    proxy_start 0 cut
    PGHOST=$PROXY run -10 tp-risk halt
    total=$(proxy_bytes)
    proxy_stop
    halted_once
    for n in $(points 20 "$total"); do
        exposed
        proxy_start "$n" cut
        PGHOST=$PROXY run tp-risk halt
        proxy_stop
        [[ " 6 8 10 " == *" $status "* ]]
        run -10 --separate-stderr tp-risk halt
        halted_once || { echo "after $n bytes of $total"; return 1; }
    done
}

@test "a bot that is halted closes its position at the next candle, and trades no more" {
    tp-prices generate -s BTCUSDT -i 1h --from 2024-01-01 -n 210 --seed 3 >candles
    head -n 200 candles | tp-prices import -e BINANCE -s BTCUSDT -i 1h - >/dev/null
    tp-bot create trend -S builtin:sma-cross -P fast=5 -P slow=20 --from 2024-01-01 -e BINANCE -s BTCUSDT -i 1h >/dev/null
    tp-bot start trend >/dev/null
    tp-bot tick trend >/dev/null
    [ "$(count "positions where status = 'OPEN'")" = 1 ]
    run -10 --separate-stderr tp-risk halt --bot trend
    [[ $stderr == *"1 positions"* ]]
    tail -n 10 candles | tp-prices import -e BINANCE -s BTCUSDT -i 1h - >/dev/null
    tp-bot tick trend >/dev/null
    run -0 --separate-stderr tp-risk halt --bot trend
    [ "$(count "positions where status = 'OPEN'")" = 0 ]
    [ "$(pg_psql -c "select status, filled_at = created_at from tp.orders where reason = 'halt'")" = 'FILLED|t' ]
    # what was bought was sold
    [ "$(pg_psql -c "select sum(case side when 'BUY' then quantity else -quantity end) from tp.trades")" = 0.00000000 ]
    tp-risk resume --yes --bot trend >/dev/null
}

@test "nobody sees, changes or lifts another user's limits and halts" {
    tp-risk set --max-order-size 500 >/dev/null
    tp-risk set --bot one --max-leverage 3 >/dev/null
    tp-risk halt >/dev/null
    one=$(bot one) btc=$(position LONG 2)
    export TP_USER=bob@example.org
    [ -z "$(tp-risk list)" ]
    run -4 tp-risk show
    run -4 tp-risk show --bot "$one"
    run -4 tp-risk set --bot "$one" --max-leverage 100
    run -4 tp-risk unset
    run -5 tp-risk resume --yes
    run -4 tp-risk halt --account "$account"
    run -4 tp-risk halt --bot "$one"
    run -0 --separate-stderr tp-risk halt
    [ "$(jq -c 'select(.type == "halt_report") | [.flattening, .open_positions]' <<<"$output")" = '[0,0]' ]
    run -4 tp-risk check -s BTCUSDT -q 1 --account "$account"
    run -0 --separate-stderr tp-risk check
    [ -z "$output" ]
    [ "$(pg_psql -c "select status from tp.positions where id = '$btc'")" = OPEN ]
    [ "$(TP_USER=ann@example.org tp-risk show | jq -r .max_order_size)" = 500.00000000 ]
}

@test "a login bound to its user cannot see, reference or count anything of another" {
    tp-risk set --max-order-size 500 >/dev/null
    tp-risk halt >/dev/null
    "$placer" <<<"$(order '{"reduce_only": true, "idempotency_key": "k"}')" >/dev/null
    bob=$(of bob u.id)
    pg_psql -c 'drop role if exists bound' -c "create role bound login in role tp_app" -c "insert into tp.login_users (login, user_id)
        values ('bound', '$bob') on conflict do nothing" 2>/dev/null
    as_bob() {
        # whatever it says its user is, the login decides
        psql -XAtq -v ON_ERROR_STOP=1 -U bound -c "set app.user_id = '$(of ann u.id)'" -c "$1" 2>&1
    }
    for table in orders positions accounts ledger_entries risk_limits risk_halts order_idempotency signals account_equity bots trades; do
        [ "$(as_bob "select count(*) from tp.$table where user_id <> '$bob'")" = 0 ]
        [ "$(as_bob "select coalesce(sum(n), 0) from (select 1 as n from tp.$table where user_id <> '$bob') t")" = 0 ]
    done
    [[ $(as_bob 'select count(*) from tp.event_queue') == *"permission denied"* ]]
    [ "$(as_bob "with t as (update tp.risk_limits set max_order_size = 1 returning 1) select count(*) from t")" = 0 ]
    [ "$(as_bob "with t as (update tp.risk_halts set resumed_at = now(), resumed_by = 'x' returning 1) select count(*) from t")" = 0 ]
    [ "$(as_bob "with t as (update tp.orders set status = 'CANCELLED', cancelled_at = now() returning 1) select count(*) from t")" = 0 ]
    [ "$(as_bob "with t as (update tp.accounts set balance = 0 where user_id <> '$bob' returning 1) select count(*) from t")" = 0 ]
    # in the other's name, or pointing to the other's rows
    [[ $(as_bob "insert into tp.risk_halts (user_id, reason, halted_by) values ('$(of ann u.id)', 'x', 'x')") == *"row-level security"* ]]
    [[ $(as_bob "insert into tp.risk_limits (user_id, max_leverage) values ('$(of ann u.id)', 1)") == *"row-level security"* ]]
    [[ $(as_bob "insert into tp.risk_halts (user_id, account_id, reason, halted_by) values ('$bob', '$account', 'x', 'x')") == *"foreign key"* ]]
    [[ $(as_bob "insert into tp.risk_limits (user_id, bot_id, max_leverage) values ('$bob', '$(bot one)', 1)") == *"foreign key"* ]]
    [[ $(as_bob "insert into tp.ledger_entries (user_id, account_id, at, kind, amount) values ('$bob', '$account', now(), 'DEPOSIT', 1)") == *"foreign key"* ]]
    [[ $(as_bob "insert into tp.ledger_entries (user_id, account_id, at, kind, amount) values ('$(of ann u.id)', '$account', now(), 'DEPOSIT', 1)") == *"row-level security"* ]]
    # the programs see the same through that login, whoever they are told to act for
    [ -z "$(PGUSER=bound TP_USER=bob@example.org tp-risk list)" ]
    PGUSER=bound TP_USER=ann@example.org run -4 tp-risk list
}
