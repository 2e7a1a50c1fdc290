/* tp-order sync - orders on paper meet the stored candles. */
#include <string.h>

#include "base/db.h"
#include "cmd/account_sync.h"
#include "cmd/environment.h"
#include "cmd/listener.h"
#include "cmd/options.h"
#include "cmd/order.h"
#include "store/account.h"
#include "store/user.h"

#include "base/banned.h"

const struct tp_opt tp_sync_opts[] = {
    OPT_TIME(struct tp_sync_args, until, 0, "until", "only candles that have closed by this time (UTC); default: now"),
    OPT_ENVIRONMENT_PAPER(struct tp_sync_args, environment),
    OPT_LIVE(struct tp_sync_args, live),
    OPT_LISTENER(struct tp_sync_args),
    OPT_STOP,
};

struct accounts {
    struct tp_account *at;
    size_t             n;
};

static int
named(struct tp_ctx *tp, struct tp_uuid user, const char *environment, struct accounts *out)
{
    for (; out->n < tp->n_operands; out->n++) {
        struct tp_account_filter filter = {.which = tp->operands[out->n], .environment = environment};

        if (tp_account_find(tp->db, user, &filter, &out->at[out->n], &tp->arena, &tp->err))
            return -1;
        if (!tp_uuid_none(out->at[out->n].bot_id)) {
            tp_fail(&tp->err, TP_EREFUSED, "account %.60s belongs to a bot, which alone moves it", tp->operands[out->n]);
            return tp_hint(&tp->err, "'tp-bot tick' brings a bot and its account up to date");
        }
    }
    return 0;
}

static int
all_without_bot(struct tp_ctx *tp, struct tp_rows *rows, struct accounts *out)
{
    int got;

    while ((got = tp_rows_next(rows, &tp_account_record, &out->at[out->n], &tp->arena, &tp->err)) > 0)
        out->n += tp_uuid_none(out->at[out->n].bot_id);
    return got;
}

/* The accounts that the operands name, or all that no bot moves. */
static int
find_accounts(struct tp_ctx *tp, const char *environment, struct tp_uuid *user, struct accounts *out)
{
    struct tp_account_filter filter = {.environment = environment};
    bool                     all = tp->n_operands == 0;
    TP_AUTO_ROWS             rows = NULL;

    if (tp_user_begin(tp, user) || (all && tp_account_list(tp->db, *user, &filter, &rows, &tp->err)))
        return -1;
    out->at = tp_arena_get(&tp->arena, ((all ? tp_rows_count(rows) : tp->n_operands) + 1) * sizeof *out->at);
    return (all ? all_without_bot(tp, rows, out) : named(tp, *user, environment, out))
                   || tp_db_commit(tp->db, &tp->err)
               ? -1
               : 0;
}

/* What the account is called. */
static const char *
label(const struct tp_account *a, char id[TP_UUID_TEXT])
{
    tp_uuid_print(id, a->id);
    return a->name[0] ? a->name : id;
}

static int
sync_one(struct tp_ctx *tp, const struct tp_sync_args *a, struct tp_uuid user, const struct tp_account *account,
         size_t *waiting)
{
    struct tp_time      now = tp_time_now();
    struct tp_sync_opts opts = {.user = user,
                                .account = *account,
                                .until = tp_time_none(a->until) || a->until.us > now.us ? now : a->until,
                                .listener = tp_listener(tp, a->trades, a->equity)};
    struct tp_sync_done done;
    char                id[TP_UUID_TEXT];

    if (tp_account_sync(tp, &opts, &done))
        return tp_where(&tp->err, "account %.60s", label(account, id));
    tp_detail(tp, "%.60s: %lld bars", label(account, id), (long long)done.bars);
    if (!done.waits_for[0])
        return 0;
    tp_note(tp, "account %.60s waits for the next candle of %s", label(account, id), done.waits_for);
    ++*waiting;
    return 0;
}

/* Whether the next account is worth trying. */
static bool
goes_on(const struct tp_err *err)
{
    return err->code != TP_ESIGINT && err->code != TP_ESIGTERM && err->code != TP_EDB && err->code != TP_EUNKNOWN;
}

int
tp_order_sync(struct tp_ctx *tp, const void *args)
{
    const struct tp_sync_args *a = args;
    const char                *environment = tp_environment_trading(tp, a->environment, a->live);
    struct accounts            accounts = {0};
    struct tp_uuid             user;
    size_t                     failed = 0, waiting = 0;

    tp->db_statement_ms = 0; /* the server waits for us between two statements */
    if (!environment || find_accounts(tp, environment, &user, &accounts))
        return -1;
    for (size_t i = 0; i < accounts.n; i++) {
        if (tp_stopped(&tp->err))
            return -1;
        if (sync_one(tp, a, user, &accounts.at[i], &waiting) == 0)
            continue;
        failed++;
        if (accounts.n == 1 || !goes_on(&tp->err))
            return -1;
        tp_warn(tp, "%s", tp->err.msg);
        tp->err = (struct tp_err)TP_ERR_INIT;
    }
    if (failed)
        return tp_fail(&tp->err, TP_EPARTLY, "%zu of %zu accounts failed", failed, accounts.n);
    if (!waiting)
        return 0;
    tp_fail(&tp->err, TP_EPENDING, "candles wait in %zu of %zu accounts", waiting, accounts.n);
    return tp_hint(&tp->err, "import the candles of the instruments named, or close what is open there");
}
