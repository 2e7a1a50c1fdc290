# P11: a million candle records read and written, one JSON object a line.
p11_lines=$(mktemp)
TP_OUTPUT=json tp-prices generate -q -s BENCH -i 1m -n 1000000 >"$p11_lines"
bench_row P11 'JSON lines, 1M candles in and out' 20 "jq -c . <'$p11_lines'" "'${bench_build:?}/bench/bench_record' <'$p11_lines'"
rm -f "$p11_lines"
