#include "trade/book.h"

#include "tests/unit/tap.h"

static struct tp_dec
dec(const char *text)
{
    struct tp_err err = TP_ERR_INIT;
    struct tp_dec d = TP_DEC_NONE;

    ok(tp_dec_parse(text, strlen(text), &d, &err) == 0, "%s is a number", text);
    return d;
}

static const char *
text(struct tp_dec d)
{
    static char out[4][TP_DEC_TEXT];
    static int  at;

    at = (at + 1) % 4;
    tp_dec_print_short(out[at], d);
    return out[at];
}

/* One fill, and what it must leave behind. */
struct step {
    int         direction;
    const char *price, *quantity, *fee;
    const char *wallet, *held, *cost, *pnl; /* pnl "": nothing was realised */
    int         side, closed;
};

static void
run(const char *title, const struct step *steps, size_t n)
{
    struct tp_book b;
    struct tp_err  err = TP_ERR_INIT;

    tp_book_init(&b, "TEST", dec("1000"), false);
    for (size_t i = 0; i < n; i++) {
        const struct step *s = &steps[i];
        struct tp_fill     f = {.side = s->direction,
                                .direction = s->direction,
                                .price = dec(s->price),
                                .quantity = dec(s->quantity),
                                .fee = dec(s->fee),
                                .slippage = TP_DEC_ZERO,
                                .leverage = tp_dec_int(1),
                                .reason = "TEST"};
        struct tp_trip     trip;
        struct tp_dec      pnl;
        int                closed;

        ok(tp_book_apply(&b, &f, &pnl, &trip, &closed, &err) == 0, "%s: fill %zu is taken", title, i);
        is(text(b.wallet), s->wallet, "%s: wallet after fill %zu", title, i);
        is(text(b.leg[0].quantity), s->held, "%s: quantity after fill %zu", title, i);
        is(text(b.leg[0].cost), s->cost, "%s: cost after fill %zu", title, i);
        is(tp_dec_none(pnl) ? "" : text(pnl), s->pnl, "%s: result of fill %zu", title, i);
        ok(b.leg[0].side == s->side && closed == s->closed, "%s: side and end after fill %zu", title, i);
        ok(tp_book_check(&b, &err) == 0, "%s: the results add up after fill %zu", title, i);
    }
}

int
main(void)
{
    static const struct step round_trip[] = {
        {1, "100", "2", "0.1", "999.9", "2", "200", "", 1, 0},
        {-1, "110", "2", "0.11", "1019.79", "0", "0", "20", 0, 1},
    };
    static const struct step partial[] = {
        {1, "100", "3", "0", "1000", "3", "300", "", 1, 0},
        {1, "130", "1", "0", "1000", "4", "430", "", 1, 0},
        {-1, "120", "1", "0", "1012.5", "3", "322.5", "12.5", 1, 0},
        {-1, "100", "3", "0", "990", "0", "0", "-22.5", 0, 1},
    };
    static const struct step reversal[] = {
        {-1, "100", "1", "0", "1000", "1", "100", "", -1, 0},
        {1, "90", "3", "0.3", "1009.7", "2", "180", "10", 1, 1},
        {-1, "95", "2", "0", "1019.7", "0", "0", "10", 0, 1},
    };
    /* A third does not divide: the cost is split half away and nothing is lost. */
    static const struct step thirds[] = {
        {1, "100", "0.00000003", "0", "1000", "0.00000003", "0.000003", "", 1, 0},
        {1, "0.00000001", "3", "0", "1000", "3.00000003", "0.00000303", "", 1, 0},
        {-1, "1", "1", "0", "1000.99999899", "2.00000003", "0.00000202", "0.99999899", 1, 0},
        {-1, "1", "2.00000003", "0", "1002.999997", "0", "0", "1.99999801", 0, 1},
    };
    struct tp_book b;
    struct tp_dec  equity;
    struct tp_err  err = TP_ERR_INIT;

    run("a round trip", round_trip, TP_COUNT(round_trip));
    run("adds and partial closes", partial, TP_COUNT(partial));
    run("a reversal", reversal, TP_COUNT(reversal));
    run("odd parts", thirds, TP_COUNT(thirds));

    tp_book_init(&b, "TEST", dec("1000"), false);
    ok(tp_dec_none(tp_leg_entry_price(&b.leg[0])), "a flat book has no entry price");
    ok(tp_book_equity(&b, dec("5"), &equity, &err) == 0 && equity.units == b.wallet.units,
       "the equity of a flat book is its wallet");
    b.result = dec("1");
    ok(tp_book_check(&b, &err) == -1 && err.code == TP_EFAIL, "a book that does not add up is noticed");
    is(err.msg, "the results of the trades add up to 1001.00000000 but the wallet holds 1000.00000000",
       "and both sums are told");
    return done();
}
