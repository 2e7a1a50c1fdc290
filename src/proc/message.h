/* The lines of the protocol tp.proc/1: what a strategy's program is told, and what it answers. */
#ifndef TP_PROC_MESSAGE_H
#define TP_PROC_MESSAGE_H

#include "base/json.h"
#include "market/candle.h"
#include "strategy/strategy.h"

#define TP_PROC_VERSION 1
#define TP_PROC_ID 65 /* room for an id of the program's own */
#define TP_PROC_NEEDS 8 /* other series that a program may need */

/* Another series: the run's bars in a coarser interval. */
struct tp_need {
    char                      name[33];
    const struct tp_interval *interval;
};

/* ---- what it is told: each adds one object without the line's end ------------------------------ */

void tp_say_hello(struct tp_buf *to, const struct tp_strategy_start *start);
/* state: JSON or NULL; client gives the program's own id of a working order, or NULL. */
void tp_say_init(struct tp_buf *to, const struct tp_strategy *s, const struct tp_strategy_start *start,
                 const char *state, const char *(*client)(void *of, const struct tp_work *w), void *of);

struct tp_say_bar {
    int64_t               seq, skipped;
    const struct tp_bars *bars;
    size_t                i;
    int64_t               interval_us;
    const struct tp_view *view; /* NULL: a bar to warm up with */
    bool                  warm;
};
void tp_say_bar(struct tp_buf *to, const struct tp_say_bar *bar);
/* A bar of another series. */
void tp_say_series(struct tp_buf *to, int64_t seq, const struct tp_need *series, const struct tp_candle *bar,
                   int64_t skipped, bool warm);

/* client NULL: an order that is not the program's own. */
void tp_say_order(struct tp_buf *to, int64_t seq, const char *client, const struct tp_order_event *e);
/* A wish that did not become an order. */
void tp_say_refused(struct tp_buf *to, int64_t seq, const char *client, const char *reason);
/* A working order that somebody else has ended, how is not known here. */
void tp_say_gone(struct tp_buf *to, int64_t seq, const char *client);
void tp_say_fill(struct tp_buf *to, int64_t seq, const char *client, const struct tp_trade *t,
                 const struct tp_leg *position);
void tp_say_end(struct tp_buf *to, int64_t seq, const char *reason);

/* ---- what it answers ------------------------------------------------------------------------------ */

enum tp_answer_kind {
    TP_ANSWER_READY, TP_ANSWER_PLACE, TP_ANSWER_CANCEL, TP_ANSWER_TARGET, TP_ANSWER_LOG, TP_ANSWER_DONE,
    TP_ANSWER_STATE
};

struct tp_answer {
    enum tp_answer_kind kind;
    int64_t             seq;            /* done */
    bool                deterministic, snapshot; /* ready */
    struct tp_need      needs[TP_PROC_NEEDS];    /* ready */
    size_t              n_needs;
    char                id[TP_PROC_ID]; /* place, cancel */
    char                body[17];       /* place: begin of the SHA-256 of what it asks for */
    struct tp_want      want;           /* place, target: without order */
    struct tp_work      order;          /* place, target */
    char                reason[64];
    char                level[8];       /* log */
    struct tp_buf       text;           /* log: what it says; state: JSON */
};

void tp_answer_free(struct tp_answer *a);
/* -1 with TP_EINPUT: malformed, or a t that there is not. */
int tp_answer_read(struct tp_answer *a, const char *line, size_t n, struct tp_err *err);

#endif
