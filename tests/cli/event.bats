#!/usr/bin/env bats
# tp-event: the queue from outside, against a real server.
bats_require_minimum_version 1.5.0
load ../lib/pg

setup_file() {
    pg_wanted || return 0
    pg_start
    export PATH=${TP_BUILD:-$BATS_TEST_DIRNAME/../../build}:$PATH TP_OUTPUT=json
    unset TP_USER
    pg_fresh_db event
    tp-user add ann@example.com --no-password | jq -r .id >"$BATS_FILE_TMPDIR/ann"
}

teardown_file() {
    pg_stop
}

setup() {
    not_skipped
    pg_psql -c 'truncate tp.event_queue, tp.event_holds, tp.processed_events'
    ann=$(cat "$BATS_FILE_TMPDIR/ann")
    cd "$BATS_TEST_TMPDIR" || return
}

# push N events n1 ... of a key
push() {
    for ((i = 1; i <= $1; i++)); do
        printf '{"event_type":"%s","payload":{"n":%d}%s}\n' "${2:-t}" "$i" "${3:+,\"ordering_key\":\"$3\"}"
    done | tp-event push -q >/dev/null
}

count() {
    pg_psql -c "select count(*) from tp.event_queue where ${1:-true}"
}

@test "push answers each line in order, takes the good ones and says which are bad" {
    cat >lines <<'LINES'
{"type":"order","id":"0193b5c0-0000-7000-8000-000000000002","status":"PARTIALLY_FILLED","price":"1.00000000"}
{"event_type":"x.y","payload":{"q":"\"\\{},\u00e9"},"ordering_key":"a \"key\" \\","available_at":"2026-01-01"}
not json
{"a":1}

{"event_type":"x","payload":[1]}
{"event_type":"x","user_id":"0193b5c0-0000-7000-8000-000000000009"}
{"event_type":"x","payload":{"z":"\u0000"}}
{"event_type":"x","max_attempts":0}
{"event_type":"","payload":{}}
{"type":"trade","id":"0193b5c0-0000-7000-8000-000000000003","price":"1.00000000"}
{"type":"position","id":"0193b5c0-0000-7000-8000-000000000004","status":"OPEN"}
LINES
    run -13 --separate-stderr tp-event push <lines
    [ "$(jq -r '[.line, .event_type // .reason] | join(" ")' <<<"$output")" = "1 order.partially_filled
2 x.y
3 MALFORMED
4 MALFORMED
6 MALFORMED
7 MISSING
8 MALFORMED
9 MALFORMED
10 MALFORMED
11 trade.executed
12 position.changed" ]
    [[ $stderr == *"7 lines were refused"* ]]
    [ "$(pg_psql -c "select string_agg(coalesce(ordering_key, '-'), ' | ' order by id) from tp.event_queue")" = \
        'order:0193b5c0-0000-7000-8000-000000000002 | a "key" \ | - | position:0193b5c0-0000-7000-8000-000000000004' ]
    [ "$(pg_psql -c "select payload ->> 'q' from tp.event_queue where event_type = 'x.y'")" = $'"\\{},\xc3\xa9' ]
    [ "$(pg_psql -c "select payload ->> 'price' from tp.event_queue where event_type = 'trade.executed'")" = 1.00000000 ]
}

@test "an event id is there once: lines again, within a batch, and by options" {
    line='{"type":"order","id":"0193b5c0-0000-7000-8000-000000000002","status":"FILLED"}'
    run -0 --separate-stderr tp-event push <<<"$line"$'\n'"$line"
    [ "$(jq -r .duplicate <<<"$output" | xargs)" = "false true" ]
    run -0 --separate-stderr tp-event push <<<"$line"
    [ "$(jq -r .duplicate <<<"$output")" = true ]
    id=0193b5c0-0000-7000-8000-00000000000a
    run -0 --separate-stderr tp-event push --type a --payload '{}' --event-id $id
    run -0 --separate-stderr tp-event push --type b --payload '{"other":1}' --event-id $id
    [ "$(jq -r '[.event_id, .duplicate] | join(" ")' <<<"$output")" = "$id true" ]
    [ "$(count)" = 2 ]
}

@test "a thousand lines are a thousand answers; --type, --key, --at, --expires and the acting user fill in what lines leave out" {
    for ((i = 0; i < 1000; i++)); do echo "{\"n\":$i}"; done >lines
    TP_USER=ann@example.com run -0 --separate-stderr tp-event push --type t --key k --at 2026-01-01 --expires 2099-01-01 --max-attempts 3 <lines
    [ "$(jq -s 'map(.line) == [range(1; 1001)]' <<<"$output")" = true ]
    [ "$(pg_psql -c "select count(*), min(event_type), min(ordering_key), min(user_id::text), min(available_at)::date, min(expires_at)::date,
                     min(max_attempts), sum((payload ->> 'n')::integer) from tp.event_queue")" = "1000|t|k|$ann|2026-01-01|2099-01-01|3|499500" ]
}

@test "read claims for the time of the lease, ack completes; a lease that was lost is told and is no failure" {
    push 3
    tp-event read --batch 2 --lease 600 >first
    [ "$(jq -c '[.payload.n, .status, .retry_count]' first | xargs)" = "[1,PROCESSING,1] [2,PROCESSING,1]" ]
    [ "$(tp-event read | jq .payload.n)" = 3 ]
    run -0 --separate-stderr tp-event ack <first
    [ "$(jq -c '[.line, .status, .lost]' <<<"$output" | xargs)" = "[1,COMPLETED,false] [2,COMPLETED,false]" ]
    run -0 --separate-stderr tp-event ack <first
    [ "$(jq -c '[.status, .lost]' <<<"$output" | xargs)" = "[null,true] [null,true]" ]
    [[ $stderr == *"2 leases were lost"* ]]
    [ "$(count "status = 'COMPLETED'")" = 2 ]
}

@test "a lease that is over is taken over, and the first worker's acknowledgement changes nothing" {
    push 1
    tp-event read >first
    [ -z "$(tp-event read)" ]
    pg_psql -c "update tp.event_queue set lease_until = now() - interval '1 second'"
    tp-event read >second
    [ "$(jq .silent_deaths second)" = 1 ]
    [ "$(tp-event ack -q <first | jq .lost)" = true ]
    [ "$(count "status = 'PROCESSING'")" = 1 ]
    [ "$(tp-event ack <second | jq -r .status)" = COMPLETED ]
}

@test "a failure waits for its backoff, keeps its error, and the last one makes the event dead" {
    printf '{"event_type":"t","max_attempts":2}\n' | tp-event push -q >/dev/null
    tp-event read | jq -c '.error = "no \"luck\""' | tp-event ack >answer
    [ "$(jq -r .status answer)" = PENDING ]
    [ "$(pg_psql -c "select last_error, retry_count, available_at <= now() + interval '1 second' from tp.event_queue")" = 'no "luck"|1|t' ]
    pg_psql -c "update tp.event_queue set available_at = now()"
    [ "$(tp-event read | jq -c '.error = "again"' | tp-event ack | jq -r .status)" = FAILED ]
    [ "$(tp-event dead list | jq -r .last_error)" = again ]
    [ -z "$(tp-event read)" ]
}

@test "retry_after does not count the attempt" {
    push 1
    tp-event read | jq -c '.error = "busy" | .retry_after = 3600' | tp-event ack >answer
    [ "$(pg_psql -c "select retry_count, available_at > now() + interval '59 minutes' from tp.event_queue")" = "0|t" ]
}

@test "bad lines of ack are answered with their number, the good ones take effect" {
    push 1
    { echo nonsense; tp-event read; echo '{"lease_token":null}'; } >lines
    run -13 --separate-stderr tp-event ack <lines
    [ "$(jq -r '[.line, .status // .reason] | join(" ")' <<<"$output")" = "1 MALFORMED
2 COMPLETED
3 MALFORMED" ]
}

@test "an event over which three workers die without a word is dead, though attempts remain" {
    push 1
    for _ in 1 2 3; do
        [ -n "$(tp-event read)" ]
        pg_psql -c "update tp.event_queue set lease_until = now() - interval '1 second'"
    done
    run -0 --separate-stderr tp-event read
    [ -z "$output" ]
    [[ $stderr == *"is dead: poison"* ]]
    [ "$(tp-event dead list --error 'poison*' | jq .retry_count)" = 3 ]
}

@test "a lease that is over with no attempt left, and an event past its time, are dead at the next claim" {
    printf '{"event_type":"t","max_attempts":1}\n{"event_type":"t","expires_at":"2020-01-01","ordering_key":"k"}\n{"event_type":"t","ordering_key":"k"}\n' | tp-event push -q >/dev/null
    pg_psql -c "update tp.event_queue set available_at = now() + interval '1 hour' where ordering_key is not null"
    [ "$(tp-event read | wc -l)" = 1 ]
    pg_psql -c "update tp.event_queue set lease_until = now() - interval '1 second' where lease_until is not null" \
        -c "update tp.event_queue set available_at = now() where ordering_key is not null"
    tp-event read -q >rest 2>/dev/null
    [ "$(tp-event dead list | jq -r .last_error | sort)" = $'expired\nthe lease was over and no attempt is left' ]
    # what expired does not hold its key
    [ "$(tp-event read | jq -r .ordering_key)" = k ]
}

@test "events of one key come one after the other, and a retry keeps the later ones waiting" {
    push 3 t k
    push 1 t other
    tp-event read >first
    [ "$(jq -c '[.ordering_key, .payload.n]' first | sort | xargs)" = "[k,1] [other,1]" ]
    [ -z "$(tp-event read)" ]
    jq -c 'select(.ordering_key == "k") | .error = "x"' first | tp-event ack >/dev/null
    pg_psql -c "update tp.event_queue set available_at = now() + interval '1 hour' where last_error = 'x'"
    [ -z "$(tp-event read)" ]
    pg_psql -c "update tp.event_queue set available_at = now() where last_error = 'x'"
    [ "$(tp-event read | jq .payload.n)" = 1 ]
}

@test "a dead order event holds its key until it is replayed or dropped; others do not; --on-dead says otherwise" {
    for how in rule hold-key continue; do
        for type in order.filled other; do
            pg_psql -c 'truncate tp.event_queue, tp.event_holds'
            push 2 $type k
            pg_psql -c 'update tp.event_queue set max_attempts = 1'
            tp-event read | jq -c '.error = "x"' | tp-event ack --on-dead $how >/dev/null
            case $how/$type in
            rule/order.filled | hold-key/*)
                [ -z "$(tp-event read)" ]
                [ "$(tp-event stats | jq -c '[.held, .failed, .ready]')" = "[1,1,0]" ]
                id=$(tp-event dead list | jq .id)
                if [ $type = other ]; then
                    tp-event dead drop "$id" >/dev/null
                    [ "$(tp-event read | jq .payload.n)" = 2 ]
                else
                    tp-event dead replay "$id" >/dev/null
                    [ "$(tp-event read | jq .payload.n)" = 1 ]
                fi
                ;;
            *) [ "$(tp-event read | jq .payload.n)" = 2 ] ;;
            esac
        done
    done
}

@test "dead events are listed, replayed and dropped by id, from stdin, by type and by error" {
    push 2 a.b
    push 2 c_d
    pg_psql -c "update tp.event_queue set status = 'FAILED', processed_at = now(), last_error = event_type || ' failed'"
    [ "$(tp-event dead list --type 'a.*' | wc -l)" = 2 ]
    [ "$(tp-event dead list --type 'c?d' | wc -l)" = 2 ]
    [ "$(tp-event dead list --type 'c__' | wc -l)" = 0 ]
    [ "$(tp-event dead list --error '%' | wc -l)" = 0 ]
    run -4 --separate-stderr tp-event dead replay 999999
    run -2 --separate-stderr tp-event dead replay
    run -2 --separate-stderr tp-event dead drop --all </dev/null
    run -2 --separate-stderr tp-event dead replay x
    tp-event dead list --type 'a.*' | tp-event dead replay - >again
    [ "$(jq -r .status again | xargs)" = "PENDING PENDING" ]
    [ "$(tp-event dead drop --all --type c_d --yes | wc -l)" = 2 ]
    [ "$(tp-event read | jq -r .event_type | xargs)" = "a.b a.b" ]
    [ "$(count)" = 2 ]
}

@test "a consumer's name is recorded with the acknowledgement, so that a replay is seen and passed over" {
    push 1
    tp-event read --consumer mail | tee line | tp-event ack --consumer mail >/dev/null
    [ "$(jq .seen line)" = false ]
    pg_psql -c "update tp.event_queue set status = 'PENDING', processed_at = null"
    run -0 --separate-stderr tp-event run --until-empty --consumer mail -- touch ran
    [ ! -e ran ]
    [[ $stderr == *"0 done, 0 failed, 1 seen before"* ]]
    pg_psql -c "update tp.event_queue set status = 'PENDING', processed_at = null"
    [ "$(tp-event read --consumer mail | jq .seen)" = true ]
}

@test "when nobody reads any more, the leases of what was not read go back" {
    push 3000
    # dd takes 10,000 bytes and no more
    tp-event read --batch 3000 | dd bs=10000 count=1 iflag=fullblock of=part 2>/dev/null || true
    whole=$(wc -l <part)
    until [ "$(count "status = 'PROCESSING'")" = "$whole" ] || [ $((i++)) -gt 4000 ]; do sleep 0.01; done
    [ "$(count "status = 'PROCESSING'")" = "$whole" ]
    [ "$(count "status = 'PENDING' and retry_count = 0")" = $((3000 - whole)) ]
}

@test "what a full disk did not take is not claimed" {
    push 10
    run -1 --separate-stderr bash -c 'tp-event read >/dev/full'
    [[ $stderr == *"No space left on device"* ]]
    [ "$(count "status = 'PENDING' and retry_count = 0")" = 10 ]
}

@test "read --follow sees new events, at once when they are pushed with --notify, and ends with 143" {
    tp-event read --follow --poll 600 >out 2>/dev/null 3>&- &
    pid=$!
    until [ "$(pg_psql -c "select count(*) from pg_stat_activity where application_name = 'tp-event' and state = 'idle' and query not like 'set role%'")" = 1 ]; do sleep 0.02; done
    sleep 0.2
    tp-event push -q --type a --payload '{}' --notify >/dev/null
    for ((i = 0; i < 1000; i++)); do [ ! -s out ] || break; sleep 0.02; done
    [ "$(jq -r .event_type out)" = a ]
    kill -TERM $pid
    rc=0
    wait $pid || rc=$?
    [ "$rc" = 143 ]
}

@test "run: exit 0 acknowledges, others fail with the status as error, 75 is later and does not count" {
    printf '{"event_type":"t%d"}\n' 0 3 75 | tp-event push -q >/dev/null
    run -13 --separate-stderr tp-event run --until-empty --shell --exec 'exit ${TP_EVENT_TYPE#t}'
    [[ $stderr == *"1 done, 2 failed"* ]]
    [ "$(pg_psql -c "select event_type, status, coalesce(last_error, '-'), retry_count from tp.event_queue order by id" | xargs)" = \
        "t0|COMPLETED|-|1 t3|PENDING|exit status 3|1 t75|PENDING|exit status 75|0" ]
    [ "$(pg_psql -c "select available_at > now() + interval '20 seconds' from tp.event_queue where event_type = 't75'")" = t ]
}

@test "run: the program gets the record on stdin, a clean environment, its arguments without a shell, no descriptor" {
    push 1
    cat >show <<'SH'
#!/bin/sh
printf '%s\n' "$@" >args
cat >line
env | cut -d= -f1 | grep -vxE '_|PWD|SHLVL|OLDPWD' | sort >names
ls /proc/self/fd >fds
SH
    chmod +x show
    SECRET=canary WANTED=yes run -0 --separate-stderr tp-event run --once --env WANTED --env X=1 -- ./show 'a b' '$HOME' '*' 5</dev/null
    [ "$(cat args)" = $'a b\n$HOME\n*' ]
    [ "$(jq -c '[.type, .payload.n]' line)" = '["event",1]' ]
    for name in PATH HOME TP_EVENT_ID TP_EVENT_TYPE WANTED X; do grep -qx $name names; done
    run ! grep -qE 'SECRET|PGHOST|PGUSER' names
    [ "$(wc -l <fds)" = 4 ] # three, and the folder itself
}

@test "run --per batch gives a batch as lines; --jobs runs several at a time; a program need not read" {
    push 250
    run -0 --separate-stderr tp-event run --until-empty --per batch --batch 100 --jobs 3 --shell --exec 'wc -l'
    [ "$(xargs -n 1 <<<"$output" | sort -n | xargs)" = "50 100 100" ]
    push 3000
    run -0 --separate-stderr tp-event run --until-empty --per batch --batch 1000 -- true
    [ "$(count "status = 'COMPLETED'")" = 3250 ]
}

@test "run --per stream: one program gets the lines and answers each, in any order, with errors and with what is later" {
    push 250
    run -0 --separate-stderr tp-event run --until-empty --per stream -- sh -c 'echo $$ >>starts; exec cat'
    [ -z "$output" ]
    [[ $stderr == *"250 done, 0 failed"* ]]
    [ "$(wc -l <starts)" = 1 ]
    [ "$(count "status = 'COMPLETED'")" = 250 ]
    # the id alone is an answer; the last comes first
    push 5
    run -0 --separate-stderr tp-event run --once --per stream --batch 5 --shell --exec "head -n 5 | tac | jq -c '{id}'"
    [ "$(count "status = 'COMPLETED'")" = 255 ]
    pg_psql -c 'truncate tp.event_queue'
    push 3
    run -13 --separate-stderr tp-event run --until-empty --per stream --batch 2 -- jq -c --unbuffered \
        'if .payload.n == 1 then .error = "no \"luck\"" elif .payload.n == 2 then .error = "busy" | .retry_after = 3600 else . end'
    [ "$(pg_psql -c "select payload ->> 'n', status, coalesce(last_error, '-'), retry_count from tp.event_queue order by id")" = \
        $'1|PENDING|no "luck"|1\n2|PENDING|busy|0\n3|COMPLETED|-|1' ]
}

@test "run --per stream: --jobs programs share the events, and no event has two" {
    push 300
    run -0 --separate-stderr tp-event run --until-empty --per stream --batch 20 --jobs 3 --shell --exec 'tee -a seen.$$'
    [ "$(ls seen.* | wc -l)" = 3 ]
    [ "$(cat seen.* | jq .payload.n | sort -n | uniq | wc -l)" = 300 ]
    [ "$(cat seen.* | wc -l)" = 300 ]
}

@test "run --per stream: what a program leaves unanswered has failed; what it says is no answer ends it" {
    # $1 program, $2 the error of the last event, $3 the status of the first
    leaves() {
        pg_psql -c 'truncate tp.event_queue'
        push 2
        run -13 --separate-stderr tp-event run --once --per stream --deadline 1 --shell --exec "$1"
        [ "$(pg_psql -c "select last_error from tp.event_queue where payload ->> 'n' = '2'")" = "$2" ]
        [ "$(pg_psql -c "select status from tp.event_queue where payload ->> 'n' = '1'")" = "$3" ]
    }
    leaves 'head -n 1' 'ended without an answer' COMPLETED
    leaves 'head -n 1; exit 3' 'exit status 3' COMPLETED
    leaves 'head -n 1; kill -9 $$' 'killed by signal 9' COMPLETED
    leaves 'head -n 1; exec sleep 60' 'ended at its deadline of 1 s' COMPLETED
    leaves 'head -n 1; echo hello; exec cat' 'gave a line that is no answer' COMPLETED
    leaves 'read -r l; echo "$l"; echo "$l"; exec cat' 'gave a line that is no answer' COMPLETED
    leaves 'echo "{\"id\":1}"; exec cat' 'gave a line that is no answer' PENDING
    leaves "sed -u 's/\"lease_token\":\"..../\"lease_token\":\"0000/'" 'gave a line that is no answer' PENDING
    leaves 'head -n 1; exec >&-; exec sleep 600' 'closed its output' COMPLETED
    # 75 is later, and does not count
    leaves 'head -n 1; exit 75' 'exit status 75' COMPLETED
    [ "$(pg_psql -c "select retry_count from tp.event_queue where payload ->> 'n' = '2'")" = 0 ]
}

@test "run --per stream: after a program has ended the next events get a new one" {
    push 6
    run -13 --separate-stderr tp-event run --until-empty --per stream --batch 2 --shell --exec 'echo x >>starts; head -n 1'
    [ "$(count "status = 'COMPLETED'")" -ge 2 ]
    [ "$(wc -l <starts)" -ge 2 ]
}

@test "run --per stream: SIGTERM closes the input, takes answers still, gives back what has none, and is exit 143" {
    push 5
    tp-event run --per stream --batch 3 --shell --exec 'read -r l; touch began; until [ -e go ]; do sleep 0.05; done; echo "$l"; cat' 2>/dev/null 3>&- &
    pid=$!
    until [ -e began ]; do sleep 0.02; done
    kill -TERM $pid
    touch go
    rc=0
    wait $pid || rc=$?
    [ "$rc" = 143 ]
    [ "$(count "status = 'COMPLETED'")" = 3 ]
    [ "$(count "status = 'PENDING' and retry_count = 0")" = 2 ]
    rm began
    tp-event run --per stream --shell --exec 'echo $$ >group; touch began; sleep 600' 2>/dev/null 3>&- &
    pid=$!
    until [ -e began ]; do sleep 0.02; done
    kill -TERM $pid
    rc=0
    wait $pid || rc=$?
    [ "$rc" = 143 ]
    [ "$(count "status = 'PENDING' and retry_count = 0")" = 2 ]
    run ! pgrep -g "$(cat group)" -r R,S,D,T
}

@test "run: a key's events are worked on in order, the others beside them" {
    for k in a b c; do push 20 t $k; done
    run -0 --separate-stderr tp-event run --until-empty --jobs 4 --shell --exec 'jq -r "[.ordering_key, .payload.n] | join(\" \")"'
    [ "$(wc -l <<<"$output")" = 60 ]
    for k in a b c; do [ "$(grep "^$k" <<<"$output" | cut -d' ' -f2 | xargs)" = "$(seq -s ' ' 20)" ]; done
}

@test "run: what passes its deadline is ended and has failed; the lease is prolonged meanwhile" {
    push 1
    run -13 --separate-stderr tp-event run --until-empty --deadline 1 -- sleep 60
    [ "$(pg_psql -c 'select last_error from tp.event_queue')" = "ended at its deadline of 1 s" ]
    pg_psql -c 'truncate tp.event_queue'
    push 1
    tp-event run --once --lease 3 --shell --exec 'touch began; until [ -e go ]; do sleep 0.05; done' 2>/dev/null 3>&- &
    until [ -e began ]; do sleep 0.02; done
    until=$(pg_psql -c 'select lease_until from tp.event_queue')
    for ((i = 0; i < 500; i++)); do
        [ "$(pg_psql -c "select lease_until > '$until' from tp.event_queue")" = f ] || break
        sleep 0.05
    done
    [ "$(pg_psql -c "select lease_until > '$until' from tp.event_queue")" = t ]
    touch go
    wait $!
    [ "$(count "status = 'COMPLETED'")" = 1 ]
}

@test "run: SIGTERM lets what runs end, gives back what was not begun, and is exit 143 within five seconds" {
    push 5
    tp-event run --batch 5 --shell --exec 'touch began; until [ -e go ]; do sleep 0.05; done' 2>/dev/null 3>&- &
    pid=$!
    until [ -e began ]; do sleep 0.02; done
    kill -TERM $pid
    touch go
    rc=0
    wait $pid || rc=$?
    [ "$rc" = 143 ]
    [ "$(count "status = 'COMPLETED'")" = 1 ]
    [ "$(count "status = 'PENDING' and retry_count = 0")" = 4 ]
    rm began go
    tp-event run --batch 5 --shell --exec 'echo $$ >group; touch began; sleep 600' 2>/dev/null 3>&- &
    pid=$!
    until [ -e began ]; do sleep 0.02; done
    kill -TERM $pid
    rc=0
    wait $pid || rc=$?
    [ "$rc" = 143 ]
    [ "$(count "status = 'PENDING' and retry_count = 0")" = 4 ]
    # the program and what it started have ended, too
    run ! pgrep -g "$(cat group)" -r R,S,D,T
}

@test "run: a program that is not there is exit 4 with an event and with none, nothing is claimed for good; usage is exit 2" {
    for program in ./no-such-program no-such-program; do
        run -4 --separate-stderr timeout 10 tp-event run -- $program
    done
    push 1
    run -4 --separate-stderr tp-event run --once -- ./no-such-program
    [[ $stderr == *"cannot run './no-such-program'"* ]]
    [ "$(count "status = 'PENDING' and retry_count = 0")" = 1 ]
    run -2 --separate-stderr tp-event run --once
    run -2 --separate-stderr tp-event run --shell -- x
}

@test "stats counts what is ready, waiting, leased, overdue, dead and done" {
    push 6
    pg_psql -c "update tp.event_queue set available_at = now() + interval '1 hour' where payload ->> 'n' = '1'"
    tp-event read --batch 2 | tail -n 1 | tp-event ack >/dev/null
    pg_psql -c "update tp.event_queue set status = 'FAILED', processed_at = now() where payload ->> 'n' = '6'"
    [ "$(tp-event stats | jq -c '[.ready, .waiting, .leased, .overdue, .failed, .completed, .pushed_minute]')" = "[2,1,1,0,1,1,6]" ]
    pg_psql -c "update tp.event_queue set lease_until = now() - interval '1 second' where lease_until is not null"
    [ "$(tp-event stats | jq -c '[.leased, .overdue]')" = "[0,1]" ]
    [ "$(tp-event stats --type 'no*' | jq .ready)" = 0 ]
}

@test "most claims are heap-only updates: they touch no index" {
    push 200
    pg_psql -c "select pg_stat_reset_single_table_counters('tp.event_queue'::regclass)" >/dev/null
    tp-event read >/dev/null
    for ((i = 0; i < 200; i++)); do
        [ "$(pg_psql -c "select n_tup_upd from pg_stat_user_tables where relname = 'event_queue'")" -lt 100 ] || break
        sleep 0.05
    done
    [ "$(pg_psql -c "select n_tup_hot_upd >= n_tup_upd * 0.7 from pg_stat_user_tables where relname = 'event_queue'")" = t ]
}

@test "a login bound to its user may add events of that user, and can neither see, claim nor acknowledge" {
    pg_psql -c "create role event_ann login" -c "grant tp_app to event_ann" \
        -c "insert into tp.login_users (login, user_id) values ('event_ann', '$ann')"
    PGUSER=event_ann pg_psql -c 'set role tp_app' -c "insert into tp.event_queue (event_type, user_id) values ('own', '$ann')"
    for sql in "insert into tp.event_queue (event_type) values ('nobody''s')" 'select id from tp.event_queue' \
        "update tp.event_queue set status = 'PENDING'" 'delete from tp.event_queue' 'select ordering_key from tp.event_holds' \
        'select event_id from tp.processed_events'; do
        PGUSER=event_ann run ! pg_psql -c 'set role tp_app' -c "$sql"
    done
    PGUSER=event_ann run -5 --separate-stderr tp-event read
    [ "$(count)" = 1 ]
}
