/* bench_engine - the engine alone, ns a bar, with equity, drawdowns, all measures and decimal money:
 *   bench_engine sma   SMA cross 10/50, long and short, 95 % of equity       (P4)
 *   bench_engine rsi   RSI(14) reversion with an ATR(14) stop, risk 1 %      (P5)
 * A million seeded bars are made first; the time is that of the strategy, the session and the meter. Each
 * block is handed over as the reader does it, in the cache; to bring it there is not the engine's work. */
#include "backtest/metric.h"
#include "bot/session.h"
#include "strategy/indicator/indicator.h"
#include "trade/paper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BARS 1000000
#define BLOCK 4096
#define RUNS 7

/* A strategy of two indicator columns and one of flags that say what each bar wants. */
struct two {
    struct tp_strategy         base; /* first: the two convert into each other */
    bool                       rsi;
    const struct tp_indicator *a, *b;
    double                     args_a[1], args_b[1];
    void                      *state_a, *state_b;
    double                     in[3][BLOCK], out_a[BLOCK], out_b[BLOCK], last_a, last_b;
    int8_t                     wants[BLOCK + 1];
    size_t                     n;
};

static void
column(double *to, const struct tp_column *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (double)from->narrow[i] * 1e-8;
}

static int
block(struct tp_strategy *s, const struct tp_bars *bars, struct tp_err *err)
{
    struct two         *t = (struct two *)s;
    struct tp_ind_block in = {.n = bars->n,
                              .series = {t->in[2], NULL},
                              .high = t->in[0],
                              .low = t->in[1],
                              .close = t->in[2]};
    double              a = t->last_a, b = t->last_b;

    (void)err;
    column(t->in[2], &bars->close, bars->n);
    if (t->rsi) { /* the average true range needs these too */
        column(t->in[0], &bars->high, bars->n);
        column(t->in[1], &bars->low, bars->n);
    }
    t->a->run(t->state_a, &in, t->out_a);
    t->b->run(t->state_b, &in, t->out_b);
    for (size_t i = 0; i < bars->n; i++) {
        double x = t->out_a[i], y = t->out_b[i];

        if (t->rsi)
            t->wants[i] = (int8_t)((a >= 30 && x < 30) - (x > 55) * 2);
        else
            t->wants[i] = (int8_t)((a <= b && x > y) - (a >= b && x < y));
        a = x;
        b = y;
    }
    t->last_a = a;
    t->last_b = b;
    t->n = bars->n;
    return 0;
}

static size_t
quiet(struct tp_strategy *s, size_t i, const struct tp_view *view)
{
    const struct two *t = (const struct two *)s;
    size_t            from = i;

    if (t->rsi && view->position == 0)
        while (i < t->n && t->wants[i] != 1)
            i++;
    else if (t->rsi)
        while (i < t->n && t->wants[i] != -2)
            i++;
    else
        while (i < t->n && t->wants[i] == 0)
            i++;
    return i - from;
}

static int
decide(struct tp_strategy *s, size_t i, const struct tp_view *view, struct tp_wants *out, struct tp_err *err)
{
    const struct two *t = (const struct two *)s;
    struct tp_want   *w = &out->at[0];

    (void)err;
    if (t->wants[i] == 0 || (t->rsi && (t->wants[i] == 1) != (view->position == 0)))
        return 0;
    memset(w, 0, sizeof *w);
    w->kind = t->wants[i] == -2 ? TP_WANT_EXIT : TP_WANT_ENTER;
    w->side = t->rsi ? 1 : t->wants[i];
    w->price = w->stop_price = w->protect.breakeven_after_pct = TP_DEC_NONE;
    w->size_kind = t->rsi ? TP_SIZE_RISK_PCT : TP_SIZE_EQUITY_PCT;
    w->size = tp_dec_int(t->rsi ? 1 : 95);
    w->reason = "bench";
    if (t->rsi) {
        w->protect.stop_loss.kind = TP_DISTANCE_ABSOLUTE;
        w->protect.stop_loss.amount.units = (tp_i128)(t->out_b[i] * 3e8) + 1;
    }
    out->n = 1;
    return 0;
}

static const struct tp_strategy_ops ops = {block, quiet, decide, NULL};

static int
on_trip(void *to, const struct tp_trip *trip, struct tp_err *err)
{
    return tp_meter_trip(to, trip, err);
}

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* other programs do not count */
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct two *
make(bool rsi)
{
    struct two *t = tp_alloc(sizeof *t);

    t->base.ops = &ops;
    t->rsi = rsi;
    t->a = rsi ? tp_indicator_find("rsi", 3) : tp_indicator_find("sma", 3);
    t->b = rsi ? tp_indicator_find("atr", 3) : t->a;
    t->args_a[0] = rsi ? 14 : 10;
    t->args_b[0] = rsi ? 14 : 50;
    t->state_a = tp_alloc(t->a->size(t->args_a));
    t->state_b = tp_alloc(t->b->size(t->args_b));
    t->a->init(t->state_a, t->args_a);
    t->b->init(t->state_b, t->args_b);
    t->last_a = t->last_b = 0.0 / 0.0;
    return t;
}

/* The block as if it had just been read. */
static void
bring(struct tp_bars *to, const struct tp_bars *from)
{
    memcpy(to->time, from->time, from->n * sizeof *to->time);
    memcpy(to->open.narrow, from->open.narrow, from->n * sizeof(int64_t));
    memcpy(to->high.narrow, from->high.narrow, from->n * sizeof(int64_t));
    memcpy(to->low.narrow, from->low.narrow, from->n * sizeof(int64_t));
    memcpy(to->close.narrow, from->close.narrow, from->n * sizeof(int64_t));
    memcpy(to->volume.narrow, from->volume.narrow, from->n * sizeof(int64_t));
    memcpy(to->synthetic, from->synthetic, from->n);
    to->n = from->n;
}

/* One whole run; the time in ns, and the result's line. */
static double
run(struct tp_bars *blocks, size_t n_blocks, bool rsi, char *said, size_t size)
{
    static struct tp_knobs knobs;
    struct tp_symbol       symbol = tp_symbol_default();
    struct tp_err          err = TP_ERR_INIT;
    struct tp_session      session;
    struct tp_paper        paper;
    struct tp_book         book;
    struct tp_meter        meter;
    struct tp_backtest     result;
    struct tp_buf          metrics = {0}, curve = {0};
    struct two            *t = make(rsi);
    double                 began, spent = 0;
    struct tp_bars         bars;
    struct tp_sink         sink = {.to = &meter, .trip = on_trip};
    int                    failed;

    failed = tp_knobs_init(&knobs, NULL, &err);
    knobs.slippage_bps = TP_DEC_ZERO;
    knobs.volume = TP_VOLUME_OFF;
    knobs.initial_capital = tp_dec_int(100000000);
    tp_book_init(&book, "BENCH", knobs.initial_capital, false);
    tp_meter_init(&meter, TP_US_MINUTE, knobs.initial_capital);
    tp_paper_init(&paper, &knobs, &symbol, &book, &sink, "bench");
    tp_session_init(&session);
    session.strategy = &t->base;
    session.broker = &paper.broker;
    session.book = &book;
    session.symbol = &symbol;
    session.knobs = &knobs;
    session.interval_us = TP_US_MINUTE;
    session.mark = (struct tp_mark_hook){&meter, tp_meter_span, NULL};
    tp_record_init(&tp_backtest_record, &result);
    tp_bars_init(&bars, BLOCK);
    for (size_t i = 0; i < n_blocks && !failed; i++) {
        bring(&bars, &blocks[i]);
        began = now();
        failed = tp_session_block(&session, &bars, &err);
        spent += now() - began;
    }
    began = now();
    failed = failed || tp_session_end(&session, &err) || tp_book_check(&book, &err)
             || tp_meter_end(&meter, &book, &result, &metrics, &curve, &err);
    spent += now() - began;
    if (failed)
        snprintf(said, size, "failed: %s", err.msg);
    else
        snprintf(said, size, "%lld trades, %lld bars", (long long)result.total_trades,
                 (long long)meter.bars);
    tp_bars_free(&bars);
    tp_buf_free(&metrics);
    tp_buf_free(&curve);
    tp_meter_free(&meter);
    tp_paper_free(&paper);
    free(t->state_a);
    free(t->state_b);
    free(t);
    return spent;
}

int
main(int argc, char **argv)
{
    bool            rsi = argc > 1 && strcmp(argv[1], "rsi") == 0;
    size_t          n_blocks = (BARS + BLOCK - 1) / BLOCK;
    struct tp_bars *blocks = tp_alloc(n_blocks * sizeof *blocks);
    uint64_t        seed = 42;
    int64_t         price = 40000 * INT64_C(100);
    double          best = 1e18;
    char            said[600] = "";

    for (size_t b = 0; b < n_blocks; b++)
        tp_bars_init(&blocks[b], BLOCK);
    for (int64_t i = 0; i < BARS; i++) {
        struct tp_candle c;
        int64_t          move, high, low, before = price;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        move = (int64_t)(seed >> 33) % 4001 - 2000;
        price = before + move < 500000 ? before - move : before + move;
        high = (before > price ? before : price) + (int64_t)(seed >> 50) % 700;
        low = (before < price ? before : price) - (int64_t)(seed >> 40) % 700;
        tp_record_init(&tp_candle_record, &c);
        c.timestamp.us = INT64_C(1640995200000000) + i * TP_US_MINUTE;
        c.open.units = (tp_i128)before * 1000000;
        c.high.units = (tp_i128)high * 1000000;
        c.low.units = (tp_i128)low * 1000000;
        c.close.units = (tp_i128)price * 1000000;
        c.volume = tp_dec_int(10);
        tp_bars_push(&blocks[i / BLOCK], &c);
    }
    for (int r = 0; r < RUNS; r++) {
        double ns = run(blocks, n_blocks, rsi, said, sizeof said);

        best = ns < best ? ns : best;
    }
    printf("%.2f ns/bar (%s)\n", best / BARS, said);
    for (size_t b = 0; b < n_blocks; b++)
        tp_bars_free(&blocks[b]);
    free(blocks);
    return strncmp(said, "failed", 6) == 0;
}
