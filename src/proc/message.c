#include "proc/message.h"

#include <string.h>

#include "base/banned.h"

/* ,"key":"0.5" in the shortest form; nothing is null. */
static void
put_dec(struct tp_buf *to, const char *key, struct tp_dec value)
{
    char text[TP_DEC_TEXT];

    if (tp_dec_none(value)) {
        tp_buf_fmt(to, ",\"%s\":null", key);
        return;
    }
    tp_dec_print_short(text, value);
    tp_buf_fmt(to, ",\"%s\":\"%s\"", key, text);
}

static void
put_text(struct tp_buf *to, const char *key, const char *text)
{
    tp_buf_fmt(to, ",\"%s\":", key);
    if (text)
        tp_json_string(to, text, strlen(text));
    else
        tp_buf_text(to, "null");
}

static void
put_time(struct tp_buf *to, const char *key, int64_t us)
{
    char text[TP_TIME_TEXT];

    tp_time_print(text, (struct tp_time){us});
    tp_buf_fmt(to, ",\"%s\":\"%s\"", key, text);
}

static void
put_position(struct tp_buf *to, int side, struct tp_dec quantity, struct tp_dec entry)
{
    tp_buf_fmt(to, "{\"side\":\"%s\"", side > 0 ? "LONG" : side < 0 ? "SHORT" : "FLAT");
    put_dec(to, "qty", side ? quantity : TP_DEC_ZERO);
    put_dec(to, "entry", side ? entry : TP_DEC_NONE);
    tp_buf_char(to, '}');
}

void
tp_say_hello(struct tp_buf *to, const struct tp_strategy_start *start)
{
    tp_buf_fmt(to, "{\"t\":\"hello\",\"v\":%d", TP_PROC_VERSION);
    put_text(to, "run", start->run);
    put_text(to, "mode", start->mode);
    tp_buf_text(to, ",\"seed\":7,\"features\":[\"orders\",\"target\",\"snapshot\",\"needs\"]}");
}

static void
put_order(struct tp_buf *to, const struct tp_work *w, const char *client)
{
    tp_buf_text(to, "{\"client_id\":");
    if (client)
        tp_json_string(to, client, strlen(client));
    else
        tp_buf_text(to, "null");
    put_text(to, "role", tp_roles[w->role]);
    put_text(to, "side", w->side > 0 ? "LONG" : "SHORT");
    tp_buf_fmt(to, ",\"reduce_only\":%s", w->reduce_only ? "true" : "false");
    put_text(to, "type", tp_order_types[w->type]);
    put_dec(to, "qty", w->quantity);
    put_dec(to, "filled", w->filled);
    put_dec(to, "price", w->price);
    put_dec(to, "stop_price", w->stop_price);
    tp_buf_char(to, '}');
}

void
tp_say_init(struct tp_buf *to, const struct tp_strategy *s, const struct tp_strategy_start *start,
            const char *state, const char *(*client)(void *of, const struct tp_work *w), void *of)
{
    const struct tp_symbol *symbol = start->symbol;
    const struct tp_work   *w;
    const char             *comma = "";

    tp_buf_text(to, "{\"t\":\"init\",\"symbol\":{\"symbol\":");
    tp_json_string(to, symbol->symbol, strlen(symbol->symbol));
    put_text(to, "exchange", symbol->exchange[0] ? symbol->exchange : NULL);
    put_dec(to, "tick", symbol->tick_size);
    put_dec(to, "step", symbol->step_size);
    put_dec(to, "min_notional", symbol->min_notional);
    tp_buf_char(to, '}');
    put_text(to, "interval", start->interval->name);
    tp_buf_fmt(to, ",\"params\":%s,\"warmup\":%lld", s->process->params, (long long)s->warmup);
    put_dec(to, "equity", start->equity);
    tp_buf_text(to, ",\"positions\":[");
    for (int i = 0; start->book && i < 2; i++)
        if (start->book->leg[i].side) {
            tp_buf_text(to, comma);
            put_position(to, start->book->leg[i].side, start->book->leg[i].quantity,
                         tp_leg_entry_price(&start->book->leg[i]));
            comma = ",";
        }
    tp_buf_text(to, "],\"orders\":[");
    comma = "";
    for (size_t i = 0; start->broker && (w = start->broker->ops->each(start->broker, i)); i++) {
        tp_buf_text(to, comma);
        put_order(to, w, client(of, w));
        comma = ",";
    }
    tp_buf_fmt(to, "],\"state\":%s}", state ? state : "null");
}

/* A bar up to where what is its own follows. */
static void
put_bar(struct tp_buf *to, int64_t seq, const char *series, const struct tp_candle *c, int64_t interval_us,
        int64_t skipped, bool warm)
{
    tp_buf_fmt(to, "{\"t\":\"bar\",\"seq\":%lld,\"series\":\"%s\"", (long long)seq, series);
    put_time(to, "open_time", c->timestamp.us);
    put_time(to, "close_time", c->timestamp.us + interval_us);
    put_dec(to, "o", c->open);
    put_dec(to, "h", c->high);
    put_dec(to, "l", c->low);
    put_dec(to, "c", c->close);
    put_dec(to, "v", c->volume);
    tp_buf_text(to, warm ? ",\"warm\":true" : ",\"warm\":false");
    if (skipped)
        tp_buf_fmt(to, ",\"skipped\":%lld", (long long)skipped);
}

void
tp_say_series(struct tp_buf *to, int64_t seq, const struct tp_need *series, const struct tp_candle *bar,
              int64_t skipped, bool warm)
{
    put_bar(to, seq, series->name, bar, series->interval->us, skipped, warm);
    tp_buf_char(to, '}');
}

void
tp_say_bar(struct tp_buf *to, const struct tp_say_bar *b)
{
    const struct tp_candle bar = tp_bars_candle(b->bars, b->i);

    put_bar(to, b->seq, "main", &bar, b->interval_us, b->skipped, b->warm);
    if (b->view) {
        put_dec(to, "equity", b->view->equity);
        tp_buf_text(to, ",\"position\":");
        put_position(to, b->view->position, b->view->quantity, b->view->entry_price);
    }
    tp_buf_char(to, '}');
}

void
tp_say_order(struct tp_buf *to, int64_t seq, const char *client, const struct tp_order_event *e)
{
    tp_buf_fmt(to, "{\"t\":\"order\",\"seq\":%lld", (long long)seq);
    put_text(to, "client_id", client);
    put_text(to, "status", e->event);
    put_text(to, "reason", e->reason[0] ? e->reason : NULL);
    put_text(to, "role", e->role);
    put_text(to, "side", e->side);
    put_text(to, "type", e->order_type);
    put_dec(to, "qty", e->quantity);
    put_dec(to, "filled", e->filled_quantity);
    put_dec(to, "price", e->price);
    put_dec(to, "stop_price", e->stop_price);
    tp_buf_char(to, '}');
}

static void
put_end(struct tp_buf *to, int64_t seq, const char *client, const char *status, const char *reason)
{
    tp_buf_fmt(to, "{\"t\":\"order\",\"seq\":%lld", (long long)seq);
    put_text(to, "client_id", client);
    put_text(to, "status", status);
    put_text(to, "reason", reason);
    tp_buf_char(to, '}');
}

void
tp_say_refused(struct tp_buf *to, int64_t seq, const char *client, const char *reason)
{
    put_end(to, seq, client, "REJECTED", reason);
}

void
tp_say_gone(struct tp_buf *to, int64_t seq, const char *client)
{
    put_end(to, seq, client, "ENDED", "OUTSIDE");
}

void
tp_say_fill(struct tp_buf *to, int64_t seq, const char *client, const struct tp_trade *t, const struct tp_leg *position)
{
    tp_buf_fmt(to, "{\"t\":\"fill\",\"seq\":%lld", (long long)seq);
    put_text(to, "client_id", client);
    put_time(to, "time", t->executed_at.us);
    put_text(to, "side", t->side);
    put_dec(to, "price", t->price);
    put_dec(to, "qty", t->quantity);
    put_dec(to, "fee", t->fee);
    put_text(to, "liquidity", t->liquidity[0] == 'M' ? "maker" : "taker");
    put_dec(to, "pnl", t->pnl);
    tp_buf_text(to, ",\"position\":");
    put_position(to, position->side, position->quantity, tp_leg_entry_price(position));
    tp_buf_char(to, '}');
}

void
tp_say_end(struct tp_buf *to, int64_t seq, const char *reason)
{
    tp_buf_fmt(to, "{\"t\":\"end\",\"seq\":%lld", (long long)seq);
    put_text(to, "reason", reason);
    tp_buf_char(to, '}');
}
