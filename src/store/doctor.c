#include "store/doctor.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "store/partition.h"
#include "store/sql.h"

#define VERSION_MIN 150000
#define VERSION_MAX 190000
#define RUNWAY_DAYS 3
/* Exchanges refuse what is signed more than a few seconds off; a second is already worth a look. */
#define CLOCK_WARN_US 1000000
#define CLOCK_FAIL_US 5000000

static const char *const statuses[] = {"ok", "warn", "fail", NULL};

static const struct tp_field finding_fields[] = {
    F_TEXT(struct tp_finding, name, "what was looked at"),
    F_TEXT(struct tp_finding, status, "ok, warn or fail", .choices = statuses),
    F_LONG(struct tp_finding, detail, "what was found"),
    F_LONG(struct tp_finding, hint, "what to do about it"),
    F_STOP,
};

const struct tp_record tp_finding_record = {"finding", "a check of tp-db doctor", finding_fields,
                                            sizeof(struct tp_finding)};

int
tp_doctor_tell(struct tp_doctor *d, const char *name, enum tp_code code, const char *hint,
               struct tp_err *err, const char *fmt, ...)
{
    struct tp_finding finding;
    const char       *status = code != TP_OK ? "fail" : hint ? "warn" : "ok";
    char              text[600];
    va_list           ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    tp_record_init(&tp_finding_record, &finding);
    tp_text_set(finding.name, sizeof finding.name, name, strlen(name));
    tp_text_set(finding.status, sizeof finding.status, status, strlen(status));
    finding.detail = tp_arena_text(d->arena, text, strlen(text));
    finding.hint = hint ? tp_arena_text(d->arena, hint, strlen(hint)) : NULL;
    if (code != TP_OK && d->worst == TP_OK)
        d->worst = code;
    return d->found(d->arg, &finding, err);
}

static bool
yes(const struct tp_rows *rows, size_t r, const char *column)
{
    const char *text = tp_rows_text(rows, r, column);

    return text && text[0] == 't';
}

static int
tell_version(struct tp_doctor *d, const struct tp_db *db, const struct tp_rows *row, struct tp_err *err)
{
    int  version = tp_db_version(db);
    bool old = version < VERSION_MIN;

    return tp_doctor_tell(d, "server", old ? TP_EFAIL : TP_OK,
                          old                      ? "upgrade to PostgreSQL 15 or later"
                          : version >= VERSION_MAX ? "this version is newer than those tested (15 to 18)"
                                                   : NULL,
                          err, "PostgreSQL %s", tp_rows_text(row, 0, "version"));
}

static int
tell_session(struct tp_doctor *d, const struct tp_rows *row, struct tp_err *err)
{
    const char *address = tp_rows_text(row, 0, "address");
    bool        remote = *address && strcmp(address, "127.0.0.1") != 0 && strcmp(address, "::1") != 0;
    bool        encrypted = yes(row, 0, "encrypted");
    int64_t     used = tp_rows_int(row, 0, "connections"), most = tp_rows_int(row, 0, "connections_max");

    if (tp_doctor_tell(d, "connection", TP_OK,
                       remote && !encrypted ? "passwords and orders travel in clear: add sslmode=verify-full"
                                            : NULL,
                       err, "%s as %s over %s%s%s", tp_rows_text(row, 0, "database"),
                       tp_rows_text(row, 0, "login"), *address ? address : "a unix socket",
                       *address ? ", TLS " : "", *address ? encrypted ? "on" : "off" : ""))
        return -1;
    if (tp_doctor_tell(d, "writable", yes(row, 0, "read_only") ? TP_EREFUSED : TP_OK,
                       yes(row, 0, "read_only") ? "connect to the primary server" : NULL, err, "%s",
                       yes(row, 0, "read_only") ? "the server or session is read-only" : "yes"))
        return -1;
    return tp_doctor_tell(d, "connections", TP_OK,
                          used * 10 >= most * 9 ? "nearly all connections are taken: raise max_connections"
                                                : NULL,
                          err, "%lld of %lld in use", (long long)used, (long long)most);
}

static int
tell_text(struct tp_doctor *d, const struct tp_rows *row, struct tp_err *err)
{
    const char *encoding = tp_rows_text(row, 0, "encoding");
    const char *made = tp_rows_text(row, 0, "locale_version"), *now = tp_rows_text(row, 0, "library_version");
    bool        utf8 = strcmp(encoding, "UTF8") == 0, moved = *made && *now && strcmp(made, now) != 0;

    if (tp_doctor_tell(d, "encoding", utf8 ? TP_OK : TP_EFAIL,
                       utf8 ? NULL : "make the database with encoding UTF8", err, "%s", encoding))
        return -1;
    return tp_doctor_tell(d, "locale", TP_OK,
                          moved ? "the library's sorting changed: reindex, then alter database ... refresh"
                                  " collation version"
                                : NULL,
                          err, "%s%s%s%s%s", tp_rows_text(row, 0, "locale"), *made ? " version " : "", made,
                          moved ? ", the library has " : "", moved ? now : "");
}

static int
tell_settings(struct tp_doctor *d, struct tp_db *db, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_query(db, &SQL_doctor_settings, TP_NO_PARAMS, &rows, err))
        return -1;
    for (size_t i = 0; i < tp_rows_count(rows); i++) {
        char hint[200];

        snprintf(hint, sizeof hint, "set %s = %s", tp_rows_text(rows, i, "name"),
                 tp_rows_text(rows, i, "wanted"));
        if (tp_doctor_tell(d, "settings", TP_OK, hint, err, "%s is %s", tp_rows_text(rows, i, "name"),
                           tp_rows_text(rows, i, "setting")))
            return -1;
    }
    return tp_rows_count(rows) ? 0 : tp_doctor_tell(d, "settings", TP_OK, NULL, err, "safe");
}

/* The server's clock is read between two looks at ours; half the way there and back is the error. */
static int
tell_clock(struct tp_doctor *d, struct tp_db *db, struct tp_err *err)
{
    TP_AUTO_ROWS   row = NULL;
    struct tp_time before, after, at;
    const char    *text;
    int64_t        off;

    before = tp_time_now();
    if (tp_db_one(db, &SQL_doctor_clock, TP_NO_PARAMS, &row, err))
        return -1;
    after = tp_time_now();
    text = tp_rows_text(row, 0, "at");
    if (tp_time_parse(text, strlen(text), &at, err))
        return -1;
    off = at.us - (before.us + (after.us - before.us) / 2);
    return tp_doctor_tell(d, "clock", llabs(off) >= CLOCK_FAIL_US ? TP_EFAIL : TP_OK,
                          llabs(off) >= CLOCK_WARN_US ? "let both machines follow a time server" : NULL, err,
                          "the server is %lld.%03lld s %s", llabs(off) / 1000000, llabs(off) / 1000 % 1000,
                          off < 0 ? "behind" : "ahead");
}

int
tp_doctor_server(struct tp_doctor *d, struct tp_db *db, struct tp_err *err)
{
    TP_AUTO_ROWS row = NULL;

    if (tp_db_one(db, &SQL_doctor_server, TP_NO_PARAMS, &row, err) || tell_version(d, db, row, err)
        || tell_session(d, row, err) || tell_text(d, row, err) || tell_settings(d, db, err))
        return -1;
    return tell_clock(d, db, err);
}

/* ---- the schema ------------------------------------------------------------------------------------ */

/* One finding with all the names that a statement gives, or that there are none. */
static int
tell_names(struct tp_doctor *d, const char *name, const struct tp_rows *rows, const char *column,
           const char *hint, const char *none, struct tp_err *err)
{
    TP_AUTO_BUF text = {0};

    for (size_t i = 0; i < tp_rows_count(rows); i++)
        tp_buf_fmt(&text, "%s%s", i ? ", " : "", tp_rows_text(rows, i, column));
    return tp_doctor_tell(d, name, text.n ? TP_EREFUSED : TP_OK, text.n ? hint : NULL, err, "%s",
                          text.n ? text.at : none);
}

static int
tell_leftovers(struct tp_doctor *d, struct tp_db *db, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_query(db, &SQL_doctor_leftovers, TP_NO_PARAMS, &rows, err))
        return -1;
    for (size_t i = 0; i < tp_rows_count(rows); i++)
        if (tp_doctor_tell(d, "leftovers", TP_EFAIL, tp_rows_text(rows, i, "mend"), err, "%s",
                           tp_rows_text(rows, i, "what")))
            return -1;
    return tp_rows_count(rows) ? 0 : tp_doctor_tell(d, "leftovers", TP_OK, NULL, err, "none");
}

static int
tell_runway(struct tp_doctor *d, struct tp_db *db, struct tp_err *err)
{
    TP_AUTO_ROWS     rows = NULL;
    struct tp_runway row, least = {.days = INT64_MAX};
    int              more;

    if (tp_partition_runway(db, &rows, err))
        return -1;
    while ((more = tp_rows_next(rows, &tp_runway_record, &row, d->arena, err)) > 0)
        if (row.days < least.days)
            least = row;
    if (more < 0)
        return -1;
    return tp_doctor_tell(d, "partitions", least.days < RUNWAY_DAYS ? TP_EPENDING : TP_OK,
                          least.days < RUNWAY_DAYS ? "run 'tp-db partitions premake'" : NULL, err,
                          "%s has them for %lld days, the others for as many or more", least.parent,
                          (long long)least.days);
}

static int
tell_jobs(struct tp_doctor *d, struct tp_db *db, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_query(db, &SQL_doctor_jobs, TP_NO_PARAMS, &rows, err))
        return -1;
    for (size_t i = 0; i < tp_rows_count(rows); i++) {
        const char *success = tp_rows_text(rows, i, "last_success");
        bool        failed = yes(rows, i, "failed"), stuck = yes(rows, i, "stuck");
        char        message[200];

        tp_text_safe(message, sizeof message, tp_rows_text(rows, i, "message"),
                     strlen(tp_rows_text(rows, i, "message")));
        if (tp_doctor_tell(d, "jobs", TP_OK,
                           stuck    ? "it began more than a day ago and never ended"
                           : failed ? "its last run failed"
                                    : NULL,
                           err, "%s last succeeded %s%s%s", tp_rows_text(rows, i, "name"),
                           success ? success : "never", failed && message[0] ? ": " : "",
                           failed ? message : ""))
            return -1;
    }
    return tp_rows_count(rows) ? 0 : tp_doctor_tell(d, "jobs", TP_OK, NULL, err, "none has run yet");
}

int
tp_doctor_schema(struct tp_doctor *d, struct tp_db *db, struct tp_err *err)
{
    TP_AUTO_ROWS roles = NULL;
    TP_AUTO_ROWS tables = NULL;

    if (tp_db_query(db, &SQL_doctor_roles, TP_NO_PARAMS, &roles, err)
        || tell_names(d, "roles", roles, "role", "grant them to this login", "this login may take each", err)
        || tp_db_query(db, &SQL_doctor_tables, TP_NO_PARAMS, &tables, err)
        || tell_names(d, "row security", tables, "name", "alter table ... enable row level security",
                      "on for every table with a policy", err)
        || tell_leftovers(d, db, err) || tell_runway(d, db, err))
        return -1;
    return tell_jobs(d, db, err);
}
