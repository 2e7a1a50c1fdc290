/* The process of a document: a program that decides in the place of rules. */
#include "strategy/compiled.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"

#define DEADLINE_MS 10000
#define ARGUMENTS 64
#define ARGUMENT_MAX 4096

static const char *const networks[] = {"open", "none", NULL};
const char *const tp_on_timeout_words[] = {"hold", "flatten", "stop", NULL};
const char *const tp_on_error_words[] = {"keep", "cancel", "flatten", NULL};

/* A NULL-ended copy of a list of texts. */
static int
read_texts(struct tp_compiled *c, const json_t *list, const char *path, const char *const **out, size_t *count,
           struct tp_err *err)
{
    size_t       n = json_array_size(list);
    const char **at;

    if (list && !json_is_array(list))
        return tp_fail(err, TP_EINPUT, "%s: want a list of texts", path);
    if (n > ARGUMENTS)
        return tp_fail(err, TP_EINPUT, "%s: more than %d", path, ARGUMENTS);
    at = tp_arena_get(&c->arena, (n + 1) * sizeof *at);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(list, i);
        size_t        length = json_string_length(one);

        if (!json_is_string(one) || length == 0 || length > ARGUMENT_MAX)
            return tp_fail(err, TP_EINPUT, "%s[%zu]: want a text of 1 to %d bytes", path, i, ARGUMENT_MAX);
        at[i] = tp_arena_text(&c->arena, json_string_value(one), length);
    }
    *out = at;
    *count = n;
    return 0;
}

static int
read_command(struct tp_compiled *c, const json_t *process, struct tp_err *err)
{
    struct tp_process *p = &c->process;
    size_t             n;

    if (read_texts(c, json_object_get(process, "command"), "$.process.command", &p->command, &n, err))
        return -1;
    if (n == 0)
        return tp_fail(err, TP_EINPUT, "$.process.command: want the program and its arguments");
    if (p->command[0][0] != '/' && strchr(p->command[0], '/')) {
        tp_fail(err, TP_EINPUT, "$.process.command[0]: want a whole path or a name found along PATH, not '%.60s'",
                p->command[0]);
        return tp_hint(err, "it is started in a folder of its own; 'exec:%.60s' as the strategy's name finds it",
                       p->command[0]);
    }
    return 0;
}

static int
read_env(struct tp_compiled *c, const json_t *process, struct tp_err *err)
{
    struct tp_process *p = &c->process;

    if (read_texts(c, json_object_get(process, "env"), "$.process.env", &p->env, &p->n_env, err))
        return -1;
    for (size_t i = 0; i < p->n_env; i++)
        if (p->env[i][0] == '=')
            return tp_fail(err, TP_EINPUT, "$.process.env[%zu]: want NAME or NAME=VALUE", i);
    return 0;
}

/* Parameters are its own business, as decimals in texts. */
static void
print_params(struct tp_compiled *c, const json_t *params)
{
    TP_AUTO_BUF  text = {0};
    TP_AUTO_JSON values = json_object();
    const char  *key;
    json_t      *one;

    json_object_foreach ((json_t *)(uintptr_t)params, key, one)
        json_object_set(values, key, json_object_get(one, "default"));
    tp_json_print(values, &text);
    c->process.params = tp_arena_text(&c->arena, text.at, text.n);
    for (size_t i = 0; i < c->expr.n_params; i++)
        c->expr.params[i].used = true;
}

int
tp_process_params(json_t *doc, const struct tp_strategy_opts *opts, struct tp_err *err)
{
    json_t *params;

    if (!json_object_get(doc, "process") || json_object_get(doc, "params") || opts->n_params == 0)
        return 0;
    params = json_object();
    json_object_set_new(doc, "params", params);
    for (size_t i = 0; i < opts->n_params; i++) {
        const char *eq = strchr(opts->params[i], '=');
        char        name[64];
        json_t     *one;

        if (!eq || !tp_text_set(name, sizeof name, opts->params[i], (size_t)(eq - opts->params[i])))
            return tp_fail(err, TP_EUSAGE, "--param: want NAME=VALUE, not '%.60s'", opts->params[i]);
        one = json_object();
        json_object_set_new(one, "default", json_string(eq + 1));
        json_object_set_new(params, name, one);
    }
    return 0;
}

int
tp_process_read(struct tp_compiled *c, const json_t *doc, struct tp_err *err)
{
    static const char *const keys[] = {"command", "deadline_ms", "on_timeout", "on_error", "env", "network", "warmup", NULL};
    static const char *const others[] = {"data", "legs", "score", "vars", "filter", "entry", "exit", "protect",
                                         "spread", NULL};
    const json_t            *process = json_object_get(doc, "process");
    struct tp_process       *p = &c->process;
    int                      timeout, error, network;

    for (size_t i = 0; others[i]; i++)
        if (json_object_get(doc, others[i]))
            return tp_fail(err, TP_EINPUT, "$.%s: a process decides by itself", others[i]);
    if (tp_member_keys(process, "$.process", keys, err) || read_command(c, process, err)
        || read_env(c, process, err)
        || tp_member_count(c, process, "$.process", "deadline_ms", &p->deadline_ms, err)
        || tp_member_count(c, process, "$.process", "warmup", &c->base.warmup, err))
        return -1;
    timeout = tp_member_word(process, "$.process", "on_timeout", tp_on_timeout_words, TP_TIMEOUT_STOP, err);
    error = timeout < 0 ? -1
                        : tp_member_word(process, "$.process", "on_error", tp_on_error_words, TP_ERROR_KEEP, err);
    network = error < 0 ? -1 : tp_member_word(process, "$.process", "network", networks, 0, err);
    if (network < 0)
        return -1;
    p->no_network = network == 1;
    if (p->deadline_ms == 0 && json_object_get(process, "deadline_ms"))
        return tp_fail(err, TP_EINPUT, "$.process.deadline_ms: want a time above zero");
    if (p->deadline_ms == 0)
        p->deadline_ms = DEADLINE_MS;
    if (p->deadline_ms > TP_PROCESS_DEADLINE_MAX)
        return tp_fail(err, TP_EINPUT, "$.process.deadline_ms: at most %d", TP_PROCESS_DEADLINE_MAX);
    p->on_timeout = (enum tp_on_timeout)timeout;
    p->on_error = (enum tp_on_error)error;
    print_params(c, json_object_get(doc, "params"));
    c->base.process = p;
    return 0;
}
