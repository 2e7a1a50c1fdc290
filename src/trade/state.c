#include "trade/state.h"

#include <string.h>

#include "base/banned.h"

static const char *const offset_kinds[] = {"NONE", "PERCENT", "ABSOLUTE", "PRICE", NULL};

/* The same members in the types that a field table knows. */
struct state {
    int64_t       number;
    int8_t        of_position; /* a child without a parent */
    int8_t        fresh, triggered, armed, entry_was_stop, shrink, reverse;
    int64_t       latency, expire_bars;
    struct tp_dec best, group_left, cost;
    char          stop_kind[9], trailing_kind[9];
    struct tp_dec stop, trailing;
    char          target_kind[TP_BRACKET_TARGETS][9];
    struct tp_dec target[TP_BRACKET_TARGETS], portion[TP_BRACKET_TARGETS];
};

#define KIND(member, key, ...)                                                                     \
    {.kind = TP_F_TEXT, TP_F_NAME(key), .at = offsetof(struct state, member),  \
     .size = 9, .choices = offset_kinds, .help = __VA_ARGS__}
#define AMOUNT(member, key, ...)                                                                   \
    {.kind = TP_F_DEC, TP_F_NAME(key), .at = offsetof(struct state, member),   \
     .digits = 20, .scale = 8, .help = __VA_ARGS__}
#define TARGET(i, digit)                                                                           \
    KIND(target_kind[i], "target_kind_" digit, "how the take-profit is given"),                    \
        AMOUNT(target[i], "target_" digit, "the take-profit"),                                     \
        AMOUNT(portion[i], "portion_" digit, "percent of the filled quantity")

static const struct tp_field fields[] = {
    F_INT(struct state, number, "place among the orders of its session"),
    F_BOOL(struct state, of_position, "it goes with the position, not with an order"),
    F_BOOL(struct state, fresh, "no bar has seen it"),
    F_BOOL(struct state, triggered, "its stop was reached"),
    F_BOOL(struct state, armed, "its trailing has begun"),
    F_BOOL(struct state, entry_was_stop, "its parent was filled by a stop"),
    F_BOOL(struct state, shrink, "it takes what margin there is"),
    F_BOOL(struct state, reverse, "it closes an opposite position first"),
    F_INT(struct state, latency, "bars until it is seen"),
    F_INT(struct state, expire_bars, "bars it still rests"),
    AMOUNT(best, "best", "best price that its trailing has seen"),
    AMOUNT(group_left, "group_left", "what its group may still close"),
    AMOUNT(cost, "cost", "sum of its fills' notionals"),
    KIND(stop_kind, "stop_kind", "how the stop-loss of its bracket is given"),
    AMOUNT(stop, "stop", "that stop-loss"),
    KIND(trailing_kind, "trailing_kind", "how the trailing stop of its bracket is given"),
    AMOUNT(trailing, "trailing", "that distance"),
    TARGET(0, "1"),
    TARGET(1, "2"),
    TARGET(2, "3"),
    TARGET(3, "4"),
    F_STOP,
};

static const struct tp_record record = {"work", "what the fill engine remembers of an order", fields,
                                        sizeof(struct state)};

void
tp_work_state_print(const struct tp_work *w, struct tp_buf *to)
{
    const struct tp_bracket *b = &w->bracket;
    struct state             s;

    tp_record_init(&record, &s);
    s.number = w->number;
    s.of_position = w->parent < 0;
    s.fresh = w->fresh;
    s.triggered = w->triggered;
    s.armed = w->armed;
    s.entry_was_stop = w->entry_was_stop;
    s.shrink = w->shrink;
    s.reverse = w->reverse;
    s.latency = w->latency;
    s.expire_bars = w->expire_bars;
    s.best = w->best;
    s.group_left = w->group_left;
    s.cost = w->cost;
    tp_text_copy(s.stop_kind, sizeof s.stop_kind, offset_kinds[b->stop_loss.kind]);
    s.stop = b->stop_loss.amount;
    tp_text_copy(s.trailing_kind, sizeof s.trailing_kind, offset_kinds[b->trailing.kind]);
    s.trailing = b->trailing.amount;
    for (size_t i = 0; i < b->n_targets; i++) {
        tp_text_copy(s.target_kind[i], sizeof s.target_kind[i], offset_kinds[b->target[i].kind]);
        s.target[i] = b->target[i].amount;
        s.portion[i] = b->portion[i];
    }
    tp_record_json(&record, &s, to);
    to->at[--to->n] = '\0'; /* without the line's end */
}

static void
read_offset(struct tp_offset *o, const char *kind, struct tp_dec amount)
{
    for (int i = 0; offset_kinds[i]; i++)
        if (strcmp(offset_kinds[i], kind) == 0)
            *o = (struct tp_offset){(enum tp_offset_kind)i, amount};
}

int
tp_work_state_read(struct tp_work *w, const char *text, struct tp_err *err)
{
    struct tp_bracket *b = &w->bracket;
    struct state       s;
    int                got = strcmp(text, "{}") == 0 ? 0 : tp_record_parse(&record, text, strlen(text), &s, NULL, err);

    if (got < 0)
        return tp_where(err, "work");
    if (got == 0)
        return 0;
    w->number = s.number;
    if (s.fresh < 0) /* it has met no bar yet */
        return 0;
    if (s.of_position == 1)
        w->parent = -1;
    w->fresh = s.fresh == 1;
    w->triggered = s.triggered == 1;
    w->armed = s.armed == 1;
    w->entry_was_stop = s.entry_was_stop == 1;
    w->shrink = s.shrink == 1;
    w->reverse = s.reverse == 1;
    w->latency = s.latency;
    w->expire_bars = s.expire_bars;
    w->best = s.best;
    w->group_left = s.group_left;
    w->cost = s.cost;
    memset(b, 0, sizeof *b);
    read_offset(&b->stop_loss, s.stop_kind, s.stop);
    read_offset(&b->trailing, s.trailing_kind, s.trailing);
    for (; b->n_targets < TP_BRACKET_TARGETS && s.target_kind[b->n_targets][0]; b->n_targets++) {
        read_offset(&b->target[b->n_targets], s.target_kind[b->n_targets], s.target[b->n_targets]);
        b->portion[b->n_targets] = s.portion[b->n_targets];
    }
    return 0;
}

/* ---- positions -------------------------------------------------------------------------------- */

struct leg_state {
    struct tp_dec  quantity, cost, margin, last_entry_price;
    int64_t        adds;
    struct tp_time opened_at;
    struct tp_dec  net, entered, entered_cost, left_cost, fees, slippage, funding, low, high;
    int64_t        bars;
    char           entry_reason[64];
};

#define LEG_AMOUNT(member, ...)                                                                    \
    {.kind = TP_F_DEC, TP_F_NAME(#member),                                \
     .at = offsetof(struct leg_state, member), .digits = 20, .scale = 8, .help = __VA_ARGS__}

static const struct tp_field leg_fields[] = {
    LEG_AMOUNT(quantity, "base currency held", .required = true),
    LEG_AMOUNT(cost, "sum of the notionals of what is held", .required = true),
    LEG_AMOUNT(margin, "margin", .required = true),
    LEG_AMOUNT(last_entry_price, "price of the newest entry"),
    F_INT(struct leg_state, adds, "entries after the first"),
    F_TIME(struct leg_state, opened_at, "time of the first fill", .required = true),
    LEG_AMOUNT(net, "what it has brought so far", .required = true),
    LEG_AMOUNT(entered, "base currency entered in all", .required = true),
    LEG_AMOUNT(entered_cost, "notional of the entries", .required = true),
    LEG_AMOUNT(left_cost, "notional of the exits", .required = true),
    LEG_AMOUNT(fees, "fees paid", .required = true),
    LEG_AMOUNT(slippage, "cost of slippage", .required = true),
    LEG_AMOUNT(funding, "funding received"),
    LEG_AMOUNT(low, "lowest price while held"),
    LEG_AMOUNT(high, "highest price while held"),
    F_INT(struct leg_state, bars, "bars held"),
    F_TEXT(struct leg_state, entry_reason, "rule that opened it"),
    F_STOP,
};

static const struct tp_record leg_record = {"book", "what the book remembers of a position", leg_fields,
                                            sizeof(struct leg_state)};

void
tp_leg_state_print(const struct tp_leg *l, struct tp_buf *to)
{
    struct leg_state s = {.quantity = l->quantity,
                          .cost = l->cost,
                          .margin = l->margin,
                          .last_entry_price = l->last_entry_price,
                          .adds = l->adds,
                          .opened_at = l->opened_at,
                          .net = l->net,
                          .entered = l->entered,
                          .entered_cost = l->entered_cost,
                          .left_cost = l->left_cost,
                          .fees = l->fees,
                          .slippage = l->slippage,
                          .funding = l->funding,
                          .low = l->low,
                          .high = l->high,
                          .bars = l->bars};

    memcpy(s.entry_reason, l->entry_reason, sizeof s.entry_reason);
    tp_record_json(&leg_record, &s, to);
    to->at[--to->n] = '\0';
}

int
tp_leg_state_read(struct tp_leg *l, const char *text, struct tp_err *err)
{
    struct leg_state s;
    int              got = tp_record_parse(&leg_record, text, strlen(text), &s, NULL, err);

    if (got < 0)
        return tp_where(err, "book");
    if (got == 0)
        return tp_fail(err, TP_EINPUT, "book: it does not say what the position holds");
    l->quantity = s.quantity;
    l->cost = s.cost;
    l->margin = s.margin;
    l->last_entry_price = s.last_entry_price;
    l->adds = s.adds;
    l->opened_at = s.opened_at;
    l->net = s.net;
    l->entered = s.entered;
    l->entered_cost = s.entered_cost;
    l->left_cost = s.left_cost;
    l->fees = s.fees;
    l->slippage = s.slippage;
    l->funding = tp_dec_none(s.funding) ? TP_DEC_ZERO : s.funding;
    l->low = s.low;
    l->high = s.high;
    l->bars = s.bars;
    memcpy(l->entry_reason, s.entry_reason, sizeof l->entry_reason);
    return 0;
}

/* ---- rows ------------------------------------------------------------------------------------- */

void
tp_work_to_order(const struct tp_work *w, struct tp_order *o)
{
    tp_record_init(&tp_order_record, o);
    o->id = w->id;
    o->created_at = w->created_at;
    tp_text_copy(o->side, sizeof o->side, w->side > 0 ? "LONG" : "SHORT");
    o->reduce_only = w->reduce_only;
    tp_text_copy(o->order_type, sizeof o->order_type, tp_order_types[w->type]);
    tp_text_copy(o->time_in_force, sizeof o->time_in_force, tp_tifs[w->tif]);
    o->quantity = w->quantity;
    o->filled_quantity = w->filled;
    o->price = w->price;
    o->stop_price = w->stop_price;
    o->callback_rate = w->callback_rate;
    o->trail_distance = w->trail_distance;
    o->activation_price = w->activation_price;
    o->expires_at = w->expires_at;
    if (w->bracket.stop_loss.kind == TP_OFFSET_PRICE)
        o->stop_loss = w->bracket.stop_loss.amount;
    if (w->bracket.n_targets == 1 && w->bracket.target[0].kind == TP_OFFSET_PRICE)
        o->take_profit = w->bracket.target[0].amount;
    tp_text_copy(o->status, sizeof o->status, tp_order_statuses[tp_dec_sign(w->filled) > 0 ? TP_STATUS_PARTIALLY_FILLED : TP_STATUS_PENDING]);
    tp_text_copy(o->role, sizeof o->role, tp_roles[w->role]);
    memcpy(o->reason, w->reason, sizeof w->reason);
}
