/* tp-bot - strategies that trade, bar by bar, with an account on paper. */
#include <poll.h>
#include <string.h>

#include "base/prog.h"
#include "cmd/listener.h"
#include "cmd/options.h"
#include "cmd/process.h"
#include "store/account.h"
#include "store/bot.h"
#include "store/job.h"
#include "store/parity.h"
#include "store/perf.h"
#include "store/strategy.h"
#include "store/symbol.h"
#include "store/trader.h"
#include "store/user.h"

#include "base/banned.h"

/* ---- create ------------------------------------------------------------------------------------ */

struct create_args {
    const char        *strategy, *exchange, *symbol, *interval, *profile;
    struct tp_opt_list params, set;
    struct tp_dec      initial_balance;
    struct tp_time     from;
};

static const struct tp_opt create_opts[] = {
    OPT_TEXT(struct create_args, strategy, 'S', "strategy", "NAME",
             "builtin:NAME, a file, exec:PROGRAM, or a stored one: NAME, NAME@VERSION, its id", .complete = "strategy",
             .required = true),
    OPT_PARAM(struct create_args, params, "a parameter of the strategy"),
    OPT_EXCHANGE(struct create_args, exchange, "the venue", .fallback = "BINANCE", .config = "exchange"),
    OPT_SYMBOL(struct create_args, symbol, "the instrument", .required = true),
    OPT_INTERVAL(struct create_args, interval, "length of the bars", .required = true),
    OPT_DEC(struct create_args, initial_balance, 'c', "initial-balance", "N",
            "what its account begins with in quote currency", .fallback = "10000"),
    OPT_ENUM(struct create_args, profile, 'p', "profile", tp_profiles, "set of fill rules",
             .fallback = "conservative"),
    OPT_LIST(struct create_args, set, 0, "set", "KNOB=VALUE", "one fill rule"),
    OPT_TIME(struct create_args, from, 0, "from", "trade from the bar of this time on; else from its start on"),
    OPT_STOP,
};

/* The strategy as a stored one that can be run on these bars. */
static int
keep_strategy(struct tp_ctx *tp, const struct create_args *a, struct tp_uuid user, const struct tp_symbol *symbol,
              const struct tp_interval *interval, struct tp_uuid *id)
{
    struct tp_strategy_source found;
    struct tp_strategy_row    row;
    struct tp_strategy       *s;
    struct tp_strategy_opts   how = {.name = a->strategy, .params = a->params.at, .n_params = a->params.n,
                                     .interval = interval, .symbol = symbol, .run = true};
    int                       rc = 0;

    if (tp_strategy_load(tp, a->strategy, &found))
        return -1;
    how.text = found.text;
    how.n = found.n;
    how.foreign = found.foreign;
    if (tp_strategy_open(&s, &how, &tp->err) || tp_db_begin_as(tp->db, user, &tp->err))
        return -1;
    *id = found.id;
    if (tp_uuid_none(found.id)) {
        tp_record_init(&tp_strategy_record, &row);
        row.user_id = user;
        memcpy(row.name, found.name, sizeof row.name);
        row.parameters = s->document;
        tp_text_set(row.type, sizeof row.type, s->type, strlen(s->type));
        tp_text_set(row.content_sha256, sizeof row.content_sha256, s->hash, strlen(s->hash));
        rc = tp_strategy_keep(tp->db, &row, &tp->err);
        *id = row.id;
    }
    tp_strategy_close(s);
    return rc;
}

static int
cmd_create(struct tp_ctx *tp, const void *args)
{
    const struct create_args *a = args;
    struct tp_bot_config      config = {.interval = tp_interval_find(a->interval), .trade_from = TP_TIME_NONE,
                                        .from = TP_TIME_NONE};
    struct tp_symbol          symbol;
    struct tp_account         account;
    struct tp_bot             bot;
    struct tp_uuid            user;
    TP_AUTO_BUF               text = {0}, settings = {0};

    tp_record_init(&tp_bot_record, &bot);
    tp_record_init(&tp_account_record, &account);
    if (!tp_text_set(bot.name, sizeof bot.name, tp->operands[0], strlen(tp->operands[0])) || !bot.name[0])
        return tp_fail(&tp->err, TP_EUSAGE, "NAME: want 1 to 255 bytes");
    if (a->params.n > TP_BOT_PARAMS)
        return tp_fail(&tp->err, TP_EUSAGE, "--param: at most %d", TP_BOT_PARAMS);
    if (tp_knobs_settings(a->profile, a->set.at, a->set.n, &settings, &tp->err) || tp_user_begin(tp, &user)
        || tp_symbol_get(tp->db, a->exchange, a->symbol, &symbol, &tp->arena, &tp->err)
        || tp_db_commit(tp->db, &tp->err)
        || keep_strategy(tp, a, user, &symbol, config.interval, &bot.strategy_id))
        return -1;
    memcpy(config.exchange, symbol.exchange, sizeof config.exchange);
    memcpy(config.symbol, symbol.symbol, sizeof config.symbol);
    for (; config.n_params < a->params.n; config.n_params++)
        config.params[config.n_params] = a->params.at[config.n_params];
    if (!tp_time_none(a->from))
        config.from = tp_interval_floor(config.interval, a->from);
    tp_bot_config_print(&config, &text);

    memcpy(account.exchange, symbol.exchange, sizeof account.exchange);
    memcpy(account.currency, symbol.quote_currency, sizeof account.currency);
    tp_text_set(account.environment, sizeof account.environment, "PAPER", 5);
    account.user_id = user;
    account.initial_balance = a->initial_balance;
    account.settings = settings.at;
    // a bot on old bars lives in their time: its capital is paid in before its first day, not during every day since
    account.created_at = tp_time_now();
    if (!tp_time_none(config.from) && config.from.us < account.created_at.us)
        account.created_at = config.from;
    tp_text_set(account.position_mode, sizeof account.position_mode, "ONE_WAY", 7);
    if (tp_account_add(tp->db, &account, &tp->err))
        return -1;
    bot.user_id = user;
    bot.account_id = account.id;
    memcpy(bot.environment, account.environment, sizeof account.environment);
    bot.config = text.at;
    return tp_bot_add(tp->db, &bot, &tp->arena, &tp->err) || tp_db_commit(tp->db, &tp->err)
                   || tp_emit(tp, &tp_bot_record, &bot)
               ? -1
               : 0;
}

/* ---- list, show -------------------------------------------------------------------------------- */

struct list_args {
    const char *status, *environment;
    bool        deleted;
    int64_t     limit;
};

static const struct tp_opt list_opts[] = {
    OPT_ENUM(struct list_args, status, 0, "status", tp_bot_statuses, "in this state alone"),
    OPT_ENUM(struct list_args, environment, 0, "environment", tp_environments, "of this environment alone"),
    OPT_DELETED(struct list_args, deleted),
    OPT_LIMIT(struct list_args, limit, "1000"),
    OPT_STOP,
};

static int
cmd_list(struct tp_ctx *tp, const void *args)
{
    const struct list_args *a = args;
    struct tp_bot_filter    filter = {.status = a->status, .environment = a->environment, .deleted = a->deleted,
                                      .limit = a->limit};
    TP_AUTO_ROWS            rows = NULL;
    struct tp_uuid          user;

    return tp_user_begin(tp, &user) || tp_bot_list(tp->db, &filter, &rows, &tp->err)
                   || tp_emit_rows(tp, &tp_bot_record, rows)
               ? -1
               : 0;
}

/* Begins a transaction of the acting user and finds the bot that the i-th operand names. */
static int
begin_bot(struct tp_ctx *tp, size_t i, bool deleted, struct tp_uuid *user, struct tp_bot *bot)
{
    return tp_user_begin(tp, user) || tp_bot_get(tp->db, tp->operands[i], deleted, bot, &tp->arena, &tp->err) ? -1 : 0;
}

static int
cmd_show(struct tp_ctx *tp, const void *args)
{
    struct tp_uuid user;
    struct tp_bot  bot;

    (void)args;
    return begin_bot(tp, 0, false, &user, &bot) || tp_emit(tp, &tp_bot_record, &bot) ? -1 : 0;
}

/* ---- start, stop, pause, resume, set, delete, restore ------------------------------------------- */

/* The first bar: the next one, with a warm-up of bars before it. */
static int
begin_now(struct tp_ctx *tp, struct tp_bot *bot)
{
    struct tp_bot_config    config;
    struct tp_strategy     *s;
    TP_AUTO_BUF             text = {0};

    if (tp_bot_config_read(&config, bot->config, &tp->arena, &tp->err))
        return -1;
    if (!tp_time_none(config.from))
        return 0;
    if (tp_bot_strategy(tp->db, bot, &config, NULL, &s, &tp->arena, &tp->err))
        return -1;
    config.trade_from = tp_interval_floor(config.interval, tp_time_now());
    config.trade_from.us += config.interval->us;
    config.from.us = config.trade_from.us - (s->warmup + 1) * config.interval->us;
    tp_strategy_close(s);
    tp_bot_config_print(&config, &text);
    return tp_bot_set(tp->db, bot, NULL, (struct tp_uuid){{0}}, text.at, &tp->arena, &tp->err);
}

/* Brings the bot from one of some states (a JSON list) to another. */
static int
change(struct tp_ctx *tp, const char *to, const char *from, const char *event)
{
    struct tp_uuid user;
    struct tp_bot  bot;

    return begin_bot(tp, 0, false, &user, &bot) || (strcmp(event, "started") == 0 && begin_now(tp, &bot))
                   || tp_bot_status(tp->db, &bot, to, from, event, &tp->arena, &tp->err)
                   || tp_db_commit(tp->db, &tp->err) || tp_emit(tp, &tp_bot_record, &bot)
               ? -1
               : 0;
}

static int
cmd_start(struct tp_ctx *tp, const void *args)
{
    (void)args;
    return change(tp, "running", "[\"stopped\", \"error\"]", "started");
}

static int
cmd_stop(struct tp_ctx *tp, const void *args)
{
    (void)args;
    return change(tp, "stopped", "[\"running\", \"paused\", \"error\"]", "stopped");
}

static int
cmd_pause(struct tp_ctx *tp, const void *args)
{
    (void)args;
    return change(tp, "paused", "[\"running\"]", "paused");
}

static int
cmd_resume(struct tp_ctx *tp, const void *args)
{
    (void)args;
    return change(tp, "running", "[\"paused\"]", "resumed");
}

struct set_args {
    const char *name;
};

static const struct tp_opt set_opts[] = {
    OPT_TEXT(struct set_args, name, 0, "name", "NAME", "another name"),
    OPT_STOP,
};

static int
cmd_set(struct tp_ctx *tp, const void *args)
{
    const struct set_args *a = args;
    struct tp_uuid         user;
    struct tp_bot          bot;

    if (!a->name)
        return tp_fail(&tp->err, TP_EUSAGE, "there is nothing to change");
    if (!a->name[0] || strlen(a->name) >= sizeof bot.name)
        return tp_fail(&tp->err, TP_EUSAGE, "--name: want 1 to 255 bytes");
    return begin_bot(tp, 0, false, &user, &bot)
                   || tp_bot_set(tp->db, &bot, a->name, (struct tp_uuid){{0}}, NULL, &tp->arena, &tp->err)
                   || tp_db_commit(tp->db, &tp->err) || tp_emit(tp, &tp_bot_record, &bot)
               ? -1
               : 0;
}

/* Nobody brings a deleted bot's account its candles, so nothing may be left there. */
static int
check_left(struct tp_ctx *tp, const struct tp_bot *bot)
{
    int left = tp_bot_holds(tp->db, bot, &tp->err);

    if (left <= 0)
        return left;
    tp_fail(&tp->err, TP_EREFUSED, "the bot has an order that works or a position that is open");
    return tp_hint(&tp->err, "'tp-order cancel', 'tp-position close' and 'tp-bot tick --all' end them");
}

static int
delete_or_restore(struct tp_ctx *tp, bool on)
{
    struct tp_uuid user;
    struct tp_bot  bot;

    return begin_bot(tp, 0, !on, &user, &bot) || (on && check_left(tp, &bot)) || tp_bot_delete(tp->db, &bot, on, &tp->arena, &tp->err)
                   || tp_db_commit(tp->db, &tp->err) || tp_emit(tp, &tp_bot_record, &bot)
               ? -1
               : 0;
}

static int
cmd_delete(struct tp_ctx *tp, const void *args)
{
    (void)args;
    return delete_or_restore(tp, true);
}

static int
cmd_restore(struct tp_ctx *tp, const void *args)
{
    (void)args;
    return delete_or_restore(tp, false);
}

/* ---- tick, run ---------------------------------------------------------------------------------- */

struct work_args {
    const char    *orders, *record;
    struct tp_time until;
    int64_t        poll;
    bool           all, trades, equity;
};

#define OPT_WORK                                                                                   \
    OPT_TEXT(struct work_args, orders, 0, "orders", "FILE",                                        \
             "orders (JSON lines) in the place of the strategy's", .complete = "file"),            \
        OPT_RECORD(struct work_args, record),                                                      \
        OPT_LISTENER(struct work_args)

static const struct tp_opt tick_opts[] = {
    OPT_FLAG(struct work_args, all, 'a', "all", "every bot that runs, pauses or has left something to fill or to close"),
    OPT_TIME(struct work_args, until, 0, "until", "only bars that have closed by this time"),
    OPT_WORK,
    OPT_STOP,
};

static const struct tp_opt run_opts[] = {
    OPT_INT(struct work_args, poll, 0, "poll", "SECONDS", 1, 3600, "look for new bars so often", .fallback = "1"),
    OPT_WORK,
    OPT_STOP,
};

/* Whether its strategy trades, or at least looks on. */
static bool
awake(const struct tp_bot *bot)
{
    return strcmp(bot->status, "running") == 0 || strcmp(bot->status, "paused") == 0;
}

/* Waits for the next look; 1, or 0 when the bot was stopped meanwhile, -1 when a signal came. */
static int
wait_for(struct tp_ctx *tp, const struct work_args *a, struct tp_uuid user, struct tp_bot *bot)
{
    struct pollfd signal = {.fd = tp_signal_fd(), .events = POLLIN};
    char          id[TP_UUID_TEXT];

    if (tp_out_flush(&tp->out, &tp->err))
        return -1;
    poll(&signal, 1, (int)a->poll * 1000);
    tp_uuid_print(id, bot->id);
    if (tp_stopped(&tp->err) || tp_db_begin_as(tp->db, user, &tp->err)
        || tp_bot_get(tp->db, id, false, bot, &tp->arena, &tp->err) || tp_db_commit(tp->db, &tp->err))
        return -1;
    return awake(bot);
}

/* Handles the bars that are there, and with a.poll those that come. */
static int
work(struct tp_ctx *tp, const struct work_args *a, struct tp_uuid user, struct tp_bot *bot,
     const struct tp_orders *orders, bool *broken)
{
    struct tp_process_starter by = {tp, a->record, true};
    struct tp_trader_opts opts = {
        .starter = {&by, tp_process_start},
        .user = user,
        .bot = bot,
        .orders = orders,
        .resting = !awake(bot),
        .listener = tp_listener(tp, a->trades, a->equity)};
    struct tp_trader *t;
    int64_t           bars, all = 0;
    int               more = tp_trader_open(&t, tp->db, &opts, &tp->err) ? -1 : 1;

    while (more > 0) {
        tp_trader_mute(t, strcmp(bot->status, "paused") == 0);
        while ((more = tp_trader_next(t, tp_time_none(a->until) ? tp_time_now() : a->until, &bars, &tp->err)) > 0)
            if (tp_stopped(&tp->err)) {
                more = -1;
                break;
            }
        all += bars;
        if (more == 0 && a->poll)
            more = wait_for(tp, a, user, bot);
    }
    if (more == 0)
        more = tp_trader_end(t, &tp->err);
    *broken = tp_trader_failed(t);
    tp_trader_close(t);
    tp_detail(tp, "%s: %lld bars", bot->name, (long long)all);
    return more;
}

/* What a bot's job is given. */
struct bot_job {
    struct tp_ctx          *tp;
    const struct work_args *args;
    struct tp_uuid          user;
    struct tp_bot          *bot;
    const struct tp_orders *orders;
};

/* What the bot itself is to blame for stops it until somebody looks. */
static int
note_error(struct tp_ctx *tp, struct tp_uuid user, struct tp_bot *bot, bool broken)
{
    struct tp_err why = tp->err, err = TP_ERR_INIT;

    if (!broken && why.code != TP_EINPUT && why.code != TP_EREFUSED && why.code != TP_EMISSING)
        return -1;
    if (tp_db_in_transaction(tp->db))
        tp_db_rollback(tp->db, &err);
    if (tp_db_begin_as(tp->db, user, &err) == 0
        && tp_bot_status(tp->db, bot, "error", "[\"running\", \"paused\"]", "error", &tp->arena, &err) == 0)
        tp_db_commit(tp->db, &err);
    else if (tp_db_in_transaction(tp->db))
        tp_db_rollback(tp->db, &err);
    tp->err = why;
    return -1;
}

static int
run_job(void *to, struct tp_err *err)
{
    struct bot_job *j = to;
    bool            broken = false;

    (void)err; /* the context's */
    return work(j->tp, j->args, j->user, j->bot, j->orders, &broken) ? note_error(j->tp, j->user, j->bot, broken) : 0;
}

static int
work_as_job(struct tp_ctx *tp, const struct work_args *a, struct tp_uuid user, struct tp_bot *bot,
            const struct tp_orders *orders)
{
    struct bot_job job = {tp, a, user, bot, orders};
    char           name[64] = "bot ";

    tp_uuid_print(name + 4, bot->id);
    return tp_job_run(tp->db, user, name, run_job, &job, &tp->err) ? tp_where(&tp->err, "bot %.60s", bot->name) : 0;
}

static int
holds(struct tp_ctx *tp, struct tp_uuid user, const struct tp_bot *bot)
{
    int got = tp_db_begin_as(tp->db, user, &tp->err) ? -1 : tp_bot_holds(tp->db, bot, &tp->err);

    return got < 0 || tp_db_commit(tp->db, &tp->err) ? -1 : got;
}

/* A bot that is named and does not run: a tick lets what it has left behind meet the market, and says so. */
static int
not_awake(struct tp_ctx *tp, const struct work_args *a, struct tp_uuid user, struct tp_bot *bot)
{
    int left = a->poll ? 0 : holds(tp, user, bot);

    if (left < 0 || (left && work_as_job(tp, a, user, bot, NULL)))
        return -1;
    tp_fail(&tp->err, TP_EREFUSED, left ? "the bot is %s: only its orders and its position have met the candles" : "the bot is %s",
            bot->status);
    return tp_hint(&tp->err, "'tp-bot start %s' lets it run", bot->name);
}

/* The bots that the operands name, or all that run, pause or have left something behind. */
struct bots {
    struct tp_bot *at;
    size_t         n;
};

static int
find_bots(struct tp_ctx *tp, bool all, struct tp_uuid *user, struct bots *out)
{
    struct tp_bot_filter filter = {.limit = 100000};
    TP_AUTO_ROWS         rows = NULL;
    int                  got = 1;

    if (tp_user_begin(tp, user) || (all && tp_bot_list(tp->db, &filter, &rows, &tp->err)))
        return -1;
    out->at = tp_arena_get(&tp->arena, ((all ? tp_rows_count(rows) : tp->n_operands) + 1) * sizeof *out->at);
    for (size_t i = 0; !all && i < tp->n_operands; i++, out->n++)
        if (tp_bot_get(tp->db, tp->operands[i], false, &out->at[i], &tp->arena, &tp->err))
            return -1;
    while (all && (got = tp_rows_next(rows, &tp_bot_record, &out->at[out->n], &tp->arena, &tp->err)) > 0) {
        int taken = awake(&out->at[out->n]) ? 1 : tp_bot_holds(tp->db, &out->at[out->n], &tp->err);

        if (taken < 0)
            return -1;
        out->n += taken > 0;
    }
    return got < 0 || tp_db_commit(tp->db, &tp->err) ? -1 : 0;
}

static int
cmd_tick(struct tp_ctx *tp, const void *args)
{
    const struct work_args *a = args;
    struct tp_orders        orders = {0};
    struct bots             bots = {0};
    struct tp_uuid          user;
    size_t                  failed = 0;
    int                     rc = 0;

    if (tp_exclusive(tp, a->all, "--all", tp->n_operands > 0, "BOT"))
        return -1;
    if (!a->all && tp->n_operands == 0)
        return tp_fail(&tp->err, TP_EUSAGE, "want the name of a bot, or --all");
    if (a->orders && (a->all || tp->n_operands != 1))
        return tp_fail(&tp->err, TP_EUSAGE, "--orders: goes with one bot");
    tp->db_statement_ms = 0; /* the server waits for us between two statements */
    if ((a->orders && tp_orders_read(&orders, a->orders, &tp->arena, &tp->err))
        || find_bots(tp, a->all, &user, &bots))
        rc = -1;
    for (size_t i = 0; i < bots.n && !rc; i++) {
        struct tp_bot *bot = &bots.at[i];

        if ((a->all || awake(bot) ? work_as_job(tp, a, user, bot, a->orders ? &orders : NULL) : not_awake(tp, a, user, bot)) == 0)
            continue;
        failed++;
        if (bots.n == 1 || tp->err.code == TP_ESIGINT || tp->err.code == TP_ESIGTERM || tp->err.code == TP_EDB)
            rc = -1;
        else
            tp_warn(tp, "%s", tp->err.msg);
    }
    tp_orders_free(&orders);
    if (!rc && failed)
        return tp_fail(&tp->err, TP_EPARTLY, "%zu of %zu bots failed", failed, bots.n);
    return rc;
}

static int
cmd_run(struct tp_ctx *tp, const void *args)
{
    const struct work_args *a = args;
    struct work_args        forever = *a;
    struct tp_orders        orders = {0};
    struct tp_uuid          user;
    struct tp_bot           bot;
    int                     rc;

    forever.until = TP_TIME_NONE;
    tp->db_statement_ms = 0;
    tp->out.line_flush = true;
    rc = (a->orders && tp_orders_read(&orders, a->orders, &tp->arena, &tp->err))
                 || begin_bot(tp, 0, false, &user, &bot) || tp_db_commit(tp->db, &tp->err)
                 || (awake(&bot) ? work_as_job(tp, &forever, user, &bot, a->orders ? &orders : NULL)
                                 : not_awake(tp, &forever, user, &bot))
             ? -1
             : 0;
    tp_orders_free(&orders);
    return rc;
}

/* ---- status, perf, parity ----------------------------------------------------------------------- */

/* A line of `status`. */
struct standing {
    struct tp_uuid id;
    char           name[256], status[8], environment[11];
    char           exchange[TP_EXCHANGE_SIZE], symbol[TP_SYMBOL_SIZE], interval[4], strategy[TP_STRATEGY_NAME_SIZE];
    struct tp_time cursor, last_run_at;
    char           side[6];
    struct tp_dec  quantity, entry_price, unrealized_pnl, balance, equity;
    int64_t        open_orders, fills;
    struct tp_time last_success;
    int64_t        last_exit_code;
    const char    *last_message;
};

static const struct tp_field standing_fields[] = {
    F_UUID(struct standing, id, "the bot", .wide = true),
    F_TEXT(struct standing, name, "what its owner calls it"),
    F_TEXT(struct standing, status, "running, stopped, error or paused"),
    F_TEXT(struct standing, environment, "PAPER, TESTNET or PRODUCTION", .wide = true),
    F_TEXT(struct standing, exchange, "code of the venue"),
    F_TEXT(struct standing, symbol, "the instrument"),
    F_TEXT(struct standing, interval, "length of the bars"),
    F_TEXT(struct standing, strategy, "what it follows"),
    F_TIME(struct standing, cursor, "close of the last bar that it handled"),
    F_TIME(struct standing, last_run_at, "when it last handled bars", .wide = true),
    F_TEXT(struct standing, side, "LONG or SHORT; null: flat"),
    F_DEC(struct standing, quantity, "base currency held"),
    F_DEC(struct standing, entry_price, "average entry"),
    F_DEC(struct standing, unrealized_pnl, "result of it at the last mark"),
    F_VOLUME(struct standing, balance, "of its account", .wide = true),
    F_VOLUME(struct standing, equity, "balance and unrealised result"),
    F_INT(struct standing, open_orders, "orders that work"),
    F_INT(struct standing, fills, "fills so far"),
    F_TIME(struct standing, last_success, "end of the last tick that succeeded", .wide = true),
    F_INT(struct standing, last_exit_code, "how the last tick ended", .wide = true),
    F_LONG(struct standing, last_message, "what it said", .wide = true),
    F_STOP,
};

static const struct tp_record standing_record = {"bot_status", "how a bot stands", standing_fields,
                                                 sizeof(struct standing)};

static int
cmd_status(struct tp_ctx *tp, const void *args)
{
    TP_AUTO_ROWS   rows = NULL;
    struct tp_uuid user;
    struct tp_bot  bot;
    char           id[TP_UUID_TEXT] = "";

    (void)args;
    if (tp_user_begin(tp, &user))
        return -1;
    if (tp->n_operands) {
        if (tp_bot_get(tp->db, tp->operands[0], false, &bot, &tp->arena, &tp->err))
            return -1;
        tp_uuid_print(id, bot.id);
    }
    return tp_bot_standing(tp->db, id[0] ? id : NULL, &rows, &tp->err) || tp_emit_rows(tp, &standing_record, rows) ? -1 : 0;
}

struct perf_args {
    bool check;
};

static const struct tp_opt perf_opts[] = {
    OPT_FLAG(struct perf_args, check, 0, "check", "store nothing: prove what is stored from the fills"),
    OPT_STOP,
};

static int
on_day(void *to, const struct tp_performance *day, struct tp_err *err)
{
    (void)err;
    return tp_emit(to, &tp_performance_record, day);
}

static int
cmd_perf(struct tp_ctx *tp, const void *args)
{
    const struct perf_args *a = args;
    struct tp_uuid          user;
    struct tp_bot           bot;

    tp->db_statement_ms = 0;
    if (begin_bot(tp, 0, false, &user, &bot)
        || tp_perf_run(tp->db, &bot, !a->check, tp, a->check ? NULL : on_day, &tp->err)
        || tp_db_commit(tp->db, &tp->err))
        return -1;
    if (a->check)
        tp_note(tp, "%s: every day follows from its fills", bot.name);
    return 0;
}

struct parity_args {
    struct tp_dec tolerance;
};

static const struct tp_opt parity_opts[] = {
    OPT_DEC(struct parity_args, tolerance, 0, "tolerance", "N", "a gap in quote currency that is accepted", .fallback = "0"),
    OPT_STOP,
};

static int
on_difference(void *to, const struct tp_parity_difference *d, struct tp_err *err)
{
    (void)err;
    return tp_emit(to, &tp_parity_difference_record, d);
}

static int
cmd_parity(struct tp_ctx *tp, const void *args)
{
    const struct parity_args *a = args;
    struct tp_uuid            user;
    struct tp_bot             bot;
    struct tp_parity          parity;
    struct tp_process_starter by = {.tp = tp};
    struct tp_parity_opts     opts = {.bot = &bot, .starter = {&by, tp_process_start}, .to = tp, .each = on_difference};

    if (tp_dec_sign(a->tolerance) < 0)
        return tp_fail(&tp->err, TP_EUSAGE, "--tolerance: want a number that is not below zero");
    tp->db_statement_ms = 0;
    if (begin_bot(tp, 0, false, &user, &bot)
        || tp_parity_run(tp->db, &opts, &parity, &tp->err) || tp_db_commit(tp->db, &tp->err)
        || tp_emit(tp, &tp_parity_record, &parity))
        return -1;
    if (tp_dec_cmp(tp_dec_abs(parity.gap), a->tolerance) > 0
        || (parity.differences && tp_dec_sign(a->tolerance) == 0))
        return tp_fail(&tp->err, TP_EDRIFT, "%lld orders differ from the backtest of the same bars",
                       (long long)parity.differences);
    return 0;
}

/* ---- the program ------------------------------------------------------------------------------- */

#define ONE_BOT .operands = "BOT", .min_operands = 1, .max_operands = 1

static const struct tp_cmd cmds[] = {
    {.name = "create", .help = "make a bot with an account of its own on paper", .opts = create_opts,
     .args_size = sizeof(struct create_args), .run = cmd_create, .operands = "NAME", .min_operands = 1,
     .max_operands = 1,
     .examples = "tp-bot create trend -S builtin:sma-cross -P fast=10 -P slow=50 -s BTCUSDT -i 1h"},
    {.name = "list", .help = "list bots", .opts = list_opts, .args_size = sizeof(struct list_args), .run = cmd_list},
    {.name = "show", .help = "show one bot", .run = cmd_show, ONE_BOT},
    {.name = "start", .help = "let a bot trade from its next bar on", .run = cmd_start, ONE_BOT},
    {.name = "stop", .help = "let a bot rest; its orders and its position stay", .run = cmd_stop, ONE_BOT},
    {.name = "pause", .help = "let a bot want nothing new; what rests goes on to fill", .run = cmd_pause, ONE_BOT},
    {.name = "resume", .help = "undo pause", .run = cmd_resume, ONE_BOT},
    {.name = "tick", .help = "handle the bars that have closed since the last time, and end", .opts = tick_opts,
     .args_size = sizeof(struct work_args), .run = cmd_tick, .operands = "[BOT...]", .max_operands = SIZE_MAX,
     .examples = "tp-bot tick --all -o json | tp-event push              # from cron, every minute"},
    {.name = "run", .help = "handle bars as they come until a signal or 'stop'", .opts = run_opts,
     .args_size = sizeof(struct work_args), .run = cmd_run, ONE_BOT},
    {.name = "status", .help = "how bots stand: position, equity, how far they are", .run = cmd_status,
     .operands = "[BOT]", .max_operands = 1},
    {.name = "perf", .help = "roll up a bot's days from its fills; prove them with --check", .opts = perf_opts,
     .args_size = sizeof(struct perf_args), .run = cmd_perf, ONE_BOT,
     .examples = "tp-bot perf trend -o csv | tail -n 1\ntp-bot perf trend --check"},
    {.name = "parity", .help = "compare a bot's orders with a backtest of the same bars", .opts = parity_opts,
     .args_size = sizeof(struct parity_args), .run = cmd_parity, ONE_BOT,
     .examples = "tp-bot parity trend || echo 'the backtest would have traded otherwise'"},
    {.name = "set", .help = "change a bot", .opts = set_opts, .args_size = sizeof(struct set_args), .run = cmd_set,
     ONE_BOT},
    {.name = "delete", .help = "mark a bot as deleted", .run = cmd_delete, ONE_BOT},
    {.name = "restore", .help = "take back the deletion of a bot", .run = cmd_restore, ONE_BOT},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
    static const struct tp_prog prog = {
        .name = "tp-bot",
        .help = "strategies that trade, bar by bar",
        .cmds = cmds,
        .examples = "tp-bot create trend -S builtin:sma-cross -s BTCUSDT -i 1h && tp-bot start trend\n"
                    "tp-bot tick trend",
        .db_role = "tp_app",
    };

    return tp_main(&prog, argc, argv);
}
