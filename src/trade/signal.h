/* A signal from outside: the position to have, whatever it is now. */
#ifndef TP_TRADE_SIGNAL_H
#define TP_TRADE_SIGNAL_H

#include "base/record.h"
#include "market/symbol.h"

#define TP_SIGNAL_ID_SIZE 256 /* varchar(255) and NUL */
#define TP_SIGNAL_REASON "signal" /* of the orders that signals make, by which the next one knows them */

/* A row of tp.signals, and the answer to one. */
struct tp_signal {
    char           id[TP_SIGNAL_ID_SIZE]; /* what the sender calls it; "": nothing, then it is not kept */
    struct tp_time created_at;
    struct tp_uuid account_id;
    char           environment[11];
    char           exchange[TP_EXCHANGE_SIZE];
    char           symbol[TP_SYMBOL_SIZE];
    char           target[6]; /* LONG, SHORT, FLAT */
    struct tp_dec  qty;       /* base currency; 0 of FLAT */
    int64_t        cancelled; /* orders of signals before it that it ended */
    struct tp_uuid long_order_id, short_order_id; /* that change the position of that side; nil: none is needed */
    char           reject_reason[256]; /* of one that was refused; "": none was */
};

extern const struct tp_record tp_signal_record;

/* Whether target and size go together; qty of FLAT becomes 0.  TP_EINPUT. */
int tp_signal_check(struct tp_signal *s, struct tp_err *err);
/* What the long (0) and the short (1) position have to change by: above zero to grow, below it to shrink, zero to
 * stay; held is what each has now. */
int tp_signal_changes(const struct tp_signal *s, const struct tp_dec held[2], struct tp_dec change[2], struct tp_err *err);
/* Whether both ask for the same, so that one id may stand for both. */
bool tp_signal_same(const struct tp_signal *a, const struct tp_signal *b);

#endif
