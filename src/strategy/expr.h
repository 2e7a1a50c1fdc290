/* Expressions of the strategy language: text to nodes, blocks of bars to columns.
 *
 * A node whose value needs no knowledge of the account is computed for a whole block into a column;
 * the others per bar over those columns.  "na" is NaN; truth is 1 and 0; logic is three-valued. */
#ifndef TP_STRATEGY_EXPR_H
#define TP_STRATEGY_EXPR_H

#include "market/bars.h"
#include "market/bucket.h"
#include "strategy/indicator/indicator.h"
#include "strategy/strategy.h"

#define TP_EXPR_NODES 512
#define TP_EXPR_ARGS 8
#define TP_EXPR_HISTORY 10000
#define TP_EXPR_COST 4000
#define TP_EXPR_SERIES 17 /* the run's own bars and 16 others */

struct tp_node {
    int                        op;
    int                        kid[3]; /* -1: none */
    int                        series; /* whose bars it counts; 0: the run's own */
    double                     value;  /* constants; n of x[n], any, all, rising, falling */
    const struct tp_indicator *indicator;
    double                     args[TP_EXPR_ARGS];
    void                      *state; /* of the indicator */
    int64_t                    run;   /* since: bars since it was true */
    bool                       account; /* needs the account: no column */
    int64_t                    cost;    /* values worked out per bar when the account is looked at */
    bool                       truth;   /* a condition: true, false or na */
    bool                       wanted;  /* something asks for it: without, it is not computed */
    int64_t                    warmup; /* leading bars of its series that are na */
    double                    *column; /* at the block's first bar; history lies before it */
};

struct tp_name {
    char   name[64];
    int    node;  /* of a var; -1: a parameter with value */
    double value;
    bool   used; /* some expression names it */
};

enum tp_series_kind { TP_SERIES_CANDLES, TP_SERIES_FUNDING, TP_SERIES_MARK, TP_SERIES_SCORES, TP_SERIES_LEG };

/* A series of bars.  Those of another interval are made of the run's own as these come; a bar is there from its
 * close on, and the first one only when it is whole. */
struct tp_expr_series {
    char                      name[64]; /* empty: the run's own bars */
    enum tp_series_kind       kind;
    const struct tp_interval *interval;  /* NULL: that of the run */
    bool                      elsewhere; /* cannot be made of the run's bars */
    size_t                    n, in_block, room; /* bars of the block, of the one before, that fit */
    double                   *input[5];  /* open, high, low, close, volume */
    int64_t                  *close_time;
    size_t                   *upto;      /* per bar of the run: bars of this one that are closed */
    struct tp_bucket          bucket;
    double                    bar[5]; /* the one being made */
};

struct tp_expr {
    struct tp_node node[TP_EXPR_NODES];
    int            n;
    struct tp_name vars[64], params[64];
    size_t         n_vars, n_params;
    int64_t        history; /* values kept before a block */
    struct tp_expr_series series[TP_EXPR_SERIES]; /* the run's own first, then n_series others */
    int                   n_series;
    struct tp_name        fields[32]; /* what scores are called */
    size_t                n_fields;
    int64_t         interval_us; /* 0: not known */
    bool            uses_time;   /* some value depends on the interval */
    double         maker_bps, taker_bps;
};

enum tp_expr_type { TP_EXPR_ANY, TP_EXPR_NUMBER, TP_EXPR_TRUTH };

/* Parses text into nodes and gives the root; equal parts become one node.  -1 with TP_EINPUT saying what is
 * wrong at which column, also when the value is of another type than wanted. */
int tp_expr_parse(struct tp_expr *e, const char *text, enum tp_expr_type type, int *root, struct tp_err *err);
/* Says that root (-1: none) will be asked for; before the first block. */
void tp_expr_want(struct tp_expr *e, int root);
/* Whether the text is a word of the language itself (a price, an account word, an operator). */
bool tp_expr_word(const char *text);
/* Whether a value is made of scores, or of anything else that changes from bar to bar. */
bool tp_expr_reads(const struct tp_expr *e, int node, bool scores);
/* The value as text that reads back as the same value; cut with "..." after some 4,000 bytes. */
void tp_expr_print(const struct tp_expr *e, int node, struct tp_buf *to);
/* Whether the value is an indicator's (with its line of help), and whether it never changes. */
const char *tp_expr_indicator(const struct tp_expr *e, int node);
bool        tp_expr_constant_node(const struct tp_expr *e, int node);
/* Bytes of state and history that are kept between blocks. */
size_t tp_expr_memory(const struct tp_expr *e);
/* The i-th function that is no indicator, as it is called ("cross_up(x, y)"); NULL behind the last. */
const char *tp_expr_function(size_t i);
/* The place of another series; 0 when there is none of that name. */
int tp_expr_series_find(const struct tp_expr *e, const char *name);
/* The value of a constant expression ("$fast * 2"); -1 when it is none. */
int  tp_expr_constant(struct tp_expr *e, const char *text, double *out, struct tp_err *err);
void tp_expr_free(struct tp_expr *e);
/* Takes the next block of bars. */
void tp_expr_block(struct tp_expr *e, const struct tp_bars *bars);
/* The value at bar i of the block; view is asked by account words (NULL: they are na). */
double tp_expr_at(const struct tp_expr *e, int node, size_t i, const struct tp_view *view);

#endif
