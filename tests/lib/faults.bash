# shellcheck shell=bash
# Faults for tests: a connection that breaks after n bytes, and points to break at.
#
#   proxy_start N cut|hang   a proxy before the test's server that breaks each connection after N bytes
#                            (0: never); $PROXY is its folder for PGHOST
#   proxy_stop               end it
#   proxy_bytes              the bytes that the longest connection so far has carried
#   can_kill                 whether strace can stop programs here
#   calls CMD...             how many system calls it makes
#   kill_at N CMD...         runs it and kills it (-9) at its N-th system call
#   points N HIGHEST         N numbers from 1 to HIGHEST, evenly spread, first and last included

CUTPROXY=${TP_BUILD:-${BASH_SOURCE[0]%/*}/../../build}/tests/lib/cutproxy

proxy_start() {
    PROXY=$(mktemp -d /tmp/tp-proxy.XXXXXX)
    "$CUTPROXY" "$PROXY/.s.PGSQL.5432" "$PG_ROOT/.s.PGSQL.5432" "$1" "$2" "$PROXY/log" 3>&- 4>&- &
    PROXY_PID=$!
    until [ -S "$PROXY/.s.PGSQL.5432" ]; do sleep 0.01; done
}

proxy_stop() {
    [ -n "${PROXY_PID:-}" ] || return 0
    kill "$PROXY_PID" 2>/dev/null || true
    wait "$PROXY_PID" 2>/dev/null || true
    rm -rf "$PROXY"
    PROXY_PID=
}

proxy_bytes() {
    until [ -s "$PROXY/log" ]; do sleep 0.01; done
    sort -n "$PROXY/log" | tail -n 1
}

can_kill() {
    strace -qq -o /dev/null -e inject=getpid:signal=KILL true 2>/dev/null
}

calls() {
    local log
    log=$(mktemp)
    strace -qq -o "$log" "$@" >/dev/null 2>&1 || true
    wc -l <"$log"
    rm -f "$log"
}

kill_at() {
    local n=$1
    shift
    # bash tells of a killed child on its stderr
    { strace -qq -o /dev/null -e inject=all:signal=KILL:when="$n" "$@" >/dev/null 2>&1 || true; } 2>/dev/null
}

points() {
    awk -v n="$1" -v high="$2" 'BEGIN { for (i = 0; i < n; i++) print int(1 + i * (high - 1) / (n - 1)) }'
}
