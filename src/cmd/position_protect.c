/* tp-position protect - a stop-loss, a take-profit and a trailing stop that cancel each other, over a position. */
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
#include "trade/knobs.h"
#include "trade/order_check.h"
#include "trade/state.h"

#define KINDS 3 /* stop-loss, take-profit, trailing stop */

const struct tp_opt tp_protect_opts[] = {
    OPT_TEXT(struct tp_protect_args, stop_loss, 0, "stop-loss", "N", "price at which the position is closed with a loss"),
    OPT_TEXT(struct tp_protect_args, take_profit, 0, "take-profit", "N", "price at which it is closed with a gain"),
    OPT_TEXT(struct tp_protect_args, trailing, 0, "trailing", "PERCENT", "a stop so far behind the best price from now on"),
    OPT_FLAG(struct tp_protect_args, none, 0, "none", "take away what protects it"),
    OPT_TIME(struct tp_protect_args, at, 0, "at", "on paper: when it is made, for candles of the past; default: now"),
    OPT_ENVIRONMENT_PAPER(struct tp_protect_args, environment),
    OPT_LIVE(struct tp_protect_args, live),
    OPT_FLAG(struct tp_protect_args, dry_run, 0, "dry-run", "say what would happen; nothing is stored"),
    OPT_STOP,
};

struct ask {
    struct tp_uuid id;
    struct tp_dec  stop_loss, take_profit, trailing;
};

static const struct tp_field ask_fields[] = {
    F_UUID(struct ask, id, "the position", .required = true),
    F_DEC(struct ask, stop_loss, "price"),
    F_DEC(struct ask, take_profit, "price"),
    F_PERCENT(struct ask, trailing, "percent behind the best price"),
    F_STOP,
};

static const struct tp_record ask_record = {"position", "a position to protect", ask_fields, sizeof(struct ask)};

static const struct tp_option_field option_fields[] = {
    {"stop_loss", "stop-loss", offsetof(struct tp_protect_args, stop_loss)},
    {"take_profit", "take-profit", offsetof(struct tp_protect_args, take_profit)},
    {"trailing", "trailing", offsetof(struct tp_protect_args, trailing)},
    {NULL, NULL, 0},
};

struct protect {
    struct tp_ctx                *tp;
    const struct tp_protect_args *args;
    const char                   *environment;
    struct tp_batch               batch;
    struct tp_gate                gate;
    struct tp_known               known;
    uint32_t                      made; /* ids given so far */
};

/* ---- what protects it now ------------------------------------------------------------------------------ */

static bool
protects(const struct tp_order *o, const struct tp_position *p)
{
    return o->reduce_only == 1 && strcmp(o->side, p->side) == 0
           && (strcmp(o->role, "STOP_LOSS") == 0 || strcmp(o->role, "TAKE_PROFIT") == 0
               || strcmp(o->role, "TRAILING") == 0);
}

/* The working orders that protect the position, as cancellations. */
static int
find_old(struct protect *c, const struct tp_position *p, struct tp_order_change **out, size_t *n,
         struct tp_arena *arena, struct tp_err *err)
{
    struct tp_order_filter filter = {.statuses = TP_ORDERS_OPEN, .account_id = p->account_id, .exchange = p->exchange,
                                     .symbol = p->symbol, .from = TP_TIME_NONE, .to = TP_TIME_NONE};
    struct tp_order_list   list;
    struct tp_order        o;
    size_t                 room = 0;
    int                    got;

    tp_order_list_init(&list, c->tp->db, c->batch.user, &filter);
    while ((got = tp_order_list_next(&list, &o, arena, err)) > 0) {
        if (!protects(&o, p))
            continue;
        if (*n == room) {
            room = room ? 2 * room : 8;
            *out = tp_realloc(*out, room * sizeof **out);
        }
        (*out)[(*n)++] = (struct tp_order_change){.order = o, .event = "cancelled"};
    }
    tp_order_list_free(&list);
    return got;
}

/* ---- what shall protect it ------------------------------------------------------------------------------ */

static bool
same(struct tp_dec a, struct tp_dec b)
{
    return tp_dec_none(a) == tp_dec_none(b) && (tp_dec_none(a) || tp_dec_cmp(a, b) == 0);
}

/* Whether exactly the wished orders work already. */
static bool
stands(const struct tp_order_change *old, size_t n_old, const struct tp_order_new *new, size_t n_new)
{
    size_t found = 0;

    for (size_t i = 0; i < n_new; i++)
        for (size_t k = 0; k < n_old; k++) {
            const struct tp_order *a = &new[i].order, *b = &old[k].order;

            found += strcmp(a->role, b->role) == 0 && same(a->price, b->price) && same(a->quantity, b->quantity)
                     && same(a->callback_rate, b->callback_rate)
                     && (!tp_dec_none(a->callback_rate) || same(a->stop_price, b->stop_price));
        }
    return n_old == n_new && found == n_new;
}

/* What the fill engine keeps of such an order: it goes with the position. */
static int
set_work(struct tp_order_new *n, const struct tp_account *account, struct tp_arena *arena, struct tp_err *err)
{
    struct tp_knobs knobs;
    struct tp_work  w;
    TP_AUTO_BUF     text = {0};

    if (tp_knobs_read(&knobs, account->settings, err) || tp_work_from_order(&w, &n->order, err))
        return -1;
    w.parent = -1;
    w.fresh = true;
    w.latency = knobs.latency_bars;
    tp_work_state_print(&w, &text);
    n->work = tp_arena_text(arena, text.at, text.n);
    return 0;
}

struct level {
    const char   *field, *type, *role;
    struct tp_dec price, stop_price, callback_rate;
};

static int
make_one(struct protect *c, const struct tp_position *p, const struct level *l, const struct tp_order_rules *rules,
         const struct tp_known_account *account, struct tp_order_new *n, struct tp_arena *arena, struct tp_err *err)
{
    struct tp_time   at = c->args->at;
    struct tp_order *o = &n->order;
    struct tp_uuid   id;

    *n = (struct tp_order_new){0};
    if (tp_known_time(account, &at, err) || tp_uuid_nth(at, c->made++, &id, err))
        return -1;
    tp_position_reduce(p, p->quantity, tp_uuid_time(id), o);
    o->id = id;
    o->price = l->price;
    o->stop_price = l->stop_price;
    o->callback_rate = l->callback_rate;
    tp_text_set(o->order_type, sizeof o->order_type, l->type, strlen(l->type));
    tp_text_set(o->role, sizeof o->role, l->role, strlen(l->role));
    tp_text_set(o->reason, sizeof o->reason, l->role, strlen(l->role));
    tp_text_set(o->submit_state, sizeof o->submit_state, "ACKED", 5);
    tp_order_defaults(o, rules);
    if (tp_order_check(o, rules, err))
        return tp_where(err, "%s", l->field);
    return set_work(n, &account->account, arena, err);
}

/* The orders that were wished, of one group; *n of them. */
static int
make_new(struct protect *c, const struct ask *ask, const struct tp_position *p, struct tp_order_new new[KINDS],
         size_t *n, struct tp_arena *arena, struct tp_err *err)
{
    const struct level levels[KINDS] = {
        {"stop_loss", "STOP_MARKET", "STOP_LOSS", TP_DEC_NONE, ask->stop_loss, TP_DEC_NONE},
        {"take_profit", "LIMIT", "TAKE_PROFIT", ask->take_profit, TP_DEC_NONE, TP_DEC_NONE},
        {"trailing", "TRAILING_STOP", "TRAILING", TP_DEC_NONE, TP_DEC_NONE, ask->trailing}};
    const struct tp_known_account *account = tp_known_account_id(&c->known, p->account_id, arena, err);
    struct tp_order_rules          rules = {.last_price = TP_DEC_NONE};

    rules.symbol = account ? tp_known_symbol(&c->known, p->exchange, p->symbol, arena, err) : NULL;
    if (!rules.symbol)
        return -1;
    rules.position_mode = account->account.position_mode;
    for (size_t i = 0; i < KINDS; i++) {
        const struct level *l = &levels[i];

        if (tp_dec_none(l->price) && tp_dec_none(l->stop_price) && tp_dec_none(l->callback_rate))
            continue;
        if (make_one(c, p, l, &rules, account, &new[*n], arena, err))
            return -1;
        new[*n].order.group_id = new[0].order.id;
        ++*n;
    }
    return 0;
}

/* On the right side of where the price is: another one would be hit at once. */
static int
check_levels(struct protect *c, const struct ask *ask, const struct tp_position *p, const struct tp_order_new *new,
             struct tp_err *err)
{
    const struct tp_order *one = &new->order;
    struct tp_dec          price;

    if (tp_gate_closes(&c->gate, &one, 1, &price, err))
        return -1;
    if (tp_dec_none(price))
        price = tp_dec_none(p->mark_price) ? p->entry_price : p->mark_price;
    return tp_order_check_levels(ask->stop_loss, ask->take_profit, "the last price", price,
                                 strcmp(p->side, "SHORT") == 0 ? -1 : 1, err);
}

/* ---- the exchange of the two ----------------------------------------------------------------------------- */

static int
exchange(struct protect *c, struct tp_position *p, const struct ask *ask, struct tp_order_change *old, size_t n_old,
         struct tp_order_new *new, size_t n_new, struct tp_arena *arena, struct tp_err *err)
{
    for (size_t i = 0; i < n_old; i++) {
        struct tp_time at = n_new ? new->order.created_at : tp_time_now();

        tp_text_set(old[i].order.status, sizeof old[i].order.status, "CANCELLED", 9);
        old[i].order.cancelled_at = at.us < old[i].order.created_at.us ? old[i].order.created_at : at;
    }
    if (n_new && tp_partition_trading(c->tp->db, new->order.created_at, new->order.created_at, err))
        return -1;
    p->stop_loss = ask->stop_loss;
    p->take_profit = ask->take_profit;
    return tp_order_update(&c->gate, old, n_old, err) || tp_order_insert(&c->gate, new, n_new, arena, err)
                   || tp_position_put_levels(c->tp->db, p, err)
               ? -1
               : 0;
}

static int
protect_one(struct protect *c, struct tp_item *item, struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_FREE struct tp_order_change *old = NULL;
    struct tp_order_new                  new[KINDS];
    struct ask                           ask = *(const struct ask *)item->ask;
    size_t                               n_old = 0, n_new = 0;

    if (c->args->none)
        ask.stop_loss = ask.take_profit = ask.trailing = TP_DEC_NONE;
    else if (tp_dec_none(ask.stop_loss) && tp_dec_none(ask.take_profit) && tp_dec_none(ask.trailing))
        return tp_fail(err, TP_EINPUT, "stop_loss, take_profit, trailing: want one of them at least");
    if (tp_position_open(c->tp->db, ask.id, c->environment, item, item->row, err)
        || find_old(c, item->row, &old, &n_old, arena, err)
        || make_new(c, &ask, item->row, new, &n_new, arena, err)
        || (n_new && check_levels(c, &ask, item->row, new, err)))
        return -1;
    item->replayed = stands(old, n_old, new, n_new);
    return item->replayed ? 0 : exchange(c, item->row, &ask, old, n_old, new, n_new, arena, err);
}

static int
protect_all(void *to, struct tp_item **items, size_t n, bool again, struct tp_arena *arena, struct tp_err *err)
{
    struct protect *c = to;

    (void)again; /* what stands already is left as it is */
    tp_known_begin(&c->known, c->tp->db, c->batch.user, c->environment);
    if (tp_gate_open(&c->gate, c->tp->db, c->batch.user, c->environment, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (protect_one(c, items[i], arena, err) && tp_item_failed(items[i], err))
            return -1;
    return 0;
}

/* ---- the command ------------------------------------------------------------------------------------------ */

int
tp_position_protect(struct tp_ctx *tp, const void *args)
{
    struct protect c = {.tp = tp, .args = args};
    bool           given = tp_option_fields_given(option_fields, args);
    int            rc;

    if (tp_exclusive(tp, c.args->none, "--none", given, "--stop-loss, --take-profit or --trailing"))
        return -1;
    if (tp_operand_stdin(tp) ? given : !given && !c.args->none)
        return tp_fail(&tp->err, TP_EUSAGE, given ? "options that say what protects have no place beside -"
                                                  : "what shall protect it? --stop-loss, --take-profit, --trailing, --none");
    c.environment = tp_environment_trading(tp, c.args->environment, c.args->live);
    if (!c.environment)
        return -1;
    c.batch = (struct tp_batch){.tp = tp,
                                .record = &tp_position_record,
                                .ask = &ask_record,
                                .dry_run = c.args->dry_run,
                                .unknown_hint = "protecting again does no harm",
                                .to = &c,
                                .work = protect_all};
    rc = tp_batch_open(&c.batch);
    if (!rc)
        rc = tp_operand_stdin(tp) ? tp_batch_lines(&c.batch) : tp_batch_operands(&c.batch, option_fields, args);
    tp_gate_free(&c.gate);
    tp_known_free(&c.known);
    return rc;
}
