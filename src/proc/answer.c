/* Reading what a strategy's program answers.  Decimals are texts, unknown members are passed over. */
#include "proc/message.h"

#include <string.h>

#include "base/banned.h"
#include "base/crypt.h"

static const char *const kinds[] = {"ready", "place", "cancel", "target", "log", "done", "state", NULL};
static const char *const target_sides[] = {"LONG", "SHORT", "FLAT", NULL};
static const char *const levels[] = {"debug", "info", "warn", "error", NULL};

void
tp_answer_free(struct tp_answer *a)
{
    tp_buf_free(&a->text);
}

/* ---- members ----------------------------------------------------------------------------------- */

/* None when it is absent or null. */
static int
read_dec(const json_t *o, const char *key, struct tp_dec *out, struct tp_err *err)
{
    const json_t *j = json_object_get(o, key);

    *out = TP_DEC_NONE;
    if (!j || json_is_null(j))
        return 0;
    if (!json_is_string(j))
        return tp_fail(err, TP_EINPUT, "%s: want a decimal as text", key);
    if (tp_dec_parse(json_string_value(j), json_string_length(j), out, err))
        return tp_where(err, "%s", key);
    return 0;
}

static int
read_positive(const json_t *o, const char *key, struct tp_dec *out, struct tp_err *err)
{
    if (read_dec(o, key, out, err))
        return -1;
    if (!tp_dec_none(*out) && tp_dec_sign(*out) <= 0)
        return tp_fail(err, TP_EINPUT, "%s: want a number above zero", key);
    return 0;
}

/* The place of a word; fallback when it is absent (-1: it must be there), -1. */
static int
read_word(const json_t *o, const char *key, const char *const *words, int fallback, struct tp_err *err)
{
    const char *text = tp_json_text(o, key);
    char        safe[40];

    if (!json_object_get(o, key) && fallback >= 0)
        return fallback;
    for (int i = 0; text && words[i]; i++)
        if (strcmp(text, words[i]) == 0)
            return i;
    tp_fail(err, TP_EINPUT, "%s: there is no '%s'", key,
            tp_text_safe(safe, sizeof safe, text ? text : "", text ? strlen(text) : 0));
    return -1;
}

static int
read_text(const json_t *o, const char *key, bool needed, char *out, size_t size, struct tp_err *err)
{
    const json_t *j = json_object_get(o, key);
    size_t        n = json_string_length(j);

    *out = '\0';
    if (!j && !needed)
        return 0;
    if (!json_is_string(j) || n == 0 || !tp_text_set(out, size, json_string_value(j), n))
        return tp_fail(err, TP_EINPUT, "%s: want a text of 1 to %zu bytes", key, size - 1);
    return 0;
}

static int
read_bool(const json_t *o, const char *key, bool *out, struct tp_err *err)
{
    const json_t *j = json_object_get(o, key);

    *out = json_is_true(j);
    if (j && !json_is_boolean(j))
        return tp_fail(err, TP_EINPUT, "%s: want true or false", key);
    return 0;
}

/* A whole number from 0; absent: 0. */
static int
read_count(const json_t *o, const char *key, int64_t *out, struct tp_err *err)
{
    const json_t *j = json_object_get(o, key);

    *out = json_is_integer(j) ? json_integer_value(j) : 0;
    if (j && (!json_is_integer(j) || *out < 0))
        return tp_fail(err, TP_EINPUT, "%s: want a whole number from 0", key);
    return 0;
}

/* ---- orders ------------------------------------------------------------------------------------ */

/* One of the forms of a size. */
static int
read_size(const json_t *o, struct tp_want *w, struct tp_err *err)
{
    static const char *const forms[] = {"qty", "quote", "equity_pct", "risk_pct"};
    int                      found = 0;

    for (int i = 0; i < (int)TP_COUNT(forms); i++) {
        struct tp_dec amount;

        if (read_positive(o, forms[i], &amount, err))
            return -1;
        if (tp_dec_none(amount))
            continue;
        found++;
        w->size = amount;
        w->size_kind = (enum tp_size_kind)i;
    }
    return found == 1 ? 0 : tp_fail(err, TP_EINPUT, "want one of qty, quote, equity_pct and risk_pct");
}

/* A level as price or as percent of the entry. */
static int
read_level(const json_t *o, const char *price_key, const char *percent_key, struct tp_distance *d,
           struct tp_offset *out, struct tp_err *err)
{
    struct tp_dec price, percent;

    if (read_positive(o, price_key, &price, err) || read_positive(o, percent_key, &percent, err))
        return -1;
    if (!tp_dec_none(price) && !tp_dec_none(percent))
        return tp_fail(err, TP_EINPUT, "want one of %s and %s", price_key, percent_key);
    *d = (struct tp_distance){TP_DISTANCE_NONE, TP_DEC_NONE};
    *out = (struct tp_offset){TP_OFFSET_NONE, TP_DEC_NONE};
    if (!tp_dec_none(price)) {
        *d = (struct tp_distance){TP_DISTANCE_PRICE, price};
        *out = (struct tp_offset){TP_OFFSET_PRICE, price};
    } else if (!tp_dec_none(percent)) {
        *d = (struct tp_distance){TP_DISTANCE_PERCENT, percent};
        *out = (struct tp_offset){TP_OFFSET_PERCENT, percent};
    }
    return 0;
}

/* Stop-loss and take-profit, for the order's bracket and for a size by risk. */
static int
read_protection(const json_t *o, struct tp_answer *a, struct tp_err *err)
{
    struct tp_bracket *b = &a->order.bracket;
    struct tp_protect *p = &a->want.protect;

    if (read_level(o, "sl", "sl_pct", &p->stop_loss, &b->stop_loss, err)
        || read_level(o, "tp", "tp_pct", &p->take_profit[0], &b->target[0], err))
        return -1;
    b->n_targets = b->target[0].kind != TP_OFFSET_NONE;
    b->portion[0] = tp_dec_int(100);
    p->trailing = (struct tp_distance){TP_DISTANCE_NONE, TP_DEC_NONE};
    if (a->want.size_kind == TP_SIZE_RISK_PCT && p->stop_loss.kind == TP_DISTANCE_NONE)
        return tp_fail(err, TP_EINPUT, "risk_pct: it needs a stop-loss: sl or sl_pct");
    return 0;
}

static int
read_order(const json_t *o, struct tp_order *row, struct tp_err *err)
{
    int type = read_word(o, "type", tp_order_types, TP_ORDER_MARKET, err);
    int tif = type < 0 ? -1 : read_word(o, "tif", tp_tifs, TP_TIF_GTC, err);
    int side = tif < 0 ? -1 : read_word(o, "side", tp_sides, -1, err);
    bool reduce_only;

    if (side < 0 || read_bool(o, "reduce_only", &reduce_only, err)
        || read_positive(o, "price", &row->price, err) || read_positive(o, "stop_price", &row->stop_price, err)
        || read_positive(o, "callback_rate", &row->callback_rate, err)
        || read_positive(o, "trail_distance", &row->trail_distance, err)
        || read_positive(o, "activation_price", &row->activation_price, err))
        return -1;
    tp_text_set(row->order_type, sizeof row->order_type, tp_order_types[type], strlen(tp_order_types[type]));
    tp_text_set(row->time_in_force, sizeof row->time_in_force, tp_tifs[tif], strlen(tp_tifs[tif]));
    tp_text_set(row->side, sizeof row->side, tp_sides[side], strlen(tp_sides[side]));
    row->reduce_only = reduce_only;
    row->quantity = tp_dec_int(1); /* set when the size is known */
    return 0;
}

/* A price that would be passed over might have been meant. */
static int
check_prices(const struct tp_work *w, struct tp_err *err)
{
    bool limit = w->type == TP_ORDER_LIMIT || w->type == TP_ORDER_STOP_LIMIT;
    bool stop = w->type == TP_ORDER_STOP_MARKET || w->type == TP_ORDER_STOP_LIMIT;
    const struct {
        const char   *key;
        struct tp_dec value;
        bool          belongs;
    } all[] = {{"price", w->price, limit},
               {"stop_price", w->stop_price, stop},
               {"callback_rate", w->callback_rate, w->type == TP_ORDER_TRAILING_STOP},
               {"trail_distance", w->trail_distance, w->type == TP_ORDER_TRAILING_STOP},
               {"activation_price", w->activation_price, w->type == TP_ORDER_TRAILING_STOP}};

    for (size_t i = 0; i < TP_COUNT(all); i++)
        if (!tp_dec_none(all[i].value) && !all[i].belongs)
            return tp_fail(err, TP_EINPUT, "%s: a %s order has none", all[i].key, tp_order_types[w->type]);
    return 0;
}

static int
read_place(json_t *o, struct tp_answer *a, struct tp_err *err)
{
    struct tp_order row;
    TP_AUTO_BUF     body = {0};
    char            hash[TP_SHA256_TEXT];

    tp_record_init(&tp_order_record, &row);
    if (read_text(o, "id", true, a->id, sizeof a->id, err) || read_size(o, &a->want, err)
        || read_order(o, &row, err) || tp_work_from_order(&a->order, &row, err)
        || check_prices(&a->order, err) || read_count(o, "expire_bars", &a->order.expire_bars, err)
        || read_text(o, "reason", false, a->reason, sizeof a->reason, err) || read_protection(o, a, err))
        return -1;
    if (a->order.reduce_only && (a->order.bracket.n_targets || a->order.bracket.stop_loss.kind != TP_OFFSET_NONE))
        return tp_fail(err, TP_EINPUT, "sl and tp belong to an order that opens");
    tp_json_print(o, &body);
    tp_sha256_text(body.at, body.n, hash);
    tp_text_set(a->body, sizeof a->body, hash, sizeof a->body - 1);
    if (!a->reason[0])
        tp_text_set(a->reason, sizeof a->reason, a->id, strnlen(a->id, sizeof a->reason - 1));
    a->want.kind = TP_WANT_PLACE;
    a->want.side = a->order.side;
    a->order.quantity = TP_DEC_NONE;
    return 0;
}

static int
read_target(const json_t *o, struct tp_answer *a, struct tp_err *err)
{
    int side = read_word(o, "side", target_sides, -1, err);

    a->order = tp_work_init();
    if (side < 0 || read_text(o, "reason", false, a->reason, sizeof a->reason, err))
        return -1;
    if (!a->reason[0])
        tp_text_set(a->reason, sizeof a->reason, "target", 6);
    a->want.kind = TP_WANT_TARGET;
    a->want.side = side == 2 ? 0 : side == 1 ? -1 : 1;
    a->want.size = TP_DEC_ZERO;
    if (side == 2)
        return 0;
    return read_size(o, &a->want, err) || read_protection(o, a, err) ? -1 : 0;
}

/* ---- the rest ---------------------------------------------------------------------------------- */

/* A name of letters, digits and _, which is nobody else's. */
static bool
series_name(const struct tp_answer *a, const char *name)
{
    size_t n = name ? strlen(name) : 0;

    if (n == 0 || n >= sizeof a->needs[0].name || strcmp(name, "main") == 0
        || strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != n)
        return false;
    for (size_t i = 0; i < a->n_needs; i++)
        if (strcmp(a->needs[i].name, name) == 0)
            return false;
    return true;
}

static int
read_needs(const json_t *o, struct tp_answer *a, struct tp_err *err)
{
    const json_t *list = json_object_get(o, "needs"), *one;
    size_t        i;

    if (list && !json_is_array(list))
        return tp_fail(err, TP_EINPUT, "needs: want a list");
    if (json_array_size(list) > TP_PROC_NEEDS)
        return tp_fail(err, TP_EINPUT, "needs: more than %d series", TP_PROC_NEEDS);
    json_array_foreach (list, i, one) {
        const char     *name = tp_json_text(one, "series"), *interval = tp_json_text(one, "interval");
        struct tp_need *need = &a->needs[a->n_needs];

        need->interval = interval ? tp_interval_find(interval) : NULL;
        if (!series_name(a, name))
            return tp_fail(err, TP_EINPUT, "needs[%zu].series: want a name of its own of letters, digits and _, at most 32", i);
        if (!need->interval)
            return tp_fail(err, TP_EINPUT, "needs[%zu].interval: want one of 1m to 1w", i);
        if (json_object_get(one, "symbol") || json_object_get(one, "exchange") || json_object_get(one, "kind"))
            return tp_fail(err, TP_EINPUT, "needs[%zu]: there are other intervals of the run's own instrument, and nothing else", i);
        tp_text_copy(need->name, sizeof need->name, name);
        a->n_needs++;
    }
    return 0;
}

static int
read_ready(const json_t *o, struct tp_answer *a, struct tp_err *err)
{
    int64_t version;

    if (read_count(o, "v", &version, err) || read_bool(o, "deterministic", &a->deterministic, err)
        || read_bool(o, "snapshot", &a->snapshot, err))
        return -1;
    if (version != TP_PROC_VERSION)
        return tp_fail(err, TP_EINPUT, "v: want %d", TP_PROC_VERSION);
    return read_needs(o, a, err);
}

static int
read_log(const json_t *o, struct tp_answer *a, struct tp_err *err)
{
    const json_t *data = json_object_get(o, "data"), *msg = json_object_get(o, "msg");
    int           level = read_word(o, "level", levels, 1, err);

    if (level < 0)
        return -1;
    if (!json_is_string(msg))
        return tp_fail(err, TP_EINPUT, "msg: want a text");
    tp_text_set(a->level, sizeof a->level, levels[level], strlen(levels[level]));
    tp_buf_text(&a->text, json_string_value(msg));
    if (data && !(json_is_object(data) && json_object_size(data) == 0)) {
        tp_buf_char(&a->text, ' ');
        tp_json_print(data, &a->text);
    }
    return 0;
}

static int
read_state(const json_t *o, struct tp_answer *a, struct tp_err *err)
{
    const json_t *data = json_object_get(o, "data");

    if (!data)
        return tp_fail(err, TP_EINPUT, "data: it is missing");
    tp_json_print(data, &a->text);
    return 0;
}

int
tp_answer_read(struct tp_answer *a, const char *line, size_t n, struct tp_err *err)
{
    TP_AUTO_JSON o = NULL;
    int          kind;

    memset(a, 0, sizeof *a);
    if (tp_json_parse(line, n, &o, err))
        return -1;
    if (!json_is_object(o))
        return tp_fail(err, TP_EINPUT, "want a JSON object");
    kind = read_word(o, "t", kinds, -1, err);
    if (kind < 0)
        return -1;
    a->kind = (enum tp_answer_kind)kind;
    switch (a->kind) {
    case TP_ANSWER_READY:
        return read_ready(o, a, err);
    case TP_ANSWER_PLACE:
        return read_place(o, a, err);
    case TP_ANSWER_CANCEL:
        return read_text(o, "id", true, a->id, sizeof a->id, err);
    case TP_ANSWER_TARGET:
        return read_target(o, a, err);
    case TP_ANSWER_LOG:
        return read_log(o, a, err);
    case TP_ANSWER_DONE:
        return read_count(o, "seq", &a->seq, err);
    case TP_ANSWER_STATE:
        return read_state(o, a, err);
    }
    return -1;
}
