#include "store/desk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "store/news.h"
#include "store/order.h"
#include "store/reference.h"
#include "store/sql.h"
#include "trade/funding.h"
#include "trade/paper.h"
#include "trade/state.h"
#include "trade/work.h"

#define CHUNK 500 /* rows per statement */

/* What the desk knows of an order by its number in the fill engine. */
struct mark {
    struct tp_uuid id;
    uint64_t       saved; /* of what its row holds; 0: it has no row yet */
    struct tp_dec  filled; /* as its row has it */
};

/* An order that ended since the last commit. */
struct ended {
    struct tp_order order;
    int64_t         number;
    const char     *event; /* filled, ... */
};

/* One instrument. */
struct place {
    struct tp_broker    broker; /* the paper broker's, with what only the desk knows; first member */
    struct tp_desk     *desk;
    struct tp_symbol    symbol;
    struct tp_knobs     knobs;
    struct tp_book      book;
    struct tp_paper     paper;
    struct tp_session   session;
    struct tp_uuid      position[2]; /* of the book's legs */
    int64_t             leverage[2]; /* of the orders that opened them */
    const char         *happened[2]; /* event about each since the last commit; NULL: no fill touched it */
    struct tp_feed_hook extra;       /* of the caller */
    struct tp_work     *waiting;     /* orders that become eligible later, by created_at */
    size_t              n_waiting;
    struct mark        *marks; /* by number */
    size_t              marks_room;
    int64_t             base;    /* numbers of this reading begin here */
    struct tp_dec       asked;   /* quantity of the order being submitted, before rounding */
    struct tp_dec       unrealized; /* at the last mark */
    struct tp_uuid      filled_position; /* that the newest fill changed */
    int64_t             filled_number;
    int64_t             filled_leverage;
    enum tp_role        filled_role;
    struct tp_funding_rate *rates; /* of the bars under way */
    size_t              n_rates;
};

enum told_kind { TOLD_EVENT, TOLD_TRADE, TOLD_TRIP, TOLD_POINT, TOLD_FUNDING };

struct told {
    enum told_kind kind;
    union {
        struct tp_order_event     event;
        struct tp_trade           trade;
        struct tp_trip            trip;
        struct tp_equity_point    point;
        struct tp_funding_payment funding;
    } it;
};

struct day {
    int64_t        date;
    struct tp_dec  first, high, low, last;
    struct tp_time at;
};

struct tp_desk {
    struct tp_db       *db;
    struct tp_desk_opts opts;
    struct tp_knobs     knobs;
    struct tp_gate      gate;
    struct place      **places;
    size_t              n_places;
    struct place       *turn;
    bool                open;     /* a transaction is under way */
    bool                stranger; /* somebody trades an instrument here that has no place */
    int64_t             revision; /* of the account when it was read; -1: never */
    struct tp_dec       wallet;
    struct tp_time      cursor;
    const struct tp_uuid *groups;
    size_t              n_groups;
    /* Since the last commit. */
    bool           dirty;
    struct ended  *ended;
    size_t         n_ended, ended_room;
    struct tp_buf  trades, closed, fundings; /* JSON arrays, open at the end */
    size_t         n_trades, n_closed, n_fundings;
    struct tp_news news;
    struct told   *told;
    size_t         n_told, told_room;
    struct day    *days;
    size_t         n_days, days_room;
    struct tp_arena arena;
};

/* ---- small things ----------------------------------------------------------------------------- */

static struct place *
place_of(struct tp_session *s)
{
    return (struct place *)(void *)s->broker;
}

static void
set_word(char *to, size_t size, const char *word)
{
    tp_text_set(to, size, word, strlen(word));
}

static struct told *
tell(struct tp_desk *d, enum told_kind kind)
{
    if (d->n_told == d->told_room) {
        d->told_room = d->told_room ? 2 * d->told_room : 16;
        d->told = tp_realloc(d->told, d->told_room * sizeof *d->told);
    }
    d->told[d->n_told].kind = kind;
    return &d->told[d->n_told++];
}

static struct mark *
mark_of(struct place *p, int64_t number)
{
    size_t i = (size_t)number;

    if (i >= p->marks_room) {
        size_t room = p->marks_room ? 2 * p->marks_room : 64;

        while (i >= room)
            room *= 2;
        p->marks = tp_realloc(p->marks, room * sizeof *p->marks);
        memset(p->marks + p->marks_room, 0, (room - p->marks_room) * sizeof *p->marks);
        p->marks_room = room;
    }
    return &p->marks[i];
}

/* FNV-1a over the order as it works: tells whether its row has to be written again. */
static uint64_t
hash_of(const struct tp_work *w)
{
    const unsigned char *b = (const unsigned char *)w;
    uint64_t             h = 14695981039346656037U;

    for (size_t i = 0; i < sizeof *w; i++)
        h = (h ^ b[i]) * 1099511628211U;
    return h ? h : 1;
}

/* ---- orders as rows --------------------------------------------------------------------------- */

static struct tp_uuid
id_of_number(struct place *p, int64_t number)
{
    struct tp_uuid none = {{0}};

    if (number > 0)
        return mark_of(p, number)->id;
    if (number < 0 && (size_t)-number <= p->desk->n_groups)
        return p->desk->groups[-number - 1];
    return none;
}

static int64_t
leverage_of(const struct place *p, const struct tp_work *w)
{
    return w->leverage ? w->leverage : p->knobs.leverage;
}

static void
row_of(struct place *p, const struct tp_work *w, struct tp_order *o)
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
    set_word(o->margin_mode, sizeof o->margin_mode, tp_margin_modes[p->knobs.margin_mode]);
    set_word(o->working_type, sizeof o->working_type, "LAST");
    set_word(o->submit_state, sizeof o->submit_state, "ACKED");
    o->leverage = leverage_of(p, w);
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

static void
end_order(struct place *p, const struct tp_work *w, enum tp_status status, const char *event,
          const char *reason)
{
    struct tp_desk *d = p->desk;
    struct ended   *e;

    if (d->n_ended == d->ended_room) {
        d->ended_room = d->ended_room ? 2 * d->ended_room : 16;
        d->ended = tp_realloc(d->ended, d->ended_room * sizeof *d->ended);
    }
    e = &d->ended[d->n_ended++];
    row_of(p, w, &e->order);
    e->number = w->number;
    e->event = event;
    set_word(e->order.status, sizeof e->order.status, tp_order_statuses[status]);
    if (status == TP_STATUS_FILLED)
        e->order.filled_at = p->paper.match.now;
    if (status == TP_STATUS_CANCELLED)
        e->order.cancelled_at = p->paper.match.now;
    if (status != TP_STATUS_FILLED)
        set_word(e->order.reject_reason, sizeof e->order.reject_reason, reason);
}

/* ---- what the fill engine tells --------------------------------------------------------------- */

static int
on_event(void *to, const struct tp_work *w, const struct tp_order_event *e, struct tp_err *err)
{
    static const struct {
        enum tp_status status;
        const char    *event;
    } ends[] = {{TP_STATUS_FILLED, "filled"},
                {TP_STATUS_CANCELLED, "cancelled"},
                {TP_STATUS_REJECTED, "rejected"},
                {TP_STATUS_EXPIRED, "expired"}};
    struct place *p = to;

    (void)err;
    p->desk->dirty = true;
    mark_of(p, w->number)->id = w->id;
    for (size_t i = 0; i < TP_COUNT(ends); i++)
        if (strcmp(e->event, tp_order_statuses[ends[i].status]) == 0)
            end_order(p, w, ends[i].status, ends[i].event, e->reason);
    tell(p->desk, TOLD_EVENT)->it.event = *e;
    if (p->session.strategy && p->session.strategy->ops->ordered)
        p->session.strategy->ops->ordered(p->session.strategy, w, e);
    return 0;
}

static int
on_trade(void *to, const struct tp_work *w, const struct tp_trade *trade, struct tp_err *err)
{
    struct place   *p = to;
    struct tp_desk *d = p->desk;
    int             leg = p->book.hedge && w->side < 0;
    struct tp_uuid *position = &p->position[leg];
    struct tp_trade t = *trade;
    TP_AUTO_BUF     metadata = {0};
    char            bar_text[TP_TIME_TEXT];

    (void)err;
    if (!p->happened[leg])
        p->happened[leg] = "position.changed";
    if (tp_uuid_none(*position)) {
        *position = tp_work_id(&p->paper.match, t.executed_at);
        p->happened[leg] = "position.opened";
        p->leverage[leg] = leverage_of(p, w);
    }
    p->filled_position = *position;
    p->filled_number = w->number;
    p->filled_leverage = leverage_of(p, w);
    p->filled_role = w->role;
    t.user_id = d->opts.user;
    t.position_id = *position;
    tp_buf_fmt(&metadata, "{\"role\":\"%s\",\"reason\":", tp_roles[w->role]);
    tp_json_string(&metadata, w->reason, strlen(w->reason));
    /* A fill at one bar's close and one at the next bar's open have the same stamp, and so have many of one bar. */
    tp_time_print(bar_text, p->paper.match.bar.open_time);
    tp_buf_fmt(&metadata, ",\"bar\":\"%s\",\"n\":%lld}", bar_text, (long long)p->paper.match.sequence);
    t.metadata = tp_arena_text(&d->arena, metadata.at, metadata.n);
    tp_buf_char(&d->trades, d->n_trades++ ? ',' : '[');
    tp_record_json(&tp_trade_record, &t, &d->trades);
    tp_news_add(&d->news, "trade.executed", "position", t.position_id, &tp_trade_record, &t);
    tell(d, TOLD_TRADE)->it.trade = t;
    if (p->session.strategy && p->session.strategy->ops->filled)
        p->session.strategy->ops->filled(p->session.strategy, w, &t, &p->book);
    return 0;
}

/* A position with its figures at the price. */
static int
position_row(struct place *p, const struct tp_leg *l, struct tp_uuid id, struct tp_dec price,
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
    set_word(o->side, sizeof o->side, l->side > 0 ? "LONG" : "SHORT");
    o->entry_price = tp_leg_entry_price(l);
    o->mark_price = price;
    o->quantity = l->quantity;
    o->realized_pnl = l->net;
    o->margin_used = l->margin;
    o->leverage = p->leverage[p->book.hedge && l->side < 0];
    set_word(o->margin_mode, sizeof o->margin_mode, tp_margin_modes[p->knobs.margin_mode]);
    o->liquidation_price = l->liquidation;
    set_word(o->status, sizeof o->status, "OPEN");
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

/* Adds a row to an array of positions; leg NULL: it is closed. */
static void
put_position(struct tp_buf *to, size_t *n, const struct tp_position *o, const struct tp_leg *leg)
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

static int
on_trip(void *to, const struct tp_trip *trip, struct tp_err *err)
{
    struct place        *p = to;
    struct tp_desk      *d = p->desk;
    int                  side = strcmp(trip->side, "SHORT") == 0 ? -1 : 1;
    const struct tp_leg *l = tp_book_leg(&p->book, side);
    size_t               leg = (size_t)(l - p->book.leg);
    struct tp_uuid      *id = &p->position[leg];
    struct tp_position   row;
    struct tp_leg        gone = {.side = side, .net = trip->pnl, .liquidation = TP_DEC_NONE};
    bool                 taken = p->filled_role == TP_ROLE_LIQUIDATION;

    gone.quantity = gone.cost = gone.margin = TP_DEC_ZERO;
    if (position_row(p, &gone, *id, trip->exit_price, &row, err))
        return -1;
    row.entry_price = trip->entry_price;
    row.stop_loss = row.take_profit = TP_DEC_NONE;
    row.closed_at = trip->closed_at;
    set_word(row.status, sizeof row.status, taken ? "LIQUIDATED" : "CLOSED");
    put_position(&d->closed, &d->n_closed, &row, NULL);
    tp_news_add(&d->news, taken ? "position.liquidated" : "position.closed", "position", *id, &tp_position_record, &row);
    memset(id, 0, sizeof *id);
    p->happened[leg] = NULL;
    if (l->side) { /* the same fill opened the other side */
        *id = tp_work_id(&p->paper.match, trip->closed_at);
        p->happened[leg] = "position.opened";
        p->leverage[leg] = p->filled_leverage;
    }
    tell(d, TOLD_TRIP)->it.trip = *trip;
    return 0;
}

static int
on_funding(void *to, const struct tp_funding_payment *payment, struct tp_err *err)
{
    struct place             *p = to;
    struct tp_desk           *d = p->desk;
    struct tp_funding_payment f = *payment;
    int                       leg = p->book.hedge && strcmp(f.side, "SHORT") == 0;

    (void)err;
    d->dirty = true;
    if (!p->happened[leg])
        p->happened[leg] = "position.changed";
    f.user_id = d->opts.user;
    f.position_id = p->position[leg];
    tp_buf_char(&d->fundings, d->n_fundings++ ? ',' : '[');
    tp_record_json(&tp_funding_payment_record, &f, &d->fundings);
    tell(d, TOLD_FUNDING)->it.funding = f;
    return 0;
}

/* ---- what the session asks -------------------------------------------------------------------- */

/* An order that wants to be made: the user's limits are asked. */
static int
on_limit(void *to, const struct tp_work *w, const struct tp_book *book, char reason[64], struct tp_err *err)
{
    struct place    *p = to;
    struct tp_match *m = &p->paper.match;
    struct tp_work   refused;
    struct tp_order  o;
    int              pass;

    (void)book;
    p->asked = w->quantity;
    row_of(p, w, &o);
    pass = tp_gate_ask(&p->desk->gate, &o, p->session.last_close, reason, err);
    if (pass)
        return pass;
    refused = *w;
    refused.number = m->next_number++;
    if (tp_uuid_none(refused.id))
        refused.id = tp_work_id(m, w->created_at);
    refused.filled = TP_DEC_ZERO;
    m->now = w->created_at;
    m->counts.rejected++;
    return tp_work_tell(m, &refused, "REJECTED", reason, err);
}

static int
others_unrealized(const struct tp_desk *d, const struct place *but, struct tp_dec *sum, struct tp_err *err)
{
    *sum = TP_DEC_ZERO;
    for (size_t i = 0; i < d->n_places; i++)
        if (d->places[i] != but && tp_dec_add(sum, *sum, d->places[i]->unrealized, err))
            return -1;
    return 0;
}

static void
mark_day(struct tp_desk *d, struct tp_time open, struct tp_time close, struct tp_dec equity)
{
    int64_t     date = tp_time_day(open);
    struct day *day;

    if (d->n_days == 0 || d->days[d->n_days - 1].date != date) {
        if (d->n_days == d->days_room) {
            d->days_room = d->days_room ? 2 * d->days_room : 8;
            d->days = tp_realloc(d->days, d->days_room * sizeof *d->days);
        }
        d->days[d->n_days++] = (struct day){date, equity, equity, equity, equity, close};
    }
    day = &d->days[d->n_days - 1];
    day->high = tp_dec_max(day->high, equity);
    day->low = tp_dec_min(day->low, equity);
    day->last = equity;
    day->at = close;
}

/* The equity at each close, for the day's figures. */
static int
on_span(void *to, const struct tp_bars *bars, size_t from, size_t end, const struct tp_book *book,
        size_t *taken, struct tp_err *err)
{
    struct place   *p = to;
    struct tp_desk *d = p->desk;
    struct tp_dec   others, equity;

    if (others_unrealized(d, p, &others, err))
        return -1;
    for (size_t i = from; i < end; i++) {
        struct tp_dec  close = tp_column_get(&bars->close, i);
        struct tp_time at = {bars->time[i] + p->session.interval_us};

        if (tp_book_equity(book, close, &equity, err)
            || tp_dec_sub(&p->unrealized, equity, book->wallet, err)
            || tp_dec_add(&equity, equity, others, err))
            return -1;
        mark_day(d, (struct tp_time){bars->time[i]}, at, equity);
        if (d->opts.listener.point) {
            struct tp_equity_point *point = &tell(d, TOLD_POINT)->it.point;
            tp_i128                 cost;

            point->time = at;
            point->equity = equity;
            point->price = close;
            tp_book_net(book, &point->position.units, &cost);
        }
        if (tp_dec_sign(equity) <= 0) {
            *taken = i + 1 - from;
            return 1;
        }
    }
    *taken = end - from;
    return 0;
}

static int
on_bar(void *to, struct tp_time close, struct tp_err *err)
{
    struct tp_desk *d = to;
    int64_t         mine;

    if (!d->dirty)
        return 0;
    if (tp_desk_commit(d, close, err))
        return -1;
    mine = d->revision;
    if (tp_desk_begin(d, err))
        return -1;
    return d->revision != mine;
}

static int on_feed(void *to, struct tp_broker *broker, const struct tp_bar *next, struct tp_err *err);

/* A session that is asked before each bar looks at each, so it is asked only when there is a reason. */
static void
set_feed(struct place *p)
{
    p->session.feed = p->n_waiting || p->extra.before ? (struct tp_feed_hook){p, on_feed}
                                                      : (struct tp_feed_hook){NULL, NULL};
}

/* Orders whose time has come join those that work. */
static int
on_feed(void *to, struct tp_broker *broker, const struct tp_bar *next, struct tp_err *err)
{
    struct place *p = to;
    size_t        n = 0;

    while (n < p->n_waiting && p->waiting[n].created_at.us <= next->open_time.us)
        *tp_work_room(&p->paper.match) = p->waiting[n++], p->paper.match.n++;
    p->n_waiting -= n;
    memmove(p->waiting, p->waiting + n, p->n_waiting * sizeof *p->waiting);
    set_feed(p);
    return p->extra.before ? p->extra.before(p->extra.to, broker, next, err) : 0;
}

/* ---- the broker: paper's, but for what is asked ----------------------------------------------- */

static struct tp_broker *
inner(struct tp_broker *b)
{
    return &((struct place *)(void *)b)->paper.broker;
}

static int
submit(struct tp_broker *b, const struct tp_work *order, int64_t *number, struct tp_err *err)
{
    ((struct place *)(void *)b)->asked = order->quantity;
    return inner(b)->ops->submit(inner(b), order, number, err);
}

static int
cancel(struct tp_broker *b, int64_t number, const char *reason, struct tp_err *err)
{
    return inner(b)->ops->cancel(inner(b), number, reason, err);
}

static struct tp_work *
find(struct tp_broker *b, int64_t number)
{
    return inner(b)->ops->find(inner(b), number);
}

static struct tp_work *
each(struct tp_broker *b, size_t i)
{
    return inner(b)->ops->each(inner(b), i);
}

static int
bar(struct tp_broker *b, const struct tp_bar *next, struct tp_err *err)
{
    return inner(b)->ops->bar(inner(b), next, err);
}

static int
tighten(struct tp_broker *b, int side, struct tp_dec price, struct tp_err *err)
{
    return inner(b)->ops->tighten(inner(b), side, price, err);
}

static int
close_fills(struct tp_broker *b, const struct tp_bar *next, struct tp_err *err)
{
    return inner(b)->ops->close_fills(inner(b), next, err);
}

static int
end(struct tp_broker *b, const struct tp_bar *last, struct tp_err *err)
{
    return inner(b)->ops->end(inner(b), last, err);
}

static bool
quiet(const struct tp_broker *b, struct tp_dec *low, struct tp_dec *high, struct tp_time *until)
{
    const struct tp_broker *paper = &((const struct place *)(const void *)b)->paper.broker;

    return paper->ops->quiet(paper, low, high, until);
}

static const struct tp_broker_ops desk_ops = {"desk", submit, cancel, find, each, bar, tighten, close_fills, end, quiet};

/* ---- reading ---------------------------------------------------------------------------------- */

static int64_t
number_of(struct place *p, struct tp_uuid id)
{
    if (tp_uuid_none(id))
        return 0;
    for (int64_t i = p->base; i < p->paper.match.next_number; i++)
        if (tp_uuid_equal(mark_of(p, i)->id, id))
            return i;
    mark_of(p, p->paper.match.next_number)->id = id; /* it does not work any more, but others refer to it */
    return p->paper.match.next_number++;
}

static void
keep_order(struct place *p, const struct tp_work *w)
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
read_order(struct place *p, const struct tp_order *o, struct tp_err *err)
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
    set_word(w.reason, sizeof w.reason, o->reason);
    if (o->metadata && tp_work_state_read(&w, o->metadata, err))
        return -1;
    parent = number_of(p, o->parent_order_id);
    if (parent)
        w.parent = parent;
    w.group = number_of(p, o->group_id);
    if (w.group && tp_dec_none(w.group_left))
        w.group_left = w.quantity;
    w.number = m->next_number++;
    mark_of(p, w.number)->id = w.id;
    keep_order(p, &w);
    mark_of(p, w.number)->saved = hash_of(&w);
    mark_of(p, w.number)->filled = w.filled;
    return 0;
}

static int
read_orders(struct place *p, struct tp_err *err)
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
    set_feed(p);
    return got;
}

static struct place *
find_place(struct tp_desk *d, const char *symbol)
{
    for (size_t i = 0; i < d->n_places; i++)
        if (strcmp(d->places[i]->symbol.symbol, symbol) == 0)
            return d->places[i];
    return NULL;
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
        if (!find_place(d, tp_rows_text(rows, r, "symbol")))
            return stranger(d, tp_rows_text(rows, r, "symbol"), err);
    return 0;
}

static int
read_positions(struct tp_desk *d, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    for (size_t i = 0; i < d->n_places; i++) {
        struct place *p = d->places[i];

        memset(p->position, 0, sizeof p->position);
        p->book.leg[0].side = p->book.leg[1].side = 0;
        p->unrealized = TP_DEC_ZERO;
    }
    if (tp_db_query(d->db, &SQL_desk_positions, TP_PARAMS(tp_p_uuid(d->opts.account.id)), &rows, err))
        return -1;
    for (size_t r = 0; r < tp_rows_count(rows); r++) {
        struct place  *p = find_place(d, tp_rows_text(rows, r, "symbol"));
        int            side = strcmp(tp_rows_text(rows, r, "side"), "SHORT") == 0 ? -1 : 1;
        const char    *id = tp_rows_text(rows, r, "id");
        const char    *open = tp_rows_text(rows, r, "unrealized_pnl");
        struct tp_leg *l;

        l = tp_book_leg(&p->book, side);
        if (tp_leg_state_read(l, tp_rows_text(rows, r, "book"), err)
            || tp_dec_parse(open, strlen(open), &p->unrealized, err)
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

static int
read_account(struct tp_desk *d, struct tp_err *err)
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
        struct place *p = d->places[i];

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
            struct place        *p = d->places[i];
            const struct tp_leg *l = &p->book.leg[k];
            struct tp_position   row;

            if (l->side == 0)
                continue;
            if (position_row(p, l, p->position[k], p->session.last_close, &row, err))
                return -1;
            if (p->happened[k])
                tp_news_add(&d->news, p->happened[k], "position", row.id, &tp_position_record, &row);
            p->happened[k] = NULL;
            put_position(&d->closed, &d->n_closed, &row, l);
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
write_working(struct writer *w, struct place *p, struct tp_err *err)
{
    for (size_t i = 0; i < p->paper.match.n; i++) {
        const struct tp_work *work = &p->paper.match.work[i];
        struct mark          *mark = mark_of(p, work->number);
        uint64_t              now = hash_of(work);
        struct tp_order       row;
        TP_AUTO_BUF           text = {0};
        bool                  fresh = mark->saved == 0;

        if (work->done || now == mark->saved)
            continue;
        row_of(p, work, &row);
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
        struct place *p = find_place(d, d->ended[i].order.symbol);
        struct mark  *mark = mark_of(p, d->ended[i].number);

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
        const struct day *day = &d->days[i];

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

static int
listen(struct tp_desk *d, struct tp_err *err)
{
    const struct tp_desk_listener *l = &d->opts.listener;
    int                            rc = 0;

    for (size_t i = 0; i < d->n_told && !rc; i++) {
        const struct told *t = &d->told[i];

        switch (t->kind) {
        case TOLD_EVENT:
            rc = l->event ? l->event(l->to, &t->it.event, err) : 0;
            break;
        case TOLD_TRADE:
            rc = l->trade ? l->trade(l->to, &t->it.trade, err) : 0;
            break;
        case TOLD_TRIP:
            rc = l->trip ? l->trip(l->to, &t->it.trip, err) : 0;
            break;
        case TOLD_POINT:
            rc = l->point(l->to, &t->it.point, err);
            break;
        case TOLD_FUNDING:
            rc = l->funding ? l->funding(l->to, &t->it.funding, err) : 0;
            break;
        }
    }
    d->n_told = 0;
    return rc;
}

/* ---- the public side -------------------------------------------------------------------------- */

int
tp_desk_account(struct tp_db *db, struct tp_uuid id, struct tp_account *out, struct tp_arena *arena,
                struct tp_err *err)
{
    int  got = tp_db_row(db, &SQL_desk_account, TP_PARAMS(tp_p_uuid(id)), &tp_account_record, out, arena, err);
    char text[TP_UUID_TEXT];

    if (got)
        return got > 0 ? 0 : -1;
    tp_uuid_print(text, id);
    return tp_fail(err, TP_EMISSING, "there is no account %s", text);
}

int
tp_desk_open(struct tp_desk **out, struct tp_db *db, const struct tp_desk_opts *opts, struct tp_err *err)
{
    struct tp_desk *d;

    *out = NULL;
    if (strcmp(opts->account.environment, "PAPER") != 0)
        return tp_fail(err, TP_EREFUSED, "the account is not on paper");
    d = tp_alloc(sizeof *d);
    d->db = db;
    d->opts = *opts;
    d->revision = -1;
    d->cursor = opts->account.cursor;
    if (tp_knobs_read(&d->knobs, opts->account.settings, err)) {
        tp_desk_close(d);
        return -1;
    }
    *out = d;
    return 0;
}

struct tp_session *
tp_desk_place(struct tp_desk *d, const struct tp_symbol *symbol, int64_t interval_us)
{
    struct place  *p = tp_alloc(sizeof *p);
    struct tp_sink sink = {p, on_event, on_trade, on_trip, on_funding};

    p->broker.ops = &desk_ops;
    p->desk = d;
    p->symbol = *symbol;
    p->knobs = d->knobs;
    tp_knobs_fees(&p->knobs, &p->symbol);
    tp_book_init(&p->book, symbol->symbol, d->opts.account.balance,
                 strcmp(d->opts.account.position_mode, "HEDGE") == 0);
    tp_paper_init(&p->paper, &p->knobs, &p->symbol, &p->book, &sink, "");
    p->unrealized = TP_DEC_ZERO;
    p->asked = TP_DEC_NONE;
    tp_session_init(&p->session);
    p->session.broker = &p->broker;
    p->session.book = &p->book;
    p->session.symbol = &p->symbol;
    p->session.knobs = &p->knobs;
    p->session.interval_us = interval_us;
    p->session.limit = (struct tp_limit_hook){p, on_limit};
    p->session.mark = (struct tp_mark_hook){p, on_span, NULL};
    p->session.after = (struct tp_after_hook){d, on_bar};
    d->places = tp_realloc(d->places, (d->n_places + 1) * sizeof(struct place *));
    d->places[d->n_places++] = p;
    d->turn = p;
    return &p->session;
}

int
tp_desk_rates(struct tp_desk *d, struct tp_session *s, struct tp_time from, struct tp_time to, struct tp_err *err)
{
    struct place *p = place_of(s);

    if (!tp_funding_applies(&p->knobs, &p->symbol, true))
        return 0;
    if (!tp_time_none(d->cursor) && d->cursor.us < from.us)
        from = d->cursor; /* stamps in a gap before the first bar */
    from.us -= TP_US_DAY; /* those before tell what is missing at the beginning */
    free(p->rates);
    p->rates = NULL;
    if (tp_reference_fundings(d->db, p->symbol.exchange, p->symbol.symbol, from, to, &p->rates, &p->n_rates, err))
        return -1;
    tp_match_rates(&p->paper.match, p->rates, p->n_rates, p->paper.match.funding.done_us ? TP_TIME_NONE : d->cursor);
    return 0;
}

void
tp_desk_feed(struct tp_session *s, struct tp_feed_hook feed)
{
    struct place *p = place_of(s);

    p->extra = feed;
    set_feed(p);
}

void
tp_desk_turn(struct tp_desk *d, struct tp_session *s)
{
    struct place *p = place_of(s);

    if (d->turn)
        d->wallet = d->turn->book.wallet;
    d->turn = p;
    p->book.wallet = d->wallet;
    p->book.reserved = TP_DEC_ZERO;
    for (size_t i = 0; i < d->n_places; i++)
        for (int k = 0; k < 2 && d->places[i] != p; k++)
            if (d->places[i]->book.leg[k].side)
                p->book.reserved.units += d->places[i]->book.leg[k].margin.units;
}

int
tp_desk_begin(struct tp_desk *d, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    char         id[TP_UUID_TEXT];
    int64_t      revision;

    if (tp_db_begin_as(d->db, d->opts.user, err))
        return -1;
    d->open = true;
    if (tp_gate_open(&d->gate, d->db, d->opts.user, d->opts.account.environment, err)
        || tp_db_one(d->db, &SQL_desk_revision, TP_PARAMS(tp_p_uuid(d->opts.account.id)), &rows, err))
        return -1;
    revision = tp_rows_int(rows, 0, "revision");
    if (revision != d->revision) {
        if (read_account(d, err))
            return -1;
        d->revision = revision;
        for (size_t i = 0; i < d->n_places; i++)
            d->places[i]->book.wallet = d->wallet;
    }
    /* The ids that follow are those of this state of the account: a run again after a crash gives them again. */
    tp_uuid_print(id, tp_uuid_none(d->opts.bot) ? d->opts.account.id : d->opts.bot);
    for (size_t i = 0; i < d->n_places; i++) {
        struct tp_match *m = &d->places[i]->paper.match;

        snprintf(m->seed, sizeof m->seed, "%s %lld %zu", id, (long long)d->revision, i);
        m->sequence = 0;
    }
    if (d->turn)
        tp_desk_turn(d, &d->turn->session);
    return 0;
}

int
tp_desk_commit(struct tp_desk *d, struct tp_time cursor, struct tp_err *err)
{
    int rc;

    if (d->turn)
        d->wallet = d->turn->book.wallet;
    if (write_positions(d, err) || write_orders(d, err)
        || send_array(&d->trades, &d->n_trades, send_trades, d, err)
        || send_array(&d->fundings, &d->n_fundings, send_fundings, d, err)
        || tp_news_send(&d->news, d->db, d->opts.user, err) || write_mark(d, cursor, err)
        || (d->opts.before_commit && d->opts.before_commit(d->opts.to, cursor, err))
        || tp_db_commit(d->db, err))
        return -1;
    d->open = d->dirty = false;
    rc = listen(d, err);
    tp_arena_free(&d->arena);
    return rc;
}

bool
tp_desk_stranger(const struct tp_desk *d)
{
    return d->stranger;
}

struct tp_time
tp_desk_cursor(const struct tp_desk *d)
{
    return d->cursor;
}

struct tp_uuid
tp_desk_order_id(const struct tp_desk *d, const struct tp_session *s, int64_t number)
{
    const struct place *p = (const struct place *)(const void *)s->broker;
    struct tp_uuid      none = {{0}};

    (void)d;
    for (size_t i = 0; number && i < p->paper.match.n; i++)
        if (p->paper.match.work[i].number == number && !p->paper.match.work[i].done)
            return p->paper.match.work[i].id;
    return none;
}

int64_t
tp_desk_order_number(const struct tp_desk *d, const struct tp_session *s, struct tp_uuid id)
{
    const struct place *p = (const struct place *)(const void *)s->broker;

    (void)d;
    for (size_t i = 0; !tp_uuid_none(id) && i < p->paper.match.n; i++)
        if (tp_uuid_equal(p->paper.match.work[i].id, id))
            return p->paper.match.work[i].number;
    return 0;
}

void
tp_desk_groups(struct tp_desk *d, const struct tp_uuid *ids, size_t n)
{
    d->groups = ids;
    d->n_groups = n;
}

void
tp_desk_close(struct tp_desk *d)
{
    struct tp_err ignored = TP_ERR_INIT;

    if (!d)
        return;
    if (d->open && tp_db_in_transaction(d->db))
        tp_db_rollback(d->db, &ignored);
    for (size_t i = 0; i < d->n_places; i++) {
        tp_paper_free(&d->places[i]->paper);
        free(d->places[i]->waiting);
        free(d->places[i]->marks);
        free(d->places[i]->rates);
        free(d->places[i]);
    }
    free(d->places);
    tp_gate_free(&d->gate);
    free(d->ended);
    free(d->told);
    free(d->days);
    tp_buf_free(&d->trades);
    tp_buf_free(&d->closed);
    tp_buf_free(&d->fundings);
    tp_news_free(&d->news);
    tp_arena_free(&d->arena);
    free(d);
}
