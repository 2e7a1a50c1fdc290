#include "store/bot.h"

#include <string.h>

#include "backtest/backtest.h"
#include "base/banned.h"
#include "store/news.h"
#include "store/strategy.h"
#include "store/sql.h"

/* A statement that gives the bot as it is then; 1, 0 for no row, -1. */
static int
change(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params, size_t n, const char *event,
       struct tp_bot *bot, struct tp_arena *arena, struct tp_err *err)
{
    int got = tp_db_row(db, stmt, params, n, &tp_bot_record, bot, arena, err);

    if (got <= 0)
        return got;
    return tp_news_tell(db, bot->user_id, event, "bot", bot->id, &tp_bot_record, bot, err) ? -1 : 1;
}

int
tp_bot_add(struct tp_db *db, struct tp_bot *bot, struct tp_arena *arena, struct tp_err *err)
{
    return change(db, &SQL_bot_add,
                  TP_PARAMS(tp_p_uuid(bot->user_id), tp_p_uuid(bot->strategy_id), tp_p_uuid(bot->account_id),
                            tp_p_text(bot->environment), tp_p_text(bot->name), tp_p_text(bot->config)),
                  "bot.created", bot, arena, err)
                   == 1
               ? 0
               : -1;
}

int
tp_bot_list(struct tp_db *db, const struct tp_bot_filter *f, struct tp_rows **rows, struct tp_err *err)
{
    return tp_db_query(db, &SQL_bot_list,
                       TP_PARAMS(tp_p_text(f->which), tp_p_text(f->status), tp_p_text(f->environment),
                                 tp_p_bool(f->deleted), tp_p_int(f->limit)),
                       rows, err);
}

int
tp_bot_standing(struct tp_db *db, const char *which, struct tp_rows **rows, struct tp_err *err)
{
    return tp_db_query(db, &SQL_bot_standing, TP_PARAMS(tp_p_text(which)), rows, err);
}

int
tp_bot_holds(struct tp_db *db, const struct tp_bot *bot, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    return tp_db_query(db, &SQL_desk_busy, TP_PARAMS(tp_p_uuid(bot->account_id)), &rows, err)
               ? -1
               : tp_rows_count(rows) > 0;
}

int
tp_bot_get(struct tp_db *db, const char *which, bool deleted, struct tp_bot *out, struct tp_arena *arena,
           struct tp_err *err)
{
    struct tp_bot_filter filter = {.which = which, .deleted = deleted, .limit = 2};
    TP_AUTO_ROWS         rows = NULL;
    char                 safe[80];

    tp_text_safe(safe, sizeof safe, which, strlen(which));
    if (tp_bot_list(db, &filter, &rows, err))
        return -1;
    if (tp_rows_count(rows) == 0) {
        tp_fail(err, TP_EMISSING, "there is no %sbot '%s'", deleted ? "deleted " : "", safe);
        return tp_hint(err, "'tp-bot list%s' shows them", deleted ? " --deleted" : "");
    }
    if (tp_rows_count(rows) > 1) {
        tp_fail(err, TP_EUSAGE, "several bots are called '%s'", safe);
        return tp_hint(err, "name it by its id");
    }
    return tp_rows_next(rows, &tp_bot_record, out, arena, err) == 1 ? 0 : -1;
}

int
tp_bot_set(struct tp_db *db, struct tp_bot *bot, const char *name, struct tp_uuid strategy, const char *config,
           struct tp_arena *arena, struct tp_err *err)
{
    int got = change(db, &SQL_bot_set,
                     TP_PARAMS(tp_p_uuid(bot->id), tp_p_text(name), tp_p_uuid(strategy), tp_p_text(config)),
                     "bot.changed", bot, arena, err);

    return got > 0 ? 0 : got < 0 ? -1 : tp_fail(err, TP_EMISSING, "the bot is gone");
}

int
tp_bot_status(struct tp_db *db, struct tp_bot *bot, const char *to, const char *from, const char *event,
              struct tp_arena *arena, struct tp_err *err)
{
    char name[32] = "bot.";
    int  got;

    tp_text_set(name + 4, sizeof name - 4, event, strlen(event));
    got = change(db, &SQL_bot_status, TP_PARAMS(tp_p_uuid(bot->id), tp_p_text(to), tp_p_text(from)), name, bot,
                 arena, err);
    if (got)
        return got > 0 ? 0 : -1;
    return tp_fail(err, TP_EREFUSED, "the bot is %s", bot->status);
}

int
tp_bot_delete(struct tp_db *db, struct tp_bot *bot, bool on, struct tp_arena *arena, struct tp_err *err)
{
    int got = change(db, &SQL_bot_delete, TP_PARAMS(tp_p_uuid(bot->id), tp_p_bool(on)),
                     on ? "bot.deleted" : "bot.restored", bot, arena, err);

    if (got)
        return got > 0 ? 0 : -1;
    tp_fail(err, TP_EREFUSED, on ? "the bot is running" : "the bot is not deleted");
    return on ? tp_hint(err, "'tp-bot stop' first") : -1;
}

int
tp_bot_strategy(struct tp_db *db, const struct tp_bot *bot, const struct tp_bot_config *config,
                const struct tp_symbol *symbol, struct tp_strategy **out, struct tp_arena *arena, struct tp_err *err)
{
    struct tp_strategy_row  row;
    struct tp_strategy_opts opts = {.params = config->params,
                                    .n_params = config->n_params,
                                    .interval = config->interval,
                                    .symbol = symbol,
                                    .run = true};
    char                    id[TP_UUID_TEXT];

    tp_uuid_print(id, bot->strategy_id);
    if (tp_strategy_find(db, bot->user_id, id, false, &row, arena, err))
        return -1;
    opts.text = row.parameters;
    opts.n = strlen(row.parameters);
    opts.foreign = !tp_uuid_equal(row.user_id, bot->user_id);
    opts.name = tp_arena_text(arena, row.name, strlen(row.name));
    return tp_strategy_open(out, &opts, err);
}

int
tp_bot_state_get(struct tp_db *db, struct tp_uuid bot, struct tp_bot_state *out, struct tp_arena *arena,
                 struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    const char  *cursor, *session;

    *out = (struct tp_bot_state){TP_TIME_NONE, "{}"};
    if (tp_db_query(db, &SQL_bot_state_get, TP_PARAMS(tp_p_uuid(bot)), &rows, err))
        return -1;
    if (tp_rows_count(rows) == 0)
        return 0;
    session = tp_rows_text(rows, 0, "strategy_state");
    out->session = tp_arena_text(arena, session, strlen(session));
    cursor = tp_rows_text(rows, 0, "cursor");
    return cursor ? tp_time_parse(cursor, strlen(cursor), &out->cursor, err) : 0;
}

int
tp_bot_state_put(struct tp_db *db, const struct tp_bot *bot, const struct tp_bot_state *state,
                 struct tp_err *err)
{
    return tp_db_exec(db, &SQL_bot_state_put,
                      TP_PARAMS(tp_p_uuid(bot->id), tp_p_uuid(bot->user_id), tp_p_time(state->cursor),
                                tp_p_text(state->session), tp_p_int(TP_ENGINE_VERSION)),
                      NULL, err);
}
