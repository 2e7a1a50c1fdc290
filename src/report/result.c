#include "report/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/json.h"

#define PAIRS 96 /* measures of a page: the record's columns and the members of metrics */
#define NOT_MODELLED 8

int
tp_result_curve(const struct tp_backtest *b, struct tp_report_point **out, size_t *n, struct tp_err *err)
{
    TP_AUTO_JSON curve = NULL;
    json_t      *pair;
    size_t       i;

    *n = 0;
    *out = NULL;
    if (!b->equity_curve)
        return 0;
    if (tp_json_parse(b->equity_curve, strlen(b->equity_curve), &curve, err))
        return -1;
    *out = tp_alloc((json_array_size(curve) + 1) * sizeof **out);
    json_array_foreach(curve, i, pair) {
        const char *time = json_string_value(json_array_get(pair, 0));
        const char *equity = json_string_value(json_array_get(pair, 1));

        if (!time || !equity)
            return tp_fail(err, TP_EINPUT, "equity_curve: point %zu is malformed", i + 1);
        if (tp_time_parse(time, strlen(time), &(*out)[i].time, err)
            || tp_dec_parse(equity, strlen(equity), &(*out)[i].value, err))
            return -1;
        *n = i + 1;
    }
    return 0;
}

/* The round trips of a result; the caller frees *out. */
static int
read_trips(const struct tp_backtest *b, struct tp_trip **out, size_t *n, struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_JSON list = NULL;
    json_t      *one;
    size_t       i;

    *n = 0;
    *out = NULL;
    if (!b->results)
        return 0;
    if (tp_json_parse(b->results, strlen(b->results), &list, err))
        return -1;
    *out = tp_alloc((json_array_size(list) + 1) * sizeof **out);
    json_array_foreach(list, i, one) {
        TP_AUTO_BUF text = {0};

        tp_json_print(one, &text);
        if (tp_record_parse(&tp_trip_record, text.at, text.n, &(*out)[i], arena, err) != 1)
            return err->code == TP_OK ? tp_fail(err, TP_EINPUT, "results: not a round trip") : -1;
        *n = i + 1;
    }
    return 0;
}

/* A text or a whole number as text; false for anything else. */
static bool
print_plain(const json_t *value, struct tp_buf *to)
{
    if (json_is_string(value))
        tp_buf_text(to, json_string_value(value));
    else if (json_is_integer(value))
        tp_buf_fmt(to, "%lld", (long long)json_integer_value(value));
    return json_is_string(value) || json_is_integer(value);
}

static int
by_name(const void *a, const void *b)
{
    const struct tp_report_pair *x = a, *y = b;

    return strcmp(x->name, y->name);
}

/* The columns of the record but its id, and the plain members of metrics, as pairs of texts in the arena.
 * The members go by name: the database keeps them in an order of its own. */
static size_t
read_pairs(const struct tp_backtest *b, const json_t *metrics, struct tp_report_pair pairs[PAIRS],
           struct tp_arena *arena)
{
    const char *key;
    json_t     *value;
    size_t      n = 0, columns;

    for (const struct tp_field *f = tp_backtest_record.fields; f->kind != TP_F_STOP && n < PAIRS; f++) {
        TP_AUTO_BUF text = {0};

        if (f->wide || f->kind == TP_F_UUID)
            continue;
        tp_field_print(f, b, &text);
        pairs[n++] = (struct tp_report_pair){f->name, text.n ? tp_arena_text(arena, text.at, text.n) : NULL};
    }
    columns = n;
    json_object_foreach((json_t *)(uintptr_t)metrics, key, value) {
        TP_AUTO_BUF text = {0};

        if (n < PAIRS && print_plain(value, &text))
            pairs[n++] = (struct tp_report_pair){tp_arena_text(arena, key, strlen(key)),
                                                 tp_arena_text(arena, text.n ? text.at : "", text.n)};
    }
    qsort(pairs + columns, n - columns, sizeof *pairs, by_name);
    return n;
}

/* `metrics` of the record, which the caller owns; NULL when there is none. */
static int
read_metrics(const struct tp_backtest *b, json_t **out, struct tp_err *err)
{
    return b->metrics ? tp_json_parse(b->metrics, strlen(b->metrics), out, err) : 0;
}

/* The texts of metrics.not_modelled, which lasts as long as they are needed. */
static void
read_not_modelled(const json_t *metrics, const char *texts[NOT_MODELLED + 1])
{
    const json_t *list = json_object_get(metrics, "not_modelled");
    size_t        n = 0;

    for (size_t i = 0; i < json_array_size(list) && n < NOT_MODELLED; i++)
        if (json_is_string(json_array_get(list, i)))
            texts[n++] = json_string_value(json_array_get(list, i));
    texts[n] = NULL;
}

int
tp_result_page(struct tp_buf *page, const struct tp_backtest *b, const struct tp_sampler *price,
               struct tp_arena *arena, struct tp_err *err)
{
    const char              *not_modelled[NOT_MODELLED + 1];
    struct tp_report_pair    pairs[PAIRS];
    struct tp_report_point  *equity = NULL;
    struct tp_trip          *trips = NULL;
    struct tp_report_input   in = {.initial = b->initial_capital, .price = price->at, .n_price = price->n,
                                   .not_modelled = not_modelled};
    TP_AUTO_BUF              script = {0}, style = {0};
    TP_AUTO_JSON             metrics = NULL;
    char                     title[200];
    int                      rc;

    snprintf(title, sizeof title, "Backtest %s %s", b->symbol, b->timeframe);
    in.title = title;
    rc = tp_result_curve(b, &equity, &in.n_equity, err) || read_trips(b, &trips, &in.n_trades, arena, err)
                 || read_metrics(b, &metrics, err)
             ? -1
             : 0;
    if (rc == 0) {
        in.equity = equity;
        in.trades = trips;
        in.metrics = pairs;
        in.n_metrics = read_pairs(b, metrics, pairs, arena);
        read_not_modelled(metrics, not_modelled);
        if (tp_report_dygraphs(&script, &style)) {
            in.script = script.at;
            in.style = style.at;
        }
        tp_report_html(page, &in);
    }
    free(equity);
    free(trips);
    return rc;
}

int
tp_result_measures(const struct tp_backtest *b, int (*each)(void *to, const char *name, const char *value, size_t n),
                   void *to, struct tp_err *err)
{
    static const char *const more[] = {"total_return_percent", "buy_and_hold_percent", "cagr_percent",
                                       "volatility_percent",   "calmar",               "sqn",
                                       "expectancy",           "exposure_percent",     "turnover",
                                       "fees",                 "slippage_cost",        "funding",
                                       "imputed_funding",      "liquidations",         "ambiguous_exits",
                                       "volume_warnings",      "missing_bars"};
    TP_AUTO_JSON metrics = NULL;
    TP_AUTO_BUF  text = {0};

    for (const struct tp_field *f = tp_backtest_record.fields; f->kind != TP_F_STOP; f++) {
        if (f->wide || f->kind == TP_F_UUID || tp_field_null(f, b))
            continue;
        tp_buf_clear(&text);
        tp_field_print(f, b, &text);
        if (each(to, f->name, text.at, text.n))
            return -1;
    }
    if (read_metrics(b, &metrics, err))
        return -1;
    for (size_t i = 0; i < TP_COUNT(more); i++) {
        tp_buf_clear(&text);
        if (print_plain(json_object_get(metrics, more[i]), &text) && each(to, more[i], text.at, text.n))
            return -1;
    }
    return 0;
}
