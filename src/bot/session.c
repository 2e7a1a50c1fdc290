#include "bot/session.h"

#include <string.h>

#include "base/banned.h"

void
tp_session_init(struct tp_session *s)
{
    memset(s, 0, sizeof *s);
    s->breakeven = s->last_close = s->entry_price = TP_DEC_NONE;
}

struct tp_bar
tp_session_bar(const struct tp_session *s, const struct tp_bars *bars, size_t i)
{
    struct tp_bar bar = {
        .open_time = {bars->time[i]},
        .close_time = {bars->time[i] + s->interval_us},
        .open = tp_column_get(&bars->open, i),
        .high = tp_column_get(&bars->high, i),
        .low = tp_column_get(&bars->low, i),
        .close = tp_column_get(&bars->close, i),
        .volume = tp_column_get(&bars->volume, i),
    };

    /* R19: a bar that fills a gap is flat and without volume; a generated market is none of that. */
    bar.synthetic = bars->synthetic[i] && bar.high.units == bar.low.units
                    && (tp_dec_none(bar.volume) || bar.volume.units == 0);
    return bar;
}

/* The position that a strategy sees: it trades one at a time. */
static const struct tp_leg *
held(const struct tp_session *s)
{
    return &s->book->leg[0];
}

static int
place_of(int side)
{
    return side > 0 ? 0 : 1;
}

/* Whether one of the two works.  One that does not is forgotten, and not asked for again. */
static bool
resting(struct tp_session *s, int64_t numbers[2])
{
    for (int p = 0; p < 2; p++)
        if (numbers[p] && !s->broker->ops->find(s->broker, numbers[p]))
            numbers[p] = 0;
    return numbers[0] || numbers[1];
}

/* Where the strategy stands, without what has to be computed. */
static void
outline_of(struct tp_session *s, struct tp_view *v)
{
    const struct tp_leg *l = held(s);

    *v = (struct tp_view){
        .position = l->side,
        .adds = l->adds,
        .bars_held = l->side ? l->bars : -1,
        .bars_since_exit = s->since_exit - 1,
        .quantity = l->side ? l->quantity : TP_DEC_ZERO,
        .last_entry_price = l->side ? l->last_entry_price : TP_DEC_NONE,
        .entry_price = TP_DEC_NONE,
        .unrealized_pct = TP_DEC_NONE,
        .equity = TP_DEC_NONE,
        .entry_resting = resting(s, s->entry),
    };
}

static int
view_of(struct tp_session *s, struct tp_view *v, struct tp_err *err)
{
    const struct tp_book *b = s->book;

    outline_of(s, v);
    if (s->entry_fills != b->fills) { /* a division that only fills make necessary */
        s->entry_fills = b->fills;
        s->entry_price = tp_leg_entry_price(held(s));
    }
    v->entry_price = s->entry_price;
    v->equity = b->wallet;
    if (tp_dec_none(s->last_close))
        return 0;
    if (tp_book_equity(b, s->last_close, &v->equity, err))
        return -1;
    if (held(s)->side) {
        struct tp_dec open;

        if (tp_dec_sub(&open, v->equity, b->wallet, err)
            || tp_dec_muldiv(&v->unrealized_pct, open, tp_dec_int(100), held(s)->cost, TP_HALF_EVEN, err))
            return -1;
    }
    return 0;
}

/* ---- wishes to orders ------------------------------------------------------------------------ */

static int
submit(struct tp_session *s, const struct tp_work *w, int64_t *number, struct tp_err *err)
{
    char reason[64] = "";
    int  pass = 1;

    *number = 0;
    if (s->limit.check)
        pass = s->limit.check(s->limit.to, w, s->book, reason, err);
    if (pass < 0)
        return -1;
    if (pass == 0) {
        s->refused++;
        return 0;
    }
    return s->broker->ops->submit(s->broker, w, number, err);
}

static void
set_reason(struct tp_work *w, const char *reason)
{
    size_t n = reason ? strlen(reason) : 0;

    tp_text_set(w->reason, sizeof w->reason, reason ? reason : "",
                n < sizeof w->reason ? n : sizeof w->reason - 1);
}

static struct tp_offset
offset_of(const struct tp_distance *d)
{
    switch (d->kind) {
    case TP_DISTANCE_PERCENT:
        return (struct tp_offset){TP_OFFSET_PERCENT, d->amount};
    case TP_DISTANCE_ABSOLUTE:
        return (struct tp_offset){TP_OFFSET_ABSOLUTE, d->amount};
    case TP_DISTANCE_PRICE:
        return (struct tp_offset){TP_OFFSET_PRICE, d->amount};
    case TP_DISTANCE_NONE:
        break;
    }
    return (struct tp_offset){TP_OFFSET_NONE, TP_DEC_NONE};
}

/* How far the stop-loss (or else the trailing stop) lies from the entry; zero when there is none. */
static int
stop_distance(const struct tp_protect *p, struct tp_dec price, struct tp_dec *out, struct tp_err *err)
{
    const struct tp_distance *d = p->stop_loss.kind != TP_DISTANCE_NONE ? &p->stop_loss : &p->trailing;

    *out = TP_DEC_ZERO;
    switch (d->kind) {
    case TP_DISTANCE_PERCENT:
        return tp_dec_muldiv(out, price, d->amount, tp_dec_int(100), TP_HALF_AWAY, err);
    case TP_DISTANCE_ABSOLUTE:
        *out = d->amount;
        return 0;
    case TP_DISTANCE_PRICE:
        if (tp_dec_sub(out, price, d->amount, err))
            return -1;
        *out = tp_dec_abs(*out);
        return 0;
    case TP_DISTANCE_NONE:
        break;
    }
    return 0;
}

/* What the account can pay at this price with slippage and fee, in base currency. */
static int
affordable(const struct tp_session *s, struct tp_dec price, struct tp_dec equity, struct tp_dec *out,
           struct tp_err *err)
{
    struct tp_dec worse, fee, unit;

    if (tp_dec_muldiv(&worse, price, s->knobs->slippage_bps, tp_dec_int(10000), TP_UP, err)
        || tp_dec_add(&worse, price, worse, err)
        || tp_dec_mul_rate(&fee, worse, s->symbol->taker_fee_rate, TP_UP, err)
        || tp_dec_div(&unit, worse, tp_dec_int(s->knobs->leverage), TP_UP, err)
        || tp_dec_add(&unit, unit, fee, err))
        return -1;
    *out = TP_DEC_ZERO;
    if (tp_dec_sign(equity) <= 0 || tp_dec_sign(unit) <= 0)
        return 0;
    return tp_dec_div(out, equity, unit, TP_TOWARD_ZERO, err);
}

/* R18: the size is computed when the decision is made, from prices known then. */
static int
size_of(struct tp_session *s, const struct tp_want *w, const struct tp_view *v, struct tp_dec price,
        struct tp_dec *quantity, bool *capped, struct tp_err *err)
{
    struct tp_dec part, distance, most;

    *capped = false;
    switch (w->size_kind) {
    case TP_SIZE_QTY:
        *quantity = w->size;
        return 0;
    case TP_SIZE_QUOTE:
        return tp_dec_div(quantity, w->size, price, TP_TOWARD_ZERO, err);
    case TP_SIZE_EQUITY_PCT:
        return tp_dec_muldiv(&part, v->equity, w->size, tp_dec_int(100), TP_TOWARD_ZERO, err)
                       || tp_dec_div(quantity, part, price, TP_TOWARD_ZERO, err)
                   ? -1
                   : 0;
    case TP_SIZE_RISK_PCT:
        if (tp_dec_muldiv(&part, v->equity, w->size, tp_dec_int(100), TP_TOWARD_ZERO, err)
            || stop_distance(&w->protect, price, &distance, err))
            return -1;
        *quantity = TP_DEC_ZERO;
        if (tp_dec_sign(distance) <= 0)
            return 0;
        if (tp_dec_div(quantity, part, distance, TP_TOWARD_ZERO, err))
            return -1;
        break;
    case TP_SIZE_KELLY:
        if (tp_dec_muldiv(&part, v->equity, w->size, tp_dec_int(100), TP_TOWARD_ZERO, err)
            || tp_dec_div(quantity, part, price, TP_TOWARD_ZERO, err))
            return -1;
        break;
    }
    /* A near stop asks for more than the account can pay: it is cut to what it can, not refused. */
    if (affordable(s, price, v->equity, &most, err))
        return -1;
    if (tp_dec_cmp(*quantity, most) > 0) {
        *quantity = most;
        *capped = true;
    }
    return 0;
}

static void
type_of(struct tp_work *w, const struct tp_want *want)
{
    switch (want->type) {
    case TP_WANT_MARKET:
        w->type = TP_ORDER_MARKET;
        return;
    case TP_WANT_LIMIT:
        w->type = TP_ORDER_LIMIT;
        w->price = want->price;
        return;
    case TP_WANT_STOP_MARKET:
        w->type = TP_ORDER_STOP_MARKET;
        w->stop_price = want->stop_price;
        return;
    case TP_WANT_STOP_LIMIT:
        w->type = TP_ORDER_STOP_LIMIT;
        w->price = want->price;
        w->stop_price = want->stop_price;
        return;
    }
}

static int
exit_now(struct tp_session *s, int side, enum tp_role role, const char *reason, struct tp_time at,
         struct tp_err *err)
{
    struct tp_work w = tp_work_init();
    int64_t        number;

    if (held(s)->side != side)
        return 0;
    w.side = side;
    w.reduce_only = true;
    w.role = role;
    w.quantity = held(s)->quantity;
    w.created_at = at;
    set_reason(&w, reason);
    return submit(s, &w, &number, err);
}

/* Puts an order in the place of the former one of its kind, which stays when nothing changed. */
static int
replace(struct tp_session *s, int64_t *number, const struct tp_work *w, struct tp_err *err)
{
    const struct tp_work *old = *number ? s->broker->ops->find(s->broker, *number) : NULL;

    if (old && old->type == w->type && old->price.units == w->price.units
        && old->stop_price.units == w->stop_price.units && old->filled.units == 0 && !w->expire_bars)
        return 0;
    if (old && s->broker->ops->cancel(s->broker, *number, "REPLACED", err))
        return -1;
    return submit(s, w, number, err);
}

static int
enter(struct tp_session *s, const struct tp_want *want, const struct tp_view *v, struct tp_time at,
      struct tp_err *err)
{
    struct tp_work w = tp_work_init();
    struct tp_dec  price = s->last_close;
    bool           opposite = held(s)->side == -want->side, capped;
    int64_t       *number = &s->entry[place_of(want->side)];

    if (opposite && want->on_opposite == TP_OPPOSITE_IGNORE)
        return 0;
    if (opposite && want->on_opposite == TP_OPPOSITE_CLOSE)
        return exit_now(s, held(s)->side, TP_ROLE_EXIT, want->reason, at, err);
    type_of(&w, want);
    if (!tp_dec_none(w.price))
        price = w.price;
    else if (!tp_dec_none(w.stop_price))
        price = w.stop_price;
    if (tp_dec_sign(price) <= 0) {
        s->refused++;
        return 0;
    }
    if (size_of(s, want, v, price, &w.quantity, &capped, err))
        return -1;
    if (tp_dec_sign(w.quantity) <= 0) {
        s->refused++;
        return 0;
    }
    s->capped += capped;
    w.side = want->side;
    w.shrink = capped;
    w.created_at = at;
    w.expire_bars = want->expire_bars;
    w.bracket.stop_loss = offset_of(&want->protect.stop_loss);
    w.bracket.trailing = offset_of(&want->protect.trailing);
    w.bracket.n_targets = want->protect.n_take_profits;
    for (size_t i = 0; i < w.bracket.n_targets; i++) {
        w.bracket.target[i] = offset_of(&want->protect.take_profit[i]);
        w.bracket.portion[i] = want->protect.portion[i];
    }
    set_reason(&w, want->reason);
    s->time_exit = want->protect.time_exit_bars;
    s->breakeven = want->protect.breakeven_after_pct;
    if (!tp_dec_none(s->breakeven) && tp_dec_sign(s->breakeven) <= 0)
        s->breakeven = TP_DEC_NONE;
    s->leaving = false;
    if (w.type == TP_ORDER_MARKET) {
        if (opposite && exit_now(s, held(s)->side, TP_ROLE_EXIT, want->reason, at, err))
            return -1;
        return submit(s, &w, number, err);
    }
    w.reverse = opposite;
    return replace(s, number, &w, err);
}

static int
leave(struct tp_session *s, const struct tp_want *want, struct tp_time at, struct tp_err *err)
{
    struct tp_work w = tp_work_init();

    if (held(s)->side != want->side)
        return 0;
    if (want->type == TP_WANT_MARKET)
        return exit_now(s, want->side, TP_ROLE_EXIT, want->reason, at, err);
    type_of(&w, want);
    w.side = want->side;
    w.reduce_only = true;
    w.role = TP_ROLE_EXIT;
    w.quantity = held(s)->quantity;
    w.created_at = at;
    w.expire_bars = want->expire_bars;
    set_reason(&w, want->reason);
    return replace(s, &s->leave[place_of(want->side)], &w, err);
}

static int
refuse(struct tp_session *s, const struct tp_want *want, const char *reason)
{
    s->refused++;
    if (s->strategy->ops->refused)
        s->strategy->ops->refused(s->strategy, want, reason);
    return 0;
}

/* An order of the strategy's own making; a size that is not a quantity is worked out at its price. */
static int
place(struct tp_session *s, const struct tp_want *want, const struct tp_view *v, struct tp_err *err)
{
    struct tp_work w = *want->order;
    struct tp_dec  price = !tp_dec_none(w.price) ? w.price : !tp_dec_none(w.stop_price) ? w.stop_price : s->last_close;
    bool           capped;
    int64_t        number;

    if (tp_dec_sign(price) <= 0)
        return refuse(s, want, "NO_PRICE");
    if (size_of(s, want, v, price, &w.quantity, &capped, err))
        return -1;
    if (tp_dec_sign(w.quantity) <= 0)
        return refuse(s, want, "NO_SIZE");
    s->capped += capped;
    w.shrink = capped;
    return submit(s, &w, &number, err);
}

static int
cancel(struct tp_session *s, const struct tp_want *want, struct tp_err *err)
{
    const struct tp_work *w;

    for (size_t i = 0; (w = s->broker->ops->each(s->broker, i)); i++)
        if (tp_uuid_equal(w->id, want->order->id))
            return s->broker->ops->cancel(s->broker, w->number, want->reason, err);
    return 0; /* it was filled meanwhile, which the strategy is told */
}

/* Market orders that make the position what is wanted; those of the target before that still work go. */
static int
target(struct tp_session *s, const struct tp_want *want, const struct tp_view *v, struct tp_time at,
       struct tp_err *err)
{
    struct tp_work w = want->order ? *want->order : tp_work_init();
    int            side = held(s)->side, p = place_of(want->side);
    bool           capped = false;

    for (int k = 0; k < 2; k++)
        if ((s->entry[k] && s->broker->ops->cancel(s->broker, s->entry[k], "REPLACED", err))
            || (s->leave[k] && s->broker->ops->cancel(s->broker, s->leave[k], "REPLACED", err)))
            return -1;
    memset(s->entry, 0, sizeof s->entry);
    memset(s->leave, 0, sizeof s->leave);
    if (side && side != want->side && exit_now(s, side, TP_ROLE_EXIT, want->reason, at, err))
        return -1;
    if (want->side == 0)
        return 0;
    if (tp_dec_sign(s->last_close) <= 0)
        return refuse(s, want, "NO_PRICE");
    if (size_of(s, want, v, s->last_close, &w.quantity, &capped, err)
        || tp_dec_to_step(&w.quantity, w.quantity, s->symbol->step_size, TP_TOWARD_ZERO, err))
        return -1;
    if (side == want->side && tp_dec_sub(&w.quantity, w.quantity, held(s)->quantity, err))
        return -1;
    if (tp_dec_sign(w.quantity) == 0)
        return side == want->side ? 0 : refuse(s, want, "NO_SIZE");
    w.side = want->side;
    w.created_at = at;
    set_reason(&w, want->reason);
    if (tp_dec_sign(w.quantity) < 0) {
        w.quantity = tp_dec_neg(w.quantity);
        w.reduce_only = true;
        w.role = TP_ROLE_EXIT;
        memset(&w.bracket, 0, sizeof w.bracket);
        return submit(s, &w, &s->leave[p], err);
    }
    s->capped += capped;
    w.shrink = capped;
    return submit(s, &w, &s->entry[p], err);
}

static int
act(struct tp_session *s, const struct tp_want *want, const struct tp_view *v, struct tp_time at,
    struct tp_err *err)
{
    switch (want->kind) {
    case TP_WANT_ENTER:
    case TP_WANT_REST:
        return enter(s, want, v, at, err);
    case TP_WANT_EXIT:
    case TP_WANT_LEAVE:
        return leave(s, want, at, err);
    case TP_WANT_PLACE:
        return place(s, want, v, err);
    case TP_WANT_CANCEL:
        return cancel(s, want, err);
    case TP_WANT_TARGET:
        return target(s, want, v, at, err);
    }
    return 0;
}

/* ---- what the session itself watches ---------------------------------------------------------- */

/* The price at which the stop-loss moves to the entry; none when that is not wanted. */
static struct tp_dec
breakeven_price(const struct tp_session *s)
{
    struct tp_err err;
    struct tp_dec entry, out;

    if (held(s)->side == 0 || tp_dec_none(s->breakeven))
        return TP_DEC_NONE;
    entry = tp_leg_entry_price(held(s));
    if (tp_dec_none(entry)
        || tp_dec_muldiv(&out, entry, s->breakeven, tp_dec_int(100), TP_HALF_AWAY, &err)
        || (held(s)->side > 0 ? tp_dec_add(&out, entry, out, &err)
                              : tp_dec_sub(&out, entry, out, &err)))
        return TP_DEC_NONE;
    return out;
}

static int
watch_position(struct tp_session *s, const struct tp_bar *bar, struct tp_err *err)
{
    struct tp_dec at = breakeven_price(s);

    if (!tp_dec_none(at)
        && (held(s)->side > 0 ? tp_dec_cmp(bar->high, at) >= 0 : tp_dec_cmp(bar->low, at) <= 0)) {
        s->breakeven = TP_DEC_NONE;
        if (s->broker->ops->tighten(s->broker, held(s)->side, tp_leg_entry_price(held(s)), err))
            return -1;
    }
    if (held(s)->side && s->time_exit && !s->leaving && held(s)->bars >= s->time_exit) {
        s->leaving = true;
        return exit_now(s, held(s)->side, TP_ROLE_TIME_EXIT, "TIME_EXIT", bar->close_time, err);
    }
    return 0;
}

/* Orders that make no sense any more after the position changed from side `before`. */
static int
tidy(struct tp_session *s, int before, struct tp_err *err)
{
    for (int p = 0; p < 2; p++) {
        int side = p ? -1 : 1;

        if (s->leave[p] && held(s)->side != side) {
            if (s->broker->ops->cancel(s->broker, s->leave[p], "POSITION_CLOSED", err))
                return -1;
            s->leave[p] = 0;
        }
        if (s->entry[p] && before == 0 && held(s)->side == -side) {
            const struct tp_work *w = s->broker->ops->find(s->broker, s->entry[p]);

            if (w && !w->reverse && s->broker->ops->cancel(s->broker, s->entry[p], "OPPOSITE", err))
                return -1;
        }
    }
    return 0;
}

/* ---- bars ------------------------------------------------------------------------------------ */

static int
mark(struct tp_session *s, const struct tp_bars *bars, size_t from, size_t end, size_t *taken,
     struct tp_err *err)
{
    int ended = 0;

    *taken = end - from;
    if (s->mark.span)
        ended = s->mark.span(s->mark.to, bars, from, end, s->book, taken, err);
    if (ended < 0)
        return -1;
    s->ruined = ended == 1;
    if (*taken) {
        s->last_close = tp_column_get(&bars->close, from + *taken - 1);
        s->last_at = from + *taken - 1;
        s->begun = true;
    }
    return 0;
}

/* Lowest low and highest high of the bars, for the round trip. */
static void
hold(struct tp_session *s, const struct tp_bars *bars, size_t from, size_t end)
{
    struct tp_dec low, high;

    if (s->book->leg[0].side == 0 && s->book->leg[1].side == 0)
        return;
    if (bars->low.narrow && bars->high.narrow) {
        int64_t least = bars->low.narrow[from], most = bars->high.narrow[from];

        for (size_t i = from + 1; i < end; i++) {
            least = bars->low.narrow[i] < least ? bars->low.narrow[i] : least;
            most = bars->high.narrow[i] > most ? bars->high.narrow[i] : most;
        }
        low.units = least;
        high.units = most;
    } else {
        low = tp_column_get(&bars->low, from);
        high = tp_column_get(&bars->high, from);
        for (size_t i = from + 1; i < end; i++) {
            low = tp_dec_min(low, tp_column_get(&bars->low, i));
            high = tp_dec_max(high, tp_column_get(&bars->high, i));
        }
    }
    tp_book_held(s->book, low, high, (int64_t)(end - from));
}

static int64_t
clip(struct tp_dec d)
{
    if (d.units > INT64_MAX)
        return INT64_MAX;
    return d.units < INT64_MIN + 1 ? INT64_MIN + 1 : (int64_t)d.units;
}

/* The first bar of [from, end) that touches low or high, or end. */
static size_t
first_touch(const struct tp_bars *bars, size_t from, size_t end, struct tp_dec low, struct tp_dec high)
{
    if (bars->low.narrow && bars->high.narrow) {
        int64_t        l = clip(low), h = clip(high);
        const int64_t *lows = bars->low.narrow, *highs = bars->high.narrow;

        if (l <= 0 && h == INT64_MAX)
            return end;
        while (from < end && lows[from] > l && highs[from] < h)
            from++;
        return from;
    }
    while (from < end && tp_dec_cmp(tp_column_get(&bars->low, from), low) > 0
           && tp_dec_cmp(tp_column_get(&bars->high, from), high) < 0)
        from++;
    return from;
}

/* The first bar of [from, end) that closes after a time, or end: times only grow. */
static size_t
closed_by(const struct tp_session *s, const struct tp_bars *bars, size_t from, size_t end, struct tp_time until)
{
    if (from == end || bars->time[end - 1] <= until.us - s->interval_us)
        return end;
    while (from < end) {
        size_t middle = from + (end - from) / 2;

        if (bars->time[middle] > until.us - s->interval_us)
            end = middle;
        else
            from = middle + 1;
    }
    return from;
}

/* How far the session can go from bar i without looking at single bars; i: not at all. */
static size_t
skip_to(struct tp_session *s, const struct tp_bars *bars, size_t i, size_t quiet)
{
    struct tp_dec  low, high, even;
    struct tp_time until;
    size_t         end = i + quiet;

    if (quiet == 0 || s->feed.before || !s->broker->ops->quiet(s->broker, &low, &high, &until))
        return i;
    end = closed_by(s, bars, i, end, until);
    even = breakeven_price(s);
    if (!tp_dec_none(even)) {
        if (held(s)->side > 0)
            high = tp_dec_min(high, even);
        else
            low = tp_dec_max(low, even);
    }
    if (held(s)->side && s->time_exit && !s->leaving) {
        int64_t left = s->time_exit - held(s)->bars - 1; /* the bar that completes them is looked at */

        if (left <= 0)
            return i;
        if (left < (int64_t)(end - i))
            end = i + (size_t)left;
    }
    return first_touch(bars, i, end, low, high);
}

static int
decide(struct tp_session *s, size_t i, const struct tp_bar *bar, struct tp_err *err)
{
    struct tp_view  view;
    struct tp_wants wants;

    if (view_of(s, &view, err))
        return -1;
    wants.n = 0;
    if (!s->muted && s->strategy->ops->decide(s->strategy, i, &view, &wants, err))
        return -1;
    for (size_t w = 0; w < wants.n; w++)
        if (act(s, &wants.at[w], &view, bar->close_time, err))
            return -1;
    if (wants.n || s->leaving)
        return s->broker->ops->close_fills(s->broker, bar, err);
    return 0;
}

/* One bar; *changed says whether the position is another one now. */
static int
step(struct tp_session *s, const struct tp_bars *bars, size_t i, bool *changed, struct tp_err *err)
{
    struct tp_bar bar = tp_session_bar(s, bars, i);
    int           side = held(s)->side;
    int64_t       trips = s->book->trips, fills = s->book->fills;
    size_t        taken;

    if (s->mark.before && s->mark.before(s->mark.to, err))
        return -1;
    if (s->feed.before && s->feed.before(s->feed.to, s->broker, &bar, err))
        return -1;
    if (s->broker->ops->bar(s->broker, &bar, err))
        return -1;
    *changed = s->book->fills != fills;
    if (s->book->trips != trips) {
        s->since_exit = 1;
        if (held(s)->side == 0)
            s->leaving = false;
    } else if (s->since_exit) {
        s->since_exit++;
    }
    hold(s, bars, i, i + 1);
    if (mark(s, bars, i, i + 1, &taken, err))
        return -1;
    if (s->ruined)
        return 0;
    if (*changed && tidy(s, side, err))
        return -1;
    return held(s)->side ? watch_position(s, &bar, err) : 0;
}

/* For how many bars from i on the strategy wants nothing, the position being what it is. */
static size_t
quiet_from(struct tp_session *s, const struct tp_bars *bars, size_t i)
{
    struct tp_view view;

    if (s->muted)
        return bars->n - i;

    outline_of(s, &view);
    return s->strategy->ops->quiet(s->strategy, i, &view);
}

static int
run_block(struct tp_session *s, const struct tp_bars *bars, struct tp_err *err)
{
    size_t quiet = 0;

    if (s->strategy && s->strategy->ops->block(s->strategy, bars, err))
        return -1;
    for (size_t i = 0; i < bars->n && !s->ruined;) {
        size_t end;
        bool   changed, leaving = s->leaving;

        if (s->strategy && quiet == 0)
            quiet = quiet_from(s, bars, i);
        end = skip_to(s, bars, i, quiet);
        if (end > i) {
            size_t taken;

            hold(s, bars, i, end);
            if (s->since_exit)
                s->since_exit += (int64_t)(end - i);
            if (mark(s, bars, i, end, &taken, err))
                return -1;
            quiet -= end - i;
            i = end;
            continue;
        }
        if (step(s, bars, i, &changed, err))
            return -1;
        if (s->ruined)
            return 0;
        if (s->strategy && changed)
            quiet = quiet_from(s, bars, i);
        /* What leaves from this bar on may fill at its very close. */
        if (s->strategy && (quiet == 0 || (s->leaving && (changed || !leaving)))) {
            struct tp_bar bar = tp_session_bar(s, bars, i);

            if (decide(s, i, &bar, err))
                return -1;
            quiet = 0;
        } else if (quiet) {
            quiet--;
        }
        if (s->after.bar) {
            int other = s->after.bar(s->after.to, (struct tp_time){bars->time[i] + s->interval_us}, err);

            if (other < 0)
                return -1;
            quiet = other ? 0 : quiet;
        }
        i++;
    }
    return 0;
}

int
tp_session_block(struct tp_session *s, const struct tp_bars *bars, struct tp_err *err)
{
    if (s->ruined || bars->n == 0)
        return 0;
    if (run_block(s, bars, err))
        return -1;
    s->last = tp_session_bar(s, bars, s->last_at);
    return 0;
}

int
tp_session_end(struct tp_session *s, struct tp_err *err)
{
    if (!s->begun)
        return 0;
    return s->broker->ops->end(s->broker, &s->last, err);
}
