/* The custom rules of a row of limits: members of its risk_rules. */
#include <inttypes.h>
#include <string.h>

#include "base/banned.h"
#include "base/json.h"
#include "risk/limit.h"

enum rule_kind { RULE_SYMBOLS, RULE_TYPES, RULE_COUNT, RULE_AMOUNT };

static const struct rule {
    const char    *name;
    enum rule_kind kind;
    size_t         at;
} rules[] = {
    {"allowed_symbols", RULE_SYMBOLS, offsetof(struct tp_risk_rules, allowed_symbols)},
    {"blocked_symbols", RULE_SYMBOLS, offsetof(struct tp_risk_rules, blocked_symbols)},
    {"allowed_order_types", RULE_TYPES, offsetof(struct tp_risk_rules, allowed_order_types)},
    {"max_open_orders", RULE_COUNT, offsetof(struct tp_risk_rules, max_open_orders)},
    {"max_orders_per_day", RULE_COUNT, offsetof(struct tp_risk_rules, max_orders_per_day)},
    {"max_total_exposure", RULE_AMOUNT, offsetof(struct tp_risk_rules, max_total_exposure)},
};

static const struct rule *
find(const char *name, size_t n, struct tp_err *err)
{
    char safe[60];

    for (size_t i = 0; i < TP_COUNT(rules); i++)
        if (strlen(rules[i].name) == n && memcmp(rules[i].name, name, n) == 0)
            return &rules[i];
    tp_fail(err, TP_EINPUT, "there is no rule '%s'", tp_text_safe(safe, sizeof safe, name, n));
    tp_hint(err, "rules are allowed_symbols, blocked_symbols, allowed_order_types, max_open_orders, "
                 "max_orders_per_day, max_total_exposure");
    return NULL;
}

static int
read_list(const struct rule *r, const json_t *value, const char *const **out, struct tp_arena *arena,
          struct tp_err *err)
{
    size_t       n = json_array_size(value);
    const char **words;
    char         safe[60];

    if (!json_is_array(value) || n == 0)
        return tp_fail(err, TP_EINPUT, "%s: want a list of words", r->name);
    words = tp_arena_get(arena, (n + 1) * sizeof *words);
    *out = words;
    for (size_t i = 0; i < n; i++) {
        const char *word = json_string_value(json_array_get(value, i));
        size_t      length = word ? strlen(word) : 0;

        if (length == 0 || length >= TP_SYMBOL_SIZE)
            return tp_fail(err, TP_EINPUT, "%s: want a list of words", r->name);
        if (r->kind == RULE_TYPES && !tp_text_in(word, tp_order_types))
            return tp_fail(err, TP_EINPUT, "%s: there is no order type '%s'", r->name,
                           tp_text_safe(safe, sizeof safe, word, length));
        words[i] = tp_arena_text(arena, word, length);
    }
    return 0;
}

/* The decimal of a string; numbers are refused as everywhere in our own records. */
static int
read_amount(const struct rule *r, const json_t *value, struct tp_dec *out, struct tp_err *err)
{
    const char *text = json_string_value(value);

    if (!text)
        return tp_fail(err, TP_EINPUT, "%s: want a decimal in a string", r->name);
    if (tp_dec_parse(text, strlen(text), out, err))
        return tp_where(err, "%s", r->name);
    return tp_dec_sign(*out) > 0 ? 0 : tp_fail(err, TP_EINPUT, "%s: want a number above zero", r->name);
}

static int
read_count(const struct rule *r, const json_t *value, int64_t *out, struct tp_err *err)
{
    *out = json_is_integer(value) ? json_integer_value(value) : -1;
    return *out >= 0 ? 0 : tp_fail(err, TP_EINPUT, "%s: want a number that is not below zero", r->name);
}

static int
read_rule(const struct rule *r, const json_t *value, struct tp_risk_rules *to, struct tp_arena *arena,
          struct tp_err *err)
{
    void *member = (char *)to + r->at;

    switch (r->kind) {
    case RULE_COUNT:
        return read_count(r, value, member, err);
    case RULE_AMOUNT:
        return read_amount(r, value, member, err);
    case RULE_SYMBOLS:
    case RULE_TYPES:
        break;
    }
    return read_list(r, value, member, arena, err);
}

int
tp_limits_read(struct tp_limits *l, struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_JSON object = NULL;
    const char  *key;
    json_t      *value;

    l->rules = (struct tp_risk_rules){.max_open_orders = INT64_MIN,
                                      .max_orders_per_day = INT64_MIN,
                                      .max_total_exposure = TP_DEC_NONE};
    if (!l->risk_rules)
        return 0;
    if (tp_json_parse(l->risk_rules, strlen(l->risk_rules), &object, err))
        return tp_where(err, "risk_rules");
    if (!json_is_object(object))
        return tp_fail(err, TP_EINPUT, "risk_rules: want a JSON object");
    json_object_foreach(object, key, value)
    {
        const struct rule *r = find(key, strlen(key), err);

        if (!r || read_rule(r, value, &l->rules, arena, err))
            return tp_where(err, "risk_rules");
    }
    return 0;
}

/* ---- setting one ------------------------------------------------------------------------------- */

static json_t *
make_list(const char *text)
{
    json_t *list = json_array();

    for (;;) {
        size_t n = strcspn(text, ",");

        json_array_append_new(list, json_stringn(text, n));
        if (text[n] == '\0')
            return list;
        text += n + 1;
    }
}

static json_t *
make_value(const struct rule *r, const char *text, struct tp_err *err)
{
    int64_t n;
    char    safe[60];

    if (r->kind == RULE_AMOUNT)
        return json_string(text);
    if (r->kind != RULE_COUNT)
        return make_list(text);
    if (tp_text_int(text, strlen(text), 0, INT32_MAX, &n))
        return json_integer(n);
    tp_fail(err, TP_EINPUT, "%s: want a whole number, not '%s'", r->name,
            tp_text_safe(safe, sizeof safe, text, strlen(text)));
    return NULL;
}

int
tp_limits_rule(const char **text, const char *setting, struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_JSON         object = NULL;
    TP_AUTO_BUF          out = {0};
    const char          *equals = strchr(setting, '=');
    struct tp_risk_rules unused;
    const struct rule   *r;
    json_t              *value;

    if (!equals)
        return tp_fail(err, TP_EINPUT, "want KEY=VALUE");
    r = find(setting, (size_t)(equals - setting), err);
    if (!r || tp_json_parse(*text ? *text : "{}", *text ? strlen(*text) : 2, &object, err))
        return -1;
    if (equals[1] == '\0') {
        json_object_del(object, r->name);
    } else {
        value = make_value(r, equals + 1, err);
        if (!value)
            return -1;
        json_object_set_new(object, r->name, value);
        if (read_rule(r, value, &unused, arena, err))
            return -1;
    }
    tp_json_print(object, &out);
    *text = tp_arena_text(arena, out.at, out.n);
    return 0;
}
