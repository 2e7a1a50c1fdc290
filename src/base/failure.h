/* What stands in the place of an answer that could not be given. */
#ifndef TP_BASE_FAILURE_H
#define TP_BASE_FAILURE_H

#include "base/record.h"

#define TP_REASON_WORD 64

/* The answer for a line that failed. */
struct tp_failure {
    int64_t     line;
    int64_t     code; /* what the exit status would have been */
    char        reason[TP_REASON_WORD];
    const char *message;
};

extern const struct tp_record tp_failure_record;

#endif
