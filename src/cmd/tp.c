/* tp - runs the programs of the family: `tp order place ...` is `tp-order place ...`. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/prog.h"

#include "base/banned.h"

struct member {
    const char *name, *help;
};

static const struct member members[] = {
    {"db", "private server, schema and partitions"},
    {"user", "people who own strategies, bots and accounts"},
    {"symbol", "venues and their instruments"},
    {"prices", "candles and other market data"},
    {"strategy", "strategies"},
    {"backtest", "runs of strategies and orders over candles"},
};

/* Becomes the program tp-NAME that stands beside this one, or else the one in PATH; argv[0] is replaced.
 * Returns only when there is none. */
static void
become(const char *name, char **argv)
{
    char    path[4096], program[128];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    char   *slash;

    if ((size_t)snprintf(program, sizeof program, "tp-%s", name) >= sizeof program)
        return;
    argv[0] = program;
    if (n > 0) {
        path[n] = '\0';
        slash = strrchr(path, '/');
        if (slash && (size_t)(slash + 1 - path) + strlen(program) < sizeof path) {
            memcpy(slash + 1, program, strlen(program) + 1);
            execv(path, argv);
        }
    }
    execvp(program, argv);
}

/* Names are small letters, so that no path and no option is ever run. */
static bool
is_name(const char *text)
{
    return *text && strspn(text, "abcdefghijklmnopqrstuvwxyz") == strlen(text);
}

static int
unknown(struct tp_ctx *tp, const char *name)
{
    const char *names[TP_COUNT(members) + 4], *near;
    char        safe[64];
    size_t      n = 0;

    for (; n < TP_COUNT(members); n++)
        names[n] = members[n].name;
    names[n++] = "help";
    names[n++] = "settings";
    names[n++] = "version";
    names[n] = NULL;
    near = tp_text_nearest(name, names);
    tp_fail(&tp->err, TP_EUSAGE, "there is no program 'tp-%s'",
            tp_text_safe(safe, sizeof safe, name, strlen(name)));
    return near ? tp_hint(&tp->err, "did you mean '%s'?", near) : tp_hint(&tp->err, "'tp help' lists them");
}

static int
cmd_help(struct tp_ctx *tp, const void *args)
{
    (void)args;
    if (tp->n_operands) {
        const char *name = tp->operands[0];
        char        own[] = "tp", help[] = "--help", *argv[] = {own, help, NULL};

        if (is_name(name))
            become(name, argv);
        return unknown(tp, name);
    }
    for (size_t i = 0; i < TP_COUNT(members); i++) {
        char line[128];
        int  n = snprintf(line, sizeof line, "tp %-10s %s\n", members[i].name, members[i].help);

        if (tp_out_text(&tp->out, line, (size_t)n, &tp->err))
            return -1;
    }
    return 0;
}

static int
cmd_version(struct tp_ctx *tp, const void *args)
{
    static const char text[] = "tp " PACKAGE_VERSION "\n";

    (void)args;
    return tp_out_text(&tp->out, text, sizeof text - 1, &tp->err);
}

static int
cmd_settings(struct tp_ctx *tp, const void *args)
{
    (void)args;
    return tp_emit_settings(tp);
}

/* What a name that is no command of ours comes to when no such program is there. */
static int
cmd_unknown(struct tp_ctx *tp, const void *args)
{
    (void)args;
    return unknown(tp, tp->operands[0]);
}

static const struct tp_cmd cmds[] = {
    {.name = "help", .help = "list the programs, or print the help of one", .run = cmd_help,
     .operands = "[PROGRAM]", .max_operands = 1, .examples = "tp help\ntp help backtest"},
    {.name = "settings", .help = "print where the settings of all programs come from",
     .run = cmd_settings, .examples = "tp settings -o table"},
    {.name = "version", .help = "print the version", .run = cmd_version},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
    static const struct tp_prog prog = {
        .name = "tp",
        .help = "runs the programs of the family: 'tp order place' is 'tp-order place'",
        .cmds = cmds,
        .examples = "tp help\ntp backtest list -o table",
    };
    static const struct tp_cmd  missing[] = {
        {.name = "", .help = "", .run = cmd_unknown, .operands = "PROGRAM", .min_operands = 1,
         .max_operands = SIZE_MAX},
        {.name = NULL},
    };
    static const struct tp_prog no_such = {.name = "tp", .help = "", .cmds = missing};
    char                        own[] = "tp", stop[] = "--", *rest[] = {own, stop, NULL, NULL};

    if (argc < 2 || !is_name(argv[1]) || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "version") == 0
        || strcmp(argv[1], "settings") == 0)
        return tp_main(&prog, argc, argv);
    rest[2] = argv[1];
    become(rest[2], argv + 1);
    return tp_main(&no_such, 3, rest);
}
