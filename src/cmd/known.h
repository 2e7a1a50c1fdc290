/* Accounts and instruments that were looked up in this transaction, so that a hundred orders of one account
 * ask once. */
#ifndef TP_CMD_KNOWN_H
#define TP_CMD_KNOWN_H

#include "base/db.h"
#include "market/symbol.h"
#include "trade/account.h"

struct tp_known {
    struct tp_db              *db;
    struct tp_uuid             user;
    const char                *environment;
    struct tp_known_account   *accounts;
    struct tp_symbol          *symbols;
    size_t                     n_accounts, n_symbols, accounts_room, symbols_room;
};

/* Nothing is known: what others change is seen from here on. */
void tp_known_begin(struct tp_known *k, struct tp_db *db, struct tp_uuid user, const char *environment);
void tp_known_free(struct tp_known *k);
/* By name or id and venue; "" of either: the only one that there is.  NULL when there is none (or, for "",
 * several); valid until the next call. */
const struct tp_account *tp_known_account(struct tp_known *k, const char *exchange, const char *name,
                                          struct tp_arena *arena, struct tp_err *err);
/* NULL with TP_EMISSING when there is no such instrument; valid until the next call. */
const struct tp_symbol *tp_known_symbol(struct tp_known *k, const char *exchange, const char *symbol,
                                        struct tp_arena *arena, struct tp_err *err);

#endif
