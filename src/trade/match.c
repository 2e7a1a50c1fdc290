#include "trade/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "trade/execute.h"
#include "trade/funding.h"
#include "trade/margin.h"
#include "trade/work.h"

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
    tp_margin_init(book, knobs, symbol);
    tp_match_rates(m, NULL, 0, TP_TIME_NONE);
}

void
tp_match_free(struct tp_match *m)
{
    free(m->work);
    m->work = NULL;
    m->n = m->room = 0;
}

/* ---- taking and cancelling orders ------------------------------------------------------------ */

int
tp_match_submit(struct tp_match *m, const struct tp_work *order, int64_t *number,
                struct tp_err *err)
{
    struct tp_work *w = tp_work_room(m);
    const char *refused = NULL;
    int direction;

    *w = *order;
    direction = tp_work_direction(w);
    /* R14: limits never better for us than asked, stops away from the market, quantities down. */
    if (tp_work_tick(m, &w->price, direction < 0, err)
        || tp_work_tick(m, &w->stop_price, direction > 0, err)
        || tp_work_tick(m, &w->activation_price, direction < 0, err)
        || tp_dec_to_step(&w->quantity, w->quantity, m->symbol.step_size, TP_TOWARD_ZERO, err))
        return -1;
    if (tp_dec_sign(w->quantity) <= 0)
        refused = "MIN_QUANTITY";
    else if (!w->reduce_only && !tp_dec_none(m->symbol.max_quantity)
             && tp_dec_cmp(w->quantity, m->symbol.max_quantity) > 0)
        refused = "MAX_QUANTITY";
    if (tp_work_take(m, err))
        return -1;
    w = &m->work[m->n - 1];
    *number = w->number;
    if (refused) {
        *number = 0;
        return tp_work_finish(m, w, TP_STATUS_REJECTED, refused, err);
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

struct tp_work *
tp_match_each(struct tp_match *m, size_t i)
{
    for (size_t k = 0; k < m->n; k++)
        if (!m->work[k].done && i-- == 0)
            return &m->work[k];
    return NULL;
}

int
tp_match_cancel(struct tp_match *m, int64_t number, const char *reason, struct tp_err *err)
{
    struct tp_work *w = tp_match_find(m, number);

    return w ? tp_work_finish(m, w, TP_STATUS_CANCELLED, reason, err) : 0;
}

/* ---- R2 steps 3 to 5: the open ----------------------------------------------------------------
 */

/* A stop that the open is at or beyond fills there (R6); a stop-limit becomes a limit (R7). */
static int
open_stop(struct tp_match *m, size_t at, struct tp_err *err)
{
    struct tp_work *w = &m->work[at];
    int direction = tp_work_direction(w);

    if (tp_work_dearer(direction, w->stop_price, m->bar.open))
        return 0;
    if (w->type != TP_ORDER_STOP_LIMIT)
        return tp_execute(m, at, m->bar.open, true, TP_AT_OPEN, err);
    w->triggered = true;
    if (tp_work_tell(m, w, "TRIGGERED", "", err))
        return -1;
    if (!tp_work_dearer(direction, m->bar.open, w->price))
        return tp_execute(m, at, m->bar.open, true, TP_AT_OPEN, err);
    return 0;
}

static int
open_limit(struct tp_match *m, size_t at, struct tp_err *err)
{
    struct tp_work *w = &m->work[at];
    int direction = tp_work_direction(w);
    struct tp_dec open = m->bar.open;

    if (w->fresh) { /* R5: marketable, or it begins to rest */
        bool inside = !tp_work_dearer(direction, open, w->price);

        if (inside && w->tif == TP_TIF_GTX)
            return tp_work_finish(m, w, TP_STATUS_EXPIRED, "POST_ONLY", err);
        if (inside && tp_execute(m, at, open, true, TP_AT_OPEN, err))
            return -1;
        w = &m->work[at];
        if (!w->done && (w->tif == TP_TIF_IOC || w->tif == TP_TIF_FOK))
            return tp_work_finish(m, w, TP_STATUS_EXPIRED, tp_tifs[w->tif], err);
        return 0;
    }
    if (!tp_work_dearer(direction, w->price, open) || m->knobs.limit_fill == TP_LIMIT_CLOSE_THROUGH)
        return 0;
    return tp_execute(m, at, m->knobs.limit_gap == TP_GAP_OPEN ? open : w->price, false, TP_AT_OPEN,
                      err);
}

/* R10: the level knows the bars before and this open. */
static int
trail_open(struct tp_match *m, struct tp_err *err)
{
    for (size_t i = 0; i < m->n; i++) {
        struct tp_work *w = &m->work[i];

        if (!tp_work_active(m, w) || w->type != TP_ORDER_TRAILING_STOP)
            continue;
        w->armed = tp_work_arms(w, m->bar.open);
        if (w->armed && (m->knobs.trail != TP_TRAIL_CLOSE || tp_dec_none(w->stop_price))
            && tp_work_trail(m, w, m->bar.open, err))
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
        if (tp_work_active(m, &m->work[i]) && m->work[i].reduce_only) {
            if (tp_work_is_stop(&m->work[i]) && open_stop(m, i, err))
                return -1;
            if (tp_work_active(m, &m->work[i]) && tp_work_is_limit(&m->work[i]) && !m->work[i].fresh
                && open_limit(m, i, err))
                return -1;
        }
    for (int entries = 0; entries < 2; entries++) /* step 4: exits, then entries */
        for (size_t i = 0; i < n; i++) {
            struct tp_work *w = &m->work[i];

            if (!tp_work_active(m, w) || w->type != TP_ORDER_MARKET
                || w->reduce_only == (entries == 1))
                continue;
            if (tp_execute(m, i, m->bar.open, true, TP_AT_OPEN, err))
                return -1;
            w = &m->work[i];
            if (!w->done && (w->tif == TP_TIF_IOC || w->tif == TP_TIF_FOK)
                && tp_work_finish(m, w, TP_STATUS_EXPIRED, tp_tifs[w->tif], err))
                return -1;
        }
    for (size_t i = 0; i < n; i++) { /* step 5: marketable limits, gapped stops */
        struct tp_work *w = &m->work[i];

        if (!tp_work_active(m, w))
            continue;
        if (tp_work_is_limit(w) && (w->fresh || !w->reduce_only)) {
            if (w->type == TP_ORDER_STOP_LIMIT && w->triggered && w->fresh)
                continue; /* triggered by this very open in step 3 */
            if (open_limit(m, i, err))
                return -1;
        } else if (tp_work_is_stop(w) && !w->reduce_only && open_stop(m, i, err)) {
            return -1;
        }
    }
    return trail_open(m, err); /* those whose position was opened just now */
}

/* ---- R2 step 6: the path ----------------------------------------------------------------------
 */

/* The price at which the order is hit when the market moves from -> to; none when it is not. */
static struct tp_dec
hit(const struct tp_match *m, const struct tp_work *w, struct tp_dec from, struct tp_dec to)
{
    int direction = tp_work_direction(w), move = tp_dec_cmp(to, from);

    if (move == 0)
        move = -direction; /* no movement: a limit at this very price could be touched */
    if (tp_work_is_limit(w)) {
        if (w->close_only || m->knobs.limit_fill == TP_LIMIT_CLOSE_THROUGH || move == direction
            || !tp_work_reaches(m, direction, w->price, to))
            return TP_DEC_NONE;
        return tp_work_dearer(direction, w->price, from) ? TP_DEC_NONE : w->price;
    }
    if (tp_work_is_stop(w)) {
        if (move != direction || tp_work_dearer(direction, w->stop_price, to))
            return TP_DEC_NONE;
        return tp_work_dearer(direction, from, w->stop_price) ? from : w->stop_price;
    }
    return TP_DEC_NONE;
}

static int
trigger(struct tp_match *m, size_t at, struct tp_dec price, struct tp_err *err)
{
    struct tp_work *w = &m->work[at];

    if (w->type != TP_ORDER_STOP_LIMIT || w->triggered)
        return tp_execute(m, at, price, !tp_work_is_limit(w), TP_INTRABAR, err);
    w->triggered = true;
    if (tp_work_tell(m, w, "TRIGGERED", "", err))
        return -1;
    if (!tp_work_dearer(tp_work_direction(w), price, w->price))
        return tp_execute(m, at, price, true, TP_INTRABAR, err);
    w->close_only = true; /* R7: the limit lies on the far side of the stop */
    return 0;
}

static int
walk(struct tp_match *m, struct tp_dec from, struct tp_dec to, struct tp_err *err)
{
    for (;;) {
        size_t first = SIZE_MAX;
        struct tp_dec price = TP_DEC_NONE, level;
        struct tp_leg *leg;

        for (size_t i = 0; i < m->n; i++) {
            struct tp_work *w = &m->work[i];
            struct tp_dec p;
            tp_i128 near, best;

            if (!tp_work_active(m, w))
                continue;
            p = hit(m, w, from, to);
            if (tp_dec_none(p))
                continue;
            near = tp_dec_abs((struct tp_dec){p.units - from.units}).units;
            best =
                first == SIZE_MAX ? 0 : tp_dec_abs((struct tp_dec){price.units - from.units}).units;
            /* Nearest first; of equals exits, then the earlier order. */
            if (first == SIZE_MAX || near < best
                || (near == best && w->reduce_only && !m->work[first].reduce_only)) {
                first = i;
                price = p;
            }
        }
        /* R17: of a stop and a liquidation the nearer first, of equals the dearer one. */
        if (tp_margin_hit(m, from, to, &leg, &level, err))
            return -1;
        if (leg && (first == SIZE_MAX || !tp_work_dearer(leg->side, price, level))) {
            if (tp_margin_take(m, leg, level, err))
                return -1;
            from = level;
            continue;
        }
        if (first == SIZE_MAX)
            return 0;
        {
            bool was_triggered = m->work[first].triggered;
            struct tp_dec before = m->work[first].filled;
            const size_t at = first;

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
        struct tp_dec p, distance;

        if (!tp_work_active(m, w) || w->reduce_only)
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
    struct nearest below, above;
    tp_i128 held, cost;
    bool any_below, any_above;

    /* trail=high_first: the favourable extreme first wherever a stop trails. */
    for (size_t i = 0; i < m->n && m->knobs.trail == TP_TRAIL_HIGH_FIRST; i++)
        if (m->work[i].type == TP_ORDER_TRAILING_STOP && tp_work_active(m, &m->work[i]))
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
    /* The adverse extreme of what is held; of two positions, of the larger one. */
    tp_book_net(m->book, &held, &cost);
    if (held)
        return held > 0;
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

    if (m->knobs.both_hit != TP_BOTH_SL)
        return 0;
    for (size_t s = 0; s < m->n; s++) {
        struct tp_work *stop = &m->work[s];

        if (!tp_work_active(m, stop) || !stop->reduce_only || !tp_work_is_stop(stop)
            || tp_work_dearer(stop->side, tp_work_adverse(m, stop->side), stop->stop_price))
            continue;
        for (size_t t = 0; t < m->n; t++) {
            struct tp_work *target = &m->work[t];

            if (!tp_work_active(m, target) || !target->reduce_only || !tp_work_is_limit(target)
                || target->side != stop->side || target->group != stop->group
                || !tp_work_reaches(m, -target->side, target->price,
                                    tp_work_favourable(m, target->side)))
                continue;
            if (!counted && tp_execute_ambiguous(m, stop, target, err))
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

        if (!tp_work_active(m, w) || w->type != TP_ORDER_TRAILING_STOP
            || m->knobs.trail != TP_TRAIL_HIGH_FIRST)
            continue;
        w->armed = tp_work_arms(w, tp_work_favourable(m, -tp_work_direction(w)));
        if (w->armed && tp_work_trail(m, w, tp_work_favourable(m, -tp_work_direction(w)), err))
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
        int direction = tp_work_direction(w);

        if (w->done || w->latency
            || (w->reduce_only && tp_book_leg(m->book, w->side)->side != w->side))
            continue;
        if (tp_work_is_limit(w) && !w->held
            && (w->close_only || m->knobs.limit_fill == TP_LIMIT_CLOSE_THROUGH)) {
            if (tp_work_reaches(m, direction, w->price, m->bar.close)
                && tp_execute(m, i, w->price, false, TP_AT_CLOSE, err))
                return -1;
        } else if (w->type == TP_ORDER_TRAILING_STOP) {
            struct tp_dec best = tp_work_favourable(m, -direction);

            /* The best price of an entry bar may lie before the entry, except after a stop entry.
             */
            if (m->knobs.trail == TP_TRAIL_CLOSE || (w->held && !w->entry_was_stop))
                best = m->bar.close;
            w->armed = tp_work_arms(w, best);
            if (!w->armed || tp_work_trail(m, w, best, err))
                continue;
            if (m->knobs.trail == TP_TRAIL_LAGGED && m->knobs.same_bar_exit != TP_SAME_NEVER
                && !tp_work_dearer(-direction, m->bar.close, w->stop_price)
                && tp_execute(m, i, w->stop_price, true, TP_AT_CLOSE, err))
                return -1;
        }
    }
    return 0;
}

/* R24: what was to be gone by then goes. */
static int
lapse(struct tp_match *m, int64_t by_us, struct tp_err *err)
{
    for (size_t i = 0; i < m->n; i++) {
        struct tp_work *w = &m->work[i];

        if (!w->done && !tp_time_none(w->expires_at) && w->expires_at.us <= by_us
            && tp_work_finish(m, w, TP_STATUS_EXPIRED, "GOOD_TILL", err))
            return -1;
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
    if (m->n == 0 && tp_dec_none(m->book->leg[0].liquidation) && tp_dec_none(m->book->leg[1].liquidation)
        && !tp_funding_due(m, bar->close_time))
        return 0;
    if (tp_funding_open(m, err))
        return -1;
    if (!bar->synthetic) {
        bool down;

        if (tp_margin_open(m, err))
            return -1;
        /* Nobody knows which part of the path an order that lapses inside the bar has seen: it sees the open. */
        if (lapse(m, bar->open_time.us, err) || at_open(m, err) || lapse(m, bar->close_time.us - 1, err)
            || trail_early(m, err) || block_targets(m, err))
            return -1;
        tp_funding_enter(m);
        down = low_first(m);
        first = down ? bar->low : bar->high;
        second = down ? bar->high : bar->low;
        if (walk(m, bar->open, first, err) || walk(m, first, second, err)
            || walk(m, second, bar->close, err) || tp_funding_leave(m, err) || at_close(m, err))
            return -1;
    } else {
        tp_funding_enter(m);
        if (tp_funding_leave(m, err))
            return -1;
    }
    tp_funding_done(m);
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
            && tp_work_finish(m, w, TP_STATUS_EXPIRED, "GOOD_TILL", err))
            return -1;
    }
    tp_work_sweep(m);
    return 0;
}

int
tp_match_tighten(struct tp_match *m, int side, struct tp_dec price, struct tp_err *err)
{
    struct tp_work stop = tp_work_init();
    const struct tp_leg *held = tp_book_leg(m->book, side);
    bool known = false;

    if (tp_work_tick(m, &price, side < 0, err))
        return -1;
    for (size_t i = 0; i < m->n; i++) {
        struct tp_work *w = &m->work[i];

        if (w->done || w->role != TP_ROLE_STOP_LOSS || w->side != side)
            continue;
        known = true;
        if (tp_work_dearer(side, price, w->stop_price))
            w->stop_price = price;
    }
    if (known || held->side != side)
        return 0;
    stop.created_at = m->bar.close_time;
    stop.side = side;
    stop.reduce_only = true;
    stop.role = TP_ROLE_STOP_LOSS;
    stop.type = TP_ORDER_STOP_MARKET;
    stop.stop_price = price;
    stop.quantity = held->quantity;
    stop.parent = -1; /* a child of the position: goes with it */
    return tp_work_push(m, &stop, err);
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
            if (tp_work_active(m, &m->work[i]) && m->work[i].type == TP_ORDER_MARKET
                && m->work[i].fresh && m->work[i].reduce_only == (entries == 0)
                && tp_execute(m, i, bar->close, true, TP_AT_CLOSE, err))
                return -1;
    for (size_t i = 0; i < m->n; i++)
        m->work[i].held = false;
    tp_work_sweep(m);
    return 0;
}

int
tp_match_end(struct tp_match *m, const struct tp_bar *bar, struct tp_err *err)
{
    m->bar = *bar;
    m->now = bar->close_time;
    for (size_t i = 0; i < m->n; i++)
        if (!m->work[i].done
            && tp_work_finish(m, &m->work[i], TP_STATUS_EXPIRED, "END_OF_DATA", err))
            return -1;
    tp_work_sweep(m);
    if (m->knobs.end_of_data == TP_END_KEEP_OPEN)
        return 0;
    m->forced = true;
    for (int i = 0; i < 2; i++) {
        const struct tp_leg *l = &m->book->leg[i];
        struct tp_work close = tp_work_init();
        bool filled;

        if (l->side == 0)
            continue;
        close.side = l->side;
        close.reduce_only = true;
        close.role = TP_ROLE_END_OF_DATA;
        close.quantity = l->quantity;
        close.created_at = bar->close_time;
        if (tp_work_push(m, &close, err)
            || tp_execute_fill(m, m->n - 1, bar->close, true, &filled, err))
            return -1;
    }
    tp_work_sweep(m);
    return 0;
}

bool
tp_match_quiet(const struct tp_match *m, struct tp_dec *low, struct tp_dec *high, struct tp_time *until)
{
    struct tp_err ignored = TP_ERR_INIT;

    *low = TP_DEC_ZERO;
    *high = TP_DEC_MAX;
    until->us = INT64_MAX;
    for (int i = 0; i < 2; i++) {
        const struct tp_leg *l = &m->book->leg[i];
        struct tp_dec        level;

        if (l->side == 0)
            continue;
        if (m->funding.on)
            *until = m->funding.stamp;
        if (tp_dec_none(l->liquidation))
            continue;
        if (tp_margin_level(m, l, &level, &ignored))
            return false;
        if (l->side > 0)
            *low = tp_dec_max(*low, level);
        else
            *high = tp_dec_min(*high, level);
    }
    for (size_t i = 0; i < m->n; i++) {
        const struct tp_work *w = &m->work[i];
        struct tp_dec at;
        bool below;

        if (w->done)
            continue;
        if (w->fresh || w->latency || w->expire_bars || !tp_time_none(w->expires_at)
            || w->type == TP_ORDER_MARKET || w->type == TP_ORDER_TRAILING_STOP)
            return false;
        at = tp_work_is_limit(w) ? w->price : w->stop_price;
        /* A buy limit and a sell stop lie below the market, the others above. */
        below = (tp_work_direction(w) > 0) == tp_work_is_limit(w);
        if (below)
            *low = tp_dec_max(*low, at);
        else
            *high = tp_dec_min(*high, at);
    }
    return true;
}
