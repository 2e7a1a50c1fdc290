/* An instrument at a venue: its currencies, steps and limits. */
#ifndef TP_MARKET_SYMBOL_H
#define TP_MARKET_SYMBOL_H

#include "base/record.h"

#define TP_SYMBOL_SIZE 81   /* varchar(80) and NUL */
#define TP_EXCHANGE_SIZE 33 /* code, varchar(32) and NUL */
#define TP_CURRENCY_SIZE 21

extern const char *const tp_symbol_statuses[];
extern const char *const tp_market_types[];

struct tp_symbol {
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    char           base_currency[TP_CURRENCY_SIZE];
    char           quote_currency[TP_CURRENCY_SIZE];
    char           settle_currency[TP_CURRENCY_SIZE];
    char           market_type[11];
    char           status[21];
    struct tp_dec  tick_size;     /* > 0, price step in quote currency */
    struct tp_dec  step_size;     /* > 0, quantity step in base currency: 10^-quantity_precision */
    struct tp_dec  min_quantity;  /* none: no minimum */
    struct tp_dec  max_quantity;
    struct tp_dec  min_notional;  /* quote currency; none: no minimum */
    struct tp_dec  contract_size; /* base currency per contract, 1 where quantities are in base */
    struct tp_rate maker_fee_rate; /* public tier, fraction of notional; none: unknown */
    struct tp_rate taker_fee_rate;
    int64_t        price_precision, quantity_precision; /* decimal places, 0 to 8 */
};

extern const struct tp_record tp_symbol_record;

/* The instrument of a stream that names none: tick and step 1e-8, no minimum, fees 2 and 5 bps. */
struct tp_symbol tp_symbol_default(void);

/* Decimal places of a step: 0.10 has 1, 5 has 0, 1e-8 has 8. */
int tp_symbol_places(struct tp_dec step);

/* Whether the values make sense together: steps above zero, limits in order, precisions that fit the
 * steps, fees between -1 and 1.  TP_EINPUT naming the field. */
int tp_symbol_check(const struct tp_symbol *s, struct tp_err *err);

#endif
