/* Jobs of cron: one copy at a time, and when each last succeeded. */
#ifndef TP_STORE_JOB_H
#define TP_STORE_JOB_H

#include "base/db.h"

/* A job that this program holds. */
struct tp_job {
    struct tp_db  *db;
    struct tp_uuid user; /* nil: the platform's */
    char           name[256];
};

/* Takes the job's lock, which goes with the connection at the latest, and notes the start.  Outside of a
 * transaction.  TP_EBUSY when another copy holds it. */
int tp_job_begin(struct tp_job *job, struct tp_db *db, struct tp_uuid user, const char *name, struct tp_err *err);
/* Notes how it ended (TP_OK: a success; message may be NULL) and lets the lock go. */
int tp_job_end(struct tp_job *job, enum tp_code code, const char *message, struct tp_err *err);
/* Begins the job, does the work, ends the job with what came of it; a transaction that failing work leaves open
 * is rolled back. */
int tp_job_run(struct tp_db *db, struct tp_uuid user, const char *name, int (*work)(void *to, struct tp_err *err),
               void *to, struct tp_err *err);

#endif
