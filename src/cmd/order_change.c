/* tp-order cancel, amend and reconcile - orders that work end, change, or are settled with the venue. */
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/db.h"
#include "cmd/batch.h"
#include "cmd/environment.h"
#include "cmd/known.h"
#include "cmd/option_fields.h"
#include "cmd/options.h"
#include "cmd/order.h"
#include "store/order.h"
#include "trade/order_check.h"

/* What both commands share. */
struct change {
    struct tp_ctx  *tp;
    const char     *environment;
    struct tp_batch batch;
    struct tp_gate  gate;
    struct tp_known known;
    struct tp_time  now; /* the same for every attempt, so that a later one knows an earlier one's work */
};

static bool
works(const struct tp_order *o)
{
    return strcmp(o->status, "PENDING") == 0 || strcmp(o->status, "PARTIALLY_FILLED") == 0;
}

/* The order that an item is about into its row; what is wrong with it goes to the item. */
static int
fetch(struct change *c, struct tp_item **items, size_t n, struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_FREE struct tp_uuid *ids = tp_alloc(n * sizeof *ids);
    TP_AUTO_ROWS                 rows = NULL;
    struct tp_order              found;
    int                          got;

    for (size_t i = 0; i < n; i++)
        ids[i] = ((const struct tp_order *)items[i]->ask)->id;
    if (tp_order_find(c->tp->db, c->batch.user, ids, n, &rows, err))
        return -1;
    while ((got = tp_rows_next(rows, &tp_order_record, &found, arena, err)) > 0)
        for (size_t i = 0; i < n; i++)
            if (tp_uuid_equal(ids[i], found.id) && strcmp(found.environment, c->environment) == 0)
                *(struct tp_order *)items[i]->row = found;
    for (size_t i = 0; i < n; i++) {
        char text[TP_UUID_TEXT];

        if (!tp_uuid_none(((const struct tp_order *)items[i]->row)->id))
            continue;
        tp_uuid_print(text, ids[i]);
        tp_fail(&items[i]->err, TP_EMISSING, "there is no order %s (%s)", text, c->environment);
        tp_hint(&items[i]->err, "'tp-order list' shows them");
    }
    return got;
}

/* An order that has ended says how. */
static int
ended(struct tp_item *item, const struct tp_order *o)
{
    char text[TP_UUID_TEXT];

    tp_uuid_print(text, o->id);
    tp_text_set(item->reason, sizeof item->reason, o->status, strlen(o->status));
    return tp_fail(&item->err, TP_EREFUSED, "order %s has ended: it is %s", text, o->status);
}

/* Writes the changes of those items whose mark is set; rows get what the database answers. */
static int
write_changes(struct change *c, struct tp_item **items, const bool *changed, const struct tp_order *was, size_t n,
              const char *event, struct tp_err *err)
{
    TP_AUTO_FREE struct tp_order_change *list = tp_alloc(n * sizeof *list);
    TP_AUTO_FREE size_t                 *whose = tp_alloc(n * sizeof *whose);
    size_t                               wanted = 0;

    for (size_t i = 0; i < n; i++) {
        if (!changed[i])
            continue;
        whose[wanted] = i;
        list[wanted] = (struct tp_order_change){.order = *(const struct tp_order *)items[i]->row,
                                                .was = was ? &was[i] : NULL,
                                                .event = event};
        wanted++;
    }
    if (wanted && tp_order_update(&c->gate, list, wanted, err))
        return -1;
    for (size_t k = 0; k < wanted; k++) {
        struct tp_item *item = items[whose[k]];

        *(struct tp_order *)item->row = list[k].order;
        if (!list[k].reason[0])
            continue;
        tp_text_set(item->reason, sizeof item->reason, list[k].reason, strlen(list[k].reason));
        tp_fail(&item->err, TP_EREFUSED, "refused: %s; the order is as it was", list[k].reason);
    }
    return 0;
}

/* Changes the orders of items none of which stands twice. */
typedef int change_some(struct change *c, struct tp_item **items, size_t n, bool again, struct tp_arena *arena,
                        struct tp_err *err);

/* How many of the items come before one whose order is among them already. */
static size_t
without_repetition(struct tp_item **items, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (tp_uuid_equal(((const struct tp_order *)items[k]->ask)->id,
                              ((const struct tp_order *)items[i]->ask)->id))
                return i;
    return n;
}

/* All items of a transaction, in order: one that comes back to an order sees what an earlier one did. */
static int
change_all(struct change *c, struct tp_item **items, size_t n, bool again, struct tp_arena *arena,
           change_some *some, struct tp_err *err)
{
    if (!again)
        c->now = tp_time_now();
    tp_known_begin(&c->known, c->tp->db, c->batch.user, c->environment);
    if (tp_gate_open(&c->gate, c->tp->db, c->batch.user, c->environment, err))
        return -1;
    for (size_t at = 0, m; at < n; at += m) {
        m = without_repetition(items + at, n - at);
        if (fetch(c, items + at, m, arena, err) || some(c, items + at, m, again, arena, err))
            return -1;
    }
    return 0;
}

static void
change_free(struct change *c)
{
    tp_gate_free(&c->gate);
    tp_known_free(&c->known);
}

/* ---- cancel ------------------------------------------------------------------------------------------------- */

const struct tp_opt tp_cancel_opts[] = {
    OPT_FLAG(struct tp_cancel_args, all, 0, "all", "every order that works, or those that the options below name"),
    OPT_EXCHANGE(struct tp_cancel_args, exchange, "with --all: of this venue"),
    OPT_SYMBOL(struct tp_cancel_args, symbol, "with --all: of this instrument"),
    OPT_ACCOUNT(struct tp_cancel_args, account, "with --all: of this account, by name or id"),
    OPT_ENVIRONMENT_PAPER(struct tp_cancel_args, environment),
    OPT_LIVE(struct tp_cancel_args, live),
    OPT_FLAG(struct tp_cancel_args, dry_run, 0, "dry-run", "say what would happen; nothing is stored"),
    OPT_STOP,
};

/* A line may be any record of an order: its id is what counts. */
static const struct tp_field id_fields[] = {
    F_UUID(struct tp_order, id, "the order", .required = true),
    F_STOP,
};

static const struct tp_record id_record = {"order", "an order that is named", id_fields, sizeof(struct tp_order)};

static int
cancel_some(struct change *c, struct tp_item **items, size_t n, bool again, struct tp_arena *arena,
            struct tp_err *err)
{
    TP_AUTO_FREE bool *changed = tp_alloc(n * sizeof *changed);

    (void)arena;
    for (size_t i = 0; i < n; i++) {
        struct tp_order *o = items[i]->row;

        if (items[i]->err.code != TP_OK)
            continue;
        if (works(o)) {
            tp_text_set(o->status, sizeof o->status, "CANCELLED", 9);
            o->cancelled_at = c->now;
            changed[i] = true;
        } else if (!again || strcmp(o->status, "CANCELLED") != 0 || o->cancelled_at.us != c->now.us) {
            ended(items[i], o);
        }
    }
    return write_changes(c, items, changed, NULL, n, "cancelled", err);
}

static int
cancel(void *to, struct tp_item **items, size_t n, bool again, struct tp_arena *arena, struct tp_err *err)
{
    return change_all(to, items, n, again, arena, cancel_some, err);
}

/* At most n orders that work, of those that the options name, into the items; how many, or -1. */
static int
find_working(struct change *c, const struct tp_cancel_args *a, struct tp_item *items, size_t n)
{
    struct tp_ctx         *tp = c->tp;
    struct tp_order_filter filter = {.exchange = a->exchange, .symbol = a->symbol, .statuses = TP_ORDERS_OPEN,
                                     .environment = c->environment, .from = TP_TIME_NONE, .to = TP_TIME_NONE,
                                     .limit = (int64_t)n};
    struct tp_order_list   list;
    TP_AUTO_ARENA          arena = {0};
    struct tp_order        o;
    int                    got = 0, found = 0;

    if (tp_db_begin_as(tp->db, c->batch.user, &tp->err)
        || tp_known_filter(tp, c->batch.user, c->environment, a->exchange, a->account, &filter.account_id))
        return -1;
    tp_order_list_init(&list, tp->db, c->batch.user, &filter);
    while ((got = tp_order_list_next(&list, &o, &arena, &tp->err)) > 0)
        ((struct tp_order *)items[found++].ask)->id = o.id;
    tp_order_list_free(&list);
    return got < 0 || tp_db_commit(tp->db, &tp->err) ? -1 : found;
}

/* Page by page, until none is left: what was cancelled is not found again. */
static int
cancel_all(struct change *c, const struct tp_cancel_args *a)
{
    struct tp_item items[TP_BATCH_PAGE];
    int            found, rc = 0;

    tp_batch_alloc(&c->batch, items, TP_COUNT(items));
    do {
        found = find_working(c, a, items, TP_COUNT(items));
        rc = found < 0 ? -1 : tp_batch_page(&c->batch, items, (size_t)found);
    } while (!rc && found == (int)TP_COUNT(items) && !a->dry_run);
    tp_batch_free(items, TP_COUNT(items));
    return rc ? -1 : tp_batch_end(&c->batch);
}

int
tp_order_cancel(struct tp_ctx *tp, const void *args)
{
    const struct tp_cancel_args *a = args;
    struct change                c = {.tp = tp};
    int                          rc;

    if (a->all == (tp->n_operands > 0))
        return tp_fail(&tp->err, TP_EUSAGE, "want ids, - for lines on stdin, or --all");
    if (!a->all && (a->exchange || a->symbol || a->account))
        return tp_fail(&tp->err, TP_EUSAGE, "--exchange, --symbol and --account go with --all");
    c.environment = tp_environment_trading(tp, a->environment, a->live);
    if (!c.environment)
        return -1;
    c.batch = (struct tp_batch){.tp = tp,
                                .record = &tp_order_record,
                                .ask = &id_record,
                                .dry_run = a->dry_run,
                                .unknown_hint = "'tp-order show ID' says whether it was; cancelling again does no harm",
                                .to = &c,
                                .work = cancel};
    rc = tp_batch_open(&c.batch);
    if (!rc)
        rc = a->all ? cancel_all(&c, a) : tp_operand_stdin(tp) ? tp_batch_lines(&c.batch) : tp_batch_operands(&c.batch, NULL, NULL);
    change_free(&c);
    return rc;
}

/* ---- amend -------------------------------------------------------------------------------------------------- */

const struct tp_opt tp_amend_opts[] = {
    OPT_TEXT(struct tp_amend_args, quantity, 0, "quantity", "N", "size in base currency, what is filled included"),
    OPT_TEXT(struct tp_amend_args, price, 0, "price", "N", "limit price"),
    OPT_TEXT(struct tp_amend_args, stop_price, 0, "stop-price", "N", "price that triggers it"),
    OPT_TEXT(struct tp_amend_args, callback_rate, 0, "callback-rate", "N", "distance of a trailing stop in percent"),
    OPT_TEXT(struct tp_amend_args, trail_distance, 0, "trail-distance", "N", "distance of a trailing stop in quote currency"),
    OPT_TEXT(struct tp_amend_args, activation_price, 0, "activation-price", "N", "price that arms a trailing stop"),
    OPT_TEXT(struct tp_amend_args, stop_loss, 0, "stop-loss", "N", "price of the stop-loss that its first fill makes"),
    OPT_TEXT(struct tp_amend_args, take_profit, 0, "take-profit", "N", "price of the take-profit that its first fill makes"),
    OPT_TEXT(struct tp_amend_args, expires_at, 0, "expires-at", "TIME", "when it lapses"),
    OPT_ENVIRONMENT_PAPER(struct tp_amend_args, environment),
    OPT_LIVE(struct tp_amend_args, live),
    OPT_FLAG(struct tp_amend_args, dry_run, 0, "dry-run", "say what would happen; nothing is stored"),
    OPT_STOP,
};

#define FIELD(f, option) {#f, option, offsetof(struct tp_amend_args, f)}
/* What can change; everything else of an order is what it is. */
static const struct tp_option_field amendable[] = {
    FIELD(quantity, "quantity"),
    FIELD(price, "price"),
    FIELD(stop_price, "stop-price"),
    FIELD(callback_rate, "callback-rate"),
    FIELD(trail_distance, "trail-distance"),
    FIELD(activation_price, "activation-price"),
    FIELD(stop_loss, "stop-loss"),
    FIELD(take_profit, "take-profit"),
    FIELD(expires_at, "expires-at"),
    {NULL, NULL, 0},
};
#undef FIELD

/* What a line may say as long as it says what is so: another value is a wish that cannot be granted. */
static const char *const fixed[] = {
    "account_id",  "exchange",    "symbol",        "side",          "reduce_only", "order_type", "leverage",
    "margin_mode", "position_mode", "time_in_force", "working_type", "group_id",   NULL,
};

/* What a line of answers has beside the order. */
struct amend_more {
    int64_t line;
    int8_t  replayed;
};

static const struct tp_field amend_fields[] = {
    F_INT(struct amend_more, line, "passed over"),
    F_BOOL(struct amend_more, replayed, "passed over"),
    F_STOP,
};

/* The order's record of which only the id must be there. */
static struct tp_record
amend_record(struct tp_arena *arena)
{
    struct tp_record joined = tp_record_join(&tp_order_record, amend_fields, sizeof(struct amend_more), arena);
    struct tp_field *fields;
    size_t           n = 0;

    while (joined.fields[n].kind != TP_F_STOP)
        n++;
    fields = tp_arena_get(arena, (n + 1) * sizeof *fields);
    memcpy(fields, joined.fields, (n + 1) * sizeof *fields);
    for (size_t i = 0; i < n; i++)
        fields[i].required = strcmp(fields[i].name, "id") == 0;
    joined.fields = fields;
    return joined;
}

static const struct tp_field *
order_field(const char *name)
{
    const struct tp_field *f = tp_order_record.fields;

    while (strcmp(f->name, name) != 0)
        f++;
    return f;
}

static bool
same(const struct tp_field *f, const struct tp_order *a, const struct tp_order *b)
{
    TP_AUTO_BUF x = {0};
    TP_AUTO_BUF y = {0};

    tp_field_print(f, a, &x);
    tp_field_print(f, b, &y);
    return x.n == y.n && (x.n == 0 || memcmp(x.at, y.at, x.n) == 0);
}

static int
check_fixed(const struct tp_order *wish, const struct tp_order *o, struct tp_err *err)
{
    for (size_t i = 0; fixed[i]; i++) {
        const struct tp_field *f = order_field(fixed[i]);

        if (!tp_field_null(f, wish) && !same(f, wish, o)) {
            tp_fail(err, TP_EINPUT, "%s: cannot be amended", f->name);
            return tp_hint(err, "cancel the order and place another one");
        }
    }
    return 0;
}

/* Puts the wished values into the order; whether any of them is another one. */
static bool
take_wishes(struct tp_order *o, const struct tp_order *wish)
{
    bool changed = false;

    for (size_t i = 0; amendable[i].field; i++) {
        const struct tp_field *f = order_field(amendable[i].field);

        if (tp_field_null(f, wish) || same(f, wish, o))
            continue;
        memcpy((char *)o + f->at, (const char *)wish + f->at,
               f->kind == TP_F_TIME ? sizeof(struct tp_time) : sizeof(struct tp_dec));
        changed = true;
    }
    return changed;
}

/* What does not come from the order's type: fills have made facts. */
static int
check_filled(const struct tp_order *was, const struct tp_order *o, struct tp_err *err)
{
    char text[TP_DEC_TEXT];
    bool child = !tp_uuid_none(o->parent_order_id);

    if (tp_dec_cmp(o->quantity, o->filled_quantity) <= 0) {
        tp_dec_print_short(text, o->filled_quantity);
        return tp_fail(err, TP_EINPUT, "quantity: %s is filled already; it must stay above that", text);
    }
    if (child && tp_dec_cmp(was->quantity, o->quantity) != 0)
        return tp_fail(err, TP_EREFUSED, "quantity: an order that protects a fill is as large as the fill");
    if (tp_dec_sign(o->filled_quantity) > 0
        && (!same(order_field("stop_loss"), was, o) || !same(order_field("take_profit"), was, o))) {
        tp_fail(err, TP_EREFUSED, "stop_loss, take_profit: the order's fill has made them orders of their own");
        return tp_hint(err, "amend those; 'tp-order list --open' shows them");
    }
    return 0;
}

static int
check_amended(struct change *c, const struct tp_order *was, const struct tp_order *o, struct tp_dec last_price,
              struct tp_arena *arena, struct tp_err *err)
{
    struct tp_order_rules rules = {.position_mode = o->position_mode, .last_price = last_price};

    rules.symbol = tp_known_symbol(&c->known, o->exchange, o->symbol, arena, err);
    return !rules.symbol || check_filled(was, o, err) || tp_order_check(o, &rules, err) ? -1 : 0;
}

static int
amend_one(struct change *c, struct tp_item *item, struct tp_order *was, bool *changed, struct tp_arena *arena,
          struct tp_err *err)
{
    struct tp_order       *o = item->row;
    const struct tp_order *asked = o;
    struct tp_dec          last_price = TP_DEC_NONE;

    *was = *o;
    if (!works(o))
        return ended(item, o);
    if (check_fixed(item->ask, o, err))
        return -1;
    *changed = take_wishes(o, item->ask);
    if (!*changed)
        return 0;
    if ((tp_dec_none(o->price) && tp_gate_closes(&c->gate, &asked, 1, &last_price, err))
        || check_amended(c, was, o, last_price, arena, err)) {
        *changed = false;
        return -1;
    }
    return 0;
}

static int
amend_some(struct change *c, struct tp_item **items, size_t n, bool again, struct tp_arena *arena,
           struct tp_err *err)
{
    TP_AUTO_FREE bool            *changed = tp_alloc(n * sizeof *changed);
    TP_AUTO_FREE struct tp_order *was = tp_alloc(n * sizeof *was);

    (void)again; /* what was amended is what it should be, and is not changed again */
    for (size_t i = 0; i < n; i++)
        if (items[i]->err.code == TP_OK && amend_one(c, items[i], &was[i], &changed[i], arena, err)
            && items[i]->err.code == TP_OK && tp_item_failed(items[i], err))
            return -1;
    return write_changes(c, items, changed, was, n, "amended", err);
}

static int
amend(void *to, struct tp_item **items, size_t n, bool again, struct tp_arena *arena, struct tp_err *err)
{
    return change_all(to, items, n, again, arena, amend_some, err);
}

int
tp_order_amend(struct tp_ctx *tp, const void *args)
{
    const struct tp_amend_args *a = args;
    struct change               c = {.tp = tp};
    struct tp_record            ask = amend_record(&tp->arena);
    bool                        given = tp_option_fields_given(amendable, args);
    int                         rc;

    if (given == tp_operand_stdin(tp))
        return tp_fail(&tp->err, TP_EUSAGE, given ? "options that say what changes have no place beside -"
                                                  : "what is to change? --price, --quantity, ...");
    c.environment = tp_environment_trading(tp, a->environment, a->live);
    if (!c.environment)
        return -1;
    c.batch = (struct tp_batch){.tp = tp,
                                .record = &tp_order_record,
                                .ask = &ask,
                                .strict = true,
                                .dry_run = a->dry_run,
                                .unknown_hint = "'tp-order show ID' says whether it was; amending again does no harm",
                                .to = &c,
                                .work = amend};
    rc = tp_batch_open(&c.batch);
    if (!rc)
        rc = tp_operand_stdin(tp) ? tp_batch_lines(&c.batch) : tp_batch_operands(&c.batch, amendable, args);
    change_free(&c);
    return rc;
}

/* ---- reconcile ---------------------------------------------------------------------------------------------- */

const struct tp_opt tp_reconcile_opts[] = {
    OPT_TEXT(struct tp_reconcile_args, idempotency_key, 'k', "idempotency-key", "KEY",
             "print the order that was made under this key; exit 4 when none was"),
    OPT_ENVIRONMENT_PAPER(struct tp_reconcile_args, environment),
    OPT_LIVE(struct tp_reconcile_args, live),
    OPT_STOP,
};

static bool
unsettled(const struct tp_order *o)
{
    return works(o) && strcmp(o->submit_state, "ACKED") != 0 && strcmp(o->submit_state, "DENIED") != 0;
}

/* On paper the row is the venue's book: an order that is there has arrived. */
static int
settle_some(struct change *c, struct tp_item **items, size_t n, bool again, struct tp_arena *arena,
            struct tp_err *err)
{
    TP_AUTO_FREE bool *changed = tp_alloc(n * sizeof *changed);

    (void)again;
    (void)arena;
    for (size_t i = 0; i < n; i++) {
        struct tp_order *o = items[i]->row;

        changed[i] = items[i]->err.code == TP_OK && unsettled(o);
        if (changed[i])
            tp_text_set(o->submit_state, sizeof o->submit_state, "ACKED", 5);
    }
    return write_changes(c, items, changed, NULL, n, NULL, err);
}

static int
settle(void *to, struct tp_item **items, size_t n, bool again, struct tp_arena *arena, struct tp_err *err)
{
    return change_all(to, items, n, again, arena, settle_some, err);
}

/* At most n orders of which nobody knows whether the venue has them, into the items; how many, or -1. */
static int
find_unsettled(struct change *c, struct tp_item *items, size_t n)
{
    struct tp_ctx *tp = c->tp;
    struct tp_uuid ids[TP_BATCH_PAGE];
    size_t         found = 0;

    if (tp_db_begin_as(tp->db, c->batch.user, &tp->err)
        || tp_order_unsettled(tp->db, c->batch.user, c->environment, ids, n, &found, &tp->err)
        || tp_db_commit(tp->db, &tp->err))
        return -1;
    for (size_t i = 0; i < found; i++)
        ((struct tp_order *)items[i].ask)->id = ids[i];
    return (int)found;
}

static int
settle_all(struct change *c)
{
    struct tp_item items[TP_BATCH_PAGE];
    int            found, rc = 0;

    tp_batch_alloc(&c->batch, items, TP_COUNT(items));
    do {
        found = find_unsettled(c, items, TP_COUNT(items));
        rc = found < 0 ? -1 : tp_batch_page(&c->batch, items, (size_t)found);
    } while (!rc && found == (int)TP_COUNT(items));
    tp_batch_free(items, TP_COUNT(items));
    if (!rc)
        tp_note(c->tp, "%lld orders settled", (long long)c->batch.lines);
    return rc ? -1 : tp_batch_end(&c->batch);
}

/* The order that a key made: it is settled on the way. */
static int
settle_key(struct change *c, const char *key)
{
    struct tp_ctx  *tp = c->tp;
    struct tp_item  item;
    struct tp_order o;
    char            safe[80];
    int             got;

    if (tp_db_begin_as(tp->db, c->batch.user, &tp->err))
        return -1;
    got = tp_order_of_key(tp->db, c->batch.user, key, &o, &tp->arena, &tp->err);
    if (got < 0 || tp_db_commit(tp->db, &tp->err))
        return -1;
    if (!got) {
        tp_fail(&tp->err, TP_EMISSING, "no order was made under the key '%s'", tp_text_safe(safe, sizeof safe, key, strlen(key)));
        return tp_hint(&tp->err, "placing it under this key makes it once");
    }
    tp_batch_alloc(&c->batch, &item, 1);
    ((struct tp_order *)item.ask)->id = o.id;
    got = tp_batch_items(&c->batch, &item, 1);
    tp_batch_free(&item, 1);
    return got;
}

int
tp_order_reconcile(struct tp_ctx *tp, const void *args)
{
    const struct tp_reconcile_args *a = args;
    struct change                   c = {.tp = tp};
    int                             rc;

    c.environment = tp_environment_trading(tp, a->environment, a->live);
    if (!c.environment)
        return -1;
    c.batch = (struct tp_batch){.tp = tp,
                                .record = &tp_order_record,
                                .ask = &id_record,
                                .unknown_hint = "reconcile again: it does no harm",
                                .to = &c,
                                .work = settle};
    rc = tp_batch_open(&c.batch);
    if (!rc)
        rc = a->idempotency_key ? settle_key(&c, a->idempotency_key) : settle_all(&c);
    change_free(&c);
    return rc;
}
