#include "market/read.h"

#include <string.h>

#include "base/banned.h"

enum { FORM_UNKNOWN, FORM_JSON, FORM_CSV };
enum { AT_TIME, AT_OPEN, AT_HIGH, AT_LOW, AT_CLOSE, AT_VOLUME, COLUMNS };

#define CELLS 32

static const char *const column_names[] = {"time", "open", "high", "low", "close", "volume"};

struct cell {
    const char *at;
    size_t      n;
};

void
tp_reader_init(struct tp_reader *r, int fd, const char *name, struct tp_time from, struct tp_time to)
{
    memset(r, 0, sizeof *r);
    tp_lines_init(&r->lines, fd);
    r->name = name;
    r->from = from;
    r->to = to;
    for (int i = 0; i < COLUMNS; i++)
        r->column[i] = i;
}

void
tp_reader_free(struct tp_reader *r)
{
    tp_lines_free(&r->lines);
    tp_arena_free(&r->arena);
}

/* Cells between commas; quotes around a cell are taken off. */
static size_t
split(const char *line, size_t n, struct cell cells[CELLS])
{
    size_t count = 0, from = 0;

    for (size_t i = 0; i <= n && count < CELLS; i++) {
        if (i < n && line[i] != ',')
            continue;
        cells[count] = (struct cell){line + from, i - from};
        if (cells[count].n >= 2 && line[from] == '"' && line[i - 1] == '"') {
            cells[count].at++;
            cells[count].n -= 2;
        }
        count++;
        from = i + 1;
    }
    return count;
}

static bool
cell_is(struct cell c, const char *word)
{
    return c.n == strlen(word) && memcmp(c.at, word, c.n) == 0;
}

/* The header's columns by name; -1 with TP_EINPUT when one that is needed is missing. */
static int
read_header(struct tp_reader *r, const struct cell *cells, size_t n, struct tp_err *err)
{
    for (int c = 0; c < COLUMNS; c++) {
        r->column[c] = -1;
        for (size_t i = 0; i < n; i++)
            if (cell_is(cells[i], column_names[c])
                || (c == AT_TIME && (cell_is(cells[i], "open_time") || cell_is(cells[i], "timestamp")))) {
                r->column[c] = (int)i;
                break;
            }
        if (r->column[c] < 0)
            return tp_fail(err, TP_EINPUT, "the header has no column '%s'", column_names[c]);
    }
    return 0;
}

static int
read_time(struct cell c, struct tp_time *out, struct tp_err *err)
{
    for (size_t i = 0; i < c.n; i++)
        if (c.at[i] < '0' || c.at[i] > '9')
            return tp_time_parse(c.at, c.n, out, err);
    return tp_time_parse_epoch(c.at, c.n, out, err);
}

static int
read_csv(struct tp_reader *r, const char *line, size_t n, struct tp_candle *out, struct tp_err *err)
{
    struct cell    cells[CELLS];
    size_t         count = split(line, n, cells);
    struct tp_dec *fields[] = {NULL, &out->open, &out->high, &out->low, &out->close, &out->volume};

    tp_record_init(&tp_candle_record, out);
    for (int c = 0; c < COLUMNS; c++) {
        struct cell cell;

        if ((size_t)r->column[c] >= count)
            return tp_fail(err, TP_EINPUT, "it has %zu columns, %s is the %dth", count, column_names[c],
                           r->column[c] + 1);
        cell = cells[r->column[c]];
        if (c == AT_TIME ? read_time(cell, &out->timestamp, err)
                         : tp_dec_parse_foreign(cell.at, cell.n, fields[c], err))
            return tp_where(err, "%s", column_names[c]);
    }
    return 0;
}

static int
check(const struct tp_candle *c, struct tp_err *err)
{
    if (tp_dec_sign(c->low) <= 0)
        return tp_fail(err, TP_EINPUT, "low: a price must be above zero");
    if (tp_dec_cmp(c->high, tp_dec_max(c->open, c->close)) < 0 || tp_dec_cmp(c->high, c->low) < 0)
        return tp_fail(err, TP_EINPUT, "high: it lies below another price of the candle");
    if (tp_dec_cmp(c->low, tp_dec_min(c->open, c->close)) > 0)
        return tp_fail(err, TP_EINPUT, "low: it lies above another price of the candle");
    if (!tp_dec_none(c->volume) && tp_dec_sign(c->volume) < 0)
        return tp_fail(err, TP_EINPUT, "volume: it is below zero");
    return 0;
}

/* A line as a candle: 1, 0 for one that is none, -1. */
static int
read_line(struct tp_reader *r, const char *line, size_t n, struct tp_candle *out, struct tp_err *err)
{
    int got;

    if (r->form == FORM_UNKNOWN) {
        struct cell cells[CELLS];

        r->form = line[0] == '{' ? FORM_JSON : FORM_CSV;
        if (r->form == FORM_CSV && (line[0] < '0' || line[0] > '9'))
            return read_header(r, cells, split(line, n, cells), err);
    }
    if (r->form == FORM_CSV)
        return read_csv(r, line, n, out, err) || check(out, err) ? -1 : 1;
    got = tp_record_parse(&tp_candle_record, line, n, out, &r->arena, err);
    if (got == 1)
        return check(out, err) ? -1 : 1;
    if (got == 0 && !r->named) {
        got = tp_record_parse(&tp_symbol_record, line, n, &r->symbol, &r->arena, err);
        r->named = got == 1;
    }
    return got < 0 ? -1 : 0;
}

static int
next_candle(struct tp_reader *r, struct tp_candle *out, struct tp_err *err)
{
    const char *line;
    size_t      n;
    int         got;

    if (r->has_ahead) {
        *out = r->ahead;
        r->has_ahead = false;
        return 1;
    }
    while ((got = tp_lines_next(&r->lines, &line, &n, err)) > 0) {
        if (n == 0)
            continue;
        got = read_line(r, line, n, out, err);
        if (got < 0)
            break;
        if (got == 0 || (!tp_time_none(r->from) && out->timestamp.us < r->from.us)
            || (!tp_time_none(r->to) && out->timestamp.us >= r->to.us))
            continue;
        return 1;
    }
    return got < 0 ? tp_where(err, "%.200s: line %lld", r->name, (long long)r->lines.number) : 0;
}

int
tp_reader_peek(struct tp_reader *r, struct tp_err *err)
{
    int got;

    if (r->has_ahead)
        return 1;
    got = next_candle(r, &r->ahead, err);
    if (got != 1)
        return got;
    r->has_ahead = true;
    memcpy(r->exchange, r->ahead.exchange, sizeof r->exchange);
    memcpy(r->ticker, r->ahead.symbol, sizeof r->ticker);
    memcpy(r->interval, r->ahead.interval, sizeof r->interval);
    return 1;
}

static bool
same_prices(const struct tp_bars *b, size_t i, const struct tp_candle *c)
{
    return tp_column_get(&b->open, i).units == c->open.units && tp_column_get(&b->high, i).units == c->high.units
           && tp_column_get(&b->low, i).units == c->low.units
           && tp_column_get(&b->close, i).units == c->close.units
           && tp_column_get(&b->volume, i).units == c->volume.units;
}

int
tp_reader_next(struct tp_reader *r, struct tp_bars *bars, size_t most, struct tp_err *err)
{
    struct tp_candle c;
    int              got = 1;

    tp_bars_clear(bars);
    while (bars->n < most && (got = next_candle(r, &c, err)) > 0) {
        if (r->begun && c.timestamp.us <= r->last_us) {
            char time[TP_TIME_TEXT];

            if (c.timestamp.us == r->last_us && bars->n && same_prices(bars, bars->n - 1, &c))
                continue;
            tp_time_print(time, c.timestamp);
            return tp_fail(err, TP_EINPUT, "%.200s: line %lld: the candle of %s is not later than the one before",
                           r->name, (long long)r->lines.number, time);
        }
        r->last_us = c.timestamp.us;
        r->begun = true;
        tp_bars_push(bars, &c);
    }
    return got < 0 ? -1 : bars->n > 0;
}
