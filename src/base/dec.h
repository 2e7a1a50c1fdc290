/* Exact decimals for money, prices and quantities: 128-bit counts of 0.00000001. */
#ifndef TP_BASE_DEC_H
#define TP_BASE_DEC_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

__extension__ typedef __int128          tp_i128;
__extension__ typedef unsigned __int128 tp_u128;

/* A decimal: units of 1e-8, |units| <= 10^28 - 1 (so numeric(28,8) fits), or TP_DEC_NONE for "no
 * value" (SQL NULL).  Arithmetic on TP_DEC_NONE is a mistake of the caller and is asserted. */
struct tp_dec {
    tp_i128 units;
};

/* Rates (funding, fees): units of 1e-12, |units| < 10^18 (numeric(18,12)), or TP_RATE_NONE. */
struct tp_rate {
    int64_t units;
};

#define TP_DEC_SCALE 8
#define TP_DEC_ONE 100000000
#define TP_DEC_NONE ((struct tp_dec){(tp_i128)((tp_u128)1 << 127)})
#define TP_DEC_ZERO ((struct tp_dec){0})
#define TP_DEC_MAX ((struct tp_dec){(tp_i128)1000000000000000000 * 10000000000 - 1})
#define TP_RATE_NONE ((struct tp_rate){INT64_MIN})
#define TP_RATE_ONE 1000000000000

/* What happens to places that do not fit. */
enum tp_round {
    TP_HALF_AWAY,      /* nearest, ties away from zero: what PostgreSQL does on storing */
    TP_HALF_EVEN,      /* nearest, ties to even: ratios, once, at the end */
    TP_TOWARD_ZERO,    /* quantities down to a step */
    TP_AWAY_FROM_ZERO, /* never in our favour */
    TP_UP,             /* towards plus infinity: fees and margin */
    TP_DOWN            /* towards minus infinity */
};

/* These stand here because a bar with fills takes a hundred of them. */
static inline bool
tp_dec_none(struct tp_dec d)
{
    return d.units == TP_DEC_NONE.units;
}

/* A whole number; always fits. */
static inline struct tp_dec
tp_dec_int(int64_t whole)
{
    return (struct tp_dec){(tp_i128)whole * TP_DEC_ONE};
}

/* -1, 0, 1; neither may be none. */
static inline int
tp_dec_cmp(struct tp_dec a, struct tp_dec b)
{
    assert(!tp_dec_none(a) && !tp_dec_none(b));
    return (a.units > b.units) - (a.units < b.units);
}

/* -1, 0, 1 */
static inline int
tp_dec_sign(struct tp_dec d)
{
    assert(!tp_dec_none(d));
    return (d.units > 0) - (d.units < 0);
}

static inline struct tp_dec
tp_dec_neg(struct tp_dec d)
{
    assert(!tp_dec_none(d));
    return (struct tp_dec){-d.units};
}

static inline struct tp_dec
tp_dec_abs(struct tp_dec d)
{
    return tp_dec_sign(d) < 0 ? tp_dec_neg(d) : d;
}

static inline struct tp_dec
tp_dec_min(struct tp_dec a, struct tp_dec b)
{
    return tp_dec_cmp(a, b) <= 0 ? a : b;
}

static inline struct tp_dec
tp_dec_max(struct tp_dec a, struct tp_dec b)
{
    return tp_dec_cmp(a, b) >= 0 ? a : b;
}

/* The errors "out of range" (more than 28 digits) and "division by zero".  The -1 stands at the callers,
 * so that the compiler knows that what they fill is set. */
void tp_dec_too_wide(struct tp_err *err);
void tp_dec_by_zero(struct tp_err *err);

/* Rule and divisor are constants of the caller: inlined, most of what follows falls away. */
#define TP_DEC_INLINE static inline __attribute__((always_inline))

TP_DEC_INLINE int
tp_dec_keep(struct tp_dec *out, tp_i128 units, struct tp_err *err)
{
    /* Both bounds in one comparison. */
    if ((tp_u128)units + (tp_u128)TP_DEC_MAX.units > 2 * (tp_u128)TP_DEC_MAX.units) {
        tp_dec_too_wide(err);
        return -1;
    }
    out->units = units;
    return 0;
}

/* num / den of magnitudes.  The compiler's own 128-bit division is a call of some 30 ns; most money
 * needs only one machine division. */
TP_DEC_INLINE tp_u128
tp_div_magnitude(tp_u128 num, tp_u128 den, tp_u128 *rest)
{
    if (den <= UINT64_MAX && num <= UINT64_MAX) {
        *rest = (uint64_t)num % (uint64_t)den;
        return (uint64_t)num / (uint64_t)den;
    }
#ifdef __x86_64__
    if (den <= UINT64_MAX && (uint64_t)(num >> 64) < (uint64_t)den) {
        uint64_t low = (uint64_t)num, high = (uint64_t)(num >> 64);

        __asm__("divq %2" : "+a"(low), "+d"(high) : "r"((uint64_t)den) : "cc");
        *rest = high;
        return low;
    }
#endif
    *rest = num % den;
    return num / den;
}

/* num / den rounded by rule; den > 0.  The one division that all of the below use. */
TP_DEC_INLINE tp_i128
tp_div_round(tp_i128 num, tp_i128 den, enum tp_round rule)
{
    tp_u128 q, r, half;
    bool    minus = num < 0, away = false;

    assert(den > 0);
    q = tp_div_magnitude(minus ? -(tp_u128)num : (tp_u128)num, (tp_u128)den, &r);
    if (r) {
        half = (tp_u128)den - r; /* r > half: more than one half; r == half: a tie */
        switch (rule) {
        case TP_HALF_AWAY:
            away = r >= half;
            break;
        case TP_HALF_EVEN:
            away = r > half || (r == half && (q & 1));
            break;
        case TP_TOWARD_ZERO:
            break;
        case TP_AWAY_FROM_ZERO:
            away = true;
            break;
        case TP_UP:
            away = !minus;
            break;
        case TP_DOWN:
            away = minus;
            break;
        }
        q += away;
    }
    return minus ? (tp_i128)(0 - q) : (tp_i128)q;
}

/* a * b; false when it passes 2^127.  Most money fits 64 bits: one multiplication then. */
TP_DEC_INLINE bool
tp_dec_product(tp_i128 *out, tp_i128 a, tp_i128 b)
{
    if ((int64_t)a == a && (int64_t)b == b) {
        *out = (tp_i128)(int64_t)a * (int64_t)b;
        return true;
    }
    return !__builtin_mul_overflow(a, b, out);
}

/* Each returns 0, or -1 with TP_EINPUT "out of range" when the result has more than 28 digits (or
 * "division by zero").  out may be one of the operands. */
static inline int
tp_dec_add(struct tp_dec *out, struct tp_dec a, struct tp_dec b, struct tp_err *err)
{
    assert(!tp_dec_none(a) && !tp_dec_none(b));
    return tp_dec_keep(out, a.units + b.units, err);
}

static inline int
tp_dec_sub(struct tp_dec *out, struct tp_dec a, struct tp_dec b, struct tp_err *err)
{
    assert(!tp_dec_none(a) && !tp_dec_none(b));
    return tp_dec_keep(out, a.units - b.units, err);
}

static inline int
tp_dec_mul(struct tp_dec *out, struct tp_dec a, struct tp_dec b, enum tp_round rule,
           struct tp_err *err)
{
    tp_i128 wide;

    assert(!tp_dec_none(a) && !tp_dec_none(b));
    /* A product past 2^127 is past 10^36, and so its eight-place result past 10^28: out of range. */
    if (!tp_dec_product(&wide, a.units, b.units)) {
        tp_dec_too_wide(err);
        return -1;
    }
    return tp_dec_keep(out, tp_div_round(wide, TP_DEC_ONE, rule), err);
}

static inline int
tp_dec_div(struct tp_dec *out, struct tp_dec a, struct tp_dec b, enum tp_round rule,
           struct tp_err *err)
{
    tp_i128 num;

    assert(!tp_dec_none(a) && !tp_dec_none(b));
    if (b.units == 0) {
        tp_dec_by_zero(err);
        return -1;
    }
    if (b.units == TP_DEC_ONE)
        return tp_dec_keep(out, a.units, err);
    num = a.units * TP_DEC_ONE; /* below 10^36: fits */
    if (b.units < 0) {
        num = -num;
        b.units = -b.units;
    }
    return tp_dec_keep(out, tp_div_round(num, b.units, rule), err);
}

/* a * b / c with one rounding; the product is exact (256 bits are not needed: it is refused when it
 * passes 2^127). */
static inline int
tp_dec_muldiv(struct tp_dec *out, struct tp_dec a, struct tp_dec b, struct tp_dec c,
              enum tp_round rule, struct tp_err *err)
{
    tp_i128 wide;

    assert(!tp_dec_none(a) && !tp_dec_none(b) && !tp_dec_none(c));
    if (c.units == 0) {
        tp_dec_by_zero(err);
        return -1;
    }
    if (!tp_dec_product(&wide, a.units, b.units)) {
        tp_dec_too_wide(err);
        return -1;
    }
    if (c.units < 0) {
        wide = -wide;
        c.units = -c.units;
    }
    return tp_dec_keep(out, tp_div_round(wide, c.units, rule), err);
}

static inline int
tp_dec_mul_rate(struct tp_dec *out, struct tp_dec a, struct tp_rate rate, enum tp_round rule,
                struct tp_err *err)
{
    tp_i128 wide;

    assert(!tp_dec_none(a) && rate.units != INT64_MIN);
    if (!tp_dec_product(&wide, a.units, rate.units)) {
        tp_dec_too_wide(err);
        return -1;
    }
    return tp_dec_keep(out, tp_div_round(wide, TP_RATE_ONE, rule), err);
}

/* Rounds to a multiple of step (> 0). */
static inline int
tp_dec_to_step(struct tp_dec *out, struct tp_dec a, struct tp_dec step, enum tp_round rule,
               struct tp_err *err)
{
    assert(!tp_dec_none(a) && step.units > 0);
    if (step.units == 1)
        return tp_dec_keep(out, a.units, err);
    return tp_dec_keep(out, tp_div_round(a.units, step.units, rule) * step.units, err);
}

/* Rounds to so many places (0 to 8). */
int tp_dec_to_places(struct tp_dec *out, struct tp_dec a, int places, enum tp_round rule,
                     struct tp_err *err);

/* Reads digits, one optional point, an optional sign; at most 8 places (zeros beyond are fine); no
 * exponent, no blanks.  -1 with TP_EINPUT says what is wrong and quotes the text. */
int tp_dec_parse(const char *text, size_t n, struct tp_dec *out, struct tp_err *err);
/* The same, and an exponent too (foreign JSON and CSV: 1.5e-3), expanded exactly. */
int tp_dec_parse_foreign(const char *text, size_t n, struct tp_dec *out, struct tp_err *err);
/* A rate: at most 6 whole digits; places beyond 12 are rounded half away; exponent allowed. */
int tp_rate_parse(const char *text, size_t n, struct tp_rate *out, struct tp_err *err);

#define TP_DEC_TEXT 40 /* room for any decimal or rate with its NUL */
/* Writes exactly `places` places (0 to 8; excess places are rounded half to even) and returns the
 * length.  None prints as nothing. */
size_t tp_dec_print(char out[TP_DEC_TEXT], struct tp_dec d, int places);
/* The shortest form: no trailing zeros ("0.1", "5"). */
size_t tp_dec_print_short(char out[TP_DEC_TEXT], struct tp_dec d);
size_t tp_rate_print(char out[TP_DEC_TEXT], struct tp_rate r); /* twelve places */

#endif
