#include "strategy/explain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/banned.h"
#include "base/json.h"
#include "strategy/expr.h"

static const char *const part_words[] = {"strategy", "parameter", "series", "variable", "indicator", "rule",
                                         "protection", "limit", NULL};

enum { PART_STRATEGY, PART_PARAMETER, PART_SERIES, PART_VARIABLE, PART_INDICATOR, PART_RULE, PART_PROTECTION, PART_LIMIT };

static const struct tp_field part_fields[] = {
    F_TEXT(struct tp_strategy_part, part, "what it is", .choices = part_words),
    F_LONG(struct tp_strategy_part, name, "its place in the document, or the indicator as it is computed"),
    F_INT(struct tp_strategy_part, warmup, "leading bars of its own series without a value"),
    F_LONG(struct tp_strategy_part, says, "a sentence"),
    F_STOP,
};

const struct tp_record tp_strategy_part_record = {"strategy_part", "a part of a strategy document, explained",
                                                  part_fields, sizeof(struct tp_strategy_part)};

struct explainer {
    const struct tp_strategy *s;
    struct tp_arena          *arena;
    struct tp_strategy_part  *parts;
    size_t                    n, room;
};

/* The node of the expression at a place of the document; -1 when there is none. */
static int
node_of(const struct tp_strategy *s, const char *path)
{
    for (size_t i = 0; i < s->n_said; i++)
        if (strcmp(s->said[i].path, path) == 0)
            return s->said[i].node;
    return -1;
}

static void
part(struct explainer *x, int what, const char *name, int node, const struct tp_buf *says)
{
    struct tp_strategy_part *p;

    if (x->n == x->room) {
        struct tp_strategy_part *more = tp_arena_get(x->arena, (x->room = x->room * 2 + 32) * sizeof *more);

        if (x->n)
            memcpy(more, x->parts, x->n * sizeof *more);
        x->parts = more;
    }
    p = &x->parts[x->n++];
    tp_record_init(&tp_strategy_part_record, p);
    tp_text_set(p->part, sizeof p->part, part_words[what], strlen(part_words[what]));
    p->name = tp_arena_text(x->arena, name, strlen(name));
    p->says = tp_arena_text(x->arena, says->at, says->n);
    p->warmup = node < 0 ? INT64_MIN : x->s->expr->node[node].warmup;
}

static const char *
text_of(const json_t *v)
{
    if (json_is_boolean(v))
        return json_is_true(v) ? "true" : "false";
    return json_is_string(v) ? json_string_value(v) : "";
}

static const char *
member(const json_t *object, const char *key)
{
    return text_of(json_object_get(object, key));
}

/* ---- what is computed -------------------------------------------------------------------------- */

static void
parameters(struct explainer *x, const json_t *params)
{
    const char *key;
    json_t     *one, *value;
    size_t      i;

    json_object_foreach ((json_t *)(uintptr_t)params, key, one) {
        TP_AUTO_BUF says = {0};
        char        path[96];
        bool        used = false;

        for (size_t k = 0; k < x->s->expr->n_params; k++)
            if (strcmp(x->s->expr->params[k].name, key) == 0)
                used = x->s->expr->params[k].used;
        snprintf(path, sizeof path, "$.params.%s", key);
        tp_buf_fmt(&says, "$%s is %s", key, member(one, "default"));
        if (json_object_get(one, "min"))
            tp_buf_fmt(&says, ", at least %s", member(one, "min"));
        if (json_object_get(one, "max"))
            tp_buf_fmt(&says, ", at most %s", member(one, "max"));
        if (json_object_get(one, "step"))
            tp_buf_fmt(&says, ", searched in steps of %s", member(one, "step"));
        json_array_foreach (json_object_get(one, "values"), i, value)
            tp_buf_fmt(&says, "%s%s", i ? ", " : ", one of ", text_of(value));
        tp_buf_text(&says, used ? "." : "; nothing uses it.");
        part(x, PART_PARAMETER, path, -1, &says);
    }
}

static void
series(struct explainer *x, const json_t *doc)
{
    static const char *const kinds[] = {"candles", "funding rates", "mark prices", "scores", "candles"};

    for (int i = 1; i <= x->s->expr->n_series; i++) {
        const struct tp_expr_series *s = &x->s->expr->series[i];
        const json_t *leg = json_object_get(json_object_get(doc, "legs"), s->name);
        TP_AUTO_BUF   says = {0};
        char          path[96];
        int           longest = -1;

        for (int k = 0; k < x->s->expr->n; k++)
            if (x->s->expr->node[k].wanted && x->s->expr->node[k].series == i
                && (longest < 0 || x->s->expr->node[k].warmup > x->s->expr->node[longest].warmup))
                longest = k;
        if (s->kind == TP_SERIES_LEG) {
            snprintf(path, sizeof path, "$.legs.%s", s->name);
            tp_buf_fmt(&says, "%s is the candles of %s%s%s", s->name, member(leg, "symbol"),
                       json_object_get(leg, "exchange") ? " on " : "", member(leg, "exchange"));
        } else if (strcmp(s->name, "score") == 0 && json_object_get(doc, "score")) {
            snprintf(path, sizeof path, "$.score");
            tp_buf_fmt(&says, "score is what the model %s says", member(json_object_get(doc, "score"), "model"));
        } else {
            snprintf(path, sizeof path, "$.data.%s", s->name);
            tp_buf_fmt(&says, "%s is the %s%s%s", s->name, s->interval ? s->interval->name : "",
                       s->interval ? " " : "", kinds[s->kind]);
            if (!s->elsewhere)
                tp_buf_text(&says, " made of the run's own; a bar is there from its close on");
        }
        tp_buf_text(&says, longest < 0 ? "; nothing uses it." : ".");
        part(x, PART_SERIES, path, longest, &says);
    }
}

static void
variables(struct explainer *x, const json_t *vars)
{
    const char *key;
    json_t     *one;

    json_object_foreach ((json_t *)(uintptr_t)vars, key, one) {
        TP_AUTO_BUF says = {0};
        char        path[96];
        int         node;

        snprintf(path, sizeof path, "$.vars.%s", key);
        node = node_of(x->s, path);
        tp_buf_fmt(&says, "%s is %s%s", key, text_of(one),
                   node >= 0 && x->s->expr->node[node].wanted ? "." : "; nothing uses it.");
        part(x, PART_VARIABLE, path, node, &says);
    }
}

static void
indicators(struct explainer *x)
{
    const struct tp_expr *e = x->s->expr;

    for (int i = 0; i < e->n; i++) {
        const char *help = tp_expr_indicator(e, i);
        TP_AUTO_BUF name = {0};
        TP_AUTO_BUF says = {0};

        if (!help || !e->node[i].wanted)
            continue;
        tp_expr_print(e, i, &name);
        tp_buf_fmt(&says, "%s; computed once a bar%s%s.", help, e->node[i].series ? " of " : "",
                   e->series[e->node[i].series].name);
        part(x, PART_INDICATOR, name.at, i, &says);
    }
}

/* ---- what is done ------------------------------------------------------------------------------ */

static void
order_words(const json_t *order, struct tp_buf *to)
{
    const char *type = order ? member(order, "type") : "MARKET";

    if (strcmp(type, "MARKET") == 0)
        tp_buf_text(to, "at the market");
    else if (strcmp(type, "LIMIT") == 0)
        tp_buf_fmt(to, "with a limit order at %s", member(order, "price"));
    else if (strcmp(type, "STOP_MARKET") == 0)
        tp_buf_fmt(to, "with a resting stop order at %s", member(order, "stop"));
    else
        tp_buf_fmt(to, "with a resting stop order at %s that becomes a limit order at %s", member(order, "stop"),
                   member(order, "price"));
}

static void
size_words(const json_t *size, struct tp_buf *to)
{
    if (json_object_get(size, "qty"))
        tp_buf_fmt(to, "%s of the base currency", member(size, "qty"));
    else if (json_object_get(size, "quote"))
        tp_buf_fmt(to, "for %s of the quote currency", member(size, "quote"));
    else if (json_object_get(size, "equity_pct"))
        tp_buf_fmt(to, "with %s %% of the equity", member(size, "equity_pct"));
    else if (json_object_get(size, "risk_pct"))
        tp_buf_fmt(to, "so much that its stop-loss costs %s %% of the equity", member(size, "risk_pct"));
    else
        tp_buf_fmt(to, "with %s of the Kelly bet on %s", member(size, "kelly_frac"),
                   json_object_get(size, "p") ? member(size, "p") : "score.p_up");
}

static void
entries(struct explainer *x, const json_t *doc)
{
    static const char *const sides[] = {"long", "short"};

    for (int k = 0; k < 2; k++) {
        const json_t *rule = json_object_get(json_object_get(doc, "entry"), sides[k]);
        TP_AUTO_BUF   says = {0};
        TP_AUTO_BUF   adds = {0};
        char          path[64];

        if (!rule)
            continue;
        tp_buf_fmt(&says, "Goes %s ", sides[k]);
        order_words(json_object_get(rule, "order"), &says);
        tp_buf_text(&says, ", ");
        size_words(json_object_get(rule, "size"), &says);
        tp_buf_fmt(&says, ", when %s", member(rule, "when"));
        if (json_object_get(rule, "expire_bars"))
            tp_buf_fmt(&says, "; the order is given up after %s bars", member(rule, "expire_bars"));
        if (json_object_get(rule, "cooldown"))
            tp_buf_fmt(&says, "; not before %s bars after an exit", member(rule, "cooldown"));
        tp_buf_char(&says, '.');
        snprintf(path, sizeof path, "$.entry.%s.when", sides[k]);
        part(x, PART_RULE, path, node_of(x->s, path), &says);
        if (!json_object_get(rule, "add_when"))
            continue;
        tp_buf_fmt(&adds, "Adds to the %s position, at most %s times, when %s.", sides[k], member(rule, "max_adds"),
                   member(rule, "add_when"));
        snprintf(path, sizeof path, "$.entry.%s.add_when", sides[k]);
        part(x, PART_RULE, path, node_of(x->s, path), &adds);
    }
}

static void
exits(struct explainer *x, const json_t *leave)
{
    static const char *const sides[] = {"long", "short"};
    const char              *opposite = member(leave, "on_opposite");

    for (int k = 0; k < 2; k++) {
        const json_t *rule = json_object_get(leave, sides[k]);
        TP_AUTO_BUF   says = {0};
        char          path[64];

        if (!rule)
            continue;
        tp_buf_fmt(&says, "Leaves the %s position ", sides[k]);
        order_words(json_object_get(rule, "order"), &says);
        if (json_object_get(rule, "when"))
            tp_buf_fmt(&says, " when %s", member(rule, "when"));
        tp_buf_char(&says, '.');
        snprintf(path, sizeof path, "$.exit.%s.when", sides[k]);
        part(x, PART_RULE, path, node_of(x->s, path), &says);
    }
    if (*opposite) {
        TP_AUTO_BUF says = {0};

        tp_buf_fmt(&says, "An entry against the position %s.",
                   strcmp(opposite, "reverse") == 0 ? "turns it round"
                   : strcmp(opposite, "close") == 0 ? "closes it"
                                                    : "is ignored");
        part(x, PART_RULE, "$.exit.on_opposite", -1, &says);
    }
}

static void
distance_words(const json_t *rule, struct tp_buf *to)
{
    if (json_object_get(rule, "pct"))
        tp_buf_fmt(to, "%s %% from the entry price", member(rule, "pct"));
    else if (json_object_get(rule, "atr"))
        tp_buf_fmt(to, "%s times atr(%s) from the entry price", member(rule, "atr"),
                   json_object_get(rule, "n") ? member(rule, "n") : "14");
    else
        tp_buf_fmt(to, "at %s", member(rule, "price"));
}

static void
protections(struct explainer *x, const json_t *protect)
{
    const json_t *takes = json_object_get(protect, "take_profit"), *one;
    size_t        n = json_is_array(takes) ? json_array_size(takes) : takes ? 1 : 0;
    TP_AUTO_BUF   says = {0};
    char          path[64];

    if ((one = json_object_get(protect, "stop_loss"))) {
        tp_buf_text(&says, "A stop-loss rests ");
        distance_words(one, &says);
        tp_buf_char(&says, '.');
        part(x, PART_PROTECTION, "$.protect.stop_loss", node_of(x->s, "$.protect.stop_loss"), &says);
    }
    for (size_t i = 0; i < n; i++) {
        one = json_is_array(takes) ? json_array_get(takes, i) : takes;
        tp_buf_clear(&says);
        tp_buf_fmt(&says, "Takes profit on %s %% of the position ",
                   json_object_get(one, "portion") ? member(one, "portion") : "100");
        distance_words(one, &says);
        tp_buf_char(&says, '.');
        snprintf(path, sizeof path, "$.protect.take_profit");
        if (json_is_array(takes))
            snprintf(path + strlen(path), sizeof path - strlen(path), "[%zu]", i);
        part(x, PART_PROTECTION, path, node_of(x->s, path), &says);
    }
    if ((one = json_object_get(protect, "trailing"))) {
        tp_buf_clear(&says);
        tp_buf_text(&says, "A stop trails the best price, ");
        if (json_object_get(one, "pct"))
            tp_buf_fmt(&says, "%s %% behind.", member(one, "pct"));
        else
            tp_buf_fmt(&says, "%s times atr(%s) behind.", member(one, "atr"),
                       json_object_get(one, "n") ? member(one, "n") : "14");
        part(x, PART_PROTECTION, "$.protect.trailing", node_of(x->s, "$.protect.trailing"), &says);
    }
    if ((one = json_object_get(protect, "breakeven"))) {
        tp_buf_clear(&says);
        tp_buf_fmt(&says, "Once %s %% ahead, the stop moves to the entry price.", member(one, "after_pct"));
        part(x, PART_PROTECTION, "$.protect.breakeven", -1, &says);
    }
    if ((one = json_object_get(protect, "time_exit"))) {
        tp_buf_clear(&says);
        tp_buf_fmt(&says, "Leaves after %s bars whatever happened.", member(one, "bars"));
        part(x, PART_PROTECTION, "$.protect.time_exit", -1, &says);
    }
}

static void
spread(struct explainer *x, const json_t *rules)
{
    static const char *const keys[] = {"open_long", "open_short", "close", "stop", NULL};
    static const char *const verbs[] = {"Opens", "Opens", "Closes all legs", "Gives up and closes all legs"};
    const char              *leg;
    json_t                  *side;

    for (int i = 0; keys[i]; i++) {
        const json_t *rule = json_object_get(rules, keys[i]);
        TP_AUTO_BUF   says = {0};
        char          path[64];
        const char   *comma = " ";

        if (!rule)
            continue;
        tp_buf_text(&says, verbs[i]);
        json_object_foreach (json_object_get(rule, "legs"), leg, side) {
            tp_buf_fmt(&says, "%s%s %s", comma, leg, strcmp(text_of(side), "LONG") ? "short" : "long");
            comma = ", ";
        }
        if (i < 2)
            tp_buf_fmt(&says, " for %s of the quote currency",
                       member(json_object_get(rules, "size"), "quote"));
        tp_buf_fmt(&says, " when %s.", member(rule, "when"));
        snprintf(path, sizeof path, "$.spread.%s.when", keys[i]);
        part(x, PART_RULE, path, node_of(x->s, path), &says);
    }
}

static void
process(struct explainer *x)
{
    static const char *const late[] = {"the bar passes without a wish", "it is as if it had failed, and the position is closed",
                                       "it has failed"};
    static const char *const failed[] = {"orders and the position stay", "its orders are cancelled",
                                         "its orders are cancelled and the position is closed"};
    const struct tp_process *p = x->s->process;
    TP_AUTO_BUF              says = {0};

    if (!p)
        return;
    tp_buf_text(&says, "The program");
    for (size_t i = 0; p->command[i]; i++)
        tp_buf_fmt(&says, " %s", p->command[i]);
    tp_buf_fmt(&says, " decides; when it has not answered a bar after %lld ms, %s; when it fails, %s.",
               (long long)p->deadline_ms, late[p->on_timeout], failed[p->on_error]);
    part(x, PART_RULE, "$.process", -1, &says);
}

static void
limits(struct explainer *x, const json_t *risk)
{
    static const struct {
        const char *key, *says;
    } known[] = {{"leverage", "Leverage of at most %s."},
                 {"margin_mode", "Margin is %s."},
                 {"position_mode", "Positions are %s."},
                 {"max_open", "At most %s positions at a time."},
                 {"max_daily_loss", "No entry on a day that has lost %s of the quote currency."},
                 {"max_daily_trades", "At most %s trades a day."}};

    for (size_t i = 0; i < TP_COUNT(known); i++) {
        const char *hole = strstr(known[i].says, "%s");
        TP_AUTO_BUF says = {0};
        char        path[64];

        if (!json_object_get(risk, known[i].key))
            continue;
        tp_buf_put(&says, known[i].says, (size_t)(hole - known[i].says));
        tp_buf_fmt(&says, "%s%s", member(risk, known[i].key), hole + 2);
        snprintf(path, sizeof path, "$.risk.%s", known[i].key);
        part(x, PART_LIMIT, path, -1, &says);
    }
}

/* The whole: how long nothing can be wanted, and what makes it so long. */
static void
whole(struct explainer *x)
{
    const struct tp_expr *e = x->s->expr;
    TP_AUTO_BUF           says = {0};
    TP_AUTO_BUF           longest = {0};
    struct tp_strategy_part *p;

    tp_buf_fmt(&says, "%s is a strategy of type %s; ", x->s->name, x->s->type);
    for (int i = 0; i < e->n && x->s->warmup; i++)
        if (e->node[i].wanted && e->node[i].series == 0 && e->node[i].warmup == x->s->warmup) {
            tp_expr_print(e, i, &longest);
            break;
        }
    if (x->s->process)
        tp_buf_fmt(&says, "it sees %lld bars before it may trade", (long long)x->s->warmup);
    else if (x->s->warmup)
        tp_buf_fmt(&says, "values are complete after %lld bars of warm-up, because of %s", (long long)x->s->warmup,
                   longest.at);
    else
        tp_buf_text(&says, "it needs no warm-up");
    if (x->s->cannot_run[0])
        tp_buf_fmt(&says, "; it cannot be run on one stream of candles (%s)", x->s->cannot_run);
    tp_buf_char(&says, '.');
    part(x, PART_STRATEGY, "$", -1, &says);
    p = &x->parts[x->n - 1];
    p->warmup = x->s->warmup;
}

void
tp_strategy_explain(const struct tp_strategy *s, struct tp_arena *arena, struct tp_strategy_part **parts, size_t *n)
{
    struct explainer x = {.s = s, .arena = arena};
    struct tp_err    err = TP_ERR_INIT;
    TP_AUTO_JSON     doc = NULL;

    /* It has just been printed from a tree. */
    if (tp_json_parse(s->document, strlen(s->document), &doc, &err) == 0) {
        const json_t *filter = json_object_get(doc, "filter");

        whole(&x);
        parameters(&x, json_object_get(doc, "params"));
        series(&x, doc);
        variables(&x, json_object_get(doc, "vars"));
        indicators(&x);
        if (filter) {
            TP_AUTO_BUF says = {0};

            tp_buf_fmt(&says, "No entry unless %s.", text_of(filter));
            part(&x, PART_RULE, "$.filter", node_of(s, "$.filter"), &says);
        }
        entries(&x, doc);
        exits(&x, json_object_get(doc, "exit"));
        spread(&x, json_object_get(doc, "spread"));
        process(&x);
        protections(&x, json_object_get(doc, "protect"));
        limits(&x, json_object_get(doc, "risk"));
    }
    *parts = x.parts;
    *n = x.n;
}
