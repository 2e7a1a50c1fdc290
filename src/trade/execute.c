#include "trade/execute.h"

#include <string.h>

#include "base/banned.h"
#include "trade/bracket.h"
#include "trade/funding.h"
#include "trade/margin.h"
#include "trade/work.h"

/* ---- price, quantity, margin ------------------------------------------------------------------
 */

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
slip(const struct tp_match *m, const struct tp_work *w, struct tp_dec quantity,
     struct tp_dec *price, struct tp_err *err)
{
    int direction = tp_work_direction(w);
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
        if (tp_dec_mul(&share, share, tp_dec_int(1000), TP_UP, err)
            || tp_dec_add(&bps, bps, share, err))
            return -1;
    }
    if (bps.units == 0)
        return 0;
    if (tp_dec_muldiv(&more, raw, bps, tp_dec_int(10000), TP_UP, err)
        || (direction > 0 ? tp_dec_add(price, raw, more, err) : tp_dec_sub(price, raw, more, err))
        || tp_work_tick(m, price, direction > 0, err))
        return -1;
    if (tp_work_is_limit(w) || w->type == TP_ORDER_STOP_LIMIT)
        *price = direction > 0 ? tp_dec_min(*price, w->price) : tp_dec_max(*price, w->price);
    return 0;
}

/* R13: what the bar's volume allows of quantity; zero: nothing now. */
static int
volume_cap(struct tp_match *m, const struct tp_work *w, struct tp_dec *quantity, struct tp_err *err)
{
    struct tp_dec most, left;

    if (m->knobs.volume == TP_VOLUME_OFF || m->forced || tp_dec_none(m->bar.volume))
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

struct cost {
    struct tp_dec notional, fee;
};

static int
cost_of(const struct tp_match *m, struct tp_dec price, struct tp_dec quantity, bool taker,
        struct cost *out, struct tp_err *err)
{
    struct tp_rate rate = taker ? m->symbol.taker_fee_rate : m->symbol.maker_fee_rate;

    return tp_dec_mul(&out->notional, price, quantity, TP_HALF_AWAY, err)
                   || tp_dec_mul_rate(&out->fee, out->notional, rate, TP_UP, err)
               ? -1
               : 0;
}

/* Initial margin and fee. */
static int
margin_need(const struct tp_fill *fill, const struct cost *cost, struct tp_dec *out,
            struct tp_err *err)
{
    return tp_dec_div(out, cost->notional, fill->leverage, TP_UP, err)
                   || tp_dec_add(out, *out, cost->fee, err)
               ? -1
               : 0;
}

/* The margin that is free once the closing part of a fill is done: tried out on a copy of the book.
 */
static int
free_after_closing(const struct tp_match *m, const struct tp_fill *fill, struct tp_dec opening,
                   bool taker, struct tp_dec *out, struct tp_err *err)
{
    struct tp_fill part = *fill;
    struct tp_book tried;
    struct tp_trip trip;
    struct tp_dec pnl;
    struct cost cost;
    int closed;

    if (fill->quantity.units == opening.units)
        return tp_book_free(m->book, out, err);
    tried = *m->book;
    if (tp_dec_sub(&part.quantity, fill->quantity, opening, err)
        || cost_of(m, part.price, part.quantity, taker, &cost, err))
        return -1;
    part.fee = cost.fee;
    return tp_book_apply(&tried, &part, &pnl, &trip, &closed, err)
                   || tp_book_free(&tried, out, err)
               ? -1
               : 0;
}

/* R18: margin and fee of the part that opens must be free.  Answers with the quantity of that part
 * that fits.  whole is the cost of the whole fill. */
static int
margin_fits(const struct tp_match *m, const struct tp_fill *fill, const struct cost *whole,
            struct tp_dec opening, bool taker, bool shrink, struct tp_dec *fits, struct tp_err *err)
{
    struct tp_dec need, free_margin = TP_DEC_NONE, unit;
    struct cost cost = *whole;

    *fits = opening;
    if (free_after_closing(m, fill, opening, taker, &free_margin, err)
        || (opening.units != fill->quantity.units
            && cost_of(m, fill->price, opening, taker, &cost, err))
        || margin_need(fill, &cost, &need, err))
        return -1;
    if (tp_dec_cmp(need, free_margin) <= 0)
        return 0;
    *fits = TP_DEC_ZERO;
    if (!shrink || tp_dec_sign(free_margin) <= 0)
        return 0;
    /* Per unit: price / leverage + price * fee rate; one step less where rounding would not fit. */
    if (tp_dec_div(&unit, fill->price, fill->leverage, TP_UP, err)
        || cost_of(m, fill->price, tp_dec_int(1), taker, &cost, err)
        || tp_dec_add(&unit, unit, cost.fee, err)
        || tp_dec_div(fits, free_margin, unit, TP_TOWARD_ZERO, err)
        || tp_dec_to_step(fits, *fits, m->symbol.step_size, TP_TOWARD_ZERO, err))
        return -1;
    if (tp_dec_sign(*fits) > 0) {
        if (cost_of(m, fill->price, *fits, taker, &cost, err)
            || margin_need(fill, &cost, &need, err))
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
    t.id = tp_work_id(m, f->at);
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
    return m->sink.trade(m->sink.to, w, &t, err);
}

/* Books a fill of order `at`, whose notional is given, and tells about it; then what it means for brackets and
 * siblings.  left: what was to be filled; opening: the part of the fill that opens. */
static int
book_fill(struct tp_match *m, size_t at, const struct tp_fill *f, struct tp_dec notional,
          struct tp_dec left, struct tp_dec opening, bool taker, struct tp_err *err)
{
    struct tp_work *w = &m->work[at];
    const struct tp_leg *l = tp_book_leg(m->book, w->side);
    int side_before = l->side, closed = 0;
    struct tp_dec pnl;
    struct tp_trip trip;
    bool flat, whole, turned;

    if (m->funding.inside && l->side == -f->direction && tp_dec_cmp(f->quantity, l->quantity) >= 0
        && tp_funding_ends(m, w->side, err))
        return -1;
    if (tp_book_apply(m->book, f, &pnl, &trip, &closed, err)
        || tp_dec_add(&w->filled, w->filled, f->quantity, err)
        || tp_dec_add(&w->cost, w->cost, notional, err)
        || tp_dec_add(&m->used, m->used, f->quantity, err))
        return -1;
    if (m->funding.inside)
        tp_funding_changed(m, w->side);
    if (tell_trade(m, w, f, taker, pnl, err))
        return -1;
    whole = tp_dec_cmp(f->quantity, left) >= 0;
    flat = l->side == 0;
    turned = side_before != 0 && l->side != side_before;
    if (whole)
        w->quantity = w->filled;
    w->done = whole;
    if (tp_work_tell(m, w, tp_order_statuses[whole ? TP_STATUS_FILLED : TP_STATUS_PARTIALLY_FILLED],
                     f->reason, err))
        return -1;
    if (closed && m->sink.trip && m->sink.trip(m->sink.to, &trip, err))
        return -1;
    if (tp_bracket_shrink(m, at, f->quantity, err))
        return -1;
    if ((flat || turned) && tp_bracket_drop(m, side_before, w, err))
        return -1;
    if (tp_dec_sign(opening) > 0 && !w->reduce_only
        && tp_bracket_grow(m, at, f->price, opening, err))
        return -1;
    return 0;
}

int
tp_execute_fill(struct tp_match *m, size_t at, struct tp_dec raw, bool taker, bool *filled,
                struct tp_err *err)
{
    struct tp_work *w = &m->work[at];
    struct tp_fill f = {.at = m->now, .side = w->side, .direction = tp_work_direction(w)};
    const struct tp_leg *l = tp_book_leg(m->book, w->side);
    struct tp_dec left, opening, fits;
    struct cost cost;

    *filled = false;
    if (tp_dec_sub(&left, w->quantity, w->filled, err))
        return -1;
    if (w->reduce_only) {
        if (l->side != w->side)
            return tp_work_finish(m, w, TP_STATUS_CANCELLED, "REDUCE_ONLY", err);
        left = tp_dec_min(left, l->quantity);
    } else if (w->reverse && l->side == -f.direction) {
        if (tp_dec_add(&left, left, l->quantity, err)
            || tp_dec_add(&w->quantity, w->quantity, l->quantity, err))
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
    f.leverage = tp_dec_int(w->leverage ? w->leverage : m->knobs.leverage);
    f.role = w->role;
    f.reason = w->reason[0] ? w->reason : tp_roles[w->role];
    opening = f.quantity;
    if (l->side == -f.direction
        && tp_dec_sub(&opening, f.quantity, tp_dec_min(f.quantity, l->quantity), err))
        return -1;
    if (tp_dec_sign(opening) > 0 && l->side != -f.direction) {
        const char *why = too_small(m, f.price, f.quantity, err);

        if (why)
            return tp_work_finish(m, w, TP_STATUS_REJECTED, why, err);
    }
    if (cost_of(m, f.price, f.quantity, taker, &cost, err))
        return -1;
    if (tp_dec_sign(opening) > 0) {
        if (margin_fits(m, &f, &cost, opening, taker,
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
                return tp_work_finish(m, w, TP_STATUS_REJECTED, "INSUFFICIENT_MARGIN", err);
            if (tp_dec_add(&w->quantity, w->filled, f.quantity, err)
                || cost_of(m, f.price, f.quantity, taker, &cost, err))
                return -1;
            left = f.quantity;
            opening = fits;
        }
    }
    f.fee = cost.fee;
    f.slippage = TP_DEC_ZERO;
    if (f.price.units != raw.units
        && tp_dec_mul(&f.slippage, tp_dec_abs((struct tp_dec){f.price.units - raw.units}),
                      f.quantity, TP_HALF_AWAY, err))
        return -1;
    *filled = true;
    return book_fill(m, at, &f, cost.notional, left, opening, taker, err);
}

int
tp_execute_liquidation(struct tp_match *m, const struct tp_leg *l, struct tp_err *err)
{
    struct tp_work w = tp_work_init();
    struct tp_fill f = {.at = m->now,
                        .side = l->side,
                        .direction = -l->side,
                        .quantity = l->quantity,
                        .fee = TP_DEC_ZERO,
                        .slippage = TP_DEC_ZERO,
                        .leverage = tp_dec_int(1),
                        .role = TP_ROLE_LIQUIDATION,
                        .reason = tp_roles[TP_ROLE_LIQUIDATION]};
    struct tp_dec notional;

    if (tp_funding_ends(m, l->side, err))
        return -1;
    m->counts.liquidations++;
    w.created_at = m->now;
    w.side = l->side;
    w.reduce_only = true;
    w.role = TP_ROLE_LIQUIDATION;
    w.quantity = l->quantity;
    tp_text_set(w.reason, sizeof w.reason, f.reason, strlen(f.reason));
    return tp_work_push(m, &w, err) || tp_leg_bankruptcy(l, &f.price, err)
                   || tp_dec_mul(&notional, f.price, f.quantity, TP_HALF_AWAY, err)
                   || book_fill(m, m->n - 1, &f, notional, f.quantity, TP_DEC_ZERO, true, err)
               ? -1
               : 0;
}

/* ---- R8, R9: exits in the bar of the entry ----------------------------------------------------
 */

/* Whether a stop of the new position is counted as reached in the rest of this bar. */
static bool
stop_counts(const struct tp_match *m, int side, struct tp_dec stop, bool entered_by_stop)
{
    struct tp_dec worst = tp_work_adverse(m, side);
    bool by_close = !tp_work_dearer(side, m->bar.close, stop);
    bool by_worst = !tp_work_dearer(side, worst, stop);

    switch (m->knobs.same_bar_exit) {
    case TP_SAME_PESSIMISTIC:
        if (!entered_by_stop)
            return by_worst;
        /* The way from the open to the entry is over: an extreme that is the open itself lies in
         * it. */
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
    struct tp_dec last = entered_by_stop ? tp_work_favourable(m, child->side) : m->bar.close;

    if (m->knobs.same_bar_exit == TP_SAME_MARKET_ONLY || m->knobs.same_bar_exit == TP_SAME_NEVER)
        return false;
    return tp_work_reaches(m, -child->side, child->price, last);
}

int
tp_execute_ambiguous(struct tp_match *m, const struct tp_work *stop, const struct tp_work *target,
                     struct tp_err *err)
{
    struct tp_dec gain, distance = {stop->side > 0 ? target->price.units - stop->stop_price.units
                                                   : stop->stop_price.units - target->price.units};

    m->counts.ambiguous++;
    return tp_dec_mul(&gain, distance, tp_dec_min(target->quantity, stop->quantity), TP_HALF_AWAY,
                      err)
                   || tp_dec_add(&m->counts.ambiguous_gain, m->counts.ambiguous_gain, gain, err)
               ? -1
               : 0;
}

/* A position of this bar at its price of liquidation: a stop like another.  stop: the one that is counted, or
 * none. */
static int
same_bar_margin(struct tp_match *m, int side, struct tp_dec stop, struct tp_dec price,
                bool entered_by_stop, struct tp_err *err)
{
    struct tp_leg *l = tp_book_leg(m->book, side);
    struct tp_dec level;

    m->spared[l - m->book->leg] = true;
    if (tp_margin_level(m, l, &level, err))
        return -1;
    if (tp_dec_none(level) || !stop_counts(m, side, level, entered_by_stop)
        || (!tp_dec_none(stop) && tp_work_dearer(side, stop, level)))
        return 0;
    return tp_margin_take(m, l, tp_work_dearer(side, price, level) ? level : price, err);
}

/* After an intrabar entry: its children fill now or wait for the next bar.  opened: it opened the position. */
static int
same_bar(struct tp_match *m, int64_t parent, int side, bool opened, struct tp_dec price,
         bool entered_by_stop, struct tp_err *err)
{
    size_t stop = SIZE_MAX, target = SIZE_MAX, n = m->n;
    bool filled;

    for (size_t i = 0; i < n; i++) {
        struct tp_work *c = &m->work[i];

        if (c->done || c->parent != parent || c->held)
            continue;
        c->held = true;
        c->entry_was_stop = entered_by_stop;
        if (c->role != TP_ROLE_TAKE_PROFIT && stop_counts(m, c->side, c->stop_price, entered_by_stop)
            && (stop == SIZE_MAX
                || tp_work_dearer(c->side, c->stop_price, m->work[stop].stop_price)))
            stop = i;
        if (c->role == TP_ROLE_TAKE_PROFIT && target_counts(m, c, entered_by_stop)
            && target == SIZE_MAX)
            target = i;
    }
    if (opened) {
        struct tp_dec level = stop == SIZE_MAX ? TP_DEC_NONE : m->work[stop].stop_price;

        if (same_bar_margin(m, side, level, price, entered_by_stop, err))
            return -1;
        if (tp_book_leg(m->book, side)->side != side)
            return 0;
    }
    if (stop != SIZE_MAX) {
        if (target != SIZE_MAX && tp_execute_ambiguous(m, &m->work[stop], &m->work[target], err))
            return -1;
        /* A stop on the wrong side of the entry fills where the price is (R6). */
        if (tp_work_dearer(m->work[stop].side, price, m->work[stop].stop_price))
            price = m->work[stop].stop_price;
        return tp_execute_fill(m, stop, price, true, &filled, err);
    }
    for (size_t i = target; i < n && target != SIZE_MAX; i++) {
        struct tp_work *c = &m->work[i];

        if (!c->done && c->parent == parent && c->role == TP_ROLE_TAKE_PROFIT
            && target_counts(m, c, entered_by_stop)
            && tp_execute_fill(m, i, c->price, false, &filled, err))
            return -1;
    }
    return 0;
}

int
tp_execute(struct tp_match *m, size_t at, struct tp_dec price, bool taker, enum tp_where where,
           struct tp_err *err)
{
    int64_t number = m->work[at].number;
    int side = m->work[at].side, before = tp_book_leg(m->book, side)->side;
    bool entry = !m->work[at].reduce_only, filled;
    bool by_stop = m->work[at].type == TP_ORDER_STOP_MARKET
                   || m->work[at].type == TP_ORDER_TRAILING_STOP
                   || (m->work[at].type == TP_ORDER_STOP_LIMIT && taker);

    if (tp_execute_fill(m, at, price, taker, &filled, err))
        return -1;
    if (!entry || !filled)
        return 0;
    if (where == TP_INTRABAR)
        return same_bar(m, number, side, before != side && tp_book_leg(m->book, side)->side == side, price,
                        by_stop, err);
    if (where == TP_AT_CLOSE || m->knobs.same_bar_exit == TP_SAME_NEVER)
        for (size_t i = 0; i < m->n; i++)
            if (!m->work[i].done && m->work[i].parent == number)
                m->work[i].held = true;
    return 0;
}
