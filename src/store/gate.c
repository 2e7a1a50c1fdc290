#include "store/gate.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "store/sql.h"

struct tp_gate_scope {
    struct tp_limits   limits;
    struct tp_standing standing;
};

struct tp_gate_halt {
    struct tp_uuid account_id, bot_id; /* nil: any */
};

/* The last close of an instrument at a minute; candles close at whole minutes. */
struct tp_gate_price {
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    struct tp_time at;
    struct tp_dec  price;
};

#define PRICES_KEPT 1024 /* so that a stream of orders does not grow us */

static void
forget_limits(struct tp_gate *g)
{
    for (size_t i = 0; i < g->n_scopes; i++)
        tp_standing_free(&g->scopes[i].standing);
    free(g->scopes);
    g->scopes = NULL;
    g->n_scopes = 0;
    tp_arena_free(&g->arena);
    g->day = INT64_MIN;
}

static void
forget_halts(struct tp_gate *g)
{
    free(g->halts);
    g->halts = NULL;
    g->n_halts = 0;
}

void
tp_gate_free(struct tp_gate *g)
{
    forget_limits(g);
    forget_halts(g);
    free(g->prices);
    *g = (struct tp_gate){.day = INT64_MIN};
}

int
tp_gate_open(struct tp_gate *g, struct tp_db *db, struct tp_uuid user, const char *environment,
             struct tp_err *err)
{
    if (g->db != db || !tp_uuid_equal(g->user, user) || strcmp(g->environment, environment) != 0)
        tp_gate_free(g);
    g->db = db;
    g->user = user;
    tp_text_set(g->environment, sizeof g->environment, environment, strlen(environment));
    g->read = false;
    if (g->taken)
        g->day = INT64_MIN; /* asked for and never stored */
    g->taken = false;
    return tp_db_exec(db, &SQL_gate_lock, TP_PARAMS(tp_p_uuid(user), tp_p_text(environment)), NULL, err);
}

void
tp_gate_raised(struct tp_gate *g, int64_t n, const char *xact)
{
    g->revision += n;
    g->taken = false;
    tp_text_set(g->xact, sizeof g->xact, xact, strlen(xact));
}

/* ---- reading ------------------------------------------------------------------------------------- */

static int
read_uuid(const struct tp_rows *rows, size_t r, const char *column, struct tp_uuid *out, struct tp_err *err)
{
    const char *text = tp_rows_text(rows, r, column);

    *out = (struct tp_uuid){{0}};
    return text ? tp_uuid_parse(text, strlen(text), out, err) : 0;
}

static int
read_dec(const struct tp_rows *rows, size_t r, const char *column, struct tp_dec *out, struct tp_err *err)
{
    const char *text = tp_rows_text(rows, r, column);

    *out = TP_DEC_NONE;
    return text ? tp_dec_parse(text, strlen(text), out, err) : 0;
}

static void
note_needs(struct tp_gate *g, const struct tp_limits *l)
{
    g->price_needed |= tp_limits_need_price(l);
    g->exposure_needed |= tp_limits_need_exposure(l);
    g->money_needed |= tp_limits_need_money(l);
    g->day_needed |= l->rules.max_orders_per_day >= 0;
}

static int
read_limits(struct tp_gate *g, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    int          got;

    forget_limits(g);
    g->price_needed = g->exposure_needed = g->money_needed = g->day_needed = false;
    if (tp_db_query(g->db, &SQL_risk_limit_list,
                    TP_PARAMS(tp_p_uuid(g->user), tp_p_uuid((struct tp_uuid){{0}}), tp_p_bool(0)), &rows, err))
        return -1;
    g->scopes = tp_alloc((tp_rows_count(rows) + 1) * sizeof *g->scopes);
    for (;;) {
        struct tp_gate_scope *s = &g->scopes[g->n_scopes];

        got = tp_rows_next(rows, &tp_risk_limit_record, &s->limits, &g->arena, err);
        if (got <= 0)
            return got;
        if (tp_limits_read(&s->limits, &g->arena, err))
            return -1;
        note_needs(g, &s->limits);
        g->n_scopes++;
    }
}

/* Halts, limits, and whether what was measured still holds; once in a transaction. */
static int
read_state(struct tp_gate *g, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    int64_t      revision;
    const char  *stamp;
    size_t       n;

    if (g->read)
        return 0;
    if (tp_db_query(g->db, &SQL_gate_state,
                    TP_PARAMS(tp_p_uuid(g->user), tp_p_text(g->environment), tp_p_text(g->xact[0] ? g->xact : NULL)),
                    &rows, err))
        return -1;
    forget_halts(g);
    n = tp_rows_count(rows);
    g->halts = tp_alloc(n * sizeof *g->halts);
    for (size_t i = 0; i + 1 < n; i++) {
        struct tp_gate_halt *h = &g->halts[g->n_halts++];

        if (read_uuid(rows, i, "account_id", &h->account_id, err)
            || read_uuid(rows, i, "bot_id", &h->bot_id, err))
            return -1;
    }
    revision = tp_rows_int(rows, n - 1, "revision");
    stamp = tp_rows_text(rows, n - 1, "limits");
    if (revision != g->revision || strcmp(tp_rows_text(rows, n - 1, "committed"), "t") != 0)
        g->day = INT64_MIN;
    g->revision = revision;
    g->xact[0] = '\0';
    if (strcmp(stamp, g->stamp) != 0) {
        if (read_limits(g, err))
            return -1;
        tp_text_set(g->stamp, sizeof g->stamp, stamp, strlen(stamp));
    }
    g->read = true;
    return 0;
}

/* ---- measuring ----------------------------------------------------------------------------------- */

/* The next scope from *i on that a row of that bot counts for: the user's, and the bot's own. */
static struct tp_gate_scope *
scope_of(struct tp_gate *g, struct tp_uuid bot, size_t *i)
{
    while (*i < g->n_scopes) {
        struct tp_gate_scope *s = &g->scopes[(*i)++];

        if (tp_uuid_none(s->limits.bot_id) || tp_uuid_equal(s->limits.bot_id, bot))
            return s;
    }
    return NULL;
}

static int
take_exposure(struct tp_gate *g, const struct tp_rows *rows, size_t r, struct tp_err *err)
{
    struct tp_gate_scope *s;
    struct tp_uuid        bot;
    struct tp_dec         held, ordered;
    size_t                i = 0;

    if (read_uuid(rows, r, "bot_id", &bot, err) || read_dec(rows, r, "held", &held, err)
        || read_dec(rows, r, "ordered", &ordered, err))
        return -1;
    while ((s = scope_of(g, bot, &i))) {
        struct tp_exposure *e = tp_standing_at(&s->standing, tp_rows_text(rows, r, "exchange"),
                                               tp_rows_text(rows, r, "symbol"), tp_rows_text(rows, r, "side"));

        e->positions += tp_rows_int(rows, r, "positions");
        e->orders += tp_rows_int(rows, r, "orders");
        e->unpriced += tp_rows_int(rows, r, "unpriced");
        s->standing.orders_today += tp_rows_int(rows, r, "today");
        if (tp_dec_add(&e->held, e->held, held, err) || tp_dec_add(&e->ordered, e->ordered, ordered, err))
            return -1;
    }
    return 0;
}

static int
measure_exposure(struct tp_gate *g, int64_t day, struct tp_err *err)
{
    TP_AUTO_ROWS   rows = NULL;
    struct tp_time from = g->day_needed ? (struct tp_time){day * TP_US_DAY} : TP_TIME_NONE;
    struct tp_time to = g->day_needed ? (struct tp_time){(day + 1) * TP_US_DAY} : TP_TIME_NONE;

    if (tp_db_query(g->db, &SQL_gate_exposure,
                    TP_PARAMS(tp_p_uuid(g->user), tp_p_text(g->environment), tp_p_time(from), tp_p_time(to)),
                    &rows, err))
        return -1;
    for (size_t r = 0; r < tp_rows_count(rows); r++)
        if (take_exposure(g, rows, r, err))
            return -1;
    return 0;
}

static int
measure_money(struct tp_gate *g, int64_t day, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_query(g->db, &SQL_gate_money,
                    TP_PARAMS(tp_p_uuid(g->user), tp_p_text(g->environment), tp_p_day(day)), &rows, err))
        return -1;
    for (size_t r = 0; r < tp_rows_count(rows); r++) {
        struct tp_uuid bot;

        if (read_uuid(rows, r, "bot_id", &bot, err))
            return -1;
        for (size_t i = 0; i < g->n_scopes; i++) {
            struct tp_standing *s = &g->scopes[i].standing;

            if (tp_uuid_equal(g->scopes[i].limits.bot_id, bot)
                && (read_dec(rows, r, "daily_loss", &s->daily_loss, err)
                    || read_dec(rows, r, "equity", &s->equity, err)
                    || read_dec(rows, r, "peak", &s->peak, err)))
                return -1;
        }
    }
    return 0;
}

/* Measures what the limits ask for, unless what was measured on that day still holds. */
static int
measure(struct tp_gate *g, int64_t day, struct tp_err *err)
{
    if (read_state(g, err))
        return -1;
    if (g->day == day)
        return 0;
    for (size_t i = 0; i < g->n_scopes; i++)
        tp_standing_free(&g->scopes[i].standing);
    g->day = INT64_MIN;
    if ((g->exposure_needed && measure_exposure(g, day, err))
        || (g->money_needed && measure_money(g, day, err)))
        return -1;
    g->day = day;
    return 0;
}

/* ---- prices -------------------------------------------------------------------------------------- */

/* When an order is asked for: made, or changed. */
static struct tp_time
asked_at(const struct tp_order *o)
{
    return tp_time_none(o->updated_at) ? o->created_at : o->updated_at;
}

static struct tp_time
minute_of(const struct tp_order *o)
{
    int64_t us = asked_at(o).us, rest = us % TP_US_MINUTE;

    return (struct tp_time){us - (rest < 0 ? rest + TP_US_MINUTE : rest)};
}

static const struct tp_gate_price *
find_price(const struct tp_gate *g, const struct tp_order *o)
{
    struct tp_time at = minute_of(o);

    for (size_t i = g->n_prices; i-- > 0;)
        if (g->prices[i].at.us == at.us && strcmp(g->prices[i].symbol, o->symbol) == 0
            && strcmp(g->prices[i].exchange, o->exchange) == 0)
            return &g->prices[i];
    return NULL;
}

static void
want_price(struct tp_gate *g, const struct tp_order *o, struct tp_buf *to)
{
    struct tp_gate_price *p;
    char                  at[TP_TIME_TEXT];

    if (g->n_prices == g->prices_room) {
        g->prices_room = g->prices_room ? 2 * g->prices_room : 16;
        g->prices = tp_realloc(g->prices, g->prices_room * sizeof *g->prices);
    }
    p = &g->prices[g->n_prices++];
    *p = (struct tp_gate_price){.at = minute_of(o), .price = TP_DEC_NONE};
    memcpy(p->exchange, o->exchange, sizeof p->exchange);
    memcpy(p->symbol, o->symbol, sizeof p->symbol);
    tp_time_print(at, p->at);
    tp_buf_text(to, to->n ? ",{\"exchange\":" : "[{\"exchange\":");
    tp_json_string(to, p->exchange, strlen(p->exchange));
    tp_buf_text(to, ",\"symbol\":");
    tp_json_string(to, p->symbol, strlen(p->symbol));
    tp_buf_fmt(to, ",\"at\":\"%s\"}", at);
}

static int
look_up(struct tp_gate *g, const struct tp_order *const *orders, size_t n, struct tp_err *err)
{
    TP_AUTO_BUF  list = {0};
    TP_AUTO_ROWS rows = NULL;
    size_t       first;

    if (g->n_prices > PRICES_KEPT)
        g->n_prices = 0;
    first = g->n_prices;
    for (size_t i = 0; i < n; i++)
        if (!find_price(g, orders[i]))
            want_price(g, orders[i], &list);
    if (g->n_prices == first)
        return 0;
    tp_buf_char(&list, ']');
    if (tp_db_query(g->db, &SQL_gate_market, TP_PARAMS(tp_p_text(list.at)), &rows, err))
        return -1;
    for (size_t r = 0; r < tp_rows_count(rows); r++)
        if (read_dec(rows, r, "close", &g->prices[first + r].price, err))
            return -1;
    return 0;
}

int
tp_gate_prices(struct tp_gate *g, const struct tp_order *const *orders, size_t n, struct tp_err *err)
{
    return read_state(g, err) || (g->price_needed && look_up(g, orders, n, err)) ? -1 : 0;
}

int
tp_gate_closes(struct tp_gate *g, const struct tp_order *const *orders, size_t n, struct tp_dec *prices,
               struct tp_err *err)
{
    if (look_up(g, orders, n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        prices[i] = find_price(g, orders[i])->price;
    return 0;
}

/* ---- asking -------------------------------------------------------------------------------------- */

static bool
halted(const struct tp_gate *g, const struct tp_order *o)
{
    for (size_t i = 0; i < g->n_halts; i++) {
        const struct tp_gate_halt *h = &g->halts[i];

        if ((tp_uuid_none(h->account_id) || tp_uuid_equal(h->account_id, o->account_id))
            && (tp_uuid_none(h->bot_id) || tp_uuid_equal(h->bot_id, o->bot_id)))
            return true;
    }
    return false;
}

static int
check_scopes(struct tp_gate *g, const struct tp_order *o, struct tp_dec bound, char reason[TP_REASON_SIZE],
             struct tp_err *err)
{
    struct tp_gate_scope *s;
    size_t                i = 0;
    int                   rc = 1;

    while (rc == 1 && (s = scope_of(g, o->bot_id, &i)))
        rc = tp_limit_check(&s->limits, &s->standing, o, bound, reason, err);
    return rc;
}

static int
take(struct tp_gate *g, const struct tp_order *o, struct tp_dec bound, int direction, struct tp_err *err)
{
    struct tp_gate_scope *s;
    size_t                i = 0;

    while ((s = scope_of(g, o->bot_id, &i)))
        if (tp_standing_take(&s->standing, o, bound, direction, err))
            return -1;
    return 0;
}

/* The market's price for an order; the caller's when it knows it. */
static int
market_of(struct tp_gate *g, const struct tp_order *o, struct tp_dec *market, struct tp_err *err)
{
    const struct tp_gate_price *p;

    if (!tp_dec_none(*market) || !g->price_needed)
        return 0;
    if (tp_gate_prices(g, &o, 1, err))
        return -1;
    p = find_price(g, o);
    assert(p); /* what was asked for was found or failed */
    *market = p->price;
    return 0;
}

int
tp_gate_ask(struct tp_gate *g, const struct tp_order *o, struct tp_dec market, char reason[TP_REASON_SIZE],
            struct tp_err *err)
{
    struct tp_dec bound;
    int           rc;

    reason[0] = '\0';
    if (o->reduce_only == 1)
        return 1;
    if (measure(g, tp_time_day(asked_at(o)), err))
        return -1;
    if (halted(g, o)) {
        tp_text_set(reason, TP_REASON_SIZE, tp_refusals[TP_REFUSED_HALTED], strlen(tp_refusals[TP_REFUSED_HALTED]));
        return 0;
    }
    if (market_of(g, o, &market, err))
        return -1;
    bound = tp_order_bound(o, market);
    rc = check_scopes(g, o, bound, reason, err);
    if (rc != 1)
        return rc;
    g->taken = true;
    return take(g, o, bound, 1, err) ? -1 : 1;
}

int
tp_gate_ask_change(struct tp_gate *g, const struct tp_order *was, const struct tp_order *o,
                   struct tp_dec market, char reason[TP_REASON_SIZE], struct tp_err *err)
{
    struct tp_dec bound;
    int           rc;

    if (o->reduce_only == 1)
        return 1;
    if (measure(g, tp_time_day(asked_at(o)), err) || market_of(g, o, &market, err))
        return -1;
    bound = tp_order_bound(was, market);
    g->revision = -1; /* it may have been measured at another price: measure anew in the next transaction */
    if (take(g, was, bound, -1, err))
        return -1;
    rc = tp_gate_ask(g, o, market, reason, err);
    return rc == 0 && take(g, was, bound, 1, err) ? -1 : rc;
}

/* ---- headroom ------------------------------------------------------------------------------------ */

int
tp_gate_headroom(struct tp_gate *g, int64_t day,
                 int (*each)(void *to, const struct tp_headroom *h, struct tp_err *err), void *to,
                 struct tp_err *err)
{
    if (measure(g, day, err))
        return -1;
    for (size_t i = 0; i < g->n_scopes; i++)
        if (tp_limit_headroom(&g->scopes[i].limits, &g->scopes[i].standing, each, to, err))
            return -1;
    return 0;
}
