# P19: memory of stream commands over ten million records; the columns of milliseconds hold MiB here.
p19_row() {
    local kib
    read -r _ kib < <("${bench_build:?}/bench/timeit" 1 bash -c "tp-prices generate -q -s BENCH -i 1m -n ${TP_BENCH_RECORDS:-10000000} -o json | $2")
    bench_print P19 "$1, MiB" 64 "$((kib / 1024))" "$kib" 1
}
p19_row 'tp-prices resample, 10M records' 'tp-prices resample --from-interval 1m --interval 1h -'
p19_row 'tp-backtest run, 10M records' 'tp-backtest run -q -S builtin:macd-trend --set volume=off -'
