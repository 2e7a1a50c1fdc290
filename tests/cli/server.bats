#!/usr/bin/env bats
# The private server: as an unprivileged user and as root, in odd folders, after crashes, with two starts at once.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
}

setup() {
    not_skipped
    build=$(cd "${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}" && pwd)
    home=$(pg_scratch own)
    data="$home/data"
    [ "$(id -u)" != 0 ] || chown nobody "$home"
    cd "$home"
}

teardown() {
    [ -z "${data:-}" ] || own tp-db stop >/dev/null 2>&1 || true
    [ -z "${home:-}" ] || rm -rf "$home"
}

# Runs a program as an unprivileged user whose data folder is $data.
own() {
    local step=()
    [ "$(id -u)" != 0 ] || step=(runuser -u nobody --)
    "${step[@]}" env -u TP_DSN -u PGHOST -u PGPORT -u PGDATABASE -u PGSERVICE -u PGHOSTADDR -u XDG_RUNTIME_DIR -u TP_USER \
        HOME="$home" XDG_DATA_HOME="$data" XDG_CONFIG_HOME="$home" PATH="$build:$PATH" "$@" 3>&- 4>&-
}

# The process of the server in $data, and all that belong to it.
postmaster() {
    own head -n 1 "$data/tp/pg/postmaster.pid"
}

@test "start makes a server that every program finds; a second start and a second stop change nothing" {
    run -0 own tp-db start
    run -0 own tp-db migrate up
    run -0 own tp-user list
    run -0 own psql -X -A -t "$(own tp-db url)" -c 'select current_user, current_database()'
    [ "$output" = "tp_admin|tp" ]
    pid=$(postmaster)
    run -0 own tp-db start
    [ "$(postmaster)" = "$pid" ]
    run -0 own tp-db stop
    run -6 --separate-stderr own tp-user list
    [[ $stderr == *"start the private server with 'tp-db start'"* ]]
    run -0 own tp-db stop
    run -0 own tp-db start
    run -0 own tp-db migrate status --check
}

@test "it listens on no network, and another user may not connect" {
    own tp-db -q start
    url=$(own tp-db url)
    [ "$(own psql -X -A -t "$url" -c 'show listen_addresses')" = "" ]
    [ "$(own stat -c %a "$data/tp")" = 700 ]
    [ "$(id -u)" = 0 ] || skip "only root can be somebody else"
    run ! runuser -u postgres -- psql -X "$url" -c 'select 1'
}

@test "a data folder with blanks, quotes and signs in its name works" {
    for name in 'with  two blanks' "quote's" 'double"quote' 'back\slash \$(x)' 'per%cent&and#?' 'ünï'; do
        data="$home/$name"
        run -0 own tp-db start
        run -0 own psql -X -A -t "$(own tp-db url)" -c 'select 1'
        [ "$output" = 1 ]
        own tp-db migrate status >/dev/null
        run -0 own tp-db stop
    done
}

@test "a folder that is too long for a socket is refused, or another one is found, before anything is made" {
    data="$home/$(printf '%0120d' 0)"
    run -1 --separate-stderr own tp-db start
    [[ $stderr == *"no folder suits a server's socket: its name is too long or holds a comma"* ]]
    [ ! -e "$data" ]
    data="$home/one,two" # two hosts to libpq
    run -1 --separate-stderr own tp-db start
    mkdir "$home/run"
    [ "$(id -u)" != 0 ] || chown nobody "$home/run"
    run -0 own env XDG_RUNTIME_DIR="$home/run" tp-db start
    run -0 own env XDG_RUNTIME_DIR="$home/run" psql -X -A -t "$(own env XDG_RUNTIME_DIR="$home/run" tp-db url)" -c 'select 1'
    run -0 own env XDG_RUNTIME_DIR="$home/run" tp-db stop
}

@test "a server that was killed starts again, with what was committed" {
    own tp-db -q start
    own tp-db -q migrate up >/dev/null
    own tp-user add ann@example.com --no-password >/dev/null
    own sh -c 'kill -9 "$1"' - "$(postmaster)"
    [ -e "$data/tp/pg/postmaster.pid" ] || own test -e "$data/tp/pg/postmaster.pid"
    run -6 own tp-user list
    run -0 own tp-db start
    run -0 own tp-user list
    [[ $output == *ann@example.com* ]]
}

@test "a pid file left by another boot does not keep it from starting, even when the number is taken" {
    own tp-db -q start
    own cp "$data/tp/pg/postmaster.pid" "$data/stale"
    own tp-db stop
    own sh -c 'echo $$ >"$1"; exec sleep 300' - "$data/sleeper" &
    until [ -n "$(own cat "$data/sleeper" 2>/dev/null)" ]; do sleep 0.05; done
    other=$(own cat "$data/sleeper")
    for pid in 999999 "$other"; do
        own sed "1s/.*/$pid/" "$data/stale" >"$home/pid.$pid"
        [ "$(id -u)" != 0 ] || chown nobody "$home/pid.$pid"
        own cp "$home/pid.$pid" "$data/tp/pg/postmaster.pid"
        run -0 own tp-db start
        [ "$(postmaster)" != "$pid" ]
        run -0 own tp-db stop
    done
    own sh -c 'kill "$1"' - "$other"
    wait || true
}

@test "a start that was killed while it made the data leaves nothing that hinders the next" {
    own mkdir -p "$data/tp/pg.new/base"
    own touch "$data/tp/pg.new/PG_VERSION"
    run -0 own tp-db start
    own tp-db stop
    own rm -rf "$data"
    own timeout -s KILL 0.3 "$build/tp-db" start >/dev/null 2>&1 || true
    run -0 own tp-db start
    run -0 own psql -X -A -t "$(own tp-db url)" -c 'select 1'
}

@test "four starts at once make one server" {
    for i in 1 2 3 4; do
        own tp-db -q start >"$BATS_TEST_TMPDIR/$i" 2>&1 &
        pids[i]=$!
    done
    for i in 1 2 3 4; do wait "${pids[i]}"; done
    run -0 own tp-db migrate status
    [ "$(own psql -X -A -t "$(own tp-db url)" -c "select count(*) from pg_database where datname = 'tp'")" = 1 ]
}

@test "a data folder that cannot be made, and data of a version that is not there, are told" {
    own touch "$home/file"
    data="$home/file"
    run -1 --separate-stderr own tp-db start
    [[ $stderr == *"cannot make the folder $home/file/tp: Not a directory"* ]]
    data="$home/old"
    own mkdir -p "$data/tp/pg"
    own sh -c 'echo 9 >"$1"' - "$data/tp/pg/PG_VERSION"
    run -4 --separate-stderr own tp-db start
    [[ $stderr == *"the server's data is of PostgreSQL 9, which is not installed"* ]]
    run -4 --separate-stderr own tp-db stop
}

@test "as root the server belongs to postgres, in /var/lib/tp and /run/tp, and root connects to it" {
    [ "$(id -u)" = 0 ] || skip "not root"
    getent passwd postgres >/dev/null || skip "there is no user postgres"
    unshare -m mount -t tmpfs none /run 2>/dev/null || skip "no namespace of its own is to be had"
    # This machine's own server must not be touched: the folders are empty ones of a namespace.
    run -0 unshare -m bash -euc '
        mount -t tmpfs none /var/lib
        mount -t tmpfs none /run
        unset TP_DSN PGHOST PGPORT PGDATABASE PGSERVICE PGHOSTADDR TP_USER
        export PATH=$1:$PATH HOME=$2 XDG_CONFIG_HOME=$2 XDG_RUNTIME_DIR=/run/user/0 XDG_DATA_HOME=$2
        trap "tp-db stop" EXIT
        tp-db -q start
        [ "$(stat -c %U /var/lib/tp/pg)" = postgres ]
        [ -S /run/tp/.s.PGSQL.5432 ]
        [ "$(stat -c %U "/proc/$(head -n 1 /var/lib/tp/pg/postmaster.pid)")" = postgres ]
        tp-db -q migrate up >/dev/null
        tp-user list
        runuser -u postgres -- psql -X -q "$(tp-db url)" -c "select 1" >/dev/null
        if runuser -u nobody -- psql -X -q "$(tp-db url)" -c "select 1" 2>/dev/null; then exit 1; fi
        tp-db start
        tp-db stop
        rc=0; tp-user list 2>/dev/null || rc=$?
        [ "$rc" = 6 ]
    ' - "$build" "$home" 3>&- 4>&-
}
