#include "store/rebuild.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/copy.h"
#include "store/sql.h"
#include "trade/book.h"

static const char *const whats[] = {"position", "trade", "order", "ledger_entry", "account", NULL};

static const struct tp_field fields[] = {
    F_UUID(struct tp_difference, account_id, "the account", .wide = true),
    F_TEXT(struct tp_difference, what, "what kind of row", .choices = whats),
    F_UUID(struct tp_difference, id, "the row; null: there is none"),
    F_TEXT(struct tp_difference, symbol, "the instrument"),
    F_TEXT(struct tp_difference, field, "its column, or what of it"),
    F_TEXT(struct tp_difference, stored, "what is stored"),
    F_TEXT(struct tp_difference, computed, "what the fills make it"),
    F_STOP,
};

const struct tp_record tp_difference_record = {"difference", "a stored value that is not what fills make it", fields,
                                               sizeof(struct tp_difference)};

/* A position as it is stored. */
struct stored {
    struct tp_uuid id;
    char           symbol[TP_SYMBOL_SIZE];
    char           side[6], status[11];
    struct tp_time opened_at, closed_at;
    int64_t        leverage;
    struct tp_dec  quantity, entry_price, mark_price, realized_pnl, unrealized_pnl, margin_used;
    struct tp_dec  book_quantity, book_cost, book_net; /* what the desk goes on with */
    struct tp_dec  funding;                            /* sum of what it paid and received */
};

static const struct tp_field stored_fields[] = {
    F_UUID(struct stored, id, "its id"),
    F_TEXT(struct stored, symbol, "the instrument"),
    F_TEXT(struct stored, side, "LONG or SHORT"),
    F_TEXT(struct stored, status, "OPEN, CLOSED or LIQUIDATED"),
    F_TIME(struct stored, opened_at, "time of its first fill"),
    F_TIME(struct stored, closed_at, "time of its last fill"),
    F_INT(struct stored, leverage, "of the order that opened it"),
    F_DEC(struct stored, quantity, "held"),
    F_DEC(struct stored, entry_price, "average entry"),
    F_DEC(struct stored, mark_price, "last mark"),
    F_DEC(struct stored, realized_pnl, "result so far"),
    F_DEC(struct stored, unrealized_pnl, "result at the mark"),
    F_DEC(struct stored, margin_used, "margin"),
    F_DEC(struct stored, book_quantity, "held"),
    F_DEC(struct stored, book_cost, "what it cost"),
    F_DEC(struct stored, book_net, "result so far"),
    F_DEC(struct stored, funding, "funding"),
    F_STOP,
};

static const struct tp_record stored_record = {"stored", "a position as it is stored", stored_fields,
                                               sizeof(struct stored)};

/* A position as the fills make it. */
struct made {
    bool           named; /* a fill has told its id; else it was opened by the fill that closed the other side */
    struct stored  row;   /* of that id */
    struct tp_time opened_at;
    int64_t        leverage;
    char           symbol[TP_SYMBOL_SIZE];
    struct tp_leg  leg;
};

/* A fill, with what goes with it. */
struct fill {
    char           exchange[TP_EXCHANGE_SIZE];
    struct tp_uuid id;
    struct tp_time executed_at;
    char           side[5], role[13], order_side[6];
    struct tp_dec  price, quantity, fee, pnl;
    int64_t        leverage;
    struct tp_dec  ledger_fee, ledger_result;
    struct stored  position;
};

#define FILL_COLUMNS 30
#define ORDER_COLUMNS 5

struct work {
    struct tp_rebuild *r;
    struct tp_db      *db;
    char               exchange[TP_EXCHANGE_SIZE], symbol[TP_SYMBOL_SIZE]; /* of the instrument at hand */
    struct tp_book     book;
    struct made        now[2]; /* of the book's legs */
    struct tp_dec      results; /* of all instruments */
    struct made       *unnamed; /* still open, and no fill told their ids: few */
    size_t             n_unnamed;
};

/* ---- telling -------------------------------------------------------------------------------------- */

static int
tell(struct work *w, const char *what, struct tp_uuid id, const char *field, const char *stored, const char *computed,
     struct tp_err *err)
{
    struct tp_difference d = {.account_id = w->r->account.id, .id = id};

    tp_text_set(d.what, sizeof d.what, what, strlen(what));
    memcpy(d.symbol, w->symbol, sizeof d.symbol);
    tp_text_set(d.field, sizeof d.field, field, strlen(field));
    tp_text_set(d.stored, sizeof d.stored, stored, strlen(stored));
    tp_text_set(d.computed, sizeof d.computed, computed, strlen(computed));
    w->r->differences++;
    return w->r->found(w->r->to, &d, err);
}

static int
same_text(struct work *w, const char *what, struct tp_uuid id, const char *field, const char *stored,
          const char *computed, struct tp_err *err)
{
    return strcmp(stored, computed) == 0 ? 0 : tell(w, what, id, field, stored, computed, err);
}

static void
print_dec(char text[TP_DEC_TEXT], struct tp_dec value)
{
    text[0] = '\0';
    if (!tp_dec_none(value))
        tp_dec_print(text, value, TP_DEC_SCALE);
}

static int
same_dec(struct work *w, const char *what, struct tp_uuid id, const char *field, struct tp_dec stored,
         struct tp_dec computed, struct tp_err *err)
{
    char text[2][TP_DEC_TEXT];

    if (tp_dec_none(stored) == tp_dec_none(computed) && (tp_dec_none(stored) || tp_dec_cmp(stored, computed) == 0))
        return 0;
    print_dec(text[0], stored);
    print_dec(text[1], computed);
    return tell(w, what, id, field, text[0], text[1], err);
}

static int
same_time(struct work *w, const char *what, struct tp_uuid id, const char *field, struct tp_time stored,
          struct tp_time computed, struct tp_err *err)
{
    char text[2][TP_TIME_TEXT];

    if (stored.us == computed.us)
        return 0;
    tp_time_print(text[0], stored);
    tp_time_print(text[1], computed);
    return tell(w, what, id, field, tp_time_none(stored) ? "" : text[0], tp_time_none(computed) ? "" : text[1], err);
}

static int
same_int(struct work *w, const char *what, struct tp_uuid id, const char *field, int64_t stored, int64_t computed,
         struct tp_err *err)
{
    char text[2][24];

    if (stored == computed)
        return 0;
    snprintf(text[0], sizeof text[0], "%lld", (long long)stored);
    snprintf(text[1], sizeof text[1], "%lld", (long long)computed);
    return tell(w, what, id, field, text[0], text[1], err);
}

static struct tp_dec
or_zero(struct tp_dec d)
{
    return tp_dec_none(d) ? TP_DEC_ZERO : d;
}

/* ---- positions ------------------------------------------------------------------------------------ */

/* What open and closed ones have in common: net is what it brought before funding. */
static int
compare_both(struct work *w, const struct made *m, const char *side, struct tp_dec net, struct tp_err *err)
{
    const struct stored *p = &m->row;

    w->r->positions++;
    return tp_dec_add(&net, net, or_zero(p->funding), err) || same_text(w, "position", p->id, "side", p->side, side, err)
                   || same_time(w, "position", p->id, "opened_at", p->opened_at, m->opened_at, err)
                   || same_int(w, "position", p->id, "leverage", p->leverage, m->leverage, err)
                   || same_dec(w, "position", p->id, "realized_pnl", p->realized_pnl, net, err)
               ? -1
               : 0;
}

static int
compare_closed(struct work *w, const struct made *m, const struct tp_trip *trip, const char *status,
               struct tp_err *err)
{
    const struct stored *p = &m->row;

    return compare_both(w, m, trip->side, trip->pnl, err)
                   || same_text(w, "position", p->id, "status", p->status, status, err)
                   || same_time(w, "position", p->id, "closed_at", p->closed_at, trip->closed_at, err)
                   || same_dec(w, "position", p->id, "quantity", p->quantity, TP_DEC_ZERO, err)
                   || same_dec(w, "position", p->id, "entry_price", p->entry_price, trip->entry_price, err)
                   || same_dec(w, "position", p->id, "unrealized_pnl", p->unrealized_pnl, TP_DEC_ZERO, err)
                   || same_dec(w, "position", p->id, "margin_used", p->margin_used, TP_DEC_ZERO, err)
               ? -1
               : 0;
}

/* The margin of a position that paid funding depends on when; it is left to the fills of those that paid none. */
static int
compare_open(struct work *w, const struct made *m, struct tp_err *err)
{
    const struct stored *p = &m->row;
    struct tp_dec        open = TP_DEC_ZERO, net;

    if ((!tp_dec_none(p->mark_price) && tp_leg_unrealized(&m->leg, p->mark_price, &open, err))
        || tp_dec_add(&net, m->leg.net, or_zero(p->funding), err))
        return -1;
    return compare_both(w, m, m->leg.side > 0 ? "LONG" : "SHORT", m->leg.net, err)
                   || same_text(w, "position", p->id, "status", p->status, "OPEN", err)
                   || same_time(w, "position", p->id, "closed_at", p->closed_at, TP_TIME_NONE, err)
                   || same_dec(w, "position", p->id, "quantity", p->quantity, m->leg.quantity, err)
                   || same_dec(w, "position", p->id, "entry_price", p->entry_price, tp_leg_entry_price(&m->leg), err)
                   || same_dec(w, "position", p->id, "unrealized_pnl", p->unrealized_pnl, open, err)
                   || (tp_dec_none(p->funding)
                       && same_dec(w, "position", p->id, "margin_used", p->margin_used, m->leg.margin, err))
                   || same_dec(w, "position", p->id, "book.quantity", p->book_quantity, m->leg.quantity, err)
                   || same_dec(w, "position", p->id, "book.cost", p->book_cost, m->leg.cost, err)
                   || same_dec(w, "position", p->id, "book.net", p->book_net, net, err)
               ? -1
               : 0;
}

/* ---- fills ---------------------------------------------------------------------------------------- */

static void
get_text(struct tp_copy_row *row, char *out, size_t size)
{
    size_t      n;
    const char *text = tp_copy_get(row, &n);

    out[0] = '\0';
    if (text && !tp_text_set(out, size, text, n))
        row->wrong = true;
}

static void
get_uuid(struct tp_copy_row *row, struct tp_uuid *out)
{
    size_t      n;
    const char *bytes = tp_copy_get(row, &n);

    *out = (struct tp_uuid){{0}};
    if (!bytes)
        return;
    if (n == sizeof out->b)
        memcpy(out->b, bytes, n);
    else
        row->wrong = true;
}

static void
get_fill(struct tp_copy_row *row, struct fill *f)
{
    struct stored *p = &f->position;

    get_text(row, f->exchange, sizeof f->exchange);
    get_text(row, p->symbol, sizeof p->symbol);
    get_uuid(row, &f->id);
    f->executed_at.us = tp_copy_get_time(row);
    get_uuid(row, &p->id);
    get_text(row, f->side, sizeof f->side);
    f->price = tp_copy_get_dec(row);
    f->quantity = tp_copy_get_dec(row);
    f->fee = tp_copy_get_dec(row);
    f->pnl = tp_copy_get_dec(row);
    get_text(row, f->role, sizeof f->role);
    get_text(row, f->order_side, sizeof f->order_side);
    f->leverage = tp_copy_get_int8(row);
    f->ledger_fee = tp_copy_get_dec(row);
    f->ledger_result = tp_copy_get_dec(row);
    get_text(row, p->side, sizeof p->side);
    get_text(row, p->status, sizeof p->status);
    p->opened_at.us = tp_copy_get_time(row);
    p->closed_at.us = tp_copy_get_time(row);
    p->leverage = tp_copy_get_int8(row);
    p->quantity = tp_copy_get_dec(row);
    p->entry_price = tp_copy_get_dec(row);
    p->mark_price = tp_copy_get_dec(row);
    p->realized_pnl = tp_copy_get_dec(row);
    p->unrealized_pnl = tp_copy_get_dec(row);
    p->margin_used = tp_copy_get_dec(row);
    p->book_quantity = tp_copy_get_dec(row);
    p->book_cost = tp_copy_get_dec(row);
    p->book_net = tp_copy_get_dec(row);
    p->funding = tp_copy_get_dec(row);
}

/* The next row of a COPY: 1, 0 at the end, -1. */
static int
next_row(struct tp_db *db, int columns, struct tp_copy_row *row, struct tp_err *err)
{
    const char *data;
    size_t      n;
    int         got;

    do
        got = tp_db_copy_next(db, &data, &n, err);
    while (got > 0 && !tp_copy_open(row, data, n, columns));
    return got;
}

static int
malformed(struct tp_err *err)
{
    return tp_fail(err, TP_EDB, "the database gave a row that is malformed");
}

/* What is open of the instrument that is done. */
static int
finish_instrument(struct work *w, struct tp_err *err)
{
    if (tp_dec_add(&w->results, w->results, w->book.wallet, err))
        return -1;
    for (int i = 0; i < 2; i++) {
        struct made *m = &w->now[i];

        m->leg = w->book.leg[i];
        if (m->leg.side == 0)
            continue;
        if (m->named) {
            if (compare_open(w, m, err))
                return -1;
            continue;
        }
        w->unnamed = tp_realloc(w->unnamed, (w->n_unnamed + 1) * sizeof *w->unnamed);
        memcpy(m->symbol, w->symbol, sizeof m->symbol);
        w->unnamed[w->n_unnamed++] = *m;
    }
    return 0;
}

static int
begin_instrument(struct work *w, const struct fill *f, struct tp_err *err)
{
    if (strcmp(f->exchange, w->exchange) == 0 && strcmp(f->position.symbol, w->symbol) == 0)
        return 0;
    if (w->symbol[0] && finish_instrument(w, err))
        return -1;
    memcpy(w->exchange, f->exchange, sizeof w->exchange);
    memcpy(w->symbol, f->position.symbol, sizeof w->symbol);
    tp_book_init(&w->book, w->symbol, TP_DEC_ZERO, strcmp(w->r->account.position_mode, "HEDGE") == 0);
    memset(w->now, 0, sizeof w->now);
    return 0;
}

/* The fill must be of the position that is open, or opens one. */
static int
meet(struct work *w, struct made *m, bool open, const struct fill *f, struct tp_err *err)
{
    char text[2][TP_UUID_TEXT];

    if (open && m->named && !tp_uuid_equal(m->row.id, f->position.id)) {
        tp_uuid_print(text[0], f->position.id);
        tp_uuid_print(text[1], m->row.id);
        return tell(w, "trade", f->id, "position_id", text[0], text[1], err);
    }
    if (!open) {
        m->opened_at = f->executed_at;
        m->leverage = f->leverage;
    }
    m->named = true;
    m->row = f->position;
    return 0;
}

static int
compare_fill(struct work *w, const struct fill *f, struct tp_dec pnl, struct tp_err *err)
{
    struct tp_dec fee;

    return tp_dec_sub(&fee, TP_DEC_ZERO, f->fee, err) || same_dec(w, "trade", f->id, "pnl", f->pnl, pnl, err)
                   || same_dec(w, "trade", f->id, "ledger.fee", or_zero(f->ledger_fee), fee, err)
                   || same_dec(w, "trade", f->id, "ledger.pnl", or_zero(f->ledger_result), or_zero(pnl), err)
               ? -1
               : 0;
}

static int
take_fill(struct work *w, const struct fill *f, struct tp_err *err)
{
    bool            liquidation = strcmp(f->role, "LIQUIDATION") == 0;
    struct tp_fill  fill = {.at = f->executed_at,
                            .side = strcmp(f->order_side, "SHORT") == 0 ? -1 : 1,
                            .direction = strcmp(f->side, "SELL") == 0 ? -1 : 1,
                            .price = f->price,
                            .quantity = f->quantity,
                            .fee = f->fee,
                            .slippage = TP_DEC_ZERO,
                            .leverage = tp_dec_int(f->leverage),
                            .role = liquidation ? TP_ROLE_LIQUIDATION : TP_ROLE_ENTRY,
                            .reason = ""};
    struct tp_leg  *l;
    struct made    *m;
    struct tp_trip  trip;
    struct tp_dec   pnl;
    int             closed;

    w->r->trades++;
    if (begin_instrument(w, f, err))
        return -1;
    l = tp_book_leg(&w->book, fill.side);
    m = &w->now[l - w->book.leg];
    if (meet(w, m, l->side != 0, f, err)
        || (liquidation && tp_leg_taken(l, f->price, f->quantity, f->pnl, err) < 0)
        || tp_book_apply(&w->book, &fill, &pnl, &trip, &closed, err)
        || compare_fill(w, f, pnl, err)
        || (closed && compare_closed(w, m, &trip, liquidation ? "LIQUIDATED" : "CLOSED", err)))
        return -1;
    if (closed) {
        m->named = false;
        m->opened_at = f->executed_at;
        m->leverage = f->leverage;
    }
    return 0;
}

static int
check_fills(struct work *w, struct tp_err *err)
{
    struct tp_copy_row row;
    struct fill        f;
    int                got;

    if (tp_db_copy_out(w->db, &SQL_rebuild_trades, TP_PARAMS(tp_p_uuid(w->r->account.id)), err))
        return -1;
    while ((got = next_row(w->db, FILL_COLUMNS, &row, err)) > 0) {
        get_fill(&row, &f);
        if (row.wrong)
            return malformed(err);
        if (take_fill(w, &f, err))
            return -1;
    }
    return got < 0 || (w->symbol[0] && finish_instrument(w, err)) ? -1 : 0;
}

/* ---- positions that no fill names ------------------------------------------------------------------- */

static struct made *
find_unnamed(struct work *w, const struct stored *p)
{
    for (size_t i = 0; i < w->n_unnamed; i++) {
        struct made *m = &w->unnamed[i];

        if (!m->named && strcmp(m->symbol, p->symbol) == 0
            && strcmp(m->leg.side > 0 ? "LONG" : "SHORT", p->side) == 0)
            return m;
    }
    return NULL;
}

static int
check_unnamed(struct work *w, struct tp_err *err)
{
    TP_AUTO_ROWS  rows = NULL;
    struct stored p;
    char          text[TP_DEC_TEXT];
    int           got;

    if (tp_db_query(w->db, &SQL_rebuild_positions, TP_PARAMS(tp_p_uuid(w->r->account.id)), &rows, err))
        return -1;
    while ((got = tp_rows_next(rows, &stored_record, &p, NULL, err)) > 0) {
        struct made *m = find_unnamed(w, &p);

        memcpy(w->symbol, p.symbol, sizeof w->symbol);
        if (m) {
            m->named = true;
            m->row = p;
        }
        print_dec(text, p.quantity);
        if (m ? compare_open(w, m, err) : tell(w, "position", p.id, "fills", text, "", err))
            return -1;
    }
    for (size_t i = 0; i < w->n_unnamed && got == 0; i++) {
        if (w->unnamed[i].named)
            continue;
        memcpy(w->symbol, w->unnamed[i].symbol, sizeof w->symbol);
        print_dec(text, w->unnamed[i].leg.quantity);
        got = tell(w, "position", (struct tp_uuid){{0}}, "quantity", "", text, err);
    }
    w->symbol[0] = '\0';
    return got;
}

/* ---- orders, ledger, balance ------------------------------------------------------------------------ */

static int
check_orders(struct work *w, struct tp_err *err)
{
    struct tp_copy_row row;
    struct tp_uuid     id;
    int                got;

    if (tp_db_copy_out(w->db, &SQL_rebuild_orders, TP_PARAMS(tp_p_uuid(w->r->account.id)), err))
        return -1;
    while ((got = next_row(w->db, ORDER_COLUMNS, &row, err)) > 0) {
        struct tp_dec filled, average, quantity, cost, want = TP_DEC_NONE;

        get_uuid(&row, &id);
        filled = tp_copy_get_dec(&row);
        average = tp_copy_get_dec(&row);
        quantity = tp_copy_get_dec(&row);
        cost = tp_copy_get_dec(&row);
        if (row.wrong)
            return malformed(err);
        w->r->orders++;
        if ((!tp_dec_none(quantity) && tp_dec_div(&want, cost, quantity, TP_HALF_AWAY, err))
            || same_dec(w, "order", id, "filled_quantity", filled, or_zero(quantity), err)
            || same_dec(w, "order", id, "avg_fill_price", average, want, err))
            return -1;
    }
    return got;
}

static int
check_strays(struct work *w, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_query(w->db, &SQL_rebuild_strays, TP_PARAMS(tp_p_uuid(w->r->account.id)), &rows, err))
        return -1;
    for (size_t i = 0; i < tp_rows_count(rows); i++) {
        const char    *text = tp_rows_text(rows, i, "id");
        struct tp_uuid id;

        if (tp_uuid_parse(text, strlen(text), &id, err)
            || tell(w, "ledger_entry", id, "amount", tp_rows_text(rows, i, "amount"), "", err))
            return -1;
    }
    return 0;
}

static int
read_dec(const struct tp_rows *rows, const char *column, struct tp_dec *out, struct tp_err *err)
{
    const char *text = tp_rows_text(rows, 0, column);

    return tp_dec_parse(text, strlen(text), out, err);
}

static int
check_money(struct work *w, struct tp_err *err)
{
    TP_AUTO_ROWS   rows = NULL;
    struct tp_uuid id = w->r->account.id;
    struct tp_dec  balance, ledger, paid_in, funding, funding_paid, want;

    if (tp_db_one(w->db, &SQL_rebuild_money, TP_PARAMS(tp_p_uuid(id)), &rows, err)
        || read_dec(rows, "balance", &balance, err) || read_dec(rows, "ledger", &ledger, err)
        || read_dec(rows, "paid_in", &paid_in, err) || read_dec(rows, "funding", &funding, err)
        || read_dec(rows, "funding_paid", &funding_paid, err) || tp_dec_add(&want, paid_in, w->results, err)
        || tp_dec_add(&want, want, funding_paid, err))
        return -1;
    return same_dec(w, "account", id, "ledger", ledger, want, err)
                   || same_dec(w, "account", id, "funding", funding, funding_paid, err)
                   || same_dec(w, "account", id, "balance", balance, want, err)
               ? -1
               : 0;
}

/* ---- the whole --------------------------------------------------------------------------------------- */

int
tp_rebuild_prepare(struct tp_db *db, struct tp_err *err)
{
    return tp_db_exec(db, &SQL_rebuild_snapshot, NULL, 0, NULL, err);
}

int
tp_rebuild_account(struct tp_rebuild *r, struct tp_db *db, struct tp_err *err)
{
    struct work w = {.r = r, .db = db, .results = TP_DEC_ZERO};
    int rc = check_fills(&w, err) || check_unnamed(&w, err) || check_orders(&w, err) || check_strays(&w, err)
                     || check_money(&w, err)
                 ? -1
                 : 0;

    free(w.unnamed);
    return rc;
}
