/* tp-position rebuild - every position computed again from its fills. */
#include "base/db.h"
#include "cmd/options.h"
#include "cmd/position.h"
#include "store/account.h"
#include "store/rebuild.h"
#include "store/user.h"

#include "base/banned.h"

const struct tp_opt tp_rebuild_opts[] = {
    OPT_FLAG(struct tp_rebuild_args, check, 0, "check", "compare with what is stored; 11: something differs"),
    OPT_ACCOUNT(struct tp_rebuild_args, account, "this account alone, by name or id"),
    OPT_ENVIRONMENT(struct tp_rebuild_args, environment, "of this environment alone"),
    OPT_STOP,
};

static int
found(void *to, const struct tp_difference *d, struct tp_err *err)
{
    (void)err;
    return tp_emit(to, &tp_difference_record, d);
}

static int
check_all(struct tp_ctx *tp, struct tp_rows *accounts, struct tp_rebuild *r)
{
    int got;

    while ((got = tp_rows_next(accounts, &tp_account_record, &r->account, &tp->arena, &tp->err)) > 0)
        if (tp_stopped(&tp->err) || tp_rebuild_account(r, tp->db, &tp->err))
            return -1;
    return got;
}

int
tp_position_rebuild(struct tp_ctx *tp, const void *args)
{
    const struct tp_rebuild_args *a = args;
    struct tp_account_filter      filter = {.which = a->account, .environment = tp_environment_of(a->environment)};
    struct tp_rebuild             r = {.to = tp, .found = found};
    struct tp_account             one;
    struct tp_uuid                user;
    TP_AUTO_ROWS                  accounts = NULL;

    if (!a->check) {
        tp_fail(&tp->err, TP_EUSAGE, "want --check");
        return tp_hint(&tp->err, "positions are not rewritten: what differs is for a person to look at");
    }
    tp->db_statement_ms = 0; /* all fills are one statement */
    if (tp_ctx_db(tp) || tp_rebuild_prepare(tp->db, &tp->err) || tp_user_begin(tp, &user)
        || (a->account && tp_account_find(tp->db, user, &filter, &one, &tp->arena, &tp->err))
        || tp_account_list(tp->db, user, &filter, &accounts, &tp->err) || check_all(tp, accounts, &r)
        || tp_db_commit(tp->db, &tp->err))
        return -1;
    tp_note(tp, "%lld fills, %lld positions, %lld orders checked: %lld differences", (long long)r.trades,
            (long long)r.positions, (long long)r.orders, (long long)r.differences);
    if (r.differences == 0)
        return 0;
    return tp_fail(&tp->err, TP_EDRIFT, "%lld stored values are not what the fills make them",
                   (long long)r.differences);
}
