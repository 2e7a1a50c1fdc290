#include "base/dec.h"

#include <assert.h>
#include <string.h>

#include "base/banned.h"
#include "base/digits.h"
#include "base/text.h"

static const int64_t powers[] = {1,        10,        100,        1000,        10000,       100000,
                                 1000000,  10000000,  100000000,  1000000000,  10000000000, 100000000000,
                                 1000000000000};

#define LIMIT ((tp_i128)1000000000000000000 * 10000000000) /* 10^28 */

void
tp_dec_too_wide(struct tp_err *err)
{
    tp_fail(err, TP_EINPUT, "the result is out of range (20 digits before the point)");
}

void
tp_dec_by_zero(struct tp_err *err)
{
    tp_fail(err, TP_EINPUT, "division by zero");
}

int
tp_dec_to_places(struct tp_dec *out, struct tp_dec a, int places, enum tp_round rule,
                 struct tp_err *err)
{
    assert(places >= 0 && places <= TP_DEC_SCALE);
    return tp_dec_to_step(out, a, (struct tp_dec){powers[TP_DEC_SCALE - places]}, rule, err);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* A number as written: digits, the place of the point, an exponent. */
struct written {
    const char *digits; /* from the first digit or point */
    size_t      n;      /* bytes of digits with the point in them */
    int64_t     exponent;
    bool        minus;
};

static int
bad_number(struct tp_err *err, const char *text, size_t n, const char *why)
{
    char safe[64];

    return tp_fail(err, TP_EINPUT, "'%s' is not a decimal number: %s",
                   tp_text_safe(safe, sizeof safe, text, n), why);
}

static int
read_written(const char *text, size_t n, bool exponent_allowed, struct written *w,
             struct tp_err *err)
{
    size_t i = 0, digits = 0, points = 0;

    *w = (struct written){0};
    if (n && (text[0] == '-' || text[0] == '+')) {
        w->minus = text[0] == '-';
        i = 1;
    }
    w->digits = text + i;
    for (; i < n && (text[i] == '.' || (text[i] >= '0' && text[i] <= '9')); i++)
        if (text[i] == '.')
            points++;
        else
            digits++;
    w->n = (size_t)(text + i - w->digits);
    if (n == 0)
        return bad_number(err, text, n, "it is empty");
    if (digits == 0 || points > 1)
        return bad_number(err, text, n, "want digits with at most one point");
    if (i < n && exponent_allowed && (text[i] == 'e' || text[i] == 'E')) {
        if (!tp_text_int(text + i + 1, n - i - 1, -1000, 1000, &w->exponent))
            return bad_number(err, text, n, "want an exponent from -1000 to 1000");
        return 0;
    }
    if (i < n)
        return bad_number(err, text, n, "want digits with at most one point");
    return 0;
}

/* The value in units of 10^-places.  Digits beyond that are refused, or rounded half away. */
static int
scale_written(const struct written *w, int places, bool round, tp_i128 limit, tp_i128 *out,
              const char *text, size_t n, struct tp_err *err)
{
    const char *point = memchr(w->digits, '.', w->n);
    int64_t     whole = point ? point - w->digits : (int64_t)w->n;
    int64_t     place = whole + w->exponent; /* digits that stand before the point at the end */
    tp_i128     value = 0;
    int64_t     used = 0;
    bool        half = false;

    for (size_t i = 0; i < w->n; i++) {
        char c = w->digits[i];

        if (c == '.')
            continue;
        if (used < place + places) {
            if (value >= limit)
                break;
            value = value * 10 + (c - '0');
        } else if (c != '0') {
            if (!round)
                return bad_number(err, text, n, "it has more than eight decimal places");
            if (used == place + places)
                half = c >= '5';
        }
        used++;
    }
    for (; used < place + places && value != 0 && value < limit; used++)
        value *= 10;
    value += half;
    if (value >= limit)
        return bad_number(err, text, n, "it is out of range");
    *out = w->minus ? -value : value;
    return 0;
}

int
tp_dec_parse(const char *text, size_t n, struct tp_dec *out, struct tp_err *err)
{
    struct written w;

    /* The common case by hand: up to 18 significant digits, no sign. */
    if (n && n <= 19) {
        int64_t value = 0;
        size_t  i = 0, whole;

        while (i < n && i < 18 && (unsigned char)(text[i] - '0') < 10) /* 19 may pass 2^63 */
            value = value * 10 + (text[i++] - '0');
        whole = i;
        if (i == n) {
            out->units = (tp_i128)value * TP_DEC_ONE;
            return 0;
        }
        if (whole && i < n && text[i] == '.' && n - i - 1 <= TP_DEC_SCALE && n - i - 1 > 0) {
            size_t places = n - i - 1;

            for (i++; i < n && (unsigned char)(text[i] - '0') < 10; i++)
                value = value * 10 + (text[i] - '0');
            if (i == n) {
                out->units = (tp_i128)value * powers[TP_DEC_SCALE - places];
                return 0;
            }
        }
    }
    if (read_written(text, n, false, &w, err))
        return -1;
    return scale_written(&w, TP_DEC_SCALE, false, LIMIT, &out->units, text, n, err);
}

int
tp_dec_parse_foreign(const char *text, size_t n, struct tp_dec *out, struct tp_err *err)
{
    struct written w;

    if (read_written(text, n, true, &w, err))
        return -1;
    return scale_written(&w, TP_DEC_SCALE, false, LIMIT, &out->units, text, n, err);
}

int
tp_rate_parse(const char *text, size_t n, struct tp_rate *out, struct tp_err *err)
{
    struct written w;
    tp_i128        wide;

    if (read_written(text, n, true, &w, err)
        || scale_written(&w, 12, true, (tp_i128)1000000 * TP_RATE_ONE, &wide, text, n, err))
        return -1;
    out->units = (int64_t)wide;
    return 0;
}

/* ---- printing ------------------------------------------------------------------------------ */

/* The digits of value, at least `width` of them, so that they end before `end`; returns their start. */
static char *
digits_before(char *end, uint64_t value, int width)
{
    char *p = tp_digits_before(end, value);

    while (end - p < width)
        *--p = '0';
    return p;
}

static size_t
print_scaled(char out[TP_DEC_TEXT], tp_i128 units, int places)
{
    char     text[TP_DEC_TEXT + TP_DIGITS_ROOM], *end = text + sizeof text, *p = end;
    tp_u128  left = units < 0 ? (tp_u128)-units : (tp_u128)units;
    uint64_t unit = (uint64_t)powers[places], whole;
    size_t   n;

    if (places) {
        uint64_t part = left <= UINT64_MAX ? (uint64_t)left % unit : (uint64_t)(left % unit);

        p = places == TP_DEC_SCALE ? tp_digits_put(p, tp_digits_text((uint32_t)part))
                                   : digits_before(p, part, places);
        *--p = '.';
    }
    left = left <= UINT64_MAX ? (uint64_t)left / unit : left / unit;
    if (left > UINT64_MAX) {
        /* 19 low digits at once; what is left of 10^28 units is far below 2^64. */
        p = digits_before(p, (uint64_t)(left % UINT64_C(10000000000000000000)), 19);
        left /= UINT64_C(10000000000000000000);
    }
    whole = (uint64_t)left;
    p = digits_before(p, whole, 1);
    if (units < 0)
        *--p = '-';
    n = (size_t)(end - p);
    memcpy(out, p, n);
    out[n] = '\0';
    return n;
}

/* Eight places and at most eight digits before the point, which nearly every number has: 17 bytes and a NUL. */
static size_t
print_narrow(char out[TP_DEC_TEXT], uint64_t left, bool minus)
{
    uint64_t whole = tp_digits_text((uint32_t)(left / TP_DEC_ONE));
    unsigned zeros = tp_digits_zeros(whole);
    char    *p = out;

    *p = '-';
    p += minus;
    tp_digits_store(p, whole >> 8 * zeros);
    p += 8 - zeros;
    *p++ = '.';
    tp_digits_store(p, tp_digits_text((uint32_t)(left % TP_DEC_ONE)));
    p[TP_DEC_SCALE] = '\0';
    return (size_t)(p + TP_DEC_SCALE - out);
}

size_t
tp_dec_print(char out[TP_DEC_TEXT], struct tp_dec d, int places)
{
    const int64_t bound = (int64_t)TP_DEC_ONE * TP_DEC_ONE;
    int64_t       low = (int64_t)d.units;

    assert(places >= 0 && places <= TP_DEC_SCALE);
    if (places == TP_DEC_SCALE && low == d.units && low < bound && low > -bound)
        return print_narrow(out, (uint64_t)(low < 0 ? -low : low), low < 0);
    if (tp_dec_none(d)) {
        out[0] = '\0';
        return 0;
    }
    if (places < TP_DEC_SCALE)
        d.units = tp_div_round(d.units, powers[TP_DEC_SCALE - places], TP_HALF_EVEN);
    return print_scaled(out, d.units, places);
}

size_t
tp_dec_print_short(char out[TP_DEC_TEXT], struct tp_dec d)
{
    size_t n = tp_dec_print(out, d, TP_DEC_SCALE);

    while (n && out[n - 1] == '0')
        n--;
    if (n && out[n - 1] == '.')
        n--;
    out[n] = '\0';
    return n;
}

size_t
tp_rate_print(char out[TP_DEC_TEXT], struct tp_rate r)
{
    if (r.units == INT64_MIN) {
        out[0] = '\0';
        return 0;
    }
    return print_scaled(out, r.units, 12);
}
