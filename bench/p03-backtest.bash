# P3 to P6: SMA cross 10/50, long and short, 95 % of the equity, fee 0.05 %, fills at the next open, over a million
# candles of one minute. P3 is the whole process from a CSV file; P4 and P5 (RSI reversion with an ATR stop) the engine
# alone in ns a bar, which the columns of milliseconds hold there. TP_PEER_BACKTESTING is the command of a Python that has
# backtesting.py; the other peers' recorded figures are shown.
p03_note() {
    printf '%-5s %-44s %12s %12s %9s %9s  %s\n' "$1" "$2" SKIP "$3" - - "recorded: $4"
}

p03_csv=$(mktemp)
bench_candles 1000000 >"$p03_csv"
p03_run="tp-backtest run -q -S builtin:sma-cross -P fast=10 -P slow=50 --symbol BENCH --interval 1m --set slippage_bps=0 \
    --set taker_bps=5 --set volume=off --initial-capital 100000000 '$p03_csv'"
p03_peer="${TP_PEER_BACKTESTING:-} '${bench_top:?}/bench/peer-backtesting.py' '$p03_csv'"
p03_first() { "${bench_build:?}/bench/bench_engine" "$1" | sed 's/ .*//'; }
p03_sma=$(p03_first sma)
p03_rsi=$(p03_first rsi)

read -r p03_ours p03_kib < <("$bench_build/bench/timeit" "$bench_runs" bash -c "$p03_run")

if [ -n "${TP_PEER_BACKTESTING:-}" ]; then
    read -r p03_ms _ < <("$bench_build/bench/timeit" 1 bash -c "$p03_peer 2>/dev/null")
    bench_print P3 'backtest from CSV, backtesting.py' "$p03_ms" "$p03_ours" "$p03_kib" 100
    bench_print P4 'engine alone, ns/bar, backtesting.py' "$(bash -c "$p03_peer ns 2>/dev/null")" "$p03_sma" 0 100
else
    p03_note P3 'backtest from CSV' "$p03_ours" '9600 ms (backtesting.py; TP_PEER_BACKTESTING is not set)'
    p03_note P4 'engine alone, ns/bar' "$p03_sma" '8300 (backtesting.py; TP_PEER_BACKTESTING is not set)'
fi
p03_note P3 'the same' "$p03_ours" '310 ms (PineForge), 190 ms (trader-backtest)'
p03_note P4 'the same, target 8 ns/bar' "$p03_sma" '79.5 (vectorbt), 184 (PineForge), 43 (trader-backtest)'
p03_note P5 'RSI and ATR stop, target 20 ns/bar' "$p03_rsi" '167 (vectorbt), 221 (PineForge), 5500 (backtesting.py)'
p03_note P6 'sweep of 1,000 averages' - '47 s (trader-backtest), 101 s (vectorbt); tp-backtest sweep is of a later part'
rm -f "$p03_csv"
