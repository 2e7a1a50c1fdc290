# shellcheck shell=bash
# Faults for tests: a connection that breaks after n bytes, and points to break at.
#
#   proxy_start N cut|hang   a proxy before the test's server that breaks each connection after N bytes
#                            (0: never); $PROXY is its folder for PGHOST
#   proxy_stop               end it
#   proxy_bytes              the bytes that the longest connection so far has carried
#   can_kill                 whether strace can stop programs here
#   calls CMD...             its system calls, one a line: the name, and which of that name
#   kill_at NAME N CMD...    runs it and kills it (-9) at the N-th of its system calls of that name
#   some N                   N lines of stdin evenly spread, first and last included; "all": all
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
    sed -nE 's/^([a-z_0-9]+)\(.*/\1/p' "$log" | awk '{ print $1, ++seen[$1] }'
    rm -f "$log"
}

kill_at() {
    local name=$1 n=$2
    shift 2
    # bash tells of a killed child on its stderr
    { strace -qq -o /dev/null -e inject="$name":signal=KILL:when="$n" "$@" 2>/dev/null || true; } 2>/dev/null
}

some() {
    awk -v n="$1" '{ line[NR] = $0 } END {
        if (n == "all" || n > NR) n = NR
        for (i = 0; i < n; i++) print line[n == 1 ? 1 : int(1 + i * (NR - 1) / (n - 1))]
    }'
}

points() {
    awk -v n="$1" -v high="$2" 'BEGIN { for (i = 0; i < n; i++) print int(1 + i * (high - 1) / (n - 1)) }'
}
