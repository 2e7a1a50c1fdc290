/* tp-backtest - run strategies and orders over candles, keep and compare the results. */
#include <stdlib.h>
#include <string.h>

#include "backtest/orders.h"
#include "backtest/run.h"
#include "base/file.h"
#include "base/line.h"
#include "base/prog.h"
#include "cmd/options.h"
#include "cmd/process.h"
#include "exchange/funding.h"
#include "market/ahead.h"
#include "report/result.h"
#include "store/backtest.h"
#include "store/candle.h"
#include "store/feed.h"
#include "store/reference.h"
#include "store/strategy.h"
#include "store/symbol.h"
#include "store/user.h"
#include "trade/funding.h"

#include "base/banned.h"

#define FUNDING_MAX (64 * 1024 * 1024) /* bytes of a funding history; ten years of every hour have 9 MB */
#define AHEAD_FROM 1024 /* bars of the smallest block that is worth handing to another thread */

/* ---- run ------------------------------------------------------------------------------------- */

struct run_args {
    const char        *strategy, *orders, *instrument, *funding, *interval, *symbol, *exchange, *profile;
    struct tp_opt_list set, params;
    struct tp_dec      initial_capital;
    struct tp_time     from, to;
    int64_t            max_gap, block_size;
    const char        *html, *columns, *record;
    bool               trades, equity, list_knobs, allow_synthetic, dry_run;
};

static const struct tp_opt run_opts[] = {
    OPT_TEXT(struct run_args, strategy, 'S', "strategy", "NAME",
             "builtin:NAME, a file, exec:PROGRAM, or a stored one: NAME, NAME@VERSION, its id",
             .complete = "strategy"),
    OPT_PARAM(struct run_args, params, "a parameter of the strategy"),
    OPT_TEXT(struct run_args, orders, 0, "orders", "FILE", "orders (JSON lines) that drive the run",
             .complete = "file"),
    OPT_SYMBOL(struct run_args, symbol, "the instrument"),
    OPT_VENUE(struct run_args, exchange, "the venue; of stored candles BINANCE when nothing says it"),
    OPT_INTERVAL(struct run_args, interval, "length of the bars"),
    OPT_RANGE(struct run_args, from, to),
    OPT_TEXT(struct run_args, columns, 0, "columns", "LIST",
             "what the columns of a CSV are: time,open,high,low,close,volume,-"),
    OPT_ENUM(struct run_args, profile, 'p', "profile", tp_profiles, "set of fill rules",
             .fallback = "conservative"),
    OPT_DEC(struct run_args, initial_capital, 'c', "initial-capital", "N",
            "wallet at the start in quote currency"),
    OPT_LIST(struct run_args, set, 0, "set", "KNOB=VALUE",
             "one fill rule or tick_size, step_size, min_quantity, min_notional"),
    OPT_TEXT(struct run_args, instrument, 0, "instrument", "FILE", "record of the instrument",
             .complete = "file"),
    OPT_TEXT(struct run_args, funding, 0, "funding", "FILE", "funding rates of the instrument, in any form that"
             " tp-prices funding takes in", .complete = "file"),
    OPT_FLAG(struct run_args, trades, 0, "trades", "print each round trip before the result"),
    OPT_FLAG(struct run_args, equity, 0, "equity", "print the equity at each bar before the result"),
    OPT_TEXT(struct run_args, html, 0, "html", "FILE", "write a page about the result as well",
             .complete = "file"),
    OPT_RECORD(struct run_args, record),
    OPT_FLAG(struct run_args, list_knobs, 0, "list-knobs", "print the fill rules and their values"),
    OPT_INT(struct run_args, max_gap, 0, "max-gap", "N", 0, 1000000000,
            "stop when more than N bars in a row are missing"),
    OPT_INT(struct run_args, block_size, 0, "block-size", "N", 1, 1048576,
            "bars worked on at a time; changes no result", .fallback = "4096"),
    OPT_FLAG(struct run_args, allow_synthetic, 0, "allow-synthetic",
             "accept invented candles of a real instrument"),
    OPT_FLAG(struct run_args, dry_run, 0, "dry-run", "store no result"),
    OPT_STOP,
};

/* An instrument's limit given by --set; 1, 0 when name is none, -1. */
static int
set_limit(struct tp_symbol *s, const char *name, size_t n, const char *value, struct tp_err *err)
{
    static const char *const names[] = {"tick_size", "step_size", "min_quantity", "min_notional"};
    struct tp_dec           *fields[] = {&s->tick_size, &s->step_size, &s->min_quantity,
                                         &s->min_notional};

    for (size_t i = 0; i < TP_COUNT(names); i++) {
        if (strlen(names[i]) != n || memcmp(names[i], name, n))
            continue;
        if (tp_dec_parse(value, strlen(value), fields[i], err))
            return tp_usage(err, "--set %s", names[i]);
        if (tp_dec_sign(*fields[i]) < (i < 2))
            return tp_fail(err, TP_EUSAGE, "--set %s: '%.40s' is out of range", names[i], value);
        return 1;
    }
    return 0;
}

static int
read_sets(struct tp_ctx *tp, const struct run_args *a, struct tp_knobs *knobs, struct tp_symbol *symbol)
{
    for (size_t i = 0; i < a->set.n; i++) {
        const char *text = a->set.at[i], *value = strchr(text, '=');
        size_t      n = value ? (size_t)(value - text) : 0;
        int         known;

        if (!value)
            return tp_fail(&tp->err, TP_EUSAGE, "--set: want KNOB=VALUE, not '%.60s'", text);
        known = tp_knobs_set(knobs, text, n, value + 1, &tp->err);
        if (known == 0)
            known = set_limit(symbol, text, n, value + 1, &tp->err);
        if (known < 0)
            return -1;
        if (known == 0) {
            tp_fail(&tp->err, TP_EUSAGE, "--set: there is no knob '%.*s'", (int)(n < 40 ? n : 40), text);
            return tp_hint(&tp->err, "tp-backtest run --list-knobs prints them");
        }
    }
    return 0;
}

/* The instrument of a file: its first symbol record. */
static int
read_instrument(struct tp_ctx *tp, const char *path, struct tp_symbol *symbol)
{
    struct tp_lines lines;
    const char     *line;
    size_t          n;
    int             fd, got, found = 0;

    if (tp_file_open(path, &fd, &tp->err))
        return -1;
    tp_lines_init(&lines, fd);
    while (!found && (got = tp_lines_next(&lines, &line, &n, &tp->err)) > 0)
        if (n)
            found = tp_record_parse(&tp_symbol_record, line, n, symbol, &tp->arena, &tp->err);
    if (found == 0 && tp->err.code == TP_OK)
        tp_fail(&tp->err, TP_EINPUT, "there is no symbol record in it");
    if (found != 1)
        tp_where(&tp->err, "%.200s", path);
    tp_lines_free(&lines);
    tp_file_close(fd);
    return found == 1 ? 0 : -1;
}

static int
emit_event(void *to, const struct tp_work *order, const struct tp_order_event *event, struct tp_err *err)
{
    (void)order;
    (void)err;
    return tp_emit(to, &tp_order_event_record, event);
}

static int
emit_trade(void *to, const struct tp_work *order, const struct tp_trade *trade, struct tp_err *err)
{
    (void)order;
    (void)err;
    return tp_emit(to, &tp_trade_record, trade);
}

static int
emit_funding(void *to, const struct tp_funding_payment *payment, struct tp_err *err)
{
    (void)err;
    return tp_emit(to, &tp_funding_payment_record, payment);
}

static int
emit_trip(void *to, const struct tp_trip *trip, struct tp_err *err)
{
    (void)err;
    return tp_emit(to, &tp_trip_record, trip);
}

static int
emit_point(void *to, const struct tp_equity_point *point, struct tp_err *err)
{
    (void)err;
    return tp_emit(to, &tp_equity_record, point);
}

/* ---- a result for people ---------------------------------------------------------------------- */

struct measure {
    char measure[40], value[64];
};

static const struct tp_field measure_fields[] = {
    F_TEXT(struct measure, measure, "what was measured"),
    F_TEXT(struct measure, value, "the result"),
    F_STOP,
};

static const struct tp_record measure_record = {"backtest_measure", "one measure of a backtest",
                                                measure_fields, sizeof(struct measure)};

static int
emit_measure(void *to, const char *name, const char *value, size_t n)
{
    struct measure m = {{0}, {0}};

    tp_text_set(m.measure, sizeof m.measure, name, strlen(name));
    tp_text_set(m.value, sizeof m.value, value, n < sizeof m.value ? n : sizeof m.value - 1);
    return tp_emit(to, &measure_record, &m);
}

/* Equity and drawdown as text, for a terminal. */
static int
emit_chart(struct tp_ctx *tp, const struct tp_backtest *b)
{
    struct tp_chart_look    look = {.width = 80, .height = 10};
    struct tp_report_point *equity = NULL;
    TP_AUTO_BUF             chart = {0};
    size_t                  n;
    int                     rc = tp_result_curve(b, &equity, &n, &tp->err);

    if (rc == 0 && n > 1) {
        tp_buf_char(&chart, '\n');
        tp_report_chart(&chart, equity, n, &look);
        rc = tp_out_text(&tp->out, chart.at, chart.n, &tp->err);
    }
    free(equity);
    return rc;
}

/* A record; on a terminal one line a measure and the chart. */
static int
emit_result(struct tp_ctx *tp, const struct tp_backtest *b)
{
    if (tp->out.form != TP_FORM_TABLE)
        return tp_emit(tp, &tp_backtest_record, b);
    return tp_result_measures(b, emit_measure, tp, &tp->err) || emit_chart(tp, b) ? -1 : 0;
}

/* The page about a result; path - is stdout. */
static int
write_report(struct tp_ctx *tp, const struct tp_backtest *b, const struct tp_sampler *price, const char *path)
{
    TP_AUTO_BUF page = {0};

    if (tp_result_page(&page, b, price, &tp->arena, &tp->err))
        return -1;
    return strcmp(path, "-") == 0 ? tp_out_text(&tp->out, page.at, page.n, &tp->err)
                                  : tp_file_write(path, page.at, page.n, &tp->err);
}

static int
list_knobs(struct tp_ctx *tp, const struct tp_knobs *knobs)
{
    for (size_t i = 0; i < tp_knobs_count(); i++) {
        struct tp_knob k = tp_knobs_get(knobs, i);

        if (tp_emit(tp, &tp_knob_record, &k))
            return -1;
    }
    return 0;
}

/* Where the candles of a run come from: a stream, or the database. */
struct source {
    struct tp_source       *bytes;  /* NULL: the database */
    struct tp_reader       *reader;
    struct tp_ahead        *ahead; /* reads for it; NULL: nobody does */
    struct tp_feed         *feed;  /* of the database */
    struct tp_candle_key    key;
    const struct tp_orders *orders;   /* that drive the run, or NULL */
    struct tp_sampler       price;    /* closes for the page, when one is written */
    struct tp_fundings      rates;    /* that were read for the run */
    struct tp_strategy_row  strategy; /* to keep beside the result; its id is none for a built-in or a file */
};

/* The instrument of a stream: its symbol record, --instrument, then --symbol, --exchange and --set.  The venue of the
 * environment is that of streams which do not tell theirs. */
static int
find_instrument(struct tp_ctx *tp, const struct run_args *a, const struct tp_reader *reader,
                struct tp_run_opts *opts)
{
    const struct tp_candle *first = tp_reader_first(reader);
    const char             *symbol = a->symbol, *exchange = tp_given(tp, "exchange") ? a->exchange : NULL;

    if (tp_reader_symbol(reader))
        opts->symbol = *tp_reader_symbol(reader);
    if (a->instrument && read_instrument(tp, a->instrument, &opts->symbol))
        return -1;
    if (!symbol && !opts->symbol.symbol[0])
        symbol = first->symbol;
    if (!exchange && !opts->symbol.exchange[0])
        exchange = first->exchange[0] ? first->exchange : a->exchange;
    if ((symbol && !tp_text_set(opts->symbol.symbol, sizeof opts->symbol.symbol, symbol, strlen(symbol)))
        || (exchange
            && !tp_text_set(opts->symbol.exchange, sizeof opts->symbol.exchange, exchange, strlen(exchange))))
        return tp_fail(&tp->err, TP_EUSAGE, "--symbol, --exchange: too long");
    return read_sets(tp, a, &opts->knobs, &opts->symbol);
}

static int
begin_stream(struct tp_ctx *tp, const struct run_args *a, struct source *source, struct tp_run_opts *opts)
{
    int got = tp_reader_peek(source->reader, &tp->err);

    if (got < 0)
        return -1;
    if (got == 0)
        return tp_fail(&tp->err, TP_EINPUT, "%.200s: there are no candles in it", tp->operands[0]);
    if (find_instrument(tp, a, source->reader, opts))
        return -1;
    opts->interval = tp_reader_interval(source->reader);
    if (!opts->interval)
        return tp_fail(&tp->err, TP_EUSAGE, "--interval: these candles do not say how long they are");
    return 0;
}

static int
begin_stored(struct tp_ctx *tp, const struct run_args *a, struct source *source, struct tp_run_opts *opts)
{
    source->key = (struct tp_candle_key){a->exchange ? a->exchange : "BINANCE", a->symbol, a->interval};
    opts->interval = tp_interval_find(a->interval);
    tp->db_statement_ms = 0; /* the server waits for us between two blocks */
    if (tp_ctx_db(tp)
        || tp_symbol_get(tp->db, source->key.exchange, a->symbol, &opts->symbol, &tp->arena, &tp->err))
        return -1;
    return read_sets(tp, a, &opts->knobs, &opts->symbol);
}

/* For the feed, which can do without. */
static int
open_more(void *of, struct tp_db **db)
{
    struct tp_ctx *tp = of;
    int            rc = tp_ctx_db_more(tp, db);

    tp->err = (struct tp_err)TP_ERR_INIT;
    return rc;
}

static int
open_feed(struct tp_ctx *tp, const struct run_args *a, struct source *source)
{
    const struct tp_feed_opts opts = {.key = source->key, .from = a->from, .to = a->to, .now = tp_time_now(),
                                      .block_size = (size_t)a->block_size, .more = open_more, .of = tp};

    return tp_feed_open(&source->feed, tp->db, &opts, &tp->err);
}

/* The funding rates of a file. */
static int
read_rates(struct tp_ctx *tp, const struct run_args *a, struct source *source, const struct tp_run_opts *opts)
{
    struct tp_source *bytes;
    TP_AUTO_BUF       text = {0};
    int               rc;

    if (opts->knobs.funding_missing == TP_FUNDING_OFF)
        return tp_fail(&tp->err, TP_EUSAGE, "--funding: funding_missing=off leaves funding out of account");
    if (tp_source_open(&bytes, a->funding, &tp->err))
        return -1;
    rc = tp_source_all(bytes, FUNDING_MAX, &text, &tp->err);
    tp_source_close(bytes);
    source->rates.symbol = opts->symbol.symbol[0] ? opts->symbol.symbol : NULL;
    if (rc == 0 && tp_fundings_read(&source->rates, text.at, text.n, &tp->err))
        rc = tp_where(&tp->err, "%.200s", a->funding);
    if (rc == 0 && source->rates.n == 0)
        rc = tp_fail(&tp->err, TP_EINPUT, "%.200s: there are no funding rates of %.80s in it", a->funding,
                     opts->symbol.symbol);
    return rc;
}

/* What is known of the instrument's funding: of --funding, or beside the candles. */
static int
find_rates(struct tp_ctx *tp, const struct run_args *a, struct source *source, struct tp_run_opts *opts)
{
    int rc = 0;

    if (a->funding) {
        rc = read_rates(tp, a, source, opts);
    } else if (source->reader) {
        opts->rates = tp_reader_rates(source->reader, &opts->n_rates);
        if (opts->n_rates && opts->symbol.symbol[0] && strcmp(opts->rates[0].symbol, opts->symbol.symbol) != 0)
            return tp_fail(&tp->err, TP_EINPUT, "the funding rates are of %s, the candles of %s",
                           opts->rates[0].symbol, opts->symbol.symbol);
        return 0;
    } else if (tp_funding_applies(&opts->knobs, &opts->symbol, true)) {
        struct tp_time from = a->from;

        if (!tp_time_none(from))
            from.us -= TP_US_DAY; /* those before tell what is missing at the beginning */
        rc = tp_reference_fundings(tp->db, source->key.exchange, source->key.symbol, from, a->to, &source->rates.rows,
                                   &source->rates.n, &tp->err);
    }
    opts->rates = source->rates.rows;
    opts->n_rates = source->rates.n;
    return rc;
}

/* The next block: from the database, read ahead, or read now into bars. */
static int
next_bars(struct tp_ctx *tp, struct source *source, struct tp_bars *bars, const struct tp_bars **next)
{
    if (source->feed)
        return tp_feed_next(source->feed, next, &tp->err);
    if (source->ahead)
        return tp_ahead_next(source->ahead, next, &tp->err);
    *next = bars;
    return tp_reader_next(source->reader, bars, &tp->err);
}

/* Runs the blocks of the source. */
static int
run_blocks(struct tp_ctx *tp, const struct run_args *a, struct tp_run *run, struct source *source)
{
    struct tp_bars        own;
    const struct tp_bars *bars;
    size_t                size = (size_t)a->block_size;
    int64_t               n = 0;
    int                   more;

    tp_bars_init(&own, size);
    while ((more = next_bars(tp, source, &own, &bars)) > 0) {
        n += (int64_t)bars->n;
        tp_progress_draw(tp->progress, "running", n, source->bytes ? tp_source_percent(source->bytes) : -1);
        /* A file of more than one block is read by a thread of its own; a pipe might keep it waiting. */
        if (source->reader && !source->ahead && bars->n == size && size >= AHEAD_FROM
            && tp_source_percent(source->bytes) >= 0)
            tp_ahead_open(&source->ahead, source->reader, size);
        for (size_t i = 0; a->html && i < bars->n; i++)
            tp_sampler_add(&source->price, (struct tp_report_point){{bars->time[i]}, tp_column_get(&bars->close, i)});
        more = tp_stopped(&tp->err) ? -1 : tp_run_block(run, bars, &tp->err);
        if (more <= 0)
            break;
    }
    tp_ahead_close(source->ahead);
    source->ahead = NULL;
    tp_bars_free(&own);
    if (more == 0 && n == 0) {
        tp_fail(&tp->err, TP_EMISSING, "there are no %s candles of %s %s%s", a->interval,
                source->key.exchange, a->symbol,
                tp_time_none(a->from) && tp_time_none(a->to) ? "" : " in that time");
        return tp_hint(&tp->err, "'tp-prices coverage' shows what is stored");
    }
    return more < 0 ? -1 : 0;
}

/* Stores the result with the strategy that made it. */
static int
store_result(struct tp_ctx *tp, struct source *source, const struct tp_strategy *strategy,
             struct tp_backtest *result)
{
    struct tp_strategy_row *row = &source->strategy;
    char                    id[TP_UUID_TEXT];

    if (tp_user_begin(tp, &result->user_id))
        return -1;
    if (tp_uuid_none(row->id)) {
        row->user_id = result->user_id;
        row->parameters = strategy->document;
        tp_text_set(row->type, sizeof row->type, strategy->type, strlen(strategy->type));
        tp_text_set(row->content_sha256, sizeof row->content_sha256, strategy->hash, strlen(strategy->hash));
        if (tp_strategy_keep(tp->db, row, &tp->err))
            return -1;
    }
    result->strategy_id = row->id;
    if (tp_backtest_add(tp->db, result, &tp->err) || tp_db_commit(tp->db, &tp->err))
        return -1;
    tp_uuid_print(id, result->id);
    tp_note(tp, "the result is stored as %s", id);
    return 0;
}

/* The strategy of the run, for the source's interval and instrument. */
static int
open_strategy(struct tp_ctx *tp, const struct run_args *a, struct source *source, struct tp_run_opts *opts)
{
    struct tp_strategy_source found;
    struct tp_strategy_opts   how = {.name = a->strategy, .params = a->params.at, .n_params = a->params.n,
                                     .interval = opts->interval, .symbol = &opts->symbol,
                                     .run = true};

    if (tp_strategy_load(tp, a->strategy, &found))
        return -1;
    how.text = found.text;
    how.n = found.n;
    how.foreign = found.foreign;
    source->strategy.id = found.id;
    memcpy(source->strategy.name, found.name, sizeof found.name);
    if (tp_strategy_open(&opts->strategy, &how, &tp->err))
        return -1;
    if (opts->strategy->leverage && opts->knobs.leverage > opts->strategy->leverage)
        return tp_fail(&tp->err, TP_EREFUSED, "--set leverage: %lld is more than the %lld that $.risk of the strategy allows",
                       (long long)opts->knobs.leverage, (long long)opts->strategy->leverage);
    if (opts->strategy->margin_mode && strcmp(opts->strategy->margin_mode, tp_margin_modes[opts->knobs.margin_mode]))
        return tp_fail(&tp->err, TP_EREFUSED, "--set margin_mode: $.risk of the strategy wants %s",
                       opts->strategy->margin_mode);
    return 0;
}

static int
start_process(struct tp_ctx *tp, const struct run_args *a, struct tp_run_opts *opts)
{
    struct tp_process_starter by = {tp, a->record, false};
    struct tp_strategy_start  start = {.mode = "backtest",
                                       .symbol = &opts->symbol,
                                       .interval = opts->interval,
                                       .equity = opts->knobs.initial_capital};
    struct tp_strategy_starter starter = {&by, tp_process_start};

    if (!opts->strategy)
        return 0;
    start.run = opts->strategy->hash;
    return tp_strategy_begin(&starter, &opts->strategy, &start, &tp->err);
}

/* Runs to the end, then draws, stores and prints the result: a page that cannot be written stores nothing. */
static int
run_source(struct tp_ctx *tp, const struct run_args *a, struct tp_run_opts *opts, struct source *source)
{
    struct tp_run     *run = NULL;
    struct tp_backtest result;
    struct tp_err      second = TP_ERR_INIT;
    int                rc, closed;

    if (source->reader ? begin_stream(tp, a, source, opts) : begin_stored(tp, a, source, opts))
        return -1;
    tp_knobs_fees(&opts->knobs, &opts->symbol);
    if (a->orders && tp_orders_for(source->orders, &opts->symbol, &tp->err))
        return tp_where(&tp->err, "--orders");
    if (find_rates(tp, a, source, opts) || (a->strategy && open_strategy(tp, a, source, opts))
        || tp_process_record(tp, opts->strategy, a->record) || start_process(tp, a, opts))
        return -1;
    rc = source->reader ? 0 : open_feed(tp, a, source);
    if (rc == 0)
        rc = tp_run_open(&run, opts, &tp->err);
    if (rc == 0)
        rc = run_blocks(tp, a, run, source);
    /* The account may be ruined before the candles end. */
    closed = tp_feed_close(source->feed, rc ? &second : &tp->err);
    if (rc == 0)
        rc = closed;
    if (rc == 0)
        rc = tp_run_end(run, &result, &tp->arena, &tp->err);
    if (rc == 0)
        rc = tp_strategy_end(opts->strategy, "END_OF_DATA", &tp->err);
    if (rc == 0 && tp_run_missing(run))
        tp_warn(tp, "%lld candles are missing in the data", (long long)tp_run_missing(run));
    if (rc == 0 && tp_run_unreached(run))
        tp_warn(tp, "orders never reached, because the candles or the account ended before: %lld",
                (long long)tp_run_unreached(run));
    if (rc == 0 && a->html)
        rc = write_report(tp, &result, &source->price, a->html);
    if (rc == 0 && !source->reader && a->strategy && !a->dry_run)
        rc = store_result(tp, source, opts->strategy, &result);
    if (rc == 0)
        rc = emit_result(tp, &result);
    tp_run_free(run);
    return rc;
}

static int
run_stream(struct tp_ctx *tp, const struct run_args *a, struct tp_run_opts *opts, struct source *source)
{
    struct tp_read_opts how = {.name = tp->operands[0], .columns = a->columns, .from = a->from, .to = a->to,
                               .interval = a->interval ? tp_interval_find(a->interval) : NULL};
    int                 rc;

    if (tp_source_open(&source->bytes, how.name, &tp->err))
        return -1;
    tp_reader_open(&source->reader, &how, source->bytes);
    rc = run_source(tp, a, opts, source);
    tp_reader_close(source->reader);
    tp_source_close(source->bytes);
    return rc;
}

static int
is_stdin(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

/* What the command line must hold, before anything is opened. */
static int
check_args(struct tp_ctx *tp, const struct run_args *a)
{
    if (!a->orders == !a->strategy)
        return tp_fail(&tp->err, TP_EUSAGE, "want one of --strategy and --orders");
    if (!tp_time_none(a->from) && !tp_time_none(a->to) && a->from.us >= a->to.us)
        return tp_fail(&tp->err, TP_EUSAGE, "--from, --to: the end is not later than the beginning");
    if (is_stdin(a->strategy) + is_stdin(a->orders) + is_stdin(a->instrument) + is_stdin(a->funding)
            + is_stdin(tp->n_operands ? tp->operands[0] : NULL)
        > 1)
        return tp_fail(&tp->err, TP_EUSAGE, "'-': only one thing can come from standard input");
    if (tp->n_operands)
        return 0;
    if (!a->symbol || !a->interval) {
        tp_fail(&tp->err, TP_EUSAGE, "%s is required for a run on stored candles",
                !a->symbol ? "--symbol SYMBOL" : "--interval WORD");
        return tp_hint(&tp->err, "or name a file of candles, - for standard input");
    }
    if (a->instrument)
        return tp_fail(&tp->err, TP_EUSAGE, "--instrument: stored candles are those of the stored instrument");
    return 0;
}

static int
cmd_run(struct tp_ctx *tp, const void *args)
{
    const struct run_args *a = args;
    struct tp_run_opts     opts = {.symbol = tp_symbol_default(), .max_gap = -1};
    struct tp_symbol       scratch = opts.symbol;
    struct tp_orders       orders = {0};
    struct source          source = {0};
    int                    rc = 0;

    if (tp_knobs_init(&opts.knobs, a->profile, &tp->err))
        return -1;
    opts.symbol.maker_fee_rate = opts.symbol.taker_fee_rate = TP_RATE_NONE;
    if (read_sets(tp, a, &opts.knobs, &scratch))
        return -1;
    if (!tp_dec_none(a->initial_capital)) {
        if (tp_dec_sign(a->initial_capital) <= 0)
            return tp_fail(&tp->err, TP_EUSAGE, "--initial-capital: want a number above zero");
        opts.knobs.initial_capital = a->initial_capital;
    }
    if (a->list_knobs)
        return list_knobs(tp, &opts.knobs);
    if (check_args(tp, a))
        return -1;
    opts.allow_synthetic = a->allow_synthetic;
    if (a->max_gap != TP_INT_NONE)
        opts.max_gap = a->max_gap;
    opts.keep_results = true;
    opts.sink.to = tp;
    if (a->orders) {
        opts.sink.event = emit_event;
        opts.sink.trade = emit_trade;
        opts.sink.funding = emit_funding;
    }
    if (a->orders || a->trades)
        opts.sink.trip = emit_trip;
    if (a->orders || a->equity)
        opts.point = emit_point;
    if (a->orders)
        rc = tp_orders_read(&orders, a->orders, &tp->arena, &tp->err);
    source.orders = &orders;
    opts.orders = orders.at;
    opts.n_orders = orders.n;
    opts.orders_hash = orders.hash;
    opts.hedge = orders.hedge;
    tp_sampler_init(&source.price);
    if (rc == 0)
        rc = tp->n_operands ? run_stream(tp, a, &opts, &source) : run_source(tp, a, &opts, &source);
    tp_sampler_free(&source.price);
    tp_fundings_free(&source.rates);
    tp_strategy_close(opts.strategy);
    tp_orders_free(&orders);
    return rc;
}

/* ---- stored results -------------------------------------------------------------------------- */

struct list_args {
    const char *symbol, *strategy;
    bool        deleted;
    int64_t     limit;
};

static const struct tp_opt list_opts[] = {
    OPT_SYMBOL(struct list_args, symbol, "of this instrument alone"),
    OPT_TEXT(struct list_args, strategy, 0, "strategy", "NAME", "of this strategy alone (id or name)",
             .complete = "strategy"),
    OPT_DELETED(struct list_args, deleted),
    OPT_LIMIT(struct list_args, limit, "100"),
    OPT_STOP,
};

static int
cmd_list(struct tp_ctx *tp, const void *args)
{
    const struct list_args   *a = args;
    struct tp_backtest_filter filter = {a->symbol, a->strategy, a->deleted, a->limit};
    TP_AUTO_ROWS              rows = NULL;
    struct tp_uuid            user;

    if (tp_user_begin(tp, &user) || tp_backtest_list(tp->db, &filter, &rows, &tp->err)
        || tp_emit_rows(tp, &tp_backtest_record, rows))
        return -1;
    return tp_db_commit(tp->db, &tp->err);
}

static int
cmd_show(struct tp_ctx *tp, const void *args)
{
    struct tp_backtest b;
    struct tp_uuid     user, id;

    (void)args;
    if (tp_operand_id(tp, 0, &id) || tp_user_begin(tp, &user)
        || tp_backtest_get(tp->db, id, &b, &tp->arena, &tp->err) || tp_db_commit(tp->db, &tp->err))
        return -1;
    return emit_result(tp, &b);
}

struct report_args {
    const char *html;
};

static const struct tp_opt report_opts[] = {
    OPT_TEXT(struct report_args, html, 0, "html", "FILE", "where the page goes; - is standard output",
             .fallback = "backtest.html", .complete = "file"),
    OPT_STOP,
};

/* The closes between the result's first and last day, as far as they are still stored. */
static int
read_price(struct tp_ctx *tp, const struct tp_backtest *b, struct tp_sampler *price)
{
    struct tp_candle_key key = {b->exchange, b->symbol, b->timeframe};
    struct tp_bars       bars;
    int                  got;

    if (tp_candle_bars_begin(tp->db, &key, (struct tp_time){b->start_date * TP_US_DAY},
                             (struct tp_time){(b->end_date + 1) * TP_US_DAY}, &tp->err))
        return -1;
    tp_bars_init(&bars, 4096);
    while ((got = tp_candle_bars_next(tp->db, &bars, &tp->err)) > 0)
        for (size_t i = 0; i < bars.n; i++)
            tp_sampler_add(price, (struct tp_report_point){{bars.time[i]}, tp_column_get(&bars.close, i)});
    tp_bars_free(&bars);
    return got;
}

static int
cmd_report(struct tp_ctx *tp, const void *args)
{
    const struct report_args *a = args;
    struct tp_backtest        b;
    struct tp_sampler         price;
    struct tp_uuid            user, id;
    int                       rc;

    if (tp_operand_id(tp, 0, &id) || tp_user_begin(tp, &user)
        || tp_backtest_get(tp->db, id, &b, &tp->arena, &tp->err) || tp_db_commit(tp->db, &tp->err))
        return -1;
    tp_sampler_init(&price);
    rc = read_price(tp, &b, &price);
    if (rc == 0)
        rc = write_report(tp, &b, &price, a->html);
    tp_sampler_free(&price);
    if (rc == 0 && strcmp(a->html, "-"))
        tp_note(tp, "%s is written", a->html);
    return rc;
}

struct comparison {
    char          metric[32];
    struct tp_dec first, second, difference;
};

static const struct tp_field comparison_fields[] = {
    F_TEXT(struct comparison, metric, "what was measured"),
    F_DEC(struct comparison, first, "of the first run"),
    F_DEC(struct comparison, second, "of the second run"),
    F_DEC(struct comparison, difference, "second less first"),
    F_STOP,
};

static const struct tp_record comparison_record = {
    "backtest_comparison", "one measure of two backtests", comparison_fields, sizeof(struct comparison)};

/* Every decimal and count of the record, side by side. */
static int
cmd_compare(struct tp_ctx *tp, const void *args)
{
    struct tp_backtest b[2];
    struct tp_uuid     user, id[2];

    (void)args;
    if (tp_operand_id(tp, 0, &id[0]) || tp_operand_id(tp, 1, &id[1]) || tp_user_begin(tp, &user)
        || tp_backtest_get(tp->db, id[0], &b[0], &tp->arena, &tp->err)
        || tp_backtest_get(tp->db, id[1], &b[1], &tp->arena, &tp->err)
        || tp_db_commit(tp->db, &tp->err))
        return -1;
    for (const struct tp_field *f = tp_backtest_record.fields; f->kind != TP_F_STOP; f++) {
        struct comparison c = {.difference = TP_DEC_NONE};
        struct tp_dec    *values[] = {&c.first, &c.second};

        if (f->kind != TP_F_DEC && f->kind != TP_F_INT)
            continue;
        for (size_t i = 0; i < 2; i++) {
            int64_t count;

            if (f->kind == TP_F_DEC) {
                memcpy(values[i], (const char *)&b[i] + f->at, sizeof *values[i]);
                continue;
            }
            memcpy(&count, (const char *)&b[i] + f->at, sizeof count);
            *values[i] = count == INT64_MIN ? TP_DEC_NONE : tp_dec_int(count);
        }
        tp_text_set(c.metric, sizeof c.metric, f->name, strlen(f->name));
        if (!tp_dec_none(c.first) && !tp_dec_none(c.second)
            && tp_dec_sub(&c.difference, c.second, c.first, &tp->err))
            return -1;
        if (tp_emit(tp, &comparison_record, &c))
            return -1;
    }
    return 0;
}

/* Deletes or restores the user's result of the operand, and prints it without its long members, as list does. */
static int
change(struct tp_ctx *tp, int (*how)(struct tp_db *, struct tp_uuid, struct tp_err *))
{
    struct tp_backtest b;
    struct tp_uuid     user, id;

    if (tp_operand_id(tp, 0, &id) || tp_user_begin(tp, &user) || how(tp->db, id, &tp->err)
        || tp_backtest_get(tp->db, id, &b, &tp->arena, &tp->err) || tp_db_commit(tp->db, &tp->err))
        return -1;
    b.results = b.equity_curve = b.metrics = NULL;
    return tp_emit(tp, &tp_backtest_record, &b);
}

static int
cmd_delete(struct tp_ctx *tp, const void *args)
{
    (void)args;
    return change(tp, tp_backtest_delete);
}

static int
cmd_restore(struct tp_ctx *tp, const void *args)
{
    (void)args;
    return change(tp, tp_backtest_restore);
}

static const struct tp_cmd cmds[] = {
    {"run", "run a strategy or given orders over candles", run_opts, sizeof(struct run_args), cmd_run,
     "[FILE|-]", 0, 1,
     "  tp-backtest run -S builtin:sma-cross -e BINANCE -s BTCUSDT -i 1h   # on stored candles\n"
     "  tp-backtest run -S builtin:sma-cross -P fast=20 candles.csv   # on a file; stores nothing\n"
     "  tp-backtest run --list-knobs                      # the fill rules and their values\n"
     "  tp-backtest run --orders orders.jsonl candles.jsonl   # what these orders would have done\n"},
    {"list", "list stored results, newest first", list_opts, sizeof(struct list_args), cmd_list, NULL, 0, 0,
     "  tp-backtest list --symbol BTCUSDT -n 10           # the ten newest\n"},
    {"show", "print one stored result whole", NULL, 0, cmd_show, "ID", 1, 1,
     "  tp-backtest show -o json ID | jq .metrics.monthly # returns by month\n"},
    {"report", "write one self-contained page about a stored result", report_opts,
     sizeof(struct report_args), cmd_report, "ID", 1, 1,
     "  tp-backtest report --html run.html ID             # equity, drawdown, months, trades\n"},
    {"compare", "put the measures of two stored results side by side", NULL, 0, cmd_compare, "ID ID", 2, 2,
     "  tp-backtest compare ID ID                         # what changed between two runs\n"},
    {"delete", "mark a stored result as deleted", NULL, 0, cmd_delete, "ID", 1, 1,
     "  tp-backtest delete ID                             # restore takes it back\n"},
    {"restore", "take back the deletion of a stored result", NULL, 0, cmd_restore, "ID", 1, 1,
     "  tp-backtest restore ID                            # it is listed again\n"},
    {0},
};

static const struct tp_prog prog = {
    .name = "tp-backtest",
    .help = "run strategies over candles, keep and compare the results",
    .cmds = cmds,
    .db_role = "tp_app",
    .examples = "tp-prices export --symbol BTCUSDT --interval 1h |\n    tp-backtest run --strategy builtin:sma-cross -\n",
};

int
main(int argc, char **argv)
{
    return tp_main(&prog, argc, argv);
}
