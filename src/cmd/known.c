#include "cmd/known.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "store/account.h"
#include "store/symbol.h"

/* What an account was asked for by, and what was found. */
struct tp_known_account {
    char              exchange[TP_EXCHANGE_SIZE], name[TP_NAME_SIZE];
    struct tp_account account;
};

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

const struct tp_account *
tp_known_account(struct tp_known *k, const char *exchange, const char *name, struct tp_arena *arena,
                 struct tp_err *err)
{
    struct tp_account_filter filter = {.which = name[0] ? name : NULL, .exchange = exchange[0] ? exchange : NULL,
                                       .environment = k->environment};
    struct tp_known_account *a;

    for (size_t i = 0; i < k->n_accounts; i++)
        if (strcmp(k->accounts[i].exchange, exchange) == 0 && strcmp(k->accounts[i].name, name) == 0)
            return &k->accounts[i].account;
    k->accounts = grown(k->accounts, k->n_accounts, &k->accounts_room, sizeof *k->accounts);
    a = &k->accounts[k->n_accounts];
    if (!tp_text_set(a->exchange, sizeof a->exchange, exchange, strlen(exchange))
        || !tp_text_set(a->name, sizeof a->name, name, strlen(name))) {
        tp_fail(err, TP_EMISSING, "account: no venue and no account has so long a name");
        return NULL;
    }
    if (tp_account_find(k->db, k->user, &filter, &a->account, arena, err))
        return NULL;
    k->n_accounts++;
    return &a->account;
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
