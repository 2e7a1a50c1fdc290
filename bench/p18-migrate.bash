# P18: the whole schema from nothing, and the look whether anything is pending.  Peers: psql with the same
# SQL and the partitions made ahead, in one transaction (its files joined, so that only the server's work is
# left); for the status dbmate, whose recorded figure is shown.  Both sides make and drop the database.
if bench_server; then
    p18_sql=$(mktemp)
    for p18_file in $(pg_ups); do cat "$p18_file"; echo ';'; done >"$p18_sql"
    echo 'do $$ begin perform tp.premake_partitions(); end $$;' >>"$p18_sql"
    bench_row P18 "migrate up, the whole schema" 0.83 \
        "dropdb --if-exists p18 2>/dev/null; createdb p18; '$PG_BIN/psql' -X -q -1 -v ON_ERROR_STOP=1 -d p18 -f '$p18_sql'" \
        'dropdb --if-exists p18 2>/dev/null; createdb p18; PGDATABASE=p18 tp-db migrate up -q'
    rm -f "$p18_sql"
    bench_skip P18 "migrate status when current" "" 'tp-db migrate status' '22 ms' 'dbmate; sqitch 475 ms'
    dropdb p18
fi
