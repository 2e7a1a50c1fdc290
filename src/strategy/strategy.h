/* The contract between a strategy and the session that trades for it: closed bars in, wishes out.
 *
 * The session hands over blocks of closed bars; for each bar of the block, in order, it first lets the
 * fill engine work, then asks the strategy what it wants.  A strategy never sees a bar before its
 * close, and its wishes take effect at the next bar's open at the earliest. */
#ifndef TP_STRATEGY_STRATEGY_H
#define TP_STRATEGY_STRATEGY_H

#include "base/text.h"
#include "market/bars.h"
#include "trade/broker.h"

enum tp_want_kind {
    TP_WANT_ENTER,  /* open, add (when the same side is held), or per on_opposite when the other is */
    TP_WANT_EXIT,   /* close the position of that side, whole */
    TP_WANT_REST,   /* like ENTER, but replaces the resting entry order of that side (stop entries) */
    TP_WANT_LEAVE,  /* like EXIT with a resting order that replaces the former one (stop exits) */
    TP_WANT_PLACE,  /* the order as it stands, but for a size that is to be worked out */
    TP_WANT_CANCEL, /* the working order of that id */
    TP_WANT_TARGET  /* the position to be of that side (0: none) and size, by market orders */
};

enum tp_want_type { TP_WANT_MARKET, TP_WANT_LIMIT, TP_WANT_STOP_MARKET, TP_WANT_STOP_LIMIT };

enum tp_size_kind {
    TP_SIZE_QTY,        /* base currency */
    TP_SIZE_QUOTE,      /* quote currency notional */
    TP_SIZE_EQUITY_PCT, /* percent of equity as notional */
    TP_SIZE_RISK_PCT,   /* percent of equity lost when the stop-loss is hit */
    TP_SIZE_KELLY       /* fraction f of the Kelly bet: the strategy has put f*(2p-1)*100 in amount */
};

enum tp_distance_kind {
    TP_DISTANCE_NONE,
    TP_DISTANCE_PERCENT, /* of the entry price */
    TP_DISTANCE_ABSOLUTE, /* in quote currency, from the entry price */
    TP_DISTANCE_PRICE    /* a price level */
};

struct tp_distance {
    enum tp_distance_kind kind;
    struct tp_dec         amount;
};

#define TP_TAKE_PROFITS 4

/* Protective children of an entry, created at its fills. */
struct tp_protect {
    struct tp_distance stop_loss;
    struct tp_distance take_profit[TP_TAKE_PROFITS];
    struct tp_dec      portion[TP_TAKE_PROFITS]; /* percent of the position at each level */
    size_t             n_take_profits;
    struct tp_distance trailing;  /* PERCENT or ABSOLUTE distance */
    int64_t            time_exit_bars; /* 0: none */
    struct tp_dec      breakeven_after_pct; /* none: no breakeven stop */
};

enum tp_on_opposite { TP_OPPOSITE_REVERSE, TP_OPPOSITE_CLOSE, TP_OPPOSITE_IGNORE };

struct tp_want {
    enum tp_want_kind   kind;
    int                 side; /* +1 long, -1 short: the position meant */
    enum tp_want_type   type;
    struct tp_dec       price, stop_price; /* none where the type has none */
    enum tp_size_kind   size_kind;
    struct tp_dec       size;
    int64_t             expire_bars; /* 0: good till cancelled */
    struct tp_protect   protect;
    enum tp_on_opposite on_opposite;
    const char         *reason; /* borrowed from the strategy: the rule's name, for the order's record */
    const struct tp_work *order; /* PLACE, CANCEL (its id alone): borrowed likewise */
};

#define TP_WANTS 64 /* at most so many wishes at one bar */

struct tp_wants {
    struct tp_want at[TP_WANTS];
    size_t         n;
};

/* What a strategy may know of the account at a bar's close. */
struct tp_view {
    int           position;          /* -1, 0, +1 */
    int64_t       adds;              /* entries after the first in this position */
    int64_t       bars_held;         /* closed bars since the entry's fill; -1: flat */
    int64_t       bars_since_exit;   /* -1: never held */
    struct tp_dec quantity;          /* of the position, >= 0 */
    struct tp_dec entry_price;       /* average; none when flat */
    struct tp_dec last_entry_price;  /* of the newest entry fill; none when flat */
    struct tp_dec unrealized_pct;    /* percent of entry notional; none when flat */
    struct tp_dec equity;            /* at this close */
    bool          entry_resting;     /* an entry order is working */
};

struct tp_strategy;

struct tp_strategy_ops {
    /* The next closed bars; the session will ask about each in turn.  Bars stay valid until the next
     * call.  -1 with TP_EINPUT for a value out of range. */
    int (*block)(struct tp_strategy *s, const struct tp_bars *bars, struct tp_err *err);
    /* From bar i on: how many bars (0: none, up to the block's end) certainly bring no wish while the
     * position stays as in view, whose amounts are not made for this question.  May answer less than the
     * truth. */
    size_t (*quiet)(struct tp_strategy *s, size_t i, const struct tp_view *view);
    /* What is wanted after the close of bar i. */
    int (*decide)(struct tp_strategy *s, size_t i, const struct tp_view *view, struct tp_wants *out,
                  struct tp_err *err);
    void (*close)(struct tp_strategy *s);
    /* What became of orders and positions; NULL where the strategy does not listen. */
    void (*ordered)(struct tp_strategy *s, const struct tp_work *order, const struct tp_order_event *event);
    void (*filled)(struct tp_strategy *s, const struct tp_work *order, const struct tp_trade *trade,
                   const struct tp_book *book);
    /* A wish to place that was not worth an order. */
    void (*refused)(struct tp_strategy *s, const struct tp_want *want, const char *reason);
    /* The bars of the block that have closed by then have passed without a question. */
    int (*seen)(struct tp_strategy *s, struct tp_time until, struct tp_err *err);
    /* What it remembers after the bar decided or seen last, as a JSON object, for another one to go on from; NULL when
     * it can be rebuilt from the bars alone. */
    int (*save)(struct tp_strategy *s, struct tp_buf *to, struct tp_err *err);
    /* No bar follows: lets it say what it has to.  0, or -1 with the failure that it has held back. */
    int (*end)(struct tp_strategy *s, const char *reason, struct tp_err *err);
};

/* What a strategy is told when a run begins. */
struct tp_strategy_start {
    const char               *mode; /* backtest, paper */
    const char               *run;  /* id of the run or of the bot */
    const struct tp_symbol   *symbol;
    const struct tp_interval *interval;
    struct tp_broker         *broker; /* with its working orders; NULL: there are none */
    const struct tp_book     *book;   /* NULL: flat */
    struct tp_dec             equity;
    const char               *saved;  /* what save gave; NULL: nothing */
};

/* Whoever can start programs (src/proc), for those who bring the bars: *s is then the program. */
struct tp_strategy_starter {
    void *to;
    int (*start)(void *to, struct tp_strategy **s, const struct tp_strategy_start *start, struct tp_err *err);
};

#define TP_PROCESS_DEADLINE_MAX 600000

enum tp_on_timeout { TP_TIMEOUT_HOLD, TP_TIMEOUT_FLATTEN, TP_TIMEOUT_STOP };
enum tp_on_error { TP_ERROR_KEEP, TP_ERROR_CANCEL, TP_ERROR_FLATTEN };
extern const char *const tp_on_timeout_words[];
extern const char *const tp_on_error_words[];

/* A program that decides (src/proc starts it). */
struct tp_process {
    const char *const *command; /* NULL-ended */
    const char *const *env;     /* NAME or NAME=VALUE */
    size_t             n_env;
    bool               no_network;
    int64_t            deadline_ms; /* for its answer to a bar */
    enum tp_on_timeout on_timeout;
    enum tp_on_error   on_error;
    const char        *params; /* JSON object, name to decimal */
};

/* The expression at a place of the document. */
struct tp_said {
    char path[96];
    int  node;
};

struct tp_expr;

struct tp_strategy {
    const struct tp_strategy_ops *ops;
    char                          name[256];
    char                          hash[65]; /* SHA-256 of the canonical document */
    int64_t                       warmup;   /* bars used up before anything can be wanted */
    const char                   *type;     /* technical, ml, hybrid, arbitrage */
    char                          cannot_run[160]; /* why a right document cannot be run on candles; else empty */
    int64_t                       leverage, max_open; /* its limits; 0: none */
    const char                   *margin_mode; /* ISOLATED, CROSS; NULL: any */
    const struct tp_expr         *expr; /* what is computed, and where the document says it */
    struct tp_said                said[128];
    size_t                        n_said;
    const char                   *document; /* canonical JSON, parameters resolved; owned by it */
    const struct tp_process      *process;  /* NULL: the document itself decides */
    bool                          broken;   /* its program has failed, and trying again will not help */
    bool                          restored; /* it goes on from what was saved: bars before need not be shown */
};

/* What opening one needs. */
struct tp_strategy_opts {
    const char        *text; /* JSON or YAML of a tp.strategy/1 document */
    size_t             n;
    const char        *name; /* for messages and records */
    const char *const *params; /* "fast=10" ... */
    size_t             n_params;
    const struct tp_interval *interval; /* of the bars that will come; NULL: not known */
    bool                      run;      /* refuse what can be checked but not run (TP_EREFUSED) */
    bool                      foreign;  /* another user's: with a process it is refused to run as well */
    const struct tp_symbol   *symbol;   /* fee rates for taker_bps(); NULL: defaults */
};

/* -1 with TP_EINPUT naming the JSON path and what is wrong with it. */
int  tp_strategy_open(struct tp_strategy **out, const struct tp_strategy_opts *opts, struct tp_err *err);
void tp_strategy_close(struct tp_strategy *s); /* NULL is fine */
/* Starts what has to be: a strategy without a process stays as it is.  TP_EREFUSED when nobody can. */
int tp_strategy_begin(const struct tp_strategy_starter *starter, struct tp_strategy **s,
                      const struct tp_strategy_start *start, struct tp_err *err);
/* Shows bars, all of them without a question. */
int tp_strategy_warm(struct tp_strategy *s, const struct tp_bars *bars, struct tp_err *err);
/* No bar follows.  0, or -1 with a failure that was held back. */
int tp_strategy_end(struct tp_strategy *s, const char *reason, struct tp_err *err); /* NULL is fine */
/* The text of a built-in ("sma-cross"); NULL when there is none of that name. */
const char        *tp_builtin_text(const char *name, size_t *n);
extern const char *const tp_builtin_names[]; /* NULL-ended */

#endif
