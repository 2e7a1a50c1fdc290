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
