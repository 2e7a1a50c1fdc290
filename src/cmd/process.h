/* What programs that run strategies do alike about those that are programs themselves. */
#ifndef TP_CMD_PROCESS_H
#define TP_CMD_PROCESS_H

#include "base/prog.h"
#include "cmd/options.h"
#include "proc/proc.h"

#define OPT_RECORD(type, field)                                                                    \
    OPT_TEXT(type, field, 0, "record", "FILE",                                                     \
             "write what is said to and by the strategy's program, for tp-strategy replay", .complete = "file")

/* Its log lines become notes and warnings. */
struct tp_talk_log tp_process_log(struct tp_ctx *tp);
/* For struct tp_strategy_starter: `to` is one of these. */
struct tp_process_starter {
    struct tp_ctx *tp;
    const char    *record; /* NULL: none */
    bool           append;
};
int tp_process_start(void *to, struct tp_strategy **s, const struct tp_strategy_start *start, struct tp_err *err);
/* -1 with TP_EUSAGE when --record was given for a strategy without a program. */
int tp_process_record(struct tp_ctx *tp, const struct tp_strategy *s, const char *record);

#endif
