# The programs that were built, for tests of what all of them do alike.

# programs_find: puts them into PATH and their names into the list `programs`; fails when there are none, or one
# that does not print its option tables, so that no loop over them passes for want of turns.
programs_find() {
    local p
    build=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}
    PATH=$build:$PATH
    programs=()
    for p in "$build"/tp "$build"/tp-*; do
        [ ! -f "$p" ] || [ ! -x "$p" ] || programs+=("${p##*/}")
    done
    [ ${#programs[@]} -gt 0 ]
    for p in "${programs[@]}"; do
        "$p" --dump-options | grep -q '^command' || { echo "$p has no commands"; return 1; }
    done
}

# commands_of PROGRAM: its commands, one a line; an empty line for a program of one action
commands_of() {
    "$1" --dump-options | awk -F'\t' '$1 == "command" { print $2 }'
}
