/* What a document names before its rules use it: parameters, other series, legs, scores, variables. */
#include "strategy/compiled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

struct range {
    struct tp_dec least, most, step;
    json_t       *values;
};

static int
read_range(const json_t *one, const char *path, struct range *r, struct tp_err *err)
{
    static const char *const keys[] = {"default", "min", "max", "step", "values", NULL};
    struct tp_dec           *out[] = {&r->least, &r->most, &r->step};
    char                     inner[128];

    if (!json_is_object(one))
        return tp_fail(err, TP_EINPUT, "%s: want an object like {default: 10, min: 5, max: 50, step: 5}", path);
    if (tp_member_keys(one, path, keys, err))
        return -1;
    for (int i = 0; i < 3; i++) {
        const json_t *v = json_object_get(one, keys[i + 1]);

        *out[i] = TP_DEC_NONE;
        snprintf(inner, sizeof inner, "%s.%s", path, keys[i + 1]);
        if (v && tp_member_plain(v, inner, out[i], err))
            return -1;
    }
    r->values = json_object_get(one, "values");
    if (r->values && (!json_is_array(r->values) || json_array_size(r->values) == 0))
        return tp_fail(err, TP_EINPUT, "%s.values: want a list of numbers", path);
    if (r->values && (json_object_get(one, "min") || json_object_get(one, "max") || json_object_get(one, "step")))
        return tp_fail(err, TP_EINPUT, "%s: min, max and step exclude values", path);
    if (!tp_dec_none(r->least) && !tp_dec_none(r->most) && tp_dec_cmp(r->least, r->most) > 0)
        return tp_fail(err, TP_EINPUT, "%s.max: it is below min", path);
    if (!tp_dec_none(r->step) && tp_dec_sign(r->step) <= 0)
        return tp_fail(err, TP_EINPUT, "%s.step: want a number above zero", path);
    return 0;
}

/* Whether the value lies in the parameter's search space; steps count for searches alone. */
static int
in_range(const struct range *r, const char *path, struct tp_dec value, enum tp_code code, struct tp_err *err)
{
    char given[TP_DEC_TEXT], limit[TP_DEC_TEXT];
    bool low = !tp_dec_none(r->least) && tp_dec_cmp(value, r->least) < 0;

    tp_dec_print_short(given, value);
    if (low || (!tp_dec_none(r->most) && tp_dec_cmp(value, r->most) > 0)) {
        tp_dec_print_short(limit, low ? r->least : r->most);
        return tp_fail(err, code, "%s: %s is %s the parameter's %s %s", path, given, low ? "below" : "above",
                       low ? "min" : "max", limit);
    }
    for (size_t i = 0; r->values && i < json_array_size(r->values); i++) {
        struct tp_dec one;
        char          inner[128];

        snprintf(inner, sizeof inner, "%s.values[%zu]", path, i);
        if (tp_member_plain(json_array_get(r->values, i), inner, &one, err))
            return -1;
        if (tp_dec_cmp(value, one) == 0)
            return 0;
    }
    return r->values ? tp_fail(err, code, "%s: %s is none of the parameter's values", path, given) : 0;
}

static int
read_param(struct tp_compiled *c, const char *key, json_t *one, const struct tp_strategy_opts *opts,
           struct tp_err *err)
{
    struct tp_name *p = &c->expr.params[c->expr.n_params];
    struct range    range;
    struct tp_dec   value;
    char            path[96], shortest[TP_DEC_TEXT];
    size_t          n = strlen(key);

    if (c->expr.n_params == TP_COUNT(c->expr.params))
        return tp_fail(err, TP_EINPUT, "$.params: more than %zu", TP_COUNT(c->expr.params));
    if (tp_member_name("$.params", key, err))
        return -1;
    snprintf(path, sizeof path, "$.params.%.60s", key);
    if (read_range(one, path, &range, err))
        return -1;
    if (!json_object_get(one, "default"))
        return tp_fail(err, TP_EINPUT, "%s: it needs a default", path);
    if (tp_member_plain(json_object_get(one, "default"), path, &value, err)
        || in_range(&range, path, value, TP_EINPUT, err))
        return -1;
    for (size_t i = 0; i < opts->n_params; i++) {
        const char *given = opts->params[i];

        if (strncmp(given, key, n) || given[n] != '=')
            continue;
        snprintf(path, sizeof path, "--param %.60s", key);
        if (tp_dec_parse(given + n + 1, strlen(given + n + 1), &value, err))
            return tp_usage(err, "%s", path);
        if (in_range(&range, path, value, TP_EUSAGE, err))
            return -1;
    }
    /* The document keeps its parameters' declarations, so that it can be read again. */
    tp_dec_print_short(shortest, value);
    json_object_set_new(one, "default", json_string(shortest));
    p->value = strtod(shortest, NULL);
    tp_text_set(p->name, sizeof p->name, key, n);
    c->expr.n_params++;
    return 0;
}

int
tp_declare_params(struct tp_compiled *c, const json_t *params, const struct tp_strategy_opts *opts,
                  struct tp_err *err)
{
    const char *known[TP_COUNT(c->expr.params) + 1] = {NULL};
    const char *key;
    json_t     *one;

    if (params && !json_is_object(params))
        return tp_fail(err, TP_EINPUT, "$.params: want an object");
    json_object_foreach((json_t *)(uintptr_t)params, key, one) {
        if (read_param(c, key, one, opts, err))
            return -1;
    }
    for (size_t i = 0; i < c->expr.n_params; i++)
        known[i] = c->expr.params[i].name;
    for (size_t i = 0; i < opts->n_params; i++) {
        const char *eq = strchr(opts->params[i], '='), *near;
        char        name[64];

        if (!eq)
            return tp_fail(err, TP_EUSAGE, "--param: want NAME=VALUE, not '%.60s'", opts->params[i]);
        if (tp_text_set(name, sizeof name, opts->params[i], (size_t)(eq - opts->params[i]))
            && tp_text_in(name, known))
            continue;
        tp_fail(err, TP_EUSAGE, "--param: the strategy has no parameter '%.*s'",
                (int)(eq - opts->params[i] < 60 ? eq - opts->params[i] : 60), opts->params[i]);
        near = tp_text_nearest(name, known);
        return near ? tp_hint(err, "did you mean '%s'?", near) : -1;
    }
    return 0;
}

int
tp_declare_vars(struct tp_compiled *c, const json_t *vars, struct tp_err *err)
{
    const char *key;
    json_t     *one;

    if (vars && !json_is_object(vars))
        return tp_fail(err, TP_EINPUT, "$.vars: want an object");
    json_object_foreach((json_t *)(uintptr_t)vars, key, one) {
        struct tp_name *v = &c->expr.vars[c->expr.n_vars];

        if (c->expr.n_vars == TP_COUNT(c->expr.vars))
            return tp_fail(err, TP_EINPUT, "$.vars: more than %zu", TP_COUNT(c->expr.vars));
        if (tp_member_name("$.vars", key, err))
            return -1;
        if (tp_expr_word(key))
            return tp_fail(err, TP_EINPUT, "$.vars.%s: the word has a meaning already", key);
        if (tp_member_expression(c, vars, "$.vars", key, TP_EXPR_ANY, &v->node, err))
            return -1;
        tp_text_set(v->name, sizeof v->name, key, strlen(key));
        c->expr.n_vars++;
    }
    return 0;
}

static int
add_series(struct tp_compiled *c, const char *path, const char *name, enum tp_series_kind kind,
           struct tp_expr_series **out, struct tp_err *err)
{
    struct tp_expr *e = &c->expr;

    if (tp_member_name(path, name, err))
        return -1;
    if (e->n_series + 1 == TP_EXPR_SERIES)
        return tp_fail(err, TP_EINPUT, "%s: more than %d series", path, TP_EXPR_SERIES - 1);
    if (tp_expr_word(name) || tp_expr_series_find(e, name))
        return tp_fail(err, TP_EINPUT, "%s.%s: the word has a meaning already", path, name);
    *out = &e->series[++e->n_series];
    tp_text_set((*out)->name, sizeof (*out)->name, name, strlen(name));
    (*out)->kind = kind;
    return 0;
}

static int
read_interval(const json_t *one, const char *path, const struct tp_strategy_opts *opts, struct tp_expr_series *s,
              struct tp_err *err)
{
    const json_t *v = json_object_get(one, "interval");
    const char   *near;

    s->interval = v ? tp_interval_find(json_is_string(v) ? json_string_value(v) : "") : opts->interval;
    if (v && !s->interval) {
        near = json_is_string(v) ? tp_text_nearest(json_string_value(v), tp_interval_names) : NULL;
        tp_fail(err, TP_EINPUT, "%s.interval: want 1m, 5m, 15m, 30m, 1h, 4h, 1d or 1w%s%.20s%s", path,
                json_is_string(v) ? ", not '" : "", json_is_string(v) ? json_string_value(v) : "",
                json_is_string(v) ? "'" : "");
        return near ? tp_hint(err, "did you mean '%s'?", near) : -1;
    }
    if (v && opts->interval && (s->interval->us < opts->interval->us || s->interval->us % opts->interval->us))
        return tp_fail(err, TP_EINPUT, "%s.interval: %s bars cannot be made of the run's %s bars", path,
                       s->interval->name, opts->interval->name);
    return 0;
}

int
tp_declare_data(struct tp_compiled *c, const json_t *data, const struct tp_strategy_opts *opts, struct tp_err *err)
{
    static const char *const keys[] = {"symbol", "exchange", "interval", "kind", "of", NULL};
    static const char *const kinds[] = {"candles", "funding", "mark", "scores", NULL};
    const char              *key;
    json_t                  *one;

    if (data && !json_is_object(data))
        return tp_fail(err, TP_EINPUT, "$.data: want an object");
    json_object_foreach((json_t *)(uintptr_t)data, key, one) {
        struct tp_expr_series *s;
        char                   path[96];
        int                    kind;

        snprintf(path, sizeof path, "$.data.%.60s", key);
        if (tp_member_keys(one, path, keys, err) || (kind = tp_member_word(one, path, "kind", kinds, 0, err)) < 0
            || add_series(c, "$.data", key, (enum tp_series_kind)kind, &s, err)
            || read_interval(one, path, opts, s, err) || tp_member_text(one, path, "symbol", false, err)
            || tp_member_text(one, path, "exchange", false, err) || tp_member_text(one, path, "of", false, err))
            return -1;
        if (json_object_get(one, "of")
            && !tp_expr_series_find(&c->expr, json_string_value(json_object_get(one, "of"))))
            return tp_fail(err, TP_EINPUT, "%s.of: there is no leg '%.60s'", path,
                           json_string_value(json_object_get(one, "of")));
        s->elsewhere = kind != TP_SERIES_CANDLES || json_object_get(one, "symbol") || json_object_get(one, "exchange")
                       || json_object_get(one, "of");
        if (s->elsewhere)
            tp_member_cannot_run(c, path, "this series cannot be made of the candles of the run");
    }
    return 0;
}

int
tp_declare_legs(struct tp_compiled *c, const json_t *legs, const struct tp_strategy_opts *opts, struct tp_err *err)
{
    static const char *const keys[] = {"symbol", "exchange", NULL};
    const char              *key;
    json_t                  *one;

    if (!legs)
        return 0;
    if (!json_is_object(legs) || json_object_size(legs) < 2)
        return tp_fail(err, TP_EINPUT, "$.legs: want two or more, like {a: {symbol: ETHUSDT}, b: {symbol: BTCUSDT}}");
    json_object_foreach((json_t *)(uintptr_t)legs, key, one) {
        struct tp_expr_series *s;
        char                   path[96];

        snprintf(path, sizeof path, "$.legs.%.60s", key);
        if (tp_member_keys(one, path, keys, err) || add_series(c, "$.legs", key, TP_SERIES_LEG, &s, err)
            || tp_member_text(one, path, "symbol", true, err) || tp_member_text(one, path, "exchange", false, err))
            return -1;
        s->elsewhere = true;
        s->interval = opts->interval;
    }
    tp_member_cannot_run(c, "$.legs", "a strategy of several legs needs more than the candles of one symbol");
    return 0;
}

int
tp_declare_score(struct tp_compiled *c, const json_t *score, const struct tp_strategy_opts *opts, struct tp_err *err)
{
    static const char *const keys[] = {"source", "model", "horizon_bars", "max_age_bars", "on_missing", NULL};
    static const char *const sources[] = {"table", "file", "process", NULL};
    static const char *const missing[] = {"flat", "hold", "technical", NULL};
    struct tp_expr_series   *s;
    int64_t                  bars;

    if (!score)
        return 0;
    if (tp_member_keys(score, "$.score", keys, err) || tp_member_word(score, "$.score", "source", sources, 0, err) < 0
        || tp_member_word(score, "$.score", "on_missing", missing, 0, err) < 0
        || tp_member_text(score, "$.score", "model", true, err)
        || tp_member_count(c, score, "$.score", "horizon_bars", &bars, err)
        || tp_member_count(c, score, "$.score", "max_age_bars", &bars, err)
        || add_series(c, "$.score", "score", TP_SERIES_SCORES, &s, err))
        return -1;
    s->elsewhere = true;
    s->interval = opts->interval;
    tp_member_cannot_run(c, "$.score", "scores are not part of a stream of candles");
    return 0;
}
