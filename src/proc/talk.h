/* A program that is talked to in lines: started clean, never waited for without a limit, always ended. */
#ifndef TP_PROC_TALK_H
#define TP_PROC_TALK_H

#include "base/err.h"
#include "base/text.h"

struct tp_talk;

/* Where a program's log lines go: level is debug, info, warn, error, or stderr. */
struct tp_talk_log {
    void *to;
    void (*line)(void *to, const char *level, const char *text);
};

struct tp_talk_opts {
    const char *const *command; /* NULL-ended */
    const char *const *env;     /* what it sees besides TP_CHILD_ENV: NAME or NAME=VALUE */
    size_t             n_env;
    bool               no_network;
    struct tp_talk_log log;
};

/* Starts it in an empty folder of its own.  -1: TP_EMISSING when there is no such program. */
int tp_talk_open(struct tp_talk **out, const struct tp_talk_opts *opts, struct tp_err *err);
/* Where to put lines, ended by LF, that tp_talk_next sends. */
struct tp_buf *tp_talk_out(struct tp_talk *t);
/* Sends what is there and waits for a line (valid until the next call) up to a moment of tp_clock_ms: 1; 0
 * when it is over; -1: TP_EINPUT naming the line that is too long or no UTF-8; TP_EFAIL when the program has
 * ended or closed its output (TP_EREMOTE when it says by exit status 75: later); the signal's code. */
int tp_talk_next(struct tp_talk *t, int64_t until_ms, const char **line, size_t *n, struct tp_err *err);
int64_t tp_talk_lines(const struct tp_talk *t); /* that it has given so far */
/* Nothing more will be sent: its input is closed as soon as it has taken what is there. */
void tp_talk_last(struct tp_talk *t);
/* Closes its input, and when it does not end within five seconds sends TERM, then after five more KILL.
 * What it started goes with it.  Gives the status as of waitpid(2); NULL is fine. */
int tp_talk_close(struct tp_talk *t);

#endif
