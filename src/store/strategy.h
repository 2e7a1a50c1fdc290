/* Strategies in the database, and the one rule of what a strategy's name on a command line means. */
#ifndef TP_STORE_STRATEGY_H
#define TP_STORE_STRATEGY_H

#include "base/db.h"
#include "base/prog.h"

#define TP_STRATEGY_NAME_SIZE 256
#define TP_STRATEGY_DOCUMENT_MAX (256 * 1024) /* bytes of a document */

/* A row of tp.strategies. */
struct tp_strategy_row {
    struct tp_uuid id, user_id;
    char           name[TP_STRATEGY_NAME_SIZE];
    char           version[33];
    char           type[11]; /* technical, ml, hybrid, arbitrage */
    int8_t         is_public;
    const char    *description;
    char           content_sha256[65];
    const char    *parameters, *backtest_summary; /* JSON objects in the caller's arena */
    struct tp_time created_at, updated_at, deleted_at;
};

extern const struct tp_record tp_strategy_record;
extern const char *const      tp_strategy_types[]; /* NULL-ended */

/* What a command line calls a strategy, found and read. */
struct tp_strategy_source {
    char        name[TP_STRATEGY_NAME_SIZE]; /* "builtin:NAME", NAME, or a file's name without folder and suffix */
    const char *text; /* the document in the context's arena, ended by a zero byte */
    size_t      n;
    struct tp_uuid id; /* of the stored row; none for built-ins, programs and files */
    bool        foreign; /* another user has published it */
};

/* Reads what `which` names: builtin:NAME; exec:PROGRAM [ARGUMENT...], a document with that process, in which words
 * that name files become whole paths; a file when it holds a '/' or ends in .yaml, .yml or .json; else
 * a stored strategy of the acting user or a public one, NAME, NAME@VERSION (newest without) or its id.
 * Connects only for the last.  TP_EMISSING when there is none. */
int tp_strategy_load(struct tp_ctx *tp, const char *which, struct tp_strategy_source *out);

/* TP_EUSAGE for a name that tp_strategy_load would take for something else. */
int tp_strategy_name_check(const char *name, struct tp_err *err);
/* TP_EUSAGE unless it is a semantic version that fits the row. */
int tp_strategy_version_check(const char *version, struct tp_err *err);

/* All that follows runs inside a transaction of the acting user. */

/* The strategy that `which` names (as above, stored ones alone); deleted: among the user's deleted ones. */
int tp_strategy_find(struct tp_db *db, struct tp_uuid user, const char *which, bool deleted,
                     struct tp_strategy_row *out, struct tp_arena *arena, struct tp_err *err);

/* Adds row (user_id, name, version, type, description, parameters, content_sha256) and fills the rest: 1.
 * The same name and version with the same content: 0, and row is the stored one.  With another content:
 * TP_EREFUSED. */
int tp_strategy_add(struct tp_db *db, struct tp_strategy_row *row, struct tp_arena *arena, struct tp_err *err);

/* The id of the user's strategy with that content, stored now when there is none (name, parameters,
 * content_sha256 of row; the version is 1.0.0+ and eight digits of the hash). */
int tp_strategy_keep(struct tp_db *db, struct tp_strategy_row *row, struct tp_err *err);

struct tp_strategy_filter {
    const char *name, *type; /* NULL: any */
    bool        deleted;     /* the deleted ones instead */
    int64_t     limit;
};
/* Rows for tp_rows_next with tp_strategy_record, by name, newest version first; public ones of other
 * users are among them. */
int tp_strategy_list(struct tp_db *db, const struct tp_strategy_filter *filter, struct tp_rows **rows,
                     struct tp_err *err);

/* Lets every user read and use it, with the figures of that backtest (none: of the newest one, if any);
 * on false: takes it back. */
int tp_strategy_publish(struct tp_db *db, struct tp_uuid id, bool on, struct tp_uuid backtest,
                        struct tp_err *err);
/* TP_EREFUSED while a live bot uses it. */
int tp_strategy_delete(struct tp_db *db, struct tp_uuid id, struct tp_err *err);
/* TP_EREFUSED when its name and version were taken again. */
int tp_strategy_restore(struct tp_db *db, struct tp_uuid id, struct tp_err *err);

#endif
