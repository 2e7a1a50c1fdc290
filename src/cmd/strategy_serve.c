/* tp-strategy serve - each line names the position to have, and market orders bring it about. */
#include <string.h>

#include "base/banned.h"
#include "base/db.h"
#include "cmd/batch.h"
#include "cmd/environment.h"
#include "cmd/known.h"
#include "cmd/options.h"
#include "cmd/strategy.h"
#include "store/order.h"
#include "store/partition.h"
#include "store/position.h"
#include "store/signal.h"
#include "trade/order_check.h"

#define SIDES 2 /* long, short: as tp_sides */

const struct tp_opt tp_serve_opts[] = {
    OPT_FLAG(struct tp_serve_args, stdin_signals, 0, "stdin-signals", "signals are lines on stdin", .required = true),
    OPT_EXCHANGE(struct tp_serve_args, exchange, "venue of the account; not needed when the account is named",
                 .env = "TP_EXCHANGE", .config = "exchange"),
    OPT_SYMBOL(struct tp_serve_args, symbol, "instrument of lines that name none"),
    OPT_ACCOUNT(struct tp_serve_args, account, "account of lines that name none; not needed when there is one alone"),
    OPT_ENVIRONMENT_PAPER(struct tp_serve_args, environment),
    OPT_LIVE(struct tp_serve_args, live),
    OPT_FLAG(struct tp_serve_args, dry_run, 0, "dry-run", "say what would happen; nothing is stored"),
    OPT_STOP,
};

/* What a line has beside the signal's own fields. */
struct ask_more {
    char    account[TP_NAME_SIZE];
    int64_t line; /* of an answer that is said again; means nothing */
    int8_t  replayed;
};

static const struct tp_field ask_fields[] = {
    F_TEXT(struct ask_more, account, "account, by name or id"),
    F_INT(struct ask_more, line, "passed over"),
    F_BOOL(struct ask_more, replayed, "passed over"),
    F_STOP,
};

struct serve {
    struct tp_ctx              *tp;
    const struct tp_serve_args *args;
    const char                 *environment;
    struct tp_batch             batch;
    struct tp_record            ask;
    struct tp_gate              gate;
    struct tp_known             known;
    uint32_t                    made; /* ids given so far */
};

/* What stands when a signal comes. */
struct scene {
    const struct tp_known_account *account;
    struct tp_position             position[SIDES]; /* quantity 0: none */
    struct tp_order                resting[SIDES]; /* orders of the signal before that still work */
    size_t                         n_resting;
};

/* ---- what is asked and what stands ------------------------------------------------------------------ */

/* The signal that the line is, its account and everything left out filled in. */
static int
prepare(struct serve *v, const struct tp_item *item, struct tp_signal *s, struct scene *scene, struct tp_arena *arena,
        struct tp_err *err)
{
    const struct tp_signal    *ask = item->ask;
    const struct ask_more     *more = (const struct ask_more *)((const char *)item->ask + tp_record_end(&tp_signal_record));
    const struct tp_known_line line = {.what = "signal",
                                       .environment = ask->environment,
                                       .exchange = ask->exchange,
                                       .account = more->account,
                                       .account_id = ask->account_id,
                                       .option_exchange = v->args->exchange,
                                       .option_account = v->args->account};

    *s = *ask;
    s->cancelled = 0;
    s->long_order_id = s->short_order_id = (struct tp_uuid){{0}};
    s->reject_reason[0] = '\0';
    scene->account = tp_known_named(&v->known, &line, arena, err);
    if (!scene->account || tp_known_symbol_name(s->symbol, "signal", v->args->symbol, err) || tp_signal_check(s, err))
        return -1;
    s->account_id = scene->account->account.id;
    memcpy(s->environment, scene->account->account.environment, sizeof s->environment);
    memcpy(s->exchange, scene->account->account.exchange, sizeof s->exchange);
    return 0;
}

/* The signal that had this id before: 1 and it is the answer, 0, -1 also when it asked for something else. */
static int
obeyed(struct serve *v, const struct tp_signal *s, struct tp_signal *out, struct tp_item *item, struct tp_err *err)
{
    int got = s->id[0] ? tp_signal_get(v->tp->db, v->batch.user, s->id, out, err) : 0;

    if (got <= 0 || tp_signal_same(s, out))
        return got;
    tp_record_init(&tp_signal_record, out);
    tp_text_set(item->reason, sizeof item->reason, "KEY_TAKEN", 9);
    return tp_fail(err, TP_EREFUSED, "id: '%s' was another signal", s->id);
}

static int
read_positions(struct serve *v, const struct tp_signal *s, struct scene *scene, struct tp_err *err)
{
    struct tp_position_filter filter = {.account_id = s->account_id, .exchange = s->exchange, .symbol = s->symbol,
                                        .status = "OPEN", .environment = s->environment, .limit = SIDES};
    TP_AUTO_ROWS              rows = NULL;
    struct tp_position        p;
    int                       got;

    for (int k = 0; k < SIDES; k++)
        scene->position[k].quantity = TP_DEC_ZERO;
    if (tp_position_list(v->tp->db, &filter, &rows, err))
        return -1;
    while ((got = tp_rows_next(rows, &tp_position_record, &p, NULL, err)) > 0)
        scene->position[strcmp(p.side, tp_sides[1]) == 0] = p;
    return got;
}

static int
read_resting(struct serve *v, const struct tp_signal *s, struct scene *scene, struct tp_arena *arena, struct tp_err *err)
{
    struct tp_order_filter filter = {.statuses = TP_ORDERS_OPEN, .account_id = s->account_id, .exchange = s->exchange,
                                     .symbol = s->symbol, .environment = s->environment, .from = TP_TIME_NONE,
                                     .to = TP_TIME_NONE};
    struct tp_order_list   list;
    struct tp_order        o;
    int                    got;

    scene->n_resting = 0;
    tp_order_list_init(&list, v->tp->db, v->batch.user, &filter);
    while ((got = tp_order_list_next(&list, &o, arena, err)) > 0)
        if (strcmp(o.reason, TP_SIGNAL_REASON) == 0) {
            if (scene->n_resting == TP_COUNT(scene->resting)) {
                got = tp_fail(err, TP_EFAIL, "more orders of signals work than one signal makes");
                break;
            }
            scene->resting[scene->n_resting++] = o;
        }
    tp_order_list_free(&list);
    return got;
}

/* ---- from the position that is to the one that is wanted ---------------------------------------------- */

/* The order that changes the position of one side; its quantity is none when nothing has to change. */
static int
make_order(struct serve *v, const struct tp_signal *s, const struct scene *scene, int k, struct tp_dec change,
           struct tp_order *o, struct tp_err *err)
{
    const struct tp_position *p = &scene->position[k];

    tp_record_init(&tp_order_record, o);
    if (tp_dec_sign(change) == 0)
        return 0;
    if (tp_dec_sign(change) < 0)
        tp_position_reduce(p, tp_dec_neg(change), s->created_at, o);
    else
        o->quantity = change;
    if (tp_uuid_nth(s->created_at, v->made++, &o->id, err))
        return -1;
    o->created_at = tp_uuid_time(o->id);
    o->user_id = v->batch.user;
    o->account_id = s->account_id;
    memcpy(o->environment, s->environment, sizeof o->environment);
    memcpy(o->exchange, s->exchange, sizeof o->exchange);
    memcpy(o->symbol, s->symbol, sizeof o->symbol);
    tp_text_copy(o->side, sizeof o->side, tp_sides[k]);
    tp_text_copy(o->order_type, sizeof o->order_type, "MARKET");
    tp_text_copy(o->reason, sizeof o->reason, TP_SIGNAL_REASON);
    /* The venue of paper is the database: what is committed has arrived. */
    tp_text_copy(o->submit_state, sizeof o->submit_state, "ACKED");
    return 0;
}

static bool
same_order(const struct tp_order *wanted, const struct tp_order *resting, struct tp_err *err)
{
    struct tp_dec left;

    return strcmp(wanted->side, resting->side) == 0 && (wanted->reduce_only == 1) == (resting->reduce_only == 1)
           && !tp_dec_sub(&left, resting->quantity, resting->filled_quantity, err)
           && tp_dec_cmp(wanted->quantity, left) == 0;
}

/* Whether the orders that work already are the ones that are wanted; then they are the answer. */
static bool
under_way(struct tp_signal *s, const struct tp_order wanted[SIDES], const struct scene *scene, struct tp_err *err)
{
    struct tp_uuid found[SIDES] = {{{0}}, {{0}}};
    size_t         n = 0;

    for (int k = 0; k < SIDES; k++) {
        if (tp_dec_none(wanted[k].quantity))
            continue;
        for (size_t i = 0; i < scene->n_resting && tp_uuid_none(found[k]); i++)
            if (same_order(&wanted[k], &scene->resting[i], err))
                found[k] = scene->resting[i].id;
        if (tp_uuid_none(found[k]))
            return false;
        n++;
    }
    if (n != scene->n_resting)
        return false;
    s->long_order_id = found[0];
    s->short_order_id = found[1];
    return true;
}

/* Defaults and rules of the orders that are wanted, before anything is written. */
static int
check(struct serve *v, struct tp_order wanted[SIDES], const struct scene *scene, struct tp_arena *arena,
      struct tp_err *err)
{
    for (int k = 0; k < SIDES; k++) {
        struct tp_order       *o = &wanted[k];
        const struct tp_order *list[] = {o};
        struct tp_order_rules  rules = {.position_mode = scene->account->account.position_mode,
                                        .leverage = scene->account->leverage};

        if (tp_dec_none(o->quantity))
            continue;
        rules.symbol = tp_known_symbol(&v->known, o->exchange, o->symbol, arena, err);
        if (!rules.symbol || tp_gate_closes(&v->gate, list, 1, &rules.last_price, err))
            return -1;
        tp_order_defaults(o, &rules);
        if (tp_known_takes(scene->account, o, err) || tp_order_check(o, &rules, err)
            || tp_partition_trading(v->tp->db, o->created_at, o->created_at, err))
            return -1;
    }
    return 0;
}

static int
cancel_resting(struct serve *v, struct tp_signal *s, const struct scene *scene, struct tp_err *err)
{
    TP_AUTO_FREE struct tp_order_change *list = tp_alloc((scene->n_resting + 1) * sizeof *list);

    for (size_t i = 0; i < scene->n_resting; i++) {
        list[i] = (struct tp_order_change){.order = scene->resting[i], .event = "cancelled"};
        tp_text_copy(list[i].order.status, sizeof list[i].order.status, "CANCELLED");
        list[i].order.cancelled_at = s->created_at;
    }
    s->cancelled = (int64_t)scene->n_resting;
    return scene->n_resting ? tp_order_update(&v->gate, list, scene->n_resting, err) : 0;
}

/* The orders into the database; one that a limit refuses is the answer's reason. */
static int
insert(struct serve *v, struct tp_signal *s, const struct tp_order wanted[SIDES], struct tp_item *item,
       struct tp_arena *arena, struct tp_err *err)
{
    struct tp_order_new news[SIDES] = {{.key = NULL}};
    size_t              n = 0;

    for (int k = 0; k < SIDES; k++)
        if (!tp_dec_none(wanted[k].quantity))
            news[n++].order = wanted[k];
    if (n && tp_order_insert(&v->gate, news, n, arena, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct tp_order *o = &news[i].order;

        *(strcmp(o->side, tp_sides[0]) == 0 ? &s->long_order_id : &s->short_order_id) = o->id;
        if (strcmp(o->status, "REJECTED") != 0)
            continue;
        item->refused = true;
        memcpy(s->reject_reason, o->reject_reason, sizeof s->reject_reason);
        tp_text_safe(item->reason, sizeof item->reason, o->reject_reason, strlen(o->reject_reason));
    }
    return 0;
}

/* ---- a transaction of signals ----------------------------------------------------------------------- */

static int
obey(struct serve *v, struct tp_item *item, struct tp_arena *arena, struct tp_err *err)
{
    struct tp_signal s;
    struct scene     scene;
    struct tp_order  wanted[SIDES];
    struct tp_dec    change[SIDES];
    int              got = prepare(v, item, &s, &scene, arena, err) ? -1 : obeyed(v, &s, item->row, item, err);

    item->replayed = got > 0;
    if (got > 0) {
        const struct tp_signal *then = item->row;

        item->refused = then->reject_reason[0] != '\0';
        tp_text_safe(item->reason, sizeof item->reason, then->reject_reason, strlen(then->reject_reason));
    }
    if (got)
        return got > 0 ? 0 : -1;
    if (tp_known_time(scene.account, &s.created_at, err) || read_positions(v, &s, &scene, err) || read_resting(v, &s, &scene, arena, err)
        || tp_signal_changes(&s, (struct tp_dec[]){scene.position[0].quantity, scene.position[1].quantity}, change,
                             err))
        return -1;
    for (int k = 0; k < SIDES; k++)
        if (make_order(v, &s, &scene, k, change[k], &wanted[k], err))
            return -1;
    if (!under_way(&s, wanted, &scene, err)
        && (check(v, wanted, &scene, arena, err) || cancel_resting(v, &s, &scene, err)
            || insert(v, &s, wanted, item, arena, err)))
        return -1;
    if (s.id[0] && tp_signal_put(v->tp->db, v->batch.user, &s, err))
        return -1;
    *(struct tp_signal *)item->row = s;
    return 0;
}

static int
obey_all(void *to, struct tp_item **items, size_t n, bool again, struct tp_arena *arena, struct tp_err *err)
{
    struct serve *v = to;

    (void)again; /* what the attempt before did is under way, or there already */
    tp_known_begin(&v->known, v->tp->db, v->batch.user, v->environment);
    if (tp_gate_open(&v->gate, v->tp->db, v->batch.user, v->environment, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (obey(v, items[i], arena, err) && tp_item_failed(items[i], err))
            return -1;
    return 0;
}

int
tp_strategy_serve(struct tp_ctx *tp, const void *args)
{
    struct serve v = {.tp = tp, .args = args};
    int          rc;

    v.environment = tp_environment_trading(tp, v.args->environment, v.args->live);
    if (!v.environment)
        return -1;
    v.ask = tp_record_join(&tp_signal_record, ask_fields, sizeof(struct ask_more), &tp->arena);
    v.batch = (struct tp_batch){.tp = tp,
                                .record = &tp_signal_record,
                                .ask = &v.ask,
                                .strict = true,
                                .dry_run = v.args->dry_run,
                                .unknown_hint = "the same signal again finds what was done",
                                .refused_hint = "'tp-risk check' shows what the limits leave",
                                .to = &v,
                                .work = obey_all};
    rc = tp_batch_open(&v.batch) || tp_batch_lines(&v.batch) ? -1 : 0;
    tp_gate_free(&v.gate);
    tp_known_free(&v.known);
    return rc;
}
