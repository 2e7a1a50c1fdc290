#include "base/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/banned.h"

#define HELD_ROWS 1000
#define CELL_MAX 60 /* columns of a table cell; longer texts are cut with an ellipsis */

void
tp_out_init(struct tp_out *out, int fd, enum tp_form form)
{
    *out = (struct tp_out){.fd = fd, .form = form};
}

void
tp_out_free(struct tp_out *out)
{
    tp_buf_free(&out->buf);
    tp_buf_free(&out->cells);
    free(out->widths);
    out->widths = NULL;
}

static int
write_out(struct tp_out *out, struct tp_err *err)
{
    size_t done = 0;

    while (done < out->buf.n && !out->failed) {
        ssize_t n = write(out->fd, out->buf.at + done, out->buf.n - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            out->failed = true;
            out->closed = errno == EPIPE;
            tp_buf_clear(&out->buf);
            return tp_fail(err, TP_EFAIL, "standard output: %s", strerror(errno));
        }
        done += (size_t)n;
    }
    tp_buf_clear(&out->buf);
    if (out->failed)
        return tp_fail(err, TP_EFAIL, "standard output has failed");
    return 0;
}

static int
spill(struct tp_out *out, struct tp_err *err)
{
    return out->line_flush || out->buf.n >= 65536 ? write_out(out, err) : 0;
}

void
tp_csv_cell(struct tp_buf *to, const char *text, size_t n, bool first)
{
    bool quote = n && (strchr(" \t", text[0]) || strchr(" \t", text[n - 1]));

    if (!first)
        tp_buf_char(to, ',');
    for (size_t i = 0; i < n && !quote; i++)
        quote = text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
    if (!quote) {
        tp_buf_put(to, text, n);
        return;
    }
    tp_buf_char(to, '"');
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"')
            tp_buf_char(to, '"');
        tp_buf_char(to, text[i]);
    }
    tp_buf_char(to, '"');
}

static void
csv_header(struct tp_out *out, const struct tp_record *record)
{
    for (const struct tp_field *f = record->fields; f->kind != TP_F_STOP; f++)
        tp_csv_cell(&out->buf, f->name, strlen(f->name), f == record->fields);
    tp_buf_char(&out->buf, '\n');
}

static void
csv_row(struct tp_out *out, const struct tp_record *record, const void *row)
{
    TP_AUTO_BUF cell = {0};

    for (const struct tp_field *f = record->fields; f->kind != TP_F_STOP; f++) {
        tp_buf_clear(&cell);
        tp_field_print(f, row, &cell);
        tp_csv_cell(&out->buf, cell.n ? cell.at : "", cell.n, f == record->fields);
    }
    tp_buf_char(&out->buf, '\n');
}

/* ---- tables -------------------------------------------------------------------------------- */

static size_t
columns_shown(const struct tp_record *record)
{
    size_t n = 0;

    for (const struct tp_field *f = record->fields; f->kind != TP_F_STOP; f++)
        n += !f->wide;
    return n;
}

static bool
right_aligned(const struct tp_field *f)
{
    return f->kind == TP_F_DEC || f->kind == TP_F_RATE || f->kind == TP_F_INT;
}

/* Characters of UTF-8 text: what a terminal column counts, wide characters aside. */
static size_t
text_width(const char *text, size_t n)
{
    size_t width = 0;

    for (size_t i = 0; i < n; i++)
        width += ((unsigned char)text[i] & 0xC0) != 0x80;
    return width;
}

/* A cell made safe for a terminal and short enough, with its NUL. */
static void
put_cell(struct tp_buf *to, const char *text, size_t n)
{
    char   safe[4 * CELL_MAX + 8];
    size_t len, width = 0, cut = 0;

    tp_text_safe(safe, sizeof safe, text, n);
    len = strlen(safe);
    if (text_width(safe, len) > CELL_MAX) {
        while (width < CELL_MAX - 1 || ((unsigned char)safe[cut] & 0xC0) == 0x80) {
            width += ((unsigned char)safe[cut] & 0xC0) != 0x80;
            cut++;
        }
        tp_buf_put(to, safe, cut);
        tp_buf_put(to, "\xE2\x80\xA6", 4); /* the ellipsis and its NUL */
        return;
    }
    tp_buf_put(to, safe, len + 1);
}

static void
hold_row(struct tp_out *out, const struct tp_record *record, const void *row)
{
    TP_AUTO_BUF cell = {0};

    for (const struct tp_field *f = record->fields; f->kind != TP_F_STOP; f++) {
        if (f->wide)
            continue;
        tp_buf_clear(&cell);
        /* A person reads a time faster without its zero microseconds. */
        tp_field_print(f, row, &cell);
        if (f->kind == TP_F_TIME && cell.n > 8 && strcmp(cell.at + cell.n - 8, ".000000Z") == 0) {
            cell.n -= 8;
            cell.at[cell.n] = '\0';
            cell.at[10] = ' ';
        }
        put_cell(&out->cells, cell.n ? cell.at : "", cell.n);
    }
    out->n_rows++;
}

static void
table_line(struct tp_out *out, const struct tp_record *record, const char **cell, bool header)
{
    size_t column = 0, pad = 0;

    for (const struct tp_field *f = record->fields; f->kind != TP_F_STOP; f++) {
        const char *text = header ? f->name : *cell;
        size_t      len = strlen(text), gap;

        if (f->wide)
            continue;
        gap = out->widths[column] > text_width(text, len) ? out->widths[column] - text_width(text, len) : 0;
        if (column)
            pad += 2;
        if (right_aligned(f))
            pad += gap, gap = 0;
        if (len) {
            for (; pad; pad--)
                tp_buf_char(&out->buf, ' ');
            tp_buf_put(&out->buf, text, len);
        }
        pad += gap; /* trailing blanks are only written when something follows */
        if (!header)
            *cell += len + 1;
        column++;
    }
    tp_buf_char(&out->buf, '\n');
}

static void
table_print_held(struct tp_out *out)
{
    const char *cell = out->cells.at;

    if (!out->current || !out->n_rows)
        return;
    if (!out->widths) {
        size_t      columns = columns_shown(out->current), column = 0;
        const char *p = cell;

        out->widths = tp_alloc((columns + 1) * sizeof *out->widths);
        for (const struct tp_field *f = out->current->fields; f->kind != TP_F_STOP; f++)
            if (!f->wide)
                out->widths[column++] = strlen(f->name);
        for (size_t r = 0; r < out->n_rows; r++)
            for (size_t c = 0; c < columns; c++) {
                size_t width = text_width(p, strlen(p));

                if (width > out->widths[c])
                    out->widths[c] = width;
                p += strlen(p) + 1;
            }
        table_line(out, out->current, NULL, true);
    }
    for (size_t r = 0; r < out->n_rows; r++)
        table_line(out, out->current, &cell, false);
    out->n_rows = 0;
    tp_buf_clear(&out->cells);
}

int
tp_out_row(struct tp_out *out, const struct tp_record *record, const void *row, struct tp_err *err)
{
    if (record != out->current) {
        bool again = out->current != NULL;

        if (out->form == TP_FORM_TABLE) {
            table_print_held(out);
            free(out->widths);
            out->widths = NULL;
        }
        out->current = record;
        if (again && out->form != TP_FORM_JSON)
            tp_buf_char(&out->buf, '\n');
        if (out->form == TP_FORM_CSV)
            csv_header(out, record);
    }
    switch (out->form) {
    case TP_FORM_JSON:
        tp_record_json(record, row, &out->buf);
        break;
    case TP_FORM_CSV:
        csv_row(out, record, row);
        break;
    case TP_FORM_TABLE:
        hold_row(out, record, row);
        if (out->n_rows >= HELD_ROWS || out->widths)
            table_print_held(out);
        break;
    }
    return spill(out, err);
}

int
tp_out_text(struct tp_out *out, const char *text, size_t n, struct tp_err *err)
{
    if (out->form == TP_FORM_TABLE)
        table_print_held(out);
    tp_buf_put(&out->buf, text, n);
    return spill(out, err);
}

int
tp_out_flush(struct tp_out *out, struct tp_err *err)
{
    if (out->form == TP_FORM_TABLE)
        table_print_held(out);
    return write_out(out, err);
}
