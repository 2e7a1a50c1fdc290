/* tp-prices funding, mark, book - what stands beside the candles: files of it in, stored rows out. */
#include "cmd/prices.h"

#include "base/db.h"
#include "exchange/book.h"
#include "exchange/funding.h"
#include "market/read.h"
#include "store/reference.h"

#include <string.h>

#include "base/banned.h"

#define FILE_MAX (64 * 1024 * 1024) /* bytes of a funding history or of books; the largest real ones have 2 MB */
#define BLOCK 4096

static const char *const depth_words[] = {"5", "10", "20", "50", NULL};

#define OPT_IMPORT(type)                                                                           \
    OPT_LIST(type, import, 0, "import", "FILE", "take in this file and those named behind it; - is standard input", \
             .complete = "file")
#define OPT_DRY_RUN(type) OPT_FLAG(type, dry_run, 0, "dry-run", "read and check the files, store nothing")
#define OPT_TIMES(type)                                                                            \
    OPT_TIME(type, key.from, 0, "from", "print from this time on (UTC)"),                          \
        OPT_TIME(type, key.to, 0, "to", "print what is before this time (UTC)")

const struct tp_opt prices_funding_opts[] = {
    OPT_PRICES_VENUE(struct prices_reference_args), OPT_SYMBOL(struct prices_reference_args, key.symbol, "the instrument"),
    OPT_TIMES(struct prices_reference_args),    OPT_IMPORT(struct prices_reference_args),
    OPT_DRY_RUN(struct prices_reference_args),  OPT_STOP};

const struct tp_opt prices_mark_opts[] = {
    OPT_PRICES_VENUE(struct prices_reference_args),
    OPT_SYMBOL(struct prices_reference_args, key.symbol, "the instrument"),
    OPT_INTERVAL(struct prices_reference_args, key.interval, "length of the bars"),
    OPT_TIMES(struct prices_reference_args),
    OPT_IMPORT(struct prices_reference_args),
    OPT_TEXT(struct prices_reference_args, columns, 0, "columns", "LIST",
             "what the columns of a CSV are: time,open,high,low,close,-"),
    OPT_DRY_RUN(struct prices_reference_args),
    OPT_STOP};

const struct tp_opt prices_book_opts[] = {
    OPT_PRICES_VENUE(struct prices_reference_args),
    OPT_SYMBOL(struct prices_reference_args, key.symbol, "the instrument"),
    OPT_TIMES(struct prices_reference_args),
    OPT_ENUM(struct prices_reference_args, depth, 0, "depth", depth_words,
             "levels a side: print those books; taking in, the largest that a book fills unless given"),
    OPT_TIME(struct prices_reference_args, at, 0, "at", "the time of a book that does not tell its own"),
    OPT_IMPORT(struct prices_reference_args),
    OPT_DRY_RUN(struct prices_reference_args),
    OPT_STOP};

static int64_t
depth_of(const struct prices_reference_args *a)
{
    int64_t depth = TP_INT_NONE;

    if (a->depth)
        (void)tp_text_int(a->depth, strlen(a->depth), 5, 50, &depth);
    return depth;
}

/* ---- printing ----------------------------------------------------------------------------------------- */

static int
print_page(struct tp_ctx *tp, enum tp_reference kind, struct tp_rows *rows, struct tp_time *last)
{
    static const struct tp_record *const records[] = {&tp_funding_rate_record, &tp_mark_price_record,
                                                      &tp_orderbook_snapshot_record};
    TP_AUTO_ARENA arena = {0}; /* of one page: books are long */
    union {
        struct tp_funding_rate       funding;
        struct tp_mark_price         mark;
        struct tp_orderbook_snapshot book;
    } row;
    int more;

    while ((more = tp_rows_next(rows, records[kind], &row, &arena, &tp->err)) > 0) {
        *last = kind == TP_REFERENCE_FUNDING ? row.funding.funding_time
                : kind == TP_REFERENCE_MARK  ? row.mark.timestamp
                                             : row.book.timestamp;
        if (tp_emit(tp, records[kind], &row))
            return -1;
    }
    return more;
}

static int
print_rows(struct tp_ctx *tp, const struct prices_reference_args *a, enum tp_reference kind)
{
    struct tp_reference_filter filter = {.exchange = a->key.exchange, .symbol = a->key.symbol, .from = a->key.from,
                                         .to = a->key.to, .interval = a->key.interval, .depth = depth_of(a)};
    struct tp_symbol           symbol;
    size_t                     n;

    if (tp->n_operands)
        return tp_fail(&tp->err, TP_EUSAGE, "files are taken in with --import");
    if (!a->key.symbol)
        return tp_fail(&tp->err, TP_EUSAGE, "--symbol SYMBOL is required");
    if (kind == TP_REFERENCE_MARK && prices_need(tp, &a->key))
        return -1;
    if (prices_symbol(tp, &a->key, &symbol))
        return -1;
    do {
        TP_AUTO_ROWS   rows = NULL;
        struct tp_time last = TP_TIME_NONE;

        if (tp_reference_rows(tp->db, kind, &filter, &rows, &tp->err) || print_page(tp, kind, rows, &last))
            return -1;
        n = tp_rows_count(rows);
        filter.from.us = last.us + 1;
    } while (n);
    return 0;
}

/* ---- taking in ---------------------------------------------------------------------------------------- */

/* A file on its way in. */
struct taking {
    const struct prices_reference_args *a;
    const char                         *path;
    struct tp_source                   *bytes;
    struct tp_reference_import         *to; /* NULL with --dry-run */
    struct tp_import_file               file;
    struct tp_import                    done;
};

static int
begin(struct tp_ctx *tp, struct taking *t, enum tp_reference kind)
{
    return t->a->dry_run ? 0 : tp_reference_begin(&t->to, tp->db, kind, t->done.exchange, &tp->err);
}

/* A row that has been read. */
static int
put(struct tp_ctx *tp, struct taking *t, struct tp_time time, const void *row)
{
    tp_import_saw(&t->done, time);
    return t->to ? tp_reference_put(t->to, row, &tp->err) : 0;
}

static int
end(struct tp_ctx *tp, struct taking *t)
{
    if (!t->to)
        return 0;
    if (tp_source_digest(t->bytes, t->file.sha256, &t->file.bytes, &tp->err)
        || tp_reference_end(t->to, &t->file, &t->done, &tp->err))
        return -1;
    prices_say_before(tp, &t->file, &t->done);
    return 0;
}

/* The instrument must be known, but for a dry run, which needs no database. */
static int
check_symbol(struct tp_ctx *tp, const struct taking *t, const char *name, struct tp_symbol *symbol)
{
    struct prices_key key = {.exchange = t->done.exchange, .symbol = name};

    *symbol = tp_symbol_default();
    symbol->contract_size = tp_dec_int(1);
    return t->a->dry_run ? 0 : prices_symbol(tp, &key, symbol);
}

static int
put_fundings(struct tp_ctx *tp, struct taking *t, const struct tp_fundings *f)
{
    struct tp_symbol symbol;
    const char      *last = "";

    if (f->n == 0 && t->a->key.symbol)
        return tp_fail(&tp->err, TP_EINPUT, "%.200s: there are no funding rates of %.80s in it", t->path,
                       t->a->key.symbol);
    if (f->n == 0)
        return tp_fail(&tp->err, TP_EINPUT, "%.200s: there are no funding rates in it", t->path);
    for (size_t i = 0; i < f->n; i++) {
        const struct tp_funding_rate *r = &f->rows[i];

        if (r->exchange[0] && strcmp(r->exchange, t->done.exchange) != 0)
            return tp_fail(&tp->err, TP_EINPUT, "a rate is of %s, not of %s", r->exchange, t->done.exchange);
        if (strcmp(r->symbol, last) != 0 && check_symbol(tp, t, r->symbol, &symbol))
            return -1;
        last = r->symbol;
    }
    t->done.rows_read = f->read;
    if (strcmp(f->rows[0].symbol, last) == 0)
        memcpy(t->done.symbol, last, sizeof t->done.symbol);
    if (begin(tp, t, TP_REFERENCE_FUNDING))
        return -1;
    for (size_t i = 0; i < f->n; i++)
        if (put(tp, t, f->rows[i].funding_time, &f->rows[i]))
            return -1;
    return end(tp, t);
}

static int
take_funding(struct tp_ctx *tp, struct taking *t)
{
    struct tp_fundings f = {.symbol = t->a->key.symbol};
    TP_AUTO_BUF        text = {0};
    int                rc;

    if (tp_source_all(t->bytes, FILE_MAX, &text, &tp->err))
        return -1;
    if (tp_fundings_read(&f, text.at, text.n, &tp->err))
        return tp_where(&tp->err, "%.200s", t->path);
    rc = put_fundings(tp, t, &f);
    tp_fundings_free(&f);
    return rc;
}

static int
put_bars(struct tp_ctx *tp, struct taking *t, struct tp_reader *reader, const struct prices_key *key)
{
    struct tp_mark_price row;
    const char          *source = tp_reader_first(reader)->source;
    struct tp_bars       bars;
    int                  got;

    tp_record_init(&tp_mark_price_record, &row);
    memcpy(row.symbol, t->done.symbol, sizeof row.symbol);
    tp_text_set(row.interval, sizeof row.interval, key->interval, strlen(key->interval));
    tp_text_set(row.source, sizeof row.source, *source ? source : "IMPORT", strlen(*source ? source : "IMPORT"));
    tp_bars_init(&bars, BLOCK);
    while ((got = tp_reader_next(reader, &bars, &tp->err)) > 0) {
        t->done.rows_read += (int64_t)bars.n;
        tp_progress_draw(tp->progress, "reading", t->done.rows_read, tp_source_percent(t->bytes));
        for (size_t i = 0; i < bars.n && got > 0; i++) {
            row.timestamp.us = bars.time[i];
            row.open = tp_column_get(&bars.open, i);
            row.high = tp_column_get(&bars.high, i);
            row.low = tp_column_get(&bars.low, i);
            row.close = tp_column_get(&bars.close, i);
            if (put(tp, t, row.timestamp, &row))
                got = -1;
        }
    }
    tp_bars_free(&bars);
    return got;
}

static int
take_mark(struct tp_ctx *tp, struct taking *t)
{
    const struct prices_key *given = &t->a->key;
    struct tp_read_opts      how = {.name = t->path, .columns = t->a->columns, .mark = true, .from = TP_TIME_NONE,
                                    .to = TP_TIME_NONE,
                                    .interval = given->interval ? tp_interval_find(given->interval) : NULL};
    struct prices_key        key;
    struct tp_symbol         symbol;
    struct tp_reader        *reader;
    int                      rc;

    tp_reader_open(&reader, &how, t->bytes);
    rc = tp_reader_peek(reader, &tp->err);
    if (rc == 0)
        rc = tp_fail(&tp->err, TP_EINPUT, "%.200s: there are no bars in it", t->path);
    rc = rc < 0 || prices_identify(tp, given, reader, t->path, &key, &t->done)
                 || check_symbol(tp, t, key.symbol, &symbol) || begin(tp, t, TP_REFERENCE_MARK)
                 || put_bars(tp, t, reader, &key) || end(tp, t)
             ? -1
             : 0;
    tp_reader_close(reader);
    return rc;
}

/* Whose book it is and of what time: what it tells, else the options. */
static int
name_book(struct tp_ctx *tp, struct taking *t, struct tp_book *b)
{
    const char *symbol = t->a->key.symbol;

    if (b->exchange[0] && strcmp(b->exchange, t->done.exchange) != 0)
        return tp_fail(&tp->err, TP_EINPUT, "the book is of %s, not of %s", b->exchange, t->done.exchange);
    if (b->symbol[0] && symbol && strcmp(b->symbol, symbol) != 0)
        return tp_fail(&tp->err, TP_EINPUT, "the book is of %s, not of %s", b->symbol, symbol);
    if (!b->symbol[0] && !symbol) {
        tp_fail(&tp->err, TP_EINPUT, "the book does not tell its symbol");
        return tp_hint(&tp->err, "say whose book it is: --symbol SYMBOL");
    }
    if (!b->symbol[0] && !tp_text_set(b->symbol, sizeof b->symbol, symbol, strlen(symbol)))
        return tp_fail(&tp->err, TP_EUSAGE, "--symbol: too long");
    if (tp_time_none(b->time))
        b->time = t->a->at;
    if (!tp_time_none(b->time))
        return 0;
    tp_fail(&tp->err, TP_EINPUT, "the book does not tell its time");
    return tp_hint(&tp->err, "say when it was so: --at TIME");
}

static int
put_books(struct tp_ctx *tp, struct taking *t, struct tp_books *books)
{
    TP_AUTO_ARENA    arena = {0};
    struct tp_symbol symbol = {.symbol = ""};
    int64_t          depth = depth_of(t->a);

    if (begin(tp, t, TP_REFERENCE_BOOK))
        return -1;
    t->done.rows_read = (int64_t)books->n;
    for (size_t i = 0; i < books->n; i++) {
        struct tp_book              *b = &books->at[i];
        struct tp_orderbook_snapshot row;

        if (name_book(tp, t, b))
            return -1;
        if (i == 0)
            memcpy(t->done.symbol, b->symbol, sizeof t->done.symbol);
        else if (strcmp(t->done.symbol, b->symbol) != 0)
            t->done.symbol[0] = '\0';
        if (strcmp(symbol.symbol, b->symbol) != 0 && check_symbol(tp, t, b->symbol, &symbol))
            return -1;
        memcpy(symbol.symbol, b->symbol, sizeof symbol.symbol);
        if (tp_book_snapshot(b, depth == TP_INT_NONE ? 0 : depth, symbol.contract_size, &row, &arena, &tp->err)
            || put(tp, t, row.timestamp, &row))
            return -1;
    }
    return end(tp, t);
}

static void
warn_book_retention(struct tp_ctx *tp, const struct taking *t)
{
    int64_t days;

    if (t->a->dry_run || tp_book_retention(tp->db, &days, &tp->err) || days == INT64_MIN
        || t->done.first_time.us > tp_time_now().us - days * TP_US_DAY)
        return;
    tp_warn(tp, "order books are kept for %lld days: some of these are older", (long long)days);
}

static int
take_book(struct tp_ctx *tp, struct taking *t)
{
    TP_AUTO_BUF     text = {0};
    struct tp_books books;
    int             rc;

    if (tp_source_all(t->bytes, FILE_MAX, &text, &tp->err))
        return -1;
    if (tp_books_read(&books, text.at, text.n, &tp->err))
        return tp_where(&tp->err, "%.200s", t->path);
    rc = put_books(tp, t, &books);
    tp_books_free(&books);
    if (rc == 0)
        warn_book_retention(tp, t);
    return rc;
}

static int
take(struct tp_ctx *tp, const struct prices_reference_args *a, enum tp_reference kind, const char *path)
{
    static int (*const take_kind[])(struct tp_ctx *, struct taking *) = {take_funding, take_mark, take_book};
    struct taking t = {.a = a, .path = path, .file = {.before = TP_TIME_NONE}};
    int           rc;

    tp_import_init(&t.done, path);
    if (tp_import_set_key(&t.done, a->key.exchange, NULL, NULL, &tp->err)
        || tp_source_open_hashed(&t.bytes, path, &tp->err))
        return -1;
    rc = take_kind[kind](tp, &t);
    tp_reference_free(t.to);
    tp_source_close(t.bytes);
    return rc ? -1 : tp_emit(tp, &tp_import_record, &t.done);
}

static int
reference(struct tp_ctx *tp, const struct prices_reference_args *a, enum tp_reference kind)
{
    int rc = 0;

    if (a->import.n == 0)
        return print_rows(tp, a, kind);
    tp->db_statement_ms = 0;
    if (!a->dry_run && tp_ctx_db(tp))
        return -1;
    for (size_t i = 0; i < a->import.n && !rc; i++)
        rc = take(tp, a, kind, a->import.at[i]);
    for (size_t i = 0; i < tp->n_operands && !rc; i++)
        rc = take(tp, a, kind, tp->operands[i]);
    return rc;
}

int
prices_funding(struct tp_ctx *tp, const void *args)
{
    return reference(tp, args, TP_REFERENCE_FUNDING);
}

int
prices_mark(struct tp_ctx *tp, const void *args)
{
    return reference(tp, args, TP_REFERENCE_MARK);
}

int
prices_book(struct tp_ctx *tp, const void *args)
{
    return reference(tp, args, TP_REFERENCE_BOOK);
}
