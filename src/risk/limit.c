#include "risk/limit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define X(w) #w,
const char *const tp_refusals[] = {TP_REFUSALS(X) NULL};
#undef X

static const struct tp_field fields[] = {
    F_UUID(struct tp_limits, id, "UUID version 7", .wide = true),
    F_UUID(struct tp_limits, user_id, "whose limits they are", .wide = true),
    F_UUID(struct tp_limits, bot_id, "bot they are for; null: all of the user's trading"),
    F_DEC(struct tp_limits, max_position_size, "largest notional held and ordered of one instrument and side, quote currency"),
    F_INT(struct tp_limits, max_leverage, "largest leverage, 1 to 125"),
    F_DEC(struct tp_limits, max_daily_loss, "largest loss since 00:00 UTC, quote currency"),
    F_RATIO(struct tp_limits, max_drawdown, "largest fall below the highest equity, percent"),
    F_INT(struct tp_limits, max_open_positions, "largest number of instruments and sides held or ordered"),
    F_DEC(struct tp_limits, max_order_size, "largest notional of an order, quote currency"),
    F_JSON(struct tp_limits, risk_rules, "further rules, a JSON object"),
    F_BOOL(struct tp_limits, enabled, "false: kept and not applied"),
    F_TIME(struct tp_limits, created_at, "when they were first set", .wide = true),
    F_TIME(struct tp_limits, updated_at, "last change", .wide = true),
    F_TIME(struct tp_limits, deleted_at, "when they were taken back", .wide = true),
    F_STOP,
};

const struct tp_record tp_risk_limit_record = {"risk_limit", "what a user or a bot may do at most", fields,
                                               sizeof(struct tp_limits)};

static const struct tp_field headroom_fields[] = {
    F_TEXT(struct tp_headroom, scope, "user or bot: whose limit it is"),
    F_UUID(struct tp_headroom, bot_id, "the bot"),
    F_TEXT(struct tp_headroom, limit, "name of the limit"),
    F_TEXT(struct tp_headroom, exchange, "venue of the instrument that it is measured for"),
    F_TEXT(struct tp_headroom, symbol, "that instrument"),
    F_TEXT(struct tp_headroom, side, "LONG or SHORT: the side that it is measured for"),
    F_VOLUME(struct tp_headroom, allowed, "the limit"),
    F_VOLUME(struct tp_headroom, used, "what counts against it now; null: a price is missing"),
    F_VOLUME(struct tp_headroom, left, "what is left of it, never below zero"),
    F_BOOL(struct tp_headroom, reached, "nothing is left"),
    F_STOP,
};

const struct tp_record tp_headroom_record = {"risk_headroom", "how much of a limit is used", headroom_fields,
                                             sizeof(struct tp_headroom)};

static const struct tp_field answer_fields[] = {
    F_TEXT(struct tp_answer, exchange, "code of the venue"),
    F_TEXT(struct tp_answer, symbol, "the venue's name of the instrument"),
    F_TEXT(struct tp_answer, side, "LONG or SHORT"),
    F_TEXT(struct tp_answer, order_type, "type of the order"),
    F_DEC(struct tp_answer, quantity, "size in base currency"),
    F_DEC(struct tp_answer, price, "limit price"),
    F_BOOL(struct tp_answer, passes, "it would be taken now"),
    F_TEXT(struct tp_answer, reason, "the limit that would refuse it"),
    F_STOP,
};

const struct tp_record tp_risk_answer_record = {"risk_answer", "whether an order would pass", answer_fields,
                                                sizeof(struct tp_answer)};

/* ---- what is measured -------------------------------------------------------------------------- */

void
tp_standing_free(struct tp_standing *s)
{
    free(s->at);
    *s = (struct tp_standing){0};
}

static struct tp_exposure *
find(const struct tp_standing *s, const char *exchange, const char *symbol, const char *side)
{
    for (size_t i = 0; i < s->n; i++) {
        struct tp_exposure *e = &s->at[i];

        if (strcmp(e->symbol, symbol) == 0 && strcmp(e->side, side) == 0
            && strcmp(e->exchange, exchange) == 0)
            return e;
    }
    return NULL;
}

struct tp_exposure *
tp_standing_at(struct tp_standing *s, const char *exchange, const char *symbol, const char *side)
{
    struct tp_exposure *e = find(s, exchange, symbol, side);

    if (e)
        return e;
    if (s->n == s->room) {
        s->room = s->room ? 2 * s->room : 8;
        s->at = tp_realloc(s->at, s->room * sizeof *s->at);
    }
    e = &s->at[s->n++];
    *e = (struct tp_exposure){.held = TP_DEC_ZERO, .ordered = TP_DEC_ZERO};
    tp_text_set(e->exchange, sizeof e->exchange, exchange, strlen(exchange));
    tp_text_set(e->symbol, sizeof e->symbol, symbol, strlen(symbol));
    tp_text_set(e->side, sizeof e->side, side, strlen(side));
    return e;
}

int
tp_standing_drawdown(const struct tp_standing *s, struct tp_dec *out, struct tp_err *err)
{
    struct tp_dec fall;

    *out = TP_DEC_ZERO;
    if (tp_dec_sign(s->peak) <= 0 || tp_dec_cmp(s->equity, s->peak) >= 0)
        return 0;
    if (tp_dec_sub(&fall, s->peak, s->equity, err))
        return -1;
    return tp_dec_muldiv(out, fall, tp_dec_int(100), s->peak, TP_UP, err);
}

/* A LONG limit order never costs more than its limit.  A SHORT limit below the market, and a stop that
 * the market has passed, fill at the market: their own price alone would let a position of any size
 * through. */
struct tp_dec
tp_order_bound(const struct tp_order *o, struct tp_dec market)
{
    struct tp_dec bound = market;

    if (strcmp(o->side, "LONG") == 0 && !tp_dec_none(o->price))
        return o->price;
    if (tp_dec_none(market))
        return market;
    if (!tp_dec_none(o->price))
        bound = tp_dec_max(bound, o->price);
    if (!tp_dec_none(o->stop_price))
        bound = tp_dec_max(bound, o->stop_price);
    return bound;
}

/* Notional of a quantity, rounded up so that no limit is passed by a fraction. */
static int
notional(struct tp_dec *out, struct tp_dec quantity, struct tp_dec price, struct tp_err *err)
{
    return tp_dec_mul(out, quantity, price, TP_UP, err);
}

/* Notional of what is left to fill of an order. */
static int
rest(struct tp_dec *out, const struct tp_order *o, struct tp_dec price, struct tp_err *err)
{
    struct tp_dec left = o->quantity;

    if (!tp_dec_none(o->filled_quantity) && tp_dec_sub(&left, left, o->filled_quantity, err))
        return -1;
    return notional(out, left, price, err);
}

int
tp_standing_take(struct tp_standing *s, const struct tp_order *o, struct tp_dec price, int direction,
                 struct tp_err *err)
{
    struct tp_exposure *e = tp_standing_at(s, o->exchange, o->symbol, o->side);
    struct tp_dec       amount;

    e->orders += direction;
    s->orders_today += direction;
    if (tp_dec_none(price)) {
        e->unpriced += direction;
        return 0;
    }
    return rest(&amount, o, price, err)
                   || (direction > 0 ? tp_dec_add : tp_dec_sub)(&e->ordered, e->ordered, amount, err)
               ? -1
               : 0;
}

static int64_t
open_orders(const struct tp_standing *s)
{
    int64_t n = 0;

    for (size_t i = 0; i < s->n; i++)
        n += s->at[i].orders;
    return n;
}

static bool
in_use(const struct tp_exposure *e)
{
    return e->positions > 0 || e->orders > 0;
}

static int64_t
open_positions(const struct tp_standing *s)
{
    int64_t n = 0;

    for (size_t i = 0; i < s->n; i++)
        n += in_use(&s->at[i]);
    return n;
}

/* Held and ordered of one place; none when an order's price is unknown. */
static int
exposure(struct tp_dec *out, const struct tp_exposure *e, struct tp_err *err)
{
    *out = TP_DEC_NONE;
    return e->unpriced ? 0 : tp_dec_add(out, e->held, e->ordered, err);
}

static int
total(struct tp_dec *out, const struct tp_standing *s, struct tp_err *err)
{
    struct tp_dec sum = TP_DEC_ZERO, one;

    *out = TP_DEC_NONE;
    for (size_t i = 0; i < s->n; i++) {
        if (exposure(&one, &s->at[i], err))
            return -1;
        if (tp_dec_none(one))
            return 0;
        if (tp_dec_add(&sum, sum, one, err))
            return -1;
    }
    *out = sum;
    return 0;
}

/* ---- limits themselves ------------------------------------------------------------------------- */

static int
want_positive(const char *name, struct tp_dec value, struct tp_err *err)
{
    if (tp_dec_none(value) || tp_dec_sign(value) > 0)
        return 0;
    return tp_fail(err, TP_EINPUT, "%s: want a number above zero", name);
}

static int
want_between(const char *name, int64_t value, int64_t least, int64_t most, struct tp_err *err)
{
    if (value == INT64_MIN || (value >= least && value <= most))
        return 0;
    return tp_fail(err, TP_EINPUT, "%s: want %" PRId64 " to %" PRId64, name, least, most);
}

/* A percentage that its column can hold: four places. */
static int
want_percent(const char *name, struct tp_dec value, struct tp_err *err)
{
    struct tp_dec rounded = value;

    if (tp_dec_none(value))
        return 0;
    if (tp_dec_to_places(&rounded, value, 4, TP_HALF_EVEN, err))
        return -1;
    if (tp_dec_sign(value) >= 0 && tp_dec_cmp(value, tp_dec_int(100)) <= 0 && tp_dec_cmp(rounded, value) == 0)
        return 0;
    return tp_fail(err, TP_EINPUT, "%s: want 0 to 100 percent, at most four places", name);
}

int
tp_limits_check(const struct tp_limits *l, struct tp_err *err)
{
    return want_positive("max_position_size", l->max_position_size, err)
                   || want_positive("max_daily_loss", l->max_daily_loss, err)
                   || want_positive("max_order_size", l->max_order_size, err)
                   || want_percent("max_drawdown", l->max_drawdown, err)
                   || want_between("max_leverage", l->max_leverage, 1, 125, err)
                   || want_between("max_open_positions", l->max_open_positions, 0, INT32_MAX, err)
               ? -1
               : 0;
}

/* ---- whether an order passes ------------------------------------------------------------------- */

bool
tp_limits_need_exposure(const struct tp_limits *l)
{
    return l->max_open_positions >= 0 || l->rules.max_open_orders >= 0 || l->rules.max_orders_per_day >= 0
           || !tp_dec_none(l->max_position_size) || !tp_dec_none(l->rules.max_total_exposure);
}

bool
tp_limits_need_money(const struct tp_limits *l)
{
    return !tp_dec_none(l->max_daily_loss) || !tp_dec_none(l->max_drawdown);
}

bool
tp_limits_need_price(const struct tp_limits *l)
{
    return !tp_dec_none(l->max_order_size) || !tp_dec_none(l->max_position_size)
           || !tp_dec_none(l->rules.max_total_exposure);
}

static int
refuse(char reason[TP_REASON_SIZE], enum tp_refusal why)
{
    tp_text_set(reason, TP_REASON_SIZE, tp_refusals[why], strlen(tp_refusals[why]));
    return 0;
}

/* Whether amount on top of used is within the limit: 1; 0 with the reason. */
static int
fits(struct tp_dec limit, struct tp_dec used, struct tp_dec amount, enum tp_refusal why,
     char reason[TP_REASON_SIZE], struct tp_err *err)
{
    struct tp_dec sum;

    if (tp_dec_none(limit))
        return 1;
    if (tp_dec_none(used) || tp_dec_none(amount))
        return refuse(reason, TP_REFUSED_NO_PRICE);
    if (tp_dec_add(&sum, used, amount, err))
        return -1;
    return tp_dec_cmp(sum, limit) <= 0 ? 1 : refuse(reason, why);
}

/* A loss that has reached its limit; no loss at all never has (max_drawdown may be 0). */
static bool
lost(struct tp_dec limit, struct tp_dec loss)
{
    return !tp_dec_none(limit) && tp_dec_sign(loss) > 0 && tp_dec_cmp(loss, limit) >= 0;
}

/* What needs no price. */
static int
check_counts(const struct tp_limits *l, const struct tp_standing *s, const struct tp_order *o,
             char reason[TP_REASON_SIZE], struct tp_err *err)
{
    const struct tp_exposure *e = find(s, o->exchange, o->symbol, o->side);
    struct tp_dec             fall;

    if ((l->rules.allowed_symbols && !tp_text_in(o->symbol, l->rules.allowed_symbols))
        || (l->rules.blocked_symbols && tp_text_in(o->symbol, l->rules.blocked_symbols)))
        return refuse(reason, TP_REFUSED_SYMBOL_NOT_ALLOWED);
    if (l->rules.allowed_order_types && !tp_text_in(o->order_type, l->rules.allowed_order_types))
        return refuse(reason, TP_REFUSED_ORDER_TYPE_NOT_ALLOWED);
    if (l->max_leverage > 0 && o->leverage > l->max_leverage)
        return refuse(reason, TP_REFUSED_MAX_LEVERAGE);
    if (l->rules.max_open_orders >= 0 && open_orders(s) >= l->rules.max_open_orders)
        return refuse(reason, TP_REFUSED_MAX_OPEN_ORDERS);
    if (l->rules.max_orders_per_day >= 0 && s->orders_today >= l->rules.max_orders_per_day)
        return refuse(reason, TP_REFUSED_MAX_ORDERS_PER_DAY);
    if (l->max_open_positions >= 0 && !(e && in_use(e)) && open_positions(s) >= l->max_open_positions)
        return refuse(reason, TP_REFUSED_MAX_OPEN_POSITIONS);
    if (lost(l->max_daily_loss, s->daily_loss))
        return refuse(reason, TP_REFUSED_MAX_DAILY_LOSS);
    if (tp_standing_drawdown(s, &fall, err))
        return -1;
    return lost(l->max_drawdown, fall) ? refuse(reason, TP_REFUSED_MAX_DRAWDOWN) : 1;
}

static int
check_notionals(const struct tp_limits *l, const struct tp_standing *s, const struct tp_order *o,
                struct tp_dec price, char reason[TP_REASON_SIZE], struct tp_err *err)
{
    const struct tp_exposure *e = find(s, o->exchange, o->symbol, o->side);
    struct tp_dec             whole = TP_DEC_NONE, left = TP_DEC_NONE, used = TP_DEC_ZERO, all;
    int                       rc;

    if (!tp_dec_none(price)
        && (notional(&whole, o->quantity, price, err) || rest(&left, o, price, err)))
        return -1;
    if ((e && exposure(&used, e, err)) || total(&all, s, err))
        return -1;
    rc = fits(l->max_order_size, TP_DEC_ZERO, whole, TP_REFUSED_MAX_ORDER_SIZE, reason, err);
    if (rc == 1)
        rc = fits(l->max_position_size, used, left, TP_REFUSED_MAX_POSITION_SIZE, reason, err);
    if (rc == 1)
        rc = fits(l->rules.max_total_exposure, all, left, TP_REFUSED_MAX_TOTAL_EXPOSURE, reason, err);
    return rc;
}

int
tp_limit_check(const struct tp_limits *l, const struct tp_standing *s, const struct tp_order *o,
               struct tp_dec price, char reason[TP_REASON_SIZE], struct tp_err *err)
{
    int rc;

    reason[0] = '\0';
    if (!l->enabled || o->reduce_only == 1)
        return 1;
    rc = check_counts(l, s, o, reason, err);
    return rc == 1 ? check_notionals(l, s, o, price, reason, err) : rc;
}

/* ---- headroom ---------------------------------------------------------------------------------- */

struct room {
    struct tp_headroom base;
    int (*each)(void *to, const struct tp_headroom *h, struct tp_err *err);
    void *to;
};

static int
give(const struct room *r, const char *limit, const struct tp_exposure *e, struct tp_dec allowed,
     struct tp_dec used, struct tp_err *err)
{
    struct tp_headroom h = r->base;

    tp_text_set(h.limit, sizeof h.limit, limit, strlen(limit));
    if (e) {
        memcpy(h.exchange, e->exchange, sizeof h.exchange);
        memcpy(h.symbol, e->symbol, sizeof h.symbol);
        memcpy(h.side, e->side, sizeof h.side);
    }
    h.allowed = allowed;
    h.used = used;
    h.left = TP_DEC_NONE;
    h.reached = -1;
    if (!tp_dec_none(used)) {
        if (tp_dec_sub(&h.left, allowed, used, err))
            return -1;
        h.left = tp_dec_max(h.left, TP_DEC_ZERO);
        h.reached = tp_dec_sign(h.left) == 0;
    }
    return r->each(r->to, &h, err);
}

static int
give_count(const struct room *r, const char *limit, int64_t allowed, int64_t used, struct tp_err *err)
{
    return allowed < 0 ? 0 : give(r, limit, NULL, tp_dec_int(allowed), tp_dec_int(used), err);
}

static int
give_amount(const struct room *r, const char *limit, struct tp_dec allowed, struct tp_dec used,
            struct tp_err *err)
{
    return tp_dec_none(allowed) ? 0 : give(r, limit, NULL, allowed, used, err);
}

static int
give_positions(const struct room *r, const struct tp_limits *l, const struct tp_standing *s,
               struct tp_err *err)
{
    struct tp_dec used;
    int64_t       n = 0;

    if (tp_dec_none(l->max_position_size))
        return 0;
    for (size_t i = 0; i < s->n; i++) {
        if (!in_use(&s->at[i]))
            continue;
        n++;
        if (exposure(&used, &s->at[i], err)
            || give(r, "max_position_size", &s->at[i], l->max_position_size, used, err))
            return -1;
    }
    return n ? 0 : give(r, "max_position_size", NULL, l->max_position_size, TP_DEC_ZERO, err);
}

int
tp_limit_headroom(const struct tp_limits *l, const struct tp_standing *s,
                  int (*each)(void *to, const struct tp_headroom *h, struct tp_err *err), void *to,
                  struct tp_err *err)
{
    struct room   r = {.each = each, .to = to};
    struct tp_dec fall, all, loss = tp_dec_max(s->daily_loss, TP_DEC_ZERO);

    tp_record_init(&tp_headroom_record, &r.base);
    r.base.bot_id = l->bot_id;
    memcpy(r.base.scope, tp_uuid_none(l->bot_id) ? "user" : "bot\0", sizeof r.base.scope);
    if (!l->enabled)
        return 0;
    return tp_standing_drawdown(s, &fall, err) || total(&all, s, err)
                   || give_amount(&r, "max_order_size", l->max_order_size, TP_DEC_ZERO, err)
                   || give_positions(&r, l, s, err)
                   || give_count(&r, "max_open_positions", l->max_open_positions, open_positions(s), err)
                   || give_amount(&r, "max_daily_loss", l->max_daily_loss, loss, err)
                   || give_amount(&r, "max_drawdown", l->max_drawdown, fall, err)
                   || give_count(&r, "max_leverage", l->max_leverage, 0, err)
                   || give_count(&r, "max_open_orders", l->rules.max_open_orders, open_orders(s), err)
                   || give_count(&r, "max_orders_per_day", l->rules.max_orders_per_day, s->orders_today,
                                 err)
                   || give_amount(&r, "max_total_exposure", l->rules.max_total_exposure, all, err)
               ? -1
               : 0;
}
