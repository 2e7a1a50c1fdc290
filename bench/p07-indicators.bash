# P7: indicators over a million bars, in ns per bar; the columns of milliseconds hold ns per bar here. The peers
# are libraries: TP_PEER_TULIP is a checkout of Tulip Indicators with its generated indicators.h (run make there), TP_PEER_TALIB
# the file libta_lib.so. Without them the recorded figures of the faster of the two are shown.
p07_recorded() {
    case $1 in
        SMA*) echo 1.63 ;; EMA*) echo 2.44 ;; RSI*) echo 6.2 ;; MACD*) echo 2.7 ;;
        Boll*) echo 2.5 ;; ATR*) echo 2.4 ;; STOCH*) echo 11.4 ;; ADX*) echo 9.6 ;;
    esac
}

p07_tulip=
if [ -n "${TP_PEER_TULIP:-}" ]; then
    p07_tulip=${bench_build:?}/bench/peer-tulip.so
    "${CC:-cc}" -O2 -fPIC -shared -I"$TP_PEER_TULIP" -o "$p07_tulip" "$TP_PEER_TULIP"/indicators/*.c \
        "$TP_PEER_TULIP"/utils/*.c "$TP_PEER_TULIP/indicators.c" -lm || p07_tulip=
fi
while IFS='|' read -r title name peer ours; do
    if [ "$name" = - ]; then
        printf '%-5s %-44s %12s %12s %9s %9s  %s\n' P7 "$title, ns/bar" SKIP "$ours" - - \
            "recorded: $(p07_recorded "$title") ns/bar (TP_PEER_TULIP and TP_PEER_TALIB not set)"
    else
        bench_print P7 "$title, ns/bar, $name" "$peer" "$ours" 0 1.0
    fi
done < <("$bench_build/bench/bench_indicator" "$p07_tulip" "${TP_PEER_TALIB:-}")
