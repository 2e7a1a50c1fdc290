/* A bot: a strategy that trades one instrument with one account, bar by bar.  All of it is rows. */
#ifndef TP_BOT_BOT_H
#define TP_BOT_BOT_H

#include "base/record.h"
#include "market/interval.h"
#include "market/symbol.h"

extern const char *const tp_bot_statuses[]; /* running, stopped, error, paused */

/* A row of tp.bots. */
struct tp_bot {
    struct tp_uuid id, user_id, strategy_id, account_id;
    char           environment[11];
    char           name[256];
    char           status[8];
    const char    *config; /* what struct tp_bot_config reads */
    const char    *performance_stats; /* a copy of the newest figures of `perf`; never decides anything */
    struct tp_time created_at, updated_at, last_run_at, deleted_at;
};

extern const struct tp_record tp_bot_record;

#define TP_BOT_PARAMS 64

/* The member `config`: {"exchange":"BINANCE","symbol":"BTCUSDT","interval":"1h","params":{"fast":"10"},
 * "from":TIME,"trade_from":TIME}. */
struct tp_bot_config {
    char                      exchange[TP_EXCHANGE_SIZE];
    char                      symbol[TP_SYMBOL_SIZE];
    const struct tp_interval *interval;
    const char               *params[TP_BOT_PARAMS]; /* "fast=10"; in the arena */
    size_t                    n_params;
    struct tp_time from;       /* open time of the first bar that the strategy sees; none: not started yet */
    struct tp_time trade_from; /* open time of the first bar that it trades on; none: from */
};

/* Texts go into the arena.  -1 with TP_EINPUT naming the member. */
int tp_bot_config_read(struct tp_bot_config *out, const char *text, struct tp_arena *arena, struct tp_err *err);
/* Adds the JSON object. */
void tp_bot_config_print(const struct tp_bot_config *config, struct tp_buf *to);

#endif
