#!/usr/bin/env bats
# Every case of tests/scenario as a paper bot: the same events, fills, funding, round trips and equity as the backtest,
# with all bars in one tick and with a process for each bar, which proves that what a bot is lives in its rows; and its
# orders placed by hand, which the stored candles meet.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json
    unset TP_USER
    pg_fresh_db scenarios
    pg_psql -1 -f "$PG_SQL/seeds/dev.sql"
    export TP_USER=demo@example.com
    cd "$BATS_FILE_TMPDIR"
    split
    world
    backtests
}

teardown_file() {
    pg_stop
}

# RULE.NUMBER.orders, .candles (rates before them), .sets; bars.txt has the closes of each case's bars.
split() {
    awk 'FNR == 1 { rule = FILENAME; gsub(/.*\/|\.jsonl$/, "", rule); count = 0 }
         /"type":"scenario"/ { n = sprintf("%s.%03d", rule, ++count); print > (n ".sets"); next }
         /"type":"order",/ { print > (n ".orders"); next }
         /"type":"(market_price|funding_rate)",/ { sub(/"symbol":"TEST"/, "\"symbol\":\"" n "\""); print > (n ".candles") }' \
        "$BATS_TEST_DIRNAME"/../scenario/*.jsonl
    jq -r 'select(.type == "market_price")
           | {"1h": 3600, "4h": 14400, "1d": 86400}[.interval] as $length
           | [.symbol, (.timestamp | sub("\\.[0-9]+Z$"; "Z") | fromdateiso8601 + $length | todateiso8601)] | @tsv' ./*.candles > bars.txt
}

# Instruments, candles, rates, and two bots of each case: one for all bars at once, one for bar after bar.
world() {
    jq -c '{name: (input_filename | ltrimstr("./") | rtrimstr(".sets")), title,
            limits: (.set | map(select(test("^(tick_size|step_size|min_|initial_capital)")) | split("=") | {(.[0]): .[1]}) | add // {}),
            set: (.set | map(select(test("^(tick_size|step_size|min_|initial_capital|end_of_data)") | not)
                             | split("=") | {(.[0]): .[1]}) | add // {})}' ./*.sets > cases.jsonl
    jq -c 'select(.type == "market_price")' ./*.candles > candles.jsonl
    jq -c 'select(.type == "funding_rate")' ./*.candles > rates.jsonl
    jq -c '{name: (input_filename | ltrimstr("./") | rtrimstr(".orders")), hedge: (.position_mode == "HEDGE")}' ./*.orders \
        | sort -u > modes.jsonl
    pg_psql -v cases="$(jq -sc . cases.jsonl)" -v candles="$(jq -sc . candles.jsonl)" -v rates="$(jq -sc . rates.jsonl)" \
        -v modes="$(jq -sc . modes.jsonl)" <<'SQL'
select tp.ensure_partitions('tp.market_prices_long', '2025-01-01', '2025-02-01') \g /dev/null
create table public.cases as
select c.name, c.limits, c.set, m.hedge
  from jsonb_to_recordset(:'cases') as c (name text, limits jsonb, set jsonb)
  join jsonb_to_recordset(:'modes') as m (name text, hedge boolean)
    on m.name = c.name;
insert into tp.symbols (exchange_id, symbol, base_currency, quote_currency, settle_currency, market_type, tick_size,
                        step_size, min_quantity, min_notional, price_precision, quantity_precision)
select e.id, c.name, 'TEST', 'USDT', 'USDT', 'LINEAR', t.tick, t.step, (c.limits ->> 'min_quantity')::numeric,
       (c.limits ->> 'min_notional')::numeric, scale(trim_scale(t.tick)), scale(trim_scale(t.step))
  from tp.exchanges e, public.cases c,
       lateral (values (coalesce((c.limits ->> 'tick_size')::numeric, 1e-8),
                        coalesce((c.limits ->> 'step_size')::numeric, 1e-8))) as t (tick, step)
 where e.code = 'BINANCE';
insert into tp.market_prices (timestamp, exchange_id, symbol, interval, source, open, high, low, close, volume)
select p.timestamp, e.id, p.symbol, p.interval, coalesce(p.source, 'IMPORT'), p.open, p.high, p.low, p.close, p.volume
  from tp.exchanges e,
       jsonb_to_recordset(:'candles') as p (timestamp timestamptz, symbol text, interval text, source text, open numeric,
                                            high numeric, low numeric, close numeric, volume numeric)
 where e.code = 'BINANCE';
insert into tp.funding_rates (exchange_id, symbol, funding_time, rate, mark_price)
select e.id, r.symbol, r.funding_time, r.rate, r.mark_price
  from tp.exchanges e,
       jsonb_to_recordset(:'rates') as r (symbol text, funding_time timestamptz, rate numeric, mark_price numeric)
 where e.code = 'BINANCE';
insert into tp.strategies (user_id, name, version, type, parameters, content_sha256)
select u.id, 'none', '1.0.0', 'technical', '{}', repeat('0', 64) from tp.users u;
insert into tp.accounts (user_id, exchange_id, environment, currency, name, position_mode, initial_balance, settings)
select u.id, e.id, 'PAPER', 'USDT', c.name || b.suffix, case when c.hedge then 'HEDGE' else 'ONE_WAY' end,
       coalesce((c.limits ->> 'initial_capital')::numeric, 10000),
       jsonb_build_object('profile', 'conservative', 'set', c.set)
  from tp.users u, tp.exchanges e, public.cases c, (values ('-once'), ('-each'), ('-hand')) as b (suffix)
 where e.code = 'BINANCE';
insert into tp.ledger_entries (user_id, account_id, at, kind, amount)
select a.user_id, a.id, '2024-01-01', 'DEPOSIT', a.initial_balance from tp.accounts a;
insert into tp.bots (user_id, strategy_id, account_id, name, status, config)
select a.user_id, s.id, a.id, a.name, 'running',
       jsonb_build_object('exchange', 'BINANCE', 'symbol', left(a.name, -5), 'params', '{}'::jsonb,
                          'interval', (select max(p.interval) from tp.market_prices p where p.symbol = left(a.name, -5)),
                          'from', '2024-01-01T00:00:00Z', 'trade_from', '2024-01-01T00:00:00Z')
  from tp.accounts a, tp.strategies s
 where a.name not like '%-hand';
SQL
    tp-symbol list -e BINANCE > symbols.jsonl
}

# What happened, without what a run or a bot gives its own names.
bare() { # SUFFIX of the files RULE.NUMBER.SUFFIX
    jq -r 'select(.type != "backtest" and .reason != "END_OF_DATA")
           | del(.id, .order_id, .user_id, .position_id, .metadata, .number) | input_filename + " " + tojson' -- *."$1" \
        | sed "s/\\.$1 / /"
}

backtests() {
    local name sets
    while read -r name; do
        mapfile -t sets < <(jq -r '.set[] | select(startswith("end_of_data=") | not) | "--set=" + .' "$name.sets")
        jq -c --arg s "$name" 'select(.symbol == $s)' symbols.jsonl > instrument
        tp-backtest run -q --allow-synthetic --instrument instrument "${sets[@]}" --set end_of_data=keep_open \
            --orders "$name.orders" "$name.candles" > "$name.want" || return 1
    done < <(jq -r .name cases.jsonl)
    bare want > want.txt
}

# The cases in which a bot did something else, with their titles.
compare() { # SUFFIX
    local name bad=0
    bare "$1" > "$1.txt"
    while read -r name; do
        bad=1
        jq -r --arg n "$name" 'select(.name == $n) | "# " + .name + ": " + .title' cases.jsonl
        diff <(grep "^$name " want.txt) <(grep "^$name " "$1.txt") | head -n 6 || true
    done < <(diff want.txt "$1.txt" | sed -n 's/^[<>] \([^ ]*\) .*/\1/p' | sort -u)
    [ "$bad" = 0 ]
}

# An account that is ruined ends its bot with exit 5 (R23); what it did is printed all the same.
tick() {
    tp-bot tick "$@" --trades --equity 2>> said || [ $? = 5 ]
}

@test "all bars at once give what the backtest gives, in every case" {
    cd "$BATS_FILE_TMPDIR"
    while read -r name; do
        tick "$name-once" --orders "$name.orders" > "$name.once"
    done < <(jq -r .name cases.jsonl)
    compare once
    [ "$(wc -l < cases.jsonl)" = "$(grep -c '"type":"scenario"' <(cat "$BATS_TEST_DIRNAME"/../scenario/*.jsonl))" ]
    [ -s want.txt ]
}

@test "a process for each bar gives the same" {
    cd "$BATS_FILE_TMPDIR"
    while read -r name until; do
        tick "$name-each" --until "$until" --orders "$name.orders" >> "$name.each"
    done < bars.txt
    compare each
}

# By hand an order that cannot be is refused when it is placed, not by a bar; and none is rounded: what is off the
# grid (R14) is an error.
met() {
    grep -e '"type":"trade"' -e '"type":"order_event"' "$1.txt" | grep -v -e '"event":"PENDING"' -e '"event":"REJECTED"' \
        -e '^R14\.00[1-4] ' > "$1.met"
}

@test "placed by hand, the orders are filled by the stored candles as in the backtest" {
    cd "$BATS_FILE_TMPDIR"
    while read -r name; do
        # the groups of the bots have ended
        jq -c --arg s "$name" '.symbol = $s | .exchange = "BINANCE" | del(.id)
                               | if .group_id then .group_id |= "11111111" + .[8:] else . end' "$name.orders" |
            tp-order place -a "$name-hand" - > "$name.placed" 2>> said || true
        tp-order sync "$name-hand" > "$name.hand" 2>> said || true
    done < <(jq -r .name cases.jsonl)
    bare hand > hand.txt
    met want
    met hand
    diff want.met hand.met
    run -0 grep -L 'is no multiple of' R14.00[1-4].placed
    [ -z "$output" ]
    run -0 grep -l '"type":"error"' -- *.placed
    [[ $output != *R1[0-3].* ]] && [[ $output != *R[2-9]* ]]
}

@test "the books of every account add up" {
    cd "$BATS_FILE_TMPDIR"
    [ -z "$(pg_psql -c 'select account_id from tp.account_balances b join tp.accounts a on a.id = b.account_id
                         where b.balance <> a.balance')" ]
    # results of positions, fees and funding among them, are what the balance has changed by
    [ -z "$(pg_psql -c "select a.name, a.balance - a.initial_balance, coalesce(sum(p.realized_pnl), 0)
                          from tp.accounts a left join tp.positions p on p.account_id = a.id
                         group by a.id having a.balance - a.initial_balance <> coalesce(sum(p.realized_pnl), 0)")" ]
    # both bots of a case leave the same rows
    for suffix in once each; do
        pg_psql -c "select p.symbol, p.side, p.opened_at, p.entry_price, p.liquidation_price, p.quantity, p.realized_pnl,
                           p.margin_used, p.status, p.closed_at
                      from tp.positions p join tp.accounts a on a.id = p.account_id
                     where a.name like '%-$suffix' order by 1, 2, 3, 7" \
            -c "select left(a.name, -5), l.kind, l.at, l.amount from tp.ledger_entries l join tp.accounts a on a.id = l.account_id
                 where a.name like '%-$suffix' order by 1, 2, 3, 4" > "rows.$suffix"
    done
    diff rows.once rows.each
}

@test "a liquidation and funding stand in the rows" {
    run -0 pg_psql -c "select p.status, p.realized_pnl, p.quantity from tp.positions p join tp.accounts a on a.id = p.account_id
                        where a.name = 'R17.001-once'"
    [ "$output" = 'LIQUIDATED|-100.00000000|0.00000000' ]
    run -0 pg_psql -c "select l.kind, l.amount from tp.ledger_entries l join tp.accounts a on a.id = l.account_id
                        where a.name = 'R17.001-once' and l.kind <> 'DEPOSIT'"
    [ "$output" = 'LIQUIDATION|-100.00000000' ]
    run -0 pg_psql -c "select o.role, o.status, o.avg_fill_price from tp.orders o join tp.accounts a on a.id = o.account_id
                        where a.name = 'R17.001-once' order by o.created_at"
    [ "$output" = $'ENTRY|FILLED|100.00000000\nLIQUIDATION|FILLED|90.00000000' ]
    run -0 pg_psql -c "select count(*) from tp.event_queue e where e.event_type = 'position.liquidated'"
    [ "$output" -gt 0 ]
    run -0 pg_psql -c "select p.liquidation_price from tp.positions p join tp.accounts a on a.id = p.account_id
                        where a.name = 'R17.002-once'"
    [ "$output" = 90.90909091 ]
    run -0 pg_psql -c "select l.at, l.amount, f.rate, f.amount, f.currency, p.realized_pnl
                         from tp.ledger_entries l join tp.accounts a on a.id = l.account_id
                         join tp.positions p on p.id = l.position_id
                         join tp.funding_payments f on f.position_id = p.id and f.funding_time = l.at
                        where a.name = 'R16.001-once' and l.kind = 'FUNDING'"
    [ "$output" = '2025-01-01 08:00:00+00|-0.10200000|0.000100000000|-0.10200000|USDT|-0.10200000' ]
}

@test "every position is what its fills and its funding make it" {
    run -0 --separate-stderr tp-position rebuild --check
    [ -z "$output" ]
    [[ $stderr == *" fills, "*" positions, "*" orders checked: 0 differences"* ]]
}
