#!/usr/bin/env bats
# The EXAMPLES of every manual page run as they stand, in order, in a folder and a database of their own.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
}

teardown_file() {
    pg_stop
}

# The commands of a page's EXAMPLES, as a reader sees them; the private server is left alone.
examples_of() {
    awk '/^\.SH / { on = $2 == "EXAMPLES" } on && /^\.EE/ { code = 0 } on && code; on && /^\.EX/ { code = 1 }' "$1" \
        | sed -e 's/\\-/-/g' -e "s/\\\\(aq/'/g" -e 's/\\e/\\/g' -e 's/^    //' | grep -vE '^tp-db (start|stop)'
}

@test "the examples of every page run without an error" {
    build=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}
    PATH=$build:$PATH
    export HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR
    unset TP_USER TP_OUTPUT
    n=0
    for page in "$build"/generated/man/tp*.1 "$BATS_TEST_DIRNAME"/../../man/tp.7; do
        name=${page##*/}
        examples_of "$page" >"$BATS_TEST_TMPDIR/$name.sh"
        [ -s "$BATS_TEST_TMPDIR/$name.sh" ] || { echo "$name has no examples"; return 1; }
        database=examples_$n
        n=$((n + 1))
        pg_fresh_db "$database"
        tp-db seed -q
        mkdir "$BATS_TEST_TMPDIR/$name"
        cd "$BATS_TEST_TMPDIR/$name"
        bash -eu -o pipefail "../$name.sh" >out 2>said || { echo "$name: exit $?"; cat "../$name.sh" out said; return 1; }
        run ! grep ': error: ' said
        [ -s out ]
    done
    [ $n -ge 8 ]
}

@test "every page has the sections a reader looks for" {
    for page in "${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}"/generated/man/tp*.1; do
        for section in NAME SYNOPSIS DESCRIPTION COMMANDS 'EXIT STATUS' ENVIRONMENT FILES EXAMPLES 'SEE ALSO'; do
            grep -qx ".SH $section" "$page" || { echo "${page##*/} has no $section"; return 1; }
        done
    done
}
