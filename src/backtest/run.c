#include "backtest/run.h"

#include <stdlib.h>
#include <string.h>

#include "backtest/fingerprint.h"
#include "base/banned.h"

#define RESULTS_MAX 100000

struct tp_run {
    struct tp_run_opts opts;
    struct tp_book     book;
    struct tp_paper    paper;
    struct tp_session  session;
    struct tp_meter    meter;
    struct tp_fingerprint *data;
    struct tp_buf      results;
    struct tp_buf      settings;
    int64_t            last_time;
    int64_t            synthetic;
    int64_t            n_results;
    size_t             next_order;
    bool               begun;
};

/* ---- listeners ------------------------------------------------------------------------------- */

static int
on_event(void *to, const struct tp_work *order, const struct tp_order_event *event, struct tp_err *err)
{
    struct tp_run      *r = to;
    struct tp_strategy *s = r->opts.strategy;

    if (s && s->ops->ordered)
        s->ops->ordered(s, order, event);
    return r->opts.sink.event ? r->opts.sink.event(r->opts.sink.to, order, event, err) : 0;
}

static int
on_trade(void *to, const struct tp_work *order, const struct tp_trade *trade, struct tp_err *err)
{
    struct tp_run      *r = to;
    struct tp_strategy *s = r->opts.strategy;

    if (s && s->ops->filled)
        s->ops->filled(s, order, trade, &r->book);
    return r->opts.sink.trade ? r->opts.sink.trade(r->opts.sink.to, order, trade, err) : 0;
}

static int
on_trip(void *to, const struct tp_trip *trip, struct tp_err *err)
{
    struct tp_run *r = to;

    if (tp_meter_trip(&r->meter, trip, err))
        return -1;
    if (r->opts.keep_results && r->n_results++ < RESULTS_MAX) {
        tp_buf_char(&r->results, r->results.n ? ',' : '[');
        tp_record_json(&tp_trip_record, trip, &r->results);
        r->results.at[--r->results.n] = '\0'; /* without the line's end */
    }
    return r->opts.sink.trip ? r->opts.sink.trip(r->opts.sink.to, trip, err) : 0;
}

static int
on_funding(void *to, const struct tp_funding_payment *payment, struct tp_err *err)
{
    struct tp_run *r = to;

    return r->opts.sink.funding(r->opts.sink.to, payment, err);
}

static int
on_point(void *to, const struct tp_equity_point *point, struct tp_err *err)
{
    struct tp_run *r = to;

    return r->opts.point(r->opts.sink.to, point, err);
}

/* Orders from a file become eligible at the first bar that opens at or after created_at. */
static int
feed(void *to, struct tp_broker *broker, const struct tp_bar *next, struct tp_err *err)
{
    struct tp_run *r = to;
    int64_t        number;

    while (r->next_order < r->opts.n_orders
           && r->opts.orders[r->next_order].created_at.us <= next->open_time.us) {
        if (broker->ops->submit(broker, &r->opts.orders[r->next_order], &number, err))
            return -1;
        r->next_order++;
    }
    return 0;
}

/* The rates belong to the data as the bars do. */
static void
put_rates(const struct tp_run_opts *opts, struct tp_buf *to)
{
    for (size_t i = 0; i < opts->n_rates; i++) {
        const struct tp_funding_rate *f = &opts->rates[i];
        char                          rate[TP_DEC_TEXT], mark[TP_DEC_TEXT];

        tp_rate_print(rate, f->rate);
        mark[tp_dec_print(mark, f->mark_price, TP_DEC_SCALE)] = '\0';
        tp_buf_fmt(to, "%lld|%s|%s\n", (long long)tp_funding_stamp(f->funding_time).us, rate, mark);
    }
}

/* ---- the run --------------------------------------------------------------------------------- */

int
tp_run_open(struct tp_run **out, const struct tp_run_opts *opts, struct tp_err *err)
{
    struct tp_run *r = tp_alloc(sizeof *r);
    const struct tp_strategy_ops *ops = opts->strategy ? opts->strategy->ops : NULL;
    struct tp_sink sink = {r, opts->sink.event || (ops && ops->ordered) ? on_event : NULL,
                           opts->sink.trade || (ops && ops->filled) ? on_trade : NULL, on_trip,
                           opts->sink.funding ? on_funding : NULL};
    char           seed[TP_SHA256_TEXT];
    struct tp_buf  text = {0};

    (void)err;
    r->opts = *opts;
    tp_knobs_fees(&opts->knobs, &r->opts.symbol);
    tp_book_init(&r->book, opts->symbol.symbol, opts->knobs.initial_capital, opts->hedge);
    tp_meter_init(&r->meter, opts->interval->us, opts->knobs.initial_capital);
    if (opts->point) {
        r->meter.to = r;
        r->meter.point = on_point;
    }
    tp_buf_fmt(&r->settings, "{\"profile\":\"%s\",\"interval\":\"%s\",\"knobs\":",
               tp_profiles[opts->knobs.profile], opts->interval->name);
    tp_knobs_json(&opts->knobs, &r->settings);
    tp_record_json(&tp_symbol_record, &r->opts.symbol, &text);
    text.n--;
    tp_buf_text(&r->settings, ",\"instrument\":");
    tp_buf_put(&r->settings, text.at, text.n);
    if (opts->strategy && opts->strategy->document) {
        tp_buf_text(&r->settings, ",\"strategy\":");
        tp_buf_text(&r->settings, opts->strategy->document);
    }
    tp_buf_char(&r->settings, '}');
    put_rates(opts, &text);
    tp_fingerprint_open(&r->data, text.at, text.n);
    tp_buf_clear(&text);
    tp_buf_put(&text, r->settings.at, r->settings.n);
    tp_buf_text(&text, opts->strategy ? opts->strategy->hash : opts->orders_hash ? opts->orders_hash : "");
    tp_sha256_text(text.at, text.n, seed);
    tp_buf_free(&text);

    tp_paper_init(&r->paper, &opts->knobs, &r->opts.symbol, &r->book, &sink, seed);
    tp_match_rates(&r->paper.match, opts->rates, opts->n_rates, TP_TIME_NONE);
    tp_session_init(&r->session);
    r->session.strategy = opts->strategy;
    r->session.broker = &r->paper.broker;
    r->session.book = &r->book;
    r->session.symbol = &r->opts.symbol;
    r->session.knobs = &r->opts.knobs;
    r->session.interval_us = opts->interval->us;
    r->session.mark = (struct tp_mark_hook){&r->meter, tp_meter_span,
                                            opts->point ? tp_meter_before : NULL};
    if (!opts->strategy)
        r->session.feed = (struct tp_feed_hook){r, feed};
    *out = r;
    return 0;
}

/* Order, gaps and origin of the bars. */
static int
check_bars(struct tp_run *r, const struct tp_bars *bars, struct tp_err *err)
{
    for (size_t i = 0; i < bars->n; i++) {
        int64_t gap;
        char    time[TP_TIME_TEXT];

        if (bars->synthetic[i] && !r->opts.allow_synthetic && r->opts.symbol.exchange[0]) {
            tp_fail(err, TP_EREFUSED, "%s %s has synthetic candles", r->opts.symbol.exchange,
                    r->opts.symbol.symbol);
            return tp_hint(err, "--allow-synthetic runs on invented candles all the same");
        }
        r->synthetic += bars->synthetic[i] != 0;
        gap = (bars->time[i] - r->last_time) / r->opts.interval->us;
        if (r->begun && gap < 1) {
            tp_time_print(time, (struct tp_time){bars->time[i]});
            return tp_fail(err, TP_EINPUT, "the candle of %s is not later than the one before", time);
        }
        if (r->begun && r->opts.max_gap >= 0 && gap - 1 > r->opts.max_gap) {
            tp_time_print(time, (struct tp_time){bars->time[i]});
            return tp_fail(err, TP_EREFUSED, "%lld candles are missing before %s, --max-gap is %lld",
                           (long long)(gap - 1), time, (long long)r->opts.max_gap);
        }
        r->last_time = bars->time[i];
        r->begun = true;
    }
    return 0;
}

int
tp_run_block(struct tp_run *r, const struct tp_bars *bars, struct tp_err *err)
{
    if (bars->n == 0 || r->session.ruined)
        return !r->session.ruined;
    if (check_bars(r, bars, err))
        return -1;
    tp_fingerprint_add(r->data, bars);
    if (tp_session_block(&r->session, bars, err))
        return -1;
    return !r->session.ruined;
}

int64_t
tp_run_missing(const struct tp_run *r)
{
    return r->meter.missing;
}

int64_t
tp_run_unreached(const struct tp_run *r)
{
    return (int64_t)(r->opts.n_orders - r->next_order);
}

static void
put_decimal(struct tp_buf *to, const char *key, struct tp_dec value)
{
    char text[TP_DEC_TEXT];

    tp_dec_print(text, value, TP_DEC_SCALE);
    tp_buf_fmt(to, "\"%s\":\"%s\",", key, text);
}

/* What this run leaves out of account. */
static void
put_not_modelled(const struct tp_run *r, struct tp_buf *to)
{
    const struct tp_knobs *k = &r->opts.knobs;
    bool                   spot = strcmp(r->opts.symbol.market_type, "SPOT") == 0;

    tp_buf_text(to, "\"not_modelled\":[");
    if (!spot && !r->paper.match.funding.on)
        tp_buf_text(to, "\"funding\",");
    if (!spot && k->liquidation == TP_LIQUIDATION_OFF)
        tp_buf_text(to, "\"liquidation\",");
    else if (!spot && k->margin_mode == TP_MODE_CROSS)
        tp_buf_text(to, "\"liquidation of cross margin\",");
    tp_buf_text(to, "\"order book\",\"queue position\"],");
}

/* What is left open when the end-of-data rule keeps it. */
static int
put_open(const struct tp_run *r, struct tp_buf *to, struct tp_err *err)
{
    bool any = false;

    tp_buf_text(to, "\"open_positions\":[");
    for (int i = 0; i < 2; i++) {
        const struct tp_leg *l = &r->book.leg[i];
        struct tp_dec        open;

        if (l->side == 0)
            continue;
        if (tp_leg_unrealized(l, r->meter.last_close, &open, err))
            return -1;
        tp_buf_fmt(to, "%s{\"side\":\"%s\",", any ? "," : "", l->side > 0 ? "LONG" : "SHORT");
        put_decimal(to, "quantity", l->quantity);
        put_decimal(to, "entry_price", tp_leg_entry_price(l));
        put_decimal(to, "unrealized_pnl", open);
        to->at[to->n - 1] = '}';
        any = true;
    }
    tp_buf_text(to, "],");
    return 0;
}

int
tp_run_end(struct tp_run *r, struct tp_backtest *out, struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_BUF                   metrics = {0}, curve = {0};
    char                          hash[TP_SHA256_TEXT];
    const struct tp_match_counts *n = &r->paper.match.counts;

    if (tp_session_end(&r->session, err) || tp_book_check(&r->book, err))
        return -1;
    tp_record_init(&tp_backtest_record, out);
    tp_buf_char(&metrics, '{');
    if (tp_meter_end(&r->meter, &r->book, out, &metrics, &curve, err))
        return -1;
    memcpy(out->exchange, r->opts.symbol.exchange, sizeof out->exchange);
    memcpy(out->symbol, r->opts.symbol.symbol, sizeof out->symbol);
    tp_text_set(out->timeframe, sizeof out->timeframe, r->opts.interval->name,
                strlen(r->opts.interval->name));

    tp_buf_fmt(&metrics,
               "\"orders\":%lld,\"unreached_orders\":%lld,\"rejected_orders\":%lld,\"expired_orders\":%lld,"
               "\"cancelled_orders\":%lld,\"refused_wishes\":%lld,\"capped_sizes\":%lld,"
               "\"ambiguous_exits\":%lld,\"volume_warnings\":%lld,",
               (long long)n->orders, (long long)tp_run_unreached(r), (long long)n->rejected, (long long)n->expired,
               (long long)n->cancelled, (long long)r->session.refused, (long long)r->session.capped,
               (long long)n->ambiguous, (long long)n->volume_warnings);
    put_decimal(&metrics, "ambiguous_exits_gain", n->ambiguous_gain);
    tp_buf_fmt(&metrics, "\"funding_payments\":%lld,\"imputed_funding\":%lld,\"liquidations\":%lld,",
               (long long)n->fundings, (long long)n->imputed, (long long)n->liquidations);
    if (put_open(r, &metrics, err))
        return -1;
    tp_fingerprint_end(r->data, hash);
    tp_buf_fmt(&metrics, "\"data_sha256\":\"%s\",", hash);
    tp_buf_fmt(&metrics, "\"strategy_sha256\":\"%s\",", r->opts.strategy ? r->opts.strategy->hash : "");
    tp_buf_fmt(&metrics, "\"synthetic_bars\":%lld,\"truncated\":%s,", (long long)r->synthetic,
               r->n_results > RESULTS_MAX ? "true" : "false");
    put_not_modelled(r, &metrics);
    tp_buf_text(&metrics, "\"settings\":");
    tp_buf_put(&metrics, r->settings.at, r->settings.n);
    tp_buf_char(&metrics, '}');

    if (r->opts.keep_results) {
        tp_buf_text(&r->results, r->results.n ? "]" : "[]");
        out->results = tp_arena_text(arena, r->results.at, r->results.n);
    }
    out->equity_curve = tp_arena_text(arena, curve.at, curve.n);
    out->metrics = tp_arena_text(arena, metrics.at, metrics.n);
    return 0;
}

void
tp_run_free(struct tp_run *r)
{
    if (!r)
        return;
    tp_fingerprint_close(r->data);
    tp_paper_free(&r->paper);
    tp_meter_free(&r->meter);
    tp_buf_free(&r->results);
    tp_buf_free(&r->settings);
    free(r);
}
