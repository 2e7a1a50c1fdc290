#!/usr/bin/env bats
# The gate: the one door through which orders come into being, with limits, keys and events.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    . "$BATS_TEST_DIRNAME/../lib/world.bash"
    world_make gate
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    . "$BATS_TEST_DIRNAME/../lib/world.bash"
    PATH=${TP_BUILD:-$PWD}:$BATS_TEST_DIRNAME/../../build:$PATH
    placer=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}/tests/lib/placer
    export TP_USER=ann@example.org
    cd "$BATS_TEST_TMPDIR"
    world_reset
    account=$(of ann "select a.id from tp.accounts a where a.user_id = u.id and a.name = 'main'")
}

# limit BOT|user COLUMN VALUE
limit() {
    pg_psql -c "insert into tp.risk_limits (user_id, bot_id, $2)
                select u.id, (select b.id from tp.bots b where b.user_id = u.id and b.name = '$1'), '$3'
                  from tp.users u where u.email = 'ann@example.org'"
}

@test "an order is stored with its event and the account's revision" {
    before=$(pg_psql -c "select revision from tp.accounts where id = '$account'")
    run -0 --separate-stderr "$placer" <<<"$(order)"
    [[ $output == "ADDED PENDING - "* ]]
    id=${output##* }
    [ "$(pg_psql -c "select status, submit_state, quantity, price, role, work - 'number', work ->> 'number' > '0' from tp.orders where id = '$id'")" = \
        'PENDING|NEW|1.00000000|100.00000000|ENTRY|{}|t' ]
    [ "$(pg_psql -c "select event_type, ordering_key, payload ->> 'type', payload ->> 'price' from tp.event_queue")" = \
        "order.pending|order:$id|order|100.00000000" ]
    [ "$(pg_psql -c "select updated_at = (select (payload ->> 'updated_at')::timestamptz from tp.event_queue)
                       from tp.orders where id = '$id'")" = t ]
    [ "$(pg_psql -c "select revision from tp.accounts where id = '$account'")" = $((before + 1)) ]
}

@test "a batch is one transaction: all of it or nothing" {
    { order; order '{"symbol": "NOSUCH"}'; } >two
    run -4 --separate-stderr "$placer" 2 <two
    [[ $stderr == *"an order names an account, a bot, an instrument, a parent or a position that is not there"* ]]
    [ "$(count orders)" = 0 ]
    [ "$(count event_queue)" = 0 ]
    { order; order '{"exchange": "NOSUCH"}'; } >two
    run -4 --separate-stderr "$placer" 2 <two
    [[ $stderr == *"there is no exchange 'NOSUCH'"* ]]
    [ "$(count orders)" = 0 ]
}

@test "the same key and body give the same order; another body is refused" {
    run -0 --separate-stderr "$placer" <<<"$(order '{"idempotency_key": "k1"}')"
    id=${output##* }
    run -0 --separate-stderr "$placer" <<<"$(order '{"idempotency_key": "k1"}')"
    [ "$output" = "REPLAYED PENDING - $id" ]
    run -0 --separate-stderr "$placer" <<<"$(order '{"idempotency_key": "k1", "quantity": "2"}')"
    [[ $output == "TAKEN "* ]]
    [ "$(count orders)" = 1 ]
    [ "$(count event_queue)" = 1 ]
}

@test "a key that stands twice in a batch makes one order" {
    { order '{"idempotency_key": "k"}'; order '{"idempotency_key": "k"}'; order '{"idempotency_key": "k", "price": "99"}'
        order; } >four
    run -0 --separate-stderr "$placer" 10 <four
    [[ ${lines[0]} == "ADDED PENDING - "* ]]
    [ "${lines[1]}" = "REPLAYED PENDING - ${lines[0]##* }" ]
    [[ ${lines[2]} == "TAKEN "* ]]
    [[ ${lines[3]} == "ADDED PENDING - "* ]]
    [ "$(count orders)" = 2 ]
}

@test "a key belongs to its user" {
    run -0 --separate-stderr "$placer" <<<"$(order '{"idempotency_key": "k"}')"
    account=$(of bob "select a.id from tp.accounts a where a.user_id = u.id and a.name = 'main'")
    TP_USER=bob@example.org run -0 --separate-stderr "$placer" <<<"$(order '{"idempotency_key": "k"}')"
    [[ $output == "ADDED PENDING - "* ]]
    [ "$(count orders)" = 2 ]
}

@test "two programs with the same keys at once make each order once" {
    line=$(order '{"idempotency_key": "race-N"}')
    for i in {1..200}; do echo "${line/race-N/race-$i}"; done >many
    "$placer" 7 <many >first &
    "$placer" 3 <many >second
    wait $!
    [ "$(count orders)" = 200 ]
    [ "$(count order_idempotency)" = 200 ]
    [ "$(count event_queue)" = 200 ]
    # each line was answered with the same order by both
    [ "$(cut -d' ' -f4 first)" = "$(cut -d' ' -f4 second)" ]
    [ "$(cat first second | grep -c ^ADDED)" = 200 ]
    [ "$(cat first second | grep -c ^REPLAYED)" = 200 ]
}

@test "another user's account, bot or parent cannot be named" {
    theirs=$(of bob "select a.id from tp.accounts a where a.user_id = u.id and a.name = 'main'")
    run -4 --separate-stderr "$placer" <<<"$(order "{\"account_id\": \"$theirs\"}")"
    run -4 --separate-stderr "$placer" <<<"$(order "{\"bot_id\": \"$(of bob \
        "select b.id from tp.bots b where b.user_id = u.id and b.name = 'one'")\"}")"
    account=$theirs
    TP_USER=bob@example.org run -0 --separate-stderr "$placer" <<<"$(order)"
    parent=${output##* }
    account=$(of ann "select a.id from tp.accounts a where a.user_id = u.id and a.name = 'main'")
    run -4 --separate-stderr "$placer" <<<"$(order "{\"parent_order_id\": \"$parent\"}")"
    [ "$(count orders)" = 1 ]
}

@test "an order over a limit is stored REJECTED with the reason, and told" {
    limit user max_order_size 100
    run -0 --separate-stderr "$placer" 2 <<<"$(order; order '{"price": "100.01"}')"
    [[ ${lines[0]} == "ADDED PENDING - "* ]]
    [[ ${lines[1]} == "ADDED REJECTED MAX_ORDER_SIZE "* ]]
    [ "$(pg_psql -c 'select string_agg(event_type, chr(32) order by id) from tp.event_queue')" = \
        'order.pending order.rejected risk.refused' ]
    [ "$(pg_psql -c "select payload ->> 'reject_reason' from tp.event_queue where event_type = 'risk.refused'")" = MAX_ORDER_SIZE ]
}

@test "what stands already and what the batch has asked for count together" {
    limit user max_position_size 250
    for i in 1 2 3 4; do order; done >four
    run -0 --separate-stderr "$placer" 4 <four
    [ "$(cut -d' ' -f2,3 <<<"$output" | xargs)" = 'PENDING - PENDING - REJECTED MAX_POSITION_SIZE REJECTED MAX_POSITION_SIZE' ]
    # one transaction each, and the next program, find the same
    run -0 --separate-stderr "$placer" 1 <<<"$(order; order '{"quantity": "0.5"}'; order '{"quantity": "0.001"}')"
    [ "$(cut -d' ' -f2 <<<"$output" | xargs)" = 'REJECTED PENDING REJECTED' ]
    # another side, another instrument and what only reduces are counted apart
    run -0 --separate-stderr "$placer" <<<"$(order '{"symbol": "ETHUSDT"}'; order '{"reduce_only": true}')"
    [ "$(cut -d' ' -f2 <<<"$output" | xargs)" = 'PENDING PENDING' ]
}

@test "without a known price a limit on notional refuses what could cost any price" {
    limit user max_order_size 100
    run -0 --separate-stderr "$placer" <<<"$(order '{"order_type": "MARKET", "price": null}')"
    [[ $output == "ADDED REJECTED NO_PRICE "* ]]
    pg_psql -c "select tp.ensure_partitions('tp.market_prices_1m', now() - interval '1 day', now())" >/dev/null
    pg_psql -c "insert into tp.market_prices (timestamp, exchange_id, symbol, interval, source, open, high, low, close, volume)
                select date_trunc('hour', now()) - interval '2 hours', e.id, 'BTCUSDT', '1m', 'IMPORT', 90, 95, 85, 90, 1
                  from tp.exchanges e where e.code = 'BINANCE'"
    run -0 --separate-stderr "$placer" <<<"$(order '{"order_type": "MARKET", "price": null}'
        order '{"order_type": "MARKET", "price": null, "quantity": "1.2"}'
        order '{"side": "SHORT", "price": "1"}'
        order '{"side": "SHORT", "price": "1", "quantity": "1.2"}')"
    [ "$(cut -d' ' -f2,3 <<<"$output" | xargs)" = 'PENDING - REJECTED MAX_ORDER_SIZE PENDING - REJECTED MAX_ORDER_SIZE' ]
    # what rests without a price of its own is measured at the market, as it was asked for
    limit one max_order_size 1
    pg_psql -c "update tp.risk_limits set max_position_size = 200, max_order_size = null where bot_id is null"
    run -0 --separate-stderr "$placer" <<<"$(order '{"side": "SHORT", "price": "110"}'; order '{"side": "SHORT", "price": "109"}')"
    [ "$(cut -d' ' -f2,3 <<<"$output" | xargs)" = 'PENDING - REJECTED MAX_POSITION_SIZE' ]
}

@test "a bot's limits are its own, the user's hold over all of them" {
    limit one max_position_size 100
    limit user max_position_size 150
    one=$(bot one) two=$(bot two)
    run -0 --separate-stderr "$placer" <<<"$(order "{\"bot_id\": \"$one\"}"
        order "{\"bot_id\": \"$one\", \"quantity\": \"0.1\"}"
        order "{\"bot_id\": \"$two\", \"quantity\": \"0.5\"}"
        order "{\"bot_id\": \"$two\", \"quantity\": \"0.1\"}")"
    [ "$(cut -d' ' -f2 <<<"$output" | xargs)" = 'PENDING REJECTED PENDING REJECTED' ]
}

@test "two bots of one user, racing, never pass the user's limit together" {
    limit user max_position_size 5000
    for b in one two; do
        id=$(bot $b)
        line=$(order "{\"bot_id\": \"$id\", \"quantity\": \"0.1\"}")
        for i in {1..500}; do echo "$line"; done >"$b"
    done
    "$placer" 1 <one >first &
    "$placer" 1 <two >second
    wait $!
    [ "$(cat first second | wc -l)" = 1000 ]
    [ "$(cat first second | grep -c '^ADDED PENDING')" = 500 ]
    [ "$(cat first second | grep -c '^ADDED REJECTED MAX_POSITION_SIZE')" = 500 ]
    [ "$(pg_psql -c "select sum(quantity * price) from tp.orders where status = 'PENDING'")" = 5000.0000000000000000 ]
}

@test "two programs that place for two bots, racing, never pass the user's limit together" {
    limit user max_position_size 5000
    for b in one two; do
        line=$(order "{\"bot_id\": \"$(bot $b)\", \"quantity\": \"0.1\"}")
        for i in {1..500}; do echo "$line"; done >"$b"
    done
    # one order a transaction beside one that places a hundred
    "$placer" 1 <one >first &
    pid=$!
    tp-order place - -o json <two >second || [ $? = 13 ] # 13: some were refused
    wait $pid
    [ "$(jq -r 'select(.status == "PENDING") | .id' second | wc -l)" = "$((500 - $(grep -c '^ADDED PENDING' first)))" ]
    [ "$(pg_psql -c "select count(*), sum(quantity * price) from tp.orders where status = 'PENDING'")" = '500|5000.0000000000000000' ]
    [ "$(count "orders where reject_reason = 'MAX_POSITION_SIZE'")" = 500 ]
}

@test "a halt refuses whatever opens something, in its scope alone" {
    pg_psql -c "insert into tp.risk_halts (user_id, bot_id, reason, halted_by)
                select user_id, id, 'test', 'test' from tp.bots where id = '$(bot one)'"
    run -0 --separate-stderr "$placer" <<<"$(order "{\"bot_id\": \"$(bot one)\"}"; order "{\"bot_id\": \"$(bot two)\"}"
        order "{\"bot_id\": \"$(bot one)\", \"reduce_only\": true}")"
    [ "$(cut -d' ' -f2,3 <<<"$output" | xargs)" = 'REJECTED HALTED PENDING - PENDING -' ]
    pg_psql -c "insert into tp.risk_halts (user_id, reason, halted_by)
                select id, 'test', 'test' from tp.users where email = 'ann@example.org'"
    run -0 --separate-stderr "$placer" <<<"$(order)"
    [[ $output == "ADDED REJECTED HALTED "* ]]
}

@test "a loss of the day that reached its limit stops new orders, a deposit does not hide it" {
    limit user max_daily_loss 100
    pg_psql -c "insert into tp.ledger_entries (user_id, account_id, at, kind, amount)
                select user_id, id, now(), k, n from tp.accounts, (values ('DEPOSIT', 10000), ('PNL', -99.99)) v (k, n)
                 where id = '$account'"
    run -0 --separate-stderr "$placer" <<<"$(order)"
    [[ $output == "ADDED PENDING - "* ]]
    pg_psql -c "insert into tp.ledger_entries (user_id, account_id, at, kind, amount)
                select user_id, id, now(), k, n from tp.accounts, (values ('DEPOSIT', 500), ('FEE', -0.01)) v (k, n)
                 where id = '$account'"
    run -0 --separate-stderr "$placer" <<<"$(order; order '{"reduce_only": true}')"
    [ "$(cut -d' ' -f2,3 <<<"$output" | xargs)" = 'REJECTED MAX_DAILY_LOSS PENDING -' ]
}

@test "limits hold whatever happens between two transactions of one program" {
    limit user max_position_size 300
    mkfifo lines
    "$placer" 1 <lines >answers &
    exec 9>lines
    order >&9
    until [ "$(wc -l <answers)" = 1 ]; do sleep 0.01; done
    # somebody else takes what is left
    run -0 --separate-stderr "$placer" <<<"$(order; order)"
    order >&9
    exec 9>&-
    wait $!
    [ "$(cut -d' ' -f2,3 answers | xargs)" = 'PENDING - REJECTED MAX_POSITION_SIZE' ]
}
