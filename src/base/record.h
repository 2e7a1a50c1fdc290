/* One field table per record type: JSON out and in, CSV, table rows, rows by name, reference page. */
#ifndef TP_BASE_RECORD_H
#define TP_BASE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dec.h"
#include "base/err.h"
#include "base/text.h"
#include "base/time.h"
#include "base/uuid.h"

/* How a member is kept in the struct, and what stands for null. */
enum tp_field_kind {
    TP_F_STOP,
    TP_F_UUID,  /* struct tp_uuid; nil */
    TP_F_TEXT,  /* char[size]; "" */
    TP_F_LONG,  /* const char * in an arena; NULL */
    TP_F_DEC,   /* struct tp_dec with `scale` places; TP_DEC_NONE */
    TP_F_RATE,  /* struct tp_rate; TP_RATE_NONE */
    TP_F_TIME,  /* struct tp_time; TP_TIME_NONE */
    TP_F_DATE,  /* int64_t days; INT64_MIN */
    TP_F_INT,   /* int64_t; INT64_MIN */
    TP_F_BOOL,  /* int8_t 0, 1; -1 */
    TP_F_JSON   /* const char * with a JSON text in an arena; NULL */
};

struct tp_field {
    enum tp_field_kind kind;
    const char        *name;    /* JSON key = column name */
    const char        *key;     /* as it stands in a line of ours: ,"name": */
    size_t             len;     /* of the name */
    size_t             at, size; /* offset and, for TEXT, bytes of the array */
    int                digits;  /* DEC: digits before the point that the column holds */
    int                scale;   /* DEC: places */
    const char *const *choices; /* TEXT: the allowed words, or NULL */
    bool               required; /* null is refused on reading */
    bool               wide;    /* left out of terminal tables (ids of other rows, long texts) */
    const char        *help;    /* meaning and unit */
};

struct tp_record {
    const char            *type; /* singular of the table's name */
    const char            *help;
    const struct tp_field *fields;
    size_t                 size; /* of the struct */
};

#define TP_F_AT(type, field, want) (offsetof(type, field) + 0 * sizeof((want *)0 == &((type *)0)->field))
#define TP_F_KEY_MORE (sizeof ",\"\":" - 1) /* what a key has around the name */
#define TP_F_NAME(text) .name = text, .key = ",\"" text "\":", .len = sizeof text - 1
#define F_UUID(type, f, ...) {.kind = TP_F_UUID, TP_F_NAME(#f), .at = TP_F_AT(type, f, struct tp_uuid), .help = __VA_ARGS__}
#define F_TEXT(type, f, ...) {.kind = TP_F_TEXT, TP_F_NAME(#f), .at = offsetof(type, f), .size = sizeof(((type *)0)->f), .help = __VA_ARGS__}
#define F_LONG(type, f, ...) {.kind = TP_F_LONG, TP_F_NAME(#f), .at = TP_F_AT(type, f, const char *), .help = __VA_ARGS__}
/* A column numeric(12 + 8, 8) unless .digits or .scale say otherwise. */
#define F_DEC(type, f, ...) {.kind = TP_F_DEC, TP_F_NAME(#f), .at = TP_F_AT(type, f, struct tp_dec), .digits = 12, .scale = 8, .help = __VA_ARGS__}
#define F_VOLUME(type, f, ...) {.kind = TP_F_DEC, TP_F_NAME(#f), .at = TP_F_AT(type, f, struct tp_dec), .digits = 20, .scale = 8, .help = __VA_ARGS__}
#define F_RATIO(type, f, ...) {.kind = TP_F_DEC, TP_F_NAME(#f), .at = TP_F_AT(type, f, struct tp_dec), .digits = 6, .scale = 4, .help = __VA_ARGS__}
#define F_PERCENT(type, f, ...) {.kind = TP_F_DEC, TP_F_NAME(#f), .at = TP_F_AT(type, f, struct tp_dec), .digits = 3, .scale = 2, .help = __VA_ARGS__}
#define F_RATE(type, f, ...) {.kind = TP_F_RATE, TP_F_NAME(#f), .at = TP_F_AT(type, f, struct tp_rate), .help = __VA_ARGS__}
#define F_TIME(type, f, ...) {.kind = TP_F_TIME, TP_F_NAME(#f), .at = TP_F_AT(type, f, struct tp_time), .help = __VA_ARGS__}
#define F_DATE(type, f, ...) {.kind = TP_F_DATE, TP_F_NAME(#f), .at = TP_F_AT(type, f, int64_t), .help = __VA_ARGS__}
#define F_INT(type, f, ...) {.kind = TP_F_INT, TP_F_NAME(#f), .at = TP_F_AT(type, f, int64_t), .help = __VA_ARGS__}
#define F_BOOL(type, f, ...) {.kind = TP_F_BOOL, TP_F_NAME(#f), .at = TP_F_AT(type, f, int8_t), .help = __VA_ARGS__}
#define F_JSON(type, f, ...) {.kind = TP_F_JSON, TP_F_NAME(#f), .at = TP_F_AT(type, f, const char *), .help = __VA_ARGS__}
#define F_STOP {.kind = TP_F_STOP}

/* Where the field stands in the row. */
static inline void *
tp_field_at(const struct tp_field *f, void *row)
{
    return (char *)row + f->at;
}

/* Sets every field to null. */
void tp_record_init(const struct tp_record *record, void *row);
bool tp_field_null(const struct tp_field *f, const void *row);
/* The field as text without quotes: what a CSV cell, a table cell or a bound parameter holds; adds
 * nothing for null. */
void tp_field_print(const struct tp_field *f, const void *row, struct tp_buf *to);
/* Reads the field from such text (never null).  Refused values: TP_EINPUT naming the field. */
int tp_field_parse(const struct tp_field *f, const char *text, size_t n, void *row,
                   struct tp_arena *arena, struct tp_err *err);

/* One JSON object with "type" first, every field in table order, and a newline. */
void tp_record_json(const struct tp_record *record, const void *row, struct tp_buf *to);
/* Reads one such object.  Keys in any order, unknown keys passed over, a key twice refused, decimals
 * only as strings; missing keys are null (TP_EINPUT when required).  1; 0 when its "type" is another
 * record's (row untouched but for nulls); -1. */
int tp_record_parse(const struct tp_record *record, const char *line, size_t n, void *row,
                    struct tp_arena *arena, struct tp_err *err);
/* The same, but an unknown key is refused: a misspelt stop_loss must not be an order without one. */
int tp_record_parse_strict(const struct tp_record *record, const char *line, size_t n, void *row,
                           struct tp_arena *arena, struct tp_err *err);
/* The value of "type" of a line that is a JSON object, copied to out ("" when there is none). */
int tp_record_type(const char *line, size_t n, char *out, size_t size, struct tp_err *err);

/* Where fields of one's own stand behind a row of a record: a record joined has both. */
static inline size_t
tp_record_end(const struct tp_record *record)
{
    return (record->size + 15) / 16 * 16;
}
/* A record of base's fields and of more, a table whose places count from there; more_size is their room.
 * The new field table lives in the arena. */
struct tp_record tp_record_join(const struct tp_record *base, const struct tp_field *more, size_t more_size,
                                struct tp_arena *arena);

/* Adds a JSON string with quotes and escapes. */
void tp_json_string(struct tp_buf *to, const char *text, size_t n);

#endif
