#include "market/read.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "market/reader.h"

#define PIECE (256 * 1024) /* read at once: it stays in the cache until it is parsed */

void
tp_reader_open(struct tp_reader **out, const struct tp_read_opts *opts, struct tp_source *source)
{
    struct tp_reader *r = tp_alloc(sizeof *r);

    r->opts = *opts;
    r->source = source;
    r->interval = opts->interval;
    r->text.at = tp_alloc(TP_READ_ROOM + TP_ROW_AHEAD);
    tp_record_init(&tp_candle_record, &r->first);
    tp_bars_init(&r->ahead, 2);
    *out = r;
}

void
tp_reader_close(struct tp_reader *r)
{
    if (!r)
        return;
    free(r->text.at);
    tp_bars_free(&r->ahead);
    tp_arena_free(&r->arena);
    free(r->rates);
    free(r);
}

const struct tp_symbol *
tp_reader_symbol(const struct tp_reader *r)
{
    return r->has_symbol ? &r->symbol : NULL;
}

const struct tp_funding_rate *
tp_reader_rates(const struct tp_reader *r, size_t *n)
{
    *n = r->n_rates;
    return r->rates;
}

const struct tp_candle *
tp_reader_first(const struct tp_reader *r)
{
    return &r->first;
}

const struct tp_interval *
tp_reader_interval(const struct tp_reader *r)
{
    return r->interval;
}

int64_t
tp_reader_duplicates(const struct tp_reader *r)
{
    return r->duplicates;
}

bool
tp_reader_skip(struct tp_reader *r, const char **line, size_t *n)
{
    if (!r->line_at || r->form == TP_READ_ARRAYS || r->form == TP_READ_UNKNOWN)
        return false;
    *line = r->line_at;
    *n = r->line_n;
    return true;
}

/* ---- bytes and lines --------------------------------------------------------------------------------- */

int
tp_read_fill(struct tp_reader *r, struct tp_err *err)
{
    struct tp_read_text *t = &r->text;
    ssize_t             n;

    if (t->over)
        return 0;
    if (t->from) {
        memmove(t->at, t->at + t->from, t->to - t->from);
        t->to -= t->from;
        t->from = 0;
    }
    if (t->to == TP_READ_ROOM)
        return tp_fail(err, TP_EINPUT, "line %lld: longer than 1 MiB", (long long)r->line + 1);
    n = tp_source_read(r->source, t->at + t->to, TP_READ_ROOM - t->to < PIECE ? TP_READ_ROOM - t->to : PIECE, err);
    if (n < 0)
        return -1;
    t->to += (size_t)n;
    t->at[t->to] = '\0';
    t->over = n == 0;
    return n > 0;
}

/* The next line without its end: 1, 0, -1. */
static int
next_line(struct tp_reader *r, struct tp_err *err)
{
    struct tp_read_text *t = &r->text;
    size_t              seen = 0;

    r->line_at = NULL;
    for (;;) {
        char *lf = memchr(t->at + t->from + seen, '\n', t->to - t->from - seen);
        int   more;

        if (lf || (t->over && t->from < t->to)) {
            char *end = lf ? lf : t->at + t->to;

            r->line_at = t->at + t->from;
            r->line_n = (size_t)(end - r->line_at);
            t->from = (size_t)(end - t->at) + (lf != NULL);
            r->line++;
            if (r->line_n && r->line_at[r->line_n - 1] == '\r')
                r->line_n--;
            return 1;
        }
        if (t->over)
            return 0;
        seen = t->to - t->from;
        more = tp_read_fill(r, err);
        if (more < 0)
            return -1;
    }
}

int
tp_read_where(const struct tp_reader *r, int64_t line, struct tp_err *err)
{
    tp_where(err, "line %lld", (long long)line);
    return r->opts.name ? tp_where(err, "%.150s", r->opts.name) : -1;
}

/* ---- rows -------------------------------------------------------------------------------------------- */

static int
find_form(struct tp_reader *r, struct tp_err *err)
{
    char c;
    int  got;

    if (r->text.to == 0 && tp_read_fill(r, err) < 0)
        return -1;
    got = tp_read_look(r, &c, err);
    if (got < 0)
        return -1;
    r->form = !got ? TP_READ_CSV : c == '[' ? TP_READ_ARRAYS : c == '{' ? TP_READ_RECORDS : TP_READ_CSV;
    return 0;
}

/* The next row into c: 1; 0 at the end; 2: nothing to keep (a header, an empty line); -1. */
static int
next_row(struct tp_reader *r, struct tp_candle *c, struct tp_err *err)
{
    int  got;
    bool header;

    if (r->form == TP_READ_ARRAYS)
        return tp_read_array(r, c, err);
    got = next_line(r, err);
    if (got <= 0)
        return got;
    if (r->line_n == 0)
        return 2;
    if (memchr(r->line_at, '\0', r->line_n)) {
        tp_fail(err, TP_EINPUT, "a NUL byte");
        return tp_read_where(r, r->line, err);
    }
    if (r->form == TP_READ_RECORDS) {
        got = tp_read_record(r, c, err);
        return got == 0 ? 2 : got;
    }
    if (r->n_columns == 0) {
        if (tp_read_csv_start(r, &header, err))
            return -1;
        if (header)
            return 2;
    }
    return tp_read_csv_row(r, c, err) ? -1 : 1;
}

static bool
wanted(const struct tp_reader *r, struct tp_time t)
{
    return (tp_time_none(r->opts.from) || t.us >= r->opts.from.us)
           && (tp_time_none(r->opts.to) || t.us < r->opts.to.us);
}

/* Adds candles until the bars are full or the source ends: 0, -1. */
static int
read_bars(struct tp_reader *r, struct tp_bars *bars, struct tp_err *err)
{
    struct tp_candle c;

    if (r->form == TP_READ_UNKNOWN && find_form(r, err))
        return -1;
    tp_record_init(&tp_candle_record, &c);
    while (bars->n < bars->room) {
        int got;

        if (r->form == TP_READ_CSV && r->any && r->interval) {
            tp_read_plain_rows(r, bars);
            if (bars->n == bars->room)
                break;
        }
        c.close_time = TP_TIME_NONE;
        c.trades_count = INT64_MIN;
        c.quote_volume = c.taker_buy_volume = c.taker_buy_quote_volume = TP_DEC_NONE;
        got = next_row(r, &c, err);
        if (got == 0)
            break;
        if (r->opts.mark)
            c.volume = TP_DEC_ZERO;
        if (got == 1)
            got = tp_read_judge(r, &c, err);
        if (got < 0)
            return -1;
        if (got == 1 && wanted(r, c.timestamp))
            tp_bars_push(bars, &c);
    }
    return 0;
}

int
tp_reader_peek(struct tp_reader *r, struct tp_err *err)
{
    if (read_bars(r, &r->ahead, err))
        return -1;
    return r->ahead.n > 0;
}

int
tp_reader_next(struct tp_reader *r, struct tp_bars *bars, struct tp_err *err)
{
    size_t taken = 0;

    tp_bars_clear(bars);
    for (; taken < r->ahead.n && bars->n < bars->room; taken++) {
        struct tp_candle c = tp_bars_candle(&r->ahead, taken);

        tp_bars_push(bars, &c);
    }
    tp_bars_drop(&r->ahead, taken);
    if (read_bars(r, bars, err))
        return -1;
    return bars->n > 0;
}
