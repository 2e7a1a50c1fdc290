#include "base/failure.h"

#include "base/banned.h"

static const struct tp_field failure_fields[] = {
    F_INT(struct tp_failure, line, "number of the line on stdin, or of the operand"),
    F_INT(struct tp_failure, code, "what the exit status would have been"),
    F_TEXT(struct tp_failure, reason, "why, one word for scripts"),
    F_LONG(struct tp_failure, message, "why, a sentence for people"),
    F_STOP,
};

const struct tp_record tp_failure_record = {"error", "the answer for a line that failed", failure_fields,
                                            sizeof(struct tp_failure)};
