#!/usr/bin/env bats
# tp-strategy without a database: list, show, check, explain, and what they refuse.
bats_require_minimum_version 1.5.0

setup() {
    PATH=${TP_BUILD:-$PWD}:$BATS_TEST_DIRNAME/../../build:$PATH
    unset TP_USER TP_DSN TP_OUTPUT PGHOST
    export TP_OUTPUT=json
    cd "$BATS_TEST_TMPDIR" || return
}

doc() {
    printf '%s\n' "$@" "entry: {long: {when: 'close > 1', size: {qty: 1}}}" >it.yaml
}

refused() {
    local code=$1 want=$2
    shift 2
    run "-$code" --separate-stderr "$@"
    [ -z "$output" ]
    [[ $stderr == *": error: "*"$want"* ]] || { echo "$stderr"; return 1; }
}

@test "the built-in strategies are listed, shown and right" {
    run -0 --separate-stderr tp-strategy list --builtin
    [ "${#lines[@]}" = 9 ]
    for name in $(jq -r .name <<<"$output"); do
        tp-strategy show "$name" >show.yaml
        hash=$(jq -r "select(.name == \"$name\") | .content_sha256" <<<"$output")
        [ "$(tp-strategy check show.yaml | jq -r .sha256)" = "$hash" ]
        tp-strategy explain "$name" | jq -se 'length > 3 and all(.[]; .type == "strategy_part")'
    done
}

@test "the example of the language's page is right" {
    sed -n '/^```yaml/,/^```/p' "$BATS_TEST_DIRNAME/../../docs/strategy-language.md" | grep -v '```' >page.yaml
    [ "$(tp-strategy check page.yaml | jq -c '[.warmup, .unused]')" = '[199,[]]' ]
}

@test "the kinds of the built-ins are told apart" {
    [ "$(tp-strategy check builtin:sma-cross | jq -r .kind)" = technical ]
    [ "$(tp-strategy check builtin:pairs | jq -r .kind)" = arbitrage ]
    [ "$(tp-strategy check builtin:ml-threshold | jq -r .kind)" = ml ]
}

@test "check says what is never used and what never changes" {
    doc "params: {n: {default: 3}, m: {default: 4}}" "vars: {a: 'sma(close, \$n)', b: 'close'}" "filter: 'b > 0 or 1 < 2'" \
        "exit: {long: {when: '1 > 2'}}"
    run -0 --separate-stderr tp-strategy check it.yaml
    [ "$(jq -c .unused <<<"$output")" = '["$m","a"]' ]
    [ "$(jq -c .constant <<<"$output")" = '["$.exit.long.when"]' ]
    [ "$(jq -c '[.warmup, .cannot_run]' <<<"$output")" = '[0,null]' ]
}

@test "check counts the warm-up of each series" {
    [ "$(tp-strategy check builtin:mtf-filter | jq -c '[.warmup, .series[].warmup]')" = '[21,49,27]' ]
    [ "$(tp-strategy check builtin:mtf-filter -i 1h | jq -c '[.warmup, .series[].warmup]')" = '[1199,49,27]' ]
    refused 3 '$.data.h4.interval: 4h bars cannot be made of the run'\''s 1d bars' tp-strategy check builtin:mtf-filter -i 1d
}

@test "explain says what is computed once, what enters and what exits" {
    run -0 --separate-stderr tp-strategy explain builtin:sma-cross -P fast=20
    [ "$(jq -r 'select(.part == "indicator") | .name' <<<"$output" | xargs -d '\n')" = 'sma(close, 20) sma(close, 30)' ]
    [[ $(jq -r 'select(.name == "$") | .says' <<<"$output") == *"30 bars of warm-up, because of cross_up(sma(close, 20), sma(close, 30))"* ]]
    [[ $(jq -r 'select(.name == "$.params.fast") | .says' <<<"$output") == '$fast is 20, at least 5, at most 50, searched in steps of 5.' ]]
    [[ $(jq -r 'select(.name == "$.entry.long.when") | .says' <<<"$output") == \
        'Goes long at the market, with 95 % of the equity, when cross_up(sma(close,$fast), sma(close,$slow)).' ]]
    [[ $(jq -r 'select(.name == "$.exit.on_opposite") | .says' <<<"$output") == *"turns it round."* ]]
}

@test "explain speaks to people when it is asked for a table" {
    run -0 --separate-stderr tp-strategy explain -o table builtin:rsi-reversion
    [[ $output == *'protection $.protect.time_exit: Leaves after 48 bars whatever happened.'* ]]
    [[ $output == *'protection $.protect.take_profit[1]: Takes profit on 50 % of the position 4 % from the entry price.'* ]]
}

@test "an error names file, path and column, and what was meant" {
    doc "filter: 'close + (close > 1) > 2'"
    refused 3 "it.yaml: \$.filter: column 9: want a number, not a condition, for '+'" tp-strategy check it.yaml
    [[ $stderr == *"hint: "*"? 1 : 0"* ]]
    doc "filter: 'emaa(close, 3) > 1'"
    refused 3 "column 1: unknown function 'emaa', did you mean 'ema'?" tp-strategy check it.yaml
    doc "filter: 'close[-1] > 1'"
    refused 3 'bars to come cannot be named' tp-strategy explain it.yaml
    doc "data: {d: {interval: 2d}}"
    refused 3 "\$.data.d.interval: want 1m, 5m, 15m, 30m, 1h, 4h, 1d or 1w, not '2d'" tp-strategy check it.yaml
    doc "filtr: x"
    refused 3 "unknown key 'filtr', did you mean 'filter'?" tp-strategy check it.yaml
    printf 'a: [b\n' >it.yaml
    refused 3 'line 2 column 1: ' tp-strategy check it.yaml
    printf '{"entry": {"long": \n' >it.json
    refused 3 'line 2' tp-strategy check it.json
}

@test "parameters keep to their limits" {
    refused 2 "--param fast: 51 is above the parameter's max 50" tp-strategy check builtin:sma-cross -P fast=51
    refused 2 "--param fast: 4.5 is below the parameter's min 5" tp-strategy explain builtin:sma-cross -P fast=4.5
    refused 2 "--param fast: 'x'" tp-strategy check builtin:sma-cross -P fast=x
    refused 2 "no parameter 'fats'" tp-strategy check builtin:sma-cross -P fats=5
    [[ $stderr == *"did you mean 'fast'?"* ]]
    refused 2 "want NAME=VALUE, not 'fast'" tp-strategy check builtin:sma-cross -P fast
}

@test "command lines that are wrong" {
    refused 2 '--nosuch' tp-strategy check --nosuch builtin:sma-cross
    refused 2 '' tp-strategy explain
    refused 2 '' tp-strategy explain a b
    refused 2 '--interval' tp-strategy explain -i 7m builtin:sma-cross
    refused 2 '' tp-strategy nosuch
    refused 4 "there is no built-in strategy 'sma-cros'" tp-strategy show builtin:sma-cros
    refused 4 '' tp-strategy check ./nosuch.yaml
}

@test "files that are no documents" {
    : >it.yaml
    refused 3 'empty' tp-strategy check it.yaml
    printf 'a: b\0c\n' >it.yaml
    refused 3 '' tp-strategy check it.yaml
    printf 'a: \xff\xfe\n' >it.yaml
    refused 3 'not UTF-8' tp-strategy check it.yaml
    head -c 100000000 /dev/zero | tr '\0' x >it.yaml
    refused 3 '' tp-strategy check it.yaml
    head -c 100000 /dev/zero | tr '\0' '[' >it.yaml
    refused 3 'levels' tp-strategy check it.yaml
    head -c 100000 /dev/zero | tr '\0' '(' >deep
    doc "filter: '$(cat deep)'"
    refused 3 'too deep' tp-strategy check it.yaml
    printf 'a: &x [1]\nb: *x\n' >it.yaml
    refused 3 'anchors, aliases and tags are not allowed' tp-strategy check it.yaml
    refused 3 'empty' tp-strategy check -
    mkdir dir.yaml
    run ! --separate-stderr tp-strategy check dir.yaml
}

@test "a document comes from standard input as from a file" {
    tp-strategy show builtin:sma-cross >it.yaml
    [ "$(tp-strategy check - <it.yaml | jq -er .sha256)" = "$(tp-strategy check it.yaml | jq -er .sha256)" ]
    refused 2 'only one thing' tp-backtest run -S - -
    refused 2 'only one thing' tp-backtest run -S it.yaml --instrument - -
}

@test "variables that name each other many times cost nothing" {
    {
        printf 'vars:\n  v0: "position + close"\n'
        for i in {1..40}; do printf '  v%d: "v%d + v%d"\n' "$i" $((i - 1)) $((i - 1)); done
        printf 'filter: "v40 > 0"\n'
        printf '%s\n' "entry: {long: {when: 'close > 1', size: {qty: 1}}}"
    } >it.yaml
    refused 3 'looks at the account too often' tp-strategy check it.yaml
    sed 's/position + close/close + 1/' it.yaml >fine.yaml
    run -0 --separate-stderr tp-strategy explain fine.yaml
}

@test "a full disk and a closed pipe are told apart" {
    [ -w /dev/full ] || skip "no /dev/full here"
    for what in 'list --builtin' 'show builtin:pairs' 'check builtin:pairs' 'explain builtin:pairs' \
        'explain -o table builtin:pairs'; do
        # shellcheck disable=SC2086
        run -1 bash -c "tp-strategy $what 2>&1 >/dev/full"
        [[ $output == *"No space left on device"* ]]
        # shellcheck disable=SC2086
        tp-strategy $what | true
    done
}

@test "what cannot be run is checked, explained and refused by a backtest" {
    printf 'open_time,open,high,low,close,volume\n2024-01-01T00:00:00Z,1,1,1,1,1\n2024-01-01T01:00:00Z,1,1,1,1,1\n' >c.csv
    for name in pairs funding-arbitrage ml-threshold; do
        [ "$(tp-strategy check "builtin:$name" | jq -r '.cannot_run != null')" = true ]
        refused 5 "builtin:$name: cannot be run: $." tp-backtest run -S "builtin:$name" -i 1h --symbol X c.csv
    done
    doc 'risk: {leverage: 2, margin_mode: ISOLATED}'
    refused 5 'is more than the 2' tp-backtest run -S ./it.yaml -i 1h --symbol X --set leverage=3 c.csv
    refused 5 'wants ISOLATED' tp-backtest run -S ./it.yaml -i 1h --symbol X --set margin_mode=CROSS c.csv
}
