/* Bars of coarser intervals for a program that needs them, made of the run's bars as these come. */
#ifndef TP_PROC_SERIES_H
#define TP_PROC_SERIES_H

#include "base/json.h"
#include "market/bucket.h"
#include "market/resample.h"
#include "proc/message.h"

#define TP_SERIES_SHOWN 2 /* bars that one bar of the run can end: the one before a gap, and its own */

struct tp_series {
    struct tp_need     need;
    struct tp_resample made;
    struct tp_bucket   bucket;
    struct tp_candle   ended[TP_SERIES_SHOWN]; /* not shown yet, oldest first */
    size_t             n_ended;
    int64_t            skipped; /* ended and never shown, because newer ones came */
};

/* TP_EINPUT when its bars cannot be made of the run's. */
int  tp_series_init(struct tp_series *s, const struct tp_need *need, const struct tp_interval *run, struct tp_err *err);
/* The run's next bar; what it ends goes to `ended`. */
int  tp_series_put(struct tp_series *s, const struct tp_candle *bar, struct tp_err *err);
/* The bar under way as a JSON object, and back. */
void tp_series_save(const struct tp_series *s, struct tp_buf *to);
int  tp_series_recall(struct tp_series *s, const json_t *saved, struct tp_err *err);

#endif
