/* Where records go: JSON lines, CSV, or an aligned table on a terminal. */
#ifndef TP_BASE_OUTPUT_H
#define TP_BASE_OUTPUT_H

#include "base/err.h"
#include "base/record.h"
#include "base/text.h"

enum tp_form { TP_FORM_JSON, TP_FORM_TABLE, TP_FORM_CSV };

/* An output of records.  A table is held back until its end or 1,000 rows, then its columns have
 * their widths and further rows stream. */
struct tp_out {
    int                     fd;
    enum tp_form            form;
    struct tp_buf           buf;     /* bytes not yet written */
    const struct tp_record *current; /* the type of the rows so far */
    struct tp_buf           cells;   /* table: NUL-ended cells held back */
    size_t                  n_rows;  /* table: rows held back */
    size_t                 *widths;  /* table: once fixed */
    bool                    line_flush; /* flush after every row: long-running into a pipe */
    bool                    failed;  /* a write failed: no further attempt is made */
    bool                    closed;  /* ... because nobody reads any more (EPIPE) */
};

void tp_out_init(struct tp_out *out, int fd, enum tp_form form);
int  tp_out_row(struct tp_out *out, const struct tp_record *record, const void *row,
                struct tp_err *err);
/* Text as it is, for what is not a record (help, charts, raw export). */
int tp_out_text(struct tp_out *out, const char *text, size_t n, struct tp_err *err);
/* Writes everything held back; -1 with TP_EFAIL ("standard output: No space left on device"). */
int  tp_out_flush(struct tp_out *out, struct tp_err *err);
void tp_out_free(struct tp_out *out);

/* Adds one CSV cell (RFC 4180 quoting) to a row being built; first says that no comma is needed. */
void tp_csv_cell(struct tp_buf *to, const char *text, size_t n, bool first);

#endif
