/* The parts of tp-event that stand in files of their own. */
#ifndef TP_CMD_EVENT_H
#define TP_CMD_EVENT_H

#include "base/prog.h"
#include "store/event.h"

extern const struct tp_opt tp_event_push_opts[];
extern const size_t        tp_event_push_size;
int                        tp_event_push(struct tp_ctx *tp, const void *args);

extern const struct tp_opt tp_event_run_opts[];
extern const size_t        tp_event_run_size;
int                        tp_event_run(struct tp_ctx *tp, const void *args);

/* A line that acknowledges. */
struct tp_ack_line {
    int64_t        id, retry_after;
    struct tp_uuid lease_token;
    const char    *error; /* NULL: it is done */
};
int tp_ack_parse(const char *text, size_t n, struct tp_ack_line *l, struct tp_arena *arena, struct tp_err *err);

/* What push and ack end with: 0, or -1 with TP_EPARTLY when lines were refused. */
int tp_event_lines_end(struct tp_ctx *tp, int64_t refused);

/* What read, ack and run share. */
extern const char *const tp_event_on_dead[];     /* rule, hold-key, continue */
int                      tp_event_hold(const char *on_dead); /* for tp_worker */

/* How long a lost server is waited for: 0.1 s, then twice as long each time up to 5 s, in all so many seconds. */
struct tp_patience {
    int64_t seconds;
    int64_t since_ms, next_ms, wait_ms; /* since_ms 0: nothing is lost */
};
/* After a failure in tp->err: 0 when it may pass and there is time; next_ms says when to try.  The connection
 * is closed.  -1: the failure stands. */
int tp_patience_lost(struct tp_ctx *tp, struct tp_patience *p);
/* The same, and waits; -1 also when a signal came. */
int  tp_patience_wait(struct tp_ctx *tp, struct tp_patience *p);
void tp_patience_found(struct tp_ctx *tp, struct tp_patience *p);

#endif
