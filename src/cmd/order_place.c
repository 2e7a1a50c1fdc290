/* tp-order place - one order by options, or thousands as lines. */
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
#include "store/partition.h"
#include "trade/order_check.h"

const struct tp_opt tp_place_opts[] = {
    OPT_EXCHANGE(struct tp_place_args, exchange, "venue of the account; not needed when the account is named", .env = "TP_EXCHANGE",
                 .config = "exchange"),
    OPT_SYMBOL(struct tp_place_args, symbol, "instrument; of lines: where they name none"),
    OPT_ACCOUNT(struct tp_place_args, account, "account, by name or id; not needed when there is one alone"),
    OPT_ENVIRONMENT_PAPER(struct tp_place_args, environment),
    OPT_LIVE(struct tp_place_args, live),
    OPT_ENUM(struct tp_place_args, side, 0, "side", tp_sides, "the position meant: LONG buys, with --reduce-only it sells"),
    OPT_ENUM(struct tp_place_args, order_type, 't', "type", tp_order_types, "what kind of order"),
    OPT_TEXT(struct tp_place_args, quantity, 0, "quantity", "N", "size in base currency, on the instrument's step"),
    OPT_TEXT(struct tp_place_args, price, 0, "price", "N", "limit price, on the instrument's tick"),
    OPT_TEXT(struct tp_place_args, stop_price, 0, "stop-price", "N", "price that triggers it"),
    OPT_TEXT(struct tp_place_args, callback_rate, 0, "callback-rate", "N", "distance of a trailing stop in percent"),
    OPT_TEXT(struct tp_place_args, trail_distance, 0, "trail-distance", "N", "distance of a trailing stop in quote currency"),
    OPT_TEXT(struct tp_place_args, activation_price, 0, "activation-price", "N", "price that arms a trailing stop; default: at once"),
    OPT_ENUM(struct tp_place_args, working_type, 0, "working-type", tp_working_types, "price that triggers it (LAST)"),
    OPT_FLAG(struct tp_place_args, reduce_only, 0, "reduce-only", "make the position smaller, never larger"),
    OPT_TEXT(struct tp_place_args, leverage, 0, "leverage", "N", "1 to 125; default: the account's (1)"),
    OPT_ENUM(struct tp_place_args, margin_mode, 0, "margin-mode", tp_margin_modes, "margin of its position (ISOLATED)"),
    OPT_ENUM(struct tp_place_args, position_mode, 0, "position-mode", tp_position_modes, "refuse it unless the account's is this one"),
    OPT_ENUM(struct tp_place_args, time_in_force, 0, "time-in-force", tp_tifs, "how long it rests; GTX is post only (GTC)"),
    OPT_TEXT(struct tp_place_args, stop_loss, 0, "stop-loss", "N", "price of the stop-loss that its first fill makes"),
    OPT_TEXT(struct tp_place_args, take_profit, 0, "take-profit", "N", "price of the take-profit that its first fill makes"),
    OPT_TEXT(struct tp_place_args, group_id, 0, "group", "UUID", "orders of one group cancel each other; all must reduce"),
    OPT_TEXT(struct tp_place_args, expires_at, 0, "expires-at", "TIME", "when it lapses"),
    OPT_TEXT(struct tp_place_args, metadata, 0, "metadata", "JSON", "notes, a JSON object"),
    OPT_TEXT(struct tp_place_args, created_at, 0, "at", "TIME", "on paper: when it is made, for candles of the past; default: now"),
    OPT_TEXT(struct tp_place_args, idempotency_key, 'k', "idempotency-key", "KEY",
             "asked again with the same key and order, the answer is the order that is there"),
    OPT_FLAG(struct tp_place_args, dry_run, 0, "dry-run", "say what would happen, with notional and margin; nothing is stored"),
    OPT_STOP,
};

#define FIELD(f, option) {#f, option, offsetof(struct tp_place_args, f)}
static const struct tp_option_field option_fields[] = {
    FIELD(side, "side"),
    FIELD(order_type, "type"),
    FIELD(quantity, "quantity"),
    FIELD(price, "price"),
    FIELD(stop_price, "stop-price"),
    FIELD(callback_rate, "callback-rate"),
    FIELD(trail_distance, "trail-distance"),
    FIELD(activation_price, "activation-price"),
    FIELD(working_type, "working-type"),
    FIELD(leverage, "leverage"),
    FIELD(margin_mode, "margin-mode"),
    FIELD(position_mode, "position-mode"),
    FIELD(time_in_force, "time-in-force"),
    FIELD(stop_loss, "stop-loss"),
    FIELD(take_profit, "take-profit"),
    FIELD(group_id, "group"),
    FIELD(expires_at, "expires-at"),
    FIELD(metadata, "metadata"),
    FIELD(created_at, "at"),
    FIELD(idempotency_key, "idempotency-key"),
    {NULL, NULL, 0},
};
#undef FIELD

/* ---- what is asked and what is answered ------------------------------------------------------------ */

/* What a line has beside the order's own fields. */
struct ask_more {
    char    idempotency_key[TP_KEY_SIZE];
    char    account[TP_NAME_SIZE];
    int64_t line; /* of an answer that is placed again; means nothing */
    int8_t  replayed;
};

static const struct tp_field ask_fields[] = {
    F_TEXT(struct ask_more, idempotency_key, "key under which the order is asked for"),
    F_TEXT(struct ask_more, account, "account, by name or id"),
    F_INT(struct ask_more, line, "passed over"),
    F_BOOL(struct ask_more, replayed, "passed over"),
    F_STOP,
};

/* What --dry-run adds. */
struct plan {
    struct tp_dec last_price, notional, margin;
};

static const struct tp_field plan_fields[] = {
    F_DEC(struct plan, last_price, "last close at the order's time; null: no candle is stored"),
    F_DEC(struct plan, notional, "its worth at its limit price, else at last_price, quote currency"),
    F_DEC(struct plan, margin, "what of that the account puts up"),
    F_STOP,
};

struct place {
    struct tp_ctx              *tp;
    const struct tp_place_args *args;
    const char                 *environment;
    struct tp_batch             batch;
    struct tp_record            ask, plan;
    struct tp_gate              gate;
    struct tp_known             known;
    uint32_t                    made; /* ids given so far */
};

static struct ask_more *
more_of(const struct tp_item *item)
{
    return (struct ask_more *)((char *)item->ask + tp_record_end(&tp_order_record));
}

/* ---- from what was asked to an order ---------------------------------------------------------------- */

/* Only what a user says about an order; the rest is the program's. */
static void
take_wish(struct tp_order *o, const struct tp_order *wish)
{
    tp_record_init(&tp_order_record, o);
    o->created_at = wish->created_at;
    memcpy(o->symbol, wish->symbol, sizeof o->symbol);
    memcpy(o->side, wish->side, sizeof o->side);
    o->reduce_only = wish->reduce_only;
    memcpy(o->order_type, wish->order_type, sizeof o->order_type);
    o->quantity = wish->quantity;
    o->price = wish->price;
    o->stop_price = wish->stop_price;
    o->callback_rate = wish->callback_rate;
    o->trail_distance = wish->trail_distance;
    o->activation_price = wish->activation_price;
    memcpy(o->working_type, wish->working_type, sizeof o->working_type);
    o->leverage = wish->leverage;
    memcpy(o->margin_mode, wish->margin_mode, sizeof o->margin_mode);
    memcpy(o->position_mode, wish->position_mode, sizeof o->position_mode);
    memcpy(o->time_in_force, wish->time_in_force, sizeof o->time_in_force);
    o->stop_loss = wish->stop_loss;
    o->take_profit = wish->take_profit;
    o->group_id = wish->group_id;
    o->expires_at = wish->expires_at;
    o->metadata = wish->metadata;
}

static const struct tp_known_account *
account_of(struct place *p, const struct tp_item *item, struct tp_arena *arena, struct tp_err *err)
{
    const struct tp_order     *wish = item->ask;
    const struct tp_known_line line = {.what = "order",
                                       .environment = wish->environment,
                                       .exchange = wish->exchange,
                                       .account = more_of(item)->account,
                                       .account_id = wish->account_id,
                                       .option_exchange = p->args->exchange,
                                       .option_account = p->args->account};

    return tp_known_named(&p->known, &line, arena, err);
}

/* When the order is made, and its id. */
static int
stamp(struct place *p, struct tp_order *wish, const struct tp_known_account *account, struct tp_err *err)
{
    if (!tp_uuid_none(wish->id))
        return 0; /* of an attempt before */
    return tp_known_time(account, &wish->created_at, err)
                   || tp_uuid_nth(wish->created_at, p->made++, &wish->id, err)
               ? -1
               : 0;
}

/* The order without its defaults: what the idempotency key stands for. */
static int
prepare(struct place *p, const struct tp_item *item, struct tp_order_new *new, struct tp_arena *arena,
        struct tp_err *err)
{
    struct tp_order               *wish = item->ask, *o = &new->order;
    const struct tp_known_account *account;

    account = account_of(p, item, arena, err);
    if (!account)
        return -1;
    take_wish(o, wish);
    if (tp_known_symbol_name(o->symbol, "order", p->args->symbol, err))
        return -1;
    if (o->metadata && o->metadata[0] != '{')
        return tp_fail(err, TP_EINPUT, "metadata: want a JSON object");
    if (stamp(p, wish, account, err))
        return -1;
    o->id = wish->id;
    o->created_at = tp_uuid_time(o->id);
    o->user_id = p->batch.user;
    o->account_id = account->account.id;
    memcpy(o->environment, account->account.environment, sizeof o->environment);
    memcpy(o->exchange, account->account.exchange, sizeof o->exchange);
    new->key = more_of(item)->idempotency_key[0] ? more_of(item)->idempotency_key : NULL;
    if (new->key)
        tp_order_body(o, new->body_sha256);
    return 0;
}

/* ---- checking ----------------------------------------------------------------------------------------- */

static int
check(struct place *p, struct tp_order *o, struct tp_dec last_price, struct tp_arena *arena, struct tp_err *err)
{
    const struct tp_known_account *account = tp_known_account_id(&p->known, o->account_id, arena, err);
    struct tp_order_rules          rules = {.last_price = last_price};

    rules.symbol = account ? tp_known_symbol(&p->known, o->exchange, o->symbol, arena, err) : NULL;
    if (!rules.symbol)
        return -1;
    rules.position_mode = account->account.position_mode;
    rules.leverage = account->leverage;
    tp_order_defaults(o, &rules);
    if (tp_known_takes(account, o, err))
        return -1;
    /* The venue of paper is the database: what is committed has arrived. */
    tp_text_set(o->submit_state, sizeof o->submit_state, "ACKED", 5);
    return tp_order_check(o, &rules, err);
}

/* An order of a group against those of the group that come before it, here and in the database. */
static int
check_group(const struct tp_order_new *news, struct tp_item **items, size_t at, const struct tp_order *stored,
            size_t n_stored, struct tp_err *err)
{
    const struct tp_order *o = &news[at].order;

    if (tp_order_check_group(o, o, err))
        return -1;
    for (size_t i = 0; i < at; i++)
        if (items[i]->err.code == TP_OK && tp_uuid_equal(news[i].order.group_id, o->group_id)
            && tp_order_check_group(o, &news[i].order, err))
            return -1;
    for (size_t i = 0; i < n_stored; i++) {
        if (!tp_uuid_equal(stored[i].group_id, o->group_id))
            continue;
        if (strcmp(stored[i].status, "FILLED") == 0)
            return tp_fail(err, TP_EREFUSED, "group_id: an order of the group was filled, it takes no more");
        if (tp_order_check_group(o, &stored[i], err))
            return -1;
    }
    return 0;
}

/* ---- a transaction of orders --------------------------------------------------------------------------- */

/* Whether the order is still to be made: nothing is wrong with it, and it is not there. */
static bool
open_still(const struct tp_item *item, const struct tp_order_new *new)
{
    return item->err.code == TP_OK && new->outcome == TP_ORDER_ADDED && item->row
           && ((const struct tp_order *)item->row)->side[0] == '\0';
}

/* After a commit whose answer was lost: the orders that are there after all. */
static int
find_made(struct place *p, struct tp_item **items, const struct tp_order_new *news, size_t n,
          struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_FREE struct tp_uuid *ids = tp_alloc(n * sizeof *ids);
    TP_AUTO_ROWS                 rows = NULL;
    struct tp_order              found;
    size_t                       wanted = 0;
    int                          got;

    for (size_t i = 0; i < n; i++)
        if (items[i]->err.code == TP_OK)
            ids[wanted++] = news[i].order.id;
    if (!wanted)
        return 0;
    if (tp_order_find(p->tp->db, p->batch.user, ids, wanted, &rows, err))
        return -1;
    while ((got = tp_rows_next(rows, &tp_order_record, &found, arena, err)) > 0)
        for (size_t i = 0; i < n; i++)
            if (tp_uuid_equal(news[i].order.id, found.id))
                *(struct tp_order *)items[i]->row = found;
    return got;
}

/* The orders whose keys were used before: nothing is checked again of what stands. */
static int
find_used(struct place *p, struct tp_item **items, struct tp_order_new *news, size_t n, struct tp_arena *arena,
          struct tp_err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!open_still(items[i], &news[i]))
            news[i].key = NULL;
    return tp_order_used(&p->gate, news, n, arena, err);
}

static int
find_groups(struct place *p, struct tp_item **items, const struct tp_order_new *news, size_t n,
            struct tp_order **stored, size_t *n_stored, struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_FREE struct tp_uuid *groups = tp_alloc(n * sizeof *groups);
    TP_AUTO_ROWS                 rows = NULL;
    size_t                       wanted = 0;
    int                          got;

    *n_stored = 0;
    for (size_t i = 0; i < n; i++)
        if (open_still(items[i], &news[i]) && !tp_uuid_none(news[i].order.group_id))
            groups[wanted++] = news[i].order.group_id;
    if (!wanted)
        return 0;
    *stored = tp_arena_get(arena, wanted * sizeof **stored);
    if (tp_order_groups(p->tp->db, p->batch.user, groups, wanted, &rows, err))
        return -1;
    while ((got = tp_rows_next(rows, &tp_order_record, &(*stored)[*n_stored], arena, err)) > 0)
        ++*n_stored;
    return got;
}

/* The last closes for orders that have no price of their own. */
static int
find_prices(struct place *p, struct tp_item **items, const struct tp_order_new *news, size_t n,
            struct tp_dec *prices, struct tp_err *err)
{
    TP_AUTO_FREE const struct tp_order **list = tp_alloc(n * sizeof *list);
    TP_AUTO_FREE struct tp_dec          *found = tp_alloc(n * sizeof *found);
    size_t                               wanted = 0;

    for (size_t i = 0; i < n; i++)
        if (open_still(items[i], &news[i]) && (tp_dec_none(news[i].order.price) || p->args->dry_run))
            list[wanted++] = &news[i].order;
    if (wanted && tp_gate_closes(&p->gate, list, wanted, found, err))
        return -1;
    wanted = 0;
    for (size_t i = 0; i < n; i++)
        prices[i] = open_still(items[i], &news[i]) && (tp_dec_none(news[i].order.price) || p->args->dry_run)
                        ? found[wanted++]
                        : TP_DEC_NONE;
    return 0;
}

/* Checks those that are still to be made; what is wrong goes to the items. */
static int
check_all(struct place *p, struct tp_item **items, struct tp_order_new *news, size_t n,
          const struct tp_dec *prices, struct tp_arena *arena, struct tp_err *err)
{
    struct tp_order *stored = NULL;
    size_t           n_stored;

    if (find_groups(p, items, news, n, &stored, &n_stored, arena, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (open_still(items[i], &news[i])
            && (check(p, &news[i].order, prices[i], arena, err)
                || (!tp_uuid_none(news[i].order.group_id)
                    && check_group(news, items, i, stored, n_stored, err)))
            && tp_item_failed(items[i], err))
            return -1;
    return 0;
}

static bool
same_month(struct tp_time a, struct tp_time b)
{
    struct tp_civil x = tp_time_civil(a), y = tp_time_civil(b);

    return x.year == y.year && x.month == y.month;
}

/* Partitions are made ahead, not back: orders of the past may need theirs.  This happens before anything is
 * written, so that the locks it takes wait for nobody who waits for us. */
static int
make_partitions(struct place *p, struct tp_item **items, const struct tp_order_new *news, size_t n,
                struct tp_err *err)
{
    struct tp_time made = tp_time_now();

    for (size_t i = 0; i < n; i++) {
        struct tp_time at = news[i].order.created_at;

        if (!open_still(items[i], &news[i]) || same_month(at, made))
            continue;
        if (tp_partition_trading(p->tp->db, at, at, err))
            return -1;
        made = at;
    }
    return 0;
}

/* Stores those that are still to be made. */
static int
insert(struct place *p, struct tp_item **items, struct tp_order_new *news, size_t n, struct tp_arena *arena,
       struct tp_err *err)
{
    TP_AUTO_FREE struct tp_order_new *open = tp_alloc(n * sizeof *open);
    TP_AUTO_FREE size_t              *whose = tp_alloc(n * sizeof *whose);
    size_t                            wanted = 0;

    for (size_t i = 0; i < n; i++)
        if (open_still(items[i], &news[i])) {
            whose[wanted] = i;
            open[wanted++] = news[i];
        }
    if (wanted && tp_order_insert(&p->gate, open, wanted, arena, err))
        return -1;
    for (size_t i = 0; i < wanted; i++)
        news[whose[i]] = open[i];
    return 0;
}

static int
plan(const struct place *p, const struct tp_item *item, struct tp_dec last_price, struct tp_err *err)
{
    const struct tp_order *o = item->row;
    struct plan           *plan = (struct plan *)((char *)item->row + tp_record_end(&tp_order_record));

    if (!p->args->dry_run)
        return 0;
    plan->last_price = last_price;
    if (tp_order_notional(&plan->notional, o, last_price, err))
        return -1;
    return tp_dec_none(plan->notional) || o->reduce_only ? 0 : tp_order_margin(&plan->margin, o, plan->notional, err);
}

static int
give_answer(const struct place *p, struct tp_item *item, const struct tp_order_new *new, struct tp_dec last_price,
            struct tp_err *err)
{
    struct tp_order *row = item->row;

    if (item->err.code != TP_OK)
        return 0;
    if (new->outcome == TP_ORDER_KEY_TAKEN) {
        tp_order_key_taken(new, &item->err);
        tp_text_set(item->reason, sizeof item->reason, "KEY_TAKEN", 9);
        return 0;
    }
    if (row->side[0] == '\0')
        *row = new->order;
    item->replayed = new->outcome == TP_ORDER_REPLAYED;
    item->refused = strcmp(row->status, "REJECTED") == 0;
    if (item->refused)
        tp_text_safe(item->reason, sizeof item->reason, row->reject_reason, strlen(row->reject_reason));
    return plan(p, item, last_price, err);
}

static int
place(void *to, struct tp_item **items, size_t n, bool again, struct tp_arena *arena, struct tp_err *err)
{
    struct place                     *p = to;
    TP_AUTO_FREE struct tp_order_new *news = tp_alloc(n * sizeof *news);
    TP_AUTO_FREE struct tp_dec       *prices = tp_alloc(n * sizeof *prices);

    tp_known_begin(&p->known, p->tp->db, p->batch.user, p->environment);
    if (tp_gate_open(&p->gate, p->tp->db, p->batch.user, p->environment, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (!again) /* an id that a line brings is another order's */
            ((struct tp_order *)items[i]->ask)->id = (struct tp_uuid){{0}};
        if (prepare(p, items[i], &news[i], arena, err) && tp_item_failed(items[i], err))
            return -1;
    }
    if ((again && find_made(p, items, news, n, arena, err)) || find_used(p, items, news, n, arena, err)
        || find_prices(p, items, news, n, prices, err) || check_all(p, items, news, n, prices, arena, err)
        || make_partitions(p, items, news, n, err) || insert(p, items, news, n, arena, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (give_answer(p, items[i], &news[i], prices[i], err))
            return -1;
    return 0;
}

/* ---- the command ------------------------------------------------------------------------------------------ */

/* The one order that the options give. */
static int
place_options(struct place *p)
{
    struct tp_ctx   *tp = p->tp;
    struct tp_item   item;
    struct tp_order *o;
    int              rc;

    if (!p->args->side || !p->args->order_type || !p->args->quantity || !p->args->symbol) {
        tp_fail(&tp->err, TP_EUSAGE, "--symbol, --side, --type and --quantity say what to place");
        return tp_hint(&tp->err, "many orders come as lines: tp-order place - < FILE");
    }
    tp_batch_alloc(&p->batch, &item, 1);
    o = item.ask;
    rc = tp_option_fields(tp, option_fields, p->args, &p->ask, item.ask);
    if (p->args->reduce_only)
        o->reduce_only = 1;
    rc = rc ? -1 : tp_batch_items(&p->batch, &item, 1);
    tp_batch_free(&item, 1);
    return rc;
}

int
tp_order_place(struct tp_ctx *tp, const void *args)
{
    struct place p = {.tp = tp, .args = args};
    int          rc;

    if (tp->n_operands && strcmp(tp->operands[0], "-") != 0)
        return tp_fail(&tp->err, TP_EUSAGE, "want options, or - for lines on stdin");
    if (tp->n_operands && (tp_option_fields_given(option_fields, args) || p.args->reduce_only))
        return tp_fail(&tp->err, TP_EUSAGE, "options that describe an order have no place beside -");
    p.environment = tp_environment_trading(tp, p.args->environment, p.args->live);
    if (!p.environment)
        return -1;
    p.ask = tp_record_join(&tp_order_record, ask_fields, sizeof(struct ask_more), &tp->arena);
    p.plan = tp_record_join(&tp_order_record, plan_fields, sizeof(struct plan), &tp->arena);
    p.batch = (struct tp_batch){.tp = tp,
                                .record = p.args->dry_run ? &p.plan : &tp_order_record,
                                .ask = &p.ask,
                                .strict = true,
                                .dry_run = p.args->dry_run,
                                .unknown_hint = "'tp-order reconcile --idempotency-key KEY' says whether the order is there",
                                .refused_hint = "'tp-risk check' shows what the limits leave",
                                .to = &p,
                                .work = place};
    rc = tp_batch_open(&p.batch);
    if (!rc)
        rc = tp->n_operands ? tp_batch_lines(&p.batch) : place_options(&p);
    tp_gate_free(&p.gate);
    tp_known_free(&p.known);
    return rc;
}
