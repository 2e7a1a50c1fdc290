/* Venues and their instruments in the database. */
#ifndef TP_STORE_SYMBOL_H
#define TP_STORE_SYMBOL_H

#include "base/db.h"
#include "market/symbol.h"

/* Reads one instrument; TP_EMISSING with `tp-symbol` as hint when the venue or it is unknown. */
int tp_symbol_get(struct tp_db *db, const char *exchange, const char *symbol, struct tp_symbol *out,
                  struct tp_arena *arena, struct tp_err *err);

/* Null members match everything. */
struct tp_symbol_filter {
    const char *exchange, *status, *base_currency, *quote_currency;
};

/* Rows for tp_rows_next with tp_symbol_record, by venue and symbol. */
int tp_symbol_list(struct tp_db *db, const struct tp_symbol_filter *filter, struct tp_rows **rows,
                   struct tp_err *err);

enum tp_symbol_change { TP_SYMBOL_SAME, TP_SYMBOL_ADDED, TP_SYMBOL_UPDATED };

/* Adds or updates an instrument (needs tp_service).  Fees that are none, and info NULL (what the venue
 * says beyond the columns, a JSON object), leave what is stored. */
int tp_symbol_put(struct tp_db *db, const struct tp_symbol *s, const char *info,
                  enum tp_symbol_change *change, struct tp_err *err);
/* Adds only: TP_EREFUSED when it is there. */
int tp_symbol_add(struct tp_db *db, const struct tp_symbol *s, struct tp_err *err);
/* Sets the status of those of the venue that are not among the names to DELISTED; how many go to *count.
 * names is a JSON list of texts. */
int tp_symbol_delist(struct tp_db *db, const char *exchange, const char *names, int64_t *count,
                     struct tp_err *err);
/* What the venue says beyond the columns. */
struct tp_symbol_info {
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    const char    *contract_info, *metadata;
    struct tp_time updated_at;
};

extern const struct tp_record tp_symbol_info_record;

int tp_symbol_info(struct tp_db *db, const char *exchange, const char *symbol,
                   struct tp_symbol_info *out, struct tp_arena *arena, struct tp_err *err);

#endif
