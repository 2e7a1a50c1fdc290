#include "trade/funding.h"

#include <string.h>

#include "base/banned.h"

#define GRID_US (8 * TP_US_HOUR) /* of stamps nobody has told: 00:00, 08:00, 16:00 UTC */
#define IMPUTED_RATE (TP_RATE_ONE / 10000)

bool
tp_funding_applies(const struct tp_knobs *knobs, const struct tp_symbol *symbol, bool rates)
{
    if (knobs->funding_missing == TP_FUNDING_OFF || strcmp(symbol->market_type, "SPOT") == 0)
        return false;
    return symbol->market_type[0] || rates || knobs->funding_given;
}

static int64_t
rate_us(const struct tp_funding *f, size_t i)
{
    return tp_funding_stamp(f->rates[i].funding_time).us;
}

/* Finds the first stamp that is not over.  One of the grid is there when no rate is known of it or of the eight hours
 * before it: then the history has a hole, has not begun or has ended. */
static void
seek(struct tp_funding *f)
{
    int64_t grid = f->done_us - f->done_us % GRID_US;

    while (grid < f->done_us)
        grid += GRID_US;
    while (f->next < f->n && rate_us(f, f->next) < f->done_us)
        f->next++;
    for (;; grid += GRID_US) {
        f->known = f->next < f->n && rate_us(f, f->next) <= grid;
        if (f->known || f->next == 0 || rate_us(f, f->next - 1) <= grid - GRID_US)
            break;
    }
    f->stamp.us = f->known ? rate_us(f, f->next) : grid;
}

void
tp_match_rates(struct tp_match *m, const struct tp_funding_rate *rates, size_t n, struct tp_time from)
{
    struct tp_funding *f = &m->funding;

    f->on = tp_funding_applies(&m->knobs, &m->symbol, n > 0);
    f->rates = rates;
    f->n = n;
    f->next = 0;
    if (!tp_time_none(from))
        f->done_us = from.us;
    seek(f);
}

/* The rate of the stamp for a holder of that side; what is not known costs. */
static int
rate_of(struct tp_match *m, int side, struct tp_rate *rate, struct tp_err *err)
{
    const struct tp_funding *f = &m->funding;
    char                     time[TP_TIME_TEXT];

    if (f->known) {
        *rate = f->rates[f->next].rate;
        return 0;
    }
    rate->units = m->knobs.funding_missing == TP_FUNDING_COST ? side * IMPUTED_RATE : 0;
    if (m->knobs.funding_missing != TP_FUNDING_FAIL)
        return 0;
    tp_time_print(time, f->stamp);
    tp_fail(err, TP_EREFUSED, "no funding rate of %s is known, and funding_missing is 'fail'", time);
    return tp_hint(err, "'tp-prices funding --import FILE' stores rates, --funding FILE gives them to a run");
}

/* One leg at the stamp: it has held between least and most.  What costs is paid on the most of it at the dearer
 * price, what pays is received on the least at the cheaper one. */
static int
pay(struct tp_match *m, int leg, struct tp_dec most, struct tp_dec least, bool costs_only, struct tp_err *err)
{
    const struct tp_funding  *f = &m->funding;
    struct tp_leg            *l = &m->book->leg[leg];
    struct tp_funding_payment p;
    struct tp_dec             value;
    bool                      costs;

    tp_record_init(&tp_funding_payment_record, &p);
    if (rate_of(m, l->side, &p.rate, err))
        return -1;
    costs = (p.rate.units > 0) == (l->side > 0);
    p.quantity = costs ? most : least;
    if (p.quantity.units == 0 || (costs_only && (!costs || p.rate.units == 0)))
        return 0;
    m->counts.fundings++;
    m->counts.imputed += !f->known;
    if (p.rate.units == 0)
        return 0;
    p.price = f->known ? f->rates[f->next].mark_price : TP_DEC_NONE;
    if (tp_dec_none(p.price))
        p.price = f->stamp.us <= m->bar.open_time.us ? m->bar.open : costs ? m->bar.high : m->bar.low;
    /* Rounded against the holder: the amount is minus the cost, which is rounded up. */
    if (tp_dec_mul(&value, p.price, p.quantity, TP_HALF_AWAY, err))
        return -1;
    value.units *= l->side;
    if (tp_dec_mul_rate(&value, value, p.rate, TP_UP, err))
        return -1;
    p.amount.units = -value.units;
    if (tp_book_fund(m->book, l, p.amount, err))
        return -1;
    if (!m->sink.funding)
        return 0;
    p.funding_time = f->stamp;
    memcpy(p.exchange, m->symbol.exchange, sizeof p.exchange);
    memcpy(p.symbol, m->symbol.symbol, sizeof p.symbol);
    memcpy(p.currency, m->symbol.quote_currency, sizeof p.currency);
    tp_text_set(p.side, sizeof p.side, l->side > 0 ? "LONG" : "SHORT", l->side > 0 ? 4 : 5);
    p.imputed = !f->known;
    return m->sink.funding(m->sink.to, &p, err);
}

static void
next(struct tp_funding *f)
{
    f->done_us = f->stamp.us + 1;
    seek(f);
}

int
tp_funding_open(struct tp_match *m, struct tp_err *err)
{
    struct tp_funding *f = &m->funding;

    if (!f->on)
        return 0;
    if (m->book->leg[0].side == 0 && m->book->leg[1].side == 0 && f->done_us <= m->bar.open_time.us) {
        f->done_us = m->bar.open_time.us + 1;
        seek(f);
    }
    for (; f->stamp.us <= m->bar.open_time.us; next(f))
        for (int i = 0; i < 2; i++)
            if (m->book->leg[i].side
                && pay(m, i, m->book->leg[i].quantity, m->book->leg[i].quantity, false, err))
                return -1;
    return 0;
}

void
tp_funding_enter(struct tp_match *m)
{
    struct tp_funding *f = &m->funding;

    f->inside = f->on && f->stamp.us < m->bar.close_time.us;
    for (int i = 0; f->inside && i < 2; i++)
        f->most[i] = f->least[i] = m->book->leg[i].side ? m->book->leg[i].quantity : TP_DEC_ZERO;
}

void
tp_funding_changed(struct tp_match *m, int side)
{
    struct tp_funding   *f = &m->funding;
    const struct tp_leg *l = tp_book_leg(m->book, side);
    size_t               i = (size_t)(l - m->book->leg);
    struct tp_dec        held = l->side ? l->quantity : TP_DEC_ZERO;

    f->most[i] = tp_dec_max(f->most[i], held);
    f->least[i] = tp_dec_min(f->least[i], held);
}

/* Whether it was still there at the stamps of this bar is not known: they are paid when they cost. */
int
tp_funding_ends(struct tp_match *m, int side, struct tp_err *err)
{
    struct tp_funding *f = &m->funding;
    struct tp_funding  back = *f;
    int                leg = (int)(tp_book_leg(m->book, side) - m->book->leg);

    if (!f->inside)
        return 0;
    for (; f->stamp.us < m->bar.close_time.us; next(f))
        if (pay(m, leg, f->most[leg], TP_DEC_ZERO, true, err))
            return -1;
    *f = back; /* the other leg, and what comes after it, have them still before them */
    f->most[leg] = f->least[leg] = TP_DEC_ZERO;
    return 0;
}

int
tp_funding_leave(struct tp_match *m, struct tp_err *err)
{
    struct tp_funding *f = &m->funding;

    if (!f->inside)
        return 0;
    f->inside = false;
    for (; f->stamp.us < m->bar.close_time.us; next(f))
        for (int i = 0; i < 2; i++)
            if (m->book->leg[i].side && pay(m, i, f->most[i], f->least[i], false, err))
                return -1;
    return 0;
}

void
tp_funding_done(struct tp_match *m)
{
    struct tp_funding *f = &m->funding;

    if (f->on && f->done_us < m->bar.close_time.us) {
        f->done_us = m->bar.close_time.us;
        if (f->stamp.us < f->done_us)
            seek(f);
    }
}
