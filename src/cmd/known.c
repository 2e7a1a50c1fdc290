#include "cmd/known.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "store/account.h"
#include "store/bot.h"
#include "store/symbol.h"
#include "trade/knobs.h"

void
tp_known_begin(struct tp_known *k, struct tp_db *db, struct tp_uuid user, const char *environment)
{
    k->db = db;
    k->user = user;
    k->environment = environment;
    k->n_accounts = k->n_symbols = 0;
}

void
tp_known_free(struct tp_known *k)
{
    free(k->accounts);
    free(k->symbols);
    *k = (struct tp_known){0};
}

/* A list that has room for one more. */
static void *
grown(void *list, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return list;
    *room = *room ? 2 * *room : 4;
    return tp_realloc(list, *room * size);
}

/* What goes with the account. */
static int
read_more(struct tp_known *k, struct tp_known_account *a, struct tp_arena *arena, struct tp_err *err)
{
    char                 id[TP_UUID_TEXT];
    struct tp_bot_config config;
    struct tp_knobs      knobs;
    struct tp_bot        bot;

    if (tp_knobs_read(&knobs, a->account.settings, err))
        return tp_where(err, "account");
    a->leverage = knobs.leverage;
    a->bot_symbol[0] = '\0';
    if (!tp_uuid_print(id, a->account.bot_id))
        return 0;
    if ((tp_bot_get(k->db, id, false, &bot, arena, err) && tp_bot_get(k->db, id, true, &bot, arena, err))
        || tp_bot_config_read(&config, bot.config, arena, err))
        return -1;
    memcpy(a->bot_symbol, config.symbol, sizeof a->bot_symbol);
    return 0;
}

const struct tp_known_account *
tp_known_account(struct tp_known *k, const char *exchange, const char *name, struct tp_arena *arena,
                 struct tp_err *err)
{
    struct tp_account_filter filter = {.which = name[0] ? name : NULL, .exchange = exchange[0] ? exchange : NULL,
                                       .environment = k->environment};
    struct tp_known_account *a;

    for (size_t i = 0; i < k->n_accounts; i++)
        if (strcmp(k->accounts[i].exchange, exchange) == 0 && strcmp(k->accounts[i].name, name) == 0)
            return &k->accounts[i];
    k->accounts = grown(k->accounts, k->n_accounts, &k->accounts_room, sizeof *k->accounts);
    a = &k->accounts[k->n_accounts];
    if (!tp_text_set(a->exchange, sizeof a->exchange, exchange, strlen(exchange))
        || !tp_text_set(a->name, sizeof a->name, name, strlen(name))) {
        tp_fail(err, TP_EMISSING, "account: no venue and no account has so long a name");
        return NULL;
    }
    if (tp_account_find(k->db, k->user, &filter, &a->account, arena, err) || read_more(k, a, arena, err))
        return NULL;
    k->n_accounts++;
    return a;
}

const struct tp_known_account *
tp_known_account_id(struct tp_known *k, struct tp_uuid id, struct tp_arena *arena, struct tp_err *err)
{
    char text[TP_UUID_TEXT];

    tp_uuid_print(text, id);
    return tp_known_account(k, "", text, arena, err);
}

const struct tp_known_account *
tp_known_named(struct tp_known *k, const struct tp_known_line *line, struct tp_arena *arena, struct tp_err *err)
{
    char        id[TP_UUID_TEXT];
    const char *name = line->account, *exchange = line->exchange;

    if (line->environment[0] && strcmp(line->environment, k->environment) != 0) {
        tp_fail(err, TP_EREFUSED, "environment: the %s is of %s, the command of %s", line->what, line->environment,
                k->environment);
        return NULL;
    }
    if (!name[0] && tp_uuid_print(id, line->account_id))
        name = id;
    if (!name[0] && line->option_account)
        name = line->option_account;
    if (!exchange[0] && line->option_exchange)
        exchange = line->option_exchange;
    return tp_known_account(k, exchange, name, arena, err);
}

int
tp_known_symbol_name(char symbol[TP_SYMBOL_SIZE], const char *what, const char *option, struct tp_err *err)
{
    if (!symbol[0] && option && !tp_text_set(symbol, TP_SYMBOL_SIZE, option, strlen(option)))
        return tp_fail(err, TP_EINPUT, "symbol: the name is too long");
    return symbol[0] ? 0 : tp_fail(err, TP_EINPUT, "symbol: the %s needs it", what);
}

int
tp_known_filter(struct tp_ctx *tp, struct tp_uuid user, const char *environment, const char *exchange,
                const char *name, struct tp_uuid *id)
{
    struct tp_account_filter filter = {.which = name, .exchange = exchange, .environment = environment};
    struct tp_account        account;

    *id = (struct tp_uuid){{0}};
    if (!name)
        return 0;
    if (tp_account_find(tp->db, user, &filter, &account, &tp->arena, &tp->err))
        return -1;
    *id = account.id;
    return 0;
}

int
tp_known_takes(const struct tp_known_account *account, const struct tp_order *o, struct tp_err *err)
{
    if (!account->bot_symbol[0])
        return 0;
    if (!o->reduce_only)
        return tp_fail(err, TP_EREFUSED, "account: it belongs to a bot, which alone opens positions there");
    if (strcmp(account->bot_symbol, o->symbol) != 0)
        return tp_fail(err, TP_EREFUSED, "symbol: the account belongs to a bot that trades %s and nothing else",
                       account->bot_symbol);
    return 0;
}

int
tp_known_time(const struct tp_known_account *a, struct tp_time *at, struct tp_err *err)
{
    struct tp_time cursor = a->account.cursor;
    char           text[2][TP_TIME_TEXT];

    if (tp_time_none(*at)) {
        *at = tp_time_now();
        if (!tp_time_none(cursor) && at->us < cursor.us)
            *at = cursor;
    } else if (!tp_time_none(cursor) && at->us < cursor.us) {
        tp_time_print(text[0], *at);
        tp_time_print(text[1], cursor);
        return tp_fail(err, TP_EREFUSED, "created_at: %s is over for the account, whose candles have come to %s",
                       text[0], text[1]);
    }
    return at->us < 0 ? tp_fail(err, TP_EINPUT, "created_at: want a time after 1970") : 0;
}

const struct tp_symbol *
tp_known_symbol(struct tp_known *k, const char *exchange, const char *symbol, struct tp_arena *arena,
                struct tp_err *err)
{
    struct tp_symbol *s;

    for (size_t i = 0; i < k->n_symbols; i++)
        if (strcmp(k->symbols[i].symbol, symbol) == 0 && strcmp(k->symbols[i].exchange, exchange) == 0)
            return &k->symbols[i];
    k->symbols = grown(k->symbols, k->n_symbols, &k->symbols_room, sizeof *k->symbols);
    s = &k->symbols[k->n_symbols];
    if (tp_symbol_get(k->db, exchange, symbol, s, arena, err))
        return NULL;
    k->n_symbols++;
    return s;
}
