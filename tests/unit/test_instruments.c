/* Instrument lists of the three venues: hand-made ones, and the recorded ones of ../shared when there. */
#include "exchange/instruments.h"

#include "tests/unit/tap.h"

#include <stdlib.h>

static const char binance[] =
    "{\"serverTime\":1,\"symbols\":["
    "{\"symbol\":\"AAAUSDT\",\"contractType\":\"PERPETUAL\",\"status\":\"TRADING\",\"baseAsset\":\"AAA\","
    "\"quoteAsset\":\"USDT\",\"marginAsset\":\"USDT\",\"pricePrecision\":7,\"filters\":["
    "{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.10\"},"
    "{\"filterType\":\"LOT_SIZE\",\"stepSize\":0.001,\"minQty\":1e-3,\"maxQty\":\"1000\"},"
    "{\"filterType\":\"MIN_NOTIONAL\",\"notional\":\"5\"}]},"
    "{\"symbol\":\"BBBUSDT_260327\",\"contractType\":\"CURRENT_QUARTER\",\"status\":\"TRADING\","
    "\"baseAsset\":\"BBB\",\"quoteAsset\":\"USDT\",\"marginAsset\":\"USDT\",\"filters\":["
    "{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.1\"},"
    "{\"filterType\":\"LOT_SIZE\",\"stepSize\":\"1\"}]},"
    "{\"symbol\":\"CCCUSDT\",\"contractType\":\"PERPETUAL\",\"status\":\"SETTLING\",\"baseAsset\":\"CCC\","
    "\"quoteAsset\":\"USDT\",\"marginAsset\":\"USDT\",\"filters\":["
    "{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.00000001\"},"
    "{\"filterType\":\"LOT_SIZE\",\"stepSize\":\"1\",\"minQty\":\"1\",\"maxQty\":\"100000000000000\"}]},"
    "{\"symbol\":\"DDDUSDT\",\"contractType\":\"PERPETUAL\",\"status\":\"TRADING\",\"baseAsset\":\"DDD\","
    "\"quoteAsset\":\"USDT\",\"marginAsset\":\"USDT\",\"filters\":["
    "{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.000000001\"},"
    "{\"filterType\":\"LOT_SIZE\",\"stepSize\":\"1\"}]},"
    "{\"symbol\":\"EEEUSDT\",\"contractType\":\"PERPETUAL\",\"baseAsset\":\"EEE\",\"quoteAsset\":\"USDT\","
    "\"marginAsset\":\"USDT\",\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"1\"}]},"
    "{\"status\":\"TRADING\"}, 7, null]}";

static const char spot[] =
    "{\"symbols\":[{\"symbol\":\"AAABTC\",\"status\":\"BREAK\",\"baseAsset\":\"AAA\",\"quoteAsset\":\"BTC\","
    "\"filters\":[{\"filterType\":\"PRICE_FILTER\",\"tickSize\":\"0.00000010\"},"
    "{\"filterType\":\"LOT_SIZE\",\"stepSize\":\"0.00100000\",\"minQty\":\"0.00100000\",\"maxQty\":\"9000\"},"
    "{\"filterType\":\"NOTIONAL\",\"minNotional\":\"0.00010000\"}]}]}";

static const char bybit[] =
    "{\"retCode\":0,\"result\":{\"list\":["
    "{\"symbol\":\"AAAUSDT\",\"contractType\":\"LinearPerpetual\",\"status\":\"Trading\",\"baseCoin\":\"AAA\","
    "\"quoteCoin\":\"USDT\",\"settleCoin\":\"USDT\",\"priceScale\":\"2\",\"priceFilter\":{\"tickSize\":\"0.50\"},"
    "\"lotSizeFilter\":{\"qtyStep\":\"0.01\",\"minOrderQty\":\"0.01\",\"maxOrderQty\":\"10.00\","
    "\"minNotionalValue\":\"5\"}},"
    "{\"symbol\":\"BBBUSD\",\"contractType\":\"InversePerpetual\",\"status\":\"Trading\"},"
    "{\"symbol\":\"CCCPERP\",\"contractType\":\"LinearPerpetual\",\"status\":\"Trading\",\"baseCoin\":\"CCC\","
    "\"quoteCoin\":\"USDC\",\"settleCoin\":\"USDC\",\"priceFilter\":{\"tickSize\":\"0.5\"},"
    "\"lotSizeFilter\":{\"qtyStep\":\"0.01\"}},"
    "{\"symbol\":\"DDDUSDT\",\"contractType\":\"LinearPerpetual\",\"status\":\"Delivering\",\"baseCoin\":\"DDD\","
    "\"quoteCoin\":\"USDT\",\"settleCoin\":\"USDT\",\"priceFilter\":{\"tickSize\":\"5\"},"
    "\"lotSizeFilter\":{\"qtyStep\":\"10\"}}]}}";

static const char okx[] =
    "{\"code\":\"0\",\"data\":["
    "{\"instId\":\"AAA-USDT-SWAP\",\"instType\":\"SWAP\",\"ctType\":\"linear\",\"uly\":\"AAA-USDT\","
    "\"settleCcy\":\"USDT\",\"ctVal\":\"0.1\",\"ctMult\":\"10\",\"lotSz\":\"0.5\",\"minSz\":\"2\","
    "\"maxLmtSz\":\"400\",\"tickSz\":\"0.05\",\"state\":\"suspend\"},"
    "{\"instId\":\"AAA-USD-SWAP\",\"instType\":\"SWAP\",\"ctType\":\"inverse\"},"
    "{\"instId\":\"BBB-USDT-SWAP\",\"instType\":\"SWAP\",\"ctType\":\"linear\",\"uly\":\"BBB-USDT\","
    "\"settleCcy\":\"USDT\",\"ctVal\":\"0.00000001\",\"ctMult\":\"1\",\"lotSz\":\"0.1\",\"minSz\":\"1\","
    "\"tickSz\":\"0.05\",\"state\":\"live\"},"
    "{\"instId\":\"CCC-USDT-SWAP\",\"instType\":\"SWAP\",\"ctType\":\"linear\",\"uly\":\"CCC-USDT\","
    "\"settleCcy\":\"USDT\",\"ctVal\":\"1000000000\",\"ctMult\":\"1\",\"lotSz\":\"1\",\"minSz\":\"1\","
    "\"maxLmtSz\":\"100000000\",\"tickSz\":\"0.00000001\",\"state\":\"live\"}]}";

/* symbol fate status tick step min max notional contract_size places of price and quantity */
static const struct {
    const char *title, *exchange, *text;
    const char *want[10];
} cases[] = {
    {"Binance USD-M", "BINANCE", binance,
     {"AAAUSDT good TRADING 0.1 0.001 0.001 1000 5 1 1 3",
      "BBBUSDT_260327 passed: not a perpetual",
      "CCCUSDT good HALT 0.00000001 1 1 - - 1 8 0",
      "DDDUSDT refused: tickSize: '0.000000001' is not a decimal number: it has more than eight decimal places",
      "EEEUSDT refused: LOT_SIZE is missing", " refused: symbol is missing", " refused: symbol is missing",
      " refused: symbol is missing"}},
    {"Binance spot", "BINANCE_SPOT", spot, {"AAABTC good HALT 0.0000001 0.001 0.001 9000 0.0001 1 7 3"}},
    {"Bybit", "BYBIT", bybit,
     {"AAAUSDT good TRADING 0.5 0.01 0.01 10 5 1 1 2", "BBBUSD passed: not a linear perpetual",
      "CCCPERP passed: not settled in USDT", "DDDUSDT good DELISTED 5 10 - - - 1 0 0"}},
    {"OKX", "OKX_DEMO", okx,
     {"AAA-USDT-SWAP good HALT 0.05 0.5 2 400 - 1 2 1", "AAA-USD-SWAP passed: coin-margined",
      "BBB-USDT-SWAP refused: lotSz in base currency has more than 8 places",
      "CCC-USDT-SWAP good TRADING 0.00000001 1000000000 1000000000 - - 1000000000 8 0"}},
};

static void
put_dec(struct tp_buf *to, struct tp_dec d)
{
    char text[TP_DEC_TEXT];

    if (tp_dec_none(d)) {
        tp_buf_text(to, " -");
        return;
    }
    tp_dec_print_short(text, d);
    tp_buf_fmt(to, " %s", text);
}

static const char *
describe(const struct tp_instrument *i, struct tp_buf *to)
{
    const struct tp_symbol *s = &i->symbol;

    tp_buf_clear(to);
    if (i->fate != TP_INSTRUMENT_GOOD) {
        tp_buf_fmt(to, "%s %s: %s", s->symbol, i->fate == TP_INSTRUMENT_PASSED ? "passed" : "refused", i->reason);
        return to->at;
    }
    tp_buf_fmt(to, "%s good %s", s->symbol, s->status);
    put_dec(to, s->tick_size);
    put_dec(to, s->step_size);
    put_dec(to, s->min_quantity);
    put_dec(to, s->max_quantity);
    put_dec(to, s->min_notional);
    put_dec(to, s->contract_size);
    tp_buf_fmt(to, " %d %d", (int)s->price_precision, (int)s->quantity_precision);
    return to->at;
}

static void
test_cases(void)
{
    for (size_t c = 0; c < TP_COUNT(cases); c++) {
        struct tp_instruments list;
        struct tp_instrument  entry = {.fate = TP_INSTRUMENT_GOOD};
        struct tp_err         err = TP_ERR_INIT;
        struct tp_buf         text = {0};
        size_t                i = 0;

        if (!ok(!tp_instruments_open(&list, cases[c].exchange, cases[c].text, strlen(cases[c].text), &err),
                "%s: the list is read", cases[c].title))
            continue;
        while (tp_instruments_next(&list, &entry)) {
            is(describe(&entry, &text), cases[c].want[i], "%s: entry %zu", cases[c].title, i + 1);
            i++;
            if (entry.fate == TP_INSTRUMENT_GOOD)
                ok(!tp_symbol_check(&entry.symbol, &err), "... and passes the checks of a symbol");
        }
        ok(i < TP_COUNT(cases[c].want) && !cases[c].want[i], "%s: all entries were given", cases[c].title);
        tp_buf_free(&text);
        tp_buf_free(&entry.info);
        tp_instruments_close(&list);
    }
}

static void
test_refused_lists(void)
{
    static const struct {
        const char *title, *exchange, *text;
    } bad[] = {
        {"an empty text", "BINANCE", ""},
        {"no JSON", "BINANCE", "symbols"},
        {"a list of another venue", "BYBIT", "{\"symbols\":[]}"},
        {"a test venue's list under another venue's code", "OKX_DEMO", "{\"result\":{\"list\":[]}}"},
        {"an object without a list", "OKX", "{\"code\":\"50011\",\"data\":{}}"},
        {"a bare list", "OKX", "[]"},
        {"a number that is none", "OKX", "{\"data\":[{\"ctVal\":01}]}"},
    };

    for (size_t i = 0; i < TP_COUNT(bad); i++) {
        struct tp_instruments list;
        struct tp_err         err = TP_ERR_INIT;

        ok(tp_instruments_open(&list, bad[i].exchange, bad[i].text, strlen(bad[i].text), &err) == -1
               && err.code == TP_EINPUT,
           "%s is refused", bad[i].title);
    }
}

/* Recorded lists: entries that are good, passed over, refused. */
static const struct {
    const char *path, *exchange;
    int         good, passed, refused;
} recorded[] = {
    {"data/exchange-info/binance-usdm-exchangeInfo-2021-07-22.json.gz", "BINANCE", 117, 5, 0},
    {"data/exchange-info/binance-exchangeInfo-2022-third-party.json.gz", "BINANCE", 144, 11, 0},
    {"data/exchange-info/binance-usdm-exchangeInfo-gct.json", "BINANCE", 25, 0, 0},
    {"data/exchange-info/bybit-v5-instruments-linear-doc-sized.json", "BYBIT", 2, 0, 0},
    {"data/exchange-info/okx-v5-instruments-SWAP-2022-05-13.json.gz", "OKX", 120, 40, 6},
    {"exchange-fixtures/instruments/binance.json", "BINANCE", 8, 0, 0},
    {"exchange-fixtures/instruments/bybit.json", "BYBIT", 7, 0, 0},
    {"exchange-fixtures/instruments/okx.json", "OKX", 7, 0, 0},
};

static void
test_recorded(void)
{
    const char *shared = getenv("TP_SHARED"), *top = getenv("srcdir");
    char        folder[1024], command[2048];

    snprintf(folder, sizeof folder, "%s%s", shared ? shared : top ? top : "..", shared ? "" : "/../shared");
    for (size_t i = 0; i < TP_COUNT(recorded); i++) {
        struct tp_instruments list;
        struct tp_instrument  entry = {.fate = TP_INSTRUMENT_GOOD};
        struct tp_err         err = TP_ERR_INIT;
        struct tp_buf         text = {0};
        int                   fates[3] = {0};
        bool                  named = false;
        FILE                 *f;
        size_t                got;

        snprintf(command, sizeof command, "%s/%s", folder, recorded[i].path);
        f = fopen(command, "r");
        if (!f) {
            skip(recorded[i].path, "the recorded data is not there");
            continue;
        }
        fclose(f);
        snprintf(command, sizeof command, "gzip -dcf '%s/%s'", folder, recorded[i].path);
        f = popen(command, "r");
        do {
            char *to = tp_buf_reserve(&text, 65536);

            got = f ? fread(to, 1, 65536, f) : 0;
            text.n += got;
        } while (got);
        if (f)
            pclose(f);
        if (ok(!tp_instruments_open(&list, recorded[i].exchange, text.at, text.n, &err), "%s is read",
               recorded[i].path)) {
            while (tp_instruments_next(&list, &entry)) {
                fates[entry.fate]++;
                if (entry.fate == TP_INSTRUMENT_REFUSED && strstr(entry.symbol.symbol, "BABYDOGE"))
                    named = strstr(entry.reason, "0.00000000001") != NULL;
                if (entry.fate == TP_INSTRUMENT_GOOD && tp_symbol_check(&entry.symbol, &err))
                    ok(false, "%s: %s", entry.symbol.symbol, err.msg);
            }
            ok(fates[0] == recorded[i].good && fates[1] == recorded[i].passed && fates[2] == recorded[i].refused,
               "with %d instruments, %d of other kinds and %d refused (want %d, %d, %d)", fates[0], fates[1],
               fates[2], recorded[i].good, recorded[i].passed, recorded[i].refused);
            if (recorded[i].refused)
                ok(named, "BABYDOGE-USDT-SWAP is refused for its tick of 1e-11, which is quoted");
            tp_instruments_close(&list);
        }
        tp_buf_free(&entry.info);
        tp_buf_free(&text);
    }
}

int
main(void)
{
    test_cases();
    test_refused_lists();
    test_recorded();
    return done();
}
