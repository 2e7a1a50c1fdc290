#include "base/db.h"

#include <assert.h>
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/banned.h"
#include "base/embed.h"
#include "base/prog.h"
#include "base/server.h"

#define CONNECT_S "10"
#define TCP_TIMEOUT_MS "30000"
/* Three lost probes after half a minute without a word: the other machine is gone. */
#define KEEPALIVE_IDLE_S "30"
#define KEEPALIVE_INTERVAL_S "10"
#define KEEPALIVE_COUNT "3"
#define SILENCE_MS 5000 /* beyond the statement's own timeout */
#define STOP_MS 4000    /* for the end of a cancelled statement */
#define PREPARED 64

struct tp_db {
    PGconn *conn;
    bool    in_transaction, patient;
    int64_t silence_ms; /* the longest that the server may be silent; 0: as long as it likes */
    /* Statements seen once are sent whole; from the second use on they are prepared. */
    struct {
        const struct tp_stmt *stmt;
        bool                  prepared;
    } seen[PREPARED];
    size_t    n_seen;
    char     *copied; /* the data message handed out last */
    PGresult *pending; /* COPY OUT: nothing of it is needed but its end */
};

struct tp_rows {
    PGresult *result;
    int       next;
    /* Column to field of the record that was asked for last. */
    const struct tp_record *record;
    const struct tp_field **fields;
};

/* ---- parameters --------------------------------------------------------------------------------- */

struct tp_param
tp_p_text(const char *text)
{
    return (struct tp_param){.text = text};
}

struct tp_param
tp_p_int(int64_t value)
{
    struct tp_param p = {.own = value != INT64_MIN};

    if (p.own)
        snprintf(p.buf, sizeof p.buf, "%lld", (long long)value);
    return p;
}

struct tp_param
tp_p_dec(struct tp_dec value)
{
    struct tp_param p = {0};

    p.own = tp_dec_print(p.buf, value, TP_DEC_SCALE) > 0;
    return p;
}

struct tp_param
tp_p_rate(struct tp_rate value)
{
    struct tp_param p = {0};

    p.own = tp_rate_print(p.buf, value) > 0;
    return p;
}

struct tp_param
tp_p_time(struct tp_time value)
{
    struct tp_param p = {0};

    p.own = tp_time_print(p.buf, value) > 0;
    return p;
}

struct tp_param
tp_p_day(int64_t day)
{
    struct tp_param p = {0};

    p.own = tp_day_print(p.buf, day) > 0;
    return p;
}

struct tp_param
tp_p_uuid(struct tp_uuid value)
{
    struct tp_param p = {0};

    p.own = tp_uuid_print(p.buf, value) > 0;
    return p;
}

struct tp_param
tp_p_bool(int value)
{
    return (struct tp_param){.text = value < 0 ? NULL : value ? "true" : "false"};
}

static const char *
param_text(const struct tp_param *p)
{
    return p->own ? p->buf : p->text;
}

/* ---- errors --------------------------------------------------------------------------------------- */

/* SQLSTATE to exit code: what a script can do about it. */
static enum tp_code
code_of(const char *state)
{
    if (strncmp(state, "23", 2) == 0) /* a constraint */
        return strcmp(state, "23503") == 0 ? TP_EMISSING : TP_EREFUSED;
    if (strncmp(state, "22", 2) == 0) /* a value */
        return TP_EINPUT;
    if (strcmp(state, "42501") == 0) /* a permission */
        return TP_EREFUSED;
    if (strcmp(state, "P0002") == 0)
        return TP_EMISSING;
    return TP_EDB;
}

/* Primary message and SQLSTATE only: DETAIL, HINT and CONTEXT may hold values of rows. */
static int
fail_result(struct tp_db *db, const PGresult *result, struct tp_err *err)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    char        safe[300];

    if (!state || !message)
        return tp_fail(err, TP_EDB, PQstatus(db->conn) == CONNECTION_BAD
                                        ? "the connection to the database was lost"
                                        : "the database gave no answer that can be read");
    tp_text_safe(safe, sizeof safe, message, strlen(message));
    tp_fail(err, code_of(state), "database: %s%s%s%s (SQLSTATE %s)", safe,
            constraint ? " [" : "", constraint ? constraint : "", constraint ? "]" : "", state);
    tp_text_set(err->sqlstate, sizeof err->sqlstate, state, strlen(state));
    if (strcmp(state, "42P01") == 0 || strcmp(state, "3F000") == 0 || strcmp(state, "42703") == 0
        || strcmp(state, "42883") == 0)
        tp_hint(err, "the schema may be missing or of another version: see 'tp-db migrate status'");
    return -1;
}

bool
tp_db_transient(const struct tp_err *err)
{
    static const char *const states[] = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03", "53300", NULL};

    return err->code == TP_EDB && (!err->sqlstate[0] || tp_text_in(err->sqlstate, states));
}

static int
lost(struct tp_err *err)
{
    tp_fail(err, TP_EDB, "the connection to the database was lost");
    return -1;
}

/* ---- waiting: only poll(2), so that a signal and a server that fell silent are always seen -------- */

static void
cancel(struct tp_db *db)
{
    char      text[128];
    PGcancel *c = PQgetCancel(db->conn);

    if (c)
        PQcancel(c, text, sizeof text);
    PQfreeCancel(c);
}

/* The server stopped its own statement long before (statement_timeout), so nobody is there. */
static int
silent(struct tp_db *db, bool stopping, struct tp_err *err)
{
    shutdown(PQsocket(db->conn), SHUT_RDWR); /* whatever follows fails at once */
    if (stopping)
        return tp_stopped(err);
    return tp_fail(err, TP_EDB, "the database has been silent for %lld seconds",
                   (long long)(db->silence_ms / 1000));
}

/* Waits until the socket is ready.  A signal cancels the statement (unless there is patience), whose end is
 * waited for, but not for long. */
static int
wait_for(struct tp_db *db, short events, bool *stopping, struct tp_err *err)
{
    struct pollfd fds[2] = {{.fd = PQsocket(db->conn), .events = events},
                            {.fd = *stopping ? -1 : tp_signal_fd(), .events = POLLIN}};
    int64_t       most = *stopping ? STOP_MS : db->silence_ms;
    int           n;

    do
        n = poll(fds, 2, most ? (int)most : -1);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return tp_fail(err, TP_EDB, "waiting for the database failed: %s", strerror(errno));
    if (n == 0)
        return silent(db, *stopping, err);
    if (fds[1].revents && !*stopping) {
        *stopping = true;
        if (!db->patient)
            cancel(db);
    }
    return 0;
}

static int
flush_out(struct tp_db *db, struct tp_err *err)
{
    bool stopping = false;
    int  rc;

    while ((rc = PQflush(db->conn)) > 0) {
        if (wait_for(db, POLLIN | POLLOUT, &stopping, err))
            return -1;
        if (!PQconsumeInput(db->conn))
            return lost(err);
    }
    return rc < 0 ? lost(err) : 0;
}

/* The next result of what was sent; *out NULL at the end. */
static int
next_result(struct tp_db *db, PGresult **out, struct tp_err *err)
{
    bool stopping = false;

    *out = NULL;
    while (PQisBusy(db->conn)) {
        if (wait_for(db, POLLIN, &stopping, err))
            return -1;
        if (!PQconsumeInput(db->conn))
            break;
    }
    *out = PQgetResult(db->conn);
    return 0;
}

/* Reads all results; keeps the last good one in *out (when wanted), or the first failure in err. */
static int
collect(struct tp_db *db, PGresult **out, struct tp_err *err)
{
    PGresult     *result, *kept = NULL;
    struct tp_err stop = TP_ERR_INIT;
    int           rc = flush_out(db, err);

    for (;;) {
        if (next_result(db, &result, err)) {
            rc = -1;
            break;
        }
        if (!result)
            break;
        switch (PQresultStatus(result)) {
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
        case PGRES_EMPTY_QUERY:
            PQclear(kept);
            kept = result;
            continue;
        case PGRES_COPY_IN:
        case PGRES_COPY_OUT:
        case PGRES_COPY_BOTH:
            PQclear(kept);
            *out = result;
            return rc;
        case PGRES_BAD_RESPONSE:
        case PGRES_NONFATAL_ERROR:
        case PGRES_FATAL_ERROR:
        case PGRES_SINGLE_TUPLE:
        case PGRES_PIPELINE_SYNC:
        case PGRES_PIPELINE_ABORTED:
        default:
            break;
        }
        if (!rc)
            rc = fail_result(db, result, err);
        PQclear(result);
        if (PQstatus(db->conn) == CONNECTION_BAD)
            break;
    }
    if (rc && strcmp(err->sqlstate, "57014") == 0 && tp_stopped(&stop))
        *err = stop; /* our own cancel on a signal */
    if (rc || !out) {
        PQclear(kept);
        if (out)
            *out = NULL;
    } else {
        *out = kept;
    }
    return rc;
}

/* ---- connecting ------------------------------------------------------------------------------------ */

static bool
environment_says(void)
{
    static const char *const names[] = {"PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGDATABASE"};

    for (size_t i = 0; i < TP_COUNT(names); i++)
        if (getenv(names[i]))
            return true;
    return false;
}

static void
quiet_notices(void *arg, const PGresult *result)
{
    (void)arg;
    (void)result;
}

static int
connect_fail(PGconn *conn, bool local, struct tp_err *err)
{
    const char *host = PQhost(conn), *port = PQport(conn);
    char        where[200];
    const char *text = PQerrorMessage(conn), *reason = "it did not answer";

    /* libpq's sentence may quote the connection string, and so a password; its cause is told apart. */
    if (strstr(text, "No such file or directory") || strstr(text, "Connection refused"))
        reason = "no server listens there";
    else if (strstr(text, "does not exist"))
        reason = "the role or database does not exist";
    else if (strstr(text, "authentication failed") || strstr(text, "no password supplied"))
        reason = "authentication failed";
    else if (strstr(text, "timeout"))
        reason = "it did not answer in time";
    else if (strstr(text, "starting up") || strstr(text, "shutting down"))
        reason = "the server is starting up or shutting down";
    else if (strstr(text, "too many"))
        reason = "the server has no free connection";
    else if (strstr(text, "could not translate host name"))
        reason = "the host name is not known";
    tp_text_safe(where, sizeof where, host ? host : "", host ? strlen(host) : 0);
    tp_fail(err, TP_EDB, "cannot connect to the database%s%s%s%s: %s", where[0] ? " at " : "", where,
            where[0] && port ? " port " : "", where[0] && port ? port : "", reason);
    if (local)
        tp_hint(err, "start the private server with 'tp-db start', or name another with --db or TP_DSN");
    return -1;
}

/* A connection string that cannot be read is refused without being quoted; one with a password too. */
static int
check_dsn(const char *dsn, struct tp_err *err)
{
    char             *problem = NULL;
    PQconninfoOption *options = PQconninfoParse(dsn, &problem);
    bool              password = false;

    PQfreemem(problem);
    if (!options)
        return tp_fail(err, TP_EUSAGE, "--db: the connection string is not valid");
    for (PQconninfoOption *o = options; o->keyword; o++)
        password |= strcmp(o->keyword, "password") == 0 && o->val && *o->val;
    PQconninfoFree(options);
    if (!password)
        return 0;
    tp_fail(err, TP_EUSAGE, "--db: a password has no place in a connection string");
    return tp_hint(err, "put it in a password file (see PGPASSFILE)");
}

static int
schema_missing(struct tp_err *err)
{
    tp_fail(err, TP_EPENDING, "the database has no schema of ours");
    return tp_hint(err, "make it with 'tp-db migrate up'");
}

/* The applied migrations against those that the program was built with. */
static int
compare_schema(const PGresult *result, struct tp_err *err)
{
    int64_t version = 0, files = 0;

    tp_text_int(PQgetvalue(result, 0, 0), strlen(PQgetvalue(result, 0, 0)), 0, INT64_MAX, &version);
    tp_text_int(PQgetvalue(result, 0, 1), strlen(PQgetvalue(result, 0, 1)), 0, INT64_MAX, &files);
    if (version == 0)
        return schema_missing(err);
    if (version > tp_schema_version) {
        tp_fail(err, TP_EDRIFT, "the database's schema is at %lld, newer than this program, which knows %d",
                (long long)version, tp_schema_version);
        return tp_hint(err, "upgrade the programs");
    }
    if (version == tp_schema_version && files >= tp_schema_files)
        return 0;
    tp_fail(err, TP_EPENDING, "the database's schema is at %lld with %lld migrations, this program needs %d with %d",
            (long long)version, (long long)files, tp_schema_version, tp_schema_files);
    return tp_hint(err, "run 'tp-db migrate up'");
}

#define SCHEMA_QUESTION                                                                            \
    "select coalesce(max(version), 0), count(version) from tp_migrate.history where state <> 'partial'"

/* text ends with the question. */
static int
ask_schema(struct tp_db *db, const char *text, struct tp_err *err)
{
    /* no history, or not even the roles that the first migration makes */
    static const char *const missing[] = {"42P01", "3F000", "22023", NULL};
    PGresult                *result = NULL;
    int                      rc;

    if (!PQsendQuery(db->conn, text))
        return lost(err);
    if (collect(db, &result, err))
        return tp_text_in(err->sqlstate, missing) ? schema_missing(err) : -1;
    rc = result && PQntuples(result) == 1 ? compare_schema(result, err) : lost(err);
    PQclear(result);
    return rc;
}

int
tp_db_schema(struct tp_db *db, struct tp_err *err)
{
    return ask_schema(db, SCHEMA_QUESTION, err);
}

/* Role and question in one message. */
static int
set_up(struct tp_db *db, const struct tp_db_opts *opts, struct tp_err *err)
{
    TP_AUTO_BUF sql = {0};

    if (opts->role) {
        tp_buf_text(&sql, "set role ");
        if (tp_db_identifier(&sql, opts->role, err))
            return -1;
    }
    if (opts->any_schema)
        return opts->role ? tp_db_script(db, sql.at, err) : 0;
    tp_buf_text(&sql, opts->role ? ";" SCHEMA_QUESTION : SCHEMA_QUESTION);
    return ask_schema(db, sql.at, err);
}
int
tp_db_open(struct tp_db **out, const struct tp_db_opts *opts, struct tp_err *err)
{
    const char   *keys[16], *values[16];
    char          options[200], socket_dir[200];
    size_t        n = 0;
    struct tp_db *db;
    bool          local = false, stopping = false;
    PostgresPollingStatusType status;

    snprintf(options, sizeof options,
             "-c search_path=pg_catalog -c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres "
             "-c statement_timeout=%lld -c client_min_messages=warning",
             (long long)opts->statement_ms);
    if (opts->dsn && check_dsn(opts->dsn, err))
        return -1;
    if (opts->dsn) {
        keys[n] = "dbname";
        values[n++] = opts->dsn;
    } else if (!opts->no_local_server && !environment_says()) {
        if (tp_server_socket(socket_dir, sizeof socket_dir, err))
            return -1;
        keys[n] = "host";
        values[n++] = socket_dir;
        keys[n] = "dbname";
        values[n++] = TP_SERVER_DATABASE;
        keys[n] = "user";
        values[n++] = TP_SERVER_USER;
        local = true;
    }
    keys[n] = "options";
    values[n++] = options;
    keys[n] = "fallback_application_name";
    values[n++] = opts->application;
    keys[n] = "connect_timeout";
    values[n++] = CONNECT_S;
    keys[n] = "tcp_user_timeout";
    values[n++] = TCP_TIMEOUT_MS;
    keys[n] = "keepalives_idle";
    values[n++] = KEEPALIVE_IDLE_S;
    keys[n] = "keepalives_interval";
    values[n++] = KEEPALIVE_INTERVAL_S;
    keys[n] = "keepalives_count";
    values[n++] = KEEPALIVE_COUNT;
    keys[n] = "client_encoding";
    values[n++] = "UTF8";
    keys[n] = NULL;
    values[n] = NULL;
    db = tp_alloc(sizeof *db);
    db->conn = PQconnectStartParams(keys, values, 1);
    if (!db->conn) {
        free(db);
        return tp_fail(err, TP_EDB, "cannot connect to the database");
    }
    status = PQstatus(db->conn) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
        struct pollfd fds[2] = {
            {.fd = PQsocket(db->conn), .events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT},
            {.fd = tp_signal_fd(), .events = POLLIN}};
        int got = poll(fds, 2, 10000);

        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0 || fds[1].revents) {
            stopping = fds[1].revents != 0;
            break;
        }
        status = PQconnectPoll(db->conn);
    }
    if (stopping) {
        tp_db_close(db);
        return tp_stopped(err);
    }
    if (status != PGRES_POLLING_OK) {
        connect_fail(db->conn, local, err);
        tp_db_close(db);
        return -1;
    }
    db->silence_ms = opts->statement_ms ? opts->statement_ms + SILENCE_MS : 0;
    PQsetnonblocking(db->conn, 1);
    PQsetNoticeReceiver(db->conn, quiet_notices, NULL);
    if (set_up(db, opts, err)) {
        tp_db_close(db);
        return -1;
    }
    *out = db;
    return 0;
}

void
tp_db_close(struct tp_db *db)
{
    if (!db)
        return;
    PQfreemem(db->copied);
    PQclear(db->pending);
    PQfinish(db->conn);
    free(db);
}

int
tp_db_version(const struct tp_db *db)
{
    return PQserverVersion(db->conn);
}

int
tp_db_backend(const struct tp_db *db)
{
    return PQbackendPID(db->conn);
}

/* ---- statements ------------------------------------------------------------------------------------ */

int
tp_db_script(struct tp_db *db, const char *text, struct tp_err *err)
{
    PGresult *result = NULL;
    int       rc;

    if (!PQsendQuery(db->conn, text))
        return lost(err);
    rc = collect(db, &result, err);
    PQclear(result);
    return rc;
}

/* Whether this is the second use: then the statement is prepared under its name first. */
static int
prepare_at_second_use(struct tp_db *db, const struct tp_stmt *stmt, bool *prepared, struct tp_err *err)
{
    *prepared = false;
    if (stmt->kind != TP_STMT_QUERY)
        return 0;
    for (size_t i = 0; i < db->n_seen; i++) {
        PGresult *result = NULL;

        if (db->seen[i].stmt != stmt)
            continue;
        *prepared = true;
        if (db->seen[i].prepared)
            return 0;
        if (!PQsendPrepare(db->conn, stmt->name, stmt->text, 0, NULL))
            return lost(err);
        if (collect(db, &result, err))
            return -1;
        PQclear(result);
        db->seen[i].prepared = true;
        return 0;
    }
    if (db->n_seen < PREPARED)
        db->seen[db->n_seen++].stmt = stmt;
    return 0;
}

int
tp_db_send(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params, size_t n_params,
           struct tp_err *err)
{
    const char *values[64];
    bool        prepared;
    int         sent;

    assert((int)n_params == stmt->n_params && n_params <= TP_COUNT(values));
    for (size_t i = 0; i < n_params; i++)
        values[i] = param_text(&params[i]);
    if (prepare_at_second_use(db, stmt, &prepared, err))
        return -1;
    sent = prepared ? PQsendQueryPrepared(db->conn, stmt->name, stmt->n_params, values, NULL, NULL, 0)
                    : PQsendQueryParams(db->conn, stmt->text, stmt->n_params, NULL, values, NULL, NULL, 0);
    return sent ? flush_out(db, err) : lost(err);
}

static int
run_statement(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params,
              size_t n_params, PGresult **result, struct tp_err *err)
{
    if (tp_db_send(db, stmt, params, n_params, err) || collect(db, result, err))
        return -1;
    return *result ? 0 : lost(err);
}

int
tp_db_receive(struct tp_db *db, struct tp_rows **rows, struct tp_err *err)
{
    PGresult *result = NULL;

    if (collect(db, &result, err))
        return -1;
    if (!result)
        return lost(err);
    *rows = tp_alloc(sizeof **rows);
    (*rows)->result = result;
    return 0;
}

int
tp_db_query(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params,
            size_t n_params, struct tp_rows **rows, struct tp_err *err)
{
    return tp_db_send(db, stmt, params, n_params, err) || tp_db_receive(db, rows, err) ? -1 : 0;
}

int
tp_db_one(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params,
          size_t n_params, struct tp_rows **rows, struct tp_err *err)
{
    if (tp_db_query(db, stmt, params, n_params, rows, err))
        return -1;
    if (tp_rows_count(*rows) == 1)
        return 0;
    tp_rows_free(*rows);
    *rows = NULL;
    return tp_fail(err, TP_EMISSING, "there is no such row");
}

int
tp_db_row(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params, size_t n_params,
          const struct tp_record *record, void *row, struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_query(db, stmt, params, n_params, &rows, err))
        return -1;
    return tp_rows_next(rows, record, row, arena, err);
}

int
tp_db_exec(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params,
           size_t n_params, int64_t *count, struct tp_err *err)
{
    PGresult *result = NULL;

    if (run_statement(db, stmt, params, n_params, &result, err))
        return -1;
    if (count) {
        const char *tuples = PQcmdTuples(result);

        if (!tp_text_int(tuples, strlen(tuples), 0, INT64_MAX, count))
            *count = 0;
    }
    PQclear(result);
    return 0;
}

/* ---- waiting for others ---------------------------------------------------------------------------- */

int
tp_db_socket(const struct tp_db *db)
{
    return PQsocket(db->conn);
}

int
tp_db_notified(struct tp_db *db, struct tp_err *err)
{
    PGnotify *note;
    int       n = 0;

    if (!PQconsumeInput(db->conn) || PQstatus(db->conn) == CONNECTION_BAD)
        return lost(err);
    while ((note = PQnotifies(db->conn))) {
        PQfreemem(note);
        n = 1;
    }
    return n;
}

/* ---- transactions ---------------------------------------------------------------------------------- */

int
tp_db_begin(struct tp_db *db, struct tp_err *err)
{
    assert(!db->in_transaction);
    if (tp_db_script(db, "begin", err))
        return -1;
    db->in_transaction = true;
    return 0;
}

int
tp_db_begin_as(struct tp_db *db, struct tp_uuid user, struct tp_err *err)
{
    static const struct tp_stmt set_user = {
        "session_user_set", 1, TP_STMT_QUERY, "select set_config('app.user_id', coalesce($1, ''), true)"};
    PGresult       *result = NULL;
    struct tp_param param = tp_p_uuid(user);

    if (tp_db_begin(db, err))
        return -1;
    if (run_statement(db, &set_user, &param, 1, &result, err)) {
        struct tp_err second = TP_ERR_INIT;

        tp_db_rollback(db, &second);
        return -1;
    }
    PQclear(result);
    return 0;
}

int
tp_db_commit(struct tp_db *db, struct tp_err *err)
{
    PGresult *result = NULL;
    int       rc;

    assert(db->in_transaction);
    db->in_transaction = false;
    if (!PQsendQuery(db->conn, "commit"))
        return lost(err);
    rc = collect(db, &result, err);
    /* A failed transaction answers COMMIT with ROLLBACK and no error. */
    if (!rc && result && strcmp(PQcmdStatus(result), "ROLLBACK") == 0)
        rc = tp_fail(err, TP_EDB, "the transaction had failed and was rolled back");
    else if (rc && !err->sqlstate[0])
        tp_fail(err, TP_EUNKNOWN, "the connection was lost during commit: it is not known whether it happened");
    PQclear(result);
    return rc;
}

int
tp_db_rollback(struct tp_db *db, struct tp_err *err)
{
    db->in_transaction = false;
    if (db->pending) {
        struct tp_err cancelled = TP_ERR_INIT;
        const char   *data;
        size_t        n;

        cancel(db);
        while (tp_db_copy_next(db, &data, &n, &cancelled) > 0)
            ;
    }
    return tp_db_script(db, "rollback", err);
}

void
tp_db_patience(struct tp_db *db, bool patient)
{
    db->patient = patient;
}

bool
tp_db_in_transaction(const struct tp_db *db)
{
    return db->in_transaction;
}

/* ---- rows ------------------------------------------------------------------------------------------ */

static int
map_columns(struct tp_rows *rows, const struct tp_record *record, struct tp_err *err)
{
    int n = PQnfields(rows->result);

    rows->fields = tp_realloc(rows->fields, ((size_t)n + 1) * sizeof *rows->fields);
    for (int c = 0; c < n; c++) {
        const char *name = PQfname(rows->result, c);

        rows->fields[c] = NULL;
        for (const struct tp_field *f = record->fields; f->kind != TP_F_STOP; f++)
            if (strcmp(f->name, name) == 0)
                rows->fields[c] = f;
        if (!rows->fields[c])
            return tp_fail(err, TP_EFAIL, "the database gave a column '%s' that a %s does not have",
                           name, record->type);
    }
    rows->record = record;
    return 0;
}

int
tp_rows_next(struct tp_rows *rows, const struct tp_record *record, void *row, struct tp_arena *arena,
             struct tp_err *err)
{
    int n = PQnfields(rows->result);

    if (rows->next >= PQntuples(rows->result))
        return 0;
    if (rows->record != record && map_columns(rows, record, err))
        return -1;
    tp_record_init(record, row);
    for (int c = 0; c < n; c++)
        if (!PQgetisnull(rows->result, rows->next, c)
            && tp_field_parse(rows->fields[c], PQgetvalue(rows->result, rows->next, c),
                              (size_t)PQgetlength(rows->result, rows->next, c), row, arena, err))
            return tp_where(err, "%s from the database", record->type);
    rows->next++;
    return 1;
}

size_t
tp_rows_count(const struct tp_rows *rows)
{
    return (size_t)PQntuples(rows->result);
}

const char *
tp_rows_text(const struct tp_rows *rows, size_t r, const char *column)
{
    int c = PQfnumber(rows->result, column);

    assert(c >= 0 && r < tp_rows_count(rows));
    return PQgetisnull(rows->result, (int)r, c) ? NULL : PQgetvalue(rows->result, (int)r, c);
}

int64_t
tp_rows_int(const struct tp_rows *rows, size_t r, const char *column)
{
    const char *text = tp_rows_text(rows, r, column);
    int64_t     value = INT64_MIN;

    if (text && !tp_text_int(text, strlen(text), INT64_MIN + 1, INT64_MAX, &value))
        value = INT64_MIN;
    return value;
}

void
tp_rows_free(struct tp_rows *rows)
{
    if (!rows)
        return;
    PQclear(rows->result);
    free(rows->fields);
    free(rows);
}

void
tp_cleanup_rows(struct tp_rows **rows)
{
    tp_rows_free(*rows);
}

/* ---- COPY ------------------------------------------------------------------------------------------ */

int
tp_db_copy_out(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params,
               size_t n_params, struct tp_err *err)
{
    TP_AUTO_BUF set = {0};
    PGresult   *result = NULL;

    assert(stmt->kind == TP_STMT_COPY && (int)n_params == stmt->n_params);
    assert(n_params == 0 || db->in_transaction);
    for (size_t i = 0; i < n_params; i++)
        tp_buf_fmt(&set, "%s set_config('tp.p%zu', coalesce($%zu, ''), true)", i ? "," : "select", i + 1, i + 1);
    if (n_params) {
        const struct tp_stmt set_params = {"copy_params_set", (int)n_params, TP_STMT_QUERY, set.at};

        if (run_statement(db, &set_params, params, n_params, &result, err))
            return -1;
        PQclear(result);
        result = NULL;
    }
    if (!PQsendQuery(db->conn, stmt->text))
        return lost(err);
    if (collect(db, &result, err))
        return -1;
    PQclear(db->pending);
    db->pending = result;
    return 0;
}

int
tp_db_copy_next(struct tp_db *db, const char **data, size_t *n, struct tp_err *err)
{
    bool stopping = false;
    int  got;

    PQfreemem(db->copied);
    db->copied = NULL;
    while ((got = PQgetCopyData(db->conn, &db->copied, 1)) == 0) {
        if (wait_for(db, POLLIN, &stopping, err))
            return -1;
        if (!PQconsumeInput(db->conn))
            return lost(err);
    }
    if (got > 0) {
        *data = db->copied;
        *n = (size_t)got;
        return 1;
    }
    PQclear(db->pending);
    db->pending = NULL;
    return collect(db, NULL, err) ? -1 : 0;
}

int
tp_db_copy_in(struct tp_db *db, const char *text, struct tp_err *err)
{
    PGresult *result = NULL;
    int       rc;

    if (!PQsendQuery(db->conn, text))
        return lost(err);
    rc = collect(db, &result, err);
    PQclear(result);
    return rc;
}

int
tp_db_copy_put(struct tp_db *db, const char *data, size_t n, struct tp_err *err)
{
    bool stopping = false;
    int  rc;

    while ((rc = PQputCopyData(db->conn, data, (int)n)) == 0) {
        if (wait_for(db, POLLIN | POLLOUT, &stopping, err))
            return -1;
        if (!PQconsumeInput(db->conn))
            return lost(err);
    }
    /* libpq would keep what the server is too slow to take. */
    return rc < 0 ? lost(err) : flush_out(db, err);
}

int
tp_db_copy_end(struct tp_db *db, int64_t *count, struct tp_err *err)
{
    PGresult *result = NULL;
    bool      stopping = false;
    int       rc;

    while ((rc = PQputCopyEnd(db->conn, NULL)) == 0)
        if (wait_for(db, POLLIN | POLLOUT, &stopping, err))
            return -1;
    if (rc < 0)
        return lost(err);
    if (collect(db, &result, err))
        return -1;
    if (count) {
        const char *tuples = PQcmdTuples(result);

        if (!tp_text_int(tuples, strlen(tuples), 0, INT64_MAX, count))
            *count = 0;
    }
    PQclear(result);
    return 0;
}

int
tp_db_identifier(struct tp_buf *to, const char *name, struct tp_err *err)
{
    size_t n = strlen(name);

    /* The server cuts longer names silently, so two could become one. */
    if (n == 0 || n > 63 || !tp_text_utf8(name, n))
        return tp_fail(err, TP_EINPUT, "an identifier must have 1 to 63 bytes of UTF-8");
    tp_buf_char(to, '"');
    for (; *name; name++) {
        if (*name == '"')
            tp_buf_char(to, '"');
        tp_buf_char(to, *name);
    }
    tp_buf_char(to, '"');
    return 0;
}
