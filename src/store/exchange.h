/* Venues: one row is one id space; a test venue is a row of its own. */
#ifndef TP_STORE_EXCHANGE_H
#define TP_STORE_EXCHANGE_H

#include "base/db.h"
#include "market/symbol.h"

struct tp_exchange {
    char           code[TP_EXCHANGE_SIZE];
    char           name[256];
    char           api_base_url[256];
    int8_t         is_testnet, is_active;
    const char    *supported_features, *rate_limits; /* JSON objects in the caller's arena */
    struct tp_time created_at, updated_at;
};

extern const struct tp_record tp_exchange_record;

/* What a caller gives; NULL and -1 leave the column as it is (add: at its default). */
struct tp_exchange_values {
    const char *name, *api_base_url, *supported_features, *rate_limits;
    int         is_active;
};

/* Rows for tp_rows_next with tp_exchange_record, by code; code NULL: all. */
int tp_exchange_list(struct tp_db *db, const char *code, struct tp_rows **rows, struct tp_err *err);
/* TP_EMISSING when there is none of that code. */
int tp_exchange_get(struct tp_db *db, const char *code, struct tp_exchange *out, struct tp_arena *arena,
                    struct tp_err *err);
/* Both need tp_service.  add: TP_EREFUSED when the code is there. */
int tp_exchange_add(struct tp_db *db, const char *code, bool testnet, const struct tp_exchange_values *v,
                    struct tp_exchange *out, struct tp_arena *arena, struct tp_err *err);
int tp_exchange_set(struct tp_db *db, const char *code, const struct tp_exchange_values *v,
                    struct tp_exchange *out, struct tp_arena *arena, struct tp_err *err);

#endif
