/* tp-strategy - documents that say when to trade: built-in ones and files. */
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/prog.h"
#include "strategy/strategy.h"

#include "base/banned.h"

#define DOCUMENT_MAX (256 * 1024)

/* The text that a name stands for; file keeps what was read. */
static int
load(struct tp_ctx *tp, const char *name, struct tp_buf *file, const char **text, size_t *n)
{
    if (strncmp(name, "builtin:", 8) == 0) {
        const char *near;

        *text = tp_builtin_text(name + 8, n);
        if (*text)
            return 0;
        near = tp_text_nearest(name + 8, tp_builtin_names);
        tp_fail(&tp->err, TP_EMISSING, "there is no built-in strategy '%.60s'", name + 8);
        return near ? tp_hint(&tp->err, "did you mean builtin:%s?", near) : -1;
    }
    if (tp_file_read(name, DOCUMENT_MAX, file, &tp->err))
        return -1;
    tp_buf_char(file, '\0');
    *text = file->at;
    *n = file->n - 1;
    return 0;
}

static int
cmd_list(struct tp_ctx *tp, const void *args)
{
    TP_AUTO_BUF line = {0};

    (void)args;
    for (size_t i = 0; tp_builtin_names[i]; i++)
        tp_buf_fmt(&line, "{\"type\":\"strategy\",\"name\":\"builtin:%s\"}\n", tp_builtin_names[i]);
    return tp_out_text(&tp->out, line.at, line.n, &tp->err);
}

static int
cmd_show(struct tp_ctx *tp, const void *args)
{
    TP_AUTO_BUF file = {0};
    const char *text;
    size_t      n;

    (void)args;
    if (load(tp, tp->operands[0], &file, &text, &n))
        return -1;
    return tp_out_text(&tp->out, text, n, &tp->err);
}

struct check_args {
    struct tp_opt_list params;
};

static const struct tp_opt check_opts[] = {
    OPT_LIST(struct check_args, params, 'P', "param", "NAME=VALUE", "a parameter of the strategy"),
    OPT_STOP,
};

static int
cmd_check(struct tp_ctx *tp, const void *args)
{
    const struct check_args *a = args;
    struct tp_strategy_opts  opts = {.name = tp->operands[0], .params = a->params.at, .n_params = a->params.n};
    struct tp_strategy      *s;
    TP_AUTO_BUF              file = {0}, line = {0};
    TP_AUTO_JSON             name = NULL;
    int                      rc;

    if (load(tp, opts.name, &file, &opts.text, &opts.n) || tp_strategy_open(&s, &opts, &tp->err))
        return -1;
    name = json_string(s->name);
    tp_buf_text(&line, "{\"type\":\"strategy_check\",\"name\":");
    tp_json_print(name, &line);
    tp_buf_fmt(&line, ",\"sha256\":\"%s\",\"warmup\":%lld,\"parameters\":%s}\n", s->hash, (long long)s->warmup,
               s->document);
    rc = tp_out_text(&tp->out, line.at, line.n, &tp->err);
    tp_strategy_close(s);
    return rc;
}

static const struct tp_cmd cmds[] = {
    {"list", "list the built-in strategies", NULL, 0, cmd_list, NULL, 0, 0,
     "  tp-strategy list                                  # one line each\n"},
    {"show", "print the document of a strategy as it was written", NULL, 0, cmd_show, "NAME", 1, 1,
     "  tp-strategy show builtin:sma-cross                # a start for one of your own\n"},
    {"check", "check a document; print its hash, warm-up and canonical form", check_opts,
     sizeof(struct check_args), cmd_check, "NAME", 1, 1,
     "  tp-strategy check -P fast=20 builtin:sma-cross    # exit status 3 when it is wrong\n"},
    {0},
};

static const struct tp_prog prog = {
    .name = "tp-strategy",
    .help = "check and read documents that say when to trade",
    .cmds = cmds,
    .examples = "tp-strategy check mine.yaml && tp-backtest run -S mine.yaml -i 1h candles.csv\n",
};

int
main(int argc, char **argv)
{
    return tp_main(&prog, argc, argv);
}
