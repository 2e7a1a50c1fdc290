#include "store/parity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backtest/backtest.h"
#include "base/banned.h"
#include "bot/session.h"
#include "store/bot.h"
#include "store/candle.h"
#include "store/desk.h"
#include "store/reference.h"
#include "store/sql.h"
#include "store/symbol.h"
#include "trade/paper.h"

#define BLOCK 4096

static const char *const kinds[] = {"decision", "limit", "manual", "size", "fill", "fee", NULL};

static const struct tp_field difference_fields[] = {
    F_TEXT(struct tp_parity_difference, kind, "what differs: decision limit manual size fill fee", .choices = kinds),
    F_TIME(struct tp_parity_difference, time, "when the order was made"),
    F_UUID(struct tp_parity_difference, order_id, "the bot's order; null: it made none", .wide = true),
    F_TEXT(struct tp_parity_difference, side, "LONG or SHORT", .choices = tp_sides),
    F_TEXT(struct tp_parity_difference, role, "what it is for", .choices = tp_roles),
    F_DEC(struct tp_parity_difference, live_quantity, "what the bot's order filled; null: there is none"),
    F_DEC(struct tp_parity_difference, replay_quantity, "what the replay's filled; null: there is none"),
    F_DEC(struct tp_parity_difference, live_price, "average price of the bot's fills"),
    F_DEC(struct tp_parity_difference, replay_price, "average price of the replay's"),
    F_DEC(struct tp_parity_difference, live_fee, "fees of the bot's fills", .wide = true),
    F_DEC(struct tp_parity_difference, replay_fee, "fees of the replay's", .wide = true),
    F_DEC(struct tp_parity_difference, effect, "what the bot has more for it, at the last close"),
    F_TEXT(struct tp_parity_difference, note, "why, where it is known"),
    F_STOP,
};

const struct tp_record tp_parity_difference_record = {"parity_difference", "an order that a bot and its replay do not share",
                                                      difference_fields, sizeof(struct tp_parity_difference)};

static const struct tp_field fields[] = {
    F_UUID(struct tp_parity, bot_id, "the bot", .wide = true),
    F_TEXT(struct tp_parity, name, "its name"),
    F_TIME(struct tp_parity, from, "open time of the first bar that it traded on"),
    F_TIME(struct tp_parity, to, "close of the last one"),
    F_INT(struct tp_parity, bars, "bars between them"),
    F_INT(struct tp_parity, live_orders, "orders of the bot's account"),
    F_INT(struct tp_parity, replay_orders, "orders of the replay"),
    F_INT(struct tp_parity, differences, "orders that are not the same in both"),
    F_DEC(struct tp_parity, live_equity, "equity of the account at the last close, later deposits left out"),
    F_DEC(struct tp_parity, replay_equity, "equity of the replay"),
    F_DEC(struct tp_parity, gap, "the first less the second"),
    F_DEC(struct tp_parity, by_decision, "of that, by orders that only one of them wanted", .wide = true),
    F_DEC(struct tp_parity, by_limit, "by orders that limits refused", .wide = true),
    F_DEC(struct tp_parity, by_manual, "by orders of somebody's hand", .wide = true),
    F_DEC(struct tp_parity, by_size, "by filled quantities", .wide = true),
    F_DEC(struct tp_parity, by_fill, "by prices of fills", .wide = true),
    F_DEC(struct tp_parity, by_fee, "by fees", .wide = true),
    F_DEC(struct tp_parity, by_funding, "by funding: what was held, and rates that came later", .wide = true),
    F_DEC(struct tp_parity, unexplained, "by none of these: other candles"),
    F_STOP,
};

const struct tp_record tp_parity_record = {"bot_parity", "a bot against a backtest of its bars", fields,
                                           sizeof(struct tp_parity)};

/* An order of either side. */
struct order {
    struct tp_uuid id;
    struct tp_time time;
    int            side;
    bool           reduce_only, by_hand, rejected;
    char           type[21], role[13], reason[65], refusal[65];
    struct tp_dec  filled, cost, fee;
};

struct orders {
    struct order *at;
    size_t        n, room;
};

struct parity {
    struct tp_db         *db;
    const struct tp_bot  *bot;
    struct tp_bot_config  config;
    struct tp_bot_state   state;
    struct tp_account     account;
    struct tp_symbol      symbol;
    struct tp_knobs       knobs;
    struct tp_strategy   *strategy;
    struct tp_book        book;
    struct tp_paper       paper;
    struct tp_session     session;
    struct orders         live, replay;
    struct tp_dec         last_close;
    struct tp_dec         funding; /* that the bot received */
    tp_i128               sums[TP_COUNT(kinds) - 1]; /* of effects by kind, units of 1e-16 */
    struct tp_parity     *out;
    void                 *to;
    int (*each)(void *to, const struct tp_parity_difference *d, struct tp_err *err);
    struct tp_arena       arena;
};

static struct order *
add(struct orders *list)
{
    if (list->n == list->room) {
        list->room = list->room ? 2 * list->room : 64;
        list->at = tp_realloc(list->at, list->room * sizeof *list->at);
    }
    memset(&list->at[list->n], 0, sizeof *list->at);
    return &list->at[list->n++];
}

static void
set_word(char *to, size_t size, const char *text)
{
    if (text)
        tp_text_set(to, size, text, strlen(text) < size ? strlen(text) : size - 1);
}

/* ---- the replay --------------------------------------------------------------------------------- */

static int
on_event(void *to, const struct tp_work *w, const struct tp_order_event *e, struct tp_err *err)
{
    struct parity *p = to;
    struct order  *o;

    (void)err;
    if (p->strategy->ops->ordered)
        p->strategy->ops->ordered(p->strategy, w, e);
    if (strcmp(e->event, "PENDING") == 0) { /* orders are numbered 1, 2, ... as they come */
        o = add(&p->replay);
        o->time = w->created_at;
        o->side = w->side;
        o->reduce_only = w->reduce_only;
        set_word(o->type, sizeof o->type, tp_order_types[w->type]);
        set_word(o->role, sizeof o->role, tp_roles[w->role]);
        set_word(o->reason, sizeof o->reason, w->reason);
    }
    o = &p->replay.at[w->number - 1];
    o->rejected = strcmp(e->event, "REJECTED") == 0;
    if (o->rejected)
        set_word(o->refusal, sizeof o->refusal, e->reason);
    return 0;
}

static int
on_trade(void *to, const struct tp_work *w, const struct tp_trade *t, struct tp_err *err)
{
    struct parity *p = to;
    struct order  *o = &p->replay.at[w->number - 1];
    struct tp_dec  notional;

    if (p->strategy->ops->filled)
        p->strategy->ops->filled(p->strategy, w, t, &p->book);
    return tp_dec_mul(&notional, t->price, t->quantity, TP_HALF_AWAY, err)
                   || tp_dec_add(&o->filled, o->filled, t->quantity, err)
                   || tp_dec_add(&o->cost, o->cost, notional, err) || tp_dec_add(&o->fee, o->fee, t->fee, err)
               ? -1
               : 0;
}

static int
on_span(void *to, const struct tp_bars *bars, size_t from, size_t end, const struct tp_book *book, size_t *taken,
        struct tp_err *err)
{
    struct parity *p = to;

    (void)book;
    (void)err;
    p->out->bars += (int64_t)(end - from);
    p->last_close = tp_column_get(&bars->close, end - 1);
    *taken = end - from;
    return 0;
}

static int
replay_bars(struct parity *p, struct tp_bars *bars, struct tp_err *err)
{
    size_t warm = 0;

    while (bars->n && bars->time[bars->n - 1] >= p->state.cursor.us)
        bars->n--;
    while (warm < bars->n && bars->time[warm] < p->config.trade_from.us)
        warm++;
    if (warm) {
        struct tp_bars before = tp_bars_view(bars, 0, warm);

        if (tp_strategy_warm(p->strategy, &before, err))
            return -1;
    }
    if (warm < bars->n) {
        struct tp_bars rest = tp_bars_view(bars, warm, bars->n - warm);

        return tp_session_block(&p->session, &rest, err);
    }
    return 0;
}

static int
replay(struct parity *p, struct tp_err *err)
{
    struct tp_candle_key key = {p->config.exchange, p->config.symbol, p->config.interval->name};
    struct tp_sink       sink = {.to = p, .event = on_event, .trade = on_trade};
    struct tp_time       from = p->config.from;
    struct tp_bars       bars;
    struct tp_funding_rate *rates = NULL;
    size_t               n_rates;
    bool                 more;
    int                  rc;

    tp_knobs_fees(&p->knobs, &p->symbol);
    tp_book_init(&p->book, p->symbol.symbol, p->account.initial_balance, false);
    tp_paper_init(&p->paper, &p->knobs, &p->symbol, &p->book, &sink, "parity");
    if (tp_reference_fundings(p->db, p->symbol.exchange, p->symbol.symbol, (struct tp_time){from.us - TP_US_DAY},
                              p->state.cursor, &rates, &n_rates, err))
        return -1;
    tp_match_rates(&p->paper.match, rates, n_rates, TP_TIME_NONE);
    tp_session_init(&p->session);
    p->session.strategy = p->strategy;
    p->session.broker = &p->paper.broker;
    p->session.book = &p->book;
    p->session.symbol = &p->symbol;
    p->session.knobs = &p->knobs;
    p->session.interval_us = p->config.interval->us;
    p->session.mark = (struct tp_mark_hook){p, on_span, NULL};
    tp_bars_init(&bars, BLOCK);
    do {
        rc = tp_candle_some(p->db, &key, from, &bars, err);
        more = bars.n == bars.room;
        if (bars.n)
            from.us = bars.time[bars.n - 1] + p->config.interval->us;
        if (!rc)
            rc = replay_bars(p, &bars, err);
    } while (!rc && more && from.us < p->state.cursor.us);
    tp_bars_free(&bars);
    free(rates);
    return rc ? rc : tp_strategy_end(p->strategy, "END_OF_DATA", err);
}

/* A program begins as it did when the bot was new. */
static int
start_strategy(struct parity *p, const struct tp_strategy_starter *starter, struct tp_err *err)
{
    char                     run[TP_UUID_TEXT];
    struct tp_strategy_start start = {.mode = "backtest",
                                      .run = run,
                                      .symbol = &p->symbol,
                                      .interval = p->config.interval,
                                      .equity = p->account.initial_balance};

    tp_uuid_print(run, p->bot->id);
    return tp_strategy_begin(starter, &p->strategy, &start, err);
}

/* ---- the bot's own ------------------------------------------------------------------------------ */

static int
read_dec(const struct tp_rows *rows, size_t r, const char *column, struct tp_dec *out, struct tp_err *err)
{
    const char *text = tp_rows_text(rows, r, column);

    return tp_dec_parse(text, strlen(text), out, err);
}

static int
read_live(struct parity *p, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_one(p->db, &SQL_parity_funding, TP_PARAMS(tp_p_uuid(p->account.id)), &rows, err)
        || read_dec(rows, 0, "amount", &p->funding, err))
        return -1;
    tp_rows_free(rows);
    rows = NULL;
    if (tp_db_query(p->db, &SQL_parity_orders, TP_PARAMS(tp_p_uuid(p->account.id)), &rows, err))
        return -1;
    for (size_t r = 0; r < tp_rows_count(rows); r++) {
        struct order *o = add(&p->live);
        const char   *id = tp_rows_text(rows, r, "id"), *at = tp_rows_text(rows, r, "created_at");

        o->side = strcmp(tp_rows_text(rows, r, "side"), "SHORT") == 0 ? -1 : 1;
        o->reduce_only = strcmp(tp_rows_text(rows, r, "reduce_only"), "t") == 0;
        o->by_hand = strcmp(tp_rows_text(rows, r, "by_hand"), "t") == 0;
        o->rejected = strcmp(tp_rows_text(rows, r, "status"), "REJECTED") == 0;
        set_word(o->type, sizeof o->type, tp_rows_text(rows, r, "order_type"));
        set_word(o->role, sizeof o->role, tp_rows_text(rows, r, "role"));
        set_word(o->reason, sizeof o->reason, tp_rows_text(rows, r, "reason"));
        set_word(o->refusal, sizeof o->refusal, tp_rows_text(rows, r, "reject_reason"));
        if (tp_uuid_parse(id, strlen(id), &o->id, err) || tp_time_parse(at, strlen(at), &o->time, err)
            || read_dec(rows, r, "filled", &o->filled, err) || read_dec(rows, r, "cost", &o->cost, err)
            || read_dec(rows, r, "fee", &o->fee, err))
            return -1;
    }
    return 0;
}

/* ---- joining ------------------------------------------------------------------------------------ */

/* Orders are the same wish when this is equal; several such ones are paired in their order. */
static int
by_wish(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    int                 rc;

    if (x->time.us != y->time.us)
        return x->time.us < y->time.us ? -1 : 1;
    if (x->side != y->side)
        return y->side - x->side;
    if (x->reduce_only != y->reduce_only)
        return y->reduce_only - x->reduce_only;
    rc = strcmp(x->type, y->type);
    if (!rc)
        rc = strcmp(x->role, y->role);
    return rc ? rc : strcmp(x->reason, y->reason);
}

/* The same, and then what was filled, so that pairs of equal wishes meet as they are. */
static int
by_wish_and_fill(const void *a, const void *b)
{
    const struct order *x = a, *y = b;
    int                 rc = by_wish(a, b);

    if (rc)
        return rc;
    rc = tp_dec_cmp(x->filled, y->filled);
    return rc ? rc : tp_dec_cmp(x->cost, y->cost);
}

/* What an order is worth at the last close, exactly, in units of 1e-16: sums of rounded values would not be the
 * value of the sum. */
static tp_i128
worth(const struct parity *p, const struct order *o)
{
    tp_i128 value;

    if (!o || tp_dec_sign(o->filled) == 0)
        return 0;
    value = o->filled.units * p->last_close.units - o->cost.units * TP_DEC_ONE;
    if (o->reduce_only == (o->side > 0)) /* it sold */
        value = -value;
    return value - o->fee.units * TP_DEC_ONE;
}

static struct tp_dec
rounded(tp_i128 exact)
{
    return (struct tp_dec){tp_div_round(exact, TP_DEC_ONE, TP_HALF_AWAY)};
}

static int
average(const struct order *o, struct tp_dec *out, struct tp_err *err)
{
    *out = TP_DEC_NONE;
    return tp_dec_sign(o->filled) > 0 ? tp_dec_div(out, o->cost, o->filled, TP_HALF_AWAY, err) : 0;
}

static size_t
place_of(const char *kind)
{
    size_t i = 0;

    while (strcmp(kinds[i], kind) != 0)
        i++;
    return i;
}

/* Tells about an order of which one side, or each, is given. */
static int
differ(struct parity *p, const char *kind, const struct order *live, const struct order *other, struct tp_err *err)
{
    const struct order         *o = live ? live : other;
    struct tp_parity_difference d;
    tp_i128                     effect = worth(p, live) - worth(p, other);

    tp_record_init(&tp_parity_difference_record, &d);
    set_word(d.kind, sizeof d.kind, kind);
    d.time = o->time;
    set_word(d.side, sizeof d.side, o->side > 0 ? "LONG" : "SHORT");
    set_word(d.role, sizeof d.role, o->role);
    if (live) {
        d.order_id = live->id;
        d.live_quantity = live->filled;
        d.live_fee = live->fee;
        set_word(d.note, sizeof d.note, live->refusal);
        if (average(live, &d.live_price, err))
            return -1;
    }
    if (other) {
        d.replay_quantity = other->filled;
        d.replay_fee = other->fee;
        if (!d.note[0])
            set_word(d.note, sizeof d.note, other->refusal);
        if (average(other, &d.replay_price, err))
            return -1;
    }
    p->out->differences++;
    p->sums[place_of(kind)] += effect;
    d.effect = rounded(effect);
    return p->each ? p->each(p->to, &d, err) : 0;
}

/* The kind of an order that only one side has. */
static const char *
kind_of(const struct order *live)
{
    if (live && live->by_hand)
        return "manual";
    return "decision";
}

static int
compare(struct parity *p, const struct order *live, const struct order *other, struct tp_err *err)
{
    if (live->rejected && !other->rejected)
        return differ(p, "limit", live, other, err);
    if (live->filled.units != other->filled.units)
        return differ(p, "size", live, other, err);
    if (live->cost.units != other->cost.units)
        return differ(p, "fill", live, other, err);
    return live->fee.units != other->fee.units ? differ(p, "fee", live, other, err) : 0;
}

static int
join(struct parity *p, struct tp_err *err)
{
    size_t i = 0, k = 0;

    qsort(p->live.at, p->live.n, sizeof *p->live.at, by_wish_and_fill);
    qsort(p->replay.at, p->replay.n, sizeof *p->replay.at, by_wish_and_fill);
    while (i < p->live.n || k < p->replay.n) {
        struct order *live = i < p->live.n ? &p->live.at[i] : NULL;
        struct order *other = k < p->replay.n ? &p->replay.at[k] : NULL;
        int           rc = !live ? 1 : !other || live->by_hand ? -1 : by_wish(live, other);

        if (rc == 0 ? compare(p, live, other, err)
                    : differ(p, kind_of(rc < 0 ? live : NULL), rc < 0 ? live : NULL, rc > 0 ? other : NULL, err))
            return -1;
        i += rc <= 0;
        k += rc >= 0;
    }
    return 0;
}

/* ---- the sum ------------------------------------------------------------------------------------ */

/* The equities, what lies between them, and where that comes from. */
static void
sum_up(struct parity *p)
{
    struct tp_parity *o = p->out;
    struct tp_dec    *parts[] = {&o->by_decision, &o->by_limit, &o->by_manual, &o->by_size, &o->by_fill, &o->by_fee};
    tp_i128           live = p->account.initial_balance.units * TP_DEC_ONE, gap;
    tp_i128           replay = p->book.wallet.units * TP_DEC_ONE;

    if (!tp_dec_none(p->last_close))
        replay = tp_book_equity_exact(&p->book, p->last_close);
    for (size_t i = 0; i < p->live.n; i++)
        live += worth(p, &p->live.at[i]);
    live += p->funding.units * TP_DEC_ONE;
    gap = live - replay;
    o->by_funding.units = p->funding.units - p->book.funding.units;
    o->live_equity = rounded(live);
    o->replay_equity = rounded(replay);
    o->gap = rounded(gap);
    for (size_t i = 0; i < TP_COUNT(parts); i++) {
        *parts[i] = rounded(p->sums[i]);
        gap -= p->sums[i];
    }
    gap -= o->by_funding.units * TP_DEC_ONE;
    o->unexplained = rounded(gap);
}

static int
open_all(struct parity *p, struct tp_err *err)
{
    if (tp_bot_config_read(&p->config, p->bot->config, &p->arena, err)
        || tp_bot_state_get(p->db, p->bot->id, &p->state, &p->arena, err))
        return -1;
    if (tp_time_none(p->state.cursor)) {
        tp_fail(err, TP_EREFUSED, "the bot has not traded on any bar yet");
        return tp_hint(err, "'tp-bot tick' lets it");
    }
    return tp_desk_account(p->db, p->bot->account_id, &p->account, &p->arena, err)
                   || tp_symbol_get(p->db, p->config.exchange, p->config.symbol, &p->symbol, &p->arena, err)
                   || tp_knobs_read(&p->knobs, p->account.settings, err)
                   || tp_bot_strategy(p->db, p->bot, &p->config, &p->symbol, &p->strategy, &p->arena, err)
               ? -1
               : 0;
}

int
tp_parity_run(struct tp_db *db, const struct tp_parity_opts *opts, struct tp_parity *out, struct tp_err *err)
{
    struct parity p = {.db = db, .bot = opts->bot, .out = out, .to = opts->to, .each = opts->each,
                       .last_close = TP_DEC_NONE};
    int           rc;

    tp_record_init(&tp_parity_record, out);
    out->bot_id = opts->bot->id;
    memcpy(out->name, opts->bot->name, sizeof out->name);
    out->bars = out->differences = 0;
    rc = open_all(&p, err);
    if (!rc) {
        out->from = p.config.trade_from;
        out->to = p.state.cursor;
        rc = start_strategy(&p, &opts->starter, err) || replay(&p, err) || read_live(&p, err) ? -1 : 0;
    }
    if (!rc) {
        out->live_orders = (int64_t)p.live.n;
        out->replay_orders = (int64_t)p.replay.n;
        rc = join(&p, err);
        sum_up(&p);
    }
    tp_strategy_close(p.strategy);
    tp_paper_free(&p.paper);
    free(p.live.at);
    free(p.replay.at);
    tp_arena_free(&p.arena);
    return rc;
}
