#include "cmd/account_sync.h"

#include "base/banned.h"
#include "store/job.h"

struct job {
    struct tp_ctx             *tp;
    const struct tp_sync_opts *opts;
    struct tp_sync_done       *done;
};

static int
work(void *to, struct tp_err *err)
{
    struct job *j = to;

    return tp_sync_account(j->tp->db, j->opts, j->done, err);
}

int
tp_account_sync(struct tp_ctx *tp, const struct tp_sync_opts *opts, struct tp_sync_done *done)
{
    struct job job = {tp, opts, done};
    char       name[64] = "sync ";

    tp_uuid_print(name + 5, opts->account.id);
    return tp_job_run(tp->db, opts->user, name, work, &job, &tp->err);
}
