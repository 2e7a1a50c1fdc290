#include "store/halt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "store/account.h"
#include "store/order.h"
#include "store/partition.h"
#include "store/position.h"
#include "trade/order_check.h"

static const struct tp_field fields[] = {
    F_INT(struct tp_halt_report, cancelled, "resting orders that were cancelled now"),
    F_INT(struct tp_halt_report, flattening, "orders placed now that close a position at the market"),
    F_INT(struct tp_halt_report, waiting, "such orders that rest since an earlier run"),
    F_INT(struct tp_halt_report, open_orders, "other orders that still rest"),
    F_INT(struct tp_halt_report, open_positions, "positions that are not closed yet"),
    F_STOP,
};

const struct tp_record tp_halt_report_record = {"halt_report", "what a halt did and what it waits for", fields,
                                                sizeof(struct tp_halt_report)};

#define FLATTEN "halt"        /* reason of the orders that close positions */
#define CANCELS 500           /* orders cancelled by one statement */
#define POSITIONS_MAX 1000000 /* more than anybody can hold */

/* ---- accounts in the scope ------------------------------------------------------------------------ */

struct scope {
    const struct tp_halt *halt;
    struct tp_account    *accounts;
    size_t                n;
    struct tp_time        now;
};

static int
read_scope(struct scope *s, struct tp_db *db, const struct tp_halt *h, struct tp_time now, struct tp_arena *arena,
           struct tp_err *err)
{
    struct tp_account_filter filter = {.environment = h->environment[0] ? h->environment : NULL};
    char                     id[TP_UUID_TEXT];
    TP_AUTO_ROWS             rows = NULL;
    int                      got;

    *s = (struct scope){.halt = h, .now = {now.us - now.us % 1000}};
    tp_uuid_print(id, h->account_id);
    if (!tp_uuid_none(h->account_id))
        filter.which = id;
    if (tp_account_list(db, h->user_id, &filter, &rows, err))
        return -1;
    s->accounts = tp_arena_get(arena, (tp_rows_count(rows) + 1) * sizeof *s->accounts);
    while ((got = tp_rows_next(rows, &tp_account_record, &s->accounts[s->n], arena, err)) > 0)
        s->n++;
    return got;
}

/* A paper account lives at the close of the last candle that its orders have met; others, and none, live now. */
static struct tp_time
clock_of(const struct scope *s, const struct tp_account *a)
{
    return a && strcmp(a->environment, "PAPER") == 0 && !tp_time_none(a->cursor) ? a->cursor : s->now;
}

static const struct tp_account *
account_of(const struct scope *s, struct tp_uuid id)
{
    for (size_t i = 0; i < s->n; i++)
        if (tp_uuid_equal(s->accounts[i].id, id))
            return &s->accounts[i];
    return NULL;
}

/* Whether no earlier account has the environment of this one. */
static bool
first_of_environment(const struct scope *s, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (strcmp(s->accounts[k].environment, s->accounts[i].environment) == 0)
            return false;
    return true;
}

int
tp_halt_prepare(struct tp_db *db, const struct tp_halt *h, struct tp_time now, struct tp_arena *arena,
                struct tp_err *err)
{
    struct scope s;

    if (read_scope(&s, db, h, now, arena, err))
        return -1;
    for (size_t i = 0; i < s.n; i++)
        if (tp_partition_trading(db, clock_of(&s, &s.accounts[i]), clock_of(&s, &s.accounts[i]), err))
            return -1;
    return 0;
}

/* ---- resting orders ------------------------------------------------------------------------------- */

static bool
flattens(const struct tp_order *o)
{
    return o->reduce_only == 1 && strcmp(o->reason, FLATTEN) == 0;
}

static void
open_orders(struct tp_order_list *list, const struct scope *s, struct tp_db *db, const char *environment)
{
    struct tp_order_filter filter = {.statuses = TP_ORDERS_OPEN,
                                     .account_id = s->halt->account_id,
                                     .bot_id = s->halt->bot_id,
                                     .environment = environment,
                                     .from = TP_TIME_NONE,
                                     .to = TP_TIME_NONE};

    tp_order_list_init(list, db, s->halt->user_id, &filter);
}

static void
cancel(struct tp_order_change *c, const struct tp_order *o, const struct scope *s)
{
    const struct tp_account *a = account_of(s, o->account_id);
    struct tp_time           at = clock_of(s, a);

    memset(c, 0, sizeof *c);
    c->order = *o;
    c->event = "cancelled";
    tp_text_set(c->order.status, sizeof c->order.status, "CANCELLED", 9);
    c->order.cancelled_at = at.us < o->created_at.us ? o->created_at : at;
}

static int
cancel_resting(struct tp_gate *g, const struct scope *s, struct tp_halt_report *report, struct tp_err *err)
{
    TP_AUTO_FREE struct tp_order_change *changes = tp_alloc(CANCELS * sizeof *changes);
    TP_AUTO_ARENA                        arena = {0};
    struct tp_order_list                 list;
    struct tp_order                      o;
    size_t                               n = 0;
    int                                  got;

    open_orders(&list, s, g->db, g->environment);
    while ((got = tp_order_list_next(&list, &o, &arena, err)) > 0) {
        if (flattens(&o))
            continue;
        cancel(&changes[n++], &o, s);
        report->cancelled++;
        if (n < CANCELS)
            continue;
        if (tp_order_update(g, changes, n, err)) {
            got = -1;
            break;
        }
        n = 0;
        tp_arena_free(&arena);
    }
    tp_order_list_free(&list);
    return got < 0 ? -1 : tp_order_update(g, changes, n, err);
}

/* ---- positions ------------------------------------------------------------------------------------ */

/* The next open position of the scope: 1, 0, -1. */
static int
next_position(struct tp_rows *rows, const struct scope *s, struct tp_position *p, struct tp_err *err)
{
    int got;

    while ((got = tp_rows_next(rows, &tp_position_record, p, NULL, err)) > 0)
        if (tp_uuid_none(s->halt->bot_id) || tp_uuid_equal(p->bot_id, s->halt->bot_id))
            return 1;
    return got;
}

static int
open_positions(struct tp_db *db, const struct scope *s, const char *environment, struct tp_rows **rows,
               struct tp_err *err)
{
    struct tp_position_filter filter = {.account_id = s->halt->account_id, .status = "OPEN",
                                        .environment = environment, .limit = POSITIONS_MAX};

    return tp_position_list(db, &filter, rows, err);
}

/* Whether an order from an earlier halt closes the position already. */
static int
closing(struct tp_db *db, const struct scope *s, const struct tp_position *p, struct tp_err *err)
{
    struct tp_order_filter filter = {.statuses = TP_ORDERS_OPEN,
                                     .account_id = p->account_id,
                                     .symbol = p->symbol,
                                     .exchange = p->exchange,
                                     .from = TP_TIME_NONE,
                                     .to = TP_TIME_NONE};
    TP_AUTO_ARENA          arena = {0};
    struct tp_order_list   list;
    struct tp_order        o;
    int                    got;

    tp_order_list_init(&list, db, s->halt->user_id, &filter);
    while ((got = tp_order_list_next(&list, &o, &arena, err)) > 0)
        if (flattens(&o) && strcmp(o.side, p->side) == 0)
            break;
    tp_order_list_free(&list);
    return got;
}

static int
flatten(struct tp_order_new *n, const struct scope *s, const struct tp_position *p, struct tp_err *err)
{
    const struct tp_account *a = account_of(s, p->account_id);
    struct tp_order         *o = &n->order;
    struct tp_order_rules    rules = {0};

    assert(a); /* positions were read after the accounts, under the user's lock */
    rules.position_mode = a->position_mode;
    memset(n, 0, sizeof *n);
    tp_position_reduce(p, p->quantity, clock_of(s, a), o);
    tp_text_set(o->order_type, sizeof o->order_type, "MARKET", 6);
    tp_text_set(o->reason, sizeof o->reason, FLATTEN, strlen(FLATTEN));
    tp_order_defaults(o, &rules);
    return tp_uuid_new(o->created_at, &o->id, err);
}

static int
flatten_open(struct tp_gate *g, const struct scope *s, struct tp_halt_report *report, struct tp_arena *arena,
             struct tp_err *err)
{
    TP_AUTO_ROWS        rows = NULL;
    struct tp_position  p;
    struct tp_order_new n;
    int                 got, there;

    if (open_positions(g->db, s, g->environment, &rows, err))
        return -1;
    while ((got = next_position(rows, s, &p, err)) > 0) {
        there = closing(g->db, s, &p, err);
        if (there < 0)
            return -1;
        if (there == 0 && (flatten(&n, s, &p, err) || tp_order_insert(g, &n, 1, arena, err)))
            return -1;
        report->waiting += there;
        report->flattening += !there;
    }
    return got;
}

/* ---- together ------------------------------------------------------------------------------------- */

int
tp_halt_stop(struct tp_db *db, const struct tp_halt *h, struct tp_time now, struct tp_halt_report *report,
             struct tp_arena *arena, struct tp_err *err)
{
    struct scope s;

    *report = (struct tp_halt_report){0};
    if (read_scope(&s, db, h, now, arena, err))
        return -1;
    for (size_t i = 0; i < s.n; i++) {
        struct tp_gate gate = {0};
        int            rc;

        if (!first_of_environment(&s, i))
            continue;
        rc = tp_gate_open(&gate, db, h->user_id, s.accounts[i].environment, err)
             || cancel_resting(&gate, &s, report, err) || flatten_open(&gate, &s, report, arena, err);
        tp_gate_free(&gate);
        if (rc)
            return -1;
    }
    return 0;
}

int
tp_halt_verify(struct tp_db *db, const struct tp_halt *h, struct tp_halt_report *report, struct tp_arena *arena,
               struct tp_err *err)
{
    const char          *environment = h->environment[0] ? h->environment : NULL;
    struct scope         s = {.halt = h};
    struct tp_order_list list;
    struct tp_order      o;
    struct tp_position   p;
    TP_AUTO_ROWS         rows = NULL;
    int                  got;

    report->open_orders = report->open_positions = 0;
    open_orders(&list, &s, db, environment);
    while ((got = tp_order_list_next(&list, &o, arena, err)) > 0)
        report->open_orders += !flattens(&o);
    tp_order_list_free(&list);
    if (got < 0 || open_positions(db, &s, environment, &rows, err))
        return -1;
    while ((got = next_position(rows, &s, &p, err)) > 0)
        report->open_positions++;
    return got;
}
