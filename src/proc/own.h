/* A program's own orders: what it calls them, and the orders that they are. */
#ifndef TP_PROC_OWN_H
#define TP_PROC_OWN_H

#include "proc/message.h"

struct tp_own {
    char           id[TP_PROC_ID], body[17];
    struct tp_uuid order;
    bool           ended;
};

/* Those that work, and the newest that have ended. */
struct tp_owns {
    struct tp_own *at;
    size_t         n, room, n_ended;
};

/* The newest of that id, or that is that order; NULL: none. */
struct tp_own *tp_own_of_id(const struct tp_owns *list, const char *id);
struct tp_own *tp_own_of_order(const struct tp_owns *list, const struct tp_uuid *order);
/* Valid until the next one is added or has ended. */
struct tp_own *tp_own_add(struct tp_owns *list, const char *id, const char *body);
/* It has ended; of many that have, the oldest is forgotten. */
void tp_own_end(struct tp_owns *list, struct tp_own *own);
/* As a JSON array, and back into an empty list (TP_EINPUT). */
void tp_owns_save(const struct tp_owns *list, struct tp_buf *to);
int  tp_owns_recall(struct tp_owns *list, const json_t *saved, struct tp_err *err);
void tp_owns_free(struct tp_owns *list);

#endif
