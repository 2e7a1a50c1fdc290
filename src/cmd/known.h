/* Accounts and instruments that were looked up in this transaction, so that a hundred orders of one account
 * ask once. */
#ifndef TP_CMD_KNOWN_H
#define TP_CMD_KNOWN_H

#include "base/db.h"
#include "base/prog.h"
#include "market/symbol.h"
#include "trade/account.h"
#include "trade/order.h"

struct tp_known_account {
    char              exchange[TP_EXCHANGE_SIZE], name[TP_NAME_SIZE]; /* what it was asked for by */
    struct tp_account account;
    int64_t           leverage; /* of its orders that say none */
    char              bot_symbol[TP_SYMBOL_SIZE]; /* the one instrument that its bot trades; "": it has no bot */
};

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
const struct tp_known_account *tp_known_account(struct tp_known *k, const char *exchange, const char *name,
                                                struct tp_arena *arena, struct tp_err *err);
/* The same by id. */
const struct tp_known_account *tp_known_account_id(struct tp_known *k, struct tp_uuid id, struct tp_arena *arena,
                                                   struct tp_err *err);
/* What a line of stdin and the options beside it say of where something is to happen; "" and NULL: nothing. */
struct tp_known_line {
    const char    *what; /* the line is: order, signal; for messages */
    const char    *environment, *exchange, *account;
    struct tp_uuid account_id;
    const char    *option_exchange, *option_account;
};
/* The account that is meant: the line comes before the options.  NULL also (TP_EREFUSED) when the line is of
 * another environment. */
const struct tp_known_account *tp_known_named(struct tp_known *k, const struct tp_known_line *line, struct tp_arena *arena,
                                              struct tp_err *err);
/* An instrument that the line leaves out is that of the option; TP_EINPUT when neither names one. */
int tp_known_symbol_name(char symbol[TP_SYMBOL_SIZE], const char *what, const char *option, struct tp_err *err);
/* What --account of a list names (NULL: nothing, and *id is nil), at that venue (NULL: any). */
int tp_known_filter(struct tp_ctx *tp, struct tp_uuid user, const char *environment, const char *exchange,
                    const char *name, struct tp_uuid *id);
/* NULL with TP_EMISSING when there is no such instrument; valid until the next call. */
const struct tp_symbol *tp_known_symbol(struct tp_known *k, const char *exchange, const char *symbol,
                                        struct tp_arena *arena, struct tp_err *err);
/* TP_EREFUSED when the account belongs to a bot and the order is not one that takes from its position: the desk of
 * a bot knows one instrument, and its strategy alone opens positions. */
int tp_known_takes(const struct tp_known_account *a, const struct tp_order *o, struct tp_err *err);
/* When something asked of an account happens: as it says (none: now), but on paper never before the candles that
 * the account has met already; TP_EREFUSED when it says so. */
int tp_known_time(const struct tp_known_account *a, struct tp_time *at, struct tp_err *err);

#endif
