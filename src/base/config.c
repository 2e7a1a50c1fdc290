#include "base/config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"
#include "base/file.h"
#include "base/yaml.h"

#define FILE_MAX (256 * 1024) /* what tp_yaml_parse reads */

struct tp_config {
    json_t *root;
};

const char *
tp_config_path(char *out, size_t size)
{
    const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int         n = 0;

    out[0] = '\0';
    if (xdg && xdg[0] == '/') /* the specification passes over relative ones */
        n = snprintf(out, size, "%s/tp/config.yaml", xdg);
    else if (home && *home)
        n = snprintf(out, size, "%s/.config/tp/config.yaml", home);
    if (n < 0 || (size_t)n >= size)
        out[0] = '\0';
    return out;
}

/* Only mappings and single values: no option takes a list from the file. */
static int
check(const json_t *j, struct tp_err *err)
{
    const char   *key;
    const json_t *value;

    if (!json_is_object(j))
        return tp_fail(err, TP_EUSAGE, "want a mapping of words to values");
    json_object_foreach ((json_t *)(uintptr_t)j, key, value) {
        if (json_is_array(value))
            return tp_fail(err, TP_EUSAGE, "%.60s: want one value, not a list", key);
        if (json_is_object(value) && check(value, err))
            return tp_where(err, "%.60s", key);
    }
    return 0;
}

int
tp_config_open(struct tp_config **out, struct tp_err *err)
{
    char          path[4096];
    TP_AUTO_BUF   text = {0};
    TP_AUTO_JSON  root = NULL;
    struct stat   st;
    struct tp_err none = TP_ERR_INIT;

    *out = NULL;
    if (!tp_config_path(path, sizeof path)[0])
        return 0;
    if (stat(path, &st)) {
        if (errno == ENOENT || errno == ENOTDIR)
            return 0;
        return tp_fail(err, TP_EUSAGE, "%.300s: %s", path, strerror(errno));
    }
    /* It names a database and who acts: nobody else may write it. */
    if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & 022))
        return tp_fail(err, TP_EUSAGE, "%.300s: others may write this file", path);
    if (tp_file_read(path, FILE_MAX, &text, &none))
        return tp_fail(err, TP_EUSAGE, "%.300s: %.150s", path, none.msg);
    if (text.n == 0)
        return 0;
    if (tp_yaml_parse(text.at, text.n, &root, err) || check(root, err))
        return tp_usage(err, "%.300s", path);
    *out = tp_alloc(sizeof **out);
    (*out)->root = json_incref(root);
    return 0;
}

void
tp_config_free(struct tp_config *config)
{
    if (!config)
        return;
    json_decref(config->root);
    free(config);
}

const char *
tp_config_get(const void *config, const char *key)
{
    const struct tp_config *c = config;
    const json_t           *j = c ? c->root : NULL;
    char                    word[64];

    while (j && *key) {
        size_t n = strcspn(key, ".");

        if (!tp_text_set(word, sizeof word, key, n))
            return NULL;
        j = json_object_get(j, word);
        key += n + (key[n] == '.');
    }
    if (json_is_boolean(j))
        return json_is_true(j) ? "true" : "false";
    return json_string_value(j);
}
