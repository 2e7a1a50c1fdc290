/* The programs of tp-event run: started, fed, heard, ended; what their ends say of the events. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd/event_run.h"

#include "base/banned.h"

#define EXIT_LATER 75 /* EX_TEMPFAIL of sysexits.h */
#define LATER_S 30    /* and when "later" is */
#define FLUSH_MS 100  /* results wait at most so long for company */
#define GRACE_MS 5000 /* from TERM to KILL at a deadline */
#define STOP_TERM_MS 4000 /* after a signal it is told to, and then killed; all within five seconds */

/* ---- tasks ------------------------------------------------------------------------------------------ */

void
tp_task_free(struct tp_task *t)
{
    if (t)
        free(t->line);
    free(t);
}

void
tp_tasks_free(struct tp_task *t)
{
    while (t) {
        struct tp_task *next = t->next;

        tp_task_free(t);
        t = next;
    }
}

struct tp_task *
tp_task_of(const struct tp_event *e)
{
    struct tp_task  *t = tp_alloc(sizeof *t);
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
result_there(struct tp_event_run *r)
{
    if (!r->flush_ms)
        r->flush_ms = tp_clock_ms() + FLUSH_MS;
}

void
tp_task_done(struct tp_event_run *r, const struct tp_task *t)
{
    tp_leases_add(&r->done, t->lease);
    r->n_done++;
    result_there(r);
}

static void
failed(struct tp_event_run *r, const struct tp_task *t, const char *why, int64_t later_s)
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

bool
tp_run_streams(const struct tp_event_run *r)
{
    return r->args->per[0] == 's';
}

/* What an exit status says about the tasks; of a stream, those without an answer. */
static void
judge(struct tp_event_run *r, struct tp_event_job *j, int status)
{
    char    why[80];
    int64_t later = INT64_MIN;
    bool    well = WIFEXITED(status) && WEXITSTATUS(status) == 0 && !j->late;

    if (well && !tp_run_streams(r)) {
        for (const struct tp_task *t = j->tasks; t; t = t->next)
            tp_task_done(r, t);
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
    for (const struct tp_task *t = j->tasks; t; t = t->next)
        failed(r, t, why, later);
    if (!j->tasks && (!well || j->broken) && !r->stop_ms)
        tp_warn(r->tp, "the program has ended: %s", why);
}

/* ---- children --------------------------------------------------------------------------------------- */

/* As much of the input as the pipe takes.  A program need not read it: a closed pipe is no failure. */
static void
feed(struct tp_event_job *j)
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
window(const struct tp_event_run *r)
{
    return r->args->per[0] == 'e' ? 1 : (size_t)r->args->batch;
}

static void
set_deadline(const struct tp_event_run *r, struct tp_event_job *j)
{
    j->end_ms = r->args->deadline ? tp_clock_ms() + r->args->deadline * 1000 : 0;
}

/* Gives a program the first that waits. */
static void
give(struct tp_event_run *r, struct tp_event_job *j)
{
    struct tp_task *t = r->head;

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
start(struct tp_event_run *r, struct tp_event_job *j)
{
    struct tp_child_opts how = {.argv = r->argv, .env = r->env, .capture = tp_run_streams(r), .own_errors = true};
    const struct tp_task   *first = r->head;
    char                 own[2][TP_EVENT_TYPE_SIZE + 16];

    tp_buf_clear(&j->input);
    j->sent = 0;
    j->late = false;
    j->broken = NULL;
    j->open = tp_run_streams(r);
    j->kill_ms = 0;
    do
        give(r, j);
    while (j->n < window(r) && r->head && !tp_run_streams(r));
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
break_off(struct tp_event_job *j, const char *why, bool tell)
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
static struct tp_task *
answered(struct tp_event_job *j, const struct tp_ack_line *l)
{
    for (struct tp_task **at = &j->tasks; *at; at = &(*at)->next) {
        struct tp_task *t = *at;

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
take_answer(struct tp_event_run *r, struct tp_event_job *j, const char *text, size_t n)
{
    TP_AUTO_ARENA      arena = {0};
    struct tp_err      err = TP_ERR_INIT;
    struct tp_ack_line l;
    struct tp_task       *t;

    if (tp_ack_parse(text, n, &l, &arena, &err))
        return -1;
    t = answered(j, &l);
    if (!t)
        return -1;
    if (l.error)
        failed(r, t, l.error, l.retry_after);
    else
        tp_task_done(r, t);
    tp_task_free(t);
    r->n_running--;
    set_deadline(r, j);
    if (!j->tasks && j->open)
        j->end_ms = 0;
    return 0;
}

/* What the program has said until now. */
static void
hear(struct tp_event_run *r, struct tp_event_job *j)
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

bool
tp_jobs_dismissed(struct tp_event_run *r)
{
    bool all = true;

    for (struct tp_event_job *j = r->jobs; j < r->jobs + r->n_jobs; j++) {
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
ended(struct tp_event_run *r, struct tp_event_job *j, int status)
{
    /* What was told to end because we stop has not been worked on. */
    if (!r->stop_ms || j->late || (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !tp_run_streams(r)) || !j->kill_ms)
        judge(r, j, status);
    else
        for (struct tp_task **t = &j->tasks; *t;) {
            struct tp_task *back = *t;

            *t = back->next;
            back->next = r->head; /* release_all gives it back */
            if (!r->head)
                r->tail = &back->next;
            r->head = back;
            r->n_waiting++;
            r->n_running--;
        }
    for (const struct tp_task *t = j->tasks; t; t = t->next)
        r->n_running--;
    tp_tasks_free(j->tasks);
    j->tasks = NULL;
    j->n = 0;
    tp_child_close_output(&j->child);
    tp_lines_free(&j->answers);
}

/* Ends, deadlines and input of all children. */
void
tp_jobs_tend(struct tp_event_run *r)
{
    int64_t now = tp_clock_ms();
    int     status;
    bool    over;

    for (struct tp_event_job *j = r->jobs; j < r->jobs + r->n_jobs; j++) {
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
        } else if (!j->kill_ms && r->stop_ms && now >= r->stop_ms + TP_STOP_FINISH_MS) {
            j->kill_ms = r->stop_ms + STOP_TERM_MS;
            tp_child_signal(&j->child, SIGTERM);
        } else if (j->kill_ms && now >= j->kill_ms) {
            tp_child_signal(&j->child, SIGKILL);
        }
    }
}

/* Events of a stream go to the program that has the fewest. */
static int
spread(struct tp_event_run *r)
{
    while (r->head && !r->stop_ms) {
        struct tp_event_job *best = NULL;

        for (struct tp_event_job *j = r->jobs; j < r->jobs + r->n_jobs; j++)
            if ((!j->child.pid || (j->open && !j->kill_ms && j->n < window(r))) && (!best || j->n < best->n))
                best = j;
        if (!best)
            break;
        if (best->child.pid)
            give(r, best);
        else if (start(r, best))
            return -1;
    }
    for (struct tp_event_job *j = r->jobs; j < r->jobs + r->n_jobs; j++)
        if (j->child.pid)
            feed(j);
    return 0;
}

int
tp_jobs_start(struct tp_event_run *r)
{
    if (tp_run_streams(r))
        return spread(r);
    for (struct tp_event_job *j = r->jobs; j < r->jobs + r->n_jobs && r->head && !r->stop_ms; j++)
        if (j->child.pid == 0 && start(r, j))
            return -1;
    return 0;
}
