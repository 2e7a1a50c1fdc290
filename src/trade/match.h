/* The fill engine: which working orders a bar fills, and at what price.
 *
 * The rules R1 to R19, R21, R24 are those of docs/fill-model.md; each is named where it is
 * decided.  Fills go to the book at once, so that the next order of the same bar sees them. */
#ifndef TP_TRADE_MATCH_H
#define TP_TRADE_MATCH_H

#include "market/reference.h"
#include "trade/book.h"
#include "trade/knobs.h"

/* A bar as the matching needs it.  volume may be none: then it limits nothing. */
struct tp_bar {
    struct tp_time open_time, close_time;
    struct tp_dec  open, high, low, close, volume;
    bool           synthetic; /* never fills anything */
};

struct tp_match_counts {
    int64_t orders, rejected, expired, cancelled;
    int64_t ambiguous;      /* bars in which stop-loss and take-profit were both within reach (R9) */
    struct tp_dec ambiguous_gain; /* what the take-profits would have brought more, before fees */
    int64_t volume_warnings; /* fills above max_participation (R13) */
    int64_t fundings, imputed; /* funding stamps of positions, and those without a known rate (R16) */
    int64_t liquidations;
};

/* R16: the stamps at which funding is exchanged, and how far they have been dealt with. */
struct tp_funding {
    bool                          on;
    const struct tp_funding_rate *rates; /* borrowed, by time */
    size_t                        n, next; /* next: the first that is not before done_us */
    int64_t                       done_us; /* stamps before this time are over */
    struct tp_time                stamp;   /* the next one */
    bool                          known;   /* rates[next] is about it; else its rate is not known */
    bool                          inside;  /* the path of a bar is being walked */
    struct tp_dec                 most[2], least[2]; /* what each leg has held since that began */
};

struct tp_match {
    struct tp_knobs        knobs;
    struct tp_symbol       symbol;
    struct tp_book        *book;
    struct tp_sink         sink;
    struct tp_work        *work;
    size_t                 n, room;
    int64_t                next_number;
    char                   seed[65]; /* what ids are derived from */
    struct tp_match_counts counts;
    struct tp_bar          bar; /* the bar being matched */
    struct tp_time         now; /* stamp of what happens: the bar's open, its close for the last step */
    struct tp_dec          used; /* volume taken in it */
    int64_t                sequence; /* of the ids given so far */
    bool                   forced; /* what is being filled goes whatever the volume is */
    bool                   spared[2]; /* legs whose liquidation in this bar has been decided (R8) */
    struct tp_funding      funding;
};

/* symbol's fee rates must be set (tp_knobs_fees). */
void tp_match_init(struct tp_match *m, const struct tp_knobs *knobs, const struct tp_symbol *symbol,
                   struct tp_book *book, const struct tp_sink *sink, const char *seed);
void tp_match_free(struct tp_match *m);

/* Gives it the funding rates that are known, by time, each stamp once: borrowed until others come.  Stamps
 * before `from` are over (none: as far as they are). */
void tp_match_rates(struct tp_match *m, const struct tp_funding_rate *rates, size_t n, struct tp_time from);

/* Takes an order; rounds it to the instrument's steps (R14), refuses it by an event REJECTED when
 * nothing is left.  Gives its number, 0 when it was refused.  -1: out of range, or the sink failed. */
int tp_match_submit(struct tp_match *m, const struct tp_work *order, int64_t *number, struct tp_err *err);
/* Cancels a working order (an unknown number is fine: it was filled meanwhile). */
int tp_match_cancel(struct tp_match *m, int64_t number, const char *reason, struct tp_err *err);
/* The working order of that number, or NULL; valid until the next call. */
struct tp_work *tp_match_find(struct tp_match *m, int64_t number);
/* The i-th of those that work, or NULL. */
struct tp_work *tp_match_each(struct tp_match *m, size_t i);

/* One bar, in the order of R2. */
int tp_match_bar(struct tp_match *m, const struct tp_bar *bar, struct tp_err *err);
/* Moves the stop-losses of a side to price where they are further away (never back); makes one over
 * the whole position when there is none. */
int tp_match_tighten(struct tp_match *m, int side, struct tp_dec price, struct tp_err *err);
/* fill=close: market orders submitted after this bar fill at its close. */
int tp_match_at_close(struct tp_match *m, const struct tp_bar *bar, struct tp_err *err);
/* After the last bar: resting orders expire, open positions are closed (R21). */
int tp_match_end(struct tp_match *m, const struct tp_bar *bar, struct tp_err *err);

/* A bar with low > *low and high < *high that closes by *until does nothing to orders and positions.  False: every
 * bar must be matched (something is new, trails or expires). */
bool tp_match_quiet(const struct tp_match *m, struct tp_dec *low, struct tp_dec *high, struct tp_time *until);

#endif
