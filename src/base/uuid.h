/* UUIDs of version 7 (RFC 9562): a millisecond time and 74 free bits. */
#ifndef TP_BASE_UUID_H
#define TP_BASE_UUID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/time.h"

/* The nil UUID stands for "none". */
struct tp_uuid {
    uint8_t b[16];
};

#define TP_UUID_TEXT 37

bool tp_uuid_none(struct tp_uuid id);
bool tp_uuid_equal(struct tp_uuid a, struct tp_uuid b);
/* Version 7 from a time (cut down to the millisecond) and ten bytes, of which 74 bits are used. */
struct tp_uuid tp_uuid_v7(struct tp_time at, const uint8_t bits[10]);
/* The same with bits from the kernel; -1 with TP_EFAIL when it gives none. */
int            tp_uuid_new(struct tp_time at, struct tp_uuid *out, struct tp_err *err);
/* The n-th of a series: ids of one millisecond sort in the order of n (below 2^26); 48 bits are random. */
int            tp_uuid_nth(struct tp_time at, uint32_t n, struct tp_uuid *out, struct tp_err *err);
struct tp_time tp_uuid_time(struct tp_uuid id); /* the millisecond inside */
/* 8-4-4-4-12 hexadecimal digits, any case; -1 with TP_EINPUT. */
int    tp_uuid_parse(const char *text, size_t n, struct tp_uuid *out, struct tp_err *err);
size_t tp_uuid_print(char out[TP_UUID_TEXT], struct tp_uuid id); /* none prints as nothing */

#endif
