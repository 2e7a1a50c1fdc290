/* Blocks of bars to columns, and the value at a bar. */
#include "strategy/expr_word.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/banned.h"

#define NA ((double)NAN)

static double
truth(bool value)
{
    return value ? 1 : 0;
}

/* One operator on values; a, b, c are NaN for na.  Always part of its caller: where the operator is known,
 * nothing is left of the choice. */
__attribute__((always_inline)) static inline double
apply(int op, double a, double b, double c)
{
    bool na = isnan(a) || isnan(b);

    switch (op) {
    case OP_NEGATE:
        return -a;
    case OP_NOT:
        return isnan(a) ? a : truth(!(a > 0 || a < 0));
    case OP_ADD:
        return a + b;
    case OP_SUB:
        return a - b;
    case OP_MUL:
        return a * b;
    case OP_DIV:
        return b > 0 || b < 0 ? a / b : NA;
    case OP_MOD:
        return b > 0 || b < 0 ? fmod(a, b) : NA;
    case OP_LT:
        return na ? NA : truth(a < b);
    case OP_LE:
        return na ? NA : truth(a <= b);
    case OP_GT:
        return na ? NA : truth(a > b);
    case OP_GE:
        return na ? NA : truth(a >= b);
    case OP_EQ:
        return na ? NA : truth(a >= b && a <= b);
    case OP_NE:
        return na ? NA : truth(a < b || a > b);
    case OP_AND:
        if (!(a > 0 || a < 0 || isnan(a)) || !(b > 0 || b < 0 || isnan(b)))
            return 0;
        return na ? NA : 1;
    case OP_OR:
        if (a > 0 || a < 0 || b > 0 || b < 0)
            return 1;
        return na ? NA : 0;
    case OP_COND:
        return isnan(a) ? a : a > 0 || a < 0 ? b : c;
    case OP_ABS:
        return fabs(a);
    case OP_MIN:
        return na ? NA : a < b ? a : b;
    case OP_MAX:
        return na ? NA : a > b ? a : b;
    case OP_FLOOR:
        return floor(a);
    case OP_CEIL:
        return ceil(a);
    case OP_ROUND:
        return round(a);
    case OP_SQRT:
        return a >= 0 ? sqrt(a) : NA;
    case OP_LOG:
        return a > 0 ? log(a) : NA;
    case OP_EXP:
        return exp(a);
    default:
        return NA;
    }
}

double
tp_expr_operate(int op, double a, double b, double c)
{
    return apply(op, a, b, c);
}

/* any, all, rising, falling over the n newest values that end at x[0]. */
static double
over_window(int op, const double *x, int64_t n)
{
    bool na = false;

    for (int64_t k = 0; k < n; k++) {
        double v = x[-k];

        if (op == OP_RISING || op == OP_FALLING) {
            double before = x[-k - 1];

            if (isnan(v) || isnan(before))
                na = true;
            else if (op == OP_RISING ? !(v > before) : !(v < before))
                return 0;
        } else if (isnan(v)) {
            na = true;
        } else if ((v > 0 || v < 0) == (op == OP_ANY)) {
            return op == OP_ANY;
        }
    }
    return na ? NA : truth(op != OP_ANY);
}

/* The operators of most rules, each in a loop of its own. */
__attribute__((always_inline)) static inline void
both(int op, const double *a, const double *b, double *out, size_t bars)
{
    for (size_t i = 0; i < bars; i++)
        out[i] = apply(op, a[i], b[i], 0);
}

/* a stood on one side of b at the bar before and stands on the other now. */
__attribute__((always_inline)) static inline void
cross(int before, int now, const double *a, const double *b, double *out, size_t bars)
{
    for (size_t i = 0; i < bars; i++)
        out[i] = apply(OP_AND, apply(before, a[(ptrdiff_t)i - 1], b[(ptrdiff_t)i - 1], 0),
                       apply(now, a[i], b[i], 0), 0);
}

static void
compute(struct tp_expr *e, struct tp_node *n)
{
    const struct tp_expr_series *s = &e->series[n->series];
    size_t        bars = s->n;
    const double *a = n->kid[0] >= 0 ? e->node[n->kid[0]].column : NULL;
    const double *b = n->kid[1] >= 0 ? e->node[n->kid[1]].column : NULL;
    const double *c = n->kid[2] >= 0 ? e->node[n->kid[2]].column : NULL;
    double       *out = n->column;

    if (n->op == OP_INDICATOR) {
        struct tp_ind_block in = {bars, {a, b}, s->input[0], s->input[1], s->input[2], s->input[3],
                                  s->input[4], s->close_time};

        n->indicator->run(n->state, &in, out);
        return;
    }
    if (n->op == OP_COLUMN) {
        memcpy(out, s->input[(int)n->value], bars * sizeof *out);
        return;
    }
    switch (n->op) {
    case OP_LIFT: /* a column's last value of the block before lies before its first */
        for (size_t i = 0; i < bars; i++)
            out[i] = a[(ptrdiff_t)e->series[(int)n->value].upto[i] - 1];
        return;
    case OP_NUMBER:
        for (size_t i = 0; i < bars; i++)
            out[i] = n->value;
        return;
    case OP_ADD:
        both(OP_ADD, a, b, out, bars);
        return;
    case OP_SUB:
        both(OP_SUB, a, b, out, bars);
        return;
    case OP_MUL:
        both(OP_MUL, a, b, out, bars);
        return;
    case OP_LT:
        both(OP_LT, a, b, out, bars);
        return;
    case OP_LE:
        both(OP_LE, a, b, out, bars);
        return;
    case OP_GT:
        both(OP_GT, a, b, out, bars);
        return;
    case OP_GE:
        both(OP_GE, a, b, out, bars);
        return;
    case OP_AND:
        both(OP_AND, a, b, out, bars);
        return;
    case OP_OR:
        both(OP_OR, a, b, out, bars);
        return;
    case OP_CROSS_UP:
        cross(OP_LE, OP_GT, a, b, out, bars);
        return;
    case OP_CROSS_DOWN:
        cross(OP_GE, OP_LT, a, b, out, bars);
        return;
    }
    for (size_t i = 0; i < bars; i++) {
        switch (n->op) {
        case OP_HOUR:
            out[i] = tp_time_civil((struct tp_time){s->close_time[i]}).hour;
            break;
        case OP_WEEKDAY:
            out[i] = tp_day_of_week(tp_time_day((struct tp_time){s->close_time[i]}));
            break;
        case OP_BACK:
            out[i] = a[(ptrdiff_t)i - (ptrdiff_t)n->value];
            break;
        case OP_RISING:
        case OP_FALLING:
        case OP_ANY:
        case OP_ALL:
            out[i] = over_window(n->op, a + i, (int64_t)n->value);
            break;
        case OP_SINCE:
            if (a[i] > 0 || a[i] < 0)
                n->run = 0;
            else if (n->run >= 0)
                n->run++;
            out[i] = n->run < 0 || n->run > TP_EXPR_HISTORY ? NA : (double)n->run;
            break;
        default:
            out[i] = apply(n->op, a ? a[i] : 0, b ? b[i] : 0, c ? c[i] : 0);
            break;
        }
    }
}

/* Makes room for the bars of a block in the series' own columns. */
static void
series_room(struct tp_expr_series *s, size_t bars, size_t of_run)
{
    for (int i = 0; i < 5; i++)
        s->input[i] = tp_realloc(s->input[i], bars * sizeof(double));
    s->close_time = tp_realloc(s->close_time, bars * sizeof *s->close_time);
    s->upto = tp_realloc(s->upto, of_run * sizeof *s->upto);
}

/* Makes room for a block in the values of a series, and moves the newest ones before it. */
static void
make_room(struct tp_expr *e, int series, size_t bars)
{
    struct tp_expr_series *s = &e->series[series];
    bool                   first = s->room == 0;
    size_t                 history = (size_t)e->history;

    for (int i = 0; i < e->n; i++) {
        struct tp_node *n = &e->node[i];
        double         *base = n->column ? n->column - history : NULL;

        if (n->account || !n->wanted || n->series != series)
            continue;
        if (bars > s->room) {
            base = tp_realloc(base, (history + bars) * sizeof *base);
            for (size_t k = 0; first && k < history; k++)
                base[k] = NA;
        }
        if (!first)
            memmove(base, base + s->in_block, history * sizeof *base);
        n->column = base + history;
    }
    if (bars > s->room)
        s->room = bars;
}

/* Which columns of the bars the nodes read, as TP_IND_ bits. */
static unsigned
needed(const struct tp_expr *e)
{
    unsigned all = 0;

    for (int i = 0; i < e->n; i++)
        if (!e->node[i].wanted)
            continue;
        else if (e->node[i].op == OP_LIFT)
            all |= TP_IND_OPEN | TP_IND_HIGH | TP_IND_LOW | TP_IND_CLOSE | TP_IND_VOLUME;
        else if (e->node[i].op == OP_INDICATOR)
            all |= e->node[i].indicator->needs;
        else if (e->node[i].op == OP_COLUMN)
            all |= (unsigned)TP_IND_OPEN << (int)e->node[i].value;
    return all;
}

static void
convert(const struct tp_column *from, size_t n, double *out)
{
    if (from->narrow)
        for (size_t i = 0; i < n; i++)
            out[i] = from->narrow[i] == TP_COLUMN_NONE ? NA : (double)from->narrow[i] / 1e8;
    else
        for (size_t i = 0; i < n; i++)
            out[i] = (double)from->wide[i] / 1e8;
}

static void
close_bar(struct tp_expr_series *s, int64_t start)
{
    for (int k = 0; k < 5; k++)
        s->input[k][s->n] = s->bar[k];
    s->close_time[s->n++] = start + s->interval->us;
}

/* Makes the bars of a coarser series out of the run's. */
static void
gather(struct tp_expr *e, struct tp_expr_series *s, const struct tp_bars *bars)
{
    const double *const *in = (const double *const *)e->series[0].input;

    s->n = 0;
    for (size_t i = 0; i < bars->n; i++) {
        int64_t  before = s->bucket.start;
        unsigned what = tp_bucket_put(&s->bucket, s->interval, e->interval_us, bars->time[i]);

        if (what & TP_BUCKET_ENDED)
            close_bar(s, before);
        if (what & TP_BUCKET_BEGINS) {
            for (int k = 0; k < 5; k++)
                s->bar[k] = in[k][i];
        } else {
            s->bar[1] = in[1][i] > s->bar[1] ? in[1][i] : s->bar[1];
            s->bar[2] = in[2][i] < s->bar[2] ? in[2][i] : s->bar[2];
            s->bar[3] = in[3][i];
            s->bar[4] += in[4][i];
        }
        if (what & TP_BUCKET_ENDS)
            close_bar(s, s->bucket.start);
        s->upto[i] = s->n;
    }
}

void
tp_expr_block(struct tp_expr *e, const struct tp_bars *bars)
{
    const struct tp_column *from[] = {&bars->open, &bars->high, &bars->low, &bars->close, &bars->volume};
    struct tp_expr_series  *own = &e->series[0];
    unsigned                wanted = needed(e);

    for (int k = 0; k <= e->n_series; k++) {
        struct tp_expr_series *s = &e->series[k];
        size_t                 most = k ? 2 * bars->n : bars->n; /* a bar may close the one before and its own */

        s->in_block = s->n;
        if (most > s->room)
            series_room(s, most, bars->n);
    }
    for (int c = 0; c < 5; c++)
        if (wanted & (unsigned)TP_IND_OPEN << c)
            convert(from[c], bars->n, own->input[c]);
    for (size_t i = 0; i < bars->n; i++)
        own->close_time[i] = bars->time[i] + e->interval_us;
    own->n = bars->n;
    for (int k = 1; k <= e->n_series; k++)
        gather(e, &e->series[k], bars);
    for (int k = 0; k <= e->n_series; k++)
        make_room(e, k, k ? 2 * bars->n : bars->n);
    for (int i = 0; i < e->n; i++)
        if (e->node[i].wanted && !e->node[i].account)
            compute(e, &e->node[i]);
}

static double
amount(struct tp_dec d)
{
    return tp_dec_none(d) ? NA : (double)d.units / 1e8;
}

static double
account_word(int which, const struct tp_view *v)
{
    if (!v)
        return NA;
    switch (which) {
    case ACCOUNT_position:
        return v->position;
    case ACCOUNT_entry_price:
        return amount(v->entry_price);
    case ACCOUNT_last_entry_price:
        return amount(v->last_entry_price);
    case ACCOUNT_bars_held:
        return v->bars_held < 0 ? NA : (double)v->bars_held;
    case ACCOUNT_bars_since_exit:
        return v->bars_since_exit < 0 ? NA : (double)v->bars_since_exit;
    case ACCOUNT_unrealized_pct:
        return amount(v->unrealized_pct);
    default:
        return amount(v->equity);
    }
}

double
tp_expr_at(const struct tp_expr *e, int node, size_t i, const struct tp_view *view)
{
    const struct tp_node *n = &e->node[node];
    double                kid[3] = {0, 0, 0};

    if (!n->account)
        return n->column[i];
    if (n->op == OP_ACCOUNT)
        return account_word((int)n->value, view);
    for (int k = 0; k < 3; k++)
        if (n->kid[k] >= 0)
            kid[k] = tp_expr_at(e, n->kid[k], i, view);
    return apply(n->op, kid[0], kid[1], kid[2]);
}
