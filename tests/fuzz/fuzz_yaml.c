/* YAML: what is read is a tree that prints as JSON and reads back equal. */
#include "base/yaml.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    TP_AUTO_JSON  tree = NULL;
    TP_AUTO_JSON  again = NULL;
    TP_AUTO_BUF   printed = {0};
    struct tp_err err = TP_ERR_INIT;

    if (tp_yaml_parse((const char *)data, n, &tree, &err)) {
        fuzz_want(!tree && err.code == TP_EINPUT && err.msg[0]);
        return 0;
    }
    tp_json_print(tree, &printed);
    if (json_is_object(tree) || json_is_array(tree))
        fuzz_want(!tp_json_parse(printed.at, printed.n, &again, &err) && json_equal(tree, again));
    return 0;
}
