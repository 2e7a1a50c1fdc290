#include "strategy/expr.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define NA ((double)NAN)

#define OPS(X)                                                                                     \
    X(NUMBER) X(COLUMN) X(HOUR) X(WEEKDAY) X(ACCOUNT) X(INDICATOR) X(NEGATE) X(NOT) X(ADD) X(SUB)  \
    X(MUL) X(DIV) X(MOD) X(LT) X(LE) X(GT) X(GE) X(EQ) X(NE) X(AND) X(OR) X(COND) X(BACK)          \
    X(CROSS_UP) X(CROSS_DOWN) X(RISING) X(FALLING) X(ANY) X(ALL) X(SINCE) X(ABS) X(MIN) X(MAX)     \
    X(FLOOR) X(CEIL) X(ROUND) X(SQRT) X(LOG) X(EXP)

#define X(name) OP_##name,
enum { OPS(X) };
#undef X

static const char *const columns[] = {"open", "high", "low", "close", "volume", NULL};
static const char *const account_words[] = {
    "position",        "entry_price", "last_entry_price", "bars_held",
    "bars_since_exit", "unrealized_pct", "equity",        NULL};

/* Functions that are no indicators: name, op, expressions, and whether a constant count follows. */
static const struct {
    const char *name;
    int         op, kids;
    bool        count;
} functions[] = {
    {"cross_up", OP_CROSS_UP, 2, false}, {"cross_down", OP_CROSS_DOWN, 2, false},
    {"rising", OP_RISING, 1, true},      {"falling", OP_FALLING, 1, true},
    {"any", OP_ANY, 1, true},            {"all", OP_ALL, 1, true},
    {"since", OP_SINCE, 1, false},       {"abs", OP_ABS, 1, false},
    {"min", OP_MIN, 2, false},           {"max", OP_MAX, 2, false},
    {"floor", OP_FLOOR, 1, false},       {"ceil", OP_CEIL, 1, false},
    {"round", OP_ROUND, 1, false},       {"sqrt", OP_SQRT, 1, false},
    {"log", OP_LOG, 1, false},           {"exp", OP_EXP, 1, false},
};

/* ---- reading --------------------------------------------------------------------------------- */

struct parser {
    struct tp_expr *e;
    const char     *text, *at;
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

static int
add(struct parser *p, const struct tp_node *node, int *out)
{
    struct tp_expr *e = p->e;
    struct tp_node *n;

    if (e->n == TP_EXPR_NODES)
        return wrong(p, "the strategy has too many parts", NULL);
    *out = e->n;
    n = &e->node[e->n++];
    *n = *node;
    for (int k = 0; k < 3; k++)
        if (n->kid[k] >= 0) {
            n->account |= e->node[n->kid[k]].account;
            if (e->node[n->kid[k]].warmup > n->warmup)
                n->warmup = e->node[n->kid[k]].warmup;
        }
    return 0;
}

static struct tp_node
node_of(int op, int a, int b, int c)
{
    struct tp_node n = {.op = op, .kid = {a, b, c}};

    return n;
}

static int
number_node(struct parser *p, double value, int *out)
{
    struct tp_node n = node_of(OP_NUMBER, -1, -1, -1);

    n.value = value;
    return add(p, &n, out);
}

/* Whether a node is a constant, and its value. */
static bool
constant(const struct tp_expr *e, int node, double *out)
{
    const struct tp_node *n = &e->node[node];
    double                a, b;

    if (n->op == OP_NUMBER) {
        *out = n->value;
        return true;
    }
    if (n->op == OP_NEGATE && constant(e, n->kid[0], &a)) {
        *out = -a;
        return true;
    }
    if (n->op < OP_ADD || n->op > OP_DIV || !constant(e, n->kid[0], &a) || !constant(e, n->kid[1], &b))
        return false;
    *out = n->op == OP_ADD ? a + b : n->op == OP_SUB ? a - b : n->op == OP_MUL ? a * b : a / b;
    return true;
}

static int
whole_constant(struct parser *p, int node, double least, double *out)
{
    if (!constant(p->e, node, out) || !(*out >= least) || *out > TP_EXPR_HISTORY || *out > floor(*out))
        return wrong(p, least > 0 ? "want a constant whole number from 1 to 10000 here"
                                  : "an index is a constant whole number from 0 to 10000: bars to come "
                                    "cannot be named",
                     NULL);
    return 0;
}

/* Functions of the past cannot look at the account, which has none here. */
static int
no_account(struct parser *p, int node)
{
    return p->e->node[node].account ? wrong(p, "account words have no past: not inside this function", NULL)
                                    : 0;
}

static void
keep(struct tp_expr *e, double bars)
{
    if (e->history < (int64_t)bars + 1)
        e->history = (int64_t)bars + 1;
}

static int
read_args(struct parser *p, int args[TP_EXPR_ARGS + 2], int *n)
{
    *n = 0;
    if (!take(p, "("))
        return 0;
    if (take(p, ")"))
        return 0;
    for (;;) {
        if (*n == TP_EXPR_ARGS + 2)
            return wrong(p, "too many arguments", NULL);
        if (parse_any(p, &args[(*n)++]))
            return -1;
        if (take(p, ")"))
            return 0;
        if (!take(p, ","))
            return wrong(p, "want ',' or ')'", NULL);
    }
}

static int
indicator_node(struct parser *p, const struct tp_indicator *f, const int *args, int n, int *out)
{
    struct tp_node node = node_of(OP_INDICATOR, -1, -1, -1);
    int            most = 0;
    double         inner = 0;

    while (f->args && f->args[most].name)
        most++;
    if (n < (int)f->series || n > (int)f->series + most || most > TP_EXPR_ARGS)
        return wrong(p, "wrong number of arguments for", f->name);
    for (int i = 0; i < (int)f->series; i++) {
        if (no_account(p, args[i]))
            return -1;
        node.kid[i] = args[i];
        inner = fmax(inner, (double)p->e->node[args[i]].warmup);
    }
    for (int i = 0; i < most; i++) {
        const struct tp_ind_arg *a = &f->args[i];
        int                      at = (int)f->series + i;

        node.args[i] = a->fallback;
        if (at < n && !constant(p->e, args[at], &node.args[i]))
            return wrong(p, "want a constant for", a->name);
        if (!(node.args[i] >= a->min && node.args[i] <= a->max)
            || (a->integer && node.args[i] > floor(node.args[i])))
            return wrong(p, "missing or out of range:", a->name);
    }
    node.indicator = f;
    if (add(p, &node, out))
        return -1;
    p->e->node[*out].warmup = (int64_t)inner + f->warmup(node.args);
    p->e->node[*out].state = tp_alloc(f->size(node.args));
    f->init(p->e->node[*out].state, node.args);
    return 0;
}

static int
unknown(struct parser *p, const char *name)
{
    const char *known[160];
    const char *near;
    size_t      n = 0;

    for (size_t i = 0; i < TP_COUNT(functions); i++)
        known[n++] = functions[i].name;
    for (size_t i = 0; tp_indicator_at(i) && n < 120; i++)
        known[n++] = tp_indicator_at(i)->name;
    for (size_t i = 0; columns[i]; i++)
        known[n++] = columns[i];
    for (size_t i = 0; account_words[i]; i++)
        known[n++] = account_words[i];
    known[n] = NULL;
    near = tp_text_nearest(name, known);
    if (near)
        return tp_fail(p->err, TP_EINPUT, "unknown word '%s', did you mean '%s'?", name, near);
    return tp_fail(p->err, TP_EINPUT, "unknown word '%s'", name);
}

static int
call(struct parser *p, const char *name, int *out)
{
    const struct tp_indicator *f = tp_indicator_find(name, strlen(name));
    int                        args[TP_EXPR_ARGS + 2], n;

    if (read_args(p, args, &n))
        return -1;
    if (f)
        return indicator_node(p, f, args, n, out);
    for (size_t i = 0; i < TP_COUNT(functions); i++) {
        struct tp_node node = node_of(functions[i].op, -1, -1, -1);
        bool           past = functions[i].op <= OP_SINCE;

        if (strcmp(functions[i].name, name))
            continue;
        if (n != functions[i].kids + functions[i].count)
            return wrong(p, "wrong number of arguments for", name);
        for (int k = 0; k < functions[i].kids; k++) {
            if (past && no_account(p, args[k]))
                return -1;
            node.kid[k] = args[k];
        }
        if (functions[i].count && whole_constant(p, args[functions[i].kids], 1, &node.value))
            return -1;
        keep(p->e, functions[i].count ? node.value : 1);
        if (add(p, &node, out))
            return -1;
        p->e->node[*out].warmup += past && functions[i].op != OP_SINCE ? (functions[i].count ? (int64_t)node.value : 1) : 0;
        p->e->node[*out].run = -1;
        return 0;
    }
    if (strcmp(name, "hour") == 0 || strcmp(name, "weekday") == 0) {
        struct tp_node node = node_of(name[0] == 'h' ? OP_HOUR : OP_WEEKDAY, -1, -1, -1);

        return add(p, &node, out);
    }
    if (strcmp(name, "maker_bps") == 0 || strcmp(name, "taker_bps") == 0)
        return number_node(p, name[0] == 'm' ? p->e->maker_bps : p->e->taker_bps, out);
    return unknown(p, name);
}

static int
word(struct parser *p, int *out)
{
    char        name[64];
    size_t      n = 0;
    const char *from = p->at;

    while ((isalnum((unsigned char)p->at[n]) || p->at[n] == '_') && n + 1 < sizeof name)
        n++;
    memcpy(name, p->at, n);
    name[n] = '\0';
    p->at += n;
    if (strcmp(name, "true") == 0 || strcmp(name, "false") == 0)
        return number_node(p, name[0] == 't', out);
    blanks(p);
    if (*p->at == '(')
        return call(p, name, out);
    for (size_t i = 0; i < p->e->n_vars; i++)
        if (strcmp(p->e->vars[i].name, name) == 0) {
            *out = p->e->vars[i].node;
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
        return call(p, name, out);
    p->at = from;
    return unknown(p, name);
}

static int
parameter(struct parser *p, int *out)
{
    char   name[64];
    size_t n = 0;

    while ((isalnum((unsigned char)p->at[n]) || p->at[n] == '_') && n + 1 < sizeof name)
        n++;
    memcpy(name, p->at, n);
    name[n] = '\0';
    for (size_t i = 0; i < p->e->n_params; i++)
        if (strcmp(p->e->params[i].name, name) == 0) {
            p->at += n;
            return number_node(p, p->e->params[i].value, out);
        }
    return wrong(p, "unknown parameter", name);
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
        return number_node(p, v, out);
    }
    if (isalpha((unsigned char)*p->at) || *p->at == '_')
        return word(p, out);
    return wrong(p, *p->at ? "want a value" : "the expression ends too early", NULL);
}

static int
parse_postfix(struct parser *p, int *out)
{
    if (parse_atom(p, out))
        return -1;
    while (take(p, "[")) {
        struct tp_node node = node_of(OP_BACK, *out, -1, -1);
        int            index;

        if (parse_any(p, &index) || whole_constant(p, index, 0, &node.value) || no_account(p, *out))
            return -1;
        if (!take(p, "]"))
            return wrong(p, "want ']'", NULL);
        keep(p->e, node.value);
        if (add(p, &node, out))
            return -1;
        p->e->node[*out].warmup += (int64_t)node.value;
    }
    return 0;
}

static int
parse_unary(struct parser *p, int *out)
{
    bool           minus = take(p, "-");
    struct tp_node node;

    if (!minus)
        return parse_postfix(p, out);
    if (++p->depth > 100)
        return wrong(p, "too deep", NULL);
    if (parse_unary(p, out))
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

    if (rank == 6)
        return parse_unary(p, out);
    if (rank == 2) { /* not: tighter than and, looser than comparisons */
        if (!take(p, "not"))
            return parse_rank(p, 3, out);
        if (++p->depth > 100)
            return wrong(p, "too deep", NULL);
        if (parse_rank(p, 2, out))
            return -1;
        p->depth--;
        node = node_of(OP_NOT, *out, -1, -1);
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
        if (parse_rank(p, rank + 1, &right))
            return -1;
        node = node_of(binary[i].op, *out, right, -1);
        if (add(p, &node, out))
            return -1;
    }
}

static int
parse_any(struct parser *p, int *out)
{
    int yes, no;

    if (++p->depth > 100)
        return wrong(p, "too deep", NULL);
    if (parse_rank(p, 0, out))
        return -1;
    if (take(p, "?")) {
        struct tp_node node;

        if (parse_any(p, &yes))
            return -1;
        if (!take(p, ":"))
            return wrong(p, "want ':'", NULL);
        if (parse_any(p, &no))
            return -1;
        node = node_of(OP_COND, *out, yes, no);
        if (add(p, &node, out))
            return -1;
    }
    p->depth--;
    return 0;
}

int
tp_expr_parse(struct tp_expr *e, const char *text, int *root, struct tp_err *err)
{
    struct parser p = {.e = e, .text = text, .at = text, .err = err};

    if (e->history < 1)
        e->history = 1;
    if (parse_any(&p, root))
        return -1;
    blanks(&p);
    return *p.at ? wrong(&p, "want an operator or the end, not", p.at) : 0;
}

int
tp_expr_constant(struct tp_expr *e, const char *text, double *out, struct tp_err *err)
{
    int root;

    if (tp_expr_parse(e, text, &root, err))
        return -1;
    return constant(e, root, out) ? 0 : tp_fail(err, TP_EINPUT, "want a constant, not '%.60s'", text);
}

void
tp_expr_free(struct tp_expr *e)
{
    for (int i = 0; i < e->n; i++) {
        free(e->node[i].state);
        if (e->node[i].column)
            free(e->node[i].column - e->history);
    }
    for (int i = 0; i < 5; i++)
        free(e->input[i]);
    free(e->close_time);
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
compute(struct tp_expr *e, struct tp_node *n, size_t bars)
{
    const double *a = n->kid[0] >= 0 ? e->node[n->kid[0]].column : NULL;
    const double *b = n->kid[1] >= 0 ? e->node[n->kid[1]].column : NULL;
    const double *c = n->kid[2] >= 0 ? e->node[n->kid[2]].column : NULL;
    double       *out = n->column;

    if (n->op == OP_INDICATOR) {
        struct tp_ind_block in = {bars, {a, b}, e->input[0], e->input[1], e->input[2], e->input[3],
                                  e->input[4], e->close_time};

        n->indicator->run(n->state, &in, out);
        return;
    }
    if (n->op == OP_COLUMN) {
        memcpy(out, e->input[(int)n->value], bars * sizeof *out);
        return;
    }
    switch (n->op) {
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
            out[i] = tp_time_civil((struct tp_time){e->close_time[i]}).hour;
            break;
        case OP_WEEKDAY:
            out[i] = tp_day_of_week(tp_time_day((struct tp_time){e->close_time[i]}));
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

/* Makes room for a block and moves the newest values before it. */
static void
make_room(struct tp_expr *e, size_t bars)
{
    bool   first = e->room == 0;
    size_t history = (size_t)e->history;

    if (bars > e->room) {
        for (int i = 0; i < 5; i++)
            e->input[i] = tp_realloc(e->input[i], bars * sizeof(double));
        e->close_time = tp_realloc(e->close_time, bars * sizeof *e->close_time);
    }
    for (int i = 0; i < e->n; i++) {
        struct tp_node *n = &e->node[i];
        double         *base = n->column ? n->column - history : NULL;

        if (n->account)
            continue;
        if (bars > e->room) {
            base = tp_realloc(base, (history + bars + (bars > e->in_block ? 0 : e->in_block - bars)) * sizeof *base);
            if (first)
                for (size_t k = 0; k < history; k++)
                    base[k] = NA;
        }
        if (!first)
            memmove(base, base + e->in_block, history * sizeof *base);
        n->column = base + history;
    }
    if (bars > e->room)
        e->room = bars;
    e->in_block = bars;
}

/* Which columns of the bars the nodes read, as TP_IND_ bits. */
static unsigned
needed(const struct tp_expr *e)
{
    unsigned all = 0;

    for (int i = 0; i < e->n; i++)
        if (e->node[i].op == OP_INDICATOR)
            all |= e->node[i].indicator->needs;
        else if (e->node[i].op == OP_COLUMN)
            all |= TP_IND_OPEN << (int)e->node[i].value;
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

void
tp_expr_block(struct tp_expr *e, const struct tp_bars *bars)
{
    const struct tp_column *from[] = {&bars->open, &bars->high, &bars->low, &bars->close, &bars->volume};
    unsigned                wanted = needed(e);

    make_room(e, bars->n);
    for (int c = 0; c < 5; c++)
        if (wanted & TP_IND_OPEN << c)
            convert(from[c], bars->n, e->input[c]);
    for (size_t i = 0; i < bars->n; i++)
        e->close_time[i] = bars->time[i] + e->interval_us;
    for (int i = 0; i < e->n; i++)
        if (!e->node[i].account)
            compute(e, &e->node[i], bars->n);
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
