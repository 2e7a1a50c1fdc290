/*
 * Indicators over a million bars in blocks of 4096, in nanoseconds per bar, beside the same
 * indicator of a peer in the same run. bench_indicator [TULIP.so [TALIB.so]] Prints a line per
 * indicator: name, fastest peer ("-": none here), its figure, ours. Each figure is the best of
 * several rounds, in which the peers and we take turns. Where a peer's call gives several lines,
 * ours is the one line that needs all of their work.
 */
#include "strategy/indicator/indicator.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BARS = 1000000, BLOCK = 4096, ROUNDS = 9 };

static double open_[BARS], high[BARS], low[BARS], close_[BARS], volume[BARS];
static double out[3][BARS];

typedef int (*tulip_call)(int, const double *const *, const double *, double *const *);

struct work {
    const char *title, *indicator;
    double args[3];
    const char *tulip; /* function of the peer, its inputs: x = close, b = high low close */
    char tulip_inputs;
    const char *talib;
};

static const struct work works[] = {
    {"SMA 20", "sma", {20}, "ti_sma", 'x', "TA_SMA"},
    {"EMA 20", "ema", {20}, "ti_ema", 'x', "TA_EMA"},
    {"RSI 14", "rsi", {14}, "ti_rsi", 'x', "TA_RSI"},
    {"MACD 12 26 9", "macd_hist", {12, 26, 9}, "ti_macd", 'x', "TA_MACD"},
    {"Bollinger 20 2", "bb_up", {20, 2}, "ti_bbands", 'x', "TA_BBANDS"},
    {"ATR 14", "atr", {14}, "ti_atr", 'b', "TA_ATR"},
    {"STOCH 14 3 3", "stoch_d", {14, 3, 3}, "ti_stoch", 'b', "TA_STOCH"},
    {"ADX 14", "adx", {14}, "ti_adx", 'h', "TA_ADX"},
};

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* other programs do not count */
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void
make_bars(void)
{
    unsigned long long seed = 1;
    double price = 2e6;

    for (size_t i = 0; i < BARS; i++) {
        double r[4];

        for (size_t k = 0; k < 4; k++) {
            seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
            r[k] = (double)(seed >> 11) * 0x1p-53;
        }
        open_[i] = price / 100;
        price = fmax(1000, price + floor(r[0] * 2001) - 1000);
        close_[i] = price / 100;
        high[i] = fmax(open_[i], close_[i]) + floor(r[1] * 300) / 100;
        low[i] = fmin(open_[i], close_[i]) - floor(r[2] * 300) / 100;
        volume[i] = floor(r[3] * 1e6) / 1e3;
    }
}

static double
run_ours(const struct work *w)
{
    const struct tp_indicator *ind = tp_indicator_find(w->indicator, strlen(w->indicator));
    void *state = aligned_alloc(16, ind->size(w->args));
    double start = now();

    ind->init(state, w->args);
    for (size_t at = 0; at < BARS; at += BLOCK) {
        struct tp_ind_block b = {
            .n = BARS - at < BLOCK ? BARS - at : BLOCK,
            .series = {close_ + at, close_ + at},
            .open = open_ + at,
            .high = high + at,
            .low = low + at,
            .close = close_ + at,
            .volume = volume + at,
        };

        ind->run(state, &b, out[0] + at);
    }
    start = now() - start;
    free(state);
    return start / BARS;
}

static double
run_tulip(const struct work *w, tulip_call call)
{
    const double *x[] = {close_}, *bars[] = {high, low, close_};
    double *results[] = {out[0], out[1], out[2]};
    double start = now();

    call(BARS, w->tulip_inputs == 'x' ? x : bars, w->args, results);
    return (now() - start) / BARS;
}

/* TA-Lib's calls differ in shape; their averages are of kind 0, simple. */
union talib {
    void *symbol;
    int (*one)(int, int, const double *, int, int *, int *, double *);
    int (*bar)(int, int, const double *, const double *, const double *, int, int *, int *,
               double *);
    int (*macd)(int, int, const double *, int, int, int, int *, int *, double *, double *,
                double *);
    int (*bands)(int, int, const double *, int, double, double, int, int *, int *, double *,
                 double *, double *);
    int (*stoch)(int, int, const double *, const double *, const double *, int, int, int, int, int,
                 int *, int *, double *, double *);
};

static double
run_talib(const struct work *w, union talib call)
{
    int a = (int)w->args[0], b = (int)w->args[1], c = (int)w->args[2], from, n, end = BARS - 1;
    double start = now();

    if (!strcmp(w->talib, "TA_MACD"))
        call.macd(0, end, close_, a, b, c, &from, &n, out[0], out[1], out[2]);
    else if (!strcmp(w->talib, "TA_BBANDS"))
        call.bands(0, end, close_, a, 2, 2, 0, &from, &n, out[0], out[1], out[2]);
    else if (!strcmp(w->talib, "TA_STOCH"))
        call.stoch(0, end, high, low, close_, a, b, 0, c, 0, &from, &n, out[0], out[1]);
    else if (w->tulip_inputs != 'x')
        call.bar(0, end, high, low, close_, a, &from, &n, out[0]);
    else
        call.one(0, end, close_, a, &from, &n, out[0]);
    return (now() - start) / BARS;
}

static void *
open_peer(int argc, char **argv, int i)
{
    void *lib = i < argc && *argv[i] ? dlopen(argv[i], RTLD_NOW | RTLD_LOCAL) : NULL;

    if (i < argc && *argv[i] && !lib)
        fprintf(stderr, "%s\n", dlerror());
    return lib;
}

int
main(int argc, char **argv)
{
    void *tulip = open_peer(argc, argv, 1), *talib = open_peer(argc, argv, 2);

    make_bars();
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        const struct work *w = &works[i];
        void *t = tulip ? dlsym(tulip, w->tulip) : NULL, *a = talib ? dlsym(talib, w->talib) : NULL;
        tulip_call tulip_run;
        double ours = HUGE_VAL, best[2] = {HUGE_VAL, HUGE_VAL};

        memcpy(&tulip_run, &t, sizeof t);
        for (int round = 0; round < ROUNDS; round++) {
            ours = fmin(ours, run_ours(w));
            if (t)
                best[0] = fmin(best[0], run_tulip(w, tulip_run));
            if (a)
                best[1] = fmin(best[1], run_talib(w, (union talib){.symbol = a}));
        }
        if (t || a)
            printf("%s|%s|%.2f|%.2f\n", w->title, best[0] <= best[1] ? "Tulip" : "TA-Lib",
                   fmin(best[0], best[1]), ours);
        else
            printf("%s|-|-|%.2f\n", w->title, ours);
    }
    return 0;
}
