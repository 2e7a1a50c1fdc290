#include "store/candle.h"

#include <string.h>

#include "base/banned.h"
#include "store/sql.h"

static const struct tp_field import_fields[] = {
    F_TEXT(struct tp_import, file, "file that was read, - for standard input"),
    F_TEXT(struct tp_import, exchange, "code of the venue"),
    F_TEXT(struct tp_import, symbol, "instrument"),
    F_TEXT(struct tp_import, interval, "interval of the candles"),
    F_INT(struct tp_import, rows_read, "candles in the file"),
    F_INT(struct tp_import, rows_inserted, "candles that were new"),
    F_INT(struct tp_import, rows_updated, "candles that replaced others with different values"),
    F_INT(struct tp_import, rows_unchanged, "candles that were there already"),
    F_INT(struct tp_import, rows_rejected, "rows set aside"),
    F_TIME(struct tp_import, first_time, "open time of the first candle"),
    F_TIME(struct tp_import, last_time, "open time of the last candle"),
    F_STOP,
};

const struct tp_record tp_import_record = {"import", "what an import did", import_fields,
                                           sizeof(struct tp_import)};

static const struct tp_field coverage_fields[] = {
    F_TEXT(struct tp_coverage, exchange, "code of the venue"),
    F_TEXT(struct tp_coverage, symbol, "instrument"),
    F_TEXT(struct tp_coverage, interval, "interval of the candles"),
    F_INT(struct tp_coverage, candles, "how many are stored"),
    F_TIME(struct tp_coverage, first_time, "open time of the first"),
    F_TIME(struct tp_coverage, last_time, "open time of the last"),
    F_STOP,
};

const struct tp_record tp_coverage_record = {"candle_coverage", "what is stored", coverage_fields,
                                             sizeof(struct tp_coverage)};

int
tp_candle_import_begin(struct tp_db *db, struct tp_err *err)
{
    if (tp_db_script(db, SQL_candle_stage_make.text, err)
        || tp_db_script(db, SQL_candle_stage_empty.text, err))
        return -1;
    return tp_db_copy_in(db, SQL_candle_stage_copy.text, err);
}

static void
put_dec(struct tp_buf *to, const struct tp_column *column, size_t i, bool last)
{
    struct tp_dec d = tp_column_get(column, i);

    if (tp_dec_none(d))
        tp_buf_put(to, "\\N", 2);
    else
        to->n += tp_dec_print(tp_buf_reserve(to, TP_DEC_TEXT), d, TP_DEC_SCALE);
    tp_buf_char(to, last ? '\n' : '\t');
}

int
tp_candle_import_put(struct tp_db *db, const struct tp_bars *bars, struct tp_err *err)
{
    TP_AUTO_BUF rows = {0};

    for (size_t i = 0; i < bars->n; i++) {
        rows.n += tp_time_print(tp_buf_reserve(&rows, TP_TIME_TEXT), (struct tp_time){bars->time[i]});
        tp_buf_char(&rows, '\t');
        put_dec(&rows, &bars->open, i, false);
        put_dec(&rows, &bars->high, i, false);
        put_dec(&rows, &bars->low, i, false);
        put_dec(&rows, &bars->close, i, false);
        put_dec(&rows, &bars->volume, i, false);
        put_dec(&rows, &bars->quote_volume, i, false);
        if (bars->trades_count[i] == INT64_MIN)
            tp_buf_put(&rows, "\\N\t", 3);
        else
            tp_buf_fmt(&rows, "%lld\t", (long long)bars->trades_count[i]);
        put_dec(&rows, &bars->taker_buy_volume, i, false);
        put_dec(&rows, &bars->taker_buy_quote_volume, i, false);
        if (bars->close_time[i] == INT64_MIN)
            tp_buf_put(&rows, "\\N", 2);
        else
            rows.n += tp_time_print(tp_buf_reserve(&rows, TP_TIME_TEXT),
                                    (struct tp_time){bars->close_time[i]});
        tp_buf_char(&rows, '\n');
    }
    return rows.n ? tp_db_copy_put(db, rows.at, rows.n, err) : 0;
}

/* Fifty at a time, each call a transaction of its own, so that many years make no huge one. */
static int
make_partitions(struct tp_db *db, const struct tp_candle_key *key, const struct tp_import *done,
                struct tp_err *err)
{
    int64_t made = 50;

    while (made == 50) {
        TP_AUTO_ROWS rows = NULL;

        if (tp_db_one(db, &SQL_candle_partitions,
                      TP_PARAMS(tp_p_text(key->interval), tp_p_time(done->first_time),
                                tp_p_time(done->last_time)),
                      &rows, err))
            return -1;
        made = tp_rows_int(rows, 0, "made");
    }
    return 0;
}

int
tp_candle_import_end(struct tp_db *db, const struct tp_candle_key *key, const char *source,
                     struct tp_import *done, struct tp_err *err)
{
    int64_t               staged;
    const struct tp_param params[] = {tp_p_text(key->exchange),        tp_p_text(key->symbol),
                                      tp_p_text(key->interval),        tp_p_text(source),
                                      tp_p_time(done->first_time), tp_p_time(done->last_time)};

    if (tp_db_copy_end(db, &staged, err))
        return -1;
    done->rows_inserted = done->rows_updated = done->rows_unchanged = 0;
    if (staged == 0)
        return 0;
    if (make_partitions(db, key, done, err) || tp_db_script(db, "analyze pg_temp.candle_stage", err)
        || tp_db_begin(db, err))
        return -1;
    if (tp_db_exec(db, &SQL_candle_stage_update, params, TP_COUNT(params), &done->rows_updated, err)
        || tp_db_exec(db, &SQL_candle_stage_insert, params, TP_COUNT(params), &done->rows_inserted, err)) {
        struct tp_err second = TP_ERR_INIT;

        tp_db_rollback(db, &second);
        return -1;
    }
    done->rows_unchanged = staged - done->rows_inserted - done->rows_updated;
    return tp_db_commit(db, err);
}

int
tp_candle_read_begin(struct tp_db *db, const struct tp_candle_key *key, struct tp_time from,
                     struct tp_time to, struct tp_err *err)
{
    if (tp_db_begin(db, err))
        return -1;
    return tp_db_copy_out(db, &SQL_candle_export,
                          TP_PARAMS(tp_p_text(key->exchange), tp_p_text(key->symbol),
                                    tp_p_text(key->interval), tp_p_time(from), tp_p_time(to)),
                          err);
}

int
tp_candle_read_next(struct tp_db *db, struct tp_candle *c, struct tp_err *err)
{
    const char            *p, *end;
    size_t                 n;
    const struct tp_field *f = tp_candle_record.fields;
    int                    got = tp_db_copy_next(db, &p, &n, err);

    if (got < 0)
        return -1;
    if (got == 0)
        return tp_db_commit(db, err);
    tp_record_init(&tp_candle_record, c);
    /* The columns come in the order of the record's fields; no value needs COPY's escapes. */
    for (end = p + n; f->kind != TP_F_STOP && p < end; f++) {
        const char *stop = p;

        while (stop < end && *stop != '\t' && *stop != '\n')
            stop++;
        if (!(stop - p == 2 && p[0] == '\\') && tp_field_parse(f, p, (size_t)(stop - p), c, NULL, err))
            return tp_where(err, "market_price from the database");
        p = stop + 1;
    }
    return 1;
}

int
tp_candle_read_bars(struct tp_db *db, struct tp_bars *bars, struct tp_err *err)
{
    struct tp_candle c;
    int              got = 1;

    tp_bars_clear(bars);
    if (!tp_db_in_transaction(db))
        return 0; /* the end came in the middle of the former bars */
    while (bars->n < bars->room && (got = tp_candle_read_next(db, &c, err)) > 0)
        tp_bars_push(bars, &c);
    return got < 0 ? -1 : bars->n > 0;
}

int
tp_candle_coverage(struct tp_db *db, const struct tp_candle_key *key, struct tp_rows **rows,
                   struct tp_err *err)
{
    return tp_db_query(db, &SQL_candle_coverage,
                       TP_PARAMS(tp_p_text(key->exchange), tp_p_text(key->symbol), tp_p_text(key->interval)),
                       rows, err);
}

int
tp_candle_retention(struct tp_db *db, const char *interval, int64_t *days, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_one(db, &SQL_candle_retention, TP_PARAMS(tp_p_text(interval)), &rows, err))
        return -1;
    *days = tp_rows_int(rows, 0, "days");
    return 0;
}
