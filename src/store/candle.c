#include "store/candle.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/copy.h"
#include "market/interval.h"
#include "store/sql.h"

static const struct tp_field coverage_fields[] = {
    F_TEXT(struct tp_coverage, exchange, "code of the venue"),
    F_TEXT(struct tp_coverage, symbol, "instrument"),
    F_TEXT(struct tp_coverage, interval, "interval of the candles"),
    F_INT(struct tp_coverage, candles, "how many are stored"),
    F_TIME(struct tp_coverage, first_time, "open time of the first"),
    F_TIME(struct tp_coverage, last_time, "open time of the last"),
    F_STOP,
};

const struct tp_record tp_coverage_record = {"candle_coverage", "what is stored", coverage_fields,
                                             sizeof(struct tp_coverage)};

/* ---- rows as COPY carries them ------------------------------------------------------------------- */

#define TABLE_FIELDS 15 /* of tp.market_prices */

static void
get_source(struct tp_copy_row *row, struct tp_candle *c)
{
    size_t      n;
    const char *source = tp_copy_get(row, &n);

    if (!source || !tp_text_set(c->source, sizeof c->source, source, n))
        row->wrong = true;
}

static void
get_prices(struct tp_copy_row *row, struct tp_candle *c)
{
    c->open = tp_copy_get_dec(row);
    c->high = tp_copy_get_dec(row);
    c->low = tp_copy_get_dec(row);
    c->close = tp_copy_get_dec(row);
    c->volume = tp_copy_get_dec(row);
}

static void
get_candle(struct tp_copy_row *row, struct tp_candle *c)
{
    c->timestamp.us = tp_copy_get_time(row);
    c->close_time.us = tp_copy_get_time(row);
    c->trades_count = tp_copy_get_int8(row);
    get_source(row, c);
    get_prices(row, c);
    c->quote_volume = tp_copy_get_dec(row);
    c->taker_buy_volume = tp_copy_get_dec(row);
    c->taker_buy_quote_volume = tp_copy_get_dec(row);
}

static void
get_bar(struct tp_copy_row *row, struct tp_candle *c)
{
    c->timestamp.us = tp_copy_get_time(row);
    get_source(row, c);
    get_prices(row, c);
}

/* The two forms in which candles are read. */
struct form {
    const struct tp_stmt *stmt;
    int                   fields;
    void (*get)(struct tp_copy_row *row, struct tp_candle *c);
};

static const struct form candles = {&SQL_candle_rows, 12, get_candle};
static const struct form bare = {&SQL_candle_bars, 7, get_bar};

static int
begin_rows(struct tp_db *db, const struct form *form, const struct tp_candle_key *key, struct tp_time from,
           struct tp_time to, struct tp_err *err)
{
    return tp_db_copy_out(db, form->stmt,
                          TP_PARAMS(tp_p_text(key->exchange), tp_p_text(key->symbol), tp_p_text(key->interval),
                                    tp_p_time(from), tp_p_time(to)),
                          err);
}

/* The next row: 1, 0 at the end, -1.  The last message holds none. */
static int
next_row(struct tp_db *db, const struct form *form, struct tp_candle *c, struct tp_err *err)
{
    struct tp_copy_row row;
    const char        *data;
    size_t             n;
    int                got;

    do
        got = tp_db_copy_next(db, &data, &n, err);
    while (got > 0 && !tp_copy_open(&row, data, n, form->fields));
    if (got <= 0)
        return got;
    form->get(&row, c);
    return row.wrong ? tp_fail(err, TP_EDB, "the database gave a candle that is malformed") : 1;
}

/* ---- taking candles in ----------------------------------------------------------------------------- */

#define LOADS 4096 /* new partitions of one import */
#define AHEAD 131072 /* candles that are read before they are needed, at most */

/* A partition that was loaded and is not attached yet. */
struct load {
    char    table[64];
    int64_t at;
};

/* The candles come in time order, so one partition after the other is worked on: its end is `until`.  A
 * partition that is not there is loaded as a table of its own.  Of one that is, the stored rows are read
 * first, so that only what is new or different is sent; twice as far ahead each time, because the server
 * plans every such statement over all partitions: 0.3 s when there are a thousand. */
struct tp_candle_import {
    struct tp_db        *db;
    struct tp_candle_key key;
    struct tp_candle_intake how;
    int32_t              exchange_id;
    char                 parent[64];
    int64_t              until;  /* INT64_MIN: before the first partition */
    bool                 loading; /* into loads[n_loads - 1] */
    bool                 copying; /* a COPY is open: into the load, or into the stage */
    bool                 staged;
    struct tp_bars       stored; /* from the first candle of a partition up to read_until */
    int64_t              read_until, ahead; /* the time up to which, and how far, it was read last */
    size_t               next;   /* among stored: not passed yet */
    struct tp_buf        out;
    struct load         *loads;
    size_t               n_loads;
    int64_t              loaded, unchanged;
};

int
tp_candle_import_begin(struct tp_candle_import **out, struct tp_db *db, const struct tp_candle_key *key,
                       const struct tp_candle_intake *how, struct tp_err *err)
{
    struct tp_candle_import *in = tp_alloc(sizeof *in);
    TP_AUTO_ROWS             rows = NULL;

    *in = (struct tp_candle_import){.db = db, .key = *key, .how = *how, .until = INT64_MIN, .read_until = INT64_MIN};
    tp_bars_init(&in->stored, 1024);
    if (tp_db_begin(db, err)
        || tp_db_one(db, &SQL_candle_import_begin,
                     TP_PARAMS(tp_p_text(key->exchange), tp_p_text(key->symbol), tp_p_text(key->interval)), &rows,
                     err)) {
        tp_candle_import_free(in);
        return -1;
    }
    in->exchange_id = (int32_t)tp_rows_int(rows, 0, "id");
    *out = in;
    return 0;
}

void
tp_candle_import_free(struct tp_candle_import *in)
{
    struct tp_err ignored = TP_ERR_INIT;

    if (!in)
        return;
    if (tp_db_in_transaction(in->db))
        tp_db_rollback(in->db, &ignored);
    tp_bars_free(&in->stored);
    tp_buf_free(&in->out);
    free(in->loads);
    free(in);
}

static int
send(struct tp_candle_import *in, struct tp_err *err)
{
    int rc = tp_db_copy_put(in->db, in->out.at, in->out.n, err);

    tp_buf_clear(&in->out);
    return rc;
}

static int
end_copy(struct tp_candle_import *in, struct tp_err *err)
{
    int64_t n;

    if (!in->copying)
        return 0;
    in->copying = false;
    tp_copy_end(&in->out);
    if (send(in, err) || tp_db_copy_end(in->db, &n, err))
        return -1;
    if (in->loading)
        in->loaded += n;
    return 0;
}

static int
begin_copy(struct tp_candle_import *in, struct tp_err *err)
{
    TP_AUTO_BUF text = {0};

    if (!in->loading) {
        if (!in->staged
            && (tp_db_script(in->db, SQL_candle_stage_make.text, err)
                || tp_db_script(in->db, SQL_candle_stage_empty.text, err)))
            return -1;
        in->staged = true;
        tp_buf_text(&text, SQL_candle_stage_copy.text);
    } else {
        /* Made in this transaction, so that its rows need no freezing later. */
        tp_buf_text(&text, "copy tp.");
        if (tp_db_identifier(&text, in->loads[in->n_loads - 1].table, err))
            return -1;
        tp_buf_text(&text, " from stdin (format binary, freeze)");
    }
    in->copying = true;
    tp_copy_begin(&in->out);
    return tp_db_copy_in(in->db, text.at, err);
}

static int
read_stored(struct tp_candle_import *in, int64_t from, struct tp_err *err)
{
    int64_t          most = AHEAD * tp_interval_find(in->key.interval)->us;
    struct tp_candle c;
    int              got;

    in->ahead = 2 * in->ahead < most ? 2 * in->ahead : most;
    in->read_until = in->until - from < in->ahead ? from + in->ahead : in->until;
    in->ahead = in->read_until - from;
    tp_bars_clear(&in->stored);
    in->next = 0;
    if (begin_rows(in->db, &candles, &in->key, (struct tp_time){from}, (struct tp_time){in->read_until}, err))
        return -1;
    while ((got = next_row(in->db, &candles, &c, err)) > 0) {
        tp_bars_grow(&in->stored);
        tp_bars_push(&in->stored, &c);
    }
    return got;
}

/* Turns to the partition that holds the time. */
static int
turn_to(struct tp_candle_import *in, int64_t time, struct tp_err *err)
{
    TP_AUTO_ROWS      rows = NULL;
    struct tp_time    until;
    const char       *end, *load, *parent;

    if (end_copy(in, err)
        || tp_db_one(in->db, &SQL_candle_partition,
                     TP_PARAMS(tp_p_text(in->key.interval), tp_p_time((struct tp_time){time})), &rows, err))
        return -1;
    parent = tp_rows_text(rows, 0, "parent");
    end = tp_rows_text(rows, 0, "upper_bound");
    load = tp_rows_text(rows, 0, "load");
    if (tp_time_parse(end, strlen(end), &until, err))
        return -1;
    tp_text_set(in->parent, sizeof in->parent, parent, strlen(parent));
    in->until = until.us;
    in->loading = load != NULL;
    if (!load)
        return in->until <= in->read_until ? 0 : read_stored(in, time, err);
    if (in->n_loads == LOADS) {
        tp_fail(err, TP_EREFUSED, "these candles would make more than %d partitions at once", LOADS);
        return tp_hint(err, "import them in parts with --from and --to");
    }
    in->loads = tp_realloc(in->loads, (in->n_loads + 1) * sizeof *in->loads);
    in->loads[in->n_loads].at = time;
    tp_text_set(in->loads[in->n_loads++].table, sizeof in->loads->table, load, strlen(load));
    return 0;
}

static bool
same_value(const struct tp_column *a, size_t i, const struct tp_column *b, size_t k)
{
    if (a->narrow && b->narrow)
        return a->narrow[i] == b->narrow[k];
    return tp_column_get(a, i).units == tp_column_get(b, k).units;
}

/* What the new candle does not know makes no difference. */
static bool
same_or_unknown(const struct tp_column *a, size_t i, const struct tp_column *b, size_t k)
{
    return tp_dec_none(tp_column_get(a, i)) || same_value(a, i, b, k);
}

/* Whether there is nothing to write: the candle is stored as it is, or another one is and only missing ones
 * are wanted. */
static bool
is_stored(struct tp_candle_import *in, const struct tp_bars *bars, size_t i)
{
    const struct tp_bars *s = &in->stored;
    size_t                k;

    while (in->next < s->n && s->time[in->next] < bars->time[i])
        in->next++;
    k = in->next;
    if (k == s->n || s->time[k] != bars->time[i])
        return false;
    if (in->how.missing)
        return true;
    return same_value(&bars->open, i, &s->open, k)
           && same_value(&bars->high, i, &s->high, k) && same_value(&bars->low, i, &s->low, k)
           && same_value(&bars->close, i, &s->close, k) && same_value(&bars->volume, i, &s->volume, k)
           && bars->close_time[i] == s->close_time[k]
           && same_or_unknown(&bars->quote_volume, i, &s->quote_volume, k)
           && (bars->trades_count[i] == INT64_MIN || bars->trades_count[i] == s->trades_count[k])
           && same_or_unknown(&bars->taker_buy_volume, i, &s->taker_buy_volume, k)
           && same_or_unknown(&bars->taker_buy_quote_volume, i, &s->taker_buy_quote_volume, k);
}

static void
put_row(struct tp_candle_import *in, const struct tp_bars *bars, size_t i)
{
    const struct tp_column *const columns[] = {
        &bars->open,   &bars->high,         &bars->low,              &bars->close,
        &bars->volume, &bars->quote_volume, &bars->taker_buy_volume, &bars->taker_buy_quote_volume};

    tp_copy_row(&in->out, TABLE_FIELDS);
    tp_copy_time(&in->out, bars->time[i]);
    tp_copy_time(&in->out, bars->close_time[i]);
    tp_copy_int8(&in->out, bars->trades_count[i]);
    tp_copy_int4(&in->out, in->exchange_id);
    tp_copy_text(&in->out, in->key.symbol, strlen(in->key.symbol));
    tp_copy_text(&in->out, in->key.interval, strlen(in->key.interval));
    tp_copy_text(&in->out, in->how.source, strlen(in->how.source));
    for (size_t c = 0; c < TP_COUNT(columns); c++)
        tp_copy_dec(&in->out, tp_column_get(columns[c], i));
}

int
tp_candle_import_put(struct tp_candle_import *in, const struct tp_bars *bars, struct tp_err *err)
{
    for (size_t i = 0; i < bars->n; i++) {
        if (bars->time[i] >= in->until && turn_to(in, bars->time[i], err))
            return -1;
        if (!in->loading && is_stored(in, bars, i)) {
            in->unchanged++;
            continue;
        }
        if (!in->copying && begin_copy(in, err))
            return -1;
        put_row(in, bars, i);
    }
    return in->out.n ? send(in, err) : 0;
}

int
tp_candle_import_end(struct tp_candle_import *in, struct tp_import_file *file, struct tp_import *done,
                     struct tp_err *err)
{
    if (end_copy(in, err))
        return -1;
    done->rows_inserted = done->rows_updated = 0;
    if (in->staged
        && (tp_db_script(in->db, SQL_candle_stage_analyze.text, err)
            || tp_db_exec(in->db, &SQL_candle_stage_update, TP_NO_PARAMS, &done->rows_updated, err)
            || tp_db_exec(in->db, &SQL_candle_stage_insert, TP_NO_PARAMS, &done->rows_inserted, err)))
        return -1;
    for (size_t i = 0; i < in->n_loads; i++)
        if (tp_db_exec(in->db, &SQL_candle_partition_done,
                       TP_PARAMS(tp_p_text(in->parent), tp_p_time((struct tp_time){in->loads[i].at}),
                                 tp_p_text(in->loads[i].table)),
                       NULL, err))
            return -1;
    done->rows_inserted += in->loaded;
    done->rows_unchanged = in->unchanged;
    if (file && tp_import_file_put(in->db, file, done, err))
        return -1;
    return in->how.dry_run ? tp_db_rollback(in->db, err) : tp_db_commit(in->db, err);
}

/* ---- reading ---------------------------------------------------------------------------------------- */

int
tp_candle_read_begin(struct tp_db *db, const struct tp_candle_key *key, struct tp_time from,
                     struct tp_time to, struct tp_err *err)
{
    return tp_db_begin(db, err) || begin_rows(db, &candles, key, from, to, err) ? -1 : 0;
}

int
tp_candle_read_next(struct tp_db *db, struct tp_candle *c, struct tp_err *err)
{
    int got = next_row(db, &candles, c, err);

    return got == 0 ? tp_db_commit(db, err) : got;
}

int
tp_candle_bars_begin(struct tp_db *db, const struct tp_candle_key *key, struct tp_time from,
                     struct tp_time to, struct tp_err *err)
{
    return (!tp_db_in_transaction(db) && tp_db_begin(db, err)) || begin_rows(db, &bare, key, from, to, err) ? -1 : 0;
}

int
tp_candle_turns_begin(struct tp_db *db, const struct tp_candle_key *key, struct tp_time from, struct tp_time to,
                      const struct tp_candle_turns *turns, struct tp_err *err)
{
    return tp_db_copy_out(db, &SQL_candle_turns,
                          TP_PARAMS(tp_p_text(key->exchange), tp_p_text(key->symbol), tp_p_text(key->interval),
                                    tp_p_time(from), tp_p_time(to), tp_p_int(turns->first), tp_p_int(turns->step),
                                    tp_p_int(turns->bars * (tp_interval_find(key->interval)->us / 1000000))),
                          err);
}

int
tp_candle_bars_next(struct tp_db *db, struct tp_bars *bars, struct tp_err *err)
{
    struct tp_candle c;
    int              got = 1;

    tp_bars_clear(bars);
    if (!tp_db_in_transaction(db))
        return 0; /* the end came in the middle of the former bars */
    tp_record_init(&tp_candle_record, &c);
    while (bars->n < bars->room && (got = next_row(db, &bare, &c, err)) > 0)
        tp_bars_push(bars, &c);
    if (got < 0 || (got == 0 && tp_db_commit(db, err)))
        return -1;
    return bars->n > 0;
}

int
tp_candle_some(struct tp_db *db, const struct tp_candle_key *key, struct tp_time from, struct tp_bars *bars,
               struct tp_err *err)
{
    static const struct form some = {&SQL_candle_some, 7, get_bar};
    bool                     own = !tp_db_in_transaction(db);
    struct tp_candle         c;
    int                      got;

    tp_bars_clear(bars);
    if ((own && tp_db_begin(db, err))
        || tp_db_copy_out(db, some.stmt,
                          TP_PARAMS(tp_p_text(key->exchange), tp_p_text(key->symbol), tp_p_text(key->interval),
                                    tp_p_time(from), tp_p_int((int64_t)bars->room)),
                          err))
        return -1;
    tp_record_init(&tp_candle_record, &c);
    while ((got = next_row(db, &some, &c, err)) > 0)
        tp_bars_push(bars, &c);
    return got || (own && tp_db_commit(db, err)) ? -1 : 0;
}

int
tp_candle_coverage(struct tp_db *db, const struct tp_candle_key *key, struct tp_rows **rows,
                   struct tp_err *err)
{
    return tp_db_query(db, &SQL_candle_coverage,
                       TP_PARAMS(tp_p_text(key->exchange), tp_p_text(key->symbol), tp_p_text(key->interval)),
                       rows, err);
}

static int
time_cell(const struct tp_rows *rows, const char *column, struct tp_time *out, struct tp_err *err)
{
    const char *text = tp_rows_text(rows, 0, column);

    *out = TP_TIME_NONE;
    return text ? tp_time_parse(text, strlen(text), out, err) : 0;
}

int
tp_candle_range(struct tp_db *db, const struct tp_candle_key *key, struct tp_time *first, struct tp_time *last,
                struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    return tp_db_one(db, &SQL_candle_range,
                     TP_PARAMS(tp_p_text(key->exchange), tp_p_text(key->symbol), tp_p_text(key->interval)), &rows,
                     err)
                   || time_cell(rows, "first_time", first, err) || time_cell(rows, "last_time", last, err)
               ? -1
               : 0;
}

int
tp_candle_finer(struct tp_db *db, const struct tp_candle_key *key, char interval[4], struct tp_err *err)
{
    const struct tp_interval *coarse = tp_interval_find(key->interval);
    struct tp_time            first, last;

    interval[0] = '\0';
    for (size_t i = 0; tp_interval_names[i] && !interval[0]; i++) {
        struct tp_candle_key finer = {key->exchange, key->symbol, tp_interval_names[i]};
        int64_t              us = tp_interval_find(finer.interval)->us;

        if (us >= coarse->us || coarse->us % us)
            continue;
        if (tp_candle_range(db, &finer, &first, &last, err))
            return -1;
        if (!tp_time_none(first))
            tp_text_set(interval, 4, finer.interval, strlen(finer.interval));
    }
    return 0;
}

int
tp_candle_retention(struct tp_db *db, const char *interval, int64_t *days, struct tp_err *err)
{
    TP_AUTO_ROWS rows = NULL;

    if (tp_db_one(db, &SQL_candle_retention, TP_PARAMS(tp_p_text(interval)), &rows, err))
        return -1;
    *days = tp_rows_int(rows, 0, "days");
    return 0;
}
