/* tp-prices coverage, gaps, verify - what is stored, what is missing, what is odd. */
#include "cmd/prices.h"

#include <string.h>

#include "base/db.h"
#include "market/look.h"
#include "market/read.h"

/* ---- coverage ----------------------------------------------------------------------------------------- */

const struct tp_opt prices_coverage_opts[] = {
    OPT_VENUE(struct prices_look_args, key.exchange, "only this venue"),
    OPT_SYMBOL(struct prices_look_args, key.symbol, "only this instrument"),
    OPT_INTERVAL(struct prices_look_args, key.interval, "only this length"),
    OPT_STOP};

int
prices_coverage(struct tp_ctx *tp, const void *args)
{
    const struct prices_look_args *a = args;
    struct tp_candle_key           k = prices_store_key(&a->key);
    struct tp_coverage             row;
    TP_AUTO_ROWS                   rows = NULL;
    int                            more;

    if (tp_ctx_db(tp) || tp_candle_coverage(tp->db, &k, &rows, &tp->err))
        return -1;
    while ((more = tp_rows_next(rows, &tp_coverage_record, &row, &tp->arena, &tp->err)) > 0)
        if (tp_emit(tp, &tp_coverage_record, &row))
            return -1;
    return more;
}

/* ---- walking over what is stored ---------------------------------------------------------------------- */

/* Prints findings and counts them. */
struct counts {
    struct tp_ctx *tp;
    int64_t        findings, gaps, missing, faults;
};

static int
tell(void *out, const struct tp_price_finding *f, struct tp_err *err)
{
    struct counts *n = out;

    (void)err; /* is the context's */
    n->findings++;
    n->faults += tp_finding_fault(f->kind);
    if (f->kind[0] == 'm') {
        n->gaps++;
        n->missing += f->candles;
    }
    return tp_emit(n->tp, &tp_price_finding_record, f);
}

/* What is still to come is not missing. */
static struct tp_time
until_now(const struct prices_key *key)
{
    struct tp_time now = tp_interval_floor(tp_interval_find(key->interval), tp_time_now());

    return tp_time_none(key->to) || key->to.us < now.us ? key->to : now;
}

static struct tp_look
begin_look(const struct prices_key *key, bool gaps_only, struct counts *n)
{
    return (struct tp_look){.interval = tp_interval_find(key->interval),
                            .gaps_only = gaps_only,
                            .tell = tell,
                            .out = n,
                            .from = key->from,
                            .to = until_now(key)};
}

/* Looks over the stored candles of the key and keeps them in `stored` unless it is NULL. */
static int
walk(struct tp_ctx *tp, const struct prices_key *key, struct tp_look *look, struct tp_bars *stored)
{
    struct tp_candle c = prices_candle(key);
    int64_t          n = 0;
    int              got;

    if (prices_begin_read(tp, key))
        return -1;
    while ((got = tp_candle_read_next(tp->db, &c, &tp->err)) > 0) {
        if (tp_look_put(look, &c, &tp->err))
            return -1;
        if (stored) {
            tp_bars_grow(stored);
            tp_bars_push(stored, &c);
        }
        if (++n % 4096 == 0)
            tp_progress_draw(tp->progress, "looking", n, -1);
    }
    tp_progress_end(tp->progress);
    if (got < 0 || tp_look_end(look, &tp->err))
        return -1;
    return n ? 0
             : tp_fail(&tp->err, TP_EMISSING, "there are no candles of %s %s in that range", key->symbol, key->interval);
}

int
prices_tell_gaps(struct tp_ctx *tp, const struct prices_key *key, int64_t *missing)
{
    struct counts  n = {.tp = tp};
    struct tp_look look = begin_look(key, true, &n);

    if (walk(tp, key, &look, NULL))
        return -1;
    *missing = n.missing;
    return 0;
}

/* ---- gaps --------------------------------------------------------------------------------------------- */

#define OPT_STRICT(type)                                                                           \
    OPT_FLAG(type, strict, 0, "strict", "exit 12 when anything is found, gaps and quiet times too")

const struct tp_opt prices_gaps_opts[] = {
    OPT_PRICES_KEY(struct prices_look_args, .required = true),
    OPT_PRICES_RANGE(struct prices_look_args),
    OPT_STRICT(struct prices_look_args),
    OPT_STOP,
};

static int
verdict(struct tp_ctx *tp, const struct counts *n, bool strict)
{
    tp_note(tp, "%lld gaps, %lld candles missing", (long long)n->gaps, (long long)n->missing);
    if (n->faults)
        return tp_fail(&tp->err, TP_ELINT, "%lld faults were found", (long long)n->faults);
    return strict && n->findings ? tp_fail(&tp->err, TP_ELINT, "%lld findings", (long long)n->findings) : 0;
}

int
prices_gaps(struct tp_ctx *tp, const void *args)
{
    const struct prices_look_args *a = args;
    struct counts                  n = {.tp = tp};
    struct tp_look                 look;
    struct tp_symbol               symbol;

    tp->db_statement_ms = 0;
    if (prices_symbol(tp, &a->key, &symbol))
        return -1;
    look = begin_look(&a->key, true, &n);
    return walk(tp, &a->key, &look, NULL) ? -1 : verdict(tp, &n, a->strict);
}

/* ---- verify ------------------------------------------------------------------------------------------- */

const struct tp_opt prices_verify_opts[] = {
    OPT_PRICES_KEY(struct prices_look_args, .required = true),
    OPT_PRICES_RANGE(struct prices_look_args),
    OPT_ENUM(struct prices_look_args, from_interval, 0, "from-interval", tp_interval_names,
             "compare with these finer candles; the finest stored ones unless given"),
    OPT_TEXT(struct prices_look_args, against, 0, "against", "FILE", "compare with the candles of a file, too",
             .complete = "file"),
    OPT_TEXT(struct prices_look_args, columns, 0, "columns", "LIST", "what the columns of that file are"),
    OPT_STRICT(struct prices_look_args),
    OPT_STOP,
};

/* Stored candles against the same ones of another source, both in time order. */
struct versus {
    struct tp_look         *look;
    const struct tp_bars   *stored;
    const struct prices_key *key;
    size_t                  next;
    int64_t                 compared, absent; /* absent: the other source's that are not stored */
};

static int
compare(struct tp_ctx *tp, void *to, const struct tp_candle *other)
{
    struct versus   *v = to;
    struct tp_candle c, key = prices_candle(v->key);

    while (v->next < v->stored->n && v->stored->time[v->next] < other->timestamp.us)
        v->next++;
    if (v->next == v->stored->n || v->stored->time[v->next] != other->timestamp.us) {
        v->absent++;
        return 0;
    }
    v->compared++;
    c = tp_bars_candle(v->stored, v->next);
    memcpy(c.exchange, key.exchange, sizeof c.exchange);
    memcpy(c.symbol, key.symbol, sizeof c.symbol);
    memcpy(c.interval, key.interval, sizeof c.interval);
    return tp_look_compare(v->look, &c, other, &tp->err);
}

static void
say_compared(struct tp_ctx *tp, const struct versus *v, const char *with)
{
    char safe[200];

    tp_text_safe(safe, sizeof safe, with, strlen(with));
    tp_note(tp, "%lld candles compared with %s", (long long)v->compared, safe);
    if (v->absent)
        tp_note(tp, "%lld candles of %s are not stored", (long long)v->absent, safe);
}

static int
versus_finer(struct tp_ctx *tp, const struct prices_look_args *a, struct tp_look *look, const struct tp_bars *stored)
{
    struct versus        v = {.look = look, .stored = stored, .key = &a->key};
    struct tp_candle_key k = prices_store_key(&a->key);
    char                 found[4];
    const char          *finer = a->from_interval;

    if (!finer && tp_candle_finer(tp->db, &k, found, &tp->err))
        return -1;
    if (!finer)
        finer = found;
    if (!*finer)
        return 0;
    if (prices_resample(tp, tp->db, &a->key, finer, true, compare, &v))
        return -1;
    say_compared(tp, &v, finer);
    return 0;
}

static int
versus_reader(struct tp_ctx *tp, struct versus *v, struct tp_reader *reader)
{
    struct tp_bars bars;
    int            got;

    tp_bars_init(&bars, 4096);
    while ((got = tp_reader_next(reader, &bars, &tp->err)) > 0)
        for (size_t i = 0; i < bars.n && got > 0; i++) {
            struct tp_candle c = tp_bars_candle(&bars, i);

            if (compare(tp, v, &c))
                got = -1;
        }
    tp_bars_free(&bars);
    return got;
}

static int
versus_file(struct tp_ctx *tp, const struct prices_look_args *a, struct tp_look *look, const struct tp_bars *stored)
{
    struct versus       v = {.look = look, .stored = stored, .key = &a->key};
    struct tp_read_opts how = {.name = a->against, .columns = a->columns, .from = a->key.from, .to = a->key.to,
                               .interval = tp_interval_find(a->key.interval)};
    struct tp_source   *bytes;
    struct tp_reader   *reader;
    int                 rc;

    if (tp_source_open(&bytes, a->against, &tp->err))
        return -1;
    tp_reader_open(&reader, &how, bytes);
    rc = versus_reader(tp, &v, reader);
    tp_reader_close(reader);
    tp_source_close(bytes);
    if (rc == 0)
        say_compared(tp, &v, a->against);
    return rc;
}

int
prices_verify(struct tp_ctx *tp, const void *args)
{
    const struct prices_look_args *a = args;
    struct counts                  n = {.tp = tp};
    struct tp_look                 look;
    struct tp_symbol               symbol;
    struct tp_bars                 stored;
    int                            rc;

    tp->db_statement_ms = 0;
    if (prices_symbol(tp, &a->key, &symbol))
        return -1;
    look = begin_look(&a->key, false, &n);
    tp_bars_init(&stored, 4096);
    rc = walk(tp, &a->key, &look, &stored) || versus_finer(tp, a, &look, &stored)
         || (a->against && versus_file(tp, a, &look, &stored));
    tp_bars_free(&stored);
    return rc ? -1 : verdict(tp, &n, a->strict);
}
