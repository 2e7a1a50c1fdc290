/* Places orders through the gate as a program would: records as JSON lines on standard input, with their
 * idempotency_key, so many a transaction; one line out each.  For tests of the gate itself. */
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/json.h"
#include "base/line.h"
#include "store/order.h"
#include "store/user.h"

static struct tp_arena arena;
static struct tp_gate  gate;

static int
read_order(struct tp_order_new *n, const char *line, size_t length, struct tp_uuid user, struct tp_err *err)
{
    struct tp_time now = tp_time_now();
    TP_AUTO_JSON   object = NULL;
    const char    *key;

    memset(n, 0, sizeof *n);
    if (tp_record_parse(&tp_order_record, line, length, &n->order, &arena, err) != 1
        || tp_json_parse(line, length, &object, err))
        return -1;
    key = tp_json_text(object, "idempotency_key");
    n->key = key ? tp_arena_text(&arena, key, strlen(key)) : NULL;
    if (tp_time_none(n->order.created_at))
        n->order.created_at = (struct tp_time){now.us - now.us % 1000};
    if (tp_uuid_none(n->order.id) && tp_uuid_new(n->order.created_at, &n->order.id, err))
        return -1;
    n->order.user_id = user;
    n->order.filled_quantity = TP_DEC_ZERO;
    n->order.leverage = n->order.leverage == INT64_MIN ? 1 : n->order.leverage;
    n->order.reduce_only = n->order.reduce_only == 1;
#define WORD(field, word) (n->order.field[0] ? true : tp_text_set(n->order.field, sizeof n->order.field, word, strlen(word)))
    WORD(time_in_force, "GTC");
    WORD(working_type, "LAST");
    WORD(margin_mode, "ISOLATED");
    WORD(position_mode, "ONE_WAY");
    WORD(role, "ENTRY");
    WORD(status, "PENDING");
    WORD(submit_state, "NEW");
    WORD(environment, "PAPER");
    return 0;
}

static int
place(struct tp_db *db, struct tp_uuid user, struct tp_order_new *orders, size_t n, struct tp_err *err)
{
    static const char *const outcomes[] = {"ADDED", "REPLAYED", "TAKEN"};
    char                     id[TP_UUID_TEXT];

    if (n == 0)
        return 0;
    if (tp_db_begin_as(db, user, err)
        || tp_gate_open(&gate, db, user, orders[0].order.environment, err)
        || tp_order_insert(&gate, orders, n, &arena, err) || tp_db_commit(db, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        tp_uuid_print(id, orders[i].order.id);
        printf("%s %s %s %s\n", outcomes[orders[i].outcome], orders[i].order.status,
               orders[i].order.reject_reason[0] ? orders[i].order.reject_reason : "-", id);
    }
    fflush(stdout);
    return 0;
}

static int
place_lines(struct tp_db *db, struct tp_lines *lines, struct tp_order_new *orders, size_t batch, struct tp_err *err)
{
    struct tp_uuid user;
    const char    *line;
    size_t         length, n = 0;
    int            got;

    if (tp_user_acting(db, getenv("TP_USER"), &user, err))
        return -1;
    while ((got = tp_lines_next(lines, &line, &length, err)) > 0) {
        if (read_order(&orders[n++], line, length, user, err))
            return -1;
        if (n < batch)
            continue;
        if (place(db, user, orders, n, err))
            return -1;
        n = 0;
        tp_arena_free(&arena);
    }
    return got ? -1 : place(db, user, orders, n, err);
}

static int
run(size_t batch, struct tp_err *err)
{
    struct tp_db_opts    opts = {.role = "tp_app", .no_local_server = true};
    struct tp_order_new *orders = tp_alloc(batch * sizeof *orders);
    struct tp_db        *db = NULL;
    struct tp_lines      lines;
    int                  rc;

    tp_lines_init(&lines, 0);
    rc = tp_db_open(&db, &opts, err) || place_lines(db, &lines, orders, batch, err) ? -1 : 0;
    tp_gate_free(&gate);
    tp_arena_free(&arena);
    tp_lines_free(&lines);
    tp_db_close(db);
    free(orders);
    return rc;
}

int
main(int argc, char **argv)
{
    struct tp_err err = TP_ERR_INIT;
    int64_t       batch = 1;

    if (argc > 1 && !tp_text_int(argv[1], strlen(argv[1]), 1, 10000, &batch))
        return TP_EUSAGE;
    if (run((size_t)batch, &err) == 0)
        return 0;
    fprintf(stderr, "placer: %s %s\n", err.msg, err.sqlstate);
    return (int)err.code;
}
