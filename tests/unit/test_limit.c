#include "risk/limit.h"

#include "tests/unit/tap.h"

static struct tp_arena arena;

static struct tp_dec
dec(const char *text)
{
    struct tp_err err = TP_ERR_INIT;
    struct tp_dec d = TP_DEC_NONE;

    if (text && *text)
        ok(tp_dec_parse(text, strlen(text), &d, &err) == 0, "%s is a number", text);
    return d;
}

/* What stands in every case: 600 held and 200 ordered LONG of AAA, 100 ordered SHORT of BBB, a loss of 50
 * today, equity 900 of a peak of 1000, 3 orders today. */
static struct tp_standing
standing(void)
{
    struct tp_standing  s = {.orders_today = 3, .daily_loss = dec("50"), .equity = dec("900"), .peak = dec("1000")};
    struct tp_exposure *e = tp_standing_at(&s, "X", "AAA", "LONG");

    e->held = dec("600");
    e->ordered = dec("200");
    e->positions = e->orders = 1;
    e = tp_standing_at(&s, "X", "BBB", "SHORT");
    e->ordered = dec("100");
    e->orders = 1;
    return s;
}

static struct tp_limits
limits(const char *json)
{
    struct tp_limits l;
    struct tp_err    err = TP_ERR_INIT;
    char             line[512];

    snprintf(line, sizeof line, "{\"type\":\"risk_limit\",\"enabled\":true%s%s}", *json ? "," : "", json);
    ok(tp_record_parse(&tp_risk_limit_record, line, strlen(line), &l, &arena, &err) == 1
           && tp_limits_read(&l, &arena, &err) == 0,
       "limits are read: %s %s", json, err.msg);
    return l;
}

static struct tp_order
order(const char *json)
{
    struct tp_order o;
    struct tp_err   err = TP_ERR_INIT;
    char            line[512];

    snprintf(line, sizeof line,
             "{\"type\":\"order\",\"exchange\":\"X\",\"leverage\":5%s,%s}",
             strstr(json, "quantity") ? "" : ",\"quantity\":\"1\"", json);
    ok(tp_record_parse(&tp_order_record, line, strlen(line), &o, &arena, &err) == 1, "order is read: %s %s", json,
       err.msg);
    return o;
}

#define LONG_AAA "\"symbol\":\"AAA\",\"side\":\"LONG\",\"order_type\":\"MARKET\""
#define LONG_CCC "\"symbol\":\"CCC\",\"side\":\"LONG\",\"order_type\":\"MARKET\""
#define SHORT_BBB "\"symbol\":\"BBB\",\"side\":\"SHORT\",\"order_type\":\"LIMIT\",\"price\":\"10\""

static const struct {
    const char *limits, *order, *market, *want; /* want "": it passes */
} cases[] = {
    {"", LONG_AAA, "100", ""},
    {"", LONG_AAA, "", ""},
    {"\"max_order_size\":\"100\"", LONG_AAA, "100", ""},
    {"\"max_order_size\":\"100\"", LONG_AAA, "100.00000001", "MAX_ORDER_SIZE"},
    {"\"max_order_size\":\"100\"", LONG_AAA, "", "NO_PRICE"},
    /* a notional is rounded up: 0.5 x 0.00000001 over the limit is over the limit */
    {"\"max_order_size\":\"50\"", LONG_AAA ",\"quantity\":\"0.5\"", "100.00000001", "MAX_ORDER_SIZE"},
    {"\"max_position_size\":\"900\"", LONG_AAA, "100", ""},
    {"\"max_position_size\":\"899.99999999\"", LONG_AAA, "100", "MAX_POSITION_SIZE"},
    {"\"max_position_size\":\"900\"", LONG_AAA ",\"quantity\":\"2\",\"filled_quantity\":\"1\"", "100", ""},
    {"\"max_position_size\":\"100\"", LONG_CCC, "100", ""},
    {"\"max_position_size\":\"100\"", LONG_CCC, "101", "MAX_POSITION_SIZE"},
    {"\"max_position_size\":\"100\"", LONG_CCC, "", "NO_PRICE"},
    /* orders that only reduce always pass */
    {"\"max_position_size\":\"1\",\"max_leverage\":1", LONG_AAA ",\"reduce_only\":true", "100", ""},
    {"\"max_leverage\":5", LONG_AAA, "100", ""},
    {"\"max_leverage\":4", LONG_AAA, "100", "MAX_LEVERAGE"},
    {"\"max_open_positions\":2", LONG_AAA, "100", ""},
    {"\"max_open_positions\":2", LONG_CCC, "100", "MAX_OPEN_POSITIONS"},
    {"\"max_open_positions\":3", LONG_CCC, "100", ""},
    {"\"max_open_positions\":0", LONG_CCC, "", "MAX_OPEN_POSITIONS"},
    {"\"max_daily_loss\":\"50.00000001\"", LONG_AAA, "100", ""},
    {"\"max_daily_loss\":\"50\"", LONG_AAA, "100", "MAX_DAILY_LOSS"},
    {"\"max_drawdown\":\"10.0001\"", LONG_AAA, "100", ""},
    {"\"max_drawdown\":\"10\"", LONG_AAA, "100", "MAX_DRAWDOWN"},
    {"\"risk_rules\":{\"max_open_orders\":2}", LONG_AAA, "100", "MAX_OPEN_ORDERS"},
    {"\"risk_rules\":{\"max_open_orders\":3}", LONG_AAA, "100", ""},
    {"\"risk_rules\":{\"max_orders_per_day\":3}", LONG_AAA, "100", "MAX_ORDERS_PER_DAY"},
    {"\"risk_rules\":{\"max_orders_per_day\":4}", LONG_AAA, "100", ""},
    {"\"risk_rules\":{\"max_total_exposure\":\"1000\"}", LONG_CCC, "100", ""},
    {"\"risk_rules\":{\"max_total_exposure\":\"1000\"}", LONG_CCC, "100.1", "MAX_TOTAL_EXPOSURE"},
    {"\"risk_rules\":{\"allowed_symbols\":[\"BBB\",\"AAA\"]}", LONG_AAA, "100", ""},
    {"\"risk_rules\":{\"allowed_symbols\":[\"BBB\",\"AAA\"]}", LONG_CCC, "100", "SYMBOL_NOT_ALLOWED"},
    {"\"risk_rules\":{\"blocked_symbols\":[\"AAA\"]}", LONG_AAA, "100", "SYMBOL_NOT_ALLOWED"},
    {"\"risk_rules\":{\"allowed_order_types\":[\"LIMIT\"]}", LONG_AAA, "100", "ORDER_TYPE_NOT_ALLOWED"},
    {"\"risk_rules\":{\"allowed_order_types\":[\"LIMIT\"]}", SHORT_BBB, "100", ""},
    /* a SHORT limit far below the market fills at the market */
    {"\"max_order_size\":\"50\"", SHORT_BBB, "100", "MAX_ORDER_SIZE"},
    {"\"max_order_size\":\"50\"", SHORT_BBB, "", "NO_PRICE"},
    {"\"max_order_size\":\"50\"", SHORT_BBB, "9", ""},
    /* a LONG limit never costs more, whatever the market */
    {"\"max_order_size\":\"50\"", "\"symbol\":\"AAA\",\"side\":\"LONG\",\"order_type\":\"LIMIT\",\"price\":\"50\"", "", ""},
    /* a LONG stop that the market has passed fills at the market */
    {"\"max_order_size\":\"50\"",
     "\"symbol\":\"AAA\",\"side\":\"LONG\",\"order_type\":\"STOP_MARKET\",\"stop_price\":\"0.01\"", "100",
     "MAX_ORDER_SIZE"},
    {"\"max_order_size\":\"50\"",
     "\"symbol\":\"AAA\",\"side\":\"LONG\",\"order_type\":\"STOP_MARKET\",\"stop_price\":\"60\"", "10",
     "MAX_ORDER_SIZE"},
};

static const struct {
    const char *rules, *want; /* want "": it is taken */
} rules[] = {
    {"{}", ""},
    {"{\"max_open_orders\":0}", ""},
    {"{\"max_open_orders\":\"5\"}", "max_open_orders"},
    {"{\"max_open_orders\":-1}", "max_open_orders"},
    {"{\"max_open_orders\":1.5}", "max_open_orders"},
    {"{\"max_total_exposure\":100}", "max_total_exposure"},
    {"{\"max_total_exposure\":\"0\"}", "max_total_exposure"},
    {"{\"max_total_exposure\":\"1e3\"}", "max_total_exposure"},
    {"{\"allowed_symbols\":[]}", "allowed_symbols"},
    {"{\"allowed_symbols\":\"AAA\"}", "allowed_symbols"},
    {"{\"allowed_symbols\":[1]}", "allowed_symbols"},
    {"{\"allowed_order_types\":[\"MARKT\"]}", "MARKT"},
    {"{\"max_loss\":\"1\"}", "no rule 'max_loss'"},
    {"[]", "want a JSON object"},
};

static const struct {
    const char *rules, *setting, *want; /* want: the rules after it, or "!" and a part of the message */
} settings[] = {
    {NULL, "max_open_orders=5", "{\"max_open_orders\":5}"},
    {"{\"max_open_orders\":5}", "allowed_symbols=A,B", "{\"allowed_symbols\":[\"A\",\"B\"],\"max_open_orders\":5}"},
    {"{\"max_open_orders\":5}", "max_open_orders=", "{}"},
    {NULL, "max_total_exposure=1000.5", "{\"max_total_exposure\":\"1000.5\"}"},
    {NULL, "max_total_exposure=much", "!much"},
    {NULL, "max_open_orders=many", "!many"},
    {NULL, "allowed_symbols=A,,B", "!list of words"},
    {NULL, "allowed_order_types=LIMIT,MARKT", "!MARKT"},
    {NULL, "max_open_orders", "!KEY=VALUE"},
    {NULL, "maximum=1", "!no rule 'maximum'"},
};

static int
count(void *to, const struct tp_headroom *h, struct tp_err *err)
{
    struct tp_buf *b = to;
    char           left[TP_DEC_TEXT] = "?";

    (void)err;
    if (!tp_dec_none(h->left))
        tp_dec_print_short(left, h->left);
    tp_buf_fmt(b, "%s%s%s=%s%s ", h->limit, *h->symbol ? " " : "", h->symbol, left, h->reached == 1 ? "!" : "");
    return 0;
}

static void
test_headroom(void)
{
    struct tp_standing s = standing();
    struct tp_limits   l = limits("\"max_position_size\":\"700\",\"max_daily_loss\":\"80\",\"max_drawdown\":\"10\","
                                    "\"max_open_positions\":5,\"risk_rules\":{\"max_total_exposure\":\"950\"}");
    struct tp_err      err = TP_ERR_INIT;
    TP_AUTO_BUF        got = {0};

    ok(tp_limit_headroom(&l, &s, count, &got, &err) == 0, "headroom is given");
    is(got.at,
       "max_position_size AAA=0! max_position_size BBB=600 max_open_positions=3 max_daily_loss=30 "
       "max_drawdown=0! max_total_exposure=50 ",
       "what is left of each limit");
    tp_standing_free(&s);
}

/* Taking an order in counts it; taking it out again leaves what was. */
static void
test_take(void)
{
    struct tp_standing s = standing();
    struct tp_limits   l = limits("\"max_position_size\":\"900\"");
    struct tp_order    o = order(LONG_AAA);
    struct tp_err      err = TP_ERR_INIT;
    char               reason[TP_REASON_SIZE];

    ok(tp_standing_take(&s, &o, dec("100"), 1, &err) == 0, "it is taken in");
    ok(tp_limit_check(&l, &s, &o, dec("100"), reason, &err) == 0, "a second one does not fit");
    is(reason, "MAX_POSITION_SIZE", "because of the first");
    ok(tp_standing_take(&s, &o, dec("100"), -1, &err) == 0, "it is taken out");
    ok(tp_limit_check(&l, &s, &o, dec("100"), reason, &err) == 1, "now it fits");
    ok(tp_standing_take(&s, &o, TP_DEC_NONE, 1, &err) == 0, "one without a price is taken in");
    ok(tp_limit_check(&l, &s, &o, dec("1"), reason, &err) == 0, "nothing fits on top of it");
    is(reason, "NO_PRICE", "because nobody knows what it is worth");
    tp_standing_free(&s);
}

int
main(void)
{
    struct tp_standing s = standing();
    struct tp_err      err = TP_ERR_INIT;
    char               reason[TP_REASON_SIZE];

    for (size_t i = 0; i < TP_COUNT(cases); i++) {
        struct tp_limits l = limits(cases[i].limits);
        struct tp_order  o = order(cases[i].order);
        int              rc = tp_limit_check(&l, &s, &o, tp_order_bound(&o, dec(cases[i].market)), reason, &err);

        ok(rc == (cases[i].want[0] == '\0'), "{%s} and {%s} at %s: %d", cases[i].limits, cases[i].order,
           cases[i].market, rc);
        is(reason, cases[i].want, "the reason");
        l.enabled = 0;
        ok(tp_limit_check(&l, &s, &o, TP_DEC_NONE, reason, &err) == 1, "limits that are off stop nothing");
    }
    tp_standing_free(&s);
    for (size_t i = 0; i < TP_COUNT(rules); i++) {
        struct tp_limits l = {.risk_rules = rules[i].rules};
        int              rc = tp_limits_read(&l, &arena, &err);

        ok(rc == (rules[i].want[0] ? -1 : 0) && (rc == 0 || strstr(err.msg, rules[i].want)), "rules %s: %s",
           rules[i].rules, rc ? err.msg : "taken");
    }
    for (size_t i = 0; i < TP_COUNT(settings); i++) {
        const char *text = settings[i].rules;
        int         rc = tp_limits_rule(&text, settings[i].setting, &arena, &err);

        if (settings[i].want[0] == '!')
            ok(rc == -1 && strstr(err.msg, settings[i].want + 1), "%s: %s", settings[i].setting, err.msg);
        else
            is(rc ? err.msg : text, settings[i].want, "%s", settings[i].setting);
    }
    test_headroom();
    test_take();
    tp_arena_free(&arena);
    return done();
}
