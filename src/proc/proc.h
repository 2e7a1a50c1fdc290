/* Strategies that are programs of their own, by the protocol tp.proc/1 (docs/process-protocol.md). */
#ifndef TP_PROC_PROC_H
#define TP_PROC_PROC_H

#include "proc/talk.h"
#include "strategy/strategy.h"

struct tp_proc_opts {
    struct tp_talk_log log;
    const char        *record; /* file for what is said in both directions; NULL: none */
    bool               append; /* to what it holds already */
};

/* Puts the program of a document in the document's place, started and ready for the first bar; *s then owns the
 * document.  A document without a process stays as it is. */
int tp_proc_start(struct tp_strategy **s, const struct tp_strategy_start *start, const struct tp_proc_opts *opts,
                  struct tp_err *err);

#endif
