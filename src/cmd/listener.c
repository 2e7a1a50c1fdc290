#include "cmd/listener.h"

#include "base/banned.h"

static int
on_event(void *to, const struct tp_order_event *event, struct tp_err *err)
{
    (void)err;
    return tp_emit(to, &tp_order_event_record, event);
}

static int
on_trade(void *to, const struct tp_trade *trade, struct tp_err *err)
{
    (void)err;
    return tp_emit(to, &tp_trade_record, trade);
}

static int
on_trip(void *to, const struct tp_trip *trip, struct tp_err *err)
{
    (void)err;
    return tp_emit(to, &tp_trip_record, trip);
}

static int
on_point(void *to, const struct tp_equity_point *point, struct tp_err *err)
{
    (void)err;
    return tp_emit(to, &tp_equity_record, point);
}

static int
on_funding(void *to, const struct tp_funding_payment *payment, struct tp_err *err)
{
    (void)err;
    return tp_emit(to, &tp_funding_payment_record, payment);
}

struct tp_desk_listener
tp_listener(struct tp_ctx *tp, bool trades, bool equity)
{
    return (struct tp_desk_listener){tp, on_event, on_trade, trades ? on_trip : NULL, equity ? on_point : NULL,
                                     on_funding};
}
