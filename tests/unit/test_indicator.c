/* Indicators: small cases by hand, any block size, long runs against direct computation. */
#include "strategy/indicator/indicator.h"

#include "tests/unit/tap.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define NA ((double)NAN)

enum { LONG_RUN = 1000000, SHORT_RUN = 3000 };

/* Bars and two series of one length; series[0] is x, series[1] is y. */
struct bars {
    size_t n;
    double *x, *y, *open, *high, *low, *close, *volume;
    int64_t *time;
};

static struct bars
bars_new(size_t n)
{
    struct bars b = {.n = n, .time = calloc(n, sizeof *b.time)};
    double **column[] = {&b.x, &b.y, &b.open, &b.high, &b.low, &b.close, &b.volume};

    for (size_t i = 0; i < sizeof column / sizeof *column; i++)
        *column[i] = calloc(n, sizeof(double));
    return b;
}

static void
bars_free(struct bars *b)
{
    double *column[] = {b->x, b->y, b->open, b->high, b->low, b->close, b->volume};

    for (size_t i = 0; i < sizeof column / sizeof *column; i++)
        free(column[i]);
    free(b->time);
}

static uint64_t seed;

static double
uniform(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(seed >> 11) * 0x1p-53;
}

/* A walk in ticks of 0.01 around 20000, one minute a bar, with a quiet stretch of equal bars and a
 * wild jump. */
static void
bars_walk(struct bars *b)
{
    double close = 2e6;

    seed = 1;
    for (size_t i = 0; i < b->n; i++) {
        bool flat = i % 1000 >= 900 && i % 1000 < 960;
        double top, bottom;

        b->open[i] = close / 100;
        if (!flat)
            close = fmax(100, close + floor(uniform() * 2001) - 1000);
        b->close[i] = close / 100;
        top = flat ? 0 : floor(uniform() * 300);
        bottom = flat ? 0 : floor(uniform() * 300);
        b->high[i] = (fmax(close, b->open[i] * 100) + top) / 100;
        b->low[i] = (fmin(close, b->open[i] * 100) - bottom) / 100;
        b->volume[i] = i % 5000 == 77 ? 1e12 : floor(uniform() * 1e6) / 1e3;
        b->x[i] = b->close[i];
        b->y[i] = flat ? 7 : b->close[i] / 2 + uniform() * 10;
        b->time[i] = INT64_C(1640995200000000) + (int64_t)(i + 1) * 60000000;
    }
}

static struct tp_ind_block
block_at(const struct bars *b, size_t at, size_t n)
{
    return (struct tp_ind_block){
        .n = n,
        .series = {b->x + at, b->y + at},
        .open = b->open + at,
        .high = b->high + at,
        .low = b->low + at,
        .close = b->close + at,
        .volume = b->volume + at,
        .close_time = b->time + at,
    };
}

/* The arguments a user would give: the defaults, and 14 where there is none. */
static void
usual_args(const struct tp_indicator *ind, double args[8])
{
    for (size_t i = 0; ind->args[i].name; i++)
        args[i] = isnan(ind->args[i].fallback) ? 14 : ind->args[i].fallback;
}

/* Runs in blocks of `size` bars (0: all at once), moving the state to fresh memory after each
 * block. */
static void
run_in_blocks(const struct tp_indicator *ind, const double *args, const struct bars *b, size_t size,
              double *out)
{
    size_t bytes = ind->size(args);
    void *state = aligned_alloc(16, bytes), *other = aligned_alloc(16, bytes);

    ind->init(state, args);
    for (size_t at = 0, n = 0; at < b->n; at += n) {
        struct tp_ind_block block;
        void *swap = other;

        n = size && size < b->n - at ? size : b->n - at;
        block = block_at(b, at, n);
        ind->run(state, &block, out + at);
        if (size && size < 100) {
            memcpy(other, state, bytes);
            memset(state, 0xa5, bytes);
            other = state;
            state = swap;
        }
    }
    free(state);
    free(other);
}

static const struct tp_indicator *
find(const char *name)
{
    return tp_indicator_find(name, strlen(name));
}

static bool
same_bits(double a, double b)
{
    return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}

/* ---- by hand ---- */

struct hand_case {
    const char *title, *name;
    double args[3];
    double x[8], want[8];
};

static const struct hand_case hand_cases[] = {
    {"sma is the mean of n",
     "sma",
     {3},
     {1, 2, 3, 5, 8, 0, 0, 0},
     {NA, NA, 2, 10 / 3.0, 16 / 3.0, 13 / 3.0, 8 / 3.0, 0}},
    {"sma of one is the value", "sma", {1}, {1, 2, 3, 5, 8, 9, 7, 1}, {1, 2, 3, 5, 8, 9, 7, 1}},
    {"sma waits behind na at the start",
     "sma",
     {2},
     {NA, NA, 3, 5, 8, 0, 2, 2},
     {NA, NA, NA, 4, 6.5, 4, 1, 2}},
    {"sma is na while na is in its window, and no longer",
     "sma",
     {3},
     {1, 2, 3, NA, 5, 6, 7, 8},
     {NA, NA, 2, NA, NA, NA, 6, 7}},
    {"ema starts with the mean of n",
     "ema",
     {3},
     {1, 2, 6, 5, 8, 0, 4, 4},
     {NA, NA, 3, 4, 6, 3, 3.5, 3.75}},
    {"ema passes over na", "ema", {3}, {1, NA, 2, 6, NA, 5, 8, 0}, {NA, NA, NA, 3, NA, 4, 6, 3}},
    {"rma weighs the new value 1/n",
     "rma",
     {2},
     {2, 4, 5, 8, 0, 2, 2, 2},
     {NA, 3, 4, 6, 3, 2.5, 2.25, 2.125}},
    {"wma weighs 1 to n",
     "wma",
     {3},
     {1, 2, 3, 5, 8, 0, 0, 0},
     {NA, NA, 14 / 6.0, 23 / 6.0, 37 / 6.0, 21 / 6.0, 8 / 6.0, 0}},
    {"linreg of a line is the line",
     "linreg",
     {4},
     {1, 3, 5, 7, 9, 11, 13, 15},
     {NA, NA, NA, 7, 9, 11, 13, 15}},
    {"linreg is the end of the best line",
     "linreg",
     {3},
     {1, 2, 6, 0, 0, 0, 3, 6},
     {NA, NA, 5.5, 5 / 3.0, -1, 0, 2.5, 6}},
    {"stdev is that of the population",
     "stdev",
     {4},
     {2, 4, 4, 6, 4, 4, 4, 4},
     {NA, NA, NA, 1.4142135623730951, 0.8660254037844386, 0.8660254037844386, 0.8660254037844386,
      0}},
    {"highest includes the current bar",
     "highest",
     {3},
     {1, 5, 2, 3, 1, 0, 9, 4},
     {NA, NA, 5, 5, 3, 3, 9, 9}},
    {"lowest includes the current bar",
     "lowest",
     {3},
     {1, 5, 2, 3, 1, 0, 9, 4},
     {NA, NA, 1, 2, 1, 0, 0, 0}},
    {"highest is na while na is in its window",
     "highest",
     {2},
     {1, NA, 2, 3, 9, NA, 1, 0},
     {NA, NA, NA, 3, 9, NA, NA, 1}},
    {"lowest is na while na is in its window",
     "lowest",
     {2},
     {1, NA, 2, 3, 9, NA, 1, 0},
     {NA, NA, NA, 2, 3, NA, NA, 0}},
    {"mom is the change since n bars",
     "mom",
     {2},
     {1, 5, 2, 3, NA, 0, 9, 4},
     {NA, NA, 1, -2, NA, -3, NA, 4}},
    {"roc is in percent, and na from zero",
     "roc",
     {1},
     {1, 2, 1, 0, 4, 5, 5, 6},
     {NA, 100, -50, -100, NA, 25, 0, 20}},
    {"rsi is 100 without losses",
     "rsi",
     {2},
     {1, 2, 3, 4, 4, 4, 5, 6},
     {NA, NA, 100, 100, 100, 100, 100, 100}},
    {"rsi is na while nothing moves",
     "rsi",
     {2},
     {4, 4, 4, 4, 5, 4.5, 4.5, 4},
     {NA, NA, NA, NA, 100, 50, 50, 50 / 3.0}},
    {"rsi passes over na",
     "rsi",
     {2},
     {1, 2, NA, 1, 2, NA, 2, 1},
     {NA, NA, NA, 50, 75, NA, 75, 25}},
    {"zscore counts deviations",
     "zscore",
     {4},
     {2, 4, 4, 6, 6, 6, 6, 6},
     {NA, NA, NA, 1.4142135623730951, 1, 0.5773502691896258, NA, NA}},
    {"percentrank counts the n before",
     "percentrank",
     {4},
     {1, 2, 3, 4, 3, 5, 0, NA},
     {NA, NA, NA, NA, 75, 100, 0, NA}},
    {"macd of equal values is zero",
     "macd",
     {2, 3, 2},
     {5, 5, 5, 5, 5, 5, 5, 5},
     {NA, NA, 0, 0, 0, 0, 0, 0}},
    {"macd takes each ema from its own start",
     "macd",
     {1, 2, 2},
     {1, 3, 5, 5, 5, 5, 5, 5},
     {NA, 1, 1, 1 / 3.0, 1 / 9.0, 1 / 27.0, 1 / 81.0, 1 / 243.0}},
    {"macd_signal is the ema of macd",
     "macd_signal",
     {1, 2, 2},
     {1, 3, 5, 5, 5, 5, 5, 5},
     {NA, NA, 1, 5 / 9.0, 7 / 27.0, 9 / 81.0, 11 / 243.0, 13 / 729.0}},
    /* fast: skips 1, seed (3+5)/2 = 4 at bar 3, slow seed 3 there; then 4.667, 4.889 against
       4, 4.5. */
    {"macd_ta seeds both at the slow start",
     "macd_ta",
     {2, 3, 2},
     {1, 3, 5, 5, 5, 5, 5, 5},
     {NA, NA, 1, 2 / 3.0, 4.8888888888888889 - 4.5, 4.962962962962963 - 4.75,
      4.9876543209876543 - 4.875, 4.9958847736625511 - 4.9375}},
    {"bb_up lies k deviations above the mean",
     "bb_up",
     {4, 2},
     {2, 4, 4, 6, 6, 6, 6, 6},
     {NA, NA, NA, 4 + 2 * 1.4142135623730951, 7, 5.5 + 2 * 0.8660254037844386, 6, 6}},
    {"dema follows a line", "dema", {1}, {1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 3, 4, 5, 6, 7, 8}},
};

static void
by_hand(void)
{
    struct bars b = bars_new(8);
    double out[8];

    for (size_t i = 0; i < sizeof hand_cases / sizeof *hand_cases; i++) {
        const struct hand_case *c = &hand_cases[i];
        const struct tp_indicator *ind = find(c->name);
        bool good = ind != NULL;

        memcpy(b.x, c->x, sizeof c->x);
        if (good)
            run_in_blocks(ind, c->args, &b, 0, out);
        for (size_t k = 0; k < 8 && good; k++) {
            good = isnan(c->want[k]) ? isnan(out[k])
                                     : fabs(out[k] - c->want[k]) <= 1e-13 * (1 + fabs(c->want[k]));
            if (!good)
                printf("# bar %zu: got %.17g, want %.17g\n", k, out[k], c->want[k]);
        }
        ok(good, "%s", c->title);
    }
    bars_free(&b);
}

struct bar_case {
    const char *title, *name;
    double args[3];
    double want[6];
};

/* Bars (high, low, close, volume): 10 8 9 1; 12 9 11 2; 11 7 8 4; 13 10 12 1; 14 12 13 0; 9 6 7 2.
 * The last two are on the next day. */
static const double hand_bars[4][6] = {
    {10, 12, 11, 13, 14, 9}, {8, 9, 7, 10, 12, 6}, {9, 11, 8, 12, 13, 7}, {1, 2, 4, 1, 0, 2}};

static const struct bar_case bar_cases[] = {
    {"tr reaches to the close before", "tr", {0}, {NA, 3, 4, 5, 2, 7}},
    {"atr starts with the mean of n true ranges", "atr", {2}, {NA, NA, 3.5, 4.25, 3.125, 5.0625}},
    {"stoch_k is the place in the range",
     "stoch_k",
     {2, 1, 1},
     {NA, 75, 20, 100 * 5 / 6.0, 75, 12.5}},
    {"stoch_d is the mean of stoch_k",
     "stoch_d",
     {2, 1, 2},
     {NA, NA, 47.5, (20 + 500 / 6.0) / 2, (500 / 6.0 + 75) / 2, 43.75}},
    {"willr is the place from above", "willr", {2}, {NA, -25, -80, -100 / 6.0, -25, -87.5}},
    {"obv adds the volume of rises", "obv", {0}, {0, 2, -2, -1, -1, -3}},
    {"vwap_day starts anew each day",
     "vwap_day",
     {0},
     {9, (9 + 2 * 32 / 3.0) / 3, (9 + 64 / 3.0 + 4 * 26 / 3.0) / 7,
      (9 + 64 / 3.0 + 104 / 3.0 + 35 / 3.0) / 8, NA, 22 / 3.0}},
    {"donchian_up leaves the current bar out", "donchian_up", {2}, {NA, NA, 12, 12, 13, 14}},
    {"donchian_low leaves the current bar out", "donchian_low", {2}, {NA, NA, 8, 7, 7, 10}},
    /* +dm 0 2 0 2 1 0, -dm 0 0 2 0 0 6, rma(2) from bar 3: + 1 1.5 1.25 .625, - 1 .5 .25 3.125 */
    {"plus_di is the smoothed rise over the smoothed range",
     "plus_di",
     {2},
     {NA, NA, 100 / 3.5, 150 / 4.25, 125 / 3.125, 62.5 / 5.0625}},
    {"minus_di is the smoothed fall over the smoothed range",
     "minus_di",
     {2},
     {NA, NA, 100 / 3.5, 50 / 4.25, 25 / 3.125, 312.5 / 5.0625}},
    {"adx is the smoothed difference of the two",
     "adx",
     {2},
     {NA, NA, NA, 25, (25 + 100 / 1.5) / 2, ((25 + 100 / 1.5) / 2 + 100 * 2.5 / 3.75) / 2}},
    {"keltner_up lies k atr above the ema",
     "keltner_up",
     {1, 2, 2},
     {NA, NA, 15, 20.5, 19.25, 17.125}},
    {"keltner_low lies k atr below the ema",
     "keltner_low",
     {1, 2, 2},
     {NA, NA, 1, 3.5, 6.75, -3.125}},
    /* t 9 32/3 26/3 35/3 13 22/3; of two: mean +- d, so 1/0.015 up or down */
    {"cci of two bars is one mean deviation",
     "cci",
     {2},
     {NA, 1 / 0.015, -1 / 0.015, 1 / 0.015, 1 / 0.015, -1 / 0.015}},
    {"mfi is the share of rising money",
     "mfi",
     {2},
     {NA, NA, 100 * (64 / 3.0) / (64 / 3.0 + 104 / 3.0), 100 * (35 / 3.0) / (35 / 3.0 + 104 / 3.0),
      100, 0}},
    {"psar starts at the first low and never passes the two lows",
     "psar",
     {0.02, 0.2},
     {NA, 8, 12, 7, 7, 14}},
};

static void
by_hand_bars(void)
{
    struct bars b = bars_new(6);
    double out[6];

    memcpy(b.high, hand_bars[0], sizeof hand_bars[0]);
    memcpy(b.low, hand_bars[1], sizeof hand_bars[0]);
    memcpy(b.close, hand_bars[2], sizeof hand_bars[0]);
    memcpy(b.volume, hand_bars[3], sizeof hand_bars[0]);
    for (size_t i = 0; i < b.n; i++)
        b.time[i] = INT64_C(86400000000) - ((int64_t)3 - (int64_t)i) * 60000000;
    for (size_t i = 0; i < sizeof bar_cases / sizeof *bar_cases; i++) {
        const struct bar_case *c = &bar_cases[i];
        const struct tp_indicator *ind = find(c->name);
        bool good = ind != NULL;

        if (good)
            run_in_blocks(ind, c->args, &b, 0, out);
        for (size_t k = 0; k < 6 && good; k++) {
            good = isnan(c->want[k]) ? isnan(out[k])
                                     : fabs(out[k] - c->want[k]) <= 1e-13 * (1 + fabs(c->want[k]));
            if (!good)
                printf("# bar %zu: got %.17g, want %.17g\n", k, out[k], c->want[k]);
        }
        ok(good, "%s", c->title);
    }
    bars_free(&b);
}

/* ---- the table ---- */

static void
table(void)
{
    struct bars b = bars_new(SHORT_RUN);
    double *out = calloc(b.n, sizeof *out);
    size_t count = 0;

    bars_walk(&b);
    for (const struct tp_indicator *ind; (ind = tp_indicator_at(count)) != NULL; count++) {
        double args[8] = {0};
        int64_t warmup, na = 0;
        bool sane = ind->series <= 2 && ind->help && ind->args;

        for (size_t i = 0; ind->args[i].name; i++)
            sane = sane && ind->args[i].min <= ind->args[i].max
                   && !(ind->args[i].fallback < ind->args[i].min)
                   && !(ind->args[i].fallback > ind->args[i].max);
        usual_args(ind, args);
        warmup = ind->warmup(args);
        run_in_blocks(ind, args, &b, 0, out);
        while (na < SHORT_RUN && isnan(out[na]))
            na++;
        ok(sane && find(ind->name) == ind && ind->size(args) % 16 == 0 && na == warmup,
           "%s is found, well described, and gives its first value after %lld bars", ind->name,
           (long long)warmup);
    }
    ok(count >= 39, "there are %zu indicators", count);
    ok(!tp_indicator_find("sm", 2) && !tp_indicator_find("smaa", 4) && !tp_indicator_find("", 0),
       "a part of a name is no name");
    ok(tp_indicator_find("sma(close", 3) == find("sma"), "a name may end inside a text");
    free(out);
    bars_free(&b);
}

/* ---- any block size ---- */

static void
block_sizes(void)
{
    static const size_t sizes[] = {1, 7, 64, 255, 257, 4096};
    struct bars b = bars_new(SHORT_RUN);
    double *want = calloc(b.n, sizeof *want), *got = calloc(b.n, sizeof *got);

    bars_walk(&b);
    for (size_t i = 0; i < b.n; i++) {
        if (i < 5 || uniform() < 0.01)
            b.x[i] = NA;
        if (i < 3 || uniform() < 0.01)
            b.y[i] = NA;
        if (uniform() < 0.003)
            b.high[i] = NA;
        if (uniform() < 0.003)
            b.close[i] = NA;
        if (uniform() < 0.003)
            b.volume[i] = NA;
    }
    for (size_t k = 0; tp_indicator_at(k); k++) {
        const struct tp_indicator *ind = tp_indicator_at(k);
        double args[8] = {0};
        bool good = true;
        size_t values = 0;

        usual_args(ind, args);
        run_in_blocks(ind, args, &b, 0, want);
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            run_in_blocks(ind, args, &b, sizes[s], got);
            for (size_t i = 0; i < b.n && good; i++) {
                good = same_bits(got[i], want[i]);
                if (!good)
                    printf("# blocks of %zu, bar %zu: %.17g, not %.17g\n", sizes[s], i, got[i],
                           want[i]);
            }
        }
        for (size_t i = 0; i < b.n; i++)
            values += isnan(want[i]) ? 0 : 1;
        ok(good && values > b.n / 2, "%s gives the same bits for any block size", ind->name);
    }
    free(want);
    free(got);
    bars_free(&b);
}

/* ---- equal values ---- */

static void
equal_values(void)
{
    /* 0.1 and 1/3 are no binary fractions: their sums round. */
    static const double values[] = {0.1, 1 / 3.0, 12345.67, 1e-8, 9e11};
    static const char *const same[] = {"sma",    "ema",    "rma",   "wma",    "linreg", "highest",
                                       "lowest", "bb_mid", "bb_up", "bb_low", "dema",   "tema"};
    static const char *const zero[] = {"stdev", "macd", "macd_signal", "macd_hist", "mom", "roc"};
    static const char *const none[] = {"zscore", "correl", "beta", "rsi"};
    struct bars b = bars_new(500);
    double out[500];
    bool good;

#define ALL_ARE(list, condition, title)                                                            \
    for (size_t k = 0; k < sizeof list / sizeof *list; k++) {                                      \
        const struct tp_indicator *ind = find(list[k]);                                            \
        double args[8] = {0};                                                                      \
                                                                                                   \
        good = true;                                                                               \
        usual_args(ind, args);                                                                     \
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {                              \
            for (size_t i = 0; i < b.n; i++)                                                       \
                b.x[i] = b.y[i] = values[v];                                                       \
            run_in_blocks(ind, args, &b, 0, out);                                                  \
            for (size_t i = (size_t)ind->warmup(args); i < b.n; i++)                               \
                good = good && (condition);                                                        \
        }                                                                                          \
        ok(good, "%s " title, ind->name);                                                          \
    }
    ALL_ARE(same, same_bits(out[i], values[v]), "of equal values is exactly that value")
    ALL_ARE(zero, same_bits(fabs(out[i]), 0.0), "of equal values is exactly 0")
    ALL_ARE(none, isnan(out[i]), "of equal values is na: nothing divided by nothing")
#undef ALL_ARE
    bars_free(&b);
}

/* An outlier must leave no trace once it has left the window. */
static void
outlier(void)
{
    static const char *const names[] = {"sma", "stdev", "wma", "linreg", "zscore"};
    struct bars b = bars_new(200), clean = bars_new(200);
    double got[200], want[200];

    seed = 5;
    for (size_t i = 0; i < b.n; i++)
        clean.x[i] = b.x[i] = 1 + uniform() * 1e-3;
    b.x[50] = 1e15;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const struct tp_indicator *ind = find(names[k]);
        const double args[] = {20};
        bool good = true;

        run_in_blocks(ind, args, &b, 0, got);
        run_in_blocks(ind, args, &clean, 0, want);
        for (size_t i = 70; i < b.n; i++)
            good = good && same_bits(got[i], want[i]);
        ok(good, "%s forgets an outlier that has left its window", ind->name);
    }
    bars_free(&b);
    bars_free(&clean);
}

/* ---- a million bars ---- */

/* Direct values at bar i, from the definitions, in long double, O(n) each. */
typedef long double wide;

struct sums {
    wide mean_x, mean_y, xx, yy, xy;
};

static struct sums
sums_of(const double *x, const double *y, size_t n)
{
    struct sums s = {0};

    for (size_t i = 0; i < n; i++) {
        s.mean_x += (wide)x[i] - (wide)x[0];
        s.mean_y += (wide)y[i] - (wide)y[0];
    }
    s.mean_x = (wide)x[0] + s.mean_x / (wide)n;
    s.mean_y = (wide)y[0] + s.mean_y / (wide)n;
    for (size_t i = 0; i < n; i++) {
        wide dx = (wide)x[i] - s.mean_x, dy = (wide)y[i] - s.mean_y;

        s.xx += dx * dx;
        s.yy += dy * dy;
        s.xy += dx * dy;
    }
    return s;
}

static double
extreme_of(const double *x, size_t n, double sign)
{
    double best = x[0];

    for (size_t i = 1; i < n; i++)
        best = sign * x[i] > sign * best ? x[i] : best;
    return best;
}

static double
direct(const char *name, const struct bars *b, size_t i, size_t n)
{
    size_t from = i + 1 - n;
    const double *x = b->x + from, *y = b->y + from;
    struct sums s = sums_of(x, y, n);
    wide sum = 0, weight = 0;
    double deviation = (double)sqrtl(s.xx / (wide)n);

    if (!strcmp(name, "sma"))
        return (double)s.mean_x;
    if (!strcmp(name, "stdev"))
        return deviation;
    if (!strcmp(name, "zscore"))
        return deviation > 0 ? (double)(((wide)b->x[i] - s.mean_x) / (wide)deviation) : NA;
    if (!strcmp(name, "correl"))
        return s.xx > 0 && s.yy > 0 ? (double)(s.xy / sqrtl(s.xx * s.yy)) : NA;
    if (!strcmp(name, "beta"))
        return s.yy > 0 ? (double)(s.xy / s.yy) : NA;
    if (!strcmp(name, "highest"))
        return extreme_of(x, n, 1);
    if (!strcmp(name, "lowest"))
        return extreme_of(x, n, -1);
    if (!strcmp(name, "wma")) {
        for (size_t k = 0; k < n; k++) {
            sum += (wide)(k + 1) * (wide)x[k];
            weight += (wide)(k + 1);
        }
        return (double)(sum / weight);
    }
    if (!strcmp(name, "linreg")) {
        wide middle = (wide)(n - 1) / 2;

        for (size_t k = 0; k < n; k++) {
            sum += ((wide)k - middle) * ((wide)x[k] - s.mean_x);
            weight += ((wide)k - middle) * ((wide)k - middle);
        }
        return (double)(s.mean_x + sum / weight * middle);
    }
    if (!strcmp(name, "vwma")) {
        for (size_t k = 0; k < n; k++) {
            sum += (wide)x[k] * (wide)b->volume[from + k];
            weight += (wide)b->volume[from + k];
        }
        return weight > 0 ? (double)(sum / weight) : NA;
    }
    if (!strcmp(name, "percentrank")) {
        for (size_t k = 0; k < n; k++)
            sum += b->x[i - n + k] <= b->x[i];
        return (double)(100 * sum / (wide)n);
    }
    return NA; /* not reached: the list below holds only these names */
}

static void
windows_long(const struct bars *b, double *out)
{
    static const char *const names[] = {"sma",    "stdev",   "zscore",     "correl",
                                        "beta",   "highest", "lowest",     "wma",
                                        "linreg", "vwma",    "percentrank"};
    const double args[] = {20};

    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const struct tp_indicator *ind = find(names[k]);
        wide worst = 0;
        bool good = true;

        run_in_blocks(ind, args, b, 4096, out);
        /* Every bar in both quiet and wild places, in steps that meet each place in a window. */
        for (size_t i = 20; i < b->n && good; i += 1 + (i % 1000 < 890 ? i % 7 : 0)) {
            double want = direct(names[k], b, i, 20);
            /* A distance in deviations may be next to nothing: it is good to 1e-9 of one deviation.
             */
            double scale = strcmp(names[k], "zscore") ? 1e-3 : 1;
            double error = fabs(out[i] - want) / fmax(fabs(want), scale);

            good = isnan(want) ? isnan(out[i]) : error <= 1e-9;
            if (!good)
                printf("# bar %zu: got %.17g, want %.17g\n", i, out[i], want);
            else if (!isnan(want))
                worst = fmaxl(worst, (wide)error);
        }
        ok(good, "%s of a million bars equals the direct computation (worst %.1Le)", names[k],
           worst);
    }
}

/* The plain recursion, seeded with the mean of n, in long double. */
struct plain {
    wide value, weight;
    size_t n, seen;
};

static double
plain_next(struct plain *p, double x)
{
    if (isnan(x))
        return NA;
    if (p->seen < p->n) {
        p->value += (wide)x / (wide)p->n;
        return ++p->seen < p->n ? NA : (double)p->value;
    }
    p->value += p->weight * ((wide)x - p->value);
    return (double)p->value;
}

static void
close_enough(const char *title, const double *out, const double *want, size_t n, double scale)
{
    wide worst = 0;
    bool good = true;

    for (size_t i = 0; i < n && good; i++) {
        double error = fabs(out[i] - want[i]) / fmax(fabs(want[i]), scale);

        good = isnan(want[i]) ? isnan(out[i]) : error <= 1e-9;
        if (!good)
            printf("# bar %zu: got %.17g, want %.17g\n", i, out[i], want[i]);
        else if (!isnan(want[i]))
            worst = fmaxl(worst, (wide)error);
    }
    ok(good, "%s of a million bars equals the plain recursion (worst %.1Le)", title, worst);
}

static void
averages_long(const struct bars *b, double *out, double *want)
{
    const double n14[] = {14}, macd[] = {12, 26, 9};
    struct plain ema = {.n = 14, .weight = 2 / 15.0L}, rma = {.n = 14, .weight = 1 / 14.0L};
    struct plain gain = rma, loss = rma, range = rma;
    struct plain fast = {.n = 12, .weight = 2 / 13.0L}, slow = {.n = 26, .weight = 2 / 27.0L};
    struct plain plus = rma, minus = rma, index = rma;

    run_in_blocks(find("ema"), n14, b, 4096, out);
    for (size_t i = 0; i < b->n; i++)
        want[i] = plain_next(&ema, b->x[i]);
    close_enough("ema", out, want, b->n, 1);
    run_in_blocks(find("rma"), n14, b, 4096, out);
    for (size_t i = 0; i < b->n; i++)
        want[i] = plain_next(&rma, b->x[i]);
    close_enough("rma", out, want, b->n, 1);
    run_in_blocks(find("macd"), macd, b, 4096, out);
    for (size_t i = 0; i < b->n; i++)
        want[i] = plain_next(&fast, b->x[i]) - plain_next(&slow, b->x[i]);
    close_enough("macd", out, want, b->n, 1);
    run_in_blocks(find("rsi"), n14, b, 4096, out);
    for (size_t i = 0; i < b->n; i++) {
        double change = i ? b->x[i] - b->x[i - 1] : NA;
        double g = plain_next(&gain, isnan(change) ? NA : fmax(change, 0));
        double l = plain_next(&loss, isnan(change) ? NA : fmax(-change, 0));

        want[i] = 100 * g / (g + l);
    }
    close_enough("rsi", out, want, b->n, 1);
    run_in_blocks(find("atr"), n14, b, 4096, out);
    for (size_t i = 0; i < b->n; i++)
        want[i] = plain_next(
            &range, i ? fmax(b->high[i], b->close[i - 1]) - fmin(b->low[i], b->close[i - 1]) : NA);
    close_enough("atr", out, want, b->n, 1e-3);
    run_in_blocks(find("adx"), n14, b, 4096, out);
    for (size_t i = 0; i < b->n; i++) {
        double up = i ? b->high[i] - b->high[i - 1] : NA;
        double down = i ? b->low[i - 1] - b->low[i] : NA;
        double p = plain_next(&plus, isnan(up) ? NA : up > down && up > 0 ? up : 0);
        double m = plain_next(&minus, isnan(up) ? NA : down > up && down > 0 ? down : 0);

        want[i] = plain_next(&index, 100 * fabs(p - m) / (p + m));
    }
    close_enough("adx", out, want, b->n, 1);
}

static void
long_runs(void)
{
    struct bars b = bars_new(LONG_RUN);
    double *out = calloc(b.n, sizeof *out), *want = calloc(b.n, sizeof *want);

    bars_walk(&b);
    windows_long(&b, out);
    averages_long(&b, out, want);
    free(out);
    free(want);
    bars_free(&b);
}

int
main(void)
{
    by_hand();
    by_hand_bars();
    table();
    block_sizes();
    equal_values();
    outlier();
    long_runs();
    return done();
}
