/* Which orders a user may ask for: a table of orders and of what is said about each. */
#include "trade/order_check.h"

#include "tests/unit/tap.h"

/* What a record holds beside the fields of the cases: a linear perpetual with tick 0.01 and step 0.001. */
static struct tp_symbol
instrument(void)
{
    struct tp_symbol s = tp_symbol_default();

    strcpy(s.exchange, "BINANCE");
    strcpy(s.symbol, "BTCUSDT");
    strcpy(s.market_type, "LINEAR");
    strcpy(s.status, "TRADING");
    s.tick_size = (struct tp_dec){TP_DEC_ONE / 100};
    s.step_size = (struct tp_dec){TP_DEC_ONE / 1000};
    s.min_quantity = (struct tp_dec){TP_DEC_ONE / 100};
    s.max_quantity = tp_dec_int(100);
    s.min_notional = tp_dec_int(5);
    return s;
}

#define ORDER(side, type, more)                                                                    \
    "{\"type\":\"order\",\"environment\":\"PAPER\",\"created_at\":\"2026-01-01T00:00:00Z\",\"side\":\"" side        \
    "\",\"order_type\":\"" type "\"," more "}"
#define LONG(type, more) ORDER("LONG", type, "\"quantity\":\"1\"," more)
#define SHORT(type, more) ORDER("SHORT", type, "\"quantity\":\"1\"," more)
#define NOTHING "\"reason\":null"

static const struct {
    const char *order;
    const char *said; /* NULL: it is fine */
} cases[] = {
    /* what each type needs and has */
    {LONG("MARKET", NOTHING), NULL},
    {LONG("MARKET", "\"price\":\"100\""), "price: a MARKET order has none"},
    {LONG("MARKET", "\"stop_price\":\"100\""), "stop_price: a MARKET order has none"},
    {LONG("LIMIT", "\"price\":\"100\""), NULL},
    {LONG("LIMIT", NOTHING), "price: a LIMIT order needs it"},
    {LONG("LIMIT", "\"price\":\"100\",\"stop_price\":\"99\""), "stop_price: a LIMIT order has none"},
    {LONG("LIMIT", "\"price\":\"0\""), "price: want a number above zero"},
    {LONG("LIMIT", "\"price\":\"-1\""), "price: want a number above zero"},
    {LONG("STOP_MARKET", "\"stop_price\":\"101\""), NULL},
    {LONG("STOP_MARKET", NOTHING), "stop_price: a STOP_MARKET order needs it"},
    {LONG("STOP_MARKET", "\"stop_price\":\"101\",\"price\":\"101\""), "price: a STOP_MARKET order has none"},
    {LONG("STOP_LIMIT", "\"stop_price\":\"101\",\"price\":\"102\""), NULL},
    {LONG("STOP_LIMIT", "\"stop_price\":\"101\""), "price: a STOP_LIMIT order needs it"},
    {LONG("STOP_LIMIT", "\"price\":\"101\""), "stop_price: a STOP_LIMIT order needs it"},
    {LONG("STOP_LIMIT", "\"stop_price\":\"101\",\"price\":\"102\",\"trail_distance\":\"1\""),
     "trail_distance: a STOP_LIMIT order has none"},
    {LONG("TRAILING_STOP", "\"callback_rate\":\"1.5\""), NULL},
    {LONG("TRAILING_STOP", "\"trail_distance\":\"1.5\",\"activation_price\":\"99\""), NULL},
    {LONG("TRAILING_STOP", NOTHING), "a TRAILING_STOP order needs one of callback_rate and trail_distance"},
    {LONG("TRAILING_STOP", "\"callback_rate\":\"1\",\"trail_distance\":\"1\""),
     "a TRAILING_STOP order needs one of callback_rate and trail_distance"},
    {LONG("TRAILING_STOP", "\"callback_rate\":\"100\""), "callback_rate: want less than 100 percent"},
    {LONG("TRAILING_STOP", "\"callback_rate\":\"0\""), "callback_rate: want a number above zero"},
    {LONG("MARKET", "\"activation_price\":\"99\""), "activation_price: a MARKET order has none"},

    /* words and times */
    {LONG("LIMIT", "\"price\":\"100\",\"time_in_force\":\"GTX\""), NULL},
    {LONG("LIMIT", "\"price\":\"100\",\"time_in_force\":\"FOK\""), NULL},
    {LONG("MARKET", "\"time_in_force\":\"GTX\""), "time_in_force: 'GTX' (post only) is for LIMIT orders"},
    {LONG("MARKET", "\"leverage\":125"), NULL},
    {LONG("MARKET", "\"leverage\":0"), "leverage: want 1 to 125, not 0"},
    {LONG("MARKET", "\"leverage\":126"), "leverage: want 1 to 125, not 126"},
    {LONG("LIMIT", "\"price\":\"100\",\"expires_at\":\"2026-01-01T00:00:01Z\""), NULL},
    {LONG("LIMIT", "\"price\":\"100\",\"expires_at\":\"2026-01-01T00:00:00Z\""),
     "expires_at: is not later than created_at"},
    {LONG("MARKET", "\"position_mode\":\"ONE_WAY\""), NULL},
    {LONG("MARKET", "\"position_mode\":\"HEDGE\""), "position_mode: the account is ONE_WAY, the order says HEDGE"},
    {LONG("MARKET", "\"margin_mode\":\"CROSS\""), "margin_mode: positions on paper are ISOLATED"},
    {LONG("MARKET", "\"working_type\":\"MARK\""), "working_type: orders on paper are triggered by the LAST price"},

    /* ticks and steps: never rounded */
    {LONG("LIMIT", "\"price\":\"100.01\""), NULL},
    {LONG("LIMIT", "\"price\":\"100.005\""),
     "price: 100.005 is no multiple of the tick 0.01; the nearest are 100 and 100.01"},
    {LONG("LIMIT", "\"price\":\"0.001\""), "price: 0.001 is no multiple of the tick 0.01; the nearest is 0.01"},
    {LONG("STOP_MARKET", "\"stop_price\":\"100.019\""),
     "stop_price: 100.019 is no multiple of the tick 0.01; the nearest are 100.01 and 100.02"},
    {LONG("TRAILING_STOP", "\"trail_distance\":\"1.001\""),
     "trail_distance: 1.001 is no multiple of the tick 0.01; the nearest are 1 and 1.01"},
    {LONG("TRAILING_STOP", "\"callback_rate\":\"1\",\"activation_price\":\"1.001\""),
     "activation_price: 1.001 is no multiple of the tick 0.01; the nearest are 1 and 1.01"},
    {LONG("MARKET", "\"stop_loss\":\"90.001\""),
     "stop_loss: 90.001 is no multiple of the tick 0.01; the nearest are 90 and 90.01"},
    {LONG("MARKET", "\"take_profit\":\"110.001\""),
     "take_profit: 110.001 is no multiple of the tick 0.01; the nearest are 110 and 110.01"},
    {ORDER("LONG", "MARKET", "\"quantity\":\"1.0005\""),
     "quantity: 1.0005 is no multiple of the step 0.001; the nearest are 1 and 1.001"},
    {ORDER("LONG", "LIMIT", "\"quantity\":\"1\",\"price\":\"999999999999.99\""), NULL},

    /* sizes; 1 costs 100 */
    {ORDER("LONG", "MARKET", "\"quantity\":\"0.05\""), NULL},
    {ORDER("LONG", "MARKET", "\"quantity\":\"0.049\""),
     "notional: 4.9 is below the instrument's min_notional 5"},
    {ORDER("LONG", "LIMIT", "\"quantity\":\"0.04\",\"price\":\"125\""), NULL},
    {ORDER("LONG", "MARKET", "\"quantity\":\"0.009\""), "quantity: 0.009 is below the instrument's min_quantity 0.01"},
    {ORDER("LONG", "MARKET", "\"quantity\":\"100.001\""),
     "quantity: 100.001 is above the instrument's max_quantity 100"},
    {ORDER("LONG", "MARKET", "\"quantity\":\"0\""), "quantity: want a number above zero"},
    {ORDER("LONG", "MARKET", "\"reduce_only\":true,\"quantity\":\"0.001\""), NULL},
    {ORDER("LONG", "MARKET", "\"reduce_only\":true,\"quantity\":\"200\""), NULL},

    /* stop-loss and take-profit: on the right side of where the entry fills */
    {LONG("MARKET", "\"stop_loss\":\"90\",\"take_profit\":\"110\""), NULL},
    {SHORT("MARKET", "\"stop_loss\":\"110\",\"take_profit\":\"90\""), NULL},
    {LONG("MARKET", "\"stop_loss\":\"100\""), "stop_loss: 100 must be below the entry's 100"},
    {LONG("MARKET", "\"take_profit\":\"99\""), "take_profit: 99 must be above the entry's 100"},
    {SHORT("MARKET", "\"stop_loss\":\"99\""), "stop_loss: 99 must be above the entry's 100"},
    {SHORT("MARKET", "\"take_profit\":\"101\""), "take_profit: 101 must be below the entry's 100"},
    {LONG("LIMIT", "\"price\":\"80\",\"stop_loss\":\"85\""), "stop_loss: 85 must be below the entry's 80"},
    {LONG("LIMIT", "\"price\":\"80\",\"take_profit\":\"85\""), NULL},
    {LONG("STOP_MARKET", "\"stop_price\":\"120\",\"stop_loss\":\"110\""), NULL},
    {LONG("TRAILING_STOP", "\"callback_rate\":\"1\",\"activation_price\":\"80\",\"stop_loss\":\"85\""),
     "stop_loss: 85 must be below the entry's 80"},
    {LONG("MARKET", "\"reduce_only\":true,\"stop_loss\":\"90\""),
     "stop_loss, take_profit: an order that only reduces opens nothing to protect"},
};

static const char *
verdict(const char *text, struct tp_order_rules *rules, struct tp_order *o, struct tp_err *err)
{
    struct tp_arena arena = {0};

    if (tp_record_parse(&tp_order_record, text, strlen(text), o, &arena, err) != 1)
        return err->msg;
    tp_order_defaults(o, rules);
    return tp_order_check(o, rules, err) ? err->msg : NULL;
}

static void
table(void)
{
    struct tp_symbol      symbol = instrument();
    struct tp_order_rules rules = {.symbol = &symbol, .position_mode = "ONE_WAY", .last_price = tp_dec_int(100)};

    for (size_t i = 0; i < TP_COUNT(cases); i++) {
        struct tp_err   err = TP_ERR_INIT;
        struct tp_order o;

        is(verdict(cases[i].order, &rules, &o, &err), cases[i].said, "%.180s", cases[i].order);
    }
}

static void
without_a_price(void)
{
    struct tp_symbol      symbol = instrument();
    struct tp_order_rules rules = {.symbol = &symbol, .position_mode = "HEDGE", .last_price = TP_DEC_NONE};
    struct tp_err         err = TP_ERR_INIT;
    struct tp_order       o;
    struct tp_dec         notional;

    is(verdict(LONG("MARKET", "\"stop_loss\":\"90\",\"take_profit\":\"80\""), &rules, &o, &err),
       "stop_loss: 90 must be below take_profit 80", "without a price the two are held against each other");
    is(verdict(ORDER("LONG", "MARKET", "\"quantity\":\"0.01\""), &rules, &o, &err), NULL,
       "the notional of an order that nobody can value is left to the fill");
    ok(tp_order_notional(&notional, &o, TP_DEC_NONE, &err) == 0 && tp_dec_none(notional), "and it is none, not zero");
    is(o.position_mode, "HEDGE", "the position mode is the account's");
}

static void
refusals(void)
{
    struct tp_symbol      symbol = instrument();
    struct tp_order_rules rules = {.symbol = &symbol, .position_mode = "ONE_WAY", .last_price = tp_dec_int(100)};
    struct tp_err         err = TP_ERR_INIT;
    struct tp_order       o;

    strcpy(symbol.status, "HALT");
    is(verdict(LONG("MARKET", NOTHING), &rules, &o, &err), "symbol: BTCUSDT is not traded now (HALT)",
       "an instrument that is halted takes no order");
    ok(err.code == TP_EREFUSED, "which is a refusal, not a malformed order");
    strcpy(symbol.market_type, "SPOT");
    is(verdict(LONG("MARKET", NOTHING), &rules, &o, &err),
       "symbol: BTCUSDT is a SPOT instrument; orders are for linear perpetuals", "spot has candles, no orders");
}

static void
defaults(void)
{
    struct tp_symbol      symbol = instrument();
    struct tp_order_rules rules = {.symbol = &symbol, .position_mode = "ONE_WAY", .last_price = tp_dec_int(100)};
    struct tp_err         err = TP_ERR_INIT;
    struct tp_order       o;
    struct tp_dec         notional, margin;
    char                  text[TP_DEC_TEXT];

    is(verdict(ORDER("LONG", "LIMIT", "\"quantity\":\"1\",\"price\":\"100.01\",\"leverage\":3"), &rules, &o, &err), NULL,
       "an order of the least that is needed");
    ok(o.reduce_only == 0 && o.leverage == 3 && tp_dec_sign(o.filled_quantity) == 0, "opens, and is not filled");
    is(o.time_in_force, "GTC", "rests until it is cancelled");
    is(o.margin_mode, "ISOLATED", "has its own margin");
    is(o.working_type, "LAST", "is triggered by the last price");
    is(o.status, "PENDING", "is pending");
    is(o.role, "ENTRY", "is an entry");
    ok(tp_order_notional(&notional, &o, tp_dec_int(90), &err) == 0, "has a notional");
    ok(tp_order_margin(&margin, &o, notional, &err) == 0, "has a margin");
    tp_dec_print_short(text, notional);
    is(text, "100.01", "the notional is at the limit price, not at the last one");
    tp_dec_print_short(text, margin);
    is(text, "33.33666667", "the margin is rounded up");
    is(verdict(LONG("MARKET", "\"reduce_only\":true"), &rules, &o, &err), NULL, "an order that only reduces");
    is(o.role, "EXIT", "is an exit");
}

static void
groups(void)
{
    struct tp_symbol      symbol = instrument();
    struct tp_order_rules rules = {.symbol = &symbol, .position_mode = "ONE_WAY", .last_price = tp_dec_int(100)};
    struct tp_err         err = TP_ERR_INIT;
    struct tp_order       a, b;

    verdict(LONG("MARKET", "\"reduce_only\":true"), &rules, &a, &err);
    b = a;
    ok(tp_order_check_group(&a, &b, &err) == 0, "two orders that close the same position make a group");
    strcpy(b.side, "SHORT");
    ok(tp_order_check_group(&a, &b, &err) < 0, "of two sides they do not");
    b = a;
    b.account_id.b[0] = 1;
    ok(tp_order_check_group(&a, &b, &err) < 0, "of two accounts they do not");
    b = a;
    b.reduce_only = 0;
    ok(tp_order_check_group(&a, &b, &err) < 0, "an order that opens is in no group");
}

int
main(void)
{
    table();
    without_a_price();
    refusals();
    defaults();
    groups();
    return done();
}
