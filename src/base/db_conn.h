/* What the files of the door to PostgreSQL share: the connection and how it is waited for. */
#ifndef TP_BASE_DB_CONN_H
#define TP_BASE_DB_CONN_H

#include <libpq-fe.h>

#include "base/db.h"

#define TP_DB_PREPARED 64 /* statements that are remembered */

struct tp_db {
    PGconn *conn;
    bool    in_transaction, patient;
    int64_t silence_ms; /* the longest that the server may be silent; 0: as long as it likes */
    /* Statements seen once are sent whole; from the second use on they are prepared. */
    struct {
        const struct tp_stmt *stmt;
        bool                  prepared;
    } seen[TP_DB_PREPARED];
    size_t    n_seen;
    char     *copied; /* the data message handed out last */
    PGresult *pending; /* COPY OUT: nothing of it is needed but its end */
};

/* Of sql/queries/session.sql: the header of all statements belongs to store. */
extern const struct tp_stmt SQL_session_user_set, SQL_session_snapshot;

/* Fails with TP_EDB: the connection is gone. */
int tp_db_lost(struct tp_err *err);
/* Asks the server to end what it is doing; its answer is still to be read. */
void tp_db_cancel(struct tp_db *db);
/* Waits until the socket is ready for events (of poll(2)).  A signal cancels the statement, whose end is waited
 * for, but not for long; *stopping, false at first, remembers it from call to call. */
int tp_db_wait(struct tp_db *db, short events, bool *stopping, struct tp_err *err);
/* Sends what libpq still holds. */
int tp_db_flush(struct tp_db *db, struct tp_err *err);
/* Reads all results of what was sent; gives the last good one, or that of a COPY which began, in *out (NULL: not
 * wanted; else the caller clears it), or the first failure in err. */
int tp_db_collect(struct tp_db *db, PGresult **out, struct tp_err *err);

#endif
