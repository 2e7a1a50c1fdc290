/* Funding histories as venues and their archives write them: CSV with a header, REST answers, arrays of
 * time and rate, our own records. */
#ifndef TP_EXCHANGE_FUNDING_H
#define TP_EXCHANGE_FUNDING_H

#include <stddef.h>

#include "market/reference.h"

struct tp_fundings {
    struct tp_funding_rate *rows; /* by symbol and time */
    size_t                  n;
    int64_t                 read;   /* rows in the text, those that are passed over among them */
    const char             *symbol; /* only this one's are kept, and rows without a symbol are its own; or NULL */
};

/* Reads a whole text; `symbol` is the caller's, the rest is filled.  -1 with TP_EINPUT names the line or
 * the entry, the column and the value: a rate that is none or at or beyond 10, a price that is not positive or
 * has more than eight places, two different rates of one funding (see tp_funding_stamp). */
int  tp_fundings_read(struct tp_fundings *f, const char *text, size_t n, struct tp_err *err);
void tp_fundings_free(struct tp_fundings *f);

#endif
