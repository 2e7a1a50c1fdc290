/* Waiting for the server, with poll(2) alone, so that a signal and a server that fell silent are always seen; and
 * what its answers mean. */
#include "base/db_conn.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/banned.h"
#include "base/prog.h"

#define STOP_MS 4000 /* for the end of a cancelled statement */

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

int
tp_db_lost(struct tp_err *err)
{
    tp_fail(err, TP_EDB, "the connection to the database was lost");
    return -1;
}

void
tp_db_cancel(struct tp_db *db)
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

int
tp_db_wait(struct tp_db *db, short events, bool *stopping, struct tp_err *err)
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
            tp_db_cancel(db);
    }
    return 0;
}

int
tp_db_flush(struct tp_db *db, struct tp_err *err)
{
    bool stopping = false;
    int  rc;

    while ((rc = PQflush(db->conn)) > 0) {
        if (tp_db_wait(db, POLLIN | POLLOUT, &stopping, err))
            return -1;
        if (!PQconsumeInput(db->conn))
            return tp_db_lost(err);
    }
    return rc < 0 ? tp_db_lost(err) : 0;
}

/* The next result of what was sent; *out NULL at the end. */
static int
next_result(struct tp_db *db, PGresult **out, struct tp_err *err)
{
    bool stopping = false;

    *out = NULL;
    while (PQisBusy(db->conn)) {
        if (tp_db_wait(db, POLLIN, &stopping, err))
            return -1;
        if (!PQconsumeInput(db->conn))
            break;
    }
    *out = PQgetResult(db->conn);
    return 0;
}

int
tp_db_collect(struct tp_db *db, PGresult **out, struct tp_err *err)
{
    PGresult      *result, *kept = NULL;
    ExecStatusType status;
    struct tp_err  stop = TP_ERR_INIT;
    int            rc = tp_db_flush(db, err);

    for (;;) {
        if (next_result(db, &result, err)) {
            rc = -1;
            break;
        }
        if (!result)
            break;
        status = PQresultStatus(result); /* no switch: each libpq knows more of them */
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
            PQclear(kept);
            kept = result;
            continue;
        }
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
            PQclear(kept);
            *out = result;
            return rc;
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
