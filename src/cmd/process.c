#include "cmd/process.h"

#include <string.h>

#include "base/banned.h"

static void
on_log(void *to, const char *level, const char *text)
{
    struct tp_ctx *tp = to;

    if (strcmp(level, "warn") == 0 || strcmp(level, "error") == 0)
        tp_warn(tp, "strategy: %s", text);
    else if (strcmp(level, "debug") == 0)
        tp_detail(tp, "strategy: %s", text);
    else
        tp_note(tp, "strategy: %s", text);
}

struct tp_talk_log
tp_process_log(struct tp_ctx *tp)
{
    return (struct tp_talk_log){tp, on_log};
}

int
tp_process_start(void *to, struct tp_strategy **s, const struct tp_strategy_start *start, struct tp_err *err)
{
    const struct tp_process_starter *by = to;
    struct tp_proc_opts              how = {.log = tp_process_log(by->tp), .record = by->record, .append = by->append};

    return tp_proc_start(s, start, &how, err);
}

int
tp_process_record(struct tp_ctx *tp, const struct tp_strategy *s, const char *record)
{
    return record && (!s || !s->process)
               ? tp_fail(&tp->err, TP_EUSAGE, "--record: the strategy is no program of its own")
               : 0;
}
