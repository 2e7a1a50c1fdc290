/* tp-strategy - documents that say when to trade: built-in ones and files. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/line.h"
#include "base/prog.h"
#include "cmd/options.h"
#include "cmd/process.h"
#include "cmd/strategy.h"
#include "proc/transcript.h"
#include "store/backtest.h"
#include "store/strategy.h"
#include "store/user.h"
#include "strategy/explain.h"
#include "strategy/expr.h"
#include "strategy/strategy.h"

#include "base/banned.h"

/* ---- built-ins, files and stored ones -------------------------------------------------------------- */

struct list_args {
    const char *name, *kind;
    bool        builtin, deleted;
    int64_t     limit;
};

static const struct tp_opt list_opts[] = {
    OPT_TEXT(struct list_args, name, 0, "name", "NAME", "of this name alone", .complete = "strategy"),
    OPT_ENUM(struct list_args, kind, 't', "type", tp_strategy_types, "of this type alone"),
    OPT_FLAG(struct list_args, builtin, 0, "builtin", "the built-in ones instead; needs no database"),
    OPT_DELETED(struct list_args, deleted),
    OPT_LIMIT(struct list_args, limit, "1000"),
    OPT_STOP,
};

/* A document as the row it would be, but for ids and times. */
static int
describe(struct tp_ctx *tp, const struct tp_strategy_source *source, const struct tp_opt_list *params,
         struct tp_strategy_row *row)
{
    struct tp_strategy_opts opts = {.text = source->text, .n = source->n, .name = source->name};
    struct tp_strategy     *s;

    if (params) {
        opts.params = params->at;
        opts.n_params = params->n;
    }
    if (tp_strategy_open(&s, &opts, &tp->err))
        return -1;
    tp_record_init(&tp_strategy_record, row);
    memcpy(row->name, source->name, sizeof row->name);
    tp_text_set(row->type, sizeof row->type, s->type, strlen(s->type));
    tp_text_set(row->content_sha256, sizeof row->content_sha256, s->hash, strlen(s->hash));
    row->parameters = tp_arena_text(&tp->arena, s->document, strlen(s->document));
    tp_strategy_close(s);
    return 0;
}

static int
list_builtins(struct tp_ctx *tp)
{
    for (size_t i = 0; tp_builtin_names[i]; i++) {
        struct tp_strategy_source source;
        struct tp_strategy_row    row;
        char                      name[80];

        snprintf(name, sizeof name, "builtin:%s", tp_builtin_names[i]);
        if (tp_strategy_load(tp, name, &source) || describe(tp, &source, NULL, &row)
            || tp_emit(tp, &tp_strategy_record, &row))
            return -1;
    }
    return 0;
}

static int
cmd_list(struct tp_ctx *tp, const void *args)
{
    const struct list_args   *a = args;
    struct tp_strategy_filter filter = {a->name, a->kind, a->deleted, a->limit};
    TP_AUTO_ROWS              rows = NULL;
    struct tp_uuid            user;

    if (a->builtin)
        return list_builtins(tp);
    if (tp_user_begin(tp, &user) || tp_strategy_list(tp->db, &filter, &rows, &tp->err)
        || tp_emit_rows(tp, &tp_strategy_record, rows))
        return -1;
    return tp_db_commit(tp->db, &tp->err);
}

static int
cmd_show(struct tp_ctx *tp, const void *args)
{
    struct tp_strategy_source source;

    (void)args;
    if (tp_strategy_load(tp, tp->operands[0], &source)
        || tp_out_text(&tp->out, source.text, source.n, &tp->err))
        return -1;
    /* A document of the database is one line without its end. */
    return source.n && source.text[source.n - 1] == '\n' ? 0 : tp_out_text(&tp->out, "\n", 1, &tp->err);
}

struct add_args {
    const char        *as, *description;
    struct tp_opt_list params;
};

static const struct tp_opt add_opts[] = {
    OPT_TEXT(struct add_args, as, 0, "as", "NAME[@VERSION]",
             "default: the file's name without suffix, and 1.0.0; a version never changes"),
    OPT_TEXT(struct add_args, description, 0, "description", "TEXT", "for people"),
    OPT_PARAM(struct add_args, params, "another default of a parameter"),
    OPT_STOP,
};

static int
cmd_add(struct tp_ctx *tp, const void *args)
{
    const struct add_args    *a = args;
    struct tp_strategy_source source;
    struct tp_strategy_row    row;
    struct tp_uuid            user;
    const char               *as = a->as, *at;
    int                       added;

    if (tp_strategy_load(tp, tp->operands[0], &source) || describe(tp, &source, &a->params, &row))
        return -1;
    if (!as)
        as = strncmp(source.name, "builtin:", 8) ? source.name : source.name + 8;
    at = strchr(as, '@');
    tp_text_set(row.version, sizeof row.version, "1.0.0", 5);
    if (!tp_text_set(row.name, sizeof row.name, as, at ? (size_t)(at - as) : strlen(as))
        || (at && !tp_text_set(row.version, sizeof row.version, at + 1, strlen(at + 1))))
        return tp_fail(&tp->err, TP_EUSAGE, "--as: the name or the version is too long");
    if (tp_strategy_name_check(row.name, &tp->err) || tp_strategy_version_check(row.version, &tp->err))
        return tp_where(&tp->err, "--as");
    row.description = a->description;
    if (tp_user_begin(tp, &user))
        return -1;
    row.user_id = user;
    added = tp_strategy_add(tp->db, &row, &tp->arena, &tp->err);
    if (added < 0 || tp_db_commit(tp->db, &tp->err))
        return -1;
    if (!added)
        tp_note(tp, "%s %s is there already with this content", row.name, row.version);
    return tp_emit(tp, &tp_strategy_record, &row);
}

/* Begins a transaction and finds the user's own strategy of the operand. */
static int
find_own(struct tp_ctx *tp, bool deleted, struct tp_strategy_row *row)
{
    struct tp_uuid user;

    if (tp_user_begin(tp, &user)
        || tp_strategy_find(tp->db, user, tp->operands[0], deleted, row, &tp->arena, &tp->err))
        return -1;
    if (!tp_uuid_equal(row->user_id, user))
        return tp_fail(&tp->err, TP_EREFUSED, "strategy '%s' belongs to another user", row->name);
    return 0;
}

/* Ends the transaction and prints the strategy as it is now. */
static int
emit_changed(struct tp_ctx *tp, const struct tp_strategy_row *row, bool deleted)
{
    struct tp_strategy_row now;
    char                   id[TP_UUID_TEXT];

    tp_uuid_print(id, row->id);
    if (tp_strategy_find(tp->db, row->user_id, id, deleted, &now, &tp->arena, &tp->err)
        || tp_db_commit(tp->db, &tp->err))
        return -1;
    return tp_emit(tp, &tp_strategy_record, &now);
}

struct publish_args {
    struct tp_uuid backtest;
    bool           withdraw;
};

static const struct tp_opt publish_opts[] = {
    OPT_UUID(struct publish_args, backtest, 0, "backtest", "ID", "the result to show with it; default: its newest"),
    OPT_FLAG(struct publish_args, withdraw, 0, "withdraw", "make it private again"),
    OPT_STOP,
};

static int
cmd_publish(struct tp_ctx *tp, const void *args)
{
    const struct publish_args *a = args;
    struct tp_strategy_row     row;
    struct tp_backtest         shown;
    bool                       given = !tp_uuid_none(a->backtest);

    if (tp_exclusive(tp, given, "--backtest", a->withdraw, "--withdraw") || find_own(tp, false, &row))
        return -1;
    if (given) {
        if (tp_backtest_get(tp->db, a->backtest, &shown, &tp->arena, &tp->err))
            return -1;
        if (!tp_uuid_equal(shown.strategy_id, row.id))
            return tp_fail(&tp->err, TP_EREFUSED, "--backtest: that result is not of strategy '%s' %s", row.name,
                           row.version);
    }
    if (tp_strategy_publish(tp->db, row.id, !a->withdraw, a->backtest, &tp->err))
        return -1;
    return emit_changed(tp, &row, false);
}

static int
cmd_delete(struct tp_ctx *tp, const void *args)
{
    struct tp_strategy_row row;

    (void)args;
    if (find_own(tp, false, &row) || tp_strategy_delete(tp->db, row.id, &tp->err))
        return -1;
    return emit_changed(tp, &row, true);
}

static int
cmd_restore(struct tp_ctx *tp, const void *args)
{
    struct tp_strategy_row row;

    (void)args;
    if (find_own(tp, true, &row) || tp_strategy_restore(tp->db, row.id, &tp->err))
        return -1;
    return emit_changed(tp, &row, false);
}

/* ---- what a document says ------------------------------------------------------------------------- */

struct check_args {
    struct tp_opt_list params;
    const char        *interval;
};

static const struct tp_opt check_opts[] = {
    OPT_PARAM(struct check_args, params, "a parameter of the strategy"),
    OPT_INTERVAL(struct check_args, interval, "length of the run's bars, to count the warm-up of other series in"),
    OPT_STOP,
};

static int
open_operand(struct tp_ctx *tp, const struct check_args *a, struct tp_strategy **s)
{
    struct tp_strategy_opts   opts = {.name = tp->operands[0], .params = a->params.at, .n_params = a->params.n};
    struct tp_strategy_source source;

    if (a->interval)
        opts.interval = tp_interval_find(a->interval);
    if (tp_strategy_load(tp, opts.name, &source))
        return -1;
    opts.text = source.text;
    opts.n = source.n;
    return tp_strategy_open(s, &opts, &tp->err);
}

/* The warm-up of each other series, and the paths of conditions that never change. */
static void
print_findings(const struct tp_strategy *s, struct tp_buf *line)
{
    const struct tp_expr *e = s->expr;
    const char           *comma = "";

    tp_buf_text(line, ",\"series\":[");
    for (int i = 1; i <= e->n_series; i++) {
        int64_t warmup = 0;

        for (int k = 0; k < e->n; k++)
            if (e->node[k].wanted && e->node[k].series == i && e->node[k].warmup > warmup)
                warmup = e->node[k].warmup;
        tp_buf_fmt(line, "%s{\"name\":\"%s\",\"interval\":", i > 1 ? "," : "", e->series[i].name);
        if (e->series[i].interval)
            tp_buf_fmt(line, "\"%s\"", e->series[i].interval->name);
        else
            tp_buf_text(line, "null");
        tp_buf_fmt(line, ",\"warmup\":%lld}", (long long)warmup);
    }
    tp_buf_text(line, "],\"unused\":[");
    for (size_t i = 0; i < e->n_params; i++)
        if (!e->params[i].used) {
            tp_buf_fmt(line, "%s\"$%s\"", comma, e->params[i].name);
            comma = ",";
        }
    for (size_t i = 0; i < e->n_vars; i++)
        if (!e->node[e->vars[i].node].wanted) {
            tp_buf_fmt(line, "%s\"%s\"", comma, e->vars[i].name);
            comma = ",";
        }
    comma = "";
    tp_buf_text(line, "],\"constant\":[");
    for (size_t i = 0; i < s->n_said; i++)
        if (e->node[s->said[i].node].truth && tp_expr_constant_node(e, s->said[i].node)) {
            tp_buf_fmt(line, "%s\"%s\"", comma, s->said[i].path);
            comma = ",";
        }
    tp_buf_fmt(line, "],\"memory\":%zu", tp_expr_memory(e));
}

static int
cmd_check(struct tp_ctx *tp, const void *args)
{
    struct tp_strategy *s;
    TP_AUTO_BUF         line = {0};
    TP_AUTO_JSON        name = NULL;
    TP_AUTO_JSON        reason = NULL;
    int                 rc;

    if (open_operand(tp, args, &s))
        return -1;
    name = json_string(s->name);
    reason = s->cannot_run[0] ? json_string(s->cannot_run) : json_null();
    tp_buf_text(&line, "{\"type\":\"strategy_check\",\"name\":");
    tp_json_print(name, &line);
    tp_buf_fmt(&line, ",\"kind\":\"%s\",\"sha256\":\"%s\",\"warmup\":%lld", s->type, s->hash, (long long)s->warmup);
    print_findings(s, &line);
    tp_buf_text(&line, ",\"cannot_run\":");
    tp_json_print(reason, &line);
    tp_buf_fmt(&line, ",\"parameters\":%s}\n", s->document);
    rc = tp_out_text(&tp->out, line.at, line.n, &tp->err);
    tp_strategy_close(s);
    return rc;
}

/* A part for people: a sentence is not cut to a column. */
static int
print_sentence(struct tp_ctx *tp, const struct tp_strategy_part *p)
{
    TP_AUTO_BUF line = {0};

    tp_buf_fmt(&line, "%-10s %s", p->part, p->name);
    if (p->warmup != INT64_MIN)
        tp_buf_fmt(&line, " [warm-up %lld]", (long long)p->warmup);
    tp_buf_fmt(&line, ": %s\n", p->says);
    return tp_out_text(&tp->out, line.at, line.n, &tp->err);
}

static int
cmd_explain(struct tp_ctx *tp, const void *args)
{
    struct tp_strategy_part *parts;
    struct tp_strategy      *s;
    size_t                   n;
    int                      rc = 0;

    if (open_operand(tp, args, &s))
        return -1;
    tp_strategy_explain(s, &tp->arena, &parts, &n);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = tp->out.form == TP_FORM_TABLE ? print_sentence(tp, &parts[i])
                                           : tp_emit(tp, &tp_strategy_part_record, &parts[i]);
    tp_strategy_close(s);
    return rc;
}

/* ---- replay -------------------------------------------------------------------------------------- */

struct replay_args {
    const char *exec;
};

static const struct tp_opt replay_opts[] = {
    OPT_TEXT(struct replay_args, exec, 0, "exec", "PROGRAM",
             "hold this program and its arguments against it, not the one that was recorded"),
    OPT_STOP,
};

struct replayed {
    int64_t     lines, same, difference;
    const char *wanted, *given;
};

static const struct tp_field replayed_fields[] = {
    F_INT(struct replayed, lines, "lines of the transcript that were replayed"),
    F_INT(struct replayed, same, "answers that were the same"),
    F_INT(struct replayed, difference, "line of the transcript that was answered otherwise; null: none"),
    F_LONG(struct replayed, wanted, "what was answered when it was recorded"),
    F_LONG(struct replayed, given, "what was answered now"),
    F_STOP,
};

static const struct tp_record replayed_record = {"strategy_replay", "a transcript said again to a program",
                                                 replayed_fields, sizeof(struct replayed)};

static int
emit_replayed(struct tp_ctx *tp, const struct tp_replay *r, bool differs)
{
    struct replayed row = {.lines = tp_replay_lines(r), .same = tp_replay_same(r), .difference = TP_INT_NONE};

    if (differs) {
        row.difference = row.lines;
        row.wanted = tp_replay_wanted(r);
        row.given = tp_replay_given(r);
    }
    if (tp_emit(tp, &replayed_record, &row))
        return -1;
    return differs ? tp_fail(&tp->err, TP_EFAIL, "line %lld of the transcript was answered otherwise",
                             (long long)row.lines)
                   : 0;
}

static int
replay_file(struct tp_ctx *tp, struct tp_replay *r)
{
    struct tp_lines lines;
    const char     *line;
    size_t          n;
    int             fd, got, rc = 0;

    if (tp_file_open(tp->operands[0], &fd, &tp->err))
        return -1;
    tp_lines_init(&lines, fd);
    while (rc == 0 && (got = tp_lines_next(&lines, &line, &n, &tp->err)) != 0)
        rc = got < 0 ? -1 : tp_replay_line(r, line, n, &tp->err);
    tp_lines_free(&lines);
    tp_file_close(fd);
    return rc < 0 ? tp_where(&tp->err, "%.200s", tp->operands[0]) : emit_replayed(tp, r, rc > 0);
}

static int
cmd_replay(struct tp_ctx *tp, const void *args)
{
    const struct replay_args *a = args;
    struct tp_talk_log        log = tp_process_log(tp);
    struct tp_strategy_source source;
    struct tp_strategy       *other = NULL;
    struct tp_replay         *r;
    TP_AUTO_BUF               name = {0};
    int                       rc = 0;

    if (a->exec) {
        struct tp_strategy_opts opts = {.name = a->exec, .run = true};

        tp_buf_fmt(&name, "exec:%s", a->exec);
        if (tp_strategy_load(tp, name.at, &source))
            return -1;
        opts.text = source.text;
        opts.n = source.n;
        rc = tp_strategy_open(&other, &opts, &tp->err);
    }
    if (rc == 0) {
        tp_replay_open(&r, other ? other->process : NULL, &log);
        rc = replay_file(tp, r);
        tp_replay_close(r);
    }
    tp_strategy_close(other);
    return rc;
}

static const struct tp_cmd cmds[] = {
    {"add", "keep a document under a name and version", add_opts, sizeof(struct add_args), cmd_add, "NAME", 1, 1,
     "  tp-strategy add mine.yaml                         # as mine, version 1.0.0\n"
     "  tp-strategy add --as mine@1.1.0 -P fast=8 mine.yaml   # the next version\n"},
    {"list", "list stored strategies, own and public ones", list_opts, sizeof(struct list_args), cmd_list, NULL, 0,
     0,
     "  tp-strategy list --builtin                        # what comes with the programs\n"},
    {"show", "print the document of a strategy as it was written", NULL, 0, cmd_show, "NAME", 1, 1,
     "  tp-strategy show builtin:sma-cross                # a start for one of your own\n"},
    {"check", "check a document; print its hash, warm-up and canonical form", check_opts,
     sizeof(struct check_args), cmd_check, "NAME", 1, 1,
     "  tp-strategy check -P fast=20 builtin:sma-cross    # exit status 3 when it is wrong\n"},
    {"explain", "say in sentences what a document computes and when it trades", check_opts,
     sizeof(struct check_args), cmd_explain, "NAME", 1, 1,
     "  tp-strategy explain builtin:mtf-filter -i 1h      # what enters and what exits\n"},
    {"replay", "say a transcript to a program again; exit 1 when it answers otherwise", replay_opts,
     sizeof(struct replay_args), cmd_replay, "FILE", 1, 1,
     "  tp-strategy replay said.jsonl --exec ./mine        # does the new build decide alike?\n"},
    {"serve", "hold positions that are named from outside, line by line", tp_serve_opts, sizeof(struct tp_serve_args),
     tp_strategy_serve, NULL, 0, 0,
     "  tail -f signals.jsonl | tp-strategy serve --stdin-signals   # one answer a line\n"},
    {"publish", "let every user read and use a strategy", publish_opts, sizeof(struct publish_args), cmd_publish,
     "NAME", 1, 1,
     "  tp-strategy publish mine@1.1.0                    # with the figures of its newest backtest\n"},
    {"delete", "mark a stored strategy as deleted", NULL, 0, cmd_delete, "NAME", 1, 1,
     "  tp-strategy delete mine@1.0.0                     # restore takes it back\n"},
    {"restore", "take back the deletion of a strategy", NULL, 0, cmd_restore, "NAME", 1, 1,
     "  tp-strategy restore mine@1.0.0                    # it is listed again\n"},
    {0},
};

static const struct tp_prog prog = {
    .name = "tp-strategy",
    .help = "keep and check documents that say when to trade",
    .cmds = cmds,
    .db_role = "tp_app",
    .examples = "tp-strategy check mine.yaml && tp-backtest run -S mine.yaml -i 1h candles.csv\n",
};

int
main(int argc, char **argv)
{
    return tp_main(&prog, argc, argv);
}
