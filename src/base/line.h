/* Lines from a file descriptor, in constant memory, with their numbers. */
#ifndef TP_BASE_LINE_H
#define TP_BASE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define TP_LINE_MAX (1024 * 1024) /* a longer line is refused: TP_EINPUT with its number */

struct tp_lines {
    int     fd;
    char   *buf;
    size_t  at, end, room;
    int64_t number; /* of the line given last, from 1 */
    int     eof;
    bool    deaf; /* what comes is read although a signal said to stop; ask tp_lines_ready first */
};

void tp_lines_init(struct tp_lines *l, int fd);
/* 1 and the line (without LF or CRLF, valid until the next call), 0 at the end, -1.  A NUL byte and
 * invalid UTF-8 are refused (TP_EINPUT); the reader then stands behind that line and may go on.  SIGINT and
 * SIGTERM end the waiting for more (TP_ESIGINT, TP_ESIGTERM). */
int  tp_lines_next(struct tp_lines *l, const char **line, size_t *n, struct tp_err *err);
/* Whether tp_lines_next has its answer now, without waiting for whoever writes. */
bool tp_lines_ready(struct tp_lines *l);
void tp_lines_free(struct tp_lines *l); /* does not close fd */

#endif
