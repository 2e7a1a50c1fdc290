/* The private PostgreSQL of this user: unix socket only, no password, nothing to configure. */
#ifndef TP_BASE_SERVER_H
#define TP_BASE_SERVER_H

#include <stddef.h>

#include "base/err.h"
#include "base/text.h"

#define TP_SERVER_DATABASE "tp"
#define TP_SERVER_USER "tp_admin" /* its superuser; not "tp", which "$user" would find as a schema */

/* The folder with the running server's socket, or, when none runs, the one where it would be: the
 * first of $XDG_RUNTIME_DIR/tp, /run/tp (root) and the data folder whose name a socket can have. */
int tp_server_socket(char *dir, size_t size, struct tp_err *err);

/* Makes the server's data on first use, starts it and makes the database; a running one is left as it
 * is.  Copies of this call wait for each other.  Root's server belongs to the user postgres. */
int tp_server_start(struct tp_err *err);
/* Stops it; one that does not run is fine.  Clients' transactions are rolled back. */
int tp_server_stop(struct tp_err *err);
/* Adds its libpq URI. */
int tp_server_url(struct tp_buf *to, struct tp_err *err);

#endif
