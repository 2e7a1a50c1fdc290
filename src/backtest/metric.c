#include "backtest/metric.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define DAYS_A_YEAR 365.0
#define EXACT ((tp_i128)TP_DEC_ONE * TP_DEC_ONE) /* one, in units of 1e-16 */

/* ---- statistics ------------------------------------------------------------------------------ */

static double
mean_of(const double *r, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += r[i];
    return sum / (double)n;
}

/* Sample deviation (n - 1). */
static double
deviation_of(const double *r, size_t n)
{
    double mean = mean_of(r, n), sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (r[i] - mean) * (r[i] - mean);
    return sqrt(sum / (double)(n - 1));
}

/* Whether a spread of that size is nothing but the rounding of equal values. */
static bool
no_spread(double spread, double level)
{
    return !(spread > 1e-14 * (fabs(level) > 1e-6 ? fabs(level) : 1e-6));
}

bool
tp_metric_sharpe(const double *r, size_t n, double periods, double rf, double *out)
{
    double mean, sd;

    if (n < 2)
        return false;
    mean = mean_of(r, n);
    sd = deviation_of(r, n);
    if (no_spread(sd, mean))
        return false;
    *out = sqrt(periods) * (mean - rf) / sd;
    return isfinite(*out);
}

bool
tp_metric_sortino(const double *r, size_t n, double periods, double rf, double *out)
{
    double sum = 0, down;

    if (n < 2)
        return false;
    for (size_t i = 0; i < n; i++)
        if (r[i] < rf)
            sum += (r[i] - rf) * (r[i] - rf);
    down = sqrt(sum / (double)n);
    if (!(down > 0))
        return false;
    *out = sqrt(periods) * (mean_of(r, n) - rf) / down;
    return isfinite(*out);
}

bool
tp_metric_volatility(const double *r, size_t n, double periods, double *out)
{
    if (n < 2)
        return false;
    *out = deviation_of(r, n) * sqrt(periods);
    return isfinite(*out);
}

bool
tp_metric_cagr(double factor, size_t n, double periods, double *out)
{
    if (n == 0 || !(factor > 0))
        return false;
    *out = pow(factor, periods / (double)n) - 1;
    return isfinite(*out);
}

double
tp_metric_max_drawdown(const double *r, size_t n)
{
    double value = 1, peak = 1, worst = 0;

    for (size_t i = 0; i < n; i++) {
        value *= 1 + r[i];
        if (value > peak)
            peak = value;
        if ((peak - value) / peak > worst)
            worst = (peak - value) / peak;
    }
    return worst;
}

bool
tp_metric_calmar(const double *r, size_t n, double periods, double *out)
{
    double factor = 1, growth, fall = tp_metric_max_drawdown(r, n);

    for (size_t i = 0; i < n; i++)
        factor *= 1 + r[i];
    if (!(fall > 0) || !tp_metric_cagr(factor, n, periods, &growth))
        return false;
    *out = growth / fall;
    return isfinite(*out);
}

/* ---- equity ---------------------------------------------------------------------------------- */

void
tp_meter_init(struct tp_meter *m, int64_t interval_us, struct tp_dec initial)
{
    memset(m, 0, sizeof *m);
    m->interval_us = interval_us;
    m->initial = initial;
    m->now.peak = m->now.trough = initial.units * TP_DEC_ONE;
    m->now.recovered_at = m->worst.recovered_at = TP_TIME_NONE;
    m->last_value = (double)initial.units * 1e-8;
    m->largest_win = m->largest_loss = TP_DEC_NONE;
    m->next_day_us = INT64_MIN;
}

void
tp_meter_free(struct tp_meter *m)
{
    free(m->records);
    free(m->days);
    m->records = NULL;
    m->days = NULL;
}

static struct tp_dec
rounded(tp_i128 exact)
{
    return (struct tp_dec){tp_div_round(exact, TP_DEC_ONE, TP_HALF_AWAY)};
}

/* Whether fall a is deeper than b, in parts of their peaks; compared without dividing. */
static bool
deeper(const struct tp_fall *a, const struct tp_fall *b)
{
    tp_i128 pa = rounded(a->peak).units, pb = rounded(b->peak).units;
    tp_i128 da = pa - rounded(a->trough).units, db = pb - rounded(b->trough).units;

    if (b->peak == 0)
        return true;
    while (pa > INT64_MAX || pb > INT64_MAX) {
        pa /= 10;
        da /= 10;
        pb /= 10;
        db /= 10;
    }
    return da * pb > db * pa;
}

/* The fall that ended (or the data did): longest, deepest, record. */
static void
close_fall(struct tp_meter *m, struct tp_time at, bool recovered)
{
    int64_t lasted = at.us - m->now.peak_at.us;

    if (!m->falling)
        return;
    if (lasted > m->longest_us)
        m->longest_us = lasted;
    m->now.recovered_at = recovered ? at : TP_TIME_NONE;
    if (deeper(&m->now, &m->worst)) {
        m->worst = m->now;
        if (m->n_records == m->records_room) {
            m->records_room = m->records_room ? 2 * m->records_room : 16;
            m->records = tp_realloc(m->records, m->records_room * sizeof *m->records);
        }
        m->records[m->n_records++] = m->now;
    }
    m->falling = false;
}

static void
new_peak(struct tp_meter *m, tp_i128 equity, struct tp_time at)
{
    close_fall(m, at, true);
    m->now.peak = m->now.trough = equity;
    m->now.peak_at = at;
}

static void
new_trough(struct tp_meter *m, tp_i128 equity, struct tp_time at)
{
    m->falling = true;
    m->now.trough = equity;
    m->now.trough_at = at;
}

static void
next_return(struct tp_meter *m, double value)
{
    double r = value / m->last_value - 1;

    m->sum += r;
    m->sum_of_squares += r * r;
    m->last_value = value;
}

static void
close_day(struct tp_meter *m, int64_t open_us, tp_i128 equity)
{
    int64_t              day = tp_time_day((struct tp_time){open_us});
    struct tp_day_point *p;

    if (m->n_days == 0 || m->days[m->n_days - 1].day != day) {
        if (m->n_days == m->days_room) {
            m->days_room = m->days_room ? 2 * m->days_room : 64;
            m->days = tp_realloc(m->days, m->days_room * sizeof *m->days);
        }
        m->days[m->n_days++].day = day;
    }
    p = &m->days[m->n_days - 1];
    p->at.us = open_us + m->interval_us;
    p->equity = rounded(equity);
}

/* Takes in the bar that waited: m->last is its open time. */
static int
take_pending(struct tp_meter *m, struct tp_err *err)
{
    struct tp_time at = {m->last.us + m->interval_us};

    if (!m->pending)
        return 0;
    m->pending = false;
    next_return(m, m->pending_value);
    if (m->pending_equity >= m->now.peak)
        new_peak(m, m->pending_equity, at);
    else if (m->pending_equity < m->now.trough)
        new_trough(m, m->pending_equity, at);
    if (m->point) {
        struct tp_equity_point p = {.time = at,
                                    .equity = rounded(m->pending_equity),
                                    .price = m->last_close,
                                    .position = m->pending_position};

        return m->point(m->to, &p, err);
    }
    return 0;
}

int
tp_meter_before(void *to, struct tp_err *err)
{
    return take_pending(to, err);
}

/* The bars of the book's position: exact equity = base + side * quantity * close. */
struct holding {
    tp_i128 base, quantity;
    int     side;
    double  base_value, quantity_value;
};

static struct holding
holding_of(const struct tp_book *b)
{
    struct holding h;
    tp_i128        quantity, cost;

    tp_book_net(b, &quantity, &cost);
    h.side = (quantity > 0) - (quantity < 0);
    h.quantity = quantity < 0 ? -quantity : quantity;
    h.base = tp_book_equity_exact(b, TP_DEC_ZERO);
    h.base_value = (double)h.base * 1e-16;
    h.quantity_value = (double)h.quantity * 1e-8 * h.side;
    return h;
}

static tp_i128
ceil_div(tp_i128 a, tp_i128 b)
{
    return tp_div_round(a, b, TP_UP);
}

static int64_t
clip(tp_i128 v)
{
    if (v > INT64_MAX)
        return INT64_MAX;
    return v < -INT64_MAX ? -INT64_MAX : (int64_t)v;
}

/* Bars [from, end) of one day while something is held, closes narrow.  Equity rises and falls with the
 * close (with its negative for a short), so peaks and troughs are found by comparing closes. */
static size_t
held_bars(struct tp_meter *m, const struct tp_bars *bars, size_t from, size_t end,
          const struct holding *h)
{
    const int64_t *closes = bars->close.narrow;
    int64_t        side = h->side;
    int64_t        peak = clip(ceil_div(m->now.peak - h->base, h->quantity));
    int64_t        trough = clip(ceil_div(m->now.trough - h->base, h->quantity));
    double         last = m->last_value, sum = m->sum, squares = m->sum_of_squares;
    size_t         i;

    for (i = from; i < end; i++) {
        int64_t close = closes[i] * side;
        double  value = h->base_value + h->quantity_value * ((double)closes[i] * 1e-8);
        double  r = value / last - 1;

        sum += r;
        squares += r * r;
        last = value;
        if (close >= peak) {
            new_peak(m, h->base + h->quantity * close, (struct tp_time){bars->time[i] + m->interval_us});
            peak = trough = close;
        } else if (close < trough) {
            tp_i128 equity = h->base + h->quantity * close;

            if (equity <= 0)
                break;
            new_trough(m, equity, (struct tp_time){bars->time[i] + m->interval_us});
            trough = close;
        }
    }
    m->last_value = last;
    m->sum = sum;
    m->sum_of_squares = squares;
    return i;
}

/* One bar becomes the one that waits; false when it ruins the account. */
static bool
wait_with(struct tp_meter *m, const struct tp_bars *bars, size_t i, const struct holding *h)
{
    struct tp_dec close = tp_column_get(&bars->close, i);

    m->pending = true;
    m->last.us = bars->time[i];
    m->last_close = close;
    m->pending_equity = h->base + h->side * h->quantity * close.units;
    m->pending_value = h->base_value + h->quantity_value * ((double)close.units * 1e-8);
    m->pending_position.units = h->side * h->quantity;
    return m->pending_equity > 0;
}

static void
count_gaps(struct tp_meter *m, const struct tp_bars *bars, size_t from, size_t end)
{
    int64_t before = m->bars ? m->last.us : bars->time[from] - m->interval_us;

    if (bars->time[end - 1] - before == (int64_t)(end - from) * m->interval_us)
        return;
    for (size_t i = from; i < end; i++) {
        if (bars->time[i] - before > m->interval_us) {
            m->gaps++;
            m->missing += (bars->time[i] - before) / m->interval_us - 1;
        }
        before = bars->time[i];
    }
}

/* Index of the first bar of [from, end) that opens at or after a time. */
static size_t
bar_at(const struct tp_bars *bars, size_t from, size_t end, int64_t us)
{
    if (bars->time[end - 1] < us)
        return end;
    while (from < end) {
        size_t middle = from + (end - from) / 2;

        if (bars->time[middle] < us)
            from = middle + 1;
        else
            end = middle;
    }
    return from;
}

int
tp_meter_span(void *to, const struct tp_bars *bars, size_t from, size_t end,
              const struct tp_book *book, size_t *taken, struct tp_err *err)
{
    struct tp_meter *m = to;
    struct holding   h = holding_of(book);
    size_t           i = from;

    *taken = 0;
    if (m->bars == 0) {
        m->first.us = bars->time[from];
        m->now.peak_at = m->first;
        m->first_open = tp_column_get(&bars->open, from);
        m->next_day_us = (tp_time_day(m->first) + 1) * TP_US_DAY;
    }
    count_gaps(m, bars, from, end);
    while (i < end) {
        size_t day_end, fast;

        if (m->bars && bars->time[i] >= m->next_day_us) {
            close_day(m, m->last.us, m->pending_equity);
            m->next_day_us = (tp_time_day((struct tp_time){bars->time[i]}) + 1) * TP_US_DAY;
        }
        if (take_pending(m, err))
            return -1;
        day_end = bar_at(bars, i, end, m->next_day_us);
        fast = day_end - 1; /* the last bar of the day, or of the span, waits */
        if (m->point || (h.side && !bars->close.narrow))
            fast = i;
        if (fast > i) {
            size_t stop = fast;

            if (h.side) {
                stop = held_bars(m, bars, i, fast, &h);
            } else {
                double value = h.base_value;

                /* A flat account: returns of zero after the first, the peak moves on. */
                next_return(m, value);
                if (h.base >= m->now.peak)
                    new_peak(m, h.base, (struct tp_time){bars->time[fast - 1] + m->interval_us});
                else if (h.base < m->now.trough)
                    new_trough(m, h.base, (struct tp_time){bars->time[i] + m->interval_us});
            }
            m->bars += (int64_t)(stop - i);
            m->bars_long += h.side > 0 ? (int64_t)(stop - i) : 0;
            m->bars_short += h.side < 0 ? (int64_t)(stop - i) : 0;
            i = stop;
        }
        m->bars++;
        m->bars_long += h.side > 0;
        m->bars_short += h.side < 0;
        if (!wait_with(m, bars, i, &h)) {
            m->ruined = true;
            i++;
            *taken = i - from;
            return 1;
        }
        i++;
    }
    *taken = end - from;
    return 0;
}

int
tp_meter_trip(struct tp_meter *m, const struct tp_trip *t, struct tp_err *err)
{
    int    sign = tp_dec_sign(t->pnl), short_side = strcmp(t->side, "SHORT") == 0;
    double result = (double)t->pnl.units * 1e-8;

    m->trips++;
    m->side_trips[short_side]++;
    m->held_bars += t->bars_held;
    m->trip_sum += result;
    m->trip_squares += result * result;
    m->mae_sum += (double)t->mae.units * 1e-8;
    m->mfe_sum += (double)t->mfe.units * 1e-8;
    if (tp_dec_add(&m->side_result[short_side], m->side_result[short_side], t->pnl, err))
        return -1;
    if (sign > 0) {
        m->wins++;
        m->side_wins[short_side]++;
        m->streak = 0;
        if (tp_dec_none(m->largest_win) || tp_dec_cmp(t->pnl, m->largest_win) > 0)
            m->largest_win = t->pnl;
        return tp_dec_add(&m->won, m->won, t->pnl, err);
    }
    if (sign < 0) {
        m->losses++;
        if (++m->streak > m->longest_streak)
            m->longest_streak = m->streak;
        if (tp_dec_none(m->largest_loss) || tp_dec_cmp(t->pnl, m->largest_loss) < 0)
            m->largest_loss = t->pnl;
        return tp_dec_add(&m->lost, m->lost, t->pnl, err);
    }
    m->streak = 0;
    return 0;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* A statistic as a decimal of four places; none when undefined or too large for the column. */
static struct tp_dec
ratio(bool defined, double value, bool *overflow)
{
    if (!defined || !isfinite(value))
        return TP_DEC_NONE;
    if (fabs(value) >= 999999.99995) {
        *overflow = true;
        return TP_DEC_NONE;
    }
    /* nearbyint rounds half to even. */
    return (struct tp_dec){(tp_i128)(int64_t)nearbyint(value * 1e4) * 10000};
}

/* num / den with so many places, half to even, in decimal; none when den is zero. */
static struct tp_dec
quotient(tp_i128 num, tp_i128 den, int places, bool *overflow)
{
    tp_i128 scale = 1, unit = TP_DEC_ONE, q;

    if (den == 0)
        return TP_DEC_NONE;
    for (int i = 0; i < places; i++) {
        scale *= 10;
        unit /= 10;
    }
    if (den < 0) {
        num = -num;
        den = -den;
    }
    q = tp_div_round(num * scale, den, TP_HALF_EVEN);
    if (q / scale > 999999 || q / scale < -999999) {
        *overflow = true;
        return TP_DEC_NONE;
    }
    return (struct tp_dec){q * unit};
}

struct tp_dec
tp_metric_quotient(tp_i128 num, tp_i128 den, int places)
{
    bool overflow = false;

    return quotient(num, den, places, &overflow);
}

struct tp_dec
tp_metric_daily_sharpe(const struct tp_dec *ends, size_t n)
{
    double *r = tp_alloc((n + 1) * sizeof *r), value = 0;
    bool    overflow = false, good = n > 2;

    for (size_t i = 1; i < n && good; i++) {
        good = tp_dec_sign(ends[i]) > 0 && tp_dec_sign(ends[i - 1]) > 0;
        if (good)
            r[i - 1] = (double)ends[i].units / (double)ends[i - 1].units - 1;
    }
    good = good && tp_metric_sharpe(r, n - 1, DAYS_A_YEAR, 0, &value);
    free(r);
    return ratio(good, value, &overflow);
}

static void
put_dec(struct tp_buf *to, const char *key, struct tp_dec value, int places)
{
    char text[TP_DEC_TEXT];

    if (tp_dec_none(value)) {
        tp_buf_fmt(to, "\"%s\":null,", key);
        return;
    }
    tp_dec_print(text, value, places);
    tp_buf_fmt(to, "\"%s\":\"%s\",", key, text);
}

static void
put_int(struct tp_buf *to, const char *key, int64_t value)
{
    tp_buf_fmt(to, "\"%s\":%lld,", key, (long long)value);
}

static void
put_time(struct tp_buf *to, const char *key, struct tp_time value)
{
    char text[TP_TIME_TEXT];

    if (tp_time_none(value)) {
        tp_buf_fmt(to, "\"%s\":null,", key);
        return;
    }
    tp_time_print(text, value);
    tp_buf_fmt(to, "\"%s\":\"%s\",", key, text);
}

static void
end_object(struct tp_buf *to, const char *with)
{
    if (to->n && to->at[to->n - 1] == ',')
        to->at[--to->n] = '\0';
    tp_buf_text(to, with);
}

/* The daily returns r[0..n), days without bars carried forward; the caller frees. */
static double *
daily_returns(const struct tp_meter *m, size_t *n)
{
    size_t  count = m->n_days ? (size_t)(m->days[m->n_days - 1].day - m->days[0].day + 1) : 0, at = 0;
    double *r = tp_alloc((count ? count : 1) * sizeof *r);
    double  before = (double)m->initial.units;

    for (size_t d = 0; d < m->n_days; d++) {
        double equity = (double)m->days[d].equity.units;
        size_t place = (size_t)(m->days[d].day - m->days[0].day);

        while (at < place)
            r[at++] = 0;
        r[at++] = equity / before - 1;
        before = equity;
    }
    *n = count;
    return r;
}

/* The Sharpe ratio as other toolkits define it, for comparison. */
static void
put_alternatives(const struct tp_meter *m, const double *r, size_t n, struct tp_buf *to, bool *overflow)
{
    double value = 0, mean, spread, growth = 0, sum = 0, days;
    bool   good;

    tp_buf_text(to, "\"alt\":{");
    /* backtesting.py: geometric annual return by its volatility; its first day has no return. */
    good = n > 2 && !m->ruined;
    if (good) {
        for (size_t i = 1; i < n; i++)
            growth += log(1 + r[i]);
        growth = exp(growth / (double)n);
        spread = deviation_of(r + 1, n - 1);
        spread = sqrt(pow(spread * spread + growth * growth, DAYS_A_YEAR)
                      - pow(growth, 2 * DAYS_A_YEAR));
        good = spread > 0;
        value = (pow(growth, DAYS_A_YEAR) - 1) / spread;
    }
    put_dec(to, "bt", ratio(good, value, overflow), 4);
    /* freqtrade: results per trade in parts of the capital, population deviation. */
    days = (double)((m->last.us - m->first.us) / TP_US_DAY);
    good = m->trips > 1 && days >= 1;
    if (good) {
        double capital = (double)m->initial.units * 1e-8, count = (double)m->trips;

        sum = m->trip_sum / capital;
        mean = sum / count;
        spread = sqrt(fmax(m->trip_squares / capital / capital / count - mean * mean, 0));
        good = !no_spread(spread, mean);
        value = sum / days / spread * sqrt(DAYS_A_YEAR);
    }
    put_dec(to, "freqtrade", ratio(good, value, overflow), 4);
    /* vectorbt: returns of bars. */
    good = m->bars > 1 && !m->ruined;
    if (good) {
        double count = (double)m->bars;

        mean = m->sum / count;
        spread = sqrt(fmax((m->sum_of_squares - count * mean * mean) / (count - 1), 0));
        good = spread > 0 && !no_spread(spread, mean);
        value = mean / spread * sqrt(DAYS_A_YEAR * (double)TP_US_DAY / (double)m->interval_us);
    }
    put_dec(to, "per_bar", ratio(good, value, overflow), 4);
    good = tp_metric_sharpe(r, n, 252, 0, &value);
    put_dec(to, "daily252", ratio(good && !m->ruined, value, overflow), 4);
    end_object(to, "},");
}

/* Each calendar month's return in percent. */
static void
put_months(const struct tp_meter *m, struct tp_buf *to, bool *overflow)
{
    struct tp_dec before = m->initial;

    tp_buf_text(to, "\"monthly\":{");
    for (size_t d = 0; d < m->n_days; d++) {
        struct tp_civil c = tp_time_civil((struct tp_time){m->days[d].day * TP_US_DAY});
        struct tp_civil next = {0};
        char            key[24];
        struct tp_dec   now = m->days[d].equity;

        if (d + 1 < m->n_days) {
            next = tp_time_civil((struct tp_time){m->days[d + 1].day * TP_US_DAY});
            if (next.year == c.year && next.month == c.month)
                continue;
        }
        snprintf(key, sizeof key, "%04d-%02d", c.year, c.month);
        put_dec(to, key,
                before.units > 0 ? quotient(100 * (now.units - before.units), before.units, 4, overflow)
                                 : TP_DEC_NONE,
                4);
        before = now;
    }
    end_object(to, "},");
}

static int
by_time(const void *a, const void *b)
{
    const struct tp_day_point *x = a, *y = b;

    return (x->at.us > y->at.us) - (x->at.us < y->at.us);
}

static void
put_curve(const struct tp_meter *m, struct tp_buf *to)
{
    size_t               n = 0, used = 0;
    struct tp_day_point *all = tp_alloc((1 + m->n_days + 2 * m->n_records) * sizeof *all);

    all[n++] = (struct tp_day_point){.at = m->first, .equity = m->initial};
    for (size_t i = 0; i < m->n_days; i++)
        all[n++] = m->days[i];
    for (size_t i = 0; i < m->n_records; i++) {
        all[n++] = (struct tp_day_point){.at = m->records[i].peak_at,
                                         .equity = rounded(m->records[i].peak)};
        all[n++] = (struct tp_day_point){.at = m->records[i].trough_at,
                                         .equity = rounded(m->records[i].trough)};
    }
    qsort(all, n, sizeof *all, by_time);
    tp_buf_char(to, '[');
    for (size_t i = 0; i < n; i++) {
        char time[TP_TIME_TEXT], equity[TP_DEC_TEXT];

        if (i && all[i].at.us == all[i - 1].at.us)
            continue;
        tp_time_print(time, all[i].at);
        tp_dec_print(equity, all[i].equity, TP_DEC_SCALE);
        tp_buf_fmt(to, "%s[\"%s\",\"%s\"]", used++ ? "," : "", time, equity);
    }
    tp_buf_char(to, ']');
    free(all);
}

static void
put_side(const struct tp_meter *m, const char *name, int place, struct tp_buf *to, bool *overflow)
{
    tp_buf_fmt(to, "\"%s\":{", name);
    put_int(to, "trades", m->side_trips[place]);
    put_int(to, "winning_trades", m->side_wins[place]);
    put_dec(to, "win_rate", quotient(100 * m->side_wins[place], m->side_trips[place], 2, overflow), 2);
    put_dec(to, "pnl", m->side_result[place], 8);
    end_object(to, "},");
}

static void
put_trips(const struct tp_meter *m, struct tp_buf *to, bool *overflow)
{
    double count = (double)m->trips, mean = m->trips ? m->trip_sum / count : 0, spread = 0;

    put_int(to, "breakeven_trades", m->trips - m->wins - m->losses);
    put_dec(to, "expectancy",
            quotient(m->won.units + m->lost.units, (tp_i128)m->trips * TP_DEC_ONE, 8, overflow), 8);
    if (m->trips > 1)
        spread = sqrt(fmax((m->trip_squares - count * mean * mean) / (count - 1), 0));
    put_dec(to, "sqn",
            ratio(m->trips > 1 && !no_spread(spread, mean), sqrt(count) * mean / spread, overflow), 4);
    put_int(to, "longest_losing_streak", m->longest_streak);
    put_dec(to, "avg_mae_percent", ratio(m->trips > 0, m->mae_sum / count, overflow), 4);
    put_dec(to, "avg_mfe_percent", ratio(m->trips > 0, m->mfe_sum / count, overflow), 4);
    put_dec(to, "avg_bars_held", quotient(m->held_bars, m->trips, 4, overflow), 4);
    put_side(m, "long", 0, to, overflow);
    put_side(m, "short", 1, to, overflow);
}

static void
put_drawdown(const struct tp_meter *m, struct tp_buf *to)
{
    bool any = m->worst.peak != 0;

    tp_buf_text(to, "\"drawdown\":{");
    put_dec(to, "amount",
            any ? (struct tp_dec){rounded(m->worst.peak).units - rounded(m->worst.trough).units}
                : TP_DEC_ZERO,
            8);
    put_time(to, "peak_at", any ? m->worst.peak_at : TP_TIME_NONE);
    put_time(to, "trough_at", any ? m->worst.trough_at : TP_TIME_NONE);
    put_time(to, "recovered_at", any ? m->worst.recovered_at : TP_TIME_NONE);
    end_object(to, "},");
}

int
tp_meter_end(struct tp_meter *m, const struct tp_book *book, struct tp_backtest *out,
             struct tp_buf *to, struct tp_buf *curve, struct tp_err *err)
{
    bool    overflow = false, good;
    double *r, value = 0, growth = 0, fall;
    size_t  n;
    tp_i128 cost;

    if (m->bars == 0)
        return tp_fail(err, TP_EINPUT, "there are no candles");
    /* The end-of-data rule may have changed the last bar's equity. */
    m->pending_equity = tp_book_equity_exact(book, m->last_close);
    m->pending_value = (double)m->pending_equity * 1e-16;
    tp_book_net(book, &m->pending_position.units, &cost);
    close_day(m, m->last.us, m->pending_equity);
    if (take_pending(m, err))
        return -1;
    close_fall(m, (struct tp_time){m->last.us + m->interval_us}, false);

    out->start_date = tp_time_day(m->first);
    out->end_date = tp_time_day(m->last);
    out->initial_capital = m->initial;
    out->final_equity = rounded(m->pending_equity);
    out->total_trades = m->trips;
    out->winning_trades = m->wins;
    out->losing_trades = m->losses;
    out->win_rate = quotient(100 * m->wins, m->trips, 2, &overflow);
    out->profit_factor = quotient(m->won.units, -m->lost.units, 4, &overflow);
    /* Averages are money: as many digits as money has. */
    out->avg_win = out->avg_loss = TP_DEC_NONE;
    if (m->wins && tp_dec_div(&out->avg_win, m->won, tp_dec_int(m->wins), TP_HALF_EVEN, err))
        return -1;
    if (m->losses && tp_dec_div(&out->avg_loss, m->lost, tp_dec_int(m->losses), TP_HALF_EVEN, err))
        return -1;
    out->largest_win = m->largest_win;
    out->largest_loss = m->largest_loss;
    out->max_drawdown = TP_DEC_ZERO;
    if (m->worst.peak)
        out->max_drawdown = quotient(
            100 * (rounded(m->worst.peak).units - rounded(m->worst.trough).units),
            rounded(m->worst.peak).units, 4, &overflow);
    out->max_drawdown_duration_hours = (struct tp_dec){
        tp_div_round((tp_i128)m->longest_us * 100, TP_US_HOUR, TP_HALF_EVEN) * (TP_DEC_ONE / 100)};

    r = daily_returns(m, &n);
    good = !m->ruined && tp_metric_sharpe(r, n, DAYS_A_YEAR, 0, &value);
    out->sharpe_ratio = ratio(good, value, &overflow);
    good = !m->ruined && tp_metric_sortino(r, n, DAYS_A_YEAR, 0, &value);
    out->sortino_ratio = ratio(good, value, &overflow);

    tp_buf_fmt(to, "\"definition\":\"%s\",\"engine_version\":%d,", TP_METRICS_VERSION,
               TP_ENGINE_VERSION);
    put_int(to, "bars", m->bars);
    put_int(to, "days", (int64_t)n);
    put_time(to, "first_bar_at", m->first);
    put_time(to, "last_bar_at", m->last);
    put_int(to, "gaps", m->gaps);
    put_int(to, "missing_bars", m->missing);
    put_dec(to, "exposure_percent", quotient(100 * (m->bars_long + m->bars_short), m->bars, 4, &overflow), 4);
    put_dec(to, "total_return_percent",
            quotient(100 * (out->final_equity.units - m->initial.units), m->initial.units, 4, &overflow), 4);
    put_dec(to, "buy_and_hold_percent",
            quotient(100 * (m->last_close.units - m->first_open.units), m->first_open.units, 4, &overflow), 4);
    put_dec(to, "turnover", book->turnover, 8);
    put_dec(to, "fees", book->fees, 8);
    put_dec(to, "slippage_cost", book->slippage, 8);
    put_dec(to, "funding", book->funding, 8);
    put_int(to, "fills", book->fills);
    good = !m->ruined
           && tp_metric_cagr((double)out->final_equity.units / (double)m->initial.units, n, DAYS_A_YEAR,
                             &growth);
    put_dec(to, "cagr_percent", ratio(good, 100 * growth, &overflow), 4);
    fall = tp_dec_none(out->max_drawdown) ? 0 : (double)out->max_drawdown.units * 1e-8;
    put_dec(to, "calmar", ratio(good && fall > 0, 100 * growth / fall, &overflow), 4);
    good = tp_metric_volatility(r, n, DAYS_A_YEAR, &value);
    put_dec(to, "volatility_percent", ratio(good && !m->ruined, 100 * value, &overflow), 4);
    put_trips(m, to, &overflow);
    put_drawdown(m, to);
    put_months(m, to, &overflow);
    put_alternatives(m, r, n, to, &overflow);
    tp_buf_fmt(to, "\"ruined\":%s,\"overflow\":%s,", m->ruined ? "true" : "false",
               overflow ? "true" : "false");
    put_curve(m, curve);
    free(r);
    return 0;
}
