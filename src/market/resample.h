/* Coarser candles out of finer ones, exactly. */
#ifndef TP_MARKET_RESAMPLE_H
#define TP_MARKET_RESAMPLE_H

#include "market/candle.h"

struct tp_resample {
    const struct tp_interval *from, *to;
    bool                      complete_only;
    struct tp_candle          bucket;
    int64_t                   count; /* finer candles in the bucket */
};

/* A coarser interval must be a whole number of finer ones: TP_EUSAGE otherwise. */
int tp_resample_init(struct tp_resample *r, const struct tp_interval *from, const struct tp_interval *to,
                     bool complete_only, struct tp_err *err);
/* Takes the next finer candle, later than all before; when it begins another bucket, the one before is
 * given in *out: 1, else 0.  -1 when a volume leaves the range. */
int tp_resample_put(struct tp_resample *r, const struct tp_candle *c, struct tp_candle *out,
                    struct tp_err *err);
/* The last bucket, when it has ended by `now` (none: whenever its last finer candle is there): 1, 0. */
int tp_resample_end(struct tp_resample *r, struct tp_candle *out);

#endif
