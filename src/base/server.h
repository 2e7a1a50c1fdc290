/* The private PostgreSQL of this user: where its socket stands. */
#ifndef TP_BASE_SERVER_H
#define TP_BASE_SERVER_H

#include <stddef.h>

#include "base/err.h"

#define TP_SERVER_DATABASE "tp"
#define TP_SERVER_USER "tp_admin" /* its superuser; not "tp", which "$user" would find as a schema */

/* The folder with the running server's socket, or, when none runs, the one where it would be. */
int tp_server_socket(char *dir, size_t size, struct tp_err *err);

#endif
