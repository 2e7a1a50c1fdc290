/* Expressions: what they are worth, what is refused and where. */
#include <math.h>
#include <stdlib.h>

#include "base/dec_double.h"
#include "strategy/expr.h"
#include "tests/unit/tap.h"

/* Eight hourly bars from 2024-01-05 20:00 (a Friday) on. */
static const double closes[] = {10, 12, 11, 13, 13, 9, 14, 16};
#define BARS TP_COUNT(closes)

static void
make_bars(struct tp_bars *bars, size_t from, size_t n)
{
    tp_bars_init(bars, n);
    for (size_t i = from; i < from + n; i++) {
        int64_t          close = (int64_t)closes[i];
        struct tp_candle c = {.timestamp = {INT64_C(1704484800000000) + (int64_t)i * TP_US_HOUR},
                              .open = tp_dec_int(close - 1),
                              .high = tp_dec_int(close + 2),
                              .low = tp_dec_int(close - 2),
                              .close = tp_dec_int(close),
                              .volume = tp_dec_int((int64_t)i * 10),
                              .close_time = TP_TIME_NONE};

        tp_bars_push(bars, &c);
    }
}

static struct tp_expr *
expr_new(void)
{
    struct tp_expr *e = tp_alloc(sizeof *e);

    e->interval_us = TP_US_HOUR;
    e->maker_bps = 2;
    e->taker_bps = 5;
    e->n_params = 1;
    tp_text_set(e->params[0].name, sizeof e->params[0].name, "fast", 4);
    e->params[0].value = 3;
    e->n_series = 3;
    tp_text_set(e->series[1].name, sizeof e->series[1].name, "h4", 2);
    e->series[1].interval = tp_interval_find("4h");
    tp_text_set(e->series[2].name, sizeof e->series[2].name, "d", 1);
    e->series[2].interval = tp_interval_find("1d");
    tp_text_set(e->series[3].name, sizeof e->series[3].name, "same", 4);
    e->series[3].interval = tp_interval_find("1h");
    return e;
}

static void
expr_close(struct tp_expr *e)
{
    tp_expr_free(e);
    free(e);
}

static void
number_text(char room[40], double v)
{
    if (isnan(v))
        snprintf(room, 40, "na");
    else
        snprintf(room, 40, "%.6g", v);
}

static const struct tp_view view = {.position = 1,
                                    .adds = 0,
                                    .bars_held = 2,
                                    .bars_since_exit = -1,
                                    .entry_price = {1350000000},
                                    .last_entry_price = {1400000000},
                                    .unrealized_pct = {185185185},
                                    .equity = {100000000000}};

static const struct {
    const char *text, *want; /* the value at the last bar, in pieces of any size */
} values[] = {
    /* literals and operators */
    {"1", "1"},
    {"1.5e1", "15"},
    {".5 + .25", "0.75"},
    {"2 + 3 * 4", "14"},
    {"(2 + 3) * 4", "20"},
    {"10 - 4 - 3", "3"},
    {"-2 * -3", "6"},
    {"- - 2", "2"},
    {"7 % 4", "3"},
    {"-7 % 4", "-3"},
    {"8 / 2 / 2", "2"},
    {"1 / 0", "na"},
    {"1 % 0", "na"},
    {"$fast * 2", "6"},
    {"true", "1"},
    {"not true", "0"},
    {"1 < 2", "1"},
    {"2 <= 2", "1"},
    {"1 > 2", "0"},
    {"2 >= 3", "0"},
    {"1 == 1", "1"},
    {"1 != 1", "0"},
    {"1 + 1 == 2 and 2 < 3", "1"},
    {"not 1 > 2 and 1 < 2", "1"},
    {"true or false and false", "1"},
    {"(true or false) and false", "0"},
    {"1 < 2 ? 5 : 6", "5"},
    {"close > 100 ? 5 : close > 10 ? 7 : 8", "7"},
    {"close > 1 ? close > 2 : false", "1"},
    /* three-valued */
    {"1/0 > 1", "na"},
    {"not (1/0 > 1)", "na"},
    {"false and 1/0 > 1", "0"},
    {"1/0 > 1 and false", "0"},
    {"true and 1/0 > 1", "na"},
    {"true or 1/0 > 1", "1"},
    {"1/0 > 1 or true", "1"},
    {"false or 1/0 > 1", "na"},
    {"1/0 > 1 ? 1 : 2", "na"},
    {"1/0 == 1/0", "na"},
    {"1/0 != 1", "na"},
    {"not (sma(close, 20) > 0)", "na"},
    /* bars */
    {"open", "15"},
    {"high", "18"},
    {"low", "14"},
    {"close", "16"},
    {"volume", "70"},
    {"close[0]", "16"},
    {"close[1]", "14"},
    {"close[7]", "10"},
    {"close[8]", "na"},
    {"close[1 + 1]", "9"},
    {"close[$fast]", "13"},
    {"close[1][1]", "9"},
    {"(close > close[1])[1]", "1"},
    {"hour()", "4"},
    {"weekday()", "6"},
    {"maker_bps()", "2"},
    {"taker_bps()", "5"},
    /* functions of numbers */
    {"abs(-3)", "3"},
    {"abs(close[2] - close[1])", "5"},
    {"min(close, 3)", "3"},
    {"max(close, close[1])", "16"},
    {"min(1/0, 3)", "na"},
    {"floor(-1.5)", "-2"},
    {"ceil(1.2)", "2"},
    {"round(2.5)", "3"},
    {"round(-2.5)", "-3"},
    {"sqrt(16)", "4"},
    {"sqrt(-1)", "na"},
    {"log(1)", "0"},
    {"log(0)", "na"},
    {"exp(0)", "1"},
    /* functions of the past */
    {"cross_up(close, 15)", "1"},
    {"cross_up(close, 14)", "1"},
    {"cross_up(close, 13)", "0"},
    {"cross_down(15, close)", "1"},
    {"cross_up(close, sma(close, 8))", "na"},
    {"rising(close, 2)", "1"},
    {"rising(close, 3)", "0"},
    {"falling(close, 1)", "0"},
    {"rising(close, 8)", "0"},
    {"any(close == 9, 3)", "1"},
    {"any(close == 9, 2)", "0"},
    {"any(close == 10, 20)", "1"},
    {"any(close == 99, 20)", "na"},
    {"all(close > 8, 8)", "1"},
    {"all(close > 8, 9)", "na"},
    {"all(close > 9, 9)", "0"},
    {"since(close == 9)", "2"},
    {"since(close > 15)", "0"},
    {"since(close > 99)", "na"},
    /* indicators */
    {"sma(close, 2)", "15"},
    {"sma(close, $fast)", "13"},
    {"sma(close, 8)", "12.25"},
    {"sma(close, 9)", "na"},
    {"sma(sma(close, 2), 2)", "13.25"},
    {"highest(high, 3)", "18"},
    {"lowest(low, 3)", "7"},
    {"donchian_up(3)", "16"},
    {"roc(close, 2)", "77.7778"},
    {"bb_up(close, 2) - bb_mid(close, 2)", "2"},
    {"bb_up(close, 2, 1)", "16"},
    {"tr()", "4"},
    {"sma(close, 2) > sma(close, 4)", "1"},
    /* other series: of four hours, two bars; of a day, none that is whole; of the same length */
    {"h4.close", "16"},
    {"h4.open", "12"},
    {"h4.high", "18"},
    {"h4.low", "7"},
    {"h4.volume", "220"},
    {"h4.close[1]", "13"},
    {"h4.close[2]", "na"},
    {"sma(h4.close, 2)", "14.5"},
    {"highest(h4.high, 2)", "18"},
    {"tr(h4)", "11"},
    {"h4.close[1] + close", "29"},
    {"close - h4.close[1] > 2 and h4.close > 15", "1"},
    {"(h4.close + 0 * close)[1]", "13"},
    {"cross_up(h4.close, 15)", "1"},
    {"cross_up(h4.close, close - 1)", "1"},
    {"any(h4.close == 13, 2)", "1"},
    {"any(h4.close == 13, 1)", "0"},
    {"since(h4.close == 13)", "1"},
    {"h4.close > 1 ? h4.open : close", "12"},
    {"2 * h4.close", "32"},
    {"d.close", "na"},
    {"same.close[3]", "13"},
    {"same.close - close", "0"},
    {"maker_bps(h4)", "2"},
    /* the account */
    {"position", "1"},
    {"entry_price", "13.5"},
    {"last_entry_price * 2", "28"},
    {"bars_held > 1", "1"},
    {"bars_since_exit", "na"},
    {"unrealized_pct", "1.85185"},
    {"equity", "1000"},
    {"close > last_entry_price + 0.5 * tr()", "0"},
    {"max(close, entry_price)", "16"},
    {"position > 0 ? sma(close, 2) : 0", "15"},
};

static double
value_in(const char *text, size_t block, int *root, struct tp_err *err)
{
    struct tp_expr *e = expr_new();
    double          v = (double)NAN;

    /* What is asked for is a value of the run's bars, whatever its type. */
    if (tp_expr_parse(e, text, TP_EXPR_NUMBER, root, err) == 0
        || (strstr(err->msg, "not a condition") && tp_expr_parse(e, text, TP_EXPR_TRUTH, root, err) == 0)) {
        tp_expr_want(e, *root);
        for (size_t at = 0; at < BARS; at += block) {
            size_t         n = block < BARS - at ? block : BARS - at;
            struct tp_bars bars;

            make_bars(&bars, at, n);
            tp_expr_block(e, &bars);
            v = tp_expr_at(e, *root, n - 1, &view);
            tp_bars_free(&bars);
        }
    } else {
        *root = -1;
    }
    expr_close(e);
    return v;
}

static void
check_values(void)
{
    for (size_t i = 0; i < TP_COUNT(values); i++) {
        static const size_t blocks[] = {8, 1, 3};

        for (size_t b = 0; b < TP_COUNT(blocks); b++) {
            struct tp_err err = TP_ERR_INIT;
            char          room[40];
            int           root;

            number_text(room, value_in(values[i].text, blocks[b], &root, &err));
            is(root < 0 ? err.msg : room, values[i].want, "%s, %zu bars at a time", values[i].text, blocks[b]);
        }
    }
}

static const struct {
    enum tp_expr_type type;
    const char       *text, *want;
} refused[] = {
    {TP_EXPR_ANY, "", "column 1: the expression ends too early"},
    {TP_EXPR_ANY, "1 +", "column 4: the expression ends too early"},
    {TP_EXPR_ANY, "(1", "column 3: want ')'"},
    {TP_EXPR_ANY, "1)", "column 2: want an operator or the end, not ')'"},
    {TP_EXPR_ANY, "close close", "column 7: want an operator or the end, not 'close'"},
    {TP_EXPR_ANY, "close = 1", "column 7: want an operator or the end, not '= 1'"},
    {TP_EXPR_ANY, "close && open", "column 7: want an operator or the end, not '&& open'"},
    {TP_EXPR_ANY, "#", "column 1: want a value"},
    {TP_EXPR_ANY, "close[", "column 7: the expression ends too early"},
    {TP_EXPR_ANY, "1e999", "column 1: want a number"},
    {TP_EXPR_ANY, "true ? 1", "column 9: want ':'"},
    /* no look at what is to come */
    {TP_EXPR_ANY, "close[-1]",
     "column 7: an index is a constant whole number from 0 to 10000: bars to come cannot be named"},
    {TP_EXPR_ANY, "close[0 - 1]",
     "column 7: an index is a constant whole number from 0 to 10000: bars to come cannot be named"},
    {TP_EXPR_ANY, "close[hour()]",
     "column 7: an index is a constant whole number from 0 to 10000: bars to come cannot be named"},
    {TP_EXPR_ANY, "close[1.5]",
     "column 7: an index is a constant whole number from 0 to 10000: bars to come cannot be named"},
    {TP_EXPR_ANY, "close[10001]",
     "column 7: an index is a constant whole number from 0 to 10000: bars to come cannot be named"},
    {TP_EXPR_ANY, "close[true]", "column 7: want a number, not a condition, for '['"},
    {TP_EXPR_ANY, "position[1]", "column 1: account words have no past: not inside this function"},
    {TP_EXPR_ANY, "sma(equity, 3)", "column 5: account words have no past: not inside this function"},
    {TP_EXPR_ANY, "cross_up(close, entry_price)",
     "column 17: account words have no past: not inside this function"},
    /* types */
    {TP_EXPR_ANY, "close + (close > 1)", "column 9: want a number, not a condition, for '+'"},
    {TP_EXPR_ANY, "(close > 1) * 2", "column 1: want a number, not a condition, for '*'"},
    {TP_EXPR_ANY, "-(close > 1)", "column 2: want a number, not a condition, for '-'"},
    {TP_EXPR_ANY, "not close", "column 5: want a condition, not a number, for 'not'"},
    {TP_EXPR_ANY, "close and close > 1", "column 1: want a condition, not a number, for 'and'"},
    {TP_EXPR_ANY, "close > 1 or 2", "column 14: want a condition, not a number, for 'or'"},
    {TP_EXPR_ANY, "1 < close < 2", "column 1: want a number, not a condition, for '<'"},
    {TP_EXPR_ANY, "(close > 1) == true", "column 1: want a number, not a condition, for '=='"},
    {TP_EXPR_ANY, "close ? 1 : 2", "column 1: want a condition, not a number, for '?'"},
    {TP_EXPR_ANY, "true ? 1 : false", "column 12: want a number, not a condition, for '? :'"},
    {TP_EXPR_ANY, "sma(close > 1, 3)", "column 5: want a number, not a condition, for 'sma'"},
    {TP_EXPR_ANY, "any(close, 3)", "column 5: want a condition, not a number, for 'any'"},
    {TP_EXPR_ANY, "abs(true)", "column 5: want a number, not a condition, for 'abs'"},
    {TP_EXPR_ANY, "since(close)", "column 7: want a condition, not a number, for 'since'"},
    {TP_EXPR_TRUTH, "close", "column 1: want a condition, not a number"},
    {TP_EXPR_TRUTH, "1", "column 1: want a condition, not a number"},
    {TP_EXPR_NUMBER, " close > 1", "column 2: want a number, not a condition"},
    /* names */
    {TP_EXPR_ANY, "emaa(close, 3)", "column 1: unknown function 'emaa', did you mean 'ema'?"},
    {TP_EXPR_ANY, "1 + clos", "column 5: unknown word 'clos', did you mean 'close'?"},
    {TP_EXPR_ANY, "close > qwertz", "column 9: unknown word 'qwertz'"},
    {TP_EXPR_ANY, "close > $fsat", "column 9: unknown parameter '$fsat', did you mean '$fast'?"},
    {TP_EXPR_ANY, "$x", "column 1: unknown parameter '$x'"},
    {TP_EXPR_ANY, "close()", "column 1: unknown function 'close'"},
    {TP_EXPR_ANY, "positio > 0", "column 1: unknown word 'positio', did you mean 'position'?"},
    {TP_EXPR_ANY, "h5.close", "column 1: unknown series 'h5'"},
    {TP_EXPR_ANY, "h4.clos", "column 4: series 'h4' has no 'clos', did you mean 'close'?"},
    {TP_EXPR_ANY, "h4.", "column 4: series 'h4' has no ''"},
    {TP_EXPR_ANY, "h4 > 1", "column 1: unknown word 'h4'"},
    {TP_EXPR_ANY, "sma(h4, 3)", "column 1: want values, not a whole series, for 'sma'"},
    {TP_EXPR_ANY, "abs(h4)", "column 1: want values, not a whole series, for 'abs'"},
    {TP_EXPR_ANY, "hour(h4)", "column 1: want values, not a whole series, for 'hour'"},
    {TP_EXPR_ANY, "atr(h4 14)", "column 5: unknown word 'h4'"},
    /* arguments */
    {TP_EXPR_ANY, "sma(close)", "column 1: missing: 'n'"},
    {TP_EXPR_ANY, "sma()", "column 1: wrong number of arguments for 'sma'"},
    {TP_EXPR_ANY, "sma(close, 3, 4)", "column 1: wrong number of arguments for 'sma'"},
    {TP_EXPR_ANY, "sma(close, close)", "column 12: want a constant for 'n'"},
    {TP_EXPR_ANY, "sma(close, 2.5)", "column 12: 'n' of 'sma': want a whole number from 1 to 1000000, not 2.5"},
    {TP_EXPR_ANY, "sma(close, 0)", "column 12: 'n' of 'sma': want a whole number from 1 to 1000000, not 0"},
    {TP_EXPR_ANY, "sma(close, true)", "column 12: want a number, not a condition, for 'sma'"},
    {TP_EXPR_ANY, "any(close > 1, 0)", "column 16: want a constant whole number from 1 to 10000 here"},
    {TP_EXPR_ANY, "cross_up(close)", "column 1: wrong number of arguments for 'cross_up'"},
    {TP_EXPR_ANY, "hour(1)", "column 1: wrong number of arguments for 'hour'"},
    {TP_EXPR_ANY, "max(1, 2 3)", "column 10: want ',' or ')'"},
};

static void
check_refused(void)
{
    for (size_t i = 0; i < TP_COUNT(refused); i++) {
        struct tp_expr *e = expr_new();
        struct tp_err   err = TP_ERR_INIT;
        int             root, rc = tp_expr_parse(e, refused[i].text, refused[i].type, &root, &err);

        is(rc ? err.msg : "accepted", refused[i].want, "refused: %s", refused[i].text);
        if (rc)
            ok(err.code == TP_EINPUT, "... as bad input");
        expr_close(e);
    }
}

static void
check_depth(void)
{
    struct tp_expr *e = expr_new();
    struct tp_err   err = TP_ERR_INIT;
    TP_AUTO_BUF     text = {0};
    int             root;

    for (int i = 0; i < 100000; i++)
        tp_buf_char(&text, '(');
    ok(tp_expr_parse(e, text.at, TP_EXPR_ANY, &root, &err) && strstr(err.msg, "too deep"), "deep nesting is refused");
    tp_buf_clear(&text);
    for (int i = 0; i < 100000; i++)
        tp_buf_char(&text, '-');
    ok(tp_expr_parse(e, text.at, TP_EXPR_ANY, &root, &err) && strstr(err.msg, "too deep"), "so are many signs");
    tp_buf_clear(&text);
    for (int i = 0; i < 1000; i++)
        tp_buf_fmt(&text, "%sclose[%d]", i ? "+" : "", i);
    ok(tp_expr_parse(e, text.at, TP_EXPR_ANY, &root, &err) && strstr(err.msg, "too many parts"),
       "and more parts than fit");
    expr_close(e);
}

static void
check_sharing(void)
{
    struct tp_expr *e = expr_new();
    struct tp_err   err = TP_ERR_INIT;
    int             a, b, n;

    ok(!tp_expr_parse(e, "sma(close, 3) > sma(close, 5)", TP_EXPR_TRUTH, &a, &err), "a condition is read");
    n = e->n;
    ok(!tp_expr_parse(e, "sma( close,$fast ) > (sma(close, 2+3))", TP_EXPR_TRUTH, &b, &err) && a == b,
       "the same in other words is the same node");
    ok(e->n <= n + 1, "and adds nothing but its constants");
    ok(e->node[a].warmup == 4, "its warm-up is that of the longer average");
    expr_close(e);
}

static const struct {
    const char *text;
    int64_t     want;
} warmups[] = {
    {"close", 0},
    {"close[3]", 3},
    {"sma(close, 10)", 9},
    {"sma(close, 10)[2]", 11},
    {"sma(rsi(close, 14), 10)", 23},
    {"cross_up(sma(close, 10), sma(close, 30))", 30},
    {"any(close > 1, 5)", 4},
    {"rising(close, 5)", 5},
    {"percentrank(bb_up(close, 20)[1], 120)", 140},
    {"atr(14) > 1 ? sma(close, 3) : 1", 14},
    {"h4.close + close", 3},
    {"sma(h4.close, 5) + close", 19},
    {"sma(h4.close, 5)", 4}, /* in its own bars */
};

static void
check_warmups(void)
{
    for (size_t i = 0; i < TP_COUNT(warmups); i++) {
        struct tp_expr *e = expr_new();
        struct tp_err   err = TP_ERR_INIT;
        int             root = -1;

        ok(!tp_expr_parse(e, warmups[i].text, TP_EXPR_ANY, &root, &err) && e->node[root].warmup == warmups[i].want,
           "warm-up of %s is %lld", warmups[i].text, (long long)warmups[i].want);
        expr_close(e);
    }
}

/* What a series of four hours says at each bar of the run: hours that come, and its closes then. */
static const struct {
    const char *title;
    int         hour[12]; /* of the bars, from 1; the close is the hour */
    const char *want;
} gathered[] = {
    {"whole bars", {4, 5, 6, 7, 8, 9, 10, 11, 12}, "na na na 7 7 7 7 11 11"},
    {"a first bar that is not whole", {6, 7, 8, 9, 10, 11}, "na na na na na 11"},
    {"the last hour is missing: there from the next bar on", {4, 5, 6, 8, 9}, "na na na 6 6"},
    {"the first hour is missing later on", {4, 5, 6, 7, 9, 10, 11}, "na na na 7 7 7 11"},
    {"a bar that is missing as a whole", {4, 5, 6, 7, 12, 13}, "na na na 7 7 7"},
    {"only one hour of each", {4, 8, 12}, "na 4 8"},
    {"one missed and its own last hour at once", {4, 5, 11, 12}, "na na 11 11"},
};

static void
check_gathered(void)
{
    for (size_t i = 0; i < TP_COUNT(gathered); i++)
        for (size_t step = 1; step < 4; step++) {
            struct tp_expr *e = expr_new();
            struct tp_err   err = TP_ERR_INIT;
            TP_AUTO_BUF     got = {0};
            size_t          n = 0;
            int             root;

            while (n < 12 && gathered[i].hour[n])
                n++;
            if (!ok(!tp_expr_parse(e, "h4.close", TP_EXPR_NUMBER, &root, &err), "a series is read"))
                return;
            tp_expr_want(e, root);
            for (size_t at = 0; at < n; at += step) {
                struct tp_bars bars;
                size_t         end = at + step < n ? at + step : n;

                tp_bars_init(&bars, step);
                for (size_t k = at; k < end; k++) {
                    struct tp_dec    price = tp_dec_int(gathered[i].hour[k]);
                    struct tp_candle c = {.timestamp = {gathered[i].hour[k] * TP_US_HOUR},
                                          .open = price,
                                          .high = price,
                                          .low = price,
                                          .close = price,
                                          .volume = TP_DEC_ZERO,
                                          .close_time = TP_TIME_NONE};

                    tp_bars_push(&bars, &c);
                }
                tp_expr_block(e, &bars);
                for (size_t k = 0; k < bars.n; k++) {
                    char room[40];

                    number_text(room, tp_expr_at(e, root, k, NULL));
                    tp_buf_fmt(&got, "%s%s", got.n ? " " : "", room);
                }
                tp_bars_free(&bars);
            }
            is(got.at, gathered[i].want, "%s, %zu bars at a time", gathered[i].title, step);
            expr_close(e);
        }
}

static const struct {
    const char *text, *want;
} printed[] = {
    {"close", "close"},
    {"1.50", "1.5"},
    {"-2", "-2"},
    {"100000000", "100000000"},
    {"2 + 3 * 4", "14"},
    {"close+open*2>1 and not(high<low)", "((close + (open * 2)) > 1) and (not (high < low))"},
    {"(close - open)[2]", "(close - open)[2]"},
    {"close > 1 ? 2 : -close", "(close > 1) ? 2 : (-close)"},
    {"bb_up(close, 20)", "bb_up(close, 20, 2)"},
    {"any(close > h4.close, 3)", "any(close > h4.close, 3)"},
    {"adx(h4, $fast)", "adx(h4, 3)"},
    {"position > 0 or true", "(position > 0) or true"},
};

static void
check_printed(void)
{
    for (size_t i = 0; i < TP_COUNT(printed); i++) {
        struct tp_expr *e = expr_new();
        struct tp_err   err = TP_ERR_INIT;
        TP_AUTO_BUF     text = {0};
        int             root, again;

        if (ok(!tp_expr_parse(e, printed[i].text, TP_EXPR_ANY, &root, &err), "%s is read", printed[i].text)) {
            tp_expr_print(e, root, &text);
            is(text.at, printed[i].want, "and printed");
            ok(!tp_expr_parse(e, text.at, TP_EXPR_ANY, &again, &err) && again == root, "and read back the same");
        }
        expr_close(e);
    }
}

static const struct {
    double      value;
    const char *want;
} decimals[] = {
    {0, "0"},
    {1, "1"},
    {-1.5, "-1.5"},
    {0.1, "0.1"},
    {1e-8, "0.00000001"},
    {4.9e-9, "0"},
    {5.1e-9, "0.00000001"},
    {0.00390625 / 2, "0.00195313"}, /* 0.001953125: a tie, away from zero */
    {-0.00390625 / 2, "-0.00195313"},
    {123456789.12345678, "123456789.12345678"},
    {1e19, "10000000000000000000"},
};

static void
check_decimals(void)
{
    static const double far[] = {1e20, -1e20, (double)INFINITY, (double)NAN};

    for (size_t i = 0; i < TP_COUNT(decimals); i++) {
        struct tp_dec d = TP_DEC_NONE;
        struct tp_err err = TP_ERR_INIT;
        char          text[TP_DEC_TEXT];

        ok(!tp_dec_from_double(&d, decimals[i].value, &err), "%.17g fits", decimals[i].value);
        tp_dec_print_short(text, d);
        is(text, decimals[i].want, "%.17g as a decimal", decimals[i].value);
    }
    for (size_t i = 0; i < TP_COUNT(far); i++) {
        struct tp_dec d;
        struct tp_err err = TP_ERR_INIT;

        ok(tp_dec_from_double(&d, far[i], &err) && err.code == TP_EINPUT, "%g does not fit", far[i]);
    }
}

int
main(void)
{
    check_values();
    check_refused();
    check_depth();
    check_sharing();
    check_warmups();
    check_gathered();
    check_printed();
    check_decimals();
    return done();
}
