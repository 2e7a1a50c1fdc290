# P13, P14: events of about 200 bytes into the queue and through it, a hundred at a time, one client, the server's own
# synchronous_commit = on (but no sync to disk, as everywhere here). Peers: pgmq's send_batch, and its read and
# delete with the messages taken to the client (TP_PEER_PGMQ names its pgmq.sql); graphile-worker with a local queue of 500
# (TP_PEER_NODE names a folder whose node_modules hold it). Ours are whole processes: tp-event push with an
# answer for each line, and tp-event run with cat as the program, which answers each event with itself. The events are
# of no user, as the peers' are: the server looks up each event's user otherwise. Each run begins with an empty table.
p13_n=${TP_BENCH_EVENTS:-50000}

# Milliseconds of a command run once: timeit would warm up, and so empty the queue, before it looks at the clock.
p13_ms() {
    local from=${EPOCHREALTIME/[.,]/}
    bash -c "$1"
    echo $(((${EPOCHREALTIME/[.,]/} - from) / 1000))
}

# The middle of three numbers on stdin.
p13_middle() { sort -n | sed -n 2p; }

p13_ours() {
    psql -Xqc 'truncate tp.event_queue' -c 'vacuum tp.event_queue'
    read -r p13_push < <(p13_ms "env -u TP_USER tp-event push -q <'$p13_dir/events' >/dev/null")
    read -r p13_run < <(p13_ms 'tp-event run -q --until-empty --per stream --batch 100 -- cat')
    [ "$(psql -XAtc "select count(*) from tp.event_queue where status = 'COMPLETED'")" = "$p13_n" ] || echo 'P13: not all were done' >&2
}

p13_pgmq() {
    psql -Xq -d pgmq -c 'truncate pgmq.q_q' -c 'vacuum pgmq.q_q'
    read -r p13_peer_push < <(p13_ms "'$PG_BIN/pgbench' -n -d pgmq -f '$p13_dir/send' -t $((p13_n / 100)) >/dev/null 2>&1")
    read -r p13_peer_run < <(p13_ms "'$PG_BIN/pgbench' -n -M prepared -d pgmq -f '$p13_dir/read' -t $((p13_n / 100)) >/dev/null 2>&1")
}

if bench_server; then
    p13_dir=$(mktemp -d)
    p13_text=$(printf 'x%.0s' {1..145})
    for ((i = 0; i < p13_n; i++)); do
        printf '{"event_type":"order.filled","payload":{"type":"order","id":%d,"symbol":"BTCUSDT","text":"%s"}}\n' "$i" "$p13_text"
    done >"$p13_dir/events"
    {
        echo "select count(*) from pgmq.send_batch('q', array["
        for i in {1..100}; do
            printf "%s'{\"type\":\"order\",\"id\":%d,\"symbol\":\"BTCUSDT\",\"text\":\"%s\"}'" "$([ "$i" = 1 ] || echo ,)" "$i" "$p13_text"
        done
        echo ']::jsonb[]);'
    } >"$p13_dir/send"
    cat >"$p13_dir/read" <<'SQL'
select array_agg(msg_id) as ids, string_agg(r::text, '') as messages from pgmq.read('q', 60, 100) r \gset
select count(*) from pgmq.delete('q', :ids::bigint[]);
SQL
    if [ -n "${TP_PEER_PGMQ:-}" ]; then
        createdb pgmq && psql -Xq -d pgmq -f "$TP_PEER_PGMQ" >/dev/null && psql -Xq -d pgmq -c "select pgmq.create('q')" >/dev/null
    fi
    # Turn and turn about, so that whatever else the machine does hits both.
    for ((i = 0; i < 3; i++)); do
        p13_ours
        echo "$p13_push" >>"$p13_dir/push"
        echo "$p13_run" >>"$p13_dir/run"
        [ -n "${TP_PEER_PGMQ:-}" ] || continue
        p13_pgmq
        echo "$p13_peer_push" >>"$p13_dir/peer_push"
        echo "$p13_peer_run" >>"$p13_dir/peer_run"
    done
    p13_push=$(p13_middle <"$p13_dir/push") p13_run=$(p13_middle <"$p13_dir/run")
    if [ -n "${TP_PEER_PGMQ:-}" ]; then
        bench_print P13 "claim and acknowledge, pgmq read, delete" "$(p13_middle <"$p13_dir/peer_run")" "$p13_run" 0 1
        bench_print P14 "enqueue, pgmq send_batch" "$(p13_middle <"$p13_dir/peer_push")" "$p13_push" 0 1
        dropdb pgmq
    else
        printf '%-5s %-44s %12s %12s %9s %9s  %s\n' P13 'claim and acknowledge' SKIP "$p13_run" - - \
            "recorded: $(awk -v n="$p13_n" 'BEGIN { print n / 34 }') ms (pgmq; TP_PEER_PGMQ is not set)"
        printf '%-5s %-44s %12s %12s %9s %9s  %s\n' P14 enqueue SKIP "$p13_push" - - \
            "recorded: $(awk -v n="$p13_n" 'BEGIN { print n / 111 }') ms (pgmq; TP_PEER_PGMQ is not set)"
    fi
    if [ -n "${TP_PEER_NODE:-}" ]; then
        createdb graphile
        read -r p13_peer_push p13_peer_run < <(PGDATABASE=graphile node "${bench_top:?}/bench/peer-graphile.mjs" "$TP_PEER_NODE" "$p13_n")
        bench_print P13 'claim and acknowledge, graphile-worker' "$p13_peer_run" "$p13_run" 0 1.5
        bench_print P14 'enqueue, graphile-worker' "$p13_peer_push" "$p13_push" 0 1
        dropdb graphile
    else
        printf '%-5s %-44s %12s %12s %9s %9s  %s\n' P13 'the same' SKIP "$p13_run" - - \
            "recorded: $(awk -v n="$p13_n" 'BEGIN { print n / 20 }') ms (graphile-worker; TP_PEER_NODE is not set), $(awk -v n="$p13_n" 'BEGIN { print n / 1.9 }') ms (pg-boss)"
    fi
    rm -rf "$p13_dir"
fi
