#!/usr/bin/env bats
# Strategies that are programs of their own (tp.proc/1): in backtests without a database.
bats_require_minimum_version 1.5.0

setup_file() {
    PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH
    examples=$(cd "$BATS_TEST_DIRNAME/../../examples/strategies" && pwd)
    export examples
    cd "$BATS_FILE_TMPDIR" || return
    "${CC:-cc}" -std=c99 -Wall -Wextra -Werror -O1 -o sma-cross "$examples/sma-cross.c"
    TP_OUTPUT=json tp-prices generate -s DEMOUSDT -i 1h -n 1500 --seed 3 >candles.jsonl
}

setup() {
    PATH=${TP_BUILD:-$PWD}:$BATS_TEST_DIRNAME/../../build:$PATH
    unset TP_USER TP_DSN TP_ENVIRONMENT TP_EXCHANGE
    export TP_OUTPUT=json
    candles=$BATS_FILE_TMPDIR/candles.jsonl
    cd "$BATS_TEST_TMPDIR" || return
}

# Whether ./mine of this test runs.
mine_runs() {
    grep -qs "$BATS_TEST_TMPDIR/[m]ine" /proc/[0-9]*/cmdline
}

teardown() {
    ! mine_runs # whatever a test does, no program is left
}

trades() {
    tp-backtest run -q --allow-synthetic --trades -S "$@" "$candles" | grep '^{"type":"backtest_trade"'
}

# program: makes ./mine of the lines of standard input
program() {
    { echo '#!/bin/sh'; cat; } >mine
    chmod 755 mine
}

# A program that answers every bar with what the shell function `bar` prints; $seq and $line are set.
answering() {
    program <<SH
bar() { $1
}
say() { printf '%s\n' "\$1"; }
while read -r line; do
    case \$line in
    *'"t":"hello"'*) say '{"t":"ready","v":1,"snapshot":true,"later":[1]}' ;;
    *'"t":"bar"'*)
        seq=\${line#*'"seq":'}
        seq=\${seq%%,*}
        bar
        ;;
    *'"t":"snapshot"'*) say '{"t":"state","data":{}}' ;;
    esac
done
SH
}

failing() {
    local code=$1 want=$2
    shift 2
    run "-$code" --separate-stderr tp-backtest run -q --allow-synthetic -S exec:./mine "$@" "$candles"
    [ -z "$output" ]
    [[ $stderr == *"error: mine: "*"$want"* || $stderr == *"error: "*"$want"* ]] || { echo "$stderr"; return 1; }
}

# ---- twins -----------------------------------------------------------------------------------------

same_as_twin() {
    local params=(-P fast=8 -P slow=21)
    trades "$examples/sma-cross.yaml" "${params[@]}" "${@:2}" >document
    trades "exec:$1" "${params[@]}" "${@:2}" >process
    [ "$(wc -l <document)" -gt 20 ]
    cmp document process
}

@test "the example in shell trades as its document does" {
    same_as_twin "$examples/sma-cross.sh"
}

@test "the example in C trades as its document does, by every profile" {
    for profile in conservative optimistic backtesting.py backtrader freqtrade; do
        same_as_twin "$BATS_FILE_TMPDIR/sma-cross" -p $profile
    done
    same_as_twin "$BATS_FILE_TMPDIR/sma-cross" --block-size 7
}

@test "the example in Python trades as its document does" {
    command -v python3 >/dev/null || skip "python3 is not there"
    same_as_twin "$examples/sma-cross.py"
}

@test "orders with a price, a stop-loss and a take-profit are those of a document" {
    cat >twin.yaml <<'YAML'
entry:
  long: {when: "position == 0 and close < open", order: {type: LIMIT, price: "low"}, size: {risk_pct: 1}, expire_bars: 1}
protect: {stop_loss: {pct: 2}, take_profit: {pct: 3}}
YAML
    cat >mine.awk <<'AWK'
function text(key,    from) {
    if (!match($0, "\"" key "\":\"[^\"]*\"")) return ""
    from = RSTART + length(key) + 4
    return substr($0, from, RSTART + RLENGTH - 1 - from)
}
text("t") == "hello" { print "{\"t\":\"ready\",\"v\":1,\"deterministic\":true}" }
text("t") == "bar" {
    match($0, "\"seq\":[0-9]+"); seq = substr($0, RSTART + 6, RLENGTH - 6)
    if (/"side":"FLAT"/ && text("c") + 0 < text("o") + 0)
        print "{\"t\":\"place\",\"id\":\"e" seq "\",\"side\":\"LONG\",\"type\":\"LIMIT\",\"price\":\"" text("l") \
            "\",\"risk_pct\":\"1\",\"sl_pct\":\"2\",\"tp_pct\":\"3\",\"expire_bars\":1,\"reason\":\"entry.long\"}"
    print "{\"t\":\"done\",\"seq\":" seq "}"
}
{ fflush() }
AWK
    program <<SH
case \$(awk -W version </dev/null 2>&1) in mawk*) i='-W interactive' ;; esac
exec awk \${i-} -f $PWD/mine.awk
SH
    trades ./twin.yaml >document
    trades exec:./mine >process
    [ "$(wc -l <document)" -gt 10 ]
    cmp document process
}

# ---- what it is told ---------------------------------------------------------------------------------

@test "it runs in an empty folder, with a clean environment and nothing open" {
    export SECRET=1 GIVEN=2
    program <<'SH'
ls -A . | wc -l >&2
env | cut -d= -f1 | grep -cE '^(SECRET|TP_OUTPUT)$' >&2
echo "given $GIVEN $SET" >&2
ls -l /proc/self/fd 2>/dev/null | grep -c 'candles' >&2
exit 7
SH
    printf '{"process":{"command":["%s"],"env":["GIVEN","SET=3"]}}' "$PWD/mine" >it.json
    run -1 --separate-stderr tp-backtest run --allow-synthetic -S ./it.json "$candles"
    [ "$(grep -o 'strategy: .*' <<<"$stderr" | cut -d' ' -f2- | xargs)" = '0 0 given 2 3 0' ]
    [[ $stderr == *"ended with exit status 7"* ]]
}

@test "what is said goes both ways into the record, and another build is held against it" {
    answering 'case $seq in 20) say "{\"t\":\"target\",\"side\":\"LONG\",\"qty\":\"0.2\"}" ;; esac
        say "{\"t\":\"log\",\"msg\":\"at $seq\"}"; say "{\"t\":\"done\",\"seq\":$seq}"'
    run -0 --separate-stderr tp-backtest run -q --allow-synthetic -S exec:./mine --record said -P a=1.5 "$candles"
    [ "$(head -n 1 said | jq -c '[.type, .v, .command[0]]')" = "[\"transcript\",1,\"$PWD/mine\"]" ]
    [ "$(jq -r 'select(.type == "sent").line.t' said | sort | uniq -c | xargs)" = '1500 bar 1 end 2 fill 1 hello 1 init 4 order' ]
    [ "$(jq -c 'select(.line.t == "init").line | [.params, .equity, .interval]' said)" = '[{"a":"1.5"},"10000","1h"]' ]
    [ "$(jq -c 'select(.line.t == "fill").line | [.client_id, .side, .qty, .position.side]' said | tr '\n' ' ')" = \
        '[null,"BUY","0.2","LONG"] [null,"SELL","0.2","FLAT"] ' ]
    [ "$(jq -c 'select(.line.t == "bar" and .line.position.side == "LONG").line.position.qty' said | sort -u)" = '"0.2"' ]
    run -0 --separate-stderr tp-strategy replay said
    [ "$(jq -c '[.type, .same, .difference]' <<<"$output")" = '["strategy_replay",1501,null]' ]
    cp mine other
    sed -i 's/0\.2/0.3/' other
    run -1 --separate-stderr tp-strategy replay said --exec ./other
    [ "$(jq -c '[.wanted, .given] | map(fromjson.qty)' <<<"$output")" = '["0.2","0.3"]' ]
    [[ $stderr == *"error: line "*" of the transcript"* ]]
    run -2 --separate-stderr tp-backtest run -q --allow-synthetic -S builtin:sma-cross --record said "$candles"
}

@test "an id is one order: the same again is nothing, another under it is refused, a cancel finds it" {
    answering 'case $seq in
        5 | 7) say "{\"t\":\"place\",\"id\":\"a\",\"side\":\"LONG\",\"type\":\"LIMIT\",\"price\":\"1\",\"qty\":\"1\"}" ;;
        9) say "{\"t\":\"place\",\"id\":\"a\",\"side\":\"LONG\",\"type\":\"LIMIT\",\"price\":\"2\",\"qty\":\"1\"}" ;;
        12) say "{\"t\":\"cancel\",\"id\":\"a\"}"; say "{\"t\":\"cancel\",\"id\":\"b\"}" ;;
        esac; say "{\"t\":\"done\",\"seq\":$seq}"'
    tp-backtest run -q --allow-synthetic -S exec:./mine --record said "$candles" >/dev/null
    [ "$(jq -r 'select(.line.t == "order").line | [.client_id, .status, .reason] | join(" ")' said)" = \
        "$(printf '%s\n' 'a PENDING a' 'a REJECTED ID_REUSED' 'b REJECTED UNKNOWN_ID' 'a CANCELLED STRATEGY')" ]
}

@test "during its warm-up it may want nothing" {
    answering 'say "{\"t\":\"target\",\"side\":\"LONG\",\"qty\":\"0.1\"}"; say "{\"t\":\"done\",\"seq\":$seq}"'
    printf '{"process":{"command":["%s"],"warmup":10}}' "$PWD/mine" >it.json
    tp-backtest run -q --allow-synthetic -S ./it.json --record said --trades "$candles" >out
    [ "$(jq -s 'map(select(.line.warm == true)) | length' said)" = 10 ]
    [ "$(jq -s 'map(select(.line.reason == "WARM_UP")) | length' said)" = 10 ]
    [ "$(grep -c '^{"type":"backtest_trade"' out)" = 1 ]
}

@test "bars of coarser intervals that it needs come when they end, each a barrier of its own" {
    # the first day is a part; in the second its end is missing, and the third begins late
    sed -e 1,5d -e 44,53d "$candles" >gaps.jsonl
    answering 'case $line in
        *"\"series\":\"d\""*) say "{\"t\":\"target\",\"side\":\"$(case $seq in *[02468]) echo LONG ;; *) echo SHORT ;; esac)\",\"qty\":\"0.1\"}" ;;
        esac; say "{\"t\":\"done\",\"seq\":$seq}"'
    sed -i 's/"later":\[1\]/"deterministic":true,"needs":[{"series":"h4","interval":"4h"},{"series":"d","interval":"1d"}]/' mine
    tp-backtest run -q --allow-synthetic -S exec:./mine --record said --trades gaps.jsonl >out
    [ "$(grep -c '^{"type":"backtest_trade"' out)" -gt 5 ]
    jq -c 'select(.line.t == "bar").line' said >bars
    # a bar of 1d ends with the hour that ends at midnight, or at the next hour that there is
    for series in d:10 h4:13; do
        jq -c --arg s "${series%:*}" 'select(.series == $s) | [.open_time[:19], (.o, .h, .l, .c | tonumber), (.v | tonumber * 1e6 | round)]' bars >got
        jq -s -c --argjson n "${series#*:}" '
            def start: if $n == 10 then .[:10] else .[:11] + ((.[11:13] | tonumber / 4 | floor * 4 | tostring) | if length == 1 then "0" + . else . end) end;
            map(select(.type == "market_price")) | group_by(.timestamp | start) | .[1:]
            | .[] | [(.[0].timestamp | start + (if $n == 10 then "T00:00:00" else ":00:00" end)), (.[0].open | tonumber),
                (map(.high | tonumber) | max), (map(.low | tonumber) | min), (.[-1].close | tonumber), (map(.volume | tonumber) | add * 1e6 | round)]' gaps.jsonl >want
        # the last one may not have ended
        [ "$(($(wc -l <want) - $(wc -l <got)))" -le 1 ]
        diff got <(head -n "$(wc -l <got)" want)
    done
    # each is followed by the bar of the run that ended it
    jq -s -c '. as $b | [range(0; length) | select($b[.].series != "main") as $i | . as $k | ([$b[$k:][] | select(.series == "main")][0]) as $m
        | select($m.close_time < $b[$k].close_time or $m.open_time < $b[$k].open_time)] | length' bars | grep -qx 0
    [ "$(jq -s 'map(.seq) | . == (sort | unique)' bars)" = true ]
    run -0 tp-strategy replay said
    # what cannot be made of hours
    sed -i 's/"4h"/"5m"/' mine
    run -3 --separate-stderr tp-backtest run -q --allow-synthetic -S exec:./mine gaps.jsonl
    [[ $stderr == *"needs: h4: candles of 5m cannot be made from candles of 1h"* ]]
}

@test "network: none takes the network away, also from a replay" {
    answering 'readlink /proc/self/ns/net >&2; say "{\"t\":\"done\",\"seq\":$seq}"'
    printf '{"process":{"command":["%s"],"network":"none"}}' "$PWD/mine" >it.json
    if ! unshare -n true 2>/dev/null && ! unshare -rn true 2>/dev/null; then
        run -1 --separate-stderr tp-backtest run --allow-synthetic -S ./it.json "$candles"
        [[ $stderr == *"this system allows no network namespace"* ]]
        return
    fi
    run -0 --separate-stderr tp-backtest run --allow-synthetic -S ./it.json --record said "$candles"
    [[ $stderr == *"net:["* && $stderr != *"$(readlink /proc/self/ns/net)"* ]]
    run -0 --separate-stderr tp-strategy replay said
    [[ $stderr == *"net:["* && $stderr != *"$(readlink /proc/self/ns/net)"* ]]
}

@test "a program that only says that it is deterministic is found out" {
    answering 'say "{\"t\":\"place\",\"id\":\"$seq.$$\",\"side\":\"LONG\",\"qty\":\"1\"}"; say "{\"t\":\"done\",\"seq\":$seq}"'
    sed -i 's/"snapshot":true/"deterministic":true/' mine
    failing 3 'says it is deterministic, but line '
}

# ---- failures ----------------------------------------------------------------------------------------

@test "a program that is not there, ends early, closes its output or is killed" {
    run -4 --separate-stderr tp-backtest run -S exec:./none "$candles"
    run -4 --separate-stderr tp-backtest run --allow-synthetic -S exec:no-such-program "$candles"
    program <<<'exit 3'
    failing 1 'the program has ended with exit status 3'
    program <<<'exit 75'
    failing 7 'asks to be started again later'
    answering 'exec >&-; sleep 60'
    failing 1 'the program has closed its output and goes on'
    answering 'kill -9 $$'
    failing 1 'the program was ended by signal 9'
    answering 'say "{\"t\":\"done\",\"seq\":$seq}"; [ "$seq" != 40 ] || exit 0'
    failing 1 'the program has ended with exit status 0'
}

@test "what it prints is read strictly, and the line is named" {
    answering 'say garbage'
    failing 3 'line 2 of the program: line 1 column 7: not valid JSON'
    answering "say '[]'"
    failing 3 'line 2 of the program: want a JSON object'
    answering "say '{\"t\":\"buy\"}'"
    failing 3 "line 2 of the program: t: there is no 'buy'"
    answering "say '{\"t\":\"done\",\"seq\":7}'"
    failing 3 'line 2 of the program: done with seq 7, want 1'
    answering "say '{\"t\":\"target\",\"side\":\"LONG\",\"qty\":0.5}'"
    failing 3 'line 2 of the program: qty: want a decimal as text'
    answering "say '{\"t\":\"target\",\"side\":\"LONG\",\"qty\":\"1e3\"}'"
    failing 3 'qty: '
    answering "say '{\"t\":\"target\",\"side\":\"UP\",\"qty\":\"1\"}'"
    failing 3 "side: there is no 'UP'"
    answering "say '{\"t\":\"place\",\"id\":\"a\",\"side\":\"LONG\",\"type\":\"LIMIT\",\"qty\":\"1\"}'"
    failing 3 'line 2 of the program: price'
    answering "say '{\"t\":\"place\",\"id\":\"a\",\"side\":\"LONG\",\"risk_pct\":\"1\"}'"
    failing 3 'risk_pct: it needs a stop-loss'
    answering 'i=0; while [ $i -lt 65 ]; do i=$((i + 1)); say "{\"t\":\"place\",\"id\":\"$i\",\"side\":\"LONG\",\"qty\":\"1\"}"; done'
    failing 3 'more than 64 actions at one bar'
    answering "printf '\\377\\n'"
    failing 3 'line 2: invalid UTF-8'
    program <<<"echo '{\"t\":\"done\",\"seq\":1}'; sleep 60"
    failing 3 'the first line must be ready'
}

@test "a line without an end is not read forever, and a flood of errors is cut" {
    answering 'head -c 100000000 /dev/zero | tr "\000" a; sleep 60'
    failing 3 'line 2: longer than 1 MiB'
    answering '[ "$seq" != 3 ] || seq 100000 >&2; say "{\"t\":\"done\",\"seq\":$seq}"'
    run -0 --separate-stderr tp-backtest run --allow-synthetic -S exec:./mine "$candles"
    printed=$(grep -c '^tp-backtest: strategy: [0-9]*$' <<<"$stderr")
    left=$(sed -n 's/.*strategy: \([0-9]*\) more lines of standard error were left out/\1/p' <<<"$stderr" | awk '{ n += $1 } END { print n }')
    [ "$printed" -ge 1000 ] && [ "$printed" -lt 10000 ] && [ $((printed + left)) = 100000 ]
}

@test "a program that hangs is ended, even one that does not want to" {
    program <<'SH'
trap '' TERM
while read -r line; do
    case $line in
    *'"t":"hello"'*) echo '{"t":"ready","v":1}' ;;
    *'"t":"bar"'*) while :; do sleep 1; done ;;
    esac
done
SH
    printf '{"process":{"command":["%s"],"deadline_ms":200}}' "$PWD/mine" >it.json
    run -1 --separate-stderr tp-backtest run --allow-synthetic -S ./it.json "$candles"
    [[ $stderr == *"has not answered bar 1 after 200 ms"* ]]
}

@test "a signal ends the run and the program" {
    answering 'sleep 60'
    tp-backtest run -q --allow-synthetic -S exec:./mine "$candles" 3>&- &
    until mine_runs; do sleep 0.05; done
    kill -TERM $!
    wait $! || status=$?
    [ "$status" = 143 ]
}

# ---- documents ---------------------------------------------------------------------------------------

@test "a document names its program, and says what is wrong with it" {
    refuse() {
        printf '%s\n' "$1" >it.yaml
        run -3 --separate-stderr tp-strategy check it.yaml
        [[ $stderr == *"$2"* ]] || { echo "$stderr"; return 1; }
    }
    refuse 'process: {}' '$.process.command: want the program'
    refuse 'process: {command: [./x]}' '$.process.command[0]: want a whole path'
    refuse 'process: {command: x}' '$.process.command: want a list'
    refuse 'process: {command: [x], deadline: 1}' "\$.process: unknown key 'deadline'"
    refuse 'process: {command: [x], deadline_ms: 0}' 'deadline_ms: want a time above zero'
    refuse 'process: {command: [x], on_timeout: wait}' 'on_timeout: want hold, flatten, stop'
    refuse 'process: {command: [x], on_error: sell}' 'on_error: want keep, cancel, flatten'
    refuse 'process: {command: [x], env: [=1]}' '$.process.env[0]: want NAME or NAME=VALUE'
    refuse "$(printf '%s\n' 'process: {command: [x]}' "filter: 'close > 1'")" '$.filter: a process decides by itself'
    printf '%s\n' 'params: {n: {default: 3}}' 'process: {command: [x, -v], warmup: 7}' >it.yaml
    [ "$(tp-strategy check it.yaml | jq -c '[.kind, .warmup, .unused]')" = '["technical",7,[]]' ]
    [[ $(tp-strategy explain it.yaml | jq -r .says) == *"The program x -v decides; when it has not answered a bar after 10000 ms"* ]]
    run -2 --separate-stderr tp-strategy check it.yaml -P m=1
    [ "$(tp-strategy check -P m=1 exec:true | jq -c .parameters.params)" = '{"m":{"default":"1"}}' ]
}
