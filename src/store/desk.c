#include "store/desk_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "store/reference.h"
#include "store/sql.h"
#include "trade/funding.h"

/* ---- small things ----------------------------------------------------------------------------- */

static struct tp_place *
place_of(struct tp_session *s)
{
    return (struct tp_place *)(void *)s->broker;
}

struct tp_place *
tp_place_find(struct tp_desk *d, const char *symbol)
{
    for (size_t i = 0; i < d->n_places; i++)
        if (strcmp(d->places[i]->symbol.symbol, symbol) == 0)
            return d->places[i];
    return NULL;
}

struct tp_desk_mark *
tp_place_mark(struct tp_place *p, int64_t number)
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

static struct tp_desk_told *
tell(struct tp_desk *d, enum tp_desk_told_kind kind)
{
    if (d->n_told == d->told_room) {
        d->told_room = d->told_room ? 2 * d->told_room : 16;
        d->told = tp_realloc(d->told, d->told_room * sizeof *d->told);
    }
    d->told[d->n_told].kind = kind;
    return &d->told[d->n_told++];
}

/* ---- what the fill engine tells --------------------------------------------------------------- */

static void
end_order(struct tp_place *p, const struct tp_work *w, enum tp_status status, const char *event,
          const char *reason)
{
    struct tp_desk       *d = p->desk;
    struct tp_desk_ended *e;

    if (d->n_ended == d->ended_room) {
        d->ended_room = d->ended_room ? 2 * d->ended_room : 16;
        d->ended = tp_realloc(d->ended, d->ended_room * sizeof *d->ended);
    }
    e = &d->ended[d->n_ended++];
    tp_place_order(p, w, &e->order);
    e->number = w->number;
    e->event = event;
    tp_text_copy(e->order.status, sizeof e->order.status, tp_order_statuses[status]);
    if (status == TP_STATUS_FILLED)
        e->order.filled_at = p->paper.match.now;
    if (status == TP_STATUS_CANCELLED)
        e->order.cancelled_at = p->paper.match.now;
    if (status != TP_STATUS_FILLED)
        tp_text_copy(e->order.reject_reason, sizeof e->order.reject_reason, reason);
}

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
    struct tp_place *p = to;

    (void)err;
    p->desk->dirty = true;
    tp_place_mark(p, w->number)->id = w->id;
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
    struct tp_place *p = to;
    struct tp_desk  *d = p->desk;
    int              leg = p->book.hedge && w->side < 0;
    struct tp_uuid  *position = &p->position[leg];
    struct tp_trade  t = *trade;
    TP_AUTO_BUF      metadata = {0};
    char             bar_text[TP_TIME_TEXT];

    (void)err;
    if (!p->happened[leg])
        p->happened[leg] = "position.changed";
    if (tp_uuid_none(*position)) {
        *position = tp_work_id(&p->paper.match, t.executed_at);
        p->happened[leg] = "position.opened";
        p->leverage[leg] = tp_place_leverage(p, w);
    }
    p->filled_position = *position;
    p->filled_number = w->number;
    p->filled_leverage = tp_place_leverage(p, w);
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

static int
on_trip(void *to, const struct tp_trip *trip, struct tp_err *err)
{
    struct tp_place     *p = to;
    struct tp_desk      *d = p->desk;
    int                  side = strcmp(trip->side, "SHORT") == 0 ? -1 : 1;
    const struct tp_leg *l = tp_book_leg(&p->book, side);
    size_t               leg = (size_t)(l - p->book.leg);
    struct tp_uuid      *id = &p->position[leg];
    struct tp_position   row;
    struct tp_leg        gone = {.side = side, .net = trip->pnl, .liquidation = TP_DEC_NONE};
    bool                 taken = p->filled_role == TP_ROLE_LIQUIDATION;

    gone.quantity = gone.cost = gone.margin = TP_DEC_ZERO;
    if (tp_place_position(p, &gone, *id, trip->exit_price, &row, err))
        return -1;
    row.entry_price = trip->entry_price;
    row.stop_loss = row.take_profit = TP_DEC_NONE;
    row.closed_at = trip->closed_at;
    tp_text_copy(row.status, sizeof row.status, taken ? "LIQUIDATED" : "CLOSED");
    tp_place_put(&d->closed, &d->n_closed, &row, NULL);
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
    struct tp_place          *p = to;
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
    struct tp_place *p = to;
    struct tp_match *m = &p->paper.match;
    struct tp_work   refused;
    struct tp_order  o;
    int              pass;

    (void)book;
    p->asked = w->quantity;
    tp_place_order(p, w, &o);
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
others_unrealized(const struct tp_desk *d, const struct tp_place *but, struct tp_dec *sum, struct tp_err *err)
{
    *sum = TP_DEC_ZERO;
    for (size_t i = 0; i < d->n_places; i++)
        if (d->places[i] != but && tp_dec_add(sum, *sum, d->places[i]->unrealized, err))
            return -1;
    return 0;
}

int
tp_desk_ruined(struct tp_err *err)
{
    tp_fail(err, TP_EREFUSED, "the account is ruined: its equity is not above zero");
    return tp_hint(err, "'tp-user account deposit' brings it back");
}

int
tp_desk_alive(const struct tp_desk *d, struct tp_err *err)
{
    struct tp_dec equity;

    if (tp_time_none(d->cursor))
        return 0; /* no bar has met it */
    if (others_unrealized(d, NULL, &equity, err) || tp_dec_add(&equity, equity, d->wallet, err))
        return -1;
    return tp_dec_sign(equity) > 0 ? 0 : tp_desk_ruined(err);
}

static void
mark_day(struct tp_desk *d, struct tp_time open, struct tp_time close, struct tp_dec equity)
{
    int64_t             date = tp_time_day(open);
    struct tp_desk_day *day;

    if (d->n_days == 0 || d->days[d->n_days - 1].date != date) {
        if (d->n_days == d->days_room) {
            d->days_room = d->days_room ? 2 * d->days_room : 8;
            d->days = tp_realloc(d->days, d->days_room * sizeof *d->days);
        }
        d->days[d->n_days++] = (struct tp_desk_day){date, equity, equity, equity, equity, close};
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
    struct tp_place *p = to;
    struct tp_desk  *d = p->desk;
    struct tp_dec    others, equity;

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

/* Orders whose time has come join those that work. */
static int
on_feed(void *to, struct tp_broker *broker, const struct tp_bar *next, struct tp_err *err)
{
    struct tp_place *p = to;
    size_t           n = 0;

    while (n < p->n_waiting && p->waiting[n].created_at.us <= next->open_time.us)
        *tp_work_room(&p->paper.match) = p->waiting[n++], p->paper.match.n++;
    p->n_waiting -= n;
    if (p->n_waiting)
        memmove(p->waiting, p->waiting + n, p->n_waiting * sizeof *p->waiting);
    tp_place_await(p);
    return p->extra.before ? p->extra.before(p->extra.to, broker, next, err) : 0;
}

void
tp_place_await(struct tp_place *p)
{
    p->session.feed = p->n_waiting || p->extra.before ? (struct tp_feed_hook){p, on_feed}
                                                      : (struct tp_feed_hook){NULL, NULL};
}

/* ---- the broker: paper's, but for what is asked ----------------------------------------------- */

static struct tp_broker *
inner(struct tp_broker *b)
{
    return &((struct tp_place *)(void *)b)->paper.broker;
}

static int
submit(struct tp_broker *b, const struct tp_work *order, int64_t *number, struct tp_err *err)
{
    ((struct tp_place *)(void *)b)->asked = order->quantity;
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
    const struct tp_broker *paper = &((const struct tp_place *)(const void *)b)->paper.broker;

    return paper->ops->quiet(paper, low, high, until);
}

static const struct tp_broker_ops desk_ops = {"desk", submit, cancel, find, each, bar, tighten, close_fills, end, quiet};

static int
listen(struct tp_desk *d, struct tp_err *err)
{
    const struct tp_desk_listener *l = &d->opts.listener;
    int                            rc = 0;

    for (size_t i = 0; i < d->n_told && !rc; i++) {
        const struct tp_desk_told *t = &d->told[i];

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
    struct tp_place *p = tp_alloc(sizeof *p);
    struct tp_sink   sink = {p, on_event, on_trade, on_trip, on_funding};

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
    d->places = tp_realloc(d->places, (d->n_places + 1) * sizeof(struct tp_place *));
    d->places[d->n_places++] = p;
    d->turn = p;
    return &p->session;
}

int
tp_desk_rates(struct tp_desk *d, struct tp_session *s, struct tp_time from, struct tp_time to, struct tp_err *err)
{
    struct tp_place *p = place_of(s);

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
    struct tp_place *p = place_of(s);

    p->extra = feed;
    tp_place_await(p);
}

void
tp_desk_turn(struct tp_desk *d, struct tp_session *s)
{
    struct tp_place *p = place_of(s);

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
        if (tp_desk_read(d, err))
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
    if (tp_desk_write(d, cursor, err) || (d->opts.before_commit && d->opts.before_commit(d->opts.to, cursor, err))
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
    const struct tp_place *p = (const struct tp_place *)(const void *)s->broker;
    struct tp_uuid         none = {{0}};

    (void)d;
    for (size_t i = 0; number && i < p->paper.match.n; i++)
        if (p->paper.match.work[i].number == number && !p->paper.match.work[i].done)
            return p->paper.match.work[i].id;
    return none;
}

int64_t
tp_desk_order_number(const struct tp_desk *d, const struct tp_session *s, struct tp_uuid id)
{
    const struct tp_place *p = (const struct tp_place *)(const void *)s->broker;

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
