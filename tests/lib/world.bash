# shellcheck shell=bash
# A small world to trade in: ann and bob, each with a paper account "main" of 10,000 USDT at BINANCE and two bots
# "one" and "two"; BTCUSDT and ETHUSDT.  After pg_start; wants tests/lib/pg.bash and jq.
#
#   world_make NAME          the database
#   world_reset              everybody's orders, positions, limits and halts are gone
#   of USER SQL              a value; SQL may say u.id
#   bot NAME                 id of ann's bot
#   order [MEMBERS]          the record of a LONG limit order of 1 BTCUSDT at 100 of $account, with these members
#   position SIDE QUANTITY [SYMBOL [BOT]]   gives ann an open position, entered and marked at 100; prints its id
#   count TABLE              rows of tp.TABLE

world_make() {
    pg_fresh_db "$1"
    pg_psql <<'SQL'
insert into tp.users (email, password_hash)
select u || '@example.org', '!' from unnest(array['ann', 'bob']) u;
insert into tp.symbols (exchange_id, symbol, base_currency, quote_currency, settle_currency, market_type, status,
                        tick_size, step_size, price_precision, quantity_precision)
select e.id, s, left(s, 3), 'USDT', 'USDT', 'LINEAR', 'TRADING', 0.01, 0.001, 2, 3
  from tp.exchanges e, unnest(array['BTCUSDT', 'ETHUSDT']) s
 where e.code = 'BINANCE';
insert into tp.accounts (user_id, exchange_id, environment, currency, name)
select u.id, e.id, 'PAPER', 'USDT', 'main'
  from tp.users u, tp.exchanges e
 where e.code = 'BINANCE';
insert into tp.strategies (user_id, name, version, type, parameters, content_sha256)
select u.id, 's', '1.0.0', 'technical', '{}', repeat('0', 64) from tp.users u;
insert into tp.bots (user_id, strategy_id, name)
select s.user_id, s.id, n from tp.strategies s, unnest(array['one', 'two']) n;
SQL
}

world_reset() {
    # as a replica: the ledger cannot be emptied otherwise
    pg_psql -c 'set session_replication_role = replica' -c 'set client_min_messages = warning' \
        -c 'truncate tp.orders, tp.order_idempotency, tp.event_queue, tp.positions, tp.trades, tp.ledger_entries,
                     tp.account_equity, tp.risk_limits, tp.risk_halts, tp.market_prices cascade' \
        -c 'update tp.accounts set balance = 10000, cursor = null' \
        -c "insert into tp.ledger_entries (user_id, account_id, at, kind, amount)
            select a.user_id, a.id, now(), 'DEPOSIT', 10000 from tp.accounts a"
}

of() {
    pg_psql -c "select ($2) from tp.users u where u.email = '$1@example.org'"
}

bot() {
    of ann "select b.id from tp.bots b where b.user_id = u.id and b.name = '$1'"
}

order() {
    jq -nc --arg account "$account" --argjson more "${1:-{\}}" '{type: "order", account_id: $account, exchange: "BINANCE",
        symbol: "BTCUSDT", side: "LONG", order_type: "LIMIT", quantity: "1", price: "100"} + $more'
}

position() {
    pg_psql -c "insert into tp.positions (id, opened_at, user_id, account_id, environment, bot_id, exchange_id, symbol, side,
                                          entry_price, mark_price, quantity, margin_used)
                select n.id, tp.uuid_v7_time(n.id), a.user_id, a.id, a.environment,
                       (select b.id from tp.bots b where b.user_id = a.user_id and b.name = '${4:-}'), a.exchange_id,
                       '${3:-BTCUSDT}', '$1', 100, 100, $2, $2 * 100
                  from (select tp.uuid_v7() as id) n, tp.accounts a join tp.users u on u.id = a.user_id
                 where u.email = 'ann@example.org' and a.name = 'main' returning id"
}

count() {
    pg_psql -c "select count(*) from tp.$1"
}
