#include "store/job.h"

#include <string.h>
#include <unistd.h>

#include "base/banned.h"
#include "store/sql.h"

static int
note(struct tp_job *job, const struct tp_stmt *stmt, const struct tp_param *params, size_t n, struct tp_err *err)
{
    return tp_db_begin_as(job->db, job->user, err) || tp_db_exec(job->db, stmt, params, n, NULL, err)
                   || tp_db_commit(job->db, err)
               ? -1
               : 0;
}

int
tp_job_begin(struct tp_job *job, struct tp_db *db, struct tp_uuid user, const char *name, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    char         host[256] = "";

    job->db = db;
    job->user = user;
    tp_text_set(job->name, sizeof job->name, name, strlen(name));
    if (tp_db_one(db, &SQL_job_lock, TP_PARAMS(tp_p_uuid(user), tp_p_text(job->name)), &rows, err))
        return -1;
    if (strcmp(tp_rows_text(rows, 0, "locked"), "t") != 0)
        return tp_fail(err, TP_EBUSY, "another copy holds the job '%s'", job->name);
    gethostname(host, sizeof host - 1);
    return note(job, &SQL_job_begin,
                TP_PARAMS(tp_p_uuid(user), tp_p_text(job->name), tp_p_text(host), tp_p_int(getpid())), err);
}

int
tp_job_end(struct tp_job *job, enum tp_code code, const char *message, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    return note(job, &SQL_job_end,
                TP_PARAMS(tp_p_uuid(job->user), tp_p_text(job->name), tp_p_int(code), tp_p_text(message)), err)
                   || tp_db_one(job->db, &SQL_job_unlock, TP_PARAMS(tp_p_uuid(job->user), tp_p_text(job->name)),
                                &rows, err)
               ? -1
               : 0;
}

int
tp_job_run(struct tp_db *db, struct tp_uuid user, const char *name, int (*work)(void *to, struct tp_err *err),
           void *to, struct tp_err *err)
{
    struct tp_job job;
    struct tp_err ignored = TP_ERR_INIT;
    int           rc;

    if (tp_job_begin(&job, db, user, name, err))
        return -1;
    rc = work(to, err);
    if (rc && tp_db_in_transaction(db))
        tp_db_rollback(db, &ignored);
    if (tp_job_end(&job, rc ? err->code : TP_OK, rc ? err->msg : NULL, rc ? &ignored : err))
        rc = -1;
    return rc;
}
