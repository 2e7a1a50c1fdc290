/* tp-prices - candles: in, out, made up, made coarser, looked over. */
#include "base/db.h"
#include "base/prog.h"
#include "market/generate.h"
#include "market/read.h"
#include "market/resample.h"
#include "store/candle.h"
#include "store/symbol.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 4096

/* ---- what the commands share --------------------------------------------------------------------- */

struct key_args {
    const char    *exchange, *symbol, *interval;
    struct tp_time from, to;
};

#define OPT_EXCHANGE(type)                                                                         \
    OPT_TEXT(type, key.exchange, 'e', "exchange", "CODE", "the venue", .fallback = "BINANCE",      \
             .config = "exchange", .complete = "exchange")
#define OPT_SYMBOL(type)                                                                           \
    OPT_TEXT(type, key.symbol, 's', "symbol", "SYMBOL", "the instrument", .complete = "symbol")
#define OPT_INTERVAL(type)                                                                         \
    OPT_ENUM(type, key.interval, 'i', "interval", tp_interval_names, "length of the candles")
#define OPT_RANGE(type)                                                                            \
    OPT_TIME(type, key.from, 0, "from", "first open time (UTC)"),                                  \
        OPT_TIME(type, key.to, 0, "to", "open times before this one (UTC)")

static int
need(struct tp_ctx *tp, const struct key_args *key)
{
    if (!key->symbol)
        return tp_fail(&tp->err, TP_EUSAGE, "--symbol SYMBOL is required");
    if (!key->interval)
        return tp_fail(&tp->err, TP_EUSAGE, "--interval WORD is required");
    return 0;
}

/* The instrument must be known: candles are stored under it. */
static int
check_symbol(struct tp_ctx *tp, const struct key_args *key, struct tp_symbol *symbol)
{
    return tp_ctx_db(tp)
                   || tp_symbol_get(tp->db, key->exchange, key->symbol, symbol, &tp->arena, &tp->err)
               ? -1
               : 0;
}

static struct tp_candle_key
store_key(const struct key_args *key)
{
    return (struct tp_candle_key){key->exchange, key->symbol, key->interval};
}

static int
begin_read(struct tp_ctx *tp, const struct key_args *key)
{
    struct tp_candle_key k = store_key(key);

    return tp_candle_read_begin(tp->db, &k, key->from, key->to, &tp->err);
}

/* A candle of the key, for rows that do not repeat it. */
static struct tp_candle
candle_of(const struct key_args *key)
{
    struct tp_candle c;

    tp_record_init(&tp_candle_record, &c);
    tp_text_set(c.exchange, sizeof c.exchange, key->exchange, strlen(key->exchange));
    tp_text_set(c.symbol, sizeof c.symbol, key->symbol, strlen(key->symbol));
    tp_text_set(c.interval, sizeof c.interval, key->interval, strlen(key->interval));
    return c;
}

/* ---- tp-prices import ------------------------------------------------------------------------------ */

struct import_args {
    struct key_args key;
    const char     *columns, *reject;
    bool            dry_run;
};

static const struct tp_opt import_opts[] = {
    OPT_EXCHANGE(struct import_args),
    OPT_SYMBOL(struct import_args),
    OPT_INTERVAL(struct import_args),
    OPT_RANGE(struct import_args),
    OPT_TEXT(struct import_args, columns, 0, "columns", "LIST",
             "what the columns of a CSV are: time,open,high,low,close,volume,-"),
    OPT_TEXT(struct import_args, reject, 0, "reject", "FILE", "set bad rows aside in this file and go on",
             .complete = "file"),
    OPT_FLAG(struct import_args, dry_run, 0, "dry-run", "read and check, store nothing"),
    OPT_STOP,
};

/* "BTCUSDT-1m-2022-01.zip": the venue's file names say symbol and interval. */
static void
from_name(const char *path, char symbol[TP_SYMBOL_SIZE], char interval[4])
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    const char *dash = strchr(name, '-');
    const char *end = dash ? dash + 1 + strcspn(dash + 1, "-.") : NULL;
    char        word[4];

    symbol[0] = interval[0] = '\0';
    if (!dash || !tp_text_set(word, sizeof word, dash + 1, (size_t)(end - dash - 1))
        || !tp_interval_find(word))
        return;
    tp_text_set(symbol, TP_SYMBOL_SIZE, name, (size_t)(dash - name));
    tp_text_set(interval, 4, word, strlen(word));
}

/* Sets a refused line aside: its number and why, then the line as it was. */
static int
set_aside(struct tp_ctx *tp, struct tp_reader *r, int fd, struct tp_import *done)
{
    TP_AUTO_BUF text = {0};
    const char *line;
    size_t      n;

    if (tp->err.code != TP_EINPUT || !tp_reader_skip(r, &line, &n))
        return -1;
    tp_buf_put(&text, line, n);
    tp_buf_char(&text, '\n');
    tp_warn(tp, "%s", tp->err.msg);
    if (write(fd, text.at, text.n) != (ssize_t)text.n)
        return tp_fail(&tp->err, TP_EFAIL, "--reject: writing failed");
    done->rows_rejected++;
    return 0;
}

/* Reads everything; blocks are taken in unless `to` is NULL. */
static int
copy_blocks(struct tp_ctx *tp, struct tp_reader *reader, const struct tp_source *bytes,
            struct tp_candle_import *to, int reject, struct tp_import *done)
{
    struct tp_bars bars;
    int            got;

    tp_bars_init(&bars, BLOCK);
    do {
        got = tp_reader_next(reader, &bars, &tp->err);
        if (got < 0 && reject >= 0 && set_aside(tp, reader, reject, done) == 0)
            got = 1;
        if (got >= 0 && bars.n) {
            if (tp_time_none(done->first_time))
                done->first_time.us = bars.time[0];
            done->last_time.us = bars.time[bars.n - 1];
            done->rows_read += (int64_t)bars.n;
            tp_progress_draw(tp->progress, "reading", done->rows_read, tp_source_percent(bytes));
            if (to && tp_candle_import_put(to, &bars, &tp->err))
                got = -1;
        }
        if (got > 0 && tp_stopped(&tp->err))
            got = -1;
    } while (got > 0);
    tp_bars_free(&bars);
    return got;
}

static void
warn_retention(struct tp_ctx *tp, const struct tp_import *done)
{
    int64_t days;

    if (tp_candle_retention(tp->db, done->interval, &days, &tp->err) || days == INT64_MIN
        || tp_time_none(done->first_time)
        || done->first_time.us > tp_time_now().us - days * TP_US_DAY)
        return;
    tp_warn(tp, "candles of %s are kept for %lld days: some of these are older", done->interval,
            (long long)days);
}

/* Symbol, exchange and interval: options, then what the file says, then its name. */
static int
identify(struct tp_ctx *tp, const struct import_args *a, struct tp_reader *reader, const char *path,
         struct key_args *key, struct tp_import *done)
{
    const struct tp_candle *first = tp_reader_first(reader);
    char                    symbol[TP_SYMBOL_SIZE], interval[4];

    from_name(path, symbol, interval);
    *key = a->key;
    if (!key->symbol)
        key->symbol = first->symbol[0] ? first->symbol : symbol[0] ? symbol : NULL;
    if (first->exchange[0])
        key->exchange = first->exchange;
    if (!key->interval)
        key->interval = tp_reader_interval(reader) ? tp_reader_interval(reader)->name
                        : interval[0]              ? interval
                                                   : NULL;
    if (need(tp, key))
        return -1;
    if (!tp_text_set(done->symbol, sizeof done->symbol, key->symbol, strlen(key->symbol))
        || !tp_text_set(done->exchange, sizeof done->exchange, key->exchange, strlen(key->exchange)))
        return tp_fail(&tp->err, TP_EUSAGE, "--symbol, --exchange: too long");
    tp_text_set(done->interval, sizeof done->interval, key->interval, strlen(key->interval));
    key->symbol = done->symbol;
    key->exchange = done->exchange;
    key->interval = done->interval;
    return 0;
}

static int
import_reader(struct tp_ctx *tp, const struct import_args *a, struct tp_reader *reader,
              const struct tp_source *bytes, const char *path, int reject, struct tp_import *done)
{
    struct key_args      key;
    struct tp_symbol     symbol;
    struct tp_candle_key k;
    const char          *source = "IMPORT";
    struct tp_candle_import *to;
    int                  rc, peeked = tp_reader_peek(reader, &tp->err);

    if (peeked < 0)
        return -1;
    if (!peeked)
        return tp_fail(&tp->err, TP_EINPUT, "%.200s: there are no candles in it", path);
    if (identify(tp, a, reader, path, &key, done))
        return -1;
    if (a->dry_run)
        return copy_blocks(tp, reader, bytes, NULL, reject, done);
    if (tp_reader_first(reader)->source[0])
        source = tp_reader_first(reader)->source;
    k = store_key(&key);
    if (check_symbol(tp, &key, &symbol) || tp_candle_import_begin(&to, tp->db, &k, source, &tp->err))
        return -1;
    rc = copy_blocks(tp, reader, bytes, to, reject, done) || tp_candle_import_end(to, done, &tp->err) ? -1 : 0;
    tp_candle_import_free(to);
    if (rc == 0)
        warn_retention(tp, done);
    return rc;
}

static int
import_file(struct tp_ctx *tp, const struct import_args *a, const char *path, int reject)
{
    struct tp_import    done;
    struct tp_source   *bytes;
    struct tp_reader   *reader;
    struct tp_read_opts how = {.name = path, .columns = a->columns, .from = a->key.from, .to = a->key.to,
                               .interval = a->key.interval ? tp_interval_find(a->key.interval) : NULL};
    int                 rc;

    tp_record_init(&tp_import_record, &done);
    done.rows_read = done.rows_rejected = 0;
    tp_text_safe(done.file, sizeof done.file, path, strlen(path));
    if (tp_source_open(&bytes, path, &tp->err))
        return -1;
    tp_reader_open(&reader, &how, bytes);
    rc = import_reader(tp, a, reader, bytes, path, reject, &done);
    tp_reader_close(reader);
    tp_source_close(bytes);
    return rc ? -1 : tp_emit(tp, &tp_import_record, &done);
}

static int
import(struct tp_ctx *tp, const void *args)
{
    const struct import_args *a = args;
    int                       reject = -1, rc = 0;

    tp->db_statement_ms = 0;
    if (a->reject && (reject = open(a->reject, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) < 0)
        return tp_fail(&tp->err, TP_EFAIL, "--reject: the file cannot be written");
    for (size_t i = 0; i < tp->n_operands && !rc; i++)
        rc = import_file(tp, a, tp->operands[i], reject);
    if (reject >= 0)
        close(reject);
    return rc;
}

/* ---- tp-prices export ------------------------------------------------------------------------------ */

struct export_args {
    struct key_args key;
    bool            binance;
};

static const struct tp_opt export_opts[] = {
    OPT_EXCHANGE(struct export_args),
    OPT_SYMBOL(struct export_args),
    OPT_INTERVAL(struct export_args),
    OPT_RANGE(struct export_args),
    OPT_FLAG(struct export_args, binance, 0, "binance",
             "write the venue's twelve columns without a header (milliseconds)"),
    OPT_STOP,
};

static void
put_dec(struct tp_buf *to, struct tp_dec d)
{
    if (tp_dec_none(d))
        d = TP_DEC_ZERO; /* the layout has no empty cells */
    to->n += tp_dec_print(tp_buf_reserve(to, TP_DEC_TEXT), d, TP_DEC_SCALE);
    tp_buf_char(to, ',');
}

static int
put_binance(struct tp_ctx *tp, const struct tp_candle *c)
{
    TP_AUTO_BUF row = {0};
    int64_t     close = tp_time_none(c->close_time)
                            ? c->timestamp.us + tp_interval_find(c->interval)->us - 1000
                            : c->close_time.us;

    tp_buf_fmt(&row, "%lld,", (long long)(c->timestamp.us / 1000));
    put_dec(&row, c->open);
    put_dec(&row, c->high);
    put_dec(&row, c->low);
    put_dec(&row, c->close);
    put_dec(&row, c->volume);
    tp_buf_fmt(&row, "%lld,", (long long)(close / 1000));
    put_dec(&row, c->quote_volume);
    tp_buf_fmt(&row, "%lld,", (long long)(c->trades_count == INT64_MIN ? 0 : c->trades_count));
    put_dec(&row, c->taker_buy_volume);
    put_dec(&row, c->taker_buy_quote_volume);
    tp_buf_text(&row, "0\n");
    return tp_out_text(&tp->out, row.at, row.n, &tp->err);
}

static int
export(struct tp_ctx *tp, const void *args)
{
    const struct export_args *a = args;
    struct tp_symbol          symbol;
    struct tp_candle          c;
    int                       got;

    tp->db_statement_ms = 0;
    if (need(tp, &a->key) || check_symbol(tp, &a->key, &symbol))
        return -1;
    c = candle_of(&a->key);
    if (!a->binance && tp->out.form == TP_FORM_JSON && tp_emit(tp, &tp_symbol_record, &symbol))
        return -1;
    if (begin_read(tp, &a->key))
        return -1;
    while ((got = tp_candle_read_next(tp->db, &c, &tp->err)) > 0)
        if (a->binance ? put_binance(tp, &c) : tp_emit(tp, &tp_candle_record, &c))
            return -1;
    return got;
}

/* ---- tp-prices generate ---------------------------------------------------------------------------- */

struct generate_args {
    struct key_args key;
    int64_t         count, seed;
    struct tp_dec   price;
    bool            store;
};

static const struct tp_opt generate_opts[] = {
    OPT_EXCHANGE(struct generate_args),
    OPT_SYMBOL(struct generate_args),
    OPT_INTERVAL(struct generate_args),
    OPT_TIME(struct generate_args, key.from, 0, "from", "first open time (UTC)", .fallback = "2024-01-01"),
    OPT_INT(struct generate_args, count, 'n', "count", "N", 1, 1000000000, "how many candles",
            .fallback = "10000"),
    OPT_INT(struct generate_args, seed, 0, "seed", "N", 0, INT64_MAX, "the same number, the same candles",
            .fallback = "1"),
    OPT_DEC(struct generate_args, price, 0, "price", "PRICE", "the first price", .fallback = "30000"),
    OPT_FLAG(struct generate_args, store, 0, "store", "store them instead of printing them"),
    OPT_STOP,
};

static int
store_generated(struct tp_ctx *tp, const struct generate_args *a, struct tp_generate *g)
{
    struct tp_symbol     symbol;
    struct tp_import     done;
    struct tp_candle_key k = store_key(&a->key);
    struct tp_candle_import *to;
    struct tp_bars       bars;
    int                  rc = 0;

    tp_record_init(&tp_import_record, &done);
    tp_text_set(done.file, sizeof done.file, "generated", 9);
    tp_text_set(done.exchange, sizeof done.exchange, k.exchange, strlen(k.exchange));
    tp_text_set(done.symbol, sizeof done.symbol, k.symbol, strlen(k.symbol));
    tp_text_set(done.interval, sizeof done.interval, k.interval, strlen(k.interval));
    done.rows_rejected = done.rows_read = 0;
    done.first_time.us = g->next_us;
    if (check_symbol(tp, &a->key, &symbol) || tp_candle_import_begin(&to, tp->db, &k, "SYNTHETIC", &tp->err))
        return -1;
    g->tick = symbol.tick_size;
    tp_bars_init(&bars, BLOCK);
    while (!rc && done.rows_read < a->count) {
        tp_progress_draw(tp->progress, "storing", done.rows_read, (int)(done.rows_read * 100 / a->count));
        rc = tp_generate_next(g, &bars, &tp->err);
        if (bars.n > (size_t)(a->count - done.rows_read))
            bars.n = (size_t)(a->count - done.rows_read);
        if (!rc)
            rc = tp_candle_import_put(to, &bars, &tp->err);
        done.last_time.us = bars.time[bars.n - 1];
        done.rows_read += (int64_t)bars.n;
    }
    tp_bars_free(&bars);
    if (!rc)
        rc = tp_candle_import_end(to, &done, &tp->err);
    tp_candle_import_free(to);
    return rc ? -1 : tp_emit(tp, &tp_import_record, &done);
}

static int
print_generated(struct tp_ctx *tp, const struct generate_args *a, struct tp_generate *g)
{
    struct tp_bars bars;
    int64_t        left = a->count;
    int            rc = 0;

    tp_bars_init(&bars, BLOCK);
    while (!rc && left > 0) {
        rc = tp_generate_next(g, &bars, &tp->err);
        for (size_t i = 0; i < bars.n && left > 0 && !rc; i++, left--) {
            struct tp_candle c = tp_bars_candle(&bars, i);

            /* They belong to no venue: a backtest of a real symbol must not take them for its own. */
            tp_text_set(c.symbol, sizeof c.symbol, a->key.symbol, strlen(a->key.symbol));
            tp_text_set(c.interval, sizeof c.interval, a->key.interval, strlen(a->key.interval));
            rc = tp_emit(tp, &tp_candle_record, &c);
        }
        if (!rc)
            rc = tp_stopped(&tp->err);
    }
    tp_bars_free(&bars);
    return rc;
}

static int
generate(struct tp_ctx *tp, const void *args)
{
    const struct generate_args *a = args;
    struct tp_generate          g = {.state = (uint64_t)a->seed, .price = a->price, .tick = {1000000}};

    if (need(tp, &a->key))
        return -1;
    if (strlen(a->key.symbol) >= TP_SYMBOL_SIZE)
        return tp_fail(&tp->err, TP_EUSAGE, "--symbol: too long");
    if (tp_dec_sign(a->price) <= 0)
        return tp_fail(&tp->err, TP_EUSAGE, "--price: want a number above zero");
    g.step_us = tp_interval_find(a->key.interval)->us;
    g.next_us = tp_interval_floor(tp_interval_find(a->key.interval), a->key.from).us;
    return a->store ? store_generated(tp, a, &g) : print_generated(tp, a, &g);
}

/* ---- tp-prices resample ---------------------------------------------------------------------------- */

struct resample_args {
    struct key_args key;
    const char     *from_interval;
    bool            complete_only, dry_run;
};

static const struct tp_opt resample_opts[] = {
    OPT_EXCHANGE(struct resample_args),
    OPT_SYMBOL(struct resample_args),
    OPT_ENUM(struct resample_args, from_interval, 0, "from-interval", tp_interval_names, "the finer candles",
             .fallback = "1m"),
    OPT_INTERVAL(struct resample_args),
    OPT_RANGE(struct resample_args),
    OPT_FLAG(struct resample_args, complete_only, 0, "complete-only",
             "leave out candles of which finer ones are missing"),
    OPT_FLAG(struct resample_args, dry_run, 0, "dry-run", "print the candles, store nothing"),
    OPT_STOP,
};

/* Where the buckets go: blocks of them into the import, so that any number takes the same memory. */
struct buckets {
    struct tp_candle_import *to; /* NULL: they are printed */
    struct tp_bars           bars;
    struct tp_import         done;
};

static int
put_buckets(struct tp_ctx *tp, struct buckets *b)
{
    if (b->bars.n == 0)
        return 0;
    if (b->done.rows_read == 0)
        b->done.first_time.us = b->bars.time[0];
    b->done.last_time.us = b->bars.time[b->bars.n - 1];
    b->done.rows_read += (int64_t)b->bars.n;
    if (tp_candle_import_put(b->to, &b->bars, &tp->err))
        return -1;
    tp_bars_clear(&b->bars);
    return 0;
}

/* A bucket whose end has not passed is still forming and is left out. */
static int
keep_bucket(struct tp_ctx *tp, const struct resample_args *a, struct buckets *b,
            const struct tp_candle *c)
{
    if (c->timestamp.us + tp_interval_find(a->key.interval)->us > tp_time_now().us)
        return 0;
    if (!b->to)
        return tp_emit(tp, &tp_candle_record, c);
    tp_bars_push(&b->bars, c);
    return b->bars.n == BLOCK ? put_buckets(tp, b) : 0;
}

static int
resample_rows(struct tp_ctx *tp, struct tp_db *db, const struct resample_args *a, struct buckets *b)
{
    struct key_args      fine = a->key;
    struct tp_candle_key k;
    struct tp_resample   r;
    struct tp_candle     c, out;
    int                  got;

    fine.interval = a->from_interval;
    k = store_key(&fine);
    if (tp_resample_init(&r, tp_interval_find(a->from_interval), tp_interval_find(a->key.interval),
                         a->complete_only, &tp->err)
        || tp_candle_read_begin(db, &k, fine.from, fine.to, &tp->err))
        return -1;
    c = candle_of(&fine);
    while ((got = tp_candle_read_next(db, &c, &tp->err)) > 0) {
        int given = tp_resample_put(&r, &c, &out, &tp->err);

        if (given < 0 || (given && keep_bucket(tp, a, b, &out)))
            return -1;
    }
    if (got < 0 || (tp_resample_end(&r, &out) && keep_bucket(tp, a, b, &out)))
        return -1;
    return put_buckets(tp, b);
}

/* Candles are read on a connection of their own while the buckets go in on the other. */
static int
resample_into(struct tp_ctx *tp, const struct resample_args *a, struct buckets *b)
{
    struct tp_candle_key k = store_key(&a->key);
    struct tp_db        *from = NULL;
    int                  rc;

    tp_record_init(&tp_import_record, &b->done);
    tp_text_set(b->done.file, sizeof b->done.file, "resampled", 9);
    tp_text_set(b->done.exchange, sizeof b->done.exchange, k.exchange, strlen(k.exchange));
    tp_text_set(b->done.symbol, sizeof b->done.symbol, k.symbol, strlen(k.symbol));
    tp_text_set(b->done.interval, sizeof b->done.interval, k.interval, strlen(k.interval));
    b->done.rows_read = b->done.rows_rejected = 0;
    if (tp_ctx_db_more(tp, &from))
        return -1;
    rc = tp_candle_import_begin(&b->to, tp->db, &k, "RESAMPLED", &tp->err);
    if (!rc) {
        rc = resample_rows(tp, from, a, b) || tp_candle_import_end(b->to, &b->done, &tp->err)
             || tp_emit(tp, &tp_import_record, &b->done);
        tp_candle_import_free(b->to);
    }
    tp_db_close(from);
    return rc ? -1 : 0;
}

static int
resample(struct tp_ctx *tp, const void *args)
{
    const struct resample_args *a = args;
    struct tp_symbol            symbol;
    struct buckets              b = {0};
    int                         rc;

    tp->db_statement_ms = 0;
    if (need(tp, &a->key) || check_symbol(tp, &a->key, &symbol))
        return -1;
    if (a->dry_run)
        return resample_rows(tp, tp->db, a, &b);
    tp_bars_init(&b.bars, BLOCK);
    rc = resample_into(tp, a, &b);
    tp_bars_free(&b.bars);
    return rc;
}

/* ---- tp-prices coverage, gaps, verify ------------------------------------------------------------------ */

struct look_args {
    struct key_args key;
};

static const struct tp_opt look_opts[] = {
    OPT_EXCHANGE(struct look_args), OPT_SYMBOL(struct look_args), OPT_INTERVAL(struct look_args),
    OPT_RANGE(struct look_args), OPT_STOP};

static const struct tp_opt coverage_opts[] = {
    OPT_TEXT(struct look_args, key.exchange, 'e', "exchange", "CODE", "only this venue",
             .complete = "exchange"),
    OPT_TEXT(struct look_args, key.symbol, 's', "symbol", "SYMBOL", "only this instrument",
             .complete = "symbol"),
    OPT_ENUM(struct look_args, key.interval, 'i', "interval", tp_interval_names, "only this length"),
    OPT_STOP};

static int
coverage(struct tp_ctx *tp, const void *args)
{
    const struct look_args *a = args;
    struct tp_candle_key    k = store_key(&a->key);
    struct tp_coverage      row;
    TP_AUTO_ROWS            rows = NULL;
    int                     more;

    if (tp_ctx_db(tp) || tp_candle_coverage(tp->db, &k, &rows, &tp->err))
        return -1;
    while ((more = tp_rows_next(rows, &tp_coverage_record, &row, &tp->arena, &tp->err)) > 0)
        if (tp_emit(tp, &tp_coverage_record, &row))
            return -1;
    return more;
}

/* A finding of gaps or verify. */
struct finding {
    char           symbol[TP_SYMBOL_SIZE];
    char           interval[4];
    char           kind[16];
    struct tp_time from, to;
    int64_t        candles;
};

static const char *const finding_kinds[] = {"missing", "no_trades", "close_time", NULL};

static const struct tp_field finding_fields[] = {
    F_TEXT(struct finding, symbol, "instrument"),
    F_TEXT(struct finding, interval, "interval of the candles"),
    F_TEXT(struct finding, kind,
           "missing: no candles; no_trades: candles without a trade; close_time: a candle that ended early",
           .choices = finding_kinds),
    F_TIME(struct finding, from, "open time of the first candle concerned"),
    F_TIME(struct finding, to, "end of the last one, not part of it; the close time of close_time"),
    F_INT(struct finding, candles, "how many candles"),
    F_STOP,
};

static const struct tp_record finding_record = {"price_finding", "something to know about stored candles",
                                                finding_fields, sizeof(struct finding)};

static int
emit_finding(struct tp_ctx *tp, const struct tp_candle *c, const char *kind, int64_t from, int64_t to,
             int64_t candles)
{
    struct finding f;

    tp_record_init(&finding_record, &f);
    memcpy(f.symbol, c->symbol, sizeof f.symbol);
    memcpy(f.interval, c->interval, sizeof f.interval);
    tp_text_set(f.kind, sizeof f.kind, kind, strlen(kind));
    f.from.us = from;
    f.to.us = to;
    f.candles = candles;
    return tp_emit(tp, &finding_record, &f);
}

/* Walks the stored candles; every = false tells only what is missing. */
static int
walk(struct tp_ctx *tp, const struct key_args *key, bool every)
{
    struct tp_symbol symbol;
    struct tp_candle c, last;
    int64_t          step, quiet_from = 0, quiet = 0, found = 0;
    bool             any = false;
    int              got;

    tp->db_statement_ms = 0;
    if (need(tp, key) || check_symbol(tp, key, &symbol) || begin_read(tp, key))
        return -1;
    c = candle_of(key);
    step = tp_interval_find(key->interval)->us;
    while ((got = tp_candle_read_next(tp->db, &c, &tp->err)) > 0) {
        bool still = c.trades_count == 0 || (c.trades_count == INT64_MIN && c.volume.units == 0);

        if (any && c.timestamp.us != last.timestamp.us + step) {
            found++;
            if (emit_finding(tp, &c, "missing", last.timestamp.us + step, c.timestamp.us,
                             (c.timestamp.us - last.timestamp.us) / step - 1))
                return -1;
        }
        if (every && !still && quiet
            && emit_finding(tp, &last, "no_trades", quiet_from, last.timestamp.us + step, quiet))
            return -1;
        if (still && !quiet)
            quiet_from = c.timestamp.us;
        quiet = still ? quiet + 1 : 0;
        if (every && !tp_time_none(c.close_time)
            && emit_finding(tp, &c, "close_time", c.timestamp.us, c.close_time.us, 1))
            return -1;
        last = c;
        any = true;
    }
    if (got < 0)
        return -1;
    if (every && quiet && emit_finding(tp, &last, "no_trades", quiet_from, last.timestamp.us + step, quiet))
        return -1;
    if (!any)
        return tp_fail(&tp->err, TP_EMISSING, "there are no candles of %s %s in that range", key->symbol,
                       key->interval);
    tp_note(tp, "%lld gaps", (long long)found);
    return 0;
}

static int
gaps(struct tp_ctx *tp, const void *args)
{
    return walk(tp, &((const struct look_args *)args)->key, false);
}

static int
verify(struct tp_ctx *tp, const void *args)
{
    return walk(tp, &((const struct look_args *)args)->key, true);
}

/* ---- the program --------------------------------------------------------------------------------------- */

static const struct tp_cmd cmds[] = {
    {"import", "store candles of files; all of a file or nothing", import_opts, sizeof(struct import_args),
     import, "FILE...", 1, SIZE_MAX,
     "tp-prices import BTCUSDT-1m-2024-01.zip                    # the name says what is in it\n"
     "tp-prices import --symbol BTCUSDT --interval 1h - <candles.csv\n"
     "tp-prices import --symbol X --columns time,open,high,low,close,volume,- x.csv"},
    {"export", "print stored candles in time order", export_opts, sizeof(struct export_args), export, NULL, 0,
     0,
     "tp-prices export -s BTCUSDT -i 1h | tp-backtest run -S builtin:sma-cross -\n"
     "tp-prices export --symbol BTCUSDT --interval 1h --from 2024-01-01 -o csv"},
    {"generate", "invent candles: a seeded random walk, marked as such", generate_opts,
     sizeof(struct generate_args), generate, NULL, 0, 0,
     "tp-prices generate --symbol DEMO --interval 1h --count 5000 --seed 7"},
    {"resample", "make coarser candles from stored finer ones", resample_opts, sizeof(struct resample_args),
     resample, NULL, 0, 0, "tp-prices resample --symbol BTCUSDT --from-interval 1m --interval 1h"},
    {"coverage", "print what is stored", coverage_opts, sizeof(struct look_args), coverage, NULL, 0, 0,
     "tp-prices coverage"},
    {"gaps", "print the ranges in which candles are missing", look_opts, sizeof(struct look_args), gaps, NULL,
     0, 0, "tp-prices gaps --symbol BTCUSDT --interval 1m"},
    {"verify", "print gaps, runs without trades and candles that ended early", look_opts,
     sizeof(struct look_args), verify, NULL, 0, 0, "tp-prices verify --symbol BTCUSDT --interval 1m"},
    {0},
};

static const struct tp_prog prog = {
    .name = "tp-prices",
    .help = "candles: in, out, made up, made coarser, looked over",
    .cmds = cmds,
    .examples = "tp-prices import BTCUSDT-1m-2024-01.zip\n"
                "tp-prices export --symbol BTCUSDT --interval 1h | head",
    .db_role = "tp_service",
};

int
main(int argc, char **argv)
{
    return tp_main(&prog, argc, argv);
}
