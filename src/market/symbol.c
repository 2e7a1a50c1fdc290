#include "market/symbol.h"

#include <string.h>

#include "base/banned.h"

const char *const tp_symbol_statuses[] = {"TRADING", "HALT", "DELISTED", NULL};
const char *const tp_market_types[] = {"SPOT", "LINEAR", "INVERSE", NULL};

static const struct tp_field fields[] = {
    F_TEXT(struct tp_symbol, exchange, "code of the venue, such as BINANCE", .required = true),
    F_TEXT(struct tp_symbol, symbol, "the venue's name of the instrument, such as BTCUSDT",
           .required = true),
    F_TEXT(struct tp_symbol, base_currency, "what is traded", .required = true),
    F_TEXT(struct tp_symbol, quote_currency, "what prices are in", .required = true),
    F_TEXT(struct tp_symbol, settle_currency, "what profit and fees are in", .required = true),
    F_TEXT(struct tp_symbol, market_type, "SPOT, LINEAR or INVERSE", .choices = tp_market_types,
           .required = true),
    F_TEXT(struct tp_symbol, status, "TRADING, HALT or DELISTED", .choices = tp_symbol_statuses,
           .required = true),
    F_DEC(struct tp_symbol, tick_size, "price step in quote currency", .required = true),
    F_DEC(struct tp_symbol, step_size, "quantity step in base currency", .required = true),
    F_DEC(struct tp_symbol, min_quantity, "smallest order in base currency"),
    F_DEC(struct tp_symbol, max_quantity, "largest order in base currency"),
    F_DEC(struct tp_symbol, min_notional, "smallest order in quote currency"),
    F_DEC(struct tp_symbol, contract_size, "base currency per contract", .required = true),
    F_RATE(struct tp_symbol, maker_fee_rate, "public maker fee as a fraction of notional"),
    F_RATE(struct tp_symbol, taker_fee_rate, "public taker fee as a fraction of notional"),
    F_INT(struct tp_symbol, price_precision, "decimal places of a price", .required = true),
    F_INT(struct tp_symbol, quantity_precision, "decimal places of a quantity", .required = true),
    F_STOP,
};

const struct tp_record tp_symbol_record = {"symbol", "an instrument at a venue", fields,
                                           sizeof(struct tp_symbol)};

struct tp_symbol
tp_symbol_default(void)
{
    struct tp_symbol s;

    tp_record_init(&tp_symbol_record, &s);
    s.tick_size = s.step_size = (struct tp_dec){1};
    s.contract_size = tp_dec_int(1);
    s.min_notional = TP_DEC_ZERO;
    s.maker_fee_rate = (struct tp_rate){2 * (TP_RATE_ONE / 10000)};
    s.taker_fee_rate = (struct tp_rate){5 * (TP_RATE_ONE / 10000)};
    s.price_precision = s.quantity_precision = TP_DEC_SCALE;
    return s;
}

int
tp_symbol_places(struct tp_dec step)
{
    int n = TP_DEC_SCALE;

    while (n > 0 && step.units % 10 == 0) {
        step.units /= 10;
        n--;
    }
    return n;
}

int
tp_symbol_check(const struct tp_symbol *s, struct tp_err *err)
{
    const struct {
        const char *name, *text;
    } words[] = {{"symbol", s->symbol},
                 {"base_currency", s->base_currency},
                 {"quote_currency", s->quote_currency},
                 {"settle_currency", s->settle_currency}};
    struct tp_dec multiple;

    for (size_t i = 0; i < TP_COUNT(words); i++)
        if (!tp_text_word(words[i].text, strlen(words[i].text)))
            return tp_fail(err, TP_EINPUT, "%s: want a word without blanks", words[i].name);
    if (tp_dec_sign(s->tick_size) <= 0)
        return tp_fail(err, TP_EINPUT, "tick_size: want a value above zero");
    if (tp_dec_sign(s->step_size) <= 0)
        return tp_fail(err, TP_EINPUT, "step_size: want a value above zero");
    if (tp_dec_sign(s->contract_size) <= 0)
        return tp_fail(err, TP_EINPUT, "contract_size: want a value above zero");
    if (!tp_dec_none(s->min_quantity) && tp_dec_sign(s->min_quantity) < 0)
        return tp_fail(err, TP_EINPUT, "min_quantity: want a value of zero or more");
    if (!tp_dec_none(s->max_quantity) && tp_dec_sign(s->max_quantity) <= 0)
        return tp_fail(err, TP_EINPUT, "max_quantity: want a value above zero");
    if (!tp_dec_none(s->min_notional) && tp_dec_sign(s->min_notional) < 0)
        return tp_fail(err, TP_EINPUT, "min_notional: want a value of zero or more");
    if (!tp_dec_none(s->min_quantity) && !tp_dec_none(s->max_quantity)
        && tp_dec_cmp(s->min_quantity, s->max_quantity) > 0)
        return tp_fail(err, TP_EINPUT, "min_quantity: is above max_quantity");
    if (s->price_precision < 0 || s->price_precision > TP_DEC_SCALE)
        return tp_fail(err, TP_EINPUT, "price_precision: want 0 to %d", TP_DEC_SCALE);
    if (s->quantity_precision < 0 || s->quantity_precision > TP_DEC_SCALE)
        return tp_fail(err, TP_EINPUT, "quantity_precision: want 0 to %d", TP_DEC_SCALE);
    if (tp_dec_to_places(&multiple, s->tick_size, (int)s->price_precision, TP_TOWARD_ZERO, err))
        return -1;
    if (tp_dec_cmp(multiple, s->tick_size) != 0)
        return tp_fail(err, TP_EINPUT, "tick_size: has more than price_precision places");
    if (tp_dec_to_places(&multiple, s->step_size, (int)s->quantity_precision, TP_TOWARD_ZERO, err))
        return -1;
    if (tp_dec_cmp(multiple, s->step_size) != 0)
        return tp_fail(err, TP_EINPUT, "step_size: has more than quantity_precision places");
    if ((s->maker_fee_rate.units != TP_RATE_NONE.units
         && (s->maker_fee_rate.units <= -TP_RATE_ONE || s->maker_fee_rate.units >= TP_RATE_ONE))
        || (s->taker_fee_rate.units != TP_RATE_NONE.units
            && (s->taker_fee_rate.units <= -TP_RATE_ONE || s->taker_fee_rate.units >= TP_RATE_ONE)))
        return tp_fail(err, TP_EINPUT, "maker_fee_rate, taker_fee_rate: want fractions between -1 and 1");
    return 0;
}
