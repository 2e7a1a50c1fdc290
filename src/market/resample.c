#include "market/resample.h"

#include <string.h>

#include "base/banned.h"

int
tp_resample_init(struct tp_resample *r, const struct tp_interval *from, const struct tp_interval *to,
                 bool complete_only, struct tp_err *err)
{
    if (to->us <= from->us || to->us % from->us)
        return tp_fail(err, TP_EUSAGE, "candles of %s cannot be made from candles of %s", to->name,
                       from->name);
    *r = (struct tp_resample){.from = from, .to = to, .complete_only = complete_only};
    return 0;
}

/* A sum in which one unknown part makes the whole unknown. */
static int
add(struct tp_dec *sum, struct tp_dec part, struct tp_err *err)
{
    if (tp_dec_none(*sum) || tp_dec_none(part)) {
        *sum = TP_DEC_NONE;
        return 0;
    }
    return tp_dec_add(sum, *sum, part, err);
}

static bool
give(struct tp_resample *r, struct tp_candle *out)
{
    if (r->count == 0 || (r->complete_only && r->count != r->to->us / r->from->us))
        return false;
    *out = r->bucket;
    return true;
}

int
tp_resample_put(struct tp_resample *r, const struct tp_candle *c, struct tp_candle *out,
                struct tp_err *err)
{
    struct tp_time    open = tp_interval_floor(r->to, c->timestamp);
    struct tp_candle *b = &r->bucket;
    bool              given = false;

    if (r->count == 0 || open.us != b->timestamp.us) {
        given = give(r, out);
        *b = *c;
        b->timestamp = open;
        b->close_time = TP_TIME_NONE;
        tp_text_set(b->interval, sizeof b->interval, r->to->name, strlen(r->to->name));
        tp_text_set(b->source, sizeof b->source, "RESAMPLED", 9);
        r->count = 1;
    } else {
        b->high = tp_dec_max(b->high, c->high);
        b->low = tp_dec_min(b->low, c->low);
        b->close = c->close;
        if (add(&b->volume, c->volume, err) || add(&b->quote_volume, c->quote_volume, err)
            || add(&b->taker_buy_volume, c->taker_buy_volume, err)
            || add(&b->taker_buy_quote_volume, c->taker_buy_quote_volume, err))
            return -1;
        if (b->trades_count == INT64_MIN || c->trades_count == INT64_MIN
            || __builtin_add_overflow(b->trades_count, c->trades_count, &b->trades_count))
            b->trades_count = INT64_MIN;
        r->count++;
    }
    /* A close time of its own ends the bucket as it ended the finer candle. */
    b->close_time = c->close_time;
    return given;
}

int
tp_resample_end(struct tp_resample *r, struct tp_candle *out)
{
    return give(r, out);
}
