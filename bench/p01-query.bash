# P1: a program's start with one query, the same row on both sides.  The peer is the real psql; Debian's
# /usr/bin/psql is a wrapper that costs more.
if bench_server; then
    bench_row P1 "start with one query (tp-symbol show)" 1.05 \
        "for i in 1 2 3 4 5 6 7 8 9 10; do '$PG_BIN/psql' -Xc \"select e.code, s.* from tp.symbols s
            join tp.exchanges e on e.id = s.exchange_id where e.code = 'BINANCE' and s.symbol = 'BTCUSDT'\"; done" \
        'for i in 1 2 3 4 5 6 7 8 9 10; do tp-symbol show -e BINANCE BTCUSDT; done'
fi
