/* What a compiled document wants at each bar. */
#include "strategy/compiled.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/dec_double.h"

enum { SAYS_ENTER = 1, SAYS_EXIT = 4, SAYS_ADD = 16 }; /* shifted by one for the short side */

static bool
holds(const struct tp_compiled *c, int node, size_t i, const struct tp_view *view)
{
    double v;

    if (node < 0)
        return true;
    v = tp_expr_at(&c->expr, node, i, view);
    return v > 0 || v < 0; /* na is neither */
}

/* Sets the bit at all bars at which the rule and the filter may hold for some account. */
static void
say(struct tp_compiled *c, unsigned bit, int rule, int filter)
{
    const double *a = rule < 0 || c->expr.node[rule].account ? NULL : c->expr.node[rule].column;
    const double *b = filter < 0 || c->expr.node[filter].account ? NULL : c->expr.node[filter].column;

    for (size_t i = 0; i < c->n; i++) {
        bool may = (!a || a[i] > 0 || a[i] < 0) && (!b || b[i] > 0 || b[i] < 0); /* na is neither */

        c->says[i] |= (uint8_t)(may ? bit : 0);
    }
}

static int
block(struct tp_strategy *s, const struct tp_bars *bars, struct tp_err *err)
{
    struct tp_compiled *c = (struct tp_compiled *)s;

    if (c->base.cannot_run[0])
        return tp_fail(err, TP_EINPUT, "strategy %s cannot be run: %s", s->name, c->base.cannot_run);
    if (c->expr.interval_us == 0 && (c->expr.uses_time || c->expr.n_series))
        return tp_fail(err, TP_EUSAGE, "strategy %s looks at the clock: the bars' interval must be known", s->name);
    tp_expr_block(&c->expr, bars);
    if (bars->n > c->room) {
        c->says = tp_realloc(c->says, bars->n);
        c->room = bars->n;
    }
    c->n = bars->n;
    memset(c->says, 0, c->n);
    for (unsigned k = 0; k < 2; k++) {
        const struct side_rules *r = &c->side[k];

        if (r->enters)
            say(c, (unsigned)SAYS_ENTER << k, r->when, c->filter);
        if (r->leaves)
            say(c, (unsigned)SAYS_EXIT << k, r->exit_when, -1);
        if (r->add_when >= 0 && r->max_adds)
            say(c, (unsigned)SAYS_ADD << k, r->add_when, -1);
    }
    return 0;
}

static size_t
quiet(struct tp_strategy *s, size_t i, const struct tp_view *view)
{
    const struct tp_compiled *c = (const struct tp_compiled *)s;
    unsigned               k = view->position < 0, mask = SAYS_ENTER | SAYS_ENTER << 1;
    size_t                 from = i;

    if (view->position) {
        mask = (unsigned)SAYS_EXIT << k;
        if (c->on_opposite != TP_OPPOSITE_IGNORE)
            mask |= (unsigned)SAYS_ENTER << !k;
        if (view->adds < c->side[k].max_adds)
            mask |= (unsigned)SAYS_ADD << k;
    }
    for (; i + 8 <= c->n; i += 8) { /* eight bars at a time: mostly there is nothing */
        uint64_t says;

        memcpy(&says, &c->says[i], 8);
        if (says & mask * UINT64_C(0x0101010101010101))
            break;
    }
    while (i < c->n && !(c->says[i] & mask))
        i++;
    return i - from;
}

static int
distance(const struct tp_compiled *c, const struct distance_rule *d, size_t i, struct tp_distance *out,
         struct tp_err *err)
{
    double v = d->amount;

    *out = (struct tp_distance){TP_DISTANCE_NONE, TP_DEC_NONE};
    if (d->kind == TP_DISTANCE_NONE)
        return 0;
    if (d->kind != TP_DISTANCE_PERCENT)
        v *= tp_expr_at(&c->expr, d->node, i, NULL);
    if (!(v > 0))
        return 0;
    out->kind = d->kind;
    return tp_dec_from_double(&out->amount, v, err);
}

/* Type and prices of a wish; 0 when one is na, so that nothing can be wanted. */
static int
prices(const struct tp_compiled *c, const struct order_rule *o, size_t i, const struct tp_view *view,
       struct tp_want *w, struct tp_err *err)
{
    double price = o->price < 0 ? 1 : tp_expr_at(&c->expr, o->price, i, view);
    double stop = o->stop < 0 ? 1 : tp_expr_at(&c->expr, o->stop, i, view);

    w->type = o->type;
    w->price = w->stop_price = TP_DEC_NONE;
    if (!(price > 0) || !(stop > 0))
        return 0;
    if ((o->price >= 0 && tp_dec_from_double(&w->price, price, err))
        || (o->stop >= 0 && tp_dec_from_double(&w->stop_price, stop, err)))
        return -1;
    return 1;
}

static int
want_entry(const struct tp_compiled *c, int k, size_t i, const struct tp_view *view, bool adding,
           struct tp_wants *out, struct tp_err *err)
{
    const struct side_rules *r = &c->side[k];
    struct order_rule        market = {TP_WANT_MARKET, -1, -1};
    struct tp_want          *w = &out->at[out->n];
    double                   size = r->size;
    int                      got;

    if (r->size_kind == TP_SIZE_KELLY) {
        double p = tp_expr_at(&c->expr, r->chance, i, view);

        size *= (k ? 1 - 2 * p : 2 * p - 1) * 100;
        if (!(p >= 0 && p <= 1) || !(size > 0)) /* no chance, no bet */
            return 0;
    }
    memset(w, 0, sizeof *w);
    got = prices(c, adding ? &market : &r->entry, i, view, w, err);
    if (got <= 0)
        return got;
    w->kind = w->type == TP_WANT_STOP_MARKET || w->type == TP_WANT_STOP_LIMIT ? TP_WANT_REST : TP_WANT_ENTER;
    w->side = k ? -1 : 1;
    w->size_kind = r->size_kind;
    w->expire_bars = r->expire_bars;
    w->on_opposite = c->on_opposite;
    w->reason = adding ? (k ? "add.short" : "add.long") : k ? "entry.short" : "entry.long";
    w->protect.time_exit_bars = c->time_exit;
    w->protect.breakeven_after_pct = TP_DEC_NONE;
    w->protect.n_take_profits = c->n_take_profits;
    if (tp_dec_from_double(&w->size, size, err) || distance(c, &c->stop_loss, i, &w->protect.stop_loss, err)
        || distance(c, &c->trailing, i, &w->protect.trailing, err)
        || (c->breakeven > 0 && tp_dec_from_double(&w->protect.breakeven_after_pct, c->breakeven, err)))
        return -1;
    for (size_t t = 0; t < c->n_take_profits; t++)
        if (distance(c, &c->take_profit[t], i, &w->protect.take_profit[t], err)
            || tp_dec_from_double(&w->protect.portion[t], c->portion[t], err))
            return -1;
    /* No entry without the stop that the document wants; one by risk has nothing to size by either. */
    if ((c->stop_loss.kind != TP_DISTANCE_NONE && w->protect.stop_loss.kind == TP_DISTANCE_NONE)
        || (c->trailing.kind != TP_DISTANCE_NONE && w->protect.trailing.kind == TP_DISTANCE_NONE))
        return 0;
    out->n++;
    return 0;
}

static int
want_exit(const struct tp_compiled *c, int k, size_t i, const struct tp_view *view, struct tp_wants *out,
          struct tp_err *err)
{
    struct tp_want *w = &out->at[out->n];
    int             got;

    memset(w, 0, sizeof *w);
    got = prices(c, &c->side[k].exit, i, view, w, err);
    if (got <= 0)
        return got;
    w->kind = w->type == TP_WANT_MARKET ? TP_WANT_EXIT : TP_WANT_LEAVE;
    w->side = k ? -1 : 1;
    w->size = TP_DEC_ZERO;
    w->reason = k ? "exit.short" : "exit.long";
    out->n++;
    return 0;
}

static int
decide(struct tp_strategy *s, size_t i, const struct tp_view *view, struct tp_wants *out, struct tp_err *err)
{
    const struct tp_compiled *c = (const struct tp_compiled *)s;
    unsigned               says = c->says[i];
    bool                   turning = false;

    for (int k = 0; k < 2; k++) {
        const struct side_rules *r = &c->side[k];
        int                      side = k ? -1 : 1;

        if (view->position == side || !(says & ((unsigned)SAYS_ENTER << k)))
            continue;
        if (view->position == -side && c->on_opposite == TP_OPPOSITE_IGNORE)
            continue;
        if (view->bars_since_exit >= 0 && view->bars_since_exit < r->cooldown)
            continue;
        if (!holds(c, r->when, i, view) || !holds(c, c->filter, i, view))
            continue;
        if (want_entry(c, k, i, view, false, out, err))
            return -1;
        turning |= view->position == -side && out->n > 0;
    }
    if (view->position == 0 || turning)
        return 0;
    {
        int                      k = view->position < 0;
        const struct side_rules *r = &c->side[k];

        if (r->leaves && holds(c, r->exit_when, i, view)) {
            if (want_exit(c, k, i, view, out, err))
                return -1;
            if (r->exit.type == TP_WANT_MARKET)
                return 0;
        }
        if (r->add_when >= 0 && view->adds < r->max_adds && holds(c, r->add_when, i, view))
            return want_entry(c, k, i, view, true, out, err);
    }
    return 0;
}

static void
close_compiled(struct tp_strategy *s)
{
    struct tp_compiled *c = (struct tp_compiled *)s;

    tp_expr_free(&c->expr);
    free(c->says);
    free(c->document);
    tp_arena_free(&c->arena);
    free(c);
}

const struct tp_strategy_ops tp_decide_ops = {.block = block, .quiet = quiet, .decide = decide, .close = close_compiled};
