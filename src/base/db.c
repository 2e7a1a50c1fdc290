#include "base/db.h"

#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/db_conn.h"

struct tp_rows {
    PGresult *result;
    int       next;
    /* Column to field of the record that was asked for last. */
    const struct tp_record *record;
    const struct tp_field **fields;
};

/* ---- statements ------------------------------------------------------------------------------------ */

int
tp_db_script(struct tp_db *db, const char *text, struct tp_err *err)
{
    PGresult *result = NULL;
    int       rc;

    if (!PQsendQuery(db->conn, text))
        return tp_db_lost(err);
    rc = tp_db_collect(db, &result, err);
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
            return tp_db_lost(err);
        if (tp_db_collect(db, &result, err))
            return -1;
        PQclear(result);
        db->seen[i].prepared = true;
        return 0;
    }
    if (db->n_seen < TP_DB_PREPARED)
        db->seen[db->n_seen++].stmt = stmt;
    return 0;
}

/* How many rows the command says it touched, into *count (may be NULL). */
static void
affected(PGresult *result, int64_t *count)
{
    const char *tuples = PQcmdTuples(result);

    if (count && !tp_text_int(tuples, strlen(tuples), 0, INT64_MAX, count))
        *count = 0;
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
        values[i] = tp_p_value(&params[i]);
    if (prepare_at_second_use(db, stmt, &prepared, err))
        return -1;
    sent = prepared ? PQsendQueryPrepared(db->conn, stmt->name, stmt->n_params, values, NULL, NULL, 0)
                    : PQsendQueryParams(db->conn, stmt->text, stmt->n_params, NULL, values, NULL, NULL, 0);
    return sent ? tp_db_flush(db, err) : tp_db_lost(err);
}

static int
run_statement(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params,
              size_t n_params, PGresult **result, struct tp_err *err)
{
    if (tp_db_send(db, stmt, params, n_params, err) || tp_db_collect(db, result, err))
        return -1;
    return *result ? 0 : tp_db_lost(err);
}

int
tp_db_receive(struct tp_db *db, struct tp_rows **rows, struct tp_err *err)
{
    PGresult *result = NULL;

    if (tp_db_collect(db, &result, err))
        return -1;
    if (!result)
        return tp_db_lost(err);
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
    affected(result, count);
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
        return tp_db_lost(err);
    while ((note = PQnotifies(db->conn))) {
        PQfreemem(note);
        n = 1;
    }
    return n;
}

/* ---- transactions ---------------------------------------------------------------------------------- */

static int
begin(struct tp_db *db, const char *text, struct tp_err *err)
{
    assert(!db->in_transaction);
    if (tp_db_script(db, text, err))
        return -1;
    db->in_transaction = true;
    return 0;
}

int
tp_db_begin(struct tp_db *db, struct tp_err *err)
{
    return begin(db, "begin", err);
}

int
tp_db_begin_still(struct tp_db *db, struct tp_db *as, struct tp_err *err)
{
    TP_AUTO_BUF  text = {0};
    TP_AUTO_ROWS rows = NULL;
    char        *name;

    tp_buf_text(&text, "begin isolation level repeatable read");
    if (as) {
        if (tp_db_one(as, &SQL_session_snapshot, TP_NO_PARAMS, &rows, err))
            return -1;
        /* The statement takes no parameter. */
        name = PQescapeLiteral(db->conn, tp_rows_text(rows, 0, "snapshot"), strlen(tp_rows_text(rows, 0, "snapshot")));
        if (!name)
            return tp_db_lost(err);
        tp_buf_fmt(&text, "; set transaction snapshot %s", name);
        PQfreemem(name);
    }
    return begin(db, text.at, err);
}

int
tp_db_begin_as(struct tp_db *db, struct tp_uuid user, struct tp_err *err)
{
    PGresult       *result = NULL;
    struct tp_param param = tp_p_uuid(user);

    if (tp_db_begin(db, err))
        return -1;
    if (run_statement(db, &SQL_session_user_set, &param, 1, &result, err)) {
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
        return tp_db_lost(err);
    rc = tp_db_collect(db, &result, err);
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

        tp_db_cancel(db);
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
        /* Never prepared: statements are known by their address, and this one's is gone after the call. */
        const struct tp_stmt set_params = {"copy_params_set", (int)n_params, TP_STMT_UTILITY, set.at};

        if (run_statement(db, &set_params, params, n_params, &result, err))
            return -1;
        PQclear(result);
        result = NULL;
    }
    if (!PQsendQuery(db->conn, stmt->text))
        return tp_db_lost(err);
    if (tp_db_collect(db, &result, err))
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
        if (tp_db_wait(db, POLLIN, &stopping, err))
            return -1;
        if (!PQconsumeInput(db->conn))
            return tp_db_lost(err);
    }
    if (got > 0) {
        *data = db->copied;
        *n = (size_t)got;
        return 1;
    }
    PQclear(db->pending);
    db->pending = NULL;
    return tp_db_collect(db, NULL, err) ? -1 : 0;
}

int
tp_db_copy_in(struct tp_db *db, const char *text, struct tp_err *err)
{
    PGresult *result = NULL;
    int       rc;

    if (!PQsendQuery(db->conn, text))
        return tp_db_lost(err);
    rc = tp_db_collect(db, &result, err);
    PQclear(result);
    return rc;
}

int
tp_db_copy_put(struct tp_db *db, const char *data, size_t n, struct tp_err *err)
{
    bool stopping = false;
    int  rc;

    while ((rc = PQputCopyData(db->conn, data, (int)n)) == 0) {
        if (tp_db_wait(db, POLLIN | POLLOUT, &stopping, err))
            return -1;
        if (!PQconsumeInput(db->conn))
            return tp_db_lost(err);
    }
    /* libpq would keep what the server is too slow to take. */
    return rc < 0 ? tp_db_lost(err) : tp_db_flush(db, err);
}

int
tp_db_copy_end(struct tp_db *db, int64_t *count, struct tp_err *err)
{
    PGresult *result = NULL;
    bool      stopping = false;
    int       rc;

    while ((rc = PQputCopyEnd(db->conn, NULL)) == 0)
        if (tp_db_wait(db, POLLIN | POLLOUT, &stopping, err))
            return -1;
    if (rc < 0)
        return tp_db_lost(err);
    if (tp_db_collect(db, &result, err))
        return -1;
    affected(result, count);
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
