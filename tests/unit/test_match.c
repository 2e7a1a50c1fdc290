/* The fill engine under random orders and random bars, one-way and in hedge mode: what must hold after every bar, and
 * that neither the block size nor a process for each bar changes anything.  Then prices of liquidation. */
#include <stdlib.h>

#include "backtest/run.h"
#include "base/json.h"
#include "trade/margin.h"
#include "trade/state.h"
#include "trade/work.h"

#include "tests/unit/tap.h"

#define HOUR TP_US_HOUR
#define BARS 120

static uint64_t state;

static int64_t
random_below(int64_t n)
{
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (int64_t)((state >> 33) % (uint64_t)n);
}

static struct tp_dec
units(int64_t hundredths)
{
    return (struct tp_dec){hundredths * (TP_DEC_ONE / 100)};
}

static void
random_bar(struct tp_bar *b, int64_t i, int64_t *price)
{
    int64_t open = *price, high, low;

    *price = *price * (900 + random_below(201)) / 1000;
    if (*price < 2000)
        *price = 10000;
    high = (open > *price ? open : *price) + random_below(400);
    low = (open < *price ? open : *price) - random_below(400);
    *b = (struct tp_bar){.open_time = {i * 3 * HOUR},
                         .close_time = {(i + 1) * 3 * HOUR},
                         .open = units(open),
                         .high = units(high),
                         .low = units(low),
                         .close = units(*price),
                         .volume = units(random_below(10) ? 5000 : 0)};
}

static struct tp_work
random_order(int64_t price, struct tp_time at)
{
    struct tp_work w = tp_work_init();
    int64_t        near = price * (950 + random_below(101)) / 1000;

    w.created_at = at;
    w.side = random_below(2) ? 1 : -1;
    w.reduce_only = random_below(4) == 0;
    w.role = w.reduce_only ? TP_ROLE_EXIT : TP_ROLE_ENTRY;
    w.type = (enum tp_order_type)random_below(5);
    w.tif = (enum tp_tif)random_below(w.type == TP_ORDER_LIMIT ? 4 : 3);
    w.quantity = units(1 + random_below(2000));
    if (w.type == TP_ORDER_LIMIT || w.type == TP_ORDER_STOP_LIMIT)
        w.price = units(price * (950 + random_below(101)) / 1000);
    if (w.type == TP_ORDER_STOP_MARKET || w.type == TP_ORDER_STOP_LIMIT)
        w.stop_price = units(near);
    if (w.type == TP_ORDER_TRAILING_STOP)
        w.trail_distance = units(50 + random_below(300));
    if (!w.reduce_only && random_below(2)) {
        w.bracket.stop_loss = (struct tp_offset){TP_OFFSET_PERCENT, units(100 + random_below(400))};
        w.bracket.n_targets = 1;
        w.bracket.target[0] = (struct tp_offset){TP_OFFSET_PERCENT, units(100 + random_below(400))};
        w.bracket.portion[0] = tp_dec_int(100);
    }
    return w;
}

static int
note_trade(void *to, const struct tp_work *w, const struct tp_trade *t, struct tp_err *err)
{
    (void)err;
    tp_buf_fmt(to, "%lld %s %lld %lld; ", (long long)w->number, t->side, (long long)t->price.units,
               (long long)t->quantity.units);
    return 0;
}

static int
note_funding(void *to, const struct tp_funding_payment *p, struct tp_err *err)
{
    (void)err;
    tp_buf_fmt(to, "funding %s %lld; ", p->side, (long long)p->amount.units);
    return 0;
}

/* One of the order's rows back into an order, as the desk does it. */
static void
restore_order(struct tp_work *w, struct tp_err *err)
{
    struct tp_order o;
    struct tp_work  back;
    TP_AUTO_BUF     text = {0};

    tp_work_to_order(w, &o);
    tp_work_state_print(w, &text);
    if (tp_work_from_order(&back, &o, err) || tp_work_state_read(&back, text.at, err))
        return;
    back.filled = o.filled_quantity;
    back.role = w->role;
    back.group = w->group;
    if (w->parent > 0)
        back.parent = w->parent;
    memcpy(back.reason, o.reason, sizeof back.reason);
    *w = back;
}

static void
restore(struct tp_match *m, struct tp_err *err)
{
    for (size_t i = 0; i < m->n; i++)
        restore_order(&m->work[i], err);
    for (int i = 0; i < 2; i++) {
        struct tp_leg leg = {.side = m->book->leg[i].side};
        TP_AUTO_BUF   text = {0};

        if (leg.side == 0)
            continue;
        tp_leg_state_print(&m->book->leg[i], &text);
        if (tp_leg_state_read(&leg, text.at, err) || tp_book_relevel(m->book, &leg, err))
            return;
        m->book->leg[i] = leg;
    }
    tp_match_rates(m, NULL, 0, m->bar.close_time);
}

static bool
sound(const struct tp_book *b, struct tp_err *err)
{
    for (int i = 0; i < 2; i++) {
        const struct tp_leg *l = &b->leg[i];

        if (l->side && (l->quantity.units <= 0 || l->cost.units < 0))
            return false;
        if (b->hedge && l->side && l->side != (i ? -1 : 1))
            return false;
    }
    return tp_book_check(b, err) == 0;
}

/* A run of random bars; what it did.  again: everything is put away and read back behind each bar. */
static bool
wander(uint64_t seed, bool hedge, bool again, struct tp_buf *log, struct tp_err *err)
{
    struct tp_symbol symbol = tp_symbol_default();
    struct tp_knobs  knobs;
    struct tp_book   book;
    struct tp_match  m;
    struct tp_sink   sink = {.to = log, .trade = note_trade, .funding = note_funding};
    int64_t          price = 10000;
    bool             good = true;

    state = seed;
    if (tp_knobs_init(&knobs, NULL, err) || tp_knobs_set(&knobs, "leverage", 8, random_below(2) ? "1" : "20", err) < 0
        || tp_knobs_set(&knobs, "volume", 6, "cap", err) < 0
        || tp_knobs_set(&knobs, "funding_missing", 15, "cost", err) < 0)
        return false;
    symbol.tick_size = symbol.step_size = units(1);
    tp_book_init(&book, "TEST", tp_dec_int(10000), hedge);
    tp_match_init(&m, &knobs, &symbol, &book, &sink, "seed");
    for (int64_t i = 0; i < BARS && good; i++) {
        struct tp_bar  bar;
        struct tp_dec  free_margin = TP_DEC_ZERO, before = book.wallet;
        int64_t        number;

        for (int64_t n = random_below(3); n > 0; n--) {
            struct tp_work w = random_order(price, (struct tp_time){i * 3 * HOUR});

            good = good && tp_match_submit(&m, &w, &number, err) == 0;
        }
        random_bar(&bar, i, &price);
        good = good && tp_match_bar(&m, &bar, err) == 0 && sound(&book, err) && tp_book_free(&book, &free_margin, err) == 0;
        /* R18: what was opened had its margin; a loss since may have eaten into what is left. */
        if (good && tp_dec_cmp(book.wallet, before) >= 0 && tp_dec_sign(before) > 0)
            good = book.leg[0].margin.units <= book.wallet.units || book.leg[0].side == 0;
        if (again)
            restore(&m, err);
        good = good && err->code == TP_OK;
    }
    tp_buf_fmt(log, "wallet %lld liquidations %lld fundings %lld", (long long)book.wallet.units,
               (long long)m.counts.liquidations, (long long)m.counts.fundings);
    tp_match_free(&m);
    return good;
}

static void
test_wander(void)
{
    int64_t fills = 0, liquidations = 0, fundings = 0;

    for (int hedge = 0; hedge < 2; hedge++) {
        int bad = 0, differ = 0;

        for (uint64_t seed = 1; seed <= 150; seed++) {
            struct tp_err err = TP_ERR_INIT;
            TP_AUTO_BUF   once = {0};
            TP_AUTO_BUF   again = {0};

            bad += !wander(seed, hedge == 1, false, &once, &err) || !wander(seed, hedge == 1, true, &again, &err);
            differ += strcmp(once.at, again.at) != 0;
            fills += strstr(once.at, "BUY") != NULL;
            fundings += strstr(once.at, "funding LONG") != NULL;
            liquidations += strstr(once.at, "liquidations 0") == NULL;
        }
        ok(bad == 0, "%s: books stay sound over 150 random runs", hedge ? "hedge" : "one-way");
        ok(differ == 0, "%s: what is put away and read back behind each bar goes on the same", hedge ? "hedge" : "one-way");
    }
    ok(fills > 250 && fundings > 100 && liquidations > 20, "the runs trade, pay funding and are liquidated");
}

/* ---- prices of liquidation ---------------------------------------------------------------------- */

static struct tp_dec
dec(const char *text)
{
    struct tp_err err = TP_ERR_INIT;
    struct tp_dec d = TP_DEC_NONE;

    if (tp_dec_parse(text, strlen(text), &d, &err))
        ok(false, "%s is a number", text);
    return d;
}

/* A position of that side, in text; none: "". */
static const char *
level(int side, const char *quantity, const char *entry, const char *margin, const char *rate, const char *cum)
{
    static char    text[TP_DEC_TEXT];
    struct tp_book b;
    struct tp_err  err = TP_ERR_INIT;
    struct tp_leg *l = &b.leg[0];

    tp_book_init(&b, "TEST", tp_dec_int(1000), false);
    b.liquidates = true;
    b.tier = (struct tp_tier){dec(rate), dec(cum)};
    l->side = side;
    l->quantity = dec(quantity);
    l->margin = dec(margin);
    text[0] = '\0';
    if (tp_dec_mul(&l->cost, l->quantity, dec(entry), TP_HALF_AWAY, &err) || tp_book_relevel(&b, l, &err))
        return "failed";
    if (!tp_dec_none(l->liquidation))
        tp_dec_print_short(text, l->liquidation);
    return text;
}

static void
test_levels(void)
{
    static const struct {
        int         side;
        const char *quantity, *entry, *margin, *rate, *cum, *want;
    } rows[] = {
        {1, "10", "100", "100", "1", "0", "90.90909091"},
        {-1, "10", "100", "100", "1", "0", "108.91089109"},
        {1, "10", "100", "100", "1", "9", "90"},
        {-1, "10", "100", "100", "1", "9", "109.8019802"},
        {1, "10", "100", "1000", "1", "0", ""},         /* leverage 1 */
        {1, "10", "100", "990", "1", "10", ""},         /* exactly nothing */
        {-1, "10", "100", "1000", "1", "0", "198.01980198"},
        {1, "0.001", "20000", "0.2", "0.4", "0", "19879.51807229"}, /* small quantities lose no places */
        {1, "10", "100", "8", "1", "0", "100.2020202"}, /* less than the maintenance: above the entry */
        {1, "10", "100", "-5", "0", "0", "100.5"},      /* funding took more than the margin */
    };

    for (size_t i = 0; i < TP_COUNT(rows); i++)
        is(level(rows[i].side, rows[i].quantity, rows[i].entry, rows[i].margin, rows[i].rate, rows[i].cum), rows[i].want,
           "%s %s at %s with %s", rows[i].side > 0 ? "long" : "short", rows[i].quantity, rows[i].entry, rows[i].margin);
}

/* A number of the file, times 100 where a rate is a fraction. */
static const char *
number(const json_t *row, const char *key, double times, char out[64])
{
    snprintf(out, 64, "%.8f", json_number_value(json_object_get(row, key)) * times);
    return out;
}

static void
test_vectors(void)
{
    const char   *path = "../shared/data/vectors/liquidation.json";
    char          at[600];
    FILE         *file;
    TP_AUTO_BUF   text = {0};
    TP_AUTO_JSON  tree = NULL;
    struct tp_err err = TP_ERR_INIT;
    size_t        n = 0;

    snprintf(at, sizeof at, "%s/%s", getenv("srcdir") ? getenv("srcdir") : ".", path);
    file = fopen(at, "r");
    if (!file) {
        skip("positions of a venue's own examples", "../shared is not there");
        return;
    }
    for (int c; (c = fgetc(file)) != EOF;)
        tp_buf_char(&text, (char)c);
    fclose(file);
    if (tp_json_parse(text.at, text.n, &tree, &err)) {
        ok(false, "%s is read: %s", path, err.msg);
        return;
    }
    for (size_t i = 0; i < json_array_size(json_object_get(tree, "liquidation")); i++) {
        const json_t *row = json_array_get(json_object_get(tree, "liquidation"), i);
        const char   *formula = tp_json_text(row, "formula");
        char          q[64], e[64], w[64], r[64], c[64];
        struct tp_dec got, want;

        if (strcmp(tp_json_text(row, "margin_mode"), "ISOLATED") != 0 || strcmp(formula, "binance") != 0)
            continue;
        got = dec(level(strcmp(tp_json_text(row, "side"), "LONG") == 0 ? 1 : -1, number(row, "qty", 1, q),
                        number(row, "entry", 1, e), number(row, "isolated_wallet_balance", 1, w),
                        number(row, "mmr", 100, r), number(row, "cum", 1, c)));
        want = dec(number(row, "expected", 1, q));
        ok(llabs((long long)(got.units - want.units)) <= 1, "%s", tp_json_text(row, "id"));
        n++;
    }
    ok(n > 0, "the file has isolated positions");
}

int
main(void)
{
    test_wander();
    test_levels();
    test_vectors();
    return done();
}
