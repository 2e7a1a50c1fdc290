/* The door to PostgreSQL: typed, named statements, rows by column name, COPY, bounded waits. */
#ifndef TP_BASE_DB_H
#define TP_BASE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/param.h"
#include "base/record.h"
#include "base/text.h"
#include "base/uuid.h"

struct tp_db;
struct tp_rows;

/* A statement of sql/queries. */
enum tp_stmt_kind { TP_STMT_QUERY, TP_STMT_COPY, TP_STMT_UTILITY };

struct tp_stmt {
    const char       *name;
    int               n_params;
    enum tp_stmt_kind kind;
    const char       *text;
};

struct tp_db_opts {
    const char *dsn;             /* URI or keywords, no password inside; NULL: environment, local server */
    const char *application;     /* application_name */
    const char *role;            /* set role ...; NULL: none */
    int64_t     statement_ms;    /* statement_timeout; 0: none */
    bool        no_local_server; /* do not fall back to the private server */
    bool        any_schema;      /* do not compare the schema's version with the program's */
};

/* Refuses a schema that is not the program's: TP_EPENDING when it is missing or older, TP_EDRIFT when it
 * is newer.  The question travels with the first message, so that it costs no round trip of its own.
 *
 * Connects, pins search_path to pg_catalog, TimeZone to UTC, DateStyle to ISO.  -1 with TP_EDB; no
 * message ever holds the connection string. */
int  tp_db_open(struct tp_db **db, const struct tp_db_opts *opts, struct tp_err *err);
void tp_db_close(struct tp_db *db); /* NULL is fine; an open transaction is lost */
/* That comparison alone, for a connection that was opened with any_schema. */
int  tp_db_schema(struct tp_db *db, struct tp_err *err);
int  tp_db_version(const struct tp_db *db); /* server_version_num, 150018 for 15.18 */

int tp_db_begin(struct tp_db *db, struct tp_err *err);
int tp_db_commit(struct tp_db *db, struct tp_err *err); /* TP_EUNKNOWN when the answer was lost */
int tp_db_rollback(struct tp_db *db, struct tp_err *err); /* a COPY ... TO STDOUT under way is cancelled */
/* With patience a signal does not cancel the statement under way: a step that is to be finished gets some
 * seconds for it.  Without (as at first) it does. */
void tp_db_patience(struct tp_db *db, bool patient);
/* Begins a transaction in which row security sees this user (nil: none). */
int  tp_db_begin_as(struct tp_db *db, struct tp_uuid user, struct tp_err *err);
/* Begins a transaction that sees one state of the data to its end: the one that the transaction of another
 * connection, begun so, sees (NULL: that of its first statement). */
int tp_db_begin_still(struct tp_db *db, struct tp_db *as, struct tp_err *err);
bool tp_db_in_transaction(const struct tp_db *db);

/* Rows, at most one result held in memory; statements are prepared at their second use. */
int tp_db_query(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params,
                size_t n_params, struct tp_rows **rows, struct tp_err *err);
/* The two halves of tp_db_query, for a caller with something to do while the server works. */
int tp_db_send(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params, size_t n_params,
               struct tp_err *err);
int tp_db_receive(struct tp_db *db, struct tp_rows **rows, struct tp_err *err);
/* Exactly one row: TP_EMISSING for none. */
int tp_db_one(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params,
              size_t n_params, struct tp_rows **rows, struct tp_err *err);
/* The first row into a record, as tp_rows_next reads it: 1, 0 when there is none, -1. */
int tp_db_row(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params, size_t n_params,
              const struct tp_record *record, void *row, struct tp_arena *arena, struct tp_err *err);
/* No rows wanted; the number of affected rows goes to *count (may be NULL). */
int tp_db_exec(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params,
               size_t n_params, int64_t *count, struct tp_err *err);
/* Sends a text of several statements in one message (migrations, fixed utility commands).  The text
 * never holds a value. */
int tp_db_script(struct tp_db *db, const char *text, struct tp_err *err);

/* The next row into a record by column name: 1, 0, -1.  Columns that the record does not know are an
 * error; fields without a column are null. */
int tp_rows_next(struct tp_rows *rows, const struct tp_record *record, void *row,
                 struct tp_arena *arena, struct tp_err *err);
size_t tp_rows_count(const struct tp_rows *rows);
/* Cell of row r by column name: NULL for SQL NULL.  The column must exist (asserted). */
const char *tp_rows_text(const struct tp_rows *rows, size_t r, const char *column);
int64_t     tp_rows_int(const struct tp_rows *rows, size_t r, const char *column); /* TP_INT_NONE */
void        tp_rows_free(struct tp_rows *rows);
void        tp_cleanup_rows(struct tp_rows **rows);
#define TP_AUTO_ROWS __attribute__((cleanup(tp_cleanup_rows))) struct tp_rows *

/* COPY ... TO STDOUT.  The block's parameters are given as settings tp.p1, tp.p2 ... inside a
 * transaction.  Each call gives one data message: 1, 0 at the end, -1. */
int tp_db_copy_out(struct tp_db *db, const struct tp_stmt *stmt, const struct tp_param *params,
                   size_t n_params, struct tp_err *err);
int tp_db_copy_next(struct tp_db *db, const char **data, size_t *n, struct tp_err *err);
/* COPY ... FROM STDIN.  text is the statement; data is sent in pieces; end gives the row count. */
int tp_db_copy_in(struct tp_db *db, const char *text, struct tp_err *err);
int tp_db_copy_put(struct tp_db *db, const char *data, size_t n, struct tp_err *err);
int tp_db_copy_end(struct tp_db *db, int64_t *count, struct tp_err *err);

/* Adds the identifier in double quotes to SQL that is being put together (DDL only). */
int tp_db_identifier(struct tp_buf *to, const char *name, struct tp_err *err);

/* For poll(2) between statements: readable when a notification has come, or the connection has ended. */
int tp_db_socket(const struct tp_db *db);
/* 1 when notifications have come since the last call (their texts are not kept), 0, -1 when the connection
 * is lost. */
int tp_db_notified(struct tp_db *db, struct tp_err *err);

/* Whether err is a transient fault of the server that trying again may cure (lock timeout, deadlock,
 * serialization, connection loss). */
bool tp_db_transient(const struct tp_err *err);

#endif
