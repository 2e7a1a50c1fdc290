#include "trade/work.h"

#include <string.h>

#include "base/banned.h"
#include "base/crypt.h"

/* The same run gives the same ids: time of the bar, bits from the run, the bar and a count.  A
 * digest costs as much as a fill, so there is none where nobody listens. */
struct tp_uuid
tp_work_id(struct tp_match *m, struct tp_time at)
{
    struct tp_sha256 h;
    uint8_t digest[TP_SHA256_SIZE];
    int64_t parts[2] = {at.us, ++m->sequence};

    if (!m->sink.event && !m->sink.trade)
        return (struct tp_uuid){{0}};
    tp_sha256_init(&h);
    tp_sha256_add(&h, m->seed, strlen(m->seed));
    tp_sha256_add(&h, parts, sizeof parts);
    tp_sha256_end(&h, digest);
    return tp_uuid_v7(at, digest);
}

int
tp_work_tell(struct tp_match *m, const struct tp_work *w, const char *event, const char *reason,
             struct tp_err *err)
{
    struct tp_order_event e;

    if (!m->sink.event)
        return 0;
    tp_record_init(&tp_order_event_record, &e);
    e.time = m->now;
    e.number = w->number;
    tp_text_set(e.event, sizeof e.event, event, strlen(event));
    tp_text_set(e.role, sizeof e.role, tp_roles[w->role], strlen(tp_roles[w->role]));
    tp_text_set(e.side, sizeof e.side, w->side > 0 ? "LONG" : "SHORT", w->side > 0 ? 4 : 5);
    e.reduce_only = w->reduce_only;
    tp_text_set(e.order_type, sizeof e.order_type, tp_order_types[w->type],
                strlen(tp_order_types[w->type]));
    e.quantity = w->quantity;
    e.filled_quantity = w->filled;
    e.price = w->price;
    e.stop_price = w->stop_price;
    tp_text_set(e.reason, sizeof e.reason, reason, strlen(reason));
    e.order_id = w->id;
    return m->sink.event(m->sink.to, w, &e, err);
}

int
tp_work_finish(struct tp_match *m, struct tp_work *w, enum tp_status status, const char *reason,
               struct tp_err *err)
{
    w->done = true;
    m->counts.rejected += status == TP_STATUS_REJECTED;
    m->counts.expired += status == TP_STATUS_EXPIRED;
    m->counts.cancelled += status == TP_STATUS_CANCELLED;
    return tp_work_tell(m, w, tp_order_statuses[status], reason, err);
}

int
tp_work_tick(const struct tp_match *m, struct tp_dec *price, bool up, struct tp_err *err)
{
    if (tp_dec_none(*price))
        return 0;
    if (tp_dec_to_step(price, *price, m->symbol.tick_size, up ? TP_UP : TP_DOWN, err))
        return -1;
    if (tp_dec_sign(*price) <= 0)
        *price = m->symbol.tick_size;
    return 0;
}

/* R10: the level of a trailing stop from the best price seen, away from the price to a tick; it
 * never loosens. */
int
tp_work_trail(struct tp_match *m, struct tp_work *w, struct tp_dec best, struct tp_err *err)
{
    int direction = tp_work_direction(w);
    struct tp_dec distance = w->trail_distance, level;

    if (!tp_dec_none(w->best) && !tp_work_dearer(-direction, best, w->best)
        && !tp_dec_none(w->stop_price))
        return 0;
    w->best = best;
    if (tp_dec_none(distance)
        && tp_dec_muldiv(&distance, best, w->callback_rate, tp_dec_int(100), TP_HALF_AWAY, err))
        return -1;
    if (direction < 0 ? tp_dec_sub(&level, best, distance, err)
                      : tp_dec_add(&level, best, distance, err))
        return -1;
    if (tp_work_tick(m, &level, direction > 0, err))
        return -1;
    if (tp_dec_none(w->stop_price) || tp_work_dearer(-direction, level, w->stop_price))
        w->stop_price = level;
    return 0;
}

struct tp_work *
tp_work_room(struct tp_match *m)
{
    if (m->n == m->room) {
        m->room = m->room ? 2 * m->room : 16;
        m->work = tp_realloc(m->work, m->room * sizeof *m->work);
    }
    return &m->work[m->n];
}

int
tp_work_take(struct tp_match *m, struct tp_err *err)
{
    struct tp_work *w = &m->work[m->n++];

    w->number = m->next_number++;
    w->filled = TP_DEC_ZERO;
    w->fresh = true;
    w->done = w->held = w->triggered = w->close_only = false;
    w->latency = m->knobs.latency_bars;
    if (tp_uuid_none(w->id))
        w->id = tp_work_id(m, w->created_at);
    m->counts.orders++;
    m->now = w->created_at;
    return tp_work_tell(m, w, "PENDING", w->reason, err);
}

int
tp_work_push(struct tp_match *m, const struct tp_work *order, struct tp_err *err)
{
    *tp_work_room(m) = *order;
    return tp_work_take(m, err);
}

void
tp_work_sweep(struct tp_match *m)
{
    size_t kept = 0;

    for (size_t i = 0; i < m->n; i++)
        if (!m->work[i].done) {
            if (kept != i)
                m->work[kept] = m->work[i];
            kept++;
        }
    m->n = kept;
}
