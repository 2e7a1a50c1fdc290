#include "trade/book.h"

#include <string.h>

#include "base/banned.h"

void
tp_book_init(struct tp_book *b, const char *symbol, struct tp_dec initial, bool hedge)
{
    memset(b, 0, sizeof *b);
    tp_text_set(b->symbol, sizeof b->symbol, symbol, strlen(symbol));
    b->initial = b->wallet = initial;
    b->hedge = hedge;
    b->isolated = true;
    for (int i = 0; i < 2; i++)
        b->leg[i].last_entry_price = b->leg[i].low = b->leg[i].high = b->leg[i].liquidation = TP_DEC_NONE;
}

/* Cost and margin of a position as one sum: what it is worth when its margin is lost. */
static int
worth_without_margin(const struct tp_leg *l, struct tp_dec *out, struct tp_err *err)
{
    return l->side > 0 ? tp_dec_sub(out, l->cost, l->margin, err) : tp_dec_add(out, l->cost, l->margin, err);
}

/* R17: (q E - s (W + cum)) / (q (1 - s mmr)), half away after each of the two divisions. */
int
tp_book_relevel(const struct tp_book *b, struct tp_leg *l, struct tp_err *err)
{
    struct tp_dec worth, rate;

    l->liquidation = TP_DEC_NONE;
    if (!b->liquidates || l->side == 0)
        return 0;
    if (worth_without_margin(l, &worth, err)
        || (l->side > 0 ? tp_dec_sub(&worth, worth, b->tier.cum, err) : tp_dec_add(&worth, worth, b->tier.cum, err)))
        return -1;
    if (tp_dec_sign(worth) <= 0)
        return 0; /* no price above zero is low enough */
    rate = tp_dec_int(100);
    if ((l->side > 0 ? tp_dec_sub(&rate, rate, b->tier.rate, err) : tp_dec_add(&rate, rate, b->tier.rate, err))
        || tp_dec_div(&worth, worth, l->quantity, TP_HALF_AWAY, err)
        || tp_dec_muldiv(&worth, worth, tp_dec_int(100), rate, TP_HALF_AWAY, err))
        return -1;
    if (tp_dec_sign(worth) > 0)
        l->liquidation = worth;
    return 0;
}

int
tp_leg_bankruptcy(const struct tp_leg *l, struct tp_dec *out, struct tp_err *err)
{
    return worth_without_margin(l, out, err) || tp_dec_div(out, *out, l->quantity, TP_HALF_AWAY, err) ? -1 : 0;
}

/* Adds quantity to the position (opening it when flat). */
static int
increase(struct tp_book *b, struct tp_leg *l, const struct tp_fill *f, struct tp_dec quantity,
         struct tp_dec fee, struct tp_err *err)
{
    struct tp_dec notional, margin;

    if (tp_dec_mul(&notional, f->price, quantity, TP_HALF_AWAY, err)
        || tp_dec_div(&margin, notional, f->leverage, TP_UP, err))
        return -1;
    if (l->side == 0) {
        l->side = f->direction;
        l->opened_at = f->at;
        l->quantity = l->cost = l->margin = l->net = TP_DEC_ZERO;
        l->entered = l->entered_cost = l->left_cost = l->fees = l->slippage = l->funding = TP_DEC_ZERO;
        l->low = l->high = f->price;
        l->bars = 0;
        l->adds = 0;
        tp_text_set(l->entry_reason, sizeof l->entry_reason, f->reason, strlen(f->reason));
    } else {
        l->adds++;
    }
    l->last_entry_price = f->price;
    return tp_dec_add(&l->quantity, l->quantity, quantity, err)
           || tp_dec_add(&l->cost, l->cost, notional, err)
           || tp_dec_add(&l->margin, l->margin, margin, err)
           || tp_dec_add(&l->entered, l->entered, quantity, err)
           || tp_dec_add(&l->entered_cost, l->entered_cost, notional, err)
           || tp_dec_add(&b->turnover, b->turnover, notional, err)
           || tp_dec_add(&l->fees, l->fees, fee, err)
           || tp_dec_sub(&l->net, l->net, fee, err)
           || tp_dec_sub(&b->wallet, b->wallet, fee, err)
               ? -1
               : 0;
}

/* How far price went from the entry in percent, never below zero. */
static int
excursion(struct tp_dec *out, struct tp_dec distance, struct tp_dec entry, struct tp_err *err)
{
    if (tp_dec_sign(distance) <= 0 || tp_dec_sign(entry) <= 0) {
        *out = TP_DEC_ZERO;
        return 0;
    }
    return tp_dec_muldiv(out, distance, tp_dec_int(100), entry, TP_HALF_EVEN, err);
}

static int
finish_trip(struct tp_book *b, struct tp_leg *l, const struct tp_fill *f, struct tp_trip *t,
            struct tp_err *err)
{
    struct tp_dec down, up;

    memset(t, 0, sizeof *t);
    t->number = ++b->trips;
    memcpy(t->symbol, b->symbol, sizeof t->symbol);
    tp_text_set(t->side, sizeof t->side, l->side > 0 ? "LONG" : "SHORT", l->side > 0 ? 4 : 5);
    t->opened_at = l->opened_at;
    t->closed_at = f->at;
    t->quantity = l->entered;
    t->fees = l->fees;
    t->funding = l->funding;
    t->slippage = l->slippage;
    t->bars_held = l->bars;
    memcpy(t->entry_reason, l->entry_reason, sizeof t->entry_reason);
    tp_text_set(t->exit_reason, sizeof t->exit_reason, f->reason, strlen(f->reason));
    t->pnl = l->net;
    if (tp_dec_div(&t->entry_price, l->entered_cost, l->entered, TP_HALF_AWAY, err)
        || tp_dec_div(&t->exit_price, l->left_cost, l->entered, TP_HALF_AWAY, err)
        || tp_dec_add(&b->result, b->result, t->pnl, err))
        return -1;
    t->pnl_percent = TP_DEC_ZERO;
    if (tp_dec_sign(l->entered_cost) > 0
        && tp_dec_muldiv(&t->pnl_percent, t->pnl, tp_dec_int(100), l->entered_cost, TP_HALF_EVEN, err))
        return -1;
    l->low = tp_dec_min(l->low, f->price);
    l->high = tp_dec_max(l->high, f->price);
    if (tp_dec_sub(&down, t->entry_price, l->low, err) || tp_dec_sub(&up, l->high, t->entry_price, err)
        || excursion(&t->mae, l->side > 0 ? down : up, t->entry_price, err)
        || excursion(&t->mfe, l->side > 0 ? up : down, t->entry_price, err))
        return -1;
    l->side = 0;
    l->quantity = l->cost = l->margin = TP_DEC_ZERO;
    l->last_entry_price = l->liquidation = TP_DEC_NONE;
    return 0;
}

/* Takes quantity (at most all) from the position. */
static int
decrease(struct tp_book *b, struct tp_leg *l, const struct tp_fill *f, struct tp_dec quantity,
         struct tp_dec fee, struct tp_dec *pnl, struct tp_err *err)
{
    struct tp_dec notional, cost = l->cost, margin = l->margin;
    bool          all = quantity.units == l->quantity.units;

    if ((f->role == TP_ROLE_LIQUIDATION ? worth_without_margin(l, &notional, err)
                                        : tp_dec_mul(&notional, f->price, quantity, TP_HALF_AWAY, err))
        || (!all
            && (tp_dec_muldiv(&cost, l->cost, quantity, l->quantity, TP_HALF_AWAY, err)
                || tp_dec_muldiv(&margin, l->margin, quantity, l->quantity, TP_TOWARD_ZERO, err)))
        || (l->side > 0 ? tp_dec_sub(pnl, notional, cost, err) : tp_dec_sub(pnl, cost, notional, err)))
        return -1;
    return tp_dec_sub(&l->quantity, l->quantity, quantity, err)
           || tp_dec_sub(&l->cost, l->cost, cost, err)
           || tp_dec_sub(&l->margin, l->margin, margin, err)
           || tp_dec_add(&l->left_cost, l->left_cost, notional, err)
           || tp_dec_add(&b->turnover, b->turnover, notional, err)
           || tp_dec_add(&l->fees, l->fees, fee, err)
           || tp_dec_add(&l->net, l->net, *pnl, err)
           || tp_dec_sub(&l->net, l->net, fee, err)
           || tp_dec_add(&b->wallet, b->wallet, *pnl, err)
           || tp_dec_sub(&b->wallet, b->wallet, fee, err)
               ? -1
               : 0;
}

int
tp_book_apply(struct tp_book *b, const struct tp_fill *f, struct tp_dec *pnl, struct tp_trip *closed,
              int *n_closed, struct tp_err *err)
{
    struct tp_leg *l = tp_book_leg(b, f->side);
    struct tp_dec  part = TP_DEC_ZERO, rest = f->quantity, part_fee = TP_DEC_ZERO, rest_fee = f->fee;

    *pnl = TP_DEC_NONE;
    *n_closed = 0;
    if (tp_dec_add(&b->fees, b->fees, f->fee, err)
        || tp_dec_add(&b->slippage, b->slippage, f->slippage, err))
        return -1;
    b->fills++;
    if (l->side == -f->direction) {
        part = tp_dec_min(l->quantity, f->quantity);
        part_fee = f->fee;
        if (tp_dec_sub(&rest, f->quantity, part, err))
            return -1;
        if (tp_dec_sign(rest) > 0
            && tp_dec_muldiv(&part_fee, f->fee, part, f->quantity, TP_HALF_AWAY, err))
            return -1;
        if (tp_dec_sub(&rest_fee, f->fee, part_fee, err)
            || tp_dec_add(&l->slippage, l->slippage, f->slippage, err)
            || decrease(b, l, f, part, part_fee, pnl, err))
            return -1;
        if (l->quantity.units == 0) {
            if (finish_trip(b, l, f, closed, err))
                return -1;
            *n_closed = 1;
        }
    }
    if (tp_dec_sign(rest) > 0) {
        if (increase(b, l, f, rest, rest_fee, err))
            return -1;
        /* A reversal's slippage was counted for the round trip that it closed. */
        if (tp_dec_sign(part) == 0 && tp_dec_add(&l->slippage, l->slippage, f->slippage, err))
            return -1;
    }
    return tp_book_relevel(b, l, err);
}

int
tp_book_fund(struct tp_book *b, struct tp_leg *l, struct tp_dec amount, struct tp_err *err)
{
    return tp_dec_add(&l->funding, l->funding, amount, err) || tp_dec_add(&l->net, l->net, amount, err)
                   || (b->isolated && tp_dec_add(&l->margin, l->margin, amount, err))
                   || tp_dec_add(&b->funding, b->funding, amount, err)
                   || tp_dec_add(&b->wallet, b->wallet, amount, err) || tp_book_relevel(b, l, err)
               ? -1
               : 0;
}

int
tp_leg_taken(struct tp_leg *l, struct tp_dec price, struct tp_dec quantity, struct tp_dec pnl, struct tp_err *err)
{
    struct tp_leg tried = *l;
    struct tp_dec bankruptcy;

    if (l->side == 0 || tp_dec_none(pnl) || l->quantity.units != quantity.units)
        return 0;
    tried.margin.units = -pnl.units;
    if (tp_leg_bankruptcy(&tried, &bankruptcy, err))
        return -1;
    if (bankruptcy.units != price.units)
        return 0;
    l->margin = tried.margin;
    return 1;
}

void
tp_book_net(const struct tp_book *b, tp_i128 *quantity, tp_i128 *cost)
{
    *quantity = *cost = 0;
    for (int i = 0; i <= b->hedge; i++) {
        *quantity += b->leg[i].side * b->leg[i].quantity.units;
        *cost += b->leg[i].side * b->leg[i].cost.units;
    }
}

tp_i128
tp_book_equity_exact(const struct tp_book *b, struct tp_dec price)
{
    tp_i128 quantity, cost;

    tp_book_net(b, &quantity, &cost);
    return (b->wallet.units - cost) * TP_DEC_ONE + quantity * price.units;
}

int
tp_book_equity(const struct tp_book *b, struct tp_dec price, struct tp_dec *out, struct tp_err *err)
{
    *out = b->wallet;
    for (int i = 0; i <= b->hedge; i++) {
        struct tp_dec open;

        if (tp_leg_unrealized(&b->leg[i], price, &open, err) || tp_dec_add(out, *out, open, err))
            return -1;
    }
    return 0;
}

int
tp_leg_unrealized(const struct tp_leg *l, struct tp_dec price, struct tp_dec *out, struct tp_err *err)
{
    struct tp_dec value;

    *out = TP_DEC_ZERO;
    if (l->side == 0)
        return 0;
    if (tp_dec_mul(&value, l->quantity, price, TP_HALF_AWAY, err))
        return -1;
    return l->side > 0 ? tp_dec_sub(out, value, l->cost, err) : tp_dec_sub(out, l->cost, value, err);
}

int
tp_book_free(const struct tp_book *b, struct tp_dec *out, struct tp_err *err)
{
    return tp_dec_sub(out, b->wallet, b->reserved, err)
                   || (b->leg[0].side && tp_dec_sub(out, *out, b->leg[0].margin, err))
                   || (b->hedge && b->leg[1].side && tp_dec_sub(out, *out, b->leg[1].margin, err))
               ? -1
               : 0;
}

struct tp_dec
tp_leg_entry_price(const struct tp_leg *l)
{
    struct tp_err err = TP_ERR_INIT;
    struct tp_dec out = TP_DEC_NONE;

    if (l->side != 0 && tp_dec_div(&out, l->cost, l->quantity, TP_HALF_AWAY, &err))
        return TP_DEC_NONE;
    return out;
}

void
tp_book_held(struct tp_book *b, struct tp_dec low, struct tp_dec high, int64_t bars)
{
    for (int i = 0; i <= b->hedge; i++) {
        struct tp_leg *l = &b->leg[i];

        if (l->side == 0)
            continue;
        l->low = tp_dec_min(l->low, low);
        l->high = tp_dec_max(l->high, high);
        l->bars += bars;
    }
}

int
tp_book_check(const struct tp_book *b, struct tp_err *err)
{
    struct tp_dec sum = b->initial;
    char          have[TP_DEC_TEXT], want[TP_DEC_TEXT];

    if (tp_dec_add(&sum, sum, b->result, err)
        || (b->leg[0].side && tp_dec_add(&sum, sum, b->leg[0].net, err))
        || (b->hedge && b->leg[1].side && tp_dec_add(&sum, sum, b->leg[1].net, err)))
        return -1;
    if (sum.units == b->wallet.units)
        return 0;
    tp_dec_print(have, b->wallet, TP_DEC_SCALE);
    tp_dec_print(want, sum, TP_DEC_SCALE);
    return tp_fail(err, TP_EFAIL, "the results of the trades add up to %s but the wallet holds %s", want,
                   have);
}
