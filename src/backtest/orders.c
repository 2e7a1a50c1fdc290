#include "backtest/orders.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/file.h"
#include "base/line.h"

static int
by_created(const void *a, const void *b)
{
    const struct tp_work *x = a, *y = b;

    if (x->created_at.us != y->created_at.us)
        return x->created_at.us < y->created_at.us ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Groups of orders get numbers below zero, so that they never meet those of brackets. */
static int64_t
group_number(struct tp_orders *list, struct tp_uuid id)
{
    for (size_t i = 0; i < list->n_groups; i++)
        if (tp_uuid_equal(list->groups[i], id))
            return -(int64_t)i - 1;
    list->groups = tp_realloc(list->groups, (list->n_groups + 1) * sizeof *list->groups);
    list->groups[list->n_groups++] = id;
    return -(int64_t)list->n_groups;
}

/* Whether two names of one thing agree; one that is not given agrees with every other. */
static bool
agree(const char *a, const char *b)
{
    return !a[0] || !b[0] || strcmp(a, b) == 0;
}

/* A run has one instrument: orders of another one would be filled at its prices. */
static int
same_instrument(struct tp_orders *list, const struct tp_order *o, struct tp_err *err)
{
    if (!agree(list->symbol, o->symbol))
        return tp_fail(err, TP_EINPUT, "symbol: %s, but %s in the lines before: a run has one instrument", o->symbol,
                       list->symbol);
    if (!agree(list->exchange, o->exchange))
        return tp_fail(err, TP_EINPUT, "exchange: %s, but %s in the lines before: a run has one instrument",
                       o->exchange, list->exchange);
    if (o->symbol[0])
        memcpy(list->symbol, o->symbol, sizeof list->symbol);
    if (o->exchange[0])
        memcpy(list->exchange, o->exchange, sizeof list->exchange);
    return 0;
}

int
tp_orders_for(const struct tp_orders *list, const struct tp_symbol *symbol, struct tp_err *err)
{
    if (!agree(list->symbol, symbol->symbol))
        return tp_fail(err, TP_EINPUT, "the orders are for %s, the candles of %s", list->symbol, symbol->symbol);
    if (!agree(list->exchange, symbol->exchange))
        return tp_fail(err, TP_EINPUT, "the orders are for %s, the candles of %s", list->exchange, symbol->exchange);
    return 0;
}

static int
add(struct tp_orders *list, const struct tp_order *o, struct tp_err *err)
{
    struct tp_work w;
    bool           hedge = strcmp(o->position_mode, "HEDGE") == 0;

    if (tp_work_from_order(&w, o, err) || same_instrument(list, o, err))
        return -1;
    if (tp_time_none(o->created_at))
        return tp_fail(err, TP_EINPUT, "created_at: an order that drives a run needs it");
    if (list->n && list->hedge != hedge)
        return tp_fail(err, TP_EINPUT, "position_mode: the orders of one run are all ONE_WAY or all HEDGE");
    list->hedge = hedge;
    if (!tp_uuid_none(o->group_id))
        w.group = group_number(list, o->group_id);
    w.number = (int64_t)list->n;
    if (list->n == list->room) {
        list->room = list->room ? 2 * list->room : 16;
        list->at = tp_realloc(list->at, list->room * sizeof *list->at);
    }
    list->at[list->n++] = w;
    return 0;
}

static int
read_lines(struct tp_orders *list, struct tp_lines *lines, struct tp_sha256 *hash, struct tp_arena *arena,
           struct tp_err *err)
{
    struct tp_order order;
    const char     *line;
    size_t          n;
    int             got;

    while ((got = tp_lines_next(lines, &line, &n, err)) > 0) {
        int is_order = n ? tp_record_parse(&tp_order_record, line, n, &order, arena, err) : 0;

        if (is_order < 0 || (is_order && add(list, &order, err)))
            return -1;
        if (is_order) {
            tp_sha256_add(hash, line, n);
            tp_sha256_add(hash, "\n", 1);
        }
    }
    return got;
}

int
tp_orders_read(struct tp_orders *list, const char *path, struct tp_arena *arena, struct tp_err *err)
{
    struct tp_lines  lines;
    struct tp_sha256 hash;
    uint8_t          digest[TP_SHA256_SIZE];
    int              fd, rc;

    if (tp_file_open(path, &fd, err))
        return -1;
    tp_sha256_init(&hash);
    tp_lines_init(&lines, fd);
    rc = read_lines(list, &lines, &hash, arena, err);
    if (rc)
        tp_where(err, "%.200s: line %lld", path, (long long)lines.number);
    tp_lines_free(&lines);
    tp_file_close(fd);
    tp_sha256_end(&hash, digest);
    tp_sha256_hex(digest, list->hash);
    if (rc)
        return -1;
    qsort(list->at, list->n, sizeof *list->at, by_created);
    return 0;
}

void
tp_orders_free(struct tp_orders *list)
{
    free(list->at);
    free(list->groups);
}
