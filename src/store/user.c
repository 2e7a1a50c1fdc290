#include "store/user.h"

#include <string.h>

#include "base/banned.h"
#include "base/text.h"
#include "store/sql.h"

static const struct tp_field fields[] = {
    F_UUID(struct tp_user, id, "UUID version 7"),
    F_TEXT(struct tp_user, email, "address the user is found by", .required = true),
    F_TEXT(struct tp_user, full_name, "name for display"),
    F_TEXT(struct tp_user, timezone, "IANA name of the zone for display"),
    F_TIME(struct tp_user, created_at, "when the user was added"),
    F_TIME(struct tp_user, updated_at, "last change", .wide = true),
    F_TIME(struct tp_user, last_login, "last successful check of the password"),
    F_BOOL(struct tp_user, is_active, "false: no program acts for the user"),
    F_JSON(struct tp_user, preferences, "free-form settings, a JSON object", .wide = true),
    F_TIME(struct tp_user, deleted_at, "when the user was deleted", .wide = true),
    F_TIME(struct tp_user, erased_at, "when everything naming the person was emptied", .wide = true),
    F_STOP,
};

const struct tp_record tp_user_record = {"user", "a person who owns strategies, bots and accounts",
                                         fields, sizeof(struct tp_user)};

int
tp_user_acting(struct tp_db *db, const char *who, struct tp_uuid *out, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    const char  *id;
    char         safe[80];

    if (tp_db_query(db, &SQL_user_find, TP_PARAMS(tp_p_text(who)), &rows, err))
        return -1;
    if (tp_rows_count(rows) == 1) {
        id = tp_rows_text(rows, 0, "id");
        return tp_uuid_parse(id, strlen(id), out, err);
    }
    if (who) {
        tp_fail(err, TP_EMISSING, "there is no active user '%s'",
                tp_text_safe(safe, sizeof safe, who, strlen(who)));
        return tp_hint(err, "'tp-user list' shows them");
    }
    if (tp_rows_count(rows) == 0) {
        tp_fail(err, TP_EUSAGE, "who acts? there is no user yet");
        return tp_hint(err, "'tp-user add EMAIL' makes one, 'tp-db seed' a demo user");
    }
    tp_fail(err, TP_EUSAGE, "who acts? there are several users");
    return tp_hint(err, "give --user EMAIL or set TP_USER; 'tp-user list' shows them");
}

int
tp_user_begin(struct tp_ctx *tp, struct tp_uuid *user)
{
    return tp_ctx_db(tp) || tp_user_acting(tp->db, tp->user, user, &tp->err)
                   || tp_db_begin_as(tp->db, *user, &tp->err)
               ? -1
               : 0;
}

int
tp_user_email_check(const char *text, struct tp_err *err)
{
    size_t      n = strlen(text);
    const char *at = strchr(text, '@');
    char        safe[80];

    if (n < TP_EMAIL_SIZE && tp_text_word(text, n) && at && at > text && at[1] && !strchr(at + 1, '@')
        && strcspn(text, "\"<>,;") == n)
        return 0;
    return tp_fail(err, TP_EUSAGE, "want an e-mail address, not '%s'",
                   tp_text_safe(safe, sizeof safe, text, n));
}

int
tp_user_timezone_check(struct tp_db *db, const char *name, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    char         safe[80];

    if (tp_db_one(db, &SQL_timezone_known, TP_PARAMS(tp_p_text(name)), &rows, err))
        return -1;
    if (tp_rows_int(rows, 0, "n") > 0)
        return 0;
    tp_fail(err, TP_EUSAGE, "there is no time zone '%s'",
            tp_text_safe(safe, sizeof safe, name, strlen(name)));
    return tp_hint(err, "zones have names such as Europe/Madrid or UTC");
}

static int
gone(struct tp_err *err)
{
    return tp_fail(err, TP_EMISSING, "the user is gone");
}

/* An address that is taken has a sentence of its own. */
static int
taken(struct tp_err *err)
{
    if (strcmp(err->sqlstate, "23505") != 0)
        return -1;
    return tp_fail(err, TP_EREFUSED, "a live user has that e-mail address");
}

/* What a statement that gives back the user's row came to. */
static int
written(int got, struct tp_err *err)
{
    return got > 0 ? 0 : got < 0 ? taken(err) : gone(err);
}

int
tp_user_add(struct tp_db *db, const struct tp_user_values *values, const char *hash,
            struct tp_user *out, struct tp_arena *arena, struct tp_err *err)
{
    return written(tp_db_row(db, &SQL_user_add,
                             TP_PARAMS(tp_p_text(values->email), tp_p_text(hash), tp_p_text(values->full_name),
                                       tp_p_text(values->timezone), tp_p_text(values->preferences)),
                             &tp_user_record, out, arena, err),
                   err);
}

int
tp_user_set(struct tp_db *db, struct tp_uuid id, const struct tp_user_values *values,
            struct tp_user *out, struct tp_arena *arena, struct tp_err *err)
{
    return written(tp_db_row(db, &SQL_user_set,
                             TP_PARAMS(tp_p_uuid(id), tp_p_text(values->email), tp_p_text(values->full_name),
                                       tp_p_text(values->timezone), tp_p_text(values->preferences),
                                       tp_p_bool(values->is_active)),
                             &tp_user_record, out, arena, err),
                   err);
}

int
tp_user_list(struct tp_db *db, const char *who, int deleted, struct tp_rows **rows, struct tp_err *err)
{
    return tp_db_query(db, &SQL_user_list, TP_PARAMS(tp_p_text(who), tp_p_bool(deleted)), rows, err);
}

int
tp_user_get(struct tp_db *db, const char *who, int deleted, struct tp_user *out,
            struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    char         safe[80];

    tp_text_safe(safe, sizeof safe, who, strlen(who));
    if (tp_user_list(db, who, deleted, &rows, err))
        return -1;
    if (tp_rows_count(rows) == 0) {
        tp_fail(err, TP_EMISSING, "there is no %suser '%s'", deleted == 1 ? "deleted " : "", safe);
        return tp_hint(err, "'tp-user list%s' shows them", deleted == 1 ? " --deleted" : "");
    }
    if (tp_rows_count(rows) > 1) {
        tp_fail(err, TP_EUSAGE, "several users have or had the address '%s'", safe);
        return tp_hint(err, "name the user by id");
    }
    return tp_rows_next(rows, &tp_user_record, out, arena, err) == 1 ? 0 : -1;
}

int
tp_user_hash_get(struct tp_db *db, struct tp_uuid id, char out[TP_HASH_SIZE], struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    const char  *hash;

    if (tp_db_one(db, &SQL_user_hash_get, TP_PARAMS(tp_p_uuid(id)), &rows, err))
        return -1;
    hash = tp_rows_text(rows, 0, "password_hash");
    if (!tp_text_set(out, TP_HASH_SIZE, hash, strlen(hash)))
        return tp_fail(err, TP_EFAIL, "the stored password hash is too long");
    return 0;
}

static int
touch_one(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params, size_t n,
          struct tp_err *err)
{
    int64_t count = 0;

    if (tp_db_exec(db, stmt, params, n, &count, err))
        return -1;
    return count == 1 ? 0 : gone(err);
}

int
tp_user_hash_set(struct tp_db *db, struct tp_uuid id, const char *hash, struct tp_err *err)
{
    return touch_one(db, &SQL_user_hash_set, TP_PARAMS(tp_p_uuid(id), tp_p_text(hash)), err);
}

int
tp_user_login_stamp(struct tp_db *db, struct tp_uuid id, struct tp_err *err)
{
    return touch_one(db, &SQL_user_login_stamp, TP_PARAMS(tp_p_uuid(id)), err);
}

/* Calls one of the functions of R__user_life.sql; no is the refusal when it answers null or false. */
static int
call(struct tp_db *db, const struct tp_stmt *stmt, struct tp_uuid id, const char *column, const char *no,
     struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    const char  *answer;

    if (tp_db_one(db, stmt, TP_PARAMS(tp_p_uuid(id)), &rows, err))
        return -1;
    answer = tp_rows_text(rows, 0, column);
    if (!answer || strcmp(answer, "f") == 0)
        return tp_fail(err, TP_EREFUSED, "%s", no);
    return 0;
}

int
tp_user_delete(struct tp_db *db, struct tp_uuid id, struct tp_err *err)
{
    return call(db, &SQL_user_delete, id, "deleted_at", "the user is deleted already", err);
}

int
tp_user_restore(struct tp_db *db, struct tp_uuid id, struct tp_err *err)
{
    if (!call(db, &SQL_user_restore, id, "restored", "the user is live, or erased for good", err))
        return 0;
    return taken(err);
}

int
tp_user_erase(struct tp_db *db, struct tp_uuid id, struct tp_err *err)
{
    if (!call(db, &SQL_user_erase, id, "erased", "the user is erased already", err))
        return 0;
    if (strcmp(err->sqlstate, "23001") == 0) /* raised by erase_user alone */
        return tp_fail(err, TP_EREFUSED, "the user is under a legal hold");
    return -1;
}
