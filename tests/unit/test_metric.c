/* The measures against known answers, and against the reference cases of other toolkits where they
 * lie beside the project (../shared/data/metrics); docs/metrics.md lists which agree and which differ. */
#include "backtest/metric.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "tests/unit/tap.h"

static bool
near(double got, double want, double within)
{
    return fabs(got - want) <= within;
}

static void
own_cases(void)
{
    static const double mixed[] = {0.01, 0.1, -0.04, 0.02, 0.03, 0.02, 0.01, -0.1};
    static const double flat[] = {0.01, 0.01, 0.01, 0.01};
    static const double up[] = {0.01, 0.02};
    double              v = 0;

    ok(tp_metric_sharpe(mixed, 8, 252, 0, &v) && near(v, 1.7238613961706866, 1e-12), "sharpe of mixed returns");
    ok(tp_metric_sortino(mixed, 8, 252, 0, &v) && near(v, 2.605531251673693, 1e-12), "sortino of mixed returns");
    ok(!tp_metric_sharpe(flat, 4, 365, 0, &v), "equal returns have no sharpe ratio");
    ok(!tp_metric_sharpe(mixed, 1, 365, 0, &v), "one return has no sharpe ratio");
    ok(!tp_metric_sortino(up, 2, 365, 0, &v), "without a losing day there is no sortino ratio");
    ok(near(tp_metric_max_drawdown(mixed, 8), 0.1, 1e-12), "drawdown of mixed returns");
    ok(tp_metric_cagr(2, 365, 365, &v) && near(v, 1, 1e-12), "doubling in a year is 100 percent");
    ok(!tp_metric_cagr(-1, 10, 365, &v), "a ruined account has no growth rate");
}

/* ---- the streaming meter --------------------------------------------------------------------- */

static struct tp_dec
dec(const char *text)
{
    struct tp_err err = TP_ERR_INIT;
    struct tp_dec d = TP_DEC_NONE;

    tp_dec_parse(text, strlen(text), &d, &err);
    return d;
}

/* How the closes are measured: a listener makes the meter look at each bar by itself. */
struct how {
    int     side;
    int64_t interval_us;
    size_t  block;
    int (*point)(void *to, const struct tp_equity_point *point, struct tp_err *err);
};

/* One unit held from 100 on through these closes; capital 100. */
static void
measure(const int64_t *closes, size_t n, const struct how *how, struct tp_backtest *out,
        struct tp_buf *metrics, struct tp_buf *curve)
{
    int64_t         interval_us = how->interval_us;
    size_t          block = how->block;
    struct tp_meter m;
    struct tp_book  book;
    struct tp_err   err = TP_ERR_INIT;
    struct tp_bars  bars;
    struct tp_fill  f = {.side = how->side,
                         .direction = how->side,
                         .price = dec("100"),
                         .quantity = dec("1"),
                         .fee = TP_DEC_ZERO,
                         .slippage = TP_DEC_ZERO,
                         .leverage = tp_dec_int(1),
                         .reason = "TEST"};
    struct tp_trip  trip;
    struct tp_dec   pnl;
    int             closed;
    bool            good = true;

    tp_book_init(&book, "TEST", dec("100"), false);
    good = tp_book_apply(&book, &f, &pnl, &trip, &closed, &err) == 0;
    tp_meter_init(&m, interval_us, dec("100"));
    m.point = how->point;
    tp_bars_init(&bars, block);
    for (size_t i = 0; i < n; i++) {
        struct tp_candle c;
        size_t           taken;

        tp_record_init(&tp_candle_record, &c);
        c.timestamp.us = (int64_t)i * interval_us;
        c.open = c.high = c.low = c.close = (struct tp_dec){(tp_i128)closes[i] * TP_DEC_ONE};
        c.volume = TP_DEC_ZERO;
        tp_bars_push(&bars, &c);
        if (bars.n == block || i + 1 == n) {
            good = good && tp_meter_span(&m, &bars, 0, bars.n, &book, &taken, &err) == 0;
            tp_bars_clear(&bars);
        }
    }
    tp_record_init(&tp_backtest_record, out);
    good = good && tp_meter_end(&m, &book, out, metrics, curve, &err) == 0;
    ok(good, "%zu bars in blocks of %zu are measured", n, block);
    tp_meter_free(&m);
    tp_bars_free(&bars);
}

static const char *
text(struct tp_dec d, int places)
{
    static char out[4][TP_DEC_TEXT];
    static int  at;

    at = (at + 1) % 4;
    if (tp_dec_none(d))
        return "null";
    tp_dec_print(out[at], d, places);
    return out[at];
}

static void
meter_cases(void)
{
    /* Eight hours a bar: three bars a day.  Peak 120 at the close of bar 2 (24 h), again equalled at
     * bar 3 (32 h): the fall lasts from there to bar 7 (64 h). */
    static const int64_t closes[] = {100, 110, 120, 120, 90, 96, 108, 120, 118};
    static const size_t  blocks[] = {1, 2, 7, 4096};
    struct tp_buf        first = {0};

    for (size_t i = 0; i < TP_COUNT(blocks); i++) {
        struct tp_backtest r;
        struct tp_buf      metrics = {0}, curve = {0};

        struct how         how = {1, 8 * TP_US_HOUR, blocks[i], NULL};

        measure(closes, TP_COUNT(closes), &how, &r, &metrics, &curve);
        is(text(r.max_drawdown, 4), "25.0000", "30 of 120 is the deepest fall");
        is(text(r.max_drawdown_duration_hours, 2), "32.00", "from the last bar at the peak to recovery");
        is(text(r.final_equity, 8), "118.00000000", "final equity is marked");
        /* Days end at 120, 96, 118: returns 0.2, -0.2, 0.2291666... */
        is(text(r.sharpe_ratio, 4), "6.0858", "sharpe of three days");
        is(text(r.sortino_ratio, 4), "12.6388", "sortino of three days");
        if (i == 0)
            tp_buf_put(&first, metrics.at, metrics.n);
        else
            is(metrics.at, first.at, "blocks of %zu give the same measures", blocks[i]);
        tp_buf_free(&metrics);
        tp_buf_free(&curve);
    }
    tp_buf_free(&first);
}

static int
no_point(void *to, const struct tp_equity_point *point, struct tp_err *err)
{
    (void)to;
    (void)point;
    (void)err;
    return 0;
}

/* The deepest fall of 100 + side * (close - 100), in percent with four places, bar by bar. */
static struct tp_dec
deepest_fall(const int64_t *closes, size_t n, int side)
{
    struct tp_err err = TP_ERR_INIT;
    struct tp_dec peak = tp_dec_int(100), worst = TP_DEC_ZERO, fall;

    for (size_t i = 0; i < n; i++) {
        struct tp_dec equity = tp_dec_int(100 + side * (closes[i] - 100));

        peak = tp_dec_max(peak, equity);
        if (tp_dec_muldiv(&fall, (struct tp_dec){peak.units - equity.units}, tp_dec_int(100), peak,
                          TP_HALF_EVEN, &err))
            return TP_DEC_NONE;
        worst = tp_dec_max(worst, fall);
    }
    return worst;
}

/* Spans in which nothing happens are gone through by comparing closes: random walks, long and short, must
 * give what each bar by itself gives, and the fall that the definition gives. */
static void
random_walks(void)
{
    enum { WALKS = 40, BARS = 700 };
    uint64_t seed = 7;

    for (int walk = 0; walk < WALKS; walk++) {
        int64_t            closes[BARS], now = 100;
        struct tp_backtest fast, slow;
        struct tp_buf      metrics[2] = {{0}, {0}}, curve[2] = {{0}, {0}};
        struct how         how = {walk % 2 ? -1 : 1, TP_US_HOUR, walk % 3 ? 256 : 7, NULL};

        for (size_t i = 0; i < BARS; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            now += (int64_t)(seed >> 40) % 11 - 5;
            now = now < 5 ? 5 : now > 195 ? 195 : now; /* neither side is ruined */
            closes[i] = now;
        }
        measure(closes, BARS, &how, &fast, &metrics[0], &curve[0]);
        how.block = 1;
        how.point = no_point;
        measure(closes, BARS, &how, &slow, &metrics[1], &curve[1]);
        is(metrics[0].at, metrics[1].at, "walk %d: the measures are those of single bars", walk);
        is(curve[0].at, curve[1].at, "walk %d: so are the peaks and troughs", walk);
        is(text(fast.max_drawdown, 4), text(deepest_fall(closes, BARS, walk % 2 ? -1 : 1), 4),
           "walk %d: so is the deepest fall", walk);
        for (int k = 0; k < 2; k++) {
            tp_buf_free(&metrics[k]);
            tp_buf_free(&curve[k]);
        }
    }
}

/* ---- empyrical ------------------------------------------------------------------------------- */

static FILE *
reference(const char *name)
{
    const char *roots[] = {getenv("TP_SHARED"), "../shared", "../../shared", "../../../shared"};
    char        path[4096];
    FILE       *f = NULL;

    for (size_t i = 0; i < TP_COUNT(roots) && !f; i++) {
        if (!roots[i])
            continue;
        snprintf(path, sizeof path, "%s/data/metrics/%s", roots[i], name);
        f = fopen(path, "r");
    }
    return f;
}

static json_t *
load(const char *name)
{
    FILE   *f = reference(name);
    json_t *j = f ? json_loadf(f, 0, NULL) : NULL;

    if (f)
        fclose(f);
    return j;
}

/* The values of {"series": name} or {"values": ...}; NULL when it is no plain series. */
static const json_t *
series_of(const json_t *all, const json_t *which)
{
    const char *name = json_string_value(json_object_get(which, "series"));

    return name ? json_object_get(all, name) : json_object_get(which, "values");
}

/* The returns of a case, less the other series when there is one.  A NaN is left out, or counted as no
 * change where the length of the series matters. */
static size_t
returns_of(const json_t *series, const json_t *less, bool keep_nan, double *r, size_t room)
{
    size_t n = 0;

    for (size_t i = 0; i < json_array_size(series) && n < room; i++) {
        const json_t *a = json_array_get(series, i), *b = less ? json_array_get(less, i) : NULL;

        if (json_is_number(a) && (!less || json_is_number(b)))
            r[n++] = json_number_value(a) - (less ? json_number_value(b) : 0);
        else if (keep_nan)
            r[n++] = 0;
    }
    return n;
}

/* Our value of a case's function; false: undefined.  *known is false for functions without a
 * counterpart here. */
static bool
ours(const char *f, const double *r, size_t n, double periods, double rf, double *out, bool *known)
{
    double factor = 1;

    *known = true;
    if (strcmp(f, "sharpe_ratio") == 0)
        return tp_metric_sharpe(r, n, periods, rf, out);
    if (strcmp(f, "sortino_ratio") == 0)
        return tp_metric_sortino(r, n, periods, rf, out);
    if (strcmp(f, "annual_volatility") == 0)
        return tp_metric_volatility(r, n, periods, out);
    if (strcmp(f, "calmar_ratio") == 0)
        return tp_metric_calmar(r, n, periods, out);
    if (strcmp(f, "max_drawdown") == 0) {
        *out = -tp_metric_max_drawdown(r, n);
        return n > 0;
    }
    for (size_t i = 0; i < n; i++)
        factor *= 1 + r[i];
    if (strcmp(f, "cagr") == 0 || strcmp(f, "annual_return") == 0)
        return tp_metric_cagr(factor, n, periods, out);
    *known = false;
    return false;
}

static void
empyrical_cases(void)
{
    json_t *j = load("empyrical-cases.json"), *one;
    size_t  i, compared = 0;

    if (!j) {
        skip("the cases of empyrical", "../shared/data/metrics is not there");
        return;
    }
    json_array_foreach(json_object_get(j, "cases"), i, one) {
        const json_t *all = json_object_get(j, "series"), *args = json_object_get(one, "args");
        const json_t *want = json_object_get(args, "expected"), *rf = json_object_get(args, "risk_free");
        const char   *f = json_string_value(json_object_get(one, "function"));
        const char   *period = json_string_value(json_object_get(args, "period"));
        const json_t *series = series_of(all, json_object_get(args, "returns")), *less;
        double        r[64], got = 0, periods = 252;
        bool          defined, known, whole;
        size_t        n;

        if (!rf)
            rf = json_object_get(args, "required_return");
        less = series_of(all, rf);
        if (!f || !series || (rf && !less && !json_is_number(rf)))
            continue;
        if (period)
            periods = strcmp(period, "weekly") == 0    ? 52
                      : strcmp(period, "monthly") == 0 ? 12
                      : strcmp(period, "yearly") == 0  ? 1
                                                       : 252;
        whole = strcmp(f, "calmar_ratio") == 0 || strcmp(f, "cagr") == 0 || strcmp(f, "annual_return") == 0;
        n = returns_of(series, less, whole, r, TP_COUNT(r));
        defined = ours(f, r, n, periods, rf && !less ? json_number_value(rf) : 0, &got, &known);
        if (!known)
            continue;
        compared++;
        /* Where they say NaN or infinity we say undefined. */
        ok(json_is_number(want) ? defined && near(got, json_number_value(want), 1e-8) : !defined,
           "empyrical %s, case %d: %.9g", f, (int)json_integer_value(json_object_get(one, "case")), got);
    }
    ok(compared >= 16, "%zu cases have a counterpart", compared);
    json_decref(j);
}

/* ---- ffn ------------------------------------------------------------------------------------- */

#define FFN_SERIES 3
#define FFN_ROOM   4000

struct ffn {
    int64_t day[FFN_ROOM];
    double  price[FFN_SERIES][FFN_ROOM];
    size_t  n;
};

/* Rows "3/10/2004,13.84,25.37,492.1" below a heading. */
static bool
ffn_read(struct ffn *prices)
{
    FILE *f = reference("ffn-prices-AAPL-MSFT-C-2004_2014.csv");
    char  line[256];

    if (!f)
        return false;
    prices->n = 0;
    while (fgets(line, sizeof line, f) && prices->n < FFN_ROOM) {
        struct tp_err err = TP_ERR_INIT;
        int           month, day, year;
        char          text[16];
        double       *p[FFN_SERIES];

        for (size_t s = 0; s < FFN_SERIES; s++)
            p[s] = &prices->price[s][prices->n];
        if (sscanf(line, "%2d/%2d/%4d,%lf,%lf,%lf", &month, &day, &year, p[0], p[1], p[2]) != 6)
            continue;
        snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
        if (tp_day_parse(text, strlen(text), &prices->day[prices->n], &err) == 0)
            prices->n++;
    }
    fclose(f);
    return prices->n > 0;
}

/* Growth per year of ffn, whose years have 365.25 days between the first and the last date. */
static double
ffn_cagr(const struct ffn *prices, size_t s, size_t rows)
{
    double value = 0;

    tp_metric_cagr(prices->price[s][rows - 1] / prices->price[s][0],
                   (size_t)(prices->day[rows - 1] - prices->day[0]), 365.25, &value);
    return value;
}

static void
ffn_cases(void)
{
    static const char *const names[FFN_SERIES] = {"AAPL", "MSFT", "C"};
    static struct ffn        prices;
    json_t                  *j = load("ffn-expected.json");

    if (!j || !ffn_read(&prices)) {
        skip("the cases of ffn", "../shared/data/metrics is not there");
        json_decref(j);
        return;
    }
    for (size_t s = 0; s < FFN_SERIES; s++) {
        const json_t *first = json_object_get(j, "first10_rows"), *all = json_object_get(j, "all_rows");
        double        r[9], want;

        for (size_t i = 0; i < TP_COUNT(r); i++)
            r[i] = prices.price[s][i + 1] / prices.price[s][i] - 1;
        want = json_number_value(json_object_get(json_object_get(first, "max_drawdown"), names[s]));
        ok(near(-tp_metric_max_drawdown(r, TP_COUNT(r)), want, 5e-4), "ffn max_drawdown of ten rows of %s", names[s]);
        want = json_number_value(json_object_get(json_object_get(all, "cagr"), names[s]));
        ok(near(ffn_cagr(&prices, s, prices.n), want, 5e-4), "ffn cagr of %s", names[s]);
    }
    ok(near(ffn_cagr(&prices, 0, 10),
            json_number_value(json_object_get(json_object_get(j, "first10_rows"), "cagr_AAPL")), 5e-4),
       "ffn cagr of ten rows of AAPL");
    json_decref(j);
}

int
main(void)
{
    own_cases();
    meter_cases();
    random_walks();
    empyrical_cases();
    ffn_cases();
    return done();
}
