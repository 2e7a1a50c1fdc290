/* Funding rates, mark prices and order books in the database: taking them in, all or nothing, and reading
 * them in time order. */
#ifndef TP_STORE_REFERENCE_H
#define TP_STORE_REFERENCE_H

#include "market/reference.h"
#include "store/import.h"

enum tp_reference { TP_REFERENCE_FUNDING, TP_REFERENCE_MARK, TP_REFERENCE_BOOK };

/* One import: begin, put rows in any order and number, end, free; a transaction of its own.  Needs
 * tp_service. */
struct tp_reference_import;

/* Waits for another import of this kind at this venue. */
int  tp_reference_begin(struct tp_reference_import **out, struct tp_db *db, enum tp_reference kind,
                        const char *exchange, struct tp_err *err);
/* A record of the kind, its exchange left alone; no two rows of one import are the same. */
int  tp_reference_put(struct tp_reference_import *in, const void *row, struct tp_err *err);
/* Commits; fills the inserted, updated and unchanged rows. */
int  tp_reference_end(struct tp_reference_import *in, struct tp_import_file *file, struct tp_import *done,
                      struct tp_err *err);
void tp_reference_free(struct tp_reference_import *in); /* rolls back what has not ended; NULL is fine */

/* Which rows; from and to may be none. */
struct tp_reference_filter {
    const char    *exchange, *symbol;
    struct tp_time from, to;
    const char    *interval; /* of the mark price */
    int64_t        depth;    /* of books; TP_INT_NONE: any */
};

/* A page of rows in time order: ask again from behind the last one's time until there is none. */
int tp_reference_rows(struct tp_db *db, enum tp_reference kind, const struct tp_reference_filter *filter,
                      struct tp_rows **rows, struct tp_err *err);
/* All funding rates of an instrument in [from, to); the caller frees them. */
int tp_reference_fundings(struct tp_db *db, const char *exchange, const char *symbol, struct tp_time from,
                          struct tp_time to, struct tp_funding_rate **rates, size_t *n, struct tp_err *err);
/* Days that order books are kept; INT64_MIN: for ever. */
int tp_book_retention(struct tp_db *db, int64_t *days, struct tp_err *err);

#endif
