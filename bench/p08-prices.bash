# P8 to P10: a million candles of one minute into market_prices, in again, and out in time order. Peers: psql's
# \copy into a table of the same columns, checks, keys and weekly partitions; staging with ON CONFLICT DO UPDATE for the
# second time; psql's \copy of the same columns out. Both sides do their work once a run, on tables made anew.
p08_peer_schema() {
    psql -Xq <<'SQL'
drop schema if exists peer cascade;
create schema peer;
create table peer.prices (like tp.market_prices including all,
    foreign key (exchange_id, symbol) references tp.symbols (exchange_id, symbol)) partition by range (timestamp);
select format('create table peer.%I partition of peer.prices for values from (%L) to (%L)', to_char(w, '"p"YYYYMMDD'), w,
              w + interval '7 days')
  from generate_series('2023-12-25Z'::timestamptz, '2026-02-01Z', '7 days') w \gexec
SQL
}

if bench_server; then
    p08_dir=$(mktemp -d)
    TP_OUTPUT=json tp-prices generate -s BTCUSDT -i 1m -n 1000000 -q >"$p08_dir/candles.jsonl"
    tp-backtest --version >/dev/null
    jq -r '[(.timestamp | sub("\\.000000Z"; "Z") | fromdate * 1000), .open, .high, .low, .close, .volume,
            (.timestamp | sub("\\.000000Z"; "Z") | fromdate * 1000 + 59999), .quote_volume, .trades_count, .volume, .quote_volume, 0]
           | @csv' "$p08_dir/candles.jsonl" | tr -d '"' >"$p08_dir/candles.csv"
    rm "$p08_dir/candles.jsonl"
    p08_rows="awk -F, -v OFS='\\t' '{ print strftime(\"%Y-%m-%d %H:%M:%SZ\", \$1 / 1000, 1), \"\\\\N\", \$9, 1, \"BTCUSDT\", \"1m\", \"IMPORT\",
        \$2, \$3, \$4, \$5, \$6, \$8, \$10, \$11 }' '$p08_dir/candles.csv'"
    export -f p08_peer_schema
    bench_runs=${TP_BENCH_RUNS:-3} bench_row P8 'import 1M candles of Binance CSV' 2.5 \
        "p08_peer_schema; $p08_rows | psql -Xqc '\\copy peer.prices from stdin'" \
        "psql -Xqc 'delete from tp.market_prices'; for p in \$(psql -XAtc \"select inhrelid::regclass from pg_inherits
             where inhparent = 'tp.market_prices_1m'::regclass\"); do echo \"drop table \$p;\"; done | psql -Xq
         tp-prices import -q -e BINANCE -s BTCUSDT -i 1m '$p08_dir/candles.csv'"
    bench_runs=${TP_BENCH_RUNS:-3} bench_row P9 'import them again' 3 \
        "$p08_rows | psql -Xqc 'create temp table s (like peer.prices)' -c '\\copy s from stdin' \
             -c 'insert into peer.prices select * from s on conflict (symbol, exchange_id, interval, timestamp) do update
                 set open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close, volume = excluded.volume,
                     quote_volume = excluded.quote_volume, trades_count = excluded.trades_count,
                     taker_buy_volume = excluded.taker_buy_volume, taker_buy_quote_volume = excluded.taker_buy_quote_volume'" \
        "tp-prices import -q -e BINANCE -s BTCUSDT -i 1m '$p08_dir/candles.csv'"
    bench_row P10 'read 1M candles in time order (a backtest)' 1.67 \
        "psql -Xqc \"\\copy (select timestamp, source, open, high, low, close, volume from tp.market_prices where symbol = 'BTCUSDT'
             and exchange_id = 1 and interval = '1m' order by timestamp) to stdout csv\" >/dev/null" \
        'tp-backtest run --dry-run -S builtin:macd-trend -e BINANCE -s BTCUSDT -i 1m'
    rm -r "$p08_dir"
fi
