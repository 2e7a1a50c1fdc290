/* Bots in the database. */
#ifndef TP_STORE_BOT_H
#define TP_STORE_BOT_H

#include "base/db.h"
#include "bot/bot.h"
#include "strategy/strategy.h"

/* All inside a transaction of the acting user; changes write their event with them. */

/* Adds the bot (user_id, strategy_id, account_id, environment, name, config) and fills the rest. */
int tp_bot_add(struct tp_db *db, struct tp_bot *bot, struct tp_arena *arena, struct tp_err *err);

struct tp_bot_filter {
    const char *which; /* id or name; NULL: any */
    const char *status, *environment;
    bool        deleted; /* the deleted ones instead */
    int64_t     limit;
};
/* Rows for tp_rows_next with tp_bot_record, by name. */
int tp_bot_list(struct tp_db *db, const struct tp_bot_filter *filter, struct tp_rows **rows, struct tp_err *err);
/* How they stand (`which` as above): rows of what they hold, what they are worth and how far they are. */
int tp_bot_standing(struct tp_db *db, const char *which, struct tp_rows **rows, struct tp_err *err);
/* Whether an order of its account works or a position is open there: 1, 0, -1. */
int tp_bot_holds(struct tp_db *db, const struct tp_bot *bot, struct tp_err *err);
/* The one bot of that id or name: TP_EMISSING for none, TP_EUSAGE for several. */
int tp_bot_get(struct tp_db *db, const char *which, bool deleted, struct tp_bot *out, struct tp_arena *arena,
               struct tp_err *err);
/* Changes what is not NULL or nil. */
int tp_bot_set(struct tp_db *db, struct tp_bot *bot, const char *name, struct tp_uuid strategy, const char *config,
               struct tp_arena *arena, struct tp_err *err);
/* Makes the bot's status `to` when it is one of from (a JSON list); event is the word behind "bot.".
 * TP_EREFUSED naming the status otherwise. */
int tp_bot_status(struct tp_db *db, struct tp_bot *bot, const char *to, const char *from, const char *event,
                  struct tp_arena *arena, struct tp_err *err);
/* on: deletes, which TP_EREFUSED refuses to a running one; off: restores. */
int tp_bot_delete(struct tp_db *db, struct tp_bot *bot, bool on, struct tp_arena *arena, struct tp_err *err);

/* The strategy that the bot follows, ready to be fed; symbol NULL: not known yet. */
int tp_bot_strategy(struct tp_db *db, const struct tp_bot *bot, const struct tp_bot_config *config,
                    const struct tp_symbol *symbol, struct tp_strategy **out, struct tp_arena *arena,
                    struct tp_err *err);

/* What a bot remembers between bars. */
struct tp_bot_state {
    struct tp_time cursor;  /* close of the last bar that it handled; none: no bar yet */
    const char    *session; /* JSON object in the arena */
};
int tp_bot_state_get(struct tp_db *db, struct tp_uuid bot, struct tp_bot_state *out, struct tp_arena *arena,
                     struct tp_err *err);
int tp_bot_state_put(struct tp_db *db, const struct tp_bot *bot, const struct tp_bot_state *state,
                     struct tp_err *err);

#endif
