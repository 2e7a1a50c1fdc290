#!/usr/bin/env bats
# A hundred thousand orders under kill -9 about every second: placed with their keys, filled by candles, proved from
# their fills.  ORDERS (100000), SEED for the moments.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json ORDERS=${ORDERS:-100000} SEED=${SEED:-$$}
    export TP_USER=ann@example.org
    echo "# SEED=$SEED ORDERS=$ORDERS" >&3
    pg_fresh_db orders
    tp-user add "$TP_USER" --no-password >/dev/null
    tp-user account add -e BINANCE --name main --initial-balance 10000 >/dev/null
    tp-symbol add -e BINANCE BTCUSDT --base BTC --quote USDT --market-type LINEAR --tick-size 0.01 --step-size 0.001 >/dev/null
}

teardown_file() {
    pg_stop
}

# Fifty in within one minute, fifty out within the next.
keyed() {
    awk -v n="$1" 'BEGIN {
        for (i = 1; i <= n; i++) {
            minute = int((i - 1) / 50)
            printf "{\"symbol\":\"BTCUSDT\",\"side\":\"LONG\",\"order_type\":\"MARKET\",\"quantity\":\"0.001\",\"reduce_only\":%s,", minute % 2 ? "true" : "false"
            printf "\"created_at\":\"2025-01-%02dT%02d:%02d:00Z\",\"idempotency_key\":\"k%d\"}\n", 1 + minute / 1440, minute / 60 % 24, minute % 60, i
        }
    }'
}

once_each() {
    [ "$(pg_psql -c "select (select count(*) from tp.orders), (select count(*) from tp.order_idempotency),
        (select count(distinct ordering_key) from tp.event_queue where event_type = 'order.pending'),
        (select count(*) from tp.event_queue where event_type = 'order.pending')")" = "$1|$1|$1|$1" ]
}

# killed COMMAND...: within a second or so, or done before; $kills counts.
killed() {
    timeout --foreground -s KILL "$(awk -v r=$RANDOM 'BEGIN { printf "%.3f", 0.5 + r / 32768 }')" "$@" 2>said || kills=$((kills + 1))
    [ ! -s said ] || { cat said; return 1; }
}

@test "a long batch, killed about every second and continued with its keys, is exactly its orders" {
    RANDOM=$SEED
    cd "$BATS_FILE_TMPDIR"
    keyed "$ORDERS" >input
    : >answers
    kills=0
    while [ "$(wc -l <answers)" -lt "$ORDERS" ]; do
        tail -n +$(($(wc -l <answers) + 1)) input >rest
        killed tp-order place - <rest >>answers
        # half a line that was being written is no answer
        [ -z "$(tail -c 1 answers)" ] || sed -i '$d' answers
    done
    echo "# $kills kills" >&3
    [ "$(jq -r .id answers | sort -u | wc -l)" = "$ORDERS" ]
    once_each "$ORDERS"
    # each answer is the order of its line's key
    pg_psql -c "select order_id from tp.order_idempotency order by substr(key, 2)::integer" >stored
    jq -r .id answers | cmp - stored
    # and once more, without a kill: nothing new
    tp-order place - <input | jq -r .replayed | sort | uniq -c | xargs >replayed
    [ "$(<replayed)" = "$ORDERS true" ]
    once_each "$ORDERS"
}

@test "candles fill them, killed about every second: each fill once, every position is equal to its fills" {
    RANDOM=$SEED
    cd "$BATS_FILE_TMPDIR"
    tp-prices -q generate -s BTCUSDT -i 1m --from 2025-01-01 --count $((ORDERS / 50 + 1)) --seed 3 --store >/dev/null
    kills=0
    while [ "$(pg_psql -c "select count(*) from tp.orders where status = 'PENDING'")" -gt 0 ]; do
        killed tp-order sync -q >/dev/null
    done
    echo "# $kills kills" >&3
    [ "$(pg_psql -c "select (select count(*) from tp.trades), (select count(*) from tp.positions where status = 'CLOSED'),
                            (select count(*) from tp.orders where status = 'FILLED')")" = "$ORDERS|$((ORDERS / 100))|$ORDERS" ]
    run -0 --separate-stderr tp-position rebuild --check
    [ -z "$output" ]
    echo "# $stderr" >&3
}
