/* Order books as venues answer them: Binance depth, Bybit orderbook, OKX books, and our own records. */
#ifndef TP_EXCHANGE_BOOK_H
#define TP_EXCHANGE_BOOK_H

#include <stddef.h>

#include "market/reference.h"

struct tp_level {
    struct tp_dec price, quantity;
};

struct tp_levels {
    struct tp_level *at; /* best first */
    size_t           n;
};

struct tp_book {
    char             exchange[TP_EXCHANGE_SIZE], symbol[TP_SYMBOL_SIZE]; /* "" where the text does not say */
    struct tp_time   time;  /* none where the text does not say */
    int64_t          depth; /* of a record; 0: the venue's whole answer, quantities in its own unit */
    struct tp_levels bids, asks;
};

struct tp_books {
    struct tp_book *at;
    size_t          n;
};

/* Reads one answer, or lines of answers or records.  -1 with TP_EINPUT names line, side, level and value:
 * levels out of order, a crossed book, a price or a quantity that is not above zero or has more than eight
 * places. */
int  tp_books_read(struct tp_books *books, const char *text, size_t n, struct tp_err *err);
void tp_books_free(struct tp_books *books);

/* The book as it is stored: at most `depth` levels a side (5, 10, 20 or 50; 0: the largest that the book
 * fills, else 5; a record keeps its own), quantities in base currency.  Texts stand in the arena; exchange, symbol
 * and time are the book's. */
int tp_book_snapshot(const struct tp_book *book, int64_t depth, struct tp_dec contract_size,
                     struct tp_orderbook_snapshot *out, struct tp_arena *arena, struct tp_err *err);

#endif
