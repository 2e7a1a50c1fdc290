/* What a strategy's program may answer: a table of lines and of what is said about each. */
#include "proc/message.h"

#include "tests/unit/tap.h"

#define PLACE(more) "{\"t\":\"place\",\"id\":\"a\",\"side\":\"LONG\"," more "}"
#define QTY "\"qty\":\"1\""

static const struct {
    const char *line;
    const char *said; /* NULL: it is fine */
} cases[] = {
    {"{\"t\":\"ready\",\"v\":1}", NULL},
    {"{\"t\":\"ready\",\"v\":1,\"later\":[{}],\"deterministic\":true,\"snapshot\":false,\"needs\":[]}", NULL},
    {"{\"t\":\"ready\"}", "v: want 1"},
    {"{\"t\":\"ready\",\"v\":2}", "v: want 1"},
    {"{\"t\":\"ready\",\"v\":\"1\"}", "v: want a whole number from 0"},
    {"{\"t\":\"ready\",\"v\":1,\"snapshot\":1}", "snapshot: want true or false"},
    {"{\"t\":\"ready\",\"v\":1,\"needs\":[{\"series\":\"d\",\"interval\":\"1d\"},{\"series\":\"h_4\",\"interval\":\"4h\"}]}", NULL},
    {"{\"t\":\"ready\",\"v\":1,\"needs\":[{\"series\":\"d\"}]}", "needs[0].interval: want one of 1m to 1w"},
    {"{\"t\":\"ready\",\"v\":1,\"needs\":[{\"series\":\"main\",\"interval\":\"1d\"}]}",
     "needs[0].series: want a name of its own of letters, digits and _, at most 32"},
    {"{\"t\":\"ready\",\"v\":1,\"needs\":[{\"series\":\"d\",\"interval\":\"1d\"},{\"series\":\"d\",\"interval\":\"4h\"}]}",
     "needs[1].series: want a name of its own of letters, digits and _, at most 32"},
    {"{\"t\":\"ready\",\"v\":1,\"needs\":[{\"series\":\"d\",\"interval\":\"1d\",\"symbol\":\"X\"}]}",
     "needs[0]: there are other intervals of the run's own instrument, and nothing else"},
    {"{\"t\":\"ready\",\"v\":1,\"needs\":{}}", "needs: want a list"},
    {"{\"t\":\"done\",\"seq\":7}", NULL},
    {"{\"t\":\"done\",\"seq\":-1}", "seq: want a whole number from 0"},
    {"{\"t\":\"done\",\"seq\":\"7\"}", "seq: want a whole number from 0"},
    {"{\"t\":\"log\",\"msg\":\"\"}", NULL},
    {"{\"t\":\"log\",\"level\":\"loud\",\"msg\":\"x\"}", "level: there is no 'loud'"},
    {"{\"t\":\"log\"}", "msg: want a text"},
    {"{\"t\":\"state\",\"data\":null}", NULL},
    {"{\"t\":\"state\"}", "data: it is missing"},
    {"{\"t\":\"cancel\",\"id\":\"a\"}", NULL},
    {"{\"t\":\"cancel\"}", "id: want a text of 1 to 64 bytes"},
    {"{\"t\":\"cancel\",\"id\":\"\"}", "id: want a text of 1 to 64 bytes"},
    {"{\"t\":\"cancel\",\"id\":7}", "id: want a text of 1 to 64 bytes"},
    {"{\"t\":\"sell\"}", "t: there is no 'sell'"},
    {"{\"t\":7}", "t: there is no ''"},
    {"{}", "t: there is no ''"},
    {"[]", "want a JSON object"},
    {"{\"t\":\"done\",\"t\":\"done\"}", "line 1 column 15: not valid JSON"},

    {"{\"t\":\"target\",\"side\":\"FLAT\"}", NULL},
    {"{\"t\":\"target\",\"side\":\"LONG\",\"equity_pct\":\"95\",\"sl\":\"1\",\"tp_pct\":\"2.5\"}", NULL},
    {"{\"t\":\"target\",\"side\":\"SHORT\"}", "want one of qty, quote, equity_pct and risk_pct"},
    {"{\"t\":\"target\",\"side\":\"SHORT\",\"qty\":\"1\",\"quote\":\"1\"}", "want one of qty, quote, equity_pct and risk_pct"},
    {"{\"t\":\"target\",\"side\":\"SHORT\",\"qty\":\"0\"}", "qty: want a number above zero"},
    {"{\"t\":\"target\",\"side\":\"SHORT\",\"qty\":\"-1\"}", "qty: want a number above zero"},
    {"{\"t\":\"target\",\"side\":\"SHORT\",\"qty\":1}", "qty: want a decimal as text"},
    {"{\"t\":\"target\",\"qty\":\"1\"}", "side: there is no ''"},
    {"{\"t\":\"target\",\"side\":\"LONG\",\"risk_pct\":\"1\"}", "risk_pct: it needs a stop-loss: sl or sl_pct"},
    {"{\"t\":\"target\",\"side\":\"LONG\",\"qty\":\"1\",\"sl\":\"1\",\"sl_pct\":\"1\"}", "want one of sl and sl_pct"},

    {PLACE(QTY), NULL},
    {PLACE(QTY ",\"type\":\"LIMIT\",\"price\":\"100\",\"tif\":\"GTX\",\"expire_bars\":3,\"sl\":\"90\""), NULL},
    {PLACE(QTY ",\"type\":\"LIMIT\""), "price: this type of order needs it"},
    {PLACE(QTY ",\"price\":\"100\""), "price: a MARKET order has none"},
    {PLACE(QTY ",\"type\":\"LIMIT\",\"price\":\"100\",\"stop_price\":\"99\""), "stop_price: a LIMIT order has none"},
    {PLACE(QTY ",\"trail_distance\":\"1\""), "trail_distance: a MARKET order has none"},
    {PLACE(QTY ",\"type\":\"TRAILING_STOP\""), "a trailing stop needs one of callback_rate and trail_distance"},
    {PLACE(QTY ",\"type\":\"TRAILING_STOP\",\"callback_rate\":\"1\",\"reduce_only\":true"), NULL},
    {PLACE(QTY ",\"type\":\"ICEBERG\""), "type: there is no 'ICEBERG'"},
    {PLACE(QTY ",\"tif\":\"GTX\""), "time_in_force: 'GTX' is for limit orders"},
    {PLACE(QTY ",\"tif\":1"), "tif: there is no ''"},
    {PLACE(QTY ",\"reduce_only\":\"yes\""), "reduce_only: want true or false"},
    {PLACE(QTY ",\"reduce_only\":true,\"tp\":\"1\""), "sl and tp belong to an order that opens"},
    {PLACE(QTY ",\"expire_bars\":1.5"), "expire_bars: want a whole number from 0"},
    {"{\"t\":\"place\",\"side\":\"LONG\"," QTY "}", "id: want a text of 1 to 64 bytes"},
};

int
main(void)
{
    for (size_t i = 0; i < TP_COUNT(cases); i++) {
        struct tp_err    err = TP_ERR_INIT;
        struct tp_answer a;
        int              got = tp_answer_read(&a, cases[i].line, strlen(cases[i].line), &err);

        if (cases[i].said)
            ok(got == -1 && err.code == TP_EINPUT && strcmp(err.msg, cases[i].said) == 0, "%s: %s", cases[i].line,
               got ? err.msg : "it is taken");
        else
            ok(got == 0, "%s: %s", cases[i].line, got ? err.msg : "fine");
        tp_answer_free(&a);
    }
    return done();
}
