#include "store/migration.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "base/banned.h"
#include "base/prog.h"
#include "migrate/split.h"
#include "store/sql.h"

#define LOCK_TIMEOUT_MS 200
#define LOCK_TRIES 30
#define LOCK_OVERALL_MS 300000
/* What files of users may count on; our own name every schema. */
#define SEARCH_PATH "search_path = \"$user\", public"

/* The history stands in a schema of its own, so that taking all migrations back leaves nothing else. */
static const char history_ddl[] =
    "create schema if not exists tp_migrate;"
    "comment on schema tp_migrate is 'What tp-db migrate has done to this database.';"
    "create table if not exists tp_migrate.history ("
    " name text constraint history_pkey primary key,"
    " version bigint,"
    " hash text not null,"
    " state text not null constraint history_state_check check (state in ('applied', 'partial', 'baseline')),"
    " applied_at timestamptz not null,"
    " applied_by text not null,"
    " tool_version text not null,"
    " duration_ms bigint not null,"
    " statements_total bigint,"
    " statements_done bigint,"
    " statements_begun bigint);"
    "comment on table tp_migrate.history is 'Applied migrations, one row each.';"
    "create table if not exists tp_migrate.events ("
    " id bigint generated always as identity constraint events_pkey primary key,"
    " at timestamptz not null default clock_timestamp(),"
    " by text not null default session_user,"
    " name text not null,"
    " action text not null,"
    " hash text,"
    " detail text);"
    "comment on table tp_migrate.events is 'Append-only log: up, down, partial, failed, repair.';"
    "grant usage on schema tp_migrate to public;"
    "grant select on tp_migrate.history to public";

int
tp_migration_history(struct tp_db *db, struct tp_migration_row **rows, size_t *n, struct tp_err *err)
{
    TP_AUTO_ROWS present = NULL;
    TP_AUTO_ROWS got = NULL;
    int          more;

    *rows = NULL;
    *n = 0;
    if (tp_db_one(db, &SQL_migration_history_exists, TP_NO_PARAMS, &present, err))
        return -1;
    if (tp_rows_text(present, 0, "present")[0] != 't')
        return 0;
    if (tp_db_query(db, &SQL_migration_history, TP_NO_PARAMS, &got, err))
        return -1;
    *rows = tp_alloc((tp_rows_count(got) + 1) * sizeof **rows);
    while ((more = tp_rows_next(got, &tp_migration_record, &(*rows)[*n], NULL, err)) > 0)
        ++*n;
    if (more < 0) {
        free(*rows);
        *rows = NULL;
        *n = 0;
    }
    return more;
}

/* ---- the lock ------------------------------------------------------------------------------------- */

/* Sleeps about ms (half to one and a half of it), shorter when a signal comes. */
static int
pause_about(int64_t ms, struct tp_err *err)
{
    struct pollfd fd = {.fd = tp_signal_fd(), .events = POLLIN};
    uint16_t      random = 0;

    if (getrandom(&random, sizeof random, 0) < 0)
        random = 32768;
    poll(&fd, 1, (int)(ms / 2 + ms * random / 65536));
    return tp_stopped(err);
}

static int
try_lock(struct tp_db *db, bool *locked, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_one(db, &SQL_migration_lock_try, TP_NO_PARAMS, &rows, err))
        return -1;
    *locked = tp_rows_text(rows, 0, "locked")[0] == 't';
    return 0;
}

static int
tell_holder(struct tp_db *db, const struct tp_migration_waiting *waiting, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;
    char         text[160];

    if (tp_db_query(db, &SQL_migration_lock_holder, TP_NO_PARAMS, &rows, err))
        return -1;
    if (tp_rows_count(rows) == 0)
        return 0;
    snprintf(text, sizeof text, "process %s (%s, connected for %s s)", tp_rows_text(rows, 0, "pid"),
             tp_rows_text(rows, 0, "application"), tp_rows_text(rows, 0, "seconds"));
    waiting->tell(waiting->arg, text);
    return 0;
}

static int
check_lock(struct tp_db *db, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_one(db, &SQL_migration_lock_held, TP_NO_PARAMS, &rows, err))
        return -1;
    if (tp_rows_text(rows, 0, "held")[0] == 't')
        return 0;
    tp_fail(err, TP_EDB, "the migration lock is not held by this connection");
    return tp_hint(err, "a transaction pooler stands in between: give a direct connection with --db");
}

int
tp_migration_lock(struct tp_db *db, int64_t wait_ms, const struct tp_migration_waiting *waiting,
                  struct tp_err *err)
{
    int64_t deadline = tp_clock_ms() + wait_ms, tell_at = 0;

    for (;;) {
        bool locked = false;

        if (try_lock(db, &locked, err))
            return -1;
        if (locked)
            return check_lock(db, err);
        if (tp_clock_ms() >= deadline)
            return tp_fail(err, TP_EBUSY, "another migration holds the lock");
        if (tp_clock_ms() >= tell_at) {
            if (tell_holder(db, waiting, err))
                return -1;
            tell_at = tp_clock_ms() + 1000;
        }
        if (pause_about(250, err))
            return -1;
    }
}

/* ---- running -------------------------------------------------------------------------------------- */

/* Adds a literal; file names, hashes and versions hold nothing that could end it, checked on reading. */
static void
put_literal(struct tp_buf *sql, const char *text)
{
    tp_buf_char(sql, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            tp_buf_char(sql, '\'');
        tp_buf_char(sql, *text);
    }
    tp_buf_char(sql, '\'');
}

static void
put_event(struct tp_buf *sql, const struct tp_migration *m, const char *action)
{
    tp_buf_text(sql, "\n;insert into tp_migrate.events (name, action, hash) values (");
    put_literal(sql, m->name);
    tp_buf_text(sql, ", ");
    put_literal(sql, action);
    tp_buf_text(sql, ", ");
    put_literal(sql, m->hash);
    tp_buf_text(sql, ")");
}

static void
put_applied(struct tp_buf *sql, const struct tp_migration *m)
{
    tp_buf_text(sql, "\n;insert into tp_migrate.history (name, version, hash, state, applied_at,"
                     " applied_by, tool_version, duration_ms) values (");
    put_literal(sql, m->name);
    if (m->version)
        tp_buf_fmt(sql, ", %lld, ", (long long)m->version);
    else
        tp_buf_text(sql, ", null, ");
    put_literal(sql, m->hash);
    tp_buf_text(sql, ", 'applied', clock_timestamp(), session_user, '" PACKAGE_VERSION "',"
                     " (extract(epoch from clock_timestamp() - now()) * 1000)::bigint)"
                     " on conflict (name) do update set hash = excluded.hash, state = excluded.state,"
                     " applied_at = excluded.applied_at, applied_by = excluded.applied_by,"
                     " tool_version = excluded.tool_version, duration_ms = excluded.duration_ms");
    put_event(sql, m, "up");
}

static void
put_begin(struct tp_buf *sql, const struct tp_migration *m)
{
    tp_buf_fmt(sql, "begin;set local lock_timeout = '%lldms';set local statement_timeout = 0;"
                    "set local idle_in_transaction_session_timeout = '60s';",
               (long long)(m->lock_timeout_ms >= 0 ? m->lock_timeout_ms : LOCK_TIMEOUT_MS));
    if (!m->embedded)
        tp_buf_text(sql, "set local " SEARCH_PATH ";");
}

static bool
lock_trouble(const struct tp_err *err)
{
    return strcmp(err->sqlstate, "55P03") == 0 || strcmp(err->sqlstate, "40P01") == 0;
}

/* Sends a whole transaction in one message; what a lock spoiled is tried again. */
static int
run_transaction(struct tp_db *db, const char *sql, struct tp_err *err)
{
    int64_t deadline = tp_clock_ms() + LOCK_OVERALL_MS;

    for (int tries = 1;; tries++) {
        struct tp_err second = TP_ERR_INIT;

        if (!tp_db_script(db, sql, err))
            return 0;
        /* The failed transaction is still open; when the connection is gone this fails, too. */
        tp_db_rollback(db, &second);
        if (!lock_trouble(err) || tries == LOCK_TRIES || tp_clock_ms() > deadline)
            return -1;
        if (pause_about(tries < 10 ? 200 * tries : 10000, &second)) {
            *err = second;
            return -1;
        }
    }
}

static int
make_history(struct tp_db *db, struct tp_err *err)
{
    return tp_db_script(db, history_ddl, err);
}

/* ---- files outside one transaction ------------------------------------------------------------------ */

/* How far a file has come.  A statement that was begun and is neither done nor known to have failed is in
 * doubt: an earlier run did not live to tell. */
struct progress {
    int64_t total, done, begun;
};

static int
record_progress(struct tp_db *db, const struct tp_migration *m, const struct progress *p, struct tp_err *err)
{
    return tp_db_exec(db, &SQL_migration_record,
                      TP_PARAMS(tp_p_text(m->name), tp_p_int(m->version ? m->version : INT64_MIN),
                                tp_p_text(m->hash), tp_p_text(p->done == p->total ? "applied" : "partial"),
                                tp_p_text(PACKAGE_VERSION), tp_p_int(p->total), tp_p_int(p->done),
                                tp_p_int(p->begun)),
                      NULL, err);
}

/* 1 and its name when the index is there, 0 when not; -1. */
static int
find_index(struct tp_db *db, const char *index, const char *table, struct tp_buf *name, bool *valid,
           struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_query(db, &SQL_migration_index, TP_PARAMS(tp_p_text(index), tp_p_text(table)), &rows, err))
        return -1;
    if (tp_rows_count(rows) == 0)
        return 0;
    tp_buf_clear(name);
    tp_buf_text(name, tp_rows_text(rows, 0, "name"));
    *valid = tp_rows_text(rows, 0, "valid")[0] == 't';
    return 1;
}

/* A build that was cut off leaves an index that is not valid: it is taken away and built anew.  One that
 * was in doubt and is valid had come to its end. */
static int
build_index(struct tp_db *db, const char *text, const char *index, const char *table, bool in_doubt,
            struct tp_err *err)
{
    TP_AUTO_BUF name = {0};
    TP_AUTO_BUF drop = {0};
    bool        valid = false;
    int         there = find_index(db, index, table, &name, &valid, err);

    if (there < 0)
        return -1;
    if (there && valid && in_doubt)
        return 0;
    if (there && !valid) {
        tp_buf_fmt(&drop, "drop index concurrently %s", name.at); /* quoted by the server */
        if (run_transaction(db, drop.at, err))
            return -1;
    }
    if (run_transaction(db, text, err))
        return -1;
    there = find_index(db, index, table, &name, &valid, err);
    if (there > 0 && !valid)
        return tp_fail(err, TP_EDB, "the index %s was not built to its end", name.at);
    return there < 0 ? -1 : 0;
}

/* Whether the failure of a statement that may have run before says that it had. */
static bool
had_happened(const char *text, const struct tp_err *err)
{
    static const char *const exists[] = {"42P07", "42710", "42P06", "42701", "42P04", NULL};
    static const char *const gone[] = {"42704", "42P01", "3F000", "3D000", "42703", NULL};

    return tp_text_in(err->sqlstate, strncasecmp(text, "drop", 4) == 0 ? gone : exists);
}

static int
run_one(struct tp_db *db, const char *text, bool in_doubt, struct tp_err *err)
{
    char index[200], table[200];

    if (tp_split_concurrent_index(text, strlen(text), index, table, sizeof index))
        return build_index(db, text, index, table, in_doubt, err);
    return run_transaction(db, text, err) && !(in_doubt && had_happened(text, err)) ? -1 : 0;
}

static int
find_progress(struct tp_db *db, const struct tp_migration *m, struct progress *p, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_query(db, &SQL_migration_progress, TP_PARAMS(tp_p_text(m->name)), &rows, err))
        return -1;
    if (tp_rows_count(rows) == 0)
        return 0;
    p->done = tp_rows_int(rows, 0, "statements_done");
    p->begun = tp_rows_int(rows, 0, "statements_begun");
    if (strcmp(tp_rows_text(rows, 0, "hash"), m->hash) == 0)
        return 0;
    tp_fail(err, TP_EDRIFT, "%s stopped half way and its file has changed since", m->name);
    return tp_hint(err, "put the file back as it was, then run 'tp-db migrate up' again");
}

/* The failure that the server told is recorded, so that the next run does not take it for a doubt. */
static int
record_failure(struct tp_db *db, const struct tp_migration *m, struct progress *p, struct tp_err *err)
{
    struct tp_err second = TP_ERR_INIT;

    p->begun = p->done;
    if (err->sqlstate[0])
        record_progress(db, m, p, &second);
    return -1;
}

/* Statement by statement: what is begun is saved before, what is done after, so that a rerun goes on. */
static int
run_statements(struct tp_db *db, const struct tp_migration *m, struct tp_err *err)
{
    struct progress p = {0};
    struct tp_split split;
    const char     *statement;
    size_t          n;
    int64_t         at = 0;
    int             more;

    tp_split_init(&split, m->up, strlen(m->up));
    while ((more = tp_split_next(&split, &statement, &n, err)) > 0)
        p.total++;
    if (more < 0 || find_progress(db, m, &p, err)
        || tp_db_script(db, m->embedded ? "set search_path = pg_catalog" : "set " SEARCH_PATH, err))
        return -1;
    tp_split_init(&split, m->up, strlen(m->up));
    while ((more = tp_split_next(&split, &statement, &n, err)) > 0) {
        TP_AUTO_FREE char *text = NULL;
        bool               in_doubt;

        if (at++ < p.done)
            continue;
        in_doubt = p.begun >= at;
        if (!in_doubt) {
            p.begun = at;
            if (record_progress(db, m, &p, err))
                return -1;
        }
        text = tp_strndup(statement, n);
        if (run_one(db, text, in_doubt, err))
            return record_failure(db, m, &p, err);
        p.done = at;
    }
    if (more < 0 || record_progress(db, m, &p, err))
        return -1;
    return tp_db_exec(db, &SQL_migration_event,
                      TP_PARAMS(tp_p_text(m->name), tp_p_text("up"), tp_p_text(m->hash), tp_p_text(NULL)),
                      NULL, err);
}

int
tp_migration_up(struct tp_db *db, const struct tp_migration *m, struct tp_err *err)
{
    TP_AUTO_BUF sql = {0};

    if (make_history(db, err))
        return -1;
    if (!m->transaction)
        return run_statements(db, m, err) ? tp_where(err, "%s", m->name) : 0;
    put_begin(&sql, m);
    tp_buf_text(&sql, m->up);
    put_applied(&sql, m);
    tp_buf_text(&sql, ";commit");
    return run_transaction(db, sql.at, err) ? tp_where(err, "%s", m->name) : 0;
}

int
tp_migration_down(struct tp_db *db, const struct tp_migration *m, struct tp_err *err)
{
    TP_AUTO_BUF sql = {0};

    if (!m->down || m->irreversible) {
        tp_fail(err, TP_EREFUSED, "%s cannot be taken back", m->name);
        return tp_hint(err, m->irreversible ? "its header says irreversible" : "it has no .down.sql");
    }
    put_begin(&sql, m);
    tp_buf_text(&sql, m->down);
    tp_buf_text(&sql, "\n;delete from tp_migrate.history where name = ");
    put_literal(&sql, m->name);
    put_event(&sql, m, "down");
    tp_buf_text(&sql, ";commit");
    return run_transaction(db, sql.at, err) ? tp_where(err, "%s", m->name) : 0;
}

int
tp_migration_verify(struct tp_db *db, const struct tp_migration *m, struct tp_err *err)
{
    TP_AUTO_BUF sql = {0};

    if (!m->verify)
        return 0;
    tp_buf_text(&sql, "begin;");
    if (!m->embedded)
        tp_buf_text(&sql, "set local " SEARCH_PATH ";");
    tp_buf_text(&sql, m->verify);
    tp_buf_text(&sql, "\n;rollback");
    if (!tp_db_script(db, sql.at, err))
        return 0;
    if (err->code == TP_EDB && err->sqlstate[0]) {
        struct tp_err second = TP_ERR_INIT;

        tp_db_rollback(db, &second);
        err->code = TP_EDRIFT;
    }
    return tp_where(err, "%s", m->name);
}
