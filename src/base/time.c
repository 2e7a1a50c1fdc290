#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/banned.h"
#include "base/digits.h"
#include "base/text.h"

bool
tp_time_none(struct tp_time t)
{
    return t.us == INT64_MIN;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days to civil date and back in the proleptic Gregorian calendar: eras of 400 years that begin on
 * 1 March, so that the leap day is the last day of a year. */
static void
civil_from_day(int64_t day, int *year, int *month, int *dom)
{
    int64_t z = day + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    *dom = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

static int64_t
day_from_civil(int year, int month, int dom)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = floor_div(y, 400);
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + dom - 1;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}

int64_t
tp_time_day(struct tp_time t)
{
    return floor_div(t.us, TP_US_DAY);
}

int
tp_day_of_week(int64_t day)
{
    return (int)(day + 3 - floor_div(day + 3, 7) * 7) + 1; /* 1970-01-01 was a Thursday */
}

struct tp_civil
tp_time_civil(struct tp_time t)
{
    int64_t         day = tp_time_day(t);
    int64_t         left = t.us - day * TP_US_DAY;
    uint32_t        second = (uint32_t)(left / TP_US_SECOND); /* of the day */
    struct tp_civil c;

    civil_from_day(day, &c.year, &c.month, &c.day);
    c.hour = (int)(second / 3600);
    c.minute = (int)(second / 60 % 60);
    c.second = (int)(second % 60);
    c.us = (int)(left - second * TP_US_SECOND);
    return c;
}

struct tp_time
tp_time_of(struct tp_civil c)
{
    int64_t day = day_from_civil(c.year, c.month, c.day);

    return (struct tp_time){day * TP_US_DAY + c.hour * TP_US_HOUR + c.minute * TP_US_MINUTE
                            + c.second * TP_US_SECOND + c.us};
}

/* Reads exactly `width` digits. */
static bool
digits(const char **p, const char *end, int width, int *out)
{
    int value = 0;

    for (int i = 0; i < width; i++) {
        if (*p == end || **p < '0' || **p > '9')
            return false;
        value = value * 10 + (*(*p)++ - '0');
    }
    *out = value;
    return true;
}

static bool
letter(const char **p, const char *end, const char *any)
{
    if (*p == end || **p == '\0' || !strchr(any, **p))
        return false;
    ++*p;
    return true;
}

static int
days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (month == 2 && (year % 4 == 0) && (year % 100 != 0 || year % 400 == 0))
        return 29;
    return days[month - 1];
}

static bool
read_date(const char **p, const char *end, struct tp_civil *c)
{
    return digits(p, end, 4, &c->year) && letter(p, end, "-") && digits(p, end, 2, &c->month)
           && letter(p, end, "-") && digits(p, end, 2, &c->day) && c->year >= 1 && c->month >= 1
           && c->month <= 12 && c->day >= 1 && c->day <= days_in_month(c->year, c->month);
}

static bool
read_clock(const char **p, const char *end, struct tp_civil *c)
{
    if (!digits(p, end, 2, &c->hour) || !letter(p, end, ":") || !digits(p, end, 2, &c->minute)
        || c->hour > 23 || c->minute > 59)
        return false;
    if (!letter(p, end, ":"))
        return true;
    if (!digits(p, end, 2, &c->second) || c->second > 59)
        return false;
    if (letter(p, end, ".")) {
        int scale = 100000, seen = 0;

        for (; *p < end && **p >= '0' && **p <= '9'; ++*p, seen++) {
            if (seen >= 6 && **p != '0')
                return false; /* finer than a microsecond: not silently lost */
            c->us += (**p - '0') * scale;
            scale /= 10;
        }
        return seen > 0;
    }
    return true;
}

static bool
read_zone(const char **p, const char *end, int64_t *offset_us)
{
    int hours, minutes = 0, sign;

    *offset_us = 0;
    if (*p == end || letter(p, end, "Zz"))
        return true;
    sign = **p == '-' ? -1 : 1;
    if (!letter(p, end, "+-") || !digits(p, end, 2, &hours) || hours > 23)
        return false;
    if (*p < end) {
        letter(p, end, ":");
        if (!digits(p, end, 2, &minutes) || minutes > 59)
            return false;
    }
    *offset_us = sign * (hours * TP_US_HOUR + minutes * TP_US_MINUTE);
    return true;
}

#define OUR_FORM "0000-00-00T00:00:00.000000Z"

/* A time as ours are written is read in four words, the last two of which overlap.  False for every other form,
 * right or wrong. */
static bool
read_ours(const char *text, struct tp_civil *c)
{
    static const char form[] = OUR_FORM;
    uint64_t          date = tp_digits_load(text) ^ tp_digits_load(form);            /* 2025-12- */
    uint64_t          clock = tp_digits_load(text + 8) ^ tp_digits_load(form + 8);   /* 09T01:02 */
    uint64_t          second = tp_digits_load(text + 16) ^ tp_digits_load(form + 16); /* :03.1234 */
    uint64_t          part = tp_digits_load(text + 19) ^ tp_digits_load(form + 19);  /* .123456Z */
    uint64_t          signs = (date & UINT64_C(0xff0000ff00000000)) | (clock & UINT64_C(0x0000ff0000ff0000))
                     | (second & UINT64_C(0x00000000ff0000ff)) | (part & UINT64_C(0xff000000000000ff));
    uint64_t          pairs;

    if (signs || (tp_digits_wrong(date) | tp_digits_wrong(clock) | tp_digits_wrong(second) | tp_digits_wrong(part)))
        return false;
    pairs = tp_digits_pairs(date);
    c->year = (int)((pairs & 255) * 100 + (pairs >> 16 & 255));
    c->month = (int)(pairs >> 40 & 255);
    pairs = tp_digits_pairs(clock);
    c->day = (int)(pairs & 255);
    c->hour = (int)(pairs >> 24 & 255);
    c->minute = (int)(pairs >> 48 & 255);
    c->second = (int)(tp_digits_pairs(second) >> 8 & 255);
    c->us = (int)tp_digits_value(part << 8);
    return c->year >= 1 && c->month >= 1 && c->month <= 12 && c->day >= 1 && c->day <= days_in_month(c->year, c->month)
           && c->hour <= 23 && c->minute <= 59 && c->second <= 59;
}

int
tp_time_parse(const char *text, size_t n, struct tp_time *out, struct tp_err *err)
{
    const char     *p = text, *end = text + n;
    struct tp_civil c = {0};
    int64_t         offset = 0;
    char            safe[48];
    bool            ok;

    if (n == sizeof OUR_FORM - 1 && read_ours(text, &c)) {
        *out = tp_time_of(c);
        return 0;
    }
    c = (struct tp_civil){0};
    ok = read_date(&p, end, &c);
    if (ok && p < end)
        ok = letter(&p, end, "Tt ") && read_clock(&p, end, &c) && read_zone(&p, end, &offset);
    if (!ok || p != end)
        return tp_fail(err, TP_EINPUT,
                       "'%s' is not a time: want a date or RFC 3339 (2025-12-09T00:00:00Z)",
                       tp_text_safe(safe, sizeof safe, text, n));
    out->us = tp_time_of(c).us - offset;
    /* The offset may lead out of the years that can be written. */
    if (out->us < TP_TIME_MIN || out->us > TP_TIME_MAX)
        return tp_fail(err, TP_EINPUT, "'%s' is not a time: it is out of range",
                       tp_text_safe(safe, sizeof safe, text, n));
    return 0;
}

int
tp_time_parse_epoch(const char *text, size_t n, struct tp_time *out, struct tp_err *err)
{
    int64_t value;
    size_t  width = n;
    char    safe[48];

    if (n && text[0] == '-')
        width--;
    if (!n || text[0] == '+' || width > 19
        || !tp_text_int(text, n, INT64_MIN + 1, INT64_MAX, &value))
        return tp_fail(err, TP_EINPUT, "'%s' is not a time: want whole seconds, milliseconds or microseconds",
                       tp_text_safe(safe, sizeof safe, text, n));
    if (width <= 11)
        value *= TP_US_SECOND;
    else if (width <= 14)
        value *= 1000;
    else if (width >= 18)
        value = floor_div(value, 1000);
    if (value < TP_TIME_MIN || value > TP_TIME_MAX)
        return tp_fail(err, TP_EINPUT, "'%s' is not a time: it is out of range",
                       tp_text_safe(safe, sizeof safe, text, n));
    out->us = value;
    return 0;
}

/* Ten bytes, and some that are overwritten. */
static char *
put_date(char *p, const struct tp_civil *c)
{
    uint64_t text = tp_digits_text((uint32_t)(c->year * 10000 + c->month * 100 + c->day)); /* 20251209 */

    tp_digits_store(p, (text & UINT64_C(0xffffffff)) | (uint64_t)'-' << 32 | (text << 8 & UINT64_C(0x00ffff0000000000))
                           | (uint64_t)'-' << 56);
    p[8] = (char)(text >> 48);
    p[9] = (char)(text >> 56);
    return p + 10;
}

size_t
tp_time_print(char out[TP_TIME_TEXT], struct tp_time t)
{
    struct tp_civil c;
    uint64_t        text;
    char           *p;

    if (tp_time_none(t)) {
        out[0] = '\0';
        return 0;
    }
    c = tp_time_civil(t);
    p = put_date(out, &c);
    *p = 'T';
    text = tp_digits_text((uint32_t)(c.hour * 10000 + c.minute * 100 + c.second)); /* 00010203 */
    tp_digits_store(p + 1, (text >> 16 & 0xffff) | (uint64_t)':' << 16 | (text >> 8 & UINT64_C(0x000000ffff000000))
                               | (uint64_t)':' << 40 | (text & UINT64_C(0xffff000000000000)));
    /* 00123456, of which the zeros give way to the last digit of the second and the point */
    tp_digits_store(p + 8, tp_digits_text((uint32_t)c.us));
    p[8] = (char)(text >> 56);
    p[9] = '.';
    p[16] = 'Z';
    p[17] = '\0';
    return (size_t)(p + 17 - out);
}

size_t
tp_day_print(char out[TP_TIME_TEXT], int64_t day)
{
    struct tp_civil c = {0};
    char           *p;

    out[0] = '\0';
    if (day == INT64_MIN)
        return 0;
    civil_from_day(day, &c.year, &c.month, &c.day);
    p = put_date(out, &c);
    *p = '\0';
    return (size_t)(p - out);
}

int
tp_day_parse(const char *text, size_t n, int64_t *day, struct tp_err *err)
{
    const char     *p = text;
    struct tp_civil c = {0};
    char            safe[48];

    if (!read_date(&p, text + n, &c) || p != text + n)
        return tp_fail(err, TP_EINPUT, "'%s' is not a date: want 2025-12-09",
                       tp_text_safe(safe, sizeof safe, text, n));
    *day = day_from_civil(c.year, c.month, c.day);
    return 0;
}

struct tp_time
tp_time_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (struct tp_time){(int64_t)ts.tv_sec * TP_US_SECOND + ts.tv_nsec / 1000};
}

int64_t
tp_clock_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
