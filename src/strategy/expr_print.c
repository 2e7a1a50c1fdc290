/* Nodes back to text. */
#include "strategy/expr_word.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/banned.h"

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
    const struct tp_expr_operator *o = tp_expr_operators;

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
    while (o[1].text && o->op != n->op)
        o++;
    tp_buf_fmt(to, " %s ", o->text);
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
                                                  : tp_expr_columns[which]);
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
        tp_buf_text(to, tp_expr_account_words[(int)n->value]);
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
    for (const struct tp_expr_function *f = tp_expr_functions; f->name; f++)
        if (f->op == n->op) {
            print_call(e, n, f->name, f->count, to);
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
