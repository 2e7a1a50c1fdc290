/* The door to OpenSSL and libcrypt: digests, password hashes, wiping. */
#ifndef TP_BASE_CRYPT_H
#define TP_BASE_CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define TP_SHA256_SIZE 32
#define TP_SHA256_TEXT 65

struct tp_sha256 {
    void *ctx;
};

void tp_sha256_init(struct tp_sha256 *h);
void tp_sha256_add(struct tp_sha256 *h, const void *data, size_t n);
/* Ends the digest and frees h. */
void tp_sha256_end(struct tp_sha256 *h, uint8_t out[TP_SHA256_SIZE]);
void tp_sha256_hex(const uint8_t digest[TP_SHA256_SIZE], char out[TP_SHA256_TEXT]);
/* The digest of one piece, in hexadecimal. */
void tp_sha256_text(const void *data, size_t n, char out[TP_SHA256_TEXT]);

#define TP_BCRYPT_SIZE 61    /* 60 characters and NUL */
#define TP_BCRYPT_COST 12    /* 2^12 rounds */
#define TP_BCRYPT_PHRASE 72  /* bytes that bcrypt looks at */

/* Hashes a password: $2b$12$, salt of the kernel.  TP_EINPUT when it is empty or longer than 72 bytes
 * (bcrypt would pass over the rest) or holds a NUL. */
int tp_bcrypt_hash(const char *phrase, size_t n, char out[TP_BCRYPT_SIZE], struct tp_err *err);
/* 1 when the phrase is the hash's, 0 when it is not (or the hash is none, such as "!"), -1.  *old says
 * that the hash should be made anew: another prefix than 2b, or fewer rounds. */
int tp_bcrypt_verify(const char *phrase, size_t n, const char *hash, bool *old, struct tp_err *err);
/* Overwrites a secret; not optimised away. */
void tp_wipe(void *secret, size_t n);

#endif
