#include "base/crypt.h"

#include <openssl/evp.h>

#include "base/banned.h"
#include "base/text.h"

void
tp_sha256_init(struct tp_sha256 *h)
{
    h->ctx = EVP_MD_CTX_new();
    if (!h->ctx || !EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL))
        abort(); /* out of memory, or an OpenSSL without SHA-256: no digest, no work */
}

void
tp_sha256_add(struct tp_sha256 *h, const void *data, size_t n)
{
    if (!EVP_DigestUpdate(h->ctx, data, n))
        abort();
}

void
tp_sha256_end(struct tp_sha256 *h, uint8_t out[TP_SHA256_SIZE])
{
    if (!EVP_DigestFinal_ex(h->ctx, out, NULL))
        abort();
    EVP_MD_CTX_free(h->ctx);
    h->ctx = NULL;
}

void
tp_sha256_hex(const uint8_t digest[TP_SHA256_SIZE], char out[TP_SHA256_TEXT])
{
    static const char hex[] = "0123456789abcdef";

    for (int i = 0; i < TP_SHA256_SIZE; i++) {
        out[2 * i] = hex[digest[i] >> 4];
        out[2 * i + 1] = hex[digest[i] & 15];
    }
    out[2 * TP_SHA256_SIZE] = '\0';
}

void
tp_sha256_text(const void *data, size_t n, char out[TP_SHA256_TEXT])
{
    struct tp_sha256 h;
    uint8_t          digest[TP_SHA256_SIZE];

    tp_sha256_init(&h);
    tp_sha256_add(&h, data, n);
    tp_sha256_end(&h, digest);
    tp_sha256_hex(digest, out);
}
