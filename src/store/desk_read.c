#include "store/desk_place.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "store/sql.h"
#include "trade/state.h"

static int64_t
number_of(struct tp_place *p, struct tp_uuid id)
{
    if (tp_uuid_none(id))
        return 0;
    for (int64_t i = p->base; i < p->paper.match.next_number; i++)
        if (tp_uuid_equal(tp_place_mark(p, i)->id, id))
            return i;
    tp_place_mark(p, p->paper.match.next_number)->id = id; /* it does not work any more, but others refer to it */
    return p->paper.match.next_number++;
}

static void
keep_order(struct tp_place *p, const struct tp_work *w)
{
    struct tp_match *m = &p->paper.match;

    if (!tp_time_none(p->desk->cursor) && w->created_at.us <= p->desk->cursor.us) {
        *tp_work_room(m) = *w;
        m->n++;
        return;
    }
    p->waiting = tp_realloc(p->waiting, (p->n_waiting + 1) * sizeof *p->waiting);
    p->waiting[p->n_waiting++] = *w;
}

static int
read_order(struct tp_place *p, const struct tp_order *o, struct tp_err *err)
{
    struct tp_match *m = &p->paper.match;
    struct tp_work   w;
    int64_t          parent;

    if (tp_work_from_order(&w, o, err))
        return -1;
    w.fresh = true;
    w.latency = p->knobs.latency_bars;
    w.filled = o->filled_quantity;
    for (size_t i = 0; tp_roles[i]; i++)
        if (strcmp(tp_roles[i], o->role) == 0)
            w.role = (enum tp_role)i;
    tp_text_copy(w.reason, sizeof w.reason, o->reason);
    if (o->metadata && tp_work_state_read(&w, o->metadata, err))
        return -1;
    parent = number_of(p, o->parent_order_id);
    if (parent)
        w.parent = parent;
    w.group = number_of(p, o->group_id);
    w.number = m->next_number++;
    tp_place_mark(p, w.number)->id = w.id;
    keep_order(p, &w);
    tp_place_mark(p, w.number)->saved = tp_place_hash(&w);
    tp_place_mark(p, w.number)->filled = w.filled;
    return 0;
}

static int
read_orders(struct tp_place *p, struct tp_err *err)
{
    TP_AUTO_ROWS    rows = NULL;
    TP_AUTO_ARENA   arena = {0};
    struct tp_order o;
    int             got;

    p->paper.match.n = p->n_waiting = 0;
    p->base = p->paper.match.next_number;
    if (tp_db_query(p->desk->db, &SQL_desk_orders,
                    TP_PARAMS(tp_p_uuid(p->desk->opts.account.id), tp_p_text(p->symbol.symbol)), &rows, err))
        return -1;
    while ((got = tp_rows_next(rows, &tp_order_record, &o, &arena, err)) > 0)
        if (read_order(p, &o, err))
            return -1;
    tp_place_await(p);
    return got;
}

static int
stranger(struct tp_desk *d, const char *symbol, struct tp_err *err)
{
    d->stranger = true;
    return tp_fail(err, TP_EREFUSED, "the account trades %s, whose bars do not come here", symbol);
}

/* Bars go by for the whole account: nothing of it may miss them. */
static int
check_instruments(struct tp_desk *d, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_query(d->db, &SQL_desk_busy, TP_PARAMS(tp_p_uuid(d->opts.account.id)), &rows, err))
        return -1;
    for (size_t r = 0; r < tp_rows_count(rows); r++)
        if (!tp_place_find(d, tp_rows_text(rows, r, "symbol")))
            return stranger(d, tp_rows_text(rows, r, "symbol"), err);
    return 0;
}

static int
read_positions(struct tp_desk *d, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    for (size_t i = 0; i < d->n_places; i++) {
        struct tp_place *p = d->places[i];

        memset(p->position, 0, sizeof p->position);
        p->book.leg[0].side = p->book.leg[1].side = 0;
        p->unrealized = TP_DEC_ZERO;
    }
    if (tp_db_query(d->db, &SQL_desk_positions, TP_PARAMS(tp_p_uuid(d->opts.account.id)), &rows, err))
        return -1;
    for (size_t r = 0; r < tp_rows_count(rows); r++) {
        struct tp_place  *p = tp_place_find(d, tp_rows_text(rows, r, "symbol"));
        int            side = strcmp(tp_rows_text(rows, r, "side"), "SHORT") == 0 ? -1 : 1;
        const char    *id = tp_rows_text(rows, r, "id");
        const char    *open = tp_rows_text(rows, r, "unrealized_pnl");
        struct tp_dec  unrealized;
        struct tp_leg *l;

        l = tp_book_leg(&p->book, side);
        if (tp_leg_state_read(l, tp_rows_text(rows, r, "book"), err)
            || tp_dec_parse(open, strlen(open), &unrealized, err)
            || tp_dec_add(&p->unrealized, p->unrealized, unrealized, err)
            || tp_uuid_parse(id, strlen(id), &p->position[l - p->book.leg], err))
            return -1;
        l->side = side;
        p->leverage[l - p->book.leg] = tp_rows_int(rows, r, "leverage");
        if (tp_book_relevel(&p->book, l, err))
            return -1;
    }
    return 0;
}

/* The session's orders by id, over a reading. */
struct kept {
    struct tp_uuid entry[2], leave[2];
};

int
tp_desk_read(struct tp_desk *d, struct tp_err *err)
{
    TP_AUTO_ARENA     arena = {0};
    struct tp_account account;
    struct kept      *kept = tp_alloc((d->n_places + 1) * sizeof *kept);
    int               rc;

    for (size_t i = 0; i < d->n_places; i++)
        for (int k = 0; k < 2; k++) {
            kept[i].entry[k] = tp_desk_order_id(d, &d->places[i]->session, d->places[i]->session.entry[k]);
            kept[i].leave[k] = tp_desk_order_id(d, &d->places[i]->session, d->places[i]->session.leave[k]);
        }
    rc = tp_desk_account(d->db, d->opts.account.id, &account, &arena, err);
    if (rc == 0) {
        d->wallet = account.balance;
        d->cursor = account.cursor;
        rc = check_instruments(d, err) || read_positions(d, err) ? -1 : 0;
    }
    for (size_t i = 0; i < d->n_places && rc == 0; i++) {
        struct tp_place *p = d->places[i];

        rc = read_orders(p, err);
        p->session.entry_fills = -1;
        for (int k = 0; k < 2; k++) {
            p->session.entry[k] = tp_desk_order_number(d, &p->session, kept[i].entry[k]);
            p->session.leave[k] = tp_desk_order_number(d, &p->session, kept[i].leave[k]);
        }
    }
    free(kept);
    return rc;
}
