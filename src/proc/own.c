#include "proc/own.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define ENDED_IDS 256 /* of orders that have ended are remembered */

struct tp_own *
tp_own_of_id(const struct tp_owns *list, const char *id)
{
    for (size_t i = list->n; i-- > 0;)
        if (strcmp(list->at[i].id, id) == 0)
            return &list->at[i];
    return NULL;
}

struct tp_own *
tp_own_of_order(const struct tp_owns *list, const struct tp_uuid *order)
{
    for (size_t i = list->n; i-- > 0;)
        if (tp_uuid_equal(list->at[i].order, *order))
            return &list->at[i];
    return NULL;
}

struct tp_own *
tp_own_add(struct tp_owns *list, const char *id, const char *body)
{
    struct tp_own *o;

    if (list->n == list->room) {
        list->room = list->room ? 2 * list->room : 64;
        list->at = tp_realloc(list->at, list->room * sizeof *list->at);
    }
    o = &list->at[list->n++];
    memset(o, 0, sizeof *o);
    tp_text_set(o->id, sizeof o->id, id, strlen(id));
    tp_text_set(o->body, sizeof o->body, body, strlen(body));
    return o;
}

void
tp_own_end(struct tp_owns *list, struct tp_own *own)
{
    own->ended = true;
    if (++list->n_ended <= ENDED_IDS)
        return;
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i].ended) {
            list->n--;
            list->n_ended--;
            memmove(&list->at[i], &list->at[i + 1], (list->n - i) * sizeof *list->at);
            return;
        }
}

void
tp_owns_save(const struct tp_owns *list, struct tp_buf *to)
{
    char order[TP_UUID_TEXT];

    tp_buf_char(to, '[');
    for (size_t i = 0; i < list->n; i++) {
        const struct tp_own *o = &list->at[i];

        tp_uuid_print(order, o->order);
        tp_buf_text(to, i ? ",{\"id\":" : "{\"id\":");
        tp_json_string(to, o->id, strlen(o->id));
        tp_buf_fmt(to, ",\"body\":\"%s\",\"order\":\"%s\",\"ended\":%s}", o->body, order, o->ended ? "true" : "false");
    }
    tp_buf_char(to, ']');
}

static int
recall_one(struct tp_owns *list, const json_t *one, struct tp_err *err)
{
    const char    *id = tp_json_text(one, "id"), *body = tp_json_text(one, "body"), *order = tp_json_text(one, "order");
    struct tp_own *o;

    if (!id || !body || !order)
        return tp_fail(err, TP_EINPUT, "orders: want id, body and order");
    o = tp_own_add(list, id, body);
    o->ended = json_is_true(json_object_get(one, "ended"));
    list->n_ended += o->ended;
    return tp_uuid_parse(order, strlen(order), &o->order, err);
}

int
tp_owns_recall(struct tp_owns *list, const json_t *saved, struct tp_err *err)
{
    const json_t *one;
    size_t        i;

    json_array_foreach (saved, i, one)
        if (recall_one(list, one, err))
            return -1;
    return 0;
}

void
tp_owns_free(struct tp_owns *list)
{
    free(list->at);
    *list = (struct tp_owns){0};
}
