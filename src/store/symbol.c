#include "store/symbol.h"

#include <string.h>

#include "base/banned.h"
#include "store/sql.h"

static const struct tp_field info_fields[] = {
    F_TEXT(struct tp_symbol_info, exchange, "code of the venue", .required = true),
    F_TEXT(struct tp_symbol_info, symbol, "the venue's name of the instrument", .required = true),
    F_JSON(struct tp_symbol_info, contract_info, "what the venue says beyond the columns"),
    F_JSON(struct tp_symbol_info, metadata, "free-form notes"),
    F_TIME(struct tp_symbol_info, updated_at, "last change"),
    F_STOP,
};

const struct tp_record tp_symbol_info_record = {"symbol_info", "what a venue says about an instrument",
                                                info_fields, sizeof(struct tp_symbol_info)};

static int
unknown(const char *exchange, const char *symbol, struct tp_err *err)
{
    char safe[2][60];

    tp_text_safe(safe[0], sizeof safe[0], symbol, strlen(symbol));
    tp_text_safe(safe[1], sizeof safe[1], exchange, strlen(exchange));
    tp_fail(err, TP_EMISSING, "there is no symbol '%s' at '%s'", safe[0], safe[1]);
    return tp_hint(err, "'tp-symbol list' shows them; 'tp-symbol add' or 'tp-symbol import' makes them");
}

int
tp_symbol_get(struct tp_db *db, const char *exchange, const char *symbol, struct tp_symbol *out,
              struct tp_arena *arena, struct tp_err *err)
{
    int got = tp_db_row(db, &SQL_symbol_list,
                        TP_PARAMS(tp_p_text(exchange), tp_p_text(symbol), tp_p_text(NULL), tp_p_text(NULL),
                                  tp_p_text(NULL)),
                        &tp_symbol_record, out, arena, err);

    return got > 0 ? 0 : got < 0 ? -1 : unknown(exchange, symbol, err);
}

int
tp_symbol_info(struct tp_db *db, const char *exchange, const char *symbol,
               struct tp_symbol_info *out, struct tp_arena *arena, struct tp_err *err)
{
    int got = tp_db_row(db, &SQL_symbol_info, TP_PARAMS(tp_p_text(exchange), tp_p_text(symbol)),
                        &tp_symbol_info_record, out, arena, err);

    return got > 0 ? 0 : got < 0 ? -1 : unknown(exchange, symbol, err);
}

int
tp_symbol_list(struct tp_db *db, const struct tp_symbol_filter *filter, struct tp_rows **rows,
               struct tp_err *err)
{
    return tp_db_query(db, &SQL_symbol_list,
                       TP_PARAMS(tp_p_text(filter->exchange), tp_p_text(NULL), tp_p_text(filter->status),
                                 tp_p_text(filter->base_currency), tp_p_text(filter->quote_currency)),
                       rows, err);
}

enum { N_SYMBOL = 17 };

/* The parameters that symbol_put and symbol_add begin with. */
static void
bind(struct tp_param p[N_SYMBOL], const struct tp_symbol *s)
{
    const struct tp_param all[N_SYMBOL] = {
        tp_p_text(s->exchange), tp_p_text(s->symbol), tp_p_text(s->base_currency),
        tp_p_text(s->quote_currency), tp_p_text(s->settle_currency), tp_p_text(s->market_type),
        tp_p_text(s->status), tp_p_dec(s->tick_size), tp_p_dec(s->step_size), tp_p_dec(s->min_quantity),
        tp_p_dec(s->max_quantity), tp_p_dec(s->min_notional), tp_p_dec(s->contract_size),
        tp_p_rate(s->maker_fee_rate), tp_p_rate(s->taker_fee_rate), tp_p_int(s->price_precision),
        tp_p_int(s->quantity_precision),
    };

    memcpy(p, all, sizeof all);
}

int
tp_symbol_put(struct tp_db *db, const struct tp_symbol *s, const char *info,
              enum tp_symbol_change *change, struct tp_err *err)
{
    struct tp_param params[N_SYMBOL + 1];
    TP_AUTO_ROWS    rows = NULL;

    bind(params, s);
    params[N_SYMBOL] = tp_p_text(info);
    if (tp_db_query(db, &SQL_symbol_put, params, N_SYMBOL + 1, &rows, err))
        return -1;
    *change = tp_rows_count(rows) == 0                             ? TP_SYMBOL_SAME
              : strcmp(tp_rows_text(rows, 0, "added"), "t") == 0 ? TP_SYMBOL_ADDED
                                                                   : TP_SYMBOL_UPDATED;
    return 0;
}

int
tp_symbol_add(struct tp_db *db, const struct tp_symbol *s, struct tp_err *err)
{
    struct tp_param params[N_SYMBOL];
    int64_t         count = 0;

    bind(params, s);
    if (tp_db_exec(db, &SQL_symbol_add, params, N_SYMBOL, &count, err)) {
        if (strcmp(err->sqlstate, "23505") == 0)
            return tp_fail(err, TP_EREFUSED, "the symbol '%s' is there already", s->symbol);
        return -1;
    }
    if (count == 1)
        return 0;
    tp_fail(err, TP_EMISSING, "there is no exchange '%s'", s->exchange);
    return tp_hint(err, "'tp-symbol exchange list' shows them");
}

int
tp_symbol_delist(struct tp_db *db, const char *exchange, const char *names, int64_t *count,
                 struct tp_err *err)
{
    return tp_db_exec(db, &SQL_symbol_delist, TP_PARAMS(tp_p_text(exchange), tp_p_text(names)), count, err);
}
