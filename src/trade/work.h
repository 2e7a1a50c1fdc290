/* The working orders of a match: taking them in, telling about them, and what the rules ask of one.
 */
#ifndef TP_TRADE_WORK_H
#define TP_TRADE_WORK_H

#include "trade/match.h"

/* a is beyond b in the sense that direction +1 pays more: a > b for +1, a < b for -1. */
static inline bool
tp_work_dearer(int direction, struct tp_dec a, struct tp_dec b)
{
    return tp_dec_cmp(a, b) * direction > 0;
}

/* R5: whether a resting limit is filled when price goes as far as extreme. */
static inline bool
tp_work_reaches(const struct tp_match *m, int direction, struct tp_dec limit, struct tp_dec extreme)
{
    tp_i128 past = direction > 0 ? limit.units - extreme.units : extreme.units - limit.units;

    return m->knobs.limit_fill == TP_LIMIT_TOUCH ? past >= 0 : past >= m->symbol.tick_size.units;
}

/* The best price of the bar for a position of that side, and the worst. */
static inline struct tp_dec
tp_work_favourable(const struct tp_match *m, int side)
{
    return side > 0 ? m->bar.high : m->bar.low;
}

static inline struct tp_dec
tp_work_adverse(const struct tp_match *m, int side)
{
    return side > 0 ? m->bar.low : m->bar.high;
}

static inline bool
tp_work_is_stop(const struct tp_work *w)
{
    return w->type == TP_ORDER_STOP_MARKET || (w->type == TP_ORDER_STOP_LIMIT && !w->triggered)
           || (w->type == TP_ORDER_TRAILING_STOP && w->armed);
}

static inline bool
tp_work_is_limit(const struct tp_work *w)
{
    return w->type == TP_ORDER_LIMIT || (w->type == TP_ORDER_STOP_LIMIT && w->triggered);
}

/* Whether the order may fill at this point of the bar.  One that only reduces rests while there is
 * nothing to reduce; a market order cannot rest and is cancelled instead. */
static inline bool
tp_work_active(const struct tp_match *m, const struct tp_work *w)
{
    return !w->done && !w->held && w->latency == 0
           && (!w->reduce_only || w->type == TP_ORDER_MARKET
               || tp_book_leg(m->book, w->side)->side == w->side);
}

/* R10: armed once the activation price is reached. */
static inline bool
tp_work_arms(const struct tp_work *w, struct tp_dec seen)
{
    return w->armed || tp_dec_none(w->activation_price)
           || !tp_work_dearer(tp_work_direction(w), seen, w->activation_price);
}

/* The same run gives the same ids: time of the bar, bits from the run, the bar and a count. */
struct tp_uuid tp_work_id(struct tp_match *m, struct tp_time at);
/* Tells the listener, if there is one, what happened to the order. */
int tp_work_tell(struct tp_match *m, const struct tp_work *w, const char *event, const char *reason,
                 struct tp_err *err);
/* The order works no longer; tp_work_sweep removes it. */
int tp_work_finish(struct tp_match *m, struct tp_work *w, enum tp_status status, const char *reason,
                   struct tp_err *err);
/* R14: to a tick, never below one; none stays none. */
int tp_work_tick(const struct tp_match *m, struct tp_dec *price, bool up, struct tp_err *err);
/* R10: the level of a trailing stop from the best price seen. */
int tp_work_trail(struct tp_match *m, struct tp_work *w, struct tp_dec best, struct tp_err *err);

/* Room for one more order behind those that work, and taking in the one that was put there.  Making
 * room may move the list. */
struct tp_work *tp_work_room(struct tp_match *m);
int tp_work_take(struct tp_match *m, struct tp_err *err);
int tp_work_push(struct tp_match *m, const struct tp_work *order, struct tp_err *err);
/* Removes what is done. */
void tp_work_sweep(struct tp_match *m);

#endif
