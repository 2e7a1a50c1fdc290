#include "exchange/instruments.h"

#include <string.h>

#include "base/banned.h"

const char *const tp_venue_names[] = {"BINANCE", "BYBIT", "OKX", NULL};

/* numeric(20,8) has twelve digits before the point. */
#define VALUE_LIMIT tp_dec_int(INT64_C(1000000000000))

/* ---- parts of an entry -------------------------------------------------------------------------- */

/* A word of the entry into a field; TP_EINPUT when it is missing, too long or no UTF-8. */
static int
word(const json_t *from, const char *key, char *field, size_t size, struct tp_err *err)
{
    const char *text = tp_json_text(from, key);

    if (!text || !*text)
        return tp_fail(err, TP_EINPUT, "%s is missing", key);
    if (!tp_text_set(field, size, text, strlen(text)))
        return tp_fail(err, TP_EINPUT, "%s has more than %zu bytes", key, size - 1);
    return 0;
}

/* A value that must be there and above zero. */
static int
step(const json_t *from, const char *key, struct tp_dec *out, struct tp_err *err)
{
    if (tp_json_dec(from, key, out, err))
        return -1;
    if (tp_dec_none(*out))
        return tp_fail(err, TP_EINPUT, "%s is missing", key);
    if (tp_dec_sign(*out) <= 0)
        return tp_fail(err, TP_EINPUT, "%s is not above zero", key);
    if (tp_dec_cmp(*out, VALUE_LIMIT) >= 0)
        return tp_fail(err, TP_EINPUT, "%s has more than 12 digits before the point", key);
    return 0;
}

/* A limit that may be missing; zero means that there is none. */
static int
limit(const json_t *from, const char *key, struct tp_dec *out, struct tp_err *err)
{
    if (tp_json_dec(from, key, out, err))
        return -1;
    if (!tp_dec_none(*out) && tp_dec_sign(*out) < 0)
        return tp_fail(err, TP_EINPUT, "%s is below zero", key);
    if (!tp_dec_none(*out) && tp_dec_sign(*out) == 0)
        *out = TP_DEC_NONE;
    return 0;
}

/* What is the same for all venues, once tick, step and limits are known. */
static int
finish(struct tp_symbol *s, struct tp_err *err)
{
    s->price_precision = tp_symbol_places(s->tick_size);
    s->quantity_precision = tp_symbol_places(s->step_size);
    /* The largest quantity that a column holds is below 10^12, so a limit beyond it limits nothing. */
    if (!tp_dec_none(s->max_quantity) && tp_dec_cmp(s->max_quantity, VALUE_LIMIT) >= 0)
        s->max_quantity = TP_DEC_NONE;
    if ((!tp_dec_none(s->min_quantity) && tp_dec_cmp(s->min_quantity, VALUE_LIMIT) >= 0)
        || (!tp_dec_none(s->min_notional) && tp_dec_cmp(s->min_notional, VALUE_LIMIT) >= 0)
        || tp_dec_cmp(s->step_size, VALUE_LIMIT) >= 0)
        return tp_fail(err, TP_EINPUT, "a smallest quantity or value has more than 12 digits before the point");
    if (!tp_dec_none(s->min_quantity) && !tp_dec_none(s->max_quantity)
        && tp_dec_cmp(s->min_quantity, s->max_quantity) > 0)
        return tp_fail(err, TP_EINPUT, "the smallest quantity is above the largest");
    return 0;
}

struct status_word {
    const char *theirs, *ours;
};

/* What is unknown is not traded until somebody has looked at it. */
static void
status(struct tp_symbol *s, const char *text, const struct status_word *words)
{
    const char *ours = "HALT";

    for (; text && words->theirs; words++)
        if (strcmp(text, words->theirs) == 0)
            ours = words->ours;
    tp_text_set(s->status, sizeof s->status, ours, strlen(ours));
}

static void
market(struct tp_symbol *s, const char *type)
{
    tp_text_set(s->market_type, sizeof s->market_type, type, strlen(type));
}

static int
passed(struct tp_instrument *out, const char *reason)
{
    out->fate = TP_INSTRUMENT_PASSED;
    tp_text_set(out->reason, sizeof out->reason, reason, strlen(reason));
    return 0;
}

/* ---- Binance: exchangeInfo ---------------------------------------------------------------------- */

static const json_t *
filter(const json_t *entry, const char *type)
{
    const json_t *filters = json_object_get(entry, "filters"), *f;
    size_t        i;

    json_array_foreach (filters, i, f) {
        const char *name = tp_json_text(f, "filterType");

        if (name && strcmp(name, type) == 0)
            return f;
    }
    return NULL;
}

static int
binance(const json_t *entry, struct tp_instrument *out, struct tp_err *err)
{
    static const struct status_word words[] = {
        {"TRADING", "TRADING"}, {"CLOSE", "DELISTED"}, {"DELIVERED", "DELISTED"}, {NULL, NULL}};
    struct tp_symbol *s = &out->symbol;
    const json_t     *price = filter(entry, "PRICE_FILTER"), *lot = filter(entry, "LOT_SIZE");
    const json_t     *notional = filter(entry, "MIN_NOTIONAL");
    bool              futures = tp_json_text(entry, "marginAsset") != NULL;
    const char       *notional_key = "notional", *contract = tp_json_text(entry, "contractType");

    if (!price || !lot)
        return tp_fail(err, TP_EINPUT, "%s is missing", price ? "LOT_SIZE" : "PRICE_FILTER");
    if (!notional) {
        notional = filter(entry, "NOTIONAL");
        notional_key = "minNotional";
    } else if (!futures) {
        notional_key = "minNotional";
    }
    if (word(entry, "baseAsset", s->base_currency, sizeof s->base_currency, err)
        || word(entry, "quoteAsset", s->quote_currency, sizeof s->quote_currency, err)
        || word(entry, futures ? "marginAsset" : "quoteAsset", s->settle_currency,
                sizeof s->settle_currency, err))
        return -1;
    if (futures && (!contract || strcmp(contract, "PERPETUAL") != 0))
        return passed(out, "not a perpetual");
    if (futures && (strcmp(s->quote_currency, "USDT") != 0 || strcmp(s->settle_currency, "USDT") != 0))
        return passed(out, "not settled in USDT");
    if (step(price, "tickSize", &s->tick_size, err) || step(lot, "stepSize", &s->step_size, err)
        || limit(lot, "minQty", &s->min_quantity, err) || limit(lot, "maxQty", &s->max_quantity, err)
        || limit(notional, notional_key, &s->min_notional, err))
        return -1;
    market(s, futures ? "LINEAR" : "SPOT");
    status(s, tp_json_text(entry, "status"), words);
    return finish(s, err);
}

/* ---- Bybit: v5 instruments-info ----------------------------------------------------------------- */

static int
bybit(const json_t *entry, struct tp_instrument *out, struct tp_err *err)
{
    static const struct status_word words[] = {
        {"Trading", "TRADING"}, {"Delivering", "DELISTED"}, {"Closed", "DELISTED"}, {NULL, NULL}};
    struct tp_symbol *s = &out->symbol;
    const json_t     *price = json_object_get(entry, "priceFilter");
    const json_t     *lot = json_object_get(entry, "lotSizeFilter");
    const char       *contract = tp_json_text(entry, "contractType");

    if (!contract || strcmp(contract, "LinearPerpetual") != 0)
        return passed(out, "not a linear perpetual");
    if (!json_is_object(price) || !json_is_object(lot))
        return tp_fail(err, TP_EINPUT, "%s is missing", json_is_object(price) ? "lotSizeFilter" : "priceFilter");
    if (word(entry, "baseCoin", s->base_currency, sizeof s->base_currency, err)
        || word(entry, "quoteCoin", s->quote_currency, sizeof s->quote_currency, err)
        || word(entry, "settleCoin", s->settle_currency, sizeof s->settle_currency, err))
        return -1;
    if (strcmp(s->quote_currency, "USDT") != 0 || strcmp(s->settle_currency, "USDT") != 0)
        return passed(out, "not settled in USDT");
    if (step(price, "tickSize", &s->tick_size, err) || step(lot, "qtyStep", &s->step_size, err)
        || limit(lot, "minOrderQty", &s->min_quantity, err)
        || limit(lot, "maxOrderQty", &s->max_quantity, err)
        || limit(lot, "minNotionalValue", &s->min_notional, err))
        return -1;
    market(s, "LINEAR");
    status(s, tp_json_text(entry, "status"), words);
    return finish(s, err);
}

/* ---- OKX: v5 instruments ------------------------------------------------------------------------ */

/* A product of decimals that must come out exact. */
static int
times(struct tp_dec *out, struct tp_dec a, struct tp_dec b, const char *what, struct tp_err *err)
{
    tp_i128 wide;

    if (__builtin_mul_overflow(a.units, b.units, &wide))
        return tp_fail(err, TP_EINPUT, "%s is out of range", what);
    if (wide % TP_DEC_ONE != 0)
        return tp_fail(err, TP_EINPUT, "%s in base currency has more than %d places", what, TP_DEC_SCALE);
    return tp_dec_mul(out, a, b, TP_HALF_AWAY, err);
}

/* uly or instFamily: "BTC-USDT". */
static int
split_pair(const json_t *entry, struct tp_symbol *s, struct tp_err *err)
{
    const char *pair = tp_json_text(entry, "uly"), *dash;

    if (!pair || !*pair)
        pair = tp_json_text(entry, "instFamily");
    dash = pair ? strchr(pair, '-') : NULL;
    if (!dash || dash == pair || !dash[1])
        return tp_fail(err, TP_EINPUT, "uly is missing");
    if (!tp_text_set(s->base_currency, sizeof s->base_currency, pair, (size_t)(dash - pair))
        || !tp_text_set(s->quote_currency, sizeof s->quote_currency, dash + 1, strlen(dash + 1)))
        return tp_fail(err, TP_EINPUT, "uly: a currency has more than %d bytes", TP_CURRENCY_SIZE - 1);
    return 0;
}

static int
okx(const json_t *entry, struct tp_instrument *out, struct tp_err *err)
{
    static const struct status_word words[] = {
        {"live", "TRADING"}, {"expired", "DELISTED"}, {NULL, NULL}};
    struct tp_symbol *s = &out->symbol;
    const char       *kind = tp_json_text(entry, "instType"), *margin = tp_json_text(entry, "ctType");
    struct tp_dec     value, multiplier, contracts;

    if (!kind || strcmp(kind, "SWAP") != 0)
        return passed(out, "not a perpetual swap");
    if (!margin || strcmp(margin, "linear") != 0)
        return passed(out, "coin-margined");
    if (split_pair(entry, s, err)
        || word(entry, "settleCcy", s->settle_currency, sizeof s->settle_currency, err))
        return -1;
    if (strcmp(s->quote_currency, "USDT") != 0 || strcmp(s->settle_currency, "USDT") != 0)
        return passed(out, "not settled in USDT");
    if (step(entry, "tickSz", &s->tick_size, err) || step(entry, "ctVal", &value, err)
        || step(entry, "ctMult", &multiplier, err) || step(entry, "lotSz", &contracts, err)
        || times(&s->contract_size, value, multiplier, "ctVal", err)
        || times(&s->step_size, contracts, s->contract_size, "lotSz", err)
        || limit(entry, "minSz", &contracts, err))
        return -1;
    if (tp_dec_cmp(s->contract_size, VALUE_LIMIT) >= 0)
        return tp_fail(err, TP_EINPUT, "ctVal has more than 12 digits before the point");
    if (!tp_dec_none(contracts) && times(&s->min_quantity, contracts, s->contract_size, "minSz", err))
        return -1;
    if (limit(entry, "maxLmtSz", &contracts, err))
        return -1;
    if (!tp_dec_none(contracts) && times(&s->max_quantity, contracts, s->contract_size, "maxLmtSz", err))
        return -1;
    market(s, "LINEAR");
    status(s, tp_json_text(entry, "state"), words);
    return finish(s, err);
}

/* ---- lists -------------------------------------------------------------------------------------- */

static int
find_list(struct tp_instruments *list, struct tp_err *err)
{
    const json_t *binance_list = json_object_get(list->root, "symbols");
    const json_t *bybit_list = json_object_get(json_object_get(list->root, "result"), "list");
    const json_t *okx_list = json_object_get(list->root, "data");

    if (json_is_array(binance_list)) {
        list->venue = TP_VENUE_BINANCE;
        list->list = binance_list;
    } else if (json_is_array(bybit_list)) {
        list->venue = TP_VENUE_BYBIT;
        list->list = bybit_list;
    } else if (json_is_array(okx_list)) {
        list->venue = TP_VENUE_OKX;
        list->list = okx_list;
    } else {
        tp_fail(err, TP_EINPUT, "this is no instrument list");
        return tp_hint(err, "want Binance exchangeInfo, Bybit v5 instruments-info or OKX v5 instruments");
    }
    for (size_t i = 0; tp_venue_names[i]; i++)
        if (strncmp(list->exchange, tp_venue_names[i], strlen(tp_venue_names[i])) == 0
            && i != (size_t)list->venue)
            return tp_fail(err, TP_EINPUT, "the list has the form of %s, not of %s",
                           tp_venue_names[list->venue], tp_venue_names[i]);
    return 0;
}

int
tp_instruments_open(struct tp_instruments *list, const char *exchange, const char *text, size_t n,
                    struct tp_err *err)
{
    *list = (struct tp_instruments){0};
    if (!tp_text_set(list->exchange, sizeof list->exchange, exchange, strlen(exchange)))
        return tp_fail(err, TP_EUSAGE, "the code of an exchange has at most %d bytes", TP_EXCHANGE_SIZE - 1);
    if (tp_json_parse_foreign(text, n, &list->root, err))
        return -1;
    if (find_list(list, err)) {
        tp_instruments_close(list);
        return -1;
    }
    return 0;
}

int
tp_instruments_next(struct tp_instruments *list, struct tp_instrument *out)
{
    static int (*const read_entry[])(const json_t *, struct tp_instrument *, struct tp_err *) = {
        binance, bybit, okx};
    const json_t  *entry = json_array_get(list->list, list->at);
    struct tp_err  err = TP_ERR_INIT;
    struct tp_symbol *s = &out->symbol;

    if (!entry)
        return 0;
    list->at++;
    tp_record_init(&tp_symbol_record, s);
    memcpy(s->exchange, list->exchange, sizeof s->exchange);
    s->contract_size = tp_dec_int(1);
    out->fate = TP_INSTRUMENT_GOOD;
    out->reason[0] = '\0';
    tp_buf_clear(&out->info);
    tp_json_print(entry, &out->info);
    if (word(entry, list->venue == TP_VENUE_OKX ? "instId" : "symbol", s->symbol, sizeof s->symbol, &err)
        || read_entry[list->venue](entry, out, &err)) {
        out->fate = TP_INSTRUMENT_REFUSED;
        tp_text_safe(out->reason, sizeof out->reason, err.msg, strlen(err.msg));
    }
    return 1;
}

void
tp_instruments_close(struct tp_instruments *list)
{
    json_decref(list->root);
    list->root = NULL;
    list->list = NULL;
}
