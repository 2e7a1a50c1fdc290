/* Looking candles over: each case is a few candles and what is told about them. */
#include "market/look.h"

#include "tests/unit/tap.h"

#include <stdlib.h>

/* "minute open high low close volume trades [close_second]", minutes after 2024-01-01T00:00; trades - is unknown */
static const struct {
    const char *title, *from, *to;
    bool        gaps_only;
    const char *candles[6];
    const char *want;
} cases[] = {
    {"nothing to say", NULL, NULL, false, {"0 2 3 1 2 5 1", "1 2 2 2 2 1 -"}, ""},
    {"a gap is told with its candles", NULL, NULL, true, {"0 2 3 1 2 5 1", "4 2 3 1 2 5 1", "5 2 3 1 2 5 1"},
     "missing 1-4 3; "},
    {"two gaps", NULL, NULL, true, {"0 1 1 1 1 1 1", "2 1 1 1 1 1 1", "4 1 1 1 1 1 1"}, "missing 1-2 1; missing 3-4 1; "},
    {"without a range the edges are where the candles are", NULL, NULL, true, {"7 1 1 1 1 1 1"}, ""},
    {"with one they may be missing", "2024-01-01T00:04:30Z", "2024-01-01T00:09:00Z", true, {"7 1 1 1 1 1 1"},
     "missing 5-7 2; missing 8-9 1; "},
    {"a range that is full", "2024-01-01T00:07:00Z", "2024-01-01T00:07:01Z", true, {"7 1 1 1 1 1 1"}, ""},
    {"an empty range has no findings", "2024-01-01", "2024-01-02", false, {NULL}, ""},
    {"a run without trades is one finding", NULL, NULL, false, {"0 1 1 1 1 1 1", "1 1 1 1 1 0 0", "2 1 1 1 1 0 -", "3 1 1 1 1 1 1"},
     "no_trades 1-3 2; "},
    {"volume tells where trades do not", NULL, NULL, false, {"0 1 1 1 1 0 1", "1 1 1 1 1 0 -"}, "no_trades 1-2 1; "},
    {"a run without trades ends at a gap", NULL, NULL, false, {"0 1 1 1 1 0 0", "2 1 1 1 1 0 0"},
     "no_trades 0-1 1; missing 1-2 1; no_trades 2-3 1; "},
    {"gaps alone when asked", NULL, NULL, true, {"0 1 1 1 1 0 0", "2 1 1 1 1 0 0"}, "missing 1-2 1; "},
    {"an early end", NULL, NULL, false, {"0 1 1 1 1 1 1 41"}, "close_time 0-0 1; "},
    {"prices outside of low and high", NULL, NULL, false, {"0 4 3 1 2 5 1", "1 2 3 1 0.5 5 1"}, "value 0-1 1 open 4; value 1-2 1 close 0.5; "},
    {"a high below the low", NULL, NULL, false, {"0 2 1 3 2 5 1"},
     "value 0-1 1 open 2; value 0-1 1 high 1; value 0-1 1 low 3; value 0-1 1 close 2; "},
    {"a price of nothing, a volume and a count below it", NULL, NULL, false, {"0 0 1 0 1 -1 -3"},
     "value 0-1 1 open 0; value 0-1 1 low 0; value 0-1 1 volume -1; value 0-1 1 trades_count -3; "},
    {"a time twice", NULL, NULL, false, {"0 1 1 1 1 1 1", "0 1 1 1 1 1 1"}, "order 0-1 1; "},
};

#define BASE INT64_C(1704067200000000)

static struct tp_candle
candle(const char *text)
{
    struct tp_err    err = TP_ERR_INIT;
    struct tp_candle c;
    char             words[8][16] = {{0}};
    struct tp_dec   *values[] = {&c.open, &c.high, &c.low, &c.close, &c.volume};
    int n = sscanf(text, "%15s %15s %15s %15s %15s %15s %15s %15s", words[0], words[1], words[2], words[3], words[4],
                   words[5], words[6], words[7]);

    tp_record_init(&tp_candle_record, &c);
    strcpy(c.symbol, "X");
    strcpy(c.interval, "1m");
    c.timestamp.us = BASE + atoi(words[0]) * TP_US_MINUTE;
    for (size_t i = 0; i < TP_COUNT(values); i++)
        tp_dec_parse(words[i + 1], strlen(words[i + 1]), values[i], &err);
    if (words[6][0] && strcmp(words[6], "-") != 0)
        c.trades_count = atoi(words[6]);
    if (n == 8)
        c.close_time.us = c.timestamp.us + atoi(words[7]) * TP_US_SECOND;
    return c;
}

static int
tell(void *out, const struct tp_price_finding *f, struct tp_err *err)
{
    char a[TP_DEC_TEXT] = "", b[TP_DEC_TEXT] = "";

    (void)err;
    if (!tp_dec_none(f->stored))
        tp_dec_print_short(a, f->stored);
    if (!tp_dec_none(f->expected))
        tp_dec_print_short(b, f->expected);
    tp_buf_fmt(out, "%s %lld-%lld %lld%s%s%s%s%s%s; ", f->kind, (long long)((f->from.us - BASE) / TP_US_MINUTE),
               (long long)((f->to.us - BASE) / TP_US_MINUTE), (long long)f->candles, *f->field ? " " : "", f->field,
               *a ? " " : "", a, *b ? " not " : "", b);
    return 0;
}

static struct tp_time
time_of(const char *text)
{
    struct tp_err  err = TP_ERR_INIT;
    struct tp_time t = TP_TIME_NONE;

    if (text)
        tp_time_parse(text, strlen(text), &t, &err);
    return t;
}

static void
walks(void)
{
    for (size_t i = 0; i < TP_COUNT(cases); i++) {
        TP_AUTO_BUF    got = {0};
        struct tp_err  err = TP_ERR_INIT;
        struct tp_look look = {.interval = tp_interval_find("1m"), .gaps_only = cases[i].gaps_only, .tell = tell,
                               .out = &got, .from = time_of(cases[i].from), .to = time_of(cases[i].to)};

        tp_buf_text(&got, "");
        for (size_t k = 0; k < 6 && cases[i].candles[k]; k++) {
            struct tp_candle c = candle(cases[i].candles[k]);

            tp_look_put(&look, &c, &err);
        }
        tp_look_end(&look, &err);
        is(got.at, cases[i].want, "%s", cases[i].title);
    }
}

static void
comparisons(void)
{
    TP_AUTO_BUF      got = {0};
    struct tp_err    err = TP_ERR_INIT;
    struct tp_look   look = {.interval = tp_interval_find("1m"), .tell = tell, .out = &got};
    struct tp_candle a = candle("3 2 3 1 2 5 7"), b = candle("3 2 3.5 1 2 4 8");

    tp_look_compare(&look, &a, &b, &err);
    is(got.at, "differs 3-4 1 high 3 not 3.5; differs 3-4 1 volume 5 not 4; differs 3-4 1 trades_count 7 not 8; ",
       "each value that differs is told with both");
    tp_buf_clear(&got);
    b = candle("3 2 3 1 2 5 -");
    b.quote_volume = tp_dec_int(1);
    tp_buf_text(&got, "");
    tp_look_compare(&look, &a, &b, &err);
    is(got.at, "", "what one of them does not know is no difference");
    ok(!tp_finding_fault("missing") && !tp_finding_fault("no_trades") && !tp_finding_fault("close_time"),
       "gaps, quiet times and early ends are facts");
    ok(tp_finding_fault("value") && tp_finding_fault("differs") && tp_finding_fault("alignment")
           && tp_finding_fault("order"),
       "the others are faults");
}

int
main(void)
{
    walks();
    comparisons();
    return done();
}
