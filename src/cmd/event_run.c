/* tp-event run: a program for each event or batch, whose exit status is the acknowledgement, or one that stays and
 * answers each event. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/db.h"
#include "base/line.h"
#include "cmd/event.h"

#include "base/banned.h"

#define EXIT_LATER 75       /* EX_TEMPFAIL of sysexits.h */
#define LATER_S 30          /* and when "later" is */
#define JOBS_MAX 64
#define FLUSH_MS 100        /* results wait at most so long for company */
#define GRACE_MS 5000       /* from TERM to KILL at a deadline */
#define STOP_FINISH_MS 3000 /* a signal came: what runs may end by itself, */
#define STOP_TERM_MS 4000   /* is told to, and is killed; all within five seconds */

struct run_args {
    const char        *exec, *per, *type, *consumer, *on_dead;
    int64_t            jobs, batch, lease, deadline, poll, reconnect;
    bool               shell, once, until_empty;
    struct tp_opt_list env;
};

const size_t tp_event_run_size = sizeof(struct run_args);

static const char *const pers[] = {"event", "batch", "stream", NULL};

const struct tp_opt tp_event_run_opts[] = {
    OPT_TEXT(struct run_args, exec, 0, "exec", "PROGRAM", "what to run; its arguments stand behind --"),
    OPT_FLAG(struct run_args, shell, 0, "shell", "PROGRAM is a command line for sh -c"),
    OPT_ENUM(struct run_args, per, 0, "per", pers, "one run for each event, one for the lines of a batch, or one that answers",
             .fallback = "event"),
    OPT_INT(struct run_args, jobs, 'j', "jobs", "N", 1, JOBS_MAX, "so many at a time", .fallback = "1"),
    OPT_INT(struct run_args, batch, 'n', "batch", "N", 1, 10000, "events in a batch", .fallback = "100"),
    OPT_TEXT(struct run_args, type, 't', "type", "PATTERN", "only events of such types: 'order.*'"),
    OPT_INT(struct run_args, lease, 0, "lease", "SECONDS", 3, 86400,
            "nobody else gets an event for so long; prolonged while it is worked on", .fallback = "60"),
    OPT_INT(struct run_args, deadline, 0, "deadline", "SECONDS", 0, 86400,
            "a run, or an answer, that takes longer is ended and has failed; 0: none", .fallback = "300"),
    OPT_LIST(struct run_args, env, 0, "env", "NAME[=VALUE]", "let the program see this variable as well"),
    OPT_TEXT(struct run_args, consumer, 0, "consumer", "NAME", "record that NAME has handled them, pass over what it has"),
    OPT_ENUM(struct run_args, on_dead, 0, "on-dead", tp_event_on_dead,
             "whether a dead event holds its key; rule: those of order events do", .fallback = "rule"),
    OPT_FLAG(struct run_args, once, 0, "once", "claim one batch, work on it, end"),
    OPT_FLAG(struct run_args, until_empty, 0, "until-empty", "end when nothing is ready"),
    OPT_INT(struct run_args, poll, 0, "poll", "SECONDS", 1, 3600, "look at least so often", .fallback = "1"),
    OPT_INT(struct run_args, reconnect, 0, "reconnect", "SECONDS", 0, 86400, "wait so long for a lost server",
            .fallback = "300"),
    OPT_STOP,
};

/* An event that we hold. */
struct task {
    struct tp_lease lease;
    char            event_id[TP_UUID_TEXT], type[TP_EVENT_TYPE_SIZE];
    int64_t         attempt;
    char           *line; /* its record, with the newline */
    size_t          n;
    struct task    *next;
};

/* A program that runs, and what it works on. */
struct job {
    struct tp_child child;
    struct task    *tasks, **last; /* last: where the next one goes */
    size_t          n;
    struct tp_buf   input;
    size_t          sent;
    bool            open;    /* more input may come */
    struct tp_lines answers; /* --per stream */
    const char     *broken;  /* why it is no use any more, or NULL */
    bool            told;    /* it was told because of that; else it is killed unless it ends */
    int64_t         end_ms;  /* when it is told to end; 0: never */
    int64_t         kill_ms; /* when it is killed; 0: it was not told yet */
    bool            late;    /* it was told because of its deadline */
};

struct run {
    struct tp_ctx          *tp;
    const struct run_args  *args;
    const char            **argv;
    const char            **env; /* the last two places are for an event's own */
    size_t                  n_env;
    struct tp_worker        worker;
    struct tp_patience      patience;
    struct job              jobs[JOBS_MAX];
    size_t                  n_jobs;
    struct task            *head, **tail; /* claimed, not begun */
    size_t                  n_waiting, n_running;
    struct tp_leases        done;
    struct tp_event_failure *failures;
    char                   **why; /* in step with failures */
    size_t                  n_failures, room_failures;
    int64_t                 flush_ms;     /* when results are told at the latest; 0: there are none */
    int64_t                 claim_ms;     /* when to claim again */
    int64_t                 heartbeat_ms; /* when to prolong the leases */
    int64_t                 stop_ms;      /* when a signal came; 0: none did */
    bool                    last;         /* --once: no further claim */
    bool                    empty;        /* the last claim gave nothing */
    bool                    fatal;        /* the program cannot be started: nothing to wait for */
    int64_t                 n_done, n_failed, n_lost, n_seen;
};

/* ---- tasks ------------------------------------------------------------------------------------------ */

static void
task_free(struct task *t)
{
    if (t)
        free(t->line);
    free(t);
}

static void
tasks_free(struct task *t)
{
    while (t) {
        struct task *next = t->next;

        task_free(t);
        t = next;
    }
}

static struct task *
task_of(const struct tp_event *e)
{
    struct task  *t = tp_alloc(sizeof *t);
    struct tp_buf line = {0};

    t->lease = (struct tp_lease){e->id, e->lease_token};
    t->attempt = e->retry_count;
    tp_uuid_print(t->event_id, e->event_id);
    tp_text_set(t->type, sizeof t->type, e->event_type, strlen(e->event_type));
    tp_record_json(&tp_event_record, e, &line);
    t->line = line.at;
    t->n = line.n;
    return t;
}

/* ---- results ---------------------------------------------------------------------------------------- */

static void
result_there(struct run *r)
{
    if (!r->flush_ms)
        r->flush_ms = tp_clock_ms() + FLUSH_MS;
}

static void
succeeded(struct run *r, const struct task *t)
{
    tp_leases_add(&r->done, t->lease);
    r->n_done++;
    result_there(r);
}

static void
failed(struct run *r, const struct task *t, const char *why, int64_t later_s)
{
    if (r->n_failures == r->room_failures) {
        r->room_failures = r->room_failures ? 2 * r->room_failures : 64;
        r->failures = tp_realloc(r->failures, r->room_failures * sizeof *r->failures);
        r->why = tp_realloc(r->why, r->room_failures * sizeof *r->why);
    }
    r->why[r->n_failures] = tp_strdup(why);
    r->failures[r->n_failures++] = (struct tp_event_failure){t->lease, NULL, later_s};
    r->n_failed++;
    tp_detail(r->tp, "event %lld: %s", (long long)t->lease.id, why);
    result_there(r);
}

static bool
streams(const struct run *r)
{
    return r->args->per[0] == 's';
}

/* What an exit status says about the tasks; of a stream, those without an answer. */
static void
judge(struct run *r, struct job *j, int status)
{
    char    why[80];
    int64_t later = INT64_MIN;
    bool    well = WIFEXITED(status) && WEXITSTATUS(status) == 0 && !j->late;

    if (well && !streams(r)) {
        for (const struct task *t = j->tasks; t; t = t->next)
            succeeded(r, t);
        return;
    }
    if (j->broken && (j->told || tp_clock_ms() >= j->kill_ms))
        snprintf(why, sizeof why, "%s", j->broken);
    else if (well)
        snprintf(why, sizeof why, "ended without an answer");
    else if (j->late)
        snprintf(why, sizeof why, "ended at its deadline of %lld s", (long long)r->args->deadline);
    else if (WIFSIGNALED(status))
        snprintf(why, sizeof why, "killed by signal %d", WTERMSIG(status));
    else
        snprintf(why, sizeof why, "exit status %d", WEXITSTATUS(status));
    if (!j->late && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_LATER)
        later = LATER_S;
    for (const struct task *t = j->tasks; t; t = t->next)
        failed(r, t, why, later);
    if (!j->tasks && (!well || j->broken) && !r->stop_ms)
        tp_warn(r->tp, "the program has ended: %s", why);
}

/* ---- children --------------------------------------------------------------------------------------- */

/* As much of the input as the pipe takes.  A program need not read it: a closed pipe is no failure. */
static void
feed(struct job *j)
{
    while (j->child.in >= 0 && j->sent < j->input.n) {
        ssize_t n = write(j->child.in, j->input.at + j->sent, j->input.n - j->sent);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            memmove(j->input.at, j->input.at + j->sent, j->input.n - j->sent);
            j->input.n -= j->sent;
            j->sent = 0;
            return;
        }
        if (n < 0)
            break;
        j->sent += (size_t)n;
    }
    if (!j->open || j->sent < j->input.n)
        tp_child_close_input(&j->child);
    tp_buf_clear(&j->input);
    j->sent = 0;
}

static size_t
window(const struct run *r)
{
    return r->args->per[0] == 'e' ? 1 : (size_t)r->args->batch;
}

static void
set_deadline(const struct run *r, struct job *j)
{
    j->end_ms = r->args->deadline ? tp_clock_ms() + r->args->deadline * 1000 : 0;
}

/* Gives a program the first that waits. */
static void
give(struct run *r, struct job *j)
{
    struct task *t = r->head;

    r->head = t->next;
    if (!r->head)
        r->tail = &r->head;
    t->next = NULL;
    if (!j->tasks) {
        j->last = &j->tasks;
        set_deadline(r, j);
    }
    *j->last = t;
    j->last = &t->next;
    j->n++;
    tp_buf_put(&j->input, t->line, t->n);
    r->n_waiting--;
    r->n_running++;
}

/* Starts a program on what waits: one event, a batch, or the first of a stream. */
static int
start(struct run *r, struct job *j)
{
    struct tp_child_opts how = {.argv = r->argv, .env = r->env, .capture = streams(r), .own_errors = true};
    const struct task   *first = r->head;
    char                 own[2][TP_EVENT_TYPE_SIZE + 16];

    tp_buf_clear(&j->input);
    j->sent = 0;
    j->late = false;
    j->broken = NULL;
    j->open = streams(r);
    j->kill_ms = 0;
    do
        give(r, j);
    while (j->n < window(r) && r->head && !streams(r));
    r->env[r->n_env] = NULL;
    if (r->args->per[0] == 'e') {
        snprintf(own[0], sizeof own[0], "TP_EVENT_ID=%s", first->event_id);
        snprintf(own[1], sizeof own[1], "TP_EVENT_TYPE=%s", first->type);
        r->env[r->n_env] = own[0];
        r->env[r->n_env + 1] = own[1];
        r->env[r->n_env + 2] = NULL;
    }
    if (tp_child_start(&j->child, &how, &r->tp->err))
        return -1;
    tp_lines_init(&j->answers, j->child.out);
    j->answers.deaf = true;
    feed(j);
    return 0;
}

/* ---- answers of a stream ---------------------------------------------------------------------------- */

/* The program is no use any more: it may end by itself, or is told to. */
static void
break_off(struct job *j, const char *why, bool tell)
{
    if (j->kill_ms)
        return;
    j->broken = why;
    j->told = tell;
    j->kill_ms = tp_clock_ms() + GRACE_MS;
    if (tell)
        tp_child_signal(&j->child, SIGTERM);
}

/* Takes the task that an answer is about out of the job's; NULL: there is none. */
static struct task *
answered(struct job *j, const struct tp_ack_line *l)
{
    for (struct task **at = &j->tasks; *at; at = &(*at)->next) {
        struct task *t = *at;

        if (t->lease.id != l->id
            || (!tp_uuid_none(l->lease_token) && memcmp(&t->lease.token, &l->lease_token, sizeof l->lease_token) != 0))
            continue;
        *at = t->next;
        if (!t->next)
            j->last = at;
        j->n--;
        return t;
    }
    return NULL;
}

/* -1: it is no answer, and nothing that comes after it is believed. */
static int
take_answer(struct run *r, struct job *j, const char *text, size_t n)
{
    TP_AUTO_ARENA      arena = {0};
    struct tp_err      err = TP_ERR_INIT;
    struct tp_ack_line l;
    struct task       *t;

    if (tp_ack_parse(text, n, &l, &arena, &err))
        return -1;
    t = answered(j, &l);
    if (!t)
        return -1;
    if (l.error)
        failed(r, t, l.error, l.retry_after);
    else
        succeeded(r, t);
    task_free(t);
    r->n_running--;
    set_deadline(r, j);
    if (!j->tasks && j->open)
        j->end_ms = 0;
    return 0;
}

/* What the program has said until now. */
static void
hear(struct run *r, struct job *j)
{
    struct tp_err err = TP_ERR_INIT;
    const char   *text;
    size_t        n;
    int           got = 1;

    while (got > 0 && j->child.out >= 0 && tp_lines_ready(&j->answers)) {
        got = tp_lines_next(&j->answers, &text, &n, &err);
        if (got > 0 && n && take_answer(r, j, text, n))
            got = -1;
        if (got < 0)
            break_off(j, "gave a line that is no answer", true);
        else if (got == 0 && j->tasks)
            break_off(j, "closed its output", false);
    }
    if (got <= 0)
        tp_child_close_output(&j->child);
}

/* At the end, or because of a signal, a program that stays hears that nothing more comes. */
static bool
dismissed(struct run *r)
{
    bool all = true;

    for (struct job *j = r->jobs; j < r->jobs + r->n_jobs; j++) {
        if (j->child.pid && j->open) {
            j->open = false;
            set_deadline(r, j);
            feed(j);
        }
        all &= j->child.pid == 0;
    }
    return all;
}

static void
ended(struct run *r, struct job *j, int status)
{
    /* What was told to end because we stop has not been worked on. */
    if (!r->stop_ms || j->late || (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !streams(r)) || !j->kill_ms)
        judge(r, j, status);
    else
        for (struct task **t = &j->tasks; *t;) {
            struct task *back = *t;

            *t = back->next;
            back->next = r->head; /* release_all gives it back */
            if (!r->head)
                r->tail = &back->next;
            r->head = back;
            r->n_waiting++;
            r->n_running--;
        }
    for (const struct task *t = j->tasks; t; t = t->next)
        r->n_running--;
    tasks_free(j->tasks);
    j->tasks = NULL;
    j->n = 0;
    tp_child_close_output(&j->child);
    tp_lines_free(&j->answers);
}

/* Ends, deadlines and input of all children. */
static void
tend(struct run *r)
{
    int64_t now = tp_clock_ms();
    int     status;
    bool    over;

    for (struct job *j = r->jobs; j < r->jobs + r->n_jobs; j++) {
        if (j->child.pid == 0)
            continue;
        over = tp_child_ended(&j->child, &status);
        hear(r, j); /* what it said before its end counts */
        if (over) {
            ended(r, j, status);
            continue;
        }
        feed(j);
        if (j->open && j->child.in < 0)
            break_off(j, "closed its input", false);
        if (!j->kill_ms && j->end_ms && now >= j->end_ms) {
            j->late = true;
            j->kill_ms = now + GRACE_MS;
            tp_child_signal(&j->child, SIGTERM);
        } else if (!j->kill_ms && r->stop_ms && now >= r->stop_ms + STOP_FINISH_MS) {
            j->kill_ms = r->stop_ms + STOP_TERM_MS;
            tp_child_signal(&j->child, SIGTERM);
        } else if (j->kill_ms && now >= j->kill_ms) {
            tp_child_signal(&j->child, SIGKILL);
        }
    }
}

/* Events of a stream go to the program that has the fewest. */
static int
spread(struct run *r)
{
    while (r->head && !r->stop_ms) {
        struct job *best = NULL;

        for (struct job *j = r->jobs; j < r->jobs + r->n_jobs; j++)
            if ((!j->child.pid || (j->open && !j->kill_ms && j->n < window(r))) && (!best || j->n < best->n))
                best = j;
        if (!best)
            break;
        if (best->child.pid)
            give(r, best);
        else if (start(r, best))
            return -1;
    }
    for (struct job *j = r->jobs; j < r->jobs + r->n_jobs; j++)
        if (j->child.pid)
            feed(j);
    return 0;
}

static int
start_all(struct run *r)
{
    if (streams(r))
        return spread(r);
    for (struct job *j = r->jobs; j < r->jobs + r->n_jobs && r->head && !r->stop_ms; j++)
        if (j->child.pid == 0 && start(r, j))
            return -1;
    return 0;
}

/* ---- the queue -------------------------------------------------------------------------------------- */

static int
take_events(struct run *r, struct tp_turn *turn)
{
    struct tp_event e;
    int             got;

    for (;;) {
        TP_AUTO_ARENA texts = {0};
        struct task  *t;

        got = tp_event_next(turn, &e, &texts, &r->tp->err);
        if (got <= 0)
            return got;
        if (e.status[0] == 'F') {
            tp_warn(r->tp, "event %lld is dead: %s", (long long)e.id, e.last_error);
            continue;
        }
        t = task_of(&e);
        if (e.seen > 0) {
            succeeded(r, t);
            r->n_done--;
            r->n_seen++;
            task_free(t);
            continue;
        }
        *r->tail = t;
        r->tail = &t->next;
        r->n_waiting++;
    }
}

static void
forget_failures(struct run *r)
{
    while (r->n_failures)
        free(r->why[--r->n_failures]);
}

static int
tell_failures(struct run *r)
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
room(const struct run *r)
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
turn(struct run *r)
{
    struct tp_turn got;
    struct tp_err  err;
    int64_t        want = room(r), now;
    int            rc;

    if (tell_failures(r) || tp_event_turn_send(r->tp->db, &r->worker, &r->done, want, &r->tp->err))
        return -1;
    r->fatal = start_all(r) != 0;
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
runs_dry(const struct run *r)
{
    size_t free_slots = 0;

    if (streams(r)) /* it has a batch to go on with */
        return false;
    for (const struct job *j = r->jobs; j < r->jobs + r->n_jobs; j++)
        free_slots += j->child.pid == 0;
    return r->n_waiting <= free_slots * (r->args->per[0] == 'e' ? 1 : (size_t)r->args->batch);
}

/* All that we hold, begun or not. */
static void
held(const struct run *r, struct tp_leases *all)
{
    for (const struct task *t = r->head; t; t = t->next)
        tp_leases_add(all, t->lease);
    for (const struct job *j = r->jobs; j < r->jobs + r->n_jobs; j++)
        for (const struct task *t = j->tasks; t; t = t->next)
            tp_leases_add(all, t->lease);
}

/* What waits and is no longer ours is not begun. */
static void
drop_lost(struct run *r, const struct tp_leases *lost)
{
    struct task **t = &r->head;

    while (*t) {
        struct task *gone = *t;
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
        task_free(gone);
    }
    r->tail = t;
}

static int
heartbeat(struct run *r)
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
connect_again(struct run *r)
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
talk(struct run *r)
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
rest(struct run *r)
{
    struct pollfd fds[2 + 3 * JOBS_MAX];
    nfds_t        n = 2;
    int64_t       now = tp_clock_ms(), until = now + 1000;

    fds[0] = (struct pollfd){.fd = r->stop_ms ? -1 : tp_signal_fd(), .events = POLLIN};
    fds[1] = (struct pollfd){.fd = r->tp->db ? tp_db_socket(r->tp->db) : -1, .events = POLLIN};
    for (struct job *j = r->jobs; j < r->jobs + r->n_jobs; j++) {
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
        until = sooner(until, r->stop_ms + STOP_FINISH_MS > now ? r->stop_ms + STOP_FINISH_MS : now + 50);
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
see_signal(struct run *r)
{
    struct tp_err stop = TP_ERR_INIT;

    if (r->stop_ms || !tp_stopped(&stop))
        return;
    r->stop_ms = tp_clock_ms();
    dismissed(r);
    if (r->tp->db)
        tp_db_patience(r->tp->db, true);
}

static bool
finished(const struct run *r)
{
    if (r->n_running || r->flush_ms)
        return false;
    if (r->stop_ms)
        return true;
    return r->n_waiting == 0 && (r->last || (r->empty && (r->args->until_empty || r->args->once)));
}

/* A failure that may pass is waited for while the children go on. */
static int
endure(struct run *r)
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
loop(struct run *r)
{
    while (!finished(r) || !dismissed(r)) {
        r->last |= finished(r);
        see_signal(r);
        tend(r);
        if (talk(r) && (r->fatal || endure(r)))
            return -1;
        if (start_all(r))
            return -1;
        if ((!finished(r) || !dismissed(r)) && rest(r) && endure(r))
            return -1;
    }
    return 0;
}

/* Leases of what was not finished go back; children that still run are ended. */
static void
release_all(struct run *r)
{
    struct tp_leases all = {0};
    struct tp_err    err = TP_ERR_INIT;

    for (struct job *j = r->jobs; j < r->jobs + r->n_jobs; j++)
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
set_argv(struct run *r)
{
    const struct run_args *a = r->args;
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
set_env(struct run *r)
{
    r->env = tp_child_env(&r->tp->arena, r->args->env.at, r->args->env.n, 2);
    while (r->env[r->n_env])
        r->n_env++;
}

static int
conclude(struct run *r, int rc)
{
    struct tp_ctx *tp = r->tp;

    if (rc || r->stop_ms)
        release_all(r);
    if (r->n_lost)
        tp_note(tp, "%lld lease%s lost: somebody else had the event by then", (long long)r->n_lost,
                r->n_lost == 1 ? " was" : "s were");
    tp_note(tp, "%lld done, %lld failed, %lld seen before", (long long)r->n_done, (long long)r->n_failed,
            (long long)r->n_seen);
    for (struct job *j = r->jobs; j < r->jobs + r->n_jobs; j++) {
        tasks_free(j->tasks);
        tp_buf_free(&j->input);
        tp_child_close_output(&j->child);
        tp_lines_free(&j->answers);
    }
    forget_failures(r);
    tasks_free(r->head);
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
    const struct run_args   *a = args;
    TP_AUTO_FREE struct run *r = tp_alloc(sizeof *r);

    r->tp = tp;
    r->args = a;
    r->n_jobs = (size_t)a->jobs;
    r->tail = &r->head;
    r->patience.seconds = a->reconnect;
    r->worker = (struct tp_worker){.like = tp_event_like(a->type, &tp->arena), .consumer = a->consumer,
                                   .lease_s = a->lease, .hold = tp_event_hold(a->on_dead), .from = TP_TIME_NONE};
    for (struct job *j = r->jobs; j < r->jobs + r->n_jobs; j++)
        j->child = (struct tp_child){.ended = -1, .in = -1, .out = -1, .err = -1};
    if (set_argv(r) || tp_child_find(r->argv[0], &tp->err))
        return -1;
    set_env(r);
    if (tp_ctx_db(tp) || tp_event_attend(tp->db, &tp->err))
        return -1;
    return conclude(r, loop(r));
}
