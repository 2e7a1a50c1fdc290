# lib.bash - what the benchmarks share: one row per comparison of a peer and ours in the same run.
# A row reads: number, work, peer ms, our ms, ratio peer/ours, ours KiB, target, verdict.

bench_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bench_build=${TP_BUILD:-$bench_top/build}
bench_runs=${TP_BENCH_RUNS:-5}
PATH=$bench_build:$PATH
export PATH

bench_header() {
    printf '%-5s %-44s %12s %12s %9s %9s  %s\n' '#' work peer_ms ours_ms ratio ours_KiB target
}

# bench_row ID TITLE TARGET_RATIO PEER OURS: PEER and OURS are shell commands; the ratio is peer/ours.
bench_row() {
    local id=$1 title=$2 target=$3 peer ours kib
    read -r peer _ < <("$bench_build/bench/timeit" "$bench_runs" bash -c "$4")
    read -r ours kib < <("$bench_build/bench/timeit" "$bench_runs" bash -c "$5")
    bench_print "$id" "$title" "$peer" "$ours" "${kib:-0}" "$target"
}

# bench_skip ID TITLE TARGET OURS RECORDED WHY: the peer is not here, so its recorded figure is shown.
bench_skip() {
    local ours kib
    read -r ours kib < <("$bench_build/bench/timeit" "$bench_runs" bash -c "$4")
    printf '%-5s %-44s %12s %12s %9s %9s  %s\n' "$1" "$2" SKIP "$ours" - "$kib" "recorded: $5 ($6)"
}

bench_print() {
    awk -v id="$1" -v title="$2" -v peer="$3" -v ours="$4" -v kib="$5" -v target="$6" 'BEGIN {
        ratio = ours > 0 ? peer / ours : 0
        printf "%-5s %-44s %12.2f %12.2f %9.2f %9d  >= %s %s\n", id, title, peer, ours, ratio, kib, target,
               ratio >= target ? "met" : "SHORT"
    }'
}

# bench_candles N: so many candles of one minute in the Binance layout, a seeded random walk.
bench_candles() {
    awk -v n="$1" 'function dice(sides) { seed = (seed * 16807) % 2147483647; return seed % sides }
        function price(cents) { return sprintf("%d.%02d000000", cents / 100, cents % 100) }
        BEGIN {
            seed = 42; close_at = 4000000; time = 1640995200000
            for (i = 0; i < n; i++) {
                open = close_at; close_at += dice(4001) - 2000
                if (close_at < 500000) close_at = 1000000 - close_at
                high = (open > close_at ? open : close_at) + dice(700); low = (open < close_at ? open : close_at) - dice(700)
                volume = dice(99999) + 1
                printf "%.0f,%s,%s,%s,%s,%d.%03d00000,%.0f,%.0f.12345678,%d,%d.50000000,%.0f.87654321,0\n", time, price(open),
                    price(high), price(low), price(close_at), volume, dice(1000), time + 59999, volume * (close_at / 100),
                    dice(9000) + 1, volume / 2, volume * (close_at / 200)
                time += 60000
            }
        }'
}

# A throw-away PostgreSQL for the rows that need one, started once; the run's end stops it.  Its settings
# are the server's own, but that it does not sync to disk.
bench_server() {
    [ -z "${PG_ROOT:-}" ] || return 0
    # shellcheck source=tests/lib/pg.bash
    . "$bench_top/tests/lib/pg.bash"
    pg_start || return 1
    trap pg_stop EXIT
    createdb bench
    export PGDATABASE=bench TP_USER=demo@example.com
    tp-db migrate up -q >/dev/null && tp-db seed 2>/dev/null
}
