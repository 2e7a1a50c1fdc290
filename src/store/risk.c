#include "store/risk.h"

#include <string.h>

#include "base/banned.h"
#include "store/news.h"
#include "store/sql.h"

int
tp_limits_list(struct tp_db *db, struct tp_uuid user, struct tp_uuid bot, struct tp_rows **rows,
               struct tp_err *err)
{
    return tp_db_query(db, &SQL_risk_limit_list, TP_PARAMS(tp_p_uuid(user), tp_p_uuid(bot), tp_p_bool(1)), rows,
                       err);
}

int
tp_limits_get(struct tp_db *db, struct tp_uuid user, struct tp_uuid bot, struct tp_limits *out,
              struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    int          got;

    if (tp_limits_list(db, user, bot, &rows, err))
        return -1;
    /* the user's own come first */
    got = tp_rows_next(rows, &tp_risk_limit_record, out, arena, err);
    if (got < 0)
        return -1;
    if (got && tp_uuid_equal(out->bot_id, bot))
        return 1;
    tp_record_init(&tp_risk_limit_record, out);
    out->user_id = user;
    out->bot_id = bot;
    out->enabled = 1;
    return 0;
}

int
tp_limits_lock(struct tp_db *db, struct tp_uuid user, struct tp_err *err)
{
    return tp_db_exec(db, &SQL_risk_lock, TP_PARAMS(tp_p_uuid(user)), NULL, err);
}

/* The row that a statement answered with, told to the consumers of events. */
static int
take_limits(struct tp_db *db, struct tp_rows *rows, struct tp_limits *out, struct tp_arena *arena,
            struct tp_err *err)
{
    int got = tp_rows_next(rows, &tp_risk_limit_record, out, arena, err);

    if (got == 0)
        return tp_fail(err, TP_EMISSING, "no limits are set");
    return got < 0 ? -1
                   : tp_news_tell(db, out->user_id, "risk.set", "risk", out->user_id, &tp_risk_limit_record, out,
                                  err);
}

int
tp_limits_put(struct tp_db *db, struct tp_limits *l, struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_query(db, &SQL_risk_limit_put,
                    TP_PARAMS(tp_p_uuid(l->user_id), tp_p_uuid(l->bot_id), tp_p_dec(l->max_position_size),
                              tp_p_int(l->max_leverage), tp_p_dec(l->max_daily_loss), tp_p_dec(l->max_drawdown),
                              tp_p_int(l->max_open_positions), tp_p_dec(l->max_order_size),
                              tp_p_text(l->risk_rules ? l->risk_rules : "{}"), tp_p_bool(l->enabled)),
                    &rows, err))
        return -1;
    return take_limits(db, rows, l, arena, err);
}

int
tp_limits_delete(struct tp_db *db, struct tp_uuid user, struct tp_uuid bot, struct tp_limits *out,
                 struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_query(db, &SQL_risk_limit_delete, TP_PARAMS(tp_p_uuid(user), tp_p_uuid(bot)), &rows, err))
        return -1;
    return take_limits(db, rows, out, arena, err);
}

/* ---- halts --------------------------------------------------------------------------------------- */

int
tp_halt_list(struct tp_db *db, struct tp_uuid user, struct tp_rows **rows, struct tp_err *err)
{
    return tp_db_query(db, &SQL_risk_halt_list, TP_PARAMS(tp_p_uuid(user)), rows, err);
}

int
tp_halt_find(struct tp_db *db, struct tp_halt *h, struct tp_err *err)
{
    TP_AUTO_ROWS   rows = NULL;
    struct tp_halt found;
    int            got;

    if (tp_halt_list(db, h->user_id, &rows, err))
        return -1;
    while ((got = tp_rows_next(rows, &tp_halt_record, &found, NULL, err)) > 0)
        if (tp_halt_same(&found, h)) {
            *h = found;
            return 1;
        }
    return got;
}

static int
tell(struct tp_db *db, const char *type, const struct tp_halt *h, struct tp_err *err)
{
    return tp_news_tell(db, h->user_id, type, "risk", h->user_id, &tp_halt_record, h, err);
}

int
tp_halt_begin(struct tp_db *db, struct tp_halt *h, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    int          got;

    if (tp_db_query(db, &SQL_risk_halt_begin,
                    TP_PARAMS(tp_p_uuid(h->user_id), tp_p_uuid(h->account_id), tp_p_uuid(h->bot_id),
                              tp_p_text(h->environment[0] ? h->environment : NULL), tp_p_text(h->reason),
                              tp_p_text(h->halted_by)),
                    &rows, err))
        return -1;
    got = tp_rows_next(rows, &tp_halt_record, h, NULL, err);
    if (got)
        return got < 0 || tell(db, "risk.halted", h, err) ? -1 : 1;
    got = tp_halt_find(db, h, err);
    return got < 0 ? -1 : 0;
}

int
tp_halt_end(struct tp_db *db, struct tp_halt *h, const char *who, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    int          got;

    if (tp_db_query(db, &SQL_risk_halt_end, TP_PARAMS(tp_p_uuid(h->user_id), tp_p_uuid(h->id), tp_p_text(who)),
                    &rows, err))
        return -1;
    got = tp_rows_next(rows, &tp_halt_record, h, NULL, err);
    if (got == 0)
        return tp_fail(err, TP_EREFUSED, "somebody else has resumed it");
    return got < 0 ? -1 : tell(db, "risk.resumed", h, err);
}
