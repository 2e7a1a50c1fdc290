/* Looking candles over: what is missing, what is odd, what cannot be, and where two sources disagree. */
#ifndef TP_MARKET_LOOK_H
#define TP_MARKET_LOOK_H

#include "market/candle.h"

/* kind, whether it is a fault (else it is a fact of the market), meaning */
#define TP_FINDINGS(X)                                                                             \
    X(missing, false, "no candles")                                                                \
    X(no_trades, false, "candles without a trade")                                                 \
    X(close_time, false, "a candle that ended early")                                              \
    X(value, true, "a value that no candle can have")                                              \
    X(alignment, true, "a time that is no open time of the interval")                              \
    X(order, true, "a time that is not after the one before")                                      \
    X(differs, true, "another source says otherwise")

enum tp_finding_kind {
#define X(kind, fault, text) TP_FINDING_##kind,
    TP_FINDINGS(X)
#undef X
    TP_FINDING_KINDS
};

struct tp_price_finding {
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    char           interval[4];
    char           kind[12];
    struct tp_time from, to;
    int64_t        candles;
    char           field[24];
    struct tp_dec  stored, expected;
};

extern const struct tp_record tp_price_finding_record;

bool tp_finding_fault(const char *kind);

/* Gets each finding; what it returns other than 0 ends the walk. */
typedef int tp_look_tell(void *out, const struct tp_price_finding *finding, struct tp_err *err);

struct tp_look {
    const struct tp_interval *interval;
    bool                      gaps_only;
    tp_look_tell             *tell;
    void                     *out; /* of tell */
    struct tp_time            from, to; /* the range that was asked for, whose edges may be missing, too; or none */
    /* The walk's own: */
    struct tp_candle last;
    bool             any;
    int64_t          quiet, quiet_from; /* candles without a trade up to here */
};

/* Takes the candles in time order, each with its exchange, symbol and interval; then the end.  A range without any
 * candle has no findings. */
int tp_look_put(struct tp_look *look, const struct tp_candle *c, struct tp_err *err);
int tp_look_end(struct tp_look *look, struct tp_err *err);
/* Tells each value in which two candles of one time differ; what one of them does not know is no difference. */
int tp_look_compare(struct tp_look *look, const struct tp_candle *stored, const struct tp_candle *expected,
                    struct tp_err *err);

#endif
