#include "base/crypt.h"

#include <crypt.h>
#include <openssl/crypto.h>
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

void
tp_wipe(void *secret, size_t n)
{
    OPENSSL_cleanse(secret, n);
}

static int
check_phrase(const char *phrase, size_t n, struct tp_err *err)
{
    if (n == 0)
        return tp_fail(err, TP_EINPUT, "the password is empty");
    if (n > TP_BCRYPT_PHRASE) {
        tp_fail(err, TP_EINPUT, "the password is longer than %d bytes", TP_BCRYPT_PHRASE);
        return tp_hint(err, "bcrypt would pass over the rest without a word");
    }
    if (memchr(phrase, '\0', n))
        return tp_fail(err, TP_EINPUT, "the password holds a NUL byte");
    return 0;
}

/* One run of crypt_r; false when it gave no bcrypt hash (its failures start with '*'). */
static bool
run_bcrypt(const char *phrase, size_t n, const char *setting, char out[TP_BCRYPT_SIZE])
{
    struct crypt_data *data = tp_alloc(sizeof *data); /* 32 kB */
    char               text[TP_BCRYPT_PHRASE + 1] = "";
    const char        *hash;
    bool               good;

    memcpy(text, phrase, n);
    hash = crypt_r(text, setting, data);
    good = hash && hash[0] == '$' && strlen(hash) == TP_BCRYPT_SIZE - 1;
    if (good)
        memcpy(out, hash, TP_BCRYPT_SIZE);
    tp_wipe(text, sizeof text);
    tp_wipe(data, sizeof *data);
    free(data);
    return good;
}

int
tp_bcrypt_hash(const char *phrase, size_t n, char out[TP_BCRYPT_SIZE], struct tp_err *err)
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];

    if (check_phrase(phrase, n, err))
        return -1;
    /* The cost is always named: 0 would mean 5. */
    if (!crypt_gensalt_rn("$2b$", TP_BCRYPT_COST, NULL, 0, setting, (int)sizeof setting)
        || !run_bcrypt(phrase, n, setting, out))
        return tp_fail(err, TP_EFAIL, "libcrypt makes no bcrypt hash");
    return 0;
}

int
tp_bcrypt_verify(const char *phrase, size_t n, const char *hash, bool *old, struct tp_err *err)
{
    char again[TP_BCRYPT_SIZE];
    int  same;

    *old = false;
    if (check_phrase(phrase, n, err))
        return -1;
    if (strlen(hash) != TP_BCRYPT_SIZE - 1 || strncmp(hash, "$2", 2) != 0)
        return 0;
    if (!run_bcrypt(phrase, n, hash, again))
        return tp_fail(err, TP_EFAIL, "libcrypt cannot read the stored hash");
    same = CRYPTO_memcmp(again, hash, sizeof again) == 0;
    tp_wipe(again, sizeof again);
    /* Two digits of cost compare as text. */
    *old = hash[2] != 'b' || strncmp(hash + 4, "12", 2) < 0;
    return same;
}
