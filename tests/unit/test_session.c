/* The session with strategies written as scripts: wishes at bars become orders, fills and results, and
 * the block size changes nothing. */
#include "backtest/run.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/tap.h"

#define HOUR TP_US_HOUR

/* What is wanted after the close of bar `bar`. */
struct line {
    size_t         bar;
    struct tp_want want;
};

struct script {
    struct tp_strategy base; /* first: the two convert into each other */
    const struct line *lines;
    size_t             n, first, in_block; /* first: number of bars before this block */
};

static int
block(struct tp_strategy *s, const struct tp_bars *bars, struct tp_err *err)
{
    struct script *t = (struct script *)s;

    (void)err;
    t->first += t->in_block;
    t->in_block = bars->n;
    return 0;
}

static size_t
quiet(struct tp_strategy *s, size_t i, const struct tp_view *view)
{
    const struct script *t = (const struct script *)s;
    size_t               next = t->in_block;

    (void)view;
    for (size_t l = 0; l < t->n; l++)
        if (t->lines[l].bar >= t->first + i && t->lines[l].bar - t->first < next)
            next = t->lines[l].bar - t->first;
    return next - i;
}

static int
decide(struct tp_strategy *s, size_t i, const struct tp_view *view, struct tp_wants *out, struct tp_err *err)
{
    const struct script *t = (const struct script *)s;

    (void)view;
    (void)err;
    for (size_t l = 0; l < t->n; l++)
        if (t->lines[l].bar == t->first + i)
            out->at[out->n++] = t->lines[l].want;
    return 0;
}

static const struct tp_strategy_ops ops = {.block = block, .quiet = quiet, .decide = decide};

static int
note_trip(void *to, const struct tp_trip *t, struct tp_err *err)
{
    struct tp_buf *b = to;
    char           entry[TP_DEC_TEXT], out[TP_DEC_TEXT], quantity[TP_DEC_TEXT];

    (void)err;
    tp_dec_print_short(entry, t->entry_price);
    tp_dec_print_short(out, t->exit_price);
    tp_dec_print_short(quantity, t->quantity);
    tp_buf_fmt(b, "%s %s %s-%s %s; ", t->side, quantity, entry, out, t->exit_reason);
    return 0;
}

/* A wave between 90 and 110 around 100, long enough for several blocks. */
static void
wave(struct tp_candle *c, int64_t i)
{
    static const int64_t closes[] = {100, 104, 108, 110, 108, 104, 100, 96, 92, 90, 92, 96};
    int64_t              before = closes[(i + 11) % 12], now = closes[i % 12];

    tp_record_init(&tp_candle_record, c);
    c->timestamp.us = i * HOUR;
    c->open = tp_dec_int(i ? before : 100);
    c->close = tp_dec_int(now);
    c->high = tp_dec_int((now > before ? now : before) + 1);
    c->low = tp_dec_int((now < before ? now : before) - 1);
    c->volume = tp_dec_int(1000);
}

static void
run(const char *title, const struct line *lines, size_t n, const char *want)
{
    static const int64_t blocks[] = {4096, 1, 7};
    struct tp_buf        first = {0};

    for (size_t k = 0; k < TP_COUNT(blocks); k++) {
        struct script      script = {.base = {.ops = &ops}, .lines = lines, .n = n};
        struct tp_run_opts opts = {.symbol = tp_symbol_default(),
                                   .interval = tp_interval_find("1h"),
                                   .strategy = &script.base,
                                   .max_gap = -1};
        struct tp_buf      said = {0};
        struct tp_err      err = TP_ERR_INIT;
        struct tp_run     *r = NULL;
        struct tp_backtest result;
        struct tp_arena    arena = {0};
        struct tp_bars     bars;
        bool               good;

        tp_knobs_init(&opts.knobs, NULL, &err);
        tp_knobs_set(&opts.knobs, "slippage_bps", 12, "0", &err);
        opts.symbol.maker_fee_rate = opts.symbol.taker_fee_rate = (struct tp_rate){0};
        opts.symbol.tick_size = tp_dec_int(1);
        opts.sink.to = &said;
        opts.sink.trip = note_trip;
        good = tp_run_open(&r, &opts, &err) == 0;
        tp_bars_init(&bars, 8);
        for (int64_t i = 0; i < 60 && good; i++) {
            struct tp_candle c;

            wave(&c, i);
            tp_bars_push(&bars, &c);
            if ((int64_t)bars.n == blocks[k] || i == 59) {
                good = tp_run_block(r, &bars, &err) == 1;
                tp_bars_clear(&bars);
            }
        }
        good = good && tp_run_end(r, &result, &arena, &err) == 0;
        ok(good, "%s runs in blocks of %d: %s", title, (int)blocks[k], err.msg);
        if (k == 0) {
            is(said.at, want, "%s", title);
            if (good)
                tp_buf_text(&first, result.metrics);
        } else {
            is(said.at, want, "%s, blocks of %d", title, (int)blocks[k]);
            is(good ? result.metrics : NULL, first.at, "%s: the same measures", title);
        }
        tp_buf_free(&said);
        tp_bars_free(&bars);
        tp_arena_free(&arena);
        tp_run_free(r);
    }
    tp_buf_free(&first);
}

#define WHOLE(n) {(tp_i128)(n) * TP_DEC_ONE}
#define NONE {(tp_i128)((tp_u128)1 << 127)}
#define WANT(k, s, n, ...) {.kind = k, .side = s, .size = WHOLE(n), .reason = "rule", __VA_ARGS__}
#define MARKET .price = NONE, .stop_price = NONE

int
main(void)
{
    static const struct line in_and_out[] = {
        {0, WANT(TP_WANT_ENTER, 1, 10, MARKET, .size_kind = TP_SIZE_QTY)},
        {3, WANT(TP_WANT_EXIT, 1, 10, MARKET, .size_kind = TP_SIZE_QTY)},
    };
    static const struct line reversing[] = {
        {0, WANT(TP_WANT_ENTER, 1, 10, MARKET, .size_kind = TP_SIZE_QTY)},
        {3, WANT(TP_WANT_ENTER, -1, 10, MARKET, .size_kind = TP_SIZE_QTY)},
        {9, WANT(TP_WANT_ENTER, 1, 10, MARKET, .on_opposite = TP_OPPOSITE_CLOSE)},
    };
    static const struct line ignoring[] = {
        {0, WANT(TP_WANT_ENTER, 1, 10, MARKET, .size_kind = TP_SIZE_QTY)},
        {3, WANT(TP_WANT_ENTER, -1, 10, MARKET, .on_opposite = TP_OPPOSITE_IGNORE)},
        {6, WANT(TP_WANT_EXIT, 1, 10, MARKET, .size_kind = TP_SIZE_QTY)},
    };
    /* 1 % of 10000 at a stop 10 away: 10 units; the stop at 90 is reached by the low of 89. */
    static const struct line risk[] = {
        {0, WANT(TP_WANT_ENTER, 1, 1, MARKET, .size_kind = TP_SIZE_RISK_PCT,
                 .protect.stop_loss = {TP_DISTANCE_ABSOLUTE, WHOLE(10)})},
    };
    /* A stop one away asks for 100 units; 10000 pays 100 at 100. */
    static const struct line capped[] = {
        {0, WANT(TP_WANT_ENTER, 1, 5, MARKET, .size_kind = TP_SIZE_RISK_PCT,
                 .protect.stop_loss = {TP_DISTANCE_ABSOLUTE, WHOLE(1)})},
    };
    static const struct line targets[] = {
        {0, WANT(TP_WANT_ENTER, 1, 1000, MARKET, .size_kind = TP_SIZE_QUOTE,
                 .protect = {.stop_loss = {TP_DISTANCE_PERCENT, WHOLE(20)},
                             .take_profit = {{TP_DISTANCE_PERCENT, WHOLE(4)}, {TP_DISTANCE_PERCENT, WHOLE(8)}},
                             .portion = {WHOLE(50), WHOLE(50)},
                             .n_take_profits = 2,
                             .breakeven_after_pct = NONE})},
    };
    static const struct line timed[] = {
        {0, WANT(TP_WANT_ENTER, 1, 10, MARKET, .size_kind = TP_SIZE_EQUITY_PCT,
                 .protect = {.time_exit_bars = 4, .breakeven_after_pct = NONE})},
    };
    /* After 5 % in favour the stop lies at the entry. */
    static const struct line even[] = {
        {0, WANT(TP_WANT_ENTER, 1, 10, MARKET, .size_kind = TP_SIZE_QTY,
                 .protect = {.stop_loss = {TP_DISTANCE_ABSOLUTE, WHOLE(30)},
                             .breakeven_after_pct = WHOLE(5)})},
    };
    static const struct line limits[] = {
        {0, WANT(TP_WANT_ENTER, 1, 10, .type = TP_WANT_LIMIT, .stop_price = NONE, .price = WHOLE(93), .expire_bars = 3)},
        {5, WANT(TP_WANT_ENTER, 1, 10, .type = TP_WANT_LIMIT, .stop_price = NONE, .price = WHOLE(93), .expire_bars = 5)},
    };
    /* The resting stop entry is moved from 112 to 105, then a stop exit rests at 95. */
    static const struct line stops[] = {
        {0, WANT(TP_WANT_REST, 1, 10, .type = TP_WANT_STOP_MARKET, .price = NONE, .stop_price = WHOLE(112))},
        {1, WANT(TP_WANT_REST, 1, 10, .type = TP_WANT_STOP_MARKET, .price = NONE, .stop_price = WHOLE(107))},
        {4, WANT(TP_WANT_LEAVE, 1, 10, .type = TP_WANT_STOP_MARKET, .price = NONE, .stop_price = WHOLE(95))},
    };

    run("an entry and an exit", in_and_out, TP_COUNT(in_and_out), "LONG 10 100-110 rule; ");
    run("a reversal, then a close", reversing, TP_COUNT(reversing),
        "LONG 10 100-110 rule; SHORT 10 110-90 rule; ");
    run("an opposite wish that is ignored", ignoring, TP_COUNT(ignoring), "LONG 10 100-100 rule; ");
    run("a size by risk", risk, TP_COUNT(risk), "LONG 10 100-90 STOP_LOSS; ");
    run("a size cut to what can be paid", capped, TP_COUNT(capped), "LONG 100 100-99 STOP_LOSS; ");
    run("two take-profits", targets, TP_COUNT(targets), "LONG 10 100-106 TAKE_PROFIT; ");
    run("an exit by time", timed, TP_COUNT(timed), "LONG 10 100-108 TIME_EXIT; ");
    run("a stop moved to the entry", even, TP_COUNT(even), "LONG 10 100-100 STOP_LOSS; ");
    run("limits that expire", limits, TP_COUNT(limits), "LONG 10 93-96 END_OF_DATA; ");
    run("stop orders that rest and move", stops, TP_COUNT(stops), "LONG 10 107-95 rule; ");
    return done();
}
