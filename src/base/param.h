/* Values bound to the parameters of a statement, as text. */
#ifndef TP_BASE_PARAM_H
#define TP_BASE_PARAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/dec.h"
#include "base/text.h"
#include "base/time.h"
#include "base/uuid.h"

/* A bound value.  text NULL and own false: SQL NULL. */
struct tp_param {
    const char *text;
    bool        own; /* the value stands in buf */
    char        buf[48];
};

struct tp_param tp_p_text(const char *text); /* borrowed; NULL is SQL NULL */
struct tp_param tp_p_int(int64_t value);     /* TP_INT_NONE (INT64_MIN) is SQL NULL */
/* What stands for none (TP_DEC_NONE, INT64_MIN for a day, the nil UUID ...) is SQL NULL. */
struct tp_param tp_p_dec(struct tp_dec value);
struct tp_param tp_p_rate(struct tp_rate value);
struct tp_param tp_p_time(struct tp_time value);
struct tp_param tp_p_day(int64_t day);
struct tp_param tp_p_uuid(struct tp_uuid value);
struct tp_param tp_p_bool(int value); /* -1 is SQL NULL */

/* The text that is sent; NULL for SQL NULL. */
const char *tp_p_value(const struct tp_param *p);

#define TP_PARAMS(...)                                                                             \
    (const struct tp_param[]){__VA_ARGS__}, TP_COUNT(((const struct tp_param[]){__VA_ARGS__}))
#define TP_NO_PARAMS NULL, 0

#endif
