#include "store/exchange.h"

#include <string.h>

#include "base/banned.h"
#include "store/sql.h"

static const struct tp_field fields[] = {
    F_TEXT(struct tp_exchange, code, "name programs use, such as BINANCE", .required = true),
    F_TEXT(struct tp_exchange, name, "name for display", .required = true),
    F_TEXT(struct tp_exchange, api_base_url, "root of the REST interface", .required = true),
    F_BOOL(struct tp_exchange, is_testnet, "a test venue"),
    F_BOOL(struct tp_exchange, is_active, "false: programs leave the venue alone"),
    F_JSON(struct tp_exchange, supported_features, "what the venue is used for and how it counts",
           .wide = true),
    F_JSON(struct tp_exchange, rate_limits, "named request limits, each {limit, seconds, scope}",
           .wide = true),
    F_TIME(struct tp_exchange, created_at, "when it was added", .wide = true),
    F_TIME(struct tp_exchange, updated_at, "last change", .wide = true),
    F_STOP,
};

const struct tp_record tp_exchange_record = {"exchange", "a venue", fields, sizeof(struct tp_exchange)};

static int
unknown(const char *code, struct tp_err *err)
{
    char safe[60];

    tp_fail(err, TP_EMISSING, "there is no exchange '%s'", tp_text_safe(safe, sizeof safe, code, strlen(code)));
    return tp_hint(err, "'tp-symbol exchange list' shows them, 'tp-db seed' makes the usual ones");
}

int
tp_exchange_list(struct tp_db *db, const char *code, struct tp_rows **rows, struct tp_err *err)
{
    return tp_db_query(db, &SQL_exchange_list, TP_PARAMS(tp_p_text(code)), rows, err);
}

int
tp_exchange_get(struct tp_db *db, const char *code, struct tp_exchange *out, struct tp_arena *arena,
                struct tp_err *err)
{
    int got = tp_db_row(db, &SQL_exchange_list, TP_PARAMS(tp_p_text(code)), &tp_exchange_record, out, arena, err);

    return got > 0 ? 0 : got < 0 ? -1 : unknown(code, err);
}

int
tp_exchange_add(struct tp_db *db, const char *code, bool testnet, const struct tp_exchange_values *v,
                struct tp_exchange *out, struct tp_arena *arena, struct tp_err *err)
{
    int got = tp_db_row(db, &SQL_exchange_add,
                        TP_PARAMS(tp_p_text(code), tp_p_text(v->name), tp_p_text(v->api_base_url),
                                  tp_p_bool(testnet), tp_p_text(v->supported_features),
                                  tp_p_text(v->rate_limits)),
                        &tp_exchange_record, out, arena, err);

    if (got < 0 && strcmp(err->sqlstate, "23505") == 0)
        return tp_fail(err, TP_EREFUSED, "the exchange '%.40s' is there already", code);
    return got > 0 ? 0 : got < 0 ? -1 : unknown(code, err);
}

int
tp_exchange_set(struct tp_db *db, const char *code, const struct tp_exchange_values *v,
                struct tp_exchange *out, struct tp_arena *arena, struct tp_err *err)
{
    int got = tp_db_row(db, &SQL_exchange_set,
                        TP_PARAMS(tp_p_text(code), tp_p_text(v->name), tp_p_text(v->api_base_url),
                                  tp_p_text(v->supported_features), tp_p_text(v->rate_limits),
                                  tp_p_bool(v->is_active)),
                        &tp_exchange_record, out, arena, err);

    return got > 0 ? 0 : got < 0 ? -1 : unknown(code, err);
}
