/* What was said between the engine and a program, as lines of JSON, and saying it again to another build. */
#ifndef TP_PROC_TRANSCRIPT_H
#define TP_PROC_TRANSCRIPT_H

#include "proc/talk.h"
#include "strategy/strategy.h"

/* ---- writing ------------------------------------------------------------------------------------ */

/* Adds the first line: the program. */
void tp_transcript_begin(struct tp_buf *to, const struct tp_process *p);
/* Adds a line that was sent (or else got), without its end. */
void tp_transcript_add(struct tp_buf *to, bool sent, const char *line, size_t n);

/* ---- replaying ---------------------------------------------------------------------------------- */

struct tp_replay;

/* p: what to start; NULL: what the transcript's first line names. */
void tp_replay_open(struct tp_replay **out, const struct tp_process *p, const struct tp_talk_log *log);
/* The next line of the transcript: 0; 1 when the program answers otherwise (tp_replay_difference); -1. */
int tp_replay_line(struct tp_replay *r, const char *line, size_t n, struct tp_err *err);
/* What differs: the line number in the transcript, what stands there, what was answered. */
int64_t     tp_replay_lines(const struct tp_replay *r);
const char *tp_replay_wanted(const struct tp_replay *r);
const char *tp_replay_given(const struct tp_replay *r);
/* Actions that were the same. */
int64_t tp_replay_same(const struct tp_replay *r);
void    tp_replay_close(struct tp_replay *r); /* NULL is fine */

#endif
