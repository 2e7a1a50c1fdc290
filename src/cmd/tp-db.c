/* tp-db - the private server, the schema and its partitions. */
#include "base/config.h"
#include "base/db.h"
#include "base/embed.h"
#include "base/file.h"
#include "base/prog.h"
#include "base/server.h"
#include "cmd/records.h"
#include "migrate/migration.h"
#include "store/doctor.h"
#include "store/migration.h"
#include "store/partition.h"
#include "store/sql.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MIGRATION_FILE_MAX (4 * 1024 * 1024)

/* ---- tp-db start, stop, url ------------------------------------------------------------------ */

static int
start(struct tp_ctx *tp, const void *args)
{
    (void)args;
    if (tp_server_start(&tp->err))
        return -1;
    tp_note(tp, "the private server runs");
    return 0;
}

static int
stop(struct tp_ctx *tp, const void *args)
{
    (void)args;
    return tp_server_stop(&tp->err);
}

static int
url(struct tp_ctx *tp, const void *args)
{
    TP_AUTO_BUF text = {0};

    (void)args;
    if (tp_server_url(&text, &tp->err))
        return -1;
    tp_buf_char(&text, '\n');
    return tp_out_text(&tp->out, text.at, text.n, &tp->err);
}

/* ---- what all migrate commands share ---------------------------------------------------------- */

struct migrate_args {
    const char *dir;
    int64_t     lock_wait;
    bool        yes, check, dry_run, out_of_order;
    int64_t     steps;
};

#define OPT_DIR                                                                                    \
    OPT_TEXT(struct migrate_args, dir, 0, "dir", "DIR", "read the files of this folder, not the built-in ones", \
             .complete = "dir")
#define OPT_LOCK_WAIT                                                                              \
    OPT_INT(struct migrate_args, lock_wait, 0, "lock-wait", "SECONDS", 0, 86400,                   \
            "how long to wait for another migration to end", .fallback = "60")
#define OPT_YES OPT_FLAG(struct migrate_args, yes, 0, "yes", "do not ask")
#define OPT_DRY OPT_FLAG(struct migrate_args, dry_run, 0, "dry-run", "print what would be done")

/* The files and the history, compared. */
struct state {
    struct tp_migrations      set;
    struct tp_migration_row  *rows;
    struct tp_migration_line *lines;
    size_t                    n_rows, n_lines;
};

static void
state_free(struct state *s)
{
    tp_migrations_free(&s->set);
    free(s->rows);
    free(s->lines);
}

#define TP_AUTO_STATE __attribute__((cleanup(state_free))) struct state

static int
read_folder(struct tp_migrations *set, const char *dir, struct tp_err *err)
{
    DIR           *d = opendir(dir);
    struct dirent *e;
    int            rc = 0;

    if (!d)
        return tp_fail(err, errno == ENOENT ? TP_EMISSING : TP_EFAIL, "--dir: %s", strerror(errno));
    while (!rc && (e = readdir(d))) {
        TP_AUTO_BUF text = {0};
        TP_AUTO_BUF path = {0};
        size_t      n = strlen(e->d_name);

        if (n < 5 || strcmp(e->d_name + n - 4, ".sql") != 0)
            continue;
        tp_buf_fmt(&path, "%s/%s", dir, e->d_name);
        rc = tp_file_read(path.at, MIGRATION_FILE_MAX, &text, err)
             || tp_migrations_add(set, e->d_name, text.at, text.n, err);
    }
    closedir(d);
    return rc ? -1 : tp_migrations_end(set, err);
}

static int
read_state(struct tp_ctx *tp, const struct migrate_args *a, struct state *s)
{
    tp->db_any_schema = true;
    if ((a->dir ? read_folder(&s->set, a->dir, &tp->err) : tp_migrations_embedded(&s->set, &tp->err))
        || tp_ctx_db(tp) || tp_migration_history(tp->db, &s->rows, &s->n_rows, &tp->err))
        return -1;
    tp_migrations_compare(&s->set, s->rows, s->n_rows, &s->lines, &s->n_lines);
    return 0;
}

/* The history may have moved while the lock was waited for. */
static int
read_again(struct tp_ctx *tp, struct state *s)
{
    free(s->rows);
    free(s->lines);
    s->rows = NULL;
    s->lines = NULL;
    if (tp_migration_history(tp->db, &s->rows, &s->n_rows, &tp->err))
        return -1;
    tp_migrations_compare(&s->set, s->rows, s->n_rows, &s->lines, &s->n_lines);
    return 0;
}

static bool
is_pending(const struct tp_migration_line *line)
{
    return line->is == TP_MIGRATION_PENDING || line->is == TP_MIGRATION_CHANGED
           || line->is == TP_MIGRATION_PARTIAL || line->is == TP_MIGRATION_GAP;
}

static size_t
count(const struct state *s, enum tp_migration_status status)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n_lines; i++)
        n += s->lines[i].is == status;
    return n;
}

static size_t
count_pending(const struct state *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n_lines; i++)
        n += is_pending(&s->lines[i]);
    return n;
}

/* Edited files and a history that knows more than we do: nothing is run over them. */
static int
check_drift(struct tp_ctx *tp, const struct state *s)
{
    for (size_t i = 0; i < s->n_lines; i++) {
        if (s->lines[i].is == TP_MIGRATION_EDITED) {
            tp_fail(&tp->err, TP_EDRIFT, "%s was edited after it had been applied", s->lines[i].name);
            return tp_hint(&tp->err, "put the old text back and add a new migration instead");
        }
        if (s->lines[i].is == TP_MIGRATION_MISSING) {
            tp_fail(&tp->err, TP_EDRIFT, "%s is applied, but there is no such file", s->lines[i].name);
            return tp_hint(&tp->err, "the database is newer than this program: use the newer one");
        }
    }
    return 0;
}

static int
check_gaps(struct tp_ctx *tp, const struct state *s, bool allowed)
{
    for (size_t i = 0; i < s->n_lines && !allowed; i++)
        if (s->lines[i].is == TP_MIGRATION_GAP) {
            tp_fail(&tp->err, TP_EDRIFT, "%s is not applied, but a later migration is", s->lines[i].name);
            return tp_hint(&tp->err, "give it the next number, or apply it with --allow-out-of-order");
        }
    return 0;
}

static void
tell_holder(void *arg, const char *holder)
{
    tp_note(arg, "waiting for the migration lock, held by %s", holder);
}

static int
lock(struct tp_ctx *tp, int64_t seconds)
{
    struct tp_migration_waiting waiting = {tell_holder, tp};

    return tp_migration_lock(tp->db, seconds * 1000, &waiting, &tp->err);
}

static int
emit_line(struct tp_ctx *tp, const struct tp_migration *m, const char *status)
{
    struct tp_migration_line line;

    tp_record_init(&tp_migration_line_record, &line);
    memcpy(line.name, m->name, sizeof line.name);
    tp_text_set(line.status, sizeof line.status, status, strlen(status));
    return tp_emit(tp, &tp_migration_line_record, &line);
}

/* ---- tp-db migrate up --------------------------------------------------------------------------- */

static const struct tp_opt up_opts[] = {
    OPT_DIR, OPT_LOCK_WAIT, OPT_DRY,
    OPT_FLAG(struct migrate_args, out_of_order, 0, "allow-out-of-order",
             "apply a file although a later one is applied"),
    OPT_STOP};

/* Applies what is pending, versioned files up to and with `last`; repeatable ones, which may need them all,
 * only with the last of these. */
static int
apply_pending(struct tp_ctx *tp, const struct migrate_args *a, struct state *s, int64_t last)
{
    int64_t newest = 0;

    for (size_t i = 0; i < s->set.n; i++)
        if (s->set.at[i].version > newest)
            newest = s->set.at[i].version;
    for (size_t i = 0; i < s->n_lines; i++) {
        const struct tp_migration *m = s->lines[i].file;

        if (!is_pending(&s->lines[i]) || (m->version ? m->version : newest) > last)
            continue;
        if (tp_stopped(&tp->err))
            return -1;
        if (!a->dry_run && tp_migration_up(tp->db, m, &tp->err))
            return -1;
        if (emit_line(tp, m, a->dry_run ? "pending" : "applied"))
            return -1;
    }
    return 0;
}

static int
premake(struct tp_ctx *tp, const struct migrate_args *a)
{
    if (a->dir || a->dry_run)
        return 0;
    return tp_db_exec(tp->db, &SQL_partition_premake_all, TP_NO_PARAMS, NULL, &tp->err);
}

static int
migrate_up(struct tp_ctx *tp, const void *args)
{
    const struct migrate_args *a = args;
    TP_AUTO_STATE              s = {0};

    tp->db_statement_ms = 0;
    if (read_state(tp, a, &s) || check_drift(tp, &s) || check_gaps(tp, &s, a->out_of_order))
        return -1;
    if (count_pending(&s) == 0) {
        tp_note(tp, "nothing is pending");
        return premake(tp, a);
    }
    if (!a->dry_run && (lock(tp, a->lock_wait) || read_again(tp, &s) || check_drift(tp, &s)))
        return -1;
    if (apply_pending(tp, a, &s, INT64_MAX))
        return -1;
    return premake(tp, a);
}

/* ---- tp-db migrate down, to, redo ---------------------------------------------------------------- */

static const struct tp_opt down_opts[] = {
    OPT_DIR, OPT_LOCK_WAIT, OPT_DRY, OPT_YES,
    OPT_INT(struct migrate_args, steps, 'n', "steps", "N", 1, 9999, "take back so many, newest first",
            .fallback = "1"),
    OPT_STOP};

static const struct tp_opt to_opts[] = {OPT_DIR, OPT_LOCK_WAIT, OPT_DRY, OPT_YES, OPT_STOP};

/* Takes back what is applied above that version, newest first, at most so many files.  Repeatable ones go
 * first, and only when everything goes: the files below may need them. */
static int
take_back(struct tp_ctx *tp, const struct migrate_args *a, struct state *s, int64_t above, int64_t steps)
{
    for (size_t i = s->n_lines; i > 0 && steps > 0; i--) {
        const struct tp_migration *m = s->lines[i - 1].file;

        if (!m || s->lines[i - 1].is == TP_MIGRATION_PENDING || s->lines[i - 1].is == TP_MIGRATION_GAP
            || (m->version && m->version <= above))
            continue;
        if (!m->version && above > 0)
            continue;
        if (tp_stopped(&tp->err))
            return -1;
        if (!a->dry_run && tp_migration_down(tp->db, m, &tp->err))
            return -1;
        if (emit_line(tp, m, "pending"))
            return -1;
        steps--;
    }
    return 0;
}

static int
begin_down(struct tp_ctx *tp, const struct migrate_args *a, struct state *s)
{
    tp->db_statement_ms = 0;
    if (read_state(tp, a, s) || check_drift(tp, s))
        return -1;
    if (a->dry_run)
        return 0;
    if (tp_confirm(tp, a->yes, "taking migrations back loses their tables and rows; go on?"))
        return -1;
    return lock(tp, a->lock_wait) || read_again(tp, s) ? -1 : 0;
}

static int
migrate_down(struct tp_ctx *tp, const void *args)
{
    const struct migrate_args *a = args;
    TP_AUTO_STATE              s = {0};

    return begin_down(tp, a, &s) ? -1 : take_back(tp, a, &s, 0, a->steps);
}

static int
migrate_to(struct tp_ctx *tp, const void *args)
{
    const struct migrate_args *a = args;
    TP_AUTO_STATE              s = {0};
    int64_t                    version;

    if (!tp_text_int(tp->operands[0], strlen(tp->operands[0]), 0, 9999, &version))
        return tp_fail(&tp->err, TP_EUSAGE, "want the number of a migration, or 0");
    tp->db_statement_ms = 0;
    if (read_state(tp, a, &s) || check_drift(tp, &s))
        return -1;
    for (size_t i = 0; i < s.n_rows; i++)
        if (s.rows[i].version > version) {
            state_free(&s);
            s = (struct state){0};
            if (begin_down(tp, a, &s))
                return -1;
            return take_back(tp, a, &s, version, INT64_MAX);
        }
    if (!a->dry_run && (lock(tp, a->lock_wait) || read_again(tp, &s)))
        return -1;
    return apply_pending(tp, a, &s, version);
}

static int
migrate_redo(struct tp_ctx *tp, const void *args)
{
    const struct migrate_args *a = args;
    TP_AUTO_STATE              s = {0};

    if (begin_down(tp, a, &s))
        return -1;
    for (size_t i = s.n_lines; i > 0; i--) {
        const struct tp_migration *m = s.lines[i - 1].file;

        if (!m || !m->version || s.lines[i - 1].is != TP_MIGRATION_APPLIED)
            continue;
        if (!a->dry_run
            && (tp_migration_down(tp->db, m, &tp->err) || tp_migration_up(tp->db, m, &tp->err)))
            return -1;
        return emit_line(tp, m, "applied");
    }
    return tp_fail(&tp->err, TP_EMISSING, "nothing is applied");
}

/* ---- tp-db migrate status, verify ------------------------------------------------------------------ */

static const struct tp_opt status_opts[] = {
    OPT_DIR,
    OPT_FLAG(struct migrate_args, check, 0, "check",
             "print nothing; exit 0 when current, 10 when something is pending, 11 after an edit"),
    OPT_STOP};

static int
migrate_status(struct tp_ctx *tp, const void *args)
{
    const struct migrate_args *a = args;
    TP_AUTO_STATE              s = {0};

    if (read_state(tp, a, &s))
        return -1;
    for (size_t i = 0; i < s.n_lines && !a->check; i++)
        if (tp_emit(tp, &tp_migration_line_record, &s.lines[i]))
            return -1;
    if (!a->check)
        return 0;
    if (check_drift(tp, &s) || check_gaps(tp, &s, false))
        return -1;
    if (count_pending(&s))
        return tp_fail(&tp->err, TP_EPENDING, "%zu pending", count_pending(&s));
    return 0;
}

static const struct tp_opt verify_opts[] = {OPT_DIR, OPT_STOP};

static int
migrate_verify(struct tp_ctx *tp, const void *args)
{
    const struct migrate_args *a = args;
    TP_AUTO_STATE              s = {0};
    size_t                     good = 0, bad = 0;
    struct tp_err              first = TP_ERR_INIT;

    if (read_state(tp, a, &s) || check_drift(tp, &s) || check_gaps(tp, &s, false))
        return -1;
    for (size_t i = 0; i < s.n_lines; i++) {
        if (s.lines[i].is != TP_MIGRATION_APPLIED)
            continue;
        if (!tp_migration_verify(tp->db, s.lines[i].file, &tp->err)) {
            good++;
            continue;
        }
        if (tp->err.code != TP_EDRIFT)
            return -1;
        tp_warn(tp, "%s", tp->err.msg);
        if (bad++ == 0)
            first = tp->err;
    }
    if (bad) {
        tp->err = first;
        return -1;
    }
    tp_note(tp, "%zu verified, %zu pending", good, count_pending(&s) + count(&s, TP_MIGRATION_MISSING));
    return 0;
}

/* ---- tp-db seed ---------------------------------------------------------------------------------- */

struct seed_args {
    const char *set;
    bool        production;
};

static const char *const seed_sets[] = {"exchanges", "dev", NULL};

static const struct tp_opt seed_opts[] = {
    OPT_ENUM(struct seed_args, set, 0, "set", seed_sets, "which rows: the venues, or sample symbols and a demo user too",
             .fallback = "dev"),
    OPT_FLAG(struct seed_args, production, 0, "allow-production", "seed although TP_ENV is production"),
    OPT_STOP};

static int
seed_file(struct tp_ctx *tp, const char *name)
{
    TP_AUTO_BUF sql = {0};

    for (const struct tp_embedded *e = tp_embedded_seeds; e->name; e++)
        if (strcmp(e->name, name) == 0)
            tp_buf_fmt(&sql, "begin;%s\n;commit", e->text);
    return tp_db_script(tp->db, sql.at, &tp->err) ? tp_where(&tp->err, "%s", name) : 0;
}

static int
seed(struct tp_ctx *tp, const void *args)
{
    const struct seed_args *a = args;
    const char             *env = getenv("TP_ENV");

    if (env && strcmp(env, "production") == 0 && !a->production) {
        tp_fail(&tp->err, TP_EREFUSED, "TP_ENV is production: nothing was seeded");
        return tp_hint(&tp->err, "add --allow-production if that is meant");
    }
    if (tp_ctx_db(tp) || seed_file(tp, "exchanges.sql"))
        return -1;
    if (strcmp(a->set, "dev") == 0 && seed_file(tp, "dev.sql"))
        return -1;
    tp_note(tp, "seeded %s", a->set);
    return 0;
}

/* ---- tp-db partitions ------------------------------------------------------------------------------ */

static int
partitions_premake(struct tp_ctx *tp, const void *args)
{
    TP_AUTO_ROWS rows = NULL;

    (void)args;
    tp->db_statement_ms = 0;
    if (tp_ctx_db(tp) || tp_partition_premake(tp->db, &rows, &tp->err))
        return -1;
    return tp_emit_rows(tp, &tp_premade_record, rows);
}

static int
partitions_list(struct tp_ctx *tp, const void *args)
{
    TP_AUTO_ROWS rows = NULL;

    (void)args;
    if (tp_ctx_db(tp)
        || tp_partition_list(tp->db, tp->n_operands ? tp->operands[0] : NULL, &rows, &tp->err))
        return -1;
    return tp_emit_rows(tp, &tp_partition_record, rows);
}

struct runway_args {
    int64_t min_days;
};

static const struct tp_opt runway_opts[] = {
    OPT_INT(struct runway_args, min_days, 0, "min-days", "DAYS", 0, 3650,
            "exit 10 when a table's partitions last for fewer days", .fallback = "3"),
    OPT_STOP};

static int
partitions_runway(struct tp_ctx *tp, const void *args)
{
    const struct runway_args *a = args;
    TP_AUTO_ROWS              rows = NULL;
    struct tp_runway          row, least = {.days = INT64_MAX};
    int                       more;

    if (tp_ctx_db(tp) || tp_partition_runway(tp->db, &rows, &tp->err))
        return -1;
    while ((more = tp_rows_next(rows, &tp_runway_record, &row, &tp->arena, &tp->err)) > 0) {
        if (row.days < least.days)
            least = row;
        if (tp_emit(tp, &tp_runway_record, &row))
            return -1;
    }
    if (more < 0 || least.days >= a->min_days)
        return more;
    tp_fail(&tp->err, TP_EPENDING, "%s has partitions for %lld days, fewer than %lld", least.parent,
            (long long)least.days, (long long)a->min_days);
    return tp_hint(&tp->err, "run 'tp-db partitions premake'");
}

/* ---- tp-db doctor ---------------------------------------------------------------------------------- */

struct doctor_args {
    bool origin;
};

static const struct tp_opt doctor_opts[] = {
    OPT_FLAG(struct doctor_args, origin, 0, "origin",
             "print where each configuration value comes from instead; needs no database"),
    OPT_STOP};

static int
emit_finding(void *arg, const struct tp_finding *finding, struct tp_err *err)
{
    struct tp_ctx *tp = arg;

    if (!tp_emit(tp, &tp_finding_record, finding))
        return 0;
    *err = tp->err;
    return -1;
}

/* Programs and configuration, before there is any connection. */
static int
examine_self(struct tp_ctx *tp, struct tp_doctor *d)
{
    char path[4096], safe[300];

    tp_config_path(path, sizeof path);
    tp_text_safe(safe, sizeof safe, path, strlen(path));
    if (tp_doctor_tell(d, "programs", TP_OK, NULL, &tp->err, "%s for schema %d", PACKAGE_STRING,
                       tp_schema_version))
        return -1;
    return tp_doctor_tell(d, "configuration", TP_OK, NULL, &tp->err, "%s%s", safe,
                          tp->config ? "" : " is not there: defaults and environment only");
}

/* A failure of the connection or of the schema's version is a finding, too; then there is no more to ask. */
static int
tell_error(struct tp_ctx *tp, struct tp_doctor *d, const char *name)
{
    struct tp_err cause = tp->err;

    tp->err = (struct tp_err)TP_ERR_INIT;
    return tp_doctor_tell(d, name, cause.code, cause.hint[0] ? cause.hint : NULL, &tp->err, "%s", cause.msg);
}

static int
examine(struct tp_ctx *tp, struct tp_doctor *d)
{
    if (examine_self(tp, d))
        return -1;
    tp->db_any_schema = true;
    if (tp_ctx_db(tp))
        return tell_error(tp, d, "connection");
    if (tp_doctor_server(d, tp->db, &tp->err))
        return -1;
    if (tp_db_schema(tp->db, &tp->err))
        return tell_error(tp, d, "schema");
    if (tp_doctor_tell(d, "schema", TP_OK, NULL, &tp->err, "%d, as the programs want it", tp_schema_version))
        return -1;
    return tp_doctor_schema(d, tp->db, &tp->err);
}

static int
doctor(struct tp_ctx *tp, const void *args)
{
    const struct doctor_args *a = args;
    struct tp_doctor          d = {.arena = &tp->arena, .found = emit_finding, .arg = tp};

    if (a->origin)
        return tp_emit_settings(tp);
    if (examine(tp, &d))
        return -1;
    return d.worst ? tp_fail(&tp->err, d.worst, "something is wrong: see the findings that fail") : 0;
}

/* ---- tp-db records --------------------------------------------------------------------------------- */

/* A member of a record, as the reference tells it. */
struct record_field {
    char        record[33];
    const char *about; /* the record */
    char        name[65];
    const char *kind;
    int64_t     digits, places, bytes;
    const char *choices;
    int8_t      required;
    const char *help;
};

static const struct tp_field record_field_fields[] = {
    F_TEXT(struct record_field, record, "the record's type"),
    F_LONG(struct record_field, about, "what the record is", .wide = true),
    F_TEXT(struct record_field, name, "key of the member"),
    F_LONG(struct record_field, kind, "uuid, text, decimal, rate, time, day, integer, boolean or json"),
    F_INT(struct record_field, digits, "decimal: most digits before the point"),
    F_INT(struct record_field, places, "decimal: digits after the point"),
    F_INT(struct record_field, bytes, "text: most bytes; null: any"),
    F_LONG(struct record_field, choices, "text: the allowed words, parted by blanks"),
    F_BOOL(struct record_field, required, "whether null is refused on reading"),
    F_LONG(struct record_field, help, "meaning and unit"),
    F_STOP,
};

static const struct tp_record record_field_record = {
    "record_field", "a member of a record", record_field_fields, sizeof(struct record_field)};

static const char *
kind_name(enum tp_field_kind kind)
{
    switch (kind) {
    case TP_F_UUID:
        return "uuid";
    case TP_F_TEXT:
    case TP_F_LONG:
        return "text";
    case TP_F_DEC:
        return "decimal";
    case TP_F_RATE:
        return "rate";
    case TP_F_TIME:
        return "time";
    case TP_F_DATE:
        return "day";
    case TP_F_INT:
        return "integer";
    case TP_F_BOOL:
        return "boolean";
    case TP_F_JSON:
        return "json";
    case TP_F_STOP:
    default:
        return "none";
    }
}

static int
emit_record(struct tp_ctx *tp, const struct tp_record *record)
{
    for (const struct tp_field *f = record->fields; f->kind != TP_F_STOP; f++) {
        TP_AUTO_BUF         words = {0};
        struct record_field row;

        tp_record_init(&record_field_record, &row);
        tp_text_set(row.record, sizeof row.record, record->type, strlen(record->type));
        row.about = record->help;
        tp_text_set(row.name, sizeof row.name, f->name, f->len);
        row.kind = kind_name(f->kind);
        if (f->kind == TP_F_DEC) {
            row.digits = f->digits;
            row.places = f->scale;
        } else if (f->kind == TP_F_TEXT) {
            row.bytes = (int64_t)f->size - 1;
        }
        for (const char *const *word = f->choices; word && *word; word++)
            tp_buf_fmt(&words, "%s%s", words.n ? " " : "", *word);
        row.choices = words.n ? words.at : NULL;
        row.required = f->required;
        row.help = f->help;
        if (tp_emit(tp, &record_field_record, &row))
            return -1;
    }
    return 0;
}

static int
records(struct tp_ctx *tp, const void *args)
{
    const char *only = tp->n_operands ? tp->operands[0] : NULL;
    bool        found = false;
    char        safe[100];

    (void)args;
    for (const struct tp_record *const *r = tp_records; *r; r++) {
        if (only && strcmp((*r)->type, only) != 0)
            continue;
        found = true;
        if (emit_record(tp, *r))
            return -1;
    }
    if (found)
        return 0;
    tp_text_safe(safe, sizeof safe, only, strlen(only));
    tp_fail(&tp->err, TP_EMISSING, "there is no record '%s'", safe);
    return tp_hint(&tp->err, "'tp-db records' prints all");
}

/* ---- the program -------------------------------------------------------------------------------- */

static const struct tp_cmd cmds[] = {
    {"start", "start the private server of this user, making it on first use", NULL, 0, start, NULL, 0, 0,
     "tp-db start                    # then every program finds it by itself"},
    {"stop", "stop the private server", NULL, 0, stop, NULL, 0, 0, "tp-db stop"},
    {"url", "print the connection string of the private server", NULL, 0, url, NULL, 0, 0,
     "psql \"$(tp-db url)\"            # look into the database"},
    {"migrate up", "apply every pending migration", up_opts, sizeof(struct migrate_args), migrate_up, NULL, 0,
     0, "tp-db migrate up               # bring the schema up to date\ntp-db migrate up --dry-run     # which files would run"},
    {"migrate down", "take the newest migrations back", down_opts, sizeof(struct migrate_args), migrate_down,
     NULL, 0, 0, "tp-db migrate down --steps 1   # asks first"},
    {"migrate to", "apply or take back until this version is the newest", to_opts,
     sizeof(struct migrate_args), migrate_to, "VERSION", 1, 1,
     "tp-db migrate to 12\ntp-db migrate to 0 --yes       # take everything back"},
    {"migrate redo", "take the newest migration back and apply it again", to_opts,
     sizeof(struct migrate_args), migrate_redo, NULL, 0, 0, "tp-db migrate redo --yes"},
    {"migrate status", "print each migration and whether it is applied", status_opts,
     sizeof(struct migrate_args), migrate_status, NULL, 0, 0,
     "tp-db migrate status\ntp-db migrate status --check || echo \"exit $?\""},
    {"migrate verify", "run the verify file of each applied migration", verify_opts,
     sizeof(struct migrate_args), migrate_verify, NULL, 0, 0, "tp-db migrate verify"},
    {"partitions premake", "make the partitions that the policies want ahead of now", NULL, 0,
     partitions_premake, NULL, 0, 0, "tp-db partitions premake       # once a day from cron is plenty"},
    {"partitions list", "print the partitions of a table, or of all tables", NULL, 0, partitions_list,
     "[TABLE]", 0, 1, "tp-db partitions list orders"},
    {"partitions runway", "print how long the partitions of each table last", runway_opts,
     sizeof(struct runway_args), partitions_runway, NULL, 0, 0,
     "tp-db partitions runway        # exit 10 when a table has fewer than 3 days\n"
     "tp-db partitions runway -o json | jq .days"},
    {"doctor", "look whether server, schema, settings, clock and jobs are well", doctor_opts,
     sizeof(struct doctor_args), doctor, NULL, 0, 0,
     "tp-db doctor                   # exit 0 when nothing fails; warnings do not count\n"
     "tp-db doctor -o json | jq 'select(.status != \"ok\")'\n"
     "tp-db doctor --origin          # which file or variable a setting comes from"},
    {"records", "print the members of a record, or of all: what the programs read and write", NULL, 0,
     records, "[TYPE]", 0, 1, "tp-db records order            # keys, kinds, places and words of one record"},
    {"seed", "put in the venues, sample symbols and a demo user", seed_opts, sizeof(struct seed_args), seed,
     NULL, 0, 0, "tp-db seed --set dev           # may be run again"},
    {0},
};

static const struct tp_prog prog = {
    .name = "tp-db",
    .help = "the private server, the schema and its partitions",
    .cmds = cmds,
    .examples = "tp-db start && tp-db migrate up && tp-db seed",
};

int
main(int argc, char **argv)
{
    return tp_main(&prog, argc, argv);
}
