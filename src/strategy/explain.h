/* What a strategy document says, part by part, in English sentences. */
#ifndef TP_STRATEGY_EXPLAIN_H
#define TP_STRATEGY_EXPLAIN_H

#include "base/record.h"
#include "strategy/strategy.h"

struct tp_strategy_part {
    char        part[12]; /* strategy, parameter, series, variable, indicator, rule, protection, limit */
    const char *name;     /* JSON path in the document, or the indicator as a function call */
    int64_t     warmup;   /* leading bars of its own series without a value; INT64_MIN: does not apply */
    const char *says;     /* a sentence */
};

extern const struct tp_record tp_strategy_part_record;

/* The parts in the order in which they are worked out.  Texts are the arena's. */
void tp_strategy_explain(const struct tp_strategy *s, struct tp_arena *arena, struct tp_strategy_part **parts,
                         size_t *n);

#endif
