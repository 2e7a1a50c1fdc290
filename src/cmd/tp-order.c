/* tp-order - orders: placed once, cancelled, amended, filled on paper, listed. */
#include <string.h>

#include "base/db.h"
#include "base/prog.h"
#include "cmd/known.h"
#include "cmd/options.h"
#include "cmd/order.h"
#include "store/order.h"
#include "store/user.h"

#include "base/banned.h"

/* place stands in order_place.c; cancel, amend and reconcile in order_change.c; sync in order_sync.c. */

/* ---- list, show ----------------------------------------------------------------------------------- */

struct list_args {
    const char    *exchange, *symbol, *account, *status, *environment;
    struct tp_uuid bot;
    bool           open;
    struct tp_time since, until;
    int64_t        limit;
};

static const struct tp_opt list_opts[] = {
    OPT_EXCHANGE(struct list_args, exchange, "of this venue alone"),
    OPT_SYMBOL(struct list_args, symbol, "of this instrument alone"),
    OPT_ACCOUNT(struct list_args, account, "of this account alone, by name or id"),
    OPT_UUID(struct list_args, bot, 'b', "bot", "UUID", "of this bot alone"),
    OPT_ENUM(struct list_args, status, 0, "status", tp_order_statuses, "of this status alone"),
    OPT_FLAG(struct list_args, open, 0, "open", "those that work: PENDING or PARTIALLY_FILLED"),
    OPT_TIME(struct list_args, since, 0, "since", "made at or after this time (UTC)"),
    OPT_TIME(struct list_args, until, 0, "until", "made before this time (UTC)"),
    OPT_LIMIT(struct list_args, limit, "1000"),
    OPT_ENVIRONMENT_PAPER(struct list_args, environment),
    OPT_STOP,
};

/* The filter that the options make; texts that it needs live in the context's arena. */
static int
filter_of(struct tp_ctx *tp, const struct list_args *a, struct tp_uuid user, const char *environment,
          struct tp_order_filter *filter)
{
    TP_AUTO_BUF word = {0};

    *filter = (struct tp_order_filter){.exchange = a->exchange, .symbol = a->symbol, .bot_id = a->bot,
                                       .environment = environment, .from = a->since, .to = a->until,
                                       .limit = a->limit};
    if (a->open)
        filter->statuses = TP_ORDERS_OPEN;
    if (a->status) {
        tp_buf_fmt(&word, "[\"%s\"]", a->status);
        filter->statuses = tp_arena_text(&tp->arena, word.at, word.n);
    }
    return tp_known_filter(tp, user, environment, a->exchange, a->account, &filter->account_id);
}

static int
cmd_list(struct tp_ctx *tp, const void *args)
{
    const struct list_args *a = args;
    const char             *environment = tp_environment_of(a->environment);
    struct tp_order_filter  filter;
    struct tp_order_list    list;
    struct tp_uuid          user;
    int                     got = 1;

    if (tp_exclusive(tp, a->open, "--open", a->status != NULL, "--status") || tp_user_begin(tp, &user)
        || filter_of(tp, a, user, environment, &filter))
        return -1;
    tp_order_list_init(&list, tp->db, user, &filter);
    while (got > 0) {
        TP_AUTO_ARENA   texts = {0}; /* of one order: a long list needs no more memory than a short one */
        struct tp_order o;

        got = tp_order_list_next(&list, &o, &texts, &tp->err);
        if (got > 0 && tp_emit(tp, &tp_order_record, &o))
            got = -1;
    }
    tp_order_list_free(&list);
    return got < 0 ? -1 : tp_db_commit(tp->db, &tp->err);
}

static int
cmd_show(struct tp_ctx *tp, const void *args)
{
    struct tp_uuid  user, id;
    struct tp_order o;

    (void)args;
    if (tp_operand_id(tp, 0, &id) || tp_user_begin(tp, &user)
        || tp_order_get(tp->db, user, id, &o, &tp->arena, &tp->err) || tp_emit(tp, &tp_order_record, &o))
        return -1;
    return tp_db_commit(tp->db, &tp->err);
}

/* ---- the program ---------------------------------------------------------------------------------- */

static const struct tp_cmd cmds[] = {
    {.name = "place", .help = "make one order by options, or many by lines on stdin (-)", .opts = tp_place_opts,
     .args_size = sizeof(struct tp_place_args), .run = tp_order_place, .operands = "[-]", .max_operands = 1,
     .examples = "tp-order place -s BTCUSDT --side LONG --type LIMIT --quantity 0.01 --price 60000 -k mon-1\n"
                 "tp-order place - < orders.jsonl > answers.jsonl         # one answer a line, in order"},
    {.name = "cancel", .help = "end orders that work", .opts = tp_cancel_opts,
     .args_size = sizeof(struct tp_cancel_args), .run = tp_order_cancel, .operands = "[ID...|-]",
     .max_operands = SIZE_MAX,
     .examples = "tp-order list --open -o json | jq -c 'select(.side == \"LONG\")' | tp-order cancel -\n"
                 "tp-order cancel --all --symbol BTCUSDT"},
    {.name = "amend", .help = "change prices, size or end of orders that work", .opts = tp_amend_opts,
     .args_size = sizeof(struct tp_amend_args), .run = tp_order_amend, .operands = "ID...|-", .min_operands = 1,
     .max_operands = SIZE_MAX},
    {.name = "list", .help = "list orders, newest first", .opts = list_opts, .args_size = sizeof(struct list_args),
     .run = cmd_list},
    {.name = "show", .help = "show one order", .run = cmd_show, .operands = "ID", .min_operands = 1,
     .max_operands = 1},
    {.name = "sync", .help = "let orders on paper meet the candles stored since the last time", .opts = tp_sync_opts,
     .args_size = sizeof(struct tp_sync_args), .run = tp_order_sync, .operands = "[ACCOUNT...]",
     .max_operands = SIZE_MAX,
     .examples = "tp-order sync -q >/dev/null                             # from cron, every minute"},
    {.name = "reconcile", .help = "settle orders of which it is not known that they arrived",
     .opts = tp_reconcile_opts, .args_size = sizeof(struct tp_reconcile_args), .run = tp_order_reconcile},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
    static const struct tp_prog prog = {
        .name = "tp-order",
        .help = "orders: placed exactly once, cancelled, amended, filled on paper, listed",
        .cmds = cmds,
        .examples = "tp-order place -s BTCUSDT --side LONG --type MARKET --quantity 0.01\ntp-order list --open",
        .db_role = "tp_app",
    };

    return tp_main(&prog, argc, argv);
}
