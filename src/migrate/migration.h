/* A set of migration files: their names, order, hashes and options; what is to be done with them. */
#ifndef TP_MIGRATE_MIGRATION_H
#define TP_MIGRATE_MIGRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/embed.h"
#include "base/record.h"

#define TP_MIGRATION_HASH 68 /* "h1:" and 64 hexadecimal digits */

/* One migration: NNNN_name.up.sql or the repeatable R__name.sql, with its .down.sql and .verify.sql. */
struct tp_migration {
    char        name[121]; /* without suffixes: "0001_users", "R__views" */
    int64_t     version;   /* 1 to 9999; 0: repeatable */
    const char *up, *down, *verify; /* texts in the set's arena; NULL: no such file */
    char        hash[TP_MIGRATION_HASH]; /* of up, without byte order mark and carriage returns */
    bool        transaction; /* false: statement by statement */
    bool        irreversible;
    bool        embedded; /* part of the program: every name in it has its schema */
    int64_t     lock_timeout_ms; /* of its header, or -1 */
};

struct tp_migrations {
    struct tp_migration *at; /* by version, repeatables behind, by name */
    size_t               n;
    struct tp_arena      arena;
};

/* Adds a file of this name; other names than those above are TP_EINPUT (names that do not end in .sql
 * are passed over). */
int tp_migrations_add(struct tp_migrations *set, const char *file, const char *text, size_t n,
                      struct tp_err *err);
/* After the last file: sorts; a missing up file or a version twice is TP_EINPUT. */
int  tp_migrations_end(struct tp_migrations *set, struct tp_err *err);
int  tp_migrations_embedded(struct tp_migrations *set, struct tp_err *err);
void tp_migrations_free(struct tp_migrations *set);

/* A row of the history. */
struct tp_migration_row {
    char           name[121];
    int64_t        version; /* none for repeatables */
    char           hash[TP_MIGRATION_HASH];
    char           state[12]; /* applied, partial, baseline */
    struct tp_time applied_at;
    char           applied_by[129];
    char           tool_version[33];
    int64_t        duration_ms;
    int64_t        statements_total, statements_done;
};

extern const struct tp_record tp_migration_record;

/* What stands between the files and the history. */
enum tp_migration_status {
    TP_MIGRATION_APPLIED,
    TP_MIGRATION_PENDING,
    TP_MIGRATION_EDITED,  /* applied, and its file has changed since */
    TP_MIGRATION_CHANGED, /* a repeatable with a new text: pending again */
    TP_MIGRATION_PARTIAL, /* not in one transaction, and stopped half way */
    TP_MIGRATION_MISSING, /* applied, and there is no such file */
    TP_MIGRATION_GAP      /* pending, but a later version is applied */
};

extern const char *const tp_migration_statuses[];

/* A line of `status`. */
struct tp_migration_line {
    char                       name[121];
    char                       status[9];
    struct tp_time             applied_at;
    char                       applied_by[129];
    int64_t                    duration_ms;
    const struct tp_migration *file; /* NULL for MISSING */
    enum tp_migration_status   is;
};

extern const struct tp_record tp_migration_line_record;

/* Compares; *lines (owned by the caller, free()) has every file in order and then what is missing. */
void tp_migrations_compare(const struct tp_migrations *set, const struct tp_migration_row *rows,
                           size_t n_rows, struct tp_migration_line **lines, size_t *n_lines);

#endif
