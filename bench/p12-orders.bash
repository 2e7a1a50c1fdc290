# P12: orders with idempotency keys, checked against the instrument and a limit, stored with their events, each
# commit on disk.  Peer: pgbench with one client, which sends the same statements for one order at a time, prepared,
# without the checks.
p12_orders=${P12_ORDERS:-5000}

# p12_statement NAME VALUE...: the text of a statement of ours, $1, $2 ... replaced by the values.
p12_statement() {
    local text i name=$1
    text=$(awk -v name="$name" '/^-- name: / { on = $3 == name; next } on && !/^--/ && NF' "$bench_top"/sql/queries/*.sql)
    shift
    for ((i = 1; i <= $#; i++)); do text=${text//"\$$i"/"${!i}"}; done
    printf '%s\n' "$text"
}

if bench_server; then
    createdb -T bench p12
    p12_dir=$(mktemp -d)
    export PGDATABASE=p12 P12_DIR=$p12_dir
    # unlike the other rows: what is committed is on disk
    pg_psql -c 'alter system set fsync = on' -c 'select pg_reload_conf()' >/dev/null
    tp-user account add -e BINANCE --name p12 --initial-balance 1000000 >/dev/null
    tp-risk set --max-order-size 1000000 >/dev/null
    p12_user=$(pg_psql -c "select id from tp.users where email = '$TP_USER'")
    # A colon before a word would be a variable of pgbench: hence the blanks of jq's long form.
    p12_order="(with one as materialized (select tp.uuid_v7() as id)
        select jsonb_build_array(jsonb '$(jq -n --arg user "$p12_user" --arg account "$(tp-user account show p12 -o json | jq -r .id)" \
            '{user_id: $user, account_id: $account, environment: "PAPER", exchange: "BINANCE", symbol: "BTCUSDT", side: "LONG",
              reduce_only: false, order_type: "LIMIT", quantity: "0.01", filled_quantity: "0", price: "60000", working_type: "LAST",
              leverage: 1, margin_mode: "ISOLATED", position_mode: "ONE_WAY", time_in_force: "GTC", status: "PENDING",
              submit_state: "ACKED", role: "ENTRY", body_sha256: ("0" * 64), refused: false}' | tr '\n' ' ')'
            || jsonb_build_object('id', one.id, 'created_at', tp.uuid_v7_time(one.id), 'idempotency_key', one.id)) from one)"
    {
        echo 'begin;'
        echo "select set_config('app.user_id', '$p12_user', true);"
        p12_statement gate_lock "'$p12_user'::uuid" "'PAPER'"
        p12_statement gate_state "'$p12_user'::uuid" "'PAPER'" null
        p12_statement order_keys "'$p12_user'::uuid" "jsonb '[\"none\"]'"
        p12_statement order_insert "$p12_order"
        echo 'commit;'
    } >"$p12_dir/one.sql"
    awk -v n="$p12_orders" 'BEGIN { for (i = 1; i <= n; i++) printf "{\"account\":\"p12\",\"symbol\":\"BTCUSDT\",\"side\":\"LONG\"," \
        "\"order_type\":\"LIMIT\",\"quantity\":\"0.01\",\"price\":\"60000\",\"idempotency_key\":\"RUN-%d\"}\n", i }' >"$p12_dir/orders"
    bench_row P12 "place $p12_orders orders, each commit on disk" 3.00 \
        "PGOPTIONS='-c role=tp_app' '$PG_BIN/pgbench' -n -c 1 -M prepared -t $p12_orders -f \$P12_DIR/one.sql >/dev/null 2>&1" \
        'sed "s/RUN/$$-$RANDOM/" $P12_DIR/orders | tp-order place -'
    rm -rf "$p12_dir"
    pg_psql -c 'alter system reset fsync' -c 'select pg_reload_conf()' >/dev/null
    export PGDATABASE=bench
    dropdb p12
fi
