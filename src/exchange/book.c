#include "exchange/book.h"

#include <stdlib.h>
#include <string.h>

#include "base/banned.h"
#include "base/json.h"

static const int64_t depths[] = {50, 20, 10, 5};

/* ---- levels ------------------------------------------------------------------------------------------- */

static int
read_number(const char *what, const json_t *j, int digits, struct tp_dec *out, struct tp_err *err)
{
    const char   *text = json_string_value(j);
    struct tp_dec limit = tp_dec_int(digits == 12 ? INT64_C(1000000000000) : INT64_C(1000000000000000000));
    char          safe[64];

    if (!text)
        return tp_fail(err, TP_EINPUT, "the %s is missing", what);
    if (tp_dec_parse_foreign(text, strlen(text), out, err))
        return tp_where(err, "%s", what);
    if (tp_dec_sign(*out) <= 0 || tp_dec_cmp(*out, limit) >= 0)
        return tp_fail(err, TP_EINPUT, "'%s' is out of range: want a %s above 0 with at most %d digits before the point",
                       tp_text_safe(safe, sizeof safe, text, strlen(text)), what, digits);
    return 0;
}

static int
push_level(struct tp_levels *side, const json_t *price, const json_t *quantity, struct tp_err *err)
{
    struct tp_level level;

    if (read_number("price", price, 12, &level.price, err) || read_number("quantity", quantity, 18, &level.quantity, err))
        return tp_where(err, "level %zu", side->n + 1);
    if ((side->n & (side->n - 1)) == 0)
        side->at = tp_realloc(side->at, (side->n ? side->n * 2 : 1) * sizeof *side->at);
    side->at[side->n++] = level;
    return 0;
}

/* [[price, quantity, ...], ...] */
static int
read_side(struct tp_levels *side, const json_t *list, const char *name, struct tp_err *err)
{
    json_t *level;
    size_t  i;

    if (!json_is_array(list))
        return tp_fail(err, TP_EINPUT, "%s: want an array of levels", name);
    json_array_foreach (list, i, level)
        if (push_level(side, json_array_get(level, 0), json_array_get(level, 1), err))
            return tp_where(err, "%s", name);
    return 0;
}

/* Best first: bids fall, asks rise, no price stands twice. */
static int
check_side(const struct tp_levels *side, bool bids, struct tp_err *err)
{
    for (size_t i = 1; i < side->n; i++) {
        int order = tp_dec_cmp(side->at[i].price, side->at[i - 1].price);

        if (bids ? order >= 0 : order <= 0) {
            char a[TP_DEC_TEXT], b[TP_DEC_TEXT];

            tp_dec_print_short(a, side->at[i].price);
            tp_dec_print_short(b, side->at[i - 1].price);
            return tp_fail(err, TP_EINPUT, "%s: level %zu: %s comes after %s: the best must stand first",
                           bids ? "bids" : "asks", i + 1, a, b);
        }
    }
    return 0;
}

static int
check_book(const struct tp_book *b, struct tp_err *err)
{
    char bid[TP_DEC_TEXT], ask[TP_DEC_TEXT];

    if (check_side(&b->bids, true, err) || check_side(&b->asks, false, err))
        return -1;
    if (b->bids.n == 0 && b->asks.n == 0)
        return tp_fail(err, TP_EINPUT, "the book is empty");
    if (b->bids.n && b->asks.n && tp_dec_cmp(b->bids.at[0].price, b->asks.at[0].price) >= 0) {
        tp_dec_print_short(bid, b->bids.at[0].price);
        tp_dec_print_short(ask, b->asks.at[0].price);
        return tp_fail(err, TP_EINPUT, "the book is crossed: bid %s, ask %s", bid, ask);
    }
    return 0;
}

/* ---- one answer --------------------------------------------------------------------------------------- */

static int
read_time(struct tp_book *b, const json_t *from, const char *key, struct tp_err *err)
{
    const char *text = tp_json_text(from, key);
    size_t      n = text ? strcspn(text, ".") : 0; /* Bybit v2 writes seconds with a fraction */
    int64_t     micros = 0, digit = 100000;

    if (!text)
        return 0;
    if (tp_time_parse_epoch(text, n, &b->time, err))
        return tp_where(err, "%s", key);
    for (const char *p = text + n + (text[n] == '.'); *p >= '0' && *p <= '9' && digit; p++, digit /= 10)
        micros += (*p - '0') * digit;
    b->time.us += micros;
    return 0;
}

static int
read_symbol(struct tp_book *b, const json_t *from, const char *key, struct tp_err *err)
{
    const char *text = tp_json_text(from, key);

    if (text && !tp_text_set(b->symbol, sizeof b->symbol, text, strlen(text)))
        return tp_fail(err, TP_EINPUT, "%s: more than %d bytes", key, TP_SYMBOL_SIZE - 1);
    return 0;
}

/* Bybit v2: one list of {price, side, size, symbol}. */
static int
read_entries(struct tp_book *b, const json_t *list, struct tp_err *err)
{
    json_t *entry;
    size_t  i;

    json_array_foreach (list, i, entry) {
        const char *side = tp_json_text(entry, "side");
        bool        buy = side && strcmp(side, "Buy") == 0;

        if (!buy && (!side || strcmp(side, "Sell") != 0))
            return tp_fail(err, TP_EINPUT, "entry %zu: side: want Buy or Sell", i + 1);
        if (read_symbol(b, entry, "symbol", err)
            || push_level(buy ? &b->bids : &b->asks, json_object_get(entry, "price"), json_object_get(entry, "size"),
                          err))
            return tp_where(err, "entry %zu", i + 1);
    }
    return 0;
}

static int
read_answer(struct tp_book *b, const json_t *root, struct tp_err *err)
{
    const json_t *result = json_object_get(root, "result");
    const json_t *okx = json_array_get(json_object_get(root, "data"), 0);

    if (json_object_get(root, "bids")) /* Binance: T is the time of the book, E that of the answer */
        return read_side(&b->bids, json_object_get(root, "bids"), "bids", err)
               || read_side(&b->asks, json_object_get(root, "asks"), "asks", err)
               || read_time(b, root, json_object_get(root, "T") ? "T" : "E", err);
    if (json_object_get(result, "b")) /* Bybit v5: cts is the matching engine's time */
        return read_side(&b->bids, json_object_get(result, "b"), "b", err)
               || read_side(&b->asks, json_object_get(result, "a"), "a", err) || read_symbol(b, result, "s", err)
               || read_time(b, result, json_object_get(result, "cts") ? "cts" : "ts", err);
    if (json_object_get(okx, "bids"))
        return read_side(&b->bids, json_object_get(okx, "bids"), "bids", err)
               || read_side(&b->asks, json_object_get(okx, "asks"), "asks", err) || read_time(b, okx, "ts", err);
    if (json_is_array(result) && json_object_get(json_array_get(result, 0), "side"))
        return read_entries(b, result, err) || read_time(b, root, "time_now", err);
    tp_fail(err, TP_EINPUT, "this is no order book");
    return tp_hint(err, "want what Binance depth, Bybit orderbook or OKX books answers, one to a file or a line");
}

static int
read_record(struct tp_book *b, const char *line, size_t n, struct tp_err *err)
{
    TP_AUTO_ARENA                arena = {0};
    TP_AUTO_JSON                 bids = NULL;
    TP_AUTO_JSON                 asks = NULL;
    struct tp_orderbook_snapshot s;

    if (tp_record_parse(&tp_orderbook_snapshot_record, line, n, &s, &arena, err) < 0
        || tp_json_parse(s.bids, strlen(s.bids), &bids, err) || tp_json_parse(s.asks, strlen(s.asks), &asks, err)
        || read_side(&b->bids, bids, "bids", err) || read_side(&b->asks, asks, "asks", err))
        return -1;
    for (size_t i = 0; i < TP_COUNT(depths); i++)
        if (s.depth == depths[i])
            b->depth = s.depth;
    if (b->depth == 0)
        return tp_fail(err, TP_EINPUT, "depth: want 5, 10, 20 or 50, not %lld", (long long)s.depth);
    memcpy(b->exchange, s.exchange, sizeof b->exchange);
    memcpy(b->symbol, s.symbol, sizeof b->symbol);
    b->time = s.timestamp;
    return 0;
}

static struct tp_book *
push_book(struct tp_books *books)
{
    struct tp_book *b;

    if ((books->n & (books->n - 1)) == 0)
        books->at = tp_realloc(books->at, (books->n ? books->n * 2 : 1) * sizeof *books->at);
    b = &books->at[books->n++];
    *b = (struct tp_book){.time = TP_TIME_NONE};
    return b;
}

/* ---- all of it ---------------------------------------------------------------------------------------- */

static int
in_order(const void *a, const void *b)
{
    const struct tp_book *x = a, *y = b;
    int                   order = strcmp(x->symbol, y->symbol);

    if (order == 0)
        order = (x->time.us > y->time.us) - (x->time.us < y->time.us);
    return order ? order : (x->depth > y->depth) - (x->depth < y->depth);
}

static int
refuse_twins(struct tp_books *books, struct tp_err *err)
{
    char time[TP_TIME_TEXT];

    qsort(books->at, books->n, sizeof *books->at, in_order);
    for (size_t i = 1; i < books->n; i++)
        if (in_order(&books->at[i - 1], &books->at[i]) == 0) {
            tp_time_print(time, books->at[i].time);
            return tp_fail(err, TP_EINPUT, "the book of %s stands twice", *time ? time : "an unknown time");
        }
    return 0;
}

static int
read_lines(struct tp_books *books, const char *text, size_t n, struct tp_err *err)
{
    const char *end = text + n;
    int64_t     number = 0;

    while (text < end) {
        const char    *lf = memchr(text, '\n', (size_t)(end - text)), *stop = lf ? lf : end, *line = text;
        TP_AUTO_JSON   root = NULL;
        char           type[32];
        struct tp_book *b;

        text = stop + 1;
        number++;
        while (line < stop && (unsigned char)*line <= ' ')
            line++;
        if (line == stop)
            continue;
        if (tp_json_parse_foreign(line, (size_t)(stop - line), &root, err))
            return tp_fail(err, TP_EINPUT, "line %lld: not valid JSON", (long long)number);
        tp_text_set(type, sizeof type, "", 0);
        if (tp_json_text(root, "type"))
            tp_text_set(type, sizeof type, tp_json_text(root, "type"), strlen(tp_json_text(root, "type")));
        b = push_book(books);
        if ((strcmp(type, tp_orderbook_snapshot_record.type) == 0 ? read_record(b, line, (size_t)(stop - line), err)
                                                                   : read_answer(b, root, err))
            || check_book(b, err))
            return tp_where(err, "line %lld", (long long)number);
    }
    return books->n ? refuse_twins(books, err) : tp_fail(err, TP_EINPUT, "there is no order book in it");
}

int
tp_books_read(struct tp_books *books, const char *text, size_t n, struct tp_err *err)
{
    const char   *lf = n ? memchr(text, '\n', n) : NULL;
    TP_AUTO_JSON  line = NULL;
    TP_AUTO_JSON  root = NULL;
    struct tp_err ignored = TP_ERR_INIT;
    int           rc;

    *books = (struct tp_books){0};
    /* A document that is written over many lines does not end with its first one. */
    if (tp_json_parse_foreign(text, lf ? (size_t)(lf - text) : n, &line, &ignored) == 0 && json_is_object(line)) {
        rc = read_lines(books, text, n, err);
    } else {
        rc = tp_json_parse_foreign(text, n, &root, err);
        if (!rc) {
            struct tp_book *b = push_book(books);

            rc = read_answer(b, root, err) || check_book(b, err);
        }
    }
    if (rc)
        tp_books_free(books);
    return rc ? -1 : 0;
}

void
tp_books_free(struct tp_books *books)
{
    for (size_t i = 0; i < books->n; i++) {
        free(books->at[i].bids.at);
        free(books->at[i].asks.at);
    }
    free(books->at);
    *books = (struct tp_books){0};
}

/* ---- what is stored ----------------------------------------------------------------------------------- */

/* Writes a side and adds up its quantities. */
static int
put_side(const struct tp_levels *side, int64_t depth, struct tp_dec contract_size, const char **text,
         struct tp_dec *total, struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_BUF json = {0};

    *total = TP_DEC_ZERO;
    tp_buf_char(&json, '[');
    for (size_t i = 0; i < side->n && i < (size_t)depth; i++) {
        struct tp_dec quantity;
        char          digits[TP_DEC_TEXT];

        if (tp_dec_mul(&quantity, side->at[i].quantity, contract_size, TP_HALF_AWAY, err)
            || tp_dec_add(total, *total, quantity, err))
            return -1;
        tp_dec_print(digits, side->at[i].price, TP_DEC_SCALE);
        tp_buf_fmt(&json, "%s[\"%s\",", i ? "," : "", digits);
        tp_dec_print(digits, quantity, TP_DEC_SCALE);
        tp_buf_fmt(&json, "\"%s\"]", digits);
    }
    tp_buf_char(&json, ']');
    *text = tp_arena_text(arena, json.at, json.n);
    return 0;
}

int
tp_book_snapshot(const struct tp_book *book, int64_t depth, struct tp_dec contract_size,
                 struct tp_orderbook_snapshot *out, struct tp_arena *arena, struct tp_err *err)
{
    size_t levels = book->bids.n > book->asks.n ? book->bids.n : book->asks.n;

    tp_record_init(&tp_orderbook_snapshot_record, out);
    if (book->depth) { /* a record counts in base currency already */
        contract_size = tp_dec_int(1);
        depth = book->depth;
    }
    for (size_t i = 0; depth == 0; i++)
        if (i + 1 == TP_COUNT(depths) || levels >= (size_t)depths[i])
            depth = depths[i];
    out->timestamp = book->time;
    out->depth = depth;
    memcpy(out->exchange, book->exchange, sizeof out->exchange);
    memcpy(out->symbol, book->symbol, sizeof out->symbol);
    return put_side(&book->bids, depth, contract_size, &out->bids, &out->total_bid_volume, arena, err)
                   || put_side(&book->asks, depth, contract_size, &out->asks, &out->total_ask_volume, arena, err)
               ? -1
               : 0;
}
