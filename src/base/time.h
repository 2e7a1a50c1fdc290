/* UTC times in microseconds, calendar days, and their text forms. */
#ifndef TP_BASE_TIME_H
#define TP_BASE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Microseconds since 1970-01-01T00:00:00Z, or TP_TIME_NONE. */
struct tp_time {
    int64_t us;
};

#define TP_TIME_NONE ((struct tp_time){INT64_MIN})
#define TP_US_SECOND INT64_C(1000000)
#define TP_US_MINUTE (60 * TP_US_SECOND)
#define TP_US_HOUR (60 * TP_US_MINUTE)
#define TP_US_DAY (24 * TP_US_HOUR)

/* The years 0001 to 9999 can be written and read. */
#define TP_TIME_MIN INT64_C(-62135596800000000)
#define TP_TIME_MAX INT64_C(253402300799999999)

struct tp_civil {
    int year, month, day, hour, minute, second, us; /* month and day count from 1 */
};

bool            tp_time_none(struct tp_time t);
struct tp_civil tp_time_civil(struct tp_time t);
struct tp_time  tp_time_of(struct tp_civil c);
int64_t         tp_time_day(struct tp_time t); /* days since 1970-01-01, rounded down */
int             tp_day_of_week(int64_t day);   /* 1 = Monday ... 7 = Sunday */

/* Reads RFC 3339 ("2025-12-09T00:00:00.5Z", an offset is applied; a blank for T and no zone, meaning
 * UTC, are fine) or a date.  -1 with TP_EINPUT. */
int tp_time_parse(const char *text, size_t n, struct tp_time *out, struct tp_err *err);
/* Reads an integer since the epoch and finds its unit by its size: seconds (up to 11 digits),
 * milliseconds (12 to 14), microseconds (15 to 17), nanoseconds (18, 19; cut to microseconds). */
int tp_time_parse_epoch(const char *text, size_t n, struct tp_time *out, struct tp_err *err);

#define TP_TIME_TEXT 32
/* "2025-12-09T00:00:00.000001Z", always six digits; none prints as nothing.  Returns the length. */
size_t tp_time_print(char out[TP_TIME_TEXT], struct tp_time t);
size_t tp_day_print(char out[TP_TIME_TEXT], int64_t day); /* "2025-12-09"; INT64_MIN: nothing */
int    tp_day_parse(const char *text, size_t n, int64_t *day, struct tp_err *err);

struct tp_time tp_time_now(void); /* the system clock; only programs may ask */
int64_t        tp_clock_ms(void); /* monotonic milliseconds, for deadlines */

#endif
