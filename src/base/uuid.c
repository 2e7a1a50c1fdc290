#include "base/uuid.h"

#include <string.h>
#include <sys/random.h>

#include "base/banned.h"
#include "base/text.h"

bool
tp_uuid_none(struct tp_uuid id)
{
    static const struct tp_uuid nil;

    return memcmp(&id, &nil, sizeof id) == 0;
}

bool
tp_uuid_equal(struct tp_uuid a, struct tp_uuid b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

struct tp_uuid
tp_uuid_v7(struct tp_time at, const uint8_t bits[10])
{
    int64_t        ms = at.us / 1000;
    struct tp_uuid id;

    for (int i = 0; i < 6; i++)
        id.b[i] = (uint8_t)(ms >> (40 - 8 * i));
    memcpy(id.b + 6, bits, 10);
    id.b[6] = (uint8_t)(0x70 | (id.b[6] & 0x0F)); /* version 7 */
    id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3F)); /* variant 10 */
    return id;
}

static int
random_bits(uint8_t *bits, size_t n, struct tp_err *err)
{
    if (getrandom(bits, n, 0) != (ssize_t)n)
        return tp_fail(err, TP_EFAIL, "the kernel gave no random bytes");
    return 0;
}

int
tp_uuid_new(struct tp_time at, struct tp_uuid *out, struct tp_err *err)
{
    uint8_t bits[10];

    if (random_bits(bits, sizeof bits, err))
        return -1;
    *out = tp_uuid_v7(at, bits);
    return 0;
}

int
tp_uuid_nth(struct tp_time at, uint32_t n, struct tp_uuid *out, struct tp_err *err)
{
    uint8_t bits[10];

    if (random_bits(bits + 4, 6, err))
        return -1;
    /* The version leaves twelve bits of the first two bytes, the variant six of the third. */
    bits[0] = (uint8_t)(n >> 22);
    bits[1] = (uint8_t)(n >> 14);
    bits[2] = (uint8_t)(n >> 8);
    bits[3] = (uint8_t)n;
    *out = tp_uuid_v7(at, bits);
    return 0;
}

struct tp_time
tp_uuid_time(struct tp_uuid id)
{
    int64_t ms = 0;

    for (int i = 0; i < 6; i++)
        ms = ms << 8 | id.b[i];
    return (struct tp_time){ms * 1000};
}

static int
nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int
tp_uuid_parse(const char *text, size_t n, struct tp_uuid *out, struct tp_err *err)
{
    char   safe[48];
    size_t used = 0;
    bool   ok = n == 36;

    for (size_t i = 0; ok && i < n; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            ok = text[i] == '-';
        } else {
            int high = nibble(text[i]), low = nibble(text[i + 1]);

            ok = high >= 0 && low >= 0;
            out->b[used++] = ok ? (uint8_t)(high << 4 | low) : 0;
            i++;
        }
    }
    if (!ok)
        return tp_fail(err, TP_EINPUT, "'%s' is not a UUID", tp_text_safe(safe, sizeof safe, text, n));
    return 0;
}

size_t
tp_uuid_print(char out[TP_UUID_TEXT], struct tp_uuid id)
{
    static const char hex[] = "0123456789abcdef";
    char             *p = out;

    if (!tp_uuid_none(id))
        for (int i = 0; i < 16; i++) {
            if (i == 4 || i == 6 || i == 8 || i == 10)
                *p++ = '-';
            *p++ = hex[id.b[i] >> 4];
            *p++ = hex[id.b[i] & 15];
        }
    *p = '\0';
    return (size_t)(p - out);
}
