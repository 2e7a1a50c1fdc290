/* JSON trees: what is read prints and reads back equal. */
#include "base/json.h"
#include "tests/fuzz/fuzz.h"

static void
check(int (*parse)(const char *, size_t, json_t **, struct tp_err *), const char *text, size_t n)
{
    TP_AUTO_JSON  j = NULL;
    TP_AUTO_JSON  again = NULL;
    TP_AUTO_BUF   printed = {0};
    struct tp_err err = TP_ERR_INIT;

    if (parse(text, n, &j, &err)) {
        fuzz_want(err.code == TP_EINPUT && err.msg[0]);
        return;
    }
    tp_json_print(j, &printed);
    fuzz_want(printed.n > 0 && !tp_json_parse(printed.at, printed.n, &again, &err));
    fuzz_want(json_equal(j, again));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    check(tp_json_parse, (const char *)data, n);
    check(tp_json_parse_foreign, (const char *)data, n);
    return 0;
}
