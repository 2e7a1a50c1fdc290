/* Text to nodes. */
#include "strategy/expr_word.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

/* Functions without arguments. */
static const char *const plain_calls[] = {"hour", "weekday", "maker_bps", "taker_bps", NULL};

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
    value = tp_expr_operate(n->op, kid[0], kid[1], kid[2]);
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
            return tp_fail(p->err, TP_EINPUT, "column %d: '%s' of '%s': want a %s from %.10g to %.10g, not %.10g",
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

    for (const struct tp_expr_function *f = tp_expr_functions; called && f->name; f++)
        known[n++] = f->name;
    for (size_t i = 0; called && tp_indicator_at(i) && n < 120; i++)
        known[n++] = tp_indicator_at(i)->name;
    for (size_t i = 0; called && plain_calls[i]; i++)
        known[n++] = plain_calls[i];
    for (size_t i = 0; !called && i < p->e->n_vars; i++)
        known[n++] = p->e->vars[i].name;
    for (size_t i = 0; !called && tp_expr_columns[i]; i++)
        known[n++] = tp_expr_columns[i];
    for (size_t i = 0; !called && tp_expr_account_words[i]; i++)
        known[n++] = tp_expr_account_words[i];
    for (size_t i = 0; !called && tp_expr_literals[i]; i++)
        known[n++] = tp_expr_literals[i];
    known[n] = NULL;
    near = tp_text_nearest(name, known);
    return tp_fail(p->err, TP_EINPUT, "column %d: unknown %s '%s'%s%s%s", (int)(p->at - p->text) + 1, what, name,
                   near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static int
call(struct parser *p, const char *name, const char *from, int *out)
{
    const struct tp_indicator *f = tp_indicator_find(name, strlen(name));
    const struct tp_expr_function *function = tp_expr_functions;
    struct args                a;
    struct tp_node             node;
    bool                       past;

    while (function->name && strcmp(function->name, name))
        function++;
    if (!f && !function->name && !tp_text_in(name, plain_calls)) {
        p->at = from;
        return unknown(p, "function", name, true);
    }
    if (read_args(p, &a))
        return -1;
    p->end = p->at;
    if (f)
        return indicator_node(p, f, from, &a, out);
    if (a.series && (function->name || name[0] == 'h' || name[0] == 'w')) {
        p->at = from;
        return wrong(p, "want values, not a whole series, for", name);
    }
    if (!function->name) {
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
    node = node_of(function->op, -1, -1, -1);
    node.truth = function->truth;
    past = function->op <= OP_SINCE;
    if (a.n != function->kids + function->count) {
        p->at = from;
        wrong(p, "wrong number of arguments for", name);
        return tp_hint(p->err, "it is %s", function->usage);
    }
    for (int k = 0; k < function->kids; k++) {
        if ((past && no_account(p, a.node[k], a.from[k])) || want_type(p, a.node[k], function->of_truth, a.from[k], name))
            return -1;
        node.kid[k] = a.node[k];
    }
    if (function->count) {
        int count = function->kids;

        if (want_type(p, a.node[count], false, a.from[count], name)
            || whole_constant(p, a.node[count], a.from[count], 1, &node.value))
            return -1;
    }
    keep(p->e, function->count ? node.value : 1);
    node.run = -1;
    return add(p, &node, out);
}

/* "name.close": a column of another series. */
static int
field(struct parser *p, const char *name, const char *from, int *out)
{
    static const char *const rate[] = {"rate", NULL};
    struct tp_expr          *e = p->e;
    const char              *known[TP_EXPR_SERIES] = {NULL}, *near, *const *fields = tp_expr_columns;
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
    for (int i = 0; tp_expr_columns[i]; i++)
        if (strcmp(tp_expr_columns[i], name) == 0) {
            struct tp_node node = node_of(OP_COLUMN, -1, -1, -1);

            node.value = i;
            return add(p, &node, out);
        }
    for (int i = 0; tp_expr_account_words[i]; i++)
        if (strcmp(tp_expr_account_words[i], name) == 0) {
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
        const struct tp_expr_operator *o = tp_expr_operators;

        while (o->text && (o->rank != rank || !take(p, o->text)))
            o++;
        if (!o->text)
            return 0;
        behind = p->at;
        if (parse_rank(p, rank + 1, &right) || want_type(p, *out, rank < 2, from, o->text)
            || want_type(p, right, rank < 2, behind, o->text))
            return -1;
        node = node_of(o->op, *out, right, -1);
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
