/* The rules of a document: entries, exits, protection, limits, and the document as a whole. */
#include "strategy/compiled.h"

#include <stdio.h>
#include <string.h>

#include "base/banned.h"
#include "base/crypt.h"

static int
read_order(struct tp_compiled *c, const json_t *order, const char *path, struct order_rule *out,
           struct tp_err *err)
{
    static const char *const keys[] = {"type", "price", "stop", NULL};
    static const char *const types[] = {"MARKET", "LIMIT", "STOP_MARKET", "STOP_LIMIT", NULL};
    const char              *type = json_string_value(json_object_get(order, "type"));
    int                      i = 0;

    *out = (struct order_rule){TP_WANT_MARKET, -1, -1};
    if (!order)
        return 0;
    if (tp_member_keys(order, path, keys, err))
        return -1;
    while (type && types[i] && strcmp(types[i], type))
        i++;
    if (!type || !types[i])
        return tp_fail(err, TP_EINPUT, "%s.type: want MARKET, LIMIT, STOP_MARKET or STOP_LIMIT", path);
    out->type = (enum tp_want_type)i;
    if (tp_member_expression(c, order, path, "price", TP_EXPR_NUMBER, &out->price, err)
        || tp_member_expression(c, order, path, "stop", TP_EXPR_NUMBER, &out->stop, err))
        return -1;
    if ((out->price >= 0) != (i == TP_WANT_LIMIT || i == TP_WANT_STOP_LIMIT))
        return out->price < 0 ? tp_fail(err, TP_EINPUT, "%s.price: %s needs it", path, type)
                              : tp_fail(err, TP_EINPUT, "%s.price: it belongs to LIMIT and STOP_LIMIT", path);
    if ((out->stop >= 0) != (i == TP_WANT_STOP_MARKET || i == TP_WANT_STOP_LIMIT))
        return out->stop < 0 ? tp_fail(err, TP_EINPUT, "%s.stop: %s needs it", path, type)
                             : tp_fail(err, TP_EINPUT, "%s.stop: it belongs to STOP_MARKET and STOP_LIMIT", path);
    return 0;
}

static int
read_size(struct tp_compiled *c, const json_t *size, const char *path, struct side_rules *s,
          struct tp_err *err)
{
    static const char *const keys[] = {"qty", "quote", "equity_pct", "risk_pct", "kelly_frac", "p", NULL};
    int                      found = 0;

    if (!size)
        return tp_fail(err, TP_EINPUT, "%s: an entry needs a size", path);
    if (tp_member_keys(size, path, keys, err))
        return -1;
    for (int i = 0; i <= TP_SIZE_KELLY; i++) {
        if (!json_object_get(size, keys[i]))
            continue;
        found++;
        s->size_kind = (enum tp_size_kind)i;
        if (tp_member_number(c, size, path, keys[i], 0, &s->size, err))
            return -1;
    }
    if (found != 1 || !(s->size > 0))
        return tp_fail(err, TP_EINPUT, "%s: want one of qty, quote, equity_pct, risk_pct, kelly_frac above zero",
                       path);
    if (s->size_kind != TP_SIZE_KELLY)
        return json_object_get(size, "p") ? tp_fail(err, TP_EINPUT, "%s.p: it belongs to kelly_frac", path) : 0;
    if (s->size > 1)
        return tp_fail(err, TP_EINPUT, "%s.kelly_frac: more than a whole bet", path);
    if (tp_member_expression(c, size, path, "p", TP_EXPR_NUMBER, &s->chance, err))
        return -1;
    if (s->chance >= 0)
        return 0;
    if (!tp_expr_series_find(&c->expr, "score")) {
        tp_fail(err, TP_EINPUT, "%s.p: it needs the chance that the price rises, from 0 to 1", path);
        return tp_hint(err, "a document with a score takes score.p_up");
    }
    if (tp_expr_parse(&c->expr, "score.p_up", TP_EXPR_NUMBER, &s->chance, err))
        return tp_where(err, "%s", path);
    tp_expr_want(&c->expr, s->chance);
    return 0;
}

static int
read_entry(struct tp_compiled *c, const json_t *rule, const char *path, struct side_rules *s,
           struct tp_err *err)
{
    static const char *const keys[] = {"when", "order", "size", "cooldown", "max_adds", "add_when",
                                       "expire_bars", NULL};
    char                     inner[80];

    if (!rule)
        return 0;
    s->enters = true;
    snprintf(inner, sizeof inner, "%s.order", path);
    if (tp_member_keys(rule, path, keys, err)
        || tp_member_expression(c, rule, path, "when", TP_EXPR_TRUTH, &s->when, err)
        || read_order(c, json_object_get(rule, "order"), inner, &s->entry, err)
        || tp_member_count(c, rule, path, "cooldown", &s->cooldown, err)
        || tp_member_count(c, rule, path, "max_adds", &s->max_adds, err)
        || tp_member_expression(c, rule, path, "add_when", TP_EXPR_TRUTH, &s->add_when, err)
        || tp_member_count(c, rule, path, "expire_bars", &s->expire_bars, err))
        return -1;
    if (s->when < 0)
        return tp_fail(err, TP_EINPUT, "%s.when: an entry needs a condition", path);
    if ((s->add_when >= 0) != (s->max_adds > 0))
        return tp_fail(err, TP_EINPUT, "%s.%s: max_adds, above zero, and add_when go together", path,
                       s->max_adds ? "max_adds" : "add_when");
    snprintf(inner, sizeof inner, "%s.size", path);
    return read_size(c, json_object_get(rule, "size"), inner, s, err);
}

static int
read_exit(struct tp_compiled *c, const json_t *rule, const char *path, struct side_rules *s,
          struct tp_err *err)
{
    static const char *const keys[] = {"when", "order", NULL};
    char                     inner[80];

    if (!rule)
        return 0;
    s->leaves = true;
    snprintf(inner, sizeof inner, "%s.order", path);
    if (tp_member_keys(rule, path, keys, err)
        || tp_member_expression(c, rule, path, "when", TP_EXPR_TRUTH, &s->exit_when, err)
        || read_order(c, json_object_get(rule, "order"), inner, &s->exit, err))
        return -1;
    if (s->exit_when < 0 && s->exit.type == TP_WANT_MARKET)
        return tp_fail(err, TP_EINPUT, "%s.when: a market exit needs a condition", path);
    return 0;
}

/* {pct}, {atr, n} or {price}; a trailing stop has no price, a take-profit a portion besides. */
static int
read_distance(struct tp_compiled *c, const json_t *rule, const char *path, const char *also,
              struct distance_rule *out, struct tp_err *err)
{
    const char *keys[] = {"pct", "atr", "n", also, "portion", NULL};
    char        text[64];
    double      n;
    int         forms;

    if (!rule)
        return 0;
    if (!strstr(path, "take_profit"))
        keys[4] = NULL;
    if (tp_member_keys(rule, path, keys, err))
        return -1;
    forms = !!json_object_get(rule, "pct") + !!json_object_get(rule, "atr") + !!json_object_get(rule, "price");
    if (forms != 1)
        return tp_fail(err, TP_EINPUT, "%s: want pct%s atr%s", path, *also == 'p' ? "," : " or",
                       *also == 'p' ? " or price" : "");
    if (json_object_get(rule, "n") && !json_object_get(rule, "atr"))
        return tp_fail(err, TP_EINPUT, "%s.n: it belongs to atr", path);
    if (json_object_get(rule, "pct")) {
        out->kind = TP_DISTANCE_PERCENT;
        if (tp_member_number(c, rule, path, "pct", 0, &out->amount, err))
            return -1;
    } else if (json_object_get(rule, "atr")) {
        out->kind = TP_DISTANCE_ABSOLUTE;
        if (tp_member_number(c, rule, path, "atr", 0, &out->amount, err)
            || tp_member_number(c, rule, path, "n", 14, &n, err))
            return -1;
        snprintf(text, sizeof text, "atr(%.17g)", n);
        if (tp_expr_parse(&c->expr, text, TP_EXPR_NUMBER, &out->node, err))
            return tp_where(err, "%s.n", path);
        tp_expr_want(&c->expr, out->node);
        tp_member_said(c, path, "", out->node);
    } else {
        out->kind = TP_DISTANCE_PRICE;
        out->amount = 1;
        if (tp_member_expression(c, rule, path, "price", TP_EXPR_NUMBER, &out->node, err))
            return -1;
        if (c->expr.node[out->node].account)
            return tp_fail(err, TP_EINPUT, "%s.price: account words are not known before the entry", path);
    }
    if (!(out->amount > 0))
        return tp_fail(err, TP_EINPUT, "%s: want a distance above zero", path);
    return 0;
}

static void
take_profit_path(char path[64], const json_t *takes, size_t i)
{
    int n = snprintf(path, 64, "$.protect.take_profit");

    if (json_is_array(takes))
        snprintf(path + n, 64 - (size_t)n, "[%zu]", i);
}

static int
read_protect(struct tp_compiled *c, const json_t *protect, struct tp_err *err)
{
    static const char *const keys[] = {"stop_loss", "take_profit", "trailing", "time_exit", "breakeven", NULL};
    const json_t            *tp = json_object_get(protect, "take_profit");
    static const char *const bars[] = {"bars", NULL};
    static const char *const after[] = {"after_pct", NULL};
    size_t                   n = json_is_array(tp) ? json_array_size(tp) : tp ? 1 : 0;
    double                   whole = 0;

    if (tp_member_keys(protect, "$.protect", keys, err)
        || tp_member_keys(json_object_get(protect, "time_exit"), "$.protect.time_exit", bars, err)
        || tp_member_keys(json_object_get(protect, "breakeven"), "$.protect.breakeven", after, err)
        || read_distance(c, json_object_get(protect, "stop_loss"), "$.protect.stop_loss", "price", &c->stop_loss, err)
        || read_distance(c, json_object_get(protect, "trailing"), "$.protect.trailing", "atr", &c->trailing, err)
        || tp_member_count(c, json_object_get(protect, "time_exit"), "$.protect.time_exit", "bars", &c->time_exit, err)
        || tp_member_number(c, json_object_get(protect, "breakeven"), "$.protect.breakeven", "after_pct", 0,
                            &c->breakeven, err))
        return -1;
    if (json_object_get(protect, "time_exit") && c->time_exit == 0)
        return tp_fail(err, TP_EINPUT, "$.protect.time_exit.bars: want a whole number from 1");
    if (json_object_get(protect, "breakeven") && !(c->breakeven > 0))
        return tp_fail(err, TP_EINPUT, "$.protect.breakeven.after_pct: want a number above zero");
    if (n > TP_TAKE_PROFITS)
        return tp_fail(err, TP_EINPUT, "$.protect.take_profit: at most %d", TP_TAKE_PROFITS);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_is_array(tp) ? json_array_get(tp, i) : tp;

        char path[64];

        take_profit_path(path, tp, i);
        if (read_distance(c, one, path, "price", &c->take_profit[i], err)
            || tp_member_number(c, one, path, "portion", 100, &c->portion[i], err))
            return -1;
        if (!(c->portion[i] > 0 && c->portion[i] <= 100))
            return tp_fail(err, TP_EINPUT, "%s.portion: want more than 0 and at most 100 percent", path);
        whole += c->portion[i];
        if (whole > 100 + 1e-9)
            return tp_fail(err, TP_EINPUT, "%s.portion: the targets take %g percent of the position", path, whole);
    }
    c->n_take_profits = n;
    return 0;
}

static int
read_spread_side(struct tp_compiled *c, const json_t *rule, const char *path, struct tp_err *err)
{
    static const char *const keys[] = {"when", "legs", NULL};
    static const char *const sides[] = {"LONG", "SHORT", NULL};
    char                     inner[80];
    const char              *key;
    json_t                  *one;
    int                      node;

    if (!rule)
        return 0;
    snprintf(inner, sizeof inner, "%s.legs", path);
    if (tp_member_keys(rule, path, keys, err)
        || tp_member_expression(c, rule, path, "when", TP_EXPR_TRUTH, &node, err))
        return -1;
    if (node < 0)
        return tp_fail(err, TP_EINPUT, "%s.when: it needs a condition", path);
    if (!json_is_object(json_object_get(rule, "legs")))
        return tp_fail(err, TP_EINPUT, "%s: want the side of each leg, like {a: SHORT, b: LONG}", inner);
    json_object_foreach(json_object_get(rule, "legs"), key, one) {
        int leg = tp_expr_series_find(&c->expr, key);

        if (!leg || c->expr.series[leg].kind != TP_SERIES_LEG)
            return tp_fail(err, TP_EINPUT, "%s: there is no leg '%.60s'", inner, key);
        if (tp_member_word(json_object_get(rule, "legs"), inner, key, sides, -1, err) < 0)
            return -1;
    }
    return 0;
}

static int
read_spread(struct tp_compiled *c, const json_t *spread, struct tp_err *err)
{
    static const char *const keys[] = {"open_short", "open_long", "close", "stop", "size", "execution", NULL};
    static const char *const whens[] = {"when", NULL};
    static const char *const sizes[] = {"quote", "ratio", NULL};
    static const char *const how[] = {"mode", "first", "leg_timeout", "on_partial", NULL};
    static const char *const modes[] = {"all_or_none", "maker_then_taker", NULL};
    static const char *const partial[] = {"unwind", "hold", NULL};
    const json_t            *size = json_object_get(spread, "size"), *run = json_object_get(spread, "execution");
    const json_t            *close = json_object_get(spread, "close"), *stop = json_object_get(spread, "stop");
    const json_t            *first = json_object_get(run, "first");
    double                   quote;
    int                      node;

    if (tp_member_keys(spread, "$.spread", keys, err) || tp_member_keys(close, "$.spread.close", whens, err)
        || tp_member_keys(stop, "$.spread.stop", whens, err) || tp_member_keys(size, "$.spread.size", sizes, err)
        || tp_member_keys(run, "$.spread.execution", how, err)
        || read_spread_side(c, json_object_get(spread, "open_short"), "$.spread.open_short", err)
        || read_spread_side(c, json_object_get(spread, "open_long"), "$.spread.open_long", err)
        || tp_member_expression(c, stop, "$.spread.stop", "when", TP_EXPR_TRUTH, &node, err)
        || tp_member_number(c, size, "$.spread.size", "quote", 0, &quote, err)
        || tp_member_expression(c, size, "$.spread.size", "ratio", TP_EXPR_NUMBER, &node, err)
        || tp_member_word(run, "$.spread.execution", "mode", modes, 0, err) < 0
        || tp_member_word(run, "$.spread.execution", "on_partial", partial, 0, err) < 0
        || tp_member_text(run, "$.spread.execution", "leg_timeout", false, err)
        || tp_member_expression(c, close, "$.spread.close", "when", TP_EXPR_TRUTH, &node, err))
        return -1;
    if (!json_object_get(spread, "open_short") && !json_object_get(spread, "open_long"))
        return tp_fail(err, TP_EINPUT, "$.spread: want open_long, open_short or both");
    if (node < 0)
        return tp_fail(err, TP_EINPUT, "$.spread.close.when: it needs a condition");
    if (!(quote > 0))
        return tp_fail(err, TP_EINPUT, "$.spread.size.quote: want a number above zero");
    if (first && (!json_is_string(first) || !tp_expr_series_find(&c->expr, json_string_value(first))))
        return tp_fail(err, TP_EINPUT, "$.spread.execution.first: want a leg");
    return 0;
}

static int
read_risk(struct tp_compiled *c, const json_t *risk, struct tp_err *err)
{
    static const char *const keys[] = {"leverage", "margin_mode", "position_mode", "max_open", "max_daily_loss",
                                       "max_daily_trades", NULL};
    static const char *const margins[] = {"ISOLATED", "CROSS", NULL};
    static const char *const positions[] = {"ONE_WAY", "HEDGE", NULL};
    int64_t                  trades;
    double                   loss;
    int                      margin, mode;

    if (!risk)
        return 0;
    if (tp_member_keys(risk, "$.risk", keys, err)
        || tp_member_count(c, risk, "$.risk", "leverage", &c->base.leverage, err)
        || tp_member_count(c, risk, "$.risk", "max_open", &c->base.max_open, err)
        || tp_member_count(c, risk, "$.risk", "max_daily_trades", &trades, err)
        || tp_member_number(c, risk, "$.risk", "max_daily_loss", 0, &loss, err))
        return -1;
    margin = tp_member_word(risk, "$.risk", "margin_mode", margins, 2, err);
    mode = margin < 0 ? -1 : tp_member_word(risk, "$.risk", "position_mode", positions, 0, err);
    if (mode < 0)
        return -1;
    if (json_object_get(risk, "leverage") && (c->base.leverage < 1 || c->base.leverage > 125))
        return tp_fail(err, TP_EINPUT, "$.risk.leverage: want a whole number from 1 to 125");
    if (json_object_get(risk, "max_open") && c->base.max_open < 1)
        return tp_fail(err, TP_EINPUT, "$.risk.max_open: want a whole number from 1");
    if (json_object_get(risk, "max_daily_loss") && !(loss > 0))
        return tp_fail(err, TP_EINPUT, "$.risk.max_daily_loss: want an amount above zero");
    c->base.margin_mode = margin < 2 ? margins[margin] : NULL;
    if (mode == 1)
        tp_member_cannot_run(c, "$.risk.position_mode", "a run holds one position a symbol (ONE_WAY)");
    if (json_object_get(risk, "max_daily_loss") || json_object_get(risk, "max_daily_trades"))
        tp_member_cannot_run(c, "$.risk", "a backtest keeps no limits a day");
    return 0;
}

/* technical, ml (the entries look at scores alone), hybrid (at both), arbitrage. */
static const char *
type_of_document(const struct tp_compiled *c)
{
    bool scores = false, bars = false;

    if (c->expr.n_series && c->expr.series[1].kind == TP_SERIES_LEG)
        return "arbitrage";
    for (int k = 0; k < 2; k++) {
        scores |= tp_expr_reads(&c->expr, c->side[k].when, true);
        bars |= tp_expr_reads(&c->expr, c->side[k].when, false);
    }
    return !scores ? "technical" : bars ? "hybrid" : "ml";
}

int
tp_document_read(struct tp_compiled *c, json_t *doc, const struct tp_strategy_opts *opts, struct tp_err *err)
{
    static const char *const keys[] = {"schema", "params", "data", "legs", "score", "vars", "filter", "entry",
                                       "exit", "protect", "spread", "risk", "process", NULL};
    static const char *const sides[] = {"long", "short", NULL};
    static const char *const exits[] = {"long", "short", "on_opposite", NULL};
    const json_t            *entry = json_object_get(doc, "entry"), *leave = json_object_get(doc, "exit");
    const json_t            *schema = json_object_get(doc, "schema"), *opposite;
    struct tp_buf            text = {0};

    if (tp_member_keys(doc, "$", keys, err) || tp_member_keys(entry, "$.entry", sides, err)
        || tp_member_keys(leave, "$.exit", exits, err))
        return -1;
    if (schema && (!json_is_string(schema) || strcmp(json_string_value(schema), "tp.strategy/1")))
        return tp_fail(err, TP_EINPUT, "$.schema: want 'tp.strategy/1'");
    if (!json_is_object(doc))
        return tp_fail(err, TP_EINPUT, "$: want an object");
    if (tp_process_params(doc, opts, err) || tp_declare_params(c, json_object_get(doc, "params"), opts, err)
        || tp_declare_legs(c, json_object_get(doc, "legs"), opts, err)
        || tp_declare_data(c, json_object_get(doc, "data"), opts, err)
        || tp_declare_score(c, json_object_get(doc, "score"), opts, err)
        || tp_declare_vars(c, json_object_get(doc, "vars"), err)
        || tp_member_expression(c, doc, "$", "filter", TP_EXPR_TRUTH, &c->filter, err)
        || read_entry(c, json_object_get(entry, "long"), "$.entry.long", &c->side[0], err)
        || read_entry(c, json_object_get(entry, "short"), "$.entry.short", &c->side[1], err)
        || read_exit(c, json_object_get(leave, "long"), "$.exit.long", &c->side[0], err)
        || read_exit(c, json_object_get(leave, "short"), "$.exit.short", &c->side[1], err)
        || read_protect(c, json_object_get(doc, "protect"), err)
        || read_risk(c, json_object_get(doc, "risk"), err))
        return -1;
    if (json_object_get(doc, "process") && tp_process_read(c, doc, err))
        return -1;
    if (!json_object_get(doc, "spread") != !json_object_get(doc, "legs"))
        return tp_fail(err, TP_EINPUT, "$: legs and spread belong together");
    if (json_object_get(doc, "spread") && (entry || leave || json_object_get(doc, "protect")))
        return tp_fail(err, TP_EINPUT, "$.spread: it takes the place of entry, exit and protect");
    if (json_object_get(doc, "spread") && read_spread(c, json_object_get(doc, "spread"), err))
        return -1;
    if (!c->side[0].enters && !c->side[1].enters && !json_object_get(doc, "spread") && !c->base.process)
        return tp_fail(err, TP_EINPUT, "$.entry: want long, short or both");
    c->on_opposite = TP_OPPOSITE_IGNORE;
    opposite = json_object_get(leave, "on_opposite");
    if (opposite) {
        static const char *const words[] = {"reverse", "close", "ignore", NULL};
        int                      i = 0;

        while (words[i] && (!json_is_string(opposite) || strcmp(words[i], json_string_value(opposite))))
            i++;
        if (!words[i])
            return tp_fail(err, TP_EINPUT, "$.exit.on_opposite: want reverse, close or ignore");
        c->on_opposite = (enum tp_on_opposite)i;
    }
    for (int i = 0; i < 2; i++)
        if (c->side[i].enters && c->side[i].size_kind == TP_SIZE_RISK_PCT
            && c->stop_loss.kind == TP_DISTANCE_NONE && c->trailing.kind == TP_DISTANCE_NONE)
            return tp_fail(err, TP_EINPUT, "$.protect.stop_loss: a size by risk needs it");
    c->base.type = type_of_document(c);
    json_object_set_new(doc, "schema", json_string("tp.strategy/1"));
    tp_json_print(doc, &text);
    c->document = text.at;
    c->base.document = c->document;
    tp_sha256_text(text.at, text.n, c->base.hash);
    for (int i = 0; i < c->expr.n; i++)
        if (c->expr.node[i].wanted && c->expr.node[i].series == 0 && c->expr.node[i].warmup > c->base.warmup)
            c->base.warmup = c->expr.node[i].warmup;
    return 0;
}
