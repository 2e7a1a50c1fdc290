/* Connecting: where to, how long, and whether the schema is the program's. */
#include "base/db_conn.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
        return tp_db_lost(err);
    if (tp_db_collect(db, &result, err))
        return tp_text_in(err->sqlstate, missing) ? schema_missing(err) : -1;
    rc = result && PQntuples(result) == 1 ? compare_schema(result, err) : tp_db_lost(err);
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

    /* A read over many partitions looks dear enough for the server to compile it, which takes longer than the read. */
    snprintf(options, sizeof options,
             "-c jit=off -c search_path=pg_catalog -c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres "
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
    /* libpq sends these two behind the options: they would change what times look like, and which day it is. */
    unsetenv("PGTZ");
    unsetenv("PGDATESTYLE");
    db = tp_alloc(sizeof *db);
    db->conn = PQconnectStartParams(keys, values, 1);
    if (!db->conn) {
        free(db);
        return tp_fail(err, TP_EDB, "cannot connect to the database");
    }
    status = PQstatus(db->conn) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    if (status == PGRES_POLLING_FAILED && strstr(PQerrorMessage(db->conn), "invalid")) {
        tp_db_close(db);
        tp_fail(err, TP_EUSAGE, "a setting of the connection is not valid");
        return tp_hint(err, "look at --db, the service file and PGPORT, PGSSLMODE and their like");
    }
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
