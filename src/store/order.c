#include "store/order.h"

#include <string.h>

#include "base/banned.h"
#include "base/json.h"
#include "store/sql.h"

#define PAGE 500 /* rows of a list that are held at a time */

static const struct tp_field *
field(const char *name)
{
    for (const struct tp_field *f = tp_order_record.fields; f->kind != TP_F_STOP; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

/* ---- the body of an order ------------------------------------------------------------------------ */

void
tp_order_body(const struct tp_order *o, char out[TP_SHA256_TEXT])
{
    static const char *const names[] = {
        "account_id", "bot_id", "environment", "exchange", "symbol", "side", "reduce_only", "order_type",
        "quantity", "price", "stop_price", "callback_rate", "trail_distance", "activation_price",
        "working_type", "leverage", "margin_mode", "position_mode", "time_in_force", "stop_loss",
        "take_profit", "parent_order_id", "group_id", "expires_at", "metadata",
    };
    TP_AUTO_BUF body = {0};

    for (size_t i = 0; i < TP_COUNT(names); i++) {
        const struct tp_field *f = field(names[i]);

        if (!tp_field_null(f, o))
            tp_field_print(f, o, &body);
        tp_buf_char(&body, '\n');
    }
    tp_sha256_text(body.at, body.n, out);
}

int
tp_order_key_taken(const struct tp_order_new *o, struct tp_err *err)
{
    char safe[80];

    tp_fail(err, TP_EREFUSED, "the idempotency key '%s' was used for another order",
            tp_text_safe(safe, sizeof safe, o->key, strlen(o->key)));
    return tp_hint(err, "'tp-order reconcile --idempotency-key KEY' shows that order");
}

/* ---- keys that were used ------------------------------------------------------------------------- */

static void
add_text(struct tp_buf *to, const char *text)
{
    tp_buf_char(to, to->n ? ',' : '[');
    tp_json_string(to, text, strlen(text));
}

static void
add_id(struct tp_buf *to, struct tp_uuid id)
{
    char text[TP_UUID_TEXT];

    tp_uuid_print(text, id);
    add_text(to, text);
}

/* Orders by id, in the order of the list or not; rows for tp_rows_next. */
static int
query_ids(struct tp_db *db, struct tp_uuid user, struct tp_buf *ids, int64_t n, struct tp_rows **rows,
          struct tp_err *err)
{
    const struct tp_uuid none = {{0}};

    tp_buf_char(ids, ']');
    return tp_db_query(db, &SQL_order_list,
                       TP_PARAMS(tp_p_uuid(user), tp_p_text(ids->at), tp_p_text(NULL), tp_p_text(NULL),
                                 tp_p_text(NULL), tp_p_uuid(none), tp_p_uuid(none), tp_p_text(NULL),
                                 tp_p_time(TP_TIME_NONE), tp_p_time(TP_TIME_NONE), tp_p_time(TP_TIME_NONE),
                                 tp_p_uuid(none), tp_p_int(n)),
                       rows, err);
}

/* Whether the order of that row is the one asked for; the others of the batch with its key follow. */
static void
settle(struct tp_order_new *orders, size_t n, const char *key, struct tp_uuid id, const char *body)
{
    for (size_t i = 0; i < n; i++) {
        struct tp_order_new *o = &orders[i];

        if (!o->key || strcmp(o->key, key) != 0)
            continue;
        o->outcome = strcmp(o->body_sha256, body) == 0 ? TP_ORDER_REPLAYED : TP_ORDER_KEY_TAKEN;
        if (o->outcome == TP_ORDER_REPLAYED)
            o->order.id = id;
    }
}

/* Puts what stands in the database into the orders that were replayed. */
static int
read_replayed(struct tp_gate *g, struct tp_order_new *orders, size_t n, struct tp_arena *arena,
              struct tp_err *err)
{
    TP_AUTO_BUF     ids = {0};
    TP_AUTO_ROWS    rows = NULL;
    struct tp_order found;
    int64_t         want = 0;
    int             got;

    for (size_t i = 0; i < n; i++)
        if (orders[i].outcome == TP_ORDER_REPLAYED) {
            add_id(&ids, orders[i].order.id);
            want++;
        }
    if (want == 0)
        return 0;
    if (query_ids(g->db, g->user, &ids, want, &rows, err))
        return -1;
    while ((got = tp_rows_next(rows, &tp_order_record, &found, arena, err)) > 0)
        for (size_t i = 0; i < n; i++)
            if (orders[i].outcome == TP_ORDER_REPLAYED && tp_uuid_equal(orders[i].order.id, found.id))
                orders[i].order = found;
    return got;
}

/* Finds the orders whose keys were used before this transaction. */
static int
find_used(struct tp_gate *g, struct tp_order_new *orders, size_t n, struct tp_err *err)
{
    TP_AUTO_BUF  keys = {0};
    TP_AUTO_ROWS rows = NULL;

    for (size_t i = 0; i < n; i++) {
        if (orders[i].looked)
            continue;
        orders[i].outcome = TP_ORDER_ADDED;
        if (!orders[i].key)
            continue;
        add_text(&keys, orders[i].key);
        if (orders[i].body_sha256[0] == '\0')
            tp_order_body(&orders[i].order, orders[i].body_sha256);
    }
    if (keys.n == 0)
        return 0;
    tp_buf_char(&keys, ']');
    if (tp_db_query(g->db, &SQL_order_keys, TP_PARAMS(tp_p_uuid(g->user), tp_p_text(keys.at)), &rows, err))
        return -1;
    for (size_t r = 0; r < tp_rows_count(rows); r++) {
        const char    *text = tp_rows_text(rows, r, "order_id");
        struct tp_uuid id;

        if (tp_uuid_parse(text, strlen(text), &id, err))
            return -1;
        settle(orders, n, tp_rows_text(rows, r, "key"), id, tp_rows_text(rows, r, "body_sha256"));
    }
    return 0;
}

int
tp_order_used(struct tp_gate *g, struct tp_order_new *orders, size_t n, struct tp_arena *arena,
              struct tp_err *err)
{
    if (find_used(g, orders, n, err) || read_replayed(g, orders, n, arena, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        orders[i].looked = true;
    return 0;
}

/* A key that stands twice in the batch: the later one is answered with the earlier. */
static struct tp_order_new *
earlier(struct tp_order_new *orders, size_t i)
{
    for (size_t k = 0; orders[i].key && k < i; k++)
        if (orders[k].outcome == TP_ORDER_ADDED && orders[k].key && strcmp(orders[k].key, orders[i].key) == 0)
            return &orders[k];
    return NULL;
}

/* ---- making orders ------------------------------------------------------------------------------- */

static bool
rejected(const struct tp_order *o)
{
    return strcmp(o->status, "REJECTED") == 0;
}

/* Asks for the orders in turn; *refused marks those that a limit stopped. */
static int
ask_all(struct tp_gate *g, struct tp_order_new *orders, size_t n, bool *refused, struct tp_err *err)
{
    char reason[TP_REASON_SIZE];

    for (size_t i = 0; i < n; i++) {
        struct tp_order *o = &orders[i].order;
        int              rc;

        if (orders[i].outcome != TP_ORDER_ADDED || earlier(orders, i) || orders[i].asked || rejected(o))
            continue;
        rc = tp_gate_ask(g, o, TP_DEC_NONE, reason, err);
        if (rc < 0)
            return -1;
        refused[i] = rc == 0;
        if (rc == 0) {
            tp_text_set(o->status, sizeof o->status, "REJECTED", 8);
            tp_text_set(o->reject_reason, sizeof o->reject_reason, reason, strlen(reason));
        }
    }
    return 0;
}

/* Looks up in one go the prices that the batch will need. */
static int
find_prices(struct tp_gate *g, const struct tp_order_new *orders, size_t n, struct tp_err *err)
{
    TP_AUTO_FREE const struct tp_order **list = tp_alloc((n + 1) * sizeof *list);
    size_t                               wanted = 0;

    for (size_t i = 0; i < n; i++)
        if (orders[i].outcome == TP_ORDER_ADDED && !orders[i].asked && orders[i].order.reduce_only != 1)
            list[wanted++] = &orders[i].order;
    return wanted ? tp_gate_prices(g, list, wanted, err) : 0;
}

static void
member(struct tp_buf *to, const char *name, const char *text)
{
    tp_buf_fmt(to, ",\"%s\":", name);
    if (text)
        tp_json_string(to, text, strlen(text));
    else
        tp_buf_text(to, "null");
}

/* The record's object without its end, so that members can follow. */
static void
open_record(struct tp_buf *to, const struct tp_order *o)
{
    tp_buf_char(to, to->n ? ',' : '[');
    tp_record_json(&tp_order_record, o, to);
    while (to->at[to->n - 1] != '}')
        to->n--;
    to->n--;
}

static void
event_member(struct tp_buf *to, struct tp_uuid id)
{
    char text[TP_UUID_TEXT];

    tp_uuid_print(text, id);
    member(to, "event_id", tp_uuid_none(id) ? NULL : text);
}

static void
add_order(struct tp_buf *to, const struct tp_order_new *o, bool refused)
{
    open_record(to, &o->order);
    member(to, "idempotency_key", o->key);
    member(to, "body_sha256", o->key ? o->body_sha256 : NULL);
    event_member(to, o->event_id);
    tp_buf_fmt(to, ",\"work\":%s,\"refused\":%s}", o->work ? o->work : "null", refused ? "true" : "false");
}

/* What the server says when a row points to something that is not there or not the user's. */
static int
explain(struct tp_err *err)
{
    if (strcmp(err->sqlstate, "23503") == 0)
        return tp_fail(err, TP_EMISSING,
                       "an order names an account, a bot, an instrument, a parent or a position that is not there");
    if (strcmp(err->sqlstate, "23514") == 0)
        err->code = TP_EINPUT;
    return -1;
}

static int
read_time(const struct tp_rows *rows, size_t r, const char *column, struct tp_time *out, struct tp_err *err)
{
    const char *text = tp_rows_text(rows, r, column);

    return tp_time_parse(text, strlen(text), out, err);
}

/* Gives each row of an answer (id, updated_at) to the order of that id; they come in our order, or nearly.
 * orders are `size` bytes apart.  -1 when a row belongs to none. */
static int
take_times(const struct tp_rows *rows, void *orders, size_t n, size_t size, struct tp_err *err)
{
    size_t at = 0;

    for (size_t r = 0; r < tp_rows_count(rows); r++) {
        const char      *text = tp_rows_text(rows, r, "id");
        struct tp_order *o = NULL;
        struct tp_uuid   id;

        if (tp_uuid_parse(text, strlen(text), &id, err))
            return -1;
        for (size_t tried = 0; tried < n && !o; tried++, at = (at + 1) % n)
            if (tp_uuid_equal(((struct tp_order *)((char *)orders + at * size))->id, id))
                o = (struct tp_order *)((char *)orders + at * size);
        if (!o)
            return tp_fail(err, TP_EFAIL, "the server answered for an order that it was not given");
        if (read_time(rows, r, "updated_at", &o->updated_at, err))
            return -1;
    }
    return 0;
}

/* Takes the answer of order_insert or order_update. */
static int
take_answer(struct tp_gate *g, const struct tp_rows *rows, void *orders, size_t n, size_t size,
            struct tp_err *err)
{
    if (tp_rows_count(rows) == 0)
        return 0;
    tp_gate_raised(g, tp_rows_int(rows, 0, "accounts"), tp_rows_text(rows, 0, "xact"));
    return take_times(rows, orders, n, size, err);
}

/* Sends the orders that are to be made; those that now stand have updated_at. */
static int
send(struct tp_gate *g, struct tp_order_new *orders, size_t n, const bool *refused, struct tp_err *err)
{
    TP_AUTO_BUF  list = {0};
    TP_AUTO_ROWS rows = NULL;

    for (size_t i = 0; i < n; i++) {
        if (orders[i].outcome != TP_ORDER_ADDED || earlier(orders, i))
            continue;
        orders[i].order.updated_at = TP_TIME_NONE;
        add_order(&list, &orders[i], refused[i]);
    }
    if (list.n == 0)
        return 0;
    tp_buf_char(&list, ']');
    if (tp_db_query(g->db, &SQL_order_insert, TP_PARAMS(tp_p_text(list.at)), &rows, err))
        return explain(err);
    return take_answer(g, rows, orders, n, sizeof *orders, err);
}

/* Settles what was left out: keys that came into use meanwhile (in another environment, whose lock is
 * another), and keys that stand twice in the batch. */
static int
settle_rest(struct tp_gate *g, struct tp_order_new *orders, size_t n, struct tp_err *err)
{
    for (size_t i = 0; i < n; i++) {
        struct tp_order_new *first = earlier(orders, i);
        bool                 stands = orders[i].outcome != TP_ORDER_ADDED
                      || !tp_time_none(orders[i].order.updated_at);

        if (first) {
            orders[i].outcome = strcmp(first->body_sha256, orders[i].body_sha256) == 0 ? TP_ORDER_REPLAYED
                                                                                       : TP_ORDER_KEY_TAKEN;
            orders[i].order = orders[i].outcome == TP_ORDER_REPLAYED ? first->order : orders[i].order;
        } else if (!stands && orders[i].key) {
            if (find_used(g, &orders[i], 1, err))
                return -1;
            stands = orders[i].outcome != TP_ORDER_ADDED;
        }
        if (!first && !stands)
            return tp_fail(err, TP_EMISSING, "there is no exchange '%s'", orders[i].order.exchange);
    }
    return 0;
}

int
tp_order_insert(struct tp_gate *g, struct tp_order_new *orders, size_t n, struct tp_arena *arena,
                struct tp_err *err)
{
    TP_AUTO_FREE bool *refused = tp_alloc(n + 1);

    if (find_used(g, orders, n, err))
        return -1;
    return find_prices(g, orders, n, err) || ask_all(g, orders, n, refused, err)
                   || send(g, orders, n, refused, err) || settle_rest(g, orders, n, err)
                   || read_replayed(g, orders, n, arena, err)
               ? -1
               : 0;
}

/* ---- changing them ------------------------------------------------------------------------------- */

static void
add_change(struct tp_buf *to, const struct tp_order_change *c)
{
    open_record(to, &c->order);
    member(to, "event", c->event);
    event_member(to, c->event_id);
    tp_buf_fmt(to, ",\"work\":%s}", c->work ? c->work : "null");
}

int
tp_order_update(struct tp_gate *g, struct tp_order_change *changes, size_t n, struct tp_err *err)
{
    TP_AUTO_BUF    list = {0};
    TP_AUTO_ROWS   rows = NULL;
    struct tp_time first = TP_TIME_NONE, last = TP_TIME_NONE;
    size_t         sent = 0;

    for (size_t i = 0; i < n; i++) {
        struct tp_order_change *c = &changes[i];
        int rc = c->was ? tp_gate_ask_change(g, c->was, &c->order, TP_DEC_NONE, c->reason, err) : 1;

        if (rc < 0)
            return -1;
        if (rc == 0)
            continue;
        c->reason[0] = '\0';
        add_change(&list, c);
        first = sent == 0 || c->order.created_at.us < first.us ? c->order.created_at : first;
        last = sent == 0 || c->order.created_at.us > last.us ? c->order.created_at : last;
        sent++;
    }
    if (sent == 0)
        return 0;
    tp_buf_char(&list, ']');
    if (tp_db_query(g->db, &SQL_order_update,
                    TP_PARAMS(tp_p_text(list.at), tp_p_time(first), tp_p_time(last)), &rows, err))
        return explain(err);
    if (take_answer(g, rows, changes, n, sizeof *changes, err))
        return -1;
    if (tp_rows_count(rows) == sent)
        return 0;
    return tp_fail(err, TP_EREFUSED, "%zu of %zu orders had ended, or are not there", sent - tp_rows_count(rows), sent);
}

/* ---- reading ------------------------------------------------------------------------------------- */

void
tp_order_list_init(struct tp_order_list *l, struct tp_db *db, struct tp_uuid user,
                   const struct tp_order_filter *filter)
{
    *l = (struct tp_order_list){.db = db,
                                .user = user,
                                .filter = *filter,
                                .left = filter->limit ? filter->limit : -1,
                                .last_at = TP_TIME_NONE};
}

void
tp_order_list_free(struct tp_order_list *l)
{
    tp_rows_free(l->rows);
    l->rows = NULL;
}

static int
next_page(struct tp_order_list *l, struct tp_err *err)
{
    const struct tp_order_filter *f = &l->filter;

    tp_order_list_free(l);
    l->page = l->left >= 0 && l->left < PAGE ? l->left : PAGE;
    return tp_db_query(l->db, &SQL_order_list,
                       TP_PARAMS(tp_p_uuid(l->user), tp_p_text(NULL), tp_p_text(f->exchange),
                                 tp_p_text(f->symbol), tp_p_text(f->statuses), tp_p_uuid(f->account_id),
                                 tp_p_uuid(f->bot_id), tp_p_text(f->environment), tp_p_time(f->from),
                                 tp_p_time(f->to), tp_p_time(l->last_at), tp_p_uuid(l->last_id),
                                 tp_p_int(l->page)),
                       &l->rows, err);
}

int
tp_order_list_next(struct tp_order_list *l, struct tp_order *out, struct tp_arena *arena, struct tp_err *err)
{
    int got;

    for (;;) {
        if (l->left == 0)
            return 0;
        if (!l->rows && next_page(l, err))
            return -1;
        got = tp_rows_next(l->rows, &tp_order_record, out, arena, err);
        if (got < 0)
            return -1;
        if (got > 0)
            break;
        /* a page that was not full is the last */
        if ((int64_t)tp_rows_count(l->rows) < l->page)
            return 0;
        tp_order_list_free(l);
    }
    l->left -= l->left > 0;
    l->last_at = out->created_at;
    l->last_id = out->id;
    return 1;
}

int
tp_order_get(struct tp_db *db, struct tp_uuid user, struct tp_uuid id, struct tp_order *out,
             struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_BUF  ids = {0};
    TP_AUTO_ROWS rows = NULL;
    char         text[TP_UUID_TEXT];
    int          got;

    add_id(&ids, id);
    if (query_ids(db, user, &ids, 1, &rows, err))
        return -1;
    got = tp_rows_next(rows, &tp_order_record, out, arena, err);
    if (got)
        return got < 0 ? -1 : 0;
    tp_uuid_print(text, id);
    tp_fail(err, TP_EMISSING, "there is no order %s", text);
    return tp_hint(err, "'tp-order list' shows them");
}

int
tp_order_find(struct tp_db *db, struct tp_uuid user, const struct tp_uuid *ids, size_t n,
              struct tp_rows **rows, struct tp_err *err)
{
    TP_AUTO_BUF list = {0};

    for (size_t i = 0; i < n; i++)
        add_id(&list, ids[i]);
    return query_ids(db, user, &list, (int64_t)n, rows, err);
}

int
tp_order_groups(struct tp_db *db, struct tp_uuid user, const struct tp_uuid *groups, size_t n,
                struct tp_rows **rows, struct tp_err *err)
{
    TP_AUTO_BUF list = {0};

    for (size_t i = 0; i < n; i++)
        add_id(&list, groups[i]);
    tp_buf_char(&list, ']');
    return tp_db_query(db, &SQL_order_groups, TP_PARAMS(tp_p_uuid(user), tp_p_text(list.at)), rows, err);
}

int
tp_order_unsettled(struct tp_db *db, struct tp_uuid user, const char *environment, struct tp_uuid *ids,
                   size_t n, size_t *found, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    *found = 0;
    if (tp_db_query(db, &SQL_order_unsettled,
                    TP_PARAMS(tp_p_uuid(user), tp_p_text(environment), tp_p_int((int64_t)n)), &rows, err))
        return -1;
    for (; *found < tp_rows_count(rows); ++*found) {
        const char *text = tp_rows_text(rows, *found, "id");

        if (tp_uuid_parse(text, strlen(text), &ids[*found], err))
            return -1;
    }
    return 0;
}

int
tp_order_of_key(struct tp_db *db, struct tp_uuid user, const char *key, struct tp_order *out,
                struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_BUF    keys = {0};
    TP_AUTO_ROWS   rows = NULL;
    struct tp_uuid id;
    const char    *text;

    add_text(&keys, key);
    tp_buf_char(&keys, ']');
    if (tp_db_query(db, &SQL_order_keys, TP_PARAMS(tp_p_uuid(user), tp_p_text(keys.at)), &rows, err))
        return -1;
    if (tp_rows_count(rows) == 0)
        return 0;
    text = tp_rows_text(rows, 0, "order_id");
    return tp_uuid_parse(text, strlen(text), &id, err) || tp_order_get(db, user, id, out, arena, err) ? -1 : 1;
}
