#include "strategy/expr.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define NA ((double)NAN)

#define OPS(X)                                                                                     \
    X(NUMBER) X(LIFT) X(COLUMN) X(HOUR) X(WEEKDAY) X(ACCOUNT) X(INDICATOR) X(NEGATE) X(NOT) X(ADD) X(SUB)  \
    X(MUL) X(DIV) X(MOD) X(LT) X(LE) X(GT) X(GE) X(EQ) X(NE) X(AND) X(OR) X(COND) X(BACK)          \
    X(CROSS_UP) X(CROSS_DOWN) X(RISING) X(FALLING) X(ANY) X(ALL) X(SINCE) X(ABS) X(MIN) X(MAX)     \
    X(FLOOR) X(CEIL) X(ROUND) X(SQRT) X(LOG) X(EXP)

#define X(name) OP_##name,
enum { OPS(X) };
#undef X

static const char *const columns[] = {"open", "high", "low", "close", "volume", NULL};
static const char *const literals[] = {"true", "false", NULL};
static const char *const operator_words[] = {"and", "or", "not", NULL};
/* Functions without arguments. */
static const char *const plain_calls[] = {"hour", "weekday", "maker_bps", "taker_bps", NULL};
static const char *const account_words[] = {
    "position",        "entry_price", "last_entry_price", "bars_held",
    "bars_since_exit", "unrealized_pct", "equity",        NULL};

/* Functions that are no indicators: name, op, expressions, whether these are conditions, whether a
 * constant count follows, whether the result is a condition. */
static const struct {
    const char *name, *usage;
    int         op, kids;
    bool        of_truth, count, truth;
} functions[] = {
    {"cross_up", "cross_up(x, y)", OP_CROSS_UP, 2, false, false, true},
    {"cross_down", "cross_down(x, y)", OP_CROSS_DOWN, 2, false, false, true},
    {"rising", "rising(x, n)", OP_RISING, 1, false, true, true},
    {"falling", "falling(x, n)", OP_FALLING, 1, false, true, true},
    {"any", "any(condition, n)", OP_ANY, 1, true, true, true},
    {"all", "all(condition, n)", OP_ALL, 1, true, true, true},
    {"since", "since(condition)", OP_SINCE, 1, true, false, false},
    {"abs", "abs(x)", OP_ABS, 1, false, false, false},
    {"min", "min(x, y)", OP_MIN, 2, false, false, false},
    {"max", "max(x, y)", OP_MAX, 2, false, false, false},
    {"floor", "floor(x)", OP_FLOOR, 1, false, false, false},
    {"ceil", "ceil(x)", OP_CEIL, 1, false, false, false},
    {"round", "round(x)", OP_ROUND, 1, false, false, false},
    {"sqrt", "sqrt(x)", OP_SQRT, 1, false, false, false},
    {"log", "log(x)", OP_LOG, 1, false, false, false},
    {"exp", "exp(x)", OP_EXP, 1, false, false, false},
};

/* ---- reading --------------------------------------------------------------------------------- */

struct parser {
    struct tp_expr *e;
    const char     *text, *at, *end; /* end: behind a call whose arguments are being judged */
    struct tp_err  *err;
    int             depth;
};

static int parse_any(struct parser *p, int *out);

static int
wrong(struct parser *p, const char *what, const char *which)
{
    return tp_fail(p->err, TP_EINPUT, "column %d: %s%s%.60s%s", (int)(p->at - p->text) + 1, what,
                   which ? " '" : "", which ? which : "", which ? "'" : "");
}

/* Refuses a number where a condition is wanted and the other way round; from: where the value begins. */
static int
want_type(struct parser *p, int node, bool truth, const char *from, const char *by)
{
    if (p->e->node[node].truth == truth)
        return 0;
    while (*from == ' ' || *from == '\t' || *from == '\n' || *from == '\r')
        from++;
    p->at = from;
    if (truth) {
        wrong(p, by ? "want a condition, not a number, for" : "want a condition, not a number", by);
        return tp_hint(p->err, "compare it with something: '... > 0'");
    }
    wrong(p, by ? "want a number, not a condition, for" : "want a number, not a condition", by);
    return tp_hint(p->err, "'(condition) ? 1 : 0' makes a number of one; 'and' and 'or' join conditions");
}

static void
blanks(struct parser *p)
{
    while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')
        p->at++;
}

static bool
take(struct parser *p, const char *token)
{
    size_t n = strlen(token);

    blanks(p);
    if (strncmp(p->at, token, n))
        return false;
    if (isalpha((unsigned char)token[0]) && (isalnum((unsigned char)p->at[n]) || p->at[n] == '_'))
        return false;
    p->at += n;
    return true;
}

static double value_of(int op, double a, double b, double c);

/* Bars that a node needs before its inputs' first value becomes its own. */
static int64_t
own_warmup(const struct tp_node *n)
{
    switch (n->op) {
    case OP_INDICATOR:
        return n->indicator->warmup(n->args);
    case OP_BACK:
    case OP_RISING:
    case OP_FALLING:
        return (int64_t)n->value;
    case OP_ANY:
    case OP_ALL:
        return (int64_t)n->value - 1;
    case OP_CROSS_UP:
    case OP_CROSS_DOWN:
        return 1;
    default:
        return 0;
    }
}

/* Operators on constants are constants, unless the result is na. */
static void
fold(const struct tp_expr *e, struct tp_node *n)
{
    double kid[3] = {0, 0, 0}, value;

    if (n->kid[0] < 0 || n->op == OP_BACK || n->op == OP_INDICATOR || (n->op >= OP_CROSS_UP && n->op <= OP_SINCE))
        return;
    for (int k = 0; k < 3; k++) {
        if (n->kid[k] < 0)
            continue;
        if (e->node[n->kid[k]].op != OP_NUMBER)
            return;
        kid[k] = e->node[n->kid[k]].value;
    }
    value = value_of(n->op, kid[0], kid[1], kid[2]);
    if (isfinite(value))
        *n = (struct tp_node){.op = OP_NUMBER, .kid = {-1, -1, -1}, .value = value, .truth = n->truth};
}

static bool
same(const struct tp_node *a, const struct tp_node *b)
{
    return a->op == b->op && a->series == b->series && a->truth == b->truth && memcmp(a->kid, b->kid, sizeof a->kid) == 0
           && memcmp(&a->value, &b->value, sizeof a->value) == 0 && a->indicator == b->indicator
           && memcmp(a->args, b->args, sizeof a->args) == 0;
}

static int
put(struct parser *p, struct tp_node *n, int *out)
{
    struct tp_expr *e = p->e;

    for (*out = 0; *out < e->n; ++*out)
        if (same(&e->node[*out], n))
            return 0;
    if (e->n == TP_EXPR_NODES)
        return wrong(p, "the strategy has too many parts", NULL);
    for (int k = 0; k < 3; k++)
        if (n->kid[k] >= 0) {
            n->account |= e->node[n->kid[k]].account;
            if (n->op != OP_LIFT && e->node[n->kid[k]].warmup > n->warmup)
                n->warmup = e->node[n->kid[k]].warmup;
        }
    n->warmup += own_warmup(n);
    for (int k = 0; n->account && k < 3; k++)
        n->cost += n->kid[k] >= 0 ? 1 + e->node[n->kid[k]].cost : 0;
    if (n->cost > TP_EXPR_COST)
        return wrong(p, "this looks at the account too often", NULL);
    if (n->indicator) {
        n->state = tp_alloc(n->indicator->size(n->args));
        n->indicator->init(n->state, n->args);
        e->uses_time |= (n->indicator->needs & TP_IND_TIME) != 0;
    }
    e->node[e->n++] = *n;
    return 0;
}

/* Moves a value of another series to the run's bars: the last one closed at or before each. */
static int
lift(struct parser *p, int *node)
{
    const struct tp_node        *from = &p->e->node[*node];
    const struct tp_expr_series *s = &p->e->series[from->series];
    struct tp_node n = {.op = OP_LIFT, .kid = {*node, -1, -1}, .value = from->series, .truth = from->truth};

    if (from->series == 0)
        return 0;
    if (s->interval && p->e->interval_us)
        n.warmup = (from->warmup + 1) * (s->interval->us / p->e->interval_us) - 1;
    p->e->uses_time = true;
    return put(p, &n, node);
}

/* A value counts the bars of its parts' series; parts of several are moved to the run's bars first. */
static int
one_series(struct parser *p, struct tp_node *n)
{
    struct tp_expr *e = p->e;
    int             series = -1;
    bool            mixed = false;

    for (int k = 0; k < 3; k++) {
        if (n->kid[k] < 0 || e->node[n->kid[k]].op == OP_NUMBER)
            continue;
        if (series < 0)
            series = e->node[n->kid[k]].series;
        mixed |= e->node[n->kid[k]].series != series;
    }
    if (n->kid[0] >= 0)
        n->series = mixed || series < 0 ? 0 : series;
    for (int k = 0; k < 3; k++) {
        struct tp_node copy;

        if (n->kid[k] < 0 || e->node[n->kid[k]].series == n->series)
            continue;
        copy = e->node[n->kid[k]];
        copy.series = n->series;
        if (copy.op == OP_NUMBER ? put(p, &copy, &n->kid[k]) : lift(p, &n->kid[k]))
            return -1;
    }
    return 0;
}

/* Adds a node, or finds the one that computes the same: what a document says twice is computed once. */
static int
add(struct parser *p, const struct tp_node *node, int *out)
{
    struct tp_node n = *node;

    fold(p->e, &n);
    return one_series(p, &n) || put(p, &n, out) ? -1 : 0;
}

static struct tp_node
node_of(int op, int a, int b, int c)
{
    struct tp_node n = {.op = op, .kid = {a, b, c}};

    return n;
}

static int
number_node(struct parser *p, double value, bool truth, int *out)
{
    struct tp_node n = node_of(OP_NUMBER, -1, -1, -1);

    n.value = value;
    n.truth = truth;
    return add(p, &n, out);
}

/* Whether a node is a constant, and its value. */
static bool
constant(const struct tp_expr *e, int node, double *out)
{
    *out = e->node[node].value;
    return e->node[node].op == OP_NUMBER;
}

static int
whole_constant(struct parser *p, int node, const char *from, double least, double *out)
{
    if (constant(p->e, node, out) && *out >= least && *out <= TP_EXPR_HISTORY && !(*out > floor(*out)))
        return 0;
    p->at = from;
    blanks(p);
    wrong(p, least > 0 ? "want a constant whole number from 1 to 10000 here"
                       : "an index is a constant whole number from 0 to 10000: bars to come cannot be named",
          NULL);
    return -1;
}

/* Functions of the past cannot look at the account, which has none here. */
static int
no_account(struct parser *p, int node, const char *from)
{
    if (!p->e->node[node].account)
        return 0;
    p->at = from;
    blanks(p);
    return wrong(p, "account words have no past: not inside this function", NULL);
}

static void
keep(struct tp_expr *e, double bars)
{
    if (e->history < (int64_t)bars + 1)
        e->history = (int64_t)bars + 1;
}

static size_t
read_name(struct parser *p, char name[64])
{
    size_t n = 0;

    while ((isalnum((unsigned char)p->at[n]) || p->at[n] == '_') && n + 1 < 64)
        n++;
    memcpy(name, p->at, n);
    name[n] = '\0';
    return n;
}

/* A series named as a whole: "adx(h4, 14)"; 0 when there stands something else. */
static int
series_argument(struct parser *p)
{
    const char *from = p->at;
    char        name[64];
    size_t      n;
    int         series;

    blanks(p);
    n = read_name(p, name);
    series = tp_expr_series_find(p->e, name);
    p->at += n;
    blanks(p);
    if (series && (*p->at == ',' || *p->at == ')'))
        return series;
    p->at = from;
    return 0;
}

/* The arguments of a call and where each begins. */
struct args {
    int         series; /* named first, before the values; 0: none */
    int         node[TP_EXPR_ARGS + 2], n;
    const char *from[TP_EXPR_ARGS + 2];
};

static int
read_args(struct parser *p, struct args *a)
{
    a->n = a->series = 0;
    if (!take(p, "("))
        return 0;
    if (take(p, ")"))
        return 0;
    a->series = series_argument(p);
    if (a->series && take(p, ")"))
        return 0;
    if (a->series && !take(p, ","))
        return wrong(p, "want ',' or ')'", NULL);
    for (;;) {
        if (a->n == TP_EXPR_ARGS + 2)
            return wrong(p, "too many arguments", NULL);
        a->from[a->n] = p->at;
        if (parse_any(p, &a->node[a->n++]))
            return -1;
        if (take(p, ")"))
            return 0;
        if (!take(p, ","))
            return wrong(p, "want ',' or ')'", NULL);
    }
}

/* "sma(x, n)": how a function is called. */
static void
usage_of(const struct tp_indicator *f, char *room, size_t size)
{
    static const char *const series[] = {"", "x", "x, y"};
    size_t                   at = (size_t)snprintf(room, size, "%s(%s", f->name, series[f->series]);

    for (int i = 0; f->args && f->args[i].name && at < size; i++) {
        const struct tp_ind_arg *a = &f->args[i];

        at += (size_t)snprintf(room + at, size - at, "%s%s", i || f->series ? ", " : "", a->name);
        if (!isnan(a->fallback) && at < size)
            at += (size_t)snprintf(room + at, size - at, " = %g", a->fallback);
    }
    if (at < size)
        snprintf(room + at, size - at, ")");
}

static int
indicator_node(struct parser *p, const struct tp_indicator *f, const char *from, const struct args *a, int *out)
{
    struct tp_node node = node_of(OP_INDICATOR, -1, -1, -1);
    int            most = 0, series = (int)f->series;
    char           usage[160];

    while (f->args && f->args[most].name)
        most++;
    usage_of(f, usage, sizeof usage);
    if (a->series && series) {
        p->at = from;
        wrong(p, "want values, not a whole series, for", f->name);
        return tp_hint(p->err, "'%s.close' is its closes", p->e->series[a->series].name);
    }
    if (a->series && (p->e->series[a->series].kind == TP_SERIES_FUNDING
                      || p->e->series[a->series].kind == TP_SERIES_SCORES)) {
        p->at = from;
        return wrong(p, "there are no candles for", f->name);
    }
    node.series = a->series;
    if (a->n < series || a->n > series + most) {
        p->at = from;
        wrong(p, "wrong number of arguments for", f->name);
        return tp_hint(p->err, "it is %s", usage);
    }
    for (int i = 0; i < series; i++) {
        if (no_account(p, a->node[i], a->from[i]) || want_type(p, a->node[i], false, a->from[i], f->name))
            return -1;
        node.kid[i] = a->node[i];
    }
    for (int i = 0; i < most; i++) {
        const struct tp_ind_arg *arg = &f->args[i];
        int                      at = series + i;

        node.args[i] = arg->fallback;
        p->at = at < a->n ? a->from[at] : from;
        blanks(p);
        if (at < a->n && want_type(p, a->node[at], false, a->from[at], f->name))
            return -1;
        if (at < a->n && !constant(p->e, a->node[at], &node.args[i]))
            return wrong(p, "want a constant for", arg->name);
        if (isnan(node.args[i])) {
            wrong(p, "missing:", arg->name);
            return tp_hint(p->err, "it is %s", usage);
        }
        if (!(node.args[i] >= arg->min && node.args[i] <= arg->max)
            || (arg->integer && node.args[i] > floor(node.args[i])))
            return tp_fail(p->err, TP_EINPUT, "column %d: '%s' of '%s': want a %s from %g to %g, not %g",
                           (int)(p->at - p->text) + 1, arg->name, f->name, arg->integer ? "whole number" : "number",
                           arg->min, arg->max, node.args[i]);
    }
    p->at = p->end;
    node.indicator = f;
    return add(p, &node, out);
}

/* Names the word at p->at that nothing is known by, and the nearest one that is. */
static int
unknown(struct parser *p, const char *what, const char *name, bool called)
{
    const char *known[320];
    const char *near;
    size_t      n = 0;

    for (size_t i = 0; called && i < TP_COUNT(functions); i++)
        known[n++] = functions[i].name;
    for (size_t i = 0; called && tp_indicator_at(i) && n < 120; i++)
        known[n++] = tp_indicator_at(i)->name;
    for (size_t i = 0; called && plain_calls[i]; i++)
        known[n++] = plain_calls[i];
    for (size_t i = 0; !called && i < p->e->n_vars; i++)
        known[n++] = p->e->vars[i].name;
    for (size_t i = 0; !called && columns[i]; i++)
        known[n++] = columns[i];
    for (size_t i = 0; !called && account_words[i]; i++)
        known[n++] = account_words[i];
    for (size_t i = 0; !called && literals[i]; i++)
        known[n++] = literals[i];
    known[n] = NULL;
    near = tp_text_nearest(name, known);
    return tp_fail(p->err, TP_EINPUT, "column %d: unknown %s '%s'%s%s%s", (int)(p->at - p->text) + 1, what, name,
                   near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int
call(struct parser *p, const char *name, const char *from, int *out)
{
    const struct tp_indicator *f = tp_indicator_find(name, strlen(name));
    struct args                a;
    size_t                     i = 0;
    struct tp_node             node;
    bool                       past;

    while (i < TP_COUNT(functions) && strcmp(functions[i].name, name))
        i++;
    if (!f && i == TP_COUNT(functions) && !tp_text_in(name, plain_calls)) {
        p->at = from;
        return unknown(p, "function", name, true);
    }
    if (read_args(p, &a))
        return -1;
    p->end = p->at;
    if (f)
        return indicator_node(p, f, from, &a, out);
    if (a.series && (i < TP_COUNT(functions) || name[0] == 'h' || name[0] == 'w')) {
        p->at = from;
        return wrong(p, "want values, not a whole series, for", name);
    }
    if (i == TP_COUNT(functions)) {
        if (a.n) {
            p->at = from;
            return wrong(p, "wrong number of arguments for", name);
        }
        if (name[0] == 'm' || name[0] == 't')
            return number_node(p, name[0] == 'm' ? p->e->maker_bps : p->e->taker_bps, false, out);
        p->e->uses_time = true;
        node = node_of(name[0] == 'h' ? OP_HOUR : OP_WEEKDAY, -1, -1, -1);
        return add(p, &node, out);
    }
    node = node_of(functions[i].op, -1, -1, -1);
    node.truth = functions[i].truth;
    past = functions[i].op <= OP_SINCE;
    if (a.n != functions[i].kids + functions[i].count) {
        p->at = from;
        wrong(p, "wrong number of arguments for", name);
        return tp_hint(p->err, "it is %s", functions[i].usage);
    }
    for (int k = 0; k < functions[i].kids; k++) {
        if ((past && no_account(p, a.node[k], a.from[k])) || want_type(p, a.node[k], functions[i].of_truth, a.from[k], name))
            return -1;
        node.kid[k] = a.node[k];
    }
    if (functions[i].count) {
        int count = functions[i].kids;

        if (want_type(p, a.node[count], false, a.from[count], name)
            || whole_constant(p, a.node[count], a.from[count], 1, &node.value))
            return -1;
    }
    keep(p->e, functions[i].count ? node.value : 1);
    node.run = -1;
    return add(p, &node, out);
}

/* "name.close": a column of another series. */
static int
field(struct parser *p, const char *name, const char *from, int *out)
{
    static const char *const rate[] = {"rate", NULL};
    struct tp_expr          *e = p->e;
    const char              *known[TP_EXPR_SERIES] = {NULL}, *near, *const *fields = columns;
    struct tp_node           node = node_of(OP_COLUMN, -1, -1, -1);
    char                     what[64];
    size_t                   n = 0;

    node.series = tp_expr_series_find(e, name);
    if (!node.series) {
        for (int i = 1; i <= e->n_series; i++)
            known[i - 1] = e->series[i].name;
        near = tp_text_nearest(name, known);
        p->at = from;
        wrong(p, "unknown series", name);
        return near ? tp_hint(p->err, "did you mean '%s'?", near) : tp_hint(p->err, "$.data says which there are");
    }
    p->at++;
    from = p->at;
    p->at += read_name(p, what);
    if (e->series[node.series].kind == TP_SERIES_SCORES && *what) {
        while (n < e->n_fields && strcmp(e->fields[n].name, what))
            n++;
        if (n == TP_COUNT(e->fields))
            return wrong(p, "too many different scores", NULL);
        if (n == e->n_fields)
            tp_text_set(e->fields[e->n_fields++].name, sizeof e->fields[n].name, what, strlen(what));
        node.value = (double)n;
        return add(p, &node, out);
    }
    if (e->series[node.series].kind == TP_SERIES_FUNDING)
        fields = rate;
    while (fields[n] && strcmp(fields[n], what))
        n++;
    if (!fields[n]) {
        near = tp_text_nearest(what, fields);
        p->at = from;
        return tp_fail(p->err, TP_EINPUT, "column %d: series '%s' has no '%s'%s%s%s", (int)(p->at - p->text) + 1, name,
                       what, near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
    }
    node.value = (double)n;
    return add(p, &node, out);
}

static int
word(struct parser *p, int *out)
{
    char        name[64];
    const char *from = p->at;
    size_t      n = read_name(p, name);

    p->at += n;
    if (strcmp(name, "true") == 0 || strcmp(name, "false") == 0)
        return number_node(p, name[0] == 't', true, out);
    blanks(p);
    if (*p->at == '(')
        return call(p, name, from, out);
    if (*p->at == '.')
        return field(p, name, from, out);
    for (size_t i = 0; i < p->e->n_vars; i++)
        if (strcmp(p->e->vars[i].name, name) == 0) {
            *out = p->e->vars[i].node;
            p->e->vars[i].used = true;
            return 0;
        }
    for (int i = 0; columns[i]; i++)
        if (strcmp(columns[i], name) == 0) {
            struct tp_node node = node_of(OP_COLUMN, -1, -1, -1);

            node.value = i;
            return add(p, &node, out);
        }
    for (int i = 0; account_words[i]; i++)
        if (strcmp(account_words[i], name) == 0) {
            struct tp_node node = node_of(OP_ACCOUNT, -1, -1, -1);

            node.value = i;
            node.account = true;
            return add(p, &node, out);
        }
    if (tp_indicator_find(name, n))
        return call(p, name, from, out);
    p->at = from;
    return unknown(p, "word", name, false);
}

static int
parameter(struct parser *p, int *out)
{
    char   name[64];
    size_t n = read_name(p, name);

    for (size_t i = 0; i < p->e->n_params; i++)
        if (strcmp(p->e->params[i].name, name) == 0) {
            p->at += n;
            p->e->params[i].used = true;
            return number_node(p, p->e->params[i].value, false, out);
        }
    {
        const char *known[TP_COUNT(p->e->params) + 1] = {NULL};
        const char *near;

        for (size_t i = 0; i < p->e->n_params; i++)
            known[i] = p->e->params[i].name;
        near = tp_text_nearest(name, known);
        return tp_fail(p->err, TP_EINPUT, "column %d: unknown parameter '$%s'%s%s%s", (int)(p->at - p->text), name,
                       near ? ", did you mean '$" : "", near ? near : "", near ? "'?" : "");
    }
}

static int
parse_atom(struct parser *p, int *out)
{
    blanks(p);
    if (take(p, "(")) {
        if (parse_any(p, out))
            return -1;
        return take(p, ")") ? 0 : wrong(p, "want ')'", NULL);
    }
    if (*p->at == '$') {
        p->at++;
        return parameter(p, out);
    }
    if (isdigit((unsigned char)*p->at) || *p->at == '.') {
        char  *end;
        double v = strtod(p->at, &end);

        if (end == p->at || !isfinite(v))
            return wrong(p, "want a number", NULL);
        p->at = end;
        return number_node(p, v, false, out);
    }
    if (isalpha((unsigned char)*p->at) || *p->at == '_')
        return word(p, out);
    return wrong(p, *p->at ? "want a value" : "the expression ends too early", NULL);
}

static int
parse_postfix(struct parser *p, int *out)
{
    const char *from = p->at;

    if (parse_atom(p, out))
        return -1;
    while (take(p, "[")) {
        struct tp_node node = node_of(OP_BACK, *out, -1, -1);
        const char    *inner = p->at;
        int            index;

        if (parse_any(p, &index) || want_type(p, index, false, inner, "[")
            || whole_constant(p, index, inner, 0, &node.value) || no_account(p, *out, from))
            return -1;
        if (!take(p, "]"))
            return wrong(p, "want ']'", NULL);
        keep(p->e, node.value);
        node.truth = p->e->node[*out].truth;
        if (add(p, &node, out))
            return -1;
    }
    return 0;
}

static int
parse_unary(struct parser *p, int *out)
{
    bool           minus = take(p, "-");
    const char    *from = p->at;
    struct tp_node node;

    if (!minus)
        return parse_postfix(p, out);
    if (++p->depth > 100)
        return wrong(p, "too deep", NULL);
    if (parse_unary(p, out) || want_type(p, *out, false, from, "-"))
        return -1;
    p->depth--;
    node = node_of(OP_NEGATE, *out, -1, -1);
    return add(p, &node, out);
}

/* Binary operators by rank, the loosest first. */
static const struct {
    const char *text;
    int         rank, op;
} binary[] = {
    {"or", 0, OP_OR}, {"and", 1, OP_AND}, {"<=", 3, OP_LE}, {">=", 3, OP_GE}, {"==", 3, OP_EQ},
    {"!=", 3, OP_NE}, {"<", 3, OP_LT},    {">", 3, OP_GT},  {"+", 4, OP_ADD}, {"-", 4, OP_SUB},
    {"*", 5, OP_MUL}, {"/", 5, OP_DIV},   {"%", 5, OP_MOD},
};

static int
parse_rank(struct parser *p, int rank, int *out)
{
    struct tp_node node;
    int            right;
    const char    *from = p->at, *behind;

    if (rank == 6)
        return parse_unary(p, out);
    if (rank == 2) { /* not: tighter than and, looser than comparisons */
        if (!take(p, "not"))
            return parse_rank(p, 3, out);
        if (++p->depth > 100)
            return wrong(p, "too deep", NULL);
        from = p->at;
        if (parse_rank(p, 2, out) || want_type(p, *out, true, from, "not"))
            return -1;
        p->depth--;
        node = node_of(OP_NOT, *out, -1, -1);
        node.truth = true;
        return add(p, &node, out);
    }
    if (parse_rank(p, rank + 1, out))
        return -1;
    for (;;) {
        size_t i = 0;

        while (i < TP_COUNT(binary) && (binary[i].rank != rank || !take(p, binary[i].text)))
            i++;
        if (i == TP_COUNT(binary))
            return 0;
        behind = p->at;
        if (parse_rank(p, rank + 1, &right) || want_type(p, *out, rank < 2, from, binary[i].text)
            || want_type(p, right, rank < 2, behind, binary[i].text))
            return -1;
        node = node_of(binary[i].op, *out, right, -1);
        node.truth = rank < 4;
        if (add(p, &node, out))
            return -1;
    }
}

static int
parse_any(struct parser *p, int *out)
{
    int         yes, no;
    const char *from = p->at, *second;

    if (++p->depth > 100)
        return wrong(p, "too deep", NULL);
    if (parse_rank(p, 0, out))
        return -1;
    if (take(p, "?")) {
        struct tp_node node;

        if (want_type(p, *out, true, from, "?") || parse_any(p, &yes))
            return -1;
        if (!take(p, ":"))
            return wrong(p, "want ':'", NULL);
        second = p->at;
        if (parse_any(p, &no) || want_type(p, no, p->e->node[yes].truth, second, "? :"))
            return -1;
        node = node_of(OP_COND, *out, yes, no);
        node.truth = p->e->node[yes].truth;
        if (add(p, &node, out))
            return -1;
    }
    p->depth--;
    return 0;
}

int
tp_expr_parse(struct tp_expr *e, const char *text, enum tp_expr_type type, int *root, struct tp_err *err)
{
    struct parser p = {.e = e, .text = text, .at = text, .err = err};

    if (e->history < 1)
        e->history = 1;
    if (parse_any(&p, root))
        return -1;
    blanks(&p);
    if (*p.at)
        return wrong(&p, "want an operator or the end, not", p.at);
    if (type == TP_EXPR_ANY)
        return 0;
    return want_type(&p, *root, type == TP_EXPR_TRUTH, text, NULL) || lift(&p, root) ? -1 : 0;
}

int
tp_expr_constant(struct tp_expr *e, const char *text, double *out, struct tp_err *err)
{
    int root;

    if (tp_expr_parse(e, text, TP_EXPR_NUMBER, &root, err))
        return -1;
    return constant(e, root, out) ? 0 : tp_fail(err, TP_EINPUT, "want a constant, not '%.60s'", text);
}

bool
tp_expr_reads(const struct tp_expr *e, int node, bool scores)
{
    bool part[TP_EXPR_NODES] = {false}, reads = false;

    if (node < 0)
        return false;
    part[node] = true;
    for (int i = node; i >= 0; i--) { /* parts come before what is made of them */
        const struct tp_node *n = &e->node[i];

        if (!part[i] || n->op == OP_NUMBER)
            continue;
        if (n->kid[0] < 0)
            reads |= (n->op == OP_COLUMN && e->series[n->series].kind == TP_SERIES_SCORES) == scores;
        for (int k = 0; k < 3; k++)
            if (n->kid[k] >= 0)
                part[n->kid[k]] = true;
    }
    return reads;
}

static void
print_number(double v, struct tp_buf *to)
{
    char text[40];

    if (fabs(v) < 1e15 && !(v > floor(v))) {
        tp_buf_fmt(to, "%.0f", v);
        return;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (!(strtod(text, NULL) < v) && !(strtod(text, NULL) > v))
            break;
    }
    tp_buf_text(to, text);
}

static void print_node(const struct tp_expr *e, int node, bool nested, struct tp_buf *to);

static void
print_call(const struct tp_expr *e, const struct tp_node *n, const char *name, int args, struct tp_buf *to)
{
    const char *comma = "";

    tp_buf_fmt(to, "%s(", name);
    if (n->indicator && n->indicator->series == 0 && n->series) {
        tp_buf_text(to, e->series[n->series].name);
        comma = ", ";
    }
    for (int k = 0; k < 3 && n->kid[k] >= 0; k++) {
        tp_buf_text(to, comma);
        print_node(e, n->kid[k], false, to);
        comma = ", ";
    }
    for (int i = 0; i < args; i++) {
        tp_buf_text(to, comma);
        print_number(n->indicator ? n->args[i] : n->value, to);
        comma = ", ";
    }
    tp_buf_char(to, ')');
}

static void
print_operator(const struct tp_expr *e, const struct tp_node *n, struct tp_buf *to)
{
    size_t i = 0;

    if (n->op == OP_NEGATE || n->op == OP_NOT) {
        tp_buf_text(to, n->op == OP_NOT ? "not " : "-");
        print_node(e, n->kid[0], true, to);
        return;
    }
    print_node(e, n->kid[0], true, to);
    if (n->op == OP_COND) {
        tp_buf_text(to, " ? ");
        print_node(e, n->kid[1], true, to);
        tp_buf_text(to, " : ");
        print_node(e, n->kid[2], true, to);
        return;
    }
    while (i + 1 < TP_COUNT(binary) && binary[i].op != n->op)
        i++;
    tp_buf_fmt(to, " %s ", binary[i].text);
    print_node(e, n->kid[1], true, to);
}

static void
print_column(const struct tp_expr *e, const struct tp_node *n, struct tp_buf *to)
{
    const struct tp_expr_series *s = &e->series[n->series];
    size_t                       which = (size_t)n->value;

    if (n->series)
        tp_buf_fmt(to, "%s.", s->name);
    tp_buf_text(to, s->kind == TP_SERIES_FUNDING  ? "rate"
                    : s->kind == TP_SERIES_SCORES ? e->fields[which].name
                                                  : columns[which]);
}

static void
print_node(const struct tp_expr *e, int node, bool nested, struct tp_buf *to)
{
    const struct tp_node *n = &e->node[node];
    int                   args = 0;

    if (to->n > 4000) {
        if (to->at[to->n - 1] != '.')
            tp_buf_text(to, "...");
        return;
    }
    switch (n->op) {
    case OP_NUMBER:
        if (n->truth)
            tp_buf_text(to, n->value > 0 ? "true" : "false");
        else
            print_number(n->value, to);
        return;
    case OP_LIFT:
        print_node(e, n->kid[0], nested, to);
        return;
    case OP_COLUMN:
        print_column(e, n, to);
        return;
    case OP_HOUR:
    case OP_WEEKDAY:
        tp_buf_text(to, n->op == OP_HOUR ? "hour()" : "weekday()");
        return;
    case OP_ACCOUNT:
        tp_buf_text(to, account_words[(int)n->value]);
        return;
    case OP_BACK:
        print_node(e, n->kid[0], true, to);
        tp_buf_char(to, '[');
        print_number(n->value, to);
        tp_buf_char(to, ']');
        return;
    case OP_INDICATOR:
        while (n->indicator->args && n->indicator->args[args].name)
            args++;
        print_call(e, n, n->indicator->name, args, to);
        return;
    }
    for (size_t i = 0; i < TP_COUNT(functions); i++)
        if (functions[i].op == n->op) {
            print_call(e, n, functions[i].name, functions[i].count, to);
            return;
        }
    if (nested)
        tp_buf_char(to, '(');
    print_operator(e, n, to);
    if (nested)
        tp_buf_char(to, ')');
}

void
tp_expr_print(const struct tp_expr *e, int node, struct tp_buf *to)
{
    print_node(e, node, false, to);
}

const char *
tp_expr_indicator(const struct tp_expr *e, int node)
{
    return e->node[node].indicator ? e->node[node].indicator->help : NULL;
}

bool
tp_expr_constant_node(const struct tp_expr *e, int node)
{
    return e->node[node].op == OP_NUMBER;
}

size_t
tp_expr_memory(const struct tp_expr *e)
{
    size_t bytes = 0;

    for (int i = 0; i < e->n; i++)
        if (e->node[i].wanted && !e->node[i].account)
            bytes += (size_t)e->history * sizeof(double)
                     + (e->node[i].indicator ? e->node[i].indicator->size(e->node[i].args) : 0);
    return bytes;
}

const char *
tp_expr_function(size_t i)
{
    static const char *const also[] = {"hour()", "weekday()", "maker_bps(leg)", "taker_bps(leg)"};

    if (i < TP_COUNT(functions))
        return functions[i].usage;
    i -= TP_COUNT(functions);
    return i < TP_COUNT(also) ? also[i] : NULL;
}

int
tp_expr_series_find(const struct tp_expr *e, const char *name)
{
    for (int i = 1; *name && i <= e->n_series; i++)
        if (strcmp(e->series[i].name, name) == 0)
            return i;
    return 0;
}

bool
tp_expr_word(const char *text)
{
    return tp_text_in(text, columns) || tp_text_in(text, account_words) || tp_text_in(text, literals)
           || tp_text_in(text, operator_words);
}

void
tp_expr_want(struct tp_expr *e, int root)
{
    struct tp_node *n = &e->node[root];

    if (root < 0 || n->wanted)
        return;
    n->wanted = true;
    for (int k = 0; k < 3; k++)
        if (n->kid[k] >= 0)
            tp_expr_want(e, n->kid[k]);
}

void
tp_expr_free(struct tp_expr *e)
{
    for (int i = 0; i < e->n; i++) {
        free(e->node[i].state);
        if (e->node[i].column)
            free(e->node[i].column - e->history);
    }
    for (int i = 0; i <= e->n_series; i++) {
        struct tp_expr_series *s = &e->series[i];

        for (int k = 0; k < 5; k++)
            free(s->input[k]);
        free(s->close_time);
        free(s->upto);
    }
}

/* ---- computing ------------------------------------------------------------------------------- */

static double
truth(bool value)
{
    return value ? 1 : 0;
}

/* One operator on values; a, b, c are NaN for na.  Always part of its caller: where the operator is known,
 * nothing is left of the choice. */
__attribute__((always_inline)) static inline double
apply(int op, double a, double b, double c)
{
    bool na = isnan(a) || isnan(b);

    switch (op) {
    case OP_NEGATE:
        return -a;
    case OP_NOT:
        return isnan(a) ? a : truth(!(a > 0 || a < 0));
    case OP_ADD:
        return a + b;
    case OP_SUB:
        return a - b;
    case OP_MUL:
        return a * b;
    case OP_DIV:
        return b > 0 || b < 0 ? a / b : NA;
    case OP_MOD:
        return b > 0 || b < 0 ? fmod(a, b) : NA;
    case OP_LT:
        return na ? NA : truth(a < b);
    case OP_LE:
        return na ? NA : truth(a <= b);
    case OP_GT:
        return na ? NA : truth(a > b);
    case OP_GE:
        return na ? NA : truth(a >= b);
    case OP_EQ:
        return na ? NA : truth(a >= b && a <= b);
    case OP_NE:
        return na ? NA : truth(a < b || a > b);
    case OP_AND:
        if (!(a > 0 || a < 0 || isnan(a)) || !(b > 0 || b < 0 || isnan(b)))
            return 0;
        return na ? NA : 1;
    case OP_OR:
        if (a > 0 || a < 0 || b > 0 || b < 0)
            return 1;
        return na ? NA : 0;
    case OP_COND:
        return isnan(a) ? a : a > 0 || a < 0 ? b : c;
    case OP_ABS:
        return fabs(a);
    case OP_MIN:
        return na ? NA : a < b ? a : b;
    case OP_MAX:
        return na ? NA : a > b ? a : b;
    case OP_FLOOR:
        return floor(a);
    case OP_CEIL:
        return ceil(a);
    case OP_ROUND:
        return round(a);
    case OP_SQRT:
        return a >= 0 ? sqrt(a) : NA;
    case OP_LOG:
        return a > 0 ? log(a) : NA;
    case OP_EXP:
        return exp(a);
    default:
        return NA;
    }
}

/* The same as a function, for constants. */
static double
value_of(int op, double a, double b, double c)
{
    return apply(op, a, b, c);
}

/* any, all, rising, falling over the n newest values that end at x[0]. */
static double
over_window(int op, const double *x, int64_t n)
{
    bool na = false;

    for (int64_t k = 0; k < n; k++) {
        double v = x[-k];

        if (op == OP_RISING || op == OP_FALLING) {
            double before = x[-k - 1];

            if (isnan(v) || isnan(before))
                na = true;
            else if (op == OP_RISING ? !(v > before) : !(v < before))
                return 0;
        } else if (isnan(v)) {
            na = true;
        } else if ((v > 0 || v < 0) == (op == OP_ANY)) {
            return op == OP_ANY;
        }
    }
    return na ? NA : truth(op != OP_ANY);
}

/* The operators of most rules, each in a loop of its own. */
__attribute__((always_inline)) static inline void
both(int op, const double *a, const double *b, double *out, size_t bars)
{
    for (size_t i = 0; i < bars; i++)
        out[i] = apply(op, a[i], b[i], 0);
}

/* a stood on one side of b at the bar before and stands on the other now. */
__attribute__((always_inline)) static inline void
cross(int before, int now, const double *a, const double *b, double *out, size_t bars)
{
    for (size_t i = 0; i < bars; i++)
        out[i] = apply(OP_AND, apply(before, a[(ptrdiff_t)i - 1], b[(ptrdiff_t)i - 1], 0),
                       apply(now, a[i], b[i], 0), 0);
}

static void
compute(struct tp_expr *e, struct tp_node *n)
{
    const struct tp_expr_series *s = &e->series[n->series];
    size_t        bars = s->n;
    const double *a = n->kid[0] >= 0 ? e->node[n->kid[0]].column : NULL;
    const double *b = n->kid[1] >= 0 ? e->node[n->kid[1]].column : NULL;
    const double *c = n->kid[2] >= 0 ? e->node[n->kid[2]].column : NULL;
    double       *out = n->column;

    if (n->op == OP_INDICATOR) {
        struct tp_ind_block in = {bars, {a, b}, s->input[0], s->input[1], s->input[2], s->input[3],
                                  s->input[4], s->close_time};

        n->indicator->run(n->state, &in, out);
        return;
    }
    if (n->op == OP_COLUMN) {
        memcpy(out, s->input[(int)n->value], bars * sizeof *out);
        return;
    }
    switch (n->op) {
    case OP_LIFT: /* a column's last value of the block before lies before its first */
        for (size_t i = 0; i < bars; i++)
            out[i] = a[(ptrdiff_t)e->series[(int)n->value].upto[i] - 1];
        return;
    case OP_NUMBER:
        for (size_t i = 0; i < bars; i++)
            out[i] = n->value;
        return;
    case OP_ADD:
        both(OP_ADD, a, b, out, bars);
        return;
    case OP_SUB:
        both(OP_SUB, a, b, out, bars);
        return;
    case OP_MUL:
        both(OP_MUL, a, b, out, bars);
        return;
    case OP_LT:
        both(OP_LT, a, b, out, bars);
        return;
    case OP_LE:
        both(OP_LE, a, b, out, bars);
        return;
    case OP_GT:
        both(OP_GT, a, b, out, bars);
        return;
    case OP_GE:
        both(OP_GE, a, b, out, bars);
        return;
    case OP_AND:
        both(OP_AND, a, b, out, bars);
        return;
    case OP_OR:
        both(OP_OR, a, b, out, bars);
        return;
    case OP_CROSS_UP:
        cross(OP_LE, OP_GT, a, b, out, bars);
        return;
    case OP_CROSS_DOWN:
        cross(OP_GE, OP_LT, a, b, out, bars);
        return;
    }
    for (size_t i = 0; i < bars; i++) {
        switch (n->op) {
        case OP_HOUR:
            out[i] = tp_time_civil((struct tp_time){s->close_time[i]}).hour;
            break;
        case OP_WEEKDAY:
            out[i] = tp_day_of_week(tp_time_day((struct tp_time){s->close_time[i]}));
            break;
        case OP_BACK:
            out[i] = a[(ptrdiff_t)i - (ptrdiff_t)n->value];
            break;
        case OP_RISING:
        case OP_FALLING:
        case OP_ANY:
        case OP_ALL:
            out[i] = over_window(n->op, a + i, (int64_t)n->value);
            break;
        case OP_SINCE:
            if (a[i] > 0 || a[i] < 0)
                n->run = 0;
            else if (n->run >= 0)
                n->run++;
            out[i] = n->run < 0 || n->run > TP_EXPR_HISTORY ? NA : (double)n->run;
            break;
        default:
            out[i] = apply(n->op, a ? a[i] : 0, b ? b[i] : 0, c ? c[i] : 0);
            break;
        }
    }
}

/* Makes room for the bars of a block in the series' own columns. */
static void
series_room(struct tp_expr_series *s, size_t bars, size_t of_run)
{
    for (int i = 0; i < 5; i++)
        s->input[i] = tp_realloc(s->input[i], bars * sizeof(double));
    s->close_time = tp_realloc(s->close_time, bars * sizeof *s->close_time);
    s->upto = tp_realloc(s->upto, of_run * sizeof *s->upto);
}

/* Makes room for a block in the values of a series, and moves the newest ones before it. */
static void
make_room(struct tp_expr *e, int series, size_t bars)
{
    struct tp_expr_series *s = &e->series[series];
    bool                   first = s->room == 0;
    size_t                 history = (size_t)e->history;

    for (int i = 0; i < e->n; i++) {
        struct tp_node *n = &e->node[i];
        double         *base = n->column ? n->column - history : NULL;

        if (n->account || !n->wanted || n->series != series)
            continue;
        if (bars > s->room) {
            base = tp_realloc(base, (history + bars) * sizeof *base);
            for (size_t k = 0; first && k < history; k++)
                base[k] = NA;
        }
        if (!first)
            memmove(base, base + s->in_block, history * sizeof *base);
        n->column = base + history;
    }
    if (bars > s->room)
        s->room = bars;
}

/* Which columns of the bars the nodes read, as TP_IND_ bits. */
static unsigned
needed(const struct tp_expr *e)
{
    unsigned all = 0;

    for (int i = 0; i < e->n; i++)
        if (!e->node[i].wanted)
            continue;
        else if (e->node[i].op == OP_LIFT)
            all |= TP_IND_OPEN | TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE | TP_IND_VOLUME;
        else if (e->node[i].op == OP_INDICATOR)
            all |= e->node[i].indicator->needs;
        else if (e->node[i].op == OP_COLUMN)
            all |= (unsigned)TP_IND_OPEN << (int)e->node[i].value;
    return all;
}

static void
convert(const struct tp_column *from, size_t n, double *out)
{
    if (from->narrow)
        for (size_t i = 0; i < n; i++)
            out[i] = from->narrow[i] == TP_COLUMN_NONE ? NA : (double)from->narrow[i] / 1e8;
    else
        for (size_t i = 0; i < n; i++)
            out[i] = (double)from->wide[i] / 1e8;
}

static void
close_bar(struct tp_expr_series *s)
{
    s->begun = false;
    if (!s->whole)
        return;
    for (int k = 0; k < 5; k++)
        s->input[k][s->n] = s->bar[k];
    s->close_time[s->n++] = s->start + s->interval->us;
}

/* Makes the bars of a coarser series out of the run's. */
static void
gather(struct tp_expr *e, struct tp_expr_series *s, const struct tp_bars *bars)
{
    const double *const *in = (const double *const *)e->series[0].input;

    s->n = 0;
    for (size_t i = 0; i < bars->n; i++) {
        int64_t start = tp_interval_floor(s->interval, (struct tp_time){bars->time[i]}).us;

        if (s->begun && start != s->start)
            close_bar(s);
        if (!s->begun) {
            s->whole = s->seen || start == bars->time[i];
            s->seen = s->begun = true;
            s->start = start;
            for (int k = 0; k < 5; k++)
                s->bar[k] = in[k][i];
        } else {
            s->bar[1] = in[1][i] > s->bar[1] ? in[1][i] : s->bar[1];
            s->bar[2] = in[2][i] < s->bar[2] ? in[2][i] : s->bar[2];
            s->bar[3] = in[3][i];
            s->bar[4] += in[4][i];
        }
        if (bars->time[i] + e->interval_us >= start + s->interval->us)
            close_bar(s);
        s->upto[i] = s->n;
    }
}

void
tp_expr_block(struct tp_expr *e, const struct tp_bars *bars)
{
    const struct tp_column *from[] = {&bars->open, &bars->high, &bars->low, &bars->close, &bars->volume};
    struct tp_expr_series  *own = &e->series[0];
    unsigned                wanted = needed(e);

    for (int k = 0; k <= e->n_series; k++) {
        struct tp_expr_series *s = &e->series[k];
        size_t                 most = k ? 2 * bars->n : bars->n; /* a bar may close the one before and its own */

        s->in_block = s->n;
        if (most > s->room)
            series_room(s, most, bars->n);
    }
    for (int c = 0; c < 5; c++)
        if (wanted & (unsigned)TP_IND_OPEN << c)
            convert(from[c], bars->n, own->input[c]);
    for (size_t i = 0; i < bars->n; i++)
        own->close_time[i] = bars->time[i] + e->interval_us;
    own->n = bars->n;
    for (int k = 1; k <= e->n_series; k++)
        gather(e, &e->series[k], bars);
    for (int k = 0; k <= e->n_series; k++)
        make_room(e, k, k ? 2 * bars->n : bars->n);
    for (int i = 0; i < e->n; i++)
        if (e->node[i].wanted && !e->node[i].account)
            compute(e, &e->node[i]);
}

static double
amount(struct tp_dec d)
{
    return tp_dec_none(d) ? NA : (double)d.units / 1e8;
}

static double
account_word(int which, const struct tp_view *v)
{
    if (!v)
        return NA;
    switch (which) {
    case 0:
        return v->position;
    case 1:
        return amount(v->entry_price);
    case 2:
        return amount(v->last_entry_price);
    case 3:
        return v->bars_held < 0 ? NA : (double)v->bars_held;
    case 4:
        return v->bars_since_exit < 0 ? NA : (double)v->bars_since_exit;
    case 5:
        return amount(v->unrealized_pct);
    default:
        return amount(v->equity);
    }
}

double
tp_expr_at(const struct tp_expr *e, int node, size_t i, const struct tp_view *view)
{
    const struct tp_node *n = &e->node[node];
    double                kid[3] = {0, 0, 0};

    if (!n->account)
        return n->column[i];
    if (n->op == OP_ACCOUNT)
        return account_word((int)n->value, view);
    for (int k = 0; k < 3; k++)
        if (n->kid[k] >= 0)
            kid[k] = tp_expr_at(e, n->kid[k], i, view);
    return apply(n->op, kid[0], kid[1], kid[2]);
}
