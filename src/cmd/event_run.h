/* What tp-event run holds and runs: event_run.c claims, waits and concludes, event_job.c is the programs. */
#ifndef TP_CMD_EVENT_RUN_H
#define TP_CMD_EVENT_RUN_H

#include "base/child.h"
#include "base/line.h"
#include "cmd/event.h"

#define TP_JOBS_MAX 64
#define TP_STOP_FINISH_MS 3000 /* after a signal what runs may end by itself */

struct tp_run_args {
    const char        *exec, *per, *type, *consumer, *on_dead;
    int64_t            jobs, batch, lease, deadline, poll, reconnect;
    bool               shell, once, until_empty;
    struct tp_opt_list env;
};

/* An event that we hold. */
struct tp_task {
    struct tp_lease lease;
    char            event_id[TP_UUID_TEXT], type[TP_EVENT_TYPE_SIZE];
    int64_t         attempt;
    char           *line; /* its record, with the newline */
    size_t          n;
    struct tp_task *next;
};

/* A program that runs, and what it works on. */
struct tp_event_job {
    struct tp_child child;
    struct tp_task *tasks, **last; /* last: where the next one goes */
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

struct tp_event_run {
    struct tp_ctx          *tp;
    const struct tp_run_args *args;
    const char            **argv;
    const char            **env; /* the last two places are for an event's own */
    size_t                  n_env;
    struct tp_worker        worker;
    struct tp_patience      patience;
    struct tp_event_job     jobs[TP_JOBS_MAX];
    size_t                  n_jobs;
    struct tp_task         *head, **tail; /* claimed, not begun */
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

/* The event as its line; the caller frees it. */
struct tp_task *tp_task_of(const struct tp_event *e);
void            tp_task_free(struct tp_task *t); /* NULL is fine */
void            tp_tasks_free(struct tp_task *t); /* and all that follow it */
/* The result waits to be told. */
void tp_task_done(struct tp_event_run *r, const struct tp_task *t);

/* Whether a program stays and answers each event. */
bool tp_run_streams(const struct tp_event_run *r);
/* Programs for the events that wait, as many as may run.  -1: one cannot be started. */
int tp_jobs_start(struct tp_event_run *r);
/* Their input, answers, ends and deadlines. */
void tp_jobs_tend(struct tp_event_run *r);
/* At the end, or because of a signal, a program that stays hears that nothing more comes; whether none runs. */
bool tp_jobs_dismissed(struct tp_event_run *r);

#endif
