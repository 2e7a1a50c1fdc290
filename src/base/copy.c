#include "base/copy.h"

#include <string.h>

#include "base/banned.h"

static const char signature[19] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* and no flags, no extension */

/* Microseconds from 1970 to the server's epoch, 2000-01-01. */
#define EPOCH_US INT64_C(946684800000000)

#define NUMERIC_NEGATIVE 0x4000

/* ---- big-endian numbers --------------------------------------------------------------------------- */

static char *
put2(char *to, uint16_t v)
{
    to[0] = (char)(v >> 8);
    to[1] = (char)v;
    return to + 2;
}

static char *
put4(char *to, uint32_t v)
{
    v = __builtin_bswap32(v);
    memcpy(to, &v, 4);
    return to + 4;
}

static char *
put8(char *to, uint64_t v)
{
    v = __builtin_bswap64(v);
    memcpy(to, &v, 8);
    return to + 8;
}

static uint16_t
get2(const char *p)
{
    return (uint16_t)((unsigned char)p[0] << 8 | (unsigned char)p[1]);
}

static uint32_t
get4(const char *p)
{
    uint32_t v;

    memcpy(&v, p, 4);
    return __builtin_bswap32(v);
}

static uint64_t
get8(const char *p)
{
    uint64_t v;

    memcpy(&v, p, 8);
    return __builtin_bswap64(v);
}

/* ---- writing --------------------------------------------------------------------------------------- */

void
tp_copy_begin(struct tp_buf *to)
{
    tp_buf_put(to, signature, sizeof signature);
}

void
tp_copy_row(struct tp_buf *to, int fields)
{
    put2(tp_buf_reserve(to, 2), (uint16_t)fields);
    to->n += 2;
}

void
tp_copy_end(struct tp_buf *to)
{
    tp_copy_row(to, -1);
}

static void
put_null(struct tp_buf *to)
{
    put4(tp_buf_reserve(to, 4), UINT32_MAX);
    to->n += 4;
}

void
tp_copy_text(struct tp_buf *to, const char *text, size_t n)
{
    if (!text) {
        put_null(to);
        return;
    }
    memcpy(put4(tp_buf_reserve(to, n + 4), (uint32_t)n), text, n);
    to->n += n + 4;
}

void
tp_copy_int4(struct tp_buf *to, int32_t value)
{
    put4(put4(tp_buf_reserve(to, 8), 4), (uint32_t)value);
    to->n += 8;
}

void
tp_copy_int8(struct tp_buf *to, int64_t value)
{
    if (value == INT64_MIN) {
        put_null(to);
        return;
    }
    put8(put4(tp_buf_reserve(to, 12), 8), (uint64_t)value);
    to->n += 12;
}

void
tp_copy_time(struct tp_buf *to, int64_t us)
{
    tp_copy_int8(to, us == INT64_MIN ? us : us - EPOCH_US);
}

/* numeric: how many digits of base 10000, the weight of the first, sign, scale, the digits.  Zeros in front
 * must not be sent, zeros behind need not be. */
void
tp_copy_dec(struct tp_buf *to, struct tp_dec value)
{
    uint16_t digit[10]; /* 28 decimal digits are 5 before the point and 2 behind; counted from the last */
    tp_u128  left;
    int      n = 0, weight;
    char    *at;

    if (tp_dec_none(value)) {
        put_null(to);
        return;
    }
    left = (tp_u128)(value.units < 0 ? -value.units : value.units);
    while (left > UINT64_MAX) {
        digit[n++] = (uint16_t)(left % 10000);
        left /= 10000;
    }
    for (uint64_t low = (uint64_t)left; low; low /= 10000)
        digit[n++] = (uint16_t)(low % 10000);
    weight = n - 3;
    at = tp_buf_reserve(to, 12 + 2 * (size_t)n);
    at = put4(at, 8 + 2 * (uint32_t)n);
    at = put2(at, (uint16_t)n);
    at = put2(at, (uint16_t)(n ? weight : 0));
    at = put2(at, value.units < 0 ? NUMERIC_NEGATIVE : 0);
    at = put2(at, TP_DEC_SCALE);
    for (int i = n; i-- > 0;)
        at = put2(at, digit[i]);
    to->n += 12 + 2 * (size_t)n;
}

/* ---- reading --------------------------------------------------------------------------------------- */

bool
tp_copy_open(struct tp_copy_row *row, const char *data, size_t n, int fields)
{
    *row = (struct tp_copy_row){.at = data, .end = data + n};
    if (n >= sizeof signature && memcmp(data, signature, sizeof signature) == 0)
        row->at += sizeof signature;
    if (row->end - row->at < 2 || get2(row->at) != (uint16_t)fields)
        return false;
    row->at += 2;
    return true;
}

const char *
tp_copy_get(struct tp_copy_row *row, size_t *n)
{
    const char *field;
    uint32_t    size;

    *n = 0;
    if (row->end - row->at < 4) {
        row->wrong = true;
        return NULL;
    }
    size = get4(row->at);
    row->at += 4;
    if (size == UINT32_MAX)
        return NULL;
    if ((size_t)(row->end - row->at) < size) {
        row->wrong = true;
        return NULL;
    }
    field = row->at;
    row->at += size;
    *n = size;
    return field;
}

int64_t
tp_copy_get_int8(struct tp_copy_row *row)
{
    size_t      n;
    const char *field = tp_copy_get(row, &n);

    if (field && n != 8)
        row->wrong = true;
    return field && n == 8 ? (int64_t)get8(field) : INT64_MIN;
}

int64_t
tp_copy_get_time(struct tp_copy_row *row)
{
    int64_t us = tp_copy_get_int8(row);

    /* Infinity has no place among candles. */
    if (us == INT64_MAX || (us != INT64_MIN && __builtin_add_overflow(us, EPOCH_US, &us)))
        row->wrong = true;
    return us;
}

struct tp_dec
tp_copy_get_dec(struct tp_copy_row *row)
{
    size_t      n;
    const char *field = tp_copy_get(row, &n);
    int         digits, power;
    tp_i128     units = 0;

    if (!field)
        return TP_DEC_NONE;
    digits = n >= 8 ? get2(field) : 0;
    if (n < 8 || n != 8 + 2 * (size_t)digits || digits > 9
        || (get2(field + 4) != 0 && get2(field + 4) != NUMERIC_NEGATIVE)) {
        row->wrong = true; /* NaN and infinity are among these */
        return TP_DEC_NONE;
    }
    for (int i = 0; i < digits; i++)
        units = units * 10000 + get2(field + 8 + 2 * i);
    /* The last digit stands for 10000^(weight - digits + 1), ours for 10000^-2. */
    power = (int16_t)get2(field + 2) - digits + 3;
    if (digits && (power < 0 || power + digits > 7))
        row->wrong = true;
    else
        for (; digits && power > 0; power--)
            units *= 10000;
    return (struct tp_dec){get2(field + 4) ? -units : units};
}
