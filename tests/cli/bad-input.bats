#!/usr/bin/env bats
# Bad input to every program: a sentence with the place, the right exit code, nothing on stdout, nothing stored.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    pg_fresh_db bad_input
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    load ../lib/programs.bash
    programs_find
    unset TP_USER TP_DSN TP_OUTPUT TP_EXCHANGE
    cd "$BATS_TEST_TMPDIR" || return
}

# Runs a command and wants one of the exit codes, a message on stderr that is valid UTF-8 without control
# bytes, and an empty stdout.
refused() {
    local codes=$1 rc=0
    shift
    "$@" >out 2>err </dev/null || rc=$?
    complain "$codes" "$rc" "$*"
}

complain() {
    if [[ " $1 " != *" $2 "* ]] || [ -s out ] || ! grep -q ': error: ' err ||
        ! iconv -f UTF-8 -t UTF-8 err >/dev/null || tr -d '\n' <err | LC_ALL=C grep -q '[[:cntrl:]]'; then
        printf '%s: exit %s, want %s\n' "$3" "$2" "$1"
        head -c 300 out err
        return 1
    fi
}

# The same for what is piped in: pipe CODES PRODUCER COMMAND...
piped() {
    local codes=$1 producer=$2 rc=0
    shift 2
    { "$producer" 2>/dev/null || true; } | "$@" >out 2>err || rc=$?
    complain "$codes" "$rc" "$producer | $*"
}

endless() { head -c 100000000 /dev/zero | tr '\0' x; }
nul() { printf '{"type":"order"\0}\n'; }
broken_utf8() { printf '{"type":"order","symbol":"\xff\xfe"}\n'; }
no_json() { printf '{"type":"order",\n'; }
deep() { head -c 200000 /dev/zero | tr '\0' '['; }
nothing() { :; }

@test "every option that wants a value is exit 2 without one" {
    for p in "${programs[@]}"; do
        while IFS=$'\037' read -r kind command _ name value _; do
            [ "$kind" = option ] && [ -n "$value" ] && [ "$command" != '*' ] || continue
            # shellcheck disable=SC2086
            refused 2 "$p" $command "--$name"
        done < <("$p" --dump-options | tr '\t' '\037')
    done
}

@test "every word option is exit 2 with another word, and tells the words" {
    for p in "${programs[@]}"; do
        while IFS=$'\037' read -r kind command _ name _ choices _; do
            [ "$kind" = option ] && [ -n "$choices" ] && [ "$command" != '*' ] || continue
            # shellcheck disable=SC2086
            refused 2 "$p" $command "--$name" no-such-word
            grep -q "$name.*no-such-word" err
        done < <("$p" --dump-options | tr '\t' '\037')
    done
}

@test "an argument that is no UTF-8 or looks like an escape sequence is never printed as it is" {
    for p in "${programs[@]}"; do
        while IFS=$'\037' read -r kind command _; do
            [ "$kind" = command ] || continue
            for bad in $'\xff\xfe' $'\e]0;title\a' '--no\xff=1'; do
                # shellcheck disable=SC2086
                "$p" $command "$bad" >out 2>err </dev/null && rc=0 || rc=$?
                [ "$rc" -lt 126 ] && ! LC_ALL=C grep -q $'[\e\a\xff]' err ||
                    { echo "$p $command: exit $rc"; cat -v err; return 1; }
            done
        done < <("$p" --dump-options | tr '\t' '\037')
    done
}

@test "a message shows the control characters, escapes and halves of letters that an option holds as ?" {
    long=$(printf 'x%.0s' {1..59})
    for bad in $'\e[31mred' $'\a\b' $'\xc2\x9b31m' $'\xe2\x80\xaedesrever' "$long"$'\xd7\x90\xd7\x90'; do
        refused 2 tp-backtest run -S builtin:sma-cross --set "$bad"
        refused 2 tp-backtest run -S builtin:sma-cross --set "$bad=1"
        refused "2 4" tp-backtest run -S builtin:sma-cross --param "$bad" ./none
        refused 2 tp-symbol add A -e BINANCE --base A --quote A --market-type SPOT --tick-size "$bad" --step-size 1
        ! LC_ALL=C grep -qP '\xc2[\x80-\x9f]|\xe2\x80\xae' err || { cat -v err; return 1; }
    done
}

@test "orders: a line of 100 MB, NUL, broken UTF-8, half an object and deep nesting are exit 3" {
    : >candles
    for producer in endless nul broken_utf8 no_json deep; do
        piped 3 "$producer" tp-backtest run --orders - candles
        grep -q 'line 1' err
    done
}

@test "instrument lists: 100 MB, NUL, broken UTF-8, half an object, deep nesting and nothing are exit 3" {
    for producer in endless nul broken_utf8 no_json deep nothing; do
        piped 3 "$producer" tp-symbol import - -e BINANCE
    done
    [ "$(tp-symbol list | wc -l)" = 0 ]
}

@test "records of symbols: the line is told and nothing of the file is stored" {
    tp-symbol add AAAUSDT -e BINANCE --base AAA --quote USDT --market-type LINEAR --tick-size 1 --step-size 1 >good
    pg_psql -c 'delete from tp.symbols'
    for bad in '{"type":"symbol"}' '{"type":"symbol","symbol":1}' $'{"type":"symbol","symbol":"\xff"}' '{'; do
        { cat good; printf '%s\n' "$bad"; } >file
        refused 3 tp-symbol import file -e BINANCE
        grep -q 'file: line 2: ' err
    done
    [ "$(tp-symbol list | wc -l)" = 0 ]
}

@test "passwords: 100 MB, NUL and nothing are exit 3, and no user is made" {
    for producer in endless nul nothing; do
        piped 3 "$producer" tp-user add ann@example.com
    done
    [ "$(tp-user list | wc -l)" = 0 ]
}

@test "a value that looks like SQL is only a value" {
    for value in "x' or '1'='1" 'x"; drop table tp.users; --' '$1' '\x27' "'; select pg_sleep(9); --"; do
        refused 4 tp-user show "$value"
        refused 4 tp-symbol show "$value" -e BINANCE
        refused 4 tp-symbol exchange show "$value"
    done
}

@test "times and days are the same whatever the environment and the database say" {
    tp-user add zone@example.com --no-password >before
    want=$(tp-user show zone@example.com)
    for odd in PGTZ=Asia/Kathmandu PGDATESTYLE=German TZ=America/New_York LC_ALL=de_DE.UTF-8 \
        PGOPTIONS='-c datestyle=German -c timezone=Asia/Kathmandu' PGCLIENTENCODING=LATIN1; do
        [ "$(env "$odd" tp-user show zone@example.com)" = "$want" ]
    done
    pg_psql -c "alter database bad_input set timezone = 'Asia/Kathmandu'" -c "alter database bad_input set datestyle = 'German'" \
        -c "alter database bad_input set extra_float_digits = -9" -c "alter database bad_input set bytea_output = escape"
    [ "$(tp-user show zone@example.com)" = "$want" ]
    pg_psql -c 'alter database bad_input reset all' -c "delete from tp.users"
}

@test "a folder, a missing and an unreadable file are told by name" {
    : >candles
    refused "1 3" tp-symbol import . -e BINANCE
    refused 4 tp-symbol import ./missing -e BINANCE
    grep -q 'missing' err
    refused 4 tp-backtest run --orders ./missing candles
}

@test "a program that waits for a silent pipe ends when it is told to" {
    mkfifo silent
    exec 7<>silent
    : >candles
    for signal in INT:130 TERM:143; do
        for command in 'tp-backtest run -S builtin:sma-cross -' 'tp-backtest run --orders - candles' \
            'tp-prices import - -e BINANCE -s AAAUSDT -i 1h' 'tp-symbol import - -e BINANCE' \
            'tp-strategy check -' 'tp-user add waits@example.com'; do
            # shellcheck disable=SC2086
            timeout --preserve-status -k 20 -s "${signal%:*}" 0.3 $command <silent >out 2>err 7>&- && rc=0 || rc=$?
            complain "${signal#*:}" "$rc" "$command"
        done
    done
    exec 7>&-
}

@test "a full disk is exit 1 with a sentence, a closed pipe ends quietly" {
    for command in 'tp-symbol exchange list' 'tp-user add full@example.com --no-password'; do
        # shellcheck disable=SC2086
        $command >/dev/full 2>err </dev/null && rc=0 || rc=$?
        [ "$rc" = 1 ]
        grep -q 'No space left on device' err
    done
    { tp-symbol exchange list 2>err; } | true
    [ ! -s err ]
}

@test "a database without the schema, or none at all, is told and is no crash" {
    pg_psql -d postgres -c 'create database bare'
    PGDATABASE=bare refused "6 10 4" tp-user list
    PGDATABASE=bare refused "6 10 4" tp-symbol list
    PGHOST=/nonexistent refused 6 tp-user list
    PGDATABASE=not_there refused 6 tp-symbol list
    for wrong in PGPORT=99999 PGPORT=x PGSSLMODE=CANARY; do
        refused 2 env "$wrong" tp-symbol list
        grep -q 'a setting of the connection is not valid' err
        ! grep -q CANARY err
    done
}
