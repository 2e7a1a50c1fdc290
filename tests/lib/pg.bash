# shellcheck shell=bash
# Throw-away PostgreSQL servers for tests: a folder of their own, a unix socket only, no fsync.
#
#   pg_start [BINDIR]    start a server and point PGHOST, PGUSER, PGDATABASE at it; default: the newest found
#   pg_stop              stop it and remove its folder
#   pg_fresh_db NAME     a new database with the whole schema and the venues, PGDATABASE points to it
#   pg_load              run every migration of sql/migrations in $PGDATABASE
#   pg_unload            take them back, newest first
#   pg_catalog           every object of ours in $PGDATABASE, one a line: what two databases are compared by
#   pg_bindirs           the servers of this machine, newest first
#   pg_scratch NAME      a new empty folder for a server, named after NAME
#
# A file of tests that cannot run here is skipped as a whole by two lines, for bats before 1.9 takes a skip in setup_file
# for a failure.  First in setup_file and first in setup:
#
#   pg_wanted || return 0           skip all unless there is a server
#   wanted WHAT TEST... || return 0 skip all unless test(1) says so
#   not_skipped                     (files without a setup get one with this)
#
# The superuser is called "super": were it "tp", "$user" in the search path would find the schema and hide mistakes.

PG_SQL=${TP_SQL:-$(cd "${BASH_SOURCE[0]%/*}/../../sql" && pwd)}

pg_bindirs() {
    local d
    for d in $(printf '%s\n' /usr/lib/postgresql/*/bin /usr/local/pgsql/bin | sort -rV); do
        [ ! -x "$d/initdb" ] || printf '%s\n' "$d"
    done
}

wanted() {
    local what=$1
    shift
    [ "$@" ] || { export TP_SKIP_ALL="$what: not here"; return 1; }
}

pg_wanted() {
    wanted "a PostgreSQL server" -n "$(pg_bindirs)"
}

not_skipped() {
    [ -z "${TP_SKIP_ALL:-}" ] || skip "$TP_SKIP_ALL"
}

setup() {
    not_skipped
}

# A server's folder is a thousand small files: in memory when there is room for some of them, whatever a disk would do.
# Near the root, because the name of a socket is short.
pg_scratch() {
    local top=/tmp
    if [ -w /dev/shm ] && [ "$(df --output=avail -k /dev/shm | tail -n 1)" -gt 2000000 ]; then top=/dev/shm; fi
    mktemp -d "$top/tp-$1.XXXXXX"
}

# Runs a command as a user that a server may belong to: root steps down.
pg_as() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

pg_start() {
    local bin=${1:-$(pg_bindirs | head -n 1)}
    [ -n "$bin" ] || { echo "no PostgreSQL server found" >&2; return 1; }
    unset PGPORT PGHOSTADDR PGSERVICE PGPASSWORD PGOPTIONS TP_DSN
    PG_BIN=$bin
    PG_ROOT=$(pg_scratch pg)
    [ "$(id -u)" != 0 ] || chown postgres "$PG_ROOT"
    chmod 711 "$PG_ROOT"
    pg_as "$bin/initdb" -D "$PG_ROOT/data" -U super -A trust -E UTF8 --locale=C --no-sync \
        >"$PG_ROOT/initdb.log" 2>&1 || { cat "$PG_ROOT/initdb.log" >&2; return 1; }
    pg_as "$bin/pg_ctl" -D "$PG_ROOT/data" -s -w -l "$PG_ROOT/data/log" \
        -o "-k $PG_ROOT -c listen_addresses='' -c fsync=off -c max_wal_size=128MB" start 3>&- 4>&- \
        || { cat "$PG_ROOT/data/log" >&2; return 1; }
    export PG_BIN PG_ROOT PGHOST=$PG_ROOT PGUSER=super PGDATABASE=postgres
}

pg_stop() {
    [ -n "${PG_ROOT:-}" ] || return 0
    pg_as "$PG_BIN/pg_ctl" -D "$PG_ROOT/data" -s -m immediate stop
    rm -rf "$PG_ROOT"
    unset PG_ROOT
}

# One statement or script, values only, the first error ends it.
pg_psql() {
    psql -X -A -t -q -v ON_ERROR_STOP=1 "$@"
}

pg_ups() {
    printf '%s\n' "$PG_SQL"/migrations/[0-9]*.up.sql
    printf '%s\n' "$PG_SQL"/migrations/R__*.sql | grep -v -e '\.down\.sql$' -e '\.verify\.sql$'
}

pg_load() {
    local f IFS=$'\n'
    for f in $(pg_ups); do
        pg_psql -1 -f "$f" || { echo "failed: $f" >&2; return 1; }
    done
}

pg_unload() {
    local f IFS=$'\n'
    for f in $(pg_ups | tac); do
        f=${f%.sql}
        pg_psql -1 -f "${f%.up}.down.sql" || { echo "failed: $f" >&2; return 1; }
    done
}

pg_catalog() {
    pg_psql -f "$PG_SQL/queries/catalog.sql"
}

pg_fresh_db() {
    local have
    have=$(pg_psql -d postgres -c "select 1 from pg_database where datname = 'tp_template'")
    if [ -z "$have" ]; then
        pg_psql -d postgres -c 'create database tp_template'
        PGDATABASE=tp_template "${TP_BUILD:-${BASH_SOURCE[0]%/*}/../../build}/tp-db" -q migrate up >"$PG_ROOT/up.log" \
            || { cat "$PG_ROOT/up.log" >&2; return 1; }
        PGDATABASE=tp_template pg_psql -1 -f "$PG_SQL/seeds/exchanges.sql"
    fi
    pg_psql -d postgres -c "drop database if exists $1" -c "create database $1 template tp_template" 2>/dev/null
    export PGDATABASE=$1
}
