#include "market/row.h"

#include <stdbool.h>
#include <string.h>

#include "base/banned.h"

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Eight bytes, the first one lowest. */
static inline uint64_t
load(const char *p)
{
    uint64_t x;

    memcpy(&x, p, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    return x;
}

/* The high bit of the first byte that is not below ten; zero when all are. */
static inline uint64_t
stop_of(uint64_t digits)
{
    uint64_t other = (((digits & EACH(0x7f)) + EACH(0x76)) | digits) & EACH(0x80);

    return other & (0 - other);
}

/* How many bytes stand before a stop. */
static inline unsigned
length_of(uint64_t stop)
{
    return stop ? (unsigned)__builtin_ctzll(stop) / 8 : 8;
}

/* The number that eight digits make: pairs, then fours, then all, each in one multiplication. */
static inline int64_t
value_of(uint64_t digits)
{
    digits = digits * 10 + (digits >> 8);
    return (
        int64_t)(((digits & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064)
                  + ((digits >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001))
                 >> 32);
}

/* The first n (1 to 8) of eight digits. */
static inline int64_t
first_of(uint64_t digits, unsigned n)
{
    return value_of(digits << (64 - 8 * n));
}

static inline const char *
read_time(const char *p, unsigned wanted, int64_t *out)
{
    uint64_t high = load(p) ^ EACH('0'), low = load(p + 8) ^ EACH('0');

    if (stop_of(high))
        return NULL;
    if (wanted == 13) {
        if (stop_of(low) != UINT64_C(0x80) << 40)
            return NULL;
        *out = (value_of(high) * 100000 + first_of(low, 5)) * 1000;
        return p + 13;
    }
    if (stop_of(low))
        return NULL;
    *out = value_of(high) * 100000000 + value_of(low);
    return p + 16;
}

static inline const char *
read_dec(struct tp_row_column *c, const char *p, int64_t *out)
{
    uint64_t digits = load(p) ^ EACH('0'), stop = stop_of(digits);
    int64_t value;

    if (stop != c->whole_stop) {
        if (length_of(stop) == 0)
            return NULL;
        c->whole_stop = stop;
        c->whole = length_of(stop);
    }
    value = first_of(digits, c->whole);
    p += c->whole;
    if (c->whole == 8 && (unsigned char)(*p - '0') < 10) {
        value = value * 10 + (*p++ - '0');
        if ((unsigned char)(*p - '0') < 10)
            value = value * 10 + (*p++ - '0');
    }
    value *= 100000000;
    if (*p == '.') {
        digits = load(++p) ^ EACH('0');
        stop = stop_of(digits);
        if (stop != c->part_stop) {
            if (length_of(stop) == 0)
                return NULL;
            c->part_stop = stop;
            c->part = length_of(stop);
        }
        /* What follows the places counts as zeros: the eight digits are units as they stand. */
        value += value_of(digits & ((c->part_stop >> 7) - 1));
        p += c->part;
    }
    *out = value;
    return p;
}

static inline const char *
read_count(const char *p, int64_t *out)
{
    uint64_t digits = load(p) ^ EACH('0');
    unsigned n = length_of(stop_of(digits));

    if (n == 0)
        return NULL;
    *out = first_of(digits, n);
    return p + n;
}

void
tp_row_add(struct tp_row_plan *plan, enum tp_cell kind, unsigned to)
{
    plan->column[plan->n++] = (struct tp_row_column){.kind = kind, .to = to, .whole = 8, .part = 8};
}

const char *
tp_row_read(struct tp_row_plan *plan, const char *p, int64_t *values)
{
    for (size_t i = 0; i < plan->n; i++) {
        struct tp_row_column *c = &plan->column[i];

        switch (c->kind) {
        case TP_CELL_SKIP:
            while (*p != ',' && (unsigned char)*p >= ' ')
                p++;
            break;
        case TP_CELL_TIME:
            p = read_time(p, plan->time_digits, &values[c->to]);
            break;
        case TP_CELL_DEC:
            p = read_dec(c, p, &values[c->to]);
            break;
        case TP_CELL_COUNT:
            p = read_count(p, &values[c->to]);
            break;
        }
        if (!p)
            return NULL;
        if (i + 1 < plan->n && *p++ != ',')
            return NULL;
    }
    p += *p == '\r';
    return *p == '\n' ? p + 1 : NULL;
}
