/* The door to libarchive: bytes of a file, a pipe or memory, unpacked when they are zip, gz, xz or zstd. */
#ifndef TP_BASE_UNPACK_H
#define TP_BASE_UNPACK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/crypt.h"
#include "base/err.h"
#include "base/text.h"

struct tp_source;

/* What is packed inside grows at most this many times (and 1 MiB): a bomb is refused with TP_EINPUT. */
#define TP_UNPACK_RATIO 100

/* Opens a file, or standard input for "-".  Packed bytes are known by their first ones; a zip must have
 * exactly one regular member.  -1: TP_EMISSING, TP_EINPUT, TP_EFAIL. */
int tp_source_open(struct tp_source **out, const char *path, struct tp_err *err);
/* The same, for a source whose digest will be asked for. */
int tp_source_open_hashed(struct tp_source **out, const char *path, struct tp_err *err);
/* Bytes that stay the caller's. */
int tp_source_memory(struct tp_source **out, const char *data, size_t n, struct tp_err *err);
/* Up to room bytes; 0 at the end, -1. */
ssize_t tp_source_read(struct tp_source *s, char *to, size_t room, struct tp_err *err);
/* All of it that is left, at most max bytes, behind what `to` holds. */
int tp_source_all(struct tp_source *s, size_t max, struct tp_buf *to, struct tp_err *err);
/* How much of the file has been read, 0 to 100; -1 for a pipe. */
int     tp_source_percent(const struct tp_source *s);
/* SHA-256 of the bytes before unpacking, and how many they are; reads what is left of them.  Once. */
int     tp_source_digest(struct tp_source *s, char sha256[TP_SHA256_TEXT], int64_t *bytes, struct tp_err *err);
void    tp_source_close(struct tp_source *s); /* NULL is fine */

#endif
