#include "store/position.h"

#include <string.h>

#include "base/banned.h"
#include "store/news.h"
#include "store/sql.h"

int
tp_position_list(struct tp_db *db, const struct tp_position_filter *f, struct tp_rows **rows, struct tp_err *err)
{
    return tp_db_query(db, &SQL_position_list,
                       TP_PARAMS(tp_p_uuid(f->account_id), tp_p_text(f->exchange), tp_p_text(f->symbol),
                                 tp_p_text(f->status), tp_p_text(f->environment), tp_p_bool(0),
                                 tp_p_int(f->limit)),
                       rows, err);
}

int
tp_position_get(struct tp_db *db, struct tp_uuid id, struct tp_position *out, struct tp_err *err)
{
    int  got = tp_db_row(db, &SQL_position_get, TP_PARAMS(tp_p_uuid(id)), &tp_position_record, out, NULL, err);
    char text[TP_UUID_TEXT];

    if (got)
        return got > 0 ? 0 : -1;
    tp_uuid_print(text, id);
    tp_fail(err, TP_EMISSING, "there is no position %s", text);
    return tp_hint(err, "'tp-position list --all' shows them");
}

void
tp_position_reduce(const struct tp_position *p, struct tp_dec quantity, struct tp_time at, struct tp_order *o)
{
    tp_record_init(&tp_order_record, o);
    o->created_at = at;
    o->user_id = p->user_id;
    o->account_id = p->account_id;
    o->position_id = p->id;
    o->bot_id = p->bot_id;
    o->reduce_only = 1;
    o->quantity = quantity;
    o->leverage = p->leverage;
    memcpy(o->environment, p->environment, sizeof o->environment);
    memcpy(o->exchange, p->exchange, sizeof o->exchange);
    memcpy(o->symbol, p->symbol, sizeof o->symbol);
    memcpy(o->side, p->side, sizeof o->side);
    memcpy(o->margin_mode, p->margin_mode, sizeof o->margin_mode);
}

int
tp_position_put_levels(struct tp_db *db, const struct tp_position *p, struct tp_err *err)
{
    return tp_db_exec(db, &SQL_position_protect,
                      TP_PARAMS(tp_p_uuid(p->id), tp_p_dec(p->stop_loss), tp_p_dec(p->take_profit)), NULL, err)
                   || tp_news_tell(db, p->user_id, "position.changed", "position", p->id, &tp_position_record, p, err)
               ? -1
               : 0;
}
