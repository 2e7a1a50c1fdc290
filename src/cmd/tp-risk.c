/* tp-risk - what a user and a bot may do at most, and the brake. */
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/line.h"
#include "base/prog.h"
#include "cmd/account_sync.h"
#include "cmd/listener.h"
#include "cmd/options.h"
#include "store/account.h"
#include "store/bot.h"
#include "store/halt.h"
#include "store/risk.h"
#include "store/user.h"
#include "trade/order_check.h"

#include "base/banned.h"

/* ---- what options name -------------------------------------------------------------------------- */

/* The user's live bot of that id or name (NULL: none). */
static int
find_bot(struct tp_ctx *tp, const char *which, struct tp_uuid *id)
{
    struct tp_bot bot;

    *id = (struct tp_uuid){{0}};
    if (!which)
        return 0;
    if (tp_bot_get(tp->db, which, false, &bot, &tp->arena, &tp->err))
        return -1;
    *id = bot.id;
    return 0;
}

static int
find_account(struct tp_ctx *tp, struct tp_uuid user, const struct tp_account_filter *filter,
             struct tp_account *out)
{
    return tp_account_find(tp->db, user, filter, out, &tp->arena, &tp->err);
}

/* ---- set, unset --------------------------------------------------------------------------------- */

struct set_args {
    const char        *bot;
    struct tp_dec      max_order_size, max_position_size, max_daily_loss, max_drawdown;
    int64_t            max_leverage, max_open_positions;
    struct tp_opt_list rules;
    bool               on, off;
};

static const struct tp_opt set_opts[] = {
    OPT_BOT(struct set_args, bot, "limits of this bot instead of all your trading"),
    OPT_DEC(struct set_args, max_order_size, 0, "max-order-size", "N", "largest notional of an order, quote currency"),
    OPT_DEC(struct set_args, max_position_size, 0, "max-position-size", "N",
            "largest notional held and ordered of an instrument and side"),
    OPT_INT(struct set_args, max_leverage, 0, "max-leverage", "N", 1, 125, "largest leverage of an order"),
    OPT_DEC(struct set_args, max_daily_loss, 0, "max-daily-loss", "N", "largest loss since 00:00 UTC, quote currency"),
    OPT_DEC(struct set_args, max_drawdown, 0, "max-drawdown", "N", "largest fall below the highest equity, percent"),
    OPT_INT(struct set_args, max_open_positions, 0, "max-open-positions", "N", 0, INT32_MAX,
            "largest number of instruments and sides held or ordered"),
    OPT_LIST(struct set_args, rules, 'r', "rule", "KEY=VALUE", "one further rule; an empty value takes it away"),
    OPT_FLAG(struct set_args, on, 0, "enable", "apply the limits again"),
    OPT_FLAG(struct set_args, off, 0, "disable", "keep the limits and do not apply them"),
    OPT_STOP,
};

static void
merge_dec(struct tp_dec *to, struct tp_dec given)
{
    if (!tp_dec_none(given))
        *to = given;
}

static void
merge_int(int64_t *to, int64_t given)
{
    if (given != TP_INT_NONE)
        *to = given;
}

/* Puts what was given over what is set. */
static int
merge(struct tp_ctx *tp, const struct set_args *a, struct tp_limits *l)
{
    merge_dec(&l->max_order_size, a->max_order_size);
    merge_dec(&l->max_position_size, a->max_position_size);
    merge_dec(&l->max_daily_loss, a->max_daily_loss);
    merge_dec(&l->max_drawdown, a->max_drawdown);
    merge_int(&l->max_leverage, a->max_leverage);
    merge_int(&l->max_open_positions, a->max_open_positions);
    for (size_t i = 0; i < a->rules.n; i++)
        if (tp_limits_rule(&l->risk_rules, a->rules.at[i], &tp->arena, &tp->err))
            return tp_usage(&tp->err, "--rule");
    if (a->on || a->off)
        l->enabled = a->on;
    if (tp_limits_check(l, &tp->err))
        return tp_usage(&tp->err, "limits");
    return 0;
}

/* Begins a transaction that alone changes limits; limits are those of the bot, or the user's. */
static int
begin_limits(struct tp_ctx *tp, const char *bot, struct tp_limits *l)
{
    struct tp_uuid user, bot_id;

    return tp_user_begin(tp, &user) || find_bot(tp, bot, &bot_id) || tp_limits_lock(tp->db, user, &tp->err)
                   || tp_limits_get(tp->db, user, bot_id, l, &tp->arena, &tp->err) < 0
               ? -1
               : 0;
}

static int
cmd_set(struct tp_ctx *tp, const void *args)
{
    const struct set_args *a = args;
    struct tp_limits       l;

    if (tp_exclusive(tp, a->on, "--enable", a->off, "--disable"))
        return -1;
    if (begin_limits(tp, a->bot, &l) || merge(tp, a, &l) || tp_limits_put(tp->db, &l, &tp->arena, &tp->err)
        || tp_db_commit(tp->db, &tp->err))
        return -1;
    return tp_emit(tp, &tp_risk_limit_record, &l);
}

struct bot_args {
    const char *bot;
};

static const struct tp_opt bot_opts[] = {
    OPT_BOT(struct bot_args, bot, "limits of this bot instead of all your trading"),
    OPT_STOP,
};

/* Takes one limit away: a column, or a rule. */
static int
clear(struct tp_ctx *tp, struct tp_limits *l, const char *name)
{
    char rule[64];

    if (strlen(name) >= sizeof rule - 1)
        return tp_fail(&tp->err, TP_EUSAGE, "there is no limit '%.60s'", name);
    for (const struct tp_field *f = tp_risk_limit_record.fields; f->kind != TP_F_STOP; f++) {
        if (strncmp(name, "max_", 4) != 0 || strcmp(f->name, name) != 0)
            continue;
        if (f->kind == TP_F_DEC)
            *(struct tp_dec *)((char *)l + f->at) = TP_DEC_NONE;
        else
            *(int64_t *)((char *)l + f->at) = TP_INT_NONE;
        return 0;
    }
    snprintf(rule, sizeof rule, "%s=", name);
    return tp_limits_rule(&l->risk_rules, rule, &tp->arena, &tp->err) ? tp_usage(&tp->err, "LIMIT") : 0;
}

static int
cmd_unset(struct tp_ctx *tp, const void *args)
{
    const struct bot_args *a = args;
    struct tp_limits       l;

    if (begin_limits(tp, a->bot, &l))
        return -1;
    if (tp_uuid_none(l.id))
        return tp_fail(&tp->err, TP_EMISSING, "no limits are set");
    for (size_t i = 0; i < tp->n_operands; i++)
        if (clear(tp, &l, tp->operands[i]))
            return -1;
    if ((tp->n_operands ? tp_limits_put(tp->db, &l, &tp->arena, &tp->err)
                        : tp_limits_delete(tp->db, l.user_id, l.bot_id, &l, &tp->arena, &tp->err))
        || tp_db_commit(tp->db, &tp->err))
        return -1;
    return tp_emit(tp, &tp_risk_limit_record, &l);
}

/* ---- list, show --------------------------------------------------------------------------------- */

static int
cmd_list(struct tp_ctx *tp, const void *args)
{
    TP_AUTO_ROWS   limits = NULL;
    TP_AUTO_ROWS   halts = NULL;
    struct tp_uuid user;

    (void)args;
    if (tp_user_begin(tp, &user) || tp_limits_list(tp->db, user, (struct tp_uuid){{0}}, &limits, &tp->err)
        || tp_halt_list(tp->db, user, &halts, &tp->err) || tp_db_commit(tp->db, &tp->err))
        return -1;
    return tp_emit_rows(tp, &tp_risk_limit_record, limits) || tp_emit_rows(tp, &tp_halt_record, halts) ? -1 : 0;
}

static int
cmd_show(struct tp_ctx *tp, const void *args)
{
    const struct bot_args *a = args;
    struct tp_limits       l;
    struct tp_uuid         user, bot;
    int                    got;

    if (tp_user_begin(tp, &user) || find_bot(tp, a->bot, &bot))
        return -1;
    got = tp_limits_get(tp->db, user, bot, &l, &tp->arena, &tp->err);
    if (got < 0 || tp_db_commit(tp->db, &tp->err))
        return -1;
    if (got)
        return tp_emit(tp, &tp_risk_limit_record, &l);
    tp_fail(&tp->err, TP_EMISSING, "no limits are set");
    return tp_hint(&tp->err, "'tp-risk set' sets some, 'tp-risk list' shows all");
}

/* ---- check -------------------------------------------------------------------------------------- */

struct check_args {
    const char    *exchange, *environment, *account, *bot, *symbol, *side, *type;
    struct tp_dec  quantity, price, stop_price;
    int64_t        leverage;
    struct tp_time at;
};

static const struct tp_opt check_opts[] = {
    OPT_ENVIRONMENT_PAPER(struct check_args, environment),
    OPT_EXCHANGE(struct check_args, exchange, "the order's venue; the account's unless given"),
    OPT_ACCOUNT(struct check_args, account, "the order's account"),
    OPT_BOT(struct check_args, bot, "limits of this bot too; the order is its"),
    OPT_SYMBOL(struct check_args, symbol, "ask for an order of this instrument"),
    OPT_ENUM(struct check_args, side, 0, "side", tp_sides, "the position it opens", .fallback = "LONG"),
    OPT_ENUM(struct check_args, type, 't', "type", tp_order_types, "its type", .fallback = "MARKET"),
    OPT_DEC(struct check_args, quantity, 'q', "quantity", "N", "its size in base currency"),
    OPT_DEC(struct check_args, price, 'p', "price", "N", "its limit price"),
    OPT_DEC(struct check_args, stop_price, 0, "stop-price", "N", "the price that triggers it"),
    OPT_INT(struct check_args, leverage, 'l', "leverage", "N", 1, 125, "its leverage", .fallback = "1"),
    OPT_TIME(struct check_args, at, 0, "at", "as of then instead of now"),
    OPT_STOP,
};

struct check {
    struct tp_ctx           *tp;
    const struct check_args *args;
    struct tp_uuid           user, bot;
    struct tp_gate           gate;
    struct tp_headroom      *rows;
    size_t                   n, room;
    int64_t                  refused;
    char                     reason[TP_REASON_SIZE];
};

/* Keeps one headroom until the lock is given back; those of other bots are left out. */
static int
keep(void *to, const struct tp_headroom *h, struct tp_err *err)
{
    struct check *c = to;

    (void)err;
    if (!tp_uuid_none(c->bot) && !tp_uuid_none(h->bot_id) && !tp_uuid_equal(c->bot, h->bot_id))
        return 0;
    if (c->n == c->room) {
        c->room = c->room ? 2 * c->room : 32;
        c->rows = tp_realloc(c->rows, c->room * sizeof *c->rows);
    }
    c->rows[c->n++] = *h;
    return 0;
}

static struct tp_time
moment(const struct check *c)
{
    struct tp_time at = tp_time_none(c->args->at) ? tp_time_now() : c->args->at;

    return (struct tp_time){at.us - at.us % 1000};
}

static int
check_limits(struct check *c)
{
    struct tp_ctx *tp = c->tp;

    if (tp_gate_open(&c->gate, tp->db, c->user, tp_environment_of(c->args->environment), &tp->err)
        || tp_gate_headroom(&c->gate, tp_time_day(moment(c)), keep, c, &tp->err)
        || tp_db_rollback(tp->db, &tp->err))
        return -1;
    for (size_t i = 0; i < c->n; i++)
        if (tp_emit(tp, &tp_headroom_record, &c->rows[i]))
            return -1;
    if (c->n == 0)
        tp_note(tp, "no limits are set");
    return 0;
}

/* Whose order it is and where; what the record leaves open comes from the options. */
static int
place_order(struct check *c, struct tp_order *o)
{
    struct tp_ctx           *tp = c->tp;
    const char              *environment = tp_environment_of(c->args->environment);
    char                     id[TP_UUID_TEXT];
    struct tp_account        account;
    struct tp_account_filter filter = {.which = c->args->account,
                                       .exchange = o->exchange[0] ? o->exchange : c->args->exchange,
                                       .environment = environment};
    struct tp_order_rules    rules = {0};

    tp_uuid_print(id, o->account_id);
    if (!tp_uuid_none(o->account_id))
        filter.which = id;
    if (find_account(tp, c->user, &filter, &account))
        return -1;
    if (tp_uuid_none(o->bot_id))
        o->bot_id = c->bot;
    o->user_id = c->user;
    o->account_id = account.id;
    o->created_at = moment(c);
    o->updated_at = TP_TIME_NONE;
    memcpy(o->exchange, account.exchange, sizeof o->exchange);
    memcpy(o->environment, account.environment, sizeof o->environment);
    rules.position_mode = account.position_mode;
    tp_order_defaults(o, &rules);
    return 0;
}

static int
ask(struct check *c, struct tp_order *o)
{
    struct tp_ctx   *tp = c->tp;
    struct tp_answer answer;
    int              rc;

    tp_record_init(&tp_risk_answer_record, &answer);
    if (tp_db_begin_as(tp->db, c->user, &tp->err) || place_order(c, o)
        || tp_gate_open(&c->gate, tp->db, c->user, o->environment, &tp->err))
        return -1;
    rc = tp_gate_ask(&c->gate, o, TP_DEC_NONE, answer.reason, &tp->err);
    if (rc < 0 || tp_db_rollback(tp->db, &tp->err))
        return -1;
    memcpy(answer.exchange, o->exchange, sizeof answer.exchange);
    memcpy(answer.symbol, o->symbol, sizeof answer.symbol);
    memcpy(answer.side, o->side, sizeof answer.side);
    memcpy(answer.order_type, o->order_type, sizeof answer.order_type);
    answer.quantity = o->quantity;
    answer.price = o->price;
    answer.passes = rc == 1;
    if (rc == 0 && c->refused++ == 0)
        memcpy(c->reason, answer.reason, sizeof c->reason);
    return tp_emit(tp, &tp_risk_answer_record, &answer);
}

static int
ask_option(struct check *c)
{
    const struct check_args *a = c->args;
    struct tp_ctx           *tp = c->tp;
    struct tp_order          o;

    tp_record_init(&tp_order_record, &o);
    if (tp_dec_none(a->quantity) || tp_dec_sign(a->quantity) <= 0)
        return tp_fail(&tp->err, TP_EUSAGE, "--quantity: want a number above zero");
    if (!tp_text_set(o.symbol, sizeof o.symbol, a->symbol, strlen(a->symbol)))
        return tp_fail(&tp->err, TP_EUSAGE, "--symbol: want at most %zu bytes", sizeof o.symbol - 1);
    tp_text_set(o.side, sizeof o.side, a->side, strlen(a->side));
    tp_text_set(o.order_type, sizeof o.order_type, a->type, strlen(a->type));
    o.quantity = a->quantity;
    o.price = a->price;
    o.stop_price = a->stop_price;
    o.leverage = a->leverage;
    return ask(c, &o);
}

/* Each line is an order's record, asked for by itself. */
static int
ask_lines(struct check *c)
{
    struct tp_ctx  *tp = c->tp;
    struct tp_lines lines;
    struct tp_order o;
    const char     *line;
    size_t          n;
    int             got;

    tp_lines_init(&lines, 0);
    while ((got = tp_lines_next(&lines, &line, &n, &tp->err)) > 0) {
        got = tp_record_parse(&tp_order_record, line, n, &o, &tp->arena, &tp->err);
        if (got == 0)
            got = tp_fail(&tp->err, TP_EINPUT, "want a record of type 'order'");
        if (got < 0) {
            tp_where(&tp->err, "line %lld", (long long)lines.number);
            break;
        }
        if (ask(c, &o)) {
            got = -1;
            break;
        }
    }
    tp_lines_free(&lines);
    return got;
}

static int
cmd_check(struct tp_ctx *tp, const void *args)
{
    const struct check_args *a = args;
    struct check             c = {.tp = tp, .args = a};
    int                      rc;

    if (tp->n_operands && strcmp(tp->operands[0], "-") != 0)
        return tp_fail(&tp->err, TP_EUSAGE, "want - for orders on standard input, not '%.60s'", tp->operands[0]);
    if (tp->n_operands && a->symbol)
        return tp_fail(&tp->err, TP_EUSAGE, "- and --symbol exclude each other");
    rc = tp_user_begin(tp, &c.user) || find_bot(tp, a->bot, &c.bot) || check_limits(&c) ? -1 : 0;
    if (rc == 0 && tp->n_operands)
        rc = ask_lines(&c);
    else if (rc == 0 && a->symbol)
        rc = ask_option(&c);
    tp_gate_free(&c.gate);
    free(c.rows);
    if (rc || c.refused == 0)
        return rc;
    return tp_fail(&tp->err, TP_EREFUSED, "%lld would be refused: %s", (long long)c.refused, c.reason);
}

/* ---- halt, resume ------------------------------------------------------------------------------- */

struct halt_args {
    const char *account, *bot, *environment, *reason;
    bool        dry_run;
};

#define SCOPE_OPTS(type)                                                                           \
    OPT_ACCOUNT(type, account, "this account alone"), OPT_BOT(type, bot, "this bot alone"),        \
        OPT_ENVIRONMENT(type, environment, "this environment alone")

static const struct tp_opt halt_opts[] = {
    SCOPE_OPTS(struct halt_args),
    OPT_TEXT(struct halt_args, reason, 0, "reason", "TEXT", "why", .fallback = "by hand"),
    OPT_FLAG(struct halt_args, dry_run, 0, "dry-run", "say what would happen"),
    OPT_STOP,
};

struct scope_words {
    const char *account, *bot, *environment;
};

/* The scope that the options name, and who acts. */
static int
read_scope(struct tp_ctx *tp, struct tp_uuid user, const struct scope_words *w, struct tp_halt *h)
{
    struct tp_account_filter filter = {.which = w->account};
    struct tp_account        account;
    const char              *environment = tp_environment_of(w->environment);

    tp_record_init(&tp_halt_record, h);
    h->user_id = user;
    if (environment)
        tp_text_set(h->environment, sizeof h->environment, environment, strlen(environment));
    if (w->account) {
        if (find_account(tp, user, &filter, &account))
            return -1;
        h->account_id = account.id;
    }
    return find_bot(tp, w->bot, &h->bot_id);
}

/* Who acts, for the row: as named, else by id. */
static void
name_user(const struct tp_ctx *tp, struct tp_uuid user, char out[256])
{
    char id[TP_UUID_TEXT];

    tp_uuid_print(id, user);
    if (!tp->user || !tp_text_set(out, 256, tp->user, strlen(tp->user)))
        tp_text_set(out, 256, id, strlen(id));
}

/* The latch and what follows from it, in one transaction. */
static int
stop(struct tp_ctx *tp, const struct halt_args *a, struct tp_halt *h, struct tp_halt_report *report)
{
    struct tp_time now = tp_time_now();
    char           who[256];
    int            fresh;

    name_user(tp, h->user_id, who);
    if (!tp_text_set(h->reason, sizeof h->reason, a->reason, strlen(a->reason)) || !a->reason[0])
        return tp_fail(&tp->err, TP_EUSAGE, "--reason: want 1 to %zu bytes", sizeof h->reason - 1);
    memcpy(h->halted_by, who, sizeof h->halted_by);
    if (tp_halt_prepare(tp->db, h, now, &tp->arena, &tp->err) || tp_db_commit(tp->db, &tp->err)
        || tp_db_begin_as(tp->db, h->user_id, &tp->err))
        return -1;
    fresh = tp_halt_begin(tp->db, h, &tp->err);
    if (fresh < 0 || tp_halt_stop(tp->db, h, now, report, &tp->arena, &tp->err)
        || (a->dry_run ? tp_db_rollback(tp->db, &tp->err) : tp_db_commit(tp->db, &tp->err)))
        return -1;
    if (!fresh)
        tp_note(tp, "it is halted already: '%s' by %s", h->reason, h->halted_by);
    return 0;
}

/* Candles that an account on paper has not met yet close its positions at once.  The halt
 * stands whatever comes of it; an account that another copy is at is met by that one, a bot's by its next tick. */
static int
meet_candles(struct tp_ctx *tp, const struct tp_halt *h)
{
    struct tp_account_filter filter = {.environment = "PAPER"};
    struct tp_sync_opts      opts = {.user = h->user_id, .until = tp_time_now(), .listener = tp_listener(tp, false, false)};
    struct tp_sync_done      done;
    TP_AUTO_ROWS             rows = NULL;
    int                      got;

    if (!tp_uuid_none(h->bot_id) || (h->environment[0] && strcmp(h->environment, "PAPER") != 0))
        return 0;
    if (tp_db_begin_as(tp->db, h->user_id, &tp->err)
        || tp_account_list(tp->db, h->user_id, &filter, &rows, &tp->err) || tp_db_commit(tp->db, &tp->err))
        return -1;
    while ((got = tp_rows_next(rows, &tp_account_record, &opts.account, &tp->arena, &tp->err)) > 0) {
        if (!tp_uuid_none(opts.account.bot_id)
            || (!tp_uuid_none(h->account_id) && !tp_uuid_equal(h->account_id, opts.account.id))
            || tp_account_sync(tp, &opts, &done) == 0)
            continue;
        if (tp->err.code != TP_EBUSY && tp->err.code != TP_EREFUSED)
            return -1;
        tp_warn(tp, "%s", tp->err.msg);
        tp->err = (struct tp_err)TP_ERR_INIT;
    }
    return got;
}

static int
verify(struct tp_ctx *tp, const struct tp_halt *h, struct tp_halt_report *report)
{
    return tp_db_begin_as(tp->db, h->user_id, &tp->err)
                   || tp_halt_verify(tp->db, h, report, &tp->arena, &tp->err) || tp_db_commit(tp->db, &tp->err)
               ? -1
               : 0;
}

static int
cmd_halt(struct tp_ctx *tp, const void *args)
{
    const struct halt_args *a = args;
    struct scope_words      words = {a->account, a->bot, a->environment};
    struct tp_halt_report   report;
    struct tp_halt          h;
    struct tp_uuid          user;

    if (tp_user_begin(tp, &user) || read_scope(tp, user, &words, &h) || stop(tp, a, &h, &report)
        || (!a->dry_run && meet_candles(tp, &h)) || verify(tp, &h, &report) || tp_emit(tp, &tp_halt_record, &h)
        || tp_emit(tp, &tp_halt_report_record, &report))
        return -1;
    if (a->dry_run)
        return 0;
    tp_note(tp, "'tp-risk resume' with the same options lets orders pass again; it places and reopens nothing");
    if (report.open_positions == 0 && report.open_orders == 0)
        return 0;
    tp_fail(&tp->err, TP_EPENDING, "%lld positions and %lld orders are still open",
            (long long)report.open_positions, (long long)report.open_orders);
    return tp_hint(&tp->err, "positions close at the next candle ('tp-order sync', bots: 'tp-bot tick'); halt again to verify");
}

struct resume_args {
    const char *account, *bot, *environment;
    bool        yes;
};

static const struct tp_opt resume_opts[] = {
    SCOPE_OPTS(struct resume_args),
    OPT_FLAG(struct resume_args, yes, 'y', "yes", "do not ask"),
    OPT_STOP,
};

static int
cmd_resume(struct tp_ctx *tp, const void *args)
{
    const struct resume_args *a = args;
    struct scope_words        words = {a->account, a->bot, a->environment};
    struct tp_halt            h;
    struct tp_uuid            user;
    char                      who[256];
    int                       got;

    if (tp_confirm(tp, a->yes, "let orders pass again?") || tp_user_begin(tp, &user)
        || read_scope(tp, user, &words, &h))
        return -1;
    got = tp_halt_find(tp->db, &h, &tp->err);
    if (got < 0)
        return -1;
    if (got == 0) {
        tp_fail(&tp->err, TP_EREFUSED, "nothing is halted by these options");
        return tp_hint(&tp->err, "'tp-risk list' shows what is; each halt is lifted with its own options");
    }
    name_user(tp, user, who);
    if (tp_halt_end(tp->db, &h, who, &tp->err) || tp_db_commit(tp->db, &tp->err))
        return -1;
    return tp_emit(tp, &tp_halt_record, &h);
}

/* ---- the program -------------------------------------------------------------------------------- */

static const struct tp_cmd cmds[] = {
    {.name = "set", .help = "set limits of the user or of a bot; others stay", .opts = set_opts,
     .args_size = sizeof(struct set_args), .run = cmd_set,
     .examples = "tp-risk set --max-position-size 5000 --max-daily-loss 250\n"
                 "tp-risk set --rule allowed_symbols=BTCUSDT,ETHUSDT --rule max_open_orders=20"},
    {.name = "unset", .help = "take limits away: the named ones, or all of the user's or the bot's",
     .opts = bot_opts, .args_size = sizeof(struct bot_args), .run = cmd_unset, .operands = "[LIMIT...]",
     .max_operands = SIZE_MAX, .examples = "tp-risk unset max_drawdown allowed_symbols"},
    {.name = "list", .help = "list all limits, and what is halted", .run = cmd_list},
    {.name = "show", .help = "show the limits of the user or of a bot", .opts = bot_opts,
     .args_size = sizeof(struct bot_args), .run = cmd_show},
    {.name = "check", .help = "print what is left of each limit, and whether an order would pass",
     .opts = check_opts, .args_size = sizeof(struct check_args), .run = cmd_check, .operands = "[-]",
     .max_operands = 1,
     .examples = "tp-risk check -s BTCUSDT -q 0.1        # 5: it would be refused\n"
                 "tp-order list -o json | tp-risk check - # orders of a file or a pipe"},
    {.name = "halt", .help = "stop: cancel what rests, close what is open, refuse what opens", .opts = halt_opts,
     .args_size = sizeof(struct halt_args), .run = cmd_halt,
     .examples = "tp-risk halt --reason 'prices are wrong'\ntp-risk halt --bot trend --dry-run"},
    {.name = "resume", .help = "lift a halt", .opts = resume_opts, .args_size = sizeof(struct resume_args),
     .run = cmd_resume},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
    static const struct tp_prog prog = {
        .name = "tp-risk",
        .help = "what a user and a bot may do at most, and the brake",
        .cmds = cmds,
        .examples = "tp-risk set --max-position-size 5000\ntp-risk check -o table\ntp-risk halt",
        .db_role = "tp_app",
    };

    return tp_main(&prog, argc, argv);
}
