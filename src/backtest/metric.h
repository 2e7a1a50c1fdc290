/* Measures of a run: equity bar by bar, days, drawdowns, round trips (definitions tp-metrics/1).
 *
 * Money is decimal; statistics are doubles and become decimals once, at the end, rounded half to even.
 * The sums run bar by bar in time order, so the block size changes nothing. */
#ifndef TP_BACKTEST_METRIC_H
#define TP_BACKTEST_METRIC_H

#include "backtest/backtest.h"
#include "market/bars.h"
#include "trade/book.h"

/* The statistics themselves, on n returns per period.  False: undefined (then *out is untouched). */
bool tp_metric_sharpe(const double *r, size_t n, double periods, double rf, double *out);
bool tp_metric_sortino(const double *r, size_t n, double periods, double rf, double *out);
bool tp_metric_volatility(const double *r, size_t n, double periods, double *out);
/* Compound growth per year of a whole growth factor over n periods. */
bool tp_metric_cagr(double factor, size_t n, double periods, double *out);
/* Largest fall of the compounded returns from a peak (the start included), as a positive fraction. */
double tp_metric_max_drawdown(const double *r, size_t n);
bool   tp_metric_calmar(const double *r, size_t n, double periods, double *out);
/* Sharpe ratio of days (tp-metrics/1) from their last equities, the capital first; none when it is undefined, at
 * a million and above, and when an equity is not above zero. */
struct tp_dec tp_metric_daily_sharpe(const struct tp_dec *ends, size_t n);
/* num / den with so many places, half to even; none when den is zero or the result has no room in its column. */
struct tp_dec tp_metric_quotient(tp_i128 num, tp_i128 den, int places);

struct tp_day_point {
    int64_t        day;
    struct tp_time at;     /* close of its last bar */
    struct tp_dec  equity;
};

/* A fall from a peak: exact equity in units of 1e-16. */
struct tp_fall {
    tp_i128        peak, trough;
    struct tp_time peak_at, trough_at, recovered_at; /* none: not recovered */
};

struct tp_meter {
    int64_t       interval_us;
    struct tp_dec initial;
    /* Asked for every bar when set (--equity). */
    void *to;
    int (*point)(void *to, const struct tp_equity_point *point, struct tp_err *err);

    int64_t       bars, bars_long, bars_short, gaps, missing;
    struct tp_time first, last; /* open times */
    struct tp_dec first_open, last_close;
    bool          ruined;

    /* The last bar waits until it is known whether the end-of-data rule changes it. */
    bool          pending;
    tp_i128       pending_equity;
    double        pending_value;
    struct tp_dec pending_position;

    struct tp_fall now, worst;
    bool           falling;
    int64_t        longest_us;
    struct tp_fall *records; /* each fall deeper than all before */
    size_t          n_records, records_room;

    struct tp_day_point *days;
    size_t               n_days, days_room;
    int64_t              next_day_us; /* open times from here on belong to another day */

    double  last_value, sum, sum_of_squares; /* per-bar returns */

    /* Round trips. */
    int64_t       trips, wins, losses, streak, longest_streak;
    struct tp_dec won, lost, largest_win, largest_loss;
    int64_t       side_trips[2], side_wins[2];
    struct tp_dec side_result[2];
    double        trip_sum, trip_squares, mae_sum, mfe_sum;
    int64_t       held_bars;
};

void tp_meter_init(struct tp_meter *m, int64_t interval_us, struct tp_dec initial);
void tp_meter_free(struct tp_meter *m);
/* The mark hook of a session (to is the meter). */
int tp_meter_span(void *to, const struct tp_bars *bars, size_t from, size_t end,
                  const struct tp_book *book, size_t *taken, struct tp_err *err);
/* Before the next bar's fills: the last bar is over (so that its equity point comes before them). */
int tp_meter_before(void *to, struct tp_err *err);
int tp_meter_trip(struct tp_meter *m, const struct tp_trip *trip, struct tp_err *err);
/* After the end-of-data rule: fills the numbers of the record, and adds the members of `metrics` and
 * the equity curve to the buffers as JSON ("key":value,... without braces; a whole array). */
int tp_meter_end(struct tp_meter *m, const struct tp_book *book, struct tp_backtest *out,
                 struct tp_buf *metrics, struct tp_buf *curve, struct tp_err *err);

#endif
