/* Reading a secret: from a terminal without echo, from a descriptor, or from stdin; never from argv. */
#ifndef TP_BASE_SECRET_H
#define TP_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define TP_SECRET_MAX 4096

/* Wipe it with tp_secret_wipe as soon as it was used. */
struct tp_secret {
    char   text[TP_SECRET_MAX + 1];
    size_t n;
};

/* Reads one line (without its LF or CRLF) from fd; fd -1: from the terminal when stdin is one, asking
 * with prompt and, when twice, once more to compare; else from stdin.  TP_EINPUT: longer than
 * TP_SECRET_MAX, a NUL byte, or two different answers; TP_EUSAGE: fd is not open. */
int  tp_secret_read(struct tp_secret *out, int64_t fd, const char *prompt, bool twice, struct tp_err *err);
void tp_secret_wipe(struct tp_secret *secret);

#endif
