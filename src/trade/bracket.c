#include "trade/bracket.h"

#include <string.h>

#include "base/banned.h"
#include "trade/work.h"

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
push_child(struct tp_match *m, const struct tp_work *parent, enum tp_role role,
           struct tp_dec quantity, struct tp_dec price, struct tp_err *err)
{
    struct tp_work c = tp_work_init();
    int direction = -parent->side;

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
        if (tp_work_tick(m, &c.price, direction < 0, err))
            return -1;
    } else if (role == TP_ROLE_STOP_LOSS) {
        c.type = TP_ORDER_STOP_MARKET;
        c.stop_price = price;
        if (tp_work_tick(m, &c.stop_price, direction > 0, err))
            return -1;
    } else {
        c.type = TP_ORDER_TRAILING_STOP;
        if (parent->bracket.trailing.kind == TP_OFFSET_PERCENT)
            c.callback_rate = parent->bracket.trailing.amount;
        else
            c.trail_distance = parent->bracket.trailing.amount;
        c.armed = true;
        if (tp_work_trail(m, &c, price, err))
            return -1;
    }
    if (tp_work_push(m, &c, err))
        return -1;
    m->work[m->n - 1].fresh = false; /* R1: eligible at once, under R8 */
    m->work[m->n - 1].latency = 0;
    return 0;
}

int
tp_bracket_grow(struct tp_match *m, size_t at, struct tp_dec price, struct tp_dec opened,
                struct tp_err *err)
{
    const struct tp_bracket *b = &m->work[at].bracket;
    struct tp_work parent;
    bool known = false;
    struct tp_dec placed = TP_DEC_ZERO, portions = TP_DEC_ZERO, level, share;

    if (b->stop_loss.kind == TP_OFFSET_NONE && b->trailing.kind == TP_OFFSET_NONE
        && b->n_targets == 0)
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

/* What the group of order `at` could close before that order was filled by quantity: the most of any of it, for a
 * group that was put together by hand. */
static int
group_left(const struct tp_match *m, size_t at, struct tp_dec quantity, struct tp_dec *left, struct tp_err *err)
{
    struct tp_dec open;

    *left = m->work[at].group_left;
    if (!tp_dec_none(*left))
        return 0;
    *left = TP_DEC_ZERO;
    for (size_t i = 0; i < m->n; i++) {
        const struct tp_work *w = &m->work[i];

        if (w->group != m->work[at].group || (w->done && i != at))
            continue;
        if (tp_dec_sub(&open, w->quantity, w->filled, err) || (i == at && tp_dec_add(&open, open, quantity, err)))
            return -1;
        *left = tp_dec_max(*left, open);
    }
    return 0;
}

int
tp_bracket_shrink(struct tp_match *m, size_t at, struct tp_dec quantity, struct tp_err *err)
{
    int64_t group = m->work[at].group;
    struct tp_dec left, open;

    if (!group)
        return 0;
    if (group_left(m, at, quantity, &left, err) || tp_dec_sub(&left, left, quantity, err))
        return -1;
    for (size_t i = 0; i < m->n; i++) {
        struct tp_work *w = &m->work[i];

        if (w->group != group || w->done)
            continue;
        w->group_left = left;
        if (i == at)
            continue;
        if (tp_dec_sign(left) <= 0) {
            if (tp_work_finish(m, w, TP_STATUS_CANCELLED, "OCO", err))
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

int
tp_bracket_drop(struct tp_match *m, int side, const struct tp_work *but, struct tp_err *err)
{
    for (size_t i = 0; i < m->n; i++) {
        struct tp_work *w = &m->work[i];

        if (w != but && !w->done && w->parent && w->side == side
            && tp_work_finish(m, w, TP_STATUS_CANCELLED, "POSITION_CLOSED", err))
            return -1;
    }
    return 0;
}
