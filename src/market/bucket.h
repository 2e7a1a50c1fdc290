/* Which bar of a coarser interval a bar belongs to, and when that has ended: the rule of every series that is made of
 * the run's bars, whatever it keeps of them. */
#ifndef TP_MARKET_BUCKET_H
#define TP_MARKET_BUCKET_H

#include "market/interval.h"

/* Zeros: no bar has come. */
struct tp_bucket {
    int64_t start; /* of the coarser bar under way, µs */
    bool    begun; /* there is one */
    bool    seen;  /* there has been one */
    bool    whole; /* the one under way has its first part, or is not the first */
};

enum {
    TP_BUCKET_ENDED = 1,  /* the coarser bar before has ended without its last part: take it before this bar */
    TP_BUCKET_BEGINS = 2, /* this bar is the first of a coarser one */
    TP_BUCKET_ENDS = 4    /* this bar is its last: take it with this bar */
};

/* The next bar, of from_us and opening at time.  What ends is told only when it is whole. */
static inline unsigned
tp_bucket_put(struct tp_bucket *b, const struct tp_interval *to, int64_t from_us, int64_t time)
{
    int64_t  start = tp_interval_floor(to, (struct tp_time){time}).us;
    unsigned what = 0;

    if (b->begun && start != b->start) {
        what = b->whole ? TP_BUCKET_ENDED : 0;
        b->begun = false;
    }
    if (!b->begun) {
        what |= TP_BUCKET_BEGINS;
        b->whole = b->seen || start == time;
        b->seen = b->begun = true;
        b->start = start;
    }
    if (time + from_us >= start + to->us) {
        what |= b->whole ? TP_BUCKET_ENDS : 0;
        b->begun = false;
    }
    return what;
}

#endif
