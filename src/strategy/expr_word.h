/* What an expression is made of: operators and words, for the files that read, print and compute one. */
#ifndef TP_STRATEGY_EXPR_WORD_H
#define TP_STRATEGY_EXPR_WORD_H

#include "strategy/expr.h"

/* What a node does.  CROSS_UP to SINCE look at the past, so they take no account words. */
enum tp_expr_op {
    OP_NUMBER, OP_LIFT, OP_COLUMN, OP_HOUR, OP_WEEKDAY, OP_ACCOUNT, OP_INDICATOR, OP_NEGATE, OP_NOT, OP_ADD, OP_SUB,
    OP_MUL, OP_DIV, OP_MOD, OP_LT, OP_LE, OP_GT, OP_GE, OP_EQ, OP_NE, OP_AND, OP_OR, OP_COND, OP_BACK,
    OP_CROSS_UP, OP_CROSS_DOWN, OP_RISING, OP_FALLING, OP_ANY, OP_ALL, OP_SINCE, OP_ABS, OP_MIN, OP_MAX,
    OP_FLOOR, OP_CEIL, OP_ROUND, OP_SQRT, OP_LOG, OP_EXP
};

/* What is known of the account; value of an OP_ACCOUNT. */
#define TP_EXPR_ACCOUNT(X)                                                                                  \
    X(position) X(entry_price) X(last_entry_price) X(bars_held) X(bars_since_exit) X(unrealized_pct) X(equity)

#define X(name) ACCOUNT_##name,
enum tp_expr_account { TP_EXPR_ACCOUNT(X) };
#undef X

/* Lists of words, each ended by NULL. */
extern const char *const tp_expr_columns[]; /* value of an OP_COLUMN of candles; as tp_expr_series.input */
extern const char *const tp_expr_account_words[];
extern const char *const tp_expr_literals[];

/* A function that is no indicator. */
struct tp_expr_function {
    const char *name, *usage;
    int         op, kids; /* kids: expressions that it takes */
    bool        of_truth; /* they are conditions */
    bool        count;    /* a constant count follows them */
    bool        truth;    /* the result is a condition */
};

extern const struct tp_expr_function tp_expr_functions[]; /* ended by one without name */

/* A binary operator; the loosest has rank 0.  "<=" stands before "<". */
struct tp_expr_operator {
    const char *text;
    int         rank, op;
};

extern const struct tp_expr_operator tp_expr_operators[]; /* ended by one without text */

/* One operator on values (not on columns); NaN is na. */
double tp_expr_operate(int op, double a, double b, double c);

#endif
