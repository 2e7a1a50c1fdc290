/* Migrations against a database: its history, the lock, and running files up and down. */
#ifndef TP_STORE_MIGRATION_H
#define TP_STORE_MIGRATION_H

#include "base/db.h"
#include "migrate/migration.h"

/* The rows of the history; *rows is the caller's (free()).  None when nothing ever ran. */
int tp_migration_history(struct tp_db *db, struct tp_migration_row **rows, size_t *n,
                         struct tp_err *err);

/* Takes the lock, which the connection holds until it ends, polling every 250 ms up to wait_ms.  waiting is told the holder once a second.
 * TP_EBUSY when it is held to the end. */
struct tp_migration_waiting {
    void (*tell)(void *arg, const char *holder);
    void *arg;
};
int tp_migration_lock(struct tp_db *db, int64_t wait_ms, const struct tp_migration_waiting *waiting,
                      struct tp_err *err);

/* Runs one file up: in one transaction together with its history row, or statement by statement with
 * the progress saved after each.  Lock timeouts and deadlocks are tried again, up to 30 times over at
 * most five minutes. */
int tp_migration_up(struct tp_db *db, const struct tp_migration *m, struct tp_err *err);
/* Runs its down file and forgets it. */
int tp_migration_down(struct tp_db *db, const struct tp_migration *m, struct tp_err *err);
/* Runs its verify file in a transaction that is rolled back; a migration without one is fine. */
int tp_migration_verify(struct tp_db *db, const struct tp_migration *m, struct tp_err *err);

#endif
