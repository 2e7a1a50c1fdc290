#include "store/strategy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/file.h"
#include "store/sql.h"
#include "store/user.h"
#include "strategy/strategy.h"

const char *const tp_strategy_types[] = {"technical", "ml", "hybrid", "arbitrage", NULL};

static const struct tp_field fields[] = {
    F_UUID(struct tp_strategy_row, id, "UUID version 7", .wide = true),
    F_UUID(struct tp_strategy_row, user_id, "owner", .wide = true),
    F_TEXT(struct tp_strategy_row, name, "name; unique with version among the owner's live ones",
           .required = true),
    F_TEXT(struct tp_strategy_row, version, "semantic version"),
    F_TEXT(struct tp_strategy_row, type, "what decides", .choices = tp_strategy_types),
    F_BOOL(struct tp_strategy_row, is_public, "every user may read and use it"),
    F_LONG(struct tp_strategy_row, description, "for people"),
    F_TEXT(struct tp_strategy_row, content_sha256, "SHA-256 of the canonical document", .wide = true),
    F_JSON(struct tp_strategy_row, parameters, "the canonical document", .wide = true),
    F_JSON(struct tp_strategy_row, backtest_summary, "figures of the backtest it was published with",
           .wide = true),
    F_TIME(struct tp_strategy_row, created_at, "when it was added"),
    F_TIME(struct tp_strategy_row, updated_at, "last change", .wide = true),
    F_TIME(struct tp_strategy_row, deleted_at, "when it was deleted", .wide = true),
    F_STOP,
};

const struct tp_record tp_strategy_record = {"strategy", "when to trade, as a document", fields,
                                             sizeof(struct tp_strategy_row)};

/* ---- names on a command line ------------------------------------------------------------------- */

static bool
is_file_name(const char *name)
{
    static const char *const suffixes[] = {".yaml", ".yml", ".json"};
    size_t                   n = strlen(name);

    for (size_t i = 0; i < TP_COUNT(suffixes); i++)
        if (n > strlen(suffixes[i]) && strcmp(name + n - strlen(suffixes[i]), suffixes[i]) == 0)
            return true;
    return strchr(name, '/') != NULL || strcmp(name, "-") == 0;
}

int
tp_strategy_name_check(const char *name, struct tp_err *err)
{
    size_t n = strlen(name);
    char   safe[80];

    if (n && n < TP_STRATEGY_NAME_SIZE && tp_text_plain(name, n) && !strchr(name, '@')
        && !is_file_name(name) && strncmp(name, "builtin:", 8) && strncmp(name, "exec:", 5))
        return 0;
    tp_fail(err, TP_EUSAGE, "'%s' cannot be a strategy's name", tp_text_safe(safe, sizeof safe, name, n));
    return tp_hint(err, "no '/', '@', 'builtin:', 'exec:', suffix of a file or control character, at most 255 bytes");
}

/* The length of a number without leading zeros, 0: there is none. */
static size_t
plain_number(const char *p)
{
    size_t n = strspn(p, "0123456789");

    return n > 1 && p[0] == '0' ? 0 : n;
}

/* The words between points that a version ends with; behind '-' a number has no leading zeros.  NULL: wrong. */
static const char *
identifiers(const char *p, bool plain)
{
    for (;; p++) {
        size_t n = strspn(p, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-");

        if (n == 0 || (plain && strspn(p, "0123456789") == n && !plain_number(p)))
            return NULL;
        p += n;
        if (*p != '.')
            return p;
    }
}

static bool
is_version(const char *p)
{
    for (int part = 0; part < 3; part++) {
        size_t n = plain_number(p);

        if (n == 0 || (part < 2 && p[n] != '.'))
            return false;
        p += part < 2 ? n + 1 : n;
    }
    if (*p == '-')
        p = identifiers(p + 1, true);
    if (p && *p == '+')
        p = identifiers(p + 1, false);
    return p && *p == '\0';
}

int
tp_strategy_version_check(const char *version, struct tp_err *err)
{
    char safe[80];

    if (strlen(version) <= 32 && is_version(version))
        return 0;
    tp_fail(err, TP_EUSAGE, "'%s' is no semantic version",
            tp_text_safe(safe, sizeof safe, version, strlen(version)));
    return tp_hint(err, "like 1.2.0 or 1.2.0-beta.1, at most 32 characters");
}

static int
load_builtin(struct tp_ctx *tp, const char *name, struct tp_strategy_source *out)
{
    const char *near;
    char        safe[80];

    out->text = tp_builtin_text(name, &out->n);
    if (out->text)
        return 0;
    near = tp_text_nearest(name, tp_builtin_names);
    tp_fail(&tp->err, TP_EMISSING, "there is no built-in strategy '%s'",
            tp_text_safe(safe, sizeof safe, name, strlen(name)));
    return near ? tp_hint(&tp->err, "did you mean builtin:%s?", near)
                : tp_hint(&tp->err, "'tp-strategy list --builtin' shows them");
}

/* A strategy is called as its file, without folder and suffix. */
static int
name_of_file(struct tp_ctx *tp, const char *path, struct tp_strategy_source *out)
{
    const char *name = strrchr(path, '/'), *dot;

    name = name ? name + 1 : path;
    dot = strrchr(name, '.');
    if (!tp_text_set(out->name, sizeof out->name, name, dot && dot > name ? (size_t)(dot - name) : strlen(name)))
        return tp_fail(&tp->err, TP_EUSAGE, "%.200s: the name is too long", path);
    return 0;
}

/* A word of the command line: what names a file from here does so from everywhere. */
static int
put_word(struct tp_ctx *tp, const char *word, size_t n, bool program, struct tp_buf *to)
{
    const char       *text = tp_arena_text(&tp->arena, word, n);
    TP_AUTO_FREE char *path = strchr(text, '/') ? realpath(text, NULL) : NULL;

    if (!path && program && strchr(text, '/'))
        return tp_fail(&tp->err, TP_EMISSING, "exec:%.200s: there is no such program", text);
    tp_buf_text(to, program ? "" : ",");
    tp_json_string(to, path ? path : text, strlen(path ? path : text));
    return 0;
}

static int
load_program(struct tp_ctx *tp, const char *command, struct tp_strategy_source *out)
{
    TP_AUTO_BUF text = {0};
    const char *last = NULL;

    tp_buf_text(&text, "{\"process\":{\"command\":[");
    for (const char *at = command + strspn(command, " "); *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");

        if (put_word(tp, at, n, !last, &text))
            return -1;
        last = at;
        /* The script names the strategy rather than its interpreter. */
        if (!out->name[0] || memchr(at, '/', n))
            if (name_of_file(tp, tp_arena_text(&tp->arena, at, n), out))
                return -1;
        at += n;
    }
    if (!last)
        return tp_fail(&tp->err, TP_EUSAGE, "exec: want the program behind it");
    tp_buf_text(&text, "]}}");
    out->text = tp_arena_text(&tp->arena, text.at, text.n);
    out->n = text.n;
    return 0;
}

static int
load_file(struct tp_ctx *tp, const char *path, struct tp_strategy_source *out)
{
    TP_AUTO_BUF text = {0};

    if (tp_file_read(path, TP_STRATEGY_DOCUMENT_MAX, &text, &tp->err))
        return -1;
    out->text = tp_arena_text(&tp->arena, text.at ? text.at : "", text.n);
    out->n = text.n;
    return name_of_file(tp, path, out);
}

int
tp_strategy_load(struct tp_ctx *tp, const char *which, struct tp_strategy_source *out)
{
    struct tp_strategy_row row;
    struct tp_uuid         user;

    *out = (struct tp_strategy_source){0};
    if (strncmp(which, "exec:", 5) == 0)
        return load_program(tp, which + 5, out);
    if (is_file_name(which))
        return load_file(tp, which, out);
    if (!tp_text_set(out->name, sizeof out->name, which, strlen(which)))
        return tp_fail(&tp->err, TP_EUSAGE, "the name of the strategy is too long");
    if (strncmp(which, "builtin:", 8) == 0)
        return load_builtin(tp, which + 8, out);
    if (tp_user_begin(tp, &user)
        || tp_strategy_find(tp->db, user, which, false, &row, &tp->arena, &tp->err)
        || tp_db_commit(tp->db, &tp->err))
        return -1;
    memcpy(out->name, row.name, sizeof out->name);
    out->id = row.id;
    out->foreign = !tp_uuid_equal(row.user_id, user);
    out->text = row.parameters;
    out->n = strlen(row.parameters);
    return 0;
}

/* ---- rows ------------------------------------------------------------------------------------------ */

static int
read_id(const struct tp_rows *rows, struct tp_uuid *out, struct tp_err *err)
{
    const char *id = tp_rows_text(rows, 0, "id");

    return tp_uuid_parse(id, strlen(id), out, err);
}

int
tp_strategy_find(struct tp_db *db, struct tp_uuid user, const char *which, bool deleted,
                 struct tp_strategy_row *out, struct tp_arena *arena, struct tp_err *err)
{
    const char *at = strchr(which, '@');
    char        name[TP_STRATEGY_NAME_SIZE] = "", safe[80];
    int         got;

    if (!tp_text_set(name, sizeof name, which, at ? (size_t)(at - which) : strlen(which)))
        return tp_fail(err, TP_EUSAGE, "the name of the strategy is too long");
    got = tp_db_row(db, &SQL_strategy_find,
                    TP_PARAMS(tp_p_uuid(user), tp_p_text(name), tp_p_text(at ? at + 1 : NULL),
                              tp_p_bool(deleted)),
                    &tp_strategy_record, out, arena, err);
    if (got)
        return got > 0 ? 0 : -1;
    tp_fail(err, TP_EMISSING, "there is no %sstrategy '%s'", deleted ? "deleted " : "",
            tp_text_safe(safe, sizeof safe, which, strlen(which)));
    if (tp_text_in(which, tp_builtin_names))
        return tp_hint(err, "did you mean builtin:%s?", which);
    return deleted ? tp_hint(err, "'tp-strategy list --deleted' shows them")
                   : tp_hint(err, "'tp-strategy list' shows them; a file's name needs a '/' or its suffix");
}

/* Inserts the row: 1, or 0 when name and version are taken. */
static int
insert(struct tp_db *db, struct tp_strategy_row *row, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_query(db, &SQL_strategy_add,
                    TP_PARAMS(tp_p_uuid(row->user_id), tp_p_text(row->name), tp_p_text(row->version),
                              tp_p_text(row->type), tp_p_text(row->description), tp_p_text(row->parameters),
                              tp_p_text(row->content_sha256)),
                    &rows, err))
        return -1;
    if (tp_rows_count(rows) == 0)
        return 0;
    return read_id(rows, &row->id, err) ? -1 : 1;
}

static int
taken(const struct tp_strategy_row *row, struct tp_err *err)
{
    char safe[80];

    return tp_fail(err, TP_EREFUSED, "strategy '%s' version %s is there already with another content",
                   tp_text_safe(safe, sizeof safe, row->name, strlen(row->name)), row->version);
}

int
tp_strategy_add(struct tp_db *db, struct tp_strategy_row *row, struct tp_arena *arena, struct tp_err *err)
{
    struct tp_strategy_row stored;
    char                   which[TP_STRATEGY_NAME_SIZE + sizeof row->version];
    int                    added = insert(db, row, err);

    if (added < 0)
        return -1;
    snprintf(which, sizeof which, "%s@%s", row->name, row->version);
    if (tp_strategy_find(db, row->user_id, which, false, &stored, arena, err))
        return -1;
    if (strcmp(stored.content_sha256, row->content_sha256)) {
        taken(row, err);
        return tp_hint(err, "a version never changes: give the next one, '--as %s@VERSION'", row->name);
    }
    *row = stored;
    return added;
}

int
tp_strategy_keep(struct tp_db *db, struct tp_strategy_row *row, struct tp_err *err)
{
    const struct tp_param params[] = {tp_p_uuid(row->user_id), tp_p_text(row->content_sha256)};

    /* A second look for the row that another run put there between the first and the insert. */
    for (int attempt = 0; attempt < 2; attempt++) {
        TP_AUTO_ROWS found = NULL;
        int          added;

        if (tp_db_query(db, &SQL_strategy_of_content, params, TP_COUNT(params), &found, err))
            return -1;
        if (tp_rows_count(found))
            return read_id(found, &row->id, err);
        snprintf(row->version, sizeof row->version, "1.0.0+%.8s", row->content_sha256);
        added = attempt ? 0 : insert(db, row, err);
        if (added)
            return added < 0 ? -1 : 0;
    }
    return taken(row, err);
}

int
tp_strategy_list(struct tp_db *db, const struct tp_strategy_filter *filter, struct tp_rows **rows,
                 struct tp_err *err)
{
    return tp_db_query(db, &SQL_strategy_list,
                       TP_PARAMS(tp_p_text(filter->name), tp_p_text(filter->type),
                                 tp_p_bool(filter->deleted), tp_p_int(filter->limit)),
                       rows, err);
}

int
tp_strategy_publish(struct tp_db *db, struct tp_uuid id, bool on, struct tp_uuid backtest,
                    struct tp_err *err)
{
    return tp_db_exec(db, &SQL_strategy_publish,
                      TP_PARAMS(tp_p_uuid(id), tp_p_bool(on),
                                tp_p_uuid(backtest)),
                      NULL, err);
}

int
tp_strategy_delete(struct tp_db *db, struct tp_uuid id, struct tp_err *err)
{
    int64_t n = 0;

    if (tp_db_exec(db, &SQL_strategy_delete, TP_PARAMS(tp_p_uuid(id)), &n, err))
        return -1;
    return n ? 0 : tp_fail(err, TP_EREFUSED, "a bot uses the strategy: delete the bot first");
}

int
tp_strategy_restore(struct tp_db *db, struct tp_uuid id, struct tp_err *err)
{
    if (tp_db_exec(db, &SQL_strategy_restore, TP_PARAMS(tp_p_uuid(id)), NULL, err) == 0)
        return 0;
    if (strcmp(err->sqlstate, "23505") == 0)
        return tp_fail(err, TP_EREFUSED, "its name and version were taken again");
    return -1;
}
