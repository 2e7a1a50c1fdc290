#include "store/import.h"

#include <string.h>

#include "base/banned.h"
#include "store/sql.h"

static const struct tp_field import_fields[] = {
    F_TEXT(struct tp_import, file, "file that was read, - for standard input"),
    F_TEXT(struct tp_import, exchange, "code of the venue"),
    F_TEXT(struct tp_import, symbol, "instrument; null when there are several"),
    F_TEXT(struct tp_import, interval, "interval of the candles; null for what has none"),
    F_INT(struct tp_import, rows_read, "rows in the file"),
    F_INT(struct tp_import, rows_inserted, "rows that were new"),
    F_INT(struct tp_import, rows_updated, "rows that replaced others with different values"),
    F_INT(struct tp_import, rows_unchanged, "rows that were there already"),
    F_INT(struct tp_import, rows_rejected, "rows set aside"),
    F_TIME(struct tp_import, first_time, "time of the first row"),
    F_TIME(struct tp_import, last_time, "time of the last row"),
    F_STOP,
};

const struct tp_record tp_import_record = {"import", "what an import did", import_fields,
                                           sizeof(struct tp_import)};

void
tp_import_init(struct tp_import *done, const char *file)
{
    tp_record_init(&tp_import_record, done);
    tp_text_safe(done->file, sizeof done->file, file, strlen(file));
    done->rows_read = done->rows_inserted = done->rows_updated = done->rows_unchanged = 0;
    done->rows_rejected = 0;
}

int
tp_import_set_key(struct tp_import *done, const char *exchange, const char *symbol, const char *interval,
                  struct tp_err *err)
{
    if (!symbol)
        symbol = "";
    if (!interval)
        interval = "";
    if (!tp_text_set(done->symbol, sizeof done->symbol, symbol, strlen(symbol))
        || !tp_text_set(done->exchange, sizeof done->exchange, exchange, strlen(exchange))
        || !tp_text_set(done->interval, sizeof done->interval, interval, strlen(interval)))
        return tp_fail(err, TP_EUSAGE, "--symbol, --exchange: too long");
    return 0;
}

void
tp_import_saw(struct tp_import *done, struct tp_time time)
{
    if (tp_time_none(done->first_time) || time.us < done->first_time.us)
        done->first_time = time;
    if (tp_time_none(done->last_time) || time.us > done->last_time.us)
        done->last_time = time;
}

int
tp_import_file_put(struct tp_db *db, struct tp_import_file *file, const struct tp_import *done,
                   struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    const char  *before;

    if (tp_db_one(db, &SQL_import_file_put,
                  TP_PARAMS(tp_p_text(file->kind), tp_p_text(done->exchange),
                            tp_p_text(done->symbol[0] ? done->symbol : NULL),
                            tp_p_text(done->interval[0] ? done->interval : NULL), tp_p_text(file->sha256),
                            tp_p_text(done->file), tp_p_int(file->bytes), tp_p_int(done->rows_read),
                            tp_p_int(done->rows_inserted), tp_p_int(done->rows_updated),
                            tp_p_int(done->rows_rejected), tp_p_time(done->first_time), tp_p_time(done->last_time)),
                  &rows, err))
        return -1;
    before = tp_rows_text(rows, 0, "before");
    file->before = TP_TIME_NONE;
    return before ? tp_time_parse(before, strlen(before), &file->before, err) : 0;
}
