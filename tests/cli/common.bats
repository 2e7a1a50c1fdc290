#!/usr/bin/env bats
# What every program of the family does alike; the list of programs is what was built.
bats_require_minimum_version 1.5.0

setup() {
    load ../lib/programs.bash
    programs_find
    export HOME=$BATS_TEST_TMPDIR XDG_CONFIG_HOME=$BATS_TEST_TMPDIR
    unset TP_DSN TP_USER TP_OUTPUT
}

@test "--help exits 0, stays within 95 columns and shows examples" {
    for p in "${programs[@]}"; do
        run -0 --separate-stderr "$p" --help
        [ -z "$stderr" ]
        awk -v p="$p" 'length($0) > 95 { print p ": " $0; bad = 1 } END { exit bad }' <<<"$output"
        [[ $output == *examples:* ]] || { echo "$p shows no examples"; return 1; }
    done
}

@test "--help of every command exits 0 and stays within 95 columns" {
    for p in "${programs[@]}"; do
        while IFS= read -r c; do
            # shellcheck disable=SC2086 # a command may be two words
            run -0 --separate-stderr "$p" $c --help
            [ -z "$stderr" ]
            awk -v p="$p $c" 'length($0) > 95 { print p ": " $0; bad = 1 } END { exit bad }' <<<"$output"
        done < <(commands_of "$p")
    done
}

@test "--version prints the program's name and a number" {
    for p in "${programs[@]}"; do
        run -0 "$p" --version
        [[ $output =~ ^$p\ [0-9]+\.[0-9]+\.[0-9]+ ]]
    done
}

@test "an unknown option is exit 2 with a message and no output" {
    for p in "${programs[@]}"; do
        [ "$p" != tp ] || continue
        first=$(commands_of "$p" | head -n 1)
        # shellcheck disable=SC2086
        run -2 --separate-stderr "$p" $first --no-such-option
        [ -z "$output" ]
        [[ $stderr == "$p: error: "*no-such-option* ]]
    done
}

@test "an unknown command is exit 2" {
    for p in "${programs[@]}"; do
        [ -n "$(commands_of "$p" | head -n 1)" ] || continue
        run -2 --separate-stderr "$p" no-such-command
        [ -z "$output" ]
        [[ $stderr == "$p: error: "* ]]
    done
}

@test "a full disk is exit 1 with a sentence" {
    for p in "${programs[@]}"; do
        rc=0
        "$p" --help >/dev/full 2>"$BATS_TEST_TMPDIR/said" || rc=$?
        [ "$rc" = 1 ] || { echo "$p: exit $rc"; return 1; }
        grep -q "^$p: error: .*No space left" "$BATS_TEST_TMPDIR/said"
    done
}

@test "a closed pipe ends a program quietly" {
    for p in "${programs[@]}"; do
        "$p" --help 2>"$BATS_TEST_TMPDIR/said" | true
        [ ! -s "$BATS_TEST_TMPDIR/said" ] || { cat "$BATS_TEST_TMPDIR/said"; return 1; }
    done
}

@test "a closed stdout is a failure and no other descriptor takes its place" {
    for closed in '>&-' '>&- <&-' '<&- >&- 2>&-'; do
        for command in "tp settings" "tp-strategy show builtin:sma-cross"; do
            rc=0
            # The pipe that tells of signals was the first thing opened; it took what was printed.
            bash -c "$command $closed" 2>"$BATS_TEST_TMPDIR/said" || rc=$?
            [ "$rc" = 1 ] || { echo "$command $closed: exit $rc"; return 1; }
            [[ $closed == *'2>&-' ]] || grep -q 'standard output: Bad file descriptor' "$BATS_TEST_TMPDIR/said"
        done
    done
    run -1 --separate-stderr bash -c 'tp-backtest run -S builtin:sma-cross - <&-'
    [[ $stderr == *"Bad file descriptor"* ]]
}

@test "a database that cannot be reached is exit 6, and soon" {
    tried=0
    for command in "tp-user list" "tp-symbol list" "tp-backtest list" "tp-db migrate status"; do
        p=${command%% *}
        commands_of "$p" 2>/dev/null | grep -qx "${command#* }" || continue
        rc=0
        # shellcheck disable=SC2086
        timeout 20 $command --db "host=$BATS_TEST_TMPDIR/nowhere dbname=x" >"$BATS_TEST_TMPDIR/out" \
            2>"$BATS_TEST_TMPDIR/said" || rc=$?
        [ "$rc" = 6 ] || { echo "$command: exit $rc"; cat "$BATS_TEST_TMPDIR/said"; return 1; }
        [ ! -s "$BATS_TEST_TMPDIR/out" ]
        grep -q "^$p: error: " "$BATS_TEST_TMPDIR/said"
        tried=$((tried + 1))
    done
    [ $tried -gt 0 ] || skip "no program that reads the database yet"
}

@test "the option tables are dumped for the generators" {
    for p in "${programs[@]}"; do
        run -0 --separate-stderr "$p" --dump-options
        [ "$(head -n 1 <<<"$output" | cut -f 1,2)" = "program	$p" ]
        [[ $output == *"status	13	"* ]]
    done
}
