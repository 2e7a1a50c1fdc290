/* An order: its words, the record that is printed, read and stored, and the form that the matching
 * works on. */
#ifndef TP_TRADE_ORDER_H
#define TP_TRADE_ORDER_H

#include "base/record.h"
#include "market/symbol.h"

/* Each list is the enum, its words and the choices of the record field. */
#define TP_ORDER_TYPES(X) X(MARKET) X(LIMIT) X(STOP_MARKET) X(STOP_LIMIT) X(TRAILING_STOP)
#define TP_TIFS(X) X(GTC) X(IOC) X(FOK) X(GTX)
#define TP_ORDER_STATUSES(X)                                                                       \
    X(PENDING) X(PARTIALLY_FILLED) X(FILLED) X(CANCELLED) X(REJECTED) X(EXPIRED)
/* What an order is for; the reason of a fill. */
#define TP_ROLES(X) X(ENTRY) X(EXIT) X(STOP_LOSS) X(TAKE_PROFIT) X(TRAILING) X(TIME_EXIT) X(END_OF_DATA) \
    X(LIQUIDATION)

#define X(w) TP_ORDER_##w,
enum tp_order_type { TP_ORDER_TYPES(X) };
#undef X
#define X(w) TP_TIF_##w,
enum tp_tif { TP_TIFS(X) };
#undef X
#define X(w) TP_STATUS_##w,
enum tp_status { TP_ORDER_STATUSES(X) };
#undef X
#define X(w) TP_ROLE_##w,
enum tp_role { TP_ROLES(X) };
#undef X

extern const char *const tp_sides[];          /* LONG, SHORT */
extern const char *const tp_environments[];   /* PAPER, TESTNET, PRODUCTION */
extern const char *const tp_environment_words[]; /* paper, testnet, production: on a command line */
extern const char *const tp_margin_modes[];   /* ISOLATED, CROSS */
extern const char *const tp_position_modes[]; /* ONE_WAY, HEDGE */
extern const char *const tp_working_types[];  /* LAST, MARK */
extern const char *const tp_submit_states[];  /* NEW, SENT, ACKED, UNKNOWN, DENIED */
extern const char *const tp_order_types[];
extern const char *const tp_tifs[];
extern const char *const tp_order_statuses[];
extern const char *const tp_roles[];

/* A row of tp.orders.  side is the position meant: a LONG order buys, a LONG order that only reduces
 * sells. */
struct tp_order {
    struct tp_uuid id;
    struct tp_time created_at;
    struct tp_uuid user_id, account_id, position_id, bot_id, api_connection_id;
    char           environment[11];
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    char           side[6];
    int8_t         reduce_only;
    char           order_type[21];
    struct tp_dec  quantity, filled_quantity, avg_fill_price, price, stop_price;
    struct tp_dec  callback_rate;  /* percent */
    struct tp_dec  trail_distance; /* quote currency */
    struct tp_dec  activation_price;
    char           working_type[11];
    int64_t        leverage;
    char           margin_mode[11];
    char           position_mode[11];
    char           time_in_force[4];
    struct tp_dec  stop_loss, take_profit;
    char           status[21];
    char           submit_state[11];
    char           reject_reason[256];
    struct tp_uuid parent_order_id, group_id;
    char           exchange_order_id[65];
    char           exchange_algo_id[65];
    struct tp_time expires_at;
    const char    *metadata;
    struct tp_time updated_at, filled_at, cancelled_at, deleted_at;
    char           role[13];
    char           reason[65];
};

extern const struct tp_record tp_order_record;

/* ---- the working form ------------------------------------------------------------------------ */

enum tp_offset_kind {
    TP_OFFSET_NONE,
    TP_OFFSET_PERCENT,  /* of the entry's fill price */
    TP_OFFSET_ABSOLUTE, /* quote currency from the entry's fill price */
    TP_OFFSET_PRICE     /* a price */
};

struct tp_offset {
    enum tp_offset_kind kind;
    struct tp_dec       amount;
};

#define TP_BRACKET_TARGETS 4

/* The children an entry gets at its first fill. */
struct tp_bracket {
    struct tp_offset stop_loss;
    struct tp_offset target[TP_BRACKET_TARGETS];
    struct tp_dec    portion[TP_BRACKET_TARGETS]; /* percent of the filled quantity */
    size_t           n_targets;
    struct tp_offset trailing;
};

/* An order while it works.  Amounts that do not apply are TP_DEC_NONE. */
struct tp_work {
    int64_t            number; /* 1, 2, ... in order of submission; given by tp_match_submit */
    struct tp_uuid     id;     /* nil: given by tp_match_submit */
    struct tp_time     created_at;
    int                side;   /* +1, -1: the position meant */
    bool               reduce_only;
    enum tp_order_type type;
    enum tp_tif        tif;
    enum tp_role       role;
    struct tp_dec      quantity, filled;
    struct tp_dec      price, stop_price;
    struct tp_dec      callback_rate, trail_distance, activation_price;
    struct tp_bracket  bracket;
    int64_t            leverage;    /* of a position that it opens; 0: the knob's */
    int64_t            expire_bars; /* bars it still rests; 0: until cancelled */
    struct tp_time     expires_at;  /* it rests through no bar that closes later; none: until cancelled */
    bool               shrink;      /* too little margin: take what fits instead of a rejection */
    bool               reverse;     /* an opposite position is closed on top of the quantity */
    int64_t            parent;      /* number of the entry, 0: none */
    int64_t            group;       /* one-cancels-other group, 0: none */
    struct tp_dec      group_left;  /* what the whole group may still close; none: as much as its largest order */
    char               reason[64];

    /* Kept by the matching. */
    bool          done, fresh, held, triggered, close_only, armed, entry_was_stop;
    int64_t       latency;
    struct tp_dec best; /* trailing: the best price seen */
    struct tp_dec cost; /* sum of its fills' notionals, each rounded half away */
};

/* A work order with nothing set but the words' defaults (MARKET, GTC, ENTRY). */
static inline struct tp_work
tp_work_init(void)
{
    return (struct tp_work){.type = TP_ORDER_MARKET,
                            .tif = TP_TIF_GTC,
                            .role = TP_ROLE_ENTRY,
                            .quantity = TP_DEC_NONE,
                            .price = TP_DEC_NONE,
                            .stop_price = TP_DEC_NONE,
                            .callback_rate = TP_DEC_NONE,
                            .trail_distance = TP_DEC_NONE,
                            .activation_price = TP_DEC_NONE,
                            .expires_at = TP_TIME_NONE,
                            .group_left = TP_DEC_NONE,
                            .best = TP_DEC_NONE};
}

/* +1 when its fill buys, -1 when it sells. */
static inline int
tp_work_direction(const struct tp_work *w)
{
    return w->reduce_only ? -w->side : w->side;
}

/* The environment of its word on a command line; NULL for NULL. */
const char *tp_environment_of(const char *word);

/* The record's words as a working order; -1 with TP_EINPUT for fields that its type does not allow. */
int tp_work_from_order(struct tp_work *w, const struct tp_order *o, struct tp_err *err);

#endif
