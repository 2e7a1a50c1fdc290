/* tp-position close - orders that close positions at the market. */
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/db.h"
#include "cmd/batch.h"
#include "cmd/environment.h"
#include "cmd/known.h"
#include "cmd/option_fields.h"
#include "cmd/options.h"
#include "cmd/position.h"
#include "store/order.h"
#include "store/partition.h"
#include "store/position.h"
#include "trade/order_check.h"

#define POSITIONS_MAX 1000000 /* more than anybody can hold */

const struct tp_opt tp_close_opts[] = {
    OPT_TEXT(struct tp_close_args, quantity, 0, "quantity", "N", "so much of the one position; default: all of it"),
    OPT_FLAG(struct tp_close_args, all, 0, "all", "every open position, or those that the options below name"),
    OPT_EXCHANGE(struct tp_close_args, exchange, "with --all: of this venue"),
    OPT_SYMBOL(struct tp_close_args, symbol, "with --all: of this instrument"),
    OPT_ACCOUNT(struct tp_close_args, account, "with --all: of this account, by name or id"),
    OPT_TIME(struct tp_close_args, at, 0, "at", "on paper: when the order is made, for candles of the past; default: now"),
    OPT_ENVIRONMENT_PAPER(struct tp_close_args, environment),
    OPT_LIVE(struct tp_close_args, live),
    OPT_FLAG(struct tp_close_args, dry_run, 0, "dry-run", "say what would happen; nothing is stored"),
    OPT_STOP,
};

/* What is asked: any record of a position will do. */
struct ask {
    struct tp_uuid id;
    struct tp_dec  quantity;
    struct tp_uuid made; /* no field: id of the order that the attempt before may have made */
};

static const struct tp_field ask_fields[] = {
    F_UUID(struct ask, id, "the position", .required = true),
    F_DEC(struct ask, quantity, "how much of it; null: all"),
    F_STOP,
};

static const struct tp_record ask_record = {"position", "a position to close", ask_fields, sizeof(struct ask)};

static const struct tp_option_field option_fields[] = {
    {"quantity", "quantity", offsetof(struct tp_close_args, quantity)},
    {NULL, NULL, 0},
};

struct close {
    struct tp_ctx              *tp;
    const struct tp_close_args *args;
    const char                 *environment;
    struct tp_batch             batch;
    struct tp_gate              gate;
    struct tp_known             known;
    uint32_t                    made; /* ids given so far */
};

/* ---- one position ----------------------------------------------------------------------------------- */

/* An order that closes so much of the position already: 1, 0, -1. */
static int
resting(struct close *c, const struct tp_position *p, struct tp_dec quantity, struct tp_order *o,
        struct tp_arena *arena, struct tp_err *err)
{
    struct tp_order_filter filter = {.statuses = TP_ORDERS_OPEN, .account_id = p->account_id, .exchange = p->exchange,
                                     .symbol = p->symbol, .from = TP_TIME_NONE, .to = TP_TIME_NONE};
    struct tp_order_list   list;
    struct tp_dec          left;
    int                    got;

    tp_order_list_init(&list, c->tp->db, c->batch.user, &filter);
    while ((got = tp_order_list_next(&list, o, arena, err)) > 0) {
        if (o->reduce_only != 1 || strcmp(o->order_type, "MARKET") != 0 || !tp_uuid_equal(o->position_id, p->id))
            continue;
        if (tp_dec_sub(&left, o->quantity, o->filled_quantity, err))
            got = -1;
        if (got < 0 || tp_dec_cmp(left, quantity) == 0)
            break;
    }
    tp_order_list_free(&list);
    return got;
}

/* What the attempt before made, if it did: 1, 0, -1. */
static int
made_before(struct close *c, const struct ask *ask, struct tp_order *out, struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_uuid_none(ask->made))
        return 0;
    return tp_order_find(c->tp->db, c->batch.user, &ask->made, 1, &rows, err)
               ? -1
               : tp_rows_next(rows, &tp_order_record, out, arena, err);
}

int
tp_position_open(struct tp_db *db, struct tp_uuid id, const char *environment, struct tp_item *item,
                 struct tp_position *out, struct tp_err *err)
{
    char text[TP_UUID_TEXT];

    if (tp_position_get(db, id, out, err))
        return -1;
    tp_uuid_print(text, id);
    if (strcmp(out->environment, environment) != 0)
        return tp_fail(err, TP_EMISSING, "there is no position %s (%s)", text, environment);
    if (strcmp(out->status, "OPEN") == 0)
        return 0;
    tp_text_set(item->reason, sizeof item->reason, out->status, strlen(out->status));
    return tp_fail(err, TP_EREFUSED, "position %s has ended: it is %s", text, out->status);
}

static int
check_quantity(const struct tp_position *p, struct tp_dec *quantity, struct tp_err *err)
{
    char text[TP_DEC_TEXT];

    if (tp_dec_none(*quantity))
        *quantity = p->quantity;
    if (tp_dec_cmp(*quantity, p->quantity) <= 0)
        return 0;
    tp_dec_print_short(text, p->quantity);
    return tp_fail(err, TP_EINPUT, "quantity: the position holds %s", text);
}

/* The order, made and checked; its partition is there. */
static int
prepare(struct close *c, struct ask *ask, const struct tp_position *p, struct tp_dec quantity, struct tp_order *o,
        struct tp_arena *arena, struct tp_err *err)
{
    const struct tp_known_account *account = tp_known_account_id(&c->known, p->account_id, arena, err);
    struct tp_time                 at = c->args->at;
    struct tp_order_rules          rules = {.last_price = p->mark_price};

    rules.symbol = account ? tp_known_symbol(&c->known, p->exchange, p->symbol, arena, err) : NULL;
    if (!rules.symbol || tp_known_time(account, &at, err) || tp_uuid_nth(at, c->made++, &ask->made, err))
        return -1;
    tp_position_reduce(p, quantity, tp_uuid_time(ask->made), o);
    o->id = ask->made;
    tp_text_set(o->order_type, sizeof o->order_type, "MARKET", 6);
    tp_text_set(o->reason, sizeof o->reason, "close", 5);
    tp_text_set(o->submit_state, sizeof o->submit_state, "ACKED", 5);
    rules.position_mode = account->account.position_mode;
    tp_order_defaults(o, &rules);
    return tp_order_check(o, &rules, err) || tp_partition_trading(c->tp->db, o->created_at, o->created_at, err) ? -1
                                                                                                              : 0;
}

static int
close_one(struct close *c, struct tp_item *item, bool again, struct tp_arena *arena, struct tp_err *err)
{
    struct ask         *ask = item->ask;
    struct tp_dec       quantity = ask->quantity;
    struct tp_order_new new = {0};
    struct tp_position  p;
    int                 got = again ? made_before(c, ask, item->row, arena, err) : 0;

    if (got)
        return got > 0 ? 0 : -1;
    if (tp_position_open(c->tp->db, ask->id, c->environment, item, &p, err)
        || check_quantity(&p, &quantity, err))
        return -1;
    got = resting(c, &p, quantity, item->row, arena, err);
    item->replayed = got > 0;
    if (got)
        return got > 0 ? 0 : -1;
    if (prepare(c, ask, &p, quantity, &new.order, arena, err) || tp_order_insert(&c->gate, &new, 1, arena, err))
        return -1;
    *(struct tp_order *)item->row = new.order;
    return 0;
}

static int
close_all(void *to, struct tp_item **items, size_t n, bool again, struct tp_arena *arena, struct tp_err *err)
{
    struct close *c = to;

    tp_known_begin(&c->known, c->tp->db, c->batch.user, c->environment);
    if (tp_gate_open(&c->gate, c->tp->db, c->batch.user, c->environment, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (!again)
            ((struct ask *)items[i]->ask)->made = (struct tp_uuid){{0}};
        if (close_one(c, items[i], again, arena, err) && tp_item_failed(items[i], err))
            return -1;
    }
    return 0;
}

/* ---- the command ------------------------------------------------------------------------------------- */

/* The open positions that the options name. */
static int
find_open(struct close *c, struct tp_rows **rows)
{
    struct tp_ctx            *tp = c->tp;
    struct tp_position_filter filter = {.exchange = c->args->exchange, .symbol = c->args->symbol, .status = "OPEN",
                                        .environment = c->environment, .limit = POSITIONS_MAX};

    return tp_db_begin_as(tp->db, c->batch.user, &tp->err)
                   || tp_known_filter(tp, c->batch.user, c->environment, c->args->exchange, c->args->account,
                                      &filter.account_id)
                   || tp_position_list(tp->db, &filter, rows, &tp->err) || tp_db_commit(tp->db, &tp->err)
               ? -1
               : 0;
}

static int
close_open(struct close *c)
{
    struct tp_ctx     *tp = c->tp;
    struct tp_item     items[TP_BATCH_PAGE];
    TP_AUTO_ROWS       rows = NULL;
    struct tp_position p;
    size_t             n = 0;
    int                got, rc = find_open(c, &rows);

    tp_batch_alloc(&c->batch, items, TP_COUNT(items));
    while (!rc && (got = tp_rows_next(rows, &tp_position_record, &p, NULL, &tp->err)) != 0) {
        if (got > 0)
            ((struct ask *)items[n++].ask)->id = p.id;
        rc = got < 0 ? -1 : n == TP_COUNT(items) ? tp_batch_page(&c->batch, items, n) : 0;
        n = n == TP_COUNT(items) ? 0 : n;
    }
    if (!rc && n)
        rc = tp_batch_page(&c->batch, items, n);
    tp_batch_free(items, TP_COUNT(items));
    return rc ? -1 : tp_batch_end(&c->batch);
}

static int
check_args(struct tp_ctx *tp, const struct tp_close_args *a)
{
    if (a->all == (tp->n_operands > 0))
        return tp_fail(&tp->err, TP_EUSAGE, "want ids, - for lines on stdin, or --all");
    if (!a->all && (a->exchange || a->symbol || a->account))
        return tp_fail(&tp->err, TP_EUSAGE, "--exchange, --symbol and --account go with --all");
    if (a->quantity && (tp->n_operands != 1 || tp_operand_stdin(tp)))
        return tp_fail(&tp->err, TP_EUSAGE, "--quantity goes with one position");
    return 0;
}

int
tp_position_close(struct tp_ctx *tp, const void *args)
{
    struct close c = {.tp = tp, .args = args};
    int          rc;

    if (check_args(tp, args))
        return -1;
    c.environment = tp_environment_trading(tp, c.args->environment, c.args->live);
    if (!c.environment)
        return -1;
    c.batch = (struct tp_batch){.tp = tp,
                                .record = &tp_order_record,
                                .ask = &ask_record,
                                .dry_run = c.args->dry_run,
                                .unknown_hint = "closing again finds the order if it is there",
                                .to = &c,
                                .work = close_all};
    rc = tp_batch_open(&c.batch);
    if (!rc)
        rc = c.args->all ? close_open(&c) : tp_operand_stdin(tp) ? tp_batch_lines(&c.batch)
                                                    : tp_batch_operands(&c.batch, option_fields, args);
    tp_gate_free(&c.gate);
    tp_known_free(&c.known);
    return rc;
}
