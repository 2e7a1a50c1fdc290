/* Rows in COPY's binary format (PostgreSQL manual, COPY, "Binary Format"): no text is printed or parsed
 * on either side. */
#ifndef TP_BASE_COPY_H
#define TP_BASE_COPY_H

#include "base/dec.h"
#include "base/text.h"

/* ---- writing: begin, any number of rows of n fields each, end ------------------------------------- */

void tp_copy_begin(struct tp_buf *to);
void tp_copy_row(struct tp_buf *to, int fields);
void tp_copy_text(struct tp_buf *to, const char *text, size_t n); /* varchar, text; NULL: null */
void tp_copy_int4(struct tp_buf *to, int32_t value);
void tp_copy_int8(struct tp_buf *to, int64_t value); /* INT64_MIN: null */
void tp_copy_time(struct tp_buf *to, int64_t us);    /* timestamptz, µs since 1970; INT64_MIN: null */
void tp_copy_dec(struct tp_buf *to, struct tp_dec value); /* numeric with scale 8; none: null */
void tp_copy_end(struct tp_buf *to);

/* ---- reading one data message --------------------------------------------------------------------- */

/* A row whose fields are taken in order; wrong turns true at the first that does not fit its type. */
struct tp_copy_row {
    const char *at, *end;
    bool        wrong;
};

/* Whether the message holds a row of that many fields (the last message holds none). */
bool tp_copy_open(struct tp_copy_row *row, const char *data, size_t n, int fields);
/* The next field; *n is its length, NULL is null. */
const char   *tp_copy_get(struct tp_copy_row *row, size_t *n);
int64_t       tp_copy_get_int8(struct tp_copy_row *row);
int64_t       tp_copy_get_time(struct tp_copy_row *row);
struct tp_dec tp_copy_get_dec(struct tp_copy_row *row);

#endif
