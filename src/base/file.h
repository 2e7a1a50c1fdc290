/* Files by name: opened, read and written whole. */
#ifndef TP_BASE_FILE_H
#define TP_BASE_FILE_H

#include "base/err.h"
#include "base/text.h"

/* Opens a file for reading; "-" is standard input.  -1: TP_EMISSING when there is none of that name, else
 * TP_EFAIL. */
int  tp_file_open(const char *path, int *fd, struct tp_err *err);
void tp_file_close(int fd); /* leaves standard input open */

/* Appends the bytes of a file ("-": standard input) to `to` and ends them with a zero byte that does not
 * count.  -1: as tp_file_open, TP_EINPUT when there are more than max bytes, the signal's code when one
 * arrives meanwhile. */
int tp_file_read(const char *path, size_t max, struct tp_buf *to, struct tp_err *err);

/* Makes or replaces a file, whole or not at all: what was there stays until the text is written.  What is no
 * regular file (a device, a pipe, a link) is written to directly.  -1 with TP_EFAIL. */
int tp_file_write(const char *path, const char *text, size_t n, struct tp_err *err);

#endif
