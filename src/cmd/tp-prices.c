/* tp-prices - candles: in, out, made up, made coarser, looked over. */
#include "base/db.h"
#include "base/prog.h"
#include "cmd/prices.h"
#include "market/generate.h"
#include "market/read.h"
#include "market/resample.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 4096

/* ---- what the commands share --------------------------------------------------------------------- */

int
prices_need(struct tp_ctx *tp, const struct prices_key *key)
{
    if (!key->symbol)
        return tp_fail(&tp->err, TP_EUSAGE, "--symbol SYMBOL is required");
    if (!key->interval)
        return tp_fail(&tp->err, TP_EUSAGE, "--interval WORD is required");
    return 0;
}

int
prices_symbol(struct tp_ctx *tp, const struct prices_key *key, struct tp_symbol *symbol)
{
    return tp_ctx_db(tp)
                   || tp_symbol_get(tp->db, key->exchange, key->symbol, symbol, &tp->arena, &tp->err)
               ? -1
               : 0;
}

struct tp_candle_key
prices_store_key(const struct prices_key *key)
{
    return (struct tp_candle_key){key->exchange, key->symbol, key->interval};
}

int
prices_begin_read(struct tp_ctx *tp, const struct prices_key *key)
{
    struct tp_candle_key k = prices_store_key(key);

    return tp_candle_read_begin(tp->db, &k, key->from, key->to, &tp->err);
}

struct tp_candle
prices_candle(const struct prices_key *key)
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
    struct prices_key key;
    const char       *columns, *reject;
    bool              dry_run;
};

static const struct tp_opt import_opts[] = {
    OPT_PRICES_KEY(struct import_args, .required = false),
    OPT_PRICES_RANGE(struct import_args),
    OPT_TEXT(struct import_args, columns, 0, "columns", "LIST",
             "what the columns of a CSV are: time,open,high,low,close,volume,-"),
    OPT_TEXT(struct import_args, reject, 0, "reject", "FILE", "set bad rows aside in this file and go on",
             .complete = "file"),
    OPT_FLAG(struct import_args, dry_run, 0, "dry-run", "read and check, store nothing"),
    OPT_STOP,
};

/* Rows that were set aside.  Those of a file are held back until its candles stand, so that an import that
 * fails leaves what an earlier one has written. */
struct rejects {
    const char   *path; /* NULL: bad rows stop the file */
    int           fd;
    bool          made;  /* by us, now */
    bool          begun; /* what was in it before is gone */
    struct tp_buf rows;
};

static int
open_rejects(struct tp_ctx *tp, struct rejects *r)
{
    if (!r->path)
        return 0;
    r->fd = open(r->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    r->made = r->fd >= 0;
    if (r->fd < 0)
        r->fd = open(r->path, O_WRONLY | O_CLOEXEC);
    return r->fd < 0 ? tp_fail(&tp->err, TP_EFAIL, "--reject: %s", strerror(errno)) : 0;
}

/* Writes the rows of a file that was taken in. */
static int
write_rejects(struct tp_ctx *tp, struct rejects *r)
{
    size_t at = 0;

    if (!r->path)
        return 0;
    if (!r->begun)
        (void)!ftruncate(r->fd, 0); /* what is no regular file cannot be cut, nor need it be */
    r->begun = true;
    while (at < r->rows.n) {
        ssize_t n = write(r->fd, r->rows.at + at, r->rows.n - at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            tp_fail(&tp->err, TP_EFAIL, "--reject: %s: the candles are stored, their rejected rows are not written",
                    strerror(errno));
            return tp_hint(&tp->err, "importing the file again changes no candle and writes them");
        }
        at += (size_t)n;
    }
    tp_buf_clear(&r->rows);
    return 0;
}

static void
close_rejects(struct rejects *r)
{
    if (r->path && r->fd >= 0) {
        close(r->fd);
        if (r->made && !r->begun)
            unlink(r->path);
    }
    tp_buf_free(&r->rows);
}

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

/* Sets a refused row aside as it was. */
static int
set_aside(struct tp_ctx *tp, struct tp_reader *r, struct rejects *to, struct tp_import *done)
{
    const char *line;
    size_t      n;

    if (!to || !to->path || tp->err.code != TP_EINPUT || !tp_reader_skip(r, &line, &n))
        return -1;
    tp_buf_put(&to->rows, line, n);
    tp_buf_char(&to->rows, '\n');
    tp_warn(tp, "%s", tp->err.msg);
    done->rows_rejected++;
    return 0;
}

/* Reads everything; blocks are taken in unless `to` is NULL, bad rows are set aside unless `rejects` is. */
static int
copy_blocks(struct tp_ctx *tp, struct tp_reader *reader, const struct tp_source *bytes,
            struct tp_candle_import *to, struct rejects *rejects, struct tp_import *done)
{
    struct tp_bars bars;
    int            got;

    tp_bars_init(&bars, BLOCK);
    do {
        got = tp_reader_next(reader, &bars, &tp->err);
        if (got < 0 && set_aside(tp, reader, rejects, done) == 0)
            got = 1;
        if (got >= 0 && bars.n) {
            tp_import_saw(done, (struct tp_time){bars.time[0]});
            tp_import_saw(done, (struct tp_time){bars.time[bars.n - 1]});
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

void
prices_say_before(struct tp_ctx *tp, const struct tp_import_file *file, const struct tp_import *done)
{
    char text[TP_TIME_TEXT];

    if (tp_time_none(file->before))
        return;
    tp_time_print(text, file->before);
    tp_note(tp, "%s: the same bytes were taken in on %.19sZ", done->file, text);
}

int
prices_identify(struct tp_ctx *tp, const struct prices_key *given, struct tp_reader *reader, const char *path,
         struct prices_key *key, struct tp_import *done)
{
    const struct tp_candle *first = tp_reader_first(reader);
    char                    symbol[TP_SYMBOL_SIZE], interval[4];

    from_name(path, symbol, interval);
    *key = *given;
    if (!key->symbol)
        key->symbol = first->symbol[0] ? first->symbol : symbol[0] ? symbol : NULL;
    if (first->exchange[0] && !tp_given(tp, "exchange"))
        key->exchange = first->exchange;
    if (!key->interval)
        key->interval = tp_reader_interval(reader) ? tp_reader_interval(reader)->name
                        : interval[0]              ? interval
                                                   : NULL;
    if (prices_need(tp, key)
        || tp_import_set_key(done, key->exchange, key->symbol, key->interval, &tp->err))
        return -1;
    key->symbol = done->symbol;
    key->exchange = done->exchange;
    key->interval = done->interval;
    return 0;
}

/* A file that is read: import and repair differ in what they keep of it. */
struct intake {
    struct prices_key       key;
    const char             *columns;
    struct tp_candle_intake how; /* source NULL: as the file says, else IMPORT */
    bool                    check_only; /* no database */
    bool                    fixed; /* the key is what is worked on: the file must not be of another venue */
    struct rejects         *rejects;
};

static int
take_reader(struct tp_ctx *tp, const struct intake *a, struct tp_reader *reader, struct tp_source *bytes,
            const char *path, struct tp_import *done)
{
    struct prices_key        key;
    struct tp_symbol         symbol;
    struct tp_candle_key     k;
    struct tp_candle_intake  how = a->how;
    struct tp_candle_import *to = NULL;
    struct tp_import_file    file = {.kind = "CANDLES", .before = TP_TIME_NONE};
    const char              *said; /* the venue that the file tells */
    int                      rc, peeked;

    while ((peeked = tp_reader_peek(reader, &tp->err)) < 0)
        if (set_aside(tp, reader, a->rejects, done))
            return -1;
    if (!peeked && !a->fixed)
        return tp_fail(&tp->err, TP_EINPUT, "%.200s: there are no candles in it", path);
    if (prices_identify(tp, &a->key, reader, path, &key, done))
        return -1;
    said = tp_reader_first(reader)->exchange;
    if (a->fixed && said[0] && strcmp(said, a->key.exchange) != 0)
        return tp_fail(&tp->err, TP_EINPUT, "%.200s: the candles are of %s, not of %s", path, said, a->key.exchange);
    if (said[0] && strcmp(said, key.exchange) != 0)
        tp_warn(tp, "%.200s: the candles are of %s, taken in as those of %s", path, said, key.exchange);
    if (a->check_only)
        return copy_blocks(tp, reader, bytes, NULL, a->rejects, done);
    if (!how.source)
        how.source = tp_reader_first(reader)->source[0] ? tp_reader_first(reader)->source : "IMPORT";
    k = prices_store_key(&key);
    if (prices_symbol(tp, &key, &symbol) || tp_candle_import_begin(&to, tp->db, &k, &how, &tp->err))
        return -1;
    rc = copy_blocks(tp, reader, bytes, to, a->rejects, done)
                 || tp_source_digest(bytes, file.sha256, &file.bytes, &tp->err)
                 || tp_candle_import_end(to, &file, done, &tp->err)
             ? -1
             : 0;
    tp_candle_import_free(to);
    if (rc == 0) {
        prices_say_before(tp, &file, done);
        warn_retention(tp, done);
    }
    return rc;
}

static int
take_file(struct tp_ctx *tp, const struct intake *a, const char *path)
{
    struct tp_import    done;
    struct tp_source   *bytes;
    struct tp_reader   *reader;
    struct tp_read_opts how = {.name = path, .columns = a->columns, .from = a->key.from, .to = a->key.to,
                               .interval = a->key.interval ? tp_interval_find(a->key.interval) : NULL};
    int                 rc;

    tp_import_init(&done, path);
    if (tp_source_open_hashed(&bytes, path, &tp->err))
        return -1;
    tp_reader_open(&reader, &how, bytes);
    rc = take_reader(tp, a, reader, bytes, path, &done);
    tp_reader_close(reader);
    tp_source_close(bytes);
    return rc || (a->rejects && write_rejects(tp, a->rejects)) ? -1 : tp_emit(tp, &tp_import_record, &done);
}

static int
import(struct tp_ctx *tp, const void *args)
{
    const struct import_args *a = args;
    struct rejects            rejects = {.path = a->reject, .fd = -1};
    struct intake             in = {
                    .key = a->key, .columns = a->columns, .check_only = a->dry_run, .rejects = &rejects};
    int                       rc;

    tp->db_statement_ms = 0;
    rc = open_rejects(tp, &rejects);
    for (size_t i = 0; i < tp->n_operands && !rc; i++)
        rc = take_file(tp, &in, tp->operands[i]);
    close_rejects(&rejects);
    return rc;
}

/* ---- tp-prices export ------------------------------------------------------------------------------ */

struct export_args {
    struct prices_key key;
    bool            binance;
};

static const struct tp_opt export_opts[] = {
    OPT_PRICES_KEY(struct export_args, .required = true),
    OPT_PRICES_RANGE(struct export_args),
    OPT_FLAG(struct export_args, binance, 0, "binance",
             "write the venue's twelve columns without a header (milliseconds)"),
    OPT_STOP,
};

/* What is not known is an empty cell: a zero would say that nothing was traded. */
static void
put_dec(struct tp_buf *to, struct tp_dec d)
{
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
    if (c->trades_count != INT64_MIN)
        tp_buf_fmt(&row, "%lld", (long long)c->trades_count);
    tp_buf_char(&row, ',');
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
    if (prices_symbol(tp, &a->key, &symbol))
        return -1;
    c = prices_candle(&a->key);
    if (!a->binance && tp->out.form == TP_FORM_JSON && tp_emit(tp, &tp_symbol_record, &symbol))
        return -1;
    if (prices_begin_read(tp, &a->key))
        return -1;
    while ((got = tp_candle_read_next(tp->db, &c, &tp->err)) > 0)
        if (a->binance ? put_binance(tp, &c) : tp_emit(tp, &tp_candle_record, &c))
            return -1;
    return got;
}

/* ---- tp-prices generate ---------------------------------------------------------------------------- */

struct generate_args {
    struct prices_key key;
    int64_t         count, seed;
    struct tp_dec   price;
    bool            store;
};

static const struct tp_opt generate_opts[] = {
    OPT_PRICES_KEY(struct generate_args, .required = true),
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
    struct tp_candle_key k = prices_store_key(&a->key);
    struct tp_candle_import *to;
    const struct tp_candle_intake how = {.source = "SYNTHETIC"};
    struct tp_bars       bars;
    int                  rc = 0;

    tp_import_init(&done, "generated");
    tp_import_saw(&done, (struct tp_time){g->next_us});
    if (tp_import_set_key(&done, k.exchange, k.symbol, k.interval, &tp->err) || prices_symbol(tp, &a->key, &symbol)
        || tp_candle_import_begin(&to, tp->db, &k, &how, &tp->err))
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
        tp_import_saw(&done, (struct tp_time){bars.time[bars.n - 1]});
        done.rows_read += (int64_t)bars.n;
    }
    tp_bars_free(&bars);
    if (!rc)
        rc = tp_candle_import_end(to, NULL, &done, &tp->err);
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
    struct prices_key key;
    const char       *from_interval;
    bool              complete_only, dry_run;
};

static const struct tp_opt resample_opts[] = {
    OPT_PRICES_KEY(struct resample_args, .required = true),
    OPT_ENUM(struct resample_args, from_interval, 0, "from-interval", tp_interval_names, "the finer candles",
             .fallback = "1m"),
    OPT_PRICES_RANGE(struct resample_args),
    OPT_FLAG(struct resample_args, complete_only, 0, "complete-only",
             "leave out candles of which finer ones are missing"),
    OPT_FLAG(struct resample_args, dry_run, 0, "dry-run", "print the candles, store nothing"),
    OPT_STOP,
};

int
prices_resample(struct tp_ctx *tp, struct tp_db *db, const struct prices_key *key, const char *from_interval,
                bool complete_only, int (*each)(struct tp_ctx *tp, void *to, const struct tp_candle *c), void *to)
{
    const struct tp_interval *coarse = tp_interval_find(key->interval);
    int64_t                   begun = tp_interval_floor(coarse, tp_time_now()).us; /* that bucket is still forming */
    struct prices_key         fine = *key;
    struct tp_candle_key      k;
    struct tp_resample        r;
    struct tp_candle          c, out;
    int64_t                   n = 0;
    int                       got, given;

    fine.interval = from_interval;
    k = prices_store_key(&fine);
    if (tp_resample_init(&r, tp_interval_find(from_interval), coarse, complete_only, &tp->err)
        || tp_candle_read_begin(db, &k, fine.from, fine.to, &tp->err))
        return -1;
    c = prices_candle(&fine);
    while ((got = tp_candle_read_next(db, &c, &tp->err)) > 0) {
        given = tp_resample_put(&r, &c, &out, &tp->err);
        if (given < 0 || (given && out.timestamp.us < begun && each(tp, to, &out)))
            return -1;
        if (++n % BLOCK == 0)
            tp_progress_draw(tp->progress, "resampling", n, -1);
    }
    tp_progress_end(tp->progress);
    if (got < 0 || !tp_resample_end(&r, &out))
        return got;
    return out.timestamp.us < begun ? each(tp, to, &out) : 0;
}

/* Where the buckets go: blocks of them into the import, so that any number takes the same memory. */
struct buckets {
    struct tp_candle_import *to;
    struct tp_bars           bars;
    struct tp_import         done;
};

static int
put_buckets(struct tp_ctx *tp, struct buckets *b)
{
    if (b->bars.n == 0)
        return 0;
    tp_import_saw(&b->done, (struct tp_time){b->bars.time[0]});
    tp_import_saw(&b->done, (struct tp_time){b->bars.time[b->bars.n - 1]});
    b->done.rows_read += (int64_t)b->bars.n;
    if (tp_candle_import_put(b->to, &b->bars, &tp->err))
        return -1;
    tp_bars_clear(&b->bars);
    return 0;
}

static int
keep_candle(struct tp_ctx *tp, void *to, const struct tp_candle *c)
{
    struct buckets *b = to;

    tp_bars_push(&b->bars, c);
    return b->bars.n == BLOCK ? put_buckets(tp, b) : 0;
}

static int
print_candle(struct tp_ctx *tp, void *to, const struct tp_candle *c)
{
    (void)to;
    return tp_emit(tp, &tp_candle_record, c);
}

/* Makes candles of finer ones and takes them in: read on a connection of their own while the buckets go in on the
 * other. */
static int
store_resampled(struct tp_ctx *tp, const struct prices_key *key, const char *from_interval, bool complete_only,
                const struct tp_candle_intake *how)
{
    struct tp_candle_key k = prices_store_key(key);
    struct buckets       b = {.to = NULL};
    struct tp_db        *from = NULL;
    int                  rc;

    tp_import_init(&b.done, "resampled");
    if (tp_import_set_key(&b.done, k.exchange, k.symbol, k.interval, &tp->err) || tp_ctx_db_more(tp, &from))
        return -1;
    tp_bars_init(&b.bars, BLOCK);
    rc = tp_candle_import_begin(&b.to, tp->db, &k, how, &tp->err)
                 || prices_resample(tp, from, key, from_interval, complete_only, keep_candle, &b)
                 || put_buckets(tp, &b) || tp_candle_import_end(b.to, NULL, &b.done, &tp->err)
             ? -1
             : 0;
    tp_candle_import_free(b.to);
    tp_bars_free(&b.bars);
    tp_db_close(from);
    return rc ? -1 : tp_emit(tp, &tp_import_record, &b.done);
}

static int
resample(struct tp_ctx *tp, const void *args)
{
    const struct resample_args   *a = args;
    const struct tp_candle_intake how = {.source = "RESAMPLED"};
    struct tp_symbol              symbol;

    tp->db_statement_ms = 0;
    if (prices_symbol(tp, &a->key, &symbol))
        return -1;
    if (a->dry_run)
        return prices_resample(tp, tp->db, &a->key, a->from_interval, a->complete_only, print_candle, NULL);
    return store_resampled(tp, &a->key, a->from_interval, a->complete_only, &how);
}

/* ---- tp-prices repair ------------------------------------------------------------------------------ */

struct repair_args {
    struct prices_key key;
    const char       *columns, *from_interval;
    bool              replace, dry_run;
};

static const struct tp_opt repair_opts[] = {
    OPT_PRICES_KEY(struct repair_args, .required = true),
    OPT_PRICES_RANGE(struct repair_args),
    OPT_ENUM(struct repair_args, from_interval, 0, "from-interval", tp_interval_names,
             "make the missing candles of these finer ones, where all of them are there"),
    OPT_TEXT(struct repair_args, columns, 0, "columns", "LIST", "what the columns of a CSV are"),
    OPT_FLAG(struct repair_args, replace, 0, "replace", "replace stored candles that differ, too"),
    OPT_FLAG(struct repair_args, dry_run, 0, "dry-run", "say what would be filled, store nothing"),
    OPT_STOP,
};

/* Gaps lie between the first and the last stored candle unless --from and --to say otherwise. */
static int
repair_range(struct tp_ctx *tp, struct prices_key *key)
{
    struct tp_candle_key k = prices_store_key(key);
    struct tp_time       first, last;

    if (tp_candle_range(tp->db, &k, &first, &last, &tp->err))
        return -1;
    if (tp_time_none(first)) {
        tp_fail(&tp->err, TP_EMISSING, "there are no candles of %s %s to repair", key->symbol, key->interval);
        return tp_hint(&tp->err, "'tp-prices import' and 'tp-prices resample' bring in whole histories");
    }
    if (tp_time_none(key->from))
        key->from = first;
    if (tp_time_none(key->to))
        key->to.us = last.us + tp_interval_find(key->interval)->us;
    return 0;
}

static int
repair(struct tp_ctx *tp, const void *args)
{
    const struct repair_args *a = args;
    struct intake             in = {.key = a->key,
                                    .columns = a->columns,
                                    .fixed = true,
                                    .how = {.missing = !a->replace, .dry_run = a->dry_run}};
    struct tp_symbol          symbol;
    int64_t                   missing;

    tp->db_statement_ms = 0;
    if ((a->from_interval != NULL) == (tp->n_operands > 0))
        return tp_fail(&tp->err, TP_EUSAGE, "want files, or --from-interval WORD");
    if (prices_symbol(tp, &a->key, &symbol) || repair_range(tp, &in.key))
        return -1;
    for (size_t i = 0; i < tp->n_operands; i++)
        if (take_file(tp, &in, tp->operands[i]))
            return -1;
    if (a->from_interval) {
        in.how.source = "RESAMPLED";
        if (store_resampled(tp, &in.key, a->from_interval, true, &in.how))
            return -1;
    }
    if (prices_tell_gaps(tp, &in.key, &missing))
        return -1;
    if (missing && !a->dry_run)
        return tp_fail(&tp->err, TP_EPARTLY, "%lld candles are still missing", (long long)missing);
    tp_note(tp, a->dry_run ? "%lld candles are missing" : "nothing is missing", (long long)missing);
    return 0;
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
    {"repair", "fill gaps from files or from stored finer candles", repair_opts, sizeof(struct repair_args),
     repair, "[FILE...]", 0, SIZE_MAX,
     "tp-prices repair --symbol BTCUSDT --interval 1m BTCUSDT-1m-2024-01.zip\n"
     "tp-prices repair --symbol BTCUSDT --interval 1h --from-interval 1m"},
    {"coverage", "print what is stored", prices_coverage_opts, sizeof(struct prices_look_args), prices_coverage,
     NULL, 0, 0, "tp-prices coverage"},
    {"gaps", "print the ranges in which candles are missing", prices_gaps_opts, sizeof(struct prices_look_args),
     prices_gaps, NULL, 0, 0, "tp-prices gaps --symbol BTCUSDT --interval 1m"},
    {"verify", "look candles over: gaps, oddities, faults, finer ones that disagree", prices_verify_opts,
     sizeof(struct prices_look_args), prices_verify, NULL, 0, 0,
     "tp-prices verify --symbol BTCUSDT --interval 1h\n"
     "tp-prices verify --symbol BTCUSDT --interval 1h --against other-source.csv"},
    {"funding", "print funding rates, or take in files of them", prices_funding_opts,
     sizeof(struct prices_reference_args), prices_funding, "[FILE...]", 0, SIZE_MAX,
     "tp-prices funding --import BTCUSDT-fundingRate-2024-01.zip\n"
     "tp-prices funding --symbol BTCUSDT --from 2024-01-01"},
    {"mark", "print bars of the mark price, or take in files of them", prices_mark_opts,
     sizeof(struct prices_reference_args), prices_mark, "[FILE...]", 0, SIZE_MAX,
     "tp-prices mark --symbol BTCUSDT --interval 1h --import mark-klines.json\n"
     "tp-prices mark --symbol BTCUSDT --interval 1h"},
    {"book", "print order books, or take in files of them", prices_book_opts,
     sizeof(struct prices_reference_args), prices_book, "[FILE...]", 0, SIZE_MAX,
     "tp-prices book --symbol BTCUSDT --depth 20 --import depth.json\n"
     "tp-prices book --symbol BTCUSDT"},
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
