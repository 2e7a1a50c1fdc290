#include "base/record.h"

#include <assert.h>
#include <string.h>

#include "base/banned.h"
#include "base/digits.h"

static const void *
at_const(const struct tp_field *f, const void *row)
{
    return (const char *)row + f->at;
}

static void
set_null(const struct tp_field *f, void *row)
{
    void *p = tp_field_at(f, row);

    switch (f->kind) {
    case TP_F_STOP:
        break;
    case TP_F_UUID:
        *(struct tp_uuid *)p = (struct tp_uuid){{0}};
        break;
    case TP_F_TEXT:
        memset(p, 0, f->size);
        break;
    case TP_F_LONG:
    case TP_F_JSON:
        *(const char **)p = NULL;
        break;
    case TP_F_DEC:
        *(struct tp_dec *)p = TP_DEC_NONE;
        break;
    case TP_F_RATE:
        *(struct tp_rate *)p = TP_RATE_NONE;
        break;
    case TP_F_TIME:
        *(struct tp_time *)p = TP_TIME_NONE;
        break;
    case TP_F_DATE:
    case TP_F_INT:
        *(int64_t *)p = INT64_MIN;
        break;
    case TP_F_BOOL:
        *(int8_t *)p = -1;
        break;
    }
}

void
tp_record_init(const struct tp_record *record, void *row)
{
    memset(row, 0, record->size);
    for (const struct tp_field *f = record->fields; f->kind != TP_F_STOP; f++)
        if (f->kind >= TP_F_DEC)
            set_null(f, row);
}

static inline bool
is_null(const struct tp_field *f, const void *p)
{
    switch (f->kind) {
    case TP_F_STOP:
        return true;
    case TP_F_UUID:
        return tp_uuid_none(*(const struct tp_uuid *)p);
    case TP_F_TEXT:
        return *(const char *)p == '\0';
    case TP_F_LONG:
    case TP_F_JSON:
        return *(const char *const *)p == NULL;
    case TP_F_DEC:
        return tp_dec_none(*(const struct tp_dec *)p);
    case TP_F_RATE:
        return ((const struct tp_rate *)p)->units == INT64_MIN;
    case TP_F_TIME:
        return tp_time_none(*(const struct tp_time *)p);
    case TP_F_DATE:
    case TP_F_INT:
        return *(const int64_t *)p == INT64_MIN;
    case TP_F_BOOL:
        return *(const int8_t *)p < 0;
    }
    return true;
}

bool
tp_field_null(const struct tp_field *f, const void *row)
{
    return is_null(f, at_const(f, row));
}

static void
put_int(struct tp_buf *to, int64_t value)
{
    char     digits[24], *p = digits + sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        *--p = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (value < 0)
        *--p = '-';
    tp_buf_put(to, p, (size_t)(digits + sizeof digits - p));
}

/* A value that is not null. */
static inline void
print_value(const struct tp_field *f, const void *p, struct tp_buf *to)
{
    switch (f->kind) {
    case TP_F_STOP:
        break;
    case TP_F_UUID:
        to->n += tp_uuid_print(tp_buf_reserve(to, TP_UUID_TEXT), *(const struct tp_uuid *)p);
        break;
    case TP_F_TEXT:
        tp_buf_text(to, p);
        break;
    case TP_F_LONG:
    case TP_F_JSON:
        tp_buf_text(to, *(const char *const *)p);
        break;
    case TP_F_DEC:
        to->n += tp_dec_print(tp_buf_reserve(to, TP_DEC_TEXT), *(const struct tp_dec *)p, f->scale);
        break;
    case TP_F_RATE:
        to->n += tp_rate_print(tp_buf_reserve(to, TP_DEC_TEXT), *(const struct tp_rate *)p);
        break;
    case TP_F_TIME:
        to->n += tp_time_print(tp_buf_reserve(to, TP_TIME_TEXT), *(const struct tp_time *)p);
        break;
    case TP_F_DATE:
        to->n += tp_day_print(tp_buf_reserve(to, TP_TIME_TEXT), *(const int64_t *)p);
        break;
    case TP_F_INT:
        put_int(to, *(const int64_t *)p);
        break;
    case TP_F_BOOL:
        tp_buf_text(to, *(const int8_t *)p ? "true" : "false");
        break;
    }
}

void
tp_field_print(const struct tp_field *f, const void *row, struct tp_buf *to)
{
    const void *p = at_const(f, row);

    if (!is_null(f, p))
        print_value(f, p, to);
}

/* Whether the value has a column's digits before the point and no more places than it keeps. */
static int
check_dec(const struct tp_field *f, struct tp_dec d, struct tp_err *err)
{
#define TEN_9 ((tp_i128)1000000000)
    static const tp_i128 powers[] = {1,          10,          100,          1000,          10000,
                                     100000,     1000000,     10000000,     100000000,     TEN_9,
                                     TEN_9 * 10, TEN_9 * 100, TEN_9 * 1000, TEN_9 * 10000, TEN_9 * 100000,
                                     TEN_9 * 1000000, TEN_9 * 10000000, TEN_9 * 100000000,
                                     TEN_9 * TEN_9, TEN_9 * TEN_9 * 10, TEN_9 * TEN_9 * 100};
    tp_i128 limit = powers[f->digits] * TP_DEC_ONE;

    if (d.units >= limit || d.units <= -limit)
        return tp_fail(err, TP_EINPUT, "the value is out of range (%d digits before the point)",
                       f->digits);
    if (f->scale < TP_DEC_SCALE && d.units % powers[TP_DEC_SCALE - f->scale])
        return tp_fail(err, TP_EINPUT, "the value has more than %d decimal places", f->scale);
    return 0;
}

int
tp_field_parse(const struct tp_field *f, const char *text, size_t n, void *row,
               struct tp_arena *arena, struct tp_err *err)
{
    void *p = tp_field_at(f, row);
    char  safe[64];

    switch (f->kind) {
    case TP_F_STOP:
        return 0;
    case TP_F_UUID:
        if (tp_uuid_parse(text, n, p, err))
            break;
        return 0;
    case TP_F_TEXT:
        if (memchr(text, '\0', n)) {
            tp_fail(err, TP_EINPUT, "the value has a NUL byte");
            break;
        }
        if (!tp_text_set(p, f->size, text, n)) {
            tp_fail(err, TP_EINPUT, "the value is longer than %zu bytes", f->size - 1);
            break;
        }
        if (f->choices && n && !tp_text_in(p, f->choices)) {
            tp_fail(err, TP_EINPUT, "'%s' is not one of its words", tp_text_safe(safe, sizeof safe, text, n));
            break;
        }
        return 0;
    case TP_F_LONG:
    case TP_F_JSON:
        *(const char **)p = tp_arena_text(arena, text, n);
        return 0;
    case TP_F_DEC: {
        struct tp_dec d;

        if (tp_dec_parse(text, n, &d, err) || check_dec(f, d, err))
            break;
        *(struct tp_dec *)p = d;
        return 0;
    }
    case TP_F_RATE:
        if (tp_rate_parse(text, n, p, err))
            break;
        return 0;
    case TP_F_TIME:
        if (tp_time_parse(text, n, p, err))
            break;
        return 0;
    case TP_F_DATE:
        if (tp_day_parse(text, n, p, err))
            break;
        return 0;
    case TP_F_INT:
        if (!tp_text_int(text, n, INT64_MIN + 1, INT64_MAX, p)) {
            tp_fail(err, TP_EINPUT, "'%s' is not a whole number", tp_text_safe(safe, sizeof safe, text, n));
            break;
        }
        return 0;
    case TP_F_BOOL:
        if ((n == 4 && memcmp(text, "true", 4) == 0) || (n == 1 && *text == 't')) {
            *(int8_t *)p = 1;
            return 0;
        }
        if ((n == 5 && memcmp(text, "false", 5) == 0) || (n == 1 && *text == 'f')) {
            *(int8_t *)p = 0;
            return 0;
        }
        tp_fail(err, TP_EINPUT, "'%s' is not true or false", tp_text_safe(safe, sizeof safe, text, n));
        break;
    }
    return tp_where(err, "%s", f->name);
}

/* ---- JSON out ------------------------------------------------------------------------------ */

void
tp_json_string(struct tp_buf *to, const char *text, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    char             *p = tp_buf_reserve(to, n * 6 + 2);
    char             *start = p;

    *p++ = '"';
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '"' || c == '\\') {
            *p++ = '\\';
            *p++ = (char)c;
        } else if (c >= 0x20) {
            *p++ = (char)c;
        } else if (c == '\n') {
            *p++ = '\\';
            *p++ = 'n';
        } else {
            memcpy(p, "\\u00", 4);
            p[4] = hex[c >> 4];
            p[5] = hex[c & 15];
            p += 6;
        }
    }
    *p++ = '"';
    *p = '\0';
    to->n += (size_t)(p - start);
}

/* Room for a value that is not of any length, with its quotes. */
#define VALUE_MAX 48

void
tp_record_json(const struct tp_record *record, const void *row, struct tp_buf *to)
{
    size_t n = strlen(record->type);
    char  *p = tp_buf_reserve(to, n + 16);

    memcpy(p, "{\"type\":\"", 9);
    memcpy(p + 9, record->type, n);
    p[n + 9] = '"';
    to->n += n + 10;
    for (const struct tp_field *f = record->fields; f->kind != TP_F_STOP; f++) {
        const void *value = at_const(f, row);

        n = f->len + TP_F_KEY_MORE;
        p = tp_buf_reserve(to, n + VALUE_MAX);
        memcpy(p, f->key, n);
        p += n;
        to->n += n;
        if (is_null(f, value)) {
            memcpy(p, "null", 4);
            to->n += 4;
            continue;
        }
        if (f->kind == TP_F_DEC) { /* most of what there is: without a detour */
            *p = '"';
            n = 1 + tp_dec_print(p + 1, *(const struct tp_dec *)value, f->scale);
            p[n] = '"';
            to->n += n + 1;
        } else if (f->kind == TP_F_TEXT || f->kind == TP_F_LONG) {
            const char *text = f->kind == TP_F_TEXT ? value : *(const char *const *)value;

            tp_json_string(to, text, strlen(text));
        } else if (f->kind == TP_F_INT || f->kind == TP_F_BOOL || f->kind == TP_F_JSON) {
            print_value(f, value, to);
        } else {
            *p = '"';
            to->n++;
            print_value(f, value, to);
            to->at[to->n++] = '"';
        }
    }
    tp_buf_put(to, "}\n", 2);
}

/* ---- records of two tables ------------------------------------------------------------------- */

struct tp_record
tp_record_join(const struct tp_record *base, const struct tp_field *more, size_t more_size,
               struct tp_arena *arena)
{
    struct tp_record joined = *base;
    struct tp_field *fields;
    size_t           n = 0, extra = 0;

    while (base->fields[n].kind != TP_F_STOP)
        n++;
    while (more[extra].kind != TP_F_STOP)
        extra++;
    fields = tp_arena_get(arena, (n + extra + 1) * sizeof *fields);
    memcpy(fields, base->fields, n * sizeof *fields);
    memcpy(fields + n, more, (extra + 1) * sizeof *fields);
    for (size_t i = n; i < n + extra; i++)
        fields[i].at += tp_record_end(base);
    joined.fields = fields;
    joined.size = tp_record_end(base) + more_size;
    return joined;
}
