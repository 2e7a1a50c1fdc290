# P19: memory of the stream commands over ten million candles; the columns of milliseconds hold MiB here: the limit, ours.
# A command that fails has no figure.
p19_run() {
    local kib
    read -r _ kib < <("${bench_build:?}/bench/timeit" 1 bash -c "$2")
    if [ -n "${kib:-}" ]; then
        bench_print P19 "$1, MiB" 64 "$((kib / 1024))" "$kib" 1
    else
        printf '%-5s %-44s %12s\n' P19 "$1" FAILED
    fi
}

p19_n=${TP_BENCH_RECORDS:-10000000}
p19_candles="tp-prices generate -q -s BTCUSDT -i 1m --from 2004-01-01 -n $p19_n -o json"
p19_run "generate $p19_n candles" "set -o pipefail; $p19_candles >/dev/null"
p19_run "backtest of $p19_n candles from stdin" \
    "set -o pipefail; $p19_candles | tp-backtest run -q -S builtin:macd-trend --set volume=off --allow-synthetic - >/dev/null"
if bench_server; then
    psql -Xqc 'delete from tp.market_prices'
    p19_run "import $p19_n candles from stdin" \
        "set -o pipefail; $p19_candles | tp-prices import -q -e BINANCE -s BTCUSDT -i 1m -"
    p19_run "resample $p19_n candles to 5m" \
        'tp-prices resample -q -e BINANCE -s BTCUSDT --from-interval 1m -i 5m >/dev/null'
    p19_run "export $p19_n candles" 'tp-prices export -q -e BINANCE -s BTCUSDT -i 1m -o json >/dev/null'
fi
