/* tp-user - the people who own strategies, bots and accounts. */
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/db.h"
#include "base/json.h"
#include "base/prog.h"
#include "base/secret.h"
#include "cmd/options.h"
#include "store/account.h"
#include "store/user.h"
#include "trade/knobs.h"
#include "trade/order.h"

#include "base/banned.h"

#define PASSWORD_MIN 8 /* characters; NIST SP 800-63B, 5.1.1.2 */

/* A password in out->text and its hash; reads it as tp_secret_read does. */
static int
read_hash(struct tp_ctx *tp, int64_t fd, char hash[TP_BCRYPT_SIZE])
{
    struct tp_secret password;
    int              rc;

    if (tp_secret_read(&password, fd == TP_INT_NONE ? -1 : fd, "password", true, &tp->err))
        return -1;
    if (password.n < PASSWORD_MIN)
        rc = tp_fail(&tp->err, TP_EINPUT, "the password is shorter than %d bytes", PASSWORD_MIN);
    else
        rc = tp_bcrypt_hash(password.text, password.n, hash, &tp->err);
    tp_secret_wipe(&password);
    return rc;
}

/* What add and set share. */
static int
check_values(struct tp_ctx *tp, const struct tp_user_values *v)
{
    if (v->full_name && (strlen(v->full_name) > 255 || !tp_text_plain(v->full_name, strlen(v->full_name))))
        return tp_fail(&tp->err, TP_EUSAGE, "--name: want at most 255 bytes of UTF-8 without control characters");
    if (v->preferences && tp_json_object(v->preferences, &tp->err))
        return tp_usage(&tp->err, "--preferences");
    if (v->email && tp_user_email_check(v->email, &tp->err))
        return -1;
    if (tp_ctx_db(tp))
        return -1;
    if (v->timezone && tp_user_timezone_check(tp->db, v->timezone, &tp->err))
        return tp_where(&tp->err, "--timezone");
    return 0;
}

/* ---- add --------------------------------------------------------------------------------------- */

struct add_args {
    const char *name, *timezone, *preferences;
    int64_t     password_fd;
    bool        no_password;
};

static const struct tp_opt add_opts[] = {
    OPT_TEXT(struct add_args, name, 'n', "name", "NAME", "name for display"),
    OPT_TEXT(struct add_args, timezone, 0, "timezone", "ZONE", "time zone for display, such as Europe/Madrid"),
    OPT_TEXT(struct add_args, preferences, 0, "preferences", "JSON", "free-form settings, a JSON object"),
    OPT_INT(struct add_args, password_fd, 0, "password-fd", "N", 0, 1023,
            "read the password from this descriptor instead of the terminal or stdin"),
    OPT_FLAG(struct add_args, no_password, 0, "no-password", "make a user that no password fits"),
    OPT_STOP,
};

static int
cmd_add(struct tp_ctx *tp, const void *args)
{
    const struct add_args *a = args;
    struct tp_user_values  values = {.email = tp->operands[0], .full_name = a->name,
                                     .timezone = a->timezone, .preferences = a->preferences};
    struct tp_user         user;
    char                   hash[TP_BCRYPT_SIZE] = "!";

    if (tp_exclusive(tp, a->no_password, "--no-password", a->password_fd != TP_INT_NONE, "--password-fd")
        || check_values(tp, &values))
        return -1;
    if (!a->no_password && read_hash(tp, a->password_fd, hash))
        return -1;
    if (tp_user_add(tp->db, &values, hash, &user, &tp->arena, &tp->err))
        return -1;
    return tp_emit(tp, &tp_user_record, &user);
}

/* ---- list, show -------------------------------------------------------------------------------- */

struct list_args {
    bool deleted, all;
};

static const struct tp_opt list_opts[] = {
    OPT_FLAG(struct list_args, deleted, 0, "deleted", "deleted users instead of live ones"),
    OPT_FLAG(struct list_args, all, 'a', "all", "live and deleted users"),
    OPT_STOP,
};

static int
cmd_list(struct tp_ctx *tp, const void *args)
{
    const struct list_args *a = args;
    TP_AUTO_ROWS            rows = NULL;

    if (tp_ctx_db(tp) || tp_user_list(tp->db, NULL, a->all ? -1 : a->deleted, &rows, &tp->err))
        return -1;
    return tp_emit_rows(tp, &tp_user_record, rows);
}

static int
cmd_show(struct tp_ctx *tp, const void *args)
{
    struct tp_user user;

    (void)args;
    if (tp_ctx_db(tp) || tp_user_get(tp->db, tp->operands[0], -1, &user, &tp->arena, &tp->err))
        return -1;
    return tp_emit(tp, &tp_user_record, &user);
}

/* ---- set --------------------------------------------------------------------------------------- */

struct set_args {
    const char *email, *name, *timezone, *preferences;
    bool        active, inactive;
};

static const struct tp_opt set_opts[] = {
    OPT_TEXT(struct set_args, email, 0, "email", "EMAIL", "another address"),
    OPT_TEXT(struct set_args, name, 'n', "name", "NAME", "name for display"),
    OPT_TEXT(struct set_args, timezone, 0, "timezone", "ZONE", "time zone for display, such as Europe/Madrid"),
    OPT_TEXT(struct set_args, preferences, 0, "preferences", "JSON", "free-form settings, a JSON object"),
    OPT_FLAG(struct set_args, active, 0, "active", "programs act for the user again"),
    OPT_FLAG(struct set_args, inactive, 0, "inactive", "no program acts for the user"),
    OPT_STOP,
};

static int
cmd_set(struct tp_ctx *tp, const void *args)
{
    const struct set_args *a = args;
    struct tp_user_values  values = {.email = a->email, .full_name = a->name, .timezone = a->timezone,
                                     .preferences = a->preferences,
                                     .is_active = a->active ? 1 : a->inactive ? 0 : -1};
    struct tp_user         user;

    if (tp_exclusive(tp, a->active, "--active", a->inactive, "--inactive"))
        return -1;
    if (!a->email && !a->name && !a->timezone && !a->preferences && values.is_active < 0)
        return tp_fail(&tp->err, TP_EUSAGE, "there is nothing to change");
    if (check_values(tp, &values)
        || tp_user_get(tp->db, tp->operands[0], 0, &user, &tp->arena, &tp->err)
        || tp_user_set(tp->db, user.id, &values, &user, &tp->arena, &tp->err))
        return -1;
    return tp_emit(tp, &tp_user_record, &user);
}

/* ---- passwd, verify ---------------------------------------------------------------------------- */

struct password_args {
    int64_t password_fd;
};

static const struct tp_opt password_opts[] = {
    OPT_INT(struct password_args, password_fd, 0, "password-fd", "N", 0, 1023,
            "read the password from this descriptor instead of the terminal or stdin"),
    OPT_STOP,
};

static int
cmd_passwd(struct tp_ctx *tp, const void *args)
{
    const struct password_args *a = args;
    struct tp_user              user;
    char                        hash[TP_BCRYPT_SIZE];

    if (tp_ctx_db(tp) || tp_user_get(tp->db, tp->operands[0], 0, &user, &tp->arena, &tp->err)
        || read_hash(tp, a->password_fd, hash)
        || tp_user_hash_set(tp->db, user.id, hash, &tp->err)
        || tp_user_get(tp->db, tp->operands[0], 0, &user, &tp->arena, &tp->err))
        return -1;
    return tp_emit(tp, &tp_user_record, &user);
}

/* 0 when the password is the user's; a hash of an older kind is made anew on the way. */
static int
check_password(struct tp_ctx *tp, const struct tp_user *user, const struct tp_secret *password)
{
    char hash[TP_HASH_SIZE], fresh[TP_BCRYPT_SIZE];
    bool old = false;
    int  same;

    if (tp_user_hash_get(tp->db, user->id, hash, &tp->err))
        return -1;
    same = tp_bcrypt_verify(password->text, password->n, hash, &old, &tp->err);
    tp_wipe(hash, sizeof hash);
    if (same < 0)
        return -1;
    if (!same)
        return tp_fail(&tp->err, TP_EREFUSED, "the password does not match");
    if (!user->is_active)
        return tp_fail(&tp->err, TP_EREFUSED, "the user is not active");
    if (!old)
        return 0;
    return tp_bcrypt_hash(password->text, password->n, fresh, &tp->err)
                   || tp_user_hash_set(tp->db, user->id, fresh, &tp->err)
               ? -1
               : 0;
}

static int
cmd_verify(struct tp_ctx *tp, const void *args)
{
    const struct password_args *a = args;
    struct tp_secret            password;
    struct tp_user              user;
    int                         rc;

    if (tp_ctx_db(tp) || tp_user_get(tp->db, tp->operands[0], 0, &user, &tp->arena, &tp->err)
        || tp_secret_read(&password, a->password_fd == TP_INT_NONE ? -1 : a->password_fd, "password",
                          false, &tp->err))
        return -1;
    rc = check_password(tp, &user, &password);
    tp_secret_wipe(&password);
    if (rc || tp_user_login_stamp(tp->db, user.id, &tp->err)
        || tp_user_get(tp->db, tp->operands[0], 0, &user, &tp->arena, &tp->err))
        return -1;
    return tp_emit(tp, &tp_user_record, &user);
}

/* ---- deactivate, restore, erase ---------------------------------------------------------------- */

struct yes_args {
    bool yes;
};

static const struct tp_opt yes_opts[] = {
    OPT_FLAG(struct yes_args, yes, 'y', "yes", "do not ask"),
    OPT_STOP,
};

/* Changes the life of a user and prints the user as it is then. */
static int
change(struct tp_ctx *tp, int deleted, int (*how)(struct tp_db *, struct tp_uuid, struct tp_err *))
{
    struct tp_user user;
    char           id[TP_UUID_TEXT];

    if (tp_ctx_db(tp) || tp_user_get(tp->db, tp->operands[0], deleted, &user, &tp->arena, &tp->err))
        return -1;
    tp_uuid_print(id, user.id);
    if (how(tp->db, user.id, &tp->err)
        || tp_user_get(tp->db, id, -1, &user, &tp->arena, &tp->err))
        return -1;
    return tp_emit(tp, &tp_user_record, &user);
}

static int
cmd_deactivate(struct tp_ctx *tp, const void *args)
{
    const struct yes_args *a = args;

    if (tp_confirm(tp, a->yes, "delete the user with bots, strategies and connections?"))
        return -1;
    return change(tp, 0, tp_user_delete);
}

static int
cmd_restore(struct tp_ctx *tp, const void *args)
{
    (void)args;
    return change(tp, 1, tp_user_restore);
}

static int
cmd_erase(struct tp_ctx *tp, const void *args)
{
    const struct yes_args *a = args;

    if (tp_confirm(tp, a->yes, "empty everything that names the person? this cannot be undone"))
        return -1;
    return change(tp, -1, tp_user_erase);
}

/* ---- accounts ---------------------------------------------------------------------------------- */

struct account_add_args {
    const char        *exchange, *environment, *name, *currency, *position_mode, *profile;
    struct tp_dec      initial_balance;
    struct tp_opt_list set;
};

static const struct tp_opt account_add_opts[] = {
    OPT_EXCHANGE(struct account_add_args, exchange, "the venue", .required = true, .env = "TP_EXCHANGE",
                 .config = "exchange"),
    OPT_ENVIRONMENT_PAPER(struct account_add_args, environment),
    OPT_TEXT(struct account_add_args, name, 'n', "name", "NAME", "what to call it"),
    OPT_TEXT(struct account_add_args, currency, 0, "currency", "CURRENCY", "currency of its balance",
             .fallback = "USDT"),
    OPT_DEC(struct account_add_args, initial_balance, 0, "initial-balance", "N", "first deposit",
            .fallback = "0"),
    OPT_ENUM(struct account_add_args, position_mode, 0, "position-mode", tp_position_modes,
             "one position per instrument, or one per side", .fallback = "ONE_WAY"),
    OPT_ENUM(struct account_add_args, profile, 0, "profile", tp_profiles,
             "how its orders fill on paper", .fallback = "conservative"),
    OPT_LIST(struct account_add_args, set, 0, "set", "KNOB=VALUE",
             "one knob of the fill engine; tp-backtest run --list-knobs prints them"),
    OPT_STOP,
};

static int
account_field(struct tp_ctx *tp, const char *option, const char *text, char *field, size_t size)
{
    if (!text || (tp_text_utf8(text, strlen(text)) && *text && tp_text_set(field, size, text, strlen(text))))
        return 0;
    return tp_fail(&tp->err, TP_EUSAGE, "%s: want 1 to %zu bytes of UTF-8", option, size - 1);
}

static int
cmd_account_add(struct tp_ctx *tp, const void *args)
{
    const struct account_add_args *a = args;
    struct tp_account              account;
    TP_AUTO_BUF                    settings = {0};

    tp_record_init(&tp_account_record, &account);
    if (strcmp(a->environment, "paper") != 0) {
        tp_fail(&tp->err, TP_EREFUSED, "a %s account needs the venue's keys, which are not kept yet",
                a->environment);
        return tp_hint(&tp->err, "paper accounts need none");
    }
    if (tp_dec_sign(a->initial_balance) < 0)
        return tp_fail(&tp->err, TP_EUSAGE, "--initial-balance: want a number that is not below zero");
    account.initial_balance = a->initial_balance;
    account.created_at = tp_time_now();
    if (account_field(tp, "--exchange", a->exchange, account.exchange, sizeof account.exchange)
        || account_field(tp, "--name", a->name, account.name, sizeof account.name)
        || account_field(tp, "--currency", a->currency, account.currency, sizeof account.currency)
        || account_field(tp, "--position-mode", a->position_mode, account.position_mode,
                         sizeof account.position_mode)
        || account_field(tp, "--environment", "PAPER", account.environment, sizeof account.environment)
        || tp_knobs_settings(a->profile, a->set.at, a->set.n, &settings, &tp->err))
        return -1;
    account.settings = settings.at;
    if (tp_ctx_db(tp) || tp_user_acting(tp->db, tp->user, &account.user_id, &tp->err)
        || tp_account_add(tp->db, &account, &tp->err))
        return -1;
    account.balance = account.initial_balance;
    return tp_emit(tp, &tp_account_record, &account);
}

struct account_args {
    const char *exchange, *environment;
};

static const struct tp_opt account_opts[] = {
    OPT_EXCHANGE(struct account_args, exchange, "accounts at this venue"),
    OPT_ENVIRONMENT(struct account_args, environment, "accounts of this environment"),
    OPT_STOP,
};

static int
cmd_account_list(struct tp_ctx *tp, const void *args)
{
    const struct account_args *a = args;
    struct tp_account_filter   filter = {.exchange = a->exchange, .environment = tp_environment_of(a->environment)};
    struct tp_uuid             user;
    TP_AUTO_ROWS               rows = NULL;

    if (tp_ctx_db(tp) || tp_user_acting(tp->db, tp->user, &user, &tp->err)
        || tp_account_list(tp->db, user, &filter, &rows, &tp->err))
        return -1;
    return tp_emit_rows(tp, &tp_account_record, rows);
}

/* The acting user's account that the first operand names. */
static int
find_account(struct tp_ctx *tp, struct tp_account *out)
{
    struct tp_account_filter filter = {.which = tp->operands[0]};
    struct tp_uuid           user;

    return tp_ctx_db(tp) || tp_user_acting(tp->db, tp->user, &user, &tp->err)
                   || tp_account_find(tp->db, user, &filter, out, &tp->arena, &tp->err)
               ? -1
               : 0;
}

static int
cmd_account_show(struct tp_ctx *tp, const void *args)
{
    struct tp_account account;

    (void)args;
    return find_account(tp, &account) ? -1 : tp_emit(tp, &tp_account_record, &account);
}

#define LEDGER_PAGE 500

static int
cmd_account_ledger(struct tp_ctx *tp, const void *args)
{
    struct tp_account      account;
    struct tp_ledger_entry entry;
    bool                   first = true;
    int                    got = 1;

    (void)args;
    if (find_account(tp, &account))
        return -1;
    for (size_t n = LEDGER_PAGE; n == LEDGER_PAGE;) {
        TP_AUTO_ROWS rows = NULL;

        if (tp_ledger_list(tp->db, &account, first ? NULL : &entry, LEDGER_PAGE, &rows, &tp->err))
            return -1;
        n = tp_rows_count(rows);
        first = false;
        while ((got = tp_rows_next(rows, &tp_ledger_entry_record, &entry, &tp->arena, &tp->err)) > 0)
            if (tp_emit(tp, &tp_ledger_entry_record, &entry))
                return -1;
        if (got < 0)
            return -1;
    }
    return 0;
}

struct deposit_args {
    const char    *key;
    struct tp_time at;
};

static const struct tp_opt deposit_opts[] = {
    OPT_TEXT(struct deposit_args, key, 0, "idempotency-key", "KEY",
             "a second deposit with this key changes nothing"),
    OPT_TIME(struct deposit_args, at, 0, "at",
             "when it takes effect; now, or where the account's candles have got to"),
    OPT_STOP,
};

/* The entry of that id is booked: it must be this one. */
static int
check_replay(struct tp_ctx *tp, const struct tp_account *account, struct tp_ledger_entry *e)
{
    struct tp_ledger_entry booked;
    int                    got = tp_ledger_get(tp->db, account, e->id, &booked, &tp->err);

    if (got != 1)
        return got < 0 ? -1 : tp_fail(&tp->err, TP_EFAIL, "the deposit was not booked");
    if (tp_dec_cmp(booked.amount, e->amount) != 0)
        return tp_fail(&tp->err, TP_EREFUSED, "the idempotency key was used for another amount");
    tp_note(tp, "that deposit is booked already");
    *e = booked;
    return 0;
}

static int
cmd_account_deposit(struct tp_ctx *tp, const void *args)
{
    const struct deposit_args *a = args;
    struct tp_account          account;
    struct tp_ledger_entry     e;
    int64_t                    count = 0;

    tp_record_init(&tp_ledger_entry_record, &e);
    if (tp_dec_parse(tp->operands[1], strlen(tp->operands[1]), &e.amount, &tp->err))
        return tp_usage(&tp->err, "AMOUNT");
    if (tp_dec_sign(e.amount) <= 0)
        return tp_fail(&tp->err, TP_EUSAGE, "AMOUNT: want a number above zero");
    if (find_account(tp, &account))
        return -1;
    e.user_id = account.user_id;
    e.account_id = account.id;
    e.at = !tp_time_none(a->at) ? a->at : !tp_time_none(account.cursor) ? account.cursor : tp_time_now();
    tp_text_set(e.kind, sizeof e.kind, "DEPOSIT", 7);
    if (a->key)
        e.id = tp_ledger_id(&account, a->key);
    else if (tp_uuid_new(tp_time_now(), &e.id, &tp->err))
        return -1;
    if (tp_ledger_insert(tp->db, &e, 1, &count, &tp->err) || (count == 0 && check_replay(tp, &account, &e)))
        return -1;
    return tp_emit(tp, &tp_ledger_entry_record, &e);
}

/* ---- the program ------------------------------------------------------------------------------- */

static const struct tp_cmd cmds[] = {
    {.name = "add", .help = "add a user", .opts = add_opts, .args_size = sizeof(struct add_args),
     .run = cmd_add, .operands = "EMAIL", .min_operands = 1, .max_operands = 1,
     .examples = "tp-user add ann@example.com --name Ann                  # asks for the password\n"
                 "pass show tp/ann | tp-user add ann@example.com          # takes it from a pipe"},
    {.name = "list", .help = "list users", .opts = list_opts, .args_size = sizeof(struct list_args),
     .run = cmd_list},
    {.name = "show", .help = "show one user, deleted or not", .run = cmd_show, .operands = "USER",
     .min_operands = 1, .max_operands = 1},
    {.name = "set", .help = "change a user", .opts = set_opts, .args_size = sizeof(struct set_args),
     .run = cmd_set, .operands = "USER", .min_operands = 1, .max_operands = 1,
     .examples = "tp-user set ann@example.com --timezone Europe/Madrid    # times are shown there"},
    {.name = "passwd", .help = "give a user another password", .opts = password_opts,
     .args_size = sizeof(struct password_args), .run = cmd_passwd, .operands = "USER",
     .min_operands = 1, .max_operands = 1},
    {.name = "verify", .help = "check a user's password and stamp last_login", .opts = password_opts,
     .args_size = sizeof(struct password_args), .run = cmd_verify, .operands = "USER",
     .min_operands = 1, .max_operands = 1},
    {.name = "deactivate", .help = "delete a user so that restore can undo it", .opts = yes_opts,
     .args_size = sizeof(struct yes_args), .run = cmd_deactivate, .operands = "USER",
     .min_operands = 1, .max_operands = 1},
    {.name = "restore", .help = "undo deactivate", .run = cmd_restore, .operands = "USER",
     .min_operands = 1, .max_operands = 1},
    {.name = "erase", .help = "empty everything that names the person, keep the books", .opts = yes_opts,
     .args_size = sizeof(struct yes_args), .run = cmd_erase, .operands = "USER",
     .min_operands = 1, .max_operands = 1},
    {.name = "account add", .help = "open an account of the acting user", .opts = account_add_opts,
     .args_size = sizeof(struct account_add_args), .run = cmd_account_add,
     .examples = "tp-user account add -e BINANCE --name main --initial-balance 10000\n"
                 "tp-user account add -e BINANCE --position-mode HEDGE --set slippage_bps=5"},
    {.name = "account list", .help = "list the acting user's accounts", .opts = account_opts,
     .args_size = sizeof(struct account_args), .run = cmd_account_list},
    {.name = "account show", .help = "show one account", .run = cmd_account_show, .operands = "ACCOUNT",
     .min_operands = 1, .max_operands = 1},
    {.name = "account ledger", .help = "list what changed an account's balance, oldest first",
     .run = cmd_account_ledger, .operands = "ACCOUNT", .min_operands = 1, .max_operands = 1},
    {.name = "account deposit", .help = "pay something into an account", .opts = deposit_opts,
     .args_size = sizeof(struct deposit_args), .run = cmd_account_deposit, .operands = "ACCOUNT AMOUNT",
     .min_operands = 2, .max_operands = 2,
     .examples = "tp-user account deposit main 500 --idempotency-key june   # twice is once"},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
    static const struct tp_prog prog = {
        .name = "tp-user",
        .help = "the people who own strategies, bots and accounts",
        .cmds = cmds,
        .examples = "tp-user add ann@example.com --name Ann\ntp-user list -o table",
        .db_role = "tp_service",
    };

    return tp_main(&prog, argc, argv);
}
