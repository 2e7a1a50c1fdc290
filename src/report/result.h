/* A backtest's record in the shapes that charts, tables and pages take. */
#ifndef TP_REPORT_RESULT_H
#define TP_REPORT_RESULT_H

#include "backtest/backtest.h"
#include "report/report.h"

/* The equity curve in quote currency.  The caller frees *out (NULL when the record has none); -1 with
 * TP_EINPUT when the record's JSON is malformed. */
int tp_result_curve(const struct tp_backtest *b, struct tp_report_point **out, size_t *n, struct tp_err *err);

/* Calls each for every measure that has a value: the record's plain columns but ids, in their order, then the
 * members of `metrics` that people ask for first.  -1 when each gives -1, or with TP_EINPUT. */
int tp_result_measures(const struct tp_backtest *b, int (*each)(void *to, const char *name, const char *value, size_t n),
                       void *to, struct tp_err *err);

/* Appends one self-contained page; price: closes of its bars, or none.  -1 with TP_EINPUT. */
int tp_result_page(struct tp_buf *page, const struct tp_backtest *b, const struct tp_sampler *price,
                   struct tp_arena *arena, struct tp_err *err);

#endif
