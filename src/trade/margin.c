#include "trade/margin.h"

#include <string.h>

#include "base/banned.h"
#include "trade/execute.h"
#include "trade/work.h"

void
tp_margin_init(struct tp_book *book, const struct tp_knobs *knobs, const struct tp_symbol *symbol)
{
    book->isolated = knobs->margin_mode == TP_MODE_ISOLATED;
    book->liquidates = book->isolated && knobs->liquidation == TP_LIQUIDATION_ON
                       && strcmp(symbol->market_type, "SPOT") != 0;
    book->tier = (struct tp_tier){knobs->mmr, knobs->mm_cum};
}

int
tp_margin_level(const struct tp_match *m, const struct tp_leg *l, struct tp_dec *level, struct tp_err *err)
{
    struct tp_dec way;

    *level = l->liquidation;
    if (tp_dec_none(*level) || m->knobs.liq_buffer_pct.units == 0)
        return 0;
    return tp_dec_sub(&way, tp_leg_entry_price(l), *level, err)
                   || tp_dec_muldiv(&way, way, m->knobs.liq_buffer_pct, tp_dec_int(100), TP_HALF_AWAY, err)
                   || tp_dec_add(level, *level, way, err)
               ? -1
               : 0;
}

/* Whether a market at the price has taken the margin of the position. */
static bool
lost(const struct tp_leg *l, struct tp_dec price)
{
    return l->side && !tp_dec_none(l->liquidation) && !tp_work_dearer(l->side, price, l->liquidation);
}

/* Leaves the position before the venue takes it: an exit as any other, but for the volume. */
static int
leave(struct tp_match *m, const struct tp_leg *l, struct tp_dec price, struct tp_err *err)
{
    static const char reason[] = "LIQ_BUFFER";
    struct tp_work    w = tp_work_init();
    bool              filled;
    int               rc;

    w.created_at = m->now;
    w.side = l->side;
    w.reduce_only = true;
    w.role = TP_ROLE_EXIT;
    w.quantity = l->quantity;
    memcpy(w.reason, reason, sizeof reason);
    if (tp_work_push(m, &w, err))
        return -1;
    m->forced = true;
    rc = tp_execute_fill(m, m->n - 1, price, true, &filled, err);
    m->forced = false;
    return rc;
}

int
tp_margin_take(struct tp_match *m, struct tp_leg *l, struct tp_dec price, struct tp_err *err)
{
    return lost(l, price) ? tp_execute_liquidation(m, l, err) : leave(m, l, price, err);
}

int
tp_margin_open(struct tp_match *m, struct tp_err *err)
{
    struct tp_dec level;

    for (int i = 0; i < 2; i++) {
        struct tp_leg *l = &m->book->leg[i];

        m->spared[i] = false;
        if (l->side == 0)
            continue;
        if (tp_margin_level(m, l, &level, err))
            return -1;
        if (!tp_dec_none(level) && !tp_work_dearer(l->side, m->bar.open, level)
            && tp_margin_take(m, l, m->bar.open, err))
            return -1;
    }
    return 0;
}

int
tp_margin_hit(const struct tp_match *m, struct tp_dec from, struct tp_dec to, struct tp_leg **leg,
              struct tp_dec *price, struct tp_err *err)
{
    *leg = NULL;
    for (int i = 0; i < 2; i++) {
        struct tp_leg *l = &m->book->leg[i];
        struct tp_dec  level;

        /* A long is hit on the way down, a short on the way up: never both on one way. */
        if (l->side == 0 || m->spared[i] || tp_dec_none(l->liquidation) || tp_dec_cmp(to, from) * l->side >= 0)
            continue;
        if (tp_margin_level(m, l, &level, err))
            return -1;
        if (tp_work_dearer(l->side, to, level))
            continue;
        *leg = l;
        *price = tp_work_dearer(l->side, level, from) ? from : level;
    }
    return 0;
}
