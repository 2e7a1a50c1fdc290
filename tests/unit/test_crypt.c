/* Digests and password hashes against published values. */
#include <string.h>

#include "base/crypt.h"
#include "tap.h"

static void
test_sha256(void)
{
    char text[TP_SHA256_TEXT];

    tp_sha256_text("abc", 3, text);
    is(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "FIPS 180-4: abc");
    tp_sha256_text("", 0, text);
    is(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "no bytes at all");
}

static void
test_bcrypt(void)
{
    static const char known[] = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    struct tp_err     err = TP_ERR_INIT;
    char              hash[TP_BCRYPT_SIZE], phrase[74];
    bool              old = false;

    memset(phrase, 'a', sizeof phrase);
    ok(tp_bcrypt_verify("U*U", 3, known, &old, &err) == 1, "the known answer of crypt_blowfish matches");
    ok(old, "five rounds are too few: the hash should be made anew");
    ok(tp_bcrypt_verify("U*V", 3, known, &old, &err) == 0, "another phrase does not match");
    ok(tp_bcrypt_verify("U*U", 3, "!", &old, &err) == 0, "no phrase fits the hash of no password");
    ok(tp_bcrypt_verify("U*U", 3, "$2b$xx$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", &old, &err)
           == -1 && err.code == TP_EFAIL,
       "a damaged hash is an error, not a mismatch");
    ok(tp_bcrypt_hash(phrase, 73, hash, &err) == -1 && err.code == TP_EINPUT, "73 bytes are refused");
    ok(tp_bcrypt_hash("", 0, hash, &err) == -1 && err.code == TP_EINPUT, "an empty password is refused");
    ok(tp_bcrypt_hash("a\0b", 3, hash, &err) == -1 && err.code == TP_EINPUT, "a NUL inside is refused");
    if (ok(tp_bcrypt_hash(phrase, 72, hash, &err) == 0, "72 bytes are hashed")) {
        ok(strncmp(hash, "$2b$12$", 7) == 0 && strlen(hash) == 60, "with 2b and cost 12");
        ok(tp_bcrypt_verify(phrase, 72, hash, &old, &err) == 1 && !old, "and match their own hash");
        ok(tp_bcrypt_verify(phrase, 71, hash, &old, &err) == 0, "which 71 of them do not");
    }
}

static void
test_wipe(void)
{
    char secret[] = "secret", zero[sizeof secret] = "";

    tp_wipe(secret, sizeof secret);
    ok(memcmp(secret, zero, sizeof secret) == 0, "wiping leaves zeros");
}

int
main(void)
{
    test_sha256();
    test_bcrypt();
    test_wipe();
    return done();
}
