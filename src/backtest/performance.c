#include "backtest/performance.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

static const struct tp_field fields[] = {
    F_UUID(struct tp_performance, bot_id, "the bot"),
    F_DATE(struct tp_performance, date, "UTC day"),
    F_UUID(struct tp_performance, user_id, "whose bot it is", .wide = true),
    F_TEXT(struct tp_performance, currency, "currency of the amounts"),
    F_DEC(struct tp_performance, daily_pnl, "change of equity in the day, deposits left out"),
    F_DEC(struct tp_performance, cumulative_pnl, "the same since the first bar"),
    F_INT(struct tp_performance, trades_count, "round trips closed in the day"),
    F_INT(struct tp_performance, winning_trades, "those that won"),
    F_INT(struct tp_performance, losing_trades, "those that lost"),
    F_PERCENT(struct tp_performance, win_rate, "percent of winning round trips; null without any"),
    F_RATIO(struct tp_performance, sharpe_ratio, "of all daily returns so far; null under two days"),
    F_RATIO(struct tp_performance, max_drawdown, "deepest fall since the first bar in percent"),
    F_VOLUME(struct tp_performance, total_volume, "notional of the day's fills"),
    F_DEC(struct tp_performance, total_fees, "fees of the day"),
    F_JSON(struct tp_performance, detailed_metrics, "definition, equity, realised result, fills", .wide = true),
    F_TIME(struct tp_performance, created_at, "when it was first written", .wide = true),
    F_STOP,
};

const struct tp_record tp_performance_record = {"bot_performance", "a day of a bot", fields,
                                                sizeof(struct tp_performance)};

void
tp_perf_init(struct tp_perf *p, struct tp_dec capital, const char *currency, bool hedge, void *to,
             int (*each)(void *to, struct tp_performance *day, struct tp_err *err))
{
    memset(p, 0, sizeof *p);
    tp_book_init(&p->book, "", capital, hedge);
    p->equity = p->peak = capital;
    p->to = to;
    p->each = each;
    p->ends = tp_alloc(16 * sizeof *p->ends);
    p->room = 16;
    p->ends[p->n++] = capital;
    tp_record_init(&tp_performance_record, &p->day);
    tp_text_set(p->day.currency, sizeof p->day.currency, currency, strlen(currency));
}

static void
begin_day(struct tp_perf *p, int64_t date)
{
    p->day.date = date;
    p->day.trades_count = p->day.winning_trades = p->day.losing_trades = 0;
    p->day.total_volume = p->day.total_fees = p->realized = TP_DEC_ZERO;
    p->fills = 0;
}

static void
put_amount(struct tp_buf *to, const char *key, struct tp_dec value)
{
    char text[TP_DEC_TEXT];

    tp_dec_print(text, value, TP_DEC_SCALE);
    tp_buf_fmt(to, ",\"%s\":\"%s\"", key, text);
}

static int
end_day(struct tp_perf *p, struct tp_err *err)
{
    struct tp_performance *d = &p->day;

    if (tp_dec_sub(&d->daily_pnl, p->equity, p->ends[p->n - 1], err)
        || tp_dec_sub(&d->cumulative_pnl, p->equity, p->ends[0], err))
        return -1;
    if (p->n == p->room) {
        p->room *= 2;
        p->ends = tp_realloc(p->ends, p->room * sizeof *p->ends);
    }
    p->ends[p->n++] = p->equity;
    d->win_rate = tp_metric_quotient(100 * d->winning_trades, d->trades_count, 2);
    d->sharpe_ratio = tp_metric_daily_sharpe(p->ends, p->n);
    d->max_drawdown = p->worst;
    tp_buf_clear(&p->text);
    tp_buf_fmt(&p->text, "{\"definition\":\"%s\"", TP_METRICS_VERSION);
    put_amount(&p->text, "equity", p->equity);
    put_amount(&p->text, "realized_pnl", p->realized);
    tp_buf_fmt(&p->text, ",\"fills\":%lld}", (long long)p->fills);
    d->detailed_metrics = p->text.at;
    return p->each(p->to, d, err);
}

/* Days that are over, those without bars with the equity of the last bar. */
static int
go_to(struct tp_perf *p, int64_t date, struct tp_err *err)
{
    if (!p->begun) {
        p->begun = true;
        begin_day(p, date);
    }
    while (p->day.date < date) {
        int64_t next = p->day.date + 1;

        if (end_day(p, err))
            return -1;
        begin_day(p, next);
    }
    return 0;
}

int
tp_perf_funding(struct tp_perf *p, struct tp_dec amount, int side, struct tp_time bar, struct tp_err *err)
{
    return go_to(p, tp_time_day(bar), err) || tp_book_fund(&p->book, tp_book_leg(&p->book, side), amount, err) ? -1 : 0;
}

/* The margin that a liquidation took is what its result says, if its price says so, too. */
static int
take_margin(struct tp_perf *p, const struct tp_trade *t, int side, struct tp_err *err)
{
    int  taken = tp_leg_taken(tp_book_leg(&p->book, side), t->price, t->quantity, t->pnl, err);
    char id[TP_UUID_TEXT];

    if (taken)
        return taken > 0 ? 0 : -1;
    tp_uuid_print(id, t->id);
    return tp_fail(err, TP_EDRIFT, "the liquidation %s tells another price than its result gives", id);
}

int
tp_perf_trade(struct tp_perf *p, const struct tp_trade *t, int side, bool liquidation, struct tp_time bar,
              struct tp_err *err)
{
    struct tp_fill f = {.at = t->executed_at,
                        .side = side,
                        .direction = strcmp(t->side, "BUY") == 0 ? 1 : -1,
                        .price = t->price,
                        .quantity = t->quantity,
                        .fee = tp_dec_none(t->fee_quote) ? t->fee : t->fee_quote,
                        .slippage = TP_DEC_ZERO,
                        .leverage = tp_dec_int(1), /* margin is nothing that is measured here */
                        .role = liquidation ? TP_ROLE_LIQUIDATION : TP_ROLE_ENTRY,
                        .reason = ""};
    struct tp_dec  pnl, notional;
    struct tp_trip trip;
    char           id[TP_UUID_TEXT];
    int            closed;

    if (go_to(p, tp_time_day(bar), err) || (liquidation && take_margin(p, t, side, err)) || tp_book_apply(&p->book, &f, &pnl, &trip, &closed, err)
        || tp_dec_mul(&notional, f.price, f.quantity, TP_HALF_AWAY, err)
        || tp_dec_add(&p->day.total_volume, p->day.total_volume, notional, err)
        || tp_dec_add(&p->day.total_fees, p->day.total_fees, f.fee, err)
        || (!tp_dec_none(pnl) && tp_dec_add(&p->realized, p->realized, pnl, err)))
        return -1;
    p->fills++;
    if (closed) {
        p->day.trades_count++;
        p->day.winning_trades += tp_dec_sign(trip.pnl) > 0;
        p->day.losing_trades += tp_dec_sign(trip.pnl) < 0;
    }
    if (pnl.units == t->pnl.units)
        return 0;
    tp_uuid_print(id, t->id);
    return tp_fail(err, TP_EDRIFT, "the fill %s tells another result than the fills before it give", id);
}

int
tp_perf_bar(struct tp_perf *p, struct tp_time open, struct tp_dec close, struct tp_err *err)
{
    struct tp_dec fall;

    if (go_to(p, tp_time_day(open), err) || tp_book_equity(&p->book, close, &p->equity, err))
        return -1;
    p->peak = tp_dec_max(p->peak, p->equity);
    fall = tp_metric_quotient(100 * (p->peak.units - p->equity.units), p->peak.units, 4);
    if (!tp_dec_none(fall))
        p->worst = tp_dec_max(p->worst, fall);
    return 0;
}

int
tp_perf_end(struct tp_perf *p, struct tp_err *err)
{
    return p->begun ? end_day(p, err) : 0;
}

void
tp_perf_free(struct tp_perf *p)
{
    free(p->ends);
    p->ends = NULL;
    tp_buf_free(&p->text);
}
