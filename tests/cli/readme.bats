#!/usr/bin/env bats
# Every command of the README's tour is run, in order; the server is a throw-away one instead of the user's.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup() {
    src=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    PATH=${TP_BUILD:-$src/build}:$PATH
    export HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR
    unset TP_USER TP_OUTPUT
}

teardown() {
    pg_stop
}

@test "the tour of the README runs as it stands" {
    [ -n "$(pg_bindirs)" ] || skip "no PostgreSQL server on this machine"
    pg_start
    psql -X -q -d postgres -c 'create database tp_tour'
    export PGDATABASE=tp_tour
    cd "$BATS_TEST_TMPDIR"
    awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$src/README.md" | grep -v '^tp-db start' >tour.sh
    [ "$(grep -c '^ *tp-' tour.sh)" -ge 15 ]
    run -0 --separate-stderr bash -euo pipefail tour.sh
    [[ $stderr != *": error: "* ]]
    [[ $output == *DEMOUSDT* ]]
    [[ $output == *demo@example.com* ]]
    [ "$(grep -c 'bps of slippage: [0-9]' <<<"$output")" = 3 ]
    grep -qxE -- '-?[0-9]+\.[0-9]{4}' <<<"$output"
    [[ $output == *'"differences": 0,'*'"gap": "0.00000000"'* ]]
    [[ ${lines[-1]} =~ ^[0-9]+(,[0-9.]+){11}$ ]]
    grep -q '<html' backtest.html
}

@test "the README names every program and no other" {
    diff <(grep -oE '^\| `tp[a-z-]*`' "$src/README.md" | tr -d '|` ' | sort) \
        <(for p in "${TP_BUILD:-$src/build}"/tp "${TP_BUILD:-$src/build}"/tp-*; do
            [ ! -f "$p" ] || [ ! -x "$p" ] || echo "${p##*/}"; done | sort)
}

@test "the folders and files the README names are there" {
    while IFS= read -r path; do
        [ -e "$src/$path" ] || { echo "$path"; return 1; }
    done < <(grep -oE '(src|sql|docs|tests|man|bench)/[a-z0-9_./-]+[a-z]' "$src/README.md" | grep -v 'src/notify' | sort -u)
}

@test "the picture of the architecture names every folder of src and every program" {
    for what in "$src"/src/*/ "${TP_BUILD:-$src/build}"/tp "${TP_BUILD:-$src/build}"/tp-*; do
        case $what in */) ;; *) [ -f "$what" ] && [ -x "$what" ] || continue ;; esac
        name=$(basename "$what")
        for page in architecture.md architecture.svg; do
            grep -qwF -- "$name" "$src/docs/$page" || { echo "$page has no $name"; return 1; }
        done
    done
}

@test "the sums of bootstrap check count every failure, and a program that ended for its failed test once" {
    sums=$(sed -n '/^sums() {/,/^}/p' "$src/bootstrap")
    printf '%s\n' "FAIL: a.bats 2 y" "ERROR: a.bats - exited with status 1" "ERROR: b.bats - exited with status 1" \
        "# TOTAL: 7" "# PASS:  2" "# SKIP:  1" "# XFAIL: 1" "# FAIL:  1" "# XPASS: 0" "# ERROR: 2" >"$BATS_TEST_TMPDIR/log"
    run -1 bash -c "$sums; sums '$BATS_TEST_TMPDIR/log'"
    [ "$output" = "2 passed, 2 failed, 2 skipped" ]
    printf '%s\n' "# TOTAL: 1" "# PASS:  1" "# FAIL:  0" "# ERROR: 0" >"$BATS_TEST_TMPDIR/log"
    run -0 bash -c "$sums; sums '$BATS_TEST_TMPDIR/log'"
    [ "$output" = "1 passed, 0 failed, 0 skipped" ]
}
