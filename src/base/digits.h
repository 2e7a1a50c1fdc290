/* Eight decimal digits at once, in one register: what makes reading and printing numbers cheap. */
#ifndef TP_BASE_DIGITS_H
#define TP_BASE_DIGITS_H

#include <stdint.h>
#include <string.h>

/* The eight bytes at p, the first one lowest. */
static inline uint64_t
tp_digits_load(const char *p)
{
    uint64_t text;

    memcpy(&text, p, sizeof text);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    text = __builtin_bswap64(text);
#endif
    return text;
}

/* The same as digits: each less '0'. */
static inline uint64_t
tp_digits_of(const char *p)
{
    return tp_digits_load(p) ^ UINT64_C(0x3030303030303030);
}

/* Of eight bytes with a pattern of theirs taken off by ^ ("00000000" for digits alone), a bit in each of those
 * that are above nine, exact up to the first such byte: what it carries spoils only what comes after. */
static inline uint64_t
tp_digits_wrong(uint64_t off)
{
    return ((off + UINT64_C(0x7676767676767676)) | off) & UINT64_C(0x8080808080808080);
}

/* The first of those bits alone; zero when all are digits. */
static inline uint64_t
tp_digits_stop(uint64_t off)
{
    uint64_t wrong = tp_digits_wrong(off);

    return wrong & (0 - wrong);
}

/* Each digit and the next one as tens and ones, in the byte of the first: 2025 gives 20, 2, 25, 50. */
static inline uint64_t
tp_digits_pairs(uint64_t off)
{
    return off * 10 + (off >> 8);
}

/* The number of eight digits with "00000000" taken off: pairs, then fours, then all, each in one multiplication. */
static inline int64_t
tp_digits_value(uint64_t off)
{
    uint64_t pairs = tp_digits_pairs(off);

    return (int64_t)(((pairs & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064)
                      + ((pairs >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001))
                     >> 32);
}

/* The text of the eight digits of v (below 10^8), the first one lowest.  Fours, pairs and digits
 * are split by multiplication: x * 10486 >> 20 is x / 100 for x < 10^4, x * 103 >> 10 is x / 10 for
 * x < 100. */
static inline uint64_t
tp_digits_text(uint32_t v)
{
    uint64_t fours = v / 10000 | (uint64_t)(v % 10000) << 32;
    uint64_t high = (fours * 10486 >> 20) & UINT64_C(0x0000007f0000007f);
    uint64_t pairs = high | (fours - high * 100) << 16;
    uint64_t tens = (pairs * 103 >> 10) & UINT64_C(0x000f000f000f000f);

    return (tens | (pairs - tens * 10) << 8) + UINT64_C(0x3030303030303030);
}

/* Puts eight bytes at p, the lowest first. */
static inline void
tp_digits_store(char *p, uint64_t text)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    text = __builtin_bswap64(text);
#endif
    memcpy(p, &text, sizeof text);
}

/* Puts eight digits so that they end before `end`; gives where they begin. */
static inline char *
tp_digits_put(char *end, uint64_t text)
{
    tp_digits_store(end - 8, text);
    return end - 8;
}

/* How many of the eight digits are zeros before the first other one; the last one counts as such. */
static inline unsigned
tp_digits_zeros(uint64_t text)
{
    return (unsigned)__builtin_ctzll((text & UINT64_C(0x0f0f0f0f0f0f0f0f)) | UINT64_C(1) << 56) / 8;
}

#define TP_DIGITS_ROOM 24 /* bytes before the end that tp_digits_before may overwrite */

/* Writes v without leading zeros ("0" for zero) so that it ends before `end`; gives where it
 * begins. */
static inline char *
tp_digits_before(char *end, uint64_t v)
{
    uint64_t text;

    for (; v >= 100000000; v /= 100000000)
        end = tp_digits_put(end, tp_digits_text((uint32_t)(v % 100000000)));
    text = tp_digits_text((uint32_t)v);
    return tp_digits_put(end, text) + tp_digits_zeros(text);
}

#endif
