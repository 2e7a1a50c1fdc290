#include "bot/bot.h"

#include <string.h>

#include "base/banned.h"
#include "base/json.h"
#include "trade/order.h"

const char *const tp_bot_statuses[] = {"running", "stopped", "error", "paused", NULL};

static const struct tp_field fields[] = {
    F_UUID(struct tp_bot, id, "UUID version 7"),
    F_UUID(struct tp_bot, user_id, "whose bot it is", .wide = true),
    F_UUID(struct tp_bot, strategy_id, "strategy it follows", .wide = true),
    F_UUID(struct tp_bot, account_id, "account it trades with", .wide = true),
    F_TEXT(struct tp_bot, environment, "PAPER, TESTNET or PRODUCTION", .choices = tp_environments),
    F_TEXT(struct tp_bot, name, "what its owner calls it"),
    F_TEXT(struct tp_bot, status, "running, stopped, error or paused", .choices = tp_bot_statuses),
    F_JSON(struct tp_bot, config, "exchange, symbol, interval, params, from, trade_from"),
    F_JSON(struct tp_bot, performance_stats, "newest figures of 'tp-bot perf', for display alone", .wide = true),
    F_TIME(struct tp_bot, created_at, "when it was made", .wide = true),
    F_TIME(struct tp_bot, updated_at, "last change", .wide = true),
    F_TIME(struct tp_bot, last_run_at, "when it last handled bars"),
    F_TIME(struct tp_bot, deleted_at, "when it was deleted", .wide = true),
    F_STOP,
};

const struct tp_record tp_bot_record = {"bot", "a strategy that trades", fields, sizeof(struct tp_bot)};

static int
read_text(const json_t *config, const char *key, char *to, size_t size, struct tp_err *err)
{
    const char *text = tp_json_text(config, key);

    if (text && tp_text_set(to, size, text, strlen(text)) && text[0])
        return 0;
    return tp_fail(err, TP_EINPUT, "config.%s: want a word", key);
}

static int
read_time(const json_t *config, const char *key, struct tp_time *out, struct tp_err *err)
{
    const char *text = tp_json_text(config, key);

    *out = TP_TIME_NONE;
    if (text && tp_time_parse(text, strlen(text), out, err))
        return tp_where(err, "config.%s", key);
    return 0;
}

static int
read_params(struct tp_bot_config *out, json_t *params, struct tp_arena *arena, struct tp_err *err)
{
    const char *name;
    json_t     *value;

    json_object_foreach(params, name, value) {
        TP_AUTO_BUF text = {0};

        if (out->n_params == TP_BOT_PARAMS)
            return tp_fail(err, TP_EINPUT, "config.params: at most %d are possible", TP_BOT_PARAMS);
        if (!json_is_string(value))
            return tp_fail(err, TP_EINPUT, "config.params.%.60s: want a number as text", name);
        tp_buf_fmt(&text, "%s=%s", name, json_string_value(value));
        out->params[out->n_params++] = tp_arena_text(arena, text.at, text.n);
    }
    return 0;
}

int
tp_bot_config_read(struct tp_bot_config *out, const char *text, struct tp_arena *arena, struct tp_err *err)
{
    TP_AUTO_JSON config = NULL;
    char         word[8] = "";

    memset(out, 0, sizeof *out);
    if (tp_json_parse(text, strlen(text), &config, err)
        || read_text(config, "exchange", out->exchange, sizeof out->exchange, err)
        || read_text(config, "symbol", out->symbol, sizeof out->symbol, err)
        || read_text(config, "interval", word, sizeof word, err)
        || read_time(config, "from", &out->from, err)
        || read_time(config, "trade_from", &out->trade_from, err)
        || read_params(out, json_object_get(config, "params"), arena, err))
        return -1;
    out->interval = tp_interval_find(word);
    if (!out->interval)
        return tp_fail(err, TP_EINPUT, "config.interval: there is no interval '%s'", word);
    if (tp_time_none(out->trade_from))
        out->trade_from = out->from;
    return 0;
}

static void
print_time(struct tp_buf *to, const char *key, struct tp_time time)
{
    char text[TP_TIME_TEXT];

    if (tp_time_none(time))
        return;
    tp_time_print(text, time);
    tp_buf_fmt(to, ",\"%s\":\"%s\"", key, text);
}

void
tp_bot_config_print(const struct tp_bot_config *c, struct tp_buf *to)
{
    tp_buf_text(to, "{\"exchange\":");
    tp_json_string(to, c->exchange, strlen(c->exchange));
    tp_buf_text(to, ",\"symbol\":");
    tp_json_string(to, c->symbol, strlen(c->symbol));
    tp_buf_fmt(to, ",\"interval\":\"%s\",\"params\":{", c->interval->name);
    for (size_t i = 0; i < c->n_params; i++) {
        const char *value = strchr(c->params[i], '=');

        if (i)
            tp_buf_char(to, ',');
        tp_json_string(to, c->params[i], (size_t)(value - c->params[i]));
        tp_buf_char(to, ':');
        tp_json_string(to, value + 1, strlen(value + 1));
    }
    tp_buf_char(to, '}');
    print_time(to, "from", c->from);
    print_time(to, "trade_from", c->trade_from);
    tp_buf_char(to, '}');
}
