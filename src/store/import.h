/* What an import did, and the files that were taken in. */
#ifndef TP_STORE_IMPORT_H
#define TP_STORE_IMPORT_H

#include "base/crypt.h"
#include "base/db.h"
#include "market/symbol.h"

struct tp_import {
    char           file[256];
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    char           interval[4];
    int64_t        rows_read, rows_inserted, rows_updated, rows_unchanged, rows_rejected;
    struct tp_time first_time, last_time;
};

extern const struct tp_record tp_import_record;

/* All counts zero, all else unknown. */
void tp_import_init(struct tp_import *done, const char *file);
/* Sets venue, instrument and interval ("" or NULL: none or many); -1 with TP_EUSAGE when one is too long. */
int  tp_import_set_key(struct tp_import *done, const char *exchange, const char *symbol, const char *interval,
                       struct tp_err *err);
/* Widens the times to hold this one. */
void tp_import_saw(struct tp_import *done, struct tp_time time);

/* A file whose content is remembered. */
struct tp_import_file {
    const char    *kind; /* CANDLES, FUNDING, MARK or BOOK */
    char           sha256[TP_SHA256_TEXT];
    int64_t        bytes;
    struct tp_time before; /* set by put: when the same bytes came in before; none: never */
};

/* Remembers the file within the import's transaction. */
int tp_import_file_put(struct tp_db *db, struct tp_import_file *file, const struct tp_import *done,
                       struct tp_err *err);

#endif
