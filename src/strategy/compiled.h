/* A document made into what the session asks: filled by document.c and declare.c, asked by decide.c. */
#ifndef TP_STRATEGY_COMPILED_H
#define TP_STRATEGY_COMPILED_H

#include "base/json.h"
#include "strategy/expr.h"
#include "strategy/strategy.h"

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

struct tp_compiled {
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
    struct tp_process    process;
    struct tp_arena      arena; /* of the process */
};

/* ---- member.c: one member of the document ------------------------------------------------------- */

/* All of them take the object (NULL: nothing is there), its path for messages ("$.entry.long") and the
 * member's key, and give 0, or -1 with TP_EINPUT that names path and key. */

/* Parses a member as an expression, notes where it stands and, unless type is ANY, that it is wanted; *node is
 * -1 when it is not there. */
int tp_member_expression(struct tp_compiled *c, const json_t *object, const char *path, const char *key,
                         enum tp_expr_type type, int *node, struct tp_err *err);
/* A constant expression, and one that is a whole number from 0 to 1e9 (0 when it is not there). */
int tp_member_number(struct tp_compiled *c, const json_t *object, const char *path, const char *key, double fallback,
                     double *out, struct tp_err *err);
int tp_member_count(struct tp_compiled *c, const json_t *object, const char *path, const char *key, int64_t *out,
                    struct tp_err *err);
/* The place of a member in the NULL-ended words; fallback when it is not there, -1 when it is another. */
int tp_member_word(const json_t *object, const char *path, const char *key, const char *const *words, int fallback,
                   struct tp_err *err);
/* A text of 1 to 100 bytes, which may be left out unless needed. */
int tp_member_text(const json_t *object, const char *path, const char *key, bool needed, struct tp_err *err);
/* A number written out, no expression; v is the member itself. */
int tp_member_plain(const json_t *v, const char *path, struct tp_dec *out, struct tp_err *err);
/* Every key of the object must be one of the NULL-ended known ones. */
int tp_member_keys(const json_t *object, const char *path, const char *const *known, struct tp_err *err);
/* Whether an expression can say the name: a letter or '_', then letters, digits and '_', at most 63. */
int tp_member_name(const char *path, const char *name, struct tp_err *err);

/* Notes that the value of a node stands at path.key (key may be empty), for explain. */
void tp_member_said(struct tp_compiled *c, const char *path, const char *key, int node);
/* Says why a document that is right cannot be run on one stream of candles; the first reason stays. */
void tp_member_cannot_run(struct tp_compiled *c, const char *path, const char *why);

/* ---- declare.c: what a document names ------------------------------------------------------------ */

/* Each takes its member of the document (NULL: it is not there).  Parameters get the values that opts gives,
 * also in the document itself. */
int tp_declare_params(struct tp_compiled *c, const json_t *params, const struct tp_strategy_opts *opts,
                      struct tp_err *err);
int tp_declare_legs(struct tp_compiled *c, const json_t *legs, const struct tp_strategy_opts *opts,
                    struct tp_err *err);
int tp_declare_data(struct tp_compiled *c, const json_t *data, const struct tp_strategy_opts *opts,
                    struct tp_err *err);
int tp_declare_score(struct tp_compiled *c, const json_t *score, const struct tp_strategy_opts *opts,
                     struct tp_err *err);
int tp_declare_vars(struct tp_compiled *c, const json_t *vars, struct tp_err *err);

/* ---- process.c ------------------------------------------------------------------------------------ */

/* A document with a process that declares no parameters takes any. */
int tp_process_params(json_t *doc, const struct tp_strategy_opts *opts, struct tp_err *err);
/* After the parameters. */
int tp_process_read(struct tp_compiled *c, const json_t *doc, struct tp_err *err);

/* ---- document.c: the rules ----------------------------------------------------------------------- */

/* Reads the whole document into c and makes its canonical text and hash; -1 with TP_EINPUT naming the path. */
int tp_document_read(struct tp_compiled *c, json_t *doc, const struct tp_strategy_opts *opts, struct tp_err *err);

/* ---- decide.c: asked by the session --------------------------------------------------------------- */

extern const struct tp_strategy_ops tp_decide_ops;

#endif
