#include "store/backtest.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"
#include "store/sql.h"

static int
read_id(const struct tp_rows *rows, struct tp_uuid *out, struct tp_err *err)
{
    const char *id = tp_rows_text(rows, 0, "id");

    return tp_uuid_parse(id, strlen(id), out, err);
}

int
tp_backtest_add(struct tp_db *db, struct tp_backtest *b, struct tp_err *err)
{
    TP_AUTO_ROWS    rows = NULL;
    const char     *at;

    if (tp_db_one(db, &SQL_backtest_add,
                  TP_PARAMS(tp_p_uuid(b->user_id), tp_p_uuid(b->strategy_id), tp_p_uuid(b->bot_id), tp_p_text(b->exchange),
                            tp_p_text(b->symbol), tp_p_text(b->timeframe), tp_p_day(b->start_date),
                            tp_p_day(b->end_date), tp_p_dec(b->initial_capital),
                            tp_p_dec(b->final_equity), tp_p_int(b->total_trades),
                            tp_p_int(b->winning_trades), tp_p_int(b->losing_trades),
                            tp_p_dec(b->win_rate), tp_p_dec(b->sharpe_ratio), tp_p_dec(b->sortino_ratio),
                            tp_p_dec(b->max_drawdown), tp_p_dec(b->max_drawdown_duration_hours),
                            tp_p_dec(b->profit_factor), tp_p_dec(b->avg_win), tp_p_dec(b->avg_loss),
                            tp_p_dec(b->largest_win), tp_p_dec(b->largest_loss), tp_p_text(b->results),
                            tp_p_text(b->equity_curve), tp_p_text(b->metrics)),
                  &rows, err)
        || read_id(rows, &b->id, err))
        return -1;
    at = tp_rows_text(rows, 0, "created_at");
    for (const struct tp_field *f = tp_backtest_record.fields; f->kind != TP_F_STOP; f++)
        if (strcmp(f->name, "created_at") == 0)
            return tp_field_parse(f, at, strlen(at), b, NULL, err);
    return 0;
}

int
tp_backtest_list(struct tp_db *db, const struct tp_backtest_filter *filter, struct tp_rows **rows,
                 struct tp_err *err)
{
    return tp_db_query(db, &SQL_backtest_list,
                       TP_PARAMS(tp_p_text(filter->symbol), tp_p_text(filter->strategy),
                                 tp_p_bool(filter->deleted), tp_p_int(filter->limit)),
                       rows, err);
}

static int
no_such(struct tp_uuid id, const char *which, struct tp_err *err)
{
    char text[TP_UUID_TEXT];

    tp_uuid_print(text, id);
    return tp_fail(err, TP_EMISSING, "there is no %sbacktest %s", which, text);
}

int
tp_backtest_get(struct tp_db *db, struct tp_uuid id, struct tp_backtest *out, struct tp_arena *arena,
                struct tp_err *err)
{
    int got = tp_db_row(db, &SQL_backtest_get, TP_PARAMS(tp_p_uuid(id)), &tp_backtest_record, out, arena, err);

    return got > 0 ? 0 : got < 0 ? -1 : no_such(id, "", err);
}

int
tp_backtest_delete(struct tp_db *db, struct tp_uuid id, struct tp_err *err)
{
    int64_t n = 0;

    if (tp_db_exec(db, &SQL_backtest_delete, TP_PARAMS(tp_p_uuid(id)), &n, err))
        return -1;
    return n ? 0 : no_such(id, "live ", err);
}

int
tp_backtest_restore(struct tp_db *db, struct tp_uuid id, struct tp_err *err)
{
    int64_t n = 0;

    if (tp_db_exec(db, &SQL_backtest_restore, TP_PARAMS(tp_p_uuid(id)), &n, err))
        return -1;
    return n ? 0 : no_such(id, "deleted ", err);
}
