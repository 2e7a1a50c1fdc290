#include "trade/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/crypt.h"

/* Where in a bar a fill happens. */
enum where { AT_OPEN, INTRABAR, AT_CLOSE };

void
tp_match_init(struct tp_match *m, const struct tp_knobs *knobs, const struct tp_symbol *symbol,
              struct tp_book *book, const struct tp_sink *sink, const char *seed)
{
    memset(m, 0, sizeof *m);
    m->knobs = *knobs;
    m->symbol = *symbol;
    m->book = book;
    if (sink)
        m->sink = *sink;
    tp_text_set(m->seed, sizeof m->seed, seed, strlen(seed));
    m->next_number = 1;
}

void
tp_match_free(struct tp_match *m)
{
    free(m->work);
    m->work = NULL;
    m->n = m->room = 0;
}

/* The same run gives the same ids: time of the bar, bits from the run, the bar and a count.  A digest
 * costs as much as a fill, so there is none where nobody listens. */
static struct tp_uuid
make_id(struct tp_match *m, struct tp_time at)
{
    struct tp_sha256 h;
    uint8_t          digest[TP_SHA256_SIZE];
    int64_t          parts[2] = {at.us, ++m->sequence};

    if (!m->sink.event && !m->sink.trade)
        return (struct tp_uuid){{0}};
    tp_sha256_init(&h);
    tp_sha256_add(&h, m->seed, strlen(m->seed));
    tp_sha256_add(&h, parts, sizeof parts);
    tp_sha256_end(&h, digest);
    return tp_uuid_v7(at, digest);
}

static int
tell(struct tp_match *m, const struct tp_work *w, const char *event, const char *reason,
     struct tp_err *err)
{
    struct tp_order_event e;

    if (!m->sink.event)
        return 0;
    tp_record_init(&tp_order_event_record, &e);
    e.time = m->now;
    e.number = w->number;
    tp_text_set(e.event, sizeof e.event, event, strlen(event));
    tp_text_set(e.role, sizeof e.role, tp_roles[w->role], strlen(tp_roles[w->role]));
    tp_text_set(e.side, sizeof e.side, w->side > 0 ? "LONG" : "SHORT", w->side > 0 ? 4 : 5);
    e.reduce_only = w->reduce_only;
    tp_text_set(e.order_type, sizeof e.order_type, tp_order_types[w->type],
                strlen(tp_order_types[w->type]));
    e.quantity = w->quantity;
    e.filled_quantity = w->filled;
    e.price = w->price;
    e.stop_price = w->stop_price;
    tp_text_set(e.reason, sizeof e.reason, reason, strlen(reason));
    e.order_id = w->id;
    return m->sink.event(m->sink.to, &e, err);
}

static int
finish(struct tp_match *m, struct tp_work *w, enum tp_status status, const char *reason,
       struct tp_err *err)
{
    w->done = true;
    m->counts.rejected += status == TP_STATUS_REJECTED;
    m->counts.expired += status == TP_STATUS_EXPIRED;
    m->counts.cancelled += status == TP_STATUS_CANCELLED;
    return tell(m, w, tp_order_statuses[status], reason, err);
}

/* ---- prices ---------------------------------------------------------------------------------- */

/* a is beyond b in the sense that direction +1 pays more: a > b for +1, a < b for -1. */
static bool
dearer(int direction, struct tp_dec a, struct tp_dec b)
{
    return tp_dec_cmp(a, b) * direction > 0;
}

static int
to_tick(const struct tp_match *m, struct tp_dec *price, bool up, struct tp_err *err)
{
    if (tp_dec_none(*price))
        return 0;
    if (tp_dec_to_step(price, *price, m->symbol.tick_size, up ? TP_UP : TP_DOWN, err))
        return -1;
    if (tp_dec_sign(*price) <= 0)
        *price = m->symbol.tick_size;
    return 0;
}

/* R5: whether a resting limit is filled when price goes as far as extreme. */
static bool
reaches_limit(const struct tp_match *m, int direction, struct tp_dec limit, struct tp_dec extreme)
{
    tp_i128 past = direction > 0 ? limit.units - extreme.units : extreme.units - limit.units;

    return m->knobs.limit_fill == TP_LIMIT_TOUCH ? past >= 0 : past >= m->symbol.tick_size.units;
}

/* The best price of the bar for a position of that side, and the worst. */
static struct tp_dec
favourable(const struct tp_match *m, int side)
{
    return side > 0 ? m->bar.high : m->bar.low;
}

static struct tp_dec
adverse(const struct tp_match *m, int side)
{
    return side > 0 ? m->bar.low : m->bar.high;
}

static bool
is_stop(const struct tp_work *w)
{
    return w->type == TP_ORDER_STOP_MARKET || (w->type == TP_ORDER_STOP_LIMIT && !w->triggered)
           || (w->type == TP_ORDER_TRAILING_STOP && w->armed);
}

static bool
is_limit(const struct tp_work *w)
{
    return w->type == TP_ORDER_LIMIT || (w->type == TP_ORDER_STOP_LIMIT && w->triggered);
}

/* Whether the order may fill at this point of the bar.  One that only reduces rests while there is
 * nothing to reduce; a market order cannot rest and is cancelled instead. */
static bool
works(const struct tp_match *m, const struct tp_work *w)
{
    return !w->done && !w->held && w->latency == 0
           && (!w->reduce_only || w->type == TP_ORDER_MARKET || m->book->side == w->side);
}

/* R10: the level of a trailing stop from the best price seen, away from the price to a tick; it never
 * loosens. */
static int
trail_to(struct tp_match *m, struct tp_work *w, struct tp_dec best, struct tp_err *err)
{
    int           direction = tp_work_direction(w);
    struct tp_dec distance = w->trail_distance, level;

    if (!tp_dec_none(w->best) && !dearer(-direction, best, w->best) && !tp_dec_none(w->stop_price))
        return 0;
    w->best = best;
    if (tp_dec_none(distance)
        && tp_dec_muldiv(&distance, best, w->callback_rate, tp_dec_int(100), TP_HALF_AWAY, err))
        return -1;
    if (direction < 0 ? tp_dec_sub(&level, best, distance, err) : tp_dec_add(&level, best, distance, err))
        return -1;
    if (to_tick(m, &level, direction > 0, err))
        return -1;
    if (tp_dec_none(w->stop_price) || dearer(-direction, level, w->stop_price))
        w->stop_price = level;
    return 0;
}

/* R10: armed once the activation price is reached. */
static bool
arms(const struct tp_work *w, struct tp_dec seen)
{
    return w->armed || tp_dec_none(w->activation_price)
           || !dearer(tp_work_direction(w), seen, w->activation_price);
}

/* ---- taking and cancelling orders ------------------------------------------------------------ */

/* Room for one more order behind those that work. */
static struct tp_work *
make_room(struct tp_match *m)
{
    if (m->n == m->room) {
        m->room = m->room ? 2 * m->room : 16;
        m->work = tp_realloc(m->work, m->room * sizeof *m->work);
    }
    return &m->work[m->n];
}

/* Takes in the order that stands in the room made. */
static int
take(struct tp_match *m, struct tp_err *err)
{
    struct tp_work *w = &m->work[m->n++];

    w->number = m->next_number++;
    w->filled = TP_DEC_ZERO;
    w->fresh = true;
    w->done = w->held = w->triggered = w->close_only = false;
    w->latency = m->knobs.latency_bars;
    if (tp_uuid_none(w->id))
        w->id = make_id(m, w->created_at);
    m->counts.orders++;
    m->now = w->created_at;
    return tell(m, w, "PENDING", w->reason, err);
}

static int
push(struct tp_match *m, const struct tp_work *order, struct tp_err *err)
{
    *make_room(m) = *order;
    return take(m, err);
}

int
tp_match_submit(struct tp_match *m, const struct tp_work *order, int64_t *number, struct tp_err *err)
{
    struct tp_work *w = make_room(m);
    const char     *refused = NULL;
    int             direction;

    *w = *order;
    direction = tp_work_direction(w);
    /* R14: limits never better for us than asked, stops away from the market, quantities down. */
    if (to_tick(m, &w->price, direction < 0, err) || to_tick(m, &w->stop_price, direction > 0, err)
        || to_tick(m, &w->activation_price, direction < 0, err)
        || tp_dec_to_step(&w->quantity, w->quantity, m->symbol.step_size, TP_TOWARD_ZERO, err))
        return -1;
    if (tp_dec_sign(w->quantity) <= 0)
        refused = "MIN_QUANTITY";
    else if (!w->reduce_only && !tp_dec_none(m->symbol.max_quantity)
             && tp_dec_cmp(w->quantity, m->symbol.max_quantity) > 0)
        refused = "MAX_QUANTITY";
    if (take(m, err))
        return -1;
    w = &m->work[m->n - 1];
    *number = w->number;
    if (refused) {
        *number = 0;
        return finish(m, w, TP_STATUS_REJECTED, refused, err);
    }
    return 0;
}

struct tp_work *
tp_match_find(struct tp_match *m, int64_t number)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->work[i].number == number && !m->work[i].done)
            return &m->work[i];
    return NULL;
}

int
tp_match_cancel(struct tp_match *m, int64_t number, const char *reason, struct tp_err *err)
{
    struct tp_work *w = tp_match_find(m, number);

    return w ? finish(m, w, TP_STATUS_CANCELLED, reason, err) : 0;
}

static void
sweep(struct tp_match *m)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->n; i++)
        if (!m->work[i].done) {
            if (kept != i)
                m->work[kept] = m->work[i];
            kept++;
        }
    m->n = kept;
}

/* ---- brackets (R11) -------------------------------------------------------------------------- */

static int
level_of(struct tp_dec *out, const struct tp_offset *o, struct tp_dec entry, int side,
         struct tp_err *err)
{
    struct tp_dec distance = o->amount;

    *out = o->amount;
    if (o->kind == TP_OFFSET_PRICE)
        return 0;
    if (o->kind == TP_OFFSET_PERCENT
        && tp_dec_muldiv(&distance, entry, o->amount, tp_dec_int(100), TP_HALF_AWAY, err))
        return -1;
    return side > 0 ? tp_dec_add(out, entry, distance, err) : tp_dec_sub(out, entry, distance, err);
}

static int
push_child(struct tp_match *m, const struct tp_work *parent, enum tp_role role, struct tp_dec quantity,
           struct tp_dec price, struct tp_err *err)
{
    struct tp_work c = tp_work_init();
    int            direction = -parent->side;

    c.created_at = m->now;
    c.side = parent->side;
    c.reduce_only = true;
    c.role = role;
    c.quantity = quantity;
    c.parent = c.group = parent->number;
    c.group_left = parent->filled;
    tp_text_set(c.reason, sizeof c.reason, tp_roles[role], strlen(tp_roles[role]));
    if (role == TP_ROLE_TAKE_PROFIT) {
        c.type = TP_ORDER_LIMIT;
        c.price = price;
        if (to_tick(m, &c.price, direction < 0, err))
            return -1;
    } else if (role == TP_ROLE_STOP_LOSS) {
        c.type = TP_ORDER_STOP_MARKET;
        c.stop_price = price;
        if (to_tick(m, &c.stop_price, direction > 0, err))
            return -1;
    } else {
        c.type = TP_ORDER_TRAILING_STOP;
        if (parent->bracket.trailing.kind == TP_OFFSET_PERCENT)
            c.callback_rate = parent->bracket.trailing.amount;
        else
            c.trail_distance = parent->bracket.trailing.amount;
        c.armed = true;
        if (trail_to(m, &c, price, err))
            return -1;
    }
    if (push(m, &c, err))
        return -1;
    m->work[m->n - 1].fresh = false; /* R1: eligible at once, under R8 */
    m->work[m->n - 1].latency = 0;
    return 0;
}

/* Creates the children of an entry, or lets them grow with a further fill. */
static int
grow_children(struct tp_match *m, size_t at, struct tp_dec price, struct tp_dec opened,
              struct tp_err *err)
{
    const struct tp_bracket *b = &m->work[at].bracket;
    struct tp_work           parent;
    bool                     known = false;
    struct tp_dec            placed = TP_DEC_ZERO, portions = TP_DEC_ZERO, level, share;

    if (b->stop_loss.kind == TP_OFFSET_NONE && b->trailing.kind == TP_OFFSET_NONE && b->n_targets == 0)
        return 0;
    parent = m->work[at]; /* a copy: pushing may move the list */
    b = &parent.bracket;
    for (size_t i = 0; i < m->n; i++) {
        struct tp_work *c = &m->work[i];

        if (c->done || c->parent != parent.number)
            continue;
        known = true;
        share = opened;
        if (c->role == TP_ROLE_TAKE_PROFIT && b->n_targets > 1
            && (tp_dec_muldiv(&share, opened, b->portion[0], tp_dec_int(100), TP_TOWARD_ZERO, err)
                || tp_dec_to_step(&share, share, m->symbol.step_size, TP_TOWARD_ZERO, err)))
            return -1;
        if (tp_dec_add(&c->quantity, c->quantity, share, err)
            || tp_dec_add(&c->group_left, c->group_left, opened, err))
            return -1;
    }
    if (known)
        return 0;
    if (b->stop_loss.kind != TP_OFFSET_NONE) {
        if (level_of(&level, &b->stop_loss, price, -parent.side, err)
            || push_child(m, &parent, TP_ROLE_STOP_LOSS, opened, level, err))
            return -1;
    }
    if (b->trailing.kind != TP_OFFSET_NONE
        && push_child(m, &parent, TP_ROLE_TRAILING, opened, price, err))
        return -1;
    for (size_t i = 0; i < b->n_targets; i++) {
        if (tp_dec_add(&portions, portions, b->portion[i], err)
            || tp_dec_muldiv(&share, opened, b->portion[i], tp_dec_int(100), TP_TOWARD_ZERO, err)
            || tp_dec_to_step(&share, share, m->symbol.step_size, TP_TOWARD_ZERO, err))
            return -1;
        /* The last target of a whole position takes what rounding left over. */
        if (tp_dec_cmp(portions, tp_dec_int(100)) >= 0 && tp_dec_sub(&share, opened, placed, err))
            return -1;
        if (tp_dec_sign(share) <= 0)
            continue;
        if (tp_dec_add(&placed, placed, share, err)
            || level_of(&level, &b->target[i], price, parent.side, err)
            || push_child(m, &parent, TP_ROLE_TAKE_PROFIT, share, level, err))
            return -1;
    }
    return 0;
}

/* A fill of one of a group takes from what the others may still close. */
static int
shrink_group(struct tp_match *m, size_t at, struct tp_dec quantity, struct tp_err *err)
{
    int64_t       group = m->work[at].group;
    struct tp_dec left, open;

    if (!group || tp_dec_none(m->work[at].group_left))
        return 0;
    if (tp_dec_sub(&left, m->work[at].group_left, quantity, err))
        return -1;
    for (size_t i = 0; i < m->n; i++) {
        struct tp_work *w = &m->work[i];

        if (w->group != group || w->done)
            continue;
        w->group_left = left;
        if (i == at)
            continue;
        if (tp_dec_sign(left) <= 0) {
            if (finish(m, w, TP_STATUS_CANCELLED, "OCO", err))
                return -1;
            continue;
        }
        if (tp_dec_sub(&open, w->quantity, w->filled, err))
            return -1;
        if (tp_dec_cmp(open, left) > 0 && tp_dec_add(&w->quantity, w->filled, left, err))
            return -1;
    }
    return 0;
}

/* The position is gone: its children go too. */
static int
drop_children(struct tp_match *m, int side, const struct tp_work *but, struct tp_err *err)
{
    for (size_t i = 0; i < m->n; i++) {
        struct tp_work *w = &m->work[i];

        if (w != but && !w->done && w->parent && w->side == side
            && finish(m, w, TP_STATUS_CANCELLED, "POSITION_CLOSED", err))
            return -1;
    }
    return 0;
}

/* ---- one fill -------------------------------------------------------------------------------- */

/* Whole square root, rounded down. */
static tp_i128
root(tp_i128 value)
{
    tp_i128 low = 0, high = (tp_i128)1 << 62;

    while (low < high) {
        tp_i128 middle = (low + high + 1) / 2;

        if (middle * middle <= value)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* R12: slippage against the trader on a taker fill; never past the order's limit. */
static int
slip(const struct tp_match *m, const struct tp_work *w, struct tp_dec quantity, struct tp_dec *price,
     struct tp_err *err)
{
    int           direction = tp_work_direction(w);
    struct tp_dec bps, more, raw = *price;

    if (tp_dec_add(&bps, m->knobs.slippage_bps, m->knobs.half_spread_bps, err))
        return -1;
    if (m->knobs.impact != TP_IMPACT_OFF && !tp_dec_none(m->bar.volume)
        && tp_dec_sign(m->bar.volume) > 0) {
        struct tp_dec share;

        if (tp_dec_div(&share, quantity, m->bar.volume, TP_UP, err))
            return -1;
        share = tp_dec_min(share, tp_dec_int(1));
        if (m->knobs.impact == TP_IMPACT_SQRT)
            share.units = root(share.units * TP_DEC_ONE);
        else if (tp_dec_mul(&share, share, share, TP_UP, err))
            return -1;
        /* Ten percent of the price at a share of one: 1000 basis points. */
        if (tp_dec_mul(&share, share, tp_dec_int(1000), TP_UP, err) || tp_dec_add(&bps, bps, share, err))
            return -1;
    }
    if (bps.units == 0)
        return 0;
    if (tp_dec_muldiv(&more, raw, bps, tp_dec_int(10000), TP_UP, err)
        || (direction > 0 ? tp_dec_add(price, raw, more, err) : tp_dec_sub(price, raw, more, err))
        || to_tick(m, price, direction > 0, err))
        return -1;
    if (is_limit(w) || w->type == TP_ORDER_STOP_LIMIT)
        *price = direction > 0 ? tp_dec_min(*price, w->price) : tp_dec_max(*price, w->price);
    return 0;
}

/* R13: what the bar's volume allows of quantity; zero: nothing now. */
static int
volume_cap(struct tp_match *m, const struct tp_work *w, struct tp_dec *quantity, struct tp_err *err)
{
    struct tp_dec most, left;

    if (m->knobs.volume == TP_VOLUME_OFF || m->ending || tp_dec_none(m->bar.volume))
        return 0;
    if (tp_dec_sign(m->bar.volume) == 0) {
        *quantity = TP_DEC_ZERO;
        return 0;
    }
    if (tp_dec_muldiv(&most, m->bar.volume, m->knobs.max_participation, tp_dec_int(100),
                      TP_TOWARD_ZERO, err))
        return -1;
    if (m->knobs.volume == TP_VOLUME_WARN) {
        m->counts.volume_warnings += tp_dec_cmp(*quantity, most) > 0;
        return 0;
    }
    if (tp_dec_sub(&left, most, m->used, err)
        || tp_dec_to_step(&left, left, m->symbol.step_size, TP_TOWARD_ZERO, err))
        return -1;
    if (tp_dec_sign(left) < 0)
        left = TP_DEC_ZERO;
    if (tp_dec_cmp(*quantity, left) > 0)
        *quantity = w->tif == TP_TIF_FOK ? TP_DEC_ZERO : left;
    return 0;
}

static int
fee_of(const struct tp_match *m, struct tp_dec price, struct tp_dec quantity, bool taker,
       struct tp_dec *fee, struct tp_err *err)
{
    struct tp_dec notional;

    return tp_dec_mul(&notional, price, quantity, TP_HALF_AWAY, err)
                   || tp_dec_mul_rate(fee, notional,
                                      taker ? m->symbol.taker_fee_rate : m->symbol.maker_fee_rate,
                                      TP_UP, err)
               ? -1
               : 0;
}

/* The margin that is free once the closing part of a fill is done: tried out on a copy of the book. */
static int
free_after_closing(const struct tp_match *m, const struct tp_fill *fill, struct tp_dec opening,
                   bool taker, struct tp_dec *out, struct tp_err *err)
{
    struct tp_fill part = *fill;
    struct tp_book tried;
    struct tp_trip trip;
    struct tp_dec  pnl;
    int            closed;

    if (fill->quantity.units == opening.units)
        return tp_dec_sub(out, m->book->wallet, m->book->margin, err);
    tried = *m->book;
    return tp_dec_sub(&part.quantity, fill->quantity, opening, err)
                   || fee_of(m, part.price, part.quantity, taker, &part.fee, err)
                   || tp_book_apply(&tried, &part, &pnl, &trip, &closed, err)
                   || tp_dec_sub(out, tried.wallet, tried.margin, err)
               ? -1
               : 0;
}

/* R18: margin and fee of the part that opens must be free.  Answers with the quantity of that part
 * that fits. */
static int
margin_fits(const struct tp_match *m, const struct tp_fill *fill, struct tp_dec opening, bool taker,
            bool shrink, struct tp_dec *fits, struct tp_err *err)
{
    struct tp_dec need, fee, notional, free_margin = TP_DEC_NONE, unit;

    *fits = opening;
    if (free_after_closing(m, fill, opening, taker, &free_margin, err)
        || tp_dec_mul(&notional, fill->price, opening, TP_HALF_AWAY, err)
        || tp_dec_div(&need, notional, fill->leverage, TP_UP, err)
        || fee_of(m, fill->price, opening, taker, &fee, err) || tp_dec_add(&need, need, fee, err))
        return -1;
    if (tp_dec_cmp(need, free_margin) <= 0)
        return 0;
    *fits = TP_DEC_ZERO;
    if (!shrink || tp_dec_sign(free_margin) <= 0)
        return 0;
    /* Per unit: price / leverage + price * fee rate; one step less where rounding would not fit. */
    if (tp_dec_div(&unit, fill->price, fill->leverage, TP_UP, err)
        || fee_of(m, fill->price, tp_dec_int(1), taker, &fee, err) || tp_dec_add(&unit, unit, fee, err)
        || tp_dec_div(fits, free_margin, unit, TP_TOWARD_ZERO, err)
        || tp_dec_to_step(fits, *fits, m->symbol.step_size, TP_TOWARD_ZERO, err))
        return -1;
    if (tp_dec_sign(*fits) > 0) {
        if (tp_dec_mul(&notional, fill->price, *fits, TP_HALF_AWAY, err)
            || tp_dec_div(&need, notional, fill->leverage, TP_UP, err)
            || fee_of(m, fill->price, *fits, taker, &fee, err) || tp_dec_add(&need, need, fee, err))
            return -1;
        if (tp_dec_cmp(need, free_margin) > 0 && tp_dec_sub(fits, *fits, m->symbol.step_size, err))
            return -1;
    }
    return 0;
}

/* R14 and R18 for an order that opens: NULL, or the reason to reject it. */
static const char *
too_small(const struct tp_match *m, struct tp_dec price, struct tp_dec quantity, struct tp_err *err)
{
    struct tp_dec notional;

    if (!tp_dec_none(m->symbol.min_quantity) && tp_dec_cmp(quantity, m->symbol.min_quantity) < 0)
        return "MIN_QUANTITY";
    if (tp_dec_mul(&notional, price, quantity, TP_HALF_AWAY, err))
        return "OUT_OF_RANGE";
    if (!tp_dec_none(m->symbol.min_notional) && tp_dec_cmp(notional, m->symbol.min_notional) < 0)
        return "MIN_NOTIONAL";
    return NULL;
}

static int
tell_trade(struct tp_match *m, const struct tp_work *w, const struct tp_fill *f, bool taker,
           struct tp_dec pnl, struct tp_err *err)
{
    struct tp_trade t;

    if (!m->sink.trade)
        return 0;
    tp_record_init(&tp_trade_record, &t);
    t.executed_at = f->at;
    t.id = make_id(m, f->at);
    t.order_id = w->id;
    memcpy(t.exchange, m->symbol.exchange, sizeof t.exchange);
    memcpy(t.symbol, m->symbol.symbol, sizeof t.symbol);
    tp_text_set(t.side, sizeof t.side, f->direction > 0 ? "BUY" : "SELL", f->direction > 0 ? 3 : 4);
    t.price = f->price;
    t.quantity = f->quantity;
    t.fee = f->fee;
    memcpy(t.fee_currency, m->symbol.quote_currency, sizeof t.fee_currency);
    tp_text_set(t.liquidity, sizeof t.liquidity, taker ? "TAKER" : "MAKER", 5);
    t.pnl = pnl;
    tp_text_set(t.status, sizeof t.status, "SUCCESS", 7);
    return m->sink.trade(m->sink.to, &t, err);
}

/* Fills order `at` at the price (before slippage).  *filled says whether anything was filled. */
static int
fill(struct tp_match *m, size_t at, struct tp_dec raw, bool taker, bool *filled, struct tp_err *err)
{
    struct tp_work *w = &m->work[at];
    struct tp_fill  f = {.at = m->now, .direction = tp_work_direction(w)};
    struct tp_book *b = m->book;
    int             side_before = b->side, closed = 0;
    struct tp_dec   left, opening, pnl, fits;
    struct tp_trip  trip;
    bool            flat, whole, turned;

    *filled = false;
    if (tp_dec_sub(&left, w->quantity, w->filled, err))
        return -1;
    if (w->reduce_only) {
        if (b->side != w->side)
            return finish(m, w, TP_STATUS_CANCELLED, "REDUCE_ONLY", err);
        left = tp_dec_min(left, b->quantity);
    } else if (w->reverse && b->side == -f.direction) {
        if (tp_dec_add(&left, left, b->quantity, err)
            || tp_dec_add(&w->quantity, w->quantity, b->quantity, err))
            return -1;
        w->reverse = false;
    }
    f.quantity = left;
    if (volume_cap(m, w, &f.quantity, err))
        return -1;
    if (tp_dec_sign(f.quantity) <= 0)
        return 0;
    f.price = raw;
    if (taker && slip(m, w, f.quantity, &f.price, err))
        return -1;
    f.leverage = tp_dec_int(m->knobs.leverage);
    f.role = w->role;
    f.reason = w->reason[0] ? w->reason : tp_roles[w->role];
    opening = f.quantity;
    if (b->side == -f.direction
        && tp_dec_sub(&opening, f.quantity, tp_dec_min(f.quantity, b->quantity), err))
        return -1;
    if (tp_dec_sign(opening) > 0) {
        const char *why = b->side == -f.direction ? NULL : too_small(m, f.price, f.quantity, err);

        if (why)
            return finish(m, w, TP_STATUS_REJECTED, why, err);
        if (margin_fits(m, &f, opening, taker,
                        w->shrink || m->knobs.margin == TP_MARGIN_SHRINK, &fits, err))
            return -1;
        if (tp_dec_cmp(fits, opening) < 0) {
            /* What closes the other side still happens; the order ends with what fits. */
            if (tp_dec_sub(&f.quantity, f.quantity, opening, err)
                || tp_dec_add(&f.quantity, f.quantity, fits, err))
                return -1;
            if (tp_dec_sign(f.quantity) <= 0
                || (tp_dec_sign(fits) > 0 && opening.units == left.units
                    && too_small(m, f.price, fits, err)))
                return finish(m, w, TP_STATUS_REJECTED, "INSUFFICIENT_MARGIN", err);
            if (tp_dec_add(&w->quantity, w->filled, f.quantity, err))
                return -1;
            left = f.quantity;
            opening = fits;
        }
    }
    f.slippage = TP_DEC_ZERO;
    if (fee_of(m, f.price, f.quantity, taker, &f.fee, err)
        || (f.price.units != raw.units
            && tp_dec_mul(&f.slippage, tp_dec_abs((struct tp_dec){f.price.units - raw.units}), f.quantity,
                          TP_HALF_AWAY, err))
        || tp_book_apply(b, &f, &pnl, &trip, &closed, err)
        || tp_dec_add(&w->filled, w->filled, f.quantity, err)
        || tp_dec_add(&m->used, m->used, f.quantity, err))
        return -1;
    *filled = true;
    if (tell_trade(m, w, &f, taker, pnl, err))
        return -1;
    whole = tp_dec_cmp(f.quantity, left) >= 0;
    flat = b->side == 0;
    turned = side_before != 0 && b->side != side_before;
    if (whole)
        w->quantity = w->filled;
    w->done = whole;
    if (tell(m, w, tp_order_statuses[whole ? TP_STATUS_FILLED : TP_STATUS_PARTIALLY_FILLED], f.reason,
             err))
        return -1;
    if (closed && m->sink.trip && m->sink.trip(m->sink.to, &trip, err))
        return -1;
    if (shrink_group(m, at, f.quantity, err))
        return -1;
    if ((flat || turned) && drop_children(m, side_before, w, err))
        return -1;
    if (tp_dec_sign(opening) > 0 && !w->reduce_only && grow_children(m, at, f.price, opening, err))
        return -1;
    return 0;
}

/* ---- R8, R9: exits in the bar of the entry ---------------------------------------------------- */

/* Whether a stop of the new position is counted as reached in the rest of this bar. */
static bool
stop_counts(const struct tp_match *m, const struct tp_work *child, bool entered_by_stop)
{
    int           side = child->side;
    struct tp_dec worst = adverse(m, side);
    bool          by_close = !dearer(side, m->bar.close, child->stop_price);
    bool          by_worst = !dearer(side, worst, child->stop_price);

    switch (m->knobs.same_bar_exit) {
    case TP_SAME_PESSIMISTIC:
        if (!entered_by_stop)
            return by_worst;
        /* The way from the open to the entry is over: an extreme that is the open itself lies in it. */
        return by_close || (by_worst && worst.units != m->bar.open.units);
    case TP_SAME_CERTAIN:
        return entered_by_stop ? by_close : by_worst;
    default:
        return false;
    }
}

static bool
target_counts(const struct tp_match *m, const struct tp_work *child, bool entered_by_stop)
{
    struct tp_dec last = entered_by_stop ? favourable(m, child->side) : m->bar.close;

    if (m->knobs.same_bar_exit == TP_SAME_MARKET_ONLY || m->knobs.same_bar_exit == TP_SAME_NEVER)
        return false;
    return reaches_limit(m, -child->side, child->price, last);
}

static int
count_ambiguous(struct tp_match *m, const struct tp_work *stop, const struct tp_work *target,
                struct tp_err *err)
{
    struct tp_dec gain, distance = {stop->side > 0 ? target->price.units - stop->stop_price.units
                                                   : stop->stop_price.units - target->price.units};

    m->counts.ambiguous++;
    return tp_dec_mul(&gain, distance, tp_dec_min(target->quantity, stop->quantity), TP_HALF_AWAY, err)
                   || tp_dec_add(&m->counts.ambiguous_gain, m->counts.ambiguous_gain, gain, err)
               ? -1
               : 0;
}

/* After an intrabar entry: its children fill now or wait for the next bar. */
static int
same_bar(struct tp_match *m, int64_t parent, struct tp_dec price, bool entered_by_stop,
         struct tp_err *err)
{
    size_t stop = SIZE_MAX, target = SIZE_MAX, n = m->n;
    bool   filled;

    for (size_t i = 0; i < n; i++) {
        struct tp_work *c = &m->work[i];

        if (c->done || c->parent != parent || c->held)
            continue;
        c->held = true;
        c->entry_was_stop = entered_by_stop;
        if (c->role != TP_ROLE_TAKE_PROFIT && stop_counts(m, c, entered_by_stop)
            && (stop == SIZE_MAX || dearer(c->side, c->stop_price, m->work[stop].stop_price)))
            stop = i;
        if (c->role == TP_ROLE_TAKE_PROFIT && target_counts(m, c, entered_by_stop)
            && target == SIZE_MAX)
            target = i;
    }
    if (stop != SIZE_MAX) {
        if (target != SIZE_MAX && count_ambiguous(m, &m->work[stop], &m->work[target], err))
            return -1;
        /* A stop on the wrong side of the entry fills where the price is (R6). */
        if (dearer(m->work[stop].side, price, m->work[stop].stop_price))
            price = m->work[stop].stop_price;
        return fill(m, stop, price, true, &filled, err);
    }
    for (size_t i = target; i < n && target != SIZE_MAX; i++) {
        struct tp_work *c = &m->work[i];

        if (!c->done && c->parent == parent && c->role == TP_ROLE_TAKE_PROFIT
            && target_counts(m, c, entered_by_stop) && fill(m, i, c->price, false, &filled, err))
            return -1;
    }
    return 0;
}

/* Fills an order at a point of the bar and deals with the children of an entry. */
static int
execute(struct tp_match *m, size_t at, struct tp_dec price, bool taker, enum where where,
        struct tp_err *err)
{
    int64_t number = m->work[at].number;
    bool    entry = !m->work[at].reduce_only, filled;
    bool    by_stop = m->work[at].type == TP_ORDER_STOP_MARKET
                   || m->work[at].type == TP_ORDER_TRAILING_STOP
                   || (m->work[at].type == TP_ORDER_STOP_LIMIT && taker);

    if (fill(m, at, price, taker, &filled, err))
        return -1;
    if (!entry || !filled)
        return 0;
    if (where == INTRABAR)
        return same_bar(m, number, price, by_stop, err);
    if (where == AT_CLOSE || m->knobs.same_bar_exit == TP_SAME_NEVER)
        for (size_t i = 0; i < m->n; i++)
            if (!m->work[i].done && m->work[i].parent == number)
                m->work[i].held = true;
    return 0;
}

/* ---- R2 steps 3 to 5: the open ---------------------------------------------------------------- */

/* A stop that the open is at or beyond fills there (R6); a stop-limit becomes a limit (R7). */
static int
open_stop(struct tp_match *m, size_t at, struct tp_err *err)
{
    struct tp_work *w = &m->work[at];
    int             direction = tp_work_direction(w);

    if (dearer(direction, w->stop_price, m->bar.open))
        return 0;
    if (w->type != TP_ORDER_STOP_LIMIT)
        return execute(m, at, m->bar.open, true, AT_OPEN, err);
    w->triggered = true;
    if (tell(m, w, "TRIGGERED", "", err))
        return -1;
    if (!dearer(direction, m->bar.open, w->price))
        return execute(m, at, m->bar.open, true, AT_OPEN, err);
    return 0;
}

static int
open_limit(struct tp_match *m, size_t at, struct tp_err *err)
{
    struct tp_work *w = &m->work[at];
    int             direction = tp_work_direction(w);
    struct tp_dec   open = m->bar.open;

    if (w->fresh) { /* R5: marketable, or it begins to rest */
        bool inside = !dearer(direction, open, w->price);

        if (inside && w->tif == TP_TIF_GTX)
            return finish(m, w, TP_STATUS_EXPIRED, "POST_ONLY", err);
        if (inside && execute(m, at, open, true, AT_OPEN, err))
            return -1;
        w = &m->work[at];
        if (!w->done && (w->tif == TP_TIF_IOC || w->tif == TP_TIF_FOK))
            return finish(m, w, TP_STATUS_EXPIRED, tp_tifs[w->tif], err);
        return 0;
    }
    if (!dearer(direction, w->price, open) || m->knobs.limit_fill == TP_LIMIT_CLOSE_THROUGH)
        return 0;
    return execute(m, at, m->knobs.limit_gap == TP_GAP_OPEN ? open : w->price, false, AT_OPEN, err);
}

/* R10: the level knows the bars before and this open. */
static int
trail_open(struct tp_match *m, struct tp_err *err)
{
    for (size_t i = 0; i < m->n; i++) {
        struct tp_work *w = &m->work[i];

        if (!works(m, w) || w->type != TP_ORDER_TRAILING_STOP)
            continue;
        w->armed = arms(w, m->bar.open);
        if (w->armed && (m->knobs.trail != TP_TRAIL_CLOSE || tp_dec_none(w->stop_price))
            && trail_to(m, w, m->bar.open, err))
            return -1;
    }
    return 0;
}

static int
at_open(struct tp_match *m, struct tp_err *err)
{
    size_t n = m->n; /* children made here do not see this bar's open again */

    if (trail_open(m, err))
        return -1;
    for (size_t i = 0; i < n; i++) /* step 3: gapped protective orders */
        if (works(m, &m->work[i]) && m->work[i].reduce_only) {
            if (is_stop(&m->work[i]) && open_stop(m, i, err))
                return -1;
            if (works(m, &m->work[i]) && is_limit(&m->work[i]) && !m->work[i].fresh
                && open_limit(m, i, err))
                return -1;
        }
    for (int entries = 0; entries < 2; entries++) /* step 4: exits, then entries */
        for (size_t i = 0; i < n; i++) {
            struct tp_work *w = &m->work[i];

            if (!works(m, w) || w->type != TP_ORDER_MARKET || w->reduce_only == (entries == 1))
                continue;
            if (execute(m, i, m->bar.open, true, AT_OPEN, err))
                return -1;
            w = &m->work[i];
            if (!w->done && (w->tif == TP_TIF_IOC || w->tif == TP_TIF_FOK)
                && finish(m, w, TP_STATUS_EXPIRED, tp_tifs[w->tif], err))
                return -1;
        }
    for (size_t i = 0; i < n; i++) { /* step 5: marketable limits, gapped stops */
        struct tp_work *w = &m->work[i];

        if (!works(m, w))
            continue;
        if (is_limit(w) && (w->fresh || !w->reduce_only)) {
            if (w->type == TP_ORDER_STOP_LIMIT && w->triggered && w->fresh)
                continue; /* triggered by this very open in step 3 */
            if (open_limit(m, i, err))
                return -1;
        } else if (is_stop(w) && !w->reduce_only && open_stop(m, i, err)) {
            return -1;
        }
    }
    return trail_open(m, err); /* those whose position was opened just now */
}

/* ---- R2 step 6: the path ---------------------------------------------------------------------- */

/* The price at which the order is hit when the market moves from -> to; none when it is not. */
static struct tp_dec
hit(const struct tp_match *m, const struct tp_work *w, struct tp_dec from, struct tp_dec to)
{
    int direction = tp_work_direction(w), move = tp_dec_cmp(to, from);

    if (move == 0)
        move = -direction; /* no movement: a limit at this very price could be touched */
    if (is_limit(w)) {
        if (w->close_only || m->knobs.limit_fill == TP_LIMIT_CLOSE_THROUGH || move == direction
            || !reaches_limit(m, direction, w->price, to))
            return TP_DEC_NONE;
        return dearer(direction, w->price, from) ? TP_DEC_NONE : w->price;
    }
    if (is_stop(w)) {
        if (move != direction || dearer(direction, w->stop_price, to))
            return TP_DEC_NONE;
        return dearer(direction, from, w->stop_price) ? from : w->stop_price;
    }
    return TP_DEC_NONE;
}

static int
trigger(struct tp_match *m, size_t at, struct tp_dec price, struct tp_err *err)
{
    struct tp_work *w = &m->work[at];

    if (w->type != TP_ORDER_STOP_LIMIT || w->triggered)
        return execute(m, at, price, !is_limit(w), INTRABAR, err);
    w->triggered = true;
    if (tell(m, w, "TRIGGERED", "", err))
        return -1;
    if (!dearer(tp_work_direction(w), price, w->price))
        return execute(m, at, price, true, INTRABAR, err);
    w->close_only = true; /* R7: the limit lies on the far side of the stop */
    return 0;
}

static int
walk(struct tp_match *m, struct tp_dec from, struct tp_dec to, struct tp_err *err)
{
    for (;;) {
        size_t        first = SIZE_MAX;
        struct tp_dec price = TP_DEC_NONE;

        for (size_t i = 0; i < m->n; i++) {
            struct tp_work *w = &m->work[i];
            struct tp_dec   p;
            tp_i128         near, best;

            if (!works(m, w))
                continue;
            p = hit(m, w, from, to);
            if (tp_dec_none(p))
                continue;
            near = tp_dec_abs((struct tp_dec){p.units - from.units}).units;
            best = first == SIZE_MAX ? 0 : tp_dec_abs((struct tp_dec){price.units - from.units}).units;
            /* Nearest first; of equals exits, then the earlier order. */
            if (first == SIZE_MAX || near < best
                || (near == best && w->reduce_only && !m->work[first].reduce_only)) {
                first = i;
                price = p;
            }
        }
        if (first == SIZE_MAX)
            return 0;
        {
            bool           was_triggered = m->work[first].triggered;
            struct tp_dec  before = m->work[first].filled;
            const size_t   at = first;

            if (trigger(m, at, price, err))
                return -1;
            /* Nothing happened (no volume): it waits for the next bar. */
            if (!m->work[at].done && m->work[at].triggered == was_triggered
                && m->work[at].filled.units == before.units)
                m->work[at].held = true;
            else if (!m->work[at].done && m->work[at].filled.units != before.units)
                m->work[at].held = true; /* the bar's share of volume is used up */
        }
        from = price;
    }
}

/* The entry that the move from the open to an extreme hits first, with its price; false: none. */
struct nearest {
    struct tp_dec distance, at_close; /* at_close: how it stands at the close, per unit */
};

static bool
nearest_entry(const struct tp_match *m, struct tp_dec to, struct nearest *out)
{
    bool any = false;

    for (size_t i = 0; i < m->n; i++) {
        const struct tp_work *w = &m->work[i];
        struct tp_dec         p, distance;

        if (!works(m, w) || w->reduce_only)
            continue;
        p = hit(m, w, m->bar.open, to);
        if (tp_dec_none(p))
            continue;
        distance = tp_dec_abs((struct tp_dec){p.units - m->bar.open.units});
        if (any && tp_dec_cmp(distance, out->distance) >= 0)
            continue;
        any = true;
        out->distance = distance;
        out->at_close.units = (m->bar.close.units - p.units) * tp_work_direction(w);
    }
    return any;
}

/* R3: whether the low comes before the high. */
static bool
low_first(const struct tp_match *m)
{
    const struct tp_bar *b = &m->bar;
    struct nearest       below, above;
    bool                 any_below, any_above;

    /* trail=high_first: the favourable extreme first wherever a stop trails. */
    for (size_t i = 0; i < m->n && m->knobs.trail == TP_TRAIL_HIGH_FIRST; i++)
        if (m->work[i].type == TP_ORDER_TRAILING_STOP && works(m, &m->work[i]))
            return tp_work_direction(&m->work[i]) > 0;
    switch (m->knobs.path) {
    case TP_PATH_OHLC:
        return false;
    case TP_PATH_OLHC:
        return true;
    case TP_PATH_COLOR:
        return tp_dec_cmp(b->close, b->open) >= 0;
    case TP_PATH_NEAREST:
        return b->open.units - b->low.units <= b->high.units - b->open.units;
    default:
        break;
    }
    if (m->book->side)
        return m->book->side > 0;
    any_below = nearest_entry(m, b->low, &below);
    any_above = nearest_entry(m, b->high, &above);
    if (!any_below || !any_above)
        return any_below;
    if (tp_dec_cmp(below.distance, above.distance) != 0)
        return tp_dec_cmp(below.distance, above.distance) < 0;
    return tp_dec_cmp(below.at_close, above.at_close) < 0; /* the one that ends worse */
}

/* R9: with both_hit=sl a take-profit waits while a stop of its group is within the bar's reach. */
static int
block_targets(struct tp_match *m, struct tp_err *err)
{
    bool counted = false;

    if (m->knobs.both_hit != TP_BOTH_SL || m->book->side == 0)
        return 0;
    for (size_t s = 0; s < m->n; s++) {
        struct tp_work *stop = &m->work[s];

        if (!works(m, stop) || !stop->reduce_only || !is_stop(stop) || stop->side != m->book->side
            || dearer(stop->side, adverse(m, stop->side), stop->stop_price))
            continue;
        for (size_t t = 0; t < m->n; t++) {
            struct tp_work *target = &m->work[t];

            if (!works(m, target) || !target->reduce_only || !is_limit(target)
                || target->side != stop->side || target->group != stop->group
                || !reaches_limit(m, -target->side, target->price, favourable(m, target->side)))
                continue;
            if (!counted && count_ambiguous(m, stop, target, err))
                return -1;
            counted = true;
            target->held = true;
        }
    }
    return 0;
}

/* Trailing stops that follow before the path is walked (trail=high_first). */
static int
trail_early(struct tp_match *m, struct tp_err *err)
{
    for (size_t i = 0; i < m->n; i++) {
        struct tp_work *w = &m->work[i];

        if (!works(m, w) || w->type != TP_ORDER_TRAILING_STOP || m->knobs.trail != TP_TRAIL_HIGH_FIRST)
            continue;
        w->armed = arms(w, favourable(m, -tp_work_direction(w)));
        if (w->armed && trail_to(m, w, favourable(m, -tp_work_direction(w)), err))
            return -1;
    }
    return 0;
}

/* What is decided at the close: limits that need the close beyond them, and trailing stops. */
static int
at_close(struct tp_match *m, struct tp_err *err)
{
    size_t n = m->n;

    m->now = m->bar.close_time;
    for (size_t i = 0; i < n; i++) {
        struct tp_work *w = &m->work[i];
        int             direction = tp_work_direction(w);

        if (w->done || w->latency || (w->reduce_only && m->book->side != w->side))
            continue;
        if (is_limit(w) && !w->held
            && (w->close_only || m->knobs.limit_fill == TP_LIMIT_CLOSE_THROUGH)) {
            if (reaches_limit(m, direction, w->price, m->bar.close)
                && execute(m, i, w->price, false, AT_CLOSE, err))
                return -1;
        } else if (w->type == TP_ORDER_TRAILING_STOP) {
            struct tp_dec best = favourable(m, -direction);

            /* The best price of an entry bar may lie before the entry, except after a stop entry. */
            if (m->knobs.trail == TP_TRAIL_CLOSE || (w->held && !w->entry_was_stop))
                best = m->bar.close;
            w->armed = arms(w, best);
            if (!w->armed || trail_to(m, w, best, err))
                continue;
            if (m->knobs.trail == TP_TRAIL_LAGGED && m->knobs.same_bar_exit != TP_SAME_NEVER
                && !dearer(-direction, m->bar.close, w->stop_price)
                && execute(m, i, w->stop_price, true, AT_CLOSE, err))
                return -1;
        }
    }
    return 0;
}

/* ---- the bar --------------------------------------------------------------------------------- */

int
tp_match_bar(struct tp_match *m, const struct tp_bar *bar, struct tp_err *err)
{
    struct tp_dec first, second;

    m->bar = *bar;
    m->now = bar->open_time;
    m->used = TP_DEC_ZERO;
    if (m->n == 0)
        return 0;
    if (!bar->synthetic) {
        bool down;

        if (at_open(m, err) || trail_early(m, err) || block_targets(m, err))
            return -1;
        down = low_first(m);
        first = down ? bar->low : bar->high;
        second = down ? bar->high : bar->low;
        if (walk(m, bar->open, first, err) || walk(m, first, second, err)
            || walk(m, second, bar->close, err) || at_close(m, err))
            return -1;
    }
    for (size_t i = 0; i < m->n; i++) { /* step 9; R24 */
        struct tp_work *w = &m->work[i];

        if (w->done)
            continue;
        w->held = w->close_only = false;
        if (w->latency) {
            w->latency--;
            continue;
        }
        if (!bar->synthetic)
            w->fresh = false;
        if (((w->expire_bars && --w->expire_bars == 0)
             || (!tp_time_none(w->expires_at) && bar->close_time.us >= w->expires_at.us))
            && finish(m, w, TP_STATUS_EXPIRED, "GOOD_TILL", err))
            return -1;
    }
    sweep(m);
    return 0;
}

int
tp_match_tighten(struct tp_match *m, int side, struct tp_dec price, struct tp_err *err)
{
    struct tp_work stop = tp_work_init();
    bool           known = false;

    if (to_tick(m, &price, side < 0, err))
        return -1;
    for (size_t i = 0; i < m->n; i++) {
        struct tp_work *w = &m->work[i];

        if (w->done || w->role != TP_ROLE_STOP_LOSS || w->side != side)
            continue;
        known = true;
        if (dearer(side, price, w->stop_price))
            w->stop_price = price;
    }
    if (known || m->book->side != side)
        return 0;
    stop.created_at = m->bar.close_time;
    stop.side = side;
    stop.reduce_only = true;
    stop.role = TP_ROLE_STOP_LOSS;
    stop.type = TP_ORDER_STOP_MARKET;
    stop.stop_price = price;
    stop.quantity = m->book->quantity;
    stop.parent = -1; /* a child of the position: goes with it */
    return push(m, &stop, err);
}

int
tp_match_at_close(struct tp_match *m, const struct tp_bar *bar, struct tp_err *err)
{
    size_t n = m->n;

    if (m->knobs.fill != TP_FILL_CLOSE || bar->synthetic)
        return 0;
    m->bar = *bar;
    m->now = bar->close_time;
    for (int entries = 0; entries < 2; entries++)
        for (size_t i = 0; i < n; i++)
            if (works(m, &m->work[i]) && m->work[i].type == TP_ORDER_MARKET && m->work[i].fresh
                && m->work[i].reduce_only == (entries == 0)
                && execute(m, i, bar->close, true, AT_CLOSE, err))
                return -1;
    for (size_t i = 0; i < m->n; i++)
        m->work[i].held = false;
    sweep(m);
    return 0;
}

int
tp_match_end(struct tp_match *m, const struct tp_bar *bar, struct tp_err *err)
{
    struct tp_work close = tp_work_init();
    bool           filled;

    m->bar = *bar;
    m->now = bar->close_time;
    for (size_t i = 0; i < m->n; i++)
        if (!m->work[i].done && finish(m, &m->work[i], TP_STATUS_EXPIRED, "END_OF_DATA", err))
            return -1;
    sweep(m);
    if (m->knobs.end_of_data == TP_END_KEEP_OPEN || m->book->side == 0)
        return 0;
    close.side = m->book->side;
    close.reduce_only = true;
    close.role = TP_ROLE_END_OF_DATA;
    close.quantity = m->book->quantity;
    close.created_at = bar->close_time;
    m->ending = true;
    if (push(m, &close, err) || fill(m, m->n - 1, bar->close, true, &filled, err))
        return -1;
    sweep(m);
    return 0;
}

bool
tp_match_quiet(const struct tp_match *m, struct tp_dec *low, struct tp_dec *high)
{
    *low = TP_DEC_ZERO;
    *high = TP_DEC_MAX;
    for (size_t i = 0; i < m->n; i++) {
        const struct tp_work *w = &m->work[i];
        struct tp_dec         at;
        bool                  below;

        if (w->done)
            continue;
        if (w->fresh || w->latency || w->expire_bars || !tp_time_none(w->expires_at)
            || w->type == TP_ORDER_MARKET
            || w->type == TP_ORDER_TRAILING_STOP)
            return false;
        at = is_limit(w) ? w->price : w->stop_price;
        /* A buy limit and a sell stop lie below the market, the others above. */
        below = (tp_work_direction(w) > 0) == is_limit(w);
        if (below)
            *low = tp_dec_max(*low, at);
        else
            *high = tp_dec_min(*high, at);
    }
    return true;
}
