#include "store/reference.h"

#include <stdlib.h>

#include "base/banned.h"
#include "store/sql.h"

#define BATCH 1000 /* rows in a statement */

static const struct {
    const char             *word; /* in import_files, and the name of the lock */
    const struct tp_record *record;
    const struct tp_stmt   *put, *rows;
} kinds[] = {
    [TP_REFERENCE_FUNDING] = {"FUNDING", &tp_funding_rate_record, &SQL_funding_put, &SQL_funding_rows},
    [TP_REFERENCE_MARK] = {"MARK", &tp_mark_price_record, &SQL_mark_put, &SQL_mark_rows},
    [TP_REFERENCE_BOOK] = {"BOOK", &tp_orderbook_snapshot_record, &SQL_book_put, &SQL_book_rows},
};

struct tp_reference_import {
    struct tp_db     *db;
    enum tp_reference kind;
    const char       *exchange;
    struct tp_buf     batch; /* records with commas between them */
    int64_t           n, rows, inserted, updated;
    int64_t           day; /* of the partition that was asked for last */
};

int
tp_reference_begin(struct tp_reference_import **out, struct tp_db *db, enum tp_reference kind,
                   const char *exchange, struct tp_err *err)
{
    struct tp_reference_import *in = tp_alloc(sizeof *in);
    TP_AUTO_ROWS                rows = NULL;

    *in = (struct tp_reference_import){.db = db, .kind = kind, .exchange = exchange, .day = INT64_MIN};
    if (tp_db_begin(db, err)
        || tp_db_one(db, &SQL_reference_begin, TP_PARAMS(tp_p_text(kinds[kind].word), tp_p_text(exchange)), &rows,
                     err)) {
        tp_reference_free(in);
        return -1;
    }
    *out = in;
    return 0;
}

void
tp_reference_free(struct tp_reference_import *in)
{
    struct tp_err ignored = TP_ERR_INIT;

    if (!in)
        return;
    if (tp_db_in_transaction(in->db))
        tp_db_rollback(in->db, &ignored);
    tp_buf_free(&in->batch);
    free(in);
}

static int
send(struct tp_reference_import *in, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (in->n == 0)
        return 0;
    tp_buf_char(&in->batch, ']');
    if (tp_db_one(in->db, kinds[in->kind].put, TP_PARAMS(tp_p_text(in->exchange), tp_p_text(in->batch.at)), &rows,
                  err))
        return -1;
    in->inserted += tp_rows_int(rows, 0, "inserted");
    in->updated += tp_rows_int(rows, 0, "updated");
    in->n = 0;
    tp_buf_clear(&in->batch);
    return 0;
}

/* Books lie in partitions of a day. */
static int
make_room(struct tp_reference_import *in, struct tp_time time, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_time_day(time) == in->day)
        return 0;
    in->day = tp_time_day(time);
    return tp_db_one(in->db, &SQL_book_partition, TP_PARAMS(tp_p_time(time)), &rows, err);
}

int
tp_reference_put(struct tp_reference_import *in, const void *row, struct tp_err *err)
{
    if (in->kind == TP_REFERENCE_BOOK
        && make_room(in, ((const struct tp_orderbook_snapshot *)row)->timestamp, err))
        return -1;
    tp_buf_char(&in->batch, in->n ? ',' : '[');
    tp_record_json(kinds[in->kind].record, row, &in->batch);
    in->rows++;
    return ++in->n == BATCH ? send(in, err) : 0;
}

int
tp_reference_end(struct tp_reference_import *in, struct tp_import_file *file, struct tp_import *done,
                 struct tp_err *err)
{
    if (send(in, err))
        return -1;
    done->rows_inserted = in->inserted;
    done->rows_updated = in->updated;
    done->rows_unchanged = in->rows - in->inserted - in->updated;
    file->kind = kinds[in->kind].word;
    return tp_import_file_put(in->db, file, done, err) || tp_db_commit(in->db, err) ? -1 : 0;
}

int
tp_reference_rows(struct tp_db *db, enum tp_reference kind, const struct tp_reference_filter *f,
                  struct tp_rows **rows, struct tp_err *err)
{
    const struct tp_param params[] = {
        tp_p_text(f->exchange), tp_p_text(f->symbol), tp_p_time(f->from), tp_p_time(f->to),
        kind == TP_REFERENCE_BOOK ? tp_p_int(f->depth) : tp_p_text(f->interval)};

    return tp_db_query(db, kinds[kind].rows, params, (size_t)kinds[kind].rows->n_params, rows, err);
}

int
tp_reference_fundings(struct tp_db *db, const char *exchange, const char *symbol, struct tp_time from,
                      struct tp_time to, struct tp_funding_rate **rates, size_t *n, struct tp_err *err)
{
    struct tp_reference_filter filter = {.exchange = exchange, .symbol = symbol, .from = from, .to = to};
    size_t                     page = 0;

    *rates = NULL;
    *n = 0;
    do {
        TP_AUTO_ROWS rows = NULL;
        int          got = tp_reference_rows(db, TP_REFERENCE_FUNDING, &filter, &rows, err);

        if (got == 0) {
            page = tp_rows_count(rows);
            *rates = tp_realloc(*rates, (*n + page + 1) * sizeof **rates);
            while ((got = tp_rows_next(rows, &tp_funding_rate_record, *rates + *n, NULL, err)) > 0)
                filter.from.us = (*rates)[(*n)++].funding_time.us + 1;
        }
        if (got < 0) {
            free(*rates);
            *rates = NULL;
            return -1;
        }
    } while (page);
    return 0;
}

int
tp_book_retention(struct tp_db *db, int64_t *days, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_one(db, &SQL_book_retention, TP_NO_PARAMS, &rows, err))
        return -1;
    *days = tp_rows_int(rows, 0, "days");
    return 0;
}
