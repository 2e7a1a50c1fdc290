# shellcheck shell=bash
# Bots on the 1h candles of DEMOUSDT, and what they leave behind.

# A bot that trades from the first candle on: bot NAME STRATEGY [OPTION...]
bot() {
    local name=$1 strategy=$2
    shift 2
    tp-bot create "$name" -S "$strategy" -s DEMOUSDT -i 1h --from 2024-01-01 "$@" >/dev/null
    tp-bot start "$name" >/dev/null
}

# Rows of an account that must be the same however the bars were handled: no ids, which hold revisions.
rows() {
    pg_psql -c "select o.created_at, o.side, o.order_type, o.quantity, o.price, o.stop_price, o.status, o.filled_quantity,
                       o.avg_fill_price, o.role, o.reason from tp.orders o order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11" \
        -c "select executed_at, side, price, quantity, fee, pnl from tp.trades order by 1, 2, 3, 4, 5, 6" \
        -c "select opened_at, side, quantity, entry_price, realized_pnl, status, closed_at from tp.positions order by 1, 2" \
        -c "select kind, amount from tp.ledger_entries order by 1, 2" \
        -c "select date, high, low, last from tp.account_equity order by 1" \
        -c "select balance from tp.accounts"
}
