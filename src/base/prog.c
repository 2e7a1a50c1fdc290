#include "base/prog.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/banned.h"
#include "base/config.h"

/* ---- options that every program has ------------------------------------------------------------ */

struct common {
    bool        help, version, dump, quiet, verbose;
    const char *output, *db, *user;
};

static const char *const forms[] = {"json", "table", "csv", NULL};

static const struct tp_opt common_opts[] = {
    OPT_ENUM(struct common, output, 'o', "output", forms,
             "form of the records on stdout; a table on a terminal, JSON lines elsewhere",
             .env = "TP_OUTPUT", .config = "output"),
    OPT_TEXT(struct common, db, 0, "db", "DSN", "connection string of the database, without a password",
             .env = "TP_DSN", .config = "db"),
    OPT_TEXT(struct common, user, 0, "user", "USER", "who acts: e-mail or id", .env = "TP_USER",
             .config = "user"),
    OPT_FLAG(struct common, quiet, 'q', "quiet", "print no notes and no progress"),
    OPT_FLAG(struct common, verbose, 'v', "verbose", "print details on stderr"),
    OPT_FLAG(struct common, help, 'h', "help", "print this help"),
    OPT_FLAG(struct common, version, 0, "version", "print the version"),
    OPT_FLAG(struct common, dump, 0, "dump-options", "print the option tables for generators"),
    OPT_STOP,
};

/* ---- signals: the one allowed global is the self-pipe ------------------------------------------- */

static int signal_pipe[2] = {-1, -1};

static void
on_signal(int number)
{
    char byte = (char)number;
    int  saved = errno;

    /* A full pipe already holds a signal that nobody has looked at. */
    if (write(signal_pipe[1], &byte, 1) < 0)
        errno = saved;
    errno = saved;
}

static void
catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK))
        return;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

/* A standard descriptor that was closed would be given to the next thing opened, a connection say, and
 * texts would go there.  What stands in its place fails as a closed one does: EBADF. */
static void
hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/* Nobody reads any more: die of it as every other filter in the pipe does. */
static void
die_of_pipe(void)
{
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

int
tp_signal_fd(void)
{
    return signal_pipe[0];
}

int
tp_stopped(struct tp_err *err)
{
    char byte;

    if (signal_pipe[0] < 0 || read(signal_pipe[0], &byte, 1) != 1)
        return 0;
    on_signal(byte); /* put back: every later question gets the same answer */
    if (byte == SIGINT)
        return tp_fail(err, TP_ESIGINT, "stopped by SIGINT");
    return tp_fail(err, TP_ESIGTERM, "stopped by SIGTERM");
}

/* ---- messages ------------------------------------------------------------------------------------ */

__attribute__((format(printf, 3, 0))) static void
say(const struct tp_ctx *tp, const char *kind, const char *fmt, va_list ap)
{
    char text[1024], safe[1024];

    vsnprintf(text, sizeof text, fmt, ap);
    tp_progress_clear(tp->progress);
    fprintf(stderr, "%s: %s%s\n", tp->prog->name, kind, tp_text_safe(safe, sizeof safe, text, strlen(text)));
}

void
tp_note(const struct tp_ctx *tp, const char *fmt, ...)
{
    va_list ap;

    if (tp->quiet)
        return;
    va_start(ap, fmt);
    say(tp, "", fmt, ap);
    va_end(ap);
}

void
tp_detail(const struct tp_ctx *tp, const char *fmt, ...)
{
    va_list ap;

    if (!tp->verbose)
        return;
    va_start(ap, fmt);
    say(tp, "", fmt, ap);
    va_end(ap);
}

void
tp_warn(const struct tp_ctx *tp, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(tp, "warning: ", fmt, ap);
    va_end(ap);
}

int
tp_confirm(struct tp_ctx *tp, bool yes, const char *question)
{
    char answer[16] = "";

    if (yes)
        return 0;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        tp_fail(&tp->err, TP_EUSAGE, "%s: nobody is there to agree", question);
        return tp_hint(&tp->err, "add --yes");
    }
    fprintf(stderr, "%s [y/N] ", question);
    if (!fgets(answer, sizeof answer, stdin) && tp_stopped(&tp->err))
        return -1;
    if (answer[0] != 'y' && answer[0] != 'Y')
        return tp_fail(&tp->err, TP_EREFUSED, "not confirmed, nothing was done");
    return 0;
}

int
tp_operand_id(struct tp_ctx *tp, size_t i, struct tp_uuid *id)
{
    if (!tp_uuid_parse(tp->operands[i], strlen(tp->operands[i]), id, &tp->err))
        return 0;
    tp->err.code = TP_EUSAGE;
    return tp_hint(&tp->err, "'%s list' shows the ids", tp->prog->name);
}

bool
tp_operand_stdin(const struct tp_ctx *tp)
{
    return tp->n_operands == 1 && strcmp(tp->operands[0], "-") == 0;
}

int
tp_exclusive(struct tp_ctx *tp, bool a, const char *a_name, bool b, const char *b_name)
{
    return a && b ? tp_fail(&tp->err, TP_EUSAGE, "%s and %s exclude each other", a_name, b_name) : 0;
}

int
tp_emit(struct tp_ctx *tp, const struct tp_record *record, const void *row)
{
    return tp_out_row(&tp->out, record, row, &tp->err);
}

/* ---- help ---------------------------------------------------------------------------------------- */

static void
usage_line(const struct tp_prog *prog, const struct tp_cmd *cmd)
{
    printf("usage: %s%s%s [OPTION...]%s%s\n", prog->name, cmd->name[0] ? " " : "", cmd->name,
           cmd->operands ? " " : "", cmd->operands ? cmd->operands : "");
}

static void
print_examples(const char *examples)
{
    if (!examples)
        return;
    printf("\nexamples:\n");
    while (*examples) {
        size_t n = strcspn(examples, "\n");

        printf("  %.*s\n", (int)n, examples);
        examples += n + (examples[n] == '\n');
    }
}

static void
print_command_help(const struct tp_prog *prog, const struct tp_cmd *cmd)
{
    usage_line(prog, cmd);
    printf("%s\n", cmd->help);
    if (cmd->opts && cmd->opts->kind != TP_OPT_STOP) {
        printf("\noptions:\n");
        tp_opt_help(cmd->opts, stdout);
    }
    printf("\ncommon options:\n");
    tp_opt_help(common_opts, stdout);
    print_examples(cmd->examples ? cmd->examples : prog->examples);
}

static void
print_program_help(const struct tp_prog *prog)
{
    printf("usage: %s COMMAND [OPTION...] [ARGUMENT...]\n%s\n\ncommands:\n", prog->name, prog->help);
    for (const struct tp_cmd *c = prog->cmds; c->name; c++)
        printf("  %-18s %s\n", c->name, c->help);
    printf("\ncommon options:\n");
    tp_opt_help(common_opts, stdout);
    print_examples(prog->examples);
    printf("\n'%s COMMAND --help' tells more; exit statuses are in tp(7).\n", prog->name);
}

static void
dump_options(const struct tp_prog *prog)
{
    printf("program\t%s\t%s\n", prog->name, prog->help);
    for (const struct tp_cmd *c = prog->cmds; c->name; c++) {
        printf("command\t%s\t%s\t%s\n", c->name, c->operands ? c->operands : "", c->help);
        tp_opt_dump(c->name, c->opts, stdout);
    }
    tp_opt_dump("*", common_opts, stdout);
#define X(name, value, text) printf("status\t%d\t%s\n", value, text);
    TP_CODES(X)
#undef X
}

/* ---- where settings come from -------------------------------------------------------------------- */

struct setting {
    char        name[32], origin[12], key[40];
    const char *value;
};

static const struct tp_field setting_fields[] = {
    F_TEXT(struct setting, name, "long option"),
    F_TEXT(struct setting, origin, "environment, config, default or unset"),
    F_TEXT(struct setting, key, "the environment variable or the key in the configuration file"),
    F_LONG(struct setting, value, "the value; of a secret only whether it is set"),
    F_STOP,
};

static const struct tp_record setting_record = {"setting", "where the value of an option comes from",
                                                setting_fields, sizeof(struct setting)};

int
tp_emit_settings(struct tp_ctx *tp)
{
    static const char *const origins[] = {"unset", "default", "config", "environment"};
    static const char *const secrets[] = {"FERNET_KEY", "PGPASSWORD"};
    struct setting           row;

    for (const struct tp_opt *o = common_opts; o->kind != TP_OPT_STOP; o++) {
        enum tp_opt_origin origin;

        if (!o->env)
            continue;
        tp_record_init(&setting_record, &row);
        origin = tp_opt_origin(o, tp_config_get, tp->config, &row.value);
        tp_text_set(row.name, sizeof row.name, o->name, strlen(o->name));
        tp_text_set(row.origin, sizeof row.origin, origins[origin], strlen(origins[origin]));
        if (origin == TP_FROM_ENVIRONMENT)
            tp_text_set(row.key, sizeof row.key, o->env, strlen(o->env));
        else if (origin == TP_FROM_CONFIG)
            tp_text_set(row.key, sizeof row.key, o->config, strlen(o->config));
        /* A password inside is refused when it is used, but must not be shown before. */
        if (row.value && (strchr(row.value, '@') || strstr(row.value, "password")) && o->name[0] == 'd')
            row.value = "set";
        if (tp_emit(tp, &setting_record, &row))
            return -1;
    }
    for (size_t i = 0; i < TP_COUNT(secrets); i++) {
        const char *value = getenv(secrets[i]);
        const char *origin = origins[value ? TP_FROM_ENVIRONMENT : TP_FROM_NOWHERE];

        tp_record_init(&setting_record, &row);
        tp_text_set(row.name, sizeof row.name, secrets[i], strlen(secrets[i]));
        tp_text_set(row.origin, sizeof row.origin, origin, strlen(origin));
        row.value = value ? "set" : "unset";
        if (tp_emit(tp, &setting_record, &row))
            return -1;
    }
    return 0;
}

/* ---- finding the command ------------------------------------------------------------------------- */

static const struct tp_cmd *
named(const struct tp_prog *prog, const char *first, const char *second)
{
    size_t n = strlen(first);

    for (const struct tp_cmd *c = prog->cmds; c->name; c++) {
        if (strcmp(c->name, first) == 0)
            return c;
        if (second && strncmp(c->name, first, n) == 0 && c->name[n] == ' '
            && strcmp(c->name + n + 1, second) == 0)
            return c;
    }
    return NULL;
}

/* Where the command's name stands: behind common options, with their values, that came before it. */
static int
command_at(int argc, char **argv)
{
    int i = 1;

    while (i < argc && argv[i][0] == '-' && argv[i][1]) {
        const struct tp_opt *o = common_opts;
        bool                 is_long = argv[i][1] == '-';
        size_t               n = is_long ? strcspn(argv[i] + 2, "=") : 1;

        while (o->kind != TP_OPT_STOP
               && !(is_long ? strlen(o->name) == n && memcmp(o->name, argv[i] + 2, n) == 0
                            : o->letter == argv[i][1]))
            o++;
        if (o->kind == TP_OPT_STOP)
            break;
        i += o->kind != TP_OPT_FLAG && !argv[i][is_long ? n + 2 : 2] ? 2 : 1;
    }
    return i;
}

/* The command of argv, where its name stands and how many words it took (0 for a program of one action). */
static const struct tp_cmd *
find_command(const struct tp_prog *prog, int argc, char **argv, int *where, int *words, struct tp_err *err)
{
    const char          *names[64], *near, *word;
    size_t               n = 0;
    char                 safe[64];
    const struct tp_cmd *c;

    *words = 0;
    *where = 1;
    if (prog->cmds[0].name[0] == '\0')
        return &prog->cmds[0];
    *where = command_at(argc, argv);
    if (*where >= argc || argv[*where][0] == '-') {
        tp_fail(err, TP_EUSAGE, "which command?");
        tp_hint(err, "'%s --help' lists them", prog->name);
        return NULL;
    }
    word = argv[*where];
    c = named(prog, word, *where + 1 < argc ? argv[*where + 1] : NULL);
    if (c) {
        *words = strchr(c->name, ' ') ? 2 : 1;
        return c;
    }
    for (c = prog->cmds; c->name && n + 1 < TP_COUNT(names); c++)
        names[n++] = c->name;
    names[n] = NULL;
    n = strlen(word);
    tp_fail(err, TP_EUSAGE, "unknown command '%s'", tp_text_safe(safe, sizeof safe, word, n));
    for (c = prog->cmds; c->name; c++)
        if (strncmp(c->name, word, n) == 0 && c->name[n] == ' ') {
            tp_fail(err, TP_EUSAGE, "'%s' needs one more word", safe);
            break;
        }
    near = tp_text_nearest(word, names);
    if (near)
        tp_hint(err, "did you mean '%s'?", near);
    else
        tp_hint(err, "'%s --help' lists the commands", prog->name);
    return NULL;
}

/* ---- running ------------------------------------------------------------------------------------- */

static enum tp_form
form_of(const char *word)
{
    if (!word)
        return isatty(STDOUT_FILENO) ? TP_FORM_TABLE : TP_FORM_JSON;
    return word[0] == 'j' ? TP_FORM_JSON : word[0] == 't' ? TP_FORM_TABLE : TP_FORM_CSV;
}

static int
check_operands(struct tp_ctx *tp)
{
    const struct tp_cmd *cmd = tp->cmd;
    char                 safe[64];

    if (tp->n_operands < cmd->min_operands) {
        tp_fail(&tp->err, TP_EUSAGE, "an argument is missing");
        return tp_hint(&tp->err, "usage: %s %s %s", tp->prog->name, cmd->name, cmd->operands);
    }
    if (tp->n_operands > (cmd->operands ? cmd->max_operands : 0)) {
        const char *extra = tp->operands[cmd->operands ? cmd->max_operands : 0];

        return tp_fail(&tp->err, TP_EUSAGE, "unexpected argument '%s'",
                       tp_text_safe(safe, sizeof safe, extra, strlen(extra)));
    }
    return 0;
}

/* Messages quote what was given and what files hold: it is shown, not obeyed, by the terminal. */
static void
report(const struct tp_prog *prog, const struct tp_err *err)
{
    char safe[sizeof err->msg];

    fprintf(stderr, "%s: error: %s\n", prog->name, tp_text_safe(safe, sizeof safe, err->msg, strlen(err->msg)));
    if (err->hint[0])
        fprintf(stderr, "%s: hint: %s\n", prog->name,
                tp_text_safe(safe, sizeof safe, err->hint, strlen(err->hint)));
}

/* Runs the command in a context; returns its exit status. */
static int
run(struct tp_ctx *tp, const struct common *common, const void *args)
{
    struct tp_err      flush = TP_ERR_INIT;
    struct tp_progress progress = {.off = common->quiet || !isatty(STDERR_FILENO)};
    int                rc;

    tp->progress = &progress;
    tp->dsn = common->db && *common->db ? common->db : NULL;
    tp->user = common->user && *common->user ? common->user : NULL;
    tp->quiet = common->quiet;
    tp->verbose = common->verbose;
    tp_out_init(&tp->out, STDOUT_FILENO, form_of(common->output));
    rc = check_operands(tp) ? -1 : tp->cmd->run(tp, args);
    tp_progress_end(&progress);
    if (rc >= 0)
        tp->err.code = TP_OK;
    if (tp_out_flush(&tp->out, &flush) && rc >= 0)
        tp->err = flush;
    if (tp->db_close)
        tp->db_close(tp->db);
    return (int)tp->err.code;
}

/* --help and --version are answered before anything else is looked at. */
static bool
asks(int argc, char **argv, const char *name, char letter)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], name) == 0
            || (letter && argv[i][0] == '-' && argv[i][1] == letter && !argv[i][2]))
            return true;
    return false;
}

static int
printed(const struct tp_prog *prog)
{
    if (fflush(stdout) || ferror(stdout)) {
        if (errno == EPIPE)
            die_of_pipe();
        fprintf(stderr, "%s: error: standard output: %s\n", prog->name, strerror(errno));
        return TP_EFAIL;
    }
    return TP_OK;
}

bool
tp_given(const struct tp_ctx *tp, const char *option)
{
    const struct tp_opt *o = tp->cmd->opts;

    while (strcmp(o->name, option) != 0)
        o++;
    return tp->given[o - tp->cmd->opts];
}

int
tp_main(const struct tp_prog *prog, int argc, char **argv)
{
    struct tp_ctx        tp = {.prog = prog, .db_role = prog->db_role, .db_statement_ms = 30000};
    struct common        common = {0};
    struct tp_opt_target targets[2];
    struct rlimit        no_core = {0, 0};
    struct tp_config    *config = NULL;
    void                *args;
    bool                *given;
    int                  where = 1, words = 0, status;
    size_t               n_opts = 0;

    /* Secrets may stand in memory: no core file, no other process of this user looks in. */
    setrlimit(RLIMIT_CORE, &no_core);
    prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
    hold_standard_descriptors();
    catch_signals();
    if (asks(argc, argv, "--version", 0)) {
        printf("%s %s\n", prog->name, PACKAGE_VERSION);
        return printed(prog);
    }
    if (asks(argc, argv, "--dump-options", 0)) {
        for (const struct tp_cmd *c = prog->cmds; c->name; c++)
            assert(!tp_opt_check(c->opts));
        dump_options(prog);
        return printed(prog);
    }
    if (asks(argc, argv, "--help", 'h') && prog->cmds[0].name[0] != '\0'
        && command_at(argc, argv) >= argc) {
        print_program_help(prog);
        return printed(prog);
    }
    tp.cmd = find_command(prog, argc, argv, &where, &words, &tp.err);
    if (!tp.cmd) {
        report(prog, &tp.err);
        return (int)tp.err.code;
    }
    if (asks(argc, argv, "--help", 'h')) {
        print_command_help(prog, tp.cmd);
        return printed(prog);
    }
    argc -= words;
    for (int i = where; i < argc; i++)
        argv[i] = argv[i + words]; /* what is left are options and operands */
    args = tp_alloc(tp.cmd->args_size + 16);
    tp.operands = tp_alloc((size_t)argc * sizeof *tp.operands);
    targets[0] = (struct tp_opt_target){tp.cmd->opts, args};
    targets[1] = (struct tp_opt_target){common_opts, &common};
    for (size_t t = 0; t < 2; t++)
        for (const struct tp_opt *o = targets[t].table; o && o->kind != TP_OPT_STOP; o++)
            n_opts++;
    given = tp_alloc(n_opts * sizeof *given);
    if (tp_opt_parse(targets, 2, argc - 1, argv + 1, tp.operands, &tp.n_operands,
                     given, &tp.err)
        || tp_config_open(&config, &tp.err)
        || tp_opt_defaults(targets, 2, given, tp_config_get, config, &tp.err))
        status = (int)tp.err.code;
    else {
        tp.config = config;
        tp.given = given; /* the command's options come first */
        status = run(&tp, &common, args);
    }
    if (status != TP_OK && !tp.out.closed && tp.err.msg[0])
        report(prog, &tp.err);
    tp_opt_free(targets, 2);
    tp_config_free(config);
    free(given);
    free(tp.operands);
    free(args);
    tp_arena_free(&tp.arena);
    tp_out_free(&tp.out);
    if (tp.out.closed)
        die_of_pipe();
    if (status == TP_ESIGINT || status == TP_ESIGTERM) {
        signal(status == TP_ESIGINT ? SIGINT : SIGTERM, SIG_DFL);
        return status;
    }
    return status;
}
