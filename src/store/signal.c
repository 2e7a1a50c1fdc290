#include "store/signal.h"

#include "base/banned.h"
#include "store/sql.h"

int
tp_signal_get(struct tp_db *db, struct tp_uuid user, const char *id, struct tp_signal *out, struct tp_err *err)
{
    return tp_db_row(db, &SQL_signal_get, TP_PARAMS(tp_p_uuid(user), tp_p_text(id)), &tp_signal_record, out, NULL,
                     err);
}

int
tp_signal_put(struct tp_db *db, struct tp_uuid user, const struct tp_signal *s, struct tp_err *err)
{
    return tp_db_exec(db, &SQL_signal_put,
                      TP_PARAMS(tp_p_uuid(user), tp_p_text(s->id), tp_p_time(s->created_at), tp_p_uuid(s->account_id),
                                tp_p_text(s->environment), tp_p_text(s->exchange), tp_p_text(s->symbol),
                                tp_p_text(s->target), tp_p_dec(s->qty), tp_p_int(s->cancelled),
                                tp_p_uuid(s->long_order_id), tp_p_uuid(s->short_order_id),
                                tp_p_text(s->reject_reason[0] ? s->reject_reason : NULL)),
                      NULL, err);
}
