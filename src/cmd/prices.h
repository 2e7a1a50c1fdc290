/* What the files of tp-prices share: the key of its commands, the look-over and the reference data. */
#ifndef TP_CMD_PRICES_H
#define TP_CMD_PRICES_H

#include "base/prog.h"
#include "cmd/options.h"
#include "market/read.h"
#include "store/candle.h"
#include "store/symbol.h"

struct prices_key {
    const char    *exchange, *symbol, *interval;
    struct tp_time from, to;
};

#define OPT_PRICES_VENUE(type) OPT_VENUE(type, key.exchange, "the venue", .fallback = "BINANCE")
/* Whose candles; .required unless files may tell it. */
#define OPT_PRICES_KEY(type, ...)                                                                  \
    OPT_PRICES_VENUE(type), OPT_SYMBOL(type, key.symbol, "the instrument", __VA_ARGS__),           \
        OPT_INTERVAL(type, key.interval, "length of the candles", __VA_ARGS__)
#define OPT_PRICES_RANGE(type) OPT_RANGE(type, key.from, key.to)

/* TP_EUSAGE when neither an option nor a file says the symbol or the interval. */
int prices_need(struct tp_ctx *tp, const struct prices_key *key);
/* Opens the database; the instrument must be known: what is stored is stored under it. */
int prices_symbol(struct tp_ctx *tp, const struct prices_key *key, struct tp_symbol *symbol);
struct tp_candle_key prices_store_key(const struct prices_key *key);
int                  prices_begin_read(struct tp_ctx *tp, const struct prices_key *key);
/* A candle of the key, for rows that do not repeat it. */
struct tp_candle prices_candle(const struct prices_key *key);
/* Symbol, exchange and interval of a file whose first rows were peeked at: options, then what the file says, then its
 * name.  The texts stand in done. */
int prices_identify(struct tp_ctx *tp, const struct prices_key *given, struct tp_reader *reader, const char *path,
                    struct prices_key *key, struct tp_import *done);
/* Says that a file was taken in before. */
void prices_say_before(struct tp_ctx *tp, const struct tp_import_file *file, const struct tp_import *done);
/* Stored finer candles as candles of the key's interval, one after the other; `each` other than 0 ends
 * it. */
int prices_resample(struct tp_ctx *tp, struct tp_db *db, const struct prices_key *key, const char *from_interval,
                    bool complete_only, int (*each)(struct tp_ctx *tp, void *to, const struct tp_candle *c), void *to);
/* Prints the gaps of a range and counts their candles. */
int prices_tell_gaps(struct tp_ctx *tp, const struct prices_key *key, int64_t *missing);

struct prices_look_args {
    struct prices_key key;
    bool              strict;
    const char       *from_interval, *against, *columns;
};

extern const struct tp_opt prices_coverage_opts[], prices_gaps_opts[], prices_verify_opts[];
int prices_coverage(struct tp_ctx *tp, const void *args);
int prices_gaps(struct tp_ctx *tp, const void *args);
int prices_verify(struct tp_ctx *tp, const void *args);

struct prices_reference_args {
    struct prices_key  key;
    struct tp_opt_list import;
    const char        *columns;
    const char        *depth;
    struct tp_time     at;
    bool               dry_run;
};

extern const struct tp_opt prices_funding_opts[], prices_mark_opts[], prices_book_opts[];
int prices_funding(struct tp_ctx *tp, const void *args);
int prices_mark(struct tp_ctx *tp, const void *args);
int prices_book(struct tp_ctx *tp, const void *args);

#endif
