/* Documents of tp.strategy/1 made into strategies that a session can ask. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "strategy/expr.h"

#include "base/banned.h"
#include "base/crypt.h"
#include "base/dec_double.h"
#include "base/embed.h"
#include "base/json.h"
#include "base/yaml.h"

extern const struct tp_embedded tp_embedded_strategies[];

const char *const tp_builtin_names[] = {"sma-cross", "rsi-reversion", "macd-trend", "bollinger-breakout",
                                        "donchian-turtle", "mtf-filter", "pairs", "funding-arbitrage",
                                        "score-threshold", NULL};

enum { SAYS_ENTER = 1, SAYS_EXIT = 4, SAYS_ADD = 16 }; /* shifted by one for the short side */

/* An order of a rule; -1 for expressions that are not there. */
struct order_rule {
    enum tp_want_type type;
    int               price, stop;
};

struct side_rules {
    bool              enters, leaves;
    int               when, add_when, exit_when; /* -1: none */
    struct order_rule entry, exit;
    enum tp_size_kind size_kind;
    double            size;
    int               chance; /* kelly_frac: of winning, long; -1: none */
    int64_t           cooldown, max_adds, expire_bars;
};

struct distance_rule {
    enum tp_distance_kind kind; /* NONE: not there */
    int                   node; /* a price or the atr */
    double                amount; /* percent, or times the atr */
};

struct compiled {
    struct tp_strategy   base; /* first: the two convert into each other */
    struct tp_expr       expr;
    struct side_rules    side[2]; /* long, short */
    int                  filter;
    struct distance_rule stop_loss, trailing, take_profit[TP_TAKE_PROFITS];
    double               portion[TP_TAKE_PROFITS];
    size_t               n_take_profits;
    int64_t              time_exit;
    double               breakeven; /* percent; 0: none */
    enum tp_on_opposite  on_opposite;
    uint8_t             *says; /* per bar of the block: what may be wanted */
    size_t               room, n;
    char                *document;
};

/* ---- values ---------------------------------------------------------------------------------- */

static const char *
text_of(const json_t *v, char room[64])
{
    if (json_is_string(v))
        return json_string_value(v);
    if (json_is_true(v) || json_is_false(v))
        return json_is_true(v) ? "true" : "false";
    if (json_is_integer(v)) {
        snprintf(room, 64, "%lld", (long long)json_integer_value(v));
        return room;
    }
    return NULL;
}

static void
say_where(struct compiled *c, const char *path, const char *key, int node)
{
    struct tp_said *said = &c->base.said[c->base.n_said];

    if (c->base.n_said == TP_COUNT(c->base.said))
        return;
    snprintf(said->path, sizeof said->path, "%s%s%s", path, *key ? "." : "", key);
    said->node = node;
    c->base.n_said++;
}

/* Parses a member as an expression; *node is -1 when it is not there. */
static int
expression(struct compiled *c, const json_t *object, const char *path, const char *key, enum tp_expr_type type,
           int *node, struct tp_err *err)
{
    const json_t *v = json_object_get(object, key);
    char          room[64];
    const char   *text;

    *node = -1;
    if (!v)
        return 0;
    text = text_of(v, room);
    if (!text)
        return tp_fail(err, TP_EINPUT, "%s.%s: want an expression", path, key);
    if (tp_expr_parse(&c->expr, text, type, node, err))
        return tp_where(err, "%s.%s", path, key);
    say_where(c, path, key, *node);
    if (type != TP_EXPR_ANY) /* a variable counts where it is named */
        tp_expr_want(&c->expr, *node);
    return 0;
}

static int
number(struct compiled *c, const json_t *object, const char *path, const char *key, double fallback,
       double *out, struct tp_err *err)
{
    const json_t *v = json_object_get(object, key);
    char          room[64];
    const char   *text;

    *out = fallback;
    if (!v)
        return 0;
    text = text_of(v, room);
    if (!text)
        return tp_fail(err, TP_EINPUT, "%s.%s: want a number", path, key);
    if (tp_expr_constant(&c->expr, text, out, err))
        return tp_where(err, "%s.%s", path, key);
    return 0;
}

static int
count(struct compiled *c, const json_t *object, const char *path, const char *key, int64_t *out,
      struct tp_err *err)
{
    double v;

    if (number(c, object, path, key, 0, &v, err))
        return -1;
    if (!(v >= 0 && v <= 1e9) || v > floor(v))
        return tp_fail(err, TP_EINPUT, "%s.%s: want a whole number from 0", path, key);
    *out = (int64_t)v;
    return 0;
}

/* Every key of the object must be known. */
static int
known_keys(const json_t *object, const char *path, const char *const *known, struct tp_err *err)
{
    const char *key;
    json_t     *value;

    if (object && !json_is_object(object))
        return tp_fail(err, TP_EINPUT, "%s: want an object", path);
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        const char *near;

        if (tp_text_in(key, known))
            continue;
        near = tp_text_nearest(key, known);
        if (near)
            return tp_fail(err, TP_EINPUT, "%s: unknown key '%.60s', did you mean '%s'?", path, key, near);
        return tp_fail(err, TP_EINPUT, "%s: unknown key '%.60s'", path, key);
    }
    return 0;
}

/* ---- rules ----------------------------------------------------------------------------------- */

static int
read_order(struct compiled *c, const json_t *order, const char *path, struct order_rule *out,
           struct tp_err *err)
{
    static const char *const keys[] = {"type", "price", "stop", NULL};
    static const char *const types[] = {"MARKET", "LIMIT", "STOP_MARKET", "STOP_LIMIT", NULL};
    const char              *type = json_string_value(json_object_get(order, "type"));
    int                      i = 0;

    *out = (struct order_rule){TP_WANT_MARKET, -1, -1};
    if (!order)
        return 0;
    if (known_keys(order, path, keys, err))
        return -1;
    while (type && types[i] && strcmp(types[i], type))
        i++;
    if (!type || !types[i])
        return tp_fail(err, TP_EINPUT, "%s.type: want MARKET, LIMIT, STOP_MARKET or STOP_LIMIT", path);
    out->type = (enum tp_want_type)i;
    if (expression(c, order, path, "price", TP_EXPR_NUMBER, &out->price, err)
        || expression(c, order, path, "stop", TP_EXPR_NUMBER, &out->stop, err))
        return -1;
    if ((out->price >= 0) != (i == TP_WANT_LIMIT || i == TP_WANT_STOP_LIMIT))
        return tp_fail(err, TP_EINPUT, "%s.price: it belongs to LIMIT and STOP_LIMIT", path);
    if ((out->stop >= 0) != (i == TP_WANT_STOP_MARKET || i == TP_WANT_STOP_LIMIT))
        return tp_fail(err, TP_EINPUT, "%s.stop: it belongs to STOP_MARKET and STOP_LIMIT", path);
    return 0;
}

static int
read_size(struct compiled *c, const json_t *size, const char *path, struct side_rules *s,
          struct tp_err *err)
{
    static const char *const keys[] = {"qty", "quote", "equity_pct", "risk_pct", "kelly_frac", "p", NULL};
    int                      found = 0;

    if (!size)
        return tp_fail(err, TP_EINPUT, "%s: an entry needs a size", path);
    if (known_keys(size, path, keys, err))
        return -1;
    for (int i = 0; i <= TP_SIZE_KELLY; i++) {
        if (!json_object_get(size, keys[i]))
            continue;
        found++;
        s->size_kind = (enum tp_size_kind)i;
        if (number(c, size, path, keys[i], 0, &s->size, err))
            return -1;
    }
    if (found != 1 || !(s->size > 0))
        return tp_fail(err, TP_EINPUT, "%s: want one of qty, quote, equity_pct, risk_pct, kelly_frac above zero",
                       path);
    if (s->size_kind != TP_SIZE_KELLY)
        return json_object_get(size, "p") ? tp_fail(err, TP_EINPUT, "%s.p: it belongs to kelly_frac", path) : 0;
    if (s->size > 1)
        return tp_fail(err, TP_EINPUT, "%s.kelly_frac: more than a whole bet", path);
    if (expression(c, size, path, "p", TP_EXPR_NUMBER, &s->chance, err))
        return -1;
    if (s->chance >= 0)
        return 0;
    if (!tp_expr_series_find(&c->expr, "score")) {
        tp_fail(err, TP_EINPUT, "%s.p: it needs the chance that the price rises, from 0 to 1", path);
        return tp_hint(err, "a document with a score takes score.p_up");
    }
    if (tp_expr_parse(&c->expr, "score.p_up", TP_EXPR_NUMBER, &s->chance, err))
        return tp_where(err, "%s", path);
    tp_expr_want(&c->expr, s->chance);
    return 0;
}

static int
read_entry(struct compiled *c, const json_t *rule, const char *path, struct side_rules *s,
           struct tp_err *err)
{
    static const char *const keys[] = {"when", "order", "size", "cooldown", "max_adds", "add_when",
                                       "expire_bars", NULL};
    char                     inner[80];

    if (!rule)
        return 0;
    s->enters = true;
    snprintf(inner, sizeof inner, "%s.order", path);
    if (known_keys(rule, path, keys, err) || expression(c, rule, path, "when", TP_EXPR_TRUTH, &s->when, err)
        || read_order(c, json_object_get(rule, "order"), inner, &s->entry, err)
        || count(c, rule, path, "cooldown", &s->cooldown, err)
        || count(c, rule, path, "max_adds", &s->max_adds, err)
        || expression(c, rule, path, "add_when", TP_EXPR_TRUTH, &s->add_when, err)
        || count(c, rule, path, "expire_bars", &s->expire_bars, err))
        return -1;
    if (s->when < 0)
        return tp_fail(err, TP_EINPUT, "%s.when: an entry needs a condition", path);
    snprintf(inner, sizeof inner, "%s.size", path);
    return read_size(c, json_object_get(rule, "size"), inner, s, err);
}

static int
read_exit(struct compiled *c, const json_t *rule, const char *path, struct side_rules *s,
          struct tp_err *err)
{
    static const char *const keys[] = {"when", "order", NULL};
    char                     inner[80];

    if (!rule)
        return 0;
    s->leaves = true;
    snprintf(inner, sizeof inner, "%s.order", path);
    if (known_keys(rule, path, keys, err) || expression(c, rule, path, "when", TP_EXPR_TRUTH, &s->exit_when, err)
        || read_order(c, json_object_get(rule, "order"), inner, &s->exit, err))
        return -1;
    if (s->exit_when < 0 && s->exit.type == TP_WANT_MARKET)
        return tp_fail(err, TP_EINPUT, "%s.when: a market exit needs a condition", path);
    return 0;
}

/* {pct}, {atr, n} or {price}; a trailing stop has no price, a take-profit a portion besides. */
static int
read_distance(struct compiled *c, const json_t *rule, const char *path, const char *also,
              struct distance_rule *out, struct tp_err *err)
{
    const char *keys[] = {"pct", "atr", "n", also, "portion", NULL};
    char        text[64];
    double      n;
    int         forms;

    if (!rule)
        return 0;
    if (!strstr(path, "take_profit"))
        keys[4] = NULL;
    if (known_keys(rule, path, keys, err))
        return -1;
    forms = !!json_object_get(rule, "pct") + !!json_object_get(rule, "atr") + !!json_object_get(rule, "price");
    if (forms != 1)
        return tp_fail(err, TP_EINPUT, "%s: want pct%s atr%s", path, *also == 'p' ? "," : " or",
                       *also == 'p' ? " or price" : "");
    if (json_object_get(rule, "n") && !json_object_get(rule, "atr"))
        return tp_fail(err, TP_EINPUT, "%s.n: it belongs to atr", path);
    if (json_object_get(rule, "pct")) {
        out->kind = TP_DISTANCE_PERCENT;
        if (number(c, rule, path, "pct", 0, &out->amount, err))
            return -1;
    } else if (json_object_get(rule, "atr")) {
        out->kind = TP_DISTANCE_ABSOLUTE;
        if (number(c, rule, path, "atr", 0, &out->amount, err) || number(c, rule, path, "n", 14, &n, err))
            return -1;
        snprintf(text, sizeof text, "atr(%.17g)", n);
        if (tp_expr_parse(&c->expr, text, TP_EXPR_NUMBER, &out->node, err))
            return tp_where(err, "%s.n", path);
        tp_expr_want(&c->expr, out->node);
        say_where(c, path, "", out->node);
    } else {
        out->kind = TP_DISTANCE_PRICE;
        out->amount = 1;
        if (expression(c, rule, path, "price", TP_EXPR_NUMBER, &out->node, err))
            return -1;
        if (c->expr.node[out->node].account)
            return tp_fail(err, TP_EINPUT, "%s.price: account words are not known before the entry", path);
    }
    if (!(out->amount > 0))
        return tp_fail(err, TP_EINPUT, "%s: want a distance above zero", path);
    return 0;
}

static void
take_profit_path(char path[64], const json_t *takes, size_t i)
{
    int n = snprintf(path, 64, "$.protect.take_profit");

    if (json_is_array(takes))
        snprintf(path + n, 64 - (size_t)n, "[%zu]", i);
}

static int
read_protect(struct compiled *c, const json_t *protect, struct tp_err *err)
{
    static const char *const keys[] = {"stop_loss", "take_profit", "trailing", "time_exit", "breakeven", NULL};
    const json_t            *tp = json_object_get(protect, "take_profit");
    static const char *const bars[] = {"bars", NULL};
    static const char *const after[] = {"after_pct", NULL};
    size_t                   n = json_is_array(tp) ? json_array_size(tp) : tp ? 1 : 0;

    if (known_keys(protect, "$.protect", keys, err)
        || known_keys(json_object_get(protect, "time_exit"), "$.protect.time_exit", bars, err)
        || known_keys(json_object_get(protect, "breakeven"), "$.protect.breakeven", after, err)
        || read_distance(c, json_object_get(protect, "stop_loss"), "$.protect.stop_loss", "price", &c->stop_loss, err)
        || read_distance(c, json_object_get(protect, "trailing"), "$.protect.trailing", "atr", &c->trailing, err)
        || count(c, json_object_get(protect, "time_exit"), "$.protect.time_exit", "bars", &c->time_exit, err)
        || number(c, json_object_get(protect, "breakeven"), "$.protect.breakeven", "after_pct", 0,
                  &c->breakeven, err))
        return -1;
    if (n > TP_TAKE_PROFITS)
        return tp_fail(err, TP_EINPUT, "$.protect.take_profit: at most %d", TP_TAKE_PROFITS);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_is_array(tp) ? json_array_get(tp, i) : tp;

        char path[64];

        take_profit_path(path, tp, i);
        if (read_distance(c, one, path, "price", &c->take_profit[i], err)
            || number(c, one, path, "portion", 100, &c->portion[i], err))
            return -1;
        if (!(c->portion[i] > 0 && c->portion[i] <= 100))
            return tp_fail(err, TP_EINPUT, "%s.portion: want more than 0 and at most 100 percent", path);
    }
    c->n_take_profits = n;
    return 0;
}

/* ---- parameters and the document ------------------------------------------------------------- */

/* Names that expressions can say: a letter or '_', then letters, digits and '_'. */
static int
name_check(struct compiled *c, const char *path, const char *name, struct tp_err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    static const char all[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t            n = strlen(name);

    if (n == 0 || n >= sizeof c->expr.vars[0].name || !strchr(letters, name[0]) || strspn(name, all) != n)
        return tp_fail(err, TP_EINPUT, "%s: want a name of letters, digits and '_', not '%.60s'", path, name);
    return 0;
}

/* A number written out: no expression. */
static int
plain_number(const json_t *v, const char *path, struct tp_dec *out, struct tp_err *err)
{
    char        room[64];
    const char *text = text_of(v, room);

    if (!text || json_is_boolean(v))
        return tp_fail(err, TP_EINPUT, "%s: want a number", path);
    return tp_dec_parse(text, strlen(text), out, err) ? tp_where(err, "%s", path) : 0;
}

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
    if (known_keys(one, path, keys, err))
        return -1;
    for (int i = 0; i < 3; i++) {
        const json_t *v = json_object_get(one, keys[i + 1]);

        *out[i] = TP_DEC_NONE;
        snprintf(inner, sizeof inner, "%s.%s", path, keys[i + 1]);
        if (v && plain_number(v, inner, out[i], err))
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
        if (plain_number(json_array_get(r->values, i), inner, &one, err))
            return -1;
        if (tp_dec_cmp(value, one) == 0)
            return 0;
    }
    return r->values ? tp_fail(err, code, "%s: %s is none of the parameter's values", path, given) : 0;
}

static int
read_param(struct compiled *c, const char *key, json_t *one, const struct tp_strategy_opts *opts,
           struct tp_err *err)
{
    struct tp_name *p = &c->expr.params[c->expr.n_params];
    struct range    range;
    struct tp_dec   value;
    char            path[96], shortest[TP_DEC_TEXT];
    size_t          n = strlen(key);

    if (c->expr.n_params == TP_COUNT(c->expr.params))
        return tp_fail(err, TP_EINPUT, "$.params: more than %zu", TP_COUNT(c->expr.params));
    if (name_check(c, "$.params", key, err))
        return -1;
    snprintf(path, sizeof path, "$.params.%.60s", key);
    if (read_range(one, path, &range, err))
        return -1;
    if (!json_object_get(one, "default"))
        return tp_fail(err, TP_EINPUT, "%s: it needs a default", path);
    if (plain_number(json_object_get(one, "default"), path, &value, err)
        || in_range(&range, path, value, TP_EINPUT, err))
        return -1;
    for (size_t i = 0; i < opts->n_params; i++) {
        const char *given = opts->params[i];

        if (strncmp(given, key, n) || given[n] != '=')
            continue;
        snprintf(path, sizeof path, "--param %.60s", key);
        if (tp_dec_parse(given + n + 1, strlen(given + n + 1), &value, err)) {
            err->code = TP_EUSAGE;
            return tp_where(err, "%s", path);
        }
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

static int
read_params(struct compiled *c, const json_t *params, const struct tp_strategy_opts *opts,
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
        tp_fail(err, TP_EUSAGE, "--param: the strategy has no parameter '%.60s'", opts->params[i]);
        near = tp_text_nearest(name, known);
        return near ? tp_hint(err, "did you mean '%s'?", near) : -1;
    }
    return 0;
}

static int
read_vars(struct compiled *c, const json_t *vars, struct tp_err *err)
{
    const char *key;
    json_t     *one;

    if (vars && !json_is_object(vars))
        return tp_fail(err, TP_EINPUT, "$.vars: want an object");
    json_object_foreach((json_t *)(uintptr_t)vars, key, one) {
        struct tp_name *v = &c->expr.vars[c->expr.n_vars];

        if (c->expr.n_vars == TP_COUNT(c->expr.vars))
            return tp_fail(err, TP_EINPUT, "$.vars: more than %zu", TP_COUNT(c->expr.vars));
        if (name_check(c, "$.vars", key, err))
            return -1;
        if (tp_expr_word(key))
            return tp_fail(err, TP_EINPUT, "$.vars.%s: the word has a meaning already", key);
        if (expression(c, vars, "$.vars", key, TP_EXPR_ANY, &v->node, err))
            return -1;
        tp_text_set(v->name, sizeof v->name, key, strlen(key));
        c->expr.n_vars++;
    }
    return 0;
}

/* ---- other series, several legs, scores, limits ------------------------------------------------ */

/* Says why a document that is right cannot be run on one stream of candles; the first reason stays. */
static void
cannot_run(struct compiled *c, const char *path, const char *why)
{
    if (!c->base.cannot_run[0])
        snprintf(c->base.cannot_run, sizeof c->base.cannot_run, "%s: %s", path, why);
}

/* One of the words; the fallback when it is not there, -1 when it is another. */
static int
one_of(const json_t *object, const char *path, const char *key, const char *const *words, int fallback,
       struct tp_err *err)
{
    const json_t *v = json_object_get(object, key);
    const char   *near;

    if (!v)
        return fallback;
    for (int i = 0; words[i]; i++)
        if (json_is_string(v) && strcmp(json_string_value(v), words[i]) == 0)
            return i;
    near = json_is_string(v) ? tp_text_nearest(json_string_value(v), words) : NULL;
    tp_fail(err, TP_EINPUT, "%s.%s: want %s, %s%s%s%s%s", path, key, words[0], words[1], words[2] ? ", " : "",
            words[2] ? words[2] : "", words[2] && words[3] ? ", " : "", words[2] && words[3] ? words[3] : "");
    return near ? tp_hint(err, "did you mean '%s'?", near) : -1;
}

/* A text without control bytes that a column of the database takes. */
static int
plain_text(const json_t *object, const char *path, const char *key, bool needed, struct tp_err *err)
{
    const json_t *v = json_object_get(object, key);
    size_t        n = json_is_string(v) ? json_string_length(v) : 0;

    if (!v && !needed)
        return 0;
    if (n == 0 || n > 100)
        return tp_fail(err, TP_EINPUT, "%s.%s: want a text of 1 to 100 bytes", path, key);
    return 0;
}

static int
add_series(struct compiled *c, const char *path, const char *name, enum tp_series_kind kind,
           struct tp_expr_series **out, struct tp_err *err)
{
    struct tp_expr *e = &c->expr;

    if (name_check(c, path, name, err))
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

static int
read_data(struct compiled *c, const json_t *data, const struct tp_strategy_opts *opts, struct tp_err *err)
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
        if (known_keys(one, path, keys, err) || (kind = one_of(one, path, "kind", kinds, 0, err)) < 0
            || add_series(c, "$.data", key, (enum tp_series_kind)kind, &s, err)
            || read_interval(one, path, opts, s, err) || plain_text(one, path, "symbol", false, err)
            || plain_text(one, path, "exchange", false, err) || plain_text(one, path, "of", false, err))
            return -1;
        if (json_object_get(one, "of")
            && !tp_expr_series_find(&c->expr, json_string_value(json_object_get(one, "of"))))
            return tp_fail(err, TP_EINPUT, "%s.of: there is no leg '%.60s'", path,
                           json_string_value(json_object_get(one, "of")));
        s->elsewhere = kind != TP_SERIES_CANDLES || json_object_get(one, "symbol") || json_object_get(one, "exchange")
                       || json_object_get(one, "of");
        if (s->elsewhere)
            cannot_run(c, path, "this series cannot be made of the candles of the run");
    }
    return 0;
}

static int
read_legs(struct compiled *c, const json_t *legs, const struct tp_strategy_opts *opts, struct tp_err *err)
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
        if (known_keys(one, path, keys, err) || add_series(c, "$.legs", key, TP_SERIES_LEG, &s, err)
            || plain_text(one, path, "symbol", true, err) || plain_text(one, path, "exchange", false, err))
            return -1;
        s->elsewhere = true;
        s->interval = opts->interval;
    }
    cannot_run(c, "$.legs", "a strategy of several legs needs more than the candles of one symbol");
    return 0;
}

static int
read_score(struct compiled *c, const json_t *score, const struct tp_strategy_opts *opts, struct tp_err *err)
{
    static const char *const keys[] = {"source", "model", "horizon_bars", "max_age_bars", "on_missing", NULL};
    static const char *const sources[] = {"table", "file", "process", NULL};
    static const char *const missing[] = {"flat", "hold", "technical", NULL};
    struct tp_expr_series   *s;
    int64_t                  bars;

    if (!score)
        return 0;
    if (known_keys(score, "$.score", keys, err) || one_of(score, "$.score", "source", sources, 0, err) < 0
        || one_of(score, "$.score", "on_missing", missing, 0, err) < 0
        || plain_text(score, "$.score", "model", true, err)
        || count(c, score, "$.score", "horizon_bars", &bars, err)
        || count(c, score, "$.score", "max_age_bars", &bars, err)
        || add_series(c, "$.score", "score", TP_SERIES_SCORES, &s, err))
        return -1;
    s->elsewhere = true;
    s->interval = opts->interval;
    cannot_run(c, "$.score", "scores are not part of a stream of candles");
    return 0;
}

static int
read_spread_side(struct compiled *c, const json_t *rule, const char *path, struct tp_err *err)
{
    static const char *const keys[] = {"when", "legs", NULL};
    static const char *const sides[] = {"LONG", "SHORT", NULL};
    char                     inner[80];
    const char              *key;
    json_t                  *one;
    int                      node;

    if (!rule)
        return 0;
    snprintf(inner, sizeof inner, "%s.legs", path);
    if (known_keys(rule, path, keys, err) || expression(c, rule, path, "when", TP_EXPR_TRUTH, &node, err))
        return -1;
    if (node < 0)
        return tp_fail(err, TP_EINPUT, "%s.when: it needs a condition", path);
    if (!json_is_object(json_object_get(rule, "legs")))
        return tp_fail(err, TP_EINPUT, "%s: want the side of each leg, like {a: SHORT, b: LONG}", inner);
    json_object_foreach(json_object_get(rule, "legs"), key, one) {
        int leg = tp_expr_series_find(&c->expr, key);

        if (!leg || c->expr.series[leg].kind != TP_SERIES_LEG)
            return tp_fail(err, TP_EINPUT, "%s: there is no leg '%.60s'", inner, key);
        if (one_of(json_object_get(rule, "legs"), inner, key, sides, -1, err) < 0)
            return -1;
    }
    return 0;
}

static int
read_spread(struct compiled *c, const json_t *spread, struct tp_err *err)
{
    static const char *const keys[] = {"open_short", "open_long", "close", "stop", "size", "execution", NULL};
    static const char *const whens[] = {"when", NULL};
    static const char *const sizes[] = {"quote", "ratio", NULL};
    static const char *const how[] = {"mode", "first", "leg_timeout", "on_partial", NULL};
    static const char *const modes[] = {"all_or_none", "maker_then_taker", NULL};
    static const char *const partial[] = {"unwind", "hold", NULL};
    const json_t            *size = json_object_get(spread, "size"), *run = json_object_get(spread, "execution");
    const json_t            *close = json_object_get(spread, "close"), *stop = json_object_get(spread, "stop");
    const json_t            *first = json_object_get(run, "first");
    double                   quote;
    int                      node;

    if (known_keys(spread, "$.spread", keys, err) || known_keys(close, "$.spread.close", whens, err)
        || known_keys(stop, "$.spread.stop", whens, err) || known_keys(size, "$.spread.size", sizes, err)
        || known_keys(run, "$.spread.execution", how, err)
        || read_spread_side(c, json_object_get(spread, "open_short"), "$.spread.open_short", err)
        || read_spread_side(c, json_object_get(spread, "open_long"), "$.spread.open_long", err)
        || expression(c, stop, "$.spread.stop", "when", TP_EXPR_TRUTH, &node, err)
        || number(c, size, "$.spread.size", "quote", 0, &quote, err)
        || expression(c, size, "$.spread.size", "ratio", TP_EXPR_NUMBER, &node, err)
        || one_of(run, "$.spread.execution", "mode", modes, 0, err) < 0
        || one_of(run, "$.spread.execution", "on_partial", partial, 0, err) < 0
        || plain_text(run, "$.spread.execution", "leg_timeout", false, err)
        || expression(c, close, "$.spread.close", "when", TP_EXPR_TRUTH, &node, err))
        return -1;
    if (!json_object_get(spread, "open_short") && !json_object_get(spread, "open_long"))
        return tp_fail(err, TP_EINPUT, "$.spread: want open_long, open_short or both");
    if (node < 0)
        return tp_fail(err, TP_EINPUT, "$.spread.close.when: it needs a condition");
    if (!(quote > 0))
        return tp_fail(err, TP_EINPUT, "$.spread.size.quote: want a number above zero");
    if (first && (!json_is_string(first) || !tp_expr_series_find(&c->expr, json_string_value(first))))
        return tp_fail(err, TP_EINPUT, "$.spread.execution.first: want a leg");
    return 0;
}

static int
read_risk(struct compiled *c, const json_t *risk, struct tp_err *err)
{
    static const char *const keys[] = {"leverage", "margin_mode", "position_mode", "max_open", "max_daily_loss",
                                       "max_daily_trades", NULL};
    static const char *const margins[] = {"ISOLATED", "CROSS", NULL};
    static const char *const positions[] = {"ONE_WAY", "HEDGE", NULL};
    int64_t                  trades;
    double                   loss;
    int                      margin, mode;

    if (!risk)
        return 0;
    if (known_keys(risk, "$.risk", keys, err) || count(c, risk, "$.risk", "leverage", &c->base.leverage, err)
        || count(c, risk, "$.risk", "max_open", &c->base.max_open, err)
        || count(c, risk, "$.risk", "max_daily_trades", &trades, err)
        || number(c, risk, "$.risk", "max_daily_loss", 0, &loss, err))
        return -1;
    margin = one_of(risk, "$.risk", "margin_mode", margins, 2, err);
    mode = margin < 0 ? -1 : one_of(risk, "$.risk", "position_mode", positions, 0, err);
    if (mode < 0)
        return -1;
    if (json_object_get(risk, "leverage") && (c->base.leverage < 1 || c->base.leverage > 125))
        return tp_fail(err, TP_EINPUT, "$.risk.leverage: want a whole number from 1 to 125");
    if (json_object_get(risk, "max_open") && c->base.max_open < 1)
        return tp_fail(err, TP_EINPUT, "$.risk.max_open: want a whole number from 1");
    if (json_object_get(risk, "max_daily_loss") && !(loss > 0))
        return tp_fail(err, TP_EINPUT, "$.risk.max_daily_loss: want an amount above zero");
    c->base.margin_mode = margin < 2 ? margins[margin] : NULL;
    if (mode == 1)
        cannot_run(c, "$.risk.position_mode", "a run holds one position a symbol (ONE_WAY)");
    if (json_object_get(risk, "max_daily_loss") || json_object_get(risk, "max_daily_trades"))
        cannot_run(c, "$.risk", "a backtest keeps no limits a day");
    return 0;
}

/* technical, ml (the entries look at scores alone), hybrid (at both), arbitrage. */
static const char *
type_of_document(const struct compiled *c)
{
    bool scores = false, bars = false;

    if (c->expr.n_series && c->expr.series[1].kind == TP_SERIES_LEG)
        return "arbitrage";
    for (int k = 0; k < 2; k++) {
        scores |= tp_expr_reads(&c->expr, c->side[k].when, true);
        bars |= tp_expr_reads(&c->expr, c->side[k].when, false);
    }
    return !scores ? "technical" : bars ? "hybrid" : "ml";
}

static int
read_document(struct compiled *c, json_t *doc, const struct tp_strategy_opts *opts, struct tp_err *err)
{
    static const char *const keys[] = {"schema", "params", "data", "legs", "score", "vars", "filter", "entry",
                                       "exit", "protect", "spread", "risk", NULL};
    static const char *const sides[] = {"long", "short", NULL};
    static const char *const exits[] = {"long", "short", "on_opposite", NULL};
    const json_t            *entry = json_object_get(doc, "entry"), *leave = json_object_get(doc, "exit");
    const json_t            *schema = json_object_get(doc, "schema"), *opposite;
    struct tp_buf            text = {0};

    if (known_keys(doc, "$", keys, err) || known_keys(entry, "$.entry", sides, err)
        || known_keys(leave, "$.exit", exits, err))
        return -1;
    if (schema && (!json_is_string(schema) || strcmp(json_string_value(schema), "tp.strategy/1")))
        return tp_fail(err, TP_EINPUT, "$.schema: want 'tp.strategy/1'");
    if (!json_is_object(doc))
        return tp_fail(err, TP_EINPUT, "$: want an object");
    if (read_params(c, json_object_get(doc, "params"), opts, err)
        || read_legs(c, json_object_get(doc, "legs"), opts, err)
        || read_data(c, json_object_get(doc, "data"), opts, err)
        || read_score(c, json_object_get(doc, "score"), opts, err)
        || read_vars(c, json_object_get(doc, "vars"), err)
        || expression(c, doc, "$", "filter", TP_EXPR_TRUTH, &c->filter, err)
        || read_entry(c, json_object_get(entry, "long"), "$.entry.long", &c->side[0], err)
        || read_entry(c, json_object_get(entry, "short"), "$.entry.short", &c->side[1], err)
        || read_exit(c, json_object_get(leave, "long"), "$.exit.long", &c->side[0], err)
        || read_exit(c, json_object_get(leave, "short"), "$.exit.short", &c->side[1], err)
        || read_protect(c, json_object_get(doc, "protect"), err)
        || read_risk(c, json_object_get(doc, "risk"), err))
        return -1;
    if (!json_object_get(doc, "spread") != !json_object_get(doc, "legs"))
        return tp_fail(err, TP_EINPUT, "$: legs and spread belong together");
    if (json_object_get(doc, "spread") && (entry || leave || json_object_get(doc, "protect")))
        return tp_fail(err, TP_EINPUT, "$.spread: it takes the place of entry, exit and protect");
    if (json_object_get(doc, "spread") && read_spread(c, json_object_get(doc, "spread"), err))
        return -1;
    if (!c->side[0].enters && !c->side[1].enters && !json_object_get(doc, "spread"))
        return tp_fail(err, TP_EINPUT, "$.entry: want long, short or both");
    c->on_opposite = TP_OPPOSITE_IGNORE;
    opposite = json_object_get(leave, "on_opposite");
    if (opposite) {
        static const char *const words[] = {"reverse", "close", "ignore", NULL};
        int                      i = 0;

        while (words[i] && (!json_is_string(opposite) || strcmp(words[i], json_string_value(opposite))))
            i++;
        if (!words[i])
            return tp_fail(err, TP_EINPUT, "$.exit.on_opposite: want reverse, close or ignore");
        c->on_opposite = (enum tp_on_opposite)i;
    }
    for (int i = 0; i < 2; i++)
        if (c->side[i].enters && c->side[i].size_kind == TP_SIZE_RISK_PCT
            && c->stop_loss.kind == TP_DISTANCE_NONE && c->trailing.kind == TP_DISTANCE_NONE)
            return tp_fail(err, TP_EINPUT, "$.protect.stop_loss: a size by risk needs it");
    c->base.type = type_of_document(c);
    json_object_set_new(doc, "schema", json_string("tp.strategy/1"));
    tp_json_print(doc, &text);
    c->document = text.at;
    c->base.document = c->document;
    tp_sha256_text(text.at, text.n, c->base.hash);
    for (int i = 0; i < c->expr.n; i++)
        if (c->expr.node[i].wanted && c->expr.node[i].series == 0 && c->expr.node[i].warmup > c->base.warmup)
            c->base.warmup = c->expr.node[i].warmup;
    return 0;
}

/* ---- asked by the session -------------------------------------------------------------------- */

static bool
holds(const struct compiled *c, int node, size_t i, const struct tp_view *view)
{
    double v;

    if (node < 0)
        return true;
    v = tp_expr_at(&c->expr, node, i, view);
    return v > 0 || v < 0; /* na is neither */
}

/* Sets the bit at all bars at which the rule and the filter may hold for some account. */
static void
say(struct compiled *c, unsigned bit, int rule, int filter)
{
    const double *a = rule < 0 || c->expr.node[rule].account ? NULL : c->expr.node[rule].column;
    const double *b = filter < 0 || c->expr.node[filter].account ? NULL : c->expr.node[filter].column;

    for (size_t i = 0; i < c->n; i++) {
        bool may = (!a || a[i] > 0 || a[i] < 0) && (!b || b[i] > 0 || b[i] < 0); /* na is neither */

        c->says[i] |= (uint8_t)(may ? bit : 0);
    }
}

static int
block(struct tp_strategy *s, const struct tp_bars *bars, struct tp_err *err)
{
    struct compiled *c = (struct compiled *)s;

    if (c->base.cannot_run[0])
        return tp_fail(err, TP_EINPUT, "strategy %s cannot be run: %s", s->name, c->base.cannot_run);
    if (c->expr.interval_us == 0 && (c->expr.uses_time || c->expr.n_series))
        return tp_fail(err, TP_EUSAGE, "strategy %s looks at the clock: the bars' interval must be known", s->name);
    tp_expr_block(&c->expr, bars);
    if (bars->n > c->room) {
        c->says = tp_realloc(c->says, bars->n);
        c->room = bars->n;
    }
    c->n = bars->n;
    memset(c->says, 0, c->n);
    for (unsigned k = 0; k < 2; k++) {
        const struct side_rules *r = &c->side[k];

        if (r->enters)
            say(c, (unsigned)SAYS_ENTER << k, r->when, c->filter);
        if (r->leaves)
            say(c, (unsigned)SAYS_EXIT << k, r->exit_when, -1);
        if (r->add_when >= 0 && r->max_adds)
            say(c, (unsigned)SAYS_ADD << k, r->add_when, -1);
    }
    return 0;
}

static size_t
quiet(struct tp_strategy *s, size_t i, const struct tp_view *view)
{
    const struct compiled *c = (const struct compiled *)s;
    unsigned               k = view->position < 0, mask = SAYS_ENTER | SAYS_ENTER << 1;
    size_t                 from = i;

    if (view->position) {
        mask = (unsigned)SAYS_EXIT << k;
        if (c->on_opposite != TP_OPPOSITE_IGNORE)
            mask |= (unsigned)SAYS_ENTER << !k;
        if (view->adds < c->side[k].max_adds)
            mask |= (unsigned)SAYS_ADD << k;
    }
    for (; i + 8 <= c->n; i += 8) { /* eight bars at a time: mostly there is nothing */
        uint64_t says;

        memcpy(&says, &c->says[i], 8);
        if (says & mask * UINT64_C(0x0101010101010101))
            break;
    }
    while (i < c->n && !(c->says[i] & mask))
        i++;
    return i - from;
}

static int
distance(const struct compiled *c, const struct distance_rule *d, size_t i, struct tp_distance *out,
         struct tp_err *err)
{
    double v = d->amount;

    *out = (struct tp_distance){TP_DISTANCE_NONE, TP_DEC_NONE};
    if (d->kind == TP_DISTANCE_NONE)
        return 0;
    if (d->kind != TP_DISTANCE_PERCENT)
        v *= tp_expr_at(&c->expr, d->node, i, NULL);
    if (!(v > 0))
        return 0;
    out->kind = d->kind;
    return tp_dec_from_double(&out->amount, v, err);
}

/* Type and prices of a wish; 0 when one is na, so that nothing can be wanted. */
static int
prices(const struct compiled *c, const struct order_rule *o, size_t i, const struct tp_view *view,
       struct tp_want *w, struct tp_err *err)
{
    double price = o->price < 0 ? 1 : tp_expr_at(&c->expr, o->price, i, view);
    double stop = o->stop < 0 ? 1 : tp_expr_at(&c->expr, o->stop, i, view);

    w->type = o->type;
    w->price = w->stop_price = TP_DEC_NONE;
    if (!(price > 0) || !(stop > 0))
        return 0;
    if ((o->price >= 0 && tp_dec_from_double(&w->price, price, err)) || (o->stop >= 0 && tp_dec_from_double(&w->stop_price, stop, err)))
        return -1;
    return 1;
}

static int
want_entry(const struct compiled *c, int k, size_t i, const struct tp_view *view, bool adding,
           struct tp_wants *out, struct tp_err *err)
{
    const struct side_rules *r = &c->side[k];
    struct order_rule        market = {TP_WANT_MARKET, -1, -1};
    struct tp_want          *w = &out->at[out->n];
    double                   size = r->size;
    int                      got;

    if (r->size_kind == TP_SIZE_KELLY) {
        double p = tp_expr_at(&c->expr, r->chance, i, view);

        size *= (k ? 1 - 2 * p : 2 * p - 1) * 100;
        if (!(p >= 0 && p <= 1) || !(size > 0)) /* no chance, no bet */
            return 0;
    }
    memset(w, 0, sizeof *w);
    got = prices(c, adding ? &market : &r->entry, i, view, w, err);
    if (got <= 0)
        return got;
    w->kind = w->type == TP_WANT_STOP_MARKET || w->type == TP_WANT_STOP_LIMIT ? TP_WANT_REST : TP_WANT_ENTER;
    w->side = k ? -1 : 1;
    w->size_kind = r->size_kind;
    w->expire_bars = r->expire_bars;
    w->on_opposite = c->on_opposite;
    w->reason = adding ? (k ? "add.short" : "add.long") : k ? "entry.short" : "entry.long";
    w->protect.time_exit_bars = c->time_exit;
    w->protect.breakeven_after_pct = TP_DEC_NONE;
    w->protect.n_take_profits = c->n_take_profits;
    if (tp_dec_from_double(&w->size, size, err) || distance(c, &c->stop_loss, i, &w->protect.stop_loss, err)
        || distance(c, &c->trailing, i, &w->protect.trailing, err)
        || (c->breakeven > 0 && tp_dec_from_double(&w->protect.breakeven_after_pct, c->breakeven, err)))
        return -1;
    for (size_t t = 0; t < c->n_take_profits; t++)
        if (distance(c, &c->take_profit[t], i, &w->protect.take_profit[t], err)
            || tp_dec_from_double(&w->protect.portion[t], c->portion[t], err))
            return -1;
    /* No entry without the stop that the document wants; one by risk has nothing to size by either. */
    if ((c->stop_loss.kind != TP_DISTANCE_NONE && w->protect.stop_loss.kind == TP_DISTANCE_NONE)
        || (c->trailing.kind != TP_DISTANCE_NONE && w->protect.trailing.kind == TP_DISTANCE_NONE))
        return 0;
    out->n++;
    return 0;
}

static int
want_exit(const struct compiled *c, int k, size_t i, const struct tp_view *view, struct tp_wants *out,
          struct tp_err *err)
{
    struct tp_want *w = &out->at[out->n];
    int             got;

    memset(w, 0, sizeof *w);
    got = prices(c, &c->side[k].exit, i, view, w, err);
    if (got <= 0)
        return got;
    w->kind = w->type == TP_WANT_MARKET ? TP_WANT_EXIT : TP_WANT_LEAVE;
    w->side = k ? -1 : 1;
    w->size = TP_DEC_ZERO;
    w->reason = k ? "exit.short" : "exit.long";
    out->n++;
    return 0;
}

static int
decide(struct tp_strategy *s, size_t i, const struct tp_view *view, struct tp_wants *out, struct tp_err *err)
{
    const struct compiled *c = (const struct compiled *)s;
    unsigned               says = c->says[i];
    bool                   turning = false;

    for (int k = 0; k < 2; k++) {
        const struct side_rules *r = &c->side[k];
        int                      side = k ? -1 : 1;

        if (view->position == side || !(says & ((unsigned)SAYS_ENTER << k)))
            continue;
        if (view->position == -side && c->on_opposite == TP_OPPOSITE_IGNORE)
            continue;
        if (view->bars_since_exit >= 0 && view->bars_since_exit < r->cooldown)
            continue;
        if (!holds(c, r->when, i, view) || !holds(c, c->filter, i, view))
            continue;
        if (want_entry(c, k, i, view, false, out, err))
            return -1;
        turning |= view->position == -side && out->n > 0;
    }
    if (view->position == 0 || turning)
        return 0;
    {
        int                      k = view->position < 0;
        const struct side_rules *r = &c->side[k];

        if (r->leaves && holds(c, r->exit_when, i, view)) {
            if (want_exit(c, k, i, view, out, err))
                return -1;
            if (r->exit.type == TP_WANT_MARKET)
                return 0;
        }
        if (r->add_when >= 0 && view->adds < r->max_adds && holds(c, r->add_when, i, view))
            return want_entry(c, k, i, view, true, out, err);
    }
    return 0;
}

static void
close_compiled(struct tp_strategy *s)
{
    struct compiled *c = (struct compiled *)s;

    tp_expr_free(&c->expr);
    free(c->says);
    free(c->document);
    free(c);
}

static const struct tp_strategy_ops ops = {block, quiet, decide, close_compiled};

/* ---- opening --------------------------------------------------------------------------------- */

int
tp_strategy_open(struct tp_strategy **out, const struct tp_strategy_opts *opts, struct tp_err *err)
{
    struct compiled *c = tp_alloc(sizeof *c);
    TP_AUTO_JSON     doc = NULL;
    size_t           blank = 0;
    int              rc;

    *out = NULL;
    while (blank < opts->n && memchr(" \t\r\n", opts->text[blank], 4))
        blank++;
    c->base.ops = &ops;
    c->base.expr = &c->expr;
    c->filter = -1;
    for (int k = 0; k < 2; k++)
        c->side[k].when = c->side[k].add_when = c->side[k].exit_when = c->side[k].chance = -1;
    tp_text_set(c->base.name, sizeof c->base.name, opts->name, strlen(opts->name));
    c->expr.interval_us = opts->interval ? opts->interval->us : 0;
    c->expr.maker_bps = 2;
    c->expr.taker_bps = 5;
    if (opts->symbol && opts->symbol->maker_fee_rate.units != TP_RATE_NONE.units)
        c->expr.maker_bps = (double)opts->symbol->maker_fee_rate.units / 1e8;
    if (opts->symbol && opts->symbol->taker_fee_rate.units != TP_RATE_NONE.units)
        c->expr.taker_bps = (double)opts->symbol->taker_fee_rate.units / 1e8;
    rc = blank < opts->n && opts->text[blank] == '{' ? tp_json_parse_foreign(opts->text, opts->n, &doc, err)
                                                      : tp_yaml_parse(opts->text, opts->n, &doc, err);
    if (rc == 0)
        rc = read_document(c, doc, opts, err);
    if (rc == 0 && opts->run && c->base.cannot_run[0]) {
        tp_fail(err, TP_EREFUSED, "cannot be run: %s", c->base.cannot_run);
        rc = tp_hint(err, "'tp-strategy check' and 'explain' take it");
    }
    if (rc) {
        close_compiled(&c->base);
        return tp_where(err, "%s", opts->name);
    }
    *out = &c->base;
    return 0;
}

void
tp_strategy_close(struct tp_strategy *s)
{
    if (s)
        s->ops->close(s);
}

const char *
tp_builtin_text(const char *name, size_t *n)
{
    size_t length = strlen(name);

    for (const struct tp_embedded *e = tp_embedded_strategies; e->name; e++)
        if (strncmp(e->name, name, length) == 0 && strcmp(e->name + length, ".yaml") == 0) {
            *n = strlen(e->text);
            return e->text;
        }
    return NULL;
}
