#include "trade/signal.h"

#include <string.h>

#include "base/banned.h"
#include "trade/order.h"

static const char *const targets[] = {"LONG", "SHORT", "FLAT", NULL};

static const struct tp_field fields[] = {
    F_TEXT(struct tp_signal, id, "what its sender calls it: obeyed once; null: obeyed whenever it is said"),
    F_TIME(struct tp_signal, created_at, "when it was obeyed"),
    F_UUID(struct tp_signal, account_id, "the account", .wide = true),
    F_TEXT(struct tp_signal, environment, "PAPER, TESTNET or PRODUCTION", .choices = tp_environments, .wide = true),
    F_TEXT(struct tp_signal, exchange, "code of the venue"),
    F_TEXT(struct tp_signal, symbol, "the venue's name of the instrument"),
    F_TEXT(struct tp_signal, target, "the position to have: LONG, SHORT or FLAT", .choices = targets, .required = true),
    F_DEC(struct tp_signal, qty, "its size in base currency; 0 of FLAT"),
    F_INT(struct tp_signal, cancelled, "orders of signals before it that it ended"),
    F_UUID(struct tp_signal, long_order_id, "order that changes the long position; null: it is as wanted"),
    F_UUID(struct tp_signal, short_order_id, "order that changes the short position; null: it is as wanted"),
    F_TEXT(struct tp_signal, reject_reason, "limit or halt that refused one of them; null: none was refused"),
    F_STOP,
};

const struct tp_record tp_signal_record = {"signal", "a position that was asked for from outside, and what it took",
                                           fields, sizeof(struct tp_signal)};

int
tp_signal_check(struct tp_signal *s, struct tp_err *err)
{
    bool flat = strcmp(s->target, "FLAT") == 0;

    if (flat && tp_dec_none(s->qty))
        s->qty = TP_DEC_ZERO;
    if (flat)
        return tp_dec_sign(s->qty) == 0 ? 0 : tp_fail(err, TP_EINPUT, "qty: a FLAT target has none");
    return !tp_dec_none(s->qty) && tp_dec_sign(s->qty) > 0
               ? 0
               : tp_fail(err, TP_EINPUT, "qty: a %s target needs a number above zero", s->target);
}

int
tp_signal_changes(const struct tp_signal *s, const struct tp_dec held[2], struct tp_dec change[2], struct tp_err *err)
{
    for (int k = 0; k < 2; k++) {
        struct tp_dec want = strcmp(s->target, tp_sides[k]) == 0 ? s->qty : TP_DEC_ZERO;

        if (tp_dec_sub(&change[k], want, held[k], err))
            return -1;
    }
    return 0;
}

bool
tp_signal_same(const struct tp_signal *a, const struct tp_signal *b)
{
    return tp_uuid_equal(a->account_id, b->account_id) && strcmp(a->symbol, b->symbol) == 0
           && strcmp(a->target, b->target) == 0 && tp_dec_cmp(a->qty, b->qty) == 0;
}
