/* Signals in the database: those that were obeyed under an id. */
#ifndef TP_STORE_SIGNAL_H
#define TP_STORE_SIGNAL_H

#include "base/db.h"
#include "trade/signal.h"

/* Inside a transaction of the acting user.  The signal of that id: 1, 0 when it was never obeyed, -1. */
int tp_signal_get(struct tp_db *db, struct tp_uuid user, const char *id, struct tp_signal *out, struct tp_err *err);
/* Keeps one that has an id; behind the gate's lock, so that nobody keeps the same id meanwhile. */
int tp_signal_put(struct tp_db *db, struct tp_uuid user, const struct tp_signal *s, struct tp_err *err);

#endif
