#!/usr/bin/env bats
# tp: runs the programs of the family.
bats_require_minimum_version 1.5.0

setup() {
    PATH=${TP_BUILD:-$PWD}:$BATS_TEST_DIRNAME/../../build:$PATH # make check runs in the build folder
}

@test "tp NAME runs tp-NAME with the same words and the same exit status" {
    run -0 tp user --version
    [[ $output == tp-user\ * ]]
    run -0 tp backtest run --list-knobs
    [ "$output" = "$(tp-backtest run --list-knobs)" ]
    run -2 --separate-stderr tp user list --no-such-option
    [ "$stderr" = "$(tp-user list --no-such-option 2>&1 >/dev/null)" ]
}

@test "the program beside tp runs, wherever PATH points" {
    where=$(command -v tp)
    PATH=/nonexistent run -0 "$where" user --version
    [[ $output == tp-user\ * ]]
}

@test "a name that is no program is exit 2 with the nearest one" {
    run -2 --separate-stderr tp usr list
    [ "$stderr" = "tp: error: there is no program 'tp-usr'
tp: hint: did you mean 'user'?" ]
    run -2 tp help usr
    run -2 tp ../../bin/ls
    run -2 tp
}

@test "help lists the programs and prints the help of one" {
    run -0 tp help
    [[ $output == *"tp backtest "* ]]
    run -0 tp help user
    [ "$output" = "$(tp-user --help)" ]
    run -0 tp version
    [ "$output" = "$(tp --version)" ]
}
