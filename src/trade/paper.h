/* The simulated broker: the fill engine behind broker.h. */
#ifndef TP_TRADE_PAPER_H
#define TP_TRADE_PAPER_H

#include "trade/broker.h"

struct tp_paper {
    struct tp_broker broker; /* first: the two convert into each other */
    struct tp_match  match;
};

/* Arguments as tp_match_init takes them. */
void tp_paper_init(struct tp_paper *p, const struct tp_knobs *knobs, const struct tp_symbol *symbol,
                   struct tp_book *book, const struct tp_sink *sink, const char *seed);
void tp_paper_free(struct tp_paper *p);

#endif
