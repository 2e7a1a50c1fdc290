#!/usr/bin/env bats
# tp-bot: bots on paper from creation to parity, killed and run again, side by side, in other people's way.
bats_require_minimum_version 1.5.0
load ../lib/pg
load ../lib/bots

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json
    unset TP_USER
    pg_fresh_db bots
    pg_psql -1 -f "$PG_SQL/seeds/dev.sql"
    export TP_USER=demo@example.com
    tp-prices generate -q -s DEMOUSDT -i 1h -n 1500 --seed 5 --store
    pg_psql -d postgres -c "alter database bots with is_template true" -c "alter database bots allow_connections false"
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    export PGDATABASE=bot_$BATS_TEST_NUMBER
    pg_psql -d postgres -c "create database $PGDATABASE template bots"
    cd "$BATS_TEST_TMPDIR"
}

@test "a bot trades as the backtest of the same bars, trade by trade" {
    for s in sma-cross donchian-turtle rsi-reversion bollinger-breakout macd-trend; do
        bot $s builtin:$s
        tp-bot tick $s --trades --equity >got
        tp-prices export -s DEMOUSDT -i 1h | tp-backtest run -q -S builtin:$s --allow-synthetic --trades --equity - >want
        for type in backtest_trade equity_point; do
            # the run's last bar closes what is open; the bot's does not
            diff <(jq -c "select(.type == \"$type\") | del(.number)" got | head -n -1) \
                <(jq -c "select(.type == \"$type\" and .exit_reason != \"END_OF_DATA\") | del(.number)" want | head -n "$(
                    jq -c "select(.type == \"$type\")" got | head -n -1 | wc -l)")
        done
        run -0 tp-bot parity $s
        [ "$(jq -r '[.differences, .gap, .unexplained] | join(" ")' <<<"$output")" = '0 0.00000000 0.00000000' ]
    done
}

@test "however the bars are handed out, and whenever it is killed, the rows are the same" {
    bot whole builtin:donchian-turtle
    tp-bot tick whole >/dev/null
    rows >"$BATS_TEST_TMPDIR/want"
    pg_psql -d postgres -c "create database ${PGDATABASE}_again template bots"
    PGDATABASE=${PGDATABASE}_again
    bot killed builtin:donchian-turtle
    n=0
    for ((i = 0; i < 60; i++)); do
        timeout -s KILL "0.$(printf '%02d' $((RANDOM % 25 + 1)))" tp-bot tick killed >/dev/null 2>&1 && break
        n=$((n + 1))
    done
    until tp-bot tick killed --until 2024-02-10 >/dev/null; do sleep 0.05; done # the server ends what was begun
    tp-bot tick killed >/dev/null
    [ "$n" -gt 0 ]
    rows | diff "$BATS_TEST_TMPDIR/want" -
    tp-bot parity killed >/dev/null
}

@test "a second tick at the same time is exit 9, and the next one finds nothing left to do" {
    bot one builtin:sma-cross
    for _ in {1..10}; do
        (
            rc=0
            tp-bot tick one >/dev/null 2>&1 || rc=$?
            echo $rc >>"$BATS_TEST_TMPDIR/codes"
        ) &
    done
    wait
    [ "$(grep -cvx '[09]' "$BATS_TEST_TMPDIR/codes")" = 0 ]
    [ "$(grep -cx 0 "$BATS_TEST_TMPDIR/codes")" -ge 1 ]
    run -0 tp-bot tick one
    [ -z "$output" ]
    tp-bot parity one >/dev/null
    [ "$(pg_psql -c "select last_success is not null and exit_code = 0 from tp.job_runs where lock_name like 'bot %'")" = t ]
}

@test "what is printed was committed, with an event for each order, fill and position" {
    bot one builtin:sma-cross
    tp-bot tick one >"$BATS_TEST_TMPDIR/out"
    [ "$(jq -r 'select(.type == "trade").id' "$BATS_TEST_TMPDIR/out" | sort | sha256sum)" \
        = "$(pg_psql -c "select id from tp.trades" | sort | sha256sum)" ]
    [ "$(pg_psql -c "select (select count(*) from tp.event_queue where event_type = 'trade.executed') = (select count(*) from tp.trades),
                            (select count(*) from tp.event_queue where event_type = 'order.pending') = (select count(*) from tp.orders),
                            (select count(*) from tp.event_queue where event_type = 'position.opened') = (select count(*) from tp.positions),
                            (select count(*) from tp.event_queue where event_type = 'position.closed')
                            = (select count(*) from tp.positions where status = 'CLOSED')")" = 't|t|t|t' ]
    [ "$(pg_psql -c "select a.balance = sum(l.amount) from tp.accounts a join tp.ledger_entries l on l.account_id = a.id group by a.id")" = t ]
}

@test "its days follow from its fills, and a changed figure is found" {
    bot one builtin:donchian-turtle
    tp-bot tick one >/dev/null
    run -11 --separate-stderr tp-bot perf one --check
    [[ $stderr == *"is not stored"* ]]
    run -0 tp-bot perf one
    [ "$(tail -n 1 <<<"$output" | jq -r .date)" = 2024-03-03 ]
    [ "$(wc -l <<<"$output")" = 63 ]
    tp-bot perf one --check
    # the sum of the days is what the account has won or lost
    [ "$(jq -s 'map(.daily_pnl | tonumber) | add * 100 | round' <<<"$output")" \
        = "$(tail -n 1 <<<"$output" | jq '.cumulative_pnl | tonumber * 100 | round')" ]
    pg_psql -c "update tp.bot_performance set total_fees = total_fees + 0.00000001 where date = '2024-01-20'"
    run -11 --separate-stderr tp-bot perf one --check
    [[ $stderr == *"2024-01-20: total_fees is stored as"* ]]
    pg_psql -c "update tp.bot_performance set total_fees = total_fees - 0.00000001 where date = '2024-01-20'" \
        -c "update tp.account_equity set last = last - 0.00000001, low = low - 1 where date = '2024-01-25'"
    run -11 --separate-stderr tp-bot perf one --check
    [[ $stderr == *"2024-01-25: the equity was marked as"* ]]
}

@test "parity tells an order of one's own hand and what it is worth" {
    bot one builtin:sma-cross
    tp-bot tick one --until 2024-02-01 >/dev/null
    account=$(tp-bot show one | jq -r .account_id)
    side=$(tp-bot status one | jq -r .side)
    tp-order place --account "$account" -s DEMOUSDT --side "$side" --reduce-only --type MARKET --quantity 0.01 \
        --at 2024-02-01T00:00:00Z >/dev/null
    tp-bot tick one >/dev/null
    run -11 --separate-stderr tp-bot parity one
    [ "$(jq -r 'select(.type == "parity_difference" and .kind == "manual").live_quantity' <<<"$output")" = 0.01000000 ]
    [ "$(jq -r 'select(.type == "bot_parity").unexplained' <<<"$output")" = 0.00000000 ]
    [[ $stderr == *"orders differ from the backtest of the same bars"* ]]
}

@test "a paused bot wants nothing new, and what rests goes on to fill" {
    bot one builtin:rsi-reversion
    tp-bot tick one --until 2024-01-20 >/dev/null
    tp-bot pause one >/dev/null
    before=$(pg_psql -c "select count(*) from tp.orders where role = 'ENTRY'")
    run -0 tp-bot tick one
    [ "$(pg_psql -c "select count(*) from tp.orders where role = 'ENTRY'")" = "$before" ]
    [ "$(tp-bot status one | jq -r .cursor)" = 2024-03-03T12:00:00.000000Z ]
    tp-bot resume one >/dev/null
    run -5 --separate-stderr tp-bot resume one
    [[ $stderr == *"the bot is running"* ]]
}

@test "a bot that is stopped, deleted or was never started is not ticked" {
    tp-bot create one -S builtin:sma-cross -s DEMOUSDT -i 1h >/dev/null
    run -5 --separate-stderr tp-bot tick one
    [[ $stderr == *"the bot is stopped"* && $stderr == *"tp-bot start one"* ]]
    tp-bot start one >/dev/null
    run -5 tp-bot delete one
    tp-bot stop one >/dev/null
    tp-bot delete one >/dev/null
    run -4 tp-bot tick one
    tp-bot restore one >/dev/null
    [ "$(tp-bot list | jq -r .name)" = one ]
}

@test "without --from a bot begins with the next bar, warmed up on those before" {
    tp-bot create one -S builtin:sma-cross -P fast=5 -P slow=20 -s DEMOUSDT -i 1h >/dev/null
    tp-bot start one >"$BATS_TEST_TMPDIR/bot"
    [ "$(jq '(.config.trade_from | sub("\\..*"; "Z") | fromdate) - (.config.from | sub("\\..*"; "Z") | fromdate) >= 20 * 3600' \
        "$BATS_TEST_TMPDIR/bot")" = true ]
    [ "$(jq '(.config.trade_from | sub("\\..*"; "Z") | fromdate) > now' "$BATS_TEST_TMPDIR/bot")" = true ]
    run -0 tp-bot tick one
    [ -z "$output" ]
}

@test "a limit refuses the bot's order, which is kept with the reason" {
    bot one builtin:sma-cross
    tp-risk set --bot one --max-order-size 100 >/dev/null
    tp-bot tick one >/dev/null
    [ "$(pg_psql -c "select count(*) > 0, bool_and(status = 'REJECTED' and reject_reason = 'MAX_ORDER_SIZE') from tp.orders")" = 't|t' ]
    # the replay's orders pass: what it gained or lost by them is told, and nothing is left over
    run -11 tp-bot parity one
    [ "$(jq -r 'select(.type == "parity_difference").kind' <<<"$output" | head -n 1)" = limit ]
    [ "$(jq -r 'select(.type == "bot_parity") | .unexplained + " " + .live_equity' <<<"$output")" = "0.00000000 10000.00000000" ]
}

@test "the capital a bot began with is no loss of any of its days" {
    bot b builtin:sma-cross
    tp-risk set --bot b --max-daily-loss 9000 --max-drawdown 90
    tp-bot tick b >/dev/null
    run -0 pg_psql -c "select reject_reason, count(*) from tp.orders where status = 'REJECTED' group by 1"
    [ -z "$output" ]
    run -0 tp-bot parity b
    [ "$(jq -r .differences <<<"$output")" = 0 ]
}

@test "a ruined account stops its bot with an error" {
    tp-symbol add -e BINANCE FALLUSDT --base FALL --quote USDT --market-type LINEAR --tick-size 0.01 --step-size 0.01 >/dev/null
    printf '2024-01-01T0%d:00:00Z,%s,%s,%s,%s,1000\n' 0 100 100 100 100 1 100 100 40 40 2 40 40 40 40 |
        tp-prices import -q -s FALLUSDT -i 1h --columns time,open,high,low,close,volume - >/dev/null
    printf '{"type":"order","created_at":"2024-01-01T00:00:00Z","side":"LONG","order_type":"MARKET","quantity":"10"}\n' >"$BATS_TEST_TMPDIR/orders"
    tp-bot create one -S builtin:sma-cross -s FALLUSDT -i 1h --from 2024-01-01 -c 200 --set leverage=10 --set liquidation=off >/dev/null
    tp-bot start one >/dev/null
    run -5 --separate-stderr tp-bot tick one --orders "$BATS_TEST_TMPDIR/orders"
    [[ $stderr == *"the account is ruined"* ]]
    [ "$(tp-bot status one | jq -c '[.status, .cursor, .quantity]')" = '["error","2024-01-01T02:00:00.000000Z","10.00000000"]' ]
    [ "$(pg_psql -c "select count(*) from tp.event_queue where event_type = 'bot.error'")" = 1 ]
    run -5 tp-bot tick one
}

@test "run waits for new candles and ends when the bot is stopped" {
    bot one builtin:sma-cross
    tp-bot run one --poll 1 >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" &
    pid=$!
    for ((i = 0; i < 200; i++)); do
        [ "$(tp-bot status one | jq -r .cursor)" != 2024-03-03T12:00:00.000000Z ] || break
        sleep 0.1
    done
    tp-prices generate -q -s DEMOUSDT -i 1h -n 24 --seed 9 --from 2024-03-03T12:00:00Z --store >/dev/null
    for ((i = 0; i < 200; i++)); do
        [ "$(tp-bot status one | jq -r .cursor)" != 2024-03-04T12:00:00.000000Z ] || break
        sleep 0.1
    done
    [ "$(tp-bot status one | jq -r .cursor)" = 2024-03-04T12:00:00.000000Z ]
    tp-bot stop one >/dev/null
    wait $pid
    bot two builtin:sma-cross
    tp-bot run two >/dev/null 2>&1 &
    pid=$!
    sleep 1
    kill -TERM $pid
    rc=0
    wait $pid || rc=$?
    [ $rc = 143 ]
}

@test "another user's bot is not there" {
    bot one builtin:sma-cross
    tp-user add eve@example.com --no-password >/dev/null
    for verb in show start stop pause resume tick run status perf parity delete; do
        run -4 env TP_USER=eve@example.com tp-bot $verb one
    done
    [ -z "$(TP_USER=eve@example.com tp-bot list)" ]
    [ -z "$(TP_USER=eve@example.com tp-bot status)" ]
    TP_USER=eve@example.com tp-bot tick --all
}

@test "what is missing or wrong is told" {
    run -2 --separate-stderr tp-bot create one -s DEMOUSDT -i 1h
    [[ $stderr == *"--strategy NAME is required"* ]]
    run -4 tp-bot create one -S builtin:sma-cross -s NOSUCH -i 1h
    run -4 tp-bot create one -S builtin:nosuch -s DEMOUSDT -i 1h
    run -2 --separate-stderr tp-bot create one -S builtin:sma-cross -s DEMOUSDT -i 1h --set nonsense=1
    [[ $stderr == *"--set"* ]]
    run -5 tp-bot create one -S builtin:pairs -s DEMOUSDT -i 1h
    run -2 tp-bot tick
    run -4 --separate-stderr tp-bot tick nobody
    [[ $stderr == *"'tp-bot list' shows them"* ]]
    [ "$(pg_psql -c "select count(*) from tp.accounts")" = 0 ]
}

@test "a bot's position that is closed by hand is closed at the next candle; the bot goes on, and parity tells" {
    bot it builtin:sma-cross
    day=1
    until [ "$(tp-position list | wc -l)" = 1 ]; do
        day=$((day + 1))
        [ $day -lt 28 ]
        tp-bot tick it --until "2024-01-$(printf '%02d' $day)" >/dev/null
    done
    position=$(tp-position list | jq -r .id)
    run -5 tp-order place -a "$(tp-bot show it | jq -r .account_id)" -s DEMOUSDT --side LONG --type MARKET --quantity 1
    [ "$(tp-position close "$position" --at "2024-01-$(printf '%02d' $day)" | jq -c '[.status, .reduce_only, .reason]')" = '["PENDING",true,"close"]' ]
    tp-bot tick it --until "2024-01-$(printf '%02d' $((day + 1)))" >/dev/null
    [ "$(tp-position show "$position" | jq -r .status)" = CLOSED ]
    [ "$(tp-position show "$position" | jq -r .closed_at)" = "2024-01-$(printf '%02d' $day)T00:00:00.000000Z" ]
    tp-bot tick it >/dev/null
    [ "$(pg_psql -c "select count(*) > 3 from tp.positions where opened_at > '2024-01-$(printf '%02d' $((day + 1)))'")" = t ]
    tp-position rebuild --check 2>/dev/null
    run -11 --separate-stderr tp-bot parity it
    [ "$(tail -n 1 <<<"$output" | jq -r .unexplained)" = 0.00000000 ]
}

@test "what a stopped bot has left behind goes on to meet the market, and nothing new is wanted" {
    bot it builtin:sma-cross
    day=1
    until [ "$(tp-position list | wc -l)" = 1 ]; do
        day=$((day + 1))
        [ $day -lt 28 ]
        tp-bot tick it --until "2024-01-$(printf '%02d' $day)" >/dev/null
    done
    tp-bot stop it >/dev/null
    made=$(pg_psql -c 'select count(*) from tp.orders')
    # named, it says that it is stopped; its position is marked all the same
    run -5 --separate-stderr tp-bot tick it --until "2024-01-$(printf '%02d' $((day + 1)))"
    [[ $stderr == *"the bot is stopped: only its orders and its position have met the candles"* ]]
    [ "$(tp-bot status it | jq -c '[.status, .cursor]')" = "[\"stopped\",\"2024-01-$(printf '%02d' $((day + 1)))T00:00:00.000000Z\"]" ]
    run -5 tp-bot run it
    run -5 --separate-stderr tp-bot delete it
    [[ $stderr == *"a position that is open"*"tp-position close"* ]]
    run -10 --separate-stderr tp-risk halt
    run -0 --separate-stderr tp-bot tick --all
    [ "$(jq -r 'select(.type == "order_event") | [.event, .reason] | join(" ")' <<<"$output")" = 'FILLED halt' ]
    tp-risk halt >/dev/null
    [ -z "$(tp-position list)" ]
    [ "$(pg_psql -c 'select count(*) from tp.orders')" = $((made + 1)) ]
    # nothing is left: it is not looked at any more
    run -0 --separate-stderr tp-bot tick --all
    [ -z "$output$stderr" ]
    run -5 --separate-stderr tp-bot tick it
    [[ $stderr == *"the bot is stopped"* && $stderr != *only* ]]
    tp-bot delete it >/dev/null
    tp-bot restore it >/dev/null
    tp-bot perf it >/dev/null
    tp-bot perf it --check 2>/dev/null
    tp-position rebuild --check 2>/dev/null
}
