/* tp-position - what accounts hold: shown, closed, protected, proved from the fills. */
#include "base/db.h"
#include "base/prog.h"
#include "cmd/known.h"
#include "cmd/options.h"
#include "cmd/position.h"
#include "store/position.h"
#include "store/user.h"

#include "base/banned.h"

/* close stands in position_close.c, protect in position_protect.c, rebuild in position_rebuild.c. */

/* ---- list, show ----------------------------------------------------------------------------------- */

struct list_args {
    const char *exchange, *symbol, *account, *status, *environment;
    bool        open, all;
    int64_t     limit;
};

static const struct tp_opt list_opts[] = {
    OPT_EXCHANGE(struct list_args, exchange, "of this venue alone"),
    OPT_SYMBOL(struct list_args, symbol, "of this instrument alone"),
    OPT_ACCOUNT(struct list_args, account, "of this account alone, by name or id"),
    OPT_FLAG(struct list_args, open, 0, "open", "those that are open (the default)"),
    OPT_FLAG(struct list_args, all, 0, "all", "those that have ended as well"),
    OPT_ENUM(struct list_args, status, 0, "status", tp_position_statuses, "of this status alone"),
    OPT_LIMIT(struct list_args, limit, "1000"),
    OPT_ENVIRONMENT_PAPER(struct list_args, environment),
    OPT_STOP,
};

static int
cmd_list(struct tp_ctx *tp, const void *args)
{
    const struct list_args   *a = args;
    struct tp_position_filter filter = {.exchange = a->exchange, .symbol = a->symbol,
                                        .status = a->all ? NULL : a->status ? a->status : "OPEN",
                                        .environment = tp_environment_of(a->environment), .limit = a->limit};
    TP_AUTO_ROWS              rows = NULL;
    struct tp_uuid            user;

    if (tp_exclusive(tp, a->all, "--all", a->status != NULL, "--status")
        || tp_exclusive(tp, a->open, "--open", a->all || a->status, "--all or --status") || tp_user_begin(tp, &user)
        || tp_known_filter(tp, user, filter.environment, a->exchange, a->account, &filter.account_id))
        return -1;
    return tp_position_list(tp->db, &filter, &rows, &tp->err) || tp_db_commit(tp->db, &tp->err)
                   || tp_emit_rows(tp, &tp_position_record, rows)
               ? -1
               : 0;
}

static int
cmd_show(struct tp_ctx *tp, const void *args)
{
    struct tp_uuid     user, id;
    struct tp_position p;

    (void)args;
    return tp_operand_id(tp, 0, &id) || tp_user_begin(tp, &user) || tp_position_get(tp->db, id, &p, &tp->err)
                   || tp_db_commit(tp->db, &tp->err) || tp_emit(tp, &tp_position_record, &p)
               ? -1
               : 0;
}

/* ---- the program ---------------------------------------------------------------------------------- */

static const struct tp_cmd cmds[] = {
    {.name = "list", .help = "list positions, newest first", .opts = list_opts, .args_size = sizeof(struct list_args),
     .run = cmd_list},
    {.name = "show", .help = "show one position", .run = cmd_show, .operands = "ID", .min_operands = 1,
     .max_operands = 1},
    {.name = "close", .help = "close positions at the market, whole or in part", .opts = tp_close_opts,
     .args_size = sizeof(struct tp_close_args), .run = tp_position_close, .operands = "[ID...|-]",
     .max_operands = SIZE_MAX,
     .examples = "tp-position list -o json | jq -c 'select(.pnl < \"0\")' | tp-position close -\n"
                 "tp-position close --all --symbol BTCUSDT"},
    {.name = "protect", .help = "replace its stop-loss, take-profit and trailing stop",
     .opts = tp_protect_opts, .args_size = sizeof(struct tp_protect_args), .run = tp_position_protect,
     .operands = "ID...|-", .min_operands = 1, .max_operands = SIZE_MAX},
    {.name = "rebuild", .help = "compute every position again from its fills and compare", .opts = tp_rebuild_opts,
     .args_size = sizeof(struct tp_rebuild_args), .run = tp_position_rebuild,
     .examples = "tp-position rebuild --check            # 11: something differs"},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
    static const struct tp_prog prog = {
        .name = "tp-position",
        .help = "positions: shown, closed, protected, proved from their fills",
        .cmds = cmds,
        .examples = "tp-position list\ntp-position close --all",
        .db_role = "tp_app",
    };

    return tp_main(&prog, argc, argv);
}
