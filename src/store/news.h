/* Events about changed rows, written in the transaction that changes them. */
#ifndef TP_STORE_NEWS_H
#define TP_STORE_NEWS_H

#include "base/db.h"

/* Collected events; start with {0}. */
struct tp_news {
    struct tp_buf json; /* "[{...},{...}" */
    size_t        n;
};

/* Adds the event `type` ("order.filled") about a row: its payload is the record, and events about the same
 * thing (what: "order", "position", "bot", "risk"; id) are handled one after the other. */
void tp_news_add(struct tp_news *news, const char *type, const char *what, struct tp_uuid id,
                 const struct tp_record *record, const void *row);
/* Queues what was collected as events of the user and begins anew. */
int  tp_news_send(struct tp_news *news, struct tp_db *db, struct tp_uuid user, struct tp_err *err);
/* The two of them for one row. */
int  tp_news_tell(struct tp_db *db, struct tp_uuid user, const char *type, const char *what, struct tp_uuid id,
                  const struct tp_record *record, const void *row, struct tp_err *err);
void tp_news_free(struct tp_news *news);

#endif
