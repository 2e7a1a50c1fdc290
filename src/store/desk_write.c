#include "store/desk_place.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "store/order.h"
#include "store/sql.h"
#include "trade/state.h"

#define CHUNK 500 /* rows per statement */

/* ---- an order, a position as rows ------------------------------------------------------------ */

/* FNV-1a. */
uint64_t
tp_place_hash(const struct tp_work *w)
{
    const unsigned char *b = (const unsigned char *)w;
    uint64_t             h = 14695981039346656037U;

    for (size_t i = 0; i < sizeof *w; i++)
        h = (h ^ b[i]) * 1099511628211U;
    return h ? h : 1;
}

static struct tp_uuid
id_of_number(struct tp_place *p, int64_t number)
{
    struct tp_uuid none = {{0}};

    if (number > 0)
        return tp_place_mark(p, number)->id;
    if (number < 0 && (size_t)-number <= p->desk->n_groups)
        return p->desk->groups[-number - 1];
    return none;
}

int64_t
tp_place_leverage(const struct tp_place *p, const struct tp_work *w)
{
    return w->leverage ? w->leverage : p->knobs.leverage;
}

void
tp_place_order(struct tp_place *p, const struct tp_work *w, struct tp_order *o)
{
    const struct tp_desk *d = p->desk;

    tp_work_to_order(w, o);
    o->user_id = d->opts.user;
    o->account_id = d->opts.account.id;
    o->bot_id = d->opts.bot;
    memcpy(o->environment, d->opts.account.environment, sizeof o->environment);
    memcpy(o->exchange, p->symbol.exchange, sizeof o->exchange);
    memcpy(o->symbol, p->symbol.symbol, sizeof o->symbol);
    memcpy(o->position_mode, d->opts.account.position_mode, sizeof o->position_mode);
    tp_text_copy(o->margin_mode, sizeof o->margin_mode, tp_margin_modes[p->knobs.margin_mode]);
    tp_text_copy(o->working_type, sizeof o->working_type, "LAST");
    tp_text_copy(o->submit_state, sizeof o->submit_state, "ACKED");
    o->leverage = tp_place_leverage(p, w);
    o->parent_order_id = id_of_number(p, w->parent);
    o->group_id = id_of_number(p, w->group);
    if (tp_dec_sign(o->quantity) <= 0) /* rounded to nothing: what was asked for is what was refused */
        o->quantity = p->asked;
    if (tp_dec_sign(w->filled) > 0) {
        struct tp_err err = TP_ERR_INIT;

        if (tp_dec_div(&o->avg_fill_price, w->cost, w->filled, TP_HALF_AWAY, &err))
            o->avg_fill_price = TP_DEC_NONE;
        o->position_id = p->filled_number == w->number ? p->filled_position
                                                        : p->position[p->book.hedge && w->side < 0];
    }
}

int
tp_place_position(struct tp_place *p, const struct tp_leg *l, struct tp_uuid id, struct tp_dec price,
                  struct tp_position *o, struct tp_err *err)
{
    struct tp_desk *d = p->desk;

    tp_record_init(&tp_position_record, o);
    o->id = id;
    o->opened_at = tp_uuid_time(id);
    o->user_id = d->opts.user;
    o->account_id = d->opts.account.id;
    o->bot_id = d->opts.bot;
    memcpy(o->environment, d->opts.account.environment, sizeof o->environment);
    memcpy(o->exchange, p->symbol.exchange, sizeof o->exchange);
    memcpy(o->symbol, p->symbol.symbol, sizeof o->symbol);
    tp_text_copy(o->side, sizeof o->side, l->side > 0 ? "LONG" : "SHORT");
    o->entry_price = tp_leg_entry_price(l);
    o->mark_price = price;
    o->quantity = l->quantity;
    o->realized_pnl = l->net;
    o->margin_used = l->margin;
    o->leverage = p->leverage[p->book.hedge && l->side < 0];
    tp_text_copy(o->margin_mode, sizeof o->margin_mode, tp_margin_modes[p->knobs.margin_mode]);
    o->liquidation_price = l->liquidation;
    tp_text_copy(o->status, sizeof o->status, "OPEN");
    for (size_t i = 0; i < p->paper.match.n; i++) {
        const struct tp_work *w = &p->paper.match.work[i];

        if (w->done || !w->reduce_only || w->side != l->side)
            continue;
        if ((w->role == TP_ROLE_STOP_LOSS || w->role == TP_ROLE_TRAILING) && !tp_dec_none(w->stop_price)
            && (tp_dec_none(o->stop_loss) || tp_work_dearer(w->side, w->stop_price, o->stop_loss)))
            o->stop_loss = w->stop_price;
        if (w->role == TP_ROLE_TAKE_PROFIT
            && (tp_dec_none(o->take_profit) || tp_work_dearer(w->side, o->take_profit, w->price)))
            o->take_profit = w->price;
    }
    o->unrealized_pnl = TP_DEC_ZERO;
    if (!tp_dec_none(price) && tp_leg_unrealized(l, price, &o->unrealized_pnl, err))
        return -1;
    return tp_dec_add(&o->pnl, o->realized_pnl, o->unrealized_pnl, err);
}

void
tp_place_put(struct tp_buf *to, size_t *n, const struct tp_position *o, const struct tp_leg *leg)
{
    tp_buf_char(to, (*n)++ ? ',' : '[');
    tp_record_json(&tp_position_record, o, to);
    to->n -= 2; /* the brace and the line's end */
    tp_buf_text(to, ",\"book\":");
    if (leg)
        tp_leg_state_print(leg, to);
    else
        tp_buf_text(to, "{}");
    tp_buf_char(to, '}');
}

/* ---- writing ---------------------------------------------------------------------------------- */

/* Sends an array that was put together. */
static int
send_array(struct tp_buf *array, size_t *n, int (*how)(struct tp_desk *d, const char *json, struct tp_err *err),
           struct tp_desk *d, struct tp_err *err)
{
    int rc = 0;

    if (*n) {
        tp_buf_char(array, ']');
        rc = how(d, array->at, err);
    }
    tp_buf_clear(array);
    *n = 0;
    return rc;
}

static int
send_positions(struct tp_desk *d, const char *json, struct tp_err *err)
{
    return tp_db_exec(d->db, &SQL_position_put, TP_PARAMS(tp_p_text(json)), NULL, err);
}

static int
send_trades(struct tp_desk *d, const char *json, struct tp_err *err)
{
    return tp_db_exec(d->db, &SQL_trade_insert,
                      TP_PARAMS(tp_p_uuid(d->opts.user), tp_p_uuid(d->opts.account.id),
                                tp_p_text(d->opts.account.environment), tp_p_text(json)),
                      NULL, err);
}

static int
send_fundings(struct tp_desk *d, const char *json, struct tp_err *err)
{
    return tp_db_exec(d->db, &SQL_funding_insert,
                      TP_PARAMS(tp_p_uuid(d->opts.user), tp_p_uuid(d->opts.account.id), tp_p_text(json)), NULL, err);
}

static int
write_positions(struct tp_desk *d, struct tp_err *err)
{
    for (size_t i = 0; i < d->n_places; i++)
        for (int k = 0; k < 2; k++) {
            struct tp_place        *p = d->places[i];
            const struct tp_leg *l = &p->book.leg[k];
            struct tp_position   row;

            if (l->side == 0)
                continue;
            if (tp_place_position(p, l, p->position[k], p->session.last_close, &row, err))
                return -1;
            if (p->happened[k])
                tp_news_add(&d->news, p->happened[k], "position", row.id, &tp_position_record, &row);
            p->happened[k] = NULL;
            tp_place_put(&d->closed, &d->n_closed, &row, l);
        }
    return send_array(&d->closed, &d->n_closed, send_positions, d, err);
}

/* Orders to be written, sent in chunks. */
struct writer {
    struct tp_desk          *d;
    struct tp_order_new     *fresh;
    struct tp_order_change  *changes;
    size_t                   n_fresh, n_changes;
    struct tp_arena          arena;
};

static int
send_orders(struct writer *w, struct tp_err *err)
{
    int rc = 0;

    if (w->n_fresh)
        rc = tp_order_insert(&w->d->gate, w->fresh, w->n_fresh, &w->arena, err);
    if (!rc && w->n_changes)
        rc = tp_order_update(&w->d->gate, w->changes, w->n_changes, err);
    w->n_fresh = w->n_changes = 0;
    return rc;
}

/* One order: new ones are inserted, others updated. */
static int
write_order(struct writer *w, const struct tp_order *o, bool fresh, const char *work, const char *event,
            struct tp_err *err)
{
    if (fresh)
        w->fresh[w->n_fresh++] = (struct tp_order_new){.order = *o, .work = work, .asked = true};
    else
        w->changes[w->n_changes++] = (struct tp_order_change){.order = *o, .work = work, .event = event};
    return w->n_fresh == CHUNK || w->n_changes == CHUNK ? send_orders(w, err) : 0;
}

static int
write_working(struct writer *w, struct tp_place *p, struct tp_err *err)
{
    for (size_t i = 0; i < p->paper.match.n; i++) {
        const struct tp_work *work = &p->paper.match.work[i];
        struct tp_desk_mark          *mark = tp_place_mark(p, work->number);
        uint64_t              now = tp_place_hash(work);
        struct tp_order       row;
        TP_AUTO_BUF           text = {0};
        bool                  fresh = mark->saved == 0;

        if (work->done || now == mark->saved)
            continue;
        tp_place_order(p, work, &row);
        tp_work_state_print(work, &text);
        if (write_order(w, &row, fresh, tp_arena_text(&w->arena, text.at, text.n),
                        work->filled.units != mark->filled.units ? "partially_filled" : NULL, err))
            return -1;
        mark->saved = now;
        mark->filled = work->filled;
    }
    return 0;
}

static int
write_orders(struct tp_desk *d, struct tp_err *err)
{
    struct writer w = {.d = d};
    int           rc = 0;

    w.fresh = tp_alloc(CHUNK * sizeof *w.fresh);
    w.changes = tp_alloc(CHUNK * sizeof *w.changes);
    /* New parents before their children, and those that go before those that come. */
    for (size_t i = 0; i < d->n_ended && !rc; i++) {
        struct tp_place *p = tp_place_find(d, d->ended[i].order.symbol);
        struct tp_desk_mark  *mark = tp_place_mark(p, d->ended[i].number);

        rc = write_order(&w, &d->ended[i].order, mark->saved == 0, "{}", d->ended[i].event, err);
        mark->saved = 1;
    }
    for (size_t i = 0; i < d->n_places && !rc; i++)
        rc = write_working(&w, d->places[i], err);
    if (!rc)
        rc = send_orders(&w, err);
    free(w.fresh);
    free(w.changes);
    tp_arena_free(&w.arena);
    d->n_ended = 0;
    return rc;
}

static void
put_amount(struct tp_buf *to, const char *key, struct tp_dec value)
{
    char text[TP_DEC_TEXT];

    tp_dec_print(text, value, TP_DEC_SCALE);
    tp_buf_fmt(to, ",\"%s\":\"%s\"", key, text);
}

static int
write_mark(struct tp_desk *d, struct tp_time cursor, struct tp_err *err)
{
    TP_AUTO_BUF  days = {0};
    TP_AUTO_ROWS rows = NULL;
    char         text[TP_TIME_TEXT];

    tp_buf_char(&days, '[');
    for (size_t i = 0; i < d->n_days; i++) {
        const struct tp_desk_day *day = &d->days[i];

        tp_day_print(text, day->date);
        tp_buf_fmt(&days, "%s{\"date\":\"%s\"", i ? "," : "", text);
        put_amount(&days, "first", day->first);
        put_amount(&days, "high", day->high);
        put_amount(&days, "low", day->low);
        put_amount(&days, "last", day->last);
        tp_time_print(text, day->at);
        tp_buf_fmt(&days, ",\"marked_at\":\"%s\"}", text);
    }
    tp_buf_char(&days, ']');
    if (tp_db_one(d->db, &SQL_desk_mark,
                  TP_PARAMS(tp_p_uuid(d->opts.user), tp_p_uuid(d->opts.account.id), tp_p_time(cursor),
                            tp_p_text(days.at)),
                  &rows, err))
        return -1;
    d->revision = tp_rows_int(rows, 0, "revision");
    d->cursor = cursor;
    d->n_days = 0;
    return 0;
}

int
tp_desk_write(struct tp_desk *d, struct tp_time cursor, struct tp_err *err)
{
    return write_positions(d, err) || write_orders(d, err) || send_array(&d->trades, &d->n_trades, send_trades, d, err)
                   || send_array(&d->fundings, &d->n_fundings, send_fundings, d, err)
                   || tp_news_send(&d->news, d->db, d->opts.user, err) || write_mark(d, cursor, err)
               ? -1
               : 0;
}
