/*
 * Indicators: pure functions from blocks of bars to blocks of doubles that carry their state, so
 * that a block of one bar is the live form and a block of thousands is the fast form, with the same
 * bits either way.
 *
 * "na" (not available) is NaN, in the input and in the output. Rules common to all:
 *  - Each indicator gives na for its first warmup(args) usable bars. na at the start of an input
 * (the warm-up of an inner series) is skipped: the warm-up starts behind it.
 *  - A bar whose input is na later on gives na. Window functions (sma, stdev, highest, ...) give na
 * as long as the window holds one; recursive ones (ema, rma, rsi, atr, ...) give na for that bar
 * only, keep their state over it and go on with the next value, as if the bar did not exist. See
 * docs/strategy-language.md per function.
 *  - The result of a bar depends on that bar and those before it only, and on no block boundary.
 * Infinite inputs are treated like any other number and may give na.
 */
#ifndef TP_STRATEGY_INDICATOR_H
#define TP_STRATEGY_INDICATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One numeric argument, constant over a run. The caller checks min <= value <= max and that an
 * `integer` one has no fraction, and puts `fallback` where the user gave none; a NaN fallback marks
 * a required argument. */
struct tp_ind_arg {
    const char *name;
    double min, max, fallback;
    bool integer;
};

/* Bar columns that an indicator reads besides its series. */
enum {
    TP_IND_OPEN = 1,
    TP_IND_HIGH = 2,
    TP_IND_LOW = 4,
    TP_IND_CLOSE = 8,
    TP_IND_VOLUME = 16,
    TP_IND_TIME = 32,
};

/* n bars in time order, following those of the call before. Only the series counted by `series` and
 * the columns named in `needs` are read; the others may be NULL. close_time is the end of the bar,
 * in microseconds UTC. */
struct tp_ind_block {
    size_t n;
    const double *series[2];
    const double *open, *high, *low, *close, *volume;
    const int64_t *close_time;
};

/* args below is always the full list, in the order of `args`. */
struct tp_indicator {
    const char *name;
    const char *help;              /* one line, lower case, no full stop */
    unsigned series;               /* number of series arguments, which come first: 0, 1 or 2 */
    const struct tp_ind_arg *args; /* numeric arguments after them; ended by a NULL name */
    unsigned needs;                /* TP_IND_ columns read */
    int64_t (*warmup)(const double *args); /* how many leading bars are na, given complete input */
    /* Bytes of the state: one flat block, 16-aligned, that the caller gives and may copy with
     * memcpy at any time; it holds no pointers. */
    size_t (*size)(const double *args);
    void (*init)(void *state, const double *args);
    /* Takes b->n bars and writes b->n values; out must not overlap an input. */
    void (*run)(void *state, const struct tp_ind_block *b, double *out);
};

/* The indicator of that name (len bytes, no terminator needed), or NULL. */
const struct tp_indicator *tp_indicator_find(const char *name, size_t len);

/* The i-th indicator in the order of table.def, or NULL past the end. */
const struct tp_indicator *tp_indicator_at(size_t i);

#endif
