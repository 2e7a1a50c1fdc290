#include "trade/book.h"

#include <string.h>

#include "base/banned.h"

void
tp_book_init(struct tp_book *b, const char *symbol, struct tp_dec initial)
{
    memset(b, 0, sizeof *b);
    tp_text_set(b->symbol, sizeof b->symbol, symbol, strlen(symbol));
    b->initial = b->wallet = initial;
    b->last_entry_price = b->low = b->high = TP_DEC_NONE;
}

/* Adds quantity to the position (opening it when flat). */
static int
increase(struct tp_book *b, const struct tp_fill *f, struct tp_dec quantity, struct tp_dec fee,
         struct tp_err *err)
{
    struct tp_dec notional, margin;

    if (tp_dec_mul(&notional, f->price, quantity, TP_HALF_AWAY, err)
        || tp_dec_div(&margin, notional, f->leverage, TP_UP, err))
        return -1;
    if (b->side == 0) {
        b->side = f->direction;
        b->opened_at = f->at;
        b->wallet_before = b->wallet;
        b->quantity = b->cost = b->margin = TP_DEC_ZERO;
        b->entered = b->entered_cost = b->left_cost = b->trip_fees = b->trip_slippage = TP_DEC_ZERO;
        b->low = b->high = f->price;
        b->bars = 0;
        b->adds = 0;
        tp_text_set(b->entry_reason, sizeof b->entry_reason, f->reason, strlen(f->reason));
    } else {
        b->adds++;
    }
    b->last_entry_price = f->price;
    return tp_dec_add(&b->quantity, b->quantity, quantity, err)
           || tp_dec_add(&b->cost, b->cost, notional, err)
           || tp_dec_add(&b->margin, b->margin, margin, err)
           || tp_dec_add(&b->entered, b->entered, quantity, err)
           || tp_dec_add(&b->entered_cost, b->entered_cost, notional, err)
           || tp_dec_add(&b->turnover, b->turnover, notional, err)
           || tp_dec_add(&b->trip_fees, b->trip_fees, fee, err)
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
finish_trip(struct tp_book *b, const struct tp_fill *f, struct tp_trip *t, struct tp_err *err)
{
    struct tp_dec down, up;

    memset(t, 0, sizeof *t);
    t->number = ++b->trips;
    memcpy(t->symbol, b->symbol, sizeof t->symbol);
    tp_text_set(t->side, sizeof t->side, b->side > 0 ? "LONG" : "SHORT", b->side > 0 ? 4 : 5);
    t->opened_at = b->opened_at;
    t->closed_at = f->at;
    t->quantity = b->entered;
    t->fees = b->trip_fees;
    t->slippage = b->trip_slippage;
    t->bars_held = b->bars;
    memcpy(t->entry_reason, b->entry_reason, sizeof t->entry_reason);
    tp_text_set(t->exit_reason, sizeof t->exit_reason, f->reason, strlen(f->reason));
    if (tp_dec_sub(&t->pnl, b->wallet, b->wallet_before, err)
        || tp_dec_div(&t->entry_price, b->entered_cost, b->entered, TP_HALF_AWAY, err)
        || tp_dec_div(&t->exit_price, b->left_cost, b->entered, TP_HALF_AWAY, err)
        || tp_dec_add(&b->result, b->result, t->pnl, err))
        return -1;
    t->pnl_percent = TP_DEC_ZERO;
    if (tp_dec_sign(b->entered_cost) > 0
        && tp_dec_muldiv(&t->pnl_percent, t->pnl, tp_dec_int(100), b->entered_cost, TP_HALF_EVEN, err))
        return -1;
    b->low = tp_dec_min(b->low, f->price);
    b->high = tp_dec_max(b->high, f->price);
    if (tp_dec_sub(&down, t->entry_price, b->low, err) || tp_dec_sub(&up, b->high, t->entry_price, err)
        || excursion(&t->mae, b->side > 0 ? down : up, t->entry_price, err)
        || excursion(&t->mfe, b->side > 0 ? up : down, t->entry_price, err))
        return -1;
    b->side = 0;
    b->quantity = b->cost = b->margin = TP_DEC_ZERO;
    b->last_entry_price = TP_DEC_NONE;
    return 0;
}

/* Takes quantity (at most all) from the position. */
static int
decrease(struct tp_book *b, const struct tp_fill *f, struct tp_dec quantity, struct tp_dec fee,
         struct tp_dec *pnl, struct tp_err *err)
{
    struct tp_dec notional, cost = b->cost, margin = b->margin;
    bool          all = quantity.units == b->quantity.units;

    if (tp_dec_mul(&notional, f->price, quantity, TP_HALF_AWAY, err)
        || (!all
            && (tp_dec_muldiv(&cost, b->cost, quantity, b->quantity, TP_HALF_AWAY, err)
                || tp_dec_muldiv(&margin, b->margin, quantity, b->quantity, TP_TOWARD_ZERO, err)))
        || (b->side > 0 ? tp_dec_sub(pnl, notional, cost, err) : tp_dec_sub(pnl, cost, notional, err)))
        return -1;
    return tp_dec_sub(&b->quantity, b->quantity, quantity, err)
           || tp_dec_sub(&b->cost, b->cost, cost, err)
           || tp_dec_sub(&b->margin, b->margin, margin, err)
           || tp_dec_add(&b->left_cost, b->left_cost, notional, err)
           || tp_dec_add(&b->turnover, b->turnover, notional, err)
           || tp_dec_add(&b->trip_fees, b->trip_fees, fee, err)
           || tp_dec_add(&b->wallet, b->wallet, *pnl, err)
           || tp_dec_sub(&b->wallet, b->wallet, fee, err)
               ? -1
               : 0;
}

int
tp_book_apply(struct tp_book *b, const struct tp_fill *f, struct tp_dec *pnl, struct tp_trip *closed,
              int *n_closed, struct tp_err *err)
{
    struct tp_dec part = TP_DEC_ZERO, rest = f->quantity, part_fee = TP_DEC_ZERO, rest_fee = f->fee;

    *pnl = TP_DEC_NONE;
    *n_closed = 0;
    if (tp_dec_add(&b->fees, b->fees, f->fee, err)
        || tp_dec_add(&b->slippage, b->slippage, f->slippage, err))
        return -1;
    b->fills++;
    if (b->side == -f->direction) {
        part = tp_dec_min(b->quantity, f->quantity);
        part_fee = f->fee;
        if (tp_dec_sub(&rest, f->quantity, part, err))
            return -1;
        if (tp_dec_sign(rest) > 0
            && tp_dec_muldiv(&part_fee, f->fee, part, f->quantity, TP_HALF_AWAY, err))
            return -1;
        if (tp_dec_sub(&rest_fee, f->fee, part_fee, err)
            || tp_dec_add(&b->trip_slippage, b->trip_slippage, f->slippage, err)
            || decrease(b, f, part, part_fee, pnl, err))
            return -1;
        if (b->quantity.units == 0) {
            if (finish_trip(b, f, closed, err))
                return -1;
            *n_closed = 1;
        }
    }
    if (tp_dec_sign(rest) > 0) {
        if (increase(b, f, rest, rest_fee, err))
            return -1;
        /* A reversal's slippage was counted for the round trip that it closed. */
        if (tp_dec_sign(part) == 0 && tp_dec_add(&b->trip_slippage, b->trip_slippage, f->slippage, err))
            return -1;
    }
    return 0;
}

tp_i128
tp_book_equity_exact(const struct tp_book *b, struct tp_dec price)
{
    tp_i128 open = b->quantity.units * price.units - b->cost.units * TP_DEC_ONE;

    return b->wallet.units * TP_DEC_ONE + (b->side < 0 ? -open : open);
}

int
tp_book_equity(const struct tp_book *b, struct tp_dec price, struct tp_dec *out, struct tp_err *err)
{
    struct tp_dec value, open;

    *out = b->wallet;
    if (b->side == 0)
        return 0;
    if (tp_dec_mul(&value, b->quantity, price, TP_HALF_AWAY, err)
        || tp_dec_sub(&open, value, b->cost, err))
        return -1;
    return b->side > 0 ? tp_dec_add(out, b->wallet, open, err) : tp_dec_sub(out, b->wallet, open, err);
}

struct tp_dec
tp_book_entry_price(const struct tp_book *b)
{
    struct tp_err err = TP_ERR_INIT;
    struct tp_dec out = TP_DEC_NONE;

    if (b->side != 0 && tp_dec_div(&out, b->cost, b->quantity, TP_HALF_AWAY, &err))
        return TP_DEC_NONE;
    return out;
}

void
tp_book_held(struct tp_book *b, struct tp_dec low, struct tp_dec high, int64_t bars)
{
    if (b->side == 0)
        return;
    b->low = tp_dec_min(b->low, low);
    b->high = tp_dec_max(b->high, high);
    b->bars += bars;
}

int
tp_book_check(const struct tp_book *b, struct tp_err *err)
{
    struct tp_dec sum = b->initial, open;
    char          have[TP_DEC_TEXT], want[TP_DEC_TEXT];

    if (tp_dec_add(&sum, sum, b->result, err))
        return -1;
    if (b->side != 0) {
        if (tp_dec_sub(&open, b->wallet, b->wallet_before, err) || tp_dec_add(&sum, sum, open, err))
            return -1;
    }
    if (sum.units == b->wallet.units)
        return 0;
    tp_dec_print(have, b->wallet, TP_DEC_SCALE);
    tp_dec_print(want, sum, TP_DEC_SCALE);
    return tp_fail(err, TP_EFAIL, "the results of the trades add up to %s but the wallet holds %s", want,
                   have);
}
