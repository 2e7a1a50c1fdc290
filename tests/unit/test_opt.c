#include "base/opt.h"
#include "base/text.h"

#include <stdlib.h>

#include "tap.h"

static const char *const words[] = {"json", "table", NULL};

struct args {
    bool               force;
    const char        *name, *form;
    struct tp_opt_list params;
    int64_t            limit;
    struct tp_dec      price;
    struct tp_time     from;
};

static const struct tp_opt table[] = {
    OPT_FLAG(struct args, force, 'f', "force", "do it"),
    OPT_TEXT(struct args, name, 'n', "name", "NAME", "what it is called", .env = "TP_TEST_NAME"),
    OPT_ENUM(struct args, form, 'o', "output", words, "form"),
    OPT_LIST(struct args, params, 'p', "param", "KEY=VALUE", "a parameter"),
    OPT_INT(struct args, limit, 0, "limit", "N", 1, 100, "at most so many", .fallback = "10"),
    OPT_DEC(struct args, price, 0, "price", "PRICE", "price"),
    OPT_TIME(struct args, from, 0, "from", "first time"),
    OPT_STOP,
};

/* What the arguments come to, as one text. */
static const char *
outcome(char *out, size_t size, const char *const *argv)
{
    struct args          args = {0};
    struct tp_opt_target target = {table, &args};
    struct tp_err        err = TP_ERR_INIT;
    const char          *operands[16];
    bool                 given[8] = {false};
    char                *copy[16], price[TP_DEC_TEXT] = "", from[TP_TIME_TEXT] = "";
    size_t               n_operands = 0;
    int                  argc = 0;

    for (; argv[argc]; argc++)
        copy[argc] = tp_strdup(argv[argc]);
    if (tp_opt_parse(&target, 1, argc, copy, operands, &n_operands, given, &err)
        || tp_opt_defaults(&target, 1, given, NULL, NULL, &err)) {
        snprintf(out, size, "%d %s%s%s", (int)err.code, err.msg, err.hint[0] ? " | " : "", err.hint);
    } else {
        tp_dec_print_short(price, args.price);
        tp_time_print(from, args.from);
        snprintf(out, size, "f=%d n=%s o=%s p=%zu l=%lld price=%s from=%s operands=%zu", args.force,
                 args.name ? args.name : "-", args.form ? args.form : "-", args.params.n,
                 (long long)args.limit, price, from, n_operands);
    }
    tp_opt_free(&target, 1);
    for (int i = 0; i < argc; i++)
        free(copy[i]);
    return out;
}

int
main(void)
{
    static const struct {
        const char *argv[8], *want;
    } cases[] = {
        {{NULL}, "f=0 n=- o=- p=0 l=10 price= from= operands=0"},
        {{"-f", "x", "--name=a", "y"}, "f=1 n=a o=- p=0 l=10 price= from= operands=2"},
        {{"-fn", "a"}, "f=1 n=a o=- p=0 l=10 price= from= operands=0"},
        {{"-na"}, "f=0 n=a o=- p=0 l=10 price= from= operands=0"},
        {{"-p", "a=1", "--param", "b=2"}, "f=0 n=- o=- p=2 l=10 price= from= operands=0"},
        {{"--", "-f"}, "f=0 n=- o=- p=0 l=10 price= from= operands=1"},
        {{"-"}, "f=0 n=- o=- p=0 l=10 price= from= operands=1"},
        {{"--limit", "100", "--price", "1.50", "--from", "2025-01-01"},
         "f=0 n=- o=- p=0 l=100 price=1.5 from=2025-01-01T00:00:00.000000Z operands=0"},
        {{"--limit", "101"}, "2 --limit: want a whole number from 1 to 100, not '101'"},
        {{"--limit", "ten"}, "2 --limit: want a whole number from 1 to 100, not 'ten'"},
        {{"--limit"}, "2 --limit: N is missing"},
        {{"-n"}, "2 -n: NAME is missing"},
        {{"--nmae", "x"}, "2 unknown option '--nmae' | did you mean '--name'?"},
        {{"--nam", "x"}, "2 unknown option '--nam' | did you mean '--name'?"},
        {{"-x"}, "2 unknown option '-x'"},
        {{"-o", "xml"}, "2 --output: want one of json, table, not 'xml'"},
        {{"-o", "jsn"}, "2 --output: want one of json, table, not 'jsn' | did you mean 'json'?"},
        {{"--force=yes"}, "2 --force takes no value"},
        {{"--name", "a", "--name", "b"}, "2 --name was given twice"},
        {{"-p", "fast=1", "-p", "slow=2", "-p", "fast=1"}, "2 --param: fast was given twice"},
        {{"--price", "1e5"},
         "2 --price: '1e5' is not a decimal number: want digits with at most one point"},
    };
    char out[800];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        is(outcome(out, sizeof out, cases[i].argv), cases[i].want, "arguments %zu", i);
    setenv("TP_TEST_NAME", "from-env", 1);
    is(outcome(out, sizeof out, (const char *const[]){NULL}),
       "f=0 n=from-env o=- p=0 l=10 price= from= operands=0", "the environment fills what is absent");
    is(outcome(out, sizeof out, (const char *const[]){"-n", "a", NULL}),
       "f=0 n=a o=- p=0 l=10 price= from= operands=0", "the command line comes before it");
    ok(!tp_opt_check(table), "a sound table passes its own check");
    return done();
}
