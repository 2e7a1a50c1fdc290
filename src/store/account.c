#include "store/account.h"

#include <string.h>

#include "base/banned.h"
#include "base/crypt.h"
#include "store/sql.h"

int
tp_account_list(struct tp_db *db, struct tp_uuid user, const struct tp_account_filter *filter,
                struct tp_rows **rows, struct tp_err *err)
{
    return tp_db_query(db, &SQL_account_list,
                       TP_PARAMS(tp_p_uuid(user), tp_p_text(filter->which), tp_p_text(filter->exchange),
                                 tp_p_text(filter->environment)),
                       rows, err);
}

/* What the filter asks for, for a message. */
static const char *
wanted(const struct tp_account_filter *f, char *out, size_t size)
{
    const char *environment = f->environment ? f->environment : "";

    snprintf(out, size, "%s%saccount%s%s", environment, *environment ? " " : "", f->exchange ? " at " : "",
             f->exchange ? f->exchange : "");
    return tp_text_safe(out, size, out, strlen(out));
}

int
tp_account_find(struct tp_db *db, struct tp_uuid user, const struct tp_account_filter *filter,
                struct tp_account *out, struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    char         what[80], safe[80];

    if (tp_account_list(db, user, filter, &rows, err))
        return -1;
    wanted(filter, what, sizeof what);
    if (tp_rows_count(rows) == 1)
        return tp_rows_next(rows, &tp_account_record, out, arena, err) == 1 ? 0 : -1;
    if (filter->which) {
        tp_fail(err, TP_EMISSING, "there is no %s '%s'", what,
                tp_text_safe(safe, sizeof safe, filter->which, strlen(filter->which)));
        return tp_hint(err, "'tp-user account list' shows them");
    }
    if (tp_rows_count(rows) == 0) {
        tp_fail(err, TP_EUSAGE, "there is no %s yet", what);
        return tp_hint(err, "'tp-user account add' opens one");
    }
    tp_fail(err, TP_EUSAGE, "which %s? there are several", what);
    return tp_hint(err, "give --account; 'tp-user account list' shows them");
}

struct tp_uuid
tp_ledger_id(const struct tp_account *a, const char *text)
{
    struct tp_sha256 h;
    uint8_t          digest[TP_SHA256_SIZE];

    tp_sha256_init(&h);
    tp_sha256_add(&h, a->id.b, sizeof a->id.b);
    tp_sha256_add(&h, text, strlen(text));
    tp_sha256_end(&h, digest);
    return tp_uuid_v7(a->created_at, digest);
}

int
tp_account_add(struct tp_db *db, struct tp_account *a, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_uuid_new(a->created_at, &a->id, err))
        return -1;
    if (tp_db_query(db, &SQL_account_add,
                    TP_PARAMS(tp_p_uuid(a->id), tp_p_uuid(a->user_id), tp_p_text(a->exchange),
                              tp_p_text(a->environment), tp_p_text(a->currency),
                              tp_p_text(a->name[0] ? a->name : NULL), tp_p_text(a->position_mode),
                              tp_p_dec(a->initial_balance), tp_p_text(a->settings), tp_p_time(a->created_at),
                              tp_p_uuid(tp_ledger_id(a, "initial"))),
                    &rows, err)) {
        if (strcmp(err->sqlstate, "23505") == 0)
            return tp_fail(err, TP_EREFUSED, "an account has that name already");
        if (strcmp(err->sqlstate, "23503") == 0)
            return tp_fail(err, TP_EREFUSED, "%s has no %s accounts: it is %s", a->exchange, a->environment,
                           strcmp(a->environment, "TESTNET") == 0 ? "no test venue" : "a test venue");
        return -1;
    }
    if (tp_rows_count(rows) == 1)
        return 0;
    tp_fail(err, TP_EMISSING, "there is no exchange '%s'", a->exchange);
    return tp_hint(err, "'tp-symbol exchange list' shows them");
}

/* ---- the ledger ---------------------------------------------------------------------------------- */

int
tp_ledger_insert(struct tp_db *db, const struct tp_ledger_entry *entries, size_t n, int64_t *count,
                 struct tp_err *err)
{
    TP_AUTO_BUF list = {0};

    for (size_t i = 0; i < n; i++) {
        tp_buf_char(&list, i ? ',' : '[');
        tp_record_json(&tp_ledger_entry_record, &entries[i], &list);
    }
    tp_buf_char(&list, ']');
    return tp_db_exec(db, &SQL_ledger_insert, TP_PARAMS(tp_p_text(list.at)), count, err);
}

static int
query_ledger(struct tp_db *db, const struct tp_account *a, struct tp_uuid id,
             const struct tp_ledger_entry *after, int64_t limit, struct tp_rows **rows, struct tp_err *err)
{
    return tp_db_query(db, &SQL_ledger_list,
                       TP_PARAMS(tp_p_uuid(a->user_id), tp_p_uuid(a->id), tp_p_uuid(id),
                                 tp_p_time(after ? after->at : TP_TIME_NONE),
                                 tp_p_uuid(after ? after->id : (struct tp_uuid){{0}}), tp_p_int(limit)),
                       rows, err);
}

int
tp_ledger_list(struct tp_db *db, const struct tp_account *a, const struct tp_ledger_entry *after,
               int64_t limit, struct tp_rows **rows, struct tp_err *err)
{
    return query_ledger(db, a, (struct tp_uuid){{0}}, after, limit, rows, err);
}

int
tp_ledger_get(struct tp_db *db, const struct tp_account *a, struct tp_uuid id, struct tp_ledger_entry *out,
              struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    return query_ledger(db, a, id, NULL, 1, &rows, err)
               ? -1
               : tp_rows_next(rows, &tp_ledger_entry_record, out, NULL, err);
}
