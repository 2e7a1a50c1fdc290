/* Whole small files. */
#ifndef TP_BASE_FILE_H
#define TP_BASE_FILE_H

#include "base/err.h"
#include "base/text.h"

/* Appends the file's bytes to `to`.  -1: TP_EMISSING when there is no such file, TP_EINPUT when it has
 * more than max bytes or is not a regular file or pipe, TP_EFAIL otherwise. */
int tp_file_read(const char *path, size_t max, struct tp_buf *to, struct tp_err *err);

#endif
