/* Eight decimal digits at once, in one register: what makes printing and reading numbers cheap. */
#ifndef TP_BASE_DIGITS_H
#define TP_BASE_DIGITS_H

#include <stdint.h>
#include <string.h>

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

/* Puts eight digits so that they end before `end`; gives where they begin. */
static inline char *
tp_digits_put(char *end, uint64_t text)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    text = __builtin_bswap64(text);
#endif
    memcpy(end - 8, &text, 8);
    return end - 8;
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
    /* The last digit counts as one that is not zero. */
    return tp_digits_put(end, text)
           + __builtin_ctzll((text & UINT64_C(0x0f0f0f0f0f0f0f0f)) | UINT64_C(1) << 56) / 8;
}

/* Eight bytes of text, the first one lowest, as digits: each less '0'. */
static inline uint64_t
tp_digits_load(const char *p)
{
    uint64_t x;

    memcpy(&x, p, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    return x ^ UINT64_C(0x3030303030303030);
}

/* The high bit of the first of eight bytes that is not below ten; zero when all are. */
static inline uint64_t
tp_digits_stop(uint64_t digits)
{
    uint64_t other = (((digits & UINT64_C(0x7f7f7f7f7f7f7f7f)) + UINT64_C(0x7676767676767676)) | digits)
                     & UINT64_C(0x8080808080808080);

    return other & (0 - other);
}

/* The number that eight digits make: pairs, then fours, then all, each in one multiplication. */
static inline int64_t
tp_digits_value(uint64_t digits)
{
    digits = digits * 10 + (digits >> 8);
    return (int64_t)(((digits & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x000f424000000064)
                      + ((digits >> 16) & UINT64_C(0x000000ff000000ff)) * UINT64_C(0x0000271000000001))
                     >> 32);
}

#endif
