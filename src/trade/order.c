#include "trade/order.h"

#include <string.h>

#include "base/banned.h"

#define X(w) #w,
const char *const tp_order_types[] = {TP_ORDER_TYPES(X) NULL};
const char *const tp_tifs[] = {TP_TIFS(X) NULL};
const char *const tp_order_statuses[] = {TP_ORDER_STATUSES(X) NULL};
const char *const tp_roles[] = {TP_ROLES(X) NULL};
#undef X
const char *const tp_sides[] = {"LONG", "SHORT", NULL};
const char *const tp_environments[] = {"PAPER", "TESTNET", "PRODUCTION", NULL};
const char *const tp_environment_words[] = {"paper", "testnet", "production", NULL};
const char *const tp_margin_modes[] = {"ISOLATED", "CROSS", NULL};
const char *const tp_position_modes[] = {"ONE_WAY", "HEDGE", NULL};
const char *const tp_working_types[] = {"LAST", "MARK", NULL};
const char *const tp_submit_states[] = {"NEW", "SENT", "ACKED", "UNKNOWN", "DENIED", NULL};

static const struct tp_field fields[] = {
    F_UUID(struct tp_order, id, "UUID version 7, given when the order is made"),
    F_TIME(struct tp_order, created_at, "when it was made"),
    F_UUID(struct tp_order, user_id, "whose order it is", .wide = true),
    F_UUID(struct tp_order, account_id, "account that pays", .wide = true),
    F_UUID(struct tp_order, position_id, "position it opened or changed", .wide = true),
    F_UUID(struct tp_order, bot_id, "bot that sent it", .wide = true),
    F_UUID(struct tp_order, api_connection_id, "keys it was sent with", .wide = true),
    F_TEXT(struct tp_order, environment, "PAPER, TESTNET or PRODUCTION", .choices = tp_environments,
           .wide = true),
    F_TEXT(struct tp_order, exchange, "code of the venue"),
    F_TEXT(struct tp_order, symbol, "the venue's name of the instrument"),
    F_TEXT(struct tp_order, side, "LONG or SHORT: the position meant", .choices = tp_sides,
           .required = true),
    F_BOOL(struct tp_order, reduce_only, "only makes a position smaller: LONG then sells"),
    F_TEXT(struct tp_order, order_type, "MARKET, LIMIT, STOP_MARKET, STOP_LIMIT or TRAILING_STOP",
           .choices = tp_order_types, .required = true),
    F_DEC(struct tp_order, quantity, "size in base currency", .required = true),
    F_DEC(struct tp_order, filled_quantity, "filled so far, base currency"),
    F_DEC(struct tp_order, avg_fill_price, "average price of the fills"),
    F_DEC(struct tp_order, price, "limit price"),
    F_DEC(struct tp_order, stop_price, "price that triggers it"),
    F_PERCENT(struct tp_order, callback_rate, "distance of a trailing stop in percent", .wide = true),
    F_DEC(struct tp_order, trail_distance, "distance of a trailing stop in quote currency", .wide = true),
    F_DEC(struct tp_order, activation_price, "price that arms a trailing stop", .wide = true),
    F_TEXT(struct tp_order, working_type, "LAST or MARK: the price that triggers it",
           .choices = tp_working_types, .wide = true),
    F_INT(struct tp_order, leverage, "1 to 125", .wide = true),
    F_TEXT(struct tp_order, margin_mode, "ISOLATED or CROSS", .choices = tp_margin_modes, .wide = true),
    F_TEXT(struct tp_order, position_mode, "ONE_WAY or HEDGE", .choices = tp_position_modes,
           .wide = true),
    F_TEXT(struct tp_order, time_in_force, "GTC, IOC, FOK or GTX (post only)", .choices = tp_tifs),
    F_DEC(struct tp_order, stop_loss, "price of the stop-loss its fill creates", .wide = true),
    F_DEC(struct tp_order, take_profit, "price of the take-profit its fill creates", .wide = true),
    F_TEXT(struct tp_order, status, "PENDING, PARTIALLY_FILLED, FILLED, CANCELLED, REJECTED or EXPIRED",
           .choices = tp_order_statuses),
    F_TEXT(struct tp_order, submit_state, "NEW, SENT, ACKED, UNKNOWN or DENIED",
           .choices = tp_submit_states, .wide = true),
    F_TEXT(struct tp_order, reject_reason, "why it was refused"),
    F_UUID(struct tp_order, parent_order_id, "entry whose fill created it", .wide = true),
    F_UUID(struct tp_order, group_id, "one-cancels-other group", .wide = true),
    F_TEXT(struct tp_order, exchange_order_id, "the venue's id", .wide = true),
    F_TEXT(struct tp_order, exchange_algo_id, "the venue's id of a conditional order", .wide = true),
    F_TIME(struct tp_order, expires_at, "when it lapses", .wide = true),
    F_JSON(struct tp_order, metadata, "anything else", .wide = true),
    F_TIME(struct tp_order, updated_at, "last change", .wide = true),
    F_TIME(struct tp_order, filled_at, "when it was filled whole", .wide = true),
    F_TIME(struct tp_order, cancelled_at, "when it was cancelled", .wide = true),
    F_TIME(struct tp_order, deleted_at, "when it was deleted", .wide = true),
    F_TEXT(struct tp_order, role, "what it is for: ENTRY, EXIT, STOP_LOSS, ...", .choices = tp_roles, .wide = true),
    F_TEXT(struct tp_order, reason, "rule that asked for it; null: somebody by hand", .wide = true),
    F_STOP,
};

const struct tp_record tp_order_record = {"order", "an order", fields, sizeof(struct tp_order)};

/* The place of a word in its list; the record's choices have been checked on reading. */
static int
word(const char *const *words, const char *text)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    return 0;
}

const char *
tp_environment_of(const char *text)
{
    return text ? tp_environments[word(tp_environment_words, text)] : NULL;
}

static int
want_positive(const char *field, struct tp_dec value, bool needed, struct tp_err *err)
{
    if (tp_dec_none(value))
        return needed ? tp_fail(err, TP_EINPUT, "%s: this type of order needs it", field) : 0;
    if (tp_dec_sign(value) <= 0)
        return tp_fail(err, TP_EINPUT, "%s: want a number above zero", field);
    return 0;
}

int
tp_work_from_order(struct tp_work *w, const struct tp_order *o, struct tp_err *err)
{
    bool limit, stop, trailing;

    *w = tp_work_init();
    w->id = o->id;
    w->created_at = o->created_at;
    w->side = strcmp(o->side, "SHORT") == 0 ? -1 : 1;
    w->reduce_only = o->reduce_only == 1;
    w->role = w->reduce_only ? TP_ROLE_EXIT : TP_ROLE_ENTRY;
    w->type = (enum tp_order_type)word(tp_order_types, o->order_type);
    w->tif = (enum tp_tif)word(tp_tifs, o->time_in_force);
    w->quantity = o->quantity;
    w->price = o->price;
    w->stop_price = o->stop_price;
    w->callback_rate = o->callback_rate;
    w->trail_distance = o->trail_distance;
    w->activation_price = o->activation_price;
    w->expires_at = o->expires_at;
    w->leverage = o->leverage == INT64_MIN ? 0 : o->leverage;
    limit = w->type == TP_ORDER_LIMIT || w->type == TP_ORDER_STOP_LIMIT;
    stop = w->type == TP_ORDER_STOP_MARKET || w->type == TP_ORDER_STOP_LIMIT;
    trailing = w->type == TP_ORDER_TRAILING_STOP;
    if (want_positive("quantity", o->quantity, true, err)
        || want_positive("price", o->price, limit, err)
        || want_positive("stop_price", o->stop_price, stop, err)
        || want_positive("callback_rate", o->callback_rate, false, err)
        || want_positive("trail_distance", o->trail_distance, false, err)
        || want_positive("stop_loss", o->stop_loss, false, err)
        || want_positive("take_profit", o->take_profit, false, err))
        return -1;
    if (trailing && tp_dec_none(o->callback_rate) == tp_dec_none(o->trail_distance))
        return tp_fail(err, TP_EINPUT, "a trailing stop needs one of callback_rate and trail_distance");
    if (w->tif == TP_TIF_GTX && w->type != TP_ORDER_LIMIT)
        return tp_fail(err, TP_EINPUT, "time_in_force: 'GTX' is for limit orders");
    if (!tp_dec_none(o->stop_loss))
        w->bracket.stop_loss = (struct tp_offset){TP_OFFSET_PRICE, o->stop_loss};
    if (!tp_dec_none(o->take_profit)) {
        w->bracket.n_targets = 1;
        w->bracket.target[0] = (struct tp_offset){TP_OFFSET_PRICE, o->take_profit};
        w->bracket.portion[0] = tp_dec_int(100);
    }
    return 0;
}
