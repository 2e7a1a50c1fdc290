/* tp-event run: a program for each event or batch, whose exit status is the acknowledgement, or one that stays and
 * answers each event. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "cmd/event_run.h"

#include "base/banned.h"

const size_t tp_event_run_size = sizeof(struct tp_run_args);

static const char *const pers[] = {"event", "batch", "stream", NULL};

const struct tp_opt tp_event_run_opts[] = {
    OPT_TEXT(struct tp_run_args, exec, 0, "exec", "PROGRAM", "what to run; its arguments stand behind --"),
    OPT_FLAG(struct tp_run_args, shell, 0, "shell", "PROGRAM is a command line for sh -c"),
    OPT_ENUM(struct tp_run_args, per, 0, "per", pers, "one run for each event, one for the lines of a batch, or one that answers",
             .fallback = "event"),
    OPT_INT(struct tp_run_args, jobs, 'j', "jobs", "N", 1, TP_JOBS_MAX, "so many at a time", .fallback = "1"),
    OPT_INT(struct tp_run_args, batch, 'n', "batch", "N", 1, 10000, "events in a batch", .fallback = "100"),
    OPT_TEXT(struct tp_run_args, type, 't', "type", "PATTERN", "only events of such types: 'order.*'"),
    OPT_INT(struct tp_run_args, lease, 0, "lease", "SECONDS", 3, 86400,
            "nobody else gets an event for so long; prolonged while it is worked on", .fallback = "60"),
    OPT_INT(struct tp_run_args, deadline, 0, "deadline", "SECONDS", 0, 86400,
            "a run, or an answer, that takes longer is ended and has failed; 0: none", .fallback = "300"),
    OPT_LIST(struct tp_run_args, env, 0, "env", "NAME[=VALUE]", "let the program see this variable as well"),
    OPT_TEXT(struct tp_run_args, consumer, 0, "consumer", "NAME", "record that NAME has handled them, pass over what it has"),
    OPT_ENUM(struct tp_run_args, on_dead, 0, "on-dead", tp_event_on_dead,
             "whether a dead event holds its key; rule: those of order events do", .fallback = "rule"),
    OPT_FLAG(struct tp_run_args, once, 0, "once", "claim one batch, work on it, end"),
    OPT_FLAG(struct tp_run_args, until_empty, 0, "until-empty", "end when nothing is ready"),
    OPT_INT(struct tp_run_args, poll, 0, "poll", "SECONDS", 1, 3600, "look at least so often", .fallback = "1"),
    OPT_INT(struct tp_run_args, reconnect, 0, "reconnect", "SECONDS", 0, 86400, "wait so long for a lost server",
            .fallback = "300"),
    OPT_STOP,
};

/* ---- the queue -------------------------------------------------------------------------------------- */

static int
take_events(struct tp_event_run *r, struct tp_turn *turn)
{
    struct tp_event e;
    int             got;

    for (;;) {
        TP_AUTO_ARENA texts = {0};
        struct tp_task  *t;

        got = tp_event_next(turn, &e, &texts, &r->tp->err);
        if (got <= 0)
            return got;
        if (e.status[0] == 'F') {
            tp_warn(r->tp, "event %lld is dead: %s", (long long)e.id, e.last_error);
            continue;
        }
        t = tp_task_of(&e);
        if (e.seen > 0) {
            tp_task_done(r, t);
            r->n_done--;
            r->n_seen++;
            tp_task_free(t);
            continue;
        }
        *r->tail = t;
        r->tail = &t->next;
        r->n_waiting++;
    }
}

static void
forget_failures(struct tp_event_run *r)
{
    while (r->n_failures)
        free(r->why[--r->n_failures]);
}

static int
tell_failures(struct tp_event_run *r)
{
    TP_AUTO_ROWS rows = NULL;

    if (r->n_failures == 0)
        return 0;
    for (size_t i = 0; i < r->n_failures; i++)
        r->failures[i].error = r->why[i];
    if (tp_event_fail(r->tp->db, &r->worker, r->failures, r->n_failures, &rows, &r->tp->err))
        return -1;
    r->n_lost += (int64_t)(r->n_failures - tp_rows_count(rows));
    for (size_t i = 0; i < tp_rows_count(rows); i++)
        if (tp_rows_text(rows, i, "status")[0] == 'F')
            tp_warn(r->tp, "event %s is dead: its last attempt failed", tp_rows_text(rows, i, "id"));
    forget_failures(r);
    return 0;
}

/* How many more events there is work for: one batch ahead of what runs. */
static int64_t
room(const struct tp_event_run *r)
{
    int64_t most = r->args->per[0] == 'e' ? r->args->batch : (r->args->jobs + 1) * r->args->batch;

    if (most < r->args->jobs)
        most = r->args->jobs;
    if (r->stop_ms || r->last)
        return 0;
    return most - (int64_t)(r->n_waiting + r->n_running);
}

/* One round trip: what was done is told, what comes next is claimed; meanwhile programs are started on what waits. */
static int
turn(struct tp_event_run *r)
{
    struct tp_turn got;
    struct tp_err  err;
    int64_t        want = room(r), now;
    int            rc;

    if (tell_failures(r) || tp_event_turn_send(r->tp->db, &r->worker, &r->done, want, &r->tp->err))
        return -1;
    r->fatal = tp_jobs_start(r) != 0;
    err = r->tp->err;
    if (tp_event_turn_receive(r->tp->db, &r->worker, want, &got, &r->tp->err))
        return -1;
    for (const char *p = got.lost; p && *p; p++)
        r->n_lost += *p == ',';
    r->n_lost += got.lost != NULL;
    r->done.n = 0;
    r->flush_ms = 0;
    now = tp_clock_ms();
    if (want > 0) {
        r->empty = got.n == 0;
        r->last = r->args->once && got.n > 0;
        /* A tenth more or less, so that many workers do not come at the same moment. */
        r->claim_ms = got.n == (size_t)want ? now : now + r->args->poll * 900 + now % (r->args->poll * 200 + 1);
    }
    rc = take_events(r, &got);
    tp_turn_free(&got);
    if (!r->fatal)
        return rc;
    r->tp->err = err;
    return -1;
}

/* Whether all that waits will be begun at once. */
static bool
runs_dry(const struct tp_event_run *r)
{
    size_t free_slots = 0;

    if (tp_run_streams(r)) /* it has a batch to go on with */
        return false;
    for (const struct tp_event_job *j = r->jobs; j < r->jobs + r->n_jobs; j++)
        free_slots += j->child.pid == 0;
    return r->n_waiting <= free_slots * (r->args->per[0] == 'e' ? 1 : (size_t)r->args->batch);
}

/* All that we hold, begun or not. */
static void
held(const struct tp_event_run *r, struct tp_leases *all)
{
    for (const struct tp_task *t = r->head; t; t = t->next)
        tp_leases_add(all, t->lease);
    for (const struct tp_event_job *j = r->jobs; j < r->jobs + r->n_jobs; j++)
        for (const struct tp_task *t = j->tasks; t; t = t->next)
            tp_leases_add(all, t->lease);
}

/* What waits and is no longer ours is not begun. */
static void
drop_lost(struct tp_event_run *r, const struct tp_leases *lost)
{
    struct tp_task **t = &r->head;

    while (*t) {
        struct tp_task *gone = *t;
        bool         is = false;

        for (size_t i = 0; i < lost->n && !is; i++)
            is = lost->at[i].id == gone->lease.id;
        if (!is) {
            t = &gone->next;
            continue;
        }
        *t = gone->next;
        r->n_waiting--;
        r->n_lost++;
        tp_task_free(gone);
    }
    r->tail = t;
}

static int
heartbeat(struct tp_event_run *r)
{
    struct tp_leases all = {0};
    TP_AUTO_ROWS     rows = NULL;
    int              rc = 0;

    held(r, &all);
    if (all.n)
        rc = tp_event_extend(r->tp->db, &r->worker, &all, &rows, &r->tp->err);
    if (rows)
        for (size_t i = 0; i < tp_rows_count(rows); i++)
            tp_leases_drop(&all, tp_rows_int(rows, i, "id"));
    if (!rc) {
        drop_lost(r, &all);
        r->heartbeat_ms = tp_clock_ms() + r->worker.lease_s * 1000 / 3;
    }
    tp_leases_free(&all);
    return rc;
}

static int
connect_again(struct tp_event_run *r)
{
    if (tp_clock_ms() < r->patience.next_ms)
        return 0;
    if (tp_ctx_db(r->tp) || tp_event_attend(r->tp->db, &r->tp->err)
        || tp_event_recover(r->tp->db, &r->worker, &r->tp->err))
        return -1;
    r->heartbeat_ms = 0; /* which of the leases still hold? */
    return 0;
}

/* What the database has to be told or asked at this moment. */
static int
talk(struct tp_event_run *r)
{
    int64_t now = tp_clock_ms();
    bool    idle = r->n_waiting + r->n_running == 0, results = r->flush_ms != 0;
    int64_t wanted = r->args->per[0] == 'e' ? (r->args->batch + 1) / 2 : r->args->batch;

    if (!r->tp->db && connect_again(r))
        return -1;
    if (!r->tp->db)
        return 0;
    if (now >= r->heartbeat_ms && heartbeat(r))
        return -1;
    if ((results && (idle || now >= r->flush_ms || runs_dry(r))) || (room(r) >= wanted && now >= r->claim_ms)
        || (room(r) > 0 && idle && now >= r->claim_ms))
        if (turn(r))
            return -1;
    tp_patience_found(r->tp, &r->patience);
    return 0;
}

/* ---- the loop --------------------------------------------------------------------------------------- */

static int64_t
sooner(int64_t a, int64_t b)
{
    return b && b < a ? b : a;
}

/* Until something happens that the loop has to see. */
static int
rest(struct tp_event_run *r)
{
    struct pollfd fds[2 + 3 * TP_JOBS_MAX];
    nfds_t        n = 2;
    int64_t       now = tp_clock_ms(), until = now + 1000;

    fds[0] = (struct pollfd){.fd = r->stop_ms ? -1 : tp_signal_fd(), .events = POLLIN};
    fds[1] = (struct pollfd){.fd = r->tp->db ? tp_db_socket(r->tp->db) : -1, .events = POLLIN};
    for (struct tp_event_job *j = r->jobs; j < r->jobs + r->n_jobs; j++) {
        if (j->child.pid == 0)
            continue;
        fds[n++] = (struct pollfd){.fd = j->child.ended, .events = POLLIN};
        if (j->child.out >= 0)
            fds[n++] = (struct pollfd){.fd = j->child.out, .events = POLLIN};
        if (j->child.in >= 0 && j->sent < j->input.n)
            fds[n++] = (struct pollfd){.fd = j->child.in, .events = POLLOUT};
        until = sooner(until, j->kill_ms ? j->kill_ms : j->end_ms);
    }
    if (r->tp->db) {
        until = sooner(until, r->flush_ms);
        until = sooner(until, r->heartbeat_ms);
        if (room(r) > 0)
            until = sooner(until, r->claim_ms);
    } else {
        until = sooner(until, r->patience.next_ms);
    }
    if (r->stop_ms)
        until = sooner(until, r->stop_ms + TP_STOP_FINISH_MS > now ? r->stop_ms + TP_STOP_FINISH_MS : now + 50);
    while (poll(fds, n, until > now ? (int)(until - now) : 0) < 0 && errno == EINTR)
        ;
    if (fds[1].revents) {
        int got = tp_db_notified(r->tp->db, &r->tp->err);

        if (got < 0)
            return -1;
        if (got)
            r->claim_ms = 0;
    }
    return 0;
}

/* A signal: nothing new is begun. */
static void
see_signal(struct tp_event_run *r)
{
    struct tp_err stop = TP_ERR_INIT;

    if (r->stop_ms || !tp_stopped(&stop))
        return;
    r->stop_ms = tp_clock_ms();
    tp_jobs_dismissed(r);
    if (r->tp->db)
        tp_db_patience(r->tp->db, true);
}

static bool
finished(const struct tp_event_run *r)
{
    if (r->n_running || r->flush_ms)
        return false;
    if (r->stop_ms)
        return true;
    return r->n_waiting == 0 && (r->last || (r->empty && (r->args->until_empty || r->args->once)));
}

/* A failure that may pass is waited for while the children go on. */
static int
endure(struct tp_event_run *r)
{
    see_signal(r);
    if (r->stop_ms) {
        /* The signal cancelled a statement: that is no failure.  A lost server is not waited for. */
        if (r->tp->db && (r->tp->err.code == TP_ESIGINT || r->tp->err.code == TP_ESIGTERM))
            return 0;
        return -1;
    }
    return tp_patience_lost(r->tp, &r->patience);
}

static int
loop(struct tp_event_run *r)
{
    while (!finished(r) || !tp_jobs_dismissed(r)) {
        r->last |= finished(r);
        see_signal(r);
        tp_jobs_tend(r);
        if (talk(r) && (r->fatal || endure(r)))
            return -1;
        if (tp_jobs_start(r))
            return -1;
        if ((!finished(r) || !tp_jobs_dismissed(r)) && rest(r) && endure(r))
            return -1;
    }
    return 0;
}

/* Leases of what was not finished go back; children that still run are ended. */
static void
release_all(struct tp_event_run *r)
{
    struct tp_leases all = {0};
    struct tp_err    err = TP_ERR_INIT;

    for (struct tp_event_job *j = r->jobs; j < r->jobs + r->n_jobs; j++)
        tp_child_signal(&j->child, SIGKILL);
    held(r, &all);
    if (r->tp->db) {
        tp_db_patience(r->tp->db, true);
        if (tp_event_release(r->tp->db, &all, &err) || tp_event_recover(r->tp->db, &r->worker, &err))
            tp_warn(r->tp, "%zu leases were not given back and end by themselves: %s", all.n, err.msg);
    }
    tp_leases_free(&all);
}

/* ---- beginning and end ------------------------------------------------------------------------------ */

/* What the program is: words, or one line for the shell. */
static int
set_argv(struct tp_event_run *r)
{
    const struct tp_run_args *a = r->args;
    const char           **argv = tp_arena_get(&r->tp->arena, (r->tp->n_operands + 5) * sizeof *argv);
    size_t                 n = 0;

    if (!a->exec && r->tp->n_operands == 0)
        return tp_fail(&r->tp->err, TP_EUSAGE, "what is to be run? give --exec PROGRAM, or -- PROGRAM ARG...");
    if (a->shell && !a->exec)
        return tp_fail(&r->tp->err, TP_EUSAGE, "--shell goes with --exec");
    if (a->shell) {
        argv[n++] = "/bin/sh";
        argv[n++] = "-c";
    }
    if (a->exec)
        argv[n++] = a->exec;
    if (a->shell)
        argv[n++] = "sh"; /* $0; the operands are $1 and on */
    for (size_t i = 0; i < r->tp->n_operands; i++)
        argv[n++] = r->tp->operands[i];
    r->argv = argv;
    return 0;
}

/* A clean environment: what every program needs and what was asked for. */
static void
set_env(struct tp_event_run *r)
{
    r->env = tp_child_env(&r->tp->arena, r->args->env.at, r->args->env.n, 2);
    while (r->env[r->n_env])
        r->n_env++;
}

static int
conclude(struct tp_event_run *r, int rc)
{
    struct tp_ctx *tp = r->tp;

    if (rc || r->stop_ms)
        release_all(r);
    if (r->n_lost)
        tp_note(tp, "%lld lease%s lost: somebody else had the event by then", (long long)r->n_lost,
                r->n_lost == 1 ? " was" : "s were");
    tp_note(tp, "%lld done, %lld failed, %lld seen before", (long long)r->n_done, (long long)r->n_failed,
            (long long)r->n_seen);
    for (struct tp_event_job *j = r->jobs; j < r->jobs + r->n_jobs; j++) {
        tp_tasks_free(j->tasks);
        tp_buf_free(&j->input);
        tp_child_close_output(&j->child);
        tp_lines_free(&j->answers);
    }
    forget_failures(r);
    tp_tasks_free(r->head);
    free(r->failures);
    free(r->why);
    tp_leases_free(&r->done);
    if (rc)
        return -1;
    if (r->stop_ms)
        return tp_stopped(&tp->err);
    if (r->n_failed && (r->args->once || r->args->until_empty))
        return tp_fail(&tp->err, TP_EPARTLY, "%lld attempt%s failed", (long long)r->n_failed, r->n_failed == 1 ? "" : "s");
    return 0;
}

int
tp_event_run(struct tp_ctx *tp, const void *args)
{
    const struct tp_run_args   *a = args;
    TP_AUTO_FREE struct tp_event_run *r = tp_alloc(sizeof *r);

    r->tp = tp;
    r->args = a;
    r->n_jobs = (size_t)a->jobs;
    r->tail = &r->head;
    r->patience.seconds = a->reconnect;
    r->worker = (struct tp_worker){.like = tp_event_like(a->type, &tp->arena), .consumer = a->consumer,
                                   .lease_s = a->lease, .hold = tp_event_hold(a->on_dead), .from = TP_TIME_NONE};
    for (struct tp_event_job *j = r->jobs; j < r->jobs + r->n_jobs; j++)
        j->child = (struct tp_child){.ended = -1, .in = -1, .out = -1, .err = -1};
    if (set_argv(r) || tp_child_find(r->argv[0], &tp->err))
        return -1;
    set_env(r);
    if (tp_ctx_db(tp) || tp_event_attend(tp->db, &tp->err))
        return -1;
    return conclude(r, loop(r));
}
