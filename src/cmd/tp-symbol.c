/* tp-symbol - venues and their instruments. */
#include <stdlib.h>
#include <string.h>

#include "base/db.h"
#include "base/file.h"
#include "base/json.h"
#include "base/line.h"
#include "base/prog.h"
#include "cmd/options.h"
#include "exchange/instruments.h"
#include "store/exchange.h"
#include "store/symbol.h"

#include "base/banned.h"

#define LIST_MAX (64 * 1024 * 1024) /* bytes of an instrument list; the largest real one has 4 MB */

/* Codes of test venues end in one of these; the others are not test venues. */
static bool
test_code(const char *code)
{
    size_t n = strlen(code);

    return (n > 8 && strcmp(code + n - 8, "_TESTNET") == 0) || (n > 5 && strcmp(code + n - 5, "_DEMO") == 0);
}

/* ---- list, show -------------------------------------------------------------------------------- */

struct list_args {
    const char *exchange, *status, *base, *quote;
};

static const struct tp_opt list_opts[] = {
    OPT_VENUE(struct list_args, exchange, "instruments of this venue"),
    OPT_ENUM(struct list_args, status, 0, "status", tp_symbol_statuses, "instruments in this state"),
    OPT_TEXT(struct list_args, base, 0, "base", "CURRENCY", "instruments that trade this"),
    OPT_TEXT(struct list_args, quote, 0, "quote", "CURRENCY", "instruments priced in this"),
    OPT_STOP,
};

static int
cmd_list(struct tp_ctx *tp, const void *args)
{
    const struct list_args *a = args;
    struct tp_symbol_filter filter = {.exchange = a->exchange, .status = a->status,
                                      .base_currency = a->base, .quote_currency = a->quote};
    TP_AUTO_ROWS            rows = NULL;

    if (tp_ctx_db(tp) || tp_symbol_list(tp->db, &filter, &rows, &tp->err))
        return -1;
    return tp_emit_rows(tp, &tp_symbol_record, rows);
}

struct show_args {
    const char *exchange;
    bool        info;
};

static const struct tp_opt show_opts[] = {
    OPT_VENUE(struct show_args, exchange, "the venue", .required = true),
    OPT_FLAG(struct show_args, info, 0, "info", "add what the venue says beyond the columns"),
    OPT_STOP,
};

static int
cmd_show(struct tp_ctx *tp, const void *args)
{
    const struct show_args *a = args;
    struct tp_symbol        symbol;
    struct tp_symbol_info   info;

    if (tp_ctx_db(tp)
        || tp_symbol_get(tp->db, a->exchange, tp->operands[0], &symbol, &tp->arena, &tp->err)
        || tp_emit(tp, &tp_symbol_record, &symbol))
        return -1;
    if (!a->info)
        return 0;
    if (tp_symbol_info(tp->db, a->exchange, tp->operands[0], &info, &tp->arena, &tp->err))
        return -1;
    return tp_emit(tp, &tp_symbol_info_record, &info);
}

/* ---- add --------------------------------------------------------------------------------------- */

struct add_args {
    const char   *exchange, *base, *quote, *settle, *market, *maker, *taker;
    struct tp_dec tick, step, min_quantity, max_quantity, min_notional, contract_size;
};

static const struct tp_opt add_opts[] = {
    OPT_VENUE(struct add_args, exchange, "the venue", .required = true),
    OPT_TEXT(struct add_args, base, 0, "base", "CURRENCY", "what is traded", .required = true),
    OPT_TEXT(struct add_args, quote, 0, "quote", "CURRENCY", "what prices are in", .required = true),
    OPT_TEXT(struct add_args, settle, 0, "settle", "CURRENCY",
             "what profit and fees are in; the quote currency unless given"),
    OPT_ENUM(struct add_args, market, 0, "market-type", tp_market_types, "kind of market", .required = true),
    OPT_DEC(struct add_args, tick, 0, "tick-size", "N", "price step in quote currency", .required = true),
    OPT_DEC(struct add_args, step, 0, "step-size", "N", "quantity step in base currency", .required = true),
    OPT_DEC(struct add_args, min_quantity, 0, "min-quantity", "N", "smallest order in base currency"),
    OPT_DEC(struct add_args, max_quantity, 0, "max-quantity", "N", "largest order in base currency"),
    OPT_DEC(struct add_args, min_notional, 0, "min-notional", "N", "smallest order in quote currency"),
    OPT_DEC(struct add_args, contract_size, 0, "contract-size", "N", "base currency per contract",
            .fallback = "1"),
    OPT_TEXT(struct add_args, maker, 0, "maker-fee", "RATE", "maker fee as a fraction of notional"),
    OPT_TEXT(struct add_args, taker, 0, "taker-fee", "RATE", "taker fee as a fraction of notional"),
    OPT_STOP,
};

static int
text_field(struct tp_ctx *tp, const char *option, const char *text, char *field, size_t size)
{
    size_t n = strlen(text);

    if (n && tp_text_utf8(text, n) && tp_text_set(field, size, text, n))
        return 0;
    return tp_fail(&tp->err, TP_EUSAGE, "%s: want 1 to %zu bytes of UTF-8", option, size - 1);
}

static int
rate_field(struct tp_ctx *tp, const char *option, const char *text, struct tp_rate *field)
{
    if (!text || !tp_rate_parse(text, strlen(text), field, &tp->err))
        return 0;
    return tp_usage(&tp->err, "%s", option);
}

static int
cmd_add(struct tp_ctx *tp, const void *args)
{
    const struct add_args *a = args;
    struct tp_symbol       s;
    TP_AUTO_BUF            line = {0};

    tp_record_init(&tp_symbol_record, &s);
    if (text_field(tp, "SYMBOL", tp->operands[0], s.symbol, sizeof s.symbol)
        || text_field(tp, "--exchange", a->exchange, s.exchange, sizeof s.exchange)
        || text_field(tp, "--base", a->base, s.base_currency, sizeof s.base_currency)
        || text_field(tp, "--quote", a->quote, s.quote_currency, sizeof s.quote_currency)
        || text_field(tp, "--settle", a->settle ? a->settle : a->quote, s.settle_currency,
                      sizeof s.settle_currency)
        || text_field(tp, "--market-type", a->market, s.market_type, sizeof s.market_type)
        || text_field(tp, "status", "TRADING", s.status, sizeof s.status)
        || rate_field(tp, "--maker-fee", a->maker, &s.maker_fee_rate)
        || rate_field(tp, "--taker-fee", a->taker, &s.taker_fee_rate))
        return -1;
    s.tick_size = a->tick;
    s.step_size = a->step;
    s.min_quantity = a->min_quantity;
    s.max_quantity = a->max_quantity;
    s.min_notional = a->min_notional;
    s.contract_size = a->contract_size;
    s.price_precision = tp_symbol_places(s.tick_size);
    s.quantity_precision = tp_symbol_places(s.step_size);
    /* Printing and reading it back checks every column's digits. */
    tp_record_json(&tp_symbol_record, &s, &line);
    if (tp_record_parse(&tp_symbol_record, line.at, line.n - 1, &s, &tp->arena, &tp->err) != 1
        || tp_symbol_check(&s, &tp->err)) {
        tp->err.code = TP_EUSAGE;
        return -1;
    }
    if (tp_ctx_db(tp) || tp_symbol_add(tp->db, &s, &tp->err))
        return -1;
    return tp_emit(tp, &tp_symbol_record, &s);
}

/* ---- import ------------------------------------------------------------------------------------ */

struct import_args {
    const char *exchange;
    bool        complete, dry_run;
};

static const struct tp_opt import_opts[] = {
    OPT_VENUE(struct import_args, exchange, "the venue", .required = true),
    OPT_FLAG(struct import_args, complete, 0, "complete",
             "the list is the venue's whole list: what it does not name is delisted"),
    OPT_FLAG(struct import_args, dry_run, 0, "dry-run", "say what would be done and do nothing"),
    OPT_STOP,
};

/* What an import did; printed at its end. */
struct symbol_import {
    char    exchange[TP_EXCHANGE_SIZE];
    int64_t read, added, updated, unchanged, passed, refused, delisted;
};

static const struct tp_field import_fields[] = {
    F_TEXT(struct symbol_import, exchange, "the venue"),
    F_INT(struct symbol_import, read, "entries of the list"),
    F_INT(struct symbol_import, added, "instruments that are new"),
    F_INT(struct symbol_import, updated, "instruments that changed"),
    F_INT(struct symbol_import, unchanged, "instruments that were so already"),
    F_INT(struct symbol_import, passed, "entries of kinds that are not traded here"),
    F_INT(struct symbol_import, refused, "entries that cannot be stored exactly, or are damaged"),
    F_INT(struct symbol_import, delisted, "instruments that a complete list no longer names"),
    F_STOP,
};

static const struct tp_record import_record = {"symbol_import", "what an import of instruments did",
                                               import_fields, sizeof(struct symbol_import)};

struct import {
    const char          *name; /* of the file, for messages */
    struct symbol_import done;
    json_t              *names; /* the list's names, for --complete */
};

static int
put(struct tp_ctx *tp, struct import *im, const struct tp_symbol *s, const char *info)
{
    enum tp_symbol_change change;

    json_array_append_new(im->names, json_string(s->symbol));
    if (tp_symbol_put(tp->db, s, info, &change, &tp->err)) {
        char safe[100];

        return tp_where(&tp->err, "%s", tp_text_safe(safe, sizeof safe, s->symbol, strlen(s->symbol)));
    }
    im->done.added += change == TP_SYMBOL_ADDED;
    im->done.updated += change == TP_SYMBOL_UPDATED;
    im->done.unchanged += change == TP_SYMBOL_SAME;
    return 0;
}

static int
import_list(struct tp_ctx *tp, struct import *im, const char *exchange, const struct tp_buf *text)
{
    struct tp_instruments list;
    struct tp_instrument  entry = {.fate = TP_INSTRUMENT_GOOD};
    char                  safe[100];
    int                   rc = 0;

    if (tp_instruments_open(&list, exchange, text->n ? text->at : "", text->n, &tp->err))
        return tp_where(&tp->err, "%.200s", im->name);
    while (!rc && tp_instruments_next(&list, &entry)) {
        im->done.read++;
        tp_text_safe(safe, sizeof safe, entry.symbol.symbol, strlen(entry.symbol.symbol));
        switch (entry.fate) {
        case TP_INSTRUMENT_GOOD:
            rc = put(tp, im, &entry.symbol, entry.info.at);
            break;
        case TP_INSTRUMENT_PASSED:
            im->done.passed++;
            tp_detail(tp, "%s: passed over: %s", safe, entry.reason);
            break;
        case TP_INSTRUMENT_REFUSED:
            im->done.refused++;
            tp_warn(tp, "entry %lld, '%s': refused: %s", (long long)im->done.read, safe, entry.reason);
            break;
        }
    }
    tp_buf_free(&entry.info);
    tp_instruments_close(&list);
    return rc;
}

/* Records of `tp-symbol list`, one a line. */
static int
import_records(struct tp_ctx *tp, struct import *im, const char *exchange, const struct tp_buf *text)
{
    size_t at = 0;

    while (at < text->n) {
        const char      *line = text->at + at, *end = memchr(line, '\n', text->n - at);
        size_t           n = end ? (size_t)(end - line) : text->n - at;
        struct tp_symbol s;
        int              got;

        at += n + 1;
        im->done.read++;
        if (n == 0)
            continue;
        if (n > TP_LINE_MAX || !tp_text_utf8(line, n))
            got = tp_fail(&tp->err, TP_EINPUT, "the line is too long, or no UTF-8");
        else
            got = tp_record_parse(&tp_symbol_record, line, n, &s, &tp->arena, &tp->err);
        if (got == 0) {
            im->done.passed++;
            continue;
        }
        if (got == 1 && strcmp(s.exchange, exchange) != 0)
            got = tp_fail(&tp->err, TP_EINPUT, "exchange: the record is of '%s'", s.exchange);
        if (got < 0 || tp_symbol_check(&s, &tp->err) || put(tp, im, &s, NULL))
            return tp_where(&tp->err, "%.200s: line %lld", im->name, (long long)im->done.read);
    }
    return 0;
}

static int
import_text(struct tp_ctx *tp, struct import *im, const struct import_args *a, const struct tp_buf *text)
{
    static const char own[] = "{\"type\":\"symbol\"";
    TP_AUTO_BUF       names = {0};
    bool              records = text->n >= sizeof own - 1 && memcmp(text->at, own, sizeof own - 1) == 0;

    if ((records ? import_records : import_list)(tp, im, a->exchange, text))
        return -1;
    if (!a->complete)
        return 0;
    tp_json_print(im->names, &names);
    return tp_symbol_delist(tp->db, a->exchange, names.at, &im->done.delisted, &tp->err);
}

static int
cmd_import(struct tp_ctx *tp, const void *args)
{
    const struct import_args *a = args;
    struct import             im = {.name = tp->operands[0]};
    struct tp_exchange        exchange;
    TP_AUTO_BUF               text = {0};
    int                       rc;

    if (tp_file_read(im.name, LIST_MAX, &text, &tp->err) || tp_ctx_db(tp)
        || tp_exchange_get(tp->db, a->exchange, &exchange, &tp->arena, &tp->err))
        return -1;
    memcpy(im.done.exchange, exchange.code, sizeof im.done.exchange);
    im.names = json_array();
    /* The whole list or nothing: one transaction. */
    rc = tp_db_begin(tp->db, &tp->err) || import_text(tp, &im, a, &text) ? -1 : 0;
    json_decref(im.names);
    if (rc)
        return -1;
    if (a->dry_run ? tp_db_rollback(tp->db, &tp->err) : tp_db_commit(tp->db, &tp->err))
        return -1;
    if (tp_emit(tp, &import_record, &im.done))
        return -1;
    if (im.done.refused)
        return tp_fail(&tp->err, TP_EPARTLY, "%lld of %lld entries were refused", (long long)im.done.refused,
                       (long long)im.done.read);
    return 0;
}

/* ---- exchange ---------------------------------------------------------------------------------- */

struct exchange_args {
    const char *name, *url, *features, *limits;
    bool        testnet, active, inactive;
};

static const struct tp_opt exchange_add_opts[] = {
    OPT_TEXT(struct exchange_args, name, 'n', "name", "NAME", "name for display", .required = true),
    OPT_TEXT(struct exchange_args, url, 0, "api-base-url", "URL", "root of the REST interface", .required = true),
    OPT_TEXT(struct exchange_args, features, 0, "features", "JSON", "what the venue is used for"),
    OPT_TEXT(struct exchange_args, limits, 0, "rate-limits", "JSON",
             "named request limits, each {limit, seconds, scope}"),
    OPT_FLAG(struct exchange_args, testnet, 0, "testnet", "a test venue; codes that end in _TESTNET or _DEMO are"),
    OPT_STOP,
};

static const struct tp_opt exchange_set_opts[] = {
    OPT_TEXT(struct exchange_args, name, 'n', "name", "NAME", "name for display"),
    OPT_TEXT(struct exchange_args, url, 0, "api-base-url", "URL", "root of the REST interface"),
    OPT_TEXT(struct exchange_args, features, 0, "features", "JSON", "what the venue is used for"),
    OPT_TEXT(struct exchange_args, limits, 0, "rate-limits", "JSON",
             "named request limits, each {limit, seconds, scope}"),
    OPT_FLAG(struct exchange_args, active, 0, "active", "programs use the venue again"),
    OPT_FLAG(struct exchange_args, inactive, 0, "inactive", "programs leave the venue alone"),
    OPT_STOP,
};

static int
check_exchange(struct tp_ctx *tp, const struct exchange_args *a, struct tp_exchange_values *v)
{
    *v = (struct tp_exchange_values){.name = a->name, .api_base_url = a->url,
                                     .supported_features = a->features, .rate_limits = a->limits,
                                     .is_active = a->active ? 1 : a->inactive ? 0 : -1};
    if (a->features && tp_json_object(a->features, &tp->err))
        return tp_usage(&tp->err, "--features");
    if (a->limits && tp_json_object(a->limits, &tp->err))
        return tp_usage(&tp->err, "--rate-limits");
    if (a->name && (!a->name[0] || strlen(a->name) > 255 || !tp_text_utf8(a->name, strlen(a->name))))
        return tp_fail(&tp->err, TP_EUSAGE, "--name: want 1 to 255 bytes of UTF-8");
    if (a->url && (strlen(a->url) > 255 || strncmp(a->url, "http", 4) != 0 || !strstr(a->url, "://")
                   || strcspn(a->url, " \t\r\n\"<>@") != strlen(a->url)
                   || !tp_text_utf8(a->url, strlen(a->url))))
        return tp_fail(&tp->err, TP_EUSAGE, "--api-base-url: want an http or https URL without credentials");
    return tp_ctx_db(tp);
}

static int
cmd_exchange_add(struct tp_ctx *tp, const void *args)
{
    const struct exchange_args *a = args;
    struct tp_exchange_values   v;
    struct tp_exchange          exchange;
    const char                 *code = tp->operands[0];

    if (code[0] < 'A' || code[0] > 'Z' || strlen(code) >= TP_EXCHANGE_SIZE
        || strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != strlen(code))
        return tp_fail(&tp->err, TP_EUSAGE, "a code is a capital and then capitals, digits or _, at most %d",
                       TP_EXCHANGE_SIZE - 1);
    if (check_exchange(tp, a, &v)
        || tp_exchange_add(tp->db, code, a->testnet || test_code(code), &v, &exchange, &tp->arena, &tp->err))
        return -1;
    return tp_emit(tp, &tp_exchange_record, &exchange);
}

static int
cmd_exchange_set(struct tp_ctx *tp, const void *args)
{
    const struct exchange_args *a = args;
    struct tp_exchange_values   v;
    struct tp_exchange          exchange;

    if (tp_exclusive(tp, a->active, "--active", a->inactive, "--inactive"))
        return -1;
    if (!a->name && !a->url && !a->features && !a->limits && !a->active && !a->inactive)
        return tp_fail(&tp->err, TP_EUSAGE, "there is nothing to change");
    if (check_exchange(tp, a, &v)
        || tp_exchange_set(tp->db, tp->operands[0], &v, &exchange, &tp->arena, &tp->err))
        return -1;
    return tp_emit(tp, &tp_exchange_record, &exchange);
}

static int
cmd_exchange_list(struct tp_ctx *tp, const void *args)
{
    TP_AUTO_ROWS rows = NULL;

    (void)args;
    if (tp_ctx_db(tp) || tp_exchange_list(tp->db, NULL, &rows, &tp->err))
        return -1;
    return tp_emit_rows(tp, &tp_exchange_record, rows);
}

static int
cmd_exchange_show(struct tp_ctx *tp, const void *args)
{
    struct tp_exchange exchange;

    (void)args;
    if (tp_ctx_db(tp) || tp_exchange_get(tp->db, tp->operands[0], &exchange, &tp->arena, &tp->err))
        return -1;
    return tp_emit(tp, &tp_exchange_record, &exchange);
}

/* ---- the program ------------------------------------------------------------------------------- */

static const struct tp_cmd cmds[] = {
    {.name = "add", .help = "add one instrument by hand", .opts = add_opts,
     .args_size = sizeof(struct add_args), .run = cmd_add, .operands = "SYMBOL", .min_operands = 1,
     .max_operands = 1,
     .examples = "tp-symbol add BTCUSDT -e BINANCE --base BTC --quote USDT \\\n    "
                 "--market-type LINEAR --tick-size 0.1 --step-size 0.001"},
    {.name = "import", .help = "take over a venue's saved instrument list", .opts = import_opts,
     .args_size = sizeof(struct import_args), .run = cmd_import, .operands = "FILE", .min_operands = 1,
     .max_operands = 1,
     .examples = "tp-symbol import exchangeInfo.json --exchange BINANCE\n"
                 "gunzip -c instruments.json.gz | tp-symbol import - --exchange OKX"},
    {.name = "list", .help = "list instruments", .opts = list_opts, .args_size = sizeof(struct list_args),
     .run = cmd_list, .examples = "tp-symbol list -e BINANCE --quote USDT -o table"},
    {.name = "show", .help = "show one instrument", .opts = show_opts, .args_size = sizeof(struct show_args),
     .run = cmd_show, .operands = "SYMBOL", .min_operands = 1, .max_operands = 1},
    {.name = "exchange add", .help = "add a venue", .opts = exchange_add_opts,
     .args_size = sizeof(struct exchange_args), .run = cmd_exchange_add, .operands = "CODE",
     .min_operands = 1, .max_operands = 1},
    {.name = "exchange list", .help = "list venues", .run = cmd_exchange_list},
    {.name = "exchange show", .help = "show one venue", .run = cmd_exchange_show, .operands = "CODE",
     .min_operands = 1, .max_operands = 1},
    {.name = "exchange set", .help = "change a venue", .opts = exchange_set_opts,
     .args_size = sizeof(struct exchange_args), .run = cmd_exchange_set, .operands = "CODE",
     .min_operands = 1, .max_operands = 1},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
    static const struct tp_prog prog = {
        .name = "tp-symbol",
        .help = "venues and their instruments",
        .cmds = cmds,
        .examples = "tp-symbol exchange list\ntp-symbol list -e BINANCE -o table",
        .db_role = "tp_service",
    };

    return tp_main(&prog, argc, argv);
}
