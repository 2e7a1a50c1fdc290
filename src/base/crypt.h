/* The door to OpenSSL: digests. */
#ifndef TP_BASE_CRYPT_H
#define TP_BASE_CRYPT_H

#include <stddef.h>
#include <stdint.h>

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

#endif
