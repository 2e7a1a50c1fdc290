/* Runs a fuzz target without libFuzzer: every line of its corpus, and a fixed number of mutations of each.
 * The corpus of fuzz_NAME is the file tests/fuzz/corpus/NAME; \xHH stands for a byte. */
#include "tests/fuzz/fuzz.h"

#include "base/text.h"
#include "tests/unit/tap.h"

#define MUTATIONS 2000
#define INPUT_MAX 4096

static uint64_t seed = 0x9e3779b97f4a7c15;

static size_t
any(size_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (size_t)(seed % below);
}

/* Changes a few bytes: another byte, one taken out, one put in, a piece twice. */
static size_t
mutate(char *text, size_t n)
{
    static const char words[] = "0123456789-+.eE\"\\{}[],:TZ \n\xc3\xff";

    for (size_t times = 1 + any(4); times; times--) {
        size_t at = n ? any(n) : 0, left = n - at;

        switch (any(4)) {
        case 0:
            if (n)
                text[at] = words[any(sizeof words)];
            break;
        case 1:
            if (n) {
                memmove(text + at, text + at + 1, left - 1);
                n--;
            }
            break;
        case 2:
            if (n < INPUT_MAX) {
                memmove(text + at + 1, text + at, left);
                text[at] = words[any(sizeof words)];
                n++;
            }
            break;
        default:
            if (left && n + left <= INPUT_MAX) {
                size_t piece = 1 + any(left);

                memmove(text + at + piece, text + at, left);
                n += piece;
            }
        }
    }
    return n;
}

/* Runs the target on a copy of exactly n bytes, so that a sanitizer sees reading past the end. */
static void
run(const char *text, size_t n)
{
    char *copy = tp_alloc(n ? n : 1);

    memcpy(copy, text, n);
    LLVMFuzzerTestOneInput((const uint8_t *)copy, n);
    free(copy);
}

static size_t
unescape(char *text)
{
    size_t n = 0;

    for (size_t i = 0; text[i] && text[i] != '\n'; i++) {
        unsigned byte;

        if (text[i] == '\\' && text[i + 1] == 'x' && sscanf(text + i + 2, "%2x", &byte) == 1) {
            text[n++] = (char)byte;
            i += 3;
        } else {
            text[n++] = text[i];
        }
    }
    return n;
}

int
main(int argc, char **argv)
{
    const char *name = argc ? strrchr(argv[0], '/') : NULL, *source = getenv("srcdir");
    char        path[4096], line[INPUT_MAX], text[INPUT_MAX + 1];
    FILE       *f;
    size_t      lines = 0;

    name = name ? name + 1 : argv[0];
    name = strncmp(name, "fuzz_", 5) == 0 ? name + 5 : name;
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", source ? source : ".", name);
    f = fopen(path, "r");
    if (!f) {
        ok(false, "the corpus %s is there", path);
        return done();
    }
    while (fgets(line, sizeof line, f)) {
        size_t n = unescape(line);

        run(line, n);
        for (int i = 0; i < MUTATIONS; i++) {
            memcpy(text, line, n);
            run(text, mutate(text, n));
        }
        lines++;
    }
    fclose(f);
    ok(lines > 0, "%s: %zu inputs with %d mutations each keep every promise", name, lines, MUTATIONS);
    return done();
}
