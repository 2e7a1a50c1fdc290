/* The text chart and the page of a backtest. */
#include "report/report.h"

#include "tests/unit/tap.h"

#define DAY(n) ((struct tp_time){INT64_C(1704067200000000) + (n)*TP_US_DAY})

static void
series(void)
{
    struct tp_report_point equity[] = {
        {DAY(1), tp_dec_int(100)}, {DAY(2), tp_dec_int(120)}, {DAY(3), tp_dec_int(90)}, {DAY(4), TP_DEC_NONE}};
    struct tp_report_point fall[4], thin[10], many[1000];
    char                   text[TP_DEC_TEXT];
    size_t                 n;
    bool                   seen = false, ordered = true;

    tp_report_drawdown(equity, 4, fall);
    ok(tp_dec_sign(fall[1].value) == 0, "a new peak has no drawdown");
    tp_dec_print(text, fall[2].value, 4);
    is(text, "25.0000", "a fall from 120 to 90 is 25 percent");
    ok(tp_dec_none(fall[3].value), "no equity, no drawdown");
    for (int i = 0; i < 1000; i++)
        many[i] = (struct tp_report_point){DAY(i), tp_dec_int(i == 517 ? 999 : 5)};
    n = tp_report_thin(many, 1000, thin, 10);
    for (size_t i = 0; i < n; i++) {
        seen |= tp_dec_cmp(thin[i].value, tp_dec_int(999)) == 0;
        ordered &= i == 0 || thin[i].time.us >= thin[i - 1].time.us;
    }
    ok(n <= 10 && seen && ordered, "a thinned line keeps its spike and its order");
}

static void
text_chart(void)
{
    struct tp_chart_look   look = {.width = 40, .height = 4, .ascii = true};
    struct tp_report_point equity[26];
    struct tp_buf          out = {0};

    for (int i = 0; i < 26; i++)
        equity[i] = (struct tp_report_point){DAY(i), tp_dec_int(100 + (i < 13 ? i : 25 - i))};
    tp_report_chart(&out, equity, 26, &look);
    is(out.at,
       "equity\n"
       "      112.00 |           ####\n"
       "             |        ##########\n"
       "             |     ################\n"
       "      100.00 |##########################\n"
       "drawdown\n"
       "         0 % |               ###########\n"
       "    -10.71 % |                     #####\n"
       "              2024-01-01      2024-01-26\n",
       "a hill and its far side");
    tp_buf_clear(&out);
    tp_report_chart(&out, equity, 0, &look);
    is(out.at, "no equity to draw\n", "nothing to draw is said");
    tp_buf_clear(&out);
    look.ascii = false;
    tp_report_chart(&out, equity, 1, &look);
    ok(strstr(out.at, "100.00 ") != NULL, "one point can be drawn");
    tp_buf_free(&out);
}

static void
page(void)
{
    struct tp_report_point equity[] = {{DAY(1), tp_dec_int(110)}, {DAY(32), tp_dec_int(99)}};
    struct tp_report_point from_midnight[] = {{DAY(0), tp_dec_int(100)}, {DAY(1), tp_dec_int(110)}};
    struct tp_report_pair  metric = {"<b>", "a & \"b\""};
    struct tp_trip         trade = {.side = "LONG", .opened_at = DAY(1), .closed_at = DAY(2), .quantity = tp_dec_int(1),
                                    .entry_price = tp_dec_int(7), .exit_price = tp_dec_int(8), .pnl = tp_dec_int(1),
                                    .fees = TP_DEC_NONE, .exit_reason = "</script><script>alert(1)"};
    const char *const      not_modelled[] = {"queues", NULL};
    struct tp_report_input in = {.title = "</title>'x'", .initial = tp_dec_int(100), .equity = equity, .n_equity = 2,
                                 .price = equity, .n_price = 2, .trades = &trade, .n_trades = 1,
                                 .metrics = &metric, .n_metrics = 1, .not_modelled = not_modelled};
    struct tp_buf          out = {0}, script = {0}, style = {0};

    tp_report_html(&out, &in);
    ok(strstr(out.at, "<title>&lt;/title&gt;&#39;x&#39;</title>") != NULL, "the title is escaped");
    ok(strstr(out.at, "<dt>&lt;b&gt;</dt><dd>a &amp; &quot;b&quot;</dd>") != NULL, "names and values are escaped");
    ok(!strstr(out.at, "<script"), "no script without dygraphs");
    ok(strstr(out.at, "<svg") != NULL, "the drawings are there without a script");
    ok(strstr(out.at, "<td class=\"up\">10.00</td><td class=\"down\">-10.00</td>") != NULL,
       "each month starts from the one before");
    ok(!strstr(out.at, "http://") && !strstr(out.at, "https://") && !strstr(out.at, " src="), "nothing is loaded");
    tp_buf_clear(&out);
    in.equity = from_midnight;
    tp_report_html(&out, &in);
    ok(strstr(out.at, "<tr><td>2024</td>") && !strstr(out.at, "<tr><td>2023</td>"),
       "the capital at the first midnight is no month of its own");
    in.equity = equity;
    tp_buf_clear(&out);
    in.script = "window.Dygraph=null;";
    in.style = "";
    tp_report_html(&out, &in);
    ok(strstr(out.at, "var price=[[1704153600000,110,null,null],[1704153600000,null,7,null],") != NULL,
       "prices and trades are one list by time");
    ok(!strstr(out.at, "<script>alert"), "a trade's text cannot become a script");
    if (tp_report_dygraphs(&script, &style))
        ok(script.n > 1000 && style.n > 0 && !strstr(script.at, "sourceMappingURL"), "dygraphs is embedded whole");
    else
        skip("dygraphs is embedded whole", "libjs-dygraphs is not installed");
    tp_buf_free(&out);
    tp_buf_free(&script);
    tp_buf_free(&style);
}

int
main(void)
{
    series();
    text_chart();
    page();
    return done();
}
