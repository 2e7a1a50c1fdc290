/* Documents of tp.strategy/1: what is taken, what is refused with which path, what is wanted of a bar. */
#include "strategy/strategy.h"

#include <stdlib.h>

#include "base/dec.h"
#include "market/interval.h"
#include "tests/unit/tap.h"

#define ENTRY "entry: {long: {when: 'close > 1', size: {qty: 1}}}\n"

static int
open_text(struct tp_strategy **s, const char *text, const char *param, const char *interval, bool run,
          struct tp_err *err)
{
    struct tp_strategy_opts opts = {.text = text,
                                    .n = strlen(text),
                                    .name = "it",
                                    .params = &param,
                                    .n_params = param ? 1 : 0,
                                    .interval = interval ? tp_interval_find(interval) : NULL,
                                    .run = run};

    return tp_strategy_open(s, &opts, err);
}

static const struct {
    const char *text, *param, *interval, *want; /* "type warm-up", or the message */
} cases[] = {
    {ENTRY, NULL, NULL, "technical 0"},
    {"{\"entry\": {\"long\": {\"when\": true, \"size\": {\"qty\": 1}}}}", NULL, NULL, "technical 0"},
    {"schema: tp.strategy/1\n" ENTRY, NULL, NULL, "technical 0"},
    {"schema: tp.strategy/2\n" ENTRY, NULL, NULL, "it: $.schema: want 'tp.strategy/1'"},
    {"filtre: 'true'\n" ENTRY, NULL, NULL, "it: $: unknown key 'filtre', did you mean 'filter'?"},
    {"entry: {lnog: {when: 'true'}}", NULL, NULL, "it: $.entry: unknown key 'lnog', did you mean 'long'?"},
    {"[a]", NULL, NULL, "it: $: want an object"},
    {"word", NULL, NULL, "it: $: want an object"},
    {"filter: 'close > 1'", NULL, NULL, "it: $.entry: want long, short or both"},
    /* expressions and their types */
    {"filter: 'close'\n" ENTRY, NULL, NULL, "it: $.filter: column 1: want a condition, not a number"},
    {"filter: 'clos > 1'\n" ENTRY, NULL, NULL, "it: $.filter: column 1: unknown word 'clos', did you mean 'close'?"},
    {"filter: [a]\n" ENTRY, NULL, NULL, "it: $.filter: want an expression"},
    {"entry: {long: {when: 'emaa(close, 3) > 1', size: {qty: 1}}}", NULL, NULL,
     "it: $.entry.long.when: column 1: unknown function 'emaa', did you mean 'ema'?"},
    {"entry: {long: {when: 'close', size: {qty: 1}}}", NULL, NULL,
     "it: $.entry.long.when: column 1: want a condition, not a number"},
    {"entry: {long: {size: {qty: 1}}}", NULL, NULL, "it: $.entry.long.when: an entry needs a condition"},
    {"entry: {long: {when: 'true'}}", NULL, NULL, "it: $.entry.long.size: an entry needs a size"},
    {"exit: {long: {when: '1'}}\n" ENTRY, NULL, NULL, "it: $.exit.long.when: column 1: want a condition, not a number"},
    {"exit: {on_opposite: flip}\n" ENTRY, NULL, NULL, "it: $.exit.on_opposite: want reverse, close or ignore"},
    {"vars: {a: 'close[1]', b: 'a > 1'}\nfilter: b\n" ENTRY, NULL, NULL, "technical 1"},
    {"vars: {b: 'a > 1', a: 'close'}\nfilter: b\n" ENTRY, NULL, NULL, "it: $.vars.b: column 1: unknown word 'a'"},
    {"vars: {close: 'open'}\n" ENTRY, NULL, NULL, "it: $.vars.close: the word has a meaning already"},
    {"vars: {and: 'open'}\n" ENTRY, NULL, NULL, "it: $.vars.and: the word has a meaning already"},
    {"vars: {'a b': 'open'}\n" ENTRY, NULL, NULL,
     "it: $.vars: want a name of letters, digits and '_', not 'a b'"},
    {"vars: [a]\n" ENTRY, NULL, NULL, "it: $.vars: want an object"},
    {"vars: {unused: 'sma(close, 99)'}\n" ENTRY, NULL, NULL, "technical 0"},
    /* parameters */
    {"params: {n: {default: 3}}\nfilter: 'sma(close, $n) > 1'\n" ENTRY, NULL, NULL, "technical 2"},
    {"params: {n: {default: 3}}\nfilter: 'sma(close, $n) > 1'\n" ENTRY, "n=8", NULL, "technical 7"},
    {"params: {n: {default: 3}}\nfilter: 'sma(close, $n) > 1'\n" ENTRY, "n=2.5", NULL,
     "it: $.filter: column 12: 'n' of 'sma': want a whole number from 1 to 1000000, not 2.5"},
    {"params: {n: {default: 3}}\n" ENTRY, "n=x", NULL, "it: --param n: 'x' is not a decimal number: want digits with at most one point"},
    {"params: {n: {default: 3}}\n" ENTRY, "n=", NULL, "it: --param n: '' is not a decimal number: it is empty"},
    {"params: {n: {default: 3}}\n" ENTRY, "n", NULL, "it: --param: want NAME=VALUE, not 'n'"},
    {"params: {n: {default: 3}}\n" ENTRY, "m=1", NULL, "it: --param: the strategy has no parameter 'm'"},
    {"params: {n: {default: 3, min: 2, max: 5}}\n" ENTRY, "n=5", NULL, "technical 0"},
    {"params: {n: {default: 3, min: 2, max: 5}}\n" ENTRY, "n=6", NULL,
     "it: --param n: 6 is above the parameter's max 5"},
    {"params: {n: {default: 3, min: 2, max: 5}}\n" ENTRY, "n=1.9", NULL,
     "it: --param n: 1.9 is below the parameter's min 2"},
    {"params: {n: {default: 3, values: [1, 3]}}\n" ENTRY, "n=1.0", NULL, "technical 0"},
    {"params: {n: {default: 3, values: [1, 3]}}\n" ENTRY, "n=2", NULL,
     "it: --param n: 2 is none of the parameter's values"},
    {"params: {n: {default: 9, min: 2, max: 5}}\n" ENTRY, NULL, NULL,
     "it: $.params.n: 9 is above the parameter's max 5"},
    {"params: {n: {default: 3, min: 5, max: 2}}\n" ENTRY, NULL, NULL, "it: $.params.n.max: it is below min"},
    {"params: {n: {default: 3, step: 0}}\n" ENTRY, NULL, NULL, "it: $.params.n.step: want a number above zero"},
    {"params: {n: {default: 3, min: 1, values: [3]}}\n" ENTRY, NULL, NULL,
     "it: $.params.n: min, max and step exclude values"},
    {"params: {n: {min: 1}}\n" ENTRY, NULL, NULL, "it: $.params.n: it needs a default"},
    {"params: {n: {default: true}}\n" ENTRY, NULL, NULL, "it: $.params.n: want a number"},
    {"params: {n: {defualt: 3}}\n" ENTRY, NULL, NULL,
     "it: $.params.n: unknown key 'defualt', did you mean 'default'?"},
    {"params: {n: 3}\n" ENTRY, NULL, NULL,
     "it: $.params.n: want an object like {default: 10, min: 5, max: 50, step: 5}"},
    /* orders, sizes, protection */
    {"entry: {long: {when: 'true', order: {type: LIMIT}, size: {qty: 1}}}", NULL, NULL,
     "it: $.entry.long.order.price: LIMIT needs it"},
    {"entry: {long: {when: 'true', order: {type: STOP_LIMIT, price: close}, size: {qty: 1}}}", NULL, NULL,
     "it: $.entry.long.order.stop: STOP_LIMIT needs it"},
    {"entry: {long: {when: 'true', order: {price: close, type: MARKET}, size: {qty: 1}}}", NULL, NULL,
     "it: $.entry.long.order.price: it belongs to LIMIT and STOP_LIMIT"},
    {"entry: {long: {when: 'true', order: {type: MARKET, stop: close}, size: {qty: 1}}}", NULL, NULL,
     "it: $.entry.long.order.stop: it belongs to STOP_MARKET and STOP_LIMIT"},
    {"entry: {long: {when: 'true', order: {type: FOK}, size: {qty: 1}}}", NULL, NULL,
     "it: $.entry.long.order.type: want MARKET, LIMIT, STOP_MARKET or STOP_LIMIT"},
    {"entry: {long: {when: 'true', order: {type: LIMIT, price: 'close > 1'}, size: {qty: 1}}}", NULL, NULL,
     "it: $.entry.long.order.price: column 1: want a number, not a condition"},
    {"entry: {long: {when: 'true', size: {qty: 1, quote: 2}}}", NULL, NULL,
     "it: $.entry.long.size: want one of qty, quote, equity_pct, risk_pct, kelly_frac above zero"},
    {"entry: {long: {when: 'true', size: {qty: -1}}}", NULL, NULL,
     "it: $.entry.long.size: want one of qty, quote, equity_pct, risk_pct, kelly_frac above zero"},
    {"entry: {long: {when: 'true', size: {risk_pct: 1}}}", NULL, NULL,
     "it: $.protect.stop_loss: a size by risk needs it"},
    {"entry: {long: {when: 'true', size: {risk_pct: 1}}}\nprotect: {stop_loss: {pct: 2}}", NULL, NULL, "technical 0"},
    {"entry: {long: {when: 'true', size: {risk_pct: 1}}}\nprotect: {stop_loss: {atr: 2, n: 7}}", NULL, NULL,
     "technical 7"},
    {"entry: {long: {when: 'true', size: {kelly_frac: 0.5}}}", NULL, NULL,
     "it: $.entry.long.size.p: it needs the chance that the price rises, from 0 to 1"},
    {"entry: {long: {when: 'true', size: {kelly_frac: 2, p: 0.6}}}", NULL, NULL,
     "it: $.entry.long.size.kelly_frac: more than a whole bet"},
    {"entry: {long: {when: 'true', size: {qty: 2, p: 0.6}}}", NULL, NULL,
     "it: $.entry.long.size.p: it belongs to kelly_frac"},
    {"protect: {stop_loss: {}}\n" ENTRY, NULL, NULL, "it: $.protect.stop_loss: want pct, atr or price"},
    {"protect: {stop_loss: {pct: 1, atr: 2}}\n" ENTRY, NULL, NULL, "it: $.protect.stop_loss: want pct, atr or price"},
    {"protect: {stop_loss: {pct: 1, n: 2}}\n" ENTRY, NULL, NULL, "it: $.protect.stop_loss.n: it belongs to atr"},
    {"protect: {stop_loss: {atr: 1, n: 2.5}}\n" ENTRY, NULL, NULL,
     "it: $.protect.stop_loss.n: column 5: 'n' of 'atr': want a whole number from 1 to 1000000, not 2.5"},
    {"protect: {stop_loss: {pct: 1, portion: 2}}\n" ENTRY, NULL, NULL,
     "it: $.protect.stop_loss: unknown key 'portion'"},
    {"protect: {stop_loss: {price: 'entry_price * 0.98'}}\n" ENTRY, NULL, NULL,
     "it: $.protect.stop_loss.price: account words are not known before the entry"},
    {"protect: {trailing: {price: close}}\n" ENTRY, NULL, NULL, "it: $.protect.trailing: unknown key 'price'"},
    {"protect: {trailing: {n: 3}}\n" ENTRY, NULL, NULL, "it: $.protect.trailing: want pct or atr"},
    {"protect: {take_profit: [{pct: 1}, {pct: 2, portions: 50}]}\n" ENTRY, NULL, NULL,
     "it: $.protect.take_profit[1]: unknown key 'portions', did you mean 'portion'?"},
    {"protect: {take_profit: {pct: 2, portion: 101}}\n" ENTRY, NULL, NULL,
     "it: $.protect.take_profit.portion: want more than 0 and at most 100 percent"},
    {"protect: {time_exit: {bar: 2}}\n" ENTRY, NULL, NULL,
     "it: $.protect.time_exit: unknown key 'bar', did you mean 'bars'?"},
    {"protect: {breakeven: {pct: 2}}\n" ENTRY, NULL, NULL, "it: $.protect.breakeven: unknown key 'pct'"},
    {"protect: {stop_loss: {pct: 0}}\n" ENTRY, NULL, NULL, "it: $.protect.stop_loss: want a distance above zero"},
    {"protect: {stop: {pct: 1}}\n" ENTRY, NULL, NULL, "it: $.protect: unknown key 'stop'"},
    {"protect: {take_profit: [{pct: 1}, {pct: 1}, {pct: 1}, {pct: 1}, {pct: 1}]}\n" ENTRY, NULL, NULL,
     "it: $.protect.take_profit: at most 4"},
    {"entry: {long: {when: 'true', size: {qty: 1}, cooldown: 1.5}}", NULL, NULL,
     "it: $.entry.long.cooldown: want a whole number from 0"},
    {"entry: {long: {when: 'true', size: {qty: 1}, max_adds: 2}}", NULL, NULL,
     "it: $.entry.long.max_adds: max_adds, above zero, and add_when go together"},
    {"entry: {long: {when: 'true', size: {qty: 1}, add_when: 'close > open'}}", NULL, NULL,
     "it: $.entry.long.add_when: max_adds, above zero, and add_when go together"},
    {"entry: {long: {when: 'true', size: {qty: 1}, max_adds: 2, add_when: 'close > open'}}", NULL, NULL, "technical 0"},
    {"protect: {time_exit: {bars: 0}}\n" ENTRY, NULL, NULL, "it: $.protect.time_exit.bars: want a whole number from 1"},
    {"protect: {time_exit: {}}\n" ENTRY, NULL, NULL, "it: $.protect.time_exit.bars: want a whole number from 1"},
    {"protect: {breakeven: {after_pct: 0}}\n" ENTRY, NULL, NULL,
     "it: $.protect.breakeven.after_pct: want a number above zero"},
    {"protect: {take_profit: [{pct: 1, portion: 80}, {pct: 2, portion: 80}]}\n" ENTRY, NULL, NULL,
     "it: $.protect.take_profit[1].portion: the targets take 160 percent of the position"},
    {"protect: {take_profit: [{pct: 1}, {pct: 2}]}\n" ENTRY, NULL, NULL,
     "it: $.protect.take_profit[1].portion: the targets take 200 percent of the position"},
    {"protect: {take_profit: [{pct: 1, portion: 33.3}, {pct: 2, portion: 33.3}, {pct: 3, portion: 33.4}]}\n" ENTRY, NULL,
     NULL, "technical 0"},
    /* series */
    {"data: {d: {interval: 1d}}\nfilter: 'sma(d.close, 5) > 1'\n" ENTRY, NULL, "1h", "technical 119"},
    {"data: {d: {interval: 1d}}\nfilter: 'adx(d, 5) > 1'\n" ENTRY, NULL, "4h", "technical 59"},
    {"data: {d: {interval: 7m}}\n" ENTRY, NULL, NULL,
     "it: $.data.d.interval: want 1m, 5m, 15m, 30m, 1h, 4h, 1d or 1w, not '7m'"},
    {"data: {d: {interval: 1h}}\n" ENTRY, NULL, "4h", "it: $.data.d.interval: 1h bars cannot be made of the run's 4h bars"},
    {"data: {d: {kind: candels}}\n" ENTRY, NULL, NULL, "it: $.data.d.kind: want candles, funding, mark, scores"},
    {"data: {close: {interval: 1d}}\n" ENTRY, NULL, NULL, "it: $.data.close: the word has a meaning already"},
    {"data: {f: {kind: funding}}\nfilter: 'f.rate > 0'\n" ENTRY, NULL, NULL, "technical 0"},
    {"data: {f: {kind: funding}}\nfilter: 'f.close > 0'\n" ENTRY, NULL, NULL,
     "it: $.filter: column 3: series 'f' has no 'close'"},
    {"data: {f: {kind: funding}}\nfilter: 'adx(f) > 0'\n" ENTRY, NULL, NULL,
     "it: $.filter: column 1: there are no candles for 'adx'"},
    {"data: {f: {kind: funding, of: x}}\n" ENTRY, NULL, NULL, "it: $.data.f.of: there is no leg 'x'"},
    /* scores, legs, limits */
    {"score: {model: m}\nentry: {long: {when: 'score.p_up > 0.5', size: {kelly_frac: 0.2}}}", NULL, NULL, "ml 0"},
    {"score: {model: m}\nentry: {long: {when: 'score.p_up > 0.5 and close > 1', size: {qty: 1}}}", NULL, NULL,
     "hybrid 0"},
    {"score: {source: table}\n" ENTRY, NULL, NULL, "it: $.score.model: want a text of 1 to 100 bytes"},
    {"legs: {a: {symbol: A}}\n", NULL, NULL,
     "it: $.legs: want two or more, like {a: {symbol: ETHUSDT}, b: {symbol: BTCUSDT}}"},
    {"legs: {a: {symbol: A}, b: {symbol: B}}\n" ENTRY, NULL, NULL, "it: $: legs and spread belong together"},
    {"legs: {a: {symbol: A}, b: {symbol: B}}\nspread: {open_long: {when: 'a.close > b.close', legs: {c: LONG}}, "
     "close: {when: 'true'}, size: {quote: 1}}",
     NULL, NULL, "it: $.spread.open_long.legs: there is no leg 'c'"},
    {"legs: {a: {symbol: A}, b: {symbol: B}}\nspread: {open_long: {when: 'a.close > b.close', legs: {a: LONG}}, "
     "close: {when: 'true'}, size: {quote: 1}}",
     NULL, NULL, "arbitrage 0"},
    {"risk: {leverage: 3, margin_mode: CROSS, max_open: 1}\n" ENTRY, NULL, NULL, "technical 0"},
    {"risk: {leverage: 0}\n" ENTRY, NULL, NULL, "it: $.risk.leverage: want a whole number from 1 to 125"},
    {"risk: {margin_mode: CROSSED}\n" ENTRY, NULL, NULL, "it: $.risk.margin_mode: want ISOLATED, CROSS"},
    {"risk: {levrage: 3}\n" ENTRY, NULL, NULL, "it: $.risk: unknown key 'levrage', did you mean 'leverage'?"},
};

static void
check_cases(void)
{
    for (size_t i = 0; i < TP_COUNT(cases); i++) {
        struct tp_err       err = TP_ERR_INIT;
        struct tp_strategy *s;
        char                got[600];

        if (open_text(&s, cases[i].text, cases[i].param, cases[i].interval, false, &err)) {
            is(err.msg, cases[i].want, "case %zu: %s", i, cases[i].want);
            ok(err.code == (strstr(err.msg, "--param") ? TP_EUSAGE : TP_EINPUT), "... with its code");
        } else {
            snprintf(got, sizeof got, "%s %lld", s->type, (long long)s->warmup);
            is(got, cases[i].want, "case %zu: %s", i, cases[i].want);
            tp_strategy_close(s);
        }
    }
}

static void
check_builtins(void)
{
    static const char *const stay[] = {"pairs", "funding-arbitrage", "ml-threshold", NULL};

    for (size_t i = 0; tp_builtin_names[i]; i++) {
        struct tp_err       err = TP_ERR_INIT, again = TP_ERR_INIT;
        struct tp_strategy *s, *same;
        size_t              n;
        const char         *text = tp_builtin_text(tp_builtin_names[i], &n);

        if (!ok(text && !open_text(&s, text, NULL, NULL, false, &err), "built-in %s is right", tp_builtin_names[i]))
            continue;
        ok(!open_text(&same, s->document, NULL, NULL, false, &again) && strcmp(s->hash, same->hash) == 0,
           "its canonical form reads back the same");
        tp_strategy_close(same);
        tp_strategy_close(s);
        if (open_text(&s, text, NULL, "1h", true, &err)) {
            ok(tp_text_in(tp_builtin_names[i], stay) && err.code == TP_EREFUSED && strstr(err.msg, "cannot be run: $."),
               "it is refused where it cannot be run: %s", err.msg);
        } else {
            ok(!tp_text_in(tp_builtin_names[i], stay), "it can be run");
            tp_strategy_close(s);
        }
    }
}

/* The size that is wanted at a bar whose close is 50. */
static void
size_wanted(const char *size, int side, const char *stop, char text[TP_DEC_TEXT])
{
    struct tp_err       err = TP_ERR_INIT;
    struct tp_strategy *s;
    struct tp_bars      bars;
    struct tp_wants     wants = {.n = 0};
    struct tp_view      view = {.bars_held = -1,
                                .bars_since_exit = -1,
                                .entry_price = TP_DEC_NONE,
                                .last_entry_price = TP_DEC_NONE,
                                .unrealized_pct = TP_DEC_NONE,
                                .equity = tp_dec_int(1000)};
    struct tp_candle    c = {.open = tp_dec_int(50),
                             .high = tp_dec_int(50),
                             .low = tp_dec_int(50),
                             .close = tp_dec_int(50),
                             .volume = tp_dec_int(1),
                             .close_time = TP_TIME_NONE};
    char                doc[300];

    snprintf(doc, sizeof doc, "entry: {%s: {when: 'close > 1', size: {%s}}}\n%s%s%s",
             side > 0 ? "long" : "short", size, stop ? "protect: {stop_loss: {" : "", stop ? stop : "",
             stop ? "}}" : "");
    text[0] = '\0';
    if (open_text(&s, doc, NULL, "1h", true, &err))
        return;
    tp_bars_init(&bars, 1);
    tp_bars_push(&bars, &c);
    if (!s->ops->block(s, &bars, &err) && !s->ops->decide(s, 0, &view, &wants, &err)) {
        if (wants.n && wants.at[0].side == side)
            tp_dec_print_short(text, wants.at[0].size);
        else
            snprintf(text, TP_DEC_TEXT, "nothing");
    }
    tp_bars_free(&bars);
    tp_strategy_close(s);
}

static const struct {
    const char *size;
    int         side;
    const char *want;
    const char *stop;
} sizes[] = {
    {"qty: 1.5", 1, "1.5", NULL},
    {"qty: 1.5", 1, "1.5", "pct: 2"},
    {"qty: 1.5", 1, "1.5", "price: 'close - 2'"},
    {"qty: 1.5", 1, "nothing", "atr: 2, n: 5"}, /* in its warm-up: no entry without the stop */
    {"risk_pct: 1", -1, "nothing", "atr: 2, n: 5"},
    {"risk_pct: 1", -1, "1", "pct: 2"},
    {"quote: 100", -1, "100", NULL},
    {"equity_pct: 95", 1, "95", NULL},
    {"kelly_frac: 0.25, p: 0.6", 1, "5", NULL},
    {"kelly_frac: 1, p: 1", 1, "100", NULL},
    {"kelly_frac: 0.25, p: 0.5", 1, "nothing", NULL},
    {"kelly_frac: 0.25, p: 0.4", 1, "nothing", NULL},
    {"kelly_frac: 0.25, p: 0.4", -1, "5", NULL},
    {"kelly_frac: 0.25, p: 1.1", 1, "nothing", NULL},
    {"kelly_frac: 0.25, p: 'close / 0'", 1, "nothing", NULL},
    {"kelly_frac: 0.5, p: 'close / 100 + 0.25'", 1, "25", NULL},
};

static void
check_sizes(void)
{
    for (size_t i = 0; i < TP_COUNT(sizes); i++) {
        char text[TP_DEC_TEXT];

        size_wanted(sizes[i].size, sizes[i].side, sizes[i].stop, text);
        is(text, sizes[i].want, "size %s, %s, stop %s", sizes[i].size, sizes[i].side > 0 ? "long" : "short",
           sizes[i].stop ? sizes[i].stop : "none");
    }
}

static void
check_clock(void)
{
    struct tp_err       err = TP_ERR_INIT;
    struct tp_strategy *s;
    struct tp_bars      bars;

    tp_bars_init(&bars, 1);
    if (ok(!open_text(&s, "filter: 'hour() > 3'\n" ENTRY, NULL, NULL, true, &err), "a strategy may ask for the hour"))
        ok(s->ops->block(s, &bars, &err) && err.code == TP_EUSAGE,
           "but takes no bars whose interval is not known: %s", err.msg);
    tp_strategy_close(s);
    tp_bars_free(&bars);
}

int
main(void)
{
    check_cases();
    check_builtins();
    check_sizes();
    check_clock();
    return done();
}
