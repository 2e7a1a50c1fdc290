#include "trade/order_check.h"

#include <string.h>

#include "base/banned.h"

#define LEVERAGE_MOST 125

static void
set_word(char *field, size_t size, const char *word)
{
    if (!field[0])
        tp_text_set(field, size, word, strlen(word));
}
#define SET_WORD(field, word) set_word(field, sizeof(field), word)

void
tp_order_defaults(struct tp_order *o, const struct tp_order_rules *r)
{
    if (o->reduce_only < 0)
        o->reduce_only = 0;
    if (o->leverage == INT64_MIN)
        o->leverage = r->leverage ? r->leverage : 1;
    if (tp_dec_none(o->filled_quantity))
        o->filled_quantity = TP_DEC_ZERO;
    if (!o->metadata)
        o->metadata = "{}";
    SET_WORD(o->time_in_force, "GTC");
    SET_WORD(o->working_type, "LAST");
    SET_WORD(o->margin_mode, "ISOLATED");
    SET_WORD(o->position_mode, r->position_mode);
    SET_WORD(o->role, o->reduce_only ? "EXIT" : "ENTRY");
    SET_WORD(o->status, "PENDING");
    SET_WORD(o->submit_state, "NEW");
}

/* ---- which fields a type has ------------------------------------------------------------------- */

enum use { NO, MAY, MUST };

static const struct {
    const char *type;
    enum use    price, stop_price, trail, activation_price;
} uses[] = {
    {"MARKET", NO, NO, NO, NO},
    {"LIMIT", MUST, NO, NO, NO},
    {"STOP_MARKET", NO, MUST, NO, NO},
    {"STOP_LIMIT", MUST, MUST, NO, NO},
    {"TRAILING_STOP", NO, NO, MAY, MAY},
};

static int
check_use(const struct tp_order *o, const char *field, struct tp_dec value, enum use use, struct tp_err *err)
{
    if (use == MUST && tp_dec_none(value))
        return tp_fail(err, TP_EINPUT, "%s: a %s order needs it", field, o->order_type);
    if (use == NO && !tp_dec_none(value))
        return tp_fail(err, TP_EINPUT, "%s: a %s order has none", field, o->order_type);
    if (!tp_dec_none(value) && tp_dec_sign(value) <= 0)
        return tp_fail(err, TP_EINPUT, "%s: want a number above zero", field);
    return 0;
}

static int
check_fields(const struct tp_order *o, struct tp_err *err)
{
    size_t t = 0;

    while (strcmp(uses[t].type, o->order_type) != 0)
        if (++t == TP_COUNT(uses))
            return tp_fail(err, TP_EINPUT, "order_type: '%s' is none", o->order_type);
    if (check_use(o, "quantity", o->quantity, MUST, err)
        || check_use(o, "price", o->price, uses[t].price, err)
        || check_use(o, "stop_price", o->stop_price, uses[t].stop_price, err)
        || check_use(o, "callback_rate", o->callback_rate, uses[t].trail, err)
        || check_use(o, "trail_distance", o->trail_distance, uses[t].trail, err)
        || check_use(o, "activation_price", o->activation_price, uses[t].activation_price, err)
        || check_use(o, "stop_loss", o->stop_loss, MAY, err)
        || check_use(o, "take_profit", o->take_profit, MAY, err))
        return -1;
    if (o->reduce_only && (!tp_dec_none(o->stop_loss) || !tp_dec_none(o->take_profit)))
        return tp_fail(err, TP_EINPUT, "stop_loss, take_profit: an order that only reduces opens nothing to protect");
    if (uses[t].trail == MAY && tp_dec_none(o->callback_rate) == tp_dec_none(o->trail_distance))
        return tp_fail(err, TP_EINPUT, "a TRAILING_STOP order needs one of callback_rate and trail_distance");
    if (!tp_dec_none(o->callback_rate) && tp_dec_cmp(o->callback_rate, tp_dec_int(100)) >= 0)
        return tp_fail(err, TP_EINPUT, "callback_rate: want less than 100 percent");
    if (strcmp(o->time_in_force, "GTX") == 0 && strcmp(o->order_type, "LIMIT") != 0)
        return tp_fail(err, TP_EINPUT, "time_in_force: 'GTX' (post only) is for LIMIT orders");
    if (o->leverage < 1 || o->leverage > LEVERAGE_MOST)
        return tp_fail(err, TP_EINPUT, "leverage: want 1 to %d, not %lld", LEVERAGE_MOST, (long long)o->leverage);
    if (!tp_time_none(o->expires_at) && o->expires_at.us <= o->created_at.us)
        return tp_fail(err, TP_EINPUT, "expires_at: is not later than created_at");
    return 0;
}

/* ---- steps and sizes --------------------------------------------------------------------------- */

static int
check_step(const char *field, struct tp_dec value, const char *what, struct tp_dec step, struct tp_err *err)
{
    char          text[4][TP_DEC_TEXT];
    struct tp_dec below, above;

    if (tp_dec_none(value))
        return 0;
    if (tp_dec_to_step(&below, value, step, TP_DOWN, err))
        return tp_where(err, "%s", field);
    if (tp_dec_cmp(below, value) == 0)
        return 0;
    if (tp_dec_add(&above, below, step, err))
        return tp_where(err, "%s", field);
    tp_dec_print_short(text[0], value);
    tp_dec_print_short(text[1], step);
    tp_dec_print_short(text[2], below);
    tp_dec_print_short(text[3], above);
    if (tp_dec_sign(below) == 0)
        return tp_fail(err, TP_EINPUT, "%s: %s is no multiple of the %s %s; the nearest is %s", field, text[0],
                       what, text[1], text[3]);
    return tp_fail(err, TP_EINPUT, "%s: %s is no multiple of the %s %s; the nearest are %s and %s", field, text[0],
                   what, text[1], text[2], text[3]);
}

static int
check_steps(const struct tp_order *o, const struct tp_symbol *s, struct tp_err *err)
{
    return check_step("quantity", o->quantity, "step", s->step_size, err)
                   || check_step("price", o->price, "tick", s->tick_size, err)
                   || check_step("stop_price", o->stop_price, "tick", s->tick_size, err)
                   || check_step("activation_price", o->activation_price, "tick", s->tick_size, err)
                   || check_step("trail_distance", o->trail_distance, "tick", s->tick_size, err)
                   || check_step("stop_loss", o->stop_loss, "tick", s->tick_size, err)
                   || check_step("take_profit", o->take_profit, "tick", s->tick_size, err)
               ? -1
               : 0;
}

static int
check_bound(const char *field, struct tp_dec value, const char *name, struct tp_dec bound, int wrong,
            struct tp_err *err)
{
    char text[2][TP_DEC_TEXT];

    if (tp_dec_none(value) || tp_dec_none(bound) || tp_dec_cmp(value, bound) != wrong)
        return 0;
    tp_dec_print_short(text[0], value);
    tp_dec_print_short(text[1], bound);
    return tp_fail(err, TP_EINPUT, "%s: %s is %s the instrument's %s %s", field, text[0],
                   wrong < 0 ? "below" : "above", name, text[1]);
}

/* What only reduces must be able to close whatever is left, so sizes are not asked of it. */
static int
check_size(const struct tp_order *o, const struct tp_order_rules *r, struct tp_err *err)
{
    struct tp_dec notional;

    if (o->reduce_only)
        return 0;
    return tp_order_notional(&notional, o, r->last_price, err)
                   || check_bound("quantity", o->quantity, "min_quantity", r->symbol->min_quantity, -1, err)
                   || check_bound("quantity", o->quantity, "max_quantity", r->symbol->max_quantity, 1, err)
                   || check_bound("notional", notional, "min_notional", r->symbol->min_notional, -1, err)
               ? -1
               : 0;
}

/* ---- stop-loss and take-profit ------------------------------------------------------------------ */

/* Where the order is expected to be filled; none when nobody knows yet. */
static struct tp_dec
entry_price(const struct tp_order *o, struct tp_dec last_price)
{
    if (!tp_dec_none(o->price))
        return o->price;
    if (!tp_dec_none(o->stop_price))
        return o->stop_price;
    return tp_dec_none(o->activation_price) ? last_price : o->activation_price;
}

static int
check_side(const char *field, struct tp_dec value, const char *than, struct tp_dec bound, int side,
           struct tp_err *err)
{
    char text[2][TP_DEC_TEXT];

    if (tp_dec_none(value) || tp_dec_none(bound) || tp_dec_cmp(value, bound) == side)
        return 0;
    tp_dec_print_short(text[0], value);
    tp_dec_print_short(text[1], bound);
    return tp_fail(err, TP_EINPUT, "%s: %s must be %s %s %s", field, text[0], side > 0 ? "above" : "below", than,
                   text[1]);
}

int
tp_order_check_levels(struct tp_dec stop_loss, struct tp_dec take_profit, const char *than, struct tp_dec price,
                      int side, struct tp_err *err)
{
    return check_side("stop_loss", stop_loss, than, price, -side, err)
                   || check_side("take_profit", take_profit, than, price, side, err)
                   || check_side("stop_loss", stop_loss, "take_profit", take_profit, -side, err)
               ? -1
               : 0;
}

static int
check_bracket(const struct tp_order *o, const struct tp_order_rules *r, struct tp_err *err)
{
    return tp_order_check_levels(o->stop_loss, o->take_profit, "the entry's", entry_price(o, r->last_price),
                                 strcmp(o->side, "SHORT") == 0 ? -1 : 1, err);
}

/* ---- the whole ----------------------------------------------------------------------------------- */

static int
check_market(const struct tp_order *o, const struct tp_order_rules *r, struct tp_err *err)
{
    const struct tp_symbol *s = r->symbol;

    if (strcmp(s->market_type, "LINEAR") != 0)
        return tp_fail(err, TP_EREFUSED, "symbol: %s is a %s instrument; orders are for linear perpetuals", s->symbol,
                       s->market_type);
    if (strcmp(s->status, "TRADING") != 0)
        return tp_fail(err, TP_EREFUSED, "symbol: %s is not traded now (%s)", s->symbol, s->status);
    if (strcmp(o->position_mode, r->position_mode) != 0)
        return tp_fail(err, TP_EREFUSED, "position_mode: the account is %s, the order says %s", r->position_mode,
                       o->position_mode);
    /* The simulated venue knows neither: it would take such an order for another one. */
    if (strcmp(o->environment, "PAPER") == 0 && strcmp(o->margin_mode, "ISOLATED") != 0)
        return tp_fail(err, TP_EREFUSED, "margin_mode: positions on paper are ISOLATED");
    if (strcmp(o->environment, "PAPER") == 0 && strcmp(o->working_type, "LAST") != 0)
        return tp_fail(err, TP_EREFUSED, "working_type: orders on paper are triggered by the LAST price");
    return 0;
}

int
tp_order_check(const struct tp_order *o, const struct tp_order_rules *r, struct tp_err *err)
{
    return check_fields(o, err) || check_market(o, r, err) || check_steps(o, r->symbol, err)
                   || check_size(o, r, err) || check_bracket(o, r, err)
               ? -1
               : 0;
}

int
tp_order_check_group(const struct tp_order *o, const struct tp_order *other, struct tp_err *err)
{
    if (o->reduce_only != 1 || other->reduce_only != 1)
        return tp_fail(err, TP_EINPUT, "group_id: only orders that reduce (reduce_only) can cancel each other");
    if (!tp_uuid_equal(o->account_id, other->account_id) || strcmp(o->exchange, other->exchange) != 0
        || strcmp(o->symbol, other->symbol) != 0 || strcmp(o->side, other->side) != 0)
        return tp_fail(err, TP_EINPUT, "group_id: orders of a group have the same account, symbol and side");
    return 0;
}

int
tp_order_notional(struct tp_dec *out, const struct tp_order *o, struct tp_dec last_price, struct tp_err *err)
{
    struct tp_dec price = tp_dec_none(o->price) ? last_price : o->price;

    *out = TP_DEC_NONE;
    return tp_dec_none(price) ? 0 : tp_dec_mul(out, price, o->quantity, TP_HALF_AWAY, err);
}

int
tp_order_margin(struct tp_dec *out, const struct tp_order *o, struct tp_dec notional, struct tp_err *err)
{
    return tp_dec_div(out, notional, tp_dec_int(o->leverage), TP_UP, err);
}
