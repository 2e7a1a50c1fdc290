/* Accounts and their ledger in the database.  Every call names the user whose accounts it sees. */
#ifndef TP_STORE_ACCOUNT_H
#define TP_STORE_ACCOUNT_H

#include "base/db.h"
#include "trade/account.h"

/* NULL matches everything. */
struct tp_account_filter {
    const char *which; /* id or name */
    const char *exchange, *environment;
};

/* Rows for tp_rows_next with tp_account_record, oldest first. */
int tp_account_list(struct tp_db *db, struct tp_uuid user, const struct tp_account_filter *filter,
                    struct tp_rows **rows, struct tp_err *err);
/* The one account that the filter names.  which NULL: the only one there is of that venue and environment;
 * TP_EUSAGE when there is none or there are several.  TP_EMISSING: none of that id or name. */
int tp_account_find(struct tp_db *db, struct tp_uuid user, const struct tp_account_filter *filter,
                    struct tp_account *out, struct tp_arena *arena, struct tp_err *err);

/* Opens a (exchange, environment, currency, name, position_mode, initial_balance, settings, created_at of
 * user_id; the id is given here), with its first deposit.  TP_EREFUSED when the name is taken or the venue has
 * no such environment. */
int tp_account_add(struct tp_db *db, struct tp_account *a, struct tp_err *err);

/* Books the entries; one whose id is booked already is left out.  *count: how many were new. */
int tp_ledger_insert(struct tp_db *db, const struct tp_ledger_entry *entries, size_t n, int64_t *count,
                     struct tp_err *err);
/* At most limit entries behind `after` (NULL: from the first on), oldest first. */
int tp_ledger_list(struct tp_db *db, const struct tp_account *a, const struct tp_ledger_entry *after,
                   int64_t limit, struct tp_rows **rows, struct tp_err *err);
/* The entry of that id: 1, 0 when the account has none, -1. */
int tp_ledger_get(struct tp_db *db, const struct tp_account *a, struct tp_uuid id, struct tp_ledger_entry *out,
                  struct tp_err *err);
/* The id that a movement of an account always has, however often it is booked: made of the account's id and
 * the text. */
struct tp_uuid tp_ledger_id(const struct tp_account *a, const char *text);

#endif
