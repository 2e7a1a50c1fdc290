/* What the files of the reader share: its state, and a row's values on their way to a candle. */
#ifndef TP_MARKET_READER_H
#define TP_MARKET_READER_H

#include "market/read.h"
#include "market/reference.h"
#include "market/row.h"

#define TP_READ_ROOM (1024 * 1024) /* bytes of text at once, so of a line */

enum tp_read_form { TP_READ_UNKNOWN, TP_READ_CSV, TP_READ_ARRAYS, TP_READ_RECORDS };

/* What a column of a foreign row means. */
enum tp_meaning {
    MEANS_SKIP,
    MEANS_TIME,
    MEANS_OPEN,
    MEANS_HIGH,
    MEANS_LOW,
    MEANS_CLOSE,
    MEANS_VOLUME,
    MEANS_CLOSE_TIME,
    MEANS_QUOTE_VOLUME,
    MEANS_COUNT,
    MEANS_TAKER_VOLUME,
    MEANS_TAKER_QUOTE_VOLUME,
    MEANINGS
};

struct tp_read_text {
    char  *at; /* of TP_READ_ROOM + TP_ROW_AHEAD bytes; a NUL ends what was read */
    size_t from, to;
    bool   over;
};

struct tp_reader {
    struct tp_read_opts       opts;
    struct tp_source         *source;
    struct tp_read_text       text;
    enum tp_read_form         form;
    const struct tp_interval *interval;
    enum tp_meaning           columns[TP_ROW_COLUMNS];
    size_t                    n_columns;
    int64_t                   line;
    size_t                    unit; /* digits of the first time: 10, 13, 16, 19; 0: none yet */
    struct tp_candle          last; /* the row before, to compare with */
    bool                      any;
    struct tp_symbol          symbol;
    struct tp_candle          first;
    bool                      has_symbol, has_first;
    struct tp_funding_rate   *rates; /* that stand before the first candle */
    size_t                    n_rates;
    int64_t                   duplicates;
    const char               *line_at; /* the line being read */
    size_t                    line_n;
    struct tp_arena           arena;
    bool                      inside, ended; /* of the outer array */
    int64_t                   rows;          /* of the outer array, the one being read among them */
    struct tp_bars            ahead; /* read by peek, not yet taken */
    struct tp_row_plan        plan;  /* of the columns; n = 0: rows are read by the long way */
};

/* ---- read.c: bytes and lines ----------------------------------------------------------------------- */

/* Reads more behind what is left of the text, which moves to the front: 1, 0 at the end, -1. */
int tp_read_fill(struct tp_reader *r, struct tp_err *err);
/* Puts line and name of the source in front of a failure; returns -1. */
int tp_read_where(const struct tp_reader *r, int64_t line, struct tp_err *err);

/* ---- read_value.c: values and whole candles ---------------------------------------------------------- */

extern const char *const tp_read_meanings[MEANINGS]; /* as --columns calls them */

/* Blanks around a value and quotes around a CSV cell do not belong to it. */
void tp_read_trim(const char **p, size_t *n);
/* Reads one value into its member of the candle; an empty one that may be missing stays none. */
int tp_read_value(struct tp_reader *r, enum tp_meaning m, const char *p, size_t n, struct tp_candle *c,
                  struct tp_err *err);
/* 1: a bar to keep; 0: the row before once more; -1. */
int tp_read_judge(struct tp_reader *r, struct tp_candle *c, struct tp_err *err);

/* ---- read_csv.c --------------------------------------------------------------------------------------- */

/* The first line: a header, or a row in Binance's order (12 columns; the first six alone will do). */
int tp_read_csv_start(struct tp_reader *r, bool *header, struct tp_err *err);
int tp_read_csv_row(struct tp_reader *r, struct tp_candle *c, struct tp_err *err);
/* Takes rows as long as they are plain.  All others - those to refuse among them - are left in the text for
 * tp_read_csv_row, which knows every form and every reason. */
void tp_read_plain_rows(struct tp_reader *r, struct tp_bars *bars);

/* ---- read_json.c --------------------------------------------------------------------------------------- */

/* The next byte that is not blank, left in place: 1, 0, -1. */
int tp_read_look(struct tp_reader *r, char *c, struct tp_err *err);
/* One array of a REST answer: 1, 0 at the outer one's end, -1. */
int tp_read_array(struct tp_reader *r, struct tp_candle *c, struct tp_err *err);
/* One of our own records.  1: a candle; 0: some other record; -1. */
int tp_read_record(struct tp_reader *r, struct tp_candle *c, struct tp_err *err);

#endif
