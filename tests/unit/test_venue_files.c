/* Funding histories and order books as venues write them: what is taken, and why the rest is refused. */
#include "exchange/book.h"
#include "exchange/funding.h"

#include "tests/unit/tap.h"

/* symbol time rate mark; per row */
static const struct {
    const char *title, *symbol, *text, *want;
} fundings[] = {
    {"CSV with a header", NULL, "timestamp,symbol,funding_rate\n1600128000000,A,-0.0002\n1600156800010,A,1e-4\r\n\n",
     "A 2020-09-15T00:00:00.000000Z -0.000200000000 ; A 2020-09-15T08:00:00.010000Z 0.000100000000 ; "},
    {"the venue's archive, no symbol in it", "B",
     "\xEF\xBB\xBF"
     "calc_time,funding_interval_hours,last_funding_rate\n1600128000000,8,0.0001\n",
     "B 2020-09-15T00:00:00.000000Z 0.000100000000 ; "},
    {"quoted cells, ISO times, a mark price", NULL,
     "\"funding_time\",\"symbol\",\"rate\",\"mark_price\"\n\"2020-09-15T00:00:00Z\",\"A\",\"0.0001\",\"10.5\"\n",
     "A 2020-09-15T00:00:00.000000Z 0.000100000000 10.5; "},
    {"Binance's answer", NULL,
     "[{\"symbol\":\"A\",\"fundingTime\":1600128000000,\"fundingRate\":\"0.0001\",\"markPrice\":\"\"}]",
     "A 2020-09-15T00:00:00.000000Z 0.000100000000 ; "},
    {"Bybit's answer, newest first", NULL,
     "{\"result\":{\"list\":[{\"symbol\":\"A\",\"fundingRate\":\"0.2\",\"fundingRateTimestamp\":\"1600156800000\"},"
     "{\"symbol\":\"A\",\"fundingRate\":\"0.1\",\"fundingRateTimestamp\":\"1600128000000\"}]}}",
     "A 2020-09-15T00:00:00.000000Z 0.100000000000 ; A 2020-09-15T08:00:00.000000Z 0.200000000000 ; "},
    {"OKX's answer: the rate that was exchanged, not the forecast", NULL,
     "{\"data\":[{\"instId\":\"A-USDT-SWAP\",\"fundingRate\":\"0.0002\",\"realizedRate\":\"0.0001\",\"fundingTime\":"
     "\"1600128000000\"}]}",
     "A-USDT-SWAP 2020-09-15T00:00:00.000000Z 0.000100000000 ; "},
    {"arrays of time and rate", "A", "[[1600128000017,1.3046e-4,0.0,0.0,0.0,0.0]]",
     "A 2020-09-15T00:00:00.017000Z 0.000130460000 ; "},
    {"our own records", NULL,
     "{\"type\":\"funding_rate\",\"symbol\":\"A\",\"funding_time\":\"2020-09-15T00:00:00Z\",\"rate\":\"0.1\"}\n"
     "{\"type\":\"symbol\"}\n",
     "A 2020-09-15T00:00:00.000000Z 0.100000000000 ; "},
    {"places beyond twelve are rounded half away", "A", "time,rate\n1600128000000,0.0000000000015\n",
     "A 2020-09-15T00:00:00.000000Z 0.000000000002 ; "},
    {"other instruments are passed over when one is asked for", "A",
     "time,symbol,rate\n1600128000000,B,1\n1600128000000,A,2\n", "A 2020-09-15T00:00:00.000000Z 2.000000000000 ; "},
    {"one funding twice is kept once", "A", "time,rate\n1600128000000,0.1\n1600128000000,0.1\n",
     "A 2020-09-15T00:00:00.000000Z 0.100000000000 ; "},
    {"a few milliseconds do not make it two", "A", "time,rate\n1600128000000,0.1\n1600128000007,0.2\n",
     "the funding of A at 2020-09-15T00:00:00.007000Z stands twice with different values"},
    {"no symbol at all", NULL, "time,rate\n1600128000000,0.1\n", "line 2: no symbol stands in it"},
    {"a rate that is none", "A", "time,rate\n1600128000000,0.1\n1600156800000,x\n",
     "line 3: rate: 'x' is not a decimal number: want digits with at most one point"},
    {"a percentage taken for a rate", "A", "time,rate\n1600128000000,12\n",
     "line 2: rate: '12' is no funding rate: want a fraction of the notional"},
    {"a mangled time", "A", "time,rate\n1.60013E+12,0.1\n",
     "line 2: time: '1.60013E+12' is not a time: want a date or RFC 3339 (2025-12-09T00:00:00Z)"},
    {"a mark price of nothing", "A", "time,rate,mark_price\n1600128000000,0.1,0\n",
     "line 2: mark_price: '0' is out of range: want a price above 0 and below 10^12"},
    {"a row cut short", "A", "time,rate\n1600128000000\n", "line 2: 1 columns instead of 2"},
    {"a header without a rate", "A", "time,open\n1,2\n", "line 1: no column is the rate"},
    {"an entry without a rate", NULL, "[{\"symbol\":\"A\",\"fundingTime\":1600128000000}]", "entry 1: the rate is missing"},
    {"another answer", NULL, "{\"symbols\":[]}", "this is no funding history"},
    {"no JSON", NULL, "[{\"symbol\":", "line 1 column 11: not valid JSON"},
    {"nothing", NULL, "", ""},
};

static void
funding_files(void)
{
    for (size_t i = 0; i < TP_COUNT(fundings); i++) {
        struct tp_fundings f = {.symbol = fundings[i].symbol};
        struct tp_err      err = TP_ERR_INIT;
        TP_AUTO_BUF        got = {0};

        tp_buf_text(&got, "");
        if (tp_fundings_read(&f, fundings[i].text, strlen(fundings[i].text), &err))
            tp_buf_text(&got, err.msg);
        for (size_t k = 0; k < f.n; k++) {
            const struct tp_funding_rate *r = &f.rows[k];
            char                          time[TP_TIME_TEXT], rate[TP_DEC_TEXT], mark[TP_DEC_TEXT] = "";

            tp_time_print(time, r->funding_time);
            tp_rate_print(rate, r->rate);
            if (!tp_dec_none(r->mark_price))
                tp_dec_print_short(mark, r->mark_price);
            tp_buf_fmt(&got, "%s %s %s %s; ", r->symbol, time, rate, mark);
        }
        is(got.at, fundings[i].want, "funding: %s", fundings[i].title);
        tp_fundings_free(&f);
    }
}

static const struct {
    const char *title;
    int64_t     depth;
    const char *contract, *text, *want;
} books[] = {
    {"Binance's answer", 0, "1",
     "{\"E\":2,\"T\":1600128000000,\"bids\":[[\"10.5\",\"2\"],[\"10\",\"1\"]],\"asks\":[[\"11\",\"0.5\"]]}",
     " 2020-09-15T00:00:00.000000Z 5 [[\"10.50000000\",\"2.00000000\"],[\"10.00000000\",\"1.00000000\"]] "
     "[[\"11.00000000\",\"0.50000000\"]] 3 0.5; "},
    {"numbers instead of strings are exact", 0, "1", "{\"bids\":[[0.1,1e2]],\"asks\":[]}",
     "  5 [[\"0.10000000\",\"100.00000000\"]] [] 100 0; "},
    {"Bybit's answer names its symbol", 0, "1",
     "{\"result\":{\"s\":\"A\",\"b\":[[\"1\",\"1\"]],\"a\":[[\"2\",\"1\"]],\"ts\":1600128000000,\"cts\":1600128000001}}",
     "A 2020-09-15T00:00:00.001000Z 5 [[\"1.00000000\",\"1.00000000\"]] [[\"2.00000000\",\"1.00000000\"]] 1 1; "},
    {"Bybit's older answer: a list of entries, seconds with a fraction", 0, "1",
     "{\"result\":[{\"price\":\"1\",\"side\":\"Buy\",\"size\":3,\"symbol\":\"A\"},{\"price\":\"2\",\"side\":\"Sell\","
     "\"size\":4,\"symbol\":\"A\"}],\"time_now\":\"1600128000.25\"}",
     "A 2020-09-15T00:00:00.250000Z 5 [[\"1.00000000\",\"3.00000000\"]] [[\"2.00000000\",\"4.00000000\"]] 3 4; "},
    {"OKX counts contracts", 0, "0.01",
     "{\"data\":[{\"bids\":[[\"1\",\"3\",\"0\",\"1\"]],\"asks\":[],\"ts\":\"1600128000000\"}]}",
     " 2020-09-15T00:00:00.000000Z 5 [[\"1.00000000\",\"0.03000000\"]] [] 0.03 0; "},
    {"lines of answers, in time order", 0, "1",
     "{\"T\":1600128000001,\"bids\":[[\"1\",\"2\"]],\"asks\":[]}\n{\"T\":1600128000000,\"bids\":[[\"1\",\"1\"]],\"asks\":[]}\n",
     " 2020-09-15T00:00:00.000000Z 5 [[\"1.00000000\",\"1.00000000\"]] [] 1 0; "
     " 2020-09-15T00:00:00.001000Z 5 [[\"1.00000000\",\"2.00000000\"]] [] 2 0; "},
    {"our own record keeps its depth and its unit", 5, "0.01",
     "{\"type\":\"orderbook_snapshot\",\"timestamp\":\"2020-09-15T00:00:00Z\",\"depth\":20,\"symbol\":\"A\","
     "\"bids\":[[\"1.00000000\",\"3.00000000\"]],\"asks\":[]}\n",
     "A 2020-09-15T00:00:00.000000Z 20 [[\"1.00000000\",\"3.00000000\"]] [] 3 0; "},
    {"a crossed book", 0, "1", "{\"bids\":[[\"2\",\"1\"]],\"asks\":[[\"2\",\"1\"]]}", "line 1: the book is crossed: bid 2, ask 2"},
    {"bids out of order", 0, "1", "{\"bids\":[[\"1\",\"1\"],[\"2\",\"1\"]],\"asks\":[]}",
     "line 1: bids: level 2: 2 comes after 1: the best must stand first"},
    {"asks out of order", 0, "1", "{\"asks\":[[\"2\",\"1\"],[\"2\",\"1\"]],\"bids\":[]}",
     "line 1: asks: level 2: 2 comes after 2: the best must stand first"},
    {"a level without a quantity", 0, "1", "{\"bids\":[[\"1\"]],\"asks\":[]}", "line 1: bids: level 1: the quantity is missing"},
    {"a level of nothing", 0, "1", "{\"bids\":[[\"1\",\"0\"]],\"asks\":[]}",
     "line 1: bids: level 1: '0' is out of range: want a quantity above 0 with at most 18 digits before the point"},
    {"a price with too many places", 0, "1", "{\"bids\":[[\"0.000000001\",\"1\"]],\"asks\":[]}",
     "line 1: bids: level 1: price: '0.000000001' is not a decimal number: it has more than eight decimal places"},
    {"a message of a stream", 0, "1", "{\"stream\":\"a@depth\",\"data\":{\"e\":\"depthUpdate\"}}\n",
     "line 1: this is no order book"},
    {"one book twice", 0, "1", "{\"T\":1,\"bids\":[[\"1\",\"2\"]],\"asks\":[]}\n{\"T\":1,\"bids\":[[\"1\",\"2\"]],\"asks\":[]}\n",
     "the book of 1970-01-01T00:00:01.000000Z stands twice"},
    {"an empty book", 0, "1", "{\"bids\":[],\"asks\":[]}", "line 1: the book is empty"},
    {"a depth that is none", 0, "1",
     "{\"type\":\"orderbook_snapshot\",\"timestamp\":\"2020-09-15T00:00:00Z\",\"depth\":7,\"symbol\":\"A\",\"bids\":[],"
     "\"asks\":[]}\n",
     "line 1: depth: want 5, 10, 20 or 50, not 7"},
};

static void
book_files(void)
{
    for (size_t i = 0; i < TP_COUNT(books); i++) {
        TP_AUTO_ARENA   arena = {0};
        TP_AUTO_BUF     got = {0};
        struct tp_books b;
        struct tp_err   err = TP_ERR_INIT;
        struct tp_dec   contract;

        tp_dec_parse(books[i].contract, strlen(books[i].contract), &contract, &err);
        if (tp_books_read(&b, books[i].text, strlen(books[i].text), &err))
            tp_buf_text(&got, err.msg);
        for (size_t k = 0; k < b.n; k++) {
            struct tp_orderbook_snapshot s;
            char                         time[TP_TIME_TEXT], bid[TP_DEC_TEXT], ask[TP_DEC_TEXT];

            if (tp_book_snapshot(&b.at[k], books[i].depth, contract, &s, &arena, &err))
                break;
            tp_time_print(time, s.timestamp);
            tp_dec_print_short(bid, s.total_bid_volume);
            tp_dec_print_short(ask, s.total_ask_volume);
            tp_buf_fmt(&got, "%s %s %lld %s %s %s %s; ", s.symbol, time, (long long)s.depth, s.bids, s.asks, bid, ask);
        }
        is(got.at, books[i].want, "book: %s", books[i].title);
        tp_books_free(&b);
    }
}

/* A book of n levels a side, one unit each, is cut to the depth. */
static void
depths(void)
{
    static const struct {
        int     levels;
        int64_t asked, want, kept;
    } rows[] = {{3, 0, 5, 3}, {5, 0, 5, 5}, {9, 0, 5, 5}, {10, 0, 10, 10}, {49, 0, 20, 20}, {60, 0, 50, 50}, {60, 10, 10, 10}, {3, 20, 20, 3}};

    for (size_t i = 0; i < TP_COUNT(rows); i++) {
        TP_AUTO_ARENA                arena = {0};
        TP_AUTO_BUF                  text = {0};
        struct tp_books              b;
        struct tp_err                err = TP_ERR_INIT;
        struct tp_orderbook_snapshot s;

        tp_buf_text(&text, "{\"asks\":[],\"bids\":[");
        for (int k = 0; k < rows[i].levels; k++)
            tp_buf_fmt(&text, "%s[\"%d\",\"1\"]", k ? "," : "", 100 - k);
        tp_buf_text(&text, "]}");
        ok(tp_books_read(&b, text.at, text.n, &err) == 0
               && tp_book_snapshot(&b.at[0], rows[i].asked, tp_dec_int(1), &s, &arena, &err) == 0
               && s.depth == rows[i].want && tp_dec_cmp(s.total_bid_volume, tp_dec_int(rows[i].kept)) == 0,
           "%d levels, %lld asked: depth %lld", rows[i].levels, (long long)rows[i].asked, (long long)rows[i].want);
        tp_books_free(&b);
    }
}

int
main(void)
{
    funding_files();
    book_files();
    depths();
    return done();
}
