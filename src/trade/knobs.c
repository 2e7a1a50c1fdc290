#include "trade/knobs.h"

#include <stddef.h>
#include <string.h>

#include "base/banned.h"
#include "base/json.h"

#define PROFILES 5

const char *const tp_profiles[] = {"conservative", "optimistic", "backtesting.py",
                                   "backtrader",   "freqtrade",  NULL};

enum kind { KIND_WORD, KIND_DEC, KIND_INT };

static const struct {
    const char *name;
    enum kind   kind;
    size_t      at;
    const char *words;
    const char *values[PROFILES];
    const char *help;
} knobs[] = {
#define WORD(name, words, a, b, c, d, e, help)                                                     \
    {#name, KIND_WORD, offsetof(struct tp_knobs, name), words, {a, b, c, d, e}, help},
#define DEC(name, a, b, c, d, e, help)                                                             \
    {#name, KIND_DEC, offsetof(struct tp_knobs, name), NULL, {a, b, c, d, e}, help},
#define INT(name, a, b, c, d, e, help)                                                             \
    {#name, KIND_INT, offsetof(struct tp_knobs, name), NULL, {a, b, c, d, e}, help},
#include "trade/knobs.def"
#undef WORD
#undef DEC
#undef INT
};

/* The place of value in the blank-separated words, or -1. */
static int
word_place(const char *words, const char *value)
{
    size_t n = strlen(value);
    int    place = 0;

    for (const char *w = words; *w; place++) {
        size_t len = strcspn(w, " ");

        if (len == n && memcmp(w, value, n) == 0)
            return place;
        w += len + (w[len] == ' ');
    }
    return -1;
}

static void
word_text(const char *words, int place, char *out, size_t size)
{
    size_t len;

    while (place--)
        words += strcspn(words, " ") + 1;
    len = strcspn(words, " ");
    tp_text_set(out, size, words, len);
}

static int
set_one(struct tp_knobs *k, size_t i, const char *value, struct tp_err *err)
{
    char  *at = (char *)k + knobs[i].at;
    size_t n = strlen(value);

    if (knobs[i].kind == KIND_WORD) {
        int place = word_place(knobs[i].words, value);

        if (place < 0)
            return tp_fail(err, TP_EUSAGE, "%s: want one of %s, not '%.40s'", knobs[i].name,
                           knobs[i].words, value);
        memcpy(at, &place, sizeof place);
        return 0;
    }
    if (knobs[i].kind == KIND_INT) {
        int64_t number, least = at == (char *)&k->leverage ? 1 : 0;
        int64_t most = at == (char *)&k->leverage ? 125 : 1000;

        if (!tp_text_int(value, n, least, most, &number))
            return tp_fail(err, TP_EUSAGE, "%s: want a number from %lld to %lld, not '%.40s'",
                           knobs[i].name, (long long)least, (long long)most, value);
        memcpy(at, &number, sizeof number);
        return 0;
    }
    {
        struct tp_dec d;
        bool          capital = at == (char *)&k->initial_capital || at == (char *)&k->mm_cum;
        bool          percent = at == (char *)&k->mmr || at == (char *)&k->liq_buffer_pct;

        if (tp_dec_parse(value, n, &d, err))
            return tp_usage(err, "%s", knobs[i].name);
        if (tp_dec_sign(d) < 0 || (at == (char *)&k->initial_capital && d.units == 0)
            || (!capital && tp_dec_cmp(d, tp_dec_int(percent ? 100 : 10000)) >= 0))
            return tp_fail(err, TP_EUSAGE, "%s: '%.40s' is out of range", knobs[i].name, value);
        memcpy(at, &d, sizeof d);
    }
    return 0;
}

int
tp_knobs_init(struct tp_knobs *k, const char *profile, struct tp_err *err)
{
    int p = 0;

    while (profile && tp_profiles[p] && strcmp(tp_profiles[p], profile))
        p++;
    if (!tp_profiles[p])
        return tp_fail(err, TP_EUSAGE, "there is no profile '%.40s'", profile);
    memset(k, 0, sizeof *k);
    k->profile = p;
    for (size_t i = 0; i < TP_COUNT(knobs); i++)
        if (set_one(k, i, knobs[i].values[p], err))
            return -1;
    return 0;
}

int
tp_knobs_set(struct tp_knobs *k, const char *name, size_t name_length, const char *value,
             struct tp_err *err)
{
    for (size_t i = 0; i < TP_COUNT(knobs); i++) {
        if (strlen(knobs[i].name) != name_length || memcmp(knobs[i].name, name, name_length))
            continue;
        if (set_one(k, i, value, err))
            return -1;
        k->maker_given |= strcmp(knobs[i].name, "maker_bps") == 0;
        k->taker_given |= strcmp(knobs[i].name, "taker_bps") == 0;
        k->funding_given |= strcmp(knobs[i].name, "funding_missing") == 0;
        return 1;
    }
    return 0;
}

int
tp_knobs_settings(const char *profile, const char *const *sets, size_t n, struct tp_buf *to, struct tp_err *err)
{
    TP_AUTO_JSON    settings = json_object();
    json_t         *set = json_object();
    struct tp_knobs tried;

    json_object_set_new(settings, "profile", json_string(profile));
    json_object_set_new(settings, "set", set);
    if (tp_knobs_init(&tried, profile, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        const char *value = strchr(sets[i], '=');
        size_t      length = value ? (size_t)(value - sets[i]) : 0;
        int         known = value ? tp_knobs_set(&tried, sets[i], length, value + 1, err) : 0;

        if (known < 0)
            return tp_where(err, "--set");
        if (known == 0) {
            tp_fail(err, TP_EUSAGE, "--set: want KNOB=VALUE of a knob, not '%.60s'", sets[i]);
            return tp_hint(err, "'tp-backtest run --list-knobs' prints them");
        }
        json_object_setn_new(set, sets[i], length, json_string(value + 1));
    }
    tp_json_print(settings, to);
    return 0;
}

int
tp_knobs_read(struct tp_knobs *k, const char *settings, struct tp_err *err)
{
    TP_AUTO_JSON tree = NULL;
    const char  *name;
    json_t      *value;

    if (settings && tp_json_parse(settings, strlen(settings), &tree, err))
        return tp_where(err, "settings");
    if (tp_knobs_init(k, tp_json_text(tree, "profile"), err)) {
        err->code = TP_EINPUT;
        return tp_where(err, "settings");
    }
    json_object_foreach(json_object_get(tree, "set"), name, value) {
        int known = json_is_string(value) ? tp_knobs_set(k, name, strlen(name), json_string_value(value), err) : 0;

        if (known <= 0)
            return tp_fail(err, TP_EINPUT, "settings.set.%.60s: this is no knob or not its value", name);
    }
    return 0;
}

void
tp_knobs_fees(const struct tp_knobs *k, struct tp_symbol *symbol)
{
    /* Units of 1e-8 of a basis point are units of 1e-12 of the notional. */
    if (k->maker_given || symbol->maker_fee_rate.units == TP_RATE_NONE.units)
        symbol->maker_fee_rate.units = (int64_t)k->maker_bps.units;
    if (k->taker_given || symbol->taker_fee_rate.units == TP_RATE_NONE.units)
        symbol->taker_fee_rate.units = (int64_t)k->taker_bps.units;
}

size_t
tp_knobs_count(void)
{
    return TP_COUNT(knobs);
}

struct tp_knob
tp_knobs_get(const struct tp_knobs *k, size_t i)
{
    struct tp_knob out;
    const char    *at = (const char *)k + knobs[i].at;
    struct tp_buf  text = {0};

    memset(&out, 0, sizeof out);
    tp_text_set(out.name, sizeof out.name, knobs[i].name, strlen(knobs[i].name));
    out.help = knobs[i].help;
    if (knobs[i].kind == KIND_WORD) {
        int place;

        memcpy(&place, at, sizeof place);
        word_text(knobs[i].words, place, out.value, sizeof out.value);
        tp_text_set(out.words, sizeof out.words, knobs[i].words, strlen(knobs[i].words));
    } else if (knobs[i].kind == KIND_INT) {
        int64_t number;

        memcpy(&number, at, sizeof number);
        tp_buf_fmt(&text, "%lld", (long long)number);
        tp_text_set(out.value, sizeof out.value, text.at, text.n);
        tp_buf_free(&text);
    } else {
        struct tp_dec d;
        char          digits[TP_DEC_TEXT];
        size_t        n;

        memcpy(&d, at, sizeof d);
        n = tp_dec_print_short(digits, d);
        tp_text_set(out.value, sizeof out.value, digits, n);
    }
    return out;
}

void
tp_knobs_json(const struct tp_knobs *k, struct tp_buf *to)
{
    tp_buf_char(to, '{');
    for (size_t i = 0; i < TP_COUNT(knobs); i++) {
        struct tp_knob one = tp_knobs_get(k, i);

        tp_buf_fmt(to, "%s\"%s\":", i ? "," : "", one.name);
        if (knobs[i].kind == KIND_INT)
            tp_buf_text(to, one.value);
        else
            tp_json_string(to, one.value, strlen(one.value));
    }
    tp_buf_char(to, '}');
}

static const struct tp_field fields[] = {
    F_TEXT(struct tp_knob, name, "name for --set"),
    F_TEXT(struct tp_knob, value, "value in the chosen profile"),
    F_TEXT(struct tp_knob, words, "the words it may be; none: a number"),
    F_LONG(struct tp_knob, help, "what it decides"),
    F_STOP,
};

const struct tp_record tp_knob_record = {"knob", "a knob of the fill model", fields,
                                         sizeof(struct tp_knob)};
