#include "strategy/strategy.h"

#include <string.h>

#include "base/banned.h"
#include "base/embed.h"
#include "base/yaml.h"
#include "strategy/compiled.h"

extern const struct tp_embedded tp_embedded_strategies[];

const char *const tp_builtin_names[] = {"sma-cross", "rsi-reversion", "macd-trend", "bollinger-breakout",
                                        "donchian-turtle", "mtf-filter", "pairs", "funding-arbitrage",
                                        "ml-threshold", NULL};

int
tp_strategy_open(struct tp_strategy **out, const struct tp_strategy_opts *opts, struct tp_err *err)
{
    struct tp_compiled *c = tp_alloc(sizeof *c);
    TP_AUTO_JSON     doc = NULL;
    size_t           blank = 0;
    int              rc;

    *out = NULL;
    while (blank < opts->n && memchr(" \t\r\n", opts->text[blank], 4))
        blank++;
    c->base.ops = &tp_decide_ops;
    c->base.expr = &c->expr;
    c->filter = -1;
    for (int k = 0; k < 2; k++)
        c->side[k].when = c->side[k].add_when = c->side[k].exit_when = c->side[k].chance = -1;
    tp_text_set(c->base.name, sizeof c->base.name, opts->name, strlen(opts->name));
    c->expr.interval_us = opts->interval ? opts->interval->us : 0;
    c->expr.maker_bps = 2;
    c->expr.taker_bps = 5;
    if (opts->symbol && opts->symbol->maker_fee_rate.units != TP_RATE_NONE.units)
        c->expr.maker_bps = (double)opts->symbol->maker_fee_rate.units / 1e8;
    if (opts->symbol && opts->symbol->taker_fee_rate.units != TP_RATE_NONE.units)
        c->expr.taker_bps = (double)opts->symbol->taker_fee_rate.units / 1e8;
    rc = blank < opts->n && opts->text[blank] == '{' ? tp_json_parse_foreign(opts->text, opts->n, &doc, err)
                                                      : tp_yaml_parse(opts->text, opts->n, &doc, err);
    if (rc == 0)
        rc = tp_document_read(c, doc, opts, err);
    if (rc == 0 && opts->run && c->base.cannot_run[0]) {
        tp_fail(err, TP_EREFUSED, "cannot be run: %s", c->base.cannot_run);
        rc = tp_hint(err, "'tp-strategy check' and 'explain' take it");
    }
    if (rc == 0 && opts->run && opts->foreign && c->base.process) {
        tp_fail(err, TP_EREFUSED, "$.process: a program runs for the owner of the document alone");
        rc = tp_hint(err, "'tp-strategy show' prints it; 'tp-strategy add' makes it yours when you trust it");
    }
    if (rc) {
        tp_strategy_close(&c->base);
        return tp_where(err, "%s", opts->name);
    }
    *out = &c->base;
    return 0;
}

void
tp_strategy_close(struct tp_strategy *s)
{
    if (s)
        s->ops->close(s);
}

int
tp_strategy_begin(const struct tp_strategy_starter *starter, struct tp_strategy **s,
                  const struct tp_strategy_start *start, struct tp_err *err)
{
    if (!*s || !(*s)->process)
        return 0;
    if (!starter->start)
        return tp_fail(err, TP_EREFUSED, "%.60s: a program is not run here", (*s)->name);
    return starter->start(starter->to, s, start, err);
}

int
tp_strategy_warm(struct tp_strategy *s, const struct tp_bars *bars, struct tp_err *err)
{
    if (s->ops->block(s, bars, err))
        return -1;
    return s->ops->seen ? s->ops->seen(s, (struct tp_time){INT64_MAX}, err) : 0;
}

int
tp_strategy_end(struct tp_strategy *s, const char *reason, struct tp_err *err)
{
    return s && s->ops->end ? s->ops->end(s, reason, err) : 0;
}

const char *
tp_builtin_text(const char *name, size_t *n)
{
    size_t length = strlen(name);

    for (const struct tp_embedded *e = tp_embedded_strategies; e->name; e++)
        if (strncmp(e->name, name, length) == 0 && strcmp(e->name + length, ".yaml") == 0) {
            *n = strlen(e->text);
            return e->text;
        }
    return NULL;
}
