/* A CSV row of plain numbers, read in one straight line; whatever is not plain is left to the
 * reader. */
#ifndef TP_MARKET_ROW_H
#define TP_MARKET_ROW_H

#include <stddef.h>
#include <stdint.h>

#define TP_ROW_COLUMNS 64
#define TP_ROW_AHEAD 32 /* bytes behind the text that must be readable */

enum tp_cell {
    TP_CELL_SKIP,
    TP_CELL_TIME,  /* 13 or 16 digits, as the plan says: milli- or microseconds */
    TP_CELL_DEC,   /* one to ten digits, perhaps a point and one to eight places */
    TP_CELL_COUNT, /* one to eight digits */
};

struct tp_row_column {
    enum tp_cell kind;
    unsigned to; /* place in the values */
    /* Where the digits of this column ended in the row before.  Rows of one file look alike; with
     * the guess the next cell need not wait until this one is searched for its end. */
    uint64_t whole_stop, part_stop;
    unsigned whole, part;
};

struct tp_row_plan {
    size_t n;
    unsigned time_digits;
    struct tp_row_column column[TP_ROW_COLUMNS];
};

/* Adds a column; there are fewer than TP_ROW_COLUMNS. */
void tp_row_add(struct tp_row_plan *plan, enum tp_cell kind, unsigned to);
/* Reads the row at p into values: times in µs, decimals in units of 1e-8.  The text must end with a
 * NUL and TP_ROW_AHEAD readable bytes.  Gives what follows the row's line feed, or NULL when any
 * cell is written otherwise (a sign, a blank, a quote, an exponent, more digits, no value), the
 * cells are not as many as the columns or the line is not all there: values are undefined then. */
const char *tp_row_read(struct tp_row_plan *plan, const char *p, int64_t *values);

#endif
