/* Risk limits: what they allow, what is measured against them, and whether an order passes. */
#ifndef TP_RISK_LIMIT_H
#define TP_RISK_LIMIT_H

#include "trade/order.h"

/* Why an order is refused, in the order in which the questions are asked. */
#define TP_REFUSALS(X)                                                                             \
    X(HALTED) X(SYMBOL_NOT_ALLOWED) X(ORDER_TYPE_NOT_ALLOWED) X(MAX_LEVERAGE) X(MAX_OPEN_ORDERS)   \
    X(MAX_ORDERS_PER_DAY) X(MAX_OPEN_POSITIONS) X(MAX_DAILY_LOSS) X(MAX_DRAWDOWN) X(NO_PRICE)      \
    X(MAX_ORDER_SIZE) X(MAX_POSITION_SIZE) X(MAX_TOTAL_EXPOSURE)

#define X(w) TP_REFUSED_##w,
enum tp_refusal { TP_REFUSALS(X) };
#undef X
extern const char *const tp_refusals[];

#define TP_REASON_SIZE 64

/* The custom rules of a row: members of risk_rules.  Lists are NULL-ended; NULL: anything goes. */
struct tp_risk_rules {
    const char *const *allowed_symbols, *const *blocked_symbols, *const *allowed_order_types;
    int64_t       max_open_orders, max_orders_per_day; /* INT64_MIN: no limit */
    struct tp_dec max_total_exposure;                  /* quote currency */
};

/* A row of tp.risk_limits: of a user, or of one bot.  A limit that is none does not limit. */
struct tp_limits {
    struct tp_uuid id, user_id, bot_id;
    struct tp_dec  max_position_size; /* notional, quote currency */
    int64_t        max_leverage;
    struct tp_dec  max_daily_loss;    /* quote currency */
    struct tp_dec  max_drawdown;      /* percent */
    int64_t        max_open_positions;
    struct tp_dec  max_order_size;    /* notional, quote currency */
    const char    *risk_rules;        /* JSON object */
    int8_t         enabled;
    struct tp_time created_at, updated_at, deleted_at;

    struct tp_risk_rules rules; /* of risk_rules, by tp_limits_read; no field */
};

extern const struct tp_record tp_risk_limit_record;

/* Reads risk_rules (NULL: none) into rules; lists live in the arena.  TP_EINPUT names the member that is
 * unknown or wrong. */
int tp_limits_read(struct tp_limits *l, struct tp_arena *arena, struct tp_err *err);
/* Sets one rule of the JSON text *rules from "KEY=VALUE" (a list is words with commas between; an empty
 * value takes the rule away); the new text goes to the arena. */
int tp_limits_rule(const char **rules, const char *setting, struct tp_arena *arena, struct tp_err *err);
/* TP_EINPUT naming the limit that is out of range. */
int tp_limits_check(const struct tp_limits *l, struct tp_err *err);
/* Whether the row limits anything that has to be measured: what is held and ordered; money. */
bool tp_limits_need_exposure(const struct tp_limits *l);
bool tp_limits_need_money(const struct tp_limits *l);
/* Whether a price is needed to say if an order passes. */
bool tp_limits_need_price(const struct tp_limits *l);

/* What is held and ordered of one instrument on one side; notionals in quote currency. */
struct tp_exposure {
    char          exchange[TP_EXCHANGE_SIZE];
    char          symbol[TP_SYMBOL_SIZE];
    char          side[6];
    struct tp_dec held, ordered; /* of positions; of what is left of entry orders */
    int64_t       positions, orders;
    int64_t       unpriced;      /* orders whose notional nobody knows */
};

/* What is measured against one row of limits.  Zeroed: nothing held, nothing ordered. */
struct tp_standing {
    struct tp_exposure *at;
    size_t              n, room;
    int64_t             orders_today; /* entry orders made in the UTC day */
    struct tp_dec       daily_loss;   /* since 00:00 UTC; below zero: a gain */
    struct tp_dec       equity, peak; /* now; the highest, deposits since then added */
};

void tp_standing_free(struct tp_standing *s);
/* The place of an instrument's side, made when it is new. */
struct tp_exposure *tp_standing_at(struct tp_standing *s, const char *exchange, const char *symbol,
                                   const char *side);
/* Percent below the peak, rounded up at 1e-8; zero without a peak. */
int tp_standing_drawdown(const struct tp_standing *s, struct tp_dec *out, struct tp_err *err);

/* The price that bounds what the rest of an entry order can cost: its limit when it buys, else the
 * highest of its own prices and the market's (none: unknown).  None when the bound is unknown. */
struct tp_dec tp_order_bound(const struct tp_order *o, struct tp_dec market);

/* Takes an entry order in (direction 1) or out again (-1); price is its bound. */
int tp_standing_take(struct tp_standing *s, const struct tp_order *o, struct tp_dec price,
                     int direction, struct tp_err *err);

/* Whether an entry order passes on top of what stands; price is its bound, none when nobody knows it.
 * 1; 0 with the refusal's word in reason; -1 when amounts are out of range. */
int tp_limit_check(const struct tp_limits *l, const struct tp_standing *s, const struct tp_order *o,
                   struct tp_dec price, char reason[TP_REASON_SIZE], struct tp_err *err);

/* How much of a limit is used. */
struct tp_headroom {
    char           scope[5]; /* user, bot */
    struct tp_uuid bot_id;
    char           limit[24];
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    char           side[6];
    struct tp_dec  allowed, used, left;
    int8_t         reached;
};

extern const struct tp_record tp_headroom_record;

/* Whether an order would pass. */
struct tp_answer {
    char          exchange[TP_EXCHANGE_SIZE];
    char          symbol[TP_SYMBOL_SIZE];
    char          side[6];
    char          order_type[21];
    struct tp_dec quantity, price;
    int8_t        passes;
    char          reason[TP_REASON_SIZE];
};

extern const struct tp_record tp_risk_answer_record;

/* Gives one headroom per limit of the row, and per instrument and side for max_position_size. */
int tp_limit_headroom(const struct tp_limits *l, const struct tp_standing *s,
                      int (*each)(void *to, const struct tp_headroom *h, struct tp_err *err), void *to,
                      struct tp_err *err);

#endif
