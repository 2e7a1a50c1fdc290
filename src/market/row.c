#include "market/row.h"

#include <stdbool.h>
#include <string.h>

#include "base/banned.h"
#include "base/digits.h"

/* How many bytes stand before a stop. */
static inline unsigned
length_of(uint64_t stop)
{
    return stop ? (unsigned)__builtin_ctzll(stop) / 8 : 8;
}

/* The first n (1 to 8) of eight digits. */
static inline int64_t
first_of(uint64_t digits, unsigned n)
{
    return tp_digits_value(digits << (64 - 8 * n));
}

static inline const char *
read_time(const char *p, unsigned wanted, int64_t *out)
{
    uint64_t high = tp_digits_of(p), low = tp_digits_of(p + 8);

    if (tp_digits_stop(high))
        return NULL;
    if (wanted == 13) {
        if (tp_digits_stop(low) != UINT64_C(0x80) << 40)
            return NULL;
        *out = (tp_digits_value(high) * 100000 + first_of(low, 5)) * 1000;
        return p + 13;
    }
    if (tp_digits_stop(low))
        return NULL;
    *out = tp_digits_value(high) * 100000000 + tp_digits_value(low);
    return p + 16;
}

static inline const char *
read_dec(struct tp_row_column *c, const char *p, int64_t *out)
{
    uint64_t digits = tp_digits_of(p), stop = tp_digits_stop(digits);
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
        digits = tp_digits_of(++p);
        stop = tp_digits_stop(digits);
        if (stop != c->part_stop) {
            if (length_of(stop) == 0)
                return NULL;
            c->part_stop = stop;
            c->part = length_of(stop);
        }
        /* What follows the places counts as zeros: the eight digits are units as they stand. */
        value += tp_digits_value(digits & ((c->part_stop >> 7) - 1));
        p += c->part;
    }
    *out = value;
    return p;
}

static inline const char *
read_count(const char *p, int64_t *out)
{
    uint64_t digits = tp_digits_of(p);
    unsigned n = length_of(tp_digits_stop(digits));

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
