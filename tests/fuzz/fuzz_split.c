/* SQL cut into statements: pieces of the text, in order, that are one statement each when cut again. */
#include "base/text.h"
#include "migrate/split.h"
#include "tests/fuzz/fuzz.h"

/* A statement cut again is itself alone: it keeps its semicolons in quotes and parentheses. */
static void
again(const char *statement, size_t n)
{
    struct tp_split s;
    struct tp_err   err = TP_ERR_INIT;
    const char     *same;
    size_t          length;

    tp_split_init(&s, statement, n);
    fuzz_want(tp_split_next(&s, &same, &length, &err) == 1);
    fuzz_want(same == statement && length == n && s.start_line == 1);
    fuzz_want(tp_split_next(&s, &same, &length, &err) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const char     *text = (const char *)data, *statement, *last = text;
    struct tp_split s;
    struct tp_err   err = TP_ERR_INIT;
    size_t          length;
    int             more;

    tp_split_init(&s, text, n);
    while ((more = tp_split_next(&s, &statement, &length, &err)) > 0) {
        fuzz_want(length > 0 && statement >= last && statement + length <= text + n);
        fuzz_want(s.start_line >= 1 && s.start_line <= s.line);
        again(statement, length);
        last = statement + length;
    }
    fuzz_want(more == 0 || (err.code == TP_EINPUT && err.msg[0]));
    return 0;
}
