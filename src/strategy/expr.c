#include "strategy/expr_word.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

const char *const tp_expr_columns[] = {"open", "high", "low", "close", "volume", NULL};
const char *const tp_expr_literals[] = {"true", "false", NULL};
static const char *const operator_words[] = {"and", "or", "not", NULL};

#define X(name) #name,
const char *const tp_expr_account_words[] = {TP_EXPR_ACCOUNT(X) NULL};
#undef X

const struct tp_expr_function tp_expr_functions[] = {
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
    {0},
};

const struct tp_expr_operator tp_expr_operators[] = {
    {"or", 0, OP_OR}, {"and", 1, OP_AND}, {"<=", 3, OP_LE}, {">=", 3, OP_GE}, {"==", 3, OP_EQ},
    {"!=", 3, OP_NE}, {"<", 3, OP_LT},    {">", 3, OP_GT},  {"+", 4, OP_ADD}, {"-", 4, OP_SUB},
    {"*", 5, OP_MUL}, {"/", 5, OP_DIV},   {"%", 5, OP_MOD}, {0},
};

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

    for (const struct tp_expr_function *f = tp_expr_functions; f->name; f++)
        if (i-- == 0)
            return f->usage;
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
    return tp_text_in(text, tp_expr_columns) || tp_text_in(text, tp_expr_account_words) || tp_text_in(text, tp_expr_literals)
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
