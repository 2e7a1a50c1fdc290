/* Users: who acts, and the rows of tp.users without their password hashes. */
#ifndef TP_STORE_USER_H
#define TP_STORE_USER_H

#include "base/db.h"
#include "base/prog.h"

#define TP_EMAIL_SIZE 256

/* A user.  The password hash is no field: no record can print it. */
struct tp_user {
    struct tp_uuid id;
    char           email[TP_EMAIL_SIZE];
    char           full_name[256];
    char           timezone[65];
    struct tp_time created_at, updated_at, last_login;
    int8_t         is_active;
    const char    *preferences; /* JSON object in the caller's arena */
    struct tp_time deleted_at, erased_at;
};

extern const struct tp_record tp_user_record;

/* Who acts: who is an e-mail address or an id (--user, TP_USER).  With NULL the only live user acts,
 * or the one that the login is bound to.  TP_EMISSING: nobody of that name is live and active;
 * TP_EUSAGE: who is NULL and there is nobody, or several. */
int tp_user_acting(struct tp_db *db, const char *who, struct tp_uuid *out, struct tp_err *err);

/* Connects and begins a transaction in which the acting user's rows are seen. */
int tp_user_begin(struct tp_ctx *tp, struct tp_uuid *user);

/* TP_EUSAGE unless text looks like an address: one '@' with something on both sides, no blanks. */
int tp_user_email_check(const char *text, struct tp_err *err);
/* TP_EUSAGE unless the server knows the zone. */
int tp_user_timezone_check(struct tp_db *db, const char *name, struct tp_err *err);

/* What a caller gives; NULL leaves the column as it is (add: at its default).  is_active -1: as it is. */
struct tp_user_values {
    const char *email, *full_name, *timezone, *preferences;
    int         is_active;
};

/* All that follows needs tp_service.  An address that a live user has is TP_EREFUSED. */
int tp_user_add(struct tp_db *db, const struct tp_user_values *values, const char *hash,
                struct tp_user *out, struct tp_arena *arena, struct tp_err *err);
int tp_user_set(struct tp_db *db, struct tp_uuid id, const struct tp_user_values *values,
                struct tp_user *out, struct tp_arena *arena, struct tp_err *err);
/* Rows for tp_rows_next with tp_user_record; who NULL: everyone; deleted 0, 1, or -1 for both. */
int tp_user_list(struct tp_db *db, const char *who, int deleted, struct tp_rows **rows, struct tp_err *err);
/* The one user of that address or id; TP_EMISSING for none, TP_EUSAGE for several (deleted ones). */
int tp_user_get(struct tp_db *db, const char *who, int deleted, struct tp_user *out,
                struct tp_arena *arena, struct tp_err *err);

#define TP_HASH_SIZE 256
/* The stored hash; the caller wipes it. */
int tp_user_hash_get(struct tp_db *db, struct tp_uuid id, char out[TP_HASH_SIZE], struct tp_err *err);
int tp_user_hash_set(struct tp_db *db, struct tp_uuid id, const char *hash, struct tp_err *err);
int tp_user_login_stamp(struct tp_db *db, struct tp_uuid id, struct tp_err *err);

/* Soft delete with children, its undoing, and erasure of everything that names the person.
 * TP_EREFUSED when the state does not allow it (address taken again, legal hold, erased before). */
int tp_user_delete(struct tp_db *db, struct tp_uuid id, struct tp_err *err);
int tp_user_restore(struct tp_db *db, struct tp_uuid id, struct tp_err *err);
int tp_user_erase(struct tp_db *db, struct tp_uuid id, struct tp_err *err);

#endif
