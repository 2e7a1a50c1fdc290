#!/usr/bin/env bats
# Strategies that are programs of their own as paper bots: as their twins, killed and started again, failing.
bats_require_minimum_version 1.5.0
load ../lib/pg
load ../lib/bots

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json
    unset TP_USER
    examples=$(cd "$BATS_TEST_DIRNAME/../../examples/strategies" && pwd)
    export examples
    "${CC:-cc}" -O1 -o "$BATS_FILE_TMPDIR/sma-cross" "$examples/sma-cross.c"
    pg_fresh_db bots
    pg_psql -1 -f "$PG_SQL/seeds/dev.sql"
    export TP_USER=demo@example.com
    tp-prices generate -q -s DEMOUSDT -i 1h -n 600 --seed 5 --store
    # what the document does: the program must leave the same rows
    PGDATABASE=bots
    pg_psql -d postgres -c "create database twin template bots"
    export PGDATABASE=twin
    bot twin "$examples/sma-cross.yaml" -P fast=8 -P slow=21
    tp-bot tick twin >/dev/null
    rows >"$BATS_FILE_TMPDIR/twin"
    [ "$(pg_psql -c 'select count(*) > 40 from tp.trades')" = t ]
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    export PGDATABASE=proc_$BATS_TEST_NUMBER
    pg_psql -d postgres -c "create database $PGDATABASE template bots"
    cd "$BATS_TEST_TMPDIR"
}

as_twin() {
    rows >got
    cmp "$BATS_FILE_TMPDIR/twin" got
}

crossing() {
    bot it "exec:$1" -P fast=8 -P slow=21
}

status() {
    tp-bot show it | jq -r .status
}

# A program that runs $1 for each bar; $seq is its number, $line what was said.
answering() {
    cat >mine <<SH
#!/bin/sh
say() { printf '%s\n' "\$1"; }
done_() { say "{\"t\":\"done\",\"seq\":\$seq}"; }
while read -r line; do
    case \$line in
    *'"t":"hello"'*) say '{"t":"ready","v":1}' ;;
    *'"t":"bar"'*)
        seq=\${line#*'"seq":'}
        seq=\${seq%%,*}
        $1
        ;;
    esac
done
SH
    chmod 755 mine
}

@test "the examples leave the rows that their document leaves, and no parity report differs" {
    crossing "$BATS_FILE_TMPDIR/sma-cross"
    tp-bot tick it >/dev/null
    as_twin
    run -0 tp-bot parity it
    [ "$(jq -c '[.differences, .gap]' <<<"$output")" = '[0,"0.00000000"]' ]
}

@test "a program whose bot was stopped meanwhile is shown the bars it has missed, and may want nothing then" {
    answering 'say "{\"t\":\"target\",\"side\":\"$(case $seq in *[13579]) echo LONG ;; *) echo SHORT ;; esac)\",\"qty\":\"0.1\"}"; say "{\"t\":\"done\",\"seq\":$seq}"'
    sed -i -e 's/"v":1}/"v":1,"snapshot":true}/' \
        -e '/"t":"bar"/i\    *"\\"t\\":\\"snapshot\\""*) say "{\\"t\\":\\"state\\",\\"data\\":1}" ;;' mine
    bot it "exec:$PWD/mine"
    tp-bot tick it --until 2024-01-03 --record said >/dev/null
    tp-bot stop it >/dev/null
    tp-bot tick --all --until 2024-01-04 --record said >/dev/null
    tp-bot tick --all --until 2024-01-05 --record said >/dev/null
    [ "$(grep -c '"t":"hello"' said)" = 1 ]
    tp-bot start it >/dev/null
    tp-bot tick it --until 2024-01-06 --record said >/dev/null
    [ "$(grep -c '"t":"hello"' said)" = 2 ]
    jq -c 'select(.line.t == "bar").line | [.open_time, .warm]' said >bars
    [ "$(jq -r '.[0]' bars | sort -u | wc -l)" = 120 ]
    [ "$(wc -l <bars)" = 120 ]
    [ "$(jq -r 'select(.[1]) | .[0]' bars | sed -n '1p;$p' | xargs)" = '2024-01-03T00:00:00.000000Z 2024-01-04T23:00:00.000000Z' ]
    # what it wanted at the last bar before the stop was filled in the next bar, no more until it ran again
    [ "$(pg_psql -c "select count(*) from tp.orders where created_at > '2024-01-03' and created_at < '2024-01-05'")" = 0 ]
}

@test "bars of coarser intervals go on where the last tick has left them" {
    answering 'say "{\"t\":\"done\",\"seq\":$seq}"'
    sed -i -e 's/"v":1}/"v":1,"snapshot":true,"needs":[{"series":"d","interval":"1d"}]}/' \
        -e '/"t":"bar"/i\    *"\\"t\\":\\"snapshot\\""*) say "{\\"t\\":\\"state\\",\\"data\\":1}" ;;' mine
    for name in whole parts; do
        bot $name "exec:$PWD/mine"
        for until in $([ $name = whole ] || echo 2024-01-03T07:00:00Z 2024-01-03T23:00:00Z 2024-01-04 2024-01-06T12:00:00Z) 2024-01-10; do
            tp-bot tick $name --until "$until" --record $name.said >/dev/null
        done
        jq -c 'select(.line.series == "d").line | del(.seq)' $name.said >$name.days
    done
    [ "$(wc -l <whole.days)" = 9 ]
    cmp whole.days parts.days
    [ "$(grep -c '"t":"hello"' parts.said)" = 5 ]
    [ "$(jq -c 'select(.line.series == "main").line.open_time' parts.said | sort | uniq -d | wc -l)" = 0 ]
}

@test "the example in shell leaves the rows that its document leaves" {
    crossing "$examples/sma-cross.sh"
    tp-bot tick it >/dev/null
    as_twin
}

@test "the example in Python leaves the rows that its document leaves" {
    command -v python3 >/dev/null || skip "python3 is not there"
    crossing "$examples/sma-cross.py"
    tp-bot tick it >/dev/null
    as_twin
}

@test "a program that is started anew at each tick goes on from its state" {
    crossing "$BATS_FILE_TMPDIR/sma-cross"
    for day in 02 03 05 08 09 13 14 17 20 21; do
        tp-bot tick it --record said --until "2024-01-${day}T07:00:00Z" >/dev/null
    done
    tp-bot tick it --record said >/dev/null
    as_twin
    [ "$(jq -s 'map(select(.line.t == "hello")) | length' said)" = 11 ]
    [ "$(jq -s 'map(select(.line.t == "bar")) | length' said)" = 600 ] # none twice
    run -0 --separate-stderr tp-strategy replay said
    [ "$(jq .difference <<<"$output")" = null ]
}

@test "a program without a state sees the bars before again" {
    sed 's/,\\"snapshot\\":true//' "$examples/sma-cross.c" >plain.c
    "${CC:-cc}" -O1 -o plain plain.c
    crossing ./plain
    for day in 02 05 13 21; do tp-bot tick it --record said --until "2024-01-$day" >/dev/null; done
    tp-bot tick it --record said >/dev/null
    as_twin
    [ "$(jq -s 'map(select(.line.warm == true)) | length > 500' said)" = true ]
}

@test "a tick that is killed again and again loses nothing" {
    crossing "$BATS_FILE_TMPDIR/sma-cross"
    n=0
    for ((i = 0; i < 40; i++)); do
        timeout -s KILL "0.$(printf '%02d' $((RANDOM % 25 + 1)))" tp-bot tick it >/dev/null 2>&1 && break
        n=$((n + 1))
    done
    # the server ends what was begun
    for ((i = 0; i < 50; i++)); do tp-bot tick it >/dev/null && break; sleep 0.1; done
    as_twin
    [ "$n" -gt 0 ]
}

@test "a program that is killed stops the bot, and nothing is lost when it starts again" {
    cp "$examples/sma-cross.sh" mine
    # the program kills itself at some bars, once each
    sed -i "s|^what == \"bar\" {|&\n    n = number(\"seq\"); if (n % 97 == 0 \&\& system(\"mkdir $PWD/killed.\" n \" 2>/dev/null\") == 0) system(\"kill -9 \$PPID\")|" mine
    crossing ./mine
    n=0
    until tp-bot tick it >/dev/null 2>err || [ "$n" -gt 50 ]; do
        grep -q 'ended by signal 9' err
        [ "$(status)" = error ]
        tp-bot start it >/dev/null
        n=$((n + 1))
    done
    [ "$n" -gt 2 ]
    as_twin
}

@test "exit status 75 is another time: the bot goes on to run" {
    printf '%s\n' '#!/bin/sh' 'exit 75' >mine
    chmod 755 mine
    crossing ./mine
    run -7 --separate-stderr tp-bot tick it
    [ "$(status)" = running ]
}

# A bot whose program buys at its third bar and fails at the tenth: fails POLICIES COMMAND
fails() {
    answering "case \$seq in 3) say '{\"t\":\"target\",\"side\":\"LONG\",\"qty\":\"0.1\"}'
            say '{\"t\":\"place\",\"id\":\"a\",\"side\":\"LONG\",\"type\":\"LIMIT\",\"price\":\"1\",\"qty\":\"1\"}' ;; esac
        case \$line in *'2024-01-01T10:00'*'close_time'*) $2 ;; esac; done_"
    printf '{"process":{"command":["%s"],"deadline_ms":300,%s}}' "$PWD/mine" "$1" >it.json
    bot it ./it.json
    run --separate-stderr tp-bot tick it
}

@test "what a failure leaves is what the document says" {
    fails '"on_error":"keep"' 'exit 3'
    [ "$output" != '' ]
    [[ $stderr == *"the program has ended with exit status 3"* ]]
    [ "$(status)" = error ]
    [ "$(pg_psql -c "select status from tp.orders where order_type = 'LIMIT'")" = PENDING ]
    [ "$(pg_psql -c 'select status from tp.positions')" = OPEN ]
}

@test "on_error cancel takes the orders back" {
    fails '"on_error":"cancel"' 'exit 3'
    [ "$(status)" = error ]
    [ "$(pg_psql -c "select status, reject_reason from tp.orders where order_type = 'LIMIT'")" = 'CANCELLED|FAILED' ]
    [ "$(pg_psql -c 'select status from tp.positions')" = OPEN ]
}

@test "on_error flatten closes the position as well" {
    fails '"on_error":"flatten"' 'say garbage'
    [ "$(status)" = error ]
    [ "$(pg_psql -c "select status from tp.orders where order_type = 'LIMIT'")" = CANCELLED ]
    [ "$(pg_psql -c 'select status from tp.positions')" = CLOSED ]
}

@test "a program that is late holds, stops or flattens" {
    fails '"on_timeout":"flatten"' 'sleep 5'
    [[ $stderr == *"has not answered bar"*"after 300 ms"* ]]
    [ "$(status)" = error ]
    [ "$(pg_psql -c 'select status from tp.positions')" = CLOSED ]
    tp-bot stop it >/dev/null
    tp-bot delete it >/dev/null
    fails '"on_timeout":"hold"' '[ -e late ] || { : >'"$PWD"'/late; sleep 1; }'
    [ "$(status)" = running ]
    [ "$(pg_psql -c "select count(*) from tp.positions where status = 'OPEN'")" = 1 ]
}

@test "a published program runs for its owner alone" {
    tp-user add bob@example.com --no-password >/dev/null
    printf '{"process":{"command":["true"]}}' >theirs.json
    tp-strategy add theirs.json >/dev/null
    tp-strategy publish theirs >/dev/null
    export TP_USER=bob@example.com
    [ "$(tp-strategy check theirs | jq -r .name)" = theirs ]
    run -5 --separate-stderr tp-bot create it -S theirs -s DEMOUSDT -i 1h
    [[ $stderr == *"a program runs for the owner of the document alone"* ]]
    run -5 --separate-stderr tp-backtest run -S theirs -s DEMOUSDT -i 1h --allow-synthetic
    [ -z "$output" ]
}

@test "an order that somebody else cancels is told to the program as ended" {
    answering 'case $seq in 3) say "{\"t\":\"place\",\"id\":\"a\",\"side\":\"LONG\",\"type\":\"LIMIT\",\"price\":\"1\",\"qty\":\"1\"}" ;; esac; done_'
    bot it exec:./mine
    tp-bot tick it --until 2024-01-02 >/dev/null
    tp-order cancel "$(pg_psql -c 'select id from tp.orders')" >/dev/null
    tp-bot tick it --record said --until 2024-01-03 >/dev/null
    [ "$(jq -r 'select(.line.t == "order").line | [.client_id, .status, .reason] | join(" ")' said)" = 'a ENDED OUTSIDE' ]
}
